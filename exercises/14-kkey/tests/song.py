#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Reads a song of the kkey driver as a MIDI player would, and prints it.

    song.py FILE      a MIDI file
    song.py -         the same as hex digits on standard input

    format 0, 1 track, 125 ticks, tempo 500000
    0 on 69
    250 off 69

A line for each key: ticks since the last one, what happened, note.  Exit status
1, with the reason, when the file is not what the README promises.  The reader is
mido; that no byte could be spared or is too many is found by writing the file
anew, with the few lines of this page.
"""

import io
import sys

import mido  # type: ignore[import]

VELOCITY = 64
KEYS = {"note_on": 0x90, "note_off": 0x80}


class Wrong(Exception):
    """What is not as it should be in a song."""


def quantity(number: int) -> bytes:
    """A variable-length quantity in as few bytes as can be."""
    head = quantity(number >> 7) if number >> 7 else b""
    return bytes(byte | 0x80 for byte in head) + bytes([number & 0x7F])


def event(message: mido.Message | mido.MetaMessage) -> bytes:
    """A message of a track, with its time and its own status byte."""
    body: bytes
    if message.type == "set_tempo":
        body = b"\xff\x51\x03" + message.tempo.to_bytes(3, "big")
    elif message.type == "end_of_track":
        body = b"\xff\x2f\x00"
    else:
        status = KEYS[message.type] | message.channel
        body = bytes([status, message.note, message.velocity])
    return quantity(message.time) + body


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a MIDI file."""
    return name + len(body).to_bytes(4, "big") + body


def parse(data: bytes) -> mido.MidiFile:
    """What mido makes of a file; raises Wrong when it can make nothing of it."""
    try:
        return mido.MidiFile(file=io.BytesIO(data))
    except EOFError:
        raise Wrong("the file ends in the middle of something") from None
    except Exception as error:  # mido raises whatever comes its way
        raise Wrong(f"no MIDI file: {error or type(error).__name__}") from None


def check(song: mido.MidiFile, data: bytes) -> None:
    """Raises Wrong unless `song`, read from `data`, is as the README says."""
    if len(song.tracks) != 1:
        raise Wrong(f"expected 1 track, actual {len(song.tracks)}")
    track = list(song.tracks[0])
    names = [message.type for message in track]
    if names[:1] != ["set_tempo"] or names[-1:] != ["end_of_track"]:
        raise Wrong(
            "expected the tempo first and the end of the track last, "
            f"actual {' '.join(names[:1])} and {' '.join(names[-1:])}"
        )
    for number, message in enumerate(track[1:-1], 1):
        if message.type not in KEYS:
            raise Wrong(f"event {number}: expected a note, actual {message}")
        if (message.channel, message.velocity) != (0, VELOCITY):
            raise Wrong(
                f"event {number}: expected channel 0 and velocity 64, actual {message}"
            )
    for message, what in ((track[0], "tempo"), (track[-1], "end of the track")):
        if message.time:
            raise Wrong(f"the {what}: expected delta 0, actual {message.time}")
    head = b"".join(
        number.to_bytes(2, "big") for number in (song.type, 1, song.ticks_per_beat)
    )
    body = b"".join(event(message) for message in track)
    compare(chunk(b"MThd", head) + chunk(b"MTrk", body), data)


def compare(expected: bytes, actual: bytes) -> None:
    """Raises Wrong where two files that mean the same part."""
    if expected == actual:
        return
    pairs = enumerate(zip(expected, actual))
    at = next((at for at, (a, b) in pairs if a != b), min(len(expected), len(actual)))
    raise Wrong(
        f"a byte too many or too few, first at byte {at} of the file:\n"
        f"expected {len(expected)} bytes, there {expected[at:at + 12].hex(' ')}\n"
        f"actual   {len(actual)} bytes, there {actual[at:at + 12].hex(' ')}"
    )


def lines(song: mido.MidiFile) -> list[str]:
    """A song in words."""
    track = song.tracks[0]
    return [
        f"format {song.type}, {len(song.tracks)} track, "
        f"{song.ticks_per_beat} ticks, tempo {track[0].tempo}",
        *(f"{key.time} {key.type[5:]} {key.note}" for key in track[1:-1]),
    ]


def main(args: list[str]) -> int:
    """0: printed; 1: no song; 2: usage."""
    if len(args) != 1:
        print("usage: song.py FILE|-", file=sys.stderr)
        return 2
    if args[0] == "-":
        data = bytes.fromhex(sys.stdin.read())
    else:
        with open(args[0], "rb") as file:
            data = file.read()
    try:
        song = parse(data)
        check(song, data)
    except Wrong as wrong:
        print(f"{wrong}\nthe file begins: {data[:48].hex(' ')}")
        return 1
    print("\n".join(lines(song)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
