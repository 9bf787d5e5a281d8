"""Grades one exercise: stage, build, run, judge, score.

The report and the files are elsewhere; this returns results as data.
"""

import errno
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Protocol

from grader import battery, build, helpers, run, stage
from grader.battery import Test
from grader.catalog import Exercise
from grader.forbidden import Refused
from grader.house import House
from grader.judge import Attempt, Verdict, judge
from grader.results import ExerciseResult, TestResult
from grader.stage import HandIn
from grader.symbols import Decoder
from grader.trouble import Trouble

ROOM = 32 << 20  # bytes that a grading may need under build/
ATTEMPTS = 2  # an `infra` verdict gets one more VM


@dataclass(frozen=True)
class Options:
    """How to grade: see `make help`; `test` narrows to the test of that name."""

    seed: int
    jobs: int = 1
    source: str | None = None
    kernel: str | None = None
    test: str | None = None


class Watcher(Protocol):
    """Who wants to know how far a grading has come."""

    def begin(self, exercise: Exercise, tests: int) -> None:
        ...

    def doing(self, what: str) -> None:
        ...

    def done(self, result: TestResult) -> None:
        ...


class Silent:
    """A Watcher that does not care."""

    def begin(self, exercise: Exercise, tests: int) -> None:
        pass

    def doing(self, what: str) -> None:
        pass

    def done(self, result: TestResult) -> None:
        pass


@dataclass(frozen=True)
class Case:
    """A test on a kernel: one row of the result."""

    test: Test
    kernel: str
    max: int


def grade(
    house: House,
    exercise: Exercise,
    options: Options,
    watcher: Watcher = Silent(),
    hand_in: HandIn | None = None,
) -> ExerciseResult:
    """Grades `hand_in`, by default what `options.source` names.

    Raises Trouble for a wrong choice and CannotGrade when nothing can be run; a
    single test that cannot be judged is an `infra` row of the result.
    """
    started = time.monotonic()
    keep = hand_in is None
    cases = choose(battery.load(house, exercise), exercise, options)
    watcher.begin(exercise, len(cases))
    beds: dict[str, run.Bed] = {}
    check_space(house)
    try:
        watcher.doing("building")
        hand_in = hand_in or stage.take(house, exercise, options.source)
        for name in {case.kernel: None for case in cases}:
            beds[name] = make_bed(house, exercise, hand_in, name)
            watcher.doing(f"making the template of the {name} kernel")
            tests = [case.test for case in cases if case.kernel == name]
            run.make_template(house, exercise, name, tests)
        watcher.doing("testing")
        with run_folder(house, exercise if keep else None) as folder:
            rows = run_all(cases, beds, options, watcher, folder)
    except (build.BuildFailed, Refused) as failure:
        check_space(house)  # a full disk is not its author's fault
        verdict = Verdict(
            "build", f"{failure}\nrule: a hand-in builds without a warning"
        )
        rows = [row(case, options, verdict, 0.0, []) for case in cases]
        for result in rows:
            watcher.done(result)
    return ExerciseResult(
        exercise.name, time.monotonic() - started, tuple(settle(rows))
    )


def check_space(house: House) -> None:
    """Raises OSError, disk full, when build/ has too little room to grade."""
    house.build.mkdir(exist_ok=True)
    status = os.statvfs(house.build)
    if status.f_bavail * status.f_frsize < ROOM:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(house.build))


def choose(tests: list[Test], exercise: Exercise, options: Options) -> list[Case]:
    """The cases that `options` ask for; none is a Trouble. A test that runs on
    several kernels has its points on the first."""
    choose_kernels(exercise, options.kernel)
    wanted = [test for test in tests if options.test in (None, test.name)]
    if not wanted:
        names = "\n  ".join(test.name for test in tests)
        raise Trouble(f"no test is called {options.test}", f"there is:\n  {names}")
    cases = []
    for test in wanted:
        on = places(test, exercise, options.kernel)
        cases += [Case(test, k, test.points if k == on[0] else 0) for k in on]
    if not cases:
        raise Trouble(
            f"no test runs on the kernel {options.kernel}", "choose KERNEL=all"
        )
    return cases


def places(test: Test, exercise: Exercise, wanted: str | None) -> list[str]:
    """The kernels that `test` is to run on: by default those of its tags, and
    without any the exercise's first; `wanted` is `all` that it can run on, the
    `first` of these, which has the points, or one by name."""
    able = [kernel for kernel in exercise.kernels if test.runs_on(kernel)]
    if wanted == "first":
        return able[:1]
    if wanted is None:
        return able if test.kernels else able[:1]
    return able if wanted == "all" else [k for k in able if k == wanted]


