"""From attempts to what people read: grades, tables, mails, files for others."""

import csv
import email
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader.classroom import book, changes, desk, durable, grades, plain, sheet
from grader.classroom import plan as plans
from grader.classroom.book import Book
from grader.classroom.grades import Cell
from grader.classroom.late import Policy
from grader.classroom.lesson import Row
from grader.classroom.plan import Plan, Wish
from grader.classroom.term import Term
from grader.tests.classroom import sample
from grader.tests.classroom.conftest import LOADS, READS, Classroom, at, worth
from grader.trouble import Trouble

SECRET = "4711"  # stands in the report of the hidden test READS


@pytest.fixture
def filled(room: Classroom) -> Classroom:
    sample.fill(room)
    room.grade(hidden=(READS,))
    return room


def cell(made: Book, student: str) -> Cell:
    (line,) = [line for line in made.lines if line.member.id == student]
    return line.cells[0]


def points(made: Book) -> dict[str, int | None]:
    return {line.member.id: line.cells[0].points for line in made.lines}


def test_points_less_lateness_are_the_grade(filled: Classroom) -> None:
    found = points(sample.make(filled))
    assert found == {
        "alice": 100,
        "bob": 48,  # 60, two days late
        "carol": 0,
        "dave": 0,  # refused
        "erin": None,  # the grader failed, so nothing is lost
        "frank": None,  # nothing came
    }


def test_unknown_points_do_not_count_and_missed_deadlines_do(
    filled: Classroom,
) -> None:
    made = sample.make(filled)
    of = {line.member.id: (line.points, line.out_of) for line in made.lines}
    assert of["erin"] == (0, 0) and of["frank"] == (0, 100)
    assert of["alice"] == (100, 100)
    early = sample.make(filled, now=at("2026-02-01T00:00:00+00:00"))
    assert {line.member.id: line.out_of for line in early.lines}["frank"] == 0


def test_the_list_of_those_at_risk_says_why(filled: Classroom) -> None:
    risks = {line.member.id: line.risks for line in sample.make(filled).lines}
    assert risks["alice"] == () and risks["erin"] == ()
    assert "13-prng: nothing came" in risks["frank"]
    assert "13-prng: refused" in risks["dave"]
    assert risks["bob"] == ("48 of 100 points, less than 50 %",)


def test_points_by_hand_are_no_missed_deadline(filled: Classroom) -> None:
    with filled.open() as store:
        store.override("13-prng", "frank", 80, "an oral exam", "the staff")
    risks = {line.member.id: line.risks for line in sample.make(filled).lines}
    assert risks["frank"] == ()


def test_a_failure_names_its_kernel_unless_it_is_the_usual_one() -> None:
    row = Row("it loads", "fail", "stock", 0, 5)
    assert row.headline == "fail: it loads"
    assert (
        replace(row, kernel="debug").headline == "fail: it loads, on the debug kernel"
    )


def test_tokens_are_spent_where_they_save_points(filled: Classroom) -> None:
    filled.shelf.put("carol", worth(salt="c"), version=2, received=sample.LATE)
    filled.grade(hidden=(READS,))
    assert cell(sample.make(filled), "carol").points == 80
    saved = cell(sample.make(filled, tokens=1), "carol")
    assert (saved.points, saved.tokens, saved.days) == (90, 1, 2)


def test_an_extension_moves_the_deadline(filled: Classroom) -> None:
    people = [
        replace(m, deadlines={"13-prng": at("2026-03-04T22:59:00+00:00")})
        for m in sample.members()
        if m.id == "bob"
    ]
    with filled.open() as store:
        known = book.courses(filled.house, [])
        made = book.make(
            store, filled.shelf, people, sample.RULES, known, "", sample.NOW
        )
    assert cell(made, "bob").points == 60 and cell(made, "bob").days == 0


def test_what_no_server_dated_counts_as_in_time_and_says_so(room: Classroom) -> None:
    room.shelf.put("bob", worth(salt="b"), received="")
    room.grade()
    found = cell(sample.make(room), "bob")
    assert found.points == 100
    assert found.notes == ("no server said when it came; it counts as in time",)


def test_the_last_version_counts_and_says_when_it_is_lower(room: Classroom) -> None:
    room.shelf.put("alice", worth(salt="a"))
    room.grade()
    assert cell(sample.make(room), "alice").points == 100
    room.shelf.put("alice", worth(reads="fail", salt="a2"), version=2)
    waiting = cell(sample.make(room), "alice")
    assert (waiting.points, waiting.label) == (100, "v1")
    assert waiting.notes == ("v2 is not graded yet; this is v1",)
    room.grade()
    found = cell(sample.make(room), "alice")
    assert (found.points, found.label) == (60, "v2")
    assert found.notes == ("lower than before: v2 counts now, and not v1",)


