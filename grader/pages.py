"""Checks of the tree as a whole: links of all pages, stray files."""

import re
from pathlib import Path

from grader import catalog, readme
from grader.catalog import Exercise
from grader.house import House
from grader.tally import Tally

MADE = (".git", "build", "outbox", "submissions")
TESTS = re.compile(r"tests/[\w.-]+\.(bats|bash|py|c|h)")
SOLUTION = re.compile(
    r"NOTES\.md|tests/[\w.-]+\.(bats|bash|py)|mutants/[\w.-]+\.patch|others/[\w-]+\.c"
)
EXERCISE = ("README.md", "exercise.toml", "Kbuild")


def check(house: House, tally: Tally) -> None:
    """Every link of every page resolves; no folder is without its exercise."""
    wrong = [
        f"{house.relative(page)}:{why}"
        for page in sorted(house.root.rglob("*.md"))
        if page.relative_to(house.root).parts[0] not in MADE
        for why in readme.broken_links(page, house.root)
    ]
    tally.check("links of all pages", wrong, "mend or remove the link")
    known = set(catalog.names(house))
    lost = [
        house.relative(path)
        for parent in (house.exercises, house.solutions)
        for path in sorted(parent.glob("*"))
        if path.name not in known and path != house.lib
    ]
    tally.check(
        "every folder is an exercise",
        lost,
        "add exercises/N/exercise.toml, or rm -r it",
    )


def strays(house: House, exercise: Exercise) -> list[str]:
    """Files in the folders of an exercise that have no business there."""
    names = (*EXERCISE, *exercise.files)
    found = _unknown(exercise.folder, names, TESTS)
    found += _unknown(house.solutions / exercise.name, exercise.files, SOLUTION)
    return [house.relative(path) for path in found]


def _unknown(
    folder: Path, names: tuple[str, ...], shape: re.Pattern[str]
) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if not path.is_dir() or path.is_symlink()
        if str(path.relative_to(folder)) not in names
        and not shape.fullmatch(str(path.relative_to(folder)))
    ]
