"""The gradebook as a table on a terminal, and as CSV."""

import csv
import io

from rich.markup import escape
from rich.table import Table

from grader.classroom import plain
from grader.classroom.book import Book
from grader.classroom.grades import Cell

STATES = {"missing": "-", "waiting": "waits", "infra": "?"}
STYLES = {"refused": "red", "infra": "magenta", "waiting": "yellow"}


def mark(cell: Cell) -> str:
    """A grade in a few letters: points, and what there is to know about them."""
    if cell.points is None:
        return STATES.get(cell.state, "?")
    marks = ["late"] if cell.percent and not cell.by_hand else []
    marks += ["by hand"] if cell.by_hand else []
    marks += ["refused"] if cell.state == "refused" else []
    marks += ["held"] if cell.held is not None else []
    return f"{cell.points}" + (f" ({', '.join(marks)})" if marks else "")


def table(book: Book) -> Table:
    """A line a student, a column an exercise."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    grid.add_column("student", no_wrap=True)
    grid.add_column("name")
    for course in book.courses:
        grid.add_column(course.name, justify="right")
    grid.add_column("points", justify="right", no_wrap=True)
    grid.add_column("at risk")
    for row in book.lines:
        cells = [
            f"[{STYLES[cell.state]}]{escape(mark(cell))}[/]"
            if cell.state in STYLES
            else escape(mark(cell))
            for cell in row.cells
        ]
        grid.add_row(
            escape(plain.line(row.member.id)),
            escape(plain.line(row.member.name)),
            *cells,
            f"{row.points} of {row.out_of}",
            "yes" if row.risks else "",
        )
    return grid


def grades_csv(book: Book) -> str:
    """A line a student: points of each exercise, empty where they are not known."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [course.name for course in book.courses]
    writer.writerow(["student", "name", "group", *names, "points", "out_of"])
    for row in book.lines:
        member = row.member
        writer.writerow(
            [
                *map(plain.field, (member.id, member.name, member.group)),
                *("" if cell.points is None else cell.points for cell in row.cells),
                row.points,
                row.out_of,
            ]
        )
    return out.getvalue()


DETAILS = (
    "student exercise version state tests style days_late tokens percent_off "
    "override points max received deadline note"
).split()


def details_csv(book: Book) -> str:
    """A line a grade, with all that it is made of."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(DETAILS)
    for row in book.lines:
        for cell in row.cells:
            writer.writerow(_details(cell))
    return out.getvalue()


def _details(cell: Cell) -> list[str]:
    made = cell.attempt
    tests = made.result.score if made and made.result else ""
    words = [
        cell.student,
        cell.exercise,
        cell.label,
        cell.state,
        tests,
        made.cost if made else "",
        cell.days,
        cell.tokens,
        cell.percent,
        cell.override.points if cell.override and cell.by_hand else "",
        "" if cell.points is None else cell.points,
        cell.max,
        cell.received.isoformat() if cell.received else "",
        cell.deadline.isoformat() if cell.deadline else "",
        "; ".join(cell.notes),
    ]
    return [plain.field(str(word)) for word in words]
