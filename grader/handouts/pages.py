"""The pages of the handouts: every lecture, and the README of every exercise."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader import catalog, lectures, readme
from grader.catalog import Exercise
from grader.house import House
from grader.trouble import CourseError, Trouble

STEPS = "Steps"


@dataclass(frozen=True)
class Heading:
    """A heading: its line, its level, its title as Markdown, its anchor."""

    line: int
    level: int
    title: str
    anchor: str


@dataclass(frozen=True)
class Page:
    """A page: its file, where it goes below build/handouts (without suffix), its text,
    the number of its lecture, and its exercise, if it is one's."""

    path: Path
    shown: str
    place: str
    text: str
    lecture: int
    exercise: Exercise | None = None

    @property
    def name(self) -> str:
        return self.place.rpartition("/")[2]

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The numbered lines that are in no fenced block."""
        return readme.prose(self.text)

    @cached_property
    def headings(self) -> list[Heading]:
        return list(_headings(self.prose))

    @property
    def title(self) -> str:
        """The first heading, without marks of Markdown."""
        return plain(self.headings[0].title) if self.headings else self.name

    def section(self, anchor: str) -> Heading | None:
        """The heading of that anchor."""
        return next((one for one in self.headings if one.anchor == anchor), None)

    def steps(self) -> dict[int, int]:
        """By number of the step the line on which it begins."""
        found: dict[int, int] = {}
        inside = False
        for number, line in self.prose:
            heading = readme.HEADING.fullmatch(line)
            if heading and len(heading[1]) <= 2:
                inside = heading[2] == STEPS
            step = readme.STEP.fullmatch(line)
            if inside and step:
                found.setdefault(int(step[1]), number)
        return found

    def inside(self, line: int) -> Heading | None:
        """The heading below which a line is."""
        above = [one for one in self.headings if one.line <= line]
        return above[-1] if above else None


def unlinked(markdown: str) -> str:
    """A line of Markdown with the text of its links only."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)


def plain(markdown: str) -> str:
    """A line of Markdown as text, without marks and links."""
    return re.sub(r"[`*]", "", unlinked(markdown))


def _headings(prose: list[tuple[int, str]]) -> Iterator[Heading]:
    """Headings with the anchors that forges give them: a second one of the same
    title gets -1."""
    seen: dict[str, int] = {}
    for number, line in prose:
        match = readme.HEADING.fullmatch(line)
        if match:
            anchor = min(readme.anchors(line))
            again = seen.get(anchor, 0)
            seen[anchor] = again + 1
            unique = f"{anchor}-{again}" if again else anchor
            yield Heading(number, len(match[1]), match[2], unique)


def load(house: House) -> list[Page]:
    """All pages: the lectures, then the exercises, each in order."""
    found = [
        Page(
            path=one.path,
            shown=house.relative(one.path),
            place=f"lectures/{one.path.stem}",
            text=one.text,
            lecture=one.number,
        )
        for one in lectures.load(house)
    ]
    return found + [_of_exercise(house, one) for one in catalog.select(house, [])]


def _of_exercise(house: House, exercise: Exercise) -> Page:
    path = exercise.folder / "README.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{house.relative(path)}: {error.strerror}") from error
    place = f"exercises/{exercise.name}"
    return Page(path, house.relative(path), place, text, exercise.lecture, exercise)


def select(every: list[Page], names: list[str]) -> list[Page]:
    """The pages that `names` name, by default all: 13 is a lecture with its
    exercises, 13-prng a page. Trouble for one that there is not."""
    chosen: list[Page] = []
    for word in names:
        name = word.rstrip("/").removesuffix(".md").rpartition("/")[2]
        some = [page for page in every if catalog.matches(page.name, name)]
        if not some:
            known = " ".join(page.name for page in every)
            raise Trouble(f"unknown exercise or lecture: {word}", f"there is: {known}")
        chosen += some
    return [page for page in every if page in chosen or not names]
