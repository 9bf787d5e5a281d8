"""What is known of a hand-in before it is graded, and whether its grade agrees."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.battery import Test
from grader.classroom.grades import Cell

# What a hand-in can be worth, by truth and by the gradebook.
FULL, SOME, NOTHING = "all points", "some points", "no points"
REFUSED, ABSENT, UNKNOWN = "refused", "nothing came", "no verdict"
WORTHS = (FULL, SOME, NOTHING, REFUSED, ABSENT, UNKNOWN)


@dataclass(frozen=True)
class Truth:
    """`sort` and `why` say how it was made. It is graded unless `state` is REFUSED or
    ABSENT; then the tests in `passes` pass, those in `fails` do not, and of others
    nothing is known."""

    sort: str
    why: str = ""
    state: str = ""
    passes: frozenset[str] = frozenset()
    fails: frozenset[str] = frozenset()

    def points(self, tests: Iterable[Test]) -> int | None:
        """The points, where they follow from what is known."""
        tests = list(tests)
        if self.state:
            return 0 if self.state == REFUSED else None
        if {test.name for test in tests} - self.passes - self.fails:
            return None
        return sum(test.points for test in tests if test.name in self.passes)

    def worth(self, tests: Iterable[Test], got: str) -> str:
        """One of WORTHS. Of a mistake only one test is known that tells it: it is not
        worth all points, so some or, where others tell it too, none; then what the
        gradebook has, `got`, is as true as the other."""
        tests = list(tests)
        if self.state:
            return self.state
        points = self.points(tests)
        if points is None:
            return NOTHING if got == NOTHING else SOME
        return _worth(points, sum(test.points for test in tests))


def _worth(points: int, most: int) -> str:
    return FULL if points == most else SOME if points else NOTHING


def found(cell: Cell) -> str:
    """One of WORTHS, as the gradebook has it."""
    if cell.state == "refused":
        return REFUSED
    if cell.state == "missing":
        return ABSENT
    if cell.points is None or cell.attempt is None or cell.attempt.result is None:
        return UNKNOWN
    return _worth(cell.points, cell.max)


def lies(truth: Truth, cell: Cell, tests: Iterable[Test]) -> list[str]:
    """Where the gradebook does not say what is true; empty when it agrees."""
    tests = list(tests)
    wrong = []
    got = found(cell)
    worth = truth.worth(tests, got)
    if got != worth:
        wrong.append(f"{worth} is true, {got} is in the gradebook")
    points = truth.points(tests)
    if points is not None and cell.points != points:
        wrong.append(f"{points} points are true, {cell.points} in the gradebook")
    return wrong + [
        f"{'passes' if name in truth.passes else 'fails'} in truth, "
        f"{verdict} in the gradebook: {name}"
        for name, verdict in verdicts(cell).items()
        if (verdict == "pass" and name in truth.fails)
        or (verdict != "pass" and name in truth.passes)
    ]


def verdicts(cell: Cell) -> Mapping[str, str]:
    """Test to verdict; empty for what was not graded."""
    if cell.attempt is None or cell.attempt.result is None:
        return {}
    return {test.name: test.verdict for test in cell.attempt.result.tests}


@dataclass
class Matrix:
    """The confusion matrices: of hand-ins, true worth by worth in the gradebook, and
    of tests, whether they pass in truth and in the gradebook."""

    hand_ins: Counter[tuple[str, str]]
    tests: Counter[tuple[bool, bool]]
    wrong: list[str]

    @classmethod
    def empty(cls) -> "Matrix":
        return cls(Counter(), Counter(), [])

    def add(self, who: str, truth: Truth, cell: Cell, tests: list[Test]) -> None:
        """Counts one hand-in."""
        got = found(cell)
        self.hand_ins[truth.worth(tests, got), got] += 1
        for name, verdict in verdicts(cell).items():
            if name in truth.passes | truth.fails:
                self.tests[name in truth.passes, verdict == "pass"] += 1
        self.wrong += [
            f"{who}: {truth.sort} {truth.why}: {why}".replace(" :", ":")
            for why in lies(truth, cell, tests)
        ]

    def lines(self) -> list[str]:
        """Both, as tables in Markdown; then what is wrong."""
        columns = [w for w in WORTHS if any(w in pair for pair in self.hand_ins)]
        rows = ["| in truth \\ in the gradebook | " + " | ".join(columns) + " |"]
        rows.append("|---|" + "---|" * len(columns))
        for true in columns:
            counts = [str(self.hand_ins[true, got]) for got in columns]
            rows.append(f"| {true} | " + " | ".join(counts) + " |")
        rows += ["", "| a test, in truth \\ as graded | passes | does not pass |"]
        rows.append("|---|---|---|")
        for title, is_true in (("passes", True), ("does not pass", False)):
            counts = [str(self.tests[is_true, got]) for got in (True, False)]
            rows.append(f"| {title} | " + " | ".join(counts) + " |")
        return rows + [""] * bool(self.wrong) + [f"- {why}" for why in self.wrong]
