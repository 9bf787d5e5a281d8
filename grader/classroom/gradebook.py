"""The gradebook: submissions/gradebook.sqlite, to which rows are only added.

Several graders write to it at once (WAL, a timeout for whoever must wait). The files
of the attempts are the truth for these; overrides and shown grades are only here.
"""

import errno
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.classroom import attempt, durable
from grader.classroom.attempt import Attempt
from grader.trouble import CannotGrade

BUSY_SECONDS = 60
MIGRATIONS = Path(__file__).with_name("migrations")
NO_ROOM = 1 << 20  # bytes left of a disk, below which an I/O error is for lack of them


@dataclass(frozen=True)
class Override:
    """Points given by hand; None takes back the ones before."""

    id: int
    exercise: str
    student: str
    points: int | None
    reason: str
    author: str
    made: str


@dataclass(frozen=True)
class Shown:
    """A grade that was shown."""

    points: int
    max: int
    version: str
    attempt: int | None
    override: int | None
    note: str
    made: str


class Gradebook:
    """An open gradebook, which threads may share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        with _explained(path):
            self.base = sqlite3.connect(
                path,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            with durable.lock(path.with_name(path.name + ".lock"), BUSY_SECONDS):
                self._prepare()

    def _prepare(self) -> None:
        self.base.execute("PRAGMA journal_mode = WAL")
        self.base.execute("PRAGMA synchronous = FULL")
        self.base.execute("PRAGMA foreign_keys = ON")
        self.base.execute("PRAGMA recursive_triggers = ON")
        steps = migrations()
        (version,) = self.base.execute("PRAGMA user_version").fetchone()
        if version > len(steps):
            raise CannotGrade(
                f"{self.path}: made by a newer course, version {version}; "
                f"this one knows {len(steps)}",
                "next: use that course, or its newer version",
            )
        for number in range(version + 1, len(steps) + 1):
            with self.changing():
                for statement in statements(steps[number - 1].read_text("utf-8")):
                    self.base.execute(statement)
                self.base.execute(f"PRAGMA user_version = {number}")

    def close(self) -> None:
        self.base.close()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A transaction: all of what is done inside, or nothing."""
        with self.lock, _explained(self.path):
            self.base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.base.execute("COMMIT")
            except BaseException:
                if self.base.in_transaction:
                    self.base.execute("ROLLBACK")
                raise

    def record(self, made: Attempt) -> None:
        """Enters an attempt unless it is there already."""
        mark = (made.exercise, made.student, made.version, made.again, made.graded)
        with self.lock:
            if self._has(mark):
                return
        with self.changing():
            if self._has(mark):
                return
            versions = [
                made.made_with.get(name, "")
                for name in ("tests", "grader", "kernels", "engine")
            ]
            document = json.loads(attempt.to_json(made))
            self.base.execute(
                "INSERT INTO attempt (exercise, student, version, again, graded, state,"
                " score, max, received, generation, seed, tests, grader, kernels,"
                " engine, document) VALUES (" + ", ".join("?" * 16) + ")",
                (
                    *mark,
                    made.state,
                    made.score,
                    made.max,
                    made.received,
                    made.generation,
                    made.seed,
                    *versions,
                    json.dumps(document, separators=(",", ":")),
                ),
            )

    def _has(self, mark: tuple[str, str, int, int, str]) -> bool:
        found = self._rows(
            "SELECT 1 FROM attempt WHERE exercise = ? AND student = ?"
            " AND version = ? AND again = ? AND graded = ?",
            mark,
        )
        return bool(found)

    def _rows(self, question: str, values: Sequence[object] = ()) -> list[Any]:
        """The answer to a SELECT; raises CannotGrade where the file is damaged."""
        with self.lock, _explained(self.path):
            return self.base.execute(question, values).fetchall()

    def attempts(self, exercise: str) -> Iterator[tuple[int, Attempt]]:
        """Every attempt at an exercise, the oldest first, with its id."""
        found = self._rows(
            "SELECT id, document FROM attempt WHERE exercise = ? ORDER BY id",
            (exercise,),
        )
        for number, document in found:
            yield number, attempt.from_json(document)

    def exercises(self) -> list[str]:
        """Of which exercises there are attempts or overrides."""
        found = self._rows(
            "SELECT exercise FROM attempt UNION SELECT exercise FROM override"
        )
        return sorted(name for name, in found)

    def override(
        self, exercise: str, student: str, points: int | None, reason: str, author: str
    ) -> None:
        """Gives points by hand, from now on."""
        with self.changing():
            self.base.execute(
                "INSERT INTO override (exercise, student, points, reason, author, made)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (exercise, student, points, reason, author, now()),
            )

    def overrides(self) -> dict[tuple[str, str], Override]:
        """The last override of each exercise and student."""
        rows = self._rows(
            "SELECT id, exercise, student, points, reason, author, made"
            " FROM override ORDER BY id"
        )
        return {(row[1], row[2]): Override(*row) for row in rows}

    def shown(self) -> dict[tuple[str, str], Shown]:
        """The last shown grade of each exercise and student."""
        rows = self._rows(
            "SELECT exercise, student, points, max, version, attempt, override, note,"
            " made FROM grade ORDER BY id"
        )
        return {(row[0], row[1]): Shown(*row[2:]) for row in rows}

    def show(self, exercise: str, student: str, grade: Shown) -> None:
        """Adds a grade; inside of `changing`."""
        self.base.execute(
            "INSERT INTO grade (exercise, student, points, max, version, attempt,"
            " override, note, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                exercise,
                student,
                grade.points,
                grade.max,
                grade.version,
                grade.attempt,
                grade.override,
                grade.note,
                grade.made,
            ),
        )


def migrations() -> list[Path]:
    """The steps from an empty file to today's gradebook, numbered from 1."""
    return sorted(MIGRATIONS.glob("[0-9]*.sql"))


def statements(text: str) -> Iterator[str]:
    """The statements of a script, which may be triggers and so hold semicolons."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def now() -> str:
    """ISO 8601 in UTC, as all times of the gradebook."""
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """sqlite's errors as those that the grader explains."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = _of_the_disk(error, path)
        if code:
            raise OSError(code, os.strerror(code), str(path)) from error
        raise CannotGrade(
            f"{path}: {error}", "next: end what else uses it, and start again"
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError):
            raise
        raise CannotGrade(
            f"{path}: {error}", "next: put a copy of it there, or move it away"
        ) from error
    except durable.Held as error:
        raise CannotGrade(str(error), "next: start again") from error


def _of_the_disk(error: sqlite3.OperationalError, path: Path) -> int:
    """The errno behind sqlite's words, 0 for none. In WAL mode a disk that is full may
    be told as an I/O error."""
    if "disk is full" in str(error):
        return errno.ENOSPC
    if "disk I/O error" not in str(error):
        return 0
    room = shutil.disk_usage(path.parent).free
    return errno.ENOSPC if room < NO_ROOM else errno.EIO
