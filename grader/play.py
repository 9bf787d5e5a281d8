"""Plays a melody on the keys of a kkey module, and lets it be heard.

The keys are pressed in a VM on virtual time, where a pause costs nothing; what
the module recorded is rendered by timidity, and played where there is a sound
device.
"""

import os
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path

from grader import build, guest, process, stage
from grader.catalog import Exercise
from grader.forbidden import Refused
from grader.house import House
from grader.trouble import CannotGrade, Trouble

MODULE = "kkey"
DEVICES = Path("/dev/snd")
BEAT_MS = 400
GAP_MS = 40  # between a note and the next, so that a repeated one is heard
SECONDS = 60  # for timidity

# "Frere Jacques", as a round for two: the second voice comes in after two bars
# and two octaves below. A word is a note and its beats.
MELODY = """
    c5:1 d5:1 e5:1 c5:1   c5:1 d5:1 e5:1 c5:1   e5:1 f5:1 g5:2   e5:1 f5:1 g5:2
    g5:.5 a5:.5 g5:.5 f5:.5 e5:1 c5:1   g5:.5 a5:.5 g5:.5 f5:.5 e5:1 c5:1
    c5:1 g4:1 c5:2   c5:1 g4:1 c5:2
"""
SECOND_VOICE_BEATS = 8
STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
OCTAVE = 12

# Without a device, the shell would make a file of that name.
KEYBOARD = "[ -c /dev/kkey0 ] || { echo there is no device /dev/kkey0 >&2; exit 1; }"


@dataclass(frozen=True, order=True)
class Stroke:
    """A key that goes down or up, `at` milliseconds after the beginning."""

    at: int
    down: bool  # at the same moment a key goes up before one goes down
    note: int


def voice(melody: str, start: int = 0, shift: int = 0) -> list[Stroke]:
    """The strokes of `melody`, from `start` ms on, `shift` semitones higher."""
    strokes = []
    for word in melody.split():
        name, _, beats = word.partition(":")
        note = OCTAVE * (int(name[1]) + 1) + STEPS[name[0]] + shift
        end = start + int(float(beats) * BEAT_MS)
        strokes += [Stroke(start, True, note), Stroke(end - GAP_MS, False, note)]
        start = end
    return strokes


def round_for_two() -> list[Stroke]:
    """The whole piece, in order."""
    later = SECOND_VOICE_BEATS * BEAT_MS
    return sorted(voice(MELODY) + voice(MELODY, start=later, shift=-2 * OCTAVE))


def script(strokes: list[Stroke]) -> str:
    """A shell script that plays `strokes` in the guest, and stops at an error."""
    lines = ["set -e", KEYBOARD]
    now = strokes[0].at
    for stroke in strokes:
        if stroke.at > now:
            lines.append(f"usleep {(stroke.at - now) * 1000}")
        lines.append(f"echo {int(stroke.down)} >/dev/kkey{stroke.note}")
        now = stroke.at
    return "\n".join(lines) + "\n"


def play(house: House, chosen: Exercise, source: str | None) -> int:
    """Records, renders, plays; 0 when there is a sound, 1 when the module has none."""
    if MODULE not in chosen.modules:
        raise Trouble(f"{chosen.name} makes no sound", "next: make play 14")
    kernel = chosen.kernels[0]
    try:
        hand_in = stage.take(house, chosen, source)
        modules = build.build(house, chosen, hand_in, build.find_kernel(house, kernel))
    except (Refused, build.BuildFailed) as error:
        print(f"{chosen.name}: does not build\n{error}")
        return 1
    folder = house.work(chosen.name)
    folder.mkdir(parents=True, exist_ok=True)
    song, sound = folder / "song.mid", folder / "song.wav"
    problem = record(house, chosen, kernel, modules.folder, song)
    problem = problem or render(house, song, sound)
    if problem:
        print(f"{chosen.name}: {problem}\nnext: make grade {chosen.name}")
        return 1
    with wave.open(str(sound)) as file:
        seconds = file.getnframes() / file.getframerate()
    print(f"recorded: {house.relative(song)}, {song.stat().st_size} bytes")
    print(f"rendered: {house.relative(sound)}, {seconds:.0f} s")
    listen(house, song)
    return 0


def record(
    house: House, chosen: Exercise, kernel: str, modules: Path, song: Path
) -> str:
    """Plays the piece on the module in a VM, and puts what it reads into `song`.

    Returns what went wrong on the module's side, or nothing.
    """
    with guest.start(house, chosen, kernel, "play", "--icount", VM_SMP="1") as player:
        player.put(modules / f"{MODULE}.ko", f"/root/{MODULE}.ko")
        for what, words, feed in (
            ("insmod failed", ("insmod", f"/root/{MODULE}.ko"), ""),
            ("the keys cannot be played", ("sh",), script(round_for_two())),
            ("the song cannot be read", ("cat", "/dev/kkey0"), ""),
        ):
            done = player.vm("run", *words, feed=feed.encode(), keep=True)
            if done.returncode != 0:
                return f"{what}: {done.stderr.decode(errors='replace').strip()}"
    song.write_bytes(done.stdout)
    return "" if done.stdout else "the song is empty: not even a header"


def timidity(house: House, *words: str) -> list[str]:
    """The command that makes sound of MIDI files."""
    return ["timidity", f"--config-file={house.lib / 'timidity.cfg'}", *words]


def render(house: House, song: Path, sound: Path) -> str:
    """Renders `song` to the WAV file `sound`; returns why it could not, or nothing."""
    sound.unlink(missing_ok=True)
    words = ["--quiet=2", "--output-mode=w1sl", f"--output-file={sound}", str(song)]
    try:
        done = process.run(timidity(house, *words), timeout=SECONDS)
    except FileNotFoundError as error:
        raise CannotGrade("timidity is missing", "next: make setup") from error
    if done.status == 0 and sound.is_file():
        return ""
    return f"timidity cannot play {house.relative(song)}:\n{done.output.strip()}"


def listen(house: House, song: Path) -> None:
    """Plays `song` where there is a sound device that we may use."""
    devices = DEVICES.glob("pcm*p")
    if not any(os.access(device, os.W_OK) for device in devices):
        print("no sound device here; copy the WAV file to where there is one")
        return
    try:
        subprocess.run(timidity(house, "--quiet=2", "--output-mode=s", str(song)))
    except KeyboardInterrupt:
        print("\nno longer playing")
