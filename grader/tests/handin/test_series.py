"""Subjects, threads and rosters, without git and without a disk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.handin import roster, series
from grader.handin.mail import Mail, Tag, parse_subject
from grader.trouble import Trouble

KNOWN = ("13-prng", "14-keys")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def letter(
    subject: str, id: str = "", parent: str = "", minute: int = 0, text: str = ""
) -> Mail:
    """A mail with this subject; `text` stands for its body."""
    tag, title = parse_subject(subject)
    return Mail(
        path=Path("/nonexistent"),
        size=100,
        digest=f"{subject} {id} {minute}",
        content=text or subject,
        id=id,
        parents=(parent,) if parent else (),
        sender="a@b.c",
        name="A",
        subject=subject,
        tag=tag,
        reply=False,
        title=title,
        exercises=(),
        has_diff=True,
        date=NOON + timedelta(minutes=minute),
        received=None,
        authentication=(),
    )


def grouped(*mails: Mail) -> list[tuple[int, list[int], list[int]]]:
    """Version, parts and missing parts of the series that `mails` make."""
    found = series.group("a", list(mails), KNOWN)
    return [(one.tag.version, sorted(one.parts), one.missing) for one in found]


@pytest.mark.parametrize(
    "subject, tag, title",
    [
        ("[PATCH] x", Tag(1, 1, 0, False), "x"),
        ("[PATCH v2] x", Tag(2, 1, 0, False), "x"),
        ("[PATCH v2 0/3] 13-prng: x", Tag(2, 0, 3, False), "13-prng: x"),
        ("[RFC PATCH v1 01/12] x", Tag(1, 1, 12, True), "x"),
        ("[kdlp] [PATCH RFC v3 2/2] x [y]", Tag(3, 2, 2, True), "x [y]"),
        ("[Patch V4 1/1] x", Tag(4, 1, 1, False), "x"),
        ("[PATCH v0 1/1] x", Tag(1, 1, 1, False), "x"),
        ("[PATCH v2 4/3] x", None, "[PATCH v2 4/3] x"),
        ("PATCH v2 1/3 x", None, "PATCH v2 1/3 x"),
        ("[DISPATCH] x", None, "[DISPATCH] x"),
    ],
)
def test_a_subject_says_which_part_of_what_a_mail_is(
    subject: str, tag: Tag | None, title: str
) -> None:
    assert parse_subject(subject) == (tag, title)


def test_a_thread_is_a_series_whatever_the_order() -> None:
    cover = letter("[PATCH v1 0/2] x", "<0>")
    first = letter("[PATCH v1 1/2] x", "<1>", "<0>")
    second = letter("[PATCH v1 2/2] x", "<2>", "<0>")
    for order in ((cover, first, second), (second, first, cover)):
        assert grouped(*order) == [(1, [0, 1, 2], [])]


def test_a_deep_thread_is_a_series_too() -> None:
    first = letter("[PATCH v1 1/3] x", "<1>")
    second = letter("[PATCH v1 2/3] x", "<2>", "<1>")
    third = letter("[PATCH v1 3/3] x", "<3>", "<2>")
    assert grouped(third, second, first) == [(1, [1, 2, 3], [])]


def test_parts_of_a_lost_letter_are_together_and_versions_apart() -> None:
    mails = [
        letter(f"[PATCH v{version} {part}/2] x", f"<{version}{part}>", "<lost>")
        for version in (1, 2)
        for part in (1, 2)
    ]
    assert grouped(*mails) == [(1, [1, 2], []), (2, [1, 2], [])]


def test_an_answer_to_an_old_series_with_the_same_version_is_a_new_one() -> None:
    old = [letter("[PATCH v1 0/1] x", "<0>"), letter("[PATCH v1 1/1] x", "<1>", "<0>")]
    new = [
        letter("[PATCH v1 0/1] x", "<2>", "<0>", minute=5),
        letter("[PATCH v1 1/1] x", "<3>", "<2>", minute=5),
    ]
    assert grouped(*old, *new) == [(1, [0, 1], []), (1, [0, 1], [])]


def test_a_series_that_comes_twice_in_one_thread_is_two() -> None:
    cover = letter("[PATCH v1 0/2] x", "<0>")
    parts = [
        letter(f"[PATCH v1 {part}/2] x", f"<{part}{minute}>", "<0>", minute)
        for minute in (0, 5)
        for part in (1, 2)
    ]
    assert grouped(cover, *parts) == [(1, [0, 1, 2], []), (1, [1, 2], [])]


def test_a_part_that_was_lost_and_is_sent_alone_fills_the_gap() -> None:
    cover = letter("[PATCH v1 0/2] 13-prng: x", "<0>")
    first = letter("[PATCH v1 1/2] 13-prng: x", "<1>", "<0>")
    alone = letter("[PATCH v1 2/2] 13-prng: x", "<9>", minute=90)
    assert grouped(cover, first, alone) == [(1, [0, 1, 2], [])]
    other = letter("[PATCH v1 2/2] 14-keys: x", "<9>", minute=90)
    assert len(grouped(cover, first, other)) == 2


def test_a_letter_that_was_written_last_belongs_to_its_patches() -> None:
    patch = letter("[PATCH v1 1/1] 13-prng: x")
    cover = letter("[PATCH v1 0/1] 13-prng: mine", minute=9)
    assert grouped(patch, cover) == [(1, [0, 1], [])]


def test_single_patches_are_never_put_together() -> None:
    mails = [letter("[PATCH v1] x", f"<{n}>", minute=n, text=str(n)) for n in range(3)]
    assert grouped(*mails) == [(1, [1], [])] * 3


def test_the_exercise_is_that_of_the_paths_and_then_of_the_subject() -> None:
    named = letter("[PATCH v1] 13-prng: x")
    other = replace(named, exercises=("14-keys", "14-keys", "99-none"))
    both = replace(named, exercises=("14-keys", "14-keys", "13-prng"))
    unknown = letter("[PATCH v1] something")
    for mail, exercise in (
        (named, "13-prng"),
        (other, "14-keys"),
        (both, "13-prng"),
        (unknown, ""),
    ):
        found = series.group("a", [mail], KNOWN)
        assert found[0].exercise(KNOWN) == exercise


def test_a_roster_knows_every_address_and_what_was_granted() -> None:
    text = (
        "student,name,address,extension\n"
        "a,A,A@B.C a2@b.c,2d\nb,B,b@b.c;b2@b.c,13-prng:12h 14-keys:1d\n"
    )
    students = roster.parse(text, "roster.csv")
    assert students["a2@b.c"] is students["a@b.c"]
    deadlines = roster.parse_deadlines("13-prng = 2026-03-01T13:00:00+01:00", "d")
    known = roster.Roster(students, deadlines)
    assert known.sender("A2@b.c") == students["a@b.c"]
    for address, exercise, hours in (
        ("a@b.c", "13-prng", 48),
        ("b2@b.c", "13-prng", 12),
    ):
        until = known.deadline(exercise, students[address])
        assert until == NOON + timedelta(hours=hours)
    assert known.deadline("14-keys", students["b@b.c"]) is None


@pytest.mark.parametrize(
    "text, why",
    [
        ("13-prng = 2026-03-01T13:00:00", "13-prng: not a time with its zone"),
        ("13-prng = 2026-03-01", "13-prng: not a time with its zone"),
        ('13-prng = "soon"', "13-prng: not a time with its zone"),
        ("13-prng", "deadlines.toml: not TOML"),
    ],
)
def test_a_deadline_states_its_time_zone(text: str, why: str) -> None:
    with pytest.raises(Trouble) as error:
        roster.parse_deadlines(text, "deadlines.toml")
    assert why in error.value.what


def test_an_extension_that_cannot_be_read_is_told_with_its_line() -> None:
    text = "student,name,address,extension\na,A,a@b.c,two days\n"
    with pytest.raises(Trouble, match="roster.csv:2: extension: 'two'"):
        roster.parse(text, "roster.csv")
