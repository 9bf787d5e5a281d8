"""The comparison with the truth finds what a wrong grader would do."""

from pathlib import Path

import pytest

from grader.battery import Test
from grader.classroom.attempt import Attempt
from grader.classroom.grades import Cell
from grader.results import ExerciseResult, TestResult
from grader.synthetic.truth import ABSENT, REFUSED, Matrix, Truth

TESTS = [Test(name, Path("a.bats"), 1, 50, 1) for name in ("loads", "reads")]
BOTH = frozenset(["loads", "reads"])


def cell(loads: str, reads: str, state: str = "graded") -> Cell:
    """A grade of a hundred points for two tests."""
    rows = tuple(
        TestResult(name, "stock", verdict, 50 * (verdict == "pass"), 50, 0.1, 7)
        for name, verdict in (("loads", loads), ("reads", reads))
    )
    points = sum(row.points for row in rows)
    made = Attempt(
        "13-prng", "s1", 1, 1, state, 100, "", "", "", 1, 7, "key", {},
        result=ExerciseResult("13-prng", 0.2, rows),
    )  # fmt: skip
    return Cell("13-prng", "s1", 100, state, points=points, attempt=made)


def wrong(truth: Truth, found: Cell) -> list[str]:
    matrix = Matrix.empty()
    matrix.add("s1", truth, found, TESTS)
    return matrix.wrong


@pytest.mark.parametrize(
    "truth, found",
    [
        (Truth("right", passes=BOTH), cell("pass", "pass")),
        (Truth("mutant", fails=frozenset(["reads"])), cell("pass", "oops")),
        (Truth("skeleton", fails=BOTH), cell("fail", "hang")),
        (Truth("link", state=REFUSED), Cell("x", "s", 100, "refused", points=0)),
        (Truth("lost", state=ABSENT), Cell("x", "s", 100, "missing")),
    ],
)
def test_a_right_gradebook_agrees(truth: Truth, found: Cell) -> None:
    assert wrong(truth, found) == []


@pytest.mark.parametrize(
    "truth, found, words",
    [
        (Truth("right", passes=BOTH), cell("pass", "fail"), "100 points are true, 50"),
        (Truth("mutant", fails=frozenset(["reads"])), cell("pass", "pass"), "fails in"),
        (Truth("skeleton", fails=BOTH), cell("pass", "fail"), "0 points are true, 50"),
        (Truth("link", state=REFUSED), cell("pass", "pass"), "refused is true"),
        (Truth("right", passes=BOTH), Cell("x", "s", 100, "infra"), "no verdict is in"),
        (Truth("lost", state=ABSENT), cell("fail", "fail"), "nothing came is true"),
    ],
)
def test_a_wrong_gradebook_is_found(truth: Truth, found: Cell, words: str) -> None:
    assert any(words in line for line in wrong(truth, found))


def test_the_matrix_counts_hand_ins_and_tests() -> None:
    matrix = Matrix.empty()
    matrix.add("s1", Truth("right", passes=BOTH), cell("pass", "pass"), TESTS)
    matrix.add("s2", Truth("right", passes=BOTH), cell("pass", "fail"), TESTS)
    lines = matrix.lines()
    assert "| all points | 1 | 1 |" in lines
    assert "| passes | 3 | 1 |" in lines
    assert "| does not pass | 0 | 0 |" in lines
    assert any(line.startswith("- s2: right: ") for line in lines)
