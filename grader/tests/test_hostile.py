"""Modules that attack the grader, graded for real: each verdict, and what is left
behind. Modules that only make a mistake are in sins/.

A module is hostile/device.h and hostile/NAME.c, joined into one file.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from grader import catalog, grade, results, setup
from grader.catalog import Exercise
from grader.grade import Options
from grader.house import House
from grader.results import ExerciseResult
from grader.stage import HandIn

HERE = Path(__file__).parent
FINE, LOADS, READS, UNLOADS = (
    "a VM without the module is fine",
    "it loads",
    "its device reads fine",
    "it unloads",
)
pytestmark = pytest.mark.vm


@pytest.fixture(scope="module")
def exercise(real: House) -> Exercise:
    """The exercise of these tests, which is never listed among the real ones."""
    setup.build_engine(real)
    folder = HERE / "exercises" / "99-hostile"
    text = (folder / "exercise.toml").read_text()
    return catalog.parse(text, "99-hostile/exercise.toml", folder)


def graded(
    real: House, exercise: Exercise, name: str, test: str | None
) -> ExerciseResult:
    """The result of hostile/`name`.c, in all tests or in one."""
    include = '#include "device.h"\n'
    device = (HERE / "hostile" / "device.h").read_text()
    text = (HERE / "hostile" / f"{name}.c").read_text().replace(include, device)
    hand_in = HandIn({"hostile.c": text.encode()})
    options = Options(seed=1, jobs=2, test=test)
    return grade.grade(real, exercise, options, hand_in=hand_in)


def left_running(grader: int) -> list[str]:
    """The command lines of processes that the grader with this PID has started."""
    mark = f"/build/grade/{grader}-".encode()
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and mark in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_text())
        except OSError:
            pass
    return found


@pytest.mark.parametrize(
    "name, expected",
    [
        ("honest", {FINE: "pass", LOADS: "pass", READS: "pass", UNLOADS: "pass"}),
        ("forge", {FINE: "pass", LOADS: "pass", READS: "fail", UNLOADS: "pass"}),
        # These strike when they are loaded, which all other tests begin with.
        ("spin", {LOADS: "hang"}),
        ("flood", {LOADS: "fail hang"}),
        ("eat-memory", {LOADS: "oops hang"}),
        ("kill-agent", {LOADS: "fail oops hang"}),
        ("triple-fault", {LOADS: "oops"}),
    ],
)
def test_a_module_gets_what_it_deserves(
    real: House, exercise: Exercise, name: str, expected: dict[str, str]
) -> None:
    only = list(expected)[0] if len(expected) == 1 else None
    result = graded(real, exercise, name, only)
    found = {test.name: test for test in result.tests}
    assert set(found) == set(expected)
    for test, verdicts in expected.items():
        assert found[test].verdict in verdicts.split(), found[test]
    assert results.status([result]) == (0 if name == "honest" else 1)
    assert left_running(os.getpid()) == []


@pytest.mark.parametrize(
    "number, status",
    [(signal.SIGKILL, -9), (signal.SIGINT, 130), (signal.SIGTERM, 143)],
)
def test_a_grader_that_is_killed_leaves_nothing(
    real: House, exercise: Exercise, number: signal.Signals, status: int
) -> None:
    command = ["/usr/bin/python3", "-B", "-m", "grader", "grade", "13-prng"]
    grader = subprocess.Popen(
        [*command, "--source", "solution"],
        cwd=real.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not any("qemu" in line for line in left_running(grader.pid)):
        assert grader.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    grader.send_signal(number)
    _, said = grader.communicate(timeout=20)
    assert grader.returncode == status
    assert "Traceback" not in said
    while left_running(grader.pid):
        assert time.monotonic() < deadline, left_running(grader.pid)
        time.sleep(0.05)
