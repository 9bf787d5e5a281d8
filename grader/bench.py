"""`make bench`: what clones are worth, measured side by side in one run, and a class
of a hundred students whose grades are known.

Writes build/bench.md. Times are wall seconds on this machine, now; what to
compare is the two columns of one row.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader import catalog, grade, process, report, results, run
from grader.catalog import Exercise
from grader.grade import Options
from grader.house import House, workers
from grader.results import ExerciseResult
from grader.synthetic import bench as synthetic
from grader.trouble import CannotGrade

BOOTS = 5
CLONES = 100
EXERCISE = "13-prng"
ROUNDS = 15
# About what a test does in its guest.
BUSY = ("sh", "-c", "for n in 1 2 3 4 5; do insmod /lib/vm/warm.ko; rmmod warm; done")


def bench(house: House) -> int:
    """Measures, prints and writes the tables; returns the exit status."""
    console = report.make_console()
    exercise = catalog.select_one(house, EXERCISE, "bench")
    run.make_template(house, exercise, exercise.kernels[0])
    lines = ["# Clones against cold boots", ""]
    lines += ["| what | clone | cold boot | ratio |", "|---|---|---|---|"]
    for rows in (first_answer(house, exercise), whole_grade(house, exercise)):
        lines += rows
    lines += ["", "| what | JOBS=1 | JOBS=2 |", "|---|---|---|"]
    lines += throughput(house, exercise)
    lines += ["", "| a worker | uses |", "|---|---|"]
    lines += memory(house, exercise)
    lines += ["", "| kernel | first answer of a clone | cold | tripwires cost |"]
    lines += ["|---|---|---|---|"]
    lines += [of_kernel(house, name) for name in catalog.KERNELS]
    lines += ["", *synthetic.section(house, console)]
    text = "\n".join(lines) + "\n"
    results.write(house.build / "bench.md", text)
    console.print(text, markup=False)
    return 0


@contextmanager
def mode(name: str) -> Iterator[None]:
    """VM_MODE=`name` for what runs inside."""
    before = os.environ.get("VM_MODE")
    os.environ["VM_MODE"] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ["VM_MODE"]
        else:
            os.environ["VM_MODE"] = before


def first_answer(house: House, exercise: Exercise) -> list[str]:
    """From `vm start` to the first answer of `vm run true`; medians of BOOTS."""
    found: dict[str, list[float]] = {"clone": [], "cold": []}
    for _ in range(BOOTS):  # in turn, so that both see the same load
        for name, times in found.items():
            times.append(start_once(house, {"VM_MODE": name}))
    return [row("first answer", *(statistics.median(t) for t in found.values()))]


def start_once(house: House, environment: Mapping[str, str], *command: str) -> float:
    """Seconds until a new VM has run `command`, by default `true`; the VM is gone
    afterwards."""
    settings = {
        **{name: os.environ[name] for name in run.PASSED_ON if name in os.environ},
        **environment,
        "VM_NAME": f"bench-{os.getpid()}",
        "VM_OWNER": str(os.getpid()),
    }
    started = time.monotonic()
    try:
        for words in (["start"], ["run", *(command or ("true",))]):
            done = process.run(
                [str(house.vm), *words], timeout=120, environment=settings
            )
            if done.status != 0:
                raise CannotGrade(
                    f"vm {words[0]}: {done.output.strip()}", "next: make setup"
                )
        return time.monotonic() - started
    finally:
        process.run([str(house.vm), "stop"], timeout=60, environment=settings)


def grade_once(house: House, exercise: Exercise, jobs: int) -> ExerciseResult:
    """The solution, graded with everything built already; must score in full."""
    result = grade.grade(house, exercise, Options(seed=1, jobs=jobs, source="solution"))
    if result.score != result.max:
        raise CannotGrade("the solution does not score in full", "next: make check")
    return result


def whole_grade(house: House, exercise: Exercise) -> list[str]:
    """`make grade` of the solution, warm, with all cores."""
    jobs = workers()
    grade_once(house, exercise, jobs)  # builds and caches
    with mode("clone"):
        clone = grade_once(house, exercise, jobs)
    with mode("cold"):
        cold = grade_once(house, exercise, jobs)
    title = f"grade {exercise.name}, {len(clone.tests)} tests, JOBS={jobs}"
    return [row(title, clone.seconds, cold.seconds)]


def throughput(house: House, exercise: Exercise) -> list[str]:
    """Tests a second with one and with two VMs at a time."""
    rates = []
    for jobs in (1, 2):
        result = grade_once(house, exercise, jobs)
        rates.append(f"{len(result.tests) / result.seconds:.1f}")
    return [f"| tests a second | {' | '.join(rates)} |"]


def memory(house: House, exercise: Exercise) -> list[str]:
    """The most that one worker used, and what CLONES in a row leave behind."""
    grade_once(house, exercise, 1)
    last = house.work(exercise.name) / "last-run"
    found, damaged = [], ""
    for folder in sorted(last.glob("*/evidence")):
        records, damaged = run.read_records(folder)
        found += [record.peak_kib for record in records]
    if damaged or not found:
        raise CannotGrade(f"no evidence of memory: {damaged}", "next: make check")
    before = count_files(house)
    with tempfile.TemporaryDirectory(dir=house.build) as name:
        peaks = [peak_of_clone(house, Path(name)) for _ in range(CLONES)]
    growth = statistics.median(peaks[-10:]) - statistics.median(peaks[:10])
    return [
        f"| peak in a test of {exercise.name} | {max(found)} KiB |",
        f"| peak of an idle clone | {statistics.median(peaks):.0f} KiB |",
        f"| the last of {CLONES} clones over the first | {growth:+.0f} KiB |",
        f"| files that {CLONES} clones left | {count_files(house) - before} |",
    ]


def of_kernel(house: House, name: str) -> str:
    """A line of the last table; medians of BOOTS, but one cold boot."""
    here = {"VM_KERNEL": name, "VM_SMP": "2" if name == "race" else "1"}
    with wireless(house, name) as home:
        without = {**here, "VM_HOME": str(home)}
        for environment in (here, without):
            start_once(house, environment)  # makes the template
        clones = [start_once(house, here) for _ in range(BOOTS)]
        cold = start_once(house, {**here, "VM_MODE": "cold"})
        wired, bare = [], []
        for _ in range(ROUNDS):
            wired.append(start_once(house, here, *BUSY))
            bare.append(start_once(house, without, *BUSY))
    cost = statistics.median(wired) / statistics.median(bare) - 1
    return (
        f"| {name} | {statistics.median(clones):.2f} s | {cold:.2f} s | {cost:+.0%} |"
    )


@contextmanager
def wireless(house: House, name: str) -> Iterator[Path]:
    """A home of the engine whose kernel `name` has no tripwires."""
    with tempfile.TemporaryDirectory(dir=house.build) as folder:
        kernel = Path(folder, "kernels", name)
        kernel.mkdir(parents=True)
        for path in house.kernel(name).iterdir():
            (kernel / path.name).symlink_to(path)
        machine = (kernel / "machine").read_text(encoding="utf-8").splitlines(True)
        (kernel / "machine").unlink()
        kept = [line for line in machine if not line.startswith("tripwire")]
        (kernel / "machine").write_text("".join(kept), encoding="utf-8")
        yield Path(folder)


def count_files(house: House) -> int:
    """How many files the engine keeps."""
    return sum(1 for _ in house.vm.parent.rglob("*"))


def peak_of_clone(house: House, folder: Path) -> int:
    """Peak KiB of one clone that answers once and ends."""
    start_once(house, {"VM_EVIDENCE": str(folder)})
    path = folder / f"bench-{os.getpid()}.json"
    peak = int(json.loads(path.read_text(encoding="utf-8"))["peak_kib"])
    path.unlink()
    return peak


def row(what: str, clone: float, cold: float) -> str:
    """A line of the first table."""
    return f"| {what} | {clone:.2f} s | {cold:.2f} s | {cold / clone:.1f} |"
