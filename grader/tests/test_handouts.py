"""Handouts: what is made of a small course, and what is said of a wrong one."""

import re
import subprocess
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from grader.handouts import check, convert, figures, links, make, pages, site
from grader.fences import Block
from grader.handouts.links import Site
from grader.handouts.pages import Page
from grader.house import House
from grader.tests.conftest import TOML
from grader.trouble import CourseError, Trouble

html5lib = pytest.importorskip("html5lib", reason="python3-html5lib is missing")
pytestmark = pytest.mark.xdist_group("handouts")  # or each process makes `done`

WRONG = Path(__file__).parent / "handouts" / "wrong.toml"
DOT = 'digraph { a [fillcolor=white, style=filled]; a -> b [label="x < y"]; }'
SOURCE = """\
#include <stdio.h>

/* Says it. */
int main(void)
{
	puts("it");
	return 0;
}
"""
LECTURE = f"""\
# 13. Devices

A program opens a file, with `open()`.
It reads.

## Numbers

Every node has two numbers.
The first is the major; *lecture 13* and lecture 14 say more, and lecture 77 nothing.

| what | where |
|---|---|
| major | `/proc/devices`, a line that is long |

```c file=say.c part=main
/* Says it. */
int main(void)
{{
	puts("it");
	return 0;
}}
```

```console vm
# echo a <b> | \\
>   cat
a <b>
```

## Memory: `kmalloc()`

```dot alt="An arrow leads from a to b. It is labelled: x is less than y."
{DOT}
```

In words: a leads to b.

### Smaller things

::: slide
### One rule

- Who allocates frees.

::: notes
Ask who frees it when open fails.
:::
:::

This is said, not shown.

::: notes
Only the presenter reads this.
:::

## Exercises

- [13-prng](../exercises/13-prng/README.md): a device.
  Steps 1 to 2 are [numbers](#numbers), step 3 is lecture 14's [time](14-time.md#time).

![A square](figures/square.svg)
"""
TIME = """\
# 14. Time

## Time

It passes.
"""
README = """\
# 13-prng: a device

You write [prng.c](prng.c), after [lecture 13](../../lectures/13-devices.md).

## Steps

1. **First**.
   Do it.
2. **Second**.

   ```c
   return 0;
   ```
3. **Third**.
   Mind [memory](../../lectures/13-devices.md#memory-kmalloc).
4. **Fourth**.

## Hand in

Run `make grade 13`.
"""
SQUARE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'


def furnish(house: House) -> House:
    """Two lectures and one exercise, each with all that a page can have."""
    folder = house.root / "lectures"
    (folder / "code").mkdir(parents=True)
    (folder / "figures").mkdir()
    (folder / "figures" / "square.svg").write_text(SQUARE)
    (folder / "code" / "say.c").write_text(SOURCE)
    (folder / "13-devices.md").write_text(LECTURE)
    (folder / "14-time.md").write_text(TIME)
    (house.exercises / "13-prng" / "README.md").write_text(README)
    return house


@pytest.fixture
def small(course: House) -> House:
    """A small course, of which nothing is made yet."""
    return furnish(course)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A small course, of which everything is made."""
    house = House(tmp_path_factory.mktemp("course"))
    folder = house.exercises / "13-prng"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(TOML)
    (folder / "prng.c").write_text("int x;\n")
    furnish(house)
    assert make.handouts(house, []) == 0
    return house


class Reader(HTMLParser):
    """What a page says to machines: ids, links, what it loads, its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.levels: list[int] = []
        self.tags: list[str] = []
        self.nameless: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in pairs}
        self.tags.append(tag)
        if "id" in named:
            self.ids.append(named["id"])
        if tag == "a":
            self.links.append(named.get("href", ""))
        if tag in ("img", "script", "link"):
            self.loads.append(named.get("src") or named.get("href") or "")
        if tag == "img" and not named.get("alt"):
            self.nameless.append(str(self.getpos()))
        if tag == "svg" and "aria-labelledby" not in named:
            self.nameless.append(str(self.getpos()))
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))


def read(house: House, name: str) -> str:
    return (site.folder(house) / name).read_text()


