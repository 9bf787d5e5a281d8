"""Whose each file of the course is, as paths.txt says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.trouble import CourseError

FILE = Path(__file__).with_name("paths.txt")
STUDENT, STAFF = "student", "staff"
HEADING = re.compile(rf"## ({STUDENT}|{STAFF})")
RULE = re.compile(r"([\w./-]+(?:#\w+)?)(?:\s+# \S.*)?")


@dataclass(frozen=True)
class Rules:
    """Path or folder/ to whose it is."""

    whose: dict[str, str]

    def owner(self, path: str) -> str | None:
        """Whose `path` is; None where no rule fits."""
        if path in self.whose:
            return self.whose[path]
        while "/" in path:
            path = path.rpartition("/")[0]
            if f"{path}/" in self.whose:
                return self.whose[f"{path}/"]
        return None

    def student(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` that are shipped; CourseError unless all is decided."""
        every = sorted(paths)
        wrong = self.gaps(every)
        if wrong:
            raise CourseError("\n".join(wrong), f"mend {FILE.name} of grader/release")
        return [path for path in every if self.owner(path) == STUDENT]

    def gaps(self, paths: Iterable[str]) -> list[str]:
        """The files for which there is no rule, and what is to be shipped and is not
        there; what the staff does not have does no harm."""
        there = set(paths)
        lost = [
            f"{path}: no rule says whose it is; add it to grader/release/paths.txt, "
            f"under {STUDENT} or {STAFF}"
            for path in sorted(there)
            if self.owner(path) is None
        ]
        gone = [
            f"{path}: is to be shipped, and there is no such file"
            for path, owner in self.whose.items()
            if owner == STUDENT and not re.search("/$|#", path) and path not in there
        ]
        return lost + gone


def load() -> Rules:
    """The rules of the course."""
    return parse(FILE.read_text(encoding="utf-8"), FILE.name)


def parse(text: str, shown: str) -> Rules:
    """Reads paths.txt: `## student` or `## staff`, then `path # why` lines."""
    whose: dict[str, str] = {}
    owner = ""
    for number, line in enumerate(text.split("\n"), 1):
        heading, rule = HEADING.fullmatch(line), RULE.fullmatch(line)
        if heading:
            owner = heading[1]
        elif rule and owner and not line.startswith("#"):
            if rule[1] in whose:
                raise CourseError(f"{shown}:{number}: {rule[1]} is there already")
            whose[rule[1]] = owner
        elif line.strip() and not line.startswith("# "):
            raise CourseError(f"{shown}:{number}: expected `path # why`: {line}")
    return Rules(whose)
