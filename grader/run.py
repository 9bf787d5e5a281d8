"""Runs one test: one bats process, in a PID namespace of its own, with a deadline.

When bats ends, is killed, or the grader dies by whatever signal, the kernel ends
the whole namespace: supervisors, QEMU and stray helpers with it.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader import bats, battery, process, record
from grader.battery import Test
from grader.build import Kernel
from grader.catalog import Exercise
from grader.house import House
from grader.judge import Attempt
from grader.trouble import CannotGrade

SEEDS = 1 << 31
LARGEST_RECORD = 8 << 20  # bytes of one VM's evidence
STREAM = 256 << 10  # bytes of bats' output that are kept
# Seconds after its kernel's first report until a VM is ended: tests look for races
# for as long as they can, and the first one says enough.
ENOUGH = {"race": 2}
# What the person at the keyboard may choose for the engine.
PASSED_ON = ("VM_ACCEL", "VM_MODE", "VM_QEMU")


@dataclass(frozen=True)
class Bed:
    """All that the tests of one exercise on one kernel share."""

    house: House
    exercise: Exercise
    kernel: Kernel
    modules: Path
    helpers: Path

    def environment(self, test: Test) -> dict[str, str]:
        """The part of a test's environment that does not depend on the attempt."""
        return {
            **engine_environment(self.exercise, self.kernel.name, test),
            "VM_AFTER_REPORT": str(ENOUGH.get(self.kernel.name, 0)),
            "VM": str(self.house.vm),
            "MODULES": str(self.modules),
            "HELPERS": str(self.helpers),
            "EXERCISE": str(self.exercise.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C",  # sorts the same everywhere, and takes bats a tenth less
            "BATS_TEST_TIMEOUT": str(self.patience),
        }

    @property
    def patience(self) -> int:
        """Wall seconds after which bats ends a test; a VM's own deadline is sooner."""
        return 60 + 4 * self.exercise.timeout


def engine_environment(
    exercise: Exercise, kernel: str, test: Test | None = None
) -> dict[str, str]:
    """What the `vm` command is told about the VMs of an exercise, or of a test."""
    cpus, virtual = battery.machine(exercise, test)
    chosen = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    return {
        **chosen,
        "VM_KERNEL": kernel,
        "VM_SMP": str(cpus),
        "VM_ICOUNT": str(int(virtual)),
        "VM_TIMEOUT": str(exercise.timeout),
    }


def test_seed(seed: int, name: str) -> int:
    """RANDOM_SEED of the test `name` in a run with `seed`: 0 to SEEDS - 1."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "little") % SEEDS


def enclosed(command: list[str]) -> list[str]:
    """`command` in a namespace that ends with it and with the grader."""
    namespace = ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc"]
    namespace += ["--die-with-parent", "--"]
    limits = ["prlimit", f"--as={8 << 30}", f"--fsize={1 << 30}", "--core=0"]
    return [*namespace, *limits, *command]


def attempt(bed: Bed, test: Test, seed: int, folder: Path) -> Attempt:
    """Runs `test` once; `folder`, whose name is unique on this machine, is made to
    hold its evidence, its temporary files and what bats said."""
    records = folder / "evidence"
    scratch = folder / "tmp"
    own = folder / "bats"
    for path in (records, scratch, own):
        path.mkdir(parents=True)
    call = bats.call(bed.house, test, own, bed.exercise.folder)
    environment = {
        **bed.environment(test),
        "VM_NAME": folder.name,
        "VM_EVIDENCE": str(records),
        "RANDOM_SEED": str(test_seed(seed, test.name)),
        **({} if test.audited else {"VM_NO_AUDIT": "1"}),
        "TMPDIR": str(scratch),
        "HOME": str(scratch),
        **call.environment,
    }
    try:
        done = process.run(
            enclosed(call.command),
            timeout=bed.patience + 60,
            environment=environment,
            folder=bed.exercise.folder,
            keep=STREAM,
            most=64 << 20,
        )
    except FileNotFoundError as error:
        raise CannotGrade("bwrap is missing", "next: make setup") from error
    output = done.output if not done.dropped else done.output.rpartition("\n")[0]
    stream = call.said(output)
    (folder / "bats.tap").write_text(stream, encoding="utf-8", errors="replace")
    found, damaged = read_records(records)
    return Attempt(
        stream,
        done.status,
        done.timed_out,
        found,
        done.seconds,
        explain_start(output) or damaged,
    )


def explain_start(stream: str) -> str:
    """Why bats did not start at all; empty when it did."""
    if stream.startswith(("bwrap: ", "prlimit: ")):
        return stream.strip()[:400]
    return ""


def read_records(folder: Path) -> tuple[tuple[record.Record, ...], str]:
    """What the supervisors wrote to `folder`, and what is wrong with it."""
    records = []
    for path in sorted(folder.glob("*.json")):
        try:
            if path.stat().st_size > LARGEST_RECORD:
                return (), f"{path.name}: evidence of {path.stat().st_size} bytes"
            text = path.read_text(encoding="utf-8", errors="replace")
            records.append(record.parse(text))
        except (OSError, ValueError) as error:
            return (), f"{path.name}: unreadable evidence: {error}"
    return tuple(records), ""


def make_template(
    house: House, exercise: Exercise, kernel: str, tests: Iterable[Test] = ()
) -> None:
    """Has the engine make the templates that `tests` need now, once, and not in
    every first test; without tests, that of the exercise."""
    wanted = [engine_environment(exercise, kernel, test) for test in tests]
    for environment in {
        tuple(environment.items()): environment
        for environment in wanted or [engine_environment(exercise, kernel)]
    }.values():
        _template(house, kernel, environment)


def _template(house: House, kernel: str, environment: dict[str, str]) -> None:
    try:
        done = process.run(
            [str(house.vm), "template", "-k", kernel],
            timeout=300,
            environment=environment,
        )
    except FileNotFoundError as error:
        raise CannotGrade("the VM engine is not built", "next: make setup") from error
    if done.status != 0:
        raise CannotGrade(
            f"no VM template for the {kernel} kernel:\n{done.output.strip()[-2000:]}",
            f"next: {house.relative(house.vm)} doctor",
        )
