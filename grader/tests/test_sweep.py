"""vm_sweep, judged for real: what a module with a defect is told about it."""

import re
from pathlib import Path

import pytest

from grader import catalog, grade, setup
from grader.catalog import Exercise
from grader.grade import Options
from grader.house import House
from grader.stage import HandIn

HERE = Path(__file__).parent
INIT, OPEN = "init fails cleanly", "open fails cleanly"
TABLE = HERE.parents[1] / "exercises" / "lib" / "fallible.txt"
IN_FIVE = "of 5 calls that can fail, "
MISUSE = {
    "an operation that is unknown": "unknown operation 'rmmod'; known: insmod io",
    "a module that is not there": "there is no module 'nothing'",
    "an option that is unknown": "unknown option --quick",
    "an option without a value": "--module needs a value",
    "no system call": "io needs an operation",
    "a system call that is none": "vm_sweep: io: 'jump 3' is not an operation",
    "an operation that fails by itself": "insmod several gives EEXIST although no call "
    "was made to fail",
    "a preparation that fails": "nothing.ko",
    "an operation that calls nothing that can fail": "open /dev/null r: several makes "
    "no call that can fail",
}
IN_THREE = "of 3 calls that can fail, "


@pytest.fixture(scope="module")
def exercise(real: House) -> Exercise:
    """The exercise of these tests, which is never listed among the real ones."""
    setup.build_engine(real)
    folder = HERE / "exercises" / "99-sweep"
    text = (folder / "exercise.toml").read_text()
    return catalog.parse(text, "99-sweep/exercise.toml", folder)


def graded(
    real: House, exercise: Exercise, defect: str, test: str | None = None
) -> dict[str, tuple[str, str]]:
    """Verdict and message of each test by its name, for several.c with `defect`."""
    text = (HERE / "modules" / "several.c").read_text()
    hand_in = HandIn({"several.c": f"#define DEFECT {defect}\n{text}".encode()})
    options = Options(seed=1, jobs=2, test=test)
    result = grade.grade(real, exercise, options, hand_in=hand_in)
    return {test.name: (test.verdict, test.message) for test in result.tests}


@pytest.mark.vm
def test_only_misuse_fails_a_module_that_undoes_everything(
    real: House, exercise: Exercise
) -> None:
    found = graded(real, exercise, "NONE")
    assert found[INIT] == found[OPEN] == ("pass", "")
    for test, words in MISUSE.items():
        verdict, message = found[test]
        assert verdict == "fail" and words in message, message


@pytest.mark.vm
@pytest.mark.parametrize(
    "defect, test, verdict, words",
    [
        (
            "THIRD_LEAKS",
            INIT,
            "leak",
            rf"the 3rd {IN_FIVE}class_create in several_init \(several\.c:\d+\), "
            r"returned ERR_PTR\(-E[A-Z]+\): insmod several leaks\n"
            r"(.*\n)*.*character device region \d+ several",
        ),
        (
            "LAST_LIES",
            INIT,
            "fail",
            rf"the 5th {IN_FIVE}misc_register in several_add_misc "
            r"\(several\.c:\d+\), returned (-E[A-Z]+): insmod several gave -ENOMEM\n"
            r"expected: \1\n?",
        ),
        (
            "THIRD_UNCHECKED",
            INIT,
            "oops",
            rf"the 3rd {IN_FIVE}class_create in several_init .*, returned "
            r"ERR_PTR\(-E[A-Z]+\): the kernel did not survive insmod several\n",
        ),
        (
            "LAST_UNCHECKED",
            INIT,
            "oops",  # when it is unloaded
            rf"the 5th {IN_FIVE}.*: insmod several took no notice\n",
        ),
        (
            "OPEN_LEAKS",
            OPEN,
            "leak",
            rf"the 3rd {IN_THREE}kstrdup in several_open \(several\.c:\d+\), returned "
            r"NULL: open /dev/several r, close leaks\n"
            r"(.*\n)*several\.c:\d+: left behind: slab: 1 object, 10000 bytes",
        ),
    ],
)
def test_a_defect_is_told_with_the_call_that_failed(
    real: House, exercise: Exercise, defect: str, test: str, verdict: str, words: str
) -> None:
    found, message = graded(real, exercise, defect, test)[test]
    assert found == verdict, message
    assert re.search(words, message), message


def test_the_table_says_of_each_function_how_it_fails() -> None:
    lines = [
        line.split()
        for line in TABLE.read_text().split("\n")
        if line and not line.startswith("#")
    ]
    assert {len(line) for line in lines} == {4}
    assert len({line[0] for line in lines}) == len(lines) > 100
    assert {line[2] for line in lines} == {"NULL", "ERR_PTR", "ERRNO", "XA_ERROR"}
    library = (TABLE.parent / "sweep.bash").read_text()
    known = set(re.findall(r"\[(E[A-Z]+)\]=\d+", library))
    assert {error for line in lines for error in line[3].split(",")} <= known
