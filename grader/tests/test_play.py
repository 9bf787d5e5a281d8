"""A melody on the keys of 14-kkey: what is played, and that it arrives."""

import subprocess
import wave
from pathlib import Path

import pytest

from grader import catalog, play, stage
from grader.house import House


def test_a_voice_is_made_of_notes_and_beats() -> None:
    assert play.voice("a4:1 c5:.5", start=100) == [
        play.Stroke(100, True, 69),
        play.Stroke(460, False, 69),
        play.Stroke(500, True, 72),
        play.Stroke(660, False, 72),
    ]


def test_the_round_presses_and_releases_every_key_in_turn() -> None:
    strokes = play.round_for_two()
    assert strokes == sorted(strokes, key=lambda stroke: stroke.at)
    down: set[int] = set()
    for stroke in strokes:
        assert (stroke.note in down) is not stroke.down
        down ^= {stroke.note}
    assert not down


def test_the_script_waits_and_writes() -> None:
    strokes = [play.Stroke(5, True, 60), play.Stroke(5, True, 64)]
    text = play.script([*strokes, play.Stroke(405, False, 60)])
    assert text.split("\n") == [
        "set -e",
        play.KEYBOARD,
        "echo 1 >/dev/kkey60",
        "echo 1 >/dev/kkey64",
        "usleep 400000",
        "echo 0 >/dev/kkey60",
        "",
    ]


def test_only_a_keyboard_can_be_played(real: House) -> None:
    done = subprocess.run(
        ["make", "-s", "play", "13-prng"], cwd=real.root, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "13-prng makes no sound\nnext: make play 14" in done.stderr


@pytest.mark.vm
def test_the_solution_can_be_heard(
    real: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(play, "DEVICES", real.root / "nowhere")
    chosen = catalog.load(real, "14-kkey")
    assert play.play(real, chosen, "solution") == 0
    assert "no sound device here" in capsys.readouterr().out
    with wave.open(str(real.work("14-kkey") / "song.wav")) as sound:
        seconds = sound.getnframes() / sound.getframerate()
    assert abs(seconds - play.round_for_two()[-1].at / 1000) < 5


@pytest.mark.vm
def test_a_keyboard_that_takes_no_keys_says_so(
    real: House, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    chosen = catalog.load(real, "14-kkey")
    for name, content in stage.skeleton(real, chosen).files.items():
        (tmp_path / name).write_bytes(content)
    assert play.play(real, chosen, str(tmp_path)) == 1
    assert "the keys cannot be played" in capsys.readouterr().out


@pytest.mark.vm
def test_a_script_can_be_fed_to_the_shell(real: House) -> None:
    done = subprocess.run(
        ["make", "-s", "shell", "13-prng", "SOURCE=solution"],
        cwd=real.root,
        input="cd /root\ninsmod prng.ko && grep -c prng /proc/devices\n",
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.endswith("prng, dmesg; exit\n1\n"), done.stdout + done.stderr