def test_a_regrade_lowers_nobody_until_somebody_says_why(room: Classroom) -> None:
    room.shelf.put("alice", worth(salt="a"))
    room.shelf.put("bob", worth(reads="fail", salt="b"))
    room.grade()
    sample.make(room)
    room.shelf.put("alice", worth(reads="fail", salt="a"))
    room.shelf.put("bob", worth(salt="b"))
    room.grade(plan=Plan(7, 2, "", True), made_with={"tests": "t2"})
    made = sample.make(room)
    assert points(made)["alice"] == points(made)["bob"] == 100
    assert [held.student for held in made.held()] == ["alice"]
    assert cell(made, "alice").held == 60
    lowered = sample.make(room, note="test 2 was wrong")
    assert points(lowered)["alice"] == 60 and not lowered.held()
    assert cell(lowered, "alice").notes == ("lower than before: test 2 was wrong",)
    assert points(sample.make(room))["alice"] == 60


def test_a_note_of_the_regrade_is_reason_enough(room: Classroom) -> None:
    room.shelf.put("alice", worth(salt="a"))
    room.grade()
    sample.make(room)
    room.shelf.put("alice", worth(reads="fail", salt="a"))
    room.grade(plan=Plan(7, 2, "the test was too kind", True))
    made = cell(sample.make(room), "alice")
    assert made.points == 60
    assert made.notes == ("lower than before: the test was too kind",)


def test_a_stricter_policy_lowers_nobody_in_silence(filled: Classroom) -> None:
    sample.make(filled)
    strict = replace(sample.RULES, policy=Policy(per_day=50, cap=100))
    made = sample.make(filled, rules=strict)
    assert cell(made, "bob").points == 48 and cell(made, "bob").held == 0


def test_an_override_wins_over_all_and_can_be_taken_back(filled: Classroom) -> None:
    sample.make(filled)
    with filled.open() as store:
        store.override("13-prng", "bob", 70, "was ill", "the staff")
        store.override("13-prng", "alice", 10, "copied", "the staff")
    made = sample.make(filled)
    assert cell(made, "bob").points == 70 and cell(made, "bob").by_hand
    assert cell(made, "alice").points == 10
    assert cell(made, "alice").notes == ("lower than before: copied (the staff)",)
    with filled.open() as store:
        store.override("13-prng", "bob", None, "was well", "the staff")
    back = cell(sample.make(filled), "bob")
    assert (back.points, back.by_hand) == (48, False)
    assert back.notes == ("lower than before: was well (the staff)",)


def test_grades_that_did_not_change_are_not_noted_again(filled: Classroom) -> None:
    for _ in range(3):
        sample.make(filled)
    with filled.open() as store:
        (count,) = store.base.execute("SELECT count(*) FROM grade").fetchone()
    assert count == 4


def everything(folder: Path) -> str:
    """All text in what was written."""
    return "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_hidden_tests_show_points_and_lesson_but_no_text(filled: Classroom) -> None:
    told = everything(sample.written(filled, sample.make(filled)))
    assert SECRET not in told and READS not in told and "(a + b)" not in told
    assert "hidden test 1" in told and "not shown yet" in told
    mail = (filled.files.out / "feedback/13-prng/bob.txt").read_text()
    assert "fail: hidden test 1 (0 of 40 points)" in mail
    assert "step 2" in mail  # where to read on is part of the lesson


def test_the_kind_of_a_hidden_failure_is_explained(room: Classroom) -> None:
    room.messages = {READS: SECRET}
    room.shelf.put("gina", worth(reads="oops", salt="g"))
    room.grade(hidden=(READS,))
    told = everything(sample.written(room, sample.make(room)))
    assert SECRET not in told
    assert "The pointer was never set" in told


def test_hidden_tests_are_shown_from_the_date_on(filled: Classroom) -> None:
    rules = replace(sample.RULES, reveal={"13-prng": sample.NOW})
    early = sample.make(filled, rules=rules, now=at("2026-03-10T11:59:59+00:00"))
    assert SECRET not in everything(sample.written(filled, early))
    told = everything(sample.written(filled, sample.make(filled, rules=rules)))
    assert SECRET in told and READS in told and "hidden test" not in told


def test_visible_tests_do_not_name_hidden_ones(filled: Classroom) -> None:
    filled.messages[LOADS] = f"needs a test that failed: {READS}"
    filled.shelf.put("gina", worth(loads="blocked", salt="g"))
    filled.grade(hidden=(READS,))
    told = everything(sample.written(filled, sample.make(filled)))
    assert READS not in told
    assert "needs a test that failed: hidden test 1" in told


