"""Who is in the class, and until when: roster.csv and deadlines.toml, which the
instructor writes. A wrong line is a Trouble with file, line and remedy."""

import csv
import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grader.text import clean
from grader.trouble import Trouble

COLUMNS = ("student", "name", "address", "group", "extension")
REQUIRED = COLUMNS[:3]
STUDENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9])){0,63}")
EXTENSION = re.compile(r"(?:([\w-]+):)?(\d{1,4})(d|h)")
UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


@dataclass(frozen=True)
class Student:
    """A line of the roster; `extensions` are by exercise, and under "" for all."""

    id: str
    name: str
    addresses: tuple[str, ...]
    group: str = ""
    extensions: tuple[tuple[str, timedelta], ...] = ()

    def extension(self, exercise: str) -> timedelta:
        """What the deadline of `exercise` is moved by."""
        granted = dict(self.extensions)
        return granted.get(exercise, granted.get("", timedelta(0)))


@dataclass(frozen=True)
class Roster:
    """The class: every student by each of their addresses, and the deadlines."""

    students: dict[str, Student]
    deadlines: dict[str, datetime]

    def sender(self, address: str) -> Student | None:
        return self.students.get(address.lower())

    def deadline(self, exercise: str, student: Student) -> datetime | None:
        """Until when `student` may hand in; None where there is no deadline."""
        until = self.deadlines.get(exercise)
        return until + student.extension(exercise) if until else None


def load(roster: Path, deadlines: Path) -> Roster:
    """Both files; there may be no deadlines."""
    try:
        text = roster.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Trouble(
            f"{roster}: {error.strerror}",
            "write a line for each student below this one:\n" + ",".join(COLUMNS),
        ) from error
    except UnicodeDecodeError as error:
        raise Trouble(f"{roster}: not UTF-8 at byte {error.start}") from error
    students = parse(text, str(roster))
    try:
        dates = deadlines.read_text(encoding="utf-8")
    except FileNotFoundError:
        dates = ""
    return Roster(students, parse_deadlines(dates, str(deadlines)))


def parse(text: str, shown: str) -> dict[str, Student]:
    """The students of a roster's `text`, by address in small letters."""
    lines = csv.DictReader(text.splitlines(), strict=True)
    found: dict[str, Student] = {}
    ids: set[str] = set()
    try:
        missing = [name for name in REQUIRED if name not in (lines.fieldnames or ())]
        if missing:
            raise Trouble(
                f"{shown}:1: no column {' '.join(missing)}",
                "the first line is: " + ",".join(COLUMNS),
            )
        for row in lines:
            where = f"{shown}:{lines.line_num}"
            student = _student(row, where)
            if student.id in ids:
                raise Trouble(f"{where}: student {student.id} is there already")
            ids.add(student.id)
            for address in student.addresses:
                if address in found:
                    other = found[address].id
                    raise Trouble(f"{where}: {address} is {other}'s address already")
                found[address] = student
    except csv.Error as error:
        raise Trouble(f"{shown}:{lines.line_num}: not CSV: {error}") from error
    return found


def _student(row: dict[str, str | None], where: str) -> Student:
    values = {key: (row.get(key) or "").strip() for key in COLUMNS}
    if not STUDENT.fullmatch(values["student"]):
        raise Trouble(
            f"{where}: student: {clean(values['student'])!r} is no name of a folder",
            "letters, digits, - _ and single dots, such as jdoe or 12345678",
        )
    addresses = tuple(word.lower() for word in re.split(r"[\s;]+", values["address"]))
    wrong = [word for word in addresses if not re.fullmatch(r"[^@\s]+@[^@\s]+", word)]
    if wrong:
        raise Trouble(
            f"{where}: address: {clean(wrong[0])!r} is none",
            "several addresses of one student have a blank between them",
        )
    return Student(
        id=values["student"],
        name=" ".join(clean(values["name"]).split()),
        addresses=tuple(dict.fromkeys(addresses)),
        group=" ".join(clean(values["group"]).split()),
        extensions=tuple(_extensions(values["extension"], where)),
    )


def _extensions(text: str, where: str) -> list[tuple[str, timedelta]]:
    found = []
    for word in text.split():
        match = EXTENSION.fullmatch(word)
        if not match:
            raise Trouble(
                f"{where}: extension: {clean(word)!r}",
                "write 2d or 12h for all exercises, 13-prng:2d for one",
            )
        found.append((match[1] or "", int(match[2]) * UNITS[match[3]]))
    return found


def parse_deadlines(text: str, shown: str) -> dict[str, datetime]:
    """Exercise to deadline, in UTC; each states its time zone."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"{shown}: not TOML: {error}") from error
    found = {}
    for exercise, until in table.items():
        if not isinstance(until, datetime) or until.tzinfo is None:
            raise Trouble(
                f"{shown}: {exercise}: not a time with its zone",
                f"such as: {exercise} = 2026-03-01T23:59:00+01:00",
            )
        found[exercise] = until.astimezone(UTC)
    return found
