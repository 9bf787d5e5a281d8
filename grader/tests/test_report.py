"""The report for people: what stands where, at any width."""

import io

from rich.console import Console

from grader import report
from grader.catalog import Exercise
from grader.grade import Options
from grader.house import House
from grader.results import ExerciseResult, TestResult

WHY = "The pointer was never set, or a function returned NULL and nobody looked at it."
FAILED = TestResult(
    name="it loads",
    kernel="stock",
    verdict="oops",
    points=0,
    max=60,
    seconds=0.3,
    seed=7,
    message=f"prng.c:73: prng_open() followed [a] NULL\nwhy: {WHY}\nrule: check",
    evidence=("RIP: 0010:prng_open+0x3b/0x50 [prng] (prng.c:73)",),
    kind="null-pointer",
)


def shown(course: House, exercise: Exercise, test: TestResult, width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, soft_wrap=True)
    result = ExerciseResult(exercise.name, 1.0, (test,))
    report.show(console, course, exercise, result, Options(seed=7))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_failure_is_told_from_the_outside_to_the_inside(
    course: House, exercise: Exercise
) -> None:
    text = shown(course, exercise, FAILED)
    parts = [
        "oops it loads (0 of 60 points)",
        "    prng.c:73: prng_open() followed [a] NULL\n",
        "    why:        The pointer was never set",
        "    rule:       check\n",
        "    kernel log:\n      RIP: 0010:prng_open+0x3b/0x50 [prng] (prng.c:73)\n",
        '    read:  lecture 13, "When a pointer is wrong: reading an oops"\n',
        "           exercises/13-prng/README.md, step 1",
        '    again: make grade 13-prng SEED=7 TEST="it loads"\n',
        "next: TODO 1. Look up.",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_lecture_that_is_written_is_named_by_its_file(
    course: House, exercise: Exercise
) -> None:
    (course.root / "lectures").mkdir()
    (course.root / "lectures" / "13-character-devices.md").write_text("# 13\n")
    text = shown(course, exercise, FAILED)
    assert 'read:  lectures/13-character-devices.md, "When a pointer' in text


def test_what_is_long_is_folded_below_itself() -> None:
    for width in (40, 60, 80, 200):
        lines = list(report.told(f"headline\nwhy: {WHY}\n  actual : x", width))
        assert lines[0] == "headline" and lines[-1] == "  actual : x"
        assert lines[1].startswith("why:        The pointer")
        assert all(line.startswith(" " * 12) for line in lines[2:-1])
        assert " ".join(line[12:] for line in lines[1:-1]) == WHY
        assert max(map(len, lines)) <= 84
