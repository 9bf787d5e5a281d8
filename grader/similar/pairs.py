"""Pairs of texts, how alike they are, and what that may come from."""

from collections.abc import Sequence
from dataclasses import dataclass

from grader.similar.added import Text
from grader.similar.tester import Likeness

LINE = 50  # per cent; see docs/instructor.md for what was measured
LEAST = 200  # tokens; what adds fewer is like others because there is little to write

STUDENT, EARLIER, REFERENCE = "student", "earlier", "reference"


@dataclass(frozen=True)
class Source:
    """Somebody's files, by name; `origin` is STUDENT, EARLIER or REFERENCE, and `year`
    the folder of an earlier class. `base` is the skeleton that it was made on, 0 for
    today's."""

    author: str
    origin: str
    files: tuple[tuple[str, bytes], ...]
    version: str = ""
    year: str = ""
    base: int = 0

    @property
    def label(self) -> str:
        """How it is called in tables."""
        if self.origin == REFERENCE:
            return self.author
        year = f" ({self.year})" if self.year else ""
        return f"{self.author} {self.version}{year}"


@dataclass(frozen=True)
class Piece:
    """A source with its text."""

    source: Source
    text: Text

    def compared(self) -> str:
        """The added lines, which are what is compared."""
        return "\n".join(self.text.lines[index] for index in self.text.own())


@dataclass(frozen=True)
class Pair:
    """Two pieces by number, `forth` per cent of the one in the other and `back` per
    cent of the other in the one; `tokens` of the smaller one, and `what` it may come
    from."""

    one: int
    other: int
    forth: int
    back: int
    tokens: int
    what: str = ""

    @property
    def percent(self) -> int:
        """The number by which pairs are sorted: the greater one, since who adds
        lines of their own to a copy makes one of them small."""
        return max(self.forth, self.back)

    @property
    def alike(self) -> bool:
        return self.percent >= LINE


def pair_up(pieces: Sequence[Piece], likeness: Likeness) -> list[Pair]:
    """The pairs with a student in them that are large enough, most alike first."""
    large = [n for n in range(len(pieces)) if likeness.tokens.get(n, 0) >= LEAST]
    students = [n for n in large if pieces[n].source.origin == STUDENT]
    found = []
    for one in students:
        for other in large:
            if other == one or (other in students and other < one):
                continue
            forth = likeness.percent.get((one, other), 0)
            back = likeness.percent.get((other, one), 0)
            tokens = min(likeness.tokens[one], likeness.tokens[other])
            found.append(Pair(one, other, forth, back, tokens))
    labelled = [_explained(pair, pieces, likeness) for pair in found]
    return sorted(labelled, key=lambda pair: (-pair.percent, pair.one, pair.other))


def like_reference(number: int, pieces: Sequence[Piece], likeness: Likeness) -> bool:
    """Whether a piece is above the line with one of the staff's solutions."""
    return any(
        max(
            likeness.percent.get((number, other), 0),
            likeness.percent.get((other, number), 0),
        )
        >= LINE
        for other, piece in enumerate(pieces)
        if piece.source.origin == REFERENCE and likeness.tokens.get(other, 0) >= LEAST
    )


def _explained(pair: Pair, pieces: Sequence[Piece], likeness: Likeness) -> Pair:
    one, other = pieces[pair.one].source, pieces[pair.other].source
    if not pair.alike:
        what = ""
    elif other.origin == REFERENCE:
        what = "like the staff's solution"
    elif all(like_reference(n, pieces, likeness) for n in (pair.one, pair.other)):
        what = "both like the staff's solution"
    elif other.origin == STUDENT:
        what = "shared by two students"
    elif one.author == other.author:
        what = "the same name in an earlier year"
    else:
        what = "from an earlier year"
    return Pair(pair.one, pair.other, pair.forth, pair.back, pair.tokens, what)