def test_nothing_that_was_written_steers_a_terminal(filled: Classroom) -> None:
    told = everything(sample.written(filled, sample.make(filled)))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", told)


def test_hostile_ids_stay_in_their_folder(room: Classroom) -> None:
    with room.open():
        pass
    people = [
        replace(member, id=evil)
        for member, evil in zip(
            sample.members(), ("/..", "../../x", "a'b\"", "<script>", "%2e", "-rf")
        )
    ]
    with room.open() as store:
        for member in people:
            store.override("13-prng", member.id, 50, "why", "staff")
        known = book.courses(room.house, [])
        there = book.gather(store, room.shelf, known)
        made = book.make(store, room.shelf, people, Term(), there, "", sample.NOW)
    out = sample.written(room, made)
    outside = [
        p for p in room.house.root.rglob("*") if p.is_file() and out not in p.parents
    ]
    assert not [p for p in outside if "x" == p.name or p.suffix in (".html", ".txt")]
    pages = sorted(path.name for path in (out / "students").iterdir())
    assert len(pages) == len(people)
    index = (out / "index.html").read_text()
    links = re.findall(r'href="students/([^"]*)"', index)
    found = {link.partition("#")[0].replace("%25", "%") for link in links}
    assert found == set(pages)


def test_the_csv_survives_every_name(filled: Classroom) -> None:
    made = sample.make(filled)
    rows = list(csv.DictReader(io.StringIO(sheet.grades_csv(made))))
    assert [row["student"] for row in rows] == list(sample.HOSTILE)
    assert rows[1]["name"] == sample.HOSTILE["bob"]
    assert rows[4]["name"] == "'=HYPERLINK(1)"  # no formula
    assert rows[5]["name"] == "Red txt.exe"
    assert [row["13-prng"] for row in rows] == ["100", "48", "0", "0", "", ""]
    details = list(csv.DictReader(io.StringIO(sheet.details_csv(made))))
    assert details[1]["days_late"] == "2" and details[1]["percent_off"] == "20"


def test_a_feedback_mail_is_one_and_says_all(filled: Classroom) -> None:
    entry = filled.shelf.put("bob", worth(reads="fail", salt="b"), version=2)
    filled.shelf.entries["13-prng", "bob"] = replace(
        entry, message_id="<a.b@example.org>"
    )
    filled.grade()
    out = sample.written(filled, sample.make(filled))
    text = (out / "feedback/13-prng/bob.txt").read_text()
    mail = email.message_from_string(text)
    assert mail["To"] == "bob@example.org"
    assert mail["Subject"] == "[KDLP, spring] 13-prng v2: 60 of 100 points"
    assert mail["In-Reply-To"] == "<a.b@example.org>"
    assert "1 of 2 tests did not pass:" in text
    assert 'again: make grade 13-prng SEED=7 TEST="it reads (a + b) [x]?"' in text
    refused = (out / "feedback/13-prng/dave.txt").read_text()
    assert "this is why:\n  - patch 1: " in refused and "next version" in refused
    could_not = (out / "feedback/13-prng/erin.txt").read_text()
    assert "not your fault" in could_not and "it went wrong" not in could_not


@pytest.mark.parametrize(
    "message_id", ["<a@b>\nBcc: all@example.org", "<a b@c>", "a@b", "<a@b\x00>", ""]
)
def test_headers_of_a_mail_cannot_be_smuggled_in(
    filled: Classroom, message_id: str
) -> None:
    entry = filled.shelf.put("bob", worth(salt="b"), version=2)
    filled.shelf.entries["13-prng", "bob"] = replace(entry, message_id=message_id)
    filled.grade()
    out = sample.written(filled, sample.make(filled))
    mail = email.message_from_string((out / "feedback/13-prng/bob.txt").read_text())
    assert mail["Bcc"] is None and mail["In-Reply-To"] is None


def test_gradescope_gets_what_it_asks_for(filled: Classroom) -> None:
    out = sample.written(filled, sample.make(filled))
    table = json.loads((out / "gradescope/13-prng/bob/results.json").read_text())
    assert table["score"] == 48 and table["visibility"] == "visible"
    assert "late: 2 days: -20 %" in table["output"]
    for test in table["tests"]:
        assert 0 <= test["score"] <= test["max_score"]
        assert test["status"] in ("passed", "failed")
        assert isinstance(test["output"], str) and isinstance(test["number"], str)
    assert [test["name"] for test in table["tests"]] == [LOADS, "hidden test 1"]
    assert not (out / "gradescope/13-prng/erin").exists()  # unknown is not zero


