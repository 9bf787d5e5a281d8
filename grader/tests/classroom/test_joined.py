"""From mails to grades: what `make collect` stored is graded in real VMs."""

import io
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader import catalog, mutants, stage
from grader.classroom import book, session, verbs
from grader.classroom.gradebook import Gradebook
from grader.classroom.plan import Wish
from grader.classroom.shelf import Submissions
from grader.handin.collect import collect
from grader.house import House
from grader.tests.handin.conftest import Student, enrol, mbox, run_git, stamped

STUDENTS = ("alice", "bob", "carol", "dave")
IN_TIME = "Sun, 1 Mar 2026 12:00:00 +0000"
LATE = "Mon, 2 Mar 2026 12:00:00 +0000"
TESTS = "read.bats"
MUTANT = "end-one-early.patch"


@pytest.fixture
def house(real: House, tmp_path: Path) -> House:
    """The course with some tests of one exercise, on the stock kernel, and a class."""
    root = tmp_path / "staff"
    (root / "exercises").mkdir(parents=True)
    for name in ("solutions", "build", "vm"):
        (root / name).symlink_to(real.root / name)
    for name in ("lib", "13-prng"):
        shutil.copytree(real.exercises / name, root / "exercises" / name)
    toml = root / "exercises" / "13-prng" / "exercise.toml"
    text = toml.read_text()
    assert 'kernels = ["stock", "debug"]' in text
    toml.write_text(text.replace('["stock", "debug"]', '["stock"]'))
    for path in (toml.parent / "tests").glob("*.bats"):
        if path.name != TESTS:
            path.unlink()
    submissions = root / "submissions"
    submissions.mkdir()
    lines = [f"{name},{name.title()} Doe,{name}@example.org,1" for name in STUDENTS]
    heading = "student,name,address,group,extension,tokens\n"
    roster = heading + "".join(f"{line},,\n" for line in lines)
    (submissions / "roster.csv").write_text(roster)
    (submissions / "deadlines.toml").write_text("13-prng = 2026-03-01T23:59:00Z\n")
    return House(root)


def hand_in(house: House, content: bytes, student: Student, day: str) -> list[bytes]:
    """The mails of a series of one patch, which makes prng.c `content`."""
    (student.folder / "exercises/13-prng/prng.c").write_bytes(content)
    student.commit("13-prng: write the driver")
    return [stamped(mail, day) for mail in student.series()]


@pytest.mark.vm
@pytest.mark.xdist_group("vm-classroom")
def test_a_tiny_class_from_mails_to_grades(house: House, tmp_path: Path) -> None:
    exercise = catalog.load(house, "13-prng")
    template = tmp_path / "student"
    folder = template / "exercises" / "13-prng"
    folder.mkdir(parents=True)
    shutil.copy(exercise.folder / "prng.c", folder)
    run_git(template, "init", "-q", "-b", "main")
    run_git(template, "config", "user.name", "course")
    run_git(template, "config", "user.email", "course@example.org")
    run_git(template, "add", ".")
    run_git(template, "commit", "-q", "-m", "the course as it came")
    right = stage.solution(house, exercise).files["prng.c"]
    (mutant,) = [m for m in mutants.load(house, exercise) if m.path.name == MUTANT]
    wrong = mutants.apply(house, exercise, mutant).files["prng.c"]
    mails = []
    for name, content, day in zip(
        STUDENTS, (right, wrong, right), (IN_TIME, IN_TIME, LATE)
    ):
        author = f"{name.title()} Doe", f"{name}@example.org"
        student = enrol(template, tmp_path / name, *author)
        mails += hand_in(house, content, student, day)
    assert collect(house, mbox(tmp_path / "box", mails), None, "") == 0

    shelf = Submissions(house)
    assert [entry.student for entry in shelf.latest("13-prng")] == list(STUDENTS[:3])
    said = io.StringIO()
    console = Console(file=said, width=200)
    with Gradebook(book.Files(house).base) as store:
        for _ in range(2):
            tally = session.grade_class(
                house, exercise, shelf, store, Wish(seed=7), 2, console
            )
            assert not tally.failures
        made = {one.student: one for _, one in store.attempts("13-prng")}
    assert tally.already == 3, said.getvalue()
    assert "3 graded, 1 of them the same as another" in said.getvalue()
    most = made["alice"].score
    assert most and most == made["alice"].max == made["carol"].score
    assert made["bob"].result and made["bob"].score is not None
    failed = [t.name for t in made["bob"].result.tests if t.verdict != "pass"]
    assert mutant.killed_by in failed and made["bob"].score < most

    done = CliRunner().invoke(verbs.gradebook_verb, [], obj=house)
    assert done.exit_code == 0, done.output
    assert f"{-(-most * 9 // 10)} (late)" in done.output
    words = ["13-prng", "--student=dave", "--points=50", "--reason=was ill"]
    done = CliRunner().invoke(verbs.override_verb, words, obj=house)
    assert "13-prng: dave: 50 points" in done.output, done.output
    done = CliRunner().invoke(verbs.gradebook_verb, [], obj=house)
    assert "50 (by hand)" in done.output
