"""Figures: graphviz draws them, and the site gives them its own colours.

A figure is inline SVG with a title and, for those who listen, its words. On paper
it is as graphviz drew it; on a screen black is the colour of the text, white that
of the page, and what lies between is one of two greys, so that a figure can be read
on light and on dark.
"""

import html
import re
from pathlib import Path

from grader import process
from grader.fences import Block
from grader.trouble import CourseError

SECONDS = 30
# Of its size, below which a figure is moved sideways rather than made smaller; 46rem
# is the width of the text.
LEAST = 0.7
# What "sans-serif" is measured with, so that text fits its box in the browser.
FONTS = "'DejaVu Sans', Verdana, sans-serif"
MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
ERROR = re.compile(r"in line (\d+)")
COLOUR = re.compile(r'\b(fill|stroke)="([^"]+)"')
NAMES = {"black": 0, "white": 255, "gray": 192, "grey": 192, "lightgray": 211}
NAMES |= {"lightgrey": 211, "darkgray": 169, "darkgrey": 169}


def draw(block: Block, shown: str, folder: Path) -> str:
    """The block as SVG, drawn in `folder`; CourseError, with the page's line, for
    what graphviz does not understand."""
    file = folder / f"{block.line}.dot"
    file.write_text("\n".join(block.body) + "\n", encoding="utf-8")
    command = ["dot", "-Tsvg", "-Gbgcolor=transparent", str(file)]
    done = process.run(command, timeout=SECONDS, keep=1 << 22)
    file.unlink()
    if done.status != 0 or "<svg" not in done.output:
        inner = ERROR.search(done.output)
        line = block.line + int(inner[1]) if inner else block.line
        why = done.output.replace(str(file), "graphviz").strip().split("\n")[0]
        raise CourseError(f"{shown}:{line}: no figure: {why}", "mend the block")
    return done.output[done.output.index("<svg") :]


def describe(svg: str, key: str, alt: str) -> str:
    """The SVG as a figure of a page: named by `alt`, without graphviz's tooltips."""
    svg = re.sub(r"<!--.*?-->\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<title>.*?</title>\n?", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<= )id="[^"]*" ?', "", svg)
    width = re.search(r'<svg width="(\d+)pt" height="\d+pt"', svg)
    points = int(width[1]) if width else 600
    size = f"width:{points}pt;min-width:min({points * LEAST:.0f}pt,46rem)"
    svg = re.sub(r' width="\d+pt" height="\d+pt"', "", svg, count=1)
    title, rest = first_words(alt)
    names = f"{key}-title {key}-desc" if rest else f"{key}-title"
    opening = f'<svg role="img" aria-labelledby="{names}" style="{size}"'
    said = f'<title id="{key}-title">{html.escape(title)}</title>'
    if rest:
        said += f'<desc id="{key}-desc">{html.escape(rest)}</desc>'
    return re.sub(
        r"<svg([^>]*)>", lambda m: f"{opening}{m[1]}>{said}", svg, count=1
    ).strip()


def first_words(alt: str) -> tuple[str, str]:
    """The first clause of an alternative text, and what follows."""
    match = re.match(r"(.{12,}?[^\d])[.:;,]\s+(.+)", alt.strip(), re.DOTALL)
    return (match[1], match[2]) if match else (alt.strip(), "")


def themed(svg: str) -> str:
    """The figure in the colours of the page around it."""
    svg = svg.replace("<text ", '<text fill="black" ')
    svg = re.sub(r'<text fill="black" ([^>]*\bfill=)', r"<text \1", svg)
    svg = COLOUR.sub(lambda m: f'{m[1]}="{_of_the_page(m[2])}"', svg)
    svg = re.sub(r'font-family="[^"]*mono[^"]*"', f'font-family="{MONO}"', svg)
    return re.sub(r'font-family="[^"]*sans-serif"', f'font-family="{FONTS}"', svg)


def _of_the_page(colour: str) -> str:
    """What stands for a colour of graphviz."""
    if colour in ("none", "transparent"):
        return colour
    light = _lightness(colour)
    if light > 250:
        return "var(--paper)"
    if light > 170:
        return "var(--tint)"
    return "currentColor" if light < 90 else "var(--muted)"


def _lightness(colour: str) -> float:
    """From 0 to 255; the weights are those of Rec. 709. An unknown name is dark."""
    if re.fullmatch("#[0-9a-fA-F]{6}", colour):
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return NAMES.get(colour, 0)
