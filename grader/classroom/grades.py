"""From attempts to grades: pure functions, no files, no clock.

A student's grade in an exercise is that of their latest version: its points, less
what lateness costs, unless somebody gave points by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from grader.classroom import late
from grader.classroom.attempt import Attempt
from grader.classroom.gradebook import Override, Shown
from grader.classroom.late import Policy
from grader.classroom.shelf import Entry, Member
from grader.classroom.term import Term


@dataclass(frozen=True)
class Course:
    """An exercise as the gradebook needs it."""

    name: str
    title: str
    max: int


@dataclass(frozen=True)
class Cell:
    """A student's grade in an exercise.

    `points` is None where it is not known: nothing came (`state` missing), it waits
    to be graded (waiting), or the grader failed (infra). `raw` is before lateness,
    `days` what it is late, `tokens` how many of these the student's tokens paid,
    `percent` what is taken off. `notes` are for the student. `held` is the lower grade
    that was not shown, since nobody said why.
    """

    exercise: str
    student: str
    max: int
    state: str
    points: int | None = None
    raw: int | None = None
    days: int = 0
    tokens: int = 0
    percent: int = 0
    label: str = ""
    deadline: datetime | None = None
    received: datetime | None = None
    attempt: Attempt | None = None
    number: int | None = None
    override: Override | None = None
    notes: tuple[str, ...] = ()
    held: int | None = None

    @property
    def by_hand(self) -> bool:
        """Whether somebody gave these points."""
        return self.override is not None and self.override.points is not None


def counting(
    attempts: Iterable[tuple[int, Attempt]], latest: Mapping[str, Entry]
) -> dict[str, tuple[int, Attempt]]:
    """The attempt of each student that counts: the last verdict on the version that is
    `latest`, else on the highest that has one; an infra only where there is no verdict
    at all."""
    best: dict[str, tuple[tuple[bool, bool, tuple[int, int], int, str], int]] = {}
    found: dict[str, tuple[int, Attempt]] = {}
    for number, one in attempts:
        entry = latest.get(one.student)
        current = entry is not None and (entry.version, entry.again) == one.rank
        order = (
            one.state != "infra",
            current,
            one.rank,
            one.generation,
            one.graded,
        )
        if one.student not in best or (order, number) > best[one.student]:
            best[one.student] = (order, number)
            found[one.student] = (number, one)
    return found


def cell(
    course: Course,
    member: Member,
    found: tuple[int, Attempt] | None,
    entry: Entry | None,
) -> Cell:
    """A grade before lateness and overrides."""
    empty = Cell(
        course.name,
        member.id,
        course.max,
        "waiting" if entry else "missing",
        deadline=member.deadlines.get(course.name),
    )
    if found is None:
        return replace(empty, label=entry.label if entry else "")
    number, one = found
    notes = []
    if entry and (entry.version, entry.again) != one.rank:
        notes.append(f"{entry.label} is not graded yet; this is {one.label}")
    return replace(
        empty,
        max=one.max,
        state=one.state,
        points=one.score,
        raw=one.score,
        label=one.label,
        received=moment(one.received),
        attempt=one,
        number=number,
        notes=tuple(notes),
    )


def moment(text: str) -> datetime | None:
    """A stored time; None where there is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def with_lateness(cells: list[Cell], tokens: int, policy: Policy) -> list[Cell]:
    """One student's cells, in any order, less what lateness costs. Tokens are spent
    where there are points to save, in the order of the deadlines."""
    days = {
        one.exercise: late.days_late(one.received, one.deadline, policy)
        for one in cells
        if one.received and one.deadline
    }
    saves = sorted(
        (one.deadline, one.exercise)
        for one in cells
        if one.deadline and one.points and days.get(one.exercise)
    )
    spent = late.spend(tokens, [(name, days[name]) for _, name in saves])
    return [
        _late(one, days.get(one.exercise, 0), spent.get(one.exercise, 0), policy)
        for one in cells
    ]


def _late(one: Cell, days: int, tokens: int, policy: Policy) -> Cell:
    percent = late.percent_off(days - tokens, policy)
    notes = []
    if one.attempt and one.deadline and one.received is None:
        notes.append("no server said when it came; it counts as in time")
    points = None if one.points is None else late.reduced(one.points, percent)
    return replace(
        one,
        days=days,
        tokens=tokens,
        percent=percent,
        points=points,
        notes=(*one.notes, *notes),
    )


def with_override(one: Cell, override: Override | None) -> Cell:
    """A cell with the points that were given by hand, if any were."""
    if override is None:
        return one
    points = one.points if override.points is None else override.points
    return replace(one, points=points, override=override)


def lowered(before: Shown | None, one: Cell) -> bool:
    """Whether showing `one` would take points away."""
    return before is not None and one.points is not None and one.points < before.points


def reason(before: Shown, one: Cell, note: str) -> str:
    """Why a grade is lower than the one shown before; empty when nobody said."""
    if one.override and one.override.id != before.override:
        return f"{one.override.reason} ({one.override.author})"
    if one.label != before.version:
        return f"{one.label} counts now, and not {before.version}"
    regraded = one.attempt and one.number != before.attempt
    return (one.attempt.note if one.attempt and regraded else "") or note


def settled(before: Shown | None, one: Cell, note: str) -> tuple[Cell, str]:
    """What is shown: `one` with the reason why it is lower, or, where there is none,
    the grade of before. The second is the reason, empty when it is not lower."""
    if before is None or not lowered(before, one):
        return one, ""
    why = reason(before, one, note)
    if why:
        return replace(one, notes=(*one.notes, f"lower than before: {why}")), why
    return replace(one, points=before.points, held=one.points), ""


def total(cells: Iterable[Cell], now: datetime) -> tuple[int, int]:
    """Points, and points that could be had so far: where a grade is known, or the
    deadline is over without a hand-in."""
    points = out_of = 0
    for one in cells:
        if one.points is not None:
            points += one.points
            out_of += one.max
        elif is_overdue(one, now):
            out_of += one.max
    return points, out_of


def is_overdue(one: Cell, now: datetime) -> bool:
    """Whether nothing came although the deadline is over."""
    return one.state == "missing" and one.deadline is not None and one.deadline < now


def risks(cells: Iterable[Cell], term: Term, now: datetime) -> list[str]:
    """Why a student is at risk; empty when they are not."""
    cells = list(cells)
    found = [
        f"{one.exercise}: nothing came"
        for one in cells
        if is_overdue(one, now) and not one.by_hand
    ]
    found += [
        f"{one.exercise}: refused"
        for one in cells
        if one.state == "refused" and not one.by_hand
    ]
    points, out_of = total(cells, now)
    if out_of and points * late.ALL < term.at_risk * out_of:
        found.append(f"{points} of {out_of} points, less than {term.at_risk} %")
    return found
