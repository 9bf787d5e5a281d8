"""Markdown of the course, made ready for pandoc: what needs to know other pages.

Links become those of the site, headings get their anchors, figures become places
that are filled in later, and steps and sections get the links to each other.
"""

import re

from grader import fences, readme
from grader.handouts.links import CODE, ELSEWHERE, PICTURES, Practice, Site, between
from grader.handouts.pages import Heading, Page

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)[^)]*\)")
LECTURE = re.compile(r"\b[Ll]ecture (\d\d)\b(?!:)")
KEPT = re.compile(r"`[^`]*`|!?\[[^\]]*\]\([^)]*\)")


def prepare(site: Site, page: Page) -> str:
    """The text of a page for pandoc."""
    lines = page.text.split("\n")
    before: dict[int, list[str]] = {}
    after: dict[int, list[str]] = {}
    steps = {line: step for step, line in page.steps().items()}
    for number, line in page.prose:
        lines[number - 1] = _line(site, page, number, line, steps)
    for heading in page.headings:
        lines[heading.line - 1] += f" {{#{heading.anchor}}}"
        about = [] if page.exercise else site.practice_of(page, heading)
        if about:
            end = _end_of_section(page, heading)
            before.setdefault(end, []).extend(_practised(page, about))
    for number, step in steps.items():
        read = _read(site, page, step)
        if read:
            after[_end_of_step(lines, number)] = [f"   {read}"]
    for block in fences.blocks(page.text):
        _block(lines, block)
    return "\n".join(_with(lines, before, after))


def _with(
    lines: list[str], before: dict[int, list[str]], after: dict[int, list[str]]
) -> list[str]:
    """The lines with those that are to stand before and after some of them."""
    every: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        every += [*before.get(number, []), line, *after.get(number, [])]
    return every


def _line(site: Site, page: Page, number: int, line: str, steps: dict[int, int]) -> str:
    """A line of prose with the links of the site."""
    if readme.HEADING.fullmatch(line):
        return line
    parts: list[str] = []
    at = 0
    for kept in KEPT.finditer(line):
        parts.append(_lectures(site, page, line[at : kept.start()]))
        parts.append(_link(site, page, kept[0]))
        at = kept.end()
    line = "".join([*parts, _lectures(site, page, line[at:])])
    if number in steps:
        line = re.sub(r"^(\s*\d+[.)]\s+)", rf"\1[]{{#step-{steps[number]}}}", line)
    return line


def _lectures(site: Site, page: Page, text: str) -> str:
    """Text in which `lecture 14` leads there, if it is written."""

    def link(match: re.Match[str]) -> str:
        there = site.lecture(int(match[1]))
        if there is None or there is page:
            return match[0]
        return f"[{match[0]}]({between(page, there)})"

    return LECTURE.sub(link, text)


def _link(site: Site, page: Page, markdown: str) -> str:
    """A link, or a piece of code, as it stands on the site."""
    match = LINK.fullmatch(markdown)
    if not match or ELSEWHERE.match(match[3]) or CODE.fullmatch(markdown):
        return markdown
    mark, text, link = match[1], match[2], match[3]
    if mark or link.endswith(PICTURES):
        return markdown
    there, anchor = site.target(page, link)
    if there is not None:
        return f"[{text}]({between(page, there, anchor=anchor)})"
    file = (page.path.parent / link.partition("#")[0]).resolve()
    root = page.path.parents[len(page.shown.split("/")) - 1].resolve()
    return f'[{text}]{{.file title="{file.relative_to(root)}"}}'


def _block(lines: list[str], block: fences.Block) -> None:
    """Leaves of a block's first line what pandoc is to know."""
    first = block.line - 1
    if block.language == "dot":
        lines[first] = f'<figure data-figure="{block.line}"></figure>'
        for number in range(first + 1, block.line + len(block.body) + 1):
            lines[number] = ""
    else:
        fence = lines[first][: len(lines[first]) - len(lines[first].lstrip("`~"))]
        lines[first] = f"{fence}{block.language}"


def _end_of_section(page: Page, heading: Heading) -> int:
    """The line of the heading that follows a section, or one past the page."""
    later = [
        one.line
        for one in page.headings
        if one.line > heading.line and one.level <= max(heading.level, 2)
    ]
    return later[0] if later else page.text.count("\n") + 2


def _end_of_step(lines: list[str], start: int) -> int:
    """The last line of the list item, or the heading, that begins at `start`."""
    end = start
    for number in range(start + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip() and not line.startswith("  "):
            break
        if line.strip():
            end = number
    return end


def _practised(page: Page, about: list[Practice]) -> list[str]:
    """The paragraph that leads from a section to the steps that practise it."""
    words: list[str] = []
    for name in dict.fromkeys(one.exercise.name for one in about):
        mine = [one for one in about if one.exercise.name == name]
        there = mine[0].exercise
        steps = [
            f"[step {one.step}]({between(page, there, anchor=f'step-{one.step}')})"
            for one in mine
            if one.step
        ]
        words.append(", ".join([f"[{name}]({between(page, there)})", *steps]))
    return ["", "::: practised", f"Practised in {'; '.join(words)}.", ":::", ""]


def _read(site: Site, page: Page, step: int) -> str:
    """The links from a step to what explains it: its own sections, or those of the
    exercise as a whole, or its lecture."""
    about = site.practised(page, step)
    if not about:
        about = [one for one in site.practised(page) if one.section]
    if not about:
        lecture = site.lecture(page.lecture)
        if lecture is None:
            return ""
        return f"[Read [{lecture.title}]({between(page, lecture)})]{{.read}}"
    links = [_to_section(page, one) for one in about]
    return f"[Read {', '.join(links)}]{{.read}}"


def _to_section(page: Page, one: Practice) -> str:
    anchor = one.section.anchor if one.section else ""
    title = one.section.title if one.section else one.lecture.title
    return f"[{title}]({between(page, one.lecture, anchor=anchor)})"
