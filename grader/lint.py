"""Formatters and static checkers over the whole tree, one check a tool."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from grader import catalog, process, sparse, stage
from grader.house import House
from grader.tally import Tally

SECONDS = 300
CODE = ("exercises", "solutions", "vm")
C_CODE = ("exercises/lib", "grader", "lectures", "solutions", "vm")


@dataclass(frozen=True)
class Tool:
    """A checker: its command, the files it is for, the Debian package that has it,
    and the command that mends what it finds."""

    what: str
    command: list[str]
    files: list[str]
    package: str
    repair: str = ""


def lint(house: House, tally: Tally) -> None:
    """Runs every checker on the files that it is for."""
    for tool in tools(house):
        if not there(tool.command[0]):
            tally.skip(tool.what, tool.package)
        elif tool.files:
            command = [*tool.command, *tool.files]
            caches = {"BLACK_CACHE_DIR": str(house.cache / "black")}
            done = process.run(
                command, timeout=SECONDS, environment=caches, folder=house.root
            )
            lines = [line for line in done.output.split("\n") if line.strip()]
            wrong = [] if done.status == 0 else lines or [f"status {done.status}"]
            tally.check(tool.what, wrong, tool.repair)
    if not there("sparse"):
        tally.skip("sparse", "sparse")
        return
    for exercise in catalog.select(house, []):
        if (house.solutions / exercise.name).is_dir():
            reference = stage.solution(house, exercise)
            wrong = sparse.check(house, exercise, reference)
            tally.check(f"sparse of {exercise.name}", wrong)


def tools(house: House) -> list[Tool]:
    """The checkers, each with its files."""
    scripts = shell_files(house)
    tests = find(house, (*CODE, "grader"), "*.bats")
    sources = find(house, C_CODE, "*.[ch]")
    python = ["grader", *find(house, CODE, "*.py")]
    clang = ["clang-format", "--dry-run", "-Werror"]
    shfmt = ["shfmt", "-ln", "auto", "-d"]
    return [
        Tool("black", ["black", "-q", "--check"], python, "black", "black FILE"),
        Tool("flake8", ["flake8", "--jobs=1"], python, "flake8"),
        *(
            Tool(f"mypy of {name}", ["mypy", "--strict"], [name], "mypy")
            for name in python  # one by one: their names may be the same
        ),
        Tool("shellcheck of scripts", ["shellcheck"], scripts, "shellcheck"),
        Tool("shellcheck of tests", ["shellcheck", "-s", "bats"], tests, "shellcheck"),
        Tool("shfmt", shfmt, scripts + tests, "shfmt", "shfmt -w FILE"),
        Tool("clang-format", clang, sources, "clang-format", "clang-format -i FILE"),
    ]


def there(program: str) -> bool:
    return shutil.which(program, path=process.BASE_ENVIRONMENT["PATH"]) is not None


def find(house: House, folders: tuple[str, ...], pattern: str) -> list[str]:
    """The files under `folders` that match `pattern`, relative to the root."""
    found = [
        house.relative(path)
        for folder in folders
        for path in (house.root / folder).rglob(pattern)
        if path.is_file()
    ]
    return sorted(found)


def shell_files(house: House) -> list[str]:
    """Shell scripts and libraries: by their suffix or their first line."""
    found = set(find(house, (*CODE, "grader"), "*.sh") + find(house, CODE, "*.bash"))
    for name in find(house, (".ci", *CODE), "*"):
        if not Path(name).suffix:
            with open(house.root / name, "rb") as file:
                if file.readline(64).startswith((b"#!/bin/sh", b"#!/bin/bash")):
                    found.add(name)
    return sorted(found)
