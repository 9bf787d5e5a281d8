"""The gradebook: rows are only added, by several at once, and a full disk is told."""

import shutil
import sqlite3
import struct
from pathlib import Path

import pytest

from grader.classroom import gradebook
from grader.classroom.gradebook import Gradebook, Shown
from grader.tests.classroom.conftest import Classroom, in_children, worth
from grader.trouble import CannotGrade

TABLES = ("attempt", "override", "grade")


@pytest.fixture
def filled(room: Classroom) -> Classroom:
    room.shelf.put("alice", worth())
    room.grade()
    with room.open() as store:
        store.override("13-prng", "alice", 90, "was ill", "staff")
        with store.changing():
            store.show(
                "13-prng", "alice", Shown(100, 100, "v1", 1, None, "", "2026-01-01")
            )
    return room


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET made = 1",
        "DELETE FROM {}",
        "INSERT OR REPLACE INTO {} SELECT * FROM {}",
    ],
)
def test_rows_are_neither_changed_nor_removed(
    filled: Classroom, table: str, statement: str
) -> None:
    column = "graded" if table == "attempt" else "made"
    text = statement.replace("made", column).replace("{}", table)
    with filled.open() as store:
        before = store.base.execute(f"SELECT * FROM {table}").fetchall()
        assert len(before) == 1
    plain = sqlite3.connect(filled.files.base)  # without our settings
    with pytest.raises(sqlite3.IntegrityError, match="never (changed|removed)"):
        plain.execute(text)
    assert plain.execute(f"SELECT * FROM {table}").fetchall() == before
    plain.close()


def test_a_grade_is_never_lowered_without_a_note(filled: Classroom) -> None:
    lower = Shown(80, 100, "v1", 1, None, "", "2026-01-02")
    with filled.open() as store:
        with pytest.raises(sqlite3.IntegrityError, match="never lowered without"):
            with store.changing():
                store.show("13-prng", "alice", lower)
        with store.changing():
            note = Shown(80, 100, "v1", 1, None, "test 2 was wrong", "2026-01-02")
            store.show("13-prng", "alice", note)
        assert store.shown()["13-prng", "alice"].points == 80


def test_an_override_needs_a_reason_and_an_author(room: Classroom) -> None:
    with room.open() as store:
        for reason, author in (("", "staff"), ("  ", "staff"), ("ill", " ")):
            with pytest.raises(sqlite3.IntegrityError):
                store.override("13-prng", "alice", 1, reason, author)
        assert store.overrides() == {}


def test_migrations_are_numbered_without_a_gap_and_run_once(tmp_path: Path) -> None:
    steps = gradebook.migrations()
    numbers = [int(path.name.partition("-")[0]) for path in steps]
    assert numbers == list(range(1, len(steps) + 1))
    for _ in range(2):
        with Gradebook(tmp_path / "book.sqlite") as store:
            version = store.base.execute("PRAGMA user_version").fetchone()
            assert version == (len(steps),)
            assert store.base.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_gradebook_of_an_earlier_version_is_brought_up_to_date(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = gradebook.migrations()
    monkeypatch.setattr(gradebook, "migrations", lambda: every[:1])
    room.shelf.put("alice", worth())
    room.grade()
    monkeypatch.undo()
    with room.open() as store:
        assert [made.student for _, made in store.attempts("13-prng")] == ["alice"]
        assert store.overrides() == {}


def test_a_newer_gradebook_is_left_alone(room: Classroom) -> None:
    with room.open() as store:
        store.base.execute("PRAGMA user_version = 99")
    with pytest.raises(CannotGrade, match="made by a newer course, version 99"):
        room.open()


def test_what_is_no_gradebook_is_left_alone(room: Classroom) -> None:
    room.files.base.parent.mkdir(parents=True)
    room.files.base.write_text("this is no database, but a shopping list" * 40)
    with pytest.raises(CannotGrade, match="not a database"):
        room.open()
    assert room.files.base.read_text().startswith("this is no database")


def test_a_damaged_gradebook_is_told_when_it_is_read(filled: Classroom) -> None:
    with filled.open() as store:
        store.base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = filled.files.base.read_bytes()
    (size,) = struct.unpack(">H", data[16:18])  # of a page; the first has the schema
    filled.files.base.write_bytes(data[:size] + b"\xff" * (len(data) - size))
    with pytest.raises(CannotGrade, match="malformed\nnext: put a copy of it"):
        with filled.open() as store:
            list(store.attempts("13-prng"))


def test_two_write_at_once_and_both_are_kept(room: Classroom) -> None:
    def write(author: str) -> None:
        with room.open() as store:
            for number in range(25):
                store.override("13-prng", f"s{number}", number, "why", author)

    assert in_children(lambda: write("one"), lambda: write("two")) == [0, 0]
    with room.open() as store:
        rows = store.base.execute(
            "SELECT author, count(*) FROM override GROUP BY author ORDER BY author"
        ).fetchall()
    assert rows == [("one", 25), ("two", 25)]


def test_a_full_disk_is_told_and_what_was_there_stays(filled: Classroom) -> None:
    with filled.open() as store:
        pages = store.base.execute("PRAGMA page_count").fetchone()[0]
        store.base.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OSError, match="No space left on device"):
            for number in range(1000):
                store.override("13-prng", f"s{number}", 1, "why " * 99, "staff")
    with filled.open() as store:
        assert store.base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert store.overrides()["13-prng", "alice"].points == 90


@pytest.mark.parametrize(
    "says, free, told",
    [
        ("database or disk is full", 1 << 30, "No space left on device"),
        ("disk I/O error", 4096, "No space left on device"),
        ("disk I/O error", 1 << 30, "Input/output error"),
    ],
)
def test_a_broken_disk_is_not_called_full(
    filled: Classroom, monkeypatch: pytest.MonkeyPatch, says: str, free: int, told: str
) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with filled.open() as store, pytest.raises(OSError, match=told):
        with store.changing():
            raise sqlite3.OperationalError(says)


def test_an_attempt_is_entered_once(filled: Classroom) -> None:
    with filled.open() as store:
        ((_, made),) = store.attempts("13-prng")
        store.record(made)
        assert len(list(store.attempts("13-prng"))) == 1
        rows = store.base.execute("SELECT test, verdict FROM verdict").fetchall()
    assert rows == [("it loads", "pass"), ("it reads (a + b) [x]?", "pass")]
