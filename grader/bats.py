"""bats for one test, with no more of bats than one test needs.

`bats --filter NAME FILE` starts 37 processes for an empty test, and reads FILE twice,
line by line: 110 ms and half a millisecond a line, a quarter of what a test on the
stock kernel costs. All that finds the test, which the grader has found already, and
25 ms run it. So bats' own bats-preprocess reads a file once for all of its tests, and
bats' own bats-exec-test runs one.

bats does not promise how it calls these, so it is done with the versions in KNOWN
only; grader/tests/test_bats.py shows that they say what bats says. Any other bats is
called as everybody calls it.
"""

import re
from dataclasses import dataclass
from functools import cache as once
from pathlib import Path

from grader import cache, process
from grader.battery import Test
from grader.house import House
from grader.trouble import CannotGrade

KNOWN = ("1.8.2",)
PROGRAM = Path("/usr/bin/bats")
ROOT = PROGRAM.resolve().parents[1]  # as bats finds it
INNER = ROOT / "libexec" / "bats-core"
TEST = re.compile(r'^(test_\S+)\(\) \{ bats_test_begin "(.*)"; ', re.MULTILINE)
SOURCE = "source"
WARNINGS = "warnings.log"
LONGEST = 20  # seconds to read a file


@dataclass(frozen=True)
class Call:
    """How bats runs a test: the command, and what is added to its environment. Where
    it is not the whole of bats, `plan` is what bats says before the result, and
    `warnings` the file with what it says after."""

    command: list[str]
    environment: dict[str, str]
    plan: str = ""
    warnings: Path | None = None

    def said(self, output: str) -> str:
        """What bats would have said, where the command said `output`."""
        try:
            more = self.warnings.read_text("utf-8", "replace") if self.warnings else ""
        except FileNotFoundError:
            more = ""
        return self.plan + output + more


def call(house: House, test: Test, folder: Path, directory: Path) -> Call:
    """How to run `test` in the working folder `directory`, when `folder` is empty and
    for bats alone."""
    if version() not in KNOWN:
        return whole(test)
    source = preprocessed(house, test.file)
    text = source.read_text(encoding="utf-8")
    functions = [name for name, title in TEST.findall(text) if title == test.name]
    if len(functions) != 1:
        return whole(test)  # bats has words for that
    command = ["bash", str(INNER / "bats-exec-test"), str(test.file), functions[0]]
    command += ["1", "1", "1"]  # its number in the suite, in the file, and of tries
    environment = surroundings(source, folder, directory)
    return Call(command, environment, "1..1\n", folder / WARNINGS)


def surroundings(source: Path, folder: Path, directory: Path) -> dict[str, str]:
    """What bats-exec-test finds in its environment when bats has called it."""
    folders = ("TMPDIR", "RUN_TMPDIR", "SUITE_TMPDIR", "FILE_TMPDIR")
    return {
        "BATS_ROOT": str(ROOT),
        "BATS_LIBEXEC": str(INNER),
        "BATS_VERSION": version(),
        "BATS_GUARANTEED_MINIMUM_VERSION": "0.0.0",
        "BATS_LIB_PATH": "/usr/lib/bats",
        "BATS_CWD": str(directory),
        "BATS_TEST_SOURCE": str(source),
        "BATS_TEST_RETRIES": "0",
        "BATS_RUNLOG_FILE": "/dev/null",
        "BATS_WARNING_FILE": str(folder / WARNINGS),
        "BATS_BEGIN_CODE_QUOTE": "`",
        "BATS_END_CODE_QUOTE": "'",
        **{f"BATS_{name}": str(folder) for name in folders},
    }


def whole(test: Test) -> Call:
    """As everybody calls bats."""
    command = [str(PROGRAM), "--formatter", "tap", "--filter", name_filter(test.name)]
    return Call([*command, str(test.file)], {})


def name_filter(name: str) -> str:
    """The extended regular expression that matches exactly the test `name`."""
    return "^" + re.sub(r"([][\\.^$*+?(){}|])", r"\\\1", name) + "$"


@once
def version() -> str:
    """Of the bats that is installed."""
    try:
        done = process.run([str(PROGRAM), "--version"], timeout=LONGEST)
    except FileNotFoundError as error:
        raise CannotGrade("bats is missing", "next: make setup") from error
    return done.output.strip().removeprefix("Bats ")


def preprocessed(house: House, file: Path) -> Path:
    """The bash that bats makes of a test file."""

    def fill(folder: Path) -> None:
        done = process.run(
            [str(INNER / "bats-preprocess"), str(file)],
            timeout=LONGEST,
            environment={"BATS_ROOT": str(ROOT), "LC_ALL": "C"},
            keep=1 << 22,
        )
        if done.status != 0:
            raise CannotGrade(f"{house.relative(file)}: {done.output.strip()}")
        (folder / SOURCE).write_text(done.output, encoding="utf-8")

    key = cache.key([file.read_bytes(), version(), cache.tool_identity("bats")])
    return cache.folder(house.cache / "bats", key, fill) / SOURCE
