"""A term of such a class: hands in by mail, is collected and graded, and compared with
what is true."""

import random
import shutil
import statistics
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from grader import catalog
from grader.catalog import Exercise
from grader.classroom import book, session, shelf, term
from grader.classroom.gradebook import Gradebook
from grader.classroom.grades import Cell
from grader.classroom.plan import Wish
from grader.handin.collect import collect
from grader.house import House
from grader.synthetic.mails import Person, Repository, mbox
from grader.synthetic.sorts import Maker, draw
from grader.synthetic.truth import Matrix, Truth
from grader.trouble import CannotGrade

KERNELS = ("stock",)
SAMPLE_SECONDS = 1.0
Key = tuple[str, str]  # student and exercise


@dataclass
class Semester:
    """A class in a checkout of its own, `house`; `truths` are of what was handed in."""

    house: House
    people: list[Person]
    truths: dict[Key, Truth] = field(default_factory=dict)

    def exercise(self, name: str) -> Exercise:
        return catalog.load(self.house, name)

    def hand_in(
        self, name: str, sorts: Sequence[str], seed: int, salt: str = ""
    ) -> int:
        """Everybody sends a series to exercise `name`, of these sorts in turn, and the
        mails are collected; how many mails there were."""
        exercise = self.exercise(name)
        dice = random.Random(f"{seed} {name}")
        maker = Maker(self.house, exercise, dice, salt)
        repository = Repository(self.house.root / "students" / name)
        repository.begin(exercise.folder, f"exercises/{name}")
        mails: list[bytes] = []
        for person, sort in zip(self.people, sorts):
            work = maker.make(sort)
            self.truths[person.id, name] = work.truth
            mails += repository.send(person, work)
        dice.shuffle(mails)
        box = self.house.root / f"{name}.mbox"
        box.write_bytes(mbox(mails))
        if collect(self.house, box, None, "") != 0:
            raise CannotGrade(f"{name}: not all mails could be sorted", "try it again")
        return len(mails)

    def grade(self, name: str, jobs: int, seed: int, console: Console) -> float:
        """Grades the class in one exercise; the seconds that it took."""
        submissions = shelf.Submissions(self.house)
        started = time.monotonic()
        with Gradebook(book.Files(self.house).base) as store:
            session.grade_class(
                self.house,
                self.exercise(name),
                submissions,
                store,
                Wish(seed=seed),
                jobs,
                console,
            )
        return time.monotonic() - started

    def cells(self) -> dict[Key, Cell]:
        """The gradebook's word on everybody."""
        submissions = shelf.Submissions(self.house)
        members = shelf.members(self.house)
        files = book.Files(self.house)
        with Gradebook(files.base) as store:
            known = book.courses(self.house, store.exercises())
            there = book.gather(store, submissions, known)
            rules = term.load(files.term)
            made = book.make(store, submissions, members, rules, there, "")
        return {(c.student, c.exercise): c for line in made.lines for c in line.cells}

    def compare(self) -> Matrix:
        """The gradebook against the truth."""
        cells = self.cells()
        matrix = Matrix.empty()
        makers: dict[str, Maker] = {}
        for (student, name), truth in sorted(self.truths.items()):
            if name not in makers:
                dice = random.Random(0)
                makers[name] = Maker(self.house, self.exercise(name), dice)
            cell = cells[student, name]
            matrix.add(f"{student} {name}", truth, cell, makers[name].tests)
        return matrix


def begin(
    real: House, root: Path, names: Mapping[str, Sequence[str]], students: int
) -> Semester:
    """A new class of `students` in the empty folder `root`: the exercises `names`, on
    KERNELS, each with the files of tests that are listed, or with all of them."""
    (root / "exercises").mkdir(parents=True)
    for shared in ("solutions", "build", "vm", "packages.txt"):
        (root / shared).symlink_to(real.root / shared)
    (root / "exercises" / "lib").symlink_to(real.lib)
    for name, kept in names.items():
        _copy(real, name, kept, root / "exercises" / name)
    people = [
        Person(f"s{n:03}", f"Student Nº {n}", f"s{n:03}@example.org")
        for n in range(1, students + 1)
    ]
    lines = [f"{one.id},{one.name},{one.address}" for one in people]
    (root / "submissions").mkdir()
    roster = "\n".join(["student,name,address", *lines]) + "\n"
    (root / "submissions" / "roster.csv").write_text(roster, encoding="utf-8")
    return Semester(House(root), people)


def _copy(real: House, name: str, kept: Sequence[str], target: Path) -> None:
    """Exercise `name` with some of its tests, for KERNELS alone."""
    shutil.copytree(real.exercises / name, target)
    toml = target / "exercise.toml"
    lines = toml.read_text(encoding="utf-8").split("\n")
    quoted = ", ".join(f'"{kernel}"' for kernel in KERNELS)
    at = next(n for n, line in enumerate(lines) if line.startswith("kernels ="))
    lines[at] = f"kernels = [{quoted}]"
    toml.write_text("\n".join(lines), encoding="utf-8")
    for path in target.glob("tests/*.bats"):
        if kept and path.name not in kept:
            path.unlink()


def sorts(students: int, seed: int) -> list[str]:
    """What each of the class hands in."""
    return list(draw(students, random.Random(f"{seed} sorts")))


@dataclass
class Memory:
    """What this process needed while something went on, in KiB, sampled."""

    samples: list[int] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Samples as long as this lasts."""
        stop = threading.Event()

        def sample() -> None:
            while not stop.wait(SAMPLE_SECONDS):
                self.samples.append(resident())

        self.samples.append(resident())
        thread = threading.Thread(target=sample, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
            self.samples.append(resident())

    def tenth(self, last: bool) -> float:
        """The median of the first or the last tenth of the time."""
        size = max(1, len(self.samples) // 10)
        some = self.samples[-size:] if last else self.samples[:size]
        return statistics.median(some)


def resident() -> int:
    """KiB that this process has in memory."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").split("\n"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
