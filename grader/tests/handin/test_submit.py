"""What students hand in: refused here with what mends it, or ready to be sent."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader import catalog, results
from grader.catalog import Exercise
from grader.grade import Options
from grader.handin import base, checks, submit, work
from grader.handin.apply import Applied
from grader.handin.submit import Wishes
from grader.house import House
from grader.results import ExerciseResult, TestResult
from grader.stage import HandIn
from grader.tests.handin.conftest import PRNG, Student, with_kernel
from grader.trouble import Trouble

TESTED = TestResult("it loads", "stock", "fail", 0, 60, 0.1, 1, "it did not load")
BAD_STYLE = "\tif (1) {\n\t\treturn 0;\n\t}\n\treturn  0;"


@pytest.fixture
def home(alice: Student, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Alice's checkout, in which nothing is graded in a VM."""
    monkeypatch.setenv("HOME", str(tmp_path))
    base.skeletons.cache_clear()
    return House(alice.folder)


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[HandIn]]:
    """What was graded; builds and style are those of a machine that has no kernel."""
    seen: list[HandIn] = []

    def grade(*words: object) -> ExerciseResult:
        hand_in = words[-1]
        assert isinstance(hand_in, HandIn)
        seen.append(hand_in)
        return ExerciseResult("13-prng", 0.1, (TESTED,))

    monkeypatch.setattr(submit, "grade", grade)
    monkeypatch.setattr(checks, "builds", lambda *_: [])
    monkeypatch.setattr(checks, "style", lambda *_: ["13-prng/prng.c:7: WARNING: x"])
    yield seen


def handed(home: House, **wishes: object) -> int:
    exercise = catalog.load(home, "13-prng")
    known = Wishes()
    options = Options(seed=1)
    return submit.submit(home, exercise, options, replace(known, **wishes))


def files(home: House, name: str) -> list[str]:
    return sorted(path.name for path in (home.root / "outbox" / name).iterdir())


def test_a_good_series_is_written_with_a_letter_to_fill_in(
    home: House,
    alice: Student,
    graded: list[HandIn],
    capsys: pytest.CaptureFixture[str],
) -> None:
    alice.edit()
    alice.commit()
    alice.edit(old="day", new="evening")
    alice.commit("13-prng: be politer")
    assert handed(home, to="class@example.org") == 0
    assert graded[0].files["prng.c"] == (alice.folder / PRNG).read_bytes()
    assert files(home, "13-prng-v1") == [
        "0000-cover-letter.patch",
        "0001-13-prng-be-polite.patch",
        "0002-13-prng-be-politer.patch",
    ]
    cover = (alice.folder / "outbox/13-prng-v1/0000-cover-letter.patch").read_text()
    assert "Subject: [PATCH v1 0/2] 13-prng: *** SUBJECT HERE ***\n" in cover
    for question in ("Time spent:", "Approach:", "Known problems:"):
        assert f"\n{question} ***" in cover
    assert "Changes since" not in cover
    said = capsys.readouterr().out
    assert "git send-email --to=class@example.org outbox/13-prng-v1/*.patch" in said
    assert "13-prng: 0 of 60 points" in said
    assert "style, 1 findings; they take no points:" in said


def test_the_same_commits_stay_the_same_version_and_keep_their_letter(
    home: House, alice: Student, graded: list[HandIn]
) -> None:
    alice.edit()
    alice.commit()
    assert handed(home) == 0
    cover = alice.folder / "outbox/13-prng-v1/0000-cover-letter.patch"
    cover.write_text(cover.read_text().replace("*** SUBJECT HERE ***", "my driver"))
    assert handed(home) == 0
    assert "my driver" in cover.read_text()
    alice.edit(old="day", new="evening")
    alice.commit("13-prng: be politer")
    assert handed(home, rfc=True) == 0
    second = alice.folder / "outbox/13-prng-v2/0000-cover-letter.patch"
    assert "Subject: [RFC PATCH v2 0/2] 13-prng: " in second.read_text()
    assert "\nChanges since v1: ***" in second.read_text()
    assert handed(home) == 0
    assert (alice.folder / "outbox/13-prng-v3").is_dir()
    assert handed(home, version=1) == 0
    assert len(files(home, "13-prng-v1")) == 3
    aside = list((alice.folder / "build/exercises/13-prng").glob("v1-*/*.patch"))
    assert len(aside) == 2 and len(graded) == 5


