"""A class of the course's own first exercise, collected from real mails."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.handin import base
from grader.handin.collect import collect
from grader.house import House
from grader.tests.handin.conftest import enrol, mbox, run_git

FILE = "exercises/13-prng/prng.c"
Fill = Callable[..., None]  # of texts by student, and for which year


@pytest.fixture
def house(real: House, tmp_path: Path) -> House:
    """A checkout of the course, with 13-prng alone and nothing handed in."""
    root = tmp_path / "staff"
    for folder in ("exercises", "solutions"):
        shutil.copytree(real.root / folder / "13-prng", root / folder / "13-prng")
    shutil.copy(real.root / ".clang-format", root)
    shutil.copy(real.root / "packages.txt", root)
    base.skeletons.cache_clear()
    return House(root)


@pytest.fixture
def fill(house: House, tmp_path: Path) -> Fill:
    """Fills a folder below the checkout, `submissions` by default, with a class: each
    student, by id, has handed in their text of prng.c."""
    template = tmp_path / "student"
    (template / FILE).parent.mkdir(parents=True)
    shutil.copy(house.root / FILE, template / FILE)
    run_git(template, "init", "-q", "-b", "main")
    run_git(template, "config", "user.name", "course")
    run_git(template, "config", "user.email", "course@example.org")
    run_git(template, "add", ".")
    run_git(template, "commit", "-q", "-m", "the course as it came")

    def fill_one(texts: dict[str, str], year: str = "submissions") -> None:
        work = tmp_path / f"of-{year}"
        work.mkdir()
        folder = house.root / "submissions"
        folder.mkdir()
        lines = [f"{who},Student {who},{who}@example.org" for who in texts]
        (folder / "roster.csv").write_text("\n".join(["student,name,address", *lines]))
        mails: list[bytes] = []
        for who, text in texts.items():
            student = enrol(
                template, work / who, f"Student {who}", f"{who}@example.org"
            )
            (student.folder / FILE).write_text(text)
            student.commit("13-prng: write the driver")
            mails += student.series()
        assert collect(house, mbox(work / "box", mails), None, "") == 0
        if year != "submissions":
            folder.rename(house.root / year)

    return fill_one
