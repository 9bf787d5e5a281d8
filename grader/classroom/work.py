"""The queue of work: every version that has no verdict yet, by several workers."""

import errno
import threading
from collections import deque
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from grader.classroom import desk, durable
from grader.classroom.attempt import Attempt
from grader.classroom.desk import RESULTS, Desk
from grader.classroom.shelf import Entry
from grader.text import clean
from grader.trouble import CannotGrade, Trouble

# What the machine is short of, and no hand-in's doing.
MACHINE = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EIO,
    errno.ENOMEM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EINTR,
)
GLANCE = 0.5  # seconds
FAILURES = 3  # in a row, after which it is not the hand-ins' fault


class Watcher(Protocol):
    """Who wants to know how far a class has come."""

    def begin(self, total: int) -> None:
        ...

    def done(self, entry: Entry, made: Attempt) -> None:
        ...


@dataclass
class Tally:
    """What a run came to; `failures` are versions that could not be graded."""

    graded: int = 0
    refused: int = 0
    shared: int = 0
    already: int = 0
    failures: list[tuple[Entry, str]] = field(default_factory=list)

    def count(self, entry: Entry, made: Attempt, fresh: bool) -> None:
        """Adds an attempt, which is `fresh` unless somebody else had made it."""
        if made.state == "infra":
            self.failures.append((entry, "; ".join(made.reasons)))
        elif not fresh:
            self.already += 1
        else:
            self.graded += made.state == "graded"
            self.refused += made.state == "refused"
            self.shared += made.shared

    @property
    def finished(self) -> int:
        return self.graded + self.refused


def run(board: Desk, entries: list[Entry], jobs: int, watcher: Watcher) -> Tally:
    """Grades what of `entries` has no verdict in this generation, `jobs` at a time.

    What ends one version is noted, and the others go on; what would end all of them,
    a full disk or a course that is wrong, is raised when the workers have stopped.
    """
    tally = Tally()
    waiting = unfinished(board, entries, tally)
    watcher.begin(len(waiting))
    _Queue(board, waiting, watcher, tally).drain(jobs)
    return tally


def unfinished(board: Desk, entries: list[Entry], tally: Tally) -> list[Entry]:
    """What of `entries` is to be graded; counts the others, which are recorded."""
    waiting = []
    for entry in entries:
        made = desk.finished(entry, board.plan.generation)
        if made:
            board.record(made)
            tally.already += 1
        else:
            durable.sweep(entry.folder / RESULTS)
            waiting.append(entry)
    durable.sweep(board.folder)
    return waiting


def grade_one(board: Desk, entry: Entry) -> Attempt:
    """Grades one version, or notes why that cannot be done; waits for whoever is at
    it already."""
    try:
        done = desk.work_on(board, entry, wait=True)
    except CannotGrade as error:
        return desk.failed(board, entry, clean(str(error)))
    if done is None:
        return desk.failed(board, entry, "somebody else has been at it for a day")
    return done[0]


def wait_for(workers: list[Future[None]]) -> None:
    """Waits for all; raises what the first that failed has raised. Looks up now and
    then: a signal that comes just before a thread sleeps does not wake it."""
    waiting = set(workers)
    while waiting:
        ended, waiting = wait(waiting, GLANCE, FIRST_EXCEPTION)
        for worker in ended:
            worker.result()


class _Queue:
    """Work that several threads take from."""

    def __init__(
        self, board: Desk, waiting: list[Entry], watcher: Watcher, tally: Tally
    ) -> None:
        self.board = board
        self.watcher = watcher
        self.tally = tally
        self.todo = deque(waiting)
        self.busy: deque[Entry] = deque()  # somebody else is at these
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.in_a_row = 0

    def drain(self, jobs: int) -> None:
        workers = max(1, min(jobs, len(self.todo)))
        with ThreadPoolExecutor(workers) as pool:
            try:
                wait_for([pool.submit(self._work) for _ in range(workers)])
            except BaseException:
                self.stop.set()
                raise

    def _next(self) -> tuple[Entry | None, bool]:
        """A version, and whether to wait for who is at it: only when nothing else is
        left to do."""
        with self.lock:
            if self.todo:
                return self.todo.popleft(), False
            return (self.busy.popleft(), True) if self.busy else (None, False)

    def _work(self) -> None:
        while not self.stop.is_set():
            entry, wait = self._next()
            if entry is None:
                return
            try:
                self._one(entry, wait)
            except BaseException:
                self.stop.set()
                raise

    def _one(self, entry: Entry, wait: bool) -> None:
        try:
            done = desk.work_on(self.board, entry, wait)
        except CannotGrade as error:
            return self._failed(entry, str(error))
        except Exception as error:
            if is_everybodys(error):
                raise
            return self._failed(entry, f"{type(error).__name__}: {error}")
        if done is not None:
            return self._count(entry, *done)
        with self.lock:
            self.busy.append(entry)
        return None

    def _count(self, entry: Entry, made: Attempt, fresh: bool) -> None:
        with self.lock:
            self.in_a_row = 0
            self.tally.count(entry, made, fresh)
            self.watcher.done(entry, made)

    def _failed(self, entry: Entry, why: str) -> None:
        made = desk.failed(self.board, entry, clean(why))
        with self.lock:
            self.tally.failures.append((entry, clean(why)))
            self.in_a_row += 1
            many = self.in_a_row >= FAILURES
            self.watcher.done(entry, made)
        if many:
            raise CannotGrade(
                f"{FAILURES} hand-ins in a row could not be graded; the last one: "
                f"{clean(why)}",
                "next: mend that, and start again: what was graded is kept",
            )


def is_everybodys(error: Exception) -> bool:
    """Whether `error` would meet the next hand-in, too."""
    if isinstance(error, OSError):
        return isinstance(error, InterruptedError) or error.errno in MACHINE
    return isinstance(error, Trouble)
