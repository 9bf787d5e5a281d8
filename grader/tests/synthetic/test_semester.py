"""A few of a class whose grades are known, from their mails to the gradebook."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader import setup
from grader.house import House
from grader.synthetic import semester
from grader.synthetic.truth import ABSENT, FULL, NOTHING, REFUSED, SOME

SORTS = "right rewritten mutant mutant part skeleton hostile hostile absent"
TESTS = ["read.bats"]
SEED = 4


@pytest.mark.vm
@pytest.mark.xdist_group("vm-classroom")
def test_the_gradebook_says_what_is_true(real: House, tmp_path: Path) -> None:
    setup.build_engine(real)
    sorts = SORTS.split()
    made = semester.begin(real, tmp_path / "class", {"13-prng": TESTS}, len(sorts))
    made.hand_in("13-prng", sorts, SEED)
    said = io.StringIO()
    made.grade("13-prng", 2, SEED, Console(file=said, width=200))
    matrix = made.compare()
    assert matrix.wrong == [], said.getvalue()
    assert all(true == got for true, got in matrix.hand_ins)
    worths = {true for true, _ in matrix.hand_ins}
    assert worths == {FULL, SOME, NOTHING, REFUSED, ABSENT}
    assert all(true == got for true, got in matrix.tests)
    assert matrix.tests[True, True] >= 10 <= matrix.tests[False, False]
