"""Skeletons: exercises/N/*.c derived from solutions/N/*.c with unifdef."""

import re
from pathlib import Path

from grader import results, stage
from grader.catalog import Exercise
from grader.house import House

CONDITION = re.compile(r"\s*#\s*(ifdef|ifndef|if|elif|else|endif)\b(.*)")
TODO = re.compile(r"\bTODO (\d+):")


def write(house: House, exercises: list[Exercise]) -> int:
    """Writes the skeletons that are not current; says which."""
    for exercise in exercises:
        for name, content in stage.skeleton(house, exercise).files.items():
            path = exercise.folder / name
            if not path.is_file() or path.read_bytes() != content:
                results.write(path, content.decode("utf-8"))
                print(f"wrote {house.relative(path)}")
    return 0


def stale(house: House, exercise: Exercise) -> list[str]:
    """The files of `exercise` that are not what the solution makes them."""
    return [
        house.relative(exercise.folder / name)
        for name, content in stage.skeleton(house, exercise).files.items()
        if not (exercise.folder / name).is_file()
        or (exercise.folder / name).read_bytes() != content
    ]


def todos(house: House, exercise: Exercise) -> list[int]:
    """The numbers of the TODOs in the skeleton, sorted, each once."""
    files = stage.skeleton(house, exercise).files.values()
    found = {int(n) for content in files for n in TODO.findall(content.decode("utf-8"))}
    return sorted(found)


def misuse(path: Path) -> list[str]:
    """Breaches of the rules for #ifdef SOLUTION in a source of truth: one symbol,
    never nested, both branches. Each is `LINE: why`."""
    wrong = []
    opened = 0  # the line of the #ifdef SOLUTION that is open
    depth = 0  # of other conditions inside it
    has_else = False
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        match = CONDITION.match(line)
        word, rest = (match[1], match[2].strip()) if match else ("", "")
        if word.startswith("if") and "SOLUTION" in rest:
            if opened:
                wrong.append(f"{number}: #ifdef SOLUTION inside that of line {opened}")
            if (word, rest) != ("ifdef", "SOLUTION"):
                wrong.append(f"{number}: write it as #ifdef SOLUTION")
            opened, depth, has_else = number, 0, False
        elif word.startswith("if"):
            depth += 1
        elif word == "endif" and depth:
            depth -= 1
        elif word == "else" and not depth:
            has_else = True
        elif word == "endif":
            if opened and not has_else:
                wrong.append(f"{opened}: no #else with a TODO for the skeleton")
            opened = 0
    return wrong
