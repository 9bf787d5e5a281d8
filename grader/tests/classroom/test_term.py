"""class.toml: what it may say, and the message where it is wrong."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from grader.classroom import term
from grader.house import House
from grader.tests.classroom.conftest import at
from grader.trouble import Trouble

WHOLE = """\
title = "KDLP, spring"
zone = "Europe/Prague"
at_risk = 40

[late]
grace = 30
per_day = 5
cap = 30
closed = 10

[reveal]
13-prng = 2026-03-08T00:00:00+01:00
"""


def test_every_field_arrives(tmp_path: Path) -> None:
    (tmp_path / "class.toml").write_text(WHOLE)
    found = term.load(tmp_path / "class.toml")
    assert (found.title, found.at_risk) == ("KDLP, spring", 40)
    policy = found.policy
    assert policy.grace == timedelta(minutes=30)
    assert (policy.per_day, policy.cap, policy.closed) == (5, 30, 10)
    assert found.told(at("2026-03-01T22:59:00+00:00")) == "2026-03-01 23:59 CET"
    assert not found.revealed("13-prng", at("2026-03-07T22:59:59+00:00"))
    assert found.revealed("13-prng", at("2026-03-07T23:00:00+00:00"))
    assert not found.revealed("14-kkey", at("2099-01-01T00:00:00+00:00"))


def test_the_manual_shows_what_holds_without_a_file(real: House) -> None:
    page = (real.root / "docs" / "instructor.md").read_text()
    (example,) = re.findall(r"```toml\n(title = .*?)```", page, re.DOTALL)
    found = term.parse(example, "instructor.md")
    usual = replace(found.policy, closed=None)
    assert (usual, found.at_risk) == (term.Term().policy, term.Term().at_risk)
    assert found.policy.closed == 14 and list(found.reveal) == ["13-prng"]


def test_there_need_not_be_a_file(tmp_path: Path) -> None:
    assert term.load(tmp_path / "class.toml") == term.Term()


def test_a_date_for_no_exercise_is_not_passed_over() -> None:
    rules = term.parse(WHOLE, "class.toml")
    rules.check(["13-prng", "14-kkey"], "class.toml")
    with pytest.raises(Trouble, match="reveal: 13-prng: no such exercise"):
        rules.check(["14-kkey"], "class.toml")


@pytest.mark.parametrize(
    "text, says",
    [
        ("zone = 'Europe/Atlantis'", "zone: no such time zone: 'Europe/Atlantis'"),
        ("zone = '../../etc/passwd'", "zone: no such time zone"),
        ("[late]\ngrace = -1", "grace: must be a whole number, 0 to 1440"),
        ("[late]\nper_day = 1.5", "per_day: must be a whole number, 0 to 100"),
        ("[late]\nperday = 5", "perday: unknown field"),
        ("colour = 'red'", "colour: unknown field"),
        ("late = 5", "late: not a table"),
        ("[reveal]\n13-prng = 2026-03-08", "reveal: 13-prng: must be a time with"),
        ("[reveal]\n13-prng = 2026-03-08T00:00:00", "must be a time with its zone"),
        ("title = ''", "title: must be one line"),
        ('title = "a\\u001b[31m"', "title: must be one line"),
        ("=", "not TOML"),
    ],
)
def test_a_wrong_line_is_answered_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(Trouble) as caught:
        term.parse(text, "class.toml")
    assert str(caught.value).startswith("class.toml: ")
    assert says in str(caught.value)
