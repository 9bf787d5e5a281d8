"""What grading a class needs of those who collect hand-ins: a small interface, and
the one way in which it is kept, the folder submissions/."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from grader.catalog import Exercise
from grader.handin import roster, store, version
from grader.house import House
from grader.stage import HandIn
from grader.trouble import Trouble


class Taken(Protocol):
    """A version as it may be graded: a hand-in, or `reasons` why there is none;
    findings about its `style` and the points that these `cost`."""

    @property
    def hand_in(self) -> HandIn | None:
        ...

    @property
    def reasons(self) -> tuple[str, ...]:
        ...

    @property
    def style(self) -> tuple[str, ...]:
        ...

    @property
    def cost(self) -> int:
        ...


@dataclass(frozen=True)
class Entry:
    """A stored version; `received` is ISO 8601 in UTC, empty where nobody knows."""

    exercise: str
    student: str
    version: int
    again: int
    folder: Path
    received: str = ""
    clock: str = "server"
    message_id: str = ""

    @property
    def label(self) -> str:
        return self.folder.name


class Shelf(Protocol):
    """Where hand-ins are."""

    def latest(self, exercise: str) -> list[Entry]:
        """The version of each student that counts, ordered by student."""

    def take(self, exercise: Exercise, entry: Entry) -> Taken:
        """Applies and checks a version; raises CannotGrade where nobody can."""


@dataclass(frozen=True)
class Member:
    """Somebody of the class; `deadlines` are theirs, extensions included."""

    id: str
    name: str
    address: str = ""
    group: str = ""
    tokens: int = 0
    deadlines: Mapping[str, datetime] = field(default_factory=dict)


class _Once(store.Store):
    """The store as it was when it was first asked: it is read once for a run."""

    @cached_property
    def _all(self) -> list[store.Version]:
        return super().versions()

    def versions(self) -> list[store.Version]:
        return self._all


class Submissions:
    """The Shelf that `make collect` fills."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.store = _Once(store.submissions(house))

    def latest(self, exercise: str) -> list[Entry]:
        found = version.latest(self.store, exercise)
        return [self._entry(found[student]) for student in sorted(found)]

    def at(self, folder: Path) -> Entry:
        """The version in `folder`; raises CannotGrade for none."""
        return self._entry(version.read(folder))

    def _entry(self, stored: store.Version) -> Entry:
        cover = stored.parts[0] if stored.parts else None
        return Entry(
            exercise=stored.exercise,
            student=stored.student,
            version=stored.version,
            again=stored.again,
            folder=self.store.root / stored.folder,
            received=stored.received,
            clock=stored.clock,
            message_id=cover.message_id if cover else "",
        )

    def take(self, exercise: Exercise, entry: Entry) -> Taken:
        return version.take(self.house, exercise, entry.folder)


def members(house: House) -> list[Member]:
    """The class, in the order of the roster."""
    folder = store.submissions(house)
    path = folder / "roster.csv"
    known = roster.load(path, folder / "deadlines.toml")
    tokens = _tokens(path)
    students = {student.id: student for student in known.students.values()}
    return [
        Member(
            id=student.id,
            name=student.name,
            address=student.addresses[0],
            group=student.group,
            tokens=tokens.get(student.id, 0),
            deadlines={
                exercise: until
                for exercise in known.deadlines
                if (until := known.deadline(exercise, student))
            },
        )
        for student in students.values()
    ]


def _tokens(path: Path) -> dict[str, int]:
    """The column `tokens` of the roster, which may be missing: late days to spend."""
    found = {}
    with open(path, encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            word = (row.get("tokens") or "0").strip() or "0"
            if not (word.isascii() and word.isdecimal() and len(word) < 4):
                raise Trouble(
                    f"{path}:{number}: tokens: {word!r}", "write a number of days"
                )
            found[(row.get("student") or "").strip()] = int(word)
    return found
