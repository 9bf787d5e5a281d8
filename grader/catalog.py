"""Finds the exercises, by glob, and reads what each says about itself.

An exercise is a folder exercises/NN-name with an exercise.toml. Nothing is
registered anywhere else. A wrong file is a CourseError with file and line.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.house import House
from grader.trouble import CourseError, Trouble

KERNELS = ("stock", "debug", "race")
CLOCKS = ("real", "virtual")
SKELETONS = ("builds", "broken")
STYLES = ("advisory", "scored")
FIELDS = (
    "title lecture files modules skeleton kernels smp clock timeout symbols style "
    "hint"
).split()
MAX_CPUS = 8
ONE_CPU = "virtual time is for one CPU"
PLAIN_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
MODULE = re.compile(r"[a-z][a-z0-9_]*")
SYMBOL = re.compile(r"[A-Za-z_*][A-Za-z0-9_*]*")
MAX_TIMEOUT = 600


@dataclass(frozen=True)
class Hint:
    """One rung of the ladder of hints for a TODO."""

    todo: int
    text: str


@dataclass(frozen=True)
class Exercise:
    """What exercise.toml says; `timeout` in seconds for one test. On the clock
    `virtual` sleeping costs nothing, and load on the host is not noticed. A
    `broken` skeleton is one that the compiler refuses: to mend it is a TODO. What
    checkpatch and sparse say of a series costs points where `style` is `scored`."""

    folder: Path
    title: str
    lecture: int
    files: tuple[str, ...]
    modules: tuple[str, ...]
    kernels: tuple[str, ...]
    smp: int
    timeout: int
    symbols: tuple[str, ...]
    hints: tuple[Hint, ...]
    clock: str = "real"
    skeleton: str = "builds"
    style: str = "advisory"

    @property
    def name(self) -> str:
        """The folder's name, such as 13-prng; also that of its solution."""
        return self.folder.name

    def ladder(self, todo: int) -> list[str]:
        """The hints for TODO `todo`, in order."""
        return [hint.text for hint in self.hints if hint.todo == todo]


def names(house: House) -> list[str]:
    """The names of all exercises, sorted."""
    return sorted(path.parent.name for path in house.exercises.glob("*/exercise.toml"))


def matches(name: str, prefix: str) -> bool:
    """Whether `prefix` names exercise `name`: it ends at a dash or at the end."""
    return name == prefix or name.startswith(prefix + "-")


def select(house: House, wanted: list[str]) -> list[Exercise]:
    """The exercises that `wanted` names, or all; each once, in order.

    A name may be given as a path, exercises/13-prng/. An unknown one raises
    Trouble with the list of what there is.
    """
    known = names(house)
    if not known:
        raise CourseError(f"no exercise in {house.exercises}: no */exercise.toml")
    chosen: list[str] = []
    for word in wanted:
        prefix = word.rstrip("/").rpartition("/")[2]
        found = [name for name in known if matches(name, prefix)]
        if not found:
            raise Trouble(f"unknown exercise: {word}", "there is: " + " ".join(known))
        chosen += found
    return [load(house, name) for name in known if name in chosen or not wanted]


def select_one(house: House, word: str | None, verb: str) -> Exercise:
    """The one exercise that `word` names; several or none is a Trouble."""
    known = ["there is: " + " ".join(names(house))]
    if not word:
        raise Trouble(f"which exercise? make {verb} N", *known)
    found = select(house, [word])
    if len(found) > 1:
        several = " ".join(exercise.name for exercise in found)
        raise Trouble(f"{word} names several exercises: {several}", "choose one")
    return found[0]


