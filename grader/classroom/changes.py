"""What grading a class again has changed: who, by how much, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from grader.classroom import desk, plain
from grader.classroom.attempt import Attempt
from grader.classroom.shelf import Entry

REASONS = {
    "tests": "the tests are others",
    "grader": "the grader is another",
    "kernels": "the kernels are others",
    "engine": "the engine is another",
}


@dataclass(frozen=True)
class Change:
    """A version whose points or verdicts are not what they were."""

    before: Attempt
    after: Attempt

    @property
    def lower(self) -> bool:
        return (self.after.score or 0) < (self.before.score or 0)


def of(entries: list[Entry], generation: int) -> list[Change]:
    """What differs in `generation` from the verdict before it, the lowered first."""
    found = []
    for entry in entries:
        verdicts = [one for one in desk.every(entry) if one.state != "infra"]
        new = [one for one in verdicts if one.generation == generation]
        old = [one for one in verdicts if one.generation < generation]
        if new and old and _differ(old[-1], new[-1]):
            found.append(Change(old[-1], new[-1]))
    return sorted(found, key=lambda change: (not change.lower, change.after.student))


def _differ(before: Attempt, after: Attempt) -> bool:
    if (before.score, before.state) != (after.score, after.state):
        return True
    return _verdicts(before) != _verdicts(after)


def _verdicts(made: Attempt) -> dict[tuple[str, str], str]:
    if made.result is None:
        return {}
    return {(test.name, test.kernel): test.verdict for test in made.result.tests}


def told(change: Change) -> Iterator[str]:
    """A change in lines: the points, then each test, then what else was different."""
    before, after = change.before, change.after
    yield f"{after.student} {after.label}: {before.score} -> {after.score} points"
    if before.state != after.state:
        said = plain.line(" ".join(after.reasons))
        yield f"    {before.state} -> {after.state} {said}"
    old, new = _verdicts(before), _verdicts(after)
    for key in [*new, *(key for key in old if key not in new)]:
        was, now = old.get(key, "no such test"), new.get(key, "no such test")
        if was != now:
            yield f"    {was} -> {now}: {plain.line(key[0])} ({key[1]})"
    if before.cost != after.cost:
        yield f"    style: -{before.cost} -> -{after.cost} points"
    why = [REASONS.get(name, name) for name in desk.stale(before, after.made_with)]
    why += ["the seed is another"] if before.seed != after.seed else []
    yield f"    since: {', '.join(why) or 'nothing but chance: look at it'}"


def report(changes: list[Change], graded: int, note: str) -> list[str]:
    """All changes, and what comes of the lowered ones."""
    lines = [line for change in changes for line in told(change)]
    lower = sum(change.lower for change in changes)
    lines.append(
        f"{graded} graded again: {len(changes)} changed, {lower} of them lowered"
    )
    if lower and not note:
        lines.append(
            "without a note the lowered ones keep the grade that was shown; to lower "
            'them: make gradebook NOTE="why"'
        )
    return lines
