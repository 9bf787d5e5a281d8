"""What sparse says of a hand-in, and that only its silence is remembered."""

import pytest

from grader import catalog, setup, sparse, stage
from grader.house import House
from grader.stage import HandIn

BAD = b"""
int *from_user(int __user *there);
int *from_user(int __user *there)
{
	return (int *)there;
}
"""


@pytest.mark.vm
def test_a_finding_is_told_each_time_and_a_clean_hand_in_stays_clean(
    real: House,
) -> None:
    setup.build_engine(real)
    exercise = catalog.select(real, ["13-prng"])[0]
    clean = stage.skeleton(real, exercise)
    wrong = HandIn({"prng.c": clean.files["prng.c"] + BAD})
    for _ in range(2):
        assert sparse.check(real, exercise, clean) == []
        assert any(
            "address space" in line for line in sparse.check(real, exercise, wrong)
        )
