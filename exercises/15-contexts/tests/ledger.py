#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Holds what was read from the ledger against what its contract says.

    ledger.py FOLDER WRITES WRITES REFUSED COUNTS

FOLDER has what bustle wrote: lines0 and lines1, the lines of two readers, and
counts. WRITES is how many each of the two writers made, REFUSED how many of all
these gave ENOSPC, COUNTS the file counts when all was over. The exit status is
1, with a line that says why, where something does not add up.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(r"(\d+) (\d+) (process|softirq|hardirq) ([!-~]{1,15})")
COUNTS = re.compile(r"produced (\d+) read (\d+) waiting (\d+) dropped (\d+)")
ROOM = 1024
CONTEXTS = {"timer": "softirq", "hrtimer": "hardirq"}


class Wrong(Exception):
    """What does not add up."""


@dataclass(frozen=True)
class Record:
    """A record, as its line has it."""

    number: int
    when: int
    context: str
    memo: str


@dataclass(frozen=True)
class Counts:
    """One look at the file counts."""

    produced: int
    read: int
    waiting: int
    dropped: int


def parse_lines(path: Path) -> list[Record]:
    """The records that one reader got; Wrong unless their numbers increase."""
    records: list[Record] = []
    for line in path.read_text(encoding="ascii").splitlines():
        match = LINE.fullmatch(line)
        if not match:
            raise Wrong(f"{path.name}: no record: {line}")
        records.append(Record(int(match[1]), int(match[2]), match[3], match[4]))
    for one, two in zip(records, records[1:]):
        if one.number >= two.number:
            raise Wrong(f"{path.name}: number {two.number} comes after {one.number}")
    return records


def parse_counts(text: str) -> Counts:
    """A look at counts; Wrong unless it adds up."""
    match = COUNTS.fullmatch(text)
    if not match:
        raise Wrong(f"counts: {text}")
    counts = Counts(*(int(number) for number in match.groups()))
    if counts.produced != counts.read + counts.waiting + counts.dropped:
        raise Wrong(f"counts do not add up: {text}")
    if counts.waiting > ROOM:
        raise Wrong(f"counts: more than {ROOM} are waiting: {text}")
    return counts


def check_looks(path: Path) -> None:
    """What was produced, read and dropped only grows from look to look."""
    looks = [parse_counts(line) for line in path.read_text("ascii").splitlines()]
    for one, two in zip(looks, looks[1:]):
        if (
            one.produced > two.produced
            or one.read > two.read
            or one.dropped > two.dropped
        ):
            raise Wrong(f"counts go back: from {one} to {two}")


def check_sums(records: list[Record], last: Counts) -> None:
    """Each number was given once; those that were not read were dropped."""
    if last.waiting:
        raise Wrong(f"all is read, and {last.waiting} are still waiting")
    if len(records) != last.read:
        raise Wrong(f"{len(records)} lines were read; counts says {last.read}")
    for one, two in zip(records, records[1:]):
        if one.number == two.number:
            raise Wrong(f"number {one.number} was read twice")
        if one.when > two.when:
            raise Wrong(
                f"number {two.number} is of jiffy {two.when}, and the one before "
                f"of {one.when}"
            )
    if records and records[-1].number >= last.produced:
        raise Wrong(f"number {records[-1].number} of {last.produced} produced")


def check_memos(records: list[Record], writes: list[int], refused: int) -> None:
    """Every memo has its context; the writers' come once and in order."""
    found = []
    for record in records:
        if record.context != CONTEXTS.get(record.memo, "process"):
            raise Wrong(f"{record.memo} was recorded in {record.context} context")
    for who in (0, 1):
        memos = [r.memo for r in records if r.memo.startswith(f"w{who}-")]
        numbers = [int(memo.partition("-")[2]) for memo in memos]
        if numbers != sorted(set(numbers)) or any(n >= writes[who] for n in numbers):
            raise Wrong(f"the memos of writer {who} are not once and in order")
        found += memos
    for memo, context in CONTEXTS.items():
        if not any(record.memo == memo for record in records):
            raise Wrong(f"no record of the {memo}, in {context} context")
    if len(found) != sum(writes) - refused:
        raise Wrong(
            f"{sum(writes)} memos were written, {refused} refused, {len(found)} read"
        )
    strange = len(records) - len(found)
    strange -= sum(record.memo in CONTEXTS for record in records)
    if strange:
        raise Wrong(f"{strange} memos that nobody wrote")


def main(args: list[str]) -> int:
    """0: all adds up; 1: it does not."""
    folder = Path(args[0])
    writes = [int(args[1]), int(args[2])]
    try:
        check_looks(folder / "counts")
        records = parse_lines(folder / "lines0") + parse_lines(folder / "lines1")
        records.sort(key=lambda record: record.number)
        check_sums(records, parse_counts(args[4].strip()))
        check_memos(records, writes, int(args[3]))
    except Wrong as wrong:
        print(wrong)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
