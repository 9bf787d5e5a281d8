"""What of a verdict its author may read: hidden tests show points and lesson only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from grader import catalog, kinds, report
from grader.catalog import Exercise
from grader.classroom.attempt import Attempt
from grader.grade import Options
from grader.house import House
from grader.results import ExerciseResult, TestResult
from grader.text import clean
from grader.trouble import Trouble


@dataclass(frozen=True)
class Row:
    """A test as it is shown; `lines` say what happened, `log` what the kernel said,
    `read` where it is explained, `again` how to run it."""

    title: str
    verdict: str
    kernel: str
    points: int
    max: int
    lines: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    again: str = ""

    @property
    def headline(self) -> str:
        """Verdict and test, and on which kernel unless that is the usual one."""
        where = "" if self.kernel == "stock" else f", on the {self.kernel} kernel"
        return f"{self.verdict}: {self.title}{where}"


def labels(result: ExerciseResult, hidden: Collection[str]) -> dict[str, str]:
    """What the hidden tests are called until they are shown: by number."""
    names = dict.fromkeys(test.name for test in result.tests if test.name in hidden)
    return {name: f"hidden test {number}" for number, name in enumerate(names, 1)}


def shown(made: Attempt, revealed: bool) -> ExerciseResult | None:
    """The result of an attempt without the text of hidden tests, unless `revealed`."""
    if made.result is None or revealed:
        return made.result
    known = labels(made.result, made.hidden)
    tests = tuple(_concealed(test, known) for test in made.result.tests)
    return replace(made.result, tests=tests)


def _concealed(test: TestResult, known: Mapping[str, str]) -> TestResult:
    if test.name in known:
        message = "" if test.verdict == "pass" else lesson(test)
        return replace(test, name=known[test.name], message=message, evidence=())
    message, evidence = test.message, test.evidence
    for name, label in known.items():
        message = message.replace(name, label)
        evidence = tuple(line.replace(name, label) for line in evidence)
    return replace(test, message=message, evidence=evidence)


def lesson(test: TestResult) -> str:
    """What is to be learned from a failure, in words that no test has written."""
    if test.verdict == "build":
        return test.message
    lines = ["what this test does is not shown yet"]
    try:
        kind = kinds.named(test.kind)
    except KeyError:
        return lines[0]
    return "\n".join([*lines, f"why: {kind.why}", f"rule: {kind.rule}"])


class Reader:
    """Makes rows of attempts; knows the exercises that are still there."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.known: dict[str, tuple[Exercise, report.Pages] | None] = {}

    def _exercise(self, name: str) -> tuple[Exercise, report.Pages] | None:
        if name not in self.known:
            try:
                exercise = catalog.load(self.house, name)
                self.known[name] = exercise, report.Pages(self.house, exercise)
            except (Trouble, OSError):
                self.known[name] = None
        return self.known[name]

    def rows(self, made: Attempt, revealed: bool) -> list[Row]:
        """The tests of an attempt as they may be shown."""
        result = shown(made, revealed)
        if result is None or made.result is None:
            return []
        return [
            self._row(made, full, test)
            for full, test in zip(made.result.tests, result.tests, strict=True)
        ]

    def _row(self, made: Attempt, full: TestResult, test: TestResult) -> Row:
        row = Row(clean(test.name), test.verdict, test.kernel, test.points, test.max)
        if test.verdict == "pass":
            return row
        found = self._exercise(made.exercise)
        concealed = test.name != full.name
        replay = read = ""
        if found:
            exercise, pages = found
            read = "\n".join(pages.of(pages.todo(full.name), full.kind))
            options = Options(seed=made.seed)
            replay = "" if concealed else report.replay(exercise, test, options)
        return replace(
            row,
            lines=tuple(clean(test.message).split("\n")) if test.message else (),
            log=tuple(clean(line) for line in test.evidence),
            read=tuple(clean(read).split("\n")) if read else (),
            again=clean(replay),
        )
