"""The gradebook as web pages: static, without a script or a link to another site."""

from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path

import jinja2

from grader.classroom import account, feedback, plain, sheet
from grader.classroom.book import Book, Line
from grader.classroom.durable import file_name
from grader.classroom.grades import Cell, Course
from grader.classroom.lesson import Row

TEMPLATES = Path(__file__).with_name("templates")
BINS = 10
MOST_MISSED = 15
GOOD, FAIR = 80, 50  # per cent from which a cell has another colour


@dataclass(frozen=True)
class Bin:
    """A bar of a distribution: from `low` to `high` per cent, `width` of 100."""

    low: int
    high: int
    count: int
    width: int


@dataclass(frozen=True)
class Distribution:
    """The grades of one exercise."""

    course: Course
    bins: tuple[Bin, ...]
    count: int
    mean: str
    median: str


def environment() -> jinja2.Environment:
    """What renders the pages: everything is escaped, an unknown name is an error."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(
        line=plain.line, block=plain.block, mark=sheet.mark, page=page, grade=grade
    )
    found.filters.update(shown=is_explained)
    found.globals.update(headline=account.headline, account=account.lines)
    found.globals.update(count=count, grouped=feedback.grouped)
    return found


def count(things: Sized, what: str) -> str:
    """`things` by number, as in 1 student, 2 students."""
    return f"{len(things)} {what}" + ("" if len(things) == 1 else "s")


def page(student: str) -> str:
    """The file of a student's page, as a link writes it."""
    return file_name(student).replace("%", "%25") + ".html"


def grade(cell: Cell) -> str:
    """The class of a cell, which gives its colour."""
    if cell.points is None:
        return "unknown" if cell.state == "infra" else cell.state
    percent = 100 * cell.points / max(1, cell.max)
    return "good" if percent >= GOOD else "fair" if percent >= FAIR else "poor"


def is_explained(cell: Cell) -> bool:
    """Whether the student's page says more about a cell than that nothing came."""
    return cell.state != "missing" or cell.points is not None


def index(book: Book, pages: jinja2.Environment) -> str:
    """The page of the class."""
    return pages.get_template("index.html").render(
        book=book,
        when=book.term.told(book.made),
        distributions=[distribution(course, book) for course in book.courses],
        missed=most_missed(book),
        risky=[row for row in book.lines if row.risks],
        waiting=book.waiting(),
        held=book.held(),
    )


def student(
    book: Book, row: Line, rows: dict[str, list[Row]], pages: jinja2.Environment
) -> str:
    """The page of a student; `rows` are the tests of each exercise."""
    return pages.get_template("student.html").render(
        book=book, row=row, rows=rows, when=book.term.told(book.made)
    )


def distribution(course: Course, book: Book) -> Distribution:
    """How the known grades of an exercise are spread over BINS bins."""
    known = sorted(
        100 * cell.points / max(1, cell.max)
        for cell in book.column(course.name)
        if cell.points is not None
    )
    step = 100 // BINS
    counts = [0] * BINS
    for percent in known:
        counts[min(BINS - 1, max(0, int(percent // step)))] += 1
    most = max([1, *counts])
    bins = tuple(
        Bin(n * step, (n + 1) * step, count, round(100 * count / most))
        for n, count in enumerate(counts)
    )
    middle = len(known) // 2
    median = (known[middle] + known[-middle - 1]) / 2 if known else 0
    return Distribution(
        course,
        bins,
        len(known),
        f"{sum(known) / len(known):.0f} %" if known else "-",
        f"{median:.0f} %" if known else "-",
    )


def most_missed(book: Book) -> list[tuple[str, str, int, int, int]]:
    """The tests that fail most: exercise, test, failed, of, width of the bar."""
    worst = sorted(book.missed, key=lambda one: -one.failed / max(1, one.graded))
    return [
        (
            one.exercise,
            one.test,
            one.failed,
            one.graded,
            round(100 * one.failed / max(1, one.graded)),
        )
        for one in worst[:MOST_MISSED]
    ]
