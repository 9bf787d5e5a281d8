"""What is run, in which order, how often, and what it earns; without VMs."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader import battery, build, grade, helpers, run
from grader.build import Kernel, Modules
from grader.catalog import Exercise
from grader.record import Record
from grader.grade import Options
from grader.house import House
from grader.judge import Attempt
from grader.results import TestResult
from grader.stage import HandIn
from grader.trouble import CannotGrade, Trouble

LOADS, READS = "it loads", "it reads (a + b) [x]?"
CLEAN = Record("x", "stopped", taint=0, audit_clean=True)
HAND_IN = HandIn({"prng.c": b"int x;\n"})


class Machine:
    """Stands in for builds and VMs: gives the planned attempts, test by test."""

    def __init__(self) -> None:
        self.plan: dict[str, list[str]] = {}
        self.ran: list[str] = []

    def attempt(
        self, _bed: run.Bed, test: battery.Test, _seed: int, folder: Path
    ) -> Attempt:
        folder.mkdir(parents=True)
        self.ran.append(test.name)
        outcome = self.plan.get(test.name, ["ok"]).pop(0)
        if outcome == "infra":
            return Attempt("", 1, False, (), 0.1)
        status = 0 if outcome == "ok" else 1
        return Attempt(f"1..1\n{outcome} 1 {test.name}\n", status, False, (CLEAN,), 0.1)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    found = Machine()
    kernel = Kernel("stock", "6.1", tmp_path)
    monkeypatch.setattr(run, "attempt", found.attempt)
    monkeypatch.setattr(run, "make_template", lambda *_: None)
    monkeypatch.setattr(
        build, "find_kernel", lambda _, name: replace(kernel, name=name)
    )
    monkeypatch.setattr(build, "build", lambda *_: Modules(tmp_path, tmp_path))
    monkeypatch.setattr(helpers, "build", lambda *_: tmp_path)
    return found


def graded(
    course: House, exercise: Exercise, **options: str
) -> dict[tuple[str, str], TestResult]:
    how = replace(Options(seed=7, jobs=2), **options)
    result = grade.grade(course, exercise, how, hand_in=HAND_IN)
    return {(test.name, test.kernel): test for test in result.tests}


def test_all_pass(course: House, exercise: Exercise, machine: Machine) -> None:
    found = graded(course, exercise)
    assert [test.points for test in found.values()] == [60, 40]
    assert not list((course.build / "grade").iterdir())


def test_a_test_whose_needed_test_failed_is_blocked(
    course: House, exercise: Exercise, machine: Machine
) -> None:
    machine.plan[LOADS] = ["not ok"]
    found = graded(course, exercise)
    blocked = found[READS, "stock"]
    assert (blocked.verdict, blocked.points) == ("blocked", 0)
    assert blocked.message == "needs a test that failed: it loads"
    assert machine.ran == [LOADS]


def test_a_fault_of_the_grader_is_tried_once_more(
    course: House, exercise: Exercise, machine: Machine
) -> None:
    machine.plan[LOADS] = ["infra", "ok"]
    machine.plan[READS] = ["infra", "infra", "ok"]
    found = graded(course, exercise)
    assert found[LOADS, "stock"].verdict == "pass"
    assert found[READS, "stock"].verdict == "infra"
    assert machine.ran == [LOADS, LOADS, READS, READS]


def test_a_failure_is_not_tried_again(
    course: House, exercise: Exercise, machine: Machine
) -> None:
    machine.plan[READS] = ["not ok", "ok"]
    assert graded(course, exercise)[READS, "stock"].verdict == "fail"
    assert machine.ran.count(READS) == 1


def test_one_test_alone_runs_without_what_it_needs(
    course: House, exercise: Exercise, machine: Machine
) -> None:
    found = graded(course, exercise, test=READS)
    assert [test.name for test in found.values()] == [READS]
    with pytest.raises(Trouble, match="no test is called it writes"):
        graded(course, exercise, test="it writes")


def test_on_several_kernels_all_must_pass(
    course: House, exercise: Exercise, machine: Machine
) -> None:
    both = replace(exercise, kernels=("stock", "debug"))
    machine.plan[READS] = ["ok", "not ok"]
    found = graded(course, both, kernel="all")
    assert len(found) == 4
    assert sum(test.max for test in found.values()) == 100
    assert sum(test.points for test in found.values()) == 60
    with pytest.raises(Trouble, match="has no such kernel"):
        graded(course, exercise, kernel="debug")


def test_a_test_runs_where_its_tags_say_or_on_the_first_kernel(
    course: House, exercise: Exercise, machine: Machine
) -> None:
    two = replace(exercise, kernels=("stock", "debug"))
    assert set(graded(course, two)) == {(LOADS, "stock"), (READS, "stock")}
    assert set(graded(course, two, kernel="first")) == set(graded(course, two))
    everywhere = graded(course, two, kernel="all")
    assert set(everywhere) >= {(LOADS, "stock"), (LOADS, "debug")}
    assert {kernel for _, kernel in graded(course, two, kernel="debug")} == {"debug"}


def test_what_does_not_build_runs_nothing(
    course: House,
    exercise: Exercise,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> Modules:
        raise build.BuildFailed(["prng.c:1: error: no"])

    monkeypatch.setattr(build, "build", fail)
    found = graded(course, exercise)
    assert {test.verdict for test in found.values()} == {"build"}
    assert "prng.c:1: error: no" in found[LOADS, "stock"].message
    assert machine.ran == []


def test_a_full_disk_is_no_verdict(
    course: House,
    exercise: Exercise,
    machine: Machine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grade, "ROOM", 1 << 60)
    with pytest.raises(OSError, match="No space left"):
        graded(course, exercise)


def test_an_engine_that_is_not_there(course: House, exercise: Exercise) -> None:
    with pytest.raises(CannotGrade, match="not built"):
        run.make_template(course, exercise, "stock")
