"""The tree that a series is made on: an exercise as students got it.

It is known by its content, not by a commit: a student release has no history,
and what a patch names is the blob of a file.
"""

import os
import subprocess
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from grader.catalog import Exercise
from grader.house import House
from grader.process import BASE_ENVIRONMENT
from grader.student import pristine

Files = Mapping[str, bytes]  # of an exercise, by name
OLDER = 20  # earlier skeletons that are still taken


def allowed(exercise: Exercise) -> tuple[str, ...]:
    """The paths that are handed in, as patches name them."""
    return tuple(f"exercises/{exercise.name}/{name}" for name in exercise.files)


@lru_cache(maxsize=64)
def skeletons(house: House, exercise: Exercise) -> tuple[Files, ...]:
    """The files of today's skeleton, then those of older ones, newest first."""
    found: list[Files] = [pristine(house, exercise)]
    for commit in _commits(house, allowed(exercise)):
        files = {}
        for name, path in zip(exercise.files, allowed(exercise)):
            blob = _git(house, "show", f"{commit}:{path}")
            if blob is not None:
                files[name] = blob
        if files and files not in found:
            found.append(files)
    return tuple(found[: OLDER + 1])


def _commits(house: House, paths: tuple[str, ...]) -> list[str]:
    """The commits that changed `paths`; none where the course has no history."""
    if not (house.root / ".git").exists():
        return []
    listed = _git(house, "log", "--format=%H", f"-n{OLDER * 2}", "--", *paths)
    return (listed or b"").decode().split()


def _git(house: House, *words: str) -> bytes | None:
    """What git says in the course; None when it fails."""
    done = subprocess.run(
        ["git", *words],
        cwd=house.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**BASE_ENVIRONMENT, "HOME": os.environ.get("HOME", "/nonexistent")},
        timeout=60,
    )
    return done.stdout if done.returncode == 0 else None


def lay_out(exercise: Exercise, bases: Iterable[Files], folder: Path) -> None:
    """Writes every base as a tree, `folder`/0, 1, ...; only what may be changed is
    in it, since a patch to anything else is refused before it is applied."""
    for number, files in enumerate(bases):
        tree = folder / str(number) / "exercises" / exercise.name
        tree.mkdir(parents=True)
        for name, content in files.items():
            (tree / name).write_bytes(content)
