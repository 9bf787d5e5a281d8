"""A class in a temporary folder: hand-ins that say what they are worth, and a grader
that believes them and takes no time."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader import battery
from grader.catalog import Exercise
from grader.classroom.book import Files
from grader.classroom.desk import Desk
from grader.classroom.gradebook import Gradebook
from grader.classroom.plan import Plan
from grader.classroom.shelf import Entry, Taken
from grader.classroom.work import Tally, run
from grader.house import House
from grader.results import ExerciseResult, TestResult
from grader.stage import HandIn
from grader.trouble import CannotGrade

LOADS, READS = "it loads", "it reads (a + b) [x]?"
MADE_WITH = {"tests": "t1", "grader": "g1", "kernels": "k1", "engine": "e1"}
RECEIVED = "2026-03-01T12:00:00+00:00"


@dataclass(frozen=True)
class FakeTaken:
    hand_in: HandIn | None
    reasons: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    cost: int = 0


@dataclass
class FakeShelf:
    """Versions in a folder like that of `make collect`; what is in them is made up."""

    root: Path
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    taken: dict[Path, FakeTaken] = field(default_factory=dict)

    def put(
        self,
        student: str,
        content: bytes | None,
        version: int = 1,
        received: str = RECEIVED,
        reasons: tuple[str, ...] = (),
        style: tuple[str, ...] = (),
        cost: int = 0,
        exercise: str = "13-prng",
    ) -> Entry:
        folder = self.root / exercise / student / f"v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        entry = Entry(exercise, student, version, 1, folder, received)
        hand_in = HandIn({"prng.c": content}) if content is not None else None
        self.entries[exercise, student] = entry
        self.taken[folder] = FakeTaken(hand_in, reasons, style, cost)
        return entry

    def latest(self, exercise: str) -> list[Entry]:
        found = [e for (name, _), e in self.entries.items() if name == exercise]
        return sorted(found, key=lambda entry: entry.student)

    def take(self, _exercise: Exercise, entry: Entry) -> Taken:
        found = self.taken[entry.folder]
        if found.reasons == ("cannot",):
            raise CannotGrade("the sandbox does not start", "next: mend it")
        return found


def worth(loads: str = "pass", reads: str = "pass", salt: str = "") -> bytes:
    """A hand-in for which the fake grader gives these verdicts."""
    return json.dumps({LOADS: loads, READS: reads, "salt": salt}).encode()


class Silent:
    def begin(self, total: int) -> None:
        self.total = total

    def done(self, _entry: Entry, _made: object) -> None:
        pass


@dataclass
class Classroom:
    """A class of one exercise."""

    house: House
    exercise: Exercise
    shelf: FakeShelf
    messages: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> Files:
        return Files(self.house)

    @property
    def log(self) -> Path:
        return self.house.root / "graded.log"

    def graded(self) -> list[str]:
        """The salt of every hand-in that was graded, in order."""
        return self.log.read_text().split() if self.log.exists() else []

    def fake(self, _exercise: Exercise, hand_in: HandIn) -> ExerciseResult:
        """Grades a hand-in by what it says about itself, and writes that down."""
        told = json.loads(hand_in.files["prng.c"])
        with open(self.log, "a") as file:
            file.write(f"{told['salt'] or 'plain'}\n")
        tests = [
            TestResult(
                name=name,
                kernel="stock",
                verdict=told[name],
                points=points if told[name] == "pass" else 0,
                max=points,
                seconds=0.1,
                seed=7,
                message="" if told[name] == "pass" else self.message(name),
                evidence=() if told[name] == "pass" else ("BUG: \x1b[31mred\x1b[0m",),
                kind="null-pointer" if told[name] == "oops" else "",
            )
            for name, points in ((LOADS, 60), (READS, 40))
        ]
        return ExerciseResult("13-prng", 0.2, tuple(tests))

    def message(self, name: str) -> str:
        return self.messages.get(name, f"it went wrong in {name}")

    def desk(
        self,
        store: Gradebook,
        plan: Plan = Plan(7),
        grade: Callable[[Exercise, HandIn], ExerciseResult] | None = None,
        made_with: dict[str, str] | None = None,
        hidden: tuple[str, ...] = (),
    ) -> Desk:
        return Desk(
            exercise=self.exercise,
            shelf=self.shelf,
            folder=self.files.notes("13-prng"),
            plan=plan,
            made_with=made_with or MADE_WITH,
            max=100,
            hidden=hidden,
            grade=grade or self.fake,
            record=store.record,
        )

    def open(self) -> Gradebook:
        return Gradebook(self.files.base)

    def grade(
        self,
        jobs: int = 2,
        plan: Plan = Plan(7),
        made_with: dict[str, str] | None = None,
        hidden: tuple[str, ...] = (),
    ) -> Tally:
        """Grades the class once; what came of it."""
        with self.open() as store:
            board = self.desk(store, plan, made_with=made_with, hidden=hidden)
            return run(board, self.shelf.latest("13-prng"), jobs, Silent())


@pytest.fixture
def room(course: House, exercise: Exercise) -> Iterator[Classroom]:
    """An empty class."""
    assert battery.load(course, exercise)
    yield Classroom(course, exercise, FakeShelf(course.root / "submissions"))


def in_children(*actions: Callable[[], object]) -> list[int]:
    """Runs every action in a child of its own, all at once; their wait statuses."""
    children = []
    for action in actions:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                action()
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    return [os.waitpid(child, 0)[1] for child in children]


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
