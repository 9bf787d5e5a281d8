"""The site: pages, slides and the index, put together from templates."""

import html
import re
import shutil
from pathlib import Path
from string import Template

from grader.handouts.convert import THEME, Converted
from grader.handouts.links import PICTURES, Site, between, links_of
from grader.handouts.pages import Page, unlinked
from grader.house import House

COURSE = "KDLP Part 2"
ASSETS = ("site.css", "slides.css", "site.js", "slides.js")
FOLDERS = ("lectures", "exercises")
INDEX = "index"
CODE = re.compile(r"`([^`]*)`")


def folder(house: House) -> Path:
    """Where the handouts are."""
    return house.build / "handouts"


def write(house: House, site: Site, converted: list[Converted], pdfs: set[str]) -> int:
    """Writes what has changed of the site; `pdfs` are the places of the pages that
    have, or are about to get, a PDF. Returns how many files were written."""
    files = {"index.html": _index(site, pdfs)}
    for one in converted:
        files[f"{one.page.place}.html"] = _page(site, one, one.page.place in pdfs)
        files[f"{one.page.place}.slides.html"] = _slides(one)
    for name in ASSETS:
        files[name] = (THEME / name).read_text(encoding="utf-8")
    written = sum(
        write_file(folder(house) / name, text.encode()) for name, text in files.items()
    )
    pictures = _pictures(house, site)
    written += sum(
        write_file(folder(house) / name, path.read_bytes())
        for name, path in pictures.items()
    )
    _forget(folder(house), {*files, *pictures, *(f"{place}.pdf" for place in pdfs)})
    return written


def write_file(path: Path, data: bytes) -> bool:
    """Writes a file that is not there or has another content; whether it did."""
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
    return True


def _pictures(house: House, site: Site) -> dict[str, Path]:
    """Pictures that pages show, by their place on the site, which is where the
    links of the page lead."""
    found: dict[str, Path] = {}
    for page in site.pages:
        for _, link in links_of(page):
            path = (page.path.parent / link).resolve()
            if link.endswith(PICTURES) and path.is_file():
                found[f"{page.place.split('/')[0]}/{link}"] = path
    return found


def _forget(top: Path, known: set[str]) -> None:
    """Removes what belongs to a page that is gone."""
    for path in sorted(top.rglob("*"), reverse=True):
        if path.is_file() and str(path.relative_to(top)) not in known:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            shutil.rmtree(path)


def template(name: str, **values: str) -> str:
    """A template of the theme with its values."""
    text = (THEME / name).read_text(encoding="utf-8")
    return Template(text).substitute(values)


def inline(markdown: str) -> str:
    """A title as HTML: text, and code between backticks."""
    text = html.escape(unlinked(markdown), quote=False).replace("'", "\u2019")
    return CODE.sub(r"<code>\1</code>", text)


def _link(here: Page, there: Page, text: str, suffix: str = ".html") -> str:
    return f'<a href="{between(here, there, suffix)}">{text}</a>'


def _page(site: Site, one: Converted, pdf: bool) -> str:
    page = one.page
    forms = [_link(page, page, "Slides", ".slides.html")]
    forms += [_link(page, page, "PDF", ".pdf")] if pdf else []
    lecture = site.lecture(page.lecture)
    crumbs = []
    if page.exercise and lecture:
        crumbs = [_link(page, lecture, f"Lecture {lecture.lecture}")]
    elif page.exercise is None:
        crumbs = [_link(page, x, x.name) for x in site.exercises(page.lecture)]
    return template(
        "page.html",
        title=html.escape(f"{page.title} · {COURSE}"),
        root="..",
        home="",
        crumbs="\n".join([*crumbs, *forms]),
        aside=_contents(page),
        body=one.on_screen(one.body),
        footer=_neighbours(site, page),
    )


