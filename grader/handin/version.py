"""Takes a stored version up again: what to grade, or why it is refused.

This is where grading a class begins. It trusts nothing of what was written when the
version was collected but its mails: the course may have changed since.
"""

from dataclasses import dataclass
from pathlib import Path

from grader.catalog import Exercise
from grader.handin import checks
from grader.handin.apply import Rejected, apply
from grader.handin.store import Store, Version, parse
from grader.house import House
from grader.stage import HandIn
from grader.trouble import CannotGrade


@dataclass(frozen=True)
class Taken:
    """A version that was applied and checked: a hand-in, or reasons against it.

    `style` are the findings of checkpatch, sparse and W=1, and `cost` the points
    that they take.
    """

    hand_in: HandIn | None
    reasons: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    cost: int = 0


def read(folder: Path) -> Version:
    """The version stored in `folder`; raises CannotGrade for none."""
    try:
        return parse((folder / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotGrade(f"{folder}: {error}", "next: make collect") from error


def latest(store: Store, exercise: str) -> dict[str, Version]:
    """Student to their last version of `exercise` that was not refused when it came,
    or, where all were, the last of these."""
    found: dict[str, Version] = {}
    for version in store.versions():
        if version.exercise == exercise:
            best = found.get(version.student)
            if best is None or _order(version) > _order(best):
                found[version.student] = version
    return found


def _order(version: Version) -> tuple[bool, tuple[int, int]]:
    return version.place != "refused", version.rank


def take(
    house: House, exercise: Exercise, folder: Path, with_style: bool = True
) -> Taken:
    """Applies the version stored in `folder` and builds each of its patches.

    Raises CannotGrade where that cannot be tried, which is nobody's refusal.
    """
    version = read(folder)
    return take_series(
        house, exercise, folder / "series.mbox", version.patches, with_style
    )


def take_series(
    house: House, exercise: Exercise, mbox: Path, patches: int, with_style: bool = True
) -> Taken:
    """The same for a series that is not stored yet."""
    try:
        applied = apply(house, exercise, mbox, patches)
    except Rejected as error:
        return Taken(None, tuple(error.reasons))
    reasons = checks.builds(house, exercise, applied)
    if reasons:
        return Taken(None, tuple(reasons))
    style = checks.style(house, exercise, applied) if with_style else []
    cost = checks.cost(exercise, style)
    return Taken(applied.hand_in, style=tuple(style), cost=cost)
