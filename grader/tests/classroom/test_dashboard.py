"""The pages of the gradebook, as a browser without network and scripts reads them."""

import math
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.classroom import dashboard
from grader.tests.classroom import sample
from grader.tests.classroom.conftest import READS, Classroom

CHROMIUM = """
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync
--disable-default-apps --disable-dev-shm-usage
""".split()
VOID = ("meta", "br", "link", "img", "hr", "input")


class Page(HTMLParser):
    """What a page holds: its tags in order, and that they are nested well."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture
def pages(room: Classroom) -> Path:
    """The pages of the sample class."""
    sample.fill(room)
    room.grade(hidden=(READS,))
    return sample.written(room, sample.make(room))


def browse(page: Path, folder: Path, *words: str) -> str:
    """Chromium's answer to a page, without any network; a new browser each time."""
    alone = ["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--unshare-pid"]
    alone += ["--proc", "/proc", "--die-with-parent", "--"]
    profile = folder / "profile"
    done = subprocess.run(
        [*alone, *CHROMIUM, f"--user-data-dir={profile}", *words, page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_browser_shows_the_class(pages: Path, tmp_path: Path) -> None:
    picture = tmp_path / "class.png"
    dom = browse(
        pages / "index.html",
        tmp_path,
        "--dump-dom",
        f"--screenshot={picture}",
        "--window-size=1200,1600",
    )
    assert "<title>KDLP, spring</title>" in dom  # no script of a name has run
    shown = Page(dom)
    rows = re.findall(r'<tr>\s*<th scope="row"><a href="students/', dom)
    assert len(rows) == 6 + 4  # the matrix, and those at risk
    assert not shown.all("script")
    assert "&lt;script&gt;document.title='owned'&lt;/script&gt;" in dom
    assert "48 (late)" in dom and "0 (refused)" in dom
    assert "students/bob.html#13-prng" in dom  # from a grade to how it came about
    assert "make grade-class 13-prng<" in dom
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_browser_shows_a_student(pages: Path, tmp_path: Path) -> None:
    dom = browse(pages / "students" / "carol.html", tmp_path, "--dump-dom")
    assert "<title>carol: KDLP, spring</title>" in dom
    assert not Page(dom).all("script")
    assert "oops: it loads" in dom and "hidden test 1" in dom


def test_the_pages_need_nothing_from_elsewhere(pages: Path) -> None:
    for path in pages.rglob("*.html"):
        text = path.read_text()
        found = Page(text)
        assert not found.all("script") and not found.all("link")
        assert "//" not in re.sub(r"<pre>.*?</pre>", "", text, flags=re.DOTALL)
        assert not any(name.startswith("on") for _, a in found.tags for name in a)
        policy = found.all("meta")[4]["content"] or ""
        assert policy.startswith("default-src 'none';")
        for anchor in found.all("a"):
            link, _, part = (anchor["href"] or "").replace("%25", "%").partition("#")
            assert (path.parent / link).is_file()
            assert not part or f'id="{part}"' in (path.parent / link).read_text()


def test_every_table_has_headings_and_a_caption(pages: Path) -> None:
    for path in pages.rglob("*.html"):
        found = Page(path.read_text())
        assert len(found.all("table")) == len(found.all("caption"))
        for heading in found.all("th"):
            assert heading.get("scope") in ("col", "row")
        assert found.all("html") == [{"lang": "en"}]
        assert len(found.all("h1")) == len(found.all("main")) == 1


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.03928 else math.pow((p + 0.055) / 1.055, 2.4) for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("number", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_background(number: int) -> None:
    """Contrast of 4.5 to 1, by the formula of WCAG 2.1, in both colour schemes."""
    css = (dashboard.TEMPLATES / "base.html").read_text()
    scheme = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[number]
    colour = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", scheme))
    for text in ("text", "soft", "link"):
        backgrounds = ["page", "head"]
        backgrounds += ["good", "fair", "poor", "wait"] if text == "text" else []
        for background in backgrounds:
            pair = sorted(luminance(colour[name]) for name in (text, background))
            ratio = (pair[1] + 0.05) / (pair[0] + 0.05)
            assert ratio >= 4.5, f"{text} on {background}: {ratio:.1f}"
