"""`make grade-class N`: grades every latest version that has no verdict yet."""

import time

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader import battery, results, run
from grader.catalog import Exercise
from grader.classroom import attempt, changes, desk, identity, plain, slurm, work
from grader.classroom import plan as plans
from grader.classroom.attempt import Attempt
from grader.classroom.book import Files
from grader.classroom.desk import Desk, Record
from grader.classroom.gradebook import Gradebook
from grader.classroom.plan import Plan, Wish
from grader.classroom.shelf import Entry, Shelf
from grader.classroom.slurm import Cluster
from grader.grade import Options, choose, grade
from grader.house import House
from grader.report import can_redraw
from grader.results import ExerciseResult
from grader.stage import HandIn

ESTIMATE_SECONDS = 600  # over which the speed is measured


class Live:
    """A Watcher that shows a bar with an estimate on a terminal, and a line a hand-in
    elsewhere."""

    def __init__(self, console: Console, title: str) -> None:
        self.console = console
        self.total = self.count = 0
        self.started = time.monotonic()
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            speed_estimate_period=ESTIMATE_SECONDS,
            disable=not can_redraw(console),
        )
        self.task = self.bar.add_task(title, total=None)

    def __enter__(self) -> "Live":
        self.bar.start()
        return self

    def __exit__(self, *_details: object) -> None:
        if not self.bar.disable:  # else it would leave an empty line
            self.bar.stop()

    def begin(self, total: int) -> None:
        self.total = total
        self.started = time.monotonic()
        self.bar.update(self.task, total=total)

    def done(self, entry: Entry, made: Attempt) -> None:
        self.count += 1
        self.bar.advance(self.task)
        text = f"{plain.line(entry.student)} {entry.label}: "
        text += plain.line(attempt.summary(made))
        if not can_redraw(self.console):
            text += f"  [{self.count} of {self.total}{self._left()}]"
        self.console.print(escape(text))

    def _left(self) -> str:
        left = self.total - self.count
        seconds = (time.monotonic() - self.started) / self.count * left
        return f", about {human(seconds)} left" if left else ""


def human(seconds: float) -> str:
    """A time in words, rounded to what one wants to know."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def make_desk(
    house: House,
    exercise: Exercise,
    shelf: Shelf,
    record: Record,
    plan: Plan,
    inner: int,
) -> Desk:
    """The desk at which hand-ins of `exercise` are graded on this machine, each with
    `inner` VMs at a time."""
    tests = battery.load(house, exercise)
    hidden = house.solutions / exercise.name / "tests"

    def judge(chosen: Exercise, hand_in: HandIn) -> ExerciseResult:
        options = Options(seed=plan.seed, jobs=inner)
        return grade(house, chosen, options, hand_in=hand_in)

    return Desk(
        exercise=exercise,
        shelf=shelf,
        folder=Files(house).notes(exercise.name),
        plan=plan,
        made_with=identity.made_with(house, exercise),
        max=sum(test.points for test in tests),
        hidden=tuple(t.name for t in tests if t.file.is_relative_to(hidden)),
        grade=judge,
        record=record,
    )


def make_templates(house: House, exercise: Exercise) -> None:
    """Makes the templates before the first hand-in, and not in it."""
    cases = choose(battery.load(house, exercise), exercise, Options(seed=0))
    for kernel in {case.kernel: None for case in cases}:
        tests = [case.test for case in cases if case.kernel == kernel]
        run.make_template(house, exercise, kernel, tests)


def grade_class(
    house: House,
    exercise: Exercise,
    shelf: Shelf,
    store: Gradebook,
    wish: Wish,
    jobs: int,
    console: Console,
    cluster: Cluster | None = None,
) -> work.Tally:
    """Grades the class, here or on a cluster; says what came of it. What is left to do
    is in the Tally."""
    notes = Files(house).notes(exercise.name)
    entries = shelf.latest(exercise.name)
    plan = plans.settle(notes, wish)
    new = [e for e in entries if not desk.finished(e, plan.generation)]
    if new:
        make_templates(house, exercise)
    inner = max(1, jobs // max(1, len(new)))
    board = make_desk(house, exercise, shelf, store.record, plan, inner)
    started = time.monotonic()
    with Live(console, exercise.name) as live:
        if cluster:
            tally = slurm.run(board, entries, live, cluster)
        else:
            tally = work.run(board, entries, jobs, live)
    seconds = time.monotonic() - started
    for line in closing(exercise.name, tally, seconds):
        console.print(escape(plain.line(line)))
    if plan.open and not tally.failures:
        _end_generation(board, entries, console)
    _tell_stale(board, entries, console)
    return tally


def grade_version(
    house: House, exercise: Exercise, shelf: Shelf, entry: Entry
) -> Attempt:
    """Grades one version, one VM at a time, without the gradebook."""
    plan = plans.settle(Files(house).notes(exercise.name), Wish())
    board = make_desk(house, exercise, shelf, lambda _made: None, plan, 1)
    return work.grade_one(board, entry)


def closing(name: str, tally: work.Tally, seconds: float) -> list[str]:
    """What came of a run, and what to do about it."""
    words = [f"{tally.graded} graded"]
    words += [f"{tally.shared} of them the same as another"] if tally.shared else []
    words += [f"{tally.refused} refused"] if tally.refused else []
    words += [f"{tally.already} were done before"] if tally.already else []
    words += [f"{len(tally.failures)} not graded"] if tally.failures else []
    if tally.finished:
        pace = 60 * tally.finished / max(seconds, 0.001)
        words.append(f"{human(seconds)}, {pace:.0f} a minute")
    lines = [f"{name}: {', '.join(words)}"]
    for entry, why in tally.failures:
        first = why.strip().split("\n")[0]
        lines.append(f"  not graded: {entry.student} {entry.label}: {first}")
    if tally.failures:
        lines.append(f"next: make grade-class {name}, which tries only these again")
    else:
        lines.append("next: make gradebook")
    return lines


def _end_generation(board: Desk, entries: list[Entry], console: Console) -> None:
    """Says what grading again has changed, and keeps it beside the verdicts."""
    found = changes.of(entries, board.plan.generation)
    lines = changes.report(found, len(entries), board.plan.note)
    for line in lines:
        console.print(escape(line))
    path = board.folder / f"regrade-{board.plan.generation}.txt"
    results.write(path, "\n".join(lines) + "\n")
    plans.close(board.folder, board.plan)


def _tell_stale(board: Desk, entries: list[Entry], console: Console) -> None:
    """Says when verdicts were reached with other tests than those of today."""
    count = 0
    for entry in entries:
        made = desk.finished(entry, 0)
        count += bool(made and desk.stale(made, board.made_with))
    if count:
        console.print(
            f"{count} verdicts are from before the tests, grader, kernels or engine "
            f"changed; to grade them again and see who changes: "
            f"make grade-class {board.exercise.name} REGRADE=1",
            markup=False,
        )
