"""What is wrong with a page before anything is made of it: file, line, what to do."""

import re
from collections.abc import Iterator

from grader import fences, lectures, readme
from grader.handouts.links import CODE, PICTURES, Site
from grader.handouts.pages import Page
from grader.house import House
from grader.lectures import Lecture
from grader.trouble import CourseError

DIV = re.compile(r"(:{3,})\s*(.*?)\s*:*")
DIVS = ("slide", "notes")
HOW = "write `::: slide` or `::: notes` before, and `:::` after"
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
REMEDIES = {
    "no such file": "mend the path, or remove the link",
    "no such heading": "mend what follows #, or the heading there",
}


def check(house: House, site: Site, pages: list[Page]) -> None:
    """Raises a CourseError with all that is wrong with `pages`, a line each."""
    wrong: list[str] = []
    for page in pages:
        found = {why for rule in RULES for why in rule(house, site, page)}
        wrong += [f"{page.shown}:{line}: {why}" for line, why in sorted(found) if line]
    if wrong:
        raise CourseError("\n".join(wrong), "then again: make handouts")


Wrong = Iterator[tuple[int, str]]


def links(house: House, _site: Site, page: Page) -> Wrong:
    """Links to files or headings that are not there; pictures have a rule."""
    for told in readme.broken_links(page.path, house.root):
        line, link, why = told.split(": ", 2)
        if not link.endswith(PICTURES):
            yield int(line), f"{link}: {why}; {REMEDIES[why]}"


def pictures(_house: House, _site: Site, page: Page) -> Wrong:
    """Pictures that are not there, or that say nothing to who cannot see them."""
    for number, line in page.prose:
        for alt, link in PICTURE.findall(CODE.sub("", line)):
            if not alt.strip():
                yield number, f"{link}: no alt text; write ![what it shows]({link})"
            if not (page.path.parent / link).is_file():
                yield number, f"{link}: no such figure; mend the path, or draw it"
            elif not link.endswith(PICTURES):
                yield number, f"{link}: a figure is one of {' '.join(PICTURES)}"


def blocks(house: House, _site: Site, page: Page) -> Wrong:
    """Blocks that are not what they say; figures without alt text."""
    try:
        found = fences.blocks(page.text)
        if page.exercise is None:
            lecture = Lecture(page.lecture, page.path, page.text)
            for told in lectures.untrue_blocks(house, lecture):
                yield _at(told)
    except ValueError as error:
        yield _at(str(error))
        return
    for block in found:
        if block.language == "dot" and not block.attributes.get("alt", "").strip():
            yield block.line, 'a figure needs alt="what it shows"'


def _at(told: str) -> tuple[int, str]:
    """Line and reason of `LINE: why`."""
    line, _, why = told.partition(": ")
    return int(line), why


def divs(_house: House, _site: Site, page: Page) -> Wrong:
    """Marked blocks that are unknown, that do not end, or are inside of another."""
    open_ones: list[tuple[int, str]] = []
    for number, line in page.prose:
        match = DIV.fullmatch(line.strip())
        if open_ones and line.startswith(("# ", "## ")):
            yield number, f"a section begins inside of ::: {open_ones[-1][1]}; end it"
        if not match:
            continue
        name = match[2]
        if not name and not open_ones:
            yield number, f"::: ends nothing; {HOW}"
        elif not name:
            open_ones.pop()
        elif name not in DIVS:
            yield number, f"::: {name}: unknown; {HOW}"
            open_ones.append((number, name))
        else:
            if open_ones and (open_ones[-1][1], name) != ("slide", "notes"):
                yield number, f"::: {name} inside of ::: {open_ones[-1][1]}; {HOW}"
            open_ones.append((number, name))
    for number, name in open_ones:
        yield number, f"::: {name} does not end; {HOW}"


def headings(_house: House, _site: Site, page: Page) -> Wrong:
    """One title, and no level that is left out: people who listen go by them."""
    levels = [(one.line, one.level) for one in page.headings]
    if not levels or levels[0][1] != 1:
        yield levels[0][0] if levels else 1, "begin the page with its title: # TITLE"
    before = 1
    for line, level in levels[1:]:
        if level == 1:
            yield line, "a second title; write ## for a section"
        elif level > before + 1:
            yield line, f"after {'#' * before} comes {'#' * (before + 1)}"
        before = level


def steps(_house: House, site: Site, page: Page) -> Wrong:
    """Steps that a lecture names and that the exercise does not have."""
    for one in site.practices:
        if one.said is page and one.step and one.step not in one.exercise.steps():
            name = one.exercise.name
            yield one.line, f"{name} has no step {one.step}; see its section Steps"


RULES = (links, pictures, blocks, divs, headings, steps)
