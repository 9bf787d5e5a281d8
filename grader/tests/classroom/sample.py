"""A small class with everything that a gradebook can show, and hostile names."""

from datetime import datetime
from pathlib import Path

from grader.classroom import book, publish
from grader.classroom.book import Book
from grader.classroom.gradebook import Gradebook
from grader.classroom.late import Policy
from grader.classroom.lesson import Reader
from grader.classroom.shelf import Member
from grader.classroom.term import Term
from grader.tests.classroom.conftest import LOADS, READS, Classroom, at, worth

SCRIPT = "<script>document.title='owned'</script>"
NOW = at("2026-03-10T12:00:00+00:00")
DEADLINE = at("2026-03-01T22:59:00+00:00")
LATE = "2026-03-03T10:00:00+00:00"
RULES = Term(title="KDLP, spring", policy=Policy(per_day=10, cap=50))
HOSTILE = {
    "alice": "Alice Doe",
    "bob": 'Bobby "Tables" O\'Quote & Sons',
    "carol": SCRIPT,
    "dave": "../../../etc/passwd",
    "erin": "=HYPERLINK(1)",
    "frank": "\x1b[31mRed\x1b[0m \u202etxt.exe",
}


def members(tokens: int = 0) -> list[Member]:
    """The class; carol has late tokens."""
    return [
        Member(
            id=student,
            name=name,
            address=f"{student}@example.org",
            tokens=tokens if student == "carol" else 0,
            deadlines={"13-prng": DEADLINE},
        )
        for student, name in HOSTILE.items()
    ]


def fill(room: Classroom) -> None:
    """Hand-ins of all kinds; frank's never came."""
    room.messages = {
        LOADS: f"{SCRIPT} \x1b]0;owned\x07\x1b[2J\nwhy: it is so\nrule: be kind",
        READS: f"expected the secret 4711\nneeds a test that failed: {LOADS}",
    }
    room.shelf.put("alice", worth(salt="a"))
    room.shelf.put("bob", worth(reads="fail", salt="b"), received=LATE)
    room.shelf.put("carol", worth(loads="oops", reads="blocked"), received=LATE)
    room.shelf.put("dave", None, reasons=(f"patch 1: {SCRIPT} does not apply",))
    room.shelf.put("erin", worth(reads="infra"), style=("prng.c:3: long line",))


def make(
    room: Classroom,
    note: str = "",
    rules: Term = RULES,
    tokens: int = 0,
    now: datetime = NOW,
) -> Book:
    """The gradebook of the class."""
    with Gradebook(room.files.base) as store:
        known = book.courses(room.house, [])
        there = book.gather(store, room.shelf, known)
        return book.make(
            store, room.shelf, members(tokens), rules, there, note, moment=now
        )


def written(room: Classroom, made: Book) -> Path:
    """The folder with everything that is made of `made`."""
    publish.publish(made, Reader(room.house), room.files.out)
    return room.files.out
