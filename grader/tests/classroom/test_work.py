"""Grading a class: nothing is lost and nothing repeated, whatever ends the grader."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import __main__ as entry_point
from grader import process
from grader.catalog import Exercise
from grader.classroom import attempt, desk, durable, gradebook, work
from grader.classroom.attempt import Attempt
from grader.classroom.plan import Plan
from grader.results import ExerciseResult
from grader.stage import HandIn
from grader.tests.classroom.conftest import (
    LOADS,
    READS,
    Classroom,
    Silent,
    in_children,
    worth,
)
from grader.trouble import CannotGrade, CourseError

WORTH = {
    "alice": (worth(salt="a"), 100),
    "bob": (worth(reads="fail", salt="b"), 60),
    "carol": (worth(salt="same"), 100),
    "dave": (worth(salt="same"), 100),
    "erin": (worth(loads="oops", reads="blocked", salt="e"), 0),
    "frank": (None, 0),
}
GRADED = ["a", "b", "e", "same"]  # what the six students' hand-ins amount to


@pytest.fixture
def six(room: Classroom) -> Classroom:
    """Six students: two handed in the same, one was refused."""
    for student, (content, _) in WORTH.items():
        reasons = () if content else ("patch 1 of 1 does not apply",)
        room.shelf.put(student, content, reasons=reasons)
    return room


def scores(room: Classroom) -> dict[str, int | None]:
    """Student to score, by the gradebook; nobody may be in it twice."""
    with room.open() as store:
        made = [made for _, made in store.attempts("13-prng")]
    assert len(made) == len({one.student for one in made})
    return {one.student: one.score for one in made}


def verdict_files(room: Classroom) -> list[Path]:
    return sorted(room.shelf.root.glob("13-prng/*/v1/results/[0-9]*.json"))


def all_is_well(room: Classroom) -> None:
    assert scores(room) == {name: score for name, (_, score) in WORTH.items()}
    assert [path.parts[-4] for path in verdict_files(room)] == sorted(WORTH)


def test_each_student_gets_what_their_hand_in_is_worth(six: Classroom) -> None:
    tally = six.grade()
    assert (tally.graded, tally.refused, tally.shared) == (5, 1, 1)
    assert not tally.failures
    all_is_well(six)


def test_the_same_hand_in_is_graded_once(six: Classroom) -> None:
    six.grade(jobs=4)
    assert sorted(six.graded()) == GRADED
    with six.open() as store:
        shared = {m.student: m.shared for _, m in store.attempts("13-prng")}
    assert sorted([shared["carol"], shared["dave"]]) == [False, True]


def test_a_second_run_does_nothing(six: Classroom) -> None:
    six.grade()
    before = {path: path.stat().st_mtime_ns for path in verdict_files(six)}
    tally = six.grade()
    assert (tally.graded, tally.refused, tally.already) == (0, 0, 6)
    assert {path: path.stat().st_mtime_ns for path in verdict_files(six)} == before
    assert sorted(six.graded()) == GRADED
    all_is_well(six)


def test_a_gradebook_that_was_lost_is_made_again_from_the_files(six: Classroom) -> None:
    six.grade()
    for path in six.files.base.parent.glob("gradebook.sqlite*"):
        path.unlink()
    six.grade()
    all_is_well(six)
    assert sorted(six.graded()) == GRADED


def deadly(room: Classroom, moment: int, steps: Path) -> None:
    """Grades the class, and dies by SIGKILL before step `moment` of what changes
    something: a grading, a sync, a rename, a transaction. Counts the steps."""
    count = 0

    def before(function: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*words: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*words, **named)

        return wrapped

    for owner, name in (
        (os, "fsync"),
        (os, "replace"),
        (gradebook.Gradebook, "changing"),
        (attempt, "to_json"),
    ):
        setattr(owner, name, before(getattr(owner, name)))
    room.fake = before(room.fake)  # type: ignore[assignment]
    room.grade()
    steps.write_text(str(count))


def steps_of_a_run(room: Classroom) -> int:
    """How many steps grading the class takes; `room` is left as it was."""
    steps = room.house.root / "steps"
    assert in_children(lambda: deadly(room, 0, steps)) == [0]
    for path in (*verdict_files(room), *room.files.notes("13-prng").iterdir()):
        path.unlink()
    for path in (*room.files.base.parent.glob("gradebook.sqlite*"), room.log):
        path.unlink()
    return int(steps.read_text())


def test_killed_at_any_of_ten_moments_it_goes_on_where_it_was(six: Classroom) -> None:
    total = steps_of_a_run(six)
    assert total > 40
    for number in range(10):
        moment = 1 + number * (total - 1) // 9
        (status,) = in_children(lambda: deadly(six, moment, six.log))
        assert os.WIFSIGNALED(status), f"not killed at step {moment} of {total}"
        kept = sorted(path.stem for path in six.files.notes("13-prng").glob("*.json"))
        before = six.graded()
        six.grade()
        again = six.graded()[len(before) :]
        assert len(again) == len(GRADED) - len(kept), f"at step {moment} of {total}"
        all_is_well(six)
        assert six.grade().already == 6
        steps_of_a_run(six)


def test_a_killed_grader_leaves_no_lock(six: Classroom) -> None:
    def die_grading(*_: object) -> ExerciseResult:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError

    def die() -> None:
        with six.open() as store:
            board = six.desk(store, grade=die_grading)
            work.run(board, six.shelf.latest("13-prng"), 2, Silent())

    (status,) = in_children(die)
    assert os.WTERMSIG(status) == signal.SIGKILL
    six.grade()
    all_is_well(six)


def test_two_graders_at_once_share_the_work(room: Classroom) -> None:
    for number in range(12):
        room.shelf.put(f"s{number:02}", worth(salt=f"h{number % 8}"))

    def slow(exercise: Exercise, hand_in: HandIn) -> ExerciseResult:
        time.sleep(0.05)
        return room.fake(exercise, hand_in)

    def run() -> None:
        with room.open() as store:
            board = room.desk(store, grade=slow)
            tally = work.run(board, room.shelf.latest("13-prng"), 2, Silent())
            assert tally.finished + tally.already == 12 and not tally.failures

    assert in_children(run, run) == [0, 0]
    assert sorted(room.graded()) == [f"h{number}" for number in range(8)]
    assert set(scores(room).values()) == {100} and len(scores(room)) == 12


def test_a_signal_is_nobodys_failure(six: Classroom) -> None:
    """SIGTERM ends compilers and VMs first, whose deaths look like a wrong hand-in."""
    begun = six.house.root / "begun"

    def killed(exercise: Exercise, hand_in: HandIn) -> ExerciseResult:
        begun.touch()
        process.run(["sleep", "30"], timeout=60)
        wrong = HandIn({"prng.c": worth("build", "build")})
        return six.fake(exercise, wrong)

    def run() -> None:
        signal.signal(signal.SIGTERM, entry_point.terminate)
        with six.open() as store:
            board = six.desk(store, grade=killed)
            work.run(board, six.shelf.latest("13-prng")[:5], 2, Silent())

    child = os.fork()
    if child == 0:
        try:
            run()
        finally:
            os._exit(70)
    deadline = time.monotonic() + 60
    while not begun.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(child, signal.SIGTERM)
    os.waitpid(child, 0)
    assert begun.exists() and verdict_files(six) == []
    six.grade()
    all_is_well(six)


def test_what_the_grader_could_not_do_costs_nothing_and_is_tried_again(
    six: Classroom,
) -> None:
    six.shelf.put("bob", worth(reads="infra", salt="b"))
    six.shelf.put("carol", b"", reasons=("cannot",))
    tally = six.grade(jobs=1)
    assert [entry.student for entry, _ in tally.failures] == ["bob", "carol"]
    assert "the sandbox does not start" in tally.failures[1][1]
    assert scores(six)["bob"] is None and scores(six)["carol"] is None
    six.shelf.put("bob", worth(reads="fail", salt="b"))
    six.shelf.put("carol", worth(salt="same"))
    tally = six.grade()
    assert (tally.graded, tally.already) == (2, 4)
    with six.open() as store:
        of_bob = [m.score for _, m in store.attempts("13-prng") if m.student == "bob"]
    assert of_bob == [None, 60]


def test_what_could_not_be_told_is_not_remembered(room: Classroom) -> None:
    room.shelf.put("alice", worth(salt="a"))

    def blind(exercise: Exercise, hand_in: HandIn) -> ExerciseResult:
        return room.fake(exercise, HandIn({"prng.c": worth(reads="infra")}))

    with room.open() as store:
        board = room.desk(store, grade=blind)
        work.run(board, room.shelf.latest("13-prng"), 1, Silent())
    assert room.grade().graded == 1
    assert desk.finished(room.shelf.entries["13-prng", "alice"], 1)


def test_one_bad_hand_in_does_not_end_the_others(six: Classroom) -> None:
    def brittle(exercise: Exercise, hand_in: HandIn) -> ExerciseResult:
        if json.loads(hand_in.files["prng.c"])["salt"] == "b":
            raise ValueError("a defect of the grader")
        return six.fake(exercise, hand_in)

    with six.open() as store:
        board = six.desk(store, grade=brittle)
        tally = work.run(board, six.shelf.latest("13-prng"), 2, Silent())
    assert [entry.student for entry, _ in tally.failures] == ["bob"]
    assert "ValueError: a defect of the grader" in tally.failures[0][1]
    assert tally.finished == 5


def test_it_stops_when_three_in_a_row_cannot_be_graded(room: Classroom) -> None:
    for number in range(9):
        room.shelf.put(f"s{number}", b"", reasons=("cannot",))
    with pytest.raises(CannotGrade, match="3 hand-ins in a row could not be graded"):
        room.grade(jobs=1)
    assert len(scores(room)) == 3


def test_a_wrong_course_ends_the_run(six: Classroom) -> None:
    def wrong(*_: object) -> ExerciseResult:
        raise CourseError("a.bats:1: wrong")

    with six.open() as store, pytest.raises(CourseError):
        board = six.desk(store, grade=wrong)
        work.run(board, six.shelf.latest("13-prng"), 1, Silent())
    assert {path.parts[-4] for path in verdict_files(six)} <= {"frank"}


DISK = """
import errno, sys
from pathlib import Path
from grader.tests.classroom import conftest, test_work
from grader.catalog import load
from grader.house import House

