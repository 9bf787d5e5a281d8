"""The truth table of verdicts: what is told, and what is never a pass."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.battery import Test
from grader.judge import Attempt, judge
from grader.record import Record

TEST = Test("it reads", Path("a.bats"), 3, 8)
OK = "1..1\nok 1 it reads\n"
NOT_OK = (
    "1..1\nnot ok 1 it reads\n# (in test file a.bats, line 4)\n#   `false' failed\n"
)
LATE = "1..1\nnot ok 1 it reads # timeout after 9s\n"
TEARDOWN = "1..1\nnot ok 1 it reads\n# (from function `teardown' in test file a.bats)\n"
SWEPT = "the 2nd of 3 calls that can fail, kmalloc in x, returned NULL: open leaks"
SWEEP = f"""1..1
not ok 1 it reads
# (from function `fail' in file error.bash, line 4,
#  from function `sweep_audit' in file sweep.bash, line 7,
#  in test file a.bats, line 4)
#   `vm_sweep io' failed
# {SWEPT}
# slab: 1 object
"""
CLEAN = Record("x", "stopped", taint=12288, audit_clean=True)
LEAKY = replace(CLEAN, audit_clean=False, findings=("slab kmalloc-32 1",))
OOPS = replace(CLEAN, end="panic", audit_clean=None, taint=None)
WARNED = replace(CLEAN, console="WARNING: CPU: 0 PID: 1 at x.c:1\n")
HUNG = replace(CLEAN, end="hang", audit_clean=None, taint=None)


def verdict(
    stream: str,
    status: int,
    *records: Record,
    test: Test = TEST,
    timed_out: bool = False,
) -> str:
    return judge(test, Attempt(stream, status, timed_out, records, 1.0)).name


@pytest.mark.parametrize(
    "stream, status, record, expected",
    [
        (OK, 0, CLEAN, "pass"),
        (NOT_OK, 1, CLEAN, "fail"),
        (OK, 0, LEAKY, "leak"),
        (NOT_OK, 1, LEAKY, "fail"),
        (TEARDOWN, 1, LEAKY, "leak"),
        (TEARDOWN, 1, CLEAN, "fail"),
        (OK, 0, OOPS, "oops"),
        (NOT_OK, 1, OOPS, "oops"),
        (OK, 0, WARNED, "sanitizer"),
        (NOT_OK, 1, WARNED, "sanitizer"),
        (OK, 0, HUNG, "hang"),
        (NOT_OK, 1, HUNG, "hang"),
        (LATE, 1, replace(CLEAN, cpu_seconds=0.9), "hang"),
        (LATE, 1, HUNG, "hang"),
        (OK, 0, replace(CLEAN, taint=12288 | 1 << 9), "sanitizer"),
        (OK, 0, replace(CLEAN, console_dropped=1), "fail"),
        (NOT_OK, 1, replace(HUNG, console="Oops: 0\n"), "hang"),
        (NOT_OK, 1, replace(OOPS, console="BUG: KASAN: x\n"), "oops"),
    ],
)
def test_what_is_told(stream: str, status: int, record: Record, expected: str) -> None:
    assert verdict(stream, status, record) == expected


@pytest.mark.parametrize(
    "stream, status, record",
    [
        ("", 0, CLEAN),
        ("1..0\n", 0, CLEAN),
        (OK, 1, CLEAN),
        (NOT_OK, 0, CLEAN),
        (OK, -9, CLEAN),
        (NOT_OK, 124, CLEAN),
        ("1..1\nok 1 it read\n", 0, CLEAN),
        ("1..1\nok 1 it reads # skip\n", 0, CLEAN),
        ("1..1\nok 1 it reads\nok 1 it reads\n", 0, CLEAN),
        (OK, 0, replace(CLEAN, end="error")),
        (NOT_OK, 1, replace(CLEAN, end="error")),
        (NOT_OK, 1, replace(CLEAN, end="exit")),
        (OK, 0, replace(CLEAN, end="owner")),
        (OK, 0, replace(CLEAN, audit_clean=None)),
        (OK, 0, replace(CLEAN, taint=None)),
        (LATE, 1, replace(CLEAN, cpu_seconds=0.1)),
    ],
)
def test_what_cannot_be_told_is_infra(stream: str, status: int, record: Record) -> None:
    assert verdict(stream, status, record) == "infra"


@pytest.mark.parametrize(
    "record, expected", [(LEAKY, "leak"), (OOPS, "oops"), (HUNG, "hang")]
)
def test_a_finding_in_a_sweep_begins_with_the_call_that_failed(
    record: Record, expected: str
) -> None:
    found = judge(TEST, Attempt(SWEEP, 1, False, (CLEAN, record), 1.0))
    assert (found.name, found.message.split("\n")[0]) == (expected, SWEPT)
    assert found.message.count(SWEPT) == 1


def test_without_a_vm_there_is_no_verdict() -> None:
    assert verdict(OK, 0) == "infra"
    assert verdict(NOT_OK, 1) == "infra"
    assert verdict(OK, 0, CLEAN, timed_out=True) == "infra"


def test_unreadable_evidence_is_infra() -> None:
    attempt = Attempt(OK, 0, False, (CLEAN,), 1.0, damaged="x.json: unreadable")
    assert judge(TEST, attempt).name == "infra"


def test_a_test_may_go_without_an_audit() -> None:
    test = replace(TEST, audited=False)
    assert verdict(OK, 0, replace(CLEAN, audit_clean=None), test=test) == "pass"
    assert verdict(OK, 0, replace(CLEAN, taint=None), test=test) == "infra"


def test_of_several_vms_the_worst_counts() -> None:
    assert verdict(OK, 0, CLEAN, LEAKY) == "leak"
    assert verdict(OK, 0, LEAKY, OOPS) == "oops"


def test_a_message_says_what_where_and_the_rule() -> None:
    told = judge(TEST, Attempt(NOT_OK, 1, False, (OOPS,), 1.0))
    assert told.message.split("\n") == [
        "the kernel panicked",
        "failed: false",
        "why: The machine ended by itself before the kernel could say where.",
        "rule: a module never makes the kernel fault: pointers are checked before use",
    ]
    told = judge(TEST, Attempt(NOT_OK, 1, False, (LEAKY,), 1.0))
    assert told.message == "failed: false\nleft behind: slab kmalloc-32 1"
