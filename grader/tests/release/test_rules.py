"""Whose each file is."""

import pytest

from grader.house import House
from grader.release import rules, tree
from grader.setup import parse_packages
from grader.trouble import CourseError

TEXT = """\
# About it.

## student
vm/          # the engine
Makefile     # the verbs
## staff
vm/tests/    # needs all kernels
solutions/   # what is not told
## student
vm/tests/run
"""


def test_every_file_of_the_course_is_somebody_s(real: House) -> None:
    assert rules.load().gaps(tree.paths(real)) == []


def test_the_longest_path_decides() -> None:
    ours = rules.parse(TEXT, "paths.txt")
    whose = {
        "vm/host/main.c": "student",
        "vm/tests/clone.bats": "staff",
        "vm/tests/run": "student",
        "Makefile": "student",
        "solutions/13-prng/mutants/a.patch": "staff",
        "Makefile.old": None,
        "notes/vm/a": None,
    }
    assert {path: ours.owner(path) for path in whose} == whose


def test_a_file_that_no_rule_names_is_an_error_and_no_leak() -> None:
    ours = rules.parse(TEXT, "paths.txt")
    with pytest.raises(CourseError, match=r"key\.txt: no rule says whose it is; add"):
        ours.student(["Makefile", "key.txt", "vm/tests/run"])
    assert ours.student(["Makefile", "solutions/x", "vm/tests/run"]) == [
        "Makefile",
        "vm/tests/run",
    ]


def test_a_file_that_is_to_be_shipped_must_be_there() -> None:
    ours = rules.parse(TEXT, "paths.txt")
    assert ours.gaps(["vm/tests/run"]) == [
        "Makefile: is to be shipped, and there is no such file"
    ]


@pytest.mark.parametrize(
    "more, message",
    [
        ("vm/  # again\n", "paths.txt:11: vm/ is there already"),
        ("a b\n", "paths.txt:11: expected `path # why`: a b"),
        ("#a\n", "paths.txt:11: expected"),
    ],
)
def test_a_line_that_is_wrong_is_told(more: str, message: str) -> None:
    with pytest.raises(CourseError, match=message):
        rules.parse(TEXT + more, "paths.txt")


def test_what_is_the_staff_s_today_stays_so() -> None:
    ours = rules.load()
    for path in (
        "solutions/13-prng/prng.c",
        "docs/maintainer.md",
        "docs/instructor.md",
        "grader/classroom/desk.py",
        "grader/similar/pairs.py",
        "grader/handouts/site.py",
        "grader/release/paths.txt",
        "grader/tests/golden/stock/warn.log",
        "grader/tests/sins/hide_kasan.c",
        "grader/handin/collect.py",
        ".ci/run",
    ):
        assert ours.owner(path) == rules.STAFF, path


def test_students_do_not_install_what_only_the_staff_needs(real: House) -> None:
    listed = tree.student(real)["packages.txt"].content.decode()
    names = {package.name: package.part for package in parse_packages(listed)}
    assert names["bats"] == "grade" and names["shellcheck"] == "check"
    assert {"class", "handouts", "staff"} & set(names.values()) == set()
    assert listed.endswith("\n") and "\n\n\n" not in listed
    with pytest.raises(CourseError, match="no rule says whose the part extra is"):
        tree.packages(tree.Entry(b"# About.\n\n## extra: for more\nx # y\n"))
