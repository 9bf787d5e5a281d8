"""`make similar N`: which hand-ins are alike, as a table and as pages."""

from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader import catalog, report, setup
from grader.catalog import Exercise
from grader.house import House
from grader.classroom import plain
from grader.similar import gather, tester
from grader.similar.pairs import LEAST, LINE, STUDENT, Pair, Piece, pair_up
from grader.trouble import Trouble

PART = "check"  # of packages.txt: that of make lint has clang-format, too
BELOW = 5  # pairs below the line that are shown, too
MOST = 200  # pairs that are shown at all, of a class that has one source


@click.command("similar")
@click.argument("exercises", nargs=-1, metavar="N [N ...]")
@click.option("--earlier", type=click.Path(path_type=Path), help="Earlier classes.")
@click.pass_obj
def similar_verb(house: House, exercises: tuple[str, ...], earlier: Path | None) -> int:
    """Compare what students added, in pairs."""
    if not exercises:
        catalog.select_one(house, None, "similar")
    setup.install_packages(PART)
    console = report.make_console()
    for exercise in catalog.select(house, list(exercises)):
        similar(house, exercise, earlier, console)
    return 0


def similar(
    house: House, exercise: Exercise, earlier: Path | None, console: Console
) -> list[Pair]:
    """Compares one exercise, prints the table, writes the pages; all pairs."""
    # what renders pages may have come a moment ago
    from grader.similar import page

    wanted = gather.places(house, exercise, earlier)
    if not any(place.origin == STUDENT for place in wanted):
        raise Trouble(f"{exercise.name}: nobody has handed in", "next: make collect")
    with report.bar(console, "applying", len(wanted)) as step:
        found = gather.gather(house, exercise, wanted, step)
    texts = [piece.compared() for piece in found.pieces]
    is_new = [piece.source.origin == STUDENT for piece in found.pieces]
    students = is_new.count(True)
    likeness = tester.likeness(house, texts[:students], texts[students:])
    pairs = pair_up(found.pieces, likeness)
    shown = worth_a_page(pairs)
    small = too_small(found.pieces, likeness.tokens)
    summary = told(exercise, pairs, students, len(texts) - students, len(small))
    left_out = found.left_out + small
    made = page.Report(
        exercise=exercise.name,
        pieces=found.pieces,
        shown=shown,
        runs=tester.runs(house, texts, [(pair.one, pair.other) for pair in shown]),
        summary=summary,
        left_out=left_out,
    )
    out = house.build / "similar" / exercise.name
    page.write(made, out)
    if shown:
        console.print(table(shown, found.pieces))
    for line in [*summary, *(f"not compared: {why}" for why in left_out)]:
        console.print(plain.line(line), markup=False)
    console.print(f"side by side: {house.relative(out)}/index.html", markup=False)
    return pairs


def worth_a_page(pairs: list[Pair]) -> list[Pair]:
    """All above the line, and the first few below it; never more than MOST."""
    above = [pair for pair in pairs if pair.alike]
    return pairs[: min(len(above) + BELOW, MOST)]


def too_small(pieces: list[Piece], tokens: dict[int, int]) -> list[str]:
    """The students' pieces that are too small to say anything."""
    return [
        f"{piece.source.label}: adds {tokens.get(number, 0)} tokens; "
        f"fewer than {LEAST} say nothing"
        for number, piece in enumerate(pieces)
        if piece.source.origin == STUDENT and tokens.get(number, 0) < LEAST
    ]


def told(
    exercise: Exercise, pairs: list[Pair], students: int, others: int, small: int
) -> list[str]:
    """What came of it, in lines."""
    above = sum(pair.alike for pair in pairs)
    count = "1 pair is" if above == 1 else f"{above} pairs are"
    lines = [
        f"{exercise.name}: {count} above the line of {LINE} %, of {len(pairs)}: "
        f"{students} students, {small} of them with too little to compare, "
        f"against {others} others"
    ]
    if above > MOST:
        lines.append(f"only the first {MOST} pairs are shown")
    return lines


def table(shown: list[Pair], pieces: list[Piece]) -> Table:
    """The pairs, most alike first, with the line between."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("alike", "one in other", "other in one"):
        made.add_column(title, justify="right", no_wrap=True)
    for title in ("one", "the other", "what it may be"):
        made.add_column(title, overflow="fold")
    drawn = False
    for pair in shown:
        if not pair.alike and not drawn:
            made.add_row(f"-- {LINE} %", "", "", "the line", "", "")
            drawn = True
        made.add_row(
            f"{pair.percent} %",
            f"{pair.forth} %",
            f"{pair.back} %",
            escape(plain.line(pieces[pair.one].source.label)),
            escape(plain.line(pieces[pair.other].source.label)),
            pair.what,
        )
    return made
