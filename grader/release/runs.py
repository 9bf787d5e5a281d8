"""Runs of tokens: what a text shares with solutions, whatever its white space is.

A token is a word, a number or a sign. Of every LENGTH tokens in a row that the staff's
files have, and the skeletons have not, it is noted where they are; a text in which
such a run occurs was taken from there.
"""

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field

# About four lines of C. Measured over ten exercises: what honest files have in common
# with solutions, since drivers begin alike or a hint gives it away, is 35 tokens long
# at most; docs/maintainer.md says how to measure again.
LENGTH = 40
TOKEN = re.compile(r"[^\W\d]\w*|\d\w*|[^\w\s]")

Run = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """A line of a file."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Shared:
    """A run that a text has from somewhere: the line where it begins there, how many
    tokens it has, and where it is from."""

    line: int
    length: int
    place: Place


def tokens(text: str) -> list[tuple[str, int]]:
    """The tokens of `text`, each with its line."""
    found = []
    line, upto = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", upto, match.start())
        upto = match.start()
        found.append((match[0], line))
    return found


def runs(text: str, length: int) -> Iterator[tuple[Run, int]]:
    """Every run of `length` tokens, with the line on which it begins."""
    found = tokens(text)
    words = tuple(word for word, _ in found)
    for first in range(len(words) - length + 1):
        yield words[first : first + length], found[first][1]


@dataclass
class Hoard:
    """The runs that only the staff has; `near` has the halves of all runs, by which a
    text that shares nothing is passed over quickly."""

    length: int = LENGTH
    known: dict[Run, Place] = field(default_factory=dict)
    near: set[Run] = field(default_factory=set)

    @property
    def half(self) -> int:
        return self.length // 2

    def all_runs(self, texts: Iterable[str]) -> set[Run]:
        """Every run of `texts`, as `add` takes it for what is public."""
        return {run for text in texts for run, _ in runs(text, self.length)}

    def add(self, path: str, text: str, public: Set[Run] = frozenset()) -> None:
        """Notes the runs of a staff's file, but for those of `public`."""
        for run, line in runs(text, self.length):
            if run not in public:
                self.known.setdefault(run, Place(path, line))
        self.near.update(run for run, _ in runs(text, self.half))

    def shared(self, text: str) -> list[Shared]:
        """What `text` has from the hoard; runs that overlap are one."""
        words = tuple(TOKEN.findall(text))
        found: list[tuple[int, int, Place]] = []  # first token, how many, whence
        for first in self._candidates(words):
            place = self.known.get(words[first : first + self.length])
            if place is None:
                continue
            start, length, before = found[-1] if found else (0, 0, place)
            if start + length == first + self.length - 1 and before.path == place.path:
                found[-1] = (start, length + 1, before)
            else:
                found.append((first, self.length, place))
        lines = [line for _, line in tokens(text)] if found else []
        return [Shared(lines[first], many, place) for first, many, place in found]

    def _candidates(self, words: Run) -> list[int]:
        """Where in `words` a run of the hoard may begin. A run has in it one of the
        halves that follow each other without a gap from the first token on."""
        half = self.half
        firsts: set[int] = set()
        for at in range(0, len(words) - half + 1, half):
            if words[at : at + half] in self.near:
                firsts.update(range(max(0, at - self.length + half), at + 1))
        return sorted(firsts)
