"""`make soak`: the same verdict again and again, whatever else the machine does.

Every sin RUNS times with the verdict and the kind that it deserves, the solution
of every exercise CLEAN times without a finding, on the kernels of its tests.
"""

from grader import catalog, grade, report, sins
from grader.catalog import KERNELS, Exercise
from grader.grade import Options
from grader.house import House
from grader.results import TestResult
from grader.tally import Tally
from grader.trouble import Trouble

JOBS = 2  # VMs at a time


def kernels_there(house: House, wanted: str) -> list[str]:
    """The kernels to run on: the one that is wanted, or all that are complete."""
    there = [name for name in KERNELS if (house.kernel(name) / "release").exists()]
    if wanted == "all":
        return there
    if wanted not in there:
        raise Trouble(
            f"KERNEL={wanted}: no such kernel here", f"there is: {' '.join(there)}"
        )
    return [wanted]


def soak(house: House, wanted: str, names: list[str], runs: int, clean: int) -> int:
    """Runs the sins and the exercises of `names`, by default all; prints what went
    wrong and the closing line; the exit status."""
    tally = Tally(report.make_console())
    kernels = kernels_there(house, wanted)
    committed, exercises = chosen(house, names)
    for kernel in kernels if runs and committed else []:
        soak_sins(house, kernel, committed, runs, tally)
    for exercise in exercises if clean else []:
        if wanted == "all":
            soak_solution(house, exercise, None, clean, tally)
        elif wanted in exercise.kernels:
            soak_solution(house, exercise, wanted, clean, tally)
    return tally.close()


def chosen(house: House, names: list[str]) -> tuple[set[str], list[Exercise]]:
    """The sins and the exercises that `names` name; raises Trouble for others."""
    known = {sin.name for sin in sins.load(house)}
    if not names:
        return known, catalog.select(house, [])
    others = [name for name in names if name not in known]
    return known & set(names), catalog.select(house, others) if others else []


def soak_sins(
    house: House, kernel: str, names: set[str], runs: int, tally: Tally
) -> None:
    """Every sin `runs` times on one kernel; a sin passes when all were right."""
    some = [sin for sin in sins.load(house, kernel) if sin.name in names]
    wrong: dict[str, list[str]] = {sin.name: [] for sin in some}
    title = f"sins, {kernel} kernel"
    with report.bar(tally.console, title, runs * len(some)) as step:
        for outcome in sins.commit_all(house, kernel, some, runs):
            step()
            if outcome.wrong:
                wrong[outcome.sin.name].append(outcome.wrong)
    for name, said in wrong.items():
        tally.check(f"{name} on the {kernel} kernel, {runs} times", said)


def soak_solution(
    house: House, exercise: Exercise, kernel: str | None, clean: int, tally: Tally
) -> None:
    """The solution of an exercise `clean` times with other seeds, on one kernel or
    as `make grade` does."""
    wrong: list[str] = []
    title = f"solution of {exercise.name}, {kernel or ' '.join(exercise.kernels)}"
    with report.bar(tally.console, title, clean) as step:
        for seed in range(1, clean + 1):
            options = Options(seed, JOBS, "solution", kernel)
            result = grade.grade(house, exercise, options)
            wrong += [_said(test) for test in result.tests if test.verdict != "pass"]
            step()
    tally.check(f"{title}, {clean} times", wrong)


def _said(test: TestResult) -> str:
    first = test.message.partition("\n")[0]
    return f"SEED={test.seed} {test.verdict}: {test.name}: {first}"
