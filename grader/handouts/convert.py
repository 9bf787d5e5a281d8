"""What pandoc and graphviz make of a page; kept by content, so made once.

    body.html    the page's body, with places for its figures
    slides.html  its slides, with the same places
    N.svg        the figure whose block begins on line N
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader import cache, fences, process
from grader.fences import Block
from grader.handouts import figures, source
from grader.handouts.links import Site
from grader.handouts.pages import Page
from grader.house import House, workers
from grader.trouble import CannotGrade, Trouble

THEME = Path(__file__).parent / "theme"
READER = "gfm+smart+attributes+bracketed_spans+fenced_divs"
SECONDS = 60
PLACE = re.compile(r'<figure data-figure="(\d+)"></figure>')
LINE_LINK = re.compile(r'<a href="#cb[^"]*" aria-hidden="true" tabindex="-1"></a>')
LINE_NUMBER = re.compile(r' id="cb[0-9-]+"')
FILTERS = {"body": ("blocks.lua", "page.lua"), "slides": ("blocks.lua", "slides.lua")}


@dataclass(frozen=True)
class Converted:
    """A page as HTML: its body and its slides, and by line its figures as SVG with
    their alternative texts."""

    page: Page
    body: str
    slides: str
    figures: dict[str, tuple[str, str]]

    def on_screen(self, text: str) -> str:
        """`text` with its figures in the colours of the site."""
        return self._filled(text, screen=True)

    def on_paper(self, text: str) -> str:
        """`text` with its figures as they were drawn."""
        return self._filled(text, screen=False)

    def _filled(self, text: str, screen: bool) -> str:
        def figure(match: re.Match[str]) -> str:
            svg, alt = self.figures[match[1]]
            svg = figures.describe(svg, f"figure-{match[1]}", alt)
            svg = figures.themed(svg) if screen else svg
            return f'<figure class="figure">{svg}</figure>'

        return PLACE.sub(figure, text)


def convert_all(house: House, site: Site) -> list[Converted]:
    """Every page, some at a time; the first trouble is raised."""
    with ThreadPoolExecutor(workers()) as pool:
        return list(pool.map(lambda page: convert(house, site, page), site.pages))


def convert(house: House, site: Site, page: Page) -> Converted:
    """A page as HTML, from the cache if nothing of it has changed."""
    text = source.prepare(site, page)
    drawn = [one for one in fences.blocks(page.text) if one.language == "dot"]
    parts = [text, *(line for one in drawn for line in ("dot", *one.body))]
    for path in (*sorted(THEME.glob("*.lua")), Path(__file__), Path(figures.__file__)):
        parts.append(path.read_text(encoding="utf-8"))
    parts += [cache.tool_identity("pandoc"), cache.tool_identity("dot"), READER]
    key = cache.key(parts)

    def fill(folder: Path) -> None:
        _fill(folder, page, text, drawn)

    folder = cache.folder(house.cache / "handouts", key, fill)
    svgs = {
        str(one.line): (_read(folder / f"{one.line}.svg"), one.attributes["alt"])
        for one in drawn
    }
    body, slides = (_read(folder / f"{name}.html") for name in FILTERS)
    return Converted(page, body, slides, svgs)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _fill(folder: Path, page: Page, text: str, drawn: list[Block]) -> None:
    """Makes the files of a page, at the same time."""
    markdown = folder / "page.md"
    markdown.write_text(text, encoding="utf-8")

    def draw(block: Block) -> None:
        svg = figures.draw(block, page.shown, folder)
        (folder / f"{block.line}.svg").write_text(svg, encoding="utf-8")

    with ThreadPoolExecutor(len(FILTERS) + 1) as pool:
        jobs = [pool.submit(_pandoc, page, markdown, name) for name in FILTERS]
        jobs += [pool.submit(draw, block) for block in drawn]
        for job in jobs:
            job.result()


def _pandoc(page: Page, markdown: Path, name: str) -> None:
    """Writes NAME.html beside the Markdown."""
    out = markdown.with_name(f"{name}.html")
    command = ["pandoc", f"--from={READER}", "--to=html5", "--wrap=none"]
    command += ["--section-divs"] if name == "body" else []
    command += [f"--lua-filter={THEME / filter}" for filter in FILTERS[name]]
    try:
        done = process.run(
            [*command, f"--output={out}", str(markdown)], timeout=SECONDS
        )
    except FileNotFoundError as error:
        raise CannotGrade("pandoc is missing", "next: make handouts") from error
    if done.status != 0:
        why = done.output.strip() or f"status {done.status}"
        raise Trouble(f"{page.shown}: pandoc cannot read it: {why}", "mend the page")
    text = LINE_NUMBER.sub("", LINE_LINK.sub("", _read(out)))
    out.write_text(text, encoding="utf-8")
