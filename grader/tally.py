"""Counts checks and says how each went; the end is `N passed, N failed`."""

import os
import threading
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

SHOWN_LINES = 30


@dataclass
class Tally:
    """Prints a line a check. In CI, where CI=true, a skipped check has failed."""

    console: Console
    passed: int = 0
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, what: str, wrong: list[str], repair: str = "") -> None:
        """`what` passed when nothing is in `wrong`; `repair` is what mends it."""
        with self.lock:
            if not wrong:
                self.passed += 1
                self.console.print(f"[green]ok[/]      {escape(what)}")
                return
            self.failed += 1
            self.console.print(f"[bold red]FAILED[/]  {escape(what)}")
            for line in wrong[:SHOWN_LINES]:
                self.console.print(f"        {escape(line)}")
            if len(wrong) > SHOWN_LINES:
                self.console.print(f"        {len(wrong) - SHOWN_LINES} more lines")
            if repair:
                self.console.print(f"        repair: {escape(repair)}")

    def skip(self, what: str, package: str) -> None:
        """`what` cannot be checked: the Debian package `package` is missing."""
        with self.lock:
            in_ci = os.environ.get("CI") == "true"
            self.failed += in_ci
            note = "; a failure in CI" if in_ci else ""
            self.console.print(
                f"[yellow]SKIPPED[/] {escape(what)}: apt install {package}{note}"
            )

    def leave_out(self, what: str, why: str) -> None:
        """`what` does not belong here; no failure, in CI neither."""
        with self.lock:
            self.console.print(f"SKIPPED {escape(what)}: {escape(why)}")

    def count(self, what: str, passed: int, failed: int, lines: list[str]) -> None:
        """The result of a whole suite that counts for itself."""
        with self.lock:
            self.passed += passed
            self.failed += failed
            word = "[bold red]FAILED[/] " if failed else "[green]ok[/]     "
            self.console.print(
                f"{word} {escape(what)}: {passed} passed, {failed} failed"
            )
            for line in lines if failed else []:
                self.console.print(f"        {escape(line)}")

    def close(self) -> int:
        """Prints the closing line; returns the exit status."""
        self.console.print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
