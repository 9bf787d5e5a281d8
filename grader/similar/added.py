"""What a student added to the skeleton: lines of C without comments, compared by their
shape, in which names and numbers do not count. Pure functions.

A line is the skeleton's when it stands where it stands there, or when it is one of
GRAM lines in a row that stand somewhere in a skeleton. So neither new names nor another
order of the functions turn what everybody was given into somebody's own work.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

GRAM = 3  # lines
MOST_LINES = 3000  # of a text; what comes after them is not looked at
MOST_UNITS = 5000  # of what was added; the same
# Nobody writes such lines, and the tester is slow at what repeats itself.
MOST_IN_LINE = 200  # units
MOST_ALIKE = 4  # lines of one shape in a row
# A comment that never ends takes all of the rest, or each `/*` of it would be tried.
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)
UNIT = re.compile(
    r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|[A-Za-z_]\w*|\.?\d[\w.]*'
    r"|->|\+\+|--|<<=?|>>=?|&&|\|\||[-<>=!&|+*/%^]=|\S"
)
KEYWORDS = frozenset(
    "auto bool break case char const continue default do double else enum extern float "
    "for goto if inline int long register return short signed sizeof static struct "
    "switch typedef union unsigned void volatile while".split()
)
Shape = tuple[str, ...]


@dataclass(frozen=True)
class Text:
    """A formatted source, and for each of its lines whether its author added it."""

    lines: tuple[str, ...]
    added: tuple[bool, ...]

    def own(self) -> list[int]:
        """The indices of the added lines, as far as they are compared."""
        found: list[int] = []
        units = alike = 0
        before: Shape = ()
        for index, is_own in enumerate(self.added):
            if not is_own:
                continue
            here = shape(self.lines[index])
            alike = alike + 1 if here == before else 1
            before = here
            if len(here) > MOST_IN_LINE or alike > MOST_ALIKE:
                continue
            units += len(here)
            if units > MOST_UNITS:
                break
            found.append(index)
        return found


def without_comments(source: str) -> str:
    """C with a blank in place of each comment; strings stay."""
    return TOKEN.sub(lambda found: " " if found[0][0] == "/" else found[0], source)


def shape(line: str) -> Shape:
    """The units of a line: names are all the same, and so are numbers and strings."""
    return tuple(_kind(unit) for unit in UNIT.findall(line))


def _kind(unit: str) -> str:
    first = unit[0]
    if first in "\"'":
        return "text"
    if first.isdigit() or (first == "." and len(unit) > 1):
        return "number"
    if first.isalpha() or first == "_":
        return unit if unit in KEYWORDS else "name"
    return unit


def is_code(line: str) -> bool:
    """Whether a line can be anybody's work: no empty line, no #include."""
    return bool(line.strip()) and not re.match(r"\s*#\s*include\b", line)


def subtract(
    lines: Sequence[str],
    skeletons: Sequence[Sequence[str]],
    older: Sequence[Sequence[str]] = (),
) -> Text:
    """`lines` less what is in any of `skeletons`, and less the rows of `older` ones;
    all are formatted already."""
    lines = [line.rstrip() for line in lines[:MOST_LINES]]
    places = [index for index, line in enumerate(lines) if is_code(line)]
    shapes = [shape(lines[index]) for index in places]
    given = [False] * len(places)
    for skeleton in skeletons:
        _mark_in_order(shapes, _shapes(skeleton), given)
    for skeleton in [*skeletons, *older]:
        _mark_in_rows(shapes, _shapes(skeleton), given)
    added = [False] * len(lines)
    for index, is_given in zip(places, given):
        added[index] = not is_given
    return Text(tuple(lines), tuple(added))


def _shapes(lines: Sequence[str]) -> list[Shape]:
    return [shape(line) for line in lines if is_code(line)]


def _mark_in_order(shapes: list[Shape], theirs: list[Shape], given: list[bool]) -> None:
    matcher = SequenceMatcher(None, shapes, theirs, autojunk=False)
    for start, _, size in matcher.get_matching_blocks():
        given[start : start + size] = [True] * size


def _mark_in_rows(shapes: list[Shape], theirs: list[Shape], given: list[bool]) -> None:
    known = {tuple(theirs[n : n + GRAM]) for n in range(len(theirs) - GRAM + 1)}
    for start in range(len(shapes) - GRAM + 1):
        if tuple(shapes[start : start + GRAM]) in known:
            given[start : start + GRAM] = [True] * GRAM
