"""The tests that an exercise declares, with the metadata that sits on them.

    # bats test_tags=points:8,todo:3
    @test "reading past the limit is end of file" {

Tags: points:N, todo:N, kernel:NAME (there, and only there; may repeat; without
it on the exercise's first kernel, and elsewhere on demand), id:WORD, needs:WORD
(blocked unless the test with that id passed), audit:no (makes no clean-up),
clock:virtual, clock:real and cpus:N (another machine than the exercise's).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from grader.catalog import CLOCKS, KERNELS, MAX_CPUS, ONE_CPU, Exercise
from grader.house import House
from grader.trouble import CourseError

TEST = re.compile(r'@test "([^"\\$`]+)" \{\s*')
TAGS = re.compile(r"# bats test_tags=(\S+)\s*")
KNOWN = "points todo kernel id needs audit clock cpus".split()
WORD = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True)
class Test:
    """One declared test; `kernels` is empty when it can run on all, `clock` and
    `cpus` are None when they are the exercise's."""

    name: str
    file: Path
    line: int
    points: int
    todo: int | None = None
    kernels: tuple[str, ...] = ()
    id: str | None = None
    needs: str | None = None
    audited: bool = True
    clock: str | None = None
    cpus: int | None = None

    __test__ = False  # not one of pytest's

    def runs_on(self, kernel: str) -> bool:
        return not self.kernels or kernel in self.kernels


def files(house: House, exercise: Exercise) -> list[Path]:
    """The bats files of an exercise, hidden ones of its solution included."""
    hidden = house.solutions / exercise.name / "tests"
    return sorted(exercise.folder.glob("tests/*.bats")) + sorted(hidden.glob("*.bats"))


def load(house: House, exercise: Exercise) -> list[Test]:
    """All tests, those that others need before these; CourseError when wrong."""
    tests: list[Test] = []
    for path in files(house, exercise):
        text = path.read_text(encoding="utf-8", errors="replace")
        tests += parse(text, path, house.relative(path))
    if not tests:
        raise CourseError(
            f"{house.relative(exercise.folder)}/tests: no test; "
            'a test is a line @test "sentence" {'
        )
    _no_doubles(house, tests)
    _no_impossible(house, exercise, tests)
    return _in_order(house, tests)


def parse(text: str, path: Path, shown: str) -> list[Test]:
    """The tests of one bats file; `shown` names it in errors."""
    tests = []
    tags = ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("@test"):
            match = TEST.fullmatch(line)
            if not match:
                raise CourseError(
                    f'{shown}:{number}: write it as @test "sentence" {{ with no '
                    "quote, backslash, $ or ` in the sentence"
                )
            tests.append(_tagged(match[1], path, number, tags, shown))
        found = TAGS.fullmatch(line)
        tags = found[1] if found else ""
    return tests


def _tagged(name: str, path: Path, line: int, tags: str, shown: str) -> Test:
    """A test with its tags read; raises CourseError for a tag that is wrong."""

    def wrong(remedy: str) -> CourseError:
        return CourseError(f"{shown}:{line}: {name}: {remedy}")

    found: dict[str, list[str]] = {}
    for tag in filter(None, tags.split(",")):
        key, _, value = tag.partition(":")
        found.setdefault(key, []).append(value)
    for key, values in found.items():
        if key not in KNOWN:
            raise wrong(f"unknown tag {key}; known: {' '.join(KNOWN)}")
        if len(values) > 1 and key != "kernel":
            raise wrong(f"tag {key} is given twice")
        if not all(_is_right(key, value) for value in values):
            raise wrong(f"tag {key} cannot be {','.join(values)}")
    if "points" not in found:
        raise wrong("put a line # bats test_tags=points:N immediately above it")
    return Test(
        name=name,
        file=path,
        line=line,
        points=int(found["points"][0]),
        todo=int(found["todo"][0]) if "todo" in found else None,
        kernels=tuple(found.get("kernel", ())),
        id=_only(found.get("id")),
        needs=_only(found.get("needs")),
        audited="audit" not in found,
        clock=_only(found.get("clock")),
        cpus=int(found["cpus"][0]) if "cpus" in found else None,
    )


def _only(values: list[str] | None) -> str | None:
    return values[0] if values else None


def _is_right(key: str, value: str) -> bool:
    if key == "points":
        return value.isdecimal() and int(value) <= 100
    if key == "todo":
        return value.isdecimal() and int(value) >= 1
    if key == "cpus":
        return value.isdecimal() and 1 <= int(value) <= MAX_CPUS
    words = {"kernel": KERNELS, "audit": ("no",), "clock": CLOCKS}
    if key in words:
        return value in words[key]
    return WORD.fullmatch(value) is not None


def machine(exercise: Exercise, test: Test | None) -> tuple[int, bool]:
    """The machine of a test, or what its exercise has without one: CPUs, and
    whether its time is virtual."""
    cpus = (test.cpus if test else None) or exercise.smp
    clock = (test.clock if test else None) or exercise.clock
    return cpus, clock == "virtual"


def _no_impossible(house: House, exercise: Exercise, tests: list[Test]) -> None:
    """No test may ask, with its exercise, for virtual time on several CPUs."""
    for test in tests:
        cpus, virtual = machine(exercise, test)
        if virtual and cpus > 1:
            raise CourseError(
                f"{house.relative(test.file)}:{test.line}: {test.name}: {ONE_CPU}, and "
                f"it would get {cpus}; add the tag clock:real or cpus:1"
            )


def _no_doubles(house: House, tests: list[Test]) -> None:
    """Names and ids must be unique in an exercise: results are told apart by them."""
    seen: dict[str, Test] = {}
    for test in tests:
        for key in (test.name, f"id:{test.id}" if test.id else test.name):
            other = seen.setdefault(key, test)
            if other is not test:
                raise CourseError(
                    f"{house.relative(test.file)}:{test.line}: {key} is also in "
                    f"{house.relative(other.file)}:{other.line}; rename one"
                )


def _in_order(house: House, tests: list[Test]) -> list[Test]:
    """`tests` with every needed test before those that need it, else as they were."""
    by_id = {test.id: test for test in tests if test.id}
    ordered: list[Test] = []

    def visit(test: Test, waiting: tuple[Test, ...]) -> None:
        if test in ordered:
            return
        where = f"{house.relative(test.file)}:{test.line}"
        if test in waiting:
            raise CourseError(f"{where}: {test.name}: needs itself in the end")
        if test.needs:
            if test.needs not in by_id:
                raise CourseError(f"{where}: needs:{test.needs}: no test has that id")
            visit(by_id[test.needs], (*waiting, test))
        ordered.append(test)

    for test in tests:
        visit(test, ())
    return ordered
