#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes what the tests put on the tape, and judges what they find.

    tape.py random SEED LENGTH
    tape.py shared FOLDER WORKERS FILE START
    tape.py records FILE FIRST WORKERS RECORDS START
    tape.py blocks FILE

random: bytes that follow from SEED, to standard output.
shared: FOLDER/0 and so on have what each of the WORKERS read, one byte at a time,
by a descriptor that they shared; together that is FILE from START on, each byte once.
records: FILE has, from START on, RECORDS of four bytes of each of the WORKERS, whose
numbers begin with FIRST, and then zeros.
blocks: FILE is made of blocks of 512 bytes, each of one value.
The exit status is 1, with a line that says why, where that is not so.
"""

import random
import sys
from collections import Counter
from pathlib import Path

BLOCK = 512
RECORD = 4


def shared(folder: Path, workers: int, tape: bytes) -> str:
    """What is wrong with the bytes that the workers got, if anything is."""
    got = [(folder / str(number)).read_bytes() for number in range(workers)]
    total = sum(len(part) for part in got)
    if total != len(tape):
        return f"{len(tape)} bytes were there, and {total} were read"
    if Counter(tape) != Counter(b"".join(got)):
        return "not every byte was read once"
    for number, part in enumerate(got):
        rest = iter(tape)
        if not all(byte in rest for byte in part):
            return f"worker {number} did not get its bytes in their order"
    return ""


def records(tape: bytes, first: int, workers: int, each: int) -> str:
    """What is wrong with the records on the tape, if anything is."""
    end = workers * each * RECORD
    next_of = {first + number: 0 for number in range(workers)}
    for at in range(0, end, RECORD):
        record = tape[at : at + RECORD]
        worker, number = record[0], int.from_bytes(record[1:], "big")
        if next_of.get(worker) != number:
            wanted = next_of.get(worker, "none")
            return f"at {at} is {worker}'s record {number}, wanted {wanted}"
        next_of[worker] += 1
    return "" if not any(tape[end:]) else f"something was written behind {end}"


def blocks(data: bytes) -> str:
    """Where a block is made of two writes, if one is."""
    for at in range(0, len(data), BLOCK):
        values = sorted(set(data[at : at + BLOCK]))
        if len(values) > 1:
            return f"read {at // BLOCK} has bytes of several writes: {values}"
    return ""


def main(words: list[str]) -> int:
    """Returns the exit status."""
    if words[0] == "random":
        sys.stdout.buffer.write(random.Random(int(words[1])).randbytes(int(words[2])))
        return 0
    if words[0] == "shared":
        tape = Path(words[3]).read_bytes()[int(words[4]) :]
        wrong = shared(Path(words[1]), int(words[2]), tape)
    elif words[0] == "records":
        tape = Path(words[1]).read_bytes()[int(words[5]) :]
        wrong = records(tape, int(words[2]), int(words[3]), int(words[4]))
    else:
        wrong = blocks(Path(words[1]).read_bytes())
    if wrong:
        print(wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
