"""How a grade came about, in lines that a student can check."""

from grader.classroom import plain
from grader.classroom.grades import Cell
from grader.classroom.term import Term


def headline(cell: Cell) -> str:
    """One line: exercise, version and points."""
    if cell.points is None:
        words = {
            "missing": "nothing came",
            "waiting": f"{cell.label} came and is not graded yet",
            "infra": f"{cell.label} could not be graded, which is not your fault and "
            "costs no points",
        }
        return f"{cell.exercise}: {words.get(cell.state, cell.state)}"
    version = f" {cell.label}" if cell.label else ""
    return f"{cell.exercise}{version}: {cell.points} of {cell.max} points"


def lines(cell: Cell, term: Term) -> list[tuple[str, str]]:
    """What the points are made of: what, and how much of it."""
    made = cell.attempt
    found = []
    if cell.received:
        found.append(("received", term.told(cell.received)))
    if cell.deadline:
        found.append(("deadline", term.told(cell.deadline)))
    if made and made.result and made.state == "graded":
        found.append(("tests", f"{made.result.score} of {made.max} points"))
    if made and made.cost:
        found.append(("style", f"-{made.cost} points"))
    if cell.days:
        found.append(("late", _lateness(cell)))
    if cell.by_hand and cell.override:
        said = f"{cell.override.points} points: {cell.override.reason}"
        found.append(("by hand", plain.line(f"{said} ({cell.override.author})")))
    found += [("note", plain.line(note)) for note in cell.notes]
    return found


def _lateness(cell: Cell) -> str:
    days = "1 day" if cell.days == 1 else f"{cell.days} days"
    paid = f", {cell.tokens} paid by late tokens" if cell.tokens else ""
    return f"{days}{paid}: -{cell.percent} %"
