"""Writes all that is made of the gradebook: pages, tables, mails, files for others."""

import os
import shutil
import tempfile
from pathlib import Path

from grader import results
from grader.classroom import dashboard, durable, feedback, gradescope, lesson, sheet
from grader.classroom.book import Book, Line
from grader.classroom.durable import file_name
from grader.classroom.grades import Cell
from grader.classroom.lesson import Reader, Row
from grader.results import ExerciseResult

Tests = dict[str, list[Row]]
OLD = ".old"  # what the pages of before are called while the new ones take their place


def publish(book: Book, reader: Reader, out: Path) -> None:
    """Makes `out` anew: it is there whole, or as it was before."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with durable.lock(out.with_name(f".{out.name}.lock")):
        _mend(out)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            fresh.chmod(0o755)
            fill(book, reader, fresh)
            _replace(fresh, out)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def _mend(out: Path) -> None:
    """Puts back, and removes, what somebody who was killed here has left."""
    for path in sorted(out.parent.glob(f".{out.name}-*")):
        if path.suffix == OLD and not out.exists():
            os.rename(path, out)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _replace(fresh: Path, out: Path) -> None:
    old = fresh.with_name(fresh.name + OLD)
    if out.exists():
        os.rename(out, old)
    os.rename(fresh, out)
    shutil.rmtree(old, ignore_errors=True)


def fill(book: Book, reader: Reader, folder: Path) -> None:
    """Writes everything to the empty `folder`."""
    pages = dashboard.environment()
    _write(folder / "grades.csv", sheet.grades_csv(book))
    _write(folder / "details.csv", sheet.details_csv(book))
    _write(folder / "index.html", dashboard.index(book, pages))
    for row in book.lines:
        tests: Tests = {}
        for cell in row.cells:
            tests[cell.exercise] = _rows(book, reader, cell)
            _one(book, row, cell, tests[cell.exercise], folder)
        name = file_name(row.member.id)
        text = dashboard.student(book, row, tests, pages)
        _write(folder / "students" / f"{name}.html", text)


def _rows(book: Book, reader: Reader, cell: Cell) -> list[Row]:
    if cell.attempt is None:
        return []
    return reader.rows(cell.attempt, book.term.revealed(cell.exercise, book.made))


def _one(book: Book, row: Line, cell: Cell, rows: list[Row], folder: Path) -> None:
    """What others get about one grade; nothing where there is none."""
    name = file_name(row.member.id)
    if cell.state == "missing" and cell.points is None:
        return
    mail = feedback.mail(row.member, cell, rows, book.term)
    _write(folder / "feedback" / cell.exercise / f"{name}.txt", mail)
    if cell.points is None:
        return
    text = gradescope.results(cell, rows, book.term)
    _write(folder / "gradescope" / cell.exercise / name / "results.json", text)
    if cell.attempt and cell.attempt.result:
        revealed = book.term.revealed(cell.exercise, book.made)
        shown: ExerciseResult | None = lesson.shown(cell.attempt, revealed)
        if shown:
            junit = results.to_junit([shown])
            _write(folder / "junit" / cell.exercise / f"{name}.xml", junit)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="replace")
