"""Checks of one exercise: its folder, its skeleton, its solution, its mutants."""

import re
from concurrent.futures import ThreadPoolExecutor

from grader import battery, mutants, pages, readme, skeletons, stage
from grader.catalog import Exercise
from grader.grade import Options, grade
from grader.house import House, workers
from grader.mutants import Mutant
from grader.results import ExerciseResult
from grader.stage import HandIn
from grader.tally import Tally
from grader.trouble import Trouble

FULL = 100
SKELETON_BELOW = 20


def check(
    exercise: Exercise,
    house: House,
    tally: Tally,
    seed: int,
    kernel: str | None = None,
) -> None:
    """All checks of `exercise`; what depends on a broken one is reported once.
    `kernel` is `all` to grade the solution with every test on every kernel."""
    name = exercise.name
    try:
        tests = battery.load(house, exercise)
    except Trouble as trouble:
        tally.check(f"{name}: tests are well formed", [str(trouble)])
        return
    total = sum(test.points for test in tests)
    wrong = [] if total == FULL else [f"they add up to {total}"]
    tally.check(f"{name}: points add up to {FULL}", wrong, "mend the points: tags")
    tally.check(f"{name}: no stray file", pages.strays(house, exercise), "rm FILE")
    tally.check(f"{name}: README has its sections", sections(exercise))
    if not (house.solutions / name).is_dir():
        tally.check(f"{name}: has a solution", [f"no solutions/{name}"])
        return
    try:
        sources(house, exercise, tally)
        tally.check(
            f"{name}: steps, hints and tests match TODOs", todos(house, exercise)
        )
        grade_skeleton(house, exercise, tally, seed)
        grade_solution(house, exercise, tally, seed, kernel)
        kill_mutants(house, exercise, tally, seed)
    except Trouble as trouble:
        tally.check(f"{name}: can be graded", str(trouble).split("\n"))


def sections(exercise: Exercise) -> list[str]:
    """What is wrong with the sections of the README."""
    path = exercise.folder / "README.md"
    try:
        found = readme.sections(path.read_text(encoding="utf-8"))
    except OSError as error:
        return [f"README.md: {error.strerror}"]
    ours = [title for title in found if title in readme.SECTIONS]
    if ours == list(readme.SECTIONS):
        return []
    return [
        f"README.md has: {', '.join(found)}",
        f"wanted: {', '.join(readme.SECTIONS)}",
    ]


def sources(house: House, exercise: Exercise, tally: Tally) -> None:
    """The skeleton is current, and the source of truth keeps its rules."""
    stale = [f"{path} is not current" for path in skeletons.stale(house, exercise)]
    tally.check(f"{exercise.name}: skeleton is current", stale, "make skeletons")
    wrong = [
        f"solutions/{exercise.name}/{name}:{why}"
        for name in exercise.files
        for why in skeletons.misuse(house.solutions / exercise.name / name)
    ]
    tally.check(f"{exercise.name}: #ifdef SOLUTION by the rules", wrong)


def todos(house: House, exercise: Exercise) -> list[str]:
    """Where the TODOs of the skeleton, steps, hints and tests do not agree."""
    numbers = skeletons.todos(house, exercise)
    page = (exercise.folder / "README.md").read_text(encoding="utf-8")
    tested = {test.todo for test in battery.load(house, exercise) if test.todo}
    wrong = []
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append(f"the skeleton's TODOs are {numbers}, not 1, 2, ...")
    for what, found in (
        ("step of the README", set(readme.steps(page))),
        ("[[hint]] of exercise.toml", {hint.todo for hint in exercise.hints}),
        ("todo: tag of a test", tested),
    ):
        wrong += [f"TODO {n} has no {what}" for n in numbers if n not in found]
        wrong += [f"{what} {n} has no TODO" for n in sorted(found - set(numbers))]
    return wrong


