"""A grade as Gradescope's autograder hands it over: results.json."""

import json
from typing import Any

from grader.classroom import account, plain
from grader.classroom.grades import Cell
from grader.classroom.lesson import Row
from grader.classroom.term import Term


def results(cell: Cell, rows: list[Row], term: Term) -> str:
    """results.json of one student and exercise, whose points are known.

    Everything in it may be seen by the student: what must not be is not in it.
    """
    told = [f"{what}: {text}" for what, text in account.lines(cell, term)]
    if cell.attempt and cell.attempt.state == "refused":
        told += ["not graded:", *map(plain.line, cell.attempt.reasons)]
    table: dict[str, Any] = {
        "score": cell.points,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "output": "\n".join([account.headline(cell), *told]),
        "output_format": "text",
        "tests": [_test(number, row) for number, row in enumerate(rows, 1)],
    }
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def _test(number: int, row: Row) -> dict[str, Any]:
    lines = list(row.lines)
    lines += ["kernel log:", *(f"  {line}" for line in row.log)] if row.log else []
    lines += [f"read: {page}" for page in row.read]
    lines += [f"again: {row.again}"] if row.again else []
    return {
        "number": str(number),
        "name": plain.line(row.title),
        "name_format": "text",
        "score": row.points,
        "max_score": row.max,
        "status": "passed" if row.verdict == "pass" else "failed",
        "output": plain.block("\n".join(lines)),
        "output_format": "text",
        "visibility": "visible",
        "tags": [row.verdict, row.kernel],
    }
