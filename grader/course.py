"""`make check`: the course tests itself; every message names what repairs it."""

import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from xml.etree import ElementTree

from grader import (
    catalog,
    kernels,
    lint,
    pages,
    process,
    report,
    setup,
)
from grader.house import House, workers
from grader.tally import Tally
from grader.trouble import Trouble

Part = Callable[[House, Tally], None]  # of the check

SECONDS = 1800
NOT_HERE = (
    "solutions, mutants and skeletons of the exercises",
    "transcripts and code of the lectures",
    "tests of the grader and of vm/ on the debug and race kernels",
)
CLOSING = re.compile(r"(\d+) passed, (\d+) failed")


def staff() -> ModuleType | None:
    """What only the staff has, grader/staff.py; None in a student release."""
    if find_spec("grader.staff") is None:
        return None
    return import_module("grader.staff")


def check(house: House, kernel: str | None = None) -> int:
    """Lint, unit tests, vm/ and every exercise, whose solutions run where the tags
    of their tests say, or with `kernel` all on all; in a student release without
    what needs solutions, and on the stock kernel only. Returns the exit status."""
    tally = Tally(report.make_console())
    want_tools(tally)
    setup.build_engine(house)
    ours = staff()
    if ours:
        kernels.ensure(house, catalog.KERNELS, tally.console)
    parts = [lint.lint, pages.check, unit_tests, engine]
    side_by_side(house, tally, parts + (ours.parts(house, kernel) if ours else []))
    for what in () if ours else NOT_HERE:
        tally.leave_out(what, "only the staff has what it needs")
    return tally.close()


def side_by_side(house: House, tally: Tally, parts: list[Part]) -> None:
    """Runs `parts` from both ends at once; their order says what is side by side."""
    waiting = deque(parts)
    with ThreadPoolExecutor(2) as pool:
        lanes = [
            pool.submit(one_by_one, take, house, tally)
            for take in (waiting.popleft, waiting.pop)
        ]
        for lane in lanes:
            lane.result()


def one_by_one(take: Callable[[], Part], house: House, tally: Tally) -> None:
    """Runs the parts that `take` gives, until IndexError says that none is left."""
    while True:
        try:
            part = take()
        except IndexError:
            return
        part(house, tally)


def lint_only(house: House) -> int:
    """`make lint`: the checkers alone; returns the exit status."""
    tally = Tally(report.make_console())
    want_tools(tally)
    setup.build_engine(house)
    lint.lint(house, tally)
    return tally.close()


def want_tools(tally: Tally) -> None:
    """Installs the maintainers' tools; without them their checks are skipped."""
    try:
        setup.install_packages("staff" if staff() else "check")
    except Trouble as trouble:
        tally.console.print(str(trouble), markup=False)


def unit_tests(house: House, tally: Tally) -> None:
    """The grader's own tests, those with VMs included."""
    report_file = house.build / "pytest.xml"
    report_file.unlink(missing_ok=True)
    command = [sys.executable, "-E", "-s", "-X", f"pycache_prefix={house.cache}/python"]
    command += ["-m", "pytest", f"--junitxml={report_file}"]
    command += [f"--basetemp={house.build}/pytest", "-n", str(workers())]
    command += ["--dist=loadgroup"]
    if not (find_spec("pytest") and find_spec("xdist")):
        tally.skip("unit tests of the grader", "python3-pytest python3-pytest-xdist")
        return
    done = process.run(command, timeout=SECONDS, folder=house.root, keep=1 << 20)
    lines = done.output.strip().split("\n")[-40:]
    try:
        suite = ElementTree.parse(report_file).getroot()[0]
    except (OSError, ElementTree.ParseError, IndexError):
        tally.check("unit tests of the grader", lines, "pytest grader")
        return
    number = {
        key: int(suite.get(key, "0"))
        for key in ("tests", "failures", "errors", "skipped")
    }
    failed = number["failures"] + number["errors"]
    passed = number["tests"] - failed - number["skipped"]
    if done.status != 0 and not failed:
        failed = 1
    tally.count("unit tests of the grader", passed, failed, lines)


def engine(house: House, tally: Tally) -> None:
    """The tests of vm/, which count for themselves."""
    log = house.build / "vm-check.log"
    with open(log, "wb") as file:
        done = subprocess.run(
            ["make", "-s", "-C", "vm", "check"],
            cwd=house.root,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    lines = log.read_text(encoding="utf-8", errors="replace").strip().split("\n")
    closing = CLOSING.search(lines[-1])
    if closing is None:
        tally.check("tests of vm/", lines[-30:], f"see {house.relative(log)}")
        return
    failed = int(closing[2]) or int(done.returncode != 0)
    wrong = [line for line in lines if re.match("not ok|FAIL", line)] or lines[-30:]
    tally.count("tests of vm/", int(closing[1]), failed, wrong)