def grade_skeleton(house: House, exercise: Exercise, tally: Tally, seed: int) -> None:
    """The skeleton builds, loads without crashing and scores next to nothing, where
    its points are; one that is to be broken does not build, and its author learns
    why."""
    result = run(house, exercise, seed, stage.skeleton(house, exercise), "first")
    name = f"{exercise.name}: the skeleton"
    if exercise.skeleton == "broken":
        wrong = unexplained(exercise, result)
        tally.check(f"{name} does not build, and the report says where", wrong)
        return
    tally.check(f"{name} builds", unlike(result, "build"))
    tally.check(f"{name} does not crash", unlike(result, "oops", "sanitizer", "hang"))
    tally.check(f"{name} can be graded", unlike(result, "infra"))
    high = [f"{test.points} {test.name}" for test in result.having("pass")]
    tally.check(
        f"{name} scores under {SKELETON_BELOW} ({result.score})",
        high if result.score >= SKELETON_BELOW else [],
        "make these tests need the work of a TODO",
    )


def unexplained(exercise: Exercise, result: ExerciseResult) -> list[str]:
    """What is wrong with the report on a skeleton that is to be broken: a test that
    ran, or no error of the compiler with its place in a handed-in file."""
    wrong = [
        f"{test.verdict}, not build: {test.name}"
        for test in result.tests
        if test.verdict != "build"
    ]
    files = "|".join(re.escape(name) for name in exercise.files)
    place = re.compile(rf"^(?:{files}):\d+:\d+: error: ", re.MULTILINE)
    if not any(place.search(test.message) for test in result.tests):
        wrong.append(f"no {exercise.files[0]}:LINE:COLUMN: error: in the report")
    return wrong


def grade_solution(
    house: House, exercise: Exercise, tally: Tally, seed: int, kernel: str | None
) -> None:
    """The solution scores full points where `make grade` runs its tests, or on
    every kernel that they can run on; `make soak` does so again and again."""
    result = run(house, exercise, seed, stage.solution(house, exercise), kernel)
    wrong = [
        f"{test.verdict} ({test.kernel}) {test.name}: {test.message}"
        for test in result.tests
        if test.verdict != "pass"
    ]
    on = " ".join(k for k in exercise.kernels if k in {t.kernel for t in result.tests})
    title = f"{exercise.name}: the solution scores {FULL}, {len(result.tests)} tests on"
    again = f"make grade {exercise.name} SOURCE=solution SEED={seed}"
    again += f" KERNEL={kernel}" if kernel else ""
    tally.check(f"{title} {on}, {result.seconds:.1f} s", wrong, again)


def kill_mutants(house: House, exercise: Exercise, tally: Tally, seed: int) -> None:
    """Every mutant dies by the test that it names; they run side by side."""
    found = mutants.load(house, exercise)
    tally.check(
        f"{exercise.name}: has mutants", [] if found else ["no mutants/*.patch"]
    )

    def kill(mutant: Mutant) -> None:
        tries = 1
        try:
            tries, wrong = mutants.hunt(house, exercise, mutant, seed)
        except Trouble as trouble:
            wrong = str(trouble).split("\n")
        title = f"{exercise.name}: mutant {mutant.path.stem}"
        again = f", in {tries} tries" if tries > 1 else ""
        tally.check(f"{title} is killed by: {mutant.killed_by}{again}", wrong)

    with ThreadPoolExecutor(jobs(exercise)) as pool:
        for done in [pool.submit(kill, mutant) for mutant in found]:
            done.result()


def jobs(exercise: Exercise) -> int:
    """VMs at a time for one exercise, beside which something else is checked. Those of
    several CPUs wait for each other when there are more than the host can run: four
    at once took an eighth longer than two after two."""
    return max(1, (workers() - 1) // exercise.smp)


def run(
    house: House,
    exercise: Exercise,
    seed: int,
    hand_in: HandIn,
    kernel: str | None = None,
) -> ExerciseResult:
    """Grades `hand_in` with some workers, since others check another exercise."""
    options = Options(seed=seed % (1 << 31), jobs=jobs(exercise), kernel=kernel)
    return grade(house, exercise, options, hand_in=hand_in)


def unlike(result: ExerciseResult, *verdicts: str) -> list[str]:
    """A line for each test of `result` that has one of `verdicts`."""
    return [
        f"{test.verdict}: {test.name}: {test.message}"
        for test in result.having(*verdicts)
    ]
