"""`make release` as a whole: what it writes, and when it writes nothing."""

import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from grader import catalog, stage, student
from grader.handin import work
from grader.house import House
from grader.release import verb, whole
from grader.release.tree import Entry
from grader.release.tree import student as students_part
from grader.tests.release.conftest import commit, git
from grader.trouble import CourseError, Trouble

# In one process, since what they share takes seconds to make.
pytestmark = pytest.mark.xdist_group("release")

PAGE = "lectures/13-character-devices.md"


def released(house: House) -> Path:
    """The folder that a release was written to."""
    assert verb.release(house, None) == 0
    return house.build / "release"


def commits(folder: Path) -> list[str]:
    return git(folder / verb.REPOSITORY, "log", "--format=%H", "main").split()


def change(house: House, path: str, text: str) -> None:
    """Adds `text` to a file, and commits that."""
    with open(house.root / path, "a", encoding="utf-8") as file:
        file.write(text)
    commit(house, f"change {path}")


def plant(house: House) -> str:
    """Puts a part of the solution, without its canary, into a lecture's code."""
    text = (house.solutions / "13-prng" / "prng.c").read_text().split("\n")
    first = text.index("#ifdef SOLUTION") + 1
    change(house, "lectures/code/slate.c", "\n".join(text[first : first + 30]) + "\n")
    return f"solutions/13-prng/prng.c:{first + 1}"


def test_the_same_course_gives_the_same_bytes(copy: House, tmp_path: Path) -> None:
    first = released(copy)
    other = House(tmp_path / "other")
    git(tmp_path, "clone", "-q", str(copy.root), str(other.root))
    for path in (other.root / "grader").rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    before = os.umask(0o077)
    try:
        second = released(other)
    finally:
        os.umask(before)
    assert (first / verb.ARCHIVE).read_bytes() == (second / verb.ARCHIVE).read_bytes()
    assert commits(first) == commits(second) and len(commits(first)) == 1


def test_archive_and_repository_have_the_same_and_nothing_of_the_staff_s(
    copy: House, tmp_path: Path
) -> None:
    folder = released(copy)
    git(tmp_path, "clone", "-q", str(folder / verb.REPOSITORY), "clone")
    with tarfile.open(folder / verb.ARCHIVE) as archive:
        archive.extractall(tmp_path)
        assert {member.uname for member in archive} == {""}
    one, other = tmp_path / "clone", tmp_path / verb.NAME
    done = subprocess.run(["diff", "-r", "-x", ".git", one, other])
    assert done.returncode == 0
    shipped = git(one, "ls-files").split("\n")
    assert "exercises/13-prng/prng.c" in shipped and "RELEASE" in shipped
    staff = ("solutions/", "grader/classroom/", "grader/handin/collect", "docs/inst")
    assert [path for path in shipped if path.startswith(staff)] == []
    assert (
        git(one, "log", "--format=%an %s")
        == "The course The course as of " + (one / "RELEASE").read_text().split()[-1]
    )


def test_students_can_pull_the_next_release(copy: House, tmp_path: Path) -> None:
    folder = released(copy)
    git(tmp_path, "clone", "-q", str(folder / verb.REPOSITORY), "mine")
    mine = House(tmp_path / "mine")
    change(mine, "exercises/13-prng/prng.c", "/* mine */\n")
    source = copy.solutions / "13-prng" / "prng.c"
    source.write_text(source.read_text().replace("ten pseudo", "some pseudo"))
    skeleton = stage.derive(source, False)
    (copy.exercises / "13-prng" / "prng.c").write_bytes(skeleton)
    commit(copy, "13-prng: another skeleton")
    (newest, oldest) = commits(released(copy))
    git(mine.root, "pull", "-q", "--rebase")
    assert git(mine.root, "rev-parse", "HEAD^", "HEAD^^") == f"{newest}\n{oldest}"
    (exercise,) = catalog.select(mine, ["13-prng"])
    assert student.pristine(mine, exercise) == {"prng.c": skeleton}
    series = work.find(mine, exercise, None)
    assert (series.base, len(series.commits)) == (newest, 1)


