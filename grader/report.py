"""The report for people: progress while grading, then what failed and why.

A progress bar and colours on a terminal, plain lines everywhere else.
"""

import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from grader import battery, kinds, readme
from grader.catalog import Exercise
from grader.grade import Options
from grader.house import House
from grader.results import ExerciseResult, TestResult

STYLES = {"pass": "green", "blocked": "yellow", "infra": "magenta"}
PLAIN_WIDTH = 120
WIDE = 88  # columns for what is read, not looked up
INDENT = 4
COLUMN = 12  # what stands before a folded text
WORD = re.compile(
    r"(object|allocated|freed|wanted|held|earlier|given back|access|state|since"
    r"|deadline|said|checked in|seen|then|why|rule|failed): "
)


def make_console() -> Console:
    """A console that measures itself on a terminal and is wide elsewhere."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return Console(width=width, highlight=False, soft_wrap=True)


def can_redraw(console: Console) -> bool:
    """Whether a bar can be shown: a terminal, and one that moves its cursor."""
    return console.is_terminal and not console.is_dumb_terminal


class Live:
    """A Watcher that shows a bar on a terminal and a line a test elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not can_redraw(console),
        )
        self.task = self.bar.add_task("", total=None)
        self.name = ""

    def __enter__(self) -> "Live":
        self.bar.start()
        return self

    def __exit__(self, *_details: object) -> None:
        self.bar.stop()

    def begin(self, exercise: Exercise, tests: int) -> None:
        self.name = exercise.name
        self.bar.reset(self.task, total=tests, description=self.name)

    def doing(self, what: str) -> None:
        self.bar.update(self.task, description=f"{self.name}: {what}")

    def done(self, result: TestResult) -> None:
        self.bar.advance(self.task)
        if not can_redraw(self.console):
            line = (
                f"{result.verdict:<9} {result.points:>3}/{result.max:<3} {result.name}"
            )
            self.console.print(escape(line))


