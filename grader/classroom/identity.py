"""With what a hand-in was graded: digests of tests, grader, kernels and engine.

Two gradings of the same files with the same identity and seed are the same.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from grader import build, cache, process
from grader.catalog import Exercise
from grader.house import House
from grader.stage import HandIn
from grader.trouble import CannotGrade

QEMU = "qemu-system-x86_64"
LENGTH = 16  # hexadecimal digits of a digest that are kept
# Parts of this package that decide no verdict.
NOT_JUDGES = ("classroom", "handin", "similar", "synthetic", "tests")


def made_with(house: House, exercise: Exercise) -> dict[str, str]:
    """What the verdicts on `exercise` depend on besides hand-in and seed."""
    return {
        "tests": tests(house, exercise),
        "grader": grader(),
        "kernels": kernels(house, exercise),
        "engine": engine(house),
    }


def tests(house: House, exercise: Exercise) -> str:
    """The exercise without its handed-in files, its hidden tests, and the library."""
    hidden = house.solutions / exercise.name / "tests"
    paths = [exercise.folder / "exercise.toml", exercise.folder / "Kbuild"]
    for folder in (exercise.folder / "tests", hidden, house.lib):
        paths += sorted(path for path in folder.rglob("*") if path.is_file())
    return _digest((house.relative(path), path) for path in paths if path.exists())


def grader() -> str:
    """The code that judges."""
    root = Path(__file__).resolve().parent.parent
    paths = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in (".py", ".toml", ".sh")
        and path.relative_to(root).parts[0] not in NOT_JUDGES
    ]
    return _digest((str(path.relative_to(root)), path) for path in paths)


def kernels(house: House, exercise: Exercise) -> str:
    """The kernels' releases, with what is booted."""
    words = []
    for name in exercise.kernels:
        kernel = build.find_kernel(house, name)
        folder = house.kernel(name)
        paths = [folder / part for part in ("image", "initramfs", "machine")]
        digest = _digest((path.name, path) for path in paths if path.exists())
        words.append(f"{name} {kernel.release} {digest}")
    return ", ".join(words)


def engine(house: House) -> str:
    """The `vm` command and QEMU."""
    try:
        said = process.run([QEMU, "--version"], timeout=20).output
    except FileNotFoundError as error:
        raise CannotGrade(f"{QEMU} is missing", "next: make setup") from error
    return f"{_digest([('vm', house.vm)])} {said.split('(')[0].strip()}"


def key(
    hand_in: HandIn, identity: Iterable[tuple[str, str]], seed: int, again: int
) -> str:
    """The name under which a grading is found again: equal hand-ins, graded with the
    same things, in the same generation `again`, have the same."""
    parts: list[str | bytes] = [str(seed), str(again)]
    for word in sorted(identity):
        parts += word
    for item in sorted(hand_in.files.items()):
        parts += item
    return cache.key(parts)


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in files:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CannotGrade(
                f"{path}: {error.strerror}", "next: make setup"
            ) from error
        digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:LENGTH]
