"""The student's own repository: which commits make up the work on an exercise, and
the patches that git makes of them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from grader import process
from grader.catalog import Exercise
from grader.handin.base import allowed
from grader.handin.police import shown
from grader.handin.series import MOST_PATCHES
from grader.house import House
from grader.student import pristine
from grader.trouble import CannotGrade, Trouble

SECONDS = 60
# Whatever the student's settings are, the patches are plain.
PLAIN = ["-c", "diff.noprefix=false", "-c", "diff.mnemonicPrefix=false"]
PLAIN += ["-c", "core.quotePath=true"]
PLAIN += ["-c", "i18n.logOutputEncoding=UTF-8"]
PLAIN += ["-c", "core.hooksPath=/dev/null", "-c", "diff.external="]


@dataclass(frozen=True)
class Work:
    """The commits that change handed-in files since `base`, the oldest first, and
    these files as they were there."""

    base: str
    commits: tuple[str, ...]
    skeleton: dict[str, bytes]


def git(house: House, *words: str, seconds: float = SECONDS) -> process.Finished:
    """Runs git in the course as its user, whose settings say who they are."""
    home = {key: os.environ[key] for key in ("HOME", "USER") if key in os.environ}
    command = ["git", *PLAIN, *words]
    try:
        return process.run(
            command, timeout=seconds, environment=home, folder=house.root, keep=1 << 22
        )
    except FileNotFoundError as error:
        raise CannotGrade("git is missing", "next: make setup") from error


def said(house: House, *words: str) -> str | None:
    """What git prints; None where it fails."""
    done = git(house, *words)
    return done.output.strip("\n") if done.status == 0 else None


def find(house: House, exercise: Exercise, base: str | None) -> Work:
    """The work since `base`, by default since the files were the skeleton.

    Raises Trouble where there is no repository or no such commit.
    """
    top = said(house, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != house.root:
        raise Trouble(
            "this folder is not the top of a git repository, so there are no commits",
            'next: git init && git add . && git commit -m "the course as it came"',
        )
    if said(house, "rev-parse", "--verify", "-q", "HEAD") is None:
        raise Trouble(
            "there is no commit yet",
            'next: git add . && git commit -m "the course as it came"',
        )
    start = _start(house, exercise, base)
    span = ["--topo-order", "--no-merges", f"{start}..HEAD"]
    listed = said(house, "rev-list", "--reverse", *span, "--", *allowed(exercise))
    commits = tuple((listed or "").split())
    if commits and base is None:  # what the course did before the first is not theirs
        start = said(house, "rev-parse", f"{commits[0]}^") or start
    files = {
        name: _blob(house, start, path) or b""
        for name, path in zip(exercise.files, allowed(exercise))
    }
    return Work(start, commits, files)


def _start(house: House, exercise: Exercise, base: str | None) -> str:
    if base is not None:
        found = said(house, "rev-parse", "--verify", "-q", f"{base}^{{commit}}")
        if found is None:
            raise Trouble(f"BASE={base}: no such commit", "git log lists them")
        return found
    wanted = {
        path: content
        for path, content in zip(
            allowed(exercise), pristine(house, exercise).values(), strict=True
        )
    }
    listed = said(house, "rev-list", "HEAD", "--", *wanted) or ""
    for commit in listed.split():
        if all(_blob(house, commit, path) == wanted[path] for path in wanted):
            return commit
    raise Trouble(
        f"no commit has the skeleton of {exercise.name} as it came with the course",
        f"name the commit before your first: make submit {exercise.name} BASE=COMMIT",
    )


def _blob(house: House, commit: str, path: str) -> bytes | None:
    done = git(house, "show", f"{commit}:{path}")
    return done.output.encode() if done.status == 0 else None


def reasons(house: House, exercise: Exercise, work: Work) -> list[str]:
    """Why no series can be made of `work`: what is missing, what does not belong."""
    found = [
        f"git does not know your {what}: git config --global user.{key} ..."
        for what, key in (("name", "name"), ("address", "email"))
        if not said(house, "config", f"user.{key}")
    ]
    changed = said(house, "status", "--porcelain", "--", *allowed(exercise))
    if changed:
        names = " ".join(line[3:] for line in changed.split("\n"))
        add = " ".join(allowed(exercise))
        found.append(
            f"{names}: has changes that are not committed: "
            f'git add {add} && git commit -s -m "{exercise.name}: ..."'
        )
    if not work.commits:
        found.append(f"no commit changes {' '.join(exercise.files)} yet")
    if len(work.commits) > MOST_PATCHES:
        found.append(f"{len(work.commits)} commits; at most {MOST_PATCHES} are taken")
    for commit in work.commits[:MOST_PATCHES]:
        found += _strangers(house, exercise, commit)
    return found


def _strangers(house: House, exercise: Exercise, commit: str) -> list[str]:
    """The files in a commit that have no business in the series."""
    listed = said(
        house, "diff-tree", "-r", "--root", "--no-commit-id", "--name-only", commit
    )
    others = [
        path for path in (listed or "").split("\n") if path not in allowed(exercise)
    ]
    if not others:
        return []
    title = said(house, "log", "-1", "--format=%h %s", commit) or commit
    return [
        f"commit {shown(title, 70)}: it also changes {shown(' '.join(others))}; only "
        f"{' '.join(exercise.files)} is handed in: take it out with git rebase -i "
        f"{commit[:10]}^; if the commit is the course's own: BASE={commit[:10]}"
    ]


def format_patches(
    house: House, exercise: Exercise, work: Work, prefix: str, folder: Path
) -> list[Path]:
    """Writes the series with its cover letter to `folder`; returns its files."""
    options = ["--cover-letter", f"--subject-prefix={prefix}", f"-o{folder}", "-n"]
    options += ["--no-renames", "--no-color", "--no-ext-diff", "--no-textconv"]
    options += ["--no-to", "--no-cc", "--no-add-header"]
    options += ["--no-attach", "--no-thread", "--cover-from-description=none"]
    options += [
        "--no-base",
        "--no-notes",
        "--no-signature",
        "--quiet",
        "-U3",
        "--suffix=.patch",
    ]
    span = f"{work.base}..HEAD"
    done = git(house, "format-patch", *options, span, "--", *allowed(exercise))
    if done.status != 0:
        raise CannotGrade(f"git format-patch: {done.output.strip()[-300:]}")
    return sorted(path for path in folder.iterdir() if path.suffix == ".patch")


def patch_ids(files: list[Path]) -> tuple[str, ...]:
    """What makes two series the same: the commits that their files name."""
    found = []
    for path in files:
        first = path.read_bytes().split(b"\n", 1)[0].decode("ascii", "replace")
        match = re.match(r"From ([0-9a-f]{40}) ", first)
        if match and not path.name.startswith("0000-"):
            found.append(match[1])
    return tuple(found)
