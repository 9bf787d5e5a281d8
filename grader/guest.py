"""A VM for a person or a page: started, used and ended by this process.

Gradings do not use it; their VMs belong to the tests (exercises/lib/vm.bash).
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import run
from grader.catalog import Exercise
from grader.house import House
from grader.trouble import CannotGrade


@dataclass(frozen=True)
class Guest:
    """A running VM; `environment` tells the vm command which."""

    house: House
    environment: dict[str, str]

    def vm(
        self, *words: str, feed: bytes | None = None, keep: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs the vm command; `feed` is its standard input, by default ours, and
        with `keep` its output is kept for the caller."""
        try:
            return subprocess.run(
                [str(self.house.vm), *words],
                input=feed,
                capture_output=keep,
                env=self.environment,
            )
        except FileNotFoundError as error:
            raise CannotGrade(
                "the VM engine is not built", "next: make setup"
            ) from error

    def put(self, file: Path, where: str, mode: int = 0o644) -> None:
        """Copies a file of the host to the path `where` in the guest."""
        if self.vm("put", str(file), where, f"{mode:04o}", feed=b"").returncode != 0:
            raise CannotGrade(f"{file.name} does not get into the VM")


@contextmanager
def start(
    house: House, exercise: Exercise, kernel: str, name: str, *options: str, **more: str
) -> Iterator[Guest]:
    """A VM as the tests of `exercise` have it on `kernel`, until the block is left;
    `more` changes the environment of the vm command."""
    environment = {
        **os.environ,
        **run.engine_environment(exercise, kernel),
        "VM_NAME": f"{name}-{os.getpid()}",
        "VM_OWNER": str(os.getpid()),
        **more,
    }
    guest = Guest(house, environment)
    if guest.vm("start", *options).returncode != 0:
        raise CannotGrade("no VM started", f"next: {house.relative(house.vm)} doctor")
    try:
        yield guest
    finally:
        guest.vm("stop")
