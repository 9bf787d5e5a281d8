"""A release in a fresh folder, as students have it."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from grader import course, lint, pages, setup, stage
from grader.catalog import select
from grader.house import House
from grader.later import STAFF
from grader.release import verb
from grader.tally import Tally

# In one process, since what they share takes seconds to make.
pytestmark = pytest.mark.xdist_group("release")

TEST = "a stream is SplitMix64's words, little-endian"


@pytest.fixture(scope="module")
def unpacked(first_copy: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """What comes out of the archive."""
    assert verb.release(first_copy, None) == 0
    folder = tmp_path_factory.mktemp("student")
    with tarfile.open(first_copy.build / "release" / verb.ARCHIVE) as archive:
        archive.extractall(folder)
    return House(folder / verb.NAME)


def make(house: House, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", *words],
        cwd=house.root,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_help_has_no_verb_of_the_staff(unpacked: House) -> None:
    said = make(unpacked).stdout
    assert "make grade " in said and "make submit " in said
    assert "for the staff" not in said
    assert [name for name in STAFF if f"make {name} " in said] == []


@pytest.mark.parametrize("name", sorted(STAFF))
def test_a_verb_of_the_staff_says_in_a_line_what_it_is(
    unpacked: House, name: str
) -> None:
    done = make(unpacked, name)
    first, *rest = done.stderr.strip().split("\n")
    assert first == f"make {name} is for the staff of the course: it {STAFF[name]}"
    assert done.returncode == 2 and [line[:5] for line in rest] == ["make:"]


def test_the_tests_that_are_shipped_pass_in_it(unpacked: House) -> None:
    quick = ("setup", "catalog", "tap", "judge", "results", "report")
    files = [f"grader/tests/test_{name}.py" for name in quick]
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "pytest", "-p", "no:cacheprovider", *files],
        cwd=unpacked.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout[-2000:]


def test_the_solution_is_not_there_and_that_is_said(unpacked: House) -> None:
    with pytest.raises(Exception, match="solutions are with the staff"):
        stage.take(unpacked, select(unpacked, ["13-prng"])[0], "solution")


def test_check_says_what_it_leaves_out(
    unpacked: House,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def nothing(*_: object) -> None:
        """Stands for a part that has tests of its own."""

    monkeypatch.setattr(course, "staff", lambda: None)
    monkeypatch.setattr(setup, "build_engine", nothing)
    monkeypatch.setattr(lint, "lint", nothing)
    for part in ("want_tools", "unit_tests", "engine"):
        monkeypatch.setattr(course, part, nothing)
    assert course.check(unpacked) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "ok links of all pages" in said
    assert "SKIPPED solutions, mutants and skeletons of the exercises" in said
    assert said.endswith("2 passed, 0 failed")


def test_what_is_left_out_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, real: House, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    tally = Tally(Console())
    tally.leave_out("[this]", "it is elsewhere")
    pages.check(real, tally)
    assert tally.close() == 0
    assert "SKIPPED [this]: it is elsewhere" in capsys.readouterr().out


def lend(real: House, house: House) -> None:
    """Gives `house` the engine and the kernel of this course, to save their time; all
    of one date, so that make finds nothing to do."""
    lent = house.build / "vm"
    (lent / "kernels").mkdir(parents=True)
    for name in ("vm", "agent"):
        shutil.copy(real.build / "vm" / name, lent / name)
    kernel = lent / "kernels" / "stock"
    shutil.copytree(real.kernel("stock"), kernel, symlinks=True)
    for path in (*lent.rglob("*"), *(house.root / "vm").rglob("*")):
        if not path.is_symlink():
            os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.mark.vm
def test_in_a_release_the_skeleton_fails_and_a_solution_passes(
    real: House, unpacked: House, tmp_path: Path
) -> None:
    lend(real, unpacked)
    grade = ("grade", "13-prng", "KERNEL=stock", f"TEST={TEST}", "JOBS=1")
    (exercise,) = select(real, ["13-prng"])
    done = make(unpacked, *grade)
    assert done.returncode == 2 and f"fail {TEST}" in done.stdout, done
    for name, content in stage.solution(real, exercise).files.items():
        (unpacked.exercises / "13-prng" / name).write_bytes(content)
    done = make(unpacked, *grade)
    assert done.returncode == 0 and "all passed" in done.stdout, done
