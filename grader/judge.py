"""Turns what happened to one test into a verdict: pure functions, no processes.

A pass needs everything: exactly this test ran, once, bats agrees with itself, a
VM was there, ended as it was told, and the host saw nothing wrong in it. What
cannot be told is `infra`, the grader's own fault.
"""

import re
from dataclasses import dataclass

from grader import tap
from grader.battery import Test
from grader.evidence import Finding, cause, findings
from grader.record import Record

# From the most to the least important; of several the first is the verdict.
PRIORITY = ("infra", "hang", "oops", "sanitizer", "fail", "leak", "pass")
# How vm_sweep says which call it made to fail; without it a finding says little.
INJECTED = re.compile(r"the (only call|\d+\w\w of \d+ calls) that can fail, ")
NO_VERDICT_ENDS = ("error", "exit", "owner")


@dataclass(frozen=True)
class Attempt:
    """One run of bats for one test: what it printed, its exit status (negative:
    signal), whether the grader ended it, and what the supervisors recorded."""

    stream: str
    status: int
    timed_out: bool
    records: tuple[Record, ...]
    seconds: float
    damaged: str = ""  # why a record could not be read


@dataclass(frozen=True)
class Verdict:
    """One of PRIORITY, `blocked` or `build`; what happened and the rule that was
    broken; the lines of the kernel's log that show it; its kind, of kinds.toml."""

    name: str
    message: str = ""
    lines: tuple[str, ...] = ()
    kind: str = ""


def judge(test: Test, attempt: Attempt) -> Verdict:
    """The verdict on one attempt at `test`."""
    fault = grader_fault(test, attempt)
    if fault:
        return Verdict("infra", fault)
    result = tap.parse(attempt.stream)
    found = [finding for record in attempt.records for finding in findings(record)]
    if not result.passed:
        found.append(_failure(test, result, found))
    if not found:
        doubt = _doubt(test, attempt)
        return Verdict("infra", doubt) if doubt else Verdict("pass")
    worst = min(found, key=lambda finding: PRIORITY.index(finding.verdict))
    told = cause(found, worst)
    message = _message(test, told, worst, result, found)
    return Verdict(worst.verdict, message, told.lines, told.kind)


def grader_fault(test: Test, attempt: Attempt) -> str:
    """Why nothing can be told from `attempt`; empty when something can."""
    if attempt.timed_out:
        return f"the test did not end within {attempt.seconds:.0f} s and was killed"
    if attempt.damaged:
        return attempt.damaged
    said = attempt.stream.strip()[-400:]
    try:
        result = tap.parse(attempt.stream)
    except tap.Malformed as error:
        return f"bats did not run this test once: {error}; it said: {said}"
    fault = _bats_fault(test, attempt, result)
    if fault or attempt.records:
        return fault or _vm_fault(attempt)
    return f"no VM left a record; bats said: {said}"


def _bats_fault(test: Test, attempt: Attempt, result: tap.Result) -> str:
    """Where bats does not agree with what was asked of it, or with itself."""
    if result.name != test.name or result.skipped:
        return f"bats ran something else, or skipped: {result.name}"
    if attempt.status != (0 if result.passed else 1):
        word = "ok" if result.passed else "not ok"
        return f"bats exited with {attempt.status} and said {word}"
    if result.timed_out and not _was_busy(attempt):
        return f"the test was out of time after {attempt.seconds:.0f} s, its VM was not"
    return ""


def _vm_fault(attempt: Attempt) -> str:
    """Which VM ended in a way that says nothing about the module in it."""
    for record in attempt.records:
        if record.end in NO_VERDICT_ENDS:
            return f"the VM ended by itself ({record.end}): {record.detail}"
    return ""


def _was_busy(attempt: Attempt) -> bool:
    """Whether a test out of time was waiting for its VM, not for the host."""
    if any(record.end == "hang" for record in attempt.records):
        return True
    return sum(r.cpu_seconds for r in attempt.records) > attempt.seconds / 2


def _doubt(test: Test, attempt: Attempt) -> str:
    """Why a spotless result is still no pass; empty when it is one."""
    for record in attempt.records:
        if record.taint is None:
            return "the taint mask could not be read from outside"
        if test.audited and record.audit_clean is None:
            return "no audit was made after the test"
    return ""


def _failure(test: Test, result: tap.Result, found: list[Finding]) -> Finding:
    """A `not ok` as a finding: a hang when bats ran out of time, a leak when
    only the clean-up failed, otherwise an assertion that did not hold."""
    said = "\n".join(tap.excerpt(result))
    if result.timed_out:
        return Finding("hang", said or "the test ran out of time", "every call returns")
    if result.in_teardown and any(finding.verdict == "leak" for finding in found):
        return next(finding for finding in found if finding.verdict == "leak")
    return Finding("fail", said or "failed without a word", test.name)


def _message(
    test: Test,
    told: Finding,
    worst: Finding,
    result: tap.Result,
    found: list[Finding],
) -> str:
    """What the report says: the finding that explains the rest and what is known of
    it, how the test fared, why this happens, the rule."""
    lines = [told.message, *told.facts]
    if worst is not told:
        lines += [f"then: {worst.message}"]
    if worst.verdict != "fail":
        lines = [*filter(INJECTED.match, tap.excerpt(result)), *lines]
    if worst.verdict == "fail":
        lines += [f.message for f in found if f.verdict == "leak" and f is not worst]
    elif not result.passed and worst.verdict != "leak":
        lines += [line for line in tap.excerpt(result) if line.startswith("failed: ")][
            :1
        ]
    lines += [f"why: {told.why}"] if told.why else []
    if told.rule != test.name:
        lines.append(f"rule: {told.rule}")
    return "\n".join(lines)
