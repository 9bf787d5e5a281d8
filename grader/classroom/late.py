"""What being late costs: pure functions over times, all of which have a zone.

A day late is a day of the calendar in the class's zone: it ends at the deadline's
time of day, also where the clocks were changed in between.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ALL = 100  # per cent
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Policy:
    """The rules of a class: `grace` after each deadline, `per_day` per cent of the
    points for each day begun, `cap` per cent at most; after `closed` days nothing
    counts any more (None: something always does)."""

    zone: ZoneInfo = ZoneInfo("UTC")
    grace: timedelta = timedelta(minutes=15)
    per_day: int = 10
    cap: int = 50
    closed: int | None = None


def days_late(received: datetime, deadline: datetime, policy: Policy) -> int:
    """Days begun after `deadline`; 0 within the grace. Both times have a zone."""
    arrived = received.astimezone(UTC)
    local = deadline.astimezone(policy.zone)

    def end_of(day: int) -> datetime:
        # Adding days to a local time keeps its time of day, whatever the clocks do.
        return (local + day * DAY).astimezone(UTC) + policy.grace

    day = max(0, (arrived - end_of(0)) // DAY - 1)
    while arrived > end_of(day):
        day += 1
    return day


def percent_off(days: int, policy: Policy) -> int:
    """What `days` late cost, in per cent of the points."""
    if policy.closed is not None and days > policy.closed:
        return ALL
    return min(policy.cap, days * policy.per_day)


def reduced(points: int, percent: int) -> int:
    """`points` less `percent` per cent, rounded up, which is for the student."""
    return -(-points * (ALL - percent) // ALL)


def spend(tokens: int, late: Iterable[tuple[str, int]]) -> dict[str, int]:
    """How many of a student's `tokens` go to each exercise: a token takes away one
    day, first come first served. `late` are exercises and days, in the order in which
    tokens are spent."""
    spent = {}
    for exercise, days in late:
        spent[exercise] = min(tokens, days)
        tokens -= spent[exercise]
    return spent