def test_what_is_new_for_the_staff_only_is_no_release(
    copy: House, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = released(copy)
    before = (folder / verb.ARCHIVE).read_bytes()
    change(copy, "docs/instructor.md", "\nMore.\n")
    released(copy)
    assert (folder / verb.ARCHIVE).read_bytes() == before
    assert len(commits(folder)) == 1
    assert "(nothing new in it)" in capsys.readouterr().out


def test_a_planted_leak_stops_it_and_the_last_release_stays(
    copy: House, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = released(copy)
    before = commits(folder)
    whence = plant(copy)
    assert verb.release(copy, None) == 1
    said = capsys.readouterr().out
    assert "lectures/code/slate.c:" in said and f"tokens as in {whence}" in said
    assert "nothing was written" in said
    assert commits(folder) == before
    assert not list(copy.build.glob("release-*"))


def test_what_an_earlier_release_leaked_is_found_in_its_repository(
    copy: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old"
    old.mkdir()
    git(old, "init", "-q", "--initial-branch=main")
    (old / "notes").write_bytes((copy.solutions / "13-prng" / "NOTES.md").read_bytes())
    commit(House(old), "oops")
    git(old, "rm", "-q", "notes")
    (old / "RELEASE").write_text("old\n")
    commit(House(old), "as if nothing had been")
    assert verb.release(copy, str(old)) == 1
    said = capsys.readouterr().out
    assert f"{verb.REPOSITORY}!notes:" in said
    assert "the canary of solutions/13-prng/NOTES.md" in said


def test_a_new_machine_goes_on_from_what_is_published(
    copy: House, tmp_path: Path
) -> None:
    folder = released(copy)
    (published,) = commits(folder)
    (folder / verb.REPOSITORY).rename(tmp_path / "published.git")
    change(copy, PAGE, "\nMore.\n")
    assert verb.release(copy, str(tmp_path / "published.git")) == 0
    assert commits(folder)[1:] == [published]
    with pytest.raises(Trouble, match="no repository that can be cloned"):
        verb.release(copy, str(tmp_path / "nowhere"))


def test_handouts_are_shipped_and_looked_at_too(
    copy: House, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy.build / "handouts").mkdir(parents=True)
    page = copy.build / "handouts" / "index.html"
    page.write_text("<p>All is well.</p>\n")
    folder = released(copy)
    with tarfile.open(folder / verb.HANDOUTS) as archive:
        assert archive.getnames() == [f"{verb.NAME}-handouts/index.html"]
    page.write_bytes((copy.solutions / "13-prng" / "prng.c").read_bytes())
    assert verb.release(copy, None) == 1
    assert "handouts/index.html:2: the canary of" in capsys.readouterr().out


def test_only_what_is_committed_and_decided_is_released(copy: House) -> None:
    stray = copy.root / "key.txt"
    stray.write_text("secret\n")
    with pytest.raises(Trouble, match=r"not committed:\n\?\? key.txt"):
        verb.release(copy, None)
    commit(copy, "oops")
    with pytest.raises(CourseError, match="key.txt: no rule says whose it is"):
        verb.release(copy, None)
    assert not (copy.build / "release").exists()


def test_a_release_that_was_interrupted_loses_nothing(tmp_path: Path) -> None:
    target, draft = tmp_path / "release", tmp_path / "draft"
    aside = tmp_path / verb.ASIDE
    for folder, name in ((target, "old"), (draft, "new")):
        folder.mkdir()
        (folder / name).touch()
    target.rename(aside)  # and then the power went
    verb.recover(target)
    assert (target / "old").exists() and not aside.exists()
    verb.put(draft, target)
    assert (target / "new").exists() and not aside.exists()


def test_what_a_release_needs_must_be_in_it() -> None:
    tree = {
        "grader/__init__.py": Entry(b""),
        "grader/here.py": Entry(b"import os\nfrom grader import here, gone\n"),
        "grader/more.py": Entry(
            b"from grader.lost.part import x\nimport grader.here\n"
        ),
        "a.md": Entry(b"[b](docs/b.md) and\n[itself](a.md)\n"),
    }
    assert whole.gaps(tree) == [
        "grader/here.py:2: imports grader.gone, which is the staff's: ship it, or "
        "import it in grader/staff.py",
        "grader/more.py:1: imports grader.lost.part, which is the staff's: ship it, or "
        "import it in grader/staff.py",
        "a.md:1: docs/b.md: no such file",
    ]


def test_this_course_s_release_hangs_together(real: House) -> None:
    assert whole.gaps(students_part(real)) == []
