"""Work that was left off: the solution up to a TODO, the skeleton from the next on."""

import re
from dataclasses import dataclass
from pathlib import Path

from grader.skeletons import TODO
from grader.stage import CANARY

BEGIN = "#ifdef SOLUTION"
# What the tags do not say, by test: at which cuts it passes before its TODO is done,
# since nothing bad happens where nothing is done, or fails although it is, since it
# needs a later step to see something.
OTHERWISE: dict[str, dict[str, tuple[int, ...]]] = {
    "13-prng": {
        "when a step of init fails, insmod gives its error and nothing stays": (1,),
        "every close frees what its open allocated": (2, 3),
    },
    "14-kkey": {
        "when a step of init fails, insmod gives its error and nothing stays": (2,),
        "the last close gives the memory of a song back": (5,),
    },
}
# Tests that are a matter of luck at some cuts: the skeleton's streams begin with one of
# 256 words, and twenty of them are to differ.
CHANCE: dict[str, dict[str, tuple[int, ...]]] = {
    "13-prng": {
        "the seeds at load differ from minor to minor and from load to load": (6, 7),
    },
}
# Cuts of which the tags say too little: many tests pass before their TODO is done.
UNCLEAR: dict[str, tuple[int, ...]] = {"14-kkey": (7,)}
CONDITION = re.compile(r"\s*#\s*(if|ifdef|ifndef|else|endif)\b")


@dataclass(frozen=True)
class Region:
    """What is between two lines of a source: the `solution` and the `skeleton`, and
    the TODOs that the latter names; text outside has no skeleton and no TODO."""

    solution: tuple[str, ...]
    skeleton: tuple[str, ...] | None = None
    todos: frozenset[int] = frozenset()


def read(path: Path) -> str:
    """A source of truth with both its branches, and without its canary."""
    return CANARY.sub("", path.read_text(encoding="utf-8"))


def regions(source: str) -> list[Region]:
    """The parts of a source of truth, in order."""
    found: list[Region] = []
    outside: list[str] = []
    lines = iter(source.split("\n"))
    for line in lines:
        if line != BEGIN:
            outside.append(line)
            continue
        found.append(Region(tuple(outside)))
        outside = []
        branches: list[list[str]] = [[], []]
        depth = branch = 0
        for inner in lines:
            word = CONDITION.match(inner)
            if word and word[1].startswith("if"):
                depth += 1
            elif word and not depth:
                if word[1] == "endif":
                    break
                branch = 1
                continue
            elif word and word[1] == "endif":
                depth -= 1
            branches[branch].append(inner)
        numbers = TODO.findall("\n".join(branches[1]))
        todos = frozenset(int(number) for number in numbers)
        found.append(Region(tuple(branches[0]), tuple(branches[1]), todos))
    return [*found, Region(tuple(outside))]


def cuts(source: str) -> list[int]:
    """After which TODOs one can stop: no region asks for work on both sides."""
    found = regions(source)
    last = max((n for region in found for n in region.todos), default=0)
    return [
        cut
        for cut in range(last)
        if not any(
            region.todos and min(region.todos) <= cut < max(region.todos)
            for region in found
        )
    ]


def up_to(source: str, cut: int) -> str:
    """The source when the TODOs 1 to `cut` are done."""
    lines: list[str] = []
    for region in regions(source):
        is_done = region.skeleton is None or max(region.todos, default=0) <= cut
        lines += region.solution if is_done else region.skeleton or ()
    return "\n".join(lines)
