"""Canaries: a line in each file below solutions/, by which a copy gives itself away.

    // Staff-only: 0123456789ab

The number is made of the file's path, so none is drawn, kept or looked up. What is
derived from a solution, a skeleton above all, has no such line (see stage.derive).
"""

import hashlib
import re
from pathlib import Path

from grader import results
from grader.house import House
from grader.trouble import CourseError

WORD = "Staff-only"
LINE = re.compile(rf"{WORD}: ([0-9a-f]{{12}})\b")
COMMENTS = {
    ".c": "// {}",
    ".h": "// {}",
    ".md": "<!-- {} -->",
    ".patch": "{}",
    **dict.fromkeys((".bash", ".bats", ".py", ".sh", ".toml", ".yaml", ""), "# {}"),
}
LAST = (".md",)  # where the line is the last one; elsewhere it is an early one


def token(path: str) -> str:
    """The canary of the file at `path`, relative to the root."""
    return hashlib.sha256(path.encode()).hexdigest()[:12]


def owners(house: House) -> dict[str, str]:
    """Canary to the path of its file, for all files below solutions/."""
    return {token(path): path for path in map(house.relative, files(house))}


def files(house: House) -> list[Path]:
    """What must have a canary."""
    return [
        path
        for path in sorted(house.solutions.rglob("*"))
        if path.is_file() and path.parent.name != "__pycache__"
    ]


def missing(house: House) -> list[str]:
    """The files below solutions/ without their canary, or with another's."""
    return [
        house.relative(path)
        for path in files(house)
        if LINE.findall(path.read_text(encoding="utf-8"))
        != [token(house.relative(path))]
    ]


def write(house: House) -> int:
    """`make canaries`: gives every file its line; says which had none."""
    for name in missing(house):
        path = house.root / name
        text = path.read_text(encoding="utf-8")
        results.write(path, put(text, name))
        print(f"wrote {name}")
    return 0


def put(text: str, path: str) -> str:
    """`text` with the canary of `path`, and no other."""
    suffix = Path(path).suffix
    if suffix not in COMMENTS:
        raise CourseError(
            f"{path}: what is a comment in such a file?",
            "add its suffix to COMMENTS in grader/release/canary.py",
        )
    line = COMMENTS[suffix].format(f"{WORD}: {token(path)}")
    lines = [one for one in text.split("\n") if not LINE.search(one)]
    if suffix in LAST:
        return "\n".join(lines).rstrip("\n") + f"\n\n{line}\n"
    return "\n".join([*lines[: _first(lines)], line, *lines[_first(lines) :]])


def _first(lines: list[str]) -> int:
    """Behind what must be the first line: a licence, a #!, the killer of a mutant."""
    first = lines[0]
    return int(first.startswith(("#!", "Killed-by:")) or "SPDX-License" in first)
