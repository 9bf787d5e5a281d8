"""The hand-ins of the synthetic class: each is what its truth says, without a VM."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from grader import battery, catalog, stage
from grader.house import House
from grader.synthetic import bench, hostile, partial
from grader.synthetic.mails import Person, Repository, mbox
from grader.synthetic.rewrite import paragraphs, recommented, renamed, reordered
from grader.synthetic.semester import sorts
from grader.synthetic.series import Work
from grader.synthetic.sorts import SORTS, Maker
from grader.synthetic.truth import FULL, NOTHING, SOME, Truth

SOURCE = """\
// SPDX-License-Identifier: GPL-2.0
#include <linux/count.h>

#define LIMIT 3 /* most */

static int count; /* of "count" */

static int first(int step)
{
	count += step;
	return 'c';
}

/* Uses the other. */
static int second(void)
{
	pr_info("count");

	return first(LIMIT);
}

static int __init start(void)
{
	return second();
}
"""


def maker(real: House, name: str, seed: int = 1, salt: str = "") -> Maker:
    exercise = replace(catalog.load(real, name), kernels=("stock",))
    return Maker(real, exercise, random.Random(seed), salt)


def text(made: Maker, work: Work) -> str:
    return work.patches[-1].files[made.path].content.decode()


@pytest.mark.parametrize("name", bench.EXERCISES)
def test_all_todos_make_the_solution_and_none_the_skeleton(
    real: House, name: str
) -> None:
    exercise = catalog.load(real, name)
    source = partial.read(real.solutions / name / exercise.files[0])
    whole, empty = partial.up_to(source, 99), partial.up_to(source, 0)
    assert whole.encode() == stage.solution(real, exercise).files[exercise.files[0]]
    assert empty.encode() == stage.skeleton(real, exercise).files[exercise.files[0]]
    assert 0 in partial.cuts(source)


def test_nobody_stops_in_the_middle_of_a_region_for_two_todos() -> None:
    source = "#ifdef SOLUTION\na\n#else\n/* TODO 1: x */\n/* TODO 3: y */\n#endif\n"
    more = source.replace("TODO 1", "TODO 4").replace("TODO 3", "TODO 4")
    assert partial.cuts(source + more) == [0, 3]


@pytest.mark.parametrize("name", bench.EXERCISES)
def test_every_attack_can_be_made_of_every_exercise(real: House, name: str) -> None:
    made = maker(real, name)
    texts = {attack.__name__: attack(made) for attack in hostile.SORTS}
    assert len({work.truth.why for work in texts.values()}) == len(hostile.SORTS)
    assert "for (;;)" in text(made, texts["hangs"])
    assert "module_init(before_all);" in text(made, texts["dies_at_load"])
    assert "ok 1 " in text(made, texts["forges_results"])


@pytest.mark.parametrize("name", bench.EXERCISES)
def test_what_is_known_of_tests_is_known_of_tests_that_exist(
    real: House, name: str
) -> None:
    names = {test.name for test in battery.load(real, catalog.load(real, name))}
    assert set(partial.OTHERWISE.get(name, ())) <= names
    assert set(partial.CHANCE.get(name, ())) <= names
    assert hostile.RARE[name][1] in names


def test_a_class_is_the_same_for_a_seed_and_another_for_another(real: House) -> None:
    def texts(seed: int, salt: str) -> list[str]:
        made = maker(real, "13-prng", seed, salt)
        return [text(made, made.make(sort)) for sort in ("rewritten", "mutant", "part")]

    assert texts(1, "") == texts(1, "")
    assert texts(1, "") != texts(2, "")
    assert not set(texts(1, "a")) & set(texts(1, "b"))


def test_a_class_of_a_hundred_has_every_sort_and_mostly_honest_ones() -> None:
    found = sorts(102, 7)
    assert len(found) == 102 and set(found) == set(SORTS)
    assert found == sorts(102, 7) != sorts(102, 8)
    assert found.count("mutant") >= 40 and found.count("rewritten") >= 24


def test_what_is_known_gives_points(real: House) -> None:
    made = maker(real, "13-prng")
    tests = made.tests
    right = made.right().truth
    assert (right.points(tests), right.worth(tests, FULL)) == (100, FULL)
    part = Truth("partial", "", "", *made.up_to(3))
    points = part.points(tests)
    assert points is not None and 0 < points < 100 and part.worth(tests, FULL) == SOME
    lucky = Truth("partial", "", "", *made.up_to(6))
    assert lucky.points(tests) is None and lucky.worth(tests, FULL) == SOME
    wrong = made.mutant().truth
    assert wrong.points(tests) is None and wrong.worth(tests, FULL) == SOME
    assert wrong.worth(tests, NOTHING) == NOTHING
    none = Truth("skeleton", fails=made.all)
    assert (none.points(tests), none.worth(tests, FULL)) == (0, NOTHING)


def test_new_names_leave_strings_headers_and_the_kernel_s_names() -> None:
    found = renamed(SOURCE, "my")
    assert '"count"' in found and "<linux/count.h>" in found and "'c'" in found
    for name in ("count +=", "first(", "second(", "LIMIT", "start("):
        assert name not in found
    assert found.count("my_") == sum(
        SOURCE.count(name) for name in ("first", "second", "LIMIT", "start")
    ) + len(["count", "count"])


def test_what_a_test_asks_for_by_its_name_keeps_it(real: House) -> None:
    assert "first(" in renamed(SOURCE, "my", frozenset(["first"]))
    made = maker(real, "16-openpath")
    for _ in range(8):
        assert re.search(
            r"^static int openpath_open\(", text(made, made.rewritten()), re.M
        )


def test_another_order_declares_what_it_moves() -> None:
    parts = paragraphs(SOURCE)
    assert len(parts) == 6
    orders = {reordered(SOURCE, random.Random(seed)) for seed in range(8)}
    assert len(orders) == 2
    for order in orders:
        assert "static int first(int step);\nstatic int second(void);\n" in order
        assert order.index("second(void);") < order.index("return 'c'")
        assert sorted(paragraphs(order)[:3]) == sorted(parts[:3])


def test_other_comments_leave_the_code() -> None:
    found = recommented(SOURCE, "mine")
    assert "Uses the other" not in found and found.count("/*") == 1
    assert found.startswith("// SPDX-License-Identifier: GPL-2.0\n/* mine */\n")
    assert '"count"' in found


def test_the_mails_are_what_git_makes_of_the_patches(
    real: House, tmp_path: Path
) -> None:
    made = maker(real, "13-prng")
    repository = Repository(tmp_path / "students")
    repository.begin(made.exercise.folder, "exercises/13-prng")
    person = Person("s001", "Ada Ödegård", "ada@example.org")
    for attack in hostile.SORTS:
        work = attack(made)
        mails = repository.send(person, work)
        assert len(mails) == len(work.patches) + 1
        signed = [b"Signed-off-by: Ada" in mail for mail in mails[1:]]
        assert signed == [patch.signed for patch in work.patches]
    assert len(repository.send(person, made.absent())) == 2  # of three
    whole = mbox(mails)
    assert whole.startswith(b"From ") and whole.count(b"\nMessage-Id: ") == len(mails)
