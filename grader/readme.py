"""Reads the parts of a Markdown page that the grader points at or checks."""

import re
from pathlib import Path

# The sections of an exercise's README, in this order.
SECTIONS = ("Goal", "Before you start", "Steps", "Behaviour", "Try it", "Hand in")
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
STEP = re.compile(r"(?:#{3,6}\s+)?(?:Step\s+)?(\d+)[.:)]?\s+(.*)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
FENCE = re.compile(r"\s*(```|~~~)")


def prose(text: str) -> list[tuple[int, str]]:
    """The numbered lines of `text` that are not inside a fenced block."""
    lines = []
    fenced = False
    for number, line in enumerate(text.split("\n"), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            lines.append((number, line))
    return lines


def sections(text: str) -> list[str]:
    """The titles of the second level, in order."""
    headings = (HEADING.fullmatch(line) for _, line in prose(text))
    return [match[2] for match in headings if match and len(match[1]) == 2]


def steps(text: str) -> dict[int, str]:
    """Number and title of each step of the section Steps."""
    found: dict[int, str] = {}
    inside = False
    for _, line in prose(text):
        heading = HEADING.fullmatch(line)
        if heading and len(heading[1]) <= 2:
            inside = heading[2] == "Steps"
        step = STEP.fullmatch(line)
        if inside and step:
            title = step[2].replace("**", "").split(". ")[0].rstrip(".")
            found.setdefault(int(step[1]), title)
    return found


def anchors(text: str) -> set[str]:
    """The anchors that a page offers, as forges make them of headings."""
    found = set()
    for _, line in prose(text):
        heading = HEADING.fullmatch(line)
        if heading:
            plain = re.sub(r"[^\w\- ]", "", heading[2].lower())
            found.add(plain.replace(" ", "-"))
    return found


def broken_links(path: Path, root: Path) -> list[str]:
    """What is wrong with the links of the page at `path`: `LINE: link: why`."""
    wrong = []
    for number, line in prose(path.read_text(encoding="utf-8")):
        for link in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path.resolve()
            if not target.exists() or not target.is_relative_to(root):
                wrong.append(f"{number}: {link}: no such file")
            elif anchor and target.suffix == ".md":
                if anchor not in anchors(target.read_text(encoding="utf-8")):
                    wrong.append(f"{number}: {link}: no such heading")
    return wrong
