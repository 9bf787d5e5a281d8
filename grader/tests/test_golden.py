"""What real kernels said of each sin, and what a student is told: no VM needed.

`make golden` makes the logs anew.
"""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from grader import evidence, golden, kinds, sins
from grader.house import here
from grader.record import Record
from grader.sins import Outcome, Sin

HERE = Path(__file__).parent / "golden"
LOGS = sorted(HERE.glob("*/*.log"))
OF_SINS = [path for path in LOGS if path.parent.name != "by-hand"]
CUTS = 20  # places at which each console is cut, at lines' ends and inside them
SINS = {sin.name: sin for sin in sins.load(here())}


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def read(path: Path) -> tuple[Sin, str, Record, bool]:
    record, passed = golden.from_log(path.read_text())
    return SINS[path.stem], path.parent.name, record, passed


def outcome(path: Path, **changes: str) -> Outcome:
    sin, kernel, record, passed = read(path)
    return golden.outcome(sin, kernel, replace(record, **changes), passed)


@pytest.mark.parametrize("path", OF_SINS, ids=name)
def test_a_log_is_told_as_it_deserves(path: Path) -> None:
    found = outcome(path)
    assert found.wrong == ""
    assert golden.as_told(found) == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("kernel", sorted({path.parent.name for path in OF_SINS}))
def test_every_sin_that_a_kernel_sees_has_its_log(kernel: str) -> None:
    wanted = {sin.name for sin in sins.that_are_seen(here(), kernel)}
    assert {path.stem for path in OF_SINS if path.parent.name == kernel} == wanted


@pytest.mark.parametrize("path", OF_SINS, ids=name)
def test_a_console_that_ends_early_loses_no_verdict(path: Path) -> None:
    """What the host saw by itself convicts whatever is left of the console, and
    what was read once is not taken back by what follows."""
    full = outcome(path).verdict.name
    console = read(path)[2].console
    chance = random.Random(path.stem)
    ends = [n for n, letter in enumerate(console) if letter == "\n"]
    first = ""
    for end in sorted({0, *chance.sample(ends, min(CUTS, len(ends)))}):
        assert outcome(path, console=console[:end]).verdict.name == full
        found = evidence.scan(console[:end])
        if first:
            assert found[0].verdict == first
        first = found[0].verdict if found else ""
    for _ in range(min(CUTS, len(console))):
        text = console[: chance.randrange(len(console))]
        assert outcome(path, console=text).verdict.name not in ("pass", "infra")


@pytest.mark.parametrize("path", OF_SINS, ids=name)
def test_a_backtrace_that_ends_early_is_still_a_hang(path: Path) -> None:
    _, _, record, _ = read(path)
    for end in range(0, len(record.backtrace), 7):
        found = outcome(path, backtrace=record.backtrace[:end])
        assert found.verdict.name == "hang"


@pytest.mark.parametrize("path", OF_SINS, ids=name)
def test_what_merely_lay_on_the_stack_tells_nothing(path: Path) -> None:
    """The rest of an interrupt that came before, for example."""
    top = " <TASK>\n"
    guess = top + "[    4.0]  ? run_timer_softirq+0x19/0x30\n"
    guess += "[    4.0]  ? process_one_work+0x1/0x3\n"
    console = read(path)[2].console.replace(top, guess)
    told, full = outcome(path, console=console).verdict, outcome(path).verdict
    assert (told.name, told.kind) == (full.name, full.kind)
    assert told.message == full.message


@pytest.mark.parametrize("path", LOGS, ids=name)
def test_noise_between_the_lines_does_no_harm(path: Path) -> None:
    """A console is the guest's own: lines may be lost, doubled and mixed."""
    lines = path.read_text().split("\n")[1:]
    chance = random.Random(path.stem)
    for _ in range(20):
        mixed = chance.choices(lines, k=len(lines))
        evidence.scan("\n".join(mixed))
        evidence.scan("\n".join(line[chance.randrange(9) :] for line in mixed))


def test_every_kind_teaches() -> None:
    for kind in kinds.every():
        assert kind.why.endswith((".", "?")) and len(kind.why) < 320, kind.name
        assert kind.rule and kind.says and kind.verdict in evidence.REPORTS | {"leak"}
        section = kinds.section(kind.name)
        assert section and 13 <= section.lecture <= 20 and section.title


def test_the_kinds_that_sins_expect_are_there() -> None:
    known = {kind.name for kind in kinds.every()}
    for sin in SINS.values():
        for expected in sin.expected.values():
            assert set(expected.kinds) <= known, sin.name
