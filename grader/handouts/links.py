"""Where links lead on the site, and which steps practise which sections."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import readme
from grader.handouts.pages import STEPS, Heading, Page

ELSEWHERE = re.compile(r"[a-z]+:")  # an address, which is left as it is
PICTURES = (".svg", ".png", ".jpg", ".jpeg")
CODE = re.compile(r"`[^`]*`")
EXERCISES = "Exercises"
# In a lecture's list of exercises: "steps 1 to 3 are [title](#anchor) and ..."
STEP_OR_LINK = re.compile(r"\b[Ss]teps?\s+([\d, toand]*\d)|\]\(([^)\s]+)[^)]*\)")


@dataclass(frozen=True)
class Practice:
    """A place of an exercise, a step or 0 for the whole, is about a section of a
    lecture; it is said on `line` of `said`."""

    exercise: Page
    step: int
    lecture: Page
    section: Heading | None
    said: Page
    line: int


class Site:
    """All pages, and what leads from one to another."""

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages
        self.by_path = {page.path.resolve(): page for page in pages}
        self.practices = [
            one for page in pages for one in (*self._steps(page), *self._lists(page))
        ]

    def lecture(self, number: int) -> Page | None:
        """The lecture of that number, if it is written."""
        mine = (page for page in self.pages if page.exercise is None)
        return next((page for page in mine if page.lecture == number), None)

    def exercises(self, lecture: int) -> list[Page]:
        """The exercises of a lecture."""
        return [one for one in self.pages if one.exercise and one.lecture == lecture]

    def target(self, page: Page, link: str) -> tuple[Page | None, str]:
        """The page and the anchor that a link of `page` means."""
        name, _, anchor = link.partition("#")
        path = (page.path.parent / name).resolve() if name else page.path.resolve()
        if path.is_dir():
            path /= "README.md"
        return self.by_path.get(path), anchor

    def practised(self, page: Page, step: int = 0) -> list[Practice]:
        """What a step of an exercise is about; step 0: the exercise as a whole."""
        return _once(
            [one for one in self.practices if (one.exercise, one.step) == (page, step)]
        )

    def practice_of(self, lecture: Page, section: Heading) -> list[Practice]:
        """Where a section of a lecture is practised."""
        about = [
            one
            for one in self.practices
            if one.lecture is lecture and one.section == section
        ]
        return sorted(_once(about), key=lambda one: (one.exercise.name, one.step))

    def _steps(self, page: Page) -> Iterator[Practice]:
        """What an exercise itself says: its links to lectures, step by step."""
        if page.exercise is None:
            return
        begins = sorted((line, step) for step, line in page.steps().items())
        for number, link in links_of(page):
            lecture, anchor = self.target(page, link)
            if lecture is None or lecture.exercise:
                continue
            below = page.inside(number)
            before = [step for line, step in begins if line <= number]
            inside = below is not None and below.title == STEPS and before
            step = before[-1] if inside else 0
            section = lecture.section(anchor)
            yield Practice(page, step, lecture, section, page, number)

    def _lists(self, page: Page) -> Iterator[Practice]:
        """What a lecture says in its section Exercises, item by item."""
        exercise: Page | None = None
        steps: list[int] = []
        for number, line in page.prose if page.exercise is None else []:
            below = page.inside(number)
            if below is None or below.title != EXERCISES:
                continue
            if re.match(r"[-*] ", line):
                exercise, steps = None, []
            for found in STEP_OR_LINK.finditer(line):
                if found[1]:
                    steps = numbers(found[1])
                    continue
                other, anchor = self.target(page, found[2])
                if other is not None and other.exercise:
                    exercise, steps = other, []
                elif other is not None and exercise and steps:
                    section = other.section(anchor)
                    for step in steps:
                        yield Practice(exercise, step, other, section, page, number)


def _once(practices: list[Practice]) -> list[Practice]:
    """Each place and section once, however often it is said."""
    first: dict[tuple[str, int, str, Heading | None], Practice] = {}
    for one in practices:
        key = (one.exercise.name, one.step, one.lecture.name, one.section)
        first.setdefault(key, one)
    return list(first.values())


def numbers(words: str) -> list[int]:
    """The steps of `1 to 3`, `5 and 6`, `1, 2 and 5`."""
    found: list[int] = []
    for low, high in re.findall(r"(\d+)(?:\s+to\s+(\d+))?", words):
        found += range(int(low), int(high or low) + 1)
    return found


def links_of(page: Page) -> Iterator[tuple[int, str]]:
    """Line and target of each link of a page that is no address."""
    for number, line in page.prose:
        for link in readme.LINK.findall(CODE.sub("", line)):
            if not ELSEWHERE.match(link):
                yield number, link


def between(here: Page, there: Page, suffix: str = ".html", anchor: str = "") -> str:
    """The relative address of a page of the site, as seen from another."""
    if here is there and anchor:
        return f"#{anchor}"
    path = os.path.relpath(there.place + suffix, Path(here.place).parent)
    return f"{path}#{anchor}" if anchor else path