def flat(text: str) -> str:
    """HTML as one line without tags."""
    return " ".join(re.sub("<[^>]+>", " ", text).split())


def faults(top: Path) -> list[str]:
    """Links of a site that lead nowhere, what it loads from elsewhere, ids that are
    not unique, headings out of order, and figures without a name."""
    texts = {path: Reader(path.read_text()) for path in top.rglob("*.html")}
    wrong = []
    for path, page in texts.items():
        deck = path.name.endswith(".slides.html")
        for link in page.links:
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.is_file() or (anchor and anchor not in texts[target].ids):
                wrong.append(f"{path.name}: {link}")
        wrong += [
            f"{path.name}: {x}" for x in page.loads if not (path.parent / x).is_file()
        ]
        wrong += [f"{path.name}: #{x}" for x in page.ids if page.ids.count(x) > 1]
        wrong += [f"{path.name}: no name at {x}" for x in page.nameless]
        jumps = zip([0, *page.levels], page.levels)
        if page.levels.count(1) != 1 or any(b > a + 1 for a, b in jumps if not deck):
            wrong.append(f"{path.name}: headings {page.levels}")
        for tag in ("main", "nav", "title"):
            if tag not in page.tags:
                wrong.append(f"{path.name}: no {tag}")
    return wrong


def test_a_site_has_no_link_that_leads_nowhere_and_loads_nothing(done: House) -> None:
    assert faults(site.folder(done)) == []


def test_every_page_is_html_that_a_strict_reader_accepts(done: House) -> None:
    parser = html5lib.HTMLParser(strict=True)
    every = sorted(site.folder(done).rglob("*.html"))
    assert len(every) == 7
    for path in every:
        assert parser.parse(path.read_text()) is not None


def test_the_course_itself_is_right(real: House) -> None:
    every = Site(pages.load(real))
    check.check(real, every, every.pages)
    assert len(every.pages) > 10


def test_the_index_leads_by_lecture_and_by_exercise(done: House) -> None:
    text = flat(read(done, "index.html"))
    assert (
        "13. Devices A program opens a file, with open() . Exercises: 13-prng" in text
    )
    assert "13-prng A test Lecture 13 Slides of 13-prng PDF of 13-prng" in text


def test_a_step_leads_to_its_section_and_the_section_back(done: House) -> None:
    exercise = read(done, "exercises/13-prng.html")
    lecture = read(done, "lectures/13-devices.html")
    for step, where in (
        (1, "../lectures/13-devices.html#numbers"),
        (2, "../lectures/13-devices.html#numbers"),
        (3, "../lectures/14-time.html#time"),
        (3, "../lectures/13-devices.html#memory-kmalloc"),
        (4, "../lectures/13-devices.html"),
    ):
        mine = exercise.split(f'id="step-{step}"')[1].split("</li>")[0]
        assert f'<a href="{where}">' in mine.split('class="read"')[1]
    numbers = lecture.split('id="numbers"')[1].split("<h2")[1]
    assert 'href="../exercises/13-prng.html#step-1">step 1</a>' in numbers
    assert 'href="../exercises/13-prng.html#step-2">step 2</a>' in numbers
    memory = lecture.split('id="memory-kmalloc"')[1].split('id="exercises"')[0]
    assert memory.count("Practised in") == 1 and "#step-3" in memory
    assert "#step-3" in read(done, "lectures/14-time.html")


def test_links_lead_to_pages_and_other_files_are_named(done: House) -> None:
    lecture = read(done, "lectures/13-devices.html")
    assert '<em>lecture 13</em> and <a href="14-time.html">lecture 14</a>' in lecture
    assert "lecture 77 nothing" in lecture
    exercise = read(done, "exercises/13-prng.html")
    assert 'title="exercises/13-prng/prng.c">prng.c</span>' in exercise


def test_code_is_coloured_and_a_transcript_knows_what_was_typed(done: House) -> None:
    lecture = read(done, "lectures/13-devices.html")
    assert '<span class="cf">return</span>' in lecture
    assert (
        '<span class="prompt"># </span><kbd>echo a &lt;b&gt; | \\</kbd>\n'
        '<span class="prompt">&gt; </span><kbd>  cat</kbd>\na &lt;b&gt;'
    ) in lecture


