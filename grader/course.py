"""`make check`: the course tests itself; every message names what repairs it."""

import re
import secrets
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from xml.etree import ElementTree

from grader import (
    catalog,
    coursework,
    kernels,
    lectures,
    lint,
    pages,
    process,
    report,
    setup,
)
from grader.catalog import Exercise
from grader.house import House, workers
from grader.tally import Tally
from grader.trouble import Trouble

SECONDS = 1800
CLOSING = re.compile(r"(\d+) passed, (\d+) failed")


def check(house: House) -> int:
    """Lint, unit tests, vm/ and every exercise; returns the exit status."""
    tally = Tally(report.make_console())
    want_tools(tally)
    setup.build_engine(house)
    kernels.ensure(house, catalog.KERNELS, tally.console)
    seed = secrets.randbelow(1 << 31)
    side_by_side(house, tally, lint.lint, unit_tests, engine)
    pages.check(house, tally)
    lectures.check(house, tally)
    exercises_by_twos(house, tally, seed)
    return tally.close()


def side_by_side(
    house: House, tally: Tally, *parts: Callable[[House, Tally], None]
) -> None:
    """Runs parts that each keep less than a core busy, all at once."""
    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(part, house, tally) for part in parts]:
            done.result()


def exercises_by_twos(house: House, tally: Tally, seed: int) -> None:
    """Every exercise; while one waits for its last VM another has work to do."""

    def check_one(exercise: Exercise) -> None:
        coursework.check(house, exercise, tally, seed)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(check_one, x) for x in catalog.select(house, [])]:
            done.result()


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
        setup.install_packages("check")
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