@contextmanager
def bar(console: Console, title: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar, on a terminal, for `total` steps; what it gives makes one."""
    with Live(console) as live:
        live.bar.reset(live.task, total=total, description=title)
        yield lambda: live.bar.advance(live.task)


def style(verdict: str) -> str:
    """The colour of a verdict."""
    return STYLES.get(verdict, "red")


def show(
    console: Console,
    house: House,
    exercise: Exercise,
    result: ExerciseResult,
    options: Options,
) -> None:
    """Prints everything about one graded exercise."""
    pages = Pages(house, exercise)
    tests = sorted(result.tests, key=lambda test: pages.todo(test.name) or 99)
    console.print()
    for group in grouped(tests):
        _show_failure(console, pages, exercise, group, options)
    if len(result.having("build")) < len(tests):
        _show_table(console, exercise, tests)
    _show_next(console, pages, exercise, result, options)


class Pages:
    """Where a student reads on about a test: the step of the README, the lecture."""

    def __init__(self, house: House, exercise: Exercise) -> None:
        self.house = house
        self.tests = {test.name: test for test in battery.load(house, exercise)}
        self.path = house.relative(exercise.folder / "README.md")
        try:
            text = (exercise.folder / "README.md").read_text(encoding="utf-8")
        except OSError:
            text = ""
        self.steps = readme.steps(text)
        self.lecture = self._lecture(exercise.lecture)

    def todo(self, name: str) -> int | None:
        """The TODO that a test belongs to."""
        return self.tests[name].todo if name in self.tests else None

    def of(self, todo: int | None, kind: str = "") -> list[str]:
        """Where to read about a TODO, and about a report of the kernel."""
        section = kinds.section(kind)
        found = []
        if section:
            found.append(f'{self._lecture(section.lecture)}, "{section.title}"')
        if todo is None:
            found.append(f"{self.path}, Behaviour")
        else:
            title = self.steps.get(todo, "").partition(" (")[0]
            title = f" ({title})" if title else ""
            found.append(f"{self.path}, step {todo}{title}")
        return found if section else [f"{found[0]}; {self.lecture}"]

    def _lecture(self, number: int) -> str:
        """The page of a lecture, by its number where it is not written yet."""
        found = sorted((self.house.root / "lectures").glob(f"{number}-*.md"))
        return self.house.relative(found[0]) if found else f"lecture {number}"


def grouped(tests: Iterable[TestResult]) -> list[list[TestResult]]:
    """The tests that did not pass; those that failed alike are together."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[TestResult]] = {}
    for test in tests:
        if test.verdict not in ("pass", "blocked"):
            groups.setdefault((test.verdict, test.message, test.evidence), []).append(
                test
            )
    return list(groups.values())


def _show_failure(
    console: Console,
    pages: Pages,
    exercise: Exercise,
    group: list[TestResult],
    options: Options,
) -> None:
    """One block: the tests that failed in one way, why, and what to do."""
    first = group[0]
    colour = style(first.verdict)
    if first.verdict == "build":
        console.print(
            f"[bold {colour}]build[/] no test was run: {exercise.name} does not build"
        )
    else:
        for test in group:
            lost = "unknown" if test.verdict == "infra" else f"0 of {test.max}"
            on = f", {test.kernel} kernel" if test.kernel != exercise.kernels[0] else ""
            title = f"[bold {colour}]{test.verdict}[/] [bold]{escape(test.name)}[/]"
            console.print(f"{title} ({lost} points{on})")
    for line in told(first.message, console.width if console.is_terminal else WIDE):
        console.print(f"    {escape(line)}")
    if first.evidence:
        console.print("    kernel log:")
        for line in first.evidence:
            console.print(f"      [dim]{escape(line)}[/]")
    if first.verdict == "build":
        console.print(f"    read:  {escape(pages.path)}\n")
        return
    for number, page in enumerate(pages.of(pages.todo(first.name), first.kind)):
        console.print(f"    {'       ' if number else 'read:  '}{escape(page)}")
    console.print(f"    again: {escape(replay(exercise, first, options))}\n")


def told(message: str, width: int) -> Iterator[str]:
    """The lines of a message for a screen of `width` columns: words such as why:
    and rule: stand apart, and what is long is folded below itself."""
    for line in message.split("\n"):
        word = WORD.match(line)
        if not word:
            yield line
            continue
        room = max(40, min(width, WIDE) - INDENT)
        folded = textwrap.wrap(line[word.end() :], room - COLUMN) or [""]
        yield f"{word[1] + ':':<{COLUMN}}{folded[0]}"
        yield from (" " * COLUMN + rest for rest in folded[1:])


def replay(exercise: Exercise, test: TestResult, options: Options) -> str:
    """The command that runs one test again as it was run."""
    words = [f"make grade {exercise.name}"]
    words += [f"SOURCE={options.source}"] if options.source else []
    words += [f"KERNEL={test.kernel}"] if test.kernel != exercise.kernels[0] else []
    return " ".join([*words, f"SEED={test.seed}", f'TEST="{test.name}"'])


def _show_table(console: Console, exercise: Exercise, tests: list[TestResult]) -> None:
    """A line a test, in the order of the TODOs."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    several = len({test.kernel for test in tests}) > 1
    for test in tests:
        name = f"{test.name} ({test.kernel})" if several else test.name
        table.add_row(
            f"[{style(test.verdict)}]{test.verdict}[/]",
            f"{test.points}/{test.max}",
            escape(name),
            f"{test.seconds:.1f} s",
        )
    console.print(f"[bold]{exercise.name}[/]  {escape(exercise.title)}")
    console.print(table, soft_wrap=False)


def _show_next(
    console: Console,
    pages: Pages,
    exercise: Exercise,
    result: ExerciseResult,
    options: Options,
) -> None:
    """The first thing to do now, then the score, which is the last line."""
    failed = [test for test in result.tests if test.verdict not in ("pass", "infra")]
    helpful = exercise.skeleton == "broken" or not result.having("build")
    if failed and helpful and not options.source:
        todos = sorted(filter(None, (pages.todo(test.name) for test in failed)))
        ladder = exercise.ladder(todos[0]) if todos else []
        if ladder:
            console.print(f"\nnext: TODO {todos[0]}. {escape(ladder[0])}")
            console.print(f"      more: make hint {exercise.name}")
    console.print("\n" + score_line(result, options))


def score_line(result: ExerciseResult, options: Options) -> str:
    """One line: points, what did not pass, time, seed."""
    counts: dict[str, int] = {}
    for test in result.tests:
        if test.verdict != "pass":
            counts[test.verdict] = counts.get(test.verdict, 0) + 1
    words = [f"{count} {verdict}" for verdict, count in counts.items()] or [
        "all passed"
    ]
    unknown = sum(test.max for test in result.having("infra"))
    could_not = f", {unknown} could not be graded" if unknown else ""
    tests = f"{len(result.tests)} test{'s' if len(result.tests) > 1 else ''}"
    return (
        f"{result.exercise}: {result.score} of {result.max} points{could_not}; "
        f"{tests}: {', '.join(words)}; "
        f"{result.seconds:.1f} s, SEED={options.seed}"
    )
