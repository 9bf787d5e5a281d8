"""Exercises are found by glob, and every wrong field is named with its line."""

from dataclasses import replace

import pytest

from grader import battery, catalog
from grader.catalog import Exercise
from grader.house import House
from grader.tests.conftest import BATS, TOML
from grader.trouble import CourseError, Trouble


def test_an_exercise_is_what_its_toml_says(course: House, exercise: Exercise) -> None:
    assert catalog.load(course, "13-prng") == exercise
    assert exercise.ladder(1) == ["Look up.", "Look down."]


@pytest.mark.parametrize(
    "old, new, line, words",
    [
        ('title = "A test"', "title = 3", 1, "title: must be one line of text"),
        ('title = "A test"', 'title = ""', 1, "title: must be"),
        ("lecture = 13", 'lecture = "13"', 2, "lecture: must be a whole number"),
        ("lecture = 13", "lecture = true", 2, "lecture: must be a whole number"),
        ("lecture = 13\n", "", 1, "lecture: missing; add a whole number"),
        ('files = ["prng.c"]', "files = []", 3, "files: must be a list"),
        ('files = ["prng.c"]', 'files = ["../x.c"]', 3, "plain file names"),
        ('files = ["prng.c"]', 'files = ["/etc/x"]', 3, "plain file names"),
        ('files = ["prng.c"]', 'files = ["a.c", "a.c"]', 3, "without doubles"),
        ('modules = ["prng"]', 'modules = "prng"', 4, "modules: must be a list"),
        ('modules = ["prng"]', 'modules = ["a-b"]', 4, "module names"),
        ('kernels = ["stock"]', 'kernels = ["mine"]', 5, "stock debug race"),
        ("smp = 1", "smp = 0", 6, "1 to 8"),
        ("timeout = 20", "timeout = 6000", 7, "1 to 600"),
        ("timeout = 20", "timeout = 2.5", 7, "whole number"),
        ('symbols = ["_printk", "kfree"]', 'symbols = ["a b"]', 8, "kernel symbols"),
        ('text = "Look down."', "text = 3", 14, "hint: must be tables"),
        ('text = "Look up."', 'txt = "Look up."', 10, "hint: must be tables"),
        ("smp = 1", "smp = 1\ncolour = 3", 7, "colour: unknown field; known: title"),
        ("smp = 1", 'smp = 1\nclock = "wall"', 7, 'must be "real" or "virtual"'),
        ("smp = 1", 'smp = 1\nskeleton = "odd"', 7, 'must be "builds" or "broken"'),
        ("smp = 1", "smp = 1\nclock = [1]", 7, 'must be "real" or "virtual"'),
        ("smp = 1", 'smp = 2\nclock = "virtual"', 7, "for one CPU; write smp = 1"),
        ("smp = 1", "smp = = 1", 6, "not TOML"),
        ("smp = 1", "smp = 1\nsmp = 2", 7, "not TOML"),
    ],
)
def test_a_wrong_field_is_named_with_line_and_remedy(
    course: House, old: str, new: str, line: int, words: str
) -> None:
    assert old in TOML
    path = course.exercises / "13-prng" / "exercise.toml"
    path.write_text(TOML.replace(old, new, 1))
    with pytest.raises(CourseError) as caught:
        catalog.load(course, "13-prng")
    assert str(caught.value).startswith(f"exercises/13-prng/exercise.toml:{line}: ")
    assert words in str(caught.value)
    assert caught.value.status == 2


