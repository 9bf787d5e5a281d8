"""`make golden`: what the kernels say of each sin, kept for the parser's tests.

Writes grader/tests/golden/KERNEL/SIN.log: a line of JSON with what the host saw,
then the console from where the module came, decoded, then a hang's backtrace.
Beside it SIN.txt, what a student is told.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

from grader import kinds, report, results, sins
from grader.battery import Test
from grader.house import House
from grader.judge import Attempt, judge
from grader.record import Record, Tripwire
from grader.sins import Outcome, Sin

BACKTRACE = "--- backtrace ---\n"
# The first words of the kernel about a module; what is before is the boot.
COMES = re.compile(
    r"^.*(loading out-of-tree module|module verification failed).*\n", re.M
)
FROM_TEST = "failed: "  # what a test says, not the kernel
WIDTH = 88


def folder(house: House) -> Path:
    return house.root / "grader" / "tests" / "golden"


def to_log(record: Record, passed: bool) -> str:
    """What came of a sin, where `passed` says what bats said, as a golden log."""
    head = {
        "passed": passed,
        "end": record.end,
        "detail": record.detail,
        "taint": record.taint,
        "tripwires": [[w.function, w.caller, *w.arguments] for w in record.tripwires],
        "audit": None if record.audit_clean is None else list(record.findings),
    }
    text = json.dumps(head) + "\n" + record.console.rstrip() + "\n"
    if record.backtrace:
        text += BACKTRACE + record.backtrace.rstrip() + "\n"
    return text


def from_log(text: str) -> tuple[Record, bool]:
    """The Record in a golden log, and whether bats said ok."""
    head, _, rest = text.partition("\n")
    table = json.loads(head)
    console, _, backtrace = rest.partition(BACKTRACE)
    left = table["audit"]
    record = Record(
        name="golden",
        end=table["end"],
        detail=table["detail"],
        taint=table["taint"],
        tripwires=tuple(
            Tripwire(name, tuple(numbers), caller)
            for name, caller, *numbers in table["tripwires"]
        ),
        audit_clean=None if left is None else not left,
        findings=tuple(left or ()),
        backtrace=backtrace,
        console=console,
    )
    return record, table["passed"]


def outcome(sin: Sin, kernel: str, record: Record, passed: bool) -> Outcome:
    """The Outcome of a sin that left `record`, as if it had been run."""
    stream = f"1..1\n{'ok' if passed else 'not ok'} 1 {sin.name}\n"
    tried = Attempt(stream, 0 if passed else 1, False, (record,), 1.0)
    return Outcome(sin, kernel, tried, judge(Test(sin.name, Path(), 1, 0), tried))


def since_the_module(console: str) -> str:
    """A console without what the kernel said before the module came."""
    last = 0
    for match in COMES.finditer(console):
        last = match.end()
    return console[last:]


def as_told(outcome: Outcome) -> str:
    """What a student reads of a verdict, without what differs from test to test."""
    verdict = outcome.verdict
    lines = [f"{verdict.name}: {outcome.sin.name} on the {outcome.kernel} kernel"]
    said = [line for line in verdict.message.split("\n") if FROM_TEST not in line]
    lines += [f"    {line}" for line in report.told("\n".join(said), WIDTH)]
    if verdict.lines:
        lines += ["    kernel log:", *(f"      {line}" for line in verdict.lines)]
    section = kinds.section(verdict.kind)
    if section:
        lines.append(f'    read:  lecture {section.lecture}, "{section.title}"')
    return "\n".join(line.rstrip() for line in lines) + "\n"


def refresh(house: House, kernels: list[str], names: list[str]) -> int:
    """Makes the golden logs of some sins, or all, on `kernels`; the exit status."""
    console = report.make_console()
    wrong = 0
    for kernel in kernels:
        chosen = sins.that_are_seen(house, kernel)
        chosen = [sin for sin in chosen if not names or sin.name in names]
        title = f"golden logs of the {kernel} kernel"
        with report.bar(console, title, len(chosen)) as step:
            for outcome in sins.commit_all(house, kernel, chosen):
                step()
                if outcome.wrong:
                    wrong += 1
                    said = f"{kernel}/{outcome.sin.name}: {outcome.wrong}"
                    console.print(said, markup=False)
                else:
                    _write(house, outcome)
        if not names:
            _forget(folder(house) / kernel, {sin.name for sin in chosen})
        where = house.relative(folder(house) / kernel)
        console.print(f"{len(chosen)} logs in {where}; next: git diff", markup=False)
    return 1 if wrong else 0


def tell_again(house: House) -> int:
    """Writes what students are told of the logs that are there, without any VM:
    enough where only words have changed. Returns the exit status."""
    known = {sin.name: sin for sin in sins.load(house)}
    wrong = 0
    for path in sorted(folder(house).glob("*/*.log")):
        if path.with_suffix(".txt").exists():
            record, passed = from_log(path.read_text(encoding="utf-8"))
            told = outcome(known[path.stem], path.parent.name, record, passed)
            results.write(path.with_suffix(".txt"), as_told(told))
            wrong += bool(told.wrong)
    return 1 if wrong else 0


def _write(house: House, outcome: Outcome) -> None:
    """Writes the log and the report of what came out as expected."""
    stem = folder(house) / outcome.kernel / outcome.sin.name
    record = outcome.attempt.records[0]
    record = replace(record, console=since_the_module(record.console))
    passed = outcome.attempt.status == 0
    results.write(stem.with_suffix(".log"), to_log(record, passed))
    results.write(stem.with_suffix(".txt"), as_told(outcome))


def _forget(parent: Path, known: set[str]) -> None:
    """Removes what is left of sins that are no more."""
    for path in [*parent.glob("*.log"), *parent.glob("*.txt")]:
        if path.stem not in known:
            path.unlink()
