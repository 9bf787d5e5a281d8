#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What a stream of the prng driver must hold, computed on the host.

    stream.py SEED OFFSET LENGTH        prints the bytes in hex
    stream.py SEED OFFSET LENGTH FILE   compares FILE with them: exit status 1
                                        and the first difference, or silence

SplitMix64 is written from the README's formula, word by word, so it shares
nothing with the C code that it judges.
"""

import sys

WORD = 8
MODULUS = 2**64


def word(seed: int, index: int) -> int:
    """Word `index` of the stream of `seed`, both from 0."""
    z = (seed + (index + 1) * 0x9E3779B97F4A7C15) % MODULUS
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % MODULUS
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % MODULUS
    return z ^ (z >> 31)


def stream(seed: int, offset: int, length: int) -> bytes:
    """The `length` bytes of the stream of `seed` that start at `offset`."""
    first = offset // WORD
    last = (offset + length + WORD - 1) // WORD
    words = b"".join(
        word(seed, index).to_bytes(WORD, "little") for index in range(first, last)
    )
    return words[offset - first * WORD :][:length]


def difference(expected: bytes, actual: bytes) -> str:
    """Where two runs of bytes part, in words; empty when they do not."""
    if expected == actual:
        return ""
    lines = []
    if len(expected) != len(actual):
        lines.append(f"expected {len(expected)} bytes, actual {len(actual)}")
    for at, (want, got) in enumerate(zip(expected, actual)):
        if want != got:
            lines.append(f"first difference at byte {at}:")
            lines.append(f"expected {expected[at:at + WORD].hex(' ')}")
            lines.append(f"actual   {actual[at:at + WORD].hex(' ')}")
            break
    return "\n".join(lines)


def main(args: list[str]) -> int:
    """0: printed or equal; 1: FILE differs; 2: usage."""
    if len(args) not in (3, 4):
        print("usage: stream.py SEED OFFSET LENGTH [FILE]", file=sys.stderr)
        return 2
    seed, offset, length = (int(arg) for arg in args[:3])
    expected = stream(seed, offset, length)
    if len(args) == 3:
        print(expected.hex())
        return 0
    with open(args[3], "rb") as file:
        found = difference(expected, file.read())
    if found:
        print(found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