def test_a_figure_has_a_title_words_and_the_colours_of_the_page(done: House) -> None:
    lecture = read(done, "lectures/13-devices.html")
    svg = lecture[lecture.index("<svg") : lecture.index("</svg>")]
    assert ">An arrow leads from a to b</title>" in svg
    assert ">It is labelled: x is less than y.</desc>" in svg
    assert 'fill="var(--paper)"' in svg and 'stroke="currentColor"' in svg
    assert '<text fill="currentColor"' in svg
    assert "black" not in svg and 'fill="white"' not in svg


@pytest.mark.parametrize(
    "colour, becomes",
    [
        ("#000000", "currentColor"),
        ("red", "currentColor"),
        ("lightgrey", "var(--tint)"),
        ("#8080ff", "var(--muted)"),
        ("#ffffff", "var(--paper)"),
        ("none", "none"),
    ],
)
def test_colours_of_graphviz_become_those_of_the_page(
    colour: str, becomes: str
) -> None:
    assert f'fill="{becomes}"' in figures.themed(f'<path fill="{colour}"/>')


def slides_of(house: House) -> list[str]:
    text = read(house, "lectures/13-devices.slides.html")
    return re.findall(r"<section .*?</section>", text, re.DOTALL)


def test_slides_come_from_headings_blocks_and_what_is_marked(done: House) -> None:
    shown = [flat(one.split("<aside")[0]) for one in slides_of(done)]
    assert shown[0] == "13. Devices A program opens a file, with open() ."
    assert shown[1].startswith("Numbers Every node has two numbers. what where")
    assert "The first is the major" not in shown[1]
    assert shown[2].startswith("Numbers /* Says it. */")
    assert shown[3].startswith("Numbers # echo a")
    assert shown[4].startswith("Memory: kmalloc() An arrow leads from a to b")
    assert shown[5:7] == ["Smaller things", "One rule Who allocates frees."]


def test_what_is_said_about_a_slide_is_in_its_notes_only(done: House) -> None:
    every = slides_of(done)
    notes = [flat(one.partition("<aside")[2]) for one in every]
    assert "The first is the major" in notes[1]
    assert "Ask who frees it when open fails." in notes[6]
    assert "This is said, not shown. Only the presenter reads this." in notes[6]
    page = read(done, "lectures/13-devices.html")
    assert "Only the presenter" not in page and "Ask who frees" not in page
    assert "Who allocates frees." in page and "This is said" in page


def test_a_pdf_has_the_text_a_title_and_links_to_other_pdfs(done: House) -> None:
    folder = site.folder(done)
    file = folder / "exercises/13-prng.pdf"
    tools = {"text": True, "capture_output": True, "check": True}
    text = subprocess.run(["pdftotext", file, "-"], **tools).stdout  # type: ignore
    assert "13-prng: a device" in text and "Read Numbers" in text
    info = subprocess.run(["pdfinfo", file], **tools).stdout  # type: ignore
    assert re.search(r"Title: +13-prng: a device", info)
    assert (folder / "lectures/13-devices.pdf").is_file()
    urls = subprocess.run(["pdfinfo", "-url", file], **tools).stdout  # type: ignore
    assert "../lectures/13-devices.pdf#numbers" in urls
    assert "file:" not in urls and str(done.root) not in urls


def stamps(house: House) -> dict[str, int]:
    """By name when each file of the site was written."""
    every = site.folder(house).rglob("*.*")
    return {path.name: path.stat().st_mtime_ns for path in every if path.is_file()}


def test_only_what_has_changed_is_made_again(
    done: House, capsys: pytest.CaptureFixture[str]
) -> None:
    before = stamps(done)
    assert make.handouts(done, []) == 0
    assert "7 pages" not in capsys.readouterr().out
    assert stamps(done) == before
    path = done.root / "lectures" / "14-time.md"
    path.write_text(TIME.replace("It passes", "It still passes"))
    try:
        assert make.handouts(done, ["13-prng"]) == 0
        after = stamps(done)
        changed = {name for name in before if after.get(name) != before[name]}
        made = {"14-time.html", "14-time.slides.html", "index.html"}
        assert changed == made | {"14-time.pdf"}
        assert "14-time.pdf" not in after  # not asked for, and the old one would lie
        assert "It still passes" in read(done, "lectures/14-time.html")
    finally:
        path.write_text(TIME)
        assert make.handouts(done, []) == 0
    assert faults(site.folder(done)) == []


