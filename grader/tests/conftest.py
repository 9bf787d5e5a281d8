"""What the tests share: a small course in a temporary folder."""

from pathlib import Path

import pytest

from grader.catalog import Exercise, Hint
from grader.house import House, here

TOML = """\
title = "A test"
lecture = 13
files = ["prng.c"]
modules = ["prng"]
kernels = ["stock"]
smp = 1
timeout = 20
symbols = ["_printk", "kfree"]

[[hint]]
todo = 1
text = "Look up."

[[hint]]
todo = 1
text = "Look down."
"""

BATS = """\
load ../../lib/vm

# bats test_tags=points:60,todo:1,id:load
@test "it loads" {
	true
}

# bats test_tags=points:40,todo:2,needs:load
@test "it reads (a + b) [x]?" {
	true
}
"""

MODULE = """\
// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>
static int __init prng_init(void)
{
	pr_info("hello\\n");
	return 0;
}
module_init(prng_init);
MODULE_LICENSE("GPL");
"""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are no name: those of an archive hold the time, and the workers that
    run the tests must all find the same names."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture
def course(tmp_path: Path) -> House:
    """A course with one exercise, 13-prng, and no solution."""
    folder = tmp_path / "exercises" / "13-prng"
    (folder / "tests").mkdir(parents=True)
    (folder / "exercise.toml").write_text(TOML)
    (folder / "Kbuild").write_text("obj-m := prng.o\n")
    (folder / "prng.c").write_text(MODULE)
    (folder / "tests" / "a.bats").write_text(BATS)
    return House(tmp_path)


@pytest.fixture
def exercise(course: House) -> Exercise:
    """The exercise of `course`."""
    return Exercise(
        folder=course.exercises / "13-prng",
        title="A test",
        lecture=13,
        files=("prng.c",),
        modules=("prng",),
        kernels=("stock",),
        smp=1,
        timeout=20,
        symbols=("_printk", "kfree"),
        hints=(Hint(1, "Look up."), Hint(1, "Look down.")),
    )


@pytest.fixture(scope="session")
def real() -> House:
    """The checkout that is being tested."""
    return here()
