"""What `make bench` says of classes: that every grade of a hundred students is what it
must be, how fast that goes, and what it needs."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader.house import House
from grader.synthetic import semester
from grader.synthetic.semester import Memory, Semester
from grader.trouble import CannotGrade

EXERCISES = ("13-prng", "14-kkey", "16-openpath")
STUDENTS = 102
SEED = 2026
# What is graded to measure the pace: nothing that ends before its VMs.
PACE_EXERCISE = "13-prng"
PACE = ["rewritten"] * 4 + ["mutant"] * 6 + ["part"] * 2


@dataclass(frozen=True)
class Speed:
    """A class of `count` hand-ins, graded in `seconds` by a grader of `kib`."""

    count: int
    seconds: float
    kib: float

    @property
    def pace(self) -> float:
        """Hand-ins a minute."""
        return 60 * self.count / self.seconds


def section(house: House, console: Console) -> list[str]:
    """The whole section; an hour to an hour and a half."""
    return [*whole(house, console), "", *pace(house, console)]


@contextmanager
def _class(house: House, names: tuple[str, ...], students: int) -> Iterator[Semester]:
    """A new class that is gone afterwards."""
    house.build.mkdir(exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="synthetic-", dir=house.build))
    try:
        root.chmod(0o755)
        yield semester.begin(house, root / "class", dict.fromkeys(names, ()), students)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def whole(
    house: House,
    console: Console,
    names: tuple[str, ...] = EXERCISES,
    students: int = STUDENTS,
    jobs: int = 2,
) -> list[str]:
    """The confusion matrix of `students` in the exercises `names`, and whether the
    grader grew; raises CannotGrade when a grade is not what it must be."""
    memory = Memory()
    seconds = 0.0
    with _class(house, names, students) as made:
        for name in names:
            made.hand_in(name, semester.sorts(students, SEED), SEED)
        with memory.watched():
            for name in names:
                seconds += made.grade(name, jobs, SEED, console)
        matrix = made.compare()
    count = len(made.truths)
    lines = [
        "# A class whose grades are known",
        "",
        f"{students} students, {count} hand-ins to {' '.join(names)}, SEED={SEED}.",
        f"JOBS={jobs}: {seconds:.0f} s, {60 * count / seconds:.1f} a minute.",
        f"Memory of the grader: {memory.tenth(False) / 1024:.0f} MiB in the first "
        f"tenth of the time, {memory.tenth(True) / 1024:.0f} MiB in the last.",
        "",
        *matrix.lines(),
    ]
    if matrix.wrong:
        raise CannotGrade("\n".join(lines), "next: make grade-class is not to be used")
    return lines


def pace(house: House, console: Console) -> list[str]:
    """Hand-ins a minute with one worker and with two, on texts that were never built
    before."""
    one = measure(house, console, 1)
    two = measure(house, console, 2)
    return [
        f"| {one.count} hand-ins to {PACE_EXERCISE} | JOBS=1 | JOBS=2 | ratio |",
        "|---|---|---|---|",
        f"| a minute | {one.pace:.1f} | {two.pace:.1f} | {two.pace / one.pace:.2f} |",
        f"| seconds for each | {one.seconds / one.count:.1f} "
        f"| {two.seconds / two.count:.1f} | |",
        f"| MiB of the grader | {one.kib / 1024:.0f} | {two.kib / 1024:.0f} | |",
    ]


def measure(house: House, console: Console, jobs: int) -> Speed:
    """Grades the class of PACE with `jobs` workers."""
    memory = Memory()
    with _class(house, (PACE_EXERCISE,), len(PACE)) as made:
        made.hand_in(PACE_EXERCISE, PACE, SEED, salt=made.house.root.parent.name)
        with memory.watched():
            seconds = made.grade(PACE_EXERCISE, jobs, SEED, console)
        wrong = made.compare().wrong
    if wrong:
        raise CannotGrade("\n".join(wrong), "next: make check")
    return Speed(len(PACE), seconds, max(memory.samples))
