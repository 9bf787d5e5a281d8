"""Takes the handed-in files, and nothing else, out of a folder that may be hostile.

Each file is opened without following links and read once; what is graded is
the bytes that were checked here.
"""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader import forbidden, process
from grader.catalog import Exercise
from grader.forbidden import Refused
from grader.house import House
from grader.trouble import CannotGrade, CourseError, Trouble

LARGEST = 256 << 10  # bytes of one handed-in file
SOLUTION = "solution"
CANARY = re.compile(r".*\bStaff-only: [0-9a-f]{12}\b.*\n")  # see release.canary
KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


@dataclass(frozen=True)
class HandIn:
    """The files that were handed in: name to content, all that are asked for."""

    files: Mapping[str, bytes]


def take(house: House, exercise: Exercise, source: str | None) -> HandIn:
    """The hand-in from the working tree, the solution or the folder `source`.

    Raises Refused for what its author must mend, Trouble for a `source` that is
    not there.
    """
    if source == SOLUTION:
        return solution(house, exercise)
    folder = Path(source) if source else exercise.folder
    if source and not folder.is_dir():
        raise Trouble(
            f"SOURCE={source}: no such folder",
            f"a folder that holds {' '.join(exercise.files)}, or SOURCE=solution",
        )
    files = {name: read_file(folder / name) for name in exercise.files}
    for name, content in files.items():
        forbidden.check(name, content)
    return HandIn(files)


def read_file(path: Path) -> bytes:
    """The content of a regular, text, small file; raises Refused otherwise."""
    name = path.name
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        _refuse_kind(name, os.lstat(path).st_mode)
        descriptor = os.open(path, flags)
    except FileNotFoundError as error:
        raise Refused(f"{name}: missing; this file is what is handed in") from error
    except OSError as error:
        raise Refused(f"{name}: cannot be read: {error.strerror}") from error
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _refuse_kind(name, status.st_mode)
        content = file.read(LARGEST + 1)
        size = max(status.st_size, len(content))
    if not content:
        raise Refused(f"{name}: empty")
    if size > LARGEST:
        raise Refused(f"{name}: {size} bytes; at most {LARGEST} are taken")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused(f"{name}:{line}: not UTF-8 text") from error
    return content


def _refuse_kind(name: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = KINDS.get(stat.S_IFMT(mode), "not a file")
        raise Refused(f"{name}: {kind}; hand in a regular file")


def solution(house: House, exercise: Exercise) -> HandIn:
    """The reference as it is built: the branches for SOLUTION, and no others."""
    folder = house.solutions / exercise.name
    if not folder.is_dir():
        raise Trouble(
            f"{exercise.name}: no solution here: {house.relative(folder)} is missing",
            "solutions are with the staff; grade your own: make grade N",
        )
    return HandIn({name: derive(folder / name, True) for name in exercise.files})


def derive(path: Path, with_solution: bool, keep_lines: bool = False) -> bytes:
    """`path` with the symbol SOLUTION defined, or undefined: a skeleton; without
    its canary. With `keep_lines` what is left out leaves empty lines."""
    if not path.is_file():
        raise CourseError(f"{path}: missing; it is the source of skeleton and solution")
    options = ["-DSOLUTION" if with_solution else "-USOLUTION"]
    options += ["-b"] if keep_lines else []
    try:
        done = process.run(
            ["unifdef", "-x2", *options, str(path)], timeout=10, keep=1 << 20
        )
    except FileNotFoundError as error:
        raise CannotGrade("unifdef is missing", "next: make setup") from error
    if done.status != 0:
        raise CourseError(f"{path}: unifdef: {done.output.strip()}")
    return CANARY.sub("\n" if keep_lines else "", done.output).encode()


def skeleton(house: House, exercise: Exercise) -> HandIn:
    """What a student begins with, derived anew from the solution."""
    folder = house.solutions / exercise.name
    return HandIn({name: derive(folder / name, False) for name in exercise.files})
