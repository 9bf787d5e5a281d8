"""The report as web pages: a table of the pairs, and a page a pair, side by side, with
what matches marked. Static, without a script or a link to another site."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from grader.classroom import dashboard, plain
from grader.similar.pairs import LEAST, LINE, Pair, Piece
from grader.similar.tester import Run

TEMPLATES = Path(__file__).with_name("templates")
COLOURS = 4  # of marks, in turn


@dataclass(frozen=True)
class Line:
    """A line of a side: `own` when its author added it; `run` is the number of the
    match that it is in, 0 for none, and `first` whether it begins it."""

    number: int
    text: str
    own: bool
    run: int
    first: bool

    @property
    def colour(self) -> int:
        return (self.run - 1) % COLOURS


@dataclass(frozen=True)
class Report:
    """What the pages show: all pieces, the pairs worth a page, with their matches."""

    exercise: str
    pieces: Sequence[Piece]
    shown: Sequence[Pair]
    runs: Mapping[tuple[int, int], Sequence[Run]]
    summary: Sequence[str]
    left_out: Sequence[str]

    def page(self, pair: Pair) -> str:
        """The file of a pair's page."""
        return f"pair-{self.shown.index(pair) + 1:03}.html"


def side(piece: Piece, spans: Sequence[tuple[int, int]]) -> list[Line]:
    """The lines of `piece`, with the spans of its added lines that match marked."""
    own = piece.text.own()
    runs: dict[int, int] = {}
    firsts = set()
    for number, (first, last) in enumerate(spans, 1):
        places = [index for index in own[first : last + 1] if index not in runs]
        runs.update(dict.fromkeys(places, number))
        firsts.update(places[:1])
    return [
        Line(index + 1, plain.block(text), is_own, runs.get(index, 0), index in firsts)
        for index, (text, is_own) in enumerate(zip(piece.text.lines, piece.text.added))
    ]


def environment() -> jinja2.Environment:
    """The gradebook's, with the pages of this package."""
    found = dashboard.environment()
    folders = [TEMPLATES, dashboard.TEMPLATES]
    found.loader = jinja2.FileSystemLoader(folders)
    return found


def write(report: Report, out: Path) -> None:
    """Makes the folder `out` anew."""
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        fresh.chmod(0o755)
        for name, text in pages(report).items():
            (fresh / name).write_text(text, encoding="utf-8", errors="replace")
        shutil.rmtree(out, ignore_errors=True)
        os.rename(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def pages(report: Report) -> dict[str, str]:
    """Every page, by the name of its file."""
    made = environment()
    common = {"report": report, "line": LINE, "least": LEAST}
    found = {"index.html": made.get_template("pairs.html").render(common)}
    for pair in report.shown:
        runs = report.runs.get((pair.one, pair.other), ())
        sides = [
            side(report.pieces[pair.one], [run.left for run in runs]),
            side(report.pieces[pair.other], [run.right for run in runs]),
        ]
        text = made.get_template("pair.html").render(
            common,
            pair=pair,
            names=[report.pieces[n].source.label for n in (pair.one, pair.other)],
            sides=sides,
            runs=runs,
        )
        found[report.page(pair)] = text
    return found