def test_a_toml_that_is_not_utf8_is_named(course: House) -> None:
    (course.exercises / "13-prng" / "exercise.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(CourseError, match="not UTF-8 at byte 9"):
        catalog.load(course, "13-prng")


@pytest.mark.parametrize(
    "word, found",
    [
        ("13", ["13-prng", "13-repair"]),
        ("13-prng", ["13-prng"]),
        ("exercises/13-prng/", ["13-prng"]),
        ("e2", ["e2-proc"]),
    ],
)
def test_n_is_a_prefix_that_ends_at_a_dash(
    course: House, word: str, found: list[str]
) -> None:
    for name in ("13-repair", "130-other", "e2-proc"):
        (course.exercises / name).mkdir()
        (course.exercises / name / "exercise.toml").write_text(TOML)
    assert [exercise.name for exercise in catalog.select(course, [word])] == found


@pytest.mark.parametrize("word", ["1", "13-pr", "99", "", "-prng"])
def test_an_unknown_exercise_lists_what_there_is(course: House, word: str) -> None:
    with pytest.raises(Trouble, match="there is: 13-prng") as caught:
        catalog.select(course, [word])
    assert caught.value.status == 2


def test_several_names_give_each_exercise_once(course: House) -> None:
    assert len(catalog.select(course, ["13", "13-prng"])) == 1
    assert len(catalog.select(course, [])) == 1


def test_tests_are_read_with_their_tags(course: House, exercise: Exercise) -> None:
    first, second = battery.load(course, exercise)
    assert (first.name, first.points, first.todo, first.id) == (
        "it loads",
        60,
        1,
        "load",
    )
    assert (second.needs, second.line) == ("load", 9)
    assert second.audited and second.runs_on("stock")


def test_a_needed_test_comes_first(course: House, exercise: Exercise) -> None:
    head, first, second = BATS.split("# bats")
    path = exercise.folder / "tests" / "a.bats"
    path.write_text("# bats".join([head, second + "\n", first]))
    assert [test.points for test in battery.load(course, exercise)] == [60, 40]


@pytest.mark.parametrize(
    "old, new, words",
    [
        (
            "# bats test_tags=points:60,todo:1,id:load\n",
            "",
            "a.bats:3: it loads: put a",
        ),
        ("points:60", "points:x", "a.bats:4: it loads: tag points cannot be x"),
        ("points:60", "points:600", "tag points cannot be 600"),
        ("points:60", "points:60,points:1", "tag points is given twice"),
        ("todo:1", "todo:0", "tag todo cannot be 0"),
        ("todo:1", "colour:red", "unknown tag colour"),
        ("todo:1", "kernel:mine", "tag kernel cannot be mine"),
        ("todo:1", "audit:yes", "tag audit cannot be yes"),
        ("todo:1", "clock:wall", "a.bats:4: it loads: tag clock cannot be wall"),
        ("todo:1", "cpus:9", "tag cpus cannot be 9"),
        ("todo:1", "cpus:2,clock:virtual", "a.bats:4: it loads: virtual time is for"),
        ("needs:load", "needs:nothing", "needs:nothing: no test has that id"),
        ("id:load", "id:load,needs:load", "needs itself"),
        ("it loads", "it reads (a + b) [x]?", "is also in"),
        ("it loads", "it $loads", "a.bats:4: write it as @test"),
        ('"it loads" {', "it_loads {", "a.bats:4: write it as @test"),
    ],
)
def test_a_wrong_tag_is_named_with_its_line(
    course: House, exercise: Exercise, old: str, new: str, words: str
) -> None:
    assert old in BATS
    (exercise.folder / "tests" / "a.bats").write_text(BATS.replace(old, new, 1))
    with pytest.raises(CourseError) as caught:
        battery.load(course, exercise)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "clock, smp, tags, machine",
    [
        ("real", 1, "todo:1", (1, False)),
        ("real", 2, "clock:virtual,cpus:1", (1, True)),
        ("virtual", 1, "todo:1", (1, True)),
        ("virtual", 1, "clock:real,cpus:4", (4, False)),
        ("virtual", 1, "cpus:2", None),
        ("real", 2, "clock:virtual", None),
    ],
)
def test_a_tag_asks_for_another_machine(
    course: House,
    exercise: Exercise,
    clock: str,
    smp: int,
    tags: str,
    machine: tuple[int, bool] | None,
) -> None:
    chosen = replace(exercise, clock=clock, smp=smp)
    path = exercise.folder / "tests" / "a.bats"
    path.write_text(BATS.replace("todo:1", tags))
    if machine is None:
        with pytest.raises(CourseError, match="a.bats:4: it loads: virtual time"):
            battery.load(course, chosen)
        return
    first, second = battery.load(course, chosen)
    assert battery.machine(chosen, first) == machine
    assert battery.machine(chosen, second) == (smp, clock == "virtual")


def test_no_test_is_a_course_error(course: House, exercise: Exercise) -> None:
    (exercise.folder / "tests" / "a.bats").write_text("load ../../lib/vm\n")
    with pytest.raises(CourseError, match="no test"):
        battery.load(course, exercise)
