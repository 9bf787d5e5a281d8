"""Small modules that each commit one sin, graded in real VMs.

Each is a file grader/tests/sins/NAME.c, whose head says what is to come of it:

    by: load | read | reads | unload
    stock: pass, since nothing there would see it
    debug: sanitizer kasan-slab-out-of-bounds

which is the step that sins, and for each kernel that it is run on the verdict
and the kind of the finding (see kinds.toml); what may be one or the other is
written with a bar. All are built at once, and each is run in a VM of its own.
"""

import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader import build, grade, run
from grader.battery import Test
from grader.catalog import KERNELS, Exercise
from grader.house import House
from grader.judge import Attempt, Verdict, judge
from grader.stage import HandIn
from grader.symbols import Decoder
from grader.trouble import CourseError

STEPS = ("load", "read", "reads", "unload")
BATCHES = 10  # in which they are built
JOBS = 2  # VMs at a time
SECONDS = {"stock": 3, "debug": 10, "race": 10}  # for one command in the guest
FIELD = re.compile(r" \* ([a-z]+): (.+)")
KBUILD = """\
obj-m := $(notdir $(patsubst %.c,%.o,$(wildcard $(src)/*.c)))
"""
BATS = """\
load {lib}/vm
load {sins}/sins

# bats test_tags=points:0
@test "{name}" {{
    commit {name} {step}
}}
"""


@dataclass(frozen=True)
class Expected:
    """What is to come of a sin on one kernel: any of these; no kind with a pass."""

    verdicts: tuple[str, ...]
    kinds: tuple[str, ...] = ()

    @property
    def seen(self) -> bool:
        """Whether the kernel, or the host, sees anything at all."""
        return self.verdicts != ("pass",)


@dataclass(frozen=True)
class Sin:
    """One module: its name, its source, the step that sins, and what is expected
    on each kernel that it is run on."""

    name: str
    source: bytes
    step: str
    expected: dict[str, Expected]


def parse(name: str, source: bytes) -> Sin:
    """The sin in the file `name`.c; raises CourseError when its head is wrong."""
    head = source.decode().partition("*/")[0]
    fields: dict[str, str] = dict(FIELD.findall(head))
    step = fields.pop("by", "")
    if step not in STEPS or not fields or set(fields) - set(KERNELS):
        raise CourseError(
            f"sins/{name}.c: its head needs by: {'|'.join(STEPS)}, and lines "
            f"KERNEL: VERDICT KIND for some of {' '.join(KERNELS)}"
        )
    expected = {}
    for kernel, text in fields.items():
        verdict, _, kinds = text.partition(",")[0].strip().partition(" ")
        found = tuple(word for word in kinds.strip().split("|") if word)
        expected[kernel] = Expected(tuple(verdict.split("|")), found)
    return Sin(name, source, step, expected)


def folder(house: House) -> Path:
    return house.root / "grader" / "tests" / "sins"


def load(house: House, kernel: str | None = None) -> list[Sin]:
    """All sins, or those that are run on `kernel`, by name."""
    found = [
        parse(path.stem, path.read_bytes())
        for path in sorted(folder(house).glob("*.c"))
    ]
    return [sin for sin in found if kernel is None or kernel in sin.expected]


def that_are_seen(house: House, kernel: str) -> list[Sin]:
    """The sins of which `kernel` says something; what the others are good for is
    to show that it does not, which `make soak` does."""
    return [sin for sin in load(house, kernel) if sin.expected[kernel].seen]


def prepare(house: House, kernel: str) -> dict[str, run.Bed]:
    """Builds the sins of `kernel` and makes its template: what to run each in."""
    sins = load(house, kernel)
    home = house.build / "sins" / kernel
    (home / "tests").mkdir(parents=True, exist_ok=True)
    (home / "Kbuild").write_text(KBUILD, encoding="utf-8")
    for sin in sins:
        text = BATS.format(
            lib=house.lib, sins=folder(house), name=sin.name, step=sin.step
        )
        bats_file(home, sin).write_text(text, encoding="utf-8")
    target = build.find_kernel(house, kernel)
    headers = {path.name: path.read_bytes() for path in folder(house).glob("*.h")}

    def make(batch: list[Sin]) -> dict[str, run.Bed]:
        """Builds some at once, so that the kernel's build system starts seldom."""
        files = {**headers, **{f"{sin.name}.c": sin.source for sin in batch}}
        exercise = exercise_of(home, kernel, batch, tuple(files))
        built = build.build(house, exercise, HandIn(files), target)
        bed = run.Bed(house, exercise, target, built.folder, home)
        return {sin.name: bed for sin in batch}

    beds: dict[str, run.Bed] = {}
    with ThreadPoolExecutor(2) as pool:
        for made in pool.map(make, (sins[n::BATCHES] for n in range(BATCHES))):
            beds.update(made)
    run.make_template(house, next(iter(beds.values())).exercise, kernel)
    return beds


def exercise_of(
    home: Path, kernel: str, batch: list[Sin], files: tuple[str, ...]
) -> Exercise:
    """Some sins as an exercise, which is never listed among the real ones."""
    return Exercise(
        folder=home,
        title="Modules that commit one sin each",
        lecture=13,
        files=files,
        modules=tuple(sin.name for sin in batch),
        kernels=(kernel,),
        smp=2 if kernel == "race" else 1,
        timeout=SECONDS[kernel],
        symbols=("*",),
        hints=(),
    )


def bats_file(home: Path, sin: Sin) -> Path:
    """A file each, since bats reads all of it before a test."""
    return home / "tests" / f"{sin.name}.bats"


@dataclass(frozen=True)
class Outcome:
    """What came of a sin in one VM: all that was seen, and the verdict on it."""

    sin: Sin
    kernel: str
    attempt: Attempt
    verdict: Verdict

    @property
    def wrong(self) -> str:
        """How the verdict is not what the sin deserves; empty when it is."""
        expected = self.sin.expected[self.kernel]
        found = f"{self.verdict.name} {self.verdict.kind}".strip()
        right = self.verdict.name in expected.verdicts
        if expected.kinds and self.verdict.kind not in expected.kinds:
            right = False
        wanted = f"{'|'.join(expected.verdicts)} {'|'.join(expected.kinds)}".strip()
        said = self.verdict.message.partition("\n")[0]
        return "" if right else f"{found} instead of {wanted}: {said}"


def commit(bed: run.Bed, sin: Sin, scratch: Path, seed: int = 1) -> Outcome:
    """Runs `sin` once in a VM; `scratch` is made for what is left of it."""
    test = Test(sin.name, bats_file(bed.exercise.folder, sin), 1, 0)
    decoder = Decoder(bed.modules / "debug")
    tried = grade.located(decoder, run.attempt(bed, test, seed, scratch))
    return Outcome(sin, bed.kernel.name, tried, judge(test, tried))


def commit_all(
    house: House, kernel: str, chosen: list[Sin], times: int = 1
) -> Iterator[Outcome]:
    """Runs each of `chosen` `times` times, JOBS at once, with another seed each."""
    beds = prepare(house, kernel)
    with grade.run_folder(house, None) as scratch:

        def work(job: tuple[int, Sin]) -> Outcome:
            number, sin = job
            home = scratch / f"{scratch.name}-{sin.name}-{number}"
            try:
                return commit(beds[sin.name], sin, home, number)
            finally:
                shutil.rmtree(home, ignore_errors=True)

        jobs = [(number, sin) for number in range(1, times + 1) for sin in chosen]
        with ThreadPoolExecutor(JOBS) as pool:
            try:
                yield from pool.map(work, jobs)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
