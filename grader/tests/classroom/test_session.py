"""`make grade-class` as it is seen: lines, a bar with an estimate, what comes next."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from grader.classroom import session, verbs
from grader.classroom.plan import Plan, Wish
from grader.classroom.shelf import Shelf
from grader.classroom.work import Tally
from grader.house import House
from grader.tests.classroom.conftest import LOADS, MADE_WITH, Classroom, worth
from grader.trouble import CannotGrade, Trouble

NEW_TESTS = {**MADE_WITH, "tests": "t2"}


@pytest.fixture
def made_with(room: Classroom, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """With what the fake grader grades, which a test may change: no VM, no kernel."""
    versions = dict(MADE_WITH)

    def desk(*words: object) -> object:
        (record, plan) = words[3], words[4]
        assert callable(record) and isinstance(plan, Plan)
        with room.open() as store:
            board = room.desk(store, plan, made_with=dict(versions))
        return replace(board, record=record)

    monkeypatch.setattr(session, "make_desk", desk)
    monkeypatch.setattr(session, "make_templates", lambda *_: None)
    return versions


def grade(room: Classroom, wish: Wish = Wish(seed=7), terminal: bool = False) -> str:
    """Grades the class once; what was said."""
    said = io.StringIO()
    size = {"width": 120, "force_terminal": terminal, "legacy_windows": False}
    console = Console(file=said, **size)  # type: ignore[arg-type]
    with room.open() as store:
        session.grade_class(
            room.house, room.exercise, room.shelf, store, wish, 1, console
        )
    return said.getvalue()


def test_each_hand_in_is_a_line_with_what_is_left(
    room: Classroom, made_with: dict[str, str]
) -> None:
    room.shelf.put("alice", worth(salt="a"))
    room.shelf.put("bob", worth(reads="fail", salt="b"), cost=5)
    lines = grade(room).splitlines()
    assert re.fullmatch(
        r"alice v1: 100 of 100 points; all passed  \[1 of 2, about \d+ s left\]",
        lines[0],
    )
    assert lines[1] == "bob v1: 55 of 100 points; 1 fail, style -5  [2 of 2]"
    assert re.fullmatch(r"13-prng: 2 graded, \d+ s, \d+ a minute", lines[2])
    assert lines[3:] == ["next: make gradebook"]
    assert grade(room).splitlines() == [
        "13-prng: 0 graded, 2 were done before",
        "next: make gradebook",
    ]


def test_a_terminal_has_a_bar_with_an_estimate(
    room: Classroom, made_with: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    room.shelf.put("alice", worth(salt="a"))
    room.shelf.put("bob", worth(salt="b"))
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", grade(room, terminal=True))
    assert "2/2" in said and "left:" in said
    assert "all passed  [1 of 2" not in said


def test_nobody_steers_the_terminal_of_the_staff(
    room: Classroom, made_with: dict[str, str]
) -> None:
    room.shelf.put("alice", None, reasons=("\x1b[2J[red]no patch\x07\nat all",))
    room.shelf.put("[bold]bob", b"", reasons=("cannot",))
    said = grade(room)
    assert "alice v1: refused: [red]no patch at all  [" in said
    assert "not graded: [bold]bob v1: the sandbox does not start" in said
    assert "next: make grade-class 13-prng, which tries only these again" in said
    assert not re.search("[\x00-\x09\x0b-\x1f]", said)


def test_verdicts_of_other_tests_are_told_and_regraded_on_request(
    room: Classroom, made_with: dict[str, str]
) -> None:
    room.shelf.put("alice", worth(salt="a"))
    room.shelf.put("bob", worth(salt="b"))
    grade(room)
    made_with.update(NEW_TESTS)
    room.shelf.put("bob", worth(loads="fail", salt="b"))
    said = " ".join(grade(room).split())
    assert "0 graded, 2 were done before" in said
    assert "2 verdicts are from before the tests, grader, kernels or engine" in said
    said = grade(room, Wish(regrade=True, note="test 1 was too kind"))
    assert (
        "bob v1: 100 -> 40 points\n"
        f"    pass -> fail: {LOADS} (stock)\n"
        "    since: the tests are others\n"
        "2 graded again: 1 changed, 1 of them lowered\n"
    ) in said
    kept = room.files.notes("13-prng") / "regrade-2.txt"
    assert kept.read_text() in said
    assert "0 graded, 2 were done before" in grade(room)


def test_a_regrade_that_was_interrupted_goes_on(
    room: Classroom, made_with: dict[str, str]
) -> None:
    for number in range(4):
        room.shelf.put(f"s{number}", worth(salt=f"h{number}"))
    grade(room)
    room.shelf.put("s1", b"", reasons=("cannot",))
    said = grade(room, Wish(regrade=True))
    assert "1 not graded" in said and "graded again" not in said
    room.shelf.put("s1", worth(reads="fail", salt="h1"))
    said = grade(room)
    assert "1 graded, 3 were done before" in said
    assert "s1 v1: 100 -> 60 points" in said
    assert "4 graded again: 1 changed, 1 of them lowered" in said
    assert len(room.graded()) == 8


def test_a_task_of_a_cluster_leaves_the_gradebook_alone(
    room: Classroom, made_with: dict[str, str]
) -> None:
    grade(room)
    entry = room.shelf.put("alice", worth(salt="a"))
    shelf: Shelf = room.shelf
    made = session.grade_version(room.house, room.exercise, shelf, entry)
    assert made.score == 100
    with room.open() as store:
        assert list(store.attempts("13-prng")) == []
    assert "1 were done before" in grade(room)
    assert room.graded() == ["a"]


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3599, "1 h 0 min"),
        (7380, "2 h 3 min"),
    ],
)
def test_a_time_is_told_in_words(seconds: float, text: str) -> None:
    assert session.human(seconds) == text


def test_what_was_not_graded_is_listed_by_its_first_line(room: Classroom) -> None:
    entry = room.shelf.put("alice", b"")
    tally = Tally(graded=3, refused=1, failures=[(entry, "no VM\nnext: mend")])
    assert session.closing("13-prng", tally, 120) == [
        "13-prng: 3 graded, 1 refused, 1 not graded, 2 min, 2 a minute",
        "  not graded: alice v1: no VM",
        "next: make grade-class 13-prng, which tries only these again",
    ]


def call(house: House, verb: object, *words: str) -> Result:
    return CliRunner().invoke(verb, words, obj=house)  # type: ignore[arg-type]


def enrol(house: House, lines: str = "alice,Alice Doe,alice@example.org\n") -> Path:
    path = house.root / "submissions" / "roster.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("student,name,address\n" + lines)
    return path


@pytest.mark.parametrize(
    "words, says",
    [
        ((), "an override needs STUDENT, POINTS and REASON"),
        (("--student=alice", "--points=5", "--reason= "), "an override needs"),
        (("--student=alice", "--points=-5", "--reason=x"), "POINTS=-5: not a number"),
        (("--student=alice", "--points=\u0665", "--reason=x"), "not a number"),
        (("--student=alice", "--points=1001", "--reason=x"), "more than 1000"),
        (("--student=zoe", "--points=5", "--reason=x"), "nobody in the roster"),
        (("--student=../alice", "--points=5", "--reason=x"), "nobody in the roster"),
    ],
)
def test_an_override_that_cannot_be_meant_is_refused(
    room: Classroom, words: tuple[str, ...], says: str
) -> None:
    enrol(room.house)
    done = call(room.house, verbs.override_verb, "13-prng", *words)
    assert isinstance(done.exception, Trouble) and says in str(done.exception)
    assert not room.files.base.exists()


def test_a_note_without_a_regrade_is_refused(room: Classroom) -> None:
    done = call(room.house, verbs.grade_class_verb, "13-prng", "--note=why")
    assert isinstance(done.exception, Trouble)
    assert "NOTE without REGRADE=1" in str(done.exception)


def test_tokens_that_are_no_number_are_told_with_their_line(room: Classroom) -> None:
    path = enrol(room.house)
    path.write_text("student,name,address,tokens\na,A,a@example.org,two\n")
    done = call(room.house, verbs.gradebook_verb)
    assert isinstance(done.exception, Trouble)
    assert f"{path}:2: tokens: 'two'" in str(done.exception)


def test_a_task_without_a_list_says_what_it_is(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLURM_ARRAY_TASK_ID", raising=False)
    listed = room.house.root / "tasks.json"
    listed.write_text('["/nowhere"]')
    done = call(room.house, verbs.grade_version_verb, "13-prng", str(listed))
    assert isinstance(done.exception, CannotGrade)
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "0")
    done = call(room.house, verbs.grade_version_verb, "13-prng", str(listed))
    assert isinstance(done.exception, CannotGrade)
    assert "next: make collect" in str(done.exception)
