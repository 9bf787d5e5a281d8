"""All that the gradebook shows, put together once: students, exercises, cells."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from grader import battery, catalog
from grader.classroom import desk, grades
from grader.classroom.attempt import Attempt
from grader.classroom.gradebook import Gradebook, Shown, now
from grader.classroom.grades import Cell, Course
from grader.classroom.lesson import Reader, labels
from grader.classroom.shelf import Member, Shelf
from grader.classroom.term import Term
from grader.house import House
from grader.trouble import Trouble

# A test that was not run says nothing about what it tests.
NOT_MISSED = ("pass", "infra", "blocked", "build")


@dataclass(frozen=True)
class Line:
    """A student's row of the matrix."""

    member: Member
    cells: tuple[Cell, ...]
    points: int
    out_of: int
    risks: tuple[str, ...]


@dataclass(frozen=True)
class Missed:
    """A test and how many of the graded versions that count failed it."""

    exercise: str
    test: str
    failed: int
    graded: int


@dataclass(frozen=True)
class Book:
    """The gradebook at one moment."""

    term: Term
    made: datetime
    courses: tuple[Course, ...]
    lines: tuple[Line, ...]
    missed: tuple[Missed, ...]

    def column(self, exercise: str) -> list[Cell]:
        """The cells of an exercise, in the order of the lines."""
        return [
            cell
            for line in self.lines
            for cell in line.cells
            if cell.exercise == exercise
        ]

    def waiting(self) -> list[Cell]:
        """What was handed in and has no verdict."""
        return [
            cell
            for line in self.lines
            for cell in line.cells
            if cell.state in ("waiting", "infra")
        ]

    def held(self) -> list[Cell]:
        """The grades that would be lower, had somebody said why."""
        return [c for line in self.lines for c in line.cells if c.held is not None]


def courses(house: House, known: list[str]) -> list[Course]:
    """The exercises of the course, and those of `known` that are gone from it."""
    found = []
    for exercise in catalog.select(house, []):
        total = sum(test.points for test in battery.load(house, exercise))
        found.append(Course(exercise.name, exercise.title, total))
    names = {course.name for course in found}
    found += [Course(name, name, 100) for name in known if name not in names]
    return sorted(found, key=lambda course: course.name)


def gather(store: Gradebook, shelf: Shelf, all_courses: list[Course]) -> list[Course]:
    """Enters what is on the disk and not in the gradebook; the courses of which there
    is something to show."""
    there = []
    for course in all_courses:
        entries = shelf.latest(course.name)
        for entry in entries:
            for folder in sorted(entry.folder.parent.glob("v*")):
                for made in desk.every(replace(entry, folder=folder)):
                    store.record(made)
        if entries or course.name in store.exercises():
            there.append(course)
    return there


def make(
    store: Gradebook,
    shelf: Shelf,
    members: list[Member],
    term: Term,
    there: list[Course],
    note: str,
    moment: datetime | None = None,
) -> Book:
    """The gradebook as of now, and notes in it which grades are shown."""
    moment = moment or datetime.now(UTC)
    columns: dict[str, dict[str, Cell]] = {}
    missed: list[Missed] = []
    people = {member.id: member for member in members}
    for course in there:
        latest = {entry.student: entry for entry in shelf.latest(course.name)}
        counting = grades.counting(store.attempts(course.name), latest)
        for student in sorted({*latest, *counting} - set(people)):
            people[student] = Member(student, f"{student} (not in the roster)")
        columns[course.name] = {
            member.id: grades.cell(
                course, member, counting.get(member.id), latest.get(member.id)
            )
            for member in people.values()
        }
        missed += misses(course, [made for _, made in counting.values()], term, moment)
    lines = _shown(store, list(people.values()), there, columns, term, note)
    return Book(
        term,
        moment,
        tuple(there),
        tuple(_line(member, cells, term, moment) for member, cells in lines),
        tuple(missed),
    )


def _line(member: Member, cells: list[Cell], term: Term, moment: datetime) -> Line:
    return Line(
        member,
        tuple(cells),
        *grades.total(cells, moment),
        tuple(grades.risks(cells, term, moment)),
    )


def _shown(
    store: Gradebook,
    people: list[Member],
    there: list[Course],
    columns: dict[str, dict[str, Cell]],
    term: Term,
    note: str,
) -> list[tuple[Member, list[Cell]]]:
    """Each student's final cells. What differs from what was shown before is noted,
    all in one transaction; what is lower and has no reason stays as it was."""
    lines = []
    with store.changing():
        overrides, before = store.overrides(), store.shown()
        for member in people:
            cells = [
                columns[course.name].get(member.id)
                or grades.cell(course, member, None, None)
                for course in there
            ]
            final = []
            for cell in grades.with_lateness(cells, member.tokens, term.policy):
                key = (cell.exercise, cell.student)
                cell = grades.with_override(cell, overrides.get(key))
                cell, why = grades.settled(before.get(key), cell, note)
                _note(store, before.get(key), cell, why)
                final.append(cell)
            lines.append((member, final))
    return lines


def _note(store: Gradebook, before: Shown | None, cell: Cell, why: str) -> None:
    if cell.points is None or cell.held is not None:
        return
    grade = Shown(
        cell.points,
        cell.max,
        cell.label,
        cell.number,
        cell.override.id if cell.override else None,
        why,
        now(),
    )
    same = before and replace(before, note="", made="")
    if same != replace(grade, note="", made=""):
        store.show(cell.exercise, cell.student, grade)


def misses(
    course: Course, made: list[Attempt], term: Term, moment: datetime
) -> list[Missed]:
    """Which tests fail most, the worst first; hidden ones by number until revealed."""
    failed: Counter[str] = Counter()
    graded = 0
    revealed = term.revealed(course.name, moment)
    for one in made:
        if one.result is None or one.state != "graded":
            continue
        graded += 1
        known = {} if revealed else labels(one.result, one.hidden)
        failed.update(
            {
                known.get(test.name, test.name)
                for test in one.result.tests
                if test.verdict not in NOT_MISSED
            }
        )
    return [
        Missed(course.name, name, count, graded) for name, count in failed.most_common()
    ]


@dataclass(frozen=True)
class Files:
    """Where the gradebook is kept, and where what is made of it goes."""

    house: House

    @property
    def submissions(self) -> Path:
        return self.house.root / "submissions"

    @property
    def base(self) -> Path:
        return self.submissions / "gradebook.sqlite"

    @property
    def term(self) -> Path:
        return self.submissions / "class.toml"

    @property
    def out(self) -> Path:
        return self.house.build / "gradebook"

    def notes(self, exercise: str) -> Path:
        """What is kept about grading an exercise: no student has a name like it."""
        return self.submissions / exercise / ".class"


def reader(house: House) -> Reader:
    """Who makes rows of the attempts of this course."""
    return Reader(house)


def member(members: list[Member], student: str) -> Member:
    """The student of that id; raises Trouble."""
    for one in members:
        if one.id == student:
            return one
    raise Trouble(f"STUDENT={student}: nobody in the roster has this id")