@pytest.mark.parametrize(
    "deed, why",
    [
        ("nothing", "no commit changes prng.c yet"),
        ("uncommitted", f"{PRNG}: has changes that are not committed: git add {PRNG}"),
        ("unsigned", "patch 1: not signed off by its author, Alice Doe <alice@ex"),
        ("spaces", f"patch 1: {PRNG}:6: trailing whitespace."),
        (
            "other file",
            "it also changes exercises/13-prng/Kbuild; only prng.c is handed",
        ),
        ("other exercise", "it also changes exercises/14-keys/keys.c; only prng.c is"),
        ("nobody", "git does not know your name: git config --global user.name ..."),
        ("taken back", "no commit changes prng.c yet"),
        ("many", "65 commits; at most 64 are taken"),
    ],
)
def test_what_would_be_refused_later_is_refused_now(
    home: House,
    alice: Student,
    graded: list[HandIn],
    capsys: pytest.CaptureFixture[str],
    deed: str,
    why: str,
) -> None:
    if deed != "nothing":
        alice.edit()
    if deed == "spaces":
        alice.edit(old="return 0;", new="return 0; ")
    if deed == "other file":
        alice.edit("exercises/13-prng/Kbuild", "prng", "prng  ")
    if deed == "other exercise":
        alice.edit("exercises/14-keys/keys.c")
    if deed not in ("nothing", "uncommitted", "unsigned"):
        alice.commit()
    if deed == "unsigned":
        alice.git("commit", "-q", "-a", "-m", "13-prng: be polite")
    if deed == "nobody":
        alice.git("config", "--unset", "user.name")
    if deed == "taken back":
        alice.edit(old="good day", new="hello")
        alice.commit("13-prng: be short")
    for number in range(64 if deed == "many" else 0):
        alice.edit(old="\treturn 0;", new=f"\t/* {number} */\n\treturn 0;")
        alice.git("commit", "-q", "-a", "-s", "-m", f"13-prng: say {number}")
    assert handed(home) == 1
    said = capsys.readouterr().out
    assert why in said and "13-prng: not ready to be sent yet" in said
    assert said.endswith("then: make submit 13-prng\n")
    assert not (alice.folder / "outbox").exists() and not graded


def test_work_on_other_exercises_is_left_out(
    home: House, alice: Student, graded: list[HandIn]
) -> None:
    alice.edit("exercises/14-keys/keys.c")
    alice.commit("14-keys: ping")
    alice.edit()
    alice.commit()
    alice.edit("exercises/14-keys/keys.c", "good", "nice")
    alice.commit("14-keys: pong")
    assert handed(home) == 0
    assert len(files(home, "13-prng-v1")) == 2


def test_what_the_course_or_a_student_does_beside_it_is_left_out(
    home: House, alice: Student, graded: list[HandIn]
) -> None:
    alice.edit("exercises/13-prng/tests/a.bats", "true", "false")
    alice.commit("13-prng: a better test, by the course")
    alice.edit()
    alice.commit()
    alice.edit("exercises/13-prng/tests/a.bats", "false", "true")
    alice.commit("13-prng: a test of my own")
    assert handed(home) == 0
    assert files(home, "13-prng-v1")[1:] == ["0001-13-prng-be-polite.patch"]


def test_settings_of_the_student_do_not_change_the_patches(
    home: House, alice: Student, graded: list[HandIn]
) -> None:
    for name, value in (
        ("diff.noprefix", "true"),
        ("format.attach", "x"),
        ("format.thread", "deep"),
        ("format.outputDirectory", "/nonexistent"),
        ("format.numbered", "false"),
        ("format.signature", "bye"),
        ("color.ui", "always"),
        ("diff.context", "0"),
        ("core.autocrlf", "input"),
        ("format.coverLetter", "false"),
        ("format.subjectPrefix", "MINE"),
        ("format.suffix", ".txt"),
        ("format.to", "x@example.org"),
        ("format.headers", "X-Mine: 1"),
        ("i18n.logOutputEncoding", "ISO-8859-1"),
    ):
        alice.git("config", name, value)
    alice.edit(new="gøød day")
    alice.commit("13-prng: be polite, nåmely")
    assert handed(home) == 0
    assert len(files(home, "13-prng-v1")) == 2
    for path in (home.root / "outbox/13-prng-v1").iterdir():
        head = path.read_text().split("\n\n")[0]
        assert not re.search("^(To|Cc|X-Mine|Message-Id):", head, re.MULTILINE)


