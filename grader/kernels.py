"""Builds the kernels that do not come ready from Debian, on first need.

The work is that of vm/kernels/compile; here it is announced, watched, explained.
"""

import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from grader import catalog, process, report, setup
from grader.house import House
from grader.trouble import CannotGrade, Trouble

READY_MADE = "stock"
STEPS = re.compile(r"steps (\d+)")
REMARK = re.compile(r"compile: (.*)")
ERROR = re.compile(r".*(?:error:|\*\*\*)")
MOST_ERRORS = 8
PASSED_ON = ("CC",)


def check_name(name: str) -> None:
    """Raises Trouble unless `name` is a kernel that is built here."""
    known = [kernel for kernel in catalog.KERNELS if kernel != READY_MADE]
    if name not in known:
        raise Trouble(
            f"KERNEL={name}: no kernel that is built here",
            f"there is: {' '.join(known)}",
        )


def ensure(house: House, names: Iterable[str], console: Console) -> None:
    """Makes every kernel of `names` ready, in a moment where it is ready already;
    raises CannotGrade when one cannot be built."""
    for name in names:
        if name != READY_MADE:
            setup.install_packages("debug")
            Build(house, name, console).run()


class Build:
    """One kernel's build: a bar on a terminal, a line elsewhere."""

    def __init__(self, house: House, name: str, console: Console) -> None:
        self.house = house
        self.name = name
        self.log: Path = house.build / f"kernel-{name}.log"
        self.lines: list[str] = []
        self.console = console
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self.task = self.bar.add_task(f"building the {name} kernel, once", total=None)
        self.started = 0.0  # when its steps began, if there are any

    def run(self) -> None:
        """Builds what is missing; raises CannotGrade on failure."""
        command = ["make", "-s", "-C", "vm", "kernel", f"KERNEL={self.name}"]
        chosen = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        with setup.locked(self.house):
            try:
                status = process.watch(
                    command, self.take, environment=chosen, folder=self.house.root
                )
            finally:
                if self.bar.live.is_started:
                    self.bar.stop()
            if self.started or status != 0:
                self.log.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        if status != 0:
            raise CannotGrade(self.why(), *self.advice())
        if self.started:
            for remark in self.remarks():
                self.say(remark)
            seconds = time.monotonic() - self.started
            self.say(f"the {self.name} kernel is built: {seconds:.0f} s")

    def take(self, line: str) -> None:
        """A line of the build: how many steps there are, or that one begins."""
        self.lines.append(line)
        steps = STEPS.fullmatch(line)
        if steps:
            self.started = time.monotonic()
            self.bar.update(self.task, total=int(steps[1]))
            if report.can_redraw(self.console):
                self.bar.start()
            else:
                self.say(f"building the {self.name} kernel, once; some minutes ...")
        elif line.startswith("  "):
            self.bar.advance(self.task)

    def say(self, what: str) -> None:
        """Tells the person at the terminal, not the report."""
        print(f"setup: {what}", file=sys.stderr, flush=True)

    def remarks(self) -> list[str]:
        """What compile itself had to say."""
        return [match[1] for match in map(REMARK.match, self.lines) if match]

    def why(self) -> str:
        """Why the build failed: compile's words, or those of the machine, or of gcc."""
        errors = [line for line in self.lines if ERROR.match(line)][:MOST_ERRORS]
        fault = setup.machine_fault("\n".join(self.lines))
        words = [fault] if fault else [*errors, *self.remarks()] or self.lines[-8:]
        return "\n".join([f"the {self.name} kernel could not be built:", *words])

    def advice(self) -> list[str]:
        """What to do about it."""
        log = self.house.relative(self.log)
        return [f"log: {log}; next: make debug-kernel KERNEL={self.name}"]