def test_junit_is_written_for_each(filled: Classroom) -> None:
    out = sample.written(filled, sample.make(filled))
    root = ElementTree.parse(out / "junit/13-prng/bob.xml").getroot()
    assert root[0].get("tests") == "2" and root[0].get("failures") == "1"


def test_the_test_that_fails_most_is_first(filled: Classroom) -> None:
    for number in range(4):
        filled.shelf.put(f"s{number}", worth(reads="fail", salt=str(number)))
    filled.grade(hidden=(READS,))
    first = sample.make(filled).missed[0]
    assert (first.test, first.failed, first.graded) == ("hidden test 1", 5, 7)


def test_old_pages_stay_until_the_new_ones_are_whole(
    filled: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = sample.written(filled, sample.make(filled))
    before = everything(out)

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.classroom.dashboard.student", full)
    with pytest.raises(OSError):
        sample.written(filled, sample.make(filled))
    assert everything(out) == before
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".grade")] == [
        ".gradebook.lock"
    ]


@pytest.mark.parametrize("there", [True, False], ids=["whole", "taken away"])
def test_a_publisher_that_was_killed_is_cleaned_up_after(
    filled: Classroom, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    out = sample.written(filled, sample.make(filled))
    before = everything(out)
    half = out.with_name(".gradebook-abc")
    half.mkdir()
    (half / "half").touch()
    old = out.with_name(".gradebook-abc.old")
    if not there:  # killed between its two renames
        out.rename(old)
    with monkeypatch.context() as patch, pytest.raises(OSError):
        patch.setattr("grader.classroom.publish.fill", fail_once)
        sample.written(filled, sample.make(filled))
    assert everything(out) == before
    assert not half.exists() and not old.exists()


def fail_once(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_regrade_says_who_changes_and_why(room: Classroom) -> None:
    room.shelf.put("alice", worth(salt="a"))
    room.shelf.put("bob", worth(reads="fail", salt="b"))
    room.shelf.put("carol", worth(salt="c"))
    room.grade()
    room.shelf.put("alice", worth(reads="fail", salt="a"))
    room.shelf.put("bob", worth(salt="b"))
    made_with = {"tests": "t2", "grader": "g1", "kernels": "k1", "engine": "e1"}
    room.grade(plan=Plan(8, 2, "", True), made_with=made_with)
    found = changes.of(room.shelf.latest("13-prng"), 2)
    assert changes.report(found, 3, "") == [
        "alice v1: 100 -> 60 points",
        f"    pass -> fail: {READS} (stock)",
        "    since: the tests are others, the seed is another",
        "bob v1: 60 -> 100 points",
        f"    fail -> pass: {READS} (stock)",
        "    since: the tests are others, the seed is another",
        "3 graded again: 2 changed, 1 of them lowered",
        "without a note the lowered ones keep the grade that was shown; to lower "
        'them: make gradebook NOTE="why"',
    ]


def test_a_plan_outlives_its_run(tmp_path: Path) -> None:
    first = plans.settle(tmp_path, Wish())
    assert plans.settle(tmp_path, Wish()) == first
    with pytest.raises(Trouble, match=f"graded with SEED={first.seed}"):
        plans.settle(tmp_path, Wish(seed=first.seed + 1))
    again = plans.settle(tmp_path, Wish(regrade=True, note="why"))
    assert (again.generation, again.seed, again.note) == (2, first.seed, "why")
    assert plans.settle(tmp_path, Wish(regrade=True)) == again  # it was interrupted
    assert plans.settle(tmp_path, Wish()) == again
    plans.close(tmp_path, again)
    assert not plans.settle(tmp_path, Wish()).open
    other = plans.settle(tmp_path, Wish(regrade=True, seed=5))
    assert (other.generation, other.seed, other.open) == (3, 5, True)


def test_one_line_is_one_line() -> None:
    assert plain.line("a\nb\r\n\x1b[2Jc\u2028d\u202e") == "a b cd"
    assert plain.field("-1") == "'-1" and plain.field("a=b") == "a=b"
    assert durable.file_name("a b") == "a%20b"


def test_an_infra_never_replaces_a_verdict(room: Classroom) -> None:
    entry = room.shelf.put("alice", worth(salt="a"))
    room.grade()
    with room.open() as store:
        desk.failed(room.desk(store, Plan(7, 2)), entry, "no VM")
        found = grades.counting(store.attempts("13-prng"), {"alice": entry})
    assert found["alice"][1].score == 100