def test_without_a_repository_it_says_how_to_begin(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.root / ".git").rename(tmp_path / "away")
    exercise = catalog.load(house, "13-prng")
    with pytest.raises(Trouble, match="git init && git add . && git commit"):
        work.find(house, exercise, None)
    subprocess.run(["git", "init", "-q"], cwd=house.root, check=True)
    with pytest.raises(Trouble, match="there is no commit yet"):
        work.find(house, exercise, None)


def test_the_base_can_be_named(home: House, alice: Student) -> None:
    exercise = catalog.load(home, "13-prng")
    alice.edit()
    alice.commit()
    first = alice.git("rev-parse", "HEAD").strip()
    alice.edit(old="day", new="evening")
    alice.commit()
    assert len(work.find(home, exercise, None).commits) == 2
    assert len(work.find(home, exercise, first).commits) == 1
    with pytest.raises(Trouble, match="no such commit"):
        work.find(home, exercise, "nothing")


@pytest.fixture
def kernel(home: House, real: House) -> House:
    """`home`, able to build and to start VMs."""
    (home.exercises / "lib").symlink_to(real.lib)
    return with_kernel(home, real)


def the_applied(exercise: Exercise, *texts: str, diff: str = "") -> Applied:
    states = tuple(HandIn({"prng.c": text.encode()}) for text in texts)
    return Applied(0, (), states, diff.encode())


def test_a_patch_in_the_middle_that_does_not_build_is_found(
    kernel: House, alice: Student
) -> None:
    exercise = catalog.load(kernel, "13-prng")
    good = (alice.folder / PRNG).read_text()
    bad = good.replace("return 0;", "return nothing;")
    reasons = checks.builds(kernel, exercise, the_applied(exercise, good, bad, good))
    assert reasons[0].startswith("after patch 2 of 3 it does not build")
    assert any("prng.c:6" in line for line in reasons)
    assert checks.builds(kernel, exercise, the_applied(exercise, good, good)) == []


def test_style_is_about_new_lines_and_costs_where_the_exercise_says_so(
    kernel: House, alice: Student
) -> None:
    exercise = catalog.load(kernel, "13-prng")
    alice.edit(old="\treturn 0;", new=BAD_STYLE)
    alice.edit(old="MODULE_LICENSE", new="int seen;\nMODULE_LICENSE")
    diff = alice.git("diff", "-U3")
    applied = the_applied(exercise, (alice.folder / PRNG).read_text(), diff=diff)
    lines = checks.style(kernel, exercise, applied)
    assert any("13-prng/prng.c:6: WARNING: braces {} are not" in line for line in lines)
    assert any("symbol 'seen' was not declared" in line for line in lines)
    assert not [line for line in lines if "prng.c:4:" in line]
    assert checks.cost(exercise, lines) == 0
    assert checks.cost(replace(exercise, style="scored"), lines) == len(lines)
    assert checks.cost(replace(exercise, style="scored"), lines * 10) == 10


EXIT = "static void __exit prng_exit(void)\n{\n}\nmodule_exit(prng_exit);\n"
BATS = """\
load ../../lib/vm
# bats test_tags=points:60,todo:1,id:load
@test "it loads" {
	vm_start
	vm_load prng
	run -0 vm_run dmesg
	assert_output --partial 'good day'
}
# bats test_tags=points:40,todo:2
@test "it is not there" {
	vm_start
	run -0 vm_sh 'test -e /dev/prng'
}
"""


@pytest.mark.vm
def test_the_whole_way_says_what_it_will_score(
    kernel: House, alice: Student, capsys: pytest.CaptureFixture[str]
) -> None:
    (alice.folder / "exercises/13-prng/tests/a.bats").write_text(BATS)
    (kernel.root / ".git/info/exclude").write_text("/exercises/lib\n")
    alice.git("commit", "-q", "-a", "--amend", "--no-edit")
    alice.edit(new="good day")
    alice.edit(old="MODULE_LICENSE", new=EXIT + "MODULE_LICENSE")
    alice.commit()
    assert handed(kernel) == 0
    said = capsys.readouterr().out
    assert "13-prng: 60 of 100 points; 2 tests: 1 fail" in said
    assert "1 patch and a cover letter in outbox/13-prng-v1" in said
    assert results.status([]) == 3
