"""One bats process for one test: what it sees, and what survives it."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from grader import battery, judge, run
from grader.build import Kernel
from grader.catalog import Exercise
from grader.house import House

SCRIPT = """\
# bats test_tags=points:50
@test "it's (one) [a-z]* of $two?" {
	env >"$TMPDIR/env"
	ls -l /proc/self/fd >"$TMPDIR/fds"
	cat >"$TMPDIR/stdin"
	sleep 300 3>&- &
	echo $(grep -c . /proc/1/comm) >"$TMPDIR/one"
}
# bats test_tags=points:50
@test "it cheats" {
	echo "ok 1 it cheats" >&3
	false
}
"""
EVIDENCE = '{"schema": 1, "name": "x", "end": "stopped", "taint": 0}'


@pytest.fixture
def bed(course: House, exercise: Exercise, monkeypatch: pytest.MonkeyPatch) -> run.Bed:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("VM_ACCEL", "tcg")
    path = exercise.folder / "tests" / "a.bats"
    path.write_text(SCRIPT.replace("$two", "two"))
    kernel = Kernel("stock", "6.1", course.root)
    return run.Bed(course, exercise, kernel, course.root / "m", course.root / "h")


def tried(bed: run.Bed, number: int, folder: Path) -> judge.Attempt:
    test = battery.load(bed.house, bed.exercise)[number]
    return run.attempt(bed, test, 7, folder)


def test_a_test_sees_its_environment_and_nothing_else(
    bed: run.Bed, tmp_path: Path
) -> None:
    done = tried(bed, 0, tmp_path / "one")
    assert done.stream == "1..1\nok 1 it's (one) [a-z]* of two?\n"
    assert (done.status, done.records, done.damaged) == (0, (), "")
    lines = (tmp_path / "one" / "tmp" / "env").read_text().split("\n")
    environment = dict(line.split("=", 1) for line in lines if "=" in line)
    expected = {
        "VM": str(bed.house.vm),
        "VM_NAME": "one",
        "VM_EVIDENCE": str(tmp_path / "one" / "evidence"),
        "VM_KERNEL": "stock",
        "VM_TIMEOUT": "20",
        "VM_SMP": "1",
        "VM_ICOUNT": "0",
        "VM_ACCEL": "tcg",
        "MODULES": str(bed.modules),
        "HELPERS": str(bed.helpers),
        "EXERCISE": str(bed.exercise.folder),
        "TMPDIR": str(tmp_path / "one" / "tmp"),
    }
    assert {name: environment[name] for name in expected} == expected
    assert 0 <= int(environment["RANDOM_SEED"]) < run.SEEDS
    assert "SECRET" not in environment
    assert (tmp_path / "one" / "tmp" / "stdin").read_text() == ""


def test_nothing_survives_a_test(bed: run.Bed, tmp_path: Path) -> None:
    tried(bed, 0, tmp_path / "unique-name")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        left = [
            path
            for path in Path("/proc").glob("[0-9]*/environ")
            if b"VM_NAME=unique-name" in _read(path)
        ]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(left)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_a_result_that_is_written_beside_bats_is_no_result(
    bed: run.Bed, tmp_path: Path
) -> None:
    done = tried(bed, 1, tmp_path / "two")
    test = battery.load(bed.house, bed.exercise)[1]
    assert judge.judge(test, done).name == "infra"


def test_evidence_is_read_or_named_as_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(EVIDENCE)
    records, damaged = run.read_records(tmp_path)
    assert (len(records), damaged) == (1, "")
    (tmp_path / "b.json").write_text(EVIDENCE[:-5])
    records, damaged = run.read_records(tmp_path)
    assert records == () and damaged.startswith("b.json: unreadable")


def test_a_template_is_made_for_each_machine_that_the_tests_need(
    bed: run.Bed, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, str]] = []

    def template(_house: House, _kernel: str, environment: dict[str, str]) -> None:
        made.append((environment["VM_SMP"], environment["VM_ICOUNT"]))

    monkeypatch.setattr(run, "_template", template)
    plain = battery.load(bed.house, bed.exercise)[0]
    tests = [plain, replace(plain, cpus=2), replace(plain, clock="virtual"), plain]
    run.make_template(bed.house, bed.exercise, "stock", tests)
    assert made == [("1", "0"), ("2", "0"), ("1", "1")]
    run.make_template(bed.house, bed.exercise, "stock")
    assert made[3:] == [("1", "0")]


def test_a_seed_is_drawn_for_each_test() -> None:
    seeds = {run.test_seed(seed, name) for seed in (1, 2) for name in ("a", "b")}
    assert len(seeds) == 4
    assert run.test_seed(1, "a") == run.test_seed(1, "a")