def _contents(page: Page) -> str:
    """The sections of a page, beside or above it."""
    items = [
        f'<li><a href="#{one.anchor}">{inline(one.title)}</a></li>'
        for one in page.headings
        if one.level == 2
    ]
    lines = "\n".join(items)
    return (
        '<nav class="contents" aria-label="Sections"><details open>\n'
        f"<summary>Sections</summary>\n<ol>\n{lines}\n</ol>\n</details></nav>"
    )


def _neighbours(site: Site, page: Page) -> str:
    """Links to the page before and the one after, among those of its kind."""
    kind = [one for one in site.pages if (one.exercise is None) == (not page.exercise)]
    at = kind.index(page)
    links = []
    for step, word in ((-1, "Before"), (1, "Next")):
        if 0 <= at + step < len(kind):
            other = kind[at + step]
            links.append(f"<li>{word}: {_link(page, other, inline(other.title))}</li>")
    if not links:
        return f"<p>{COURSE}</p>"
    return f'<nav aria-label="Neighbours"><ul>{"".join(links)}</ul></nav>'


def _slides(one: Converted) -> str:
    """The slides of a page; what is linked there by its section is on the page."""
    page = f"{one.page.name}.html"
    body = one.slides.replace('href="#', f'href="{page}#')
    return template(
        "slides.html",
        title=html.escape(f"{one.page.title} · {COURSE}"),
        root="..",
        page=page,
        body=one.on_screen(body),
    )


def _index(site: Site, pdfs: set[str]) -> str:
    """The first page: by lecture, and by exercise."""
    by_lecture = "\n".join(
        _lecture_entry(site, page, pdfs) for page in site.pages if not page.exercise
    )
    by_exercise = "\n".join(
        _exercise_row(site, page, pdfs) for page in site.pages if page.exercise
    )
    body = template("index.html", lectures=by_lecture, exercises=by_exercise)
    return template(
        "page.html",
        title=f"{COURSE}: lectures and exercises",
        root=".",
        home=' aria-current="page"',
        crumbs='<a href="#lectures">Lectures</a>\n<a href="#exercises">Exercises</a>',
        aside="",
        body=body,
        footer="<p>Made by <code>make handouts</code> from the course's own text.</p>",
    )


def _forms(page: Page, pdfs: set[str]) -> str:
    """The forms in which a page can be read, as links of the index."""
    links = [f'<a href="{page.place}.slides.html">Slides{_of(page)}</a>']
    if page.place in pdfs:
        links.append(f'<a href="{page.place}.pdf">PDF{_of(page)}</a>')
    return " ".join(links)


def _of(page: Page) -> str:
    """What a link is about, for who hears it without what is around it."""
    return f'<span class="heard"> of {html.escape(page.name)}</span>'


def _lecture_entry(site: Site, page: Page, pdfs: set[str]) -> str:
    exercises = ", ".join(
        f'<a href="{one.place}.html">{one.name}</a>'
        for one in site.exercises(page.lecture)
    )
    practice = f"<p>Exercises: {exercises}</p>" if exercises else ""
    return (
        f'<li><h3><a href="{page.place}.html">{inline(page.title)}</a></h3>\n'
        f"<p>{inline(_first_sentence(page))}</p>\n{practice}\n"
        f'<p class="forms">{_forms(page, pdfs)}</p></li>'
    )


def _exercise_row(site: Site, page: Page, pdfs: set[str]) -> str:
    assert page.exercise
    lecture = site.lecture(page.lecture)
    number = str(page.lecture)
    if lecture:
        heard = '<span class="heard">Lecture </span>'
        number = f'<a href="{lecture.place}.html">{heard}{number}</a>'
    title = html.escape(page.exercise.title)
    return (
        f'<tr><th scope="row"><a href="{page.place}.html">{page.name}</a></th>'
        f"<td>{title}</td><td>{number}</td><td>{_forms(page, pdfs)}</td></tr>"
    )


def _first_sentence(page: Page) -> str:
    """The first line of prose below the title."""
    lines = (line for _, line in page.prose if line.strip())
    return next((line for line in lines if not line.startswith("#")), "")
