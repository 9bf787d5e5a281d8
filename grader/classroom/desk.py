"""Grades one stored version, so that being killed at any moment loses nothing.

The order of what is written is the point. First the verdict, under the name of all
that it depends on; then the attempt of each student; then the gradebook. Whoever
starts again finds the first of these that is there and goes on behind it.
Two graders keep out of each other's way by locks, one a version and one a hand-in,
which the kernel releases when their owner dies.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from grader import process, results
from grader.catalog import Exercise
from grader.classroom import attempt, durable, identity
from grader.classroom.attempt import Attempt
from grader.classroom.plan import Plan
from grader.classroom.shelf import Entry, Shelf
from grader.results import ExerciseResult
from grader.stage import HandIn

Grade = Callable[[Exercise, HandIn], ExerciseResult]
Record = Callable[[Attempt], None]
RESULTS = "results"
INFRA = "infra-"
A_DAY = 24 * 3600


@dataclass(frozen=True)
class Desk:
    """All that grading the versions of one exercise needs. `folder` holds the verdicts,
    `grade` makes them, `record` enters an attempt into the gradebook."""

    exercise: Exercise
    shelf: Shelf
    folder: Path
    plan: Plan
    made_with: Mapping[str, str]
    max: int
    hidden: tuple[str, ...]
    grade: Grade
    record: Record


def finished(entry: Entry, generation: int) -> Attempt | None:
    """The verdict on a version that was reached in `generation` or later, if any."""
    found = [
        path
        for path in sorted((entry.folder / RESULTS).glob("[0-9]*-*.json"))
        if int(path.name.partition("-")[0]) >= generation
    ]
    return next((made for path in reversed(found) if (made := _read(path))), None)


def every(entry: Entry) -> list[Attempt]:
    """All attempts at a version that are on the disk, the latest verdict last."""
    found = [_read(path) for path in sorted((entry.folder / RESULTS).glob("*.json"))]
    there = [one for one in found if one]
    return sorted(there, key=lambda one: (one.generation, one.graded))


def in_vain(entry: Entry) -> list[Path]:
    """The files of the attempts at a version that came to no verdict."""
    return sorted((entry.folder / RESULTS).glob(f"{INFRA}*.json"))


def outcome(entry: Entry, generation: int, before: list[Path]) -> Attempt | None:
    """What has become of a version since its `in_vain` were `before`: a verdict of
    `generation`, else a newer attempt in vain, else None."""
    made = finished(entry, generation)
    if made:
        return made
    return next((_read(path) for path in in_vain(entry) if path not in before), None)


def _read(path: Path) -> Attempt | None:
    """The attempt in a file; None when it is damaged: that version is graded again."""
    try:
        return attempt.from_json(path.read_text(encoding="utf-8"))
    except ValueError:
        return None


def work_on(desk: Desk, entry: Entry, wait: bool) -> tuple[Attempt, bool] | None:
    """Grades a version unless that was done: the attempt, and whether it is a new one.
    None when somebody else is at it, or at a hand-in that is the same, and `wait` is
    not set."""
    patience = A_DAY if wait else 0
    try:
        with durable.lock(_version_lock(entry), patience):
            done = finished(entry, desk.plan.generation)
            if done:
                desk.record(done)
                return done, False
            made = _grade(desk, entry, patience)
            _keep(desk, entry, made)
            return made, True
    except durable.Held:
        return None


def _grade(desk: Desk, entry: Entry, patience: float) -> Attempt:
    """Takes a version up and judges it; raises durable.Held."""
    taken = desk.shelf.take(desk.exercise, entry)
    base = _begin(desk, entry, taken.style, taken.cost)
    if taken.hand_in is None:
        return replace(base, state="refused", reasons=taken.reasons)
    return _judged(base, *_verdict(desk, taken.hand_in, patience))


def failed(desk: Desk, entry: Entry, why: str) -> Attempt:
    """Notes that a version could not be graded, which costs its author nothing."""
    made = replace(_begin(desk, entry, (), 0), state="infra", reasons=(why,))
    _keep(desk, entry, made)
    return made


def _version_lock(entry: Entry) -> Path:
    return entry.folder / RESULTS / ".lock"


def _begin(desk: Desk, entry: Entry, style: tuple[str, ...], cost: int) -> Attempt:
    return Attempt(
        exercise=entry.exercise,
        student=entry.student,
        version=entry.version,
        again=entry.again,
        state="infra",
        max=desk.max,
        received=entry.received,
        clock=entry.clock,
        graded=datetime.now(UTC).isoformat(timespec="microseconds"),
        generation=desk.plan.generation,
        seed=desk.plan.seed,
        key="refused",
        made_with=dict(desk.made_with),
        style=tuple(style),
        cost=cost,
        note=desk.plan.note,
        hidden=desk.hidden,
        message_id=entry.message_id,
    )


def _verdict(
    desk: Desk, hand_in: HandIn, patience: float
) -> tuple[str, ExerciseResult, bool]:
    """The key of a hand-in, its verdict, and whether that was there already."""
    key = identity.key(
        hand_in, desk.made_with.items(), desk.plan.seed, desk.plan.generation
    )
    path = desk.folder / f"{key}.json"
    with durable.lock(desk.folder / f"{key}.lock", patience):
        try:
            return key, results.from_json(path.read_text(encoding="utf-8"))[0], True
        except (FileNotFoundError, ValueError, IndexError):
            pass
        result = desk.grade(desk.exercise, hand_in)
        _still_alive()
        if not result.having("infra"):
            durable.write(path, results.to_json([result]))
        return key, result, False


def _judged(base: Attempt, key: str, result: ExerciseResult, shared: bool) -> Attempt:
    """`base` with a verdict, which is none where the grader itself was at fault."""
    whole = replace(base, key=key, result=result, shared=shared)
    faults = result.having("infra")
    if not faults and result.tests:
        return replace(whole, state="graded")
    why = tuple(f"{test.name}: {test.message}" for test in faults)
    return replace(whole, state="infra", reasons=why or ("no test was run",))


def _keep(desk: Desk, entry: Entry, made: Attempt) -> None:
    _still_alive()
    folder = entry.folder / RESULTS
    name = f"{made.generation:04}-{made.key}.json"
    if made.state == "infra":
        name = f"{INFRA}{made.graded.replace(':', '')}.json"
    durable.write(folder / name, attempt.to_json(made))
    desk.record(made)


def _still_alive() -> None:
    """Raises InterruptedError when a signal has ended our children: what a compiler
    or a VM that was killed seems to say is not the student's fault."""
    if process.ending():
        raise InterruptedError("the grader is ending")


def stale(made: Attempt, made_with: Mapping[str, str]) -> list[str]:
    """What has changed since `made` was graded: names out of `made_with`."""
    return [name for name in made_with if made.made_with.get(name) != made_with[name]]
