"""What the compiler said about a hand-in, and nothing that it said beside it."""

import re

from grader.sandbox import INSIDE
from grader.text import clean

SHOWN_LINES = 60
PLACE = re.compile(r"(/[^\s:]+|\./[^\s:]+):\d+(?::\d+)?: (.*)")
IN_FILE = re.compile(r"(?:In file included|\s+) ?from ")
MODPOST = re.compile(r"(?:ERROR|WARNING): modpost: ")
NOISE = re.compile(
    r"make(\[\d+\])?: |cc1: (all|some) warnings|Skipping BTF|compilation term|"
    r"\S+: Assembler messages:"
)
SERIOUS = re.compile(r"(fatal )?error:|warning:", re.IGNORECASE)
EXCERPT = re.compile(r"\s+\d* \|")


def about_the_hand_in(output: str, dropped: int = 0) -> list[str]:
    """Lines of `output` for its author: paths as handed in, headers quoted by
    message only, at most SHOWN_LINES; a last line counts what is left out."""
    shown: list[str] = []
    ours = True
    for line in output.split("\n"):
        if NOISE.match(line) or IN_FILE.match(line) or not line.strip():
            continue
        place = PLACE.match(line)
        if place:
            ours = line.startswith(INSIDE + "/")
            message = place[2]
            if ours:
                shown.append(_tidy(line))
            elif SERIOUS.match(message):
                where = (
                    "in assembly" if place[1].endswith(".s") else "in a kernel header"
                )
                shown.append(_tidy(f"{where}: {message}"))
        elif not EXCERPT.match(line) or ours:
            shown.append(_tidy(line))
    hidden = max(0, len(shown) - SHOWN_LINES) + dropped
    if hidden:
        shown = shown[:SHOWN_LINES] + [f"{hidden} more lines"]
    return shown


def has_modpost_warning(output: str) -> bool:
    """Whether the last stage of kbuild complained; it does not obey -Werror."""
    return any(MODPOST.match(line) for line in output.split("\n"))


def _tidy(line: str) -> str:
    return clean(line.replace(INSIDE + "/", ""))[:300]