def test_what_belongs_to_a_page_that_is_gone_goes(small: House) -> None:
    top = site.folder(small)
    (top / "lectures").mkdir(parents=True)
    (top / "lectures" / "12-old.html").write_text("old")
    every = Site(pages.load(small))
    site.write(small, every, convert.convert_all(small, every), set())
    assert not (top / "lectures" / "12-old.html").exists()
    assert (top / "lectures" / "figures" / "square.svg").is_file()


def line_of(text: str, part: str) -> int:
    """The number of the line on which `part` begins."""
    return text[: text.index(part)].count("\n") + 1


def wrong(kind: str) -> list[Any]:
    """What can be wrong with a lecture or an exercise, with names for the tests."""
    table = tomllib.loads(WRONG.read_text(encoding="utf-8"))[kind]
    return [pytest.param(one, id=one["new"]) for one in table]


@pytest.mark.parametrize("case", wrong("lecture"))
def test_what_is_wrong_is_told_with_file_line_and_remedy(
    small: House, case: dict[str, str]
) -> None:
    path = small.root / "lectures" / "13-devices.md"
    assert case["old"] in LECTURE
    text = LECTURE.replace(case["old"], case["new"], 1)
    path.write_text(text)
    with pytest.raises(CourseError) as caught:
        make.handouts(small, [])
    assert caught.value.status == 2
    where = f"lectures/13-devices.md:{line_of(text, case['at'])}"
    assert f"{where}: {case['told']}" in caught.value.what
    assert caught.value.next_step
    assert not (site.folder(small) / "index.html").exists()


@pytest.mark.parametrize("case", wrong("exercise"))
def test_what_is_wrong_in_an_exercise_is_told_too(
    small: House, case: dict[str, str]
) -> None:
    assert case["old"] in README
    text = README.replace(case["old"], case["new"], 1)
    (small.exercises / "13-prng" / "README.md").write_text(text)
    where = f"exercises/13-prng/README.md:{line_of(text, case['at'])}"
    with pytest.raises(CourseError, match=re.escape(f"{where}: {case['told']}")):
        make.handouts(small, [])


def test_an_unknown_exercise_is_answered_with_what_there_is(real: House) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "grader", "handouts", "99"],
        cwd=real.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("unknown exercise or lecture: 99\nthere is: 13-")


def test_pages_are_chosen_as_exercises_are(small: House) -> None:
    every = pages.load(small)
    for word, names in (
        ("13", ["13-devices", "13-prng"]),
        ("13-prng", ["13-prng"]),
        ("lectures/14-time.md", ["14-time"]),
    ):
        assert [page.name for page in pages.select(every, [word])] == names
    with pytest.raises(Trouble, match="unknown exercise or lecture: 1\nthere is: 13-d"):
        pages.select(every, ["1"])


@pytest.mark.parametrize(
    "words, steps",
    [("1 to 3", [1, 2, 3]), ("5 and 6", [5, 6]), ("1, 2 and 5", [1, 2, 5]), ("7", [7])],
)
def test_steps_are_read_as_people_write_them(words: str, steps: list[int]) -> None:
    assert links.numbers(words) == steps


def test_only_the_page_that_changed_is_made_again(
    done: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    fill = convert._fill

    def counted(folder: Path, page: Page, text: str, drawn: list[Block]) -> None:
        made.append(page.name)
        fill(folder, page, text, drawn)

    monkeypatch.setattr(convert, "_fill", counted)
    path = done.root / "lectures" / "13-devices.md"
    path.write_text(LECTURE.replace("It reads.", "It reads and writes."))
    try:
        every = Site(pages.load(done))
        converted = convert.convert_all(done, every)
        site.write(done, every, converted, set())
        assert made == ["13-devices"]
        assert "It reads and writes." in read(done, "lectures/13-devices.html")
    finally:
        path.write_text(LECTURE)
