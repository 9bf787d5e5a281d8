"""What an instructor says about a class: submissions/class.toml, which may be missing.

A wrong line is a Trouble that names the file, the field and what to write.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grader.classroom.late import ALL, Policy
from grader.trouble import Trouble

TABLES = {
    "": ("title", "zone", "at_risk", "late", "reveal"),
    "late": ("grace", "per_day", "cap", "closed"),
}
MINUTES_A_DAY = 24 * 60
TIME = "a time with its zone, such as 2026-03-08T00:00:00+01:00"


@dataclass(frozen=True)
class Term:
    """A class: its title, its rules, and from when the text of the hidden tests of an
    exercise may be shown; without a date it never is. Who has less than `at_risk` per
    cent of what is due is at risk."""

    title: str = "Gradebook"
    policy: Policy = Policy()
    at_risk: int = 50
    reveal: Mapping[str, datetime] = field(default_factory=dict)

    def check(self, known: Iterable[str], shown: str) -> None:
        """Raises Trouble for a date of an exercise that is not one of `known`."""
        lost = sorted(set(self.reveal) - set(known))
        if lost:
            raise Trouble(
                f"{shown}: reveal: {lost[0]}: no such exercise",
                f"there is: {' '.join(known)}",
            )

    def revealed(self, exercise: str, now: datetime) -> bool:
        """Whether hidden tests may be shown as they are."""
        return exercise in self.reveal and now >= self.reveal[exercise]

    def told(self, moment: datetime) -> str:
        """A time as people of this class read it, with its zone."""
        return moment.astimezone(self.policy.zone).strftime("%Y-%m-%d %H:%M %Z")


def load(path: Path) -> Term:
    """The class that `path` describes; the usual rules where there is no file."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return Term()
    except UnicodeDecodeError as error:
        raise Trouble(f"{path}: not UTF-8 at byte {error.start}") from error


def parse(text: str, shown: str) -> Term:
    """A Term from the text of class.toml; `shown` names the file."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"{shown}: not TOML: {error}") from error
    late = _table(table, "late", shown)
    _no_others(table, "", shown)
    _no_others(late, "late", shown)
    closed = _number(late, "closed", 0, 365, -1, shown)
    policy = Policy(
        zone=_zone(table.get("zone", "UTC"), shown),
        grace=timedelta(
            minutes=_number(late, "grace", 0, MINUTES_A_DAY, 15, shown),
        ),
        per_day=_number(late, "per_day", 0, ALL, Policy.per_day, shown),
        cap=_number(late, "cap", 0, ALL, Policy.cap, shown),
        closed=None if closed < 0 else closed,
    )
    return Term(
        title=_line(table.get("title", Term.title), shown),
        policy=policy,
        at_risk=_number(table, "at_risk", 0, ALL, Term.at_risk, shown),
        reveal={
            exercise: _moment(exercise, value, shown)
            for exercise, value in _table(table, "reveal", shown).items()
        },
    )


def _table(table: dict[str, Any], key: str, shown: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise Trouble(f"{shown}: {key}: not a table", f"write it below [{key}]")
    return value


def _no_others(table: dict[str, Any], name: str, shown: str) -> None:
    for key in table:
        if key not in TABLES[name]:
            known = " ".join(TABLES[name])
            raise Trouble(f"{shown}: {key}: unknown field", f"known: {known}")


def _number(
    table: dict[str, Any], key: str, low: int, high: int, usual: int, shown: str
) -> int:
    value = table.get(key, usual)
    if key in table and not (type(value) is int and low <= value <= high):
        raise Trouble(f"{shown}: {key}: must be a whole number, {low} to {high}")
    return int(value)


def _line(value: object, shown: str) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise Trouble(f'{shown}: title: must be one line of text: title = "..."')
    return value


def _zone(value: object, shown: str) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Trouble(
            f"{shown}: zone: no such time zone: {value!r}",
            'such as zone = "Europe/Berlin"; timedatectl list-timezones has them all',
        ) from error


def _moment(exercise: str, value: object, shown: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise Trouble(f"{shown}: reveal: {exercise}: must be {TIME}")
    return value.astimezone(UTC)
