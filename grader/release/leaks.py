"""The leak check: nothing that only the staff has may be in what is given out.

It looks for canaries, for runs of tokens that solutions, hidden tests, notes and
mutants have and skeletons do not, for compiled code, and for paths of the staff, in
text, in binaries, and in archives, however deep.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from grader import catalog, stage
from grader.catalog import Exercise
from grader.house import House
from grader.release import canary, unpack
from grader.release.runs import LENGTH, Hoard, Shared
from grader.release.unpack import Closed, Leaf
from grader.trouble import CourseError

KIN = Path(__file__).with_name("kin.toml")
NEWLINE = b"\n"
NUMBER = re.compile(rb"(?=([0-9a-f]{12}))")
NAMED = re.compile(rb"%s: ([0-9a-f]{12})\b" % canary.WORD.encode())
STAFF_PATH = re.compile(r"(?:^|[/!])(?:solutions|mutants)(?:/|$)")


@dataclass(frozen=True)
class Leaks:
    """What is looked for: canaries with the files they are of, and runs; and what was
    found in texts that were `seen`."""

    canaries: dict[str, str]
    hoard: Hoard
    seen: dict[str, list[Shared]] = field(default_factory=dict)

    def find(self, files: Iterable[tuple[str, bytes]]) -> list[str]:
        """What leaks through `files`, names and contents: `NAME:LINE: what: whence`."""
        found: dict[str, None] = {}  # a set that keeps the order
        for name, content in files:
            for leaf in unpack.leaves(name, content):
                found.update(dict.fromkeys(self._look(leaf)))
        return list(found)

    def _look(self, leaf: Leaf | Closed) -> Iterator[str]:
        if isinstance(leaf, Closed):
            yield str(leaf)
            return
        if STAFF_PATH.search(leaf.name):
            yield f"{leaf.name}: a path of the staff"
        kind = compiled(leaf.content)
        if kind:
            yield f"{leaf.name}: {kind}, where sources are given out"
        yield from self._canaries(leaf)
        for shared in self._shared(leaf.text()):
            where = f"{leaf.name}:{shared.line}" if leaf.is_text else leaf.name
            yield f"{where}: {shared.length} tokens as in {shared.place}"

    def _shared(self, text: str) -> list[Shared]:
        """What `text` has from the hoard; archive and repository have it twice."""
        if text not in self.seen:
            self.seen[text] = self.hoard.shared(text)
        return self.seen[text]

    def _canaries(self, leaf: Leaf) -> Iterator[str]:
        raw = leaf.raw()
        for match in NUMBER.finditer(raw):
            path = self.canaries.get(match[1].decode())
            if path:
                yield f"{_where(leaf, match.start())}: the canary of {path}"
        for match in NAMED.finditer(raw):
            if match[1].decode() not in self.canaries:
                where = _where(leaf, match.start())
                yield f"{where}: the canary of a file that is no longer there"


def _where(leaf: Leaf, offset: int) -> str:
    """The file, and the line where it has lines."""
    if not leaf.is_text:
        return leaf.name
    return f"{leaf.name}:{leaf.content.count(NEWLINE, 0, offset) + 1}"


def compiled(content: bytes) -> str:
    """What kind of compiled code that is; empty for none."""
    if content.startswith((b"\x7fELF", b"BC\xc0\xde")):
        return "compiled code"
    if content[2:4] == b"\r\n" and b"\0" in content[4:16]:
        return "compiled Python"
    return ""


def load(house: House, length: int = LENGTH) -> Leaks:
    """All that the course's staff has, from solutions/; CourseError for a file that
    has no canary."""
    wrong = canary.missing(house)
    if wrong:
        raise CourseError(
            "\n".join(f"{name}: has not its canary" for name in wrong), "make canaries"
        )
    hoard = Hoard(length)
    relatives = kin(KIN.read_text(encoding="utf-8"))
    for exercise in catalog.select(house, []):
        if (house.solutions / exercise.name).is_dir():
            free = [
                public(house, file)
                for file, solution in relatives
                if solution == exercise.name
            ]
            fill(house, exercise, hoard, free)
    return Leaks(canary.owners(house), hoard)


def fill(house: House, exercise: Exercise, hoard: Hoard, free: list[str]) -> None:
    """Adds all files of the staff about `exercise`. What its skeleton has, or a text
    of `free`, is for everybody; for hidden tests also what the other tests have."""
    skeleton = stage.skeleton(house, exercise).files.values()
    known = hoard.all_runs([*free, *(text.decode() for text in skeleton)])
    tests = hoard.all_runs(
        path.read_text(encoding="utf-8")
        for path in sorted((exercise.folder / "tests").glob("*"))
        if path.suffix in canary.COMMENTS
    )
    for path in canary.files(house):
        folder, *inner = path.relative_to(house.solutions).parts
        if folder != exercise.name:
            continue
        text, shown = path.read_text(encoding="utf-8"), house.relative(path)
        hoard.add(shown, text, known | tests if inner[0] == "tests" else known)
        if inner[0] in exercise.files:
            text = stage.derive(path, True, keep_lines=True).decode()
            hoard.add(shown, text, known)


def public(house: House, file: str) -> str:
    """The text of a released file that may be like a solution; of a handed-in file
    what it is to be, not what somebody may have put there."""
    _, name, *inner = file.split("/")
    if name in catalog.names(house):
        exercise = catalog.load(house, name)
        if inner[0] in exercise.files:
            return stage.skeleton(house, exercise).files[inner[0]].decode()
    return (house.root / file).read_text(encoding="utf-8")


def kin(text: str) -> list[tuple[str, str]]:
    """Reads kin.toml: pairs of file and exercise."""
    entries = tomllib.loads(text).get("kin", [])
    for entry in entries:
        if set(entry) != {"file", "solution", "why"} or not entry["why"].strip():
            raise CourseError(f"{KIN.name}: an entry has file, solution, why: {entry}")
    return [(entry["file"], entry["solution"]) for entry in entries]
