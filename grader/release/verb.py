"""`make release`: writes build/release/ if nothing leaks, and else not at all."""

import shutil
import tempfile
from pathlib import Path

from grader.house import House
from grader.release import leaks, pack, tree, whole
from grader.release.repository import Repository
from grader.release.tree import Entry, Tree
from grader.tally import Tally
from grader.trouble import CourseError, Trouble

NAME = "kdlp-part2"
ARCHIVE = f"{NAME}.tar.gz"
REPOSITORY = f"{NAME}.git"
HANDOUTS = f"{NAME}-handouts.tar.gz"
ASIDE = "release.old"
MOST = 40  # leaks that are told
LEAKED = 1  # the exit status


def release(house: House, published: str | None) -> int:
    """The verb; returns 1 when something leaks, and then writes nothing."""
    tree.need_commit(house)
    student = tree.student(house)
    wrong = whole.gaps(student)
    if wrong:
        raise CourseError("\n".join(wrong), "a release must hang together")
    target = house.build / "release"
    house.build.mkdir(exist_ok=True)
    recover(target)
    draft = Path(tempfile.mkdtemp(prefix="release-", dir=house.build))
    try:
        new = write(house, student, target, draft, published)
        known = leaks.load(house)
        # First as it lies there, for plainer words; then packed, with its history.
        found = known.find(contents(student)) or known.find(given_out(draft))
        if found:
            return refuse(found)
        put(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    tell(house, student, new)
    return 0


def write(
    house: House, student: Tree, target: Path, draft: Path, published: str | None
) -> bool:
    """Makes all that is given out in the folder `draft`; whether students who have
    the last release get anything new."""
    date = tree.date(house)
    (draft / ARCHIVE).write_bytes(pack.tar(student, NAME, date))
    handouts = {
        str(path.relative_to(house.build / "handouts")): Entry(path.read_bytes())
        for path in sorted((house.build / "handouts").rglob("*"))
        if path.is_file()
    }
    if handouts:
        packed = pack.tar(handouts, f"{NAME}-handouts", date)
        (draft / HANDOUTS).write_bytes(packed)
    repository = Repository(draft / REPOSITORY)
    if published is None and (target / REPOSITORY).is_dir():
        shutil.copytree(target / REPOSITORY, repository.path)
    else:
        repository.begin(published)
    return repository.add(student, date)


def contents(student: Tree) -> list[tuple[str, bytes]]:
    """The files that are given out, names and contents."""
    return [(path, entry.content) for path, entry in student.items()]


def given_out(draft: Path) -> list[tuple[str, bytes]]:
    """All that would be given out, names and contents; of the repository each object
    that is in it, those of earlier releases included."""
    files = [
        (path.name, path.read_bytes())
        for path in sorted(draft.iterdir())
        if path.is_file()
    ]
    return files + list(Repository(draft / REPOSITORY).contents())


def refuse(found: list[str]) -> int:
    """Says what leaks; returns the exit status."""
    for line in found[:MOST]:
        print(line)
    if len(found) > MOST:
        print(f"{len(found) - MOST} more")
    print(f"no release: {len(found)} leaks; nothing was written")
    return LEAKED


def put(draft: Path, target: Path) -> None:
    """Makes `draft` what `target` is. Whenever this ends, the last release is there or
    aside of it, where `recover` finds it: its repository cannot be made again."""
    draft.chmod(0o755)
    aside = target.with_name(ASIDE)
    if target.exists():
        target.rename(aside)
    draft.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def recover(target: Path) -> None:
    """Brings back what `put` had laid aside when it was interrupted."""
    aside = target.with_name(ASIDE)
    if aside.exists() and not target.exists():
        aside.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def tell(house: House, student: Tree, new: bool) -> None:
    """Says what was made, and what to do with it."""
    folder = house.relative(house.build / "release")
    stamp = student[tree.STAMP].content.decode().strip()
    print(f"release {stamp}: {len(student)} files, nothing leaks")
    print(f"  {folder}/{ARCHIVE}")
    print(f"  {folder}/{REPOSITORY}" + ("" if new else " (nothing new in it)"))
    if (house.build / "release" / HANDOUTS).is_file():
        print(f"  {folder}/{HANDOUTS}")
    print("next: docs/instructor.md, Giving the course out")


def check(house: House, tally: Tally) -> None:
    """The same without writing anything, as a part of `make check`."""
    try:
        student = tree.student(house)
        tally.check("a release hangs together", whole.gaps(student))
        found = leaks.load(house).find(contents(student))
        tally.check("a release leaks nothing", found)
    except Trouble as trouble:
        tally.check("a release can be made", str(trouble).split("\n"))