house = House(Path(sys.argv[1]))
room = conftest.Classroom(house, load(house, "13-prng"),
                          conftest.FakeShelf(house.root / "submissions"))
for number in range(40):
    room.shelf.put(f"s{number:02}", conftest.worth(salt=f"h{number:02}"))
room.messages = {}
room.log.write_text("")
try:
    for number in range(3):  # a class with long reports, on a small disk
        room.grade(plan=test_work.Plan(7, number + 1))
    sys.exit("the disk was never full")
except OSError as error:
    if error.errno != errno.ENOSPC:
        raise
ballast = house.root / "ballast"
done = len(test_work.verdict_files(room))
ballast.unlink()
for number in range(3):
    room.grade(plan=test_work.Plan(7, number + 1))
with room.open() as store:
    made = [one for _, one in store.attempts("13-prng")]
kept = {(one.student, one.generation) for one in made}
assert len(made) == len(kept) == 120, (len(made), len(kept))
assert all(one.score == 100 for one in made)
print(f"full after {done}, then all {len(made)}")
"""


def test_a_full_disk_loses_nothing(room: Classroom, tmp_path: Path) -> None:
    """On a real file system of 2 MiB, most of which is taken until it was full."""
    small = tmp_path / "small"
    small.mkdir()
    copied = f"cp -r {room.house.exercises} {small} && head -c 1300000 /dev/zero"
    command = ["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc"]
    command += ["--size", str(2 << 20), "--tmpfs", str(small), "sh", "-ec"]
    command += [f'{copied} >{small}/ballast; exec "$0" -B -c "$1" "$2"']
    command += [sys.executable, DISK, str(small)]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[3], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("full after ")


def test_a_damaged_verdict_is_reached_again(six: Classroom) -> None:
    six.grade()
    victim = verdict_files(six)[0]
    victim.write_text(victim.read_text()[:100])
    tally = six.grade()
    assert (tally.graded, tally.already) == (1, 5)
    assert sorted(six.graded()) == GRADED  # the verdict itself was kept elsewhere
    made = attempt.from_json(victim.read_text())
    assert made.score == WORTH[made.student][1]


def test_a_new_generation_grades_all_again_and_is_taken_up_again(
    six: Classroom,
) -> None:
    six.grade()
    entries = six.shelf.latest("13-prng")
    second = Plan(7, 2, "test 2 was wrong", True)
    with six.open() as store:
        board = six.desk(store, second)
        work.run(board, entries[:3], 1, Silent())
    assert six.grade(plan=second).already == 3
    assert sorted(six.graded()) == sorted(GRADED * 2)
    with six.open() as store:
        made = [made for _, made in store.attempts("13-prng")]
    assert len(made) == 12
    assert {one.note for one in made if one.generation == 2} == {"test 2 was wrong"}


def test_other_tests_or_another_seed_are_another_grading(six: Classroom) -> None:
    six.grade()
    again = {"tests": "t2", "grader": "g1", "kernels": "k1", "engine": "e1"}
    made = desk.finished(six.shelf.latest("13-prng")[0], 1)
    assert made and desk.stale(made, again) == ["tests"]
    assert six.grade(made_with=again).already == 6  # nobody's grade changes unasked
    six.grade(made_with=again, plan=Plan(7, 2))
    assert len(six.graded()) == 2 * len(GRADED)


def attempts_alive() -> int:
    gc.collect()
    return sum(isinstance(thing, Attempt) for thing in gc.get_objects())


def test_memory_does_not_grow_with_the_class(room: Classroom) -> None:
    """What is left of a graded hand-in is a count."""
    for number in range(30):
        room.shelf.put(f"s{number}", worth(salt=f"h{number}"))
    before = attempts_alive()  # fixtures of other tests may keep some
    tally = room.grade()
    assert tally.graded == 30 and attempts_alive() <= before


def test_an_attempt_is_the_same_after_a_journey_through_its_file(
    six: Classroom,
) -> None:
    six.shelf.put("gina", worth(reads="fail"), style=("x.c:1: long",), cost=5)
    six.grade()
    with six.open() as store:
        for _, made in store.attempts("13-prng"):
            assert attempt.from_json(attempt.to_json(made)) == made
            if made.student == "gina":
                assert (made.score, made.style) == (55, ("x.c:1: long",))
    with pytest.raises(ValueError):
        attempt.from_json('{"schema": 2}')
    with pytest.raises(ValueError):
        attempt.from_json("[]")


@pytest.mark.parametrize(
    "name", ["/..", "..", ".", "a/b", "%2F", "é\n", "\ud800", "x" * 500, "", "-rf"]
)
def test_no_name_leaves_its_folder_or_meets_another(name: str) -> None:
    safe = durable.file_name(name)
    assert safe not in ("", ".", "..") and "/" not in safe and len(safe) < 200
    assert safe.isascii() and not safe.startswith(("-", "."))
    assert safe != durable.file_name(name + " ")
    assert durable.file_name("j.doe-1_x") == "j.doe-1_x"


def test_the_tests_of_a_result_are_found_by_their_names(six: Classroom) -> None:
    six.grade()
    made = desk.finished(six.shelf.entries["13-prng", "bob"], 1)
    assert made and made.result
    assert [(t.name, t.verdict) for t in made.result.tests] == [
        (LOADS, "pass"),
        (READS, "fail"),
    ]
    assert attempt.summary(made) == "60 of 100 points; 1 fail"
