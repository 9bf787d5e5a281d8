"""Mutants: the solution with one mistake that students make, which a test must kill.

    Killed-by: exact test name
    What the mistake is, in a line or two.
    --- a/prng.c
    +++ b/prng.c
"""

import itertools
import re
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from grader import battery, process, stage
from grader.catalog import Exercise
from grader.grade import Options, choose, grade
from grader.house import House
from grader.stage import HandIn
from grader.trouble import CourseError

FIRST_LINE = re.compile(r"Killed-by: (\S.*\S)\s*")
DEAD = ("fail", "oops", "sanitizer", "leak", "hang")
# A race happens by chance: a test that misses one run in twenty, which is what an
# exercise may ask for, would fail some check in ten without another try.
MOST_TRIES = 3


@dataclass(frozen=True)
class Mutant:
    """A patch and the name of the test that must fail under it."""

    path: Path
    killed_by: str


def load(house: House, exercise: Exercise) -> list[Mutant]:
    """The mutants of an exercise; CourseError when a first line is wrong."""
    found = []
    for path in sorted((house.solutions / exercise.name).glob("mutants/*.patch")):
        text = path.read_text(encoding="utf-8")
        match = FIRST_LINE.fullmatch(text.split("\n")[0])
        if not match:
            where = house.relative(path)
            raise CourseError(f"{where}:1: must be `Killed-by: exact test name`")
        found.append(Mutant(path, match[1]))
    return found


def apply(house: House, exercise: Exercise, mutant: Mutant) -> HandIn:
    """The solution with the mutant's patch; CourseError when it does not apply."""
    house.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="mutant-", dir=house.cache))
    try:
        for name, content in stage.solution(house, exercise).files.items():
            (folder / name).write_bytes(content)
        patch = ["patch", "-p1", "--batch", "--fuzz=0", "-i", str(mutant.path)]
        done = process.run(patch, timeout=10, folder=folder)
        if done.status != 0:
            where = house.relative(mutant.path)
            raise CourseError(f"{where}: does not apply: {done.output.strip()}")
        return HandIn({name: (folder / name).read_bytes() for name in exercise.files})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hunt(
    house: House, exercise: Exercise, mutant: Mutant, seed: int
) -> tuple[int, list[str]]:
    """Runs the test that must kill the mutant: how many tries it took, and why the
    mutant is not dead, nothing when it is. A try asks the kernels of the test one
    after the other, until it dies; where CPUs race, there are MOST_TRIES."""
    chosen = Options(seed=seed, test=mutant.killed_by)
    hand_in = apply(house, exercise, mutant)
    cases = choose(battery.load(house, exercise), exercise, chosen)
    racing = any(battery.machine(exercise, case.test)[0] > 1 for case in cases)
    tries = MOST_TRIES if racing else 1
    lines = []
    for number, case in itertools.product(range(tries), cases):
        options = replace(chosen, kernel=case.kernel, seed=seed + number)
        for test in grade(house, exercise, options, hand_in=hand_in).tests:
            if test.verdict in DEAD:
                return number + 1, []
            where = f"{test.kernel}, SEED={options.seed}"
            lines.append(f"{test.name}: {test.verdict} ({where})")
            lines += test.message.split("\n")
    return tries, lines
