"""The verb: from what was collected to a table and pages."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.house import House
from grader.similar.pairs import LINE
from grader.similar.verbs import similar_verb
from grader.synthetic.rewrite import renamed
from grader.tests.similar.conftest import FILE, Fill

OUT = "build/similar/13-prng"
HOSTILE = '<script>alert("&")</script>'


class Shown(HTMLParser):
    """What a page consists of: tags, links, and the text of its marked lines."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.marked = 0
        self.text = ""
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.add(tag)
        self.links += [found[key] or "" for key in ("href", "src") if key in found]
        self.marked += tag == "tr" and (found.get("class") or "").startswith("mark-")

    def handle_data(self, data: str) -> None:
        self.text += data


def other(house: House, name: str) -> str:
    return (house.solutions / "13-prng" / "others" / f"{name}.c").read_text()


def run(house: House, *words: str) -> str:
    done = CliRunner().invoke(similar_verb, ["13-prng", *words], obj=house)
    assert done.exit_code == 0, f"{done.output} {done.exception}"
    return done.output


def test_a_class_is_compared_and_shown(house: House, fill: Fill) -> None:
    mine = other(house, "by-words").replace("here, as", HOSTILE.replace('"', "'"))
    (house.solutions / "13-prng/others/by-words.c").unlink()
    skeleton = (house.root / FILE).read_text()
    old = renamed(other(house, "by-iterators"), "last")
    (house.solutions / "13-prng/others/by-iterators.c").unlink()
    fill({"zoe": old}, "2025")
    fill(
        {
            "ann": mine,
            "ben": renamed(mine, "bens"),
            "cat": renamed(old, "new"),
            "dan": skeleton + "/* I did not begin yet. */\n",
        }
    )
    said = run(house, "--earlier", str(house.root / "2025"))
    rows = [" ".join(line.split()) for line in said.split("\n") if "%" in line]
    above = rows[: rows.index(f"-- {LINE} % the line")]
    assert [row.split("%")[-1].strip() for row in above] == [
        "cat v1 zoe v1 (2025) from an earlier year",
        "ann v1 ben v1 shared by two students",
    ], said
    assert "13-prng: 2 pairs are above the line" in said
    assert "not compared: dan v1: adds 0 tokens" in said

    index = Shown(house.root / OUT / "index.html")
    assert "pair-002.html" in index.links and "dan v1" in index.text
    first = Shown(house.root / OUT / "pair-002.html")
    assert HOSTILE.replace('"', "'") in first.text
    assert first.marked > 150  # of both sides together
    for path in (house.root / OUT).iterdir():
        page = Shown(path)
        assert not page.tags & {"script", "img", "iframe", "link", "object"}
        assert not [link for link in page.links if ":" in link or "//" in link]
        assert "prefers-color-scheme: dark" in path.read_text()


def test_what_does_not_apply_is_named_and_nobody_else_waits(
    house: House, fill: Fill
) -> None:
    mine = other(house, "by-words")
    fill({"ann": mine, "ben": mine, "eve": mine})
    box = house.root / "submissions" / "13-prng" / "eve" / "v1" / "series.mbox"
    box.write_bytes(box.read_bytes().replace(b"+#include", b"#include"))
    said = run(house)
    assert "not compared: eve v1: patch 1 of 1 does not apply" in said
    assert "ann v1" in said and "ben v1" in said


@pytest.mark.parametrize("folder", ["nowhere", "solutions"])
def test_a_wrong_folder_of_earlier_years_is_told(
    house: House, fill: Fill, folder: str
) -> None:
    fill({"ann": other(house, "by-words")})
    words = ["13-prng", "--earlier", str(house.root / folder)]
    if folder == "solutions":
        words[2] = str(house.root / "submissions" / "13-prng")
    done = CliRunner().invoke(similar_verb, words, obj=house)
    assert done.exception and "EARLIER=" in str(done.exception)


def test_nobody_has_handed_in(house: House) -> None:
    done = CliRunner().invoke(similar_verb, ["13-prng"], obj=house)
    assert "nobody has handed in" in str(done.exception)
