"""The kinds of reports that a kernel makes, from kinds.toml, and what they teach."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# A prefix of dmesg: time, and with CONFIG_PRINTK_CALLER the caller.
STAMP = re.compile(r"(?:<\d+>)?(?:\[\s*\d+\.\d+\](?:\[\s*[TC]\d+\])? ?)?")


@dataclass(frozen=True)
class Kind:
    """One table of kinds.toml, which says what its fields are for."""

    name: str
    verdict: str
    says: str
    why: str
    rule: str
    read: str
    match: re.Pattern[str] | None = None
    body: re.Pattern[str] | None = None
    dies: bool = False


@dataclass(frozen=True)
class Section:
    """Where a lecture explains a kind."""

    lecture: int
    title: str


@cache
def _table() -> tuple[tuple[Kind, ...], dict[str, Section]]:
    path = Path(__file__).with_name("kinds.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    kinds = []
    for entry in table["kind"]:
        for key in ("match", "body"):
            if key in entry:
                entry[key] = re.compile(entry[key])
        kinds.append(Kind(**entry))
    sections = {name: Section(*pair) for name, pair in table["sections"].items()}
    return tuple(kinds), sections


def every() -> tuple[Kind, ...]:
    """All kinds, in the order in which they are tried."""
    return _table()[0]


def sections() -> tuple[Section, ...]:
    """All sections of lectures that explain some kind."""
    return tuple(_table()[1].values())


def named(name: str) -> Kind:
    """The first kind of that name; raises KeyError."""
    for kind in every():
        if kind.name == name:
            return kind
    raise KeyError(name)


def section(name: str) -> Section | None:
    """The section to read about the kind `name`; None for no kind."""
    for kind in every():
        if kind.name == name:
            return _table()[1][kind.read]
    return None


@cache
def _any() -> re.Pattern[str]:
    """All matches in one expression, since nearly every line is none of them."""
    found = (f"(?:{kind.match.pattern})" for kind in every() if kind.match)
    return re.compile("|".join(found))


def unstamped(line: str) -> str:
    """A line of the kernel's log without its time and caller."""
    return STAMP.sub("", line, count=1)


def classify(line: str, body: str = "") -> Kind | None:
    """What report `line` begins, of which more lines are in `body`; None for an
    ordinary line. `line` has no stamp."""
    if not _any().match(line):
        return None
    for kind in every():
        if kind.match and kind.match.match(line):
            if kind.body is None or kind.body.search(body):
                return kind
    return None
