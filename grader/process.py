"""Runs other programs with a deadline and a cap on what they may say.

Every child leads its own process group, which is killed as a whole at the
deadline, at the cap, and when the grader itself is asked to end.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 16
BASE_ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "HOME": "/dev/null",  # where nothing can be written
    "TERM": "dumb",
}


@dataclass(frozen=True)
class Finished:
    """How a program ended.

    `status` is its exit status, negative for a signal; `output` holds the first
    bytes of standard output and error, `dropped` counts the lines after them.
    """

    status: int
    output: str
    dropped: int
    timed_out: bool
    flooded: bool
    seconds: float


class _Children:
    """The process groups that live now, so that all can be ended at once."""

    def __init__(self) -> None:
        self.lock = threading.RLock()  # a signal may come while it is held
        self.groups: set[int] = set()
        self.closed = False

    def start(
        self, command: list[str], environment: Mapping[str, str], folder: Path | None
    ) -> subprocess.Popen[bytes]:
        with self.lock:
            if self.closed:
                raise InterruptedError("the grader is ending")
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**BASE_ENVIRONMENT, **environment},
                start_new_session=True,
            )
            self.groups.add(child.pid)
            return child

    def end(self, child: subprocess.Popen[bytes]) -> None:
        kill_group(child.pid)
        child.wait()
        with self.lock:
            self.groups.discard(child.pid)


_children = _Children()


def kill_group(group: int) -> None:
    """SIGKILL to every process of `group`; it may be gone already."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def end_all() -> None:
    """Ends every child and starts no more; for the way out after a signal."""
    with _children.lock:
        _children.closed = True
        for group in _children.groups:
            kill_group(group)


def ending() -> bool:
    """Whether `end_all` was called: what a child says now may be what it said when it
    was killed."""
    return _children.closed


def run(
    command: list[str],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    keep: int = 1 << 16,
    most: int = 8 << 20,
) -> Finished:
    """Runs `command` for at most `timeout` seconds.

    Keeps the first `keep` bytes of its output and kills it past `most` bytes.
    The environment is BASE_ENVIRONMENT and `environment`, nothing inherited.
    """
    started = time.monotonic()
    child = _children.start(command, environment or {}, folder)
    try:
        kept, total, lines, in_time = _drain(child, started + timeout, keep, most)
        if in_time and total <= most:
            try:
                child.wait(max(0.1, started + timeout - time.monotonic()))
            except subprocess.TimeoutExpired:
                in_time = False
    finally:
        _children.end(child)
        if child.stdout:
            child.stdout.close()
    return Finished(
        status=child.returncode,
        output=kept.decode("utf-8", errors="replace"),
        dropped=lines,
        timed_out=not in_time,
        flooded=total > most,
        seconds=time.monotonic() - started,
    )


def watch(
    command: list[str],
    on_line: Callable[[str], None],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> int:
    """Runs `command` to its end, however long; each line of its output goes to
    `on_line` as it comes. Returns the exit status, negative for a signal."""
    child = _children.start(command, environment or {}, folder)
    try:
        assert child.stdout
        with child.stdout:
            for line in child.stdout:
                on_line(line.decode("utf-8", errors="replace").rstrip("\n"))
        child.wait()
    finally:
        _children.end(child)
    return child.returncode


def _drain(
    child: subprocess.Popen[bytes], deadline: float, keep: int, most: int
) -> tuple[bytes, int, int, bool]:
    """Reads until end of file, deadline or `most`: bytes kept, bytes read, lines
    dropped, and whether the deadline was met."""
    assert child.stdout
    kept = bytearray()
    total = lines = 0
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while total <= most:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return bytes(kept), total, lines, False
            chunk = os.read(child.stdout.fileno(), CHUNK)
            if not chunk:
                break
            total += len(chunk)
            room = max(0, keep - len(kept))
            kept += chunk[:room]
            lines += chunk[room:].count(b"\n")
    return bytes(kept), total, lines, True