def load(house: House, name: str) -> Exercise:
    """Reads exercises/`name`/exercise.toml; raises CourseError when it is wrong."""
    path = house.exercises / name / "exercise.toml"
    shown = house.relative(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise CourseError(f"{shown}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{shown}: not UTF-8 at byte {error.start}") from error
    return parse(text, shown, path.parent)


def parse(text: str, shown: str, folder: Path) -> Exercise:
    """An exercise from the text of its exercise.toml; `shown` names the file."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        number = line[1] if line else len(text.splitlines())
        raise CourseError(f"{shown}:{number}: not TOML: {error}") from error
    fields = _Fields(table, text, shown)
    fields.no_others(FIELDS)
    smp = fields.number("smp", 1, MAX_CPUS)
    clock = fields.choice("clock", CLOCKS)
    if clock == "virtual" and smp > 1:
        raise fields.error("clock", f"{ONE_CPU}; write smp = 1, or leave it out")
    return Exercise(
        folder=folder,
        title=fields.text("title"),
        lecture=fields.number("lecture", 1, 99),
        files=fields.words("files", PLAIN_FILE, 'plain file names, as in ["prng.c"]'),
        modules=fields.words("modules", MODULE, 'module names, as in ["prng"]'),
        kernels=fields.kernels("kernels"),
        smp=smp,
        clock=clock,
        skeleton=fields.choice("skeleton", SKELETONS),
        timeout=fields.number("timeout", 1, MAX_TIMEOUT),
        style=fields.choice("style", STYLES),
        symbols=fields.words("symbols", SYMBOL, "kernel symbols; * is a wildcard"),
        hints=fields.hints("hint"),
    )


@dataclass(frozen=True)
class _Fields:
    """Typed access to a TOML table; each error names file, line and remedy."""

    table: dict[str, Any]
    source: str
    shown: str

    def error(self, key: str, remedy: str, nth: int = 0) -> CourseError:
        """A CourseError at the line of `key`; of its `nth` table, if there are."""
        pattern = (
            rf"\s*(?:\[\[\s*{re.escape(key)}\s*\]\]|[\"']?{re.escape(key)}[\"']?\s*=)"
        )
        lines = [
            number
            for number, line in enumerate(self.source.splitlines(), 1)
            if re.match(pattern, line)
        ]
        line = lines[nth] if nth < len(lines) else 1
        return CourseError(f"{self.shown}:{line}: {key}: {remedy}")

    def no_others(self, known: list[str]) -> None:
        for key in self.table:
            if key not in known:
                raise self.error(key, "unknown field; known: " + " ".join(known))

    def value(self, key: str, is_right: Callable[[Any], bool], remedy: str) -> Any:
        if key not in self.table:
            raise CourseError(f"{self.shown}:1: {key}: missing; add {remedy}")
        if not is_right(self.table[key]):
            raise self.error(key, f"must be {remedy}")
        return self.table[key]

    def text(self, key: str) -> str:
        value = self.value(key, _is_line, f'one line of text: {key} = "..."')
        return str(value)

    def number(self, key: str, low: int, high: int) -> int:
        def is_right(value: Any) -> bool:
            return type(value) is int and low <= value <= high

        return int(self.value(key, is_right, f"a whole number, {low} to {high}"))

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """One of `known`; the first where there is no such field."""
        if key not in self.table:
            return known[0]
        quoted = " or ".join(f'"{word}"' for word in known)
        return str(self.value(key, lambda value: value in known, quoted))

    def words(self, key: str, shape: re.Pattern[str], what: str) -> tuple[str, ...]:
        def is_right(value: Any) -> bool:
            return (
                isinstance(value, list)
                and bool(value)
                and all(
                    isinstance(word, str) and shape.fullmatch(word) for word in value
                )
                and len(set(value)) == len(value)
            )

        return tuple(self.value(key, is_right, f"a list, without doubles, of {what}"))

    def kernels(self, key: str) -> tuple[str, ...]:
        shape = re.compile("|".join(KERNELS))
        return self.words(key, shape, "kernels: " + " ".join(KERNELS))

    def hints(self, key: str) -> tuple[Hint, ...]:
        tables = self.table.get(key, [])
        remedy = 'must be tables [[hint]] with todo = 1 and text = "..."'
        if not isinstance(tables, list):
            raise self.error(key, remedy)
        for nth, table in enumerate(tables):
            right = (
                isinstance(table, dict)
                and set(table) == {"todo", "text"}
                and type(table["todo"]) is int
                and table["todo"] >= 1
                and isinstance(table["text"], str)
                and bool(table["text"].strip())
            )
            if not right:
                raise self.error(key, remedy, nth)
        return tuple(Hint(table["todo"], table["text"].strip()) for table in tables)


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and "\n" not in value
