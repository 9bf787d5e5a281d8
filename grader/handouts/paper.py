"""PDFs: one of each page, by weasyprint, in processes of their own.

Run as a program: python3 -m grader.handouts.paper PAGE.html ...
"""

import html
import os
import re
import shutil
import sys
import tempfile
from multiprocessing import Pool
from pathlib import Path

from grader import cache, process
from grader.handouts import site
from grader.handouts.convert import THEME, Converted
from grader.house import House
from grader.trouble import CannotGrade

SECONDS = 300
AT_MOST = 4  # of these processes at a time: each needs a few hundred MB
# A link to another page of the site leads to its PDF, which lies at the same place.
TO_PAGE = re.compile(r'href="((?!#)[^":]*)\.html(#[^"]*)?"')


def name(one: Converted) -> str:
    """What the PDF of a page is made of, as the name of its folder in the cache."""
    return cache.key(["pdf", _text(one), cache.tool_identity("weasyprint")])


def _text(one: Converted) -> str:
    """A page as it is printed: with PDFs instead of pages behind its links."""
    style = (THEME / "paper.css").read_text(encoding="utf-8")
    body = TO_PAGE.sub(r'href="\1.pdf\2"', one.on_paper(one.body))
    title = html.escape(one.page.title)
    return site.template("paper.html", title=title, style=style, body=body)


def made(house: House, one: Converted) -> Path:
    """Where the cache has the PDF of a page as it is now, if it has it."""
    return house.cache / "handouts-pdf" / name(one) / "page.pdf"


def write(house: House, converted: list[Converted]) -> None:
    """Makes the PDFs of these pages that are not made yet, and puts all of them into
    the site. The longest come first, so that all processes end together."""
    new = [one for one in converted if not made(house, one).is_file()]
    new.sort(key=lambda one: len(one.body), reverse=True)
    if new:
        with tempfile.TemporaryDirectory(dir=house.cache) as folder:
            _print(house, new, Path(folder))
    for one in converted:
        place = site.folder(house) / f"{one.page.place}.pdf"
        site.write_file(place, made(house, one).read_bytes())


def _print(house: House, new: list[Converted], folder: Path) -> None:
    """Has a program of its own make these PDFs in `folder`, and keeps them."""
    sources = [folder / f"{name(one)}.html" for one in new]
    for one, source in zip(new, sources):
        source.write_text(_text(one), encoding="utf-8")
    command = [sys.executable, "-E", "-s", "-X", f"pycache_prefix={house.cache}/python"]
    command += ["-m", "grader.handouts.paper", *map(str, sources)]
    root = Path(__file__).parents[2]
    done = process.run(command, timeout=SECONDS, folder=root)
    for one, source in zip(new, sources):
        pdf = source.with_suffix(".pdf")
        if not pdf.is_file():
            why = done.output.strip()[-1000:] or f"status {done.status}"
            raise CannotGrade(f"{one.page.shown}: no PDF: {why}", "make handouts")
        cache.folder(
            house.cache / "handouts-pdf",
            name(one),
            lambda kept, pdf=pdf: shutil.move(pdf, kept / "page.pdf"),  # type: ignore
        )


def _refuse(url: str) -> dict[str, object]:
    raise ValueError(f"not loaded, since handouts are made offline: {url}")


def _to_pdf(source: str) -> None:
    """Makes the PDF of a file beside it; it appears whole or not at all."""
    import weasyprint  # type: ignore[import]

    path = Path(source)
    text = path.read_text(encoding="utf-8")
    document = weasyprint.HTML(string=text, base_url=None, url_fetcher=_refuse)
    document.write_pdf(path.with_suffix(".new"))
    path.with_suffix(".new").rename(path.with_suffix(".pdf"))


def main(sources: list[str]) -> int:
    """Turns each SOURCE.html into SOURCE.pdf, some at a time."""
    __import__("weasyprint")  # once for all children, which are forked
    with Pool(min(AT_MOST, len(os.sched_getaffinity(0)))) as pool:
        pool.map(_to_pdf, sources, chunksize=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
