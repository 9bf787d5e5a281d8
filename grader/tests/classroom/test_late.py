"""What lateness costs: days of the calendar, grace, caps, tokens."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.classroom import late
from grader.classroom.late import Policy

PRAGUE = ZoneInfo("Europe/Prague")
DEADLINE = datetime(2026, 3, 1, 23, 59, tzinfo=PRAGUE)


@pytest.mark.parametrize(
    "after, days",
    [
        (timedelta(days=-9), 0),
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, seconds=1), 1),
        (timedelta(days=1, minutes=15), 1),
        (timedelta(days=1, minutes=16), 2),
        (timedelta(days=6, hours=12), 7),
    ],
)
def test_a_day_late_is_a_day_begun_after_the_grace(after: timedelta, days: int) -> None:
    assert late.days_late(DEADLINE + after, DEADLINE, Policy(zone=PRAGUE)) == days


def test_a_day_ends_at_the_same_time_of_day_when_clocks_change() -> None:
    """On 29 March 2026 the clocks in Prague go forward: that day has 23 hours."""
    deadline = datetime(2026, 3, 28, 12, 0, tzinfo=PRAGUE)
    policy = Policy(zone=PRAGUE, grace=timedelta(0))
    noon = datetime(2026, 3, 29, 10, 0, tzinfo=UTC)  # 12:00 in Prague
    assert late.days_late(noon, deadline, policy) == 1
    assert late.days_late(noon + timedelta(seconds=1), deadline, policy) == 2
    assert late.days_late(noon, deadline, Policy(grace=timedelta(0))) == 1
    in_utc = noon + timedelta(minutes=30)
    assert late.days_late(in_utc, deadline, Policy(grace=timedelta(0))) == 1


def test_the_zone_of_the_two_times_does_not_matter() -> None:
    received = datetime(2026, 3, 2, 0, 30, tzinfo=PRAGUE)
    tokyo = received.astimezone(ZoneInfo("Asia/Tokyo"))
    policy = Policy(zone=PRAGUE)
    assert late.days_late(tokyo, DEADLINE.astimezone(UTC), policy) == 1
    assert late.days_late(received, DEADLINE, policy) == 1


def test_the_cap_is_the_most_that_is_taken_until_nothing_counts() -> None:
    policy = Policy(per_day=10, cap=25, closed=7)
    assert [late.percent_off(n, policy) for n in (0, 1, 2, 3, 7, 8)] == [
        0,
        10,
        20,
        25,
        25,
        100,
    ]
    assert late.percent_off(900, Policy(per_day=10, cap=50)) == 50


def test_points_are_rounded_for_the_student() -> None:
    assert late.reduced(95, 10) == 86
    assert late.reduced(100, 10) == 90
    assert late.reduced(1, 99) == 1
    assert late.reduced(77, 100) == 0
    assert late.reduced(0, 0) == 0


def test_tokens_pay_whole_days_first_come_first_served() -> None:
    spent = late.spend(4, [("13", 1), ("14", 2), ("15", 3), ("16", 1)])
    assert spent == {"13": 1, "14": 2, "15": 1, "16": 0}
