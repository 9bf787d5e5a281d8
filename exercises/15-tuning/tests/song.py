#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Songs of the kkey driver, read strictly and held against what was played.

    song.py show FILE                   the tempo, then a line for each event:
                                        DELTA KEY DIGIT VELOCITY
    song.py parts SEED FOLDER WRITES:LONGEST:BLANK WRITES:LONGEST:BLANK
                                        draws what two players play: so many
                                        writes of 1 to LONGEST digits, each with
                                        BLANK new lines behind it
    song.py events FOLDER               how many events the parts have
    song.py check FOLDER VELOCITY...    FOLDER/songs holds all of both parts,
                                        at one of the velocities
    song.py check-cut FOLDER VELOCITY   the same, but either part may end early

The exit status is 1, with a line that says why, where a song is wrong.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = b"MThd\0\0\0\6\0\0\0\1"  # length 6, format 0, one track
TEMPO = b"\0\xff\x51\3"
END = b"\0\xff\x2f\0"
STATUS = {0x90: "1", 0x80: "0"}
SPLIT = 64  # keys below are the first player's
SHOWN = 8  # events of a write that went wrong
LONGEST_PAUSE = 10 * 60 * 1000  # jiffies; a song of a test is over much sooner


class Wrong(Exception):
    """What is wrong with a song."""


@dataclass(frozen=True)
class Event:
    """One event; `delta` in ticks since the one before, `digit` as written."""

    delta: int
    key: int
    digit: str
    velocity: int


@dataclass(frozen=True)
class Song:
    """A song; `tempo` in microseconds a quarter note."""

    division: int
    tempo: int
    events: list[Event]


def songs(data: bytes) -> Iterator[Song]:
    """The songs that stand one after the other in `data`."""
    at = 0
    while at < len(data):
        head = data[at : at + 29]
        if len(head) < 29 or head[:12] != HEADER or head[14:18] != b"MTrk":
            raise Wrong(f"no header of a song at byte {at}: {head.hex(' ')}")
        if head[22:26] != TEMPO:
            raise Wrong(f"no tempo at byte {at + 22}: {head[22:].hex(' ')}")
        end = at + 22 + int.from_bytes(head[18:22], "big")
        if end > len(data) or data[end - 4 : end] != END:
            raise Wrong(f"the track at byte {at + 14} has no end where it should")
        division = int.from_bytes(head[12:14], "big")
        tempo = int.from_bytes(head[26:29], "big")
        yield Song(division, tempo, list(events(data[at + 29 : end - 4])))
        at = end


def events(track: bytes) -> Iterator[Event]:
    """The events of a track, tempo and end taken off."""
    at = 0
    while at < len(track):
        delta = 0
        for length in range(1, 5):
            byte = track[at] if at < len(track) else 0
            delta = delta << 7 | byte & 0x7F
            at += 1
            if byte < 0x80:
                break
        else:
            raise Wrong(f"a time of more than four bytes at byte {at - 4} of a track")
        found = track[at : at + 3]
        if len(found) < 3 or found[0] not in STATUS or max(found[1:]) > 127:
            raise Wrong(f"no event at byte {at} of a track: {found.hex(' ')}")
        yield Event(delta, found[1], STATUS[found[0]], found[2])
        at += 3


def show(path: Path) -> None:
    """Prints the songs of a file."""
    for song in songs(path.read_bytes()):
        print(f"tempo {song.tempo}")
        for event in song.events:
            print(event.delta, event.key, event.digit, event.velocity)


def write_parts(seed: int, folder: Path, sizes: list[str]) -> None:
    """Draws the parts of both players: a line a write, KEY DIGITS BLANK."""
    draw = random.Random(seed)
    for who, size in enumerate(sizes):
        writes, longest, blank = (int(number) for number in size.split(":"))
        lines = []
        for _ in range(writes):
            key = draw.randrange(SPLIT) + who * SPLIT
            length = draw.randint(1, longest)
            digits = f"{draw.getrandbits(length):0{length}b}"
            lines.append(f"{key} {digits} {blank}\n")
        (folder / f"part{who}").write_text("".join(lines), encoding="ascii")


def read_part(folder: Path, who: int) -> list[tuple[int, str]]:
    """The writes of one player: key and digits."""
    text = (folder / f"part{who}").read_text(encoding="ascii")
    return [(int(line.split()[0]), line.split()[1]) for line in text.splitlines()]


def check(folder: Path, velocities: set[int], cut: bool) -> None:
    """Holds FOLDER/songs against the parts; Wrong where they do not agree.

    The digits of a write stand together, at one velocity; the writes of one
    player stand in their order; and nothing else is there.
    """
    heard = [
        event
        for song in songs((folder / "songs").read_bytes())
        for event in song.events
    ]
    parts = [read_part(folder, who) for who in (0, 1)]
    played = [0, 0]
    at = 0
    while at < len(heard):
        who = heard[at].key // SPLIT
        if played[who] == len(parts[who]):
            raise Wrong(f"event {at} of {len(heard)}: player {who} had played all")
        key, digits = parts[who][played[who]]
        group = heard[at : at + len(digits)]
        expected = [f"{key}:{digit}" for digit in digits]
        actual = [f"{event.key}:{event.digit}" for event in group]
        if actual != expected:
            first = next(
                (
                    n
                    for n, pair in enumerate(zip(expected, actual))
                    if pair[0] != pair[1]
                ),
                len(actual),
            )
            raise Wrong(
                f"event {at + first} of {len(heard)} is wrong, in write "
                f"{played[who]} of player {who}, as KEY:DIGIT\n"
                f"expected {' '.join(expected[first:][:SHOWN])}\n"
                f"actual   {' '.join(actual[first:][:SHOWN])}"
            )
        if len({event.velocity for event in group}) != 1:
            raise Wrong(f"event {at}: a write with more than one velocity")
        if group[0].velocity not in velocities:
            raise Wrong(f"event {at}: velocity {group[0].velocity} was never set")
        played[who] += 1
        at += len(digits)
    lost = [len(part) - count for part, count in zip(parts, played)]
    if any(lost) and not cut:
        raise Wrong(f"the last writes of the players are lost: {lost[0]}, {lost[1]}")
    pause = max((event.delta for event in heard), default=0)
    if pause > LONGEST_PAUSE:
        raise Wrong(f"a pause of {pause} ticks: an event is earlier than the last")


def main(args: list[str]) -> int:
    """0: done, or as it should be; 1: a song is wrong."""
    try:
        if args[0] == "show":
            show(Path(args[1]))
        elif args[0] == "parts":
            write_parts(int(args[1]), Path(args[2]), args[3:])
        elif args[0] == "events":
            parts = [read_part(Path(args[1]), who) for who in (0, 1)]
            print(sum(len(digits) for part in parts for _, digits in part))
        else:
            velocities = {int(arg) for arg in args[2:]}
            check(Path(args[1]), velocities, args[0] == "check-cut")
    except Wrong as wrong:
        print(wrong)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
