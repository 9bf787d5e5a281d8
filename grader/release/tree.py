"""The files of a release, as they will lie in the student's folder."""

import hashlib
import os
import re
import stat
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from grader.house import House
from grader.process import BASE_ENVIRONMENT
from grader.release import rules
from grader.trouble import CannotGrade, CourseError, Trouble

FRONT = "grader/release/README.in"  # the student's README.md
PACKAGES = "packages.txt"
PART = re.compile(r"^## (\w+):", re.MULTILINE)
STAMP = "RELEASE"  # changes with every release; see student.pristine


@dataclass(frozen=True)
class Entry:
    """A file: what is in it, and whether it can be run."""

    content: bytes
    runs: bool = False


Tree = Mapping[str, Entry]


def paths(house: House) -> list[str]:
    """Every file of the course: those that git has, or would have."""
    listed = git(house, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    found = sorted({path for path in listed.split("\0") if path})
    return [path for path in found if os.path.lexists(house.root / path)]


def student(house: House) -> dict[str, Entry]:
    """The student's part of the working tree, as it will be shipped."""
    chosen = {path: read(house, path) for path in rules.load().student(paths(house))}
    chosen["README.md"] = read(house, FRONT)
    chosen[PACKAGES] = packages(chosen[PACKAGES])
    words = f"{digest(chosen)} of {time.strftime('%F', time.gmtime(date(house)))}\n"
    chosen[STAMP] = Entry(words.encode())
    return dict(sorted(chosen.items()))


def packages(listed: Entry) -> Entry:
    """packages.txt without the parts that are for the staff."""
    text = listed.content.decode("utf-8")
    head, *parts = PART.split(text)
    kept = [head.rstrip("\n") + "\n"]
    for name, lines in zip(parts[::2], parts[1::2]):
        owner = rules.load().whose.get(f"{PACKAGES}#{name}")
        if owner is None:
            raise CourseError(
                f"{PACKAGES}: no rule says whose the part {name} is",
                f"add {PACKAGES}#{name} to grader/release/paths.txt",
            )
        if owner == rules.STUDENT:
            kept.append(f"## {name}:{lines}".rstrip("\n") + "\n")
    return Entry("\n".join(kept).encode())


def read(house: House, path: str) -> Entry:
    """The file at `path`; CourseError for what is no file."""
    mode = os.lstat(house.root / path).st_mode
    if not stat.S_ISREG(mode):
        raise CourseError(f"{path}: only plain files can be shipped")
    content = (house.root / path).read_bytes()
    return Entry(content, bool(mode & stat.S_IXUSR))


def digest(tree: Tree) -> str:
    """Names a release by what is in it."""
    state = hashlib.sha256()
    for path, entry in sorted(tree.items()):
        state.update(f"{path}\0{entry.runs:d}{len(entry.content)}\0".encode())
        state.update(entry.content)
    return state.hexdigest()[:12]


def date(house: House) -> int:
    """When the student's part was changed last, in seconds since 1970: the author's
    date of that commit, so that the same course gives the same bytes."""
    ours = [FRONT, *rules.load().student(paths(house))]
    said = git(house, "log", "-1", "--format=%at", "--", *ours).strip()
    return int(said or "0")


def need_commit(house: House) -> None:
    """Raises Trouble unless all that git has, or would have, is committed."""
    changed = git(house, "status", "--porcelain").strip("\n")
    if changed:
        raise Trouble(
            f"these are not committed:\n{changed}",
            "commit or remove them: a release is made of commits",
        )


def git(house: House, *words: str) -> str:
    """What git says in the course; CannotGrade where it fails."""
    home = os.environ.get("HOME", "/nonexistent")
    done = subprocess.run(
        ["git", "--literal-pathspecs", *words],
        cwd=house.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**BASE_ENVIRONMENT, "HOME": home},
    )
    if done.returncode != 0:
        words_of_git = done.stderr.decode(errors="replace").strip()
        raise CannotGrade(
            f"git {words[0]}: {words_of_git}", "a release is made in a git checkout"
        )
    return done.stdout.decode("utf-8", errors="surrogateescape")
