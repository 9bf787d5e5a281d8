"""The verbs of the staff, as they are typed."""

import re

import pytest

from grader import setup
from grader.house import House
from grader.later import STAFF
from grader.tests.test_cli import grader, make

VERB = re.compile(r"^  make ([a-z-]+) ", re.MULTILINE)


def test_help_lists_the_staff_s_verbs_apart(real: House) -> None:
    students, _, staff = make(real).stdout.partition("\nfor the staff:\n")
    theirs, ours = (set(VERB.findall(part)) for part in (students, staff))
    assert theirs & set(STAFF) == set()
    assert {"collect", "release", "canaries"} <= ours <= set(STAFF)


@pytest.mark.parametrize(
    "words, message",
    [
        (["collect"], "which mails? make collect FROM=PATH"),
        (["collect", "--from", "/x", "--roster", "/nonexistent"], "student,name,addr"),
    ],
)
def test_a_usage_error_has_status_2(
    real: House, words: list[str], message: str
) -> None:
    done = grader(real, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert message in done.stderr


def test_a_part_of_the_packages_can_stand_alone(real: House) -> None:
    grade, staff = (set(setup.wanted(real, part)) for part in ("grade", "staff"))
    handouts = set(setup.wanted(real, "handouts"))
    assert "pandoc" in handouts - grade and handouts < staff
    assert "linux-source-6.1" not in handouts


def test_make_and_grader_name_the_same_verbs_of_the_staff(real: House) -> None:
    (line,) = re.findall(
        r"^STAFF := ((?:.*\\\n)*.*)", (real.root / "Makefile").read_text(), re.MULTILINE
    )
    assert line.replace("\\\n", " ").split() == sorted(STAFF)