def choose_kernels(exercise: Exercise, wanted: str | None) -> list[str]:
    """Kernels by name: one of the exercise's, or by default `all` of them."""
    if wanted in (None, "all", "first"):
        return list(exercise.kernels)
    if wanted not in exercise.kernels:
        known = " ".join((*exercise.kernels, "all", "first"))
        raise Trouble(
            f"KERNEL={wanted}: {exercise.name} has no such kernel", f"there is: {known}"
        )
    return [wanted]


def make_bed(house: House, exercise: Exercise, hand_in: HandIn, kernel: str) -> run.Bed:
    """Builds the hand-in and the helpers for `kernel`, both at once."""
    target = build.find_kernel(house, kernel)
    with ThreadPoolExecutor(1) as pool:
        tools = pool.submit(helpers.build, house, exercise, target)
        modules = build.build(house, exercise, hand_in, target)
        return run.Bed(house, exercise, target, modules.folder, tools.result())


@contextmanager
def run_folder(house: House, keep: Exercise | None) -> Iterator[Path]:
    """A folder for this run; it stays as `last-run` of the exercise `keep`, if any,
    for those who debug a test.

    Folders of graders that are gone are removed.
    """
    parent = house.build / "grade"
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        owner = old.name.partition("-")[0]
        if owner.isdecimal() and not Path("/proc", owner).exists():
            shutil.rmtree(old, ignore_errors=True)
    for number in count():
        folder = parent / f"{os.getpid()}-{number}"
        try:
            folder.mkdir()
            break
        except FileExistsError:
            continue
    try:
        yield folder
    finally:
        if keep:
            last = house.work(keep.name) / "last-run"
            last.parent.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(last, ignore_errors=True)
            shutil.move(folder, last)
        shutil.rmtree(folder, ignore_errors=True)


def run_all(
    cases: list[Case],
    beds: dict[str, run.Bed],
    options: Options,
    watcher: Watcher,
    folder: Path,
) -> list[TestResult]:
    """Runs `cases`, `options.jobs` at a time; needed tests come first in them."""
    futures: dict[tuple[str, str], Future[TestResult]] = {}

    def work(number: int, case: Case) -> TestResult:
        bed = beds[case.kernel]
        needed = futures.get((case.test.needs or "", case.kernel))
        if needed and needed.result().verdict != "pass":
            why = f"needs a test that failed: {needed.result().name}"
            result = row(case, options, Verdict("blocked", why), 0.0, [])
        else:
            result = run_one(bed, case, options, folder / f"{folder.name}-{number}")
        watcher.done(result)
        return result

    with ThreadPoolExecutor(max(1, options.jobs)) as pool:
        try:
            ordered = []
            for number, case in enumerate(cases):
                future = pool.submit(work, number, case)
                ordered.append(future)
                if case.test.id:
                    futures[case.test.id, case.kernel] = future
            return [future.result() for future in ordered]
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def run_one(bed: run.Bed, case: Case, options: Options, folder: Path) -> TestResult:
    """Runs one case, once more when the grader itself was at fault."""
    seconds = 0.0
    decoder = Decoder(bed.modules / "debug")
    for number in range(ATTEMPTS):
        tried = run.attempt(
            bed, case.test, options.seed, folder.with_name(f"{folder.name}-{number}")
        )
        seconds += tried.seconds
        tried = located(decoder, tried)
        verdict = judge(case.test, tried)
        if verdict.name != "infra":
            break
    verdict = replace(verdict, message=decoder.in_words(verdict.message))
    return row(case, options, verdict, seconds, explain(verdict, tried))


def located(decoder: Decoder, tried: Attempt) -> Attempt:
    """`tried`, where every address in a module is followed by file and line."""
    records = tuple(
        replace(
            record,
            console=decoder.decode_text(record.console),
            backtrace=decoder.decode_text(record.backtrace),
            findings=tuple(decoder.decode(record.findings)),
        )
        for record in tried.records
    )
    return replace(tried, records=records)


def explain(verdict: Verdict, tried: Attempt) -> list[str]:
    """The lines of the kernel's log that show `verdict`."""
    if verdict.name in ("pass", "infra"):
        return [
            record.detail
            for record in tried.records
            if verdict.name == "infra" and record.detail
        ]
    return list(verdict.lines)


def row(
    case: Case, options: Options, verdict: Verdict, seconds: float, lines: list[str]
) -> TestResult:
    """The result of a case; its points are earned by a pass alone."""
    return TestResult(
        name=case.test.name,
        kernel=case.kernel,
        verdict=verdict.name,
        points=case.max if verdict.name == "pass" else 0,
        max=case.max,
        seconds=round(seconds, 2),
        seed=options.seed,
        message=verdict.message,
        kind=verdict.kind,
        evidence=tuple(lines),
    )


def settle(rows: list[TestResult]) -> list[TestResult]:
    """`rows`, where a test that failed on one of its kernels earns nothing."""
    failed = {result.name for result in rows if result.verdict != "pass"}
    return [replace(r, points=0) if r.name in failed else r for r in rows]
