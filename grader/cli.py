"""The verbs, as click commands; each is a thin call. `main` returns the status.

Those that only the staff has are in grader/staff.py.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path

import click

from grader import (
    catalog,
    course,
    kernels,
    play,
    report,
    results,
    setup,
    student,
)
from grader.catalog import Exercise
from grader.grade import Options, choose_kernels, grade
from grader.handin.submit import Wishes, submit
from grader.house import House, here, workers
from grader.run import SEEDS, make_template
from grader.trouble import Trouble

Command = Callable[..., int | None]
exercises_argument = click.argument("exercises", nargs=-1, metavar="[N ...]")
exercise_argument = click.argument("exercise", required=False, metavar="N")


def grading_options(command: Command) -> Command:
    """The options of every verb that grades."""
    for option in (
        click.option("--source", metavar="solution|DIR", help="What to grade."),
        click.option("--kernel", metavar="stock|debug|race|all", help="Where to run."),
        click.option("--jobs", type=click.IntRange(1, 256), help="VMs at a time."),
        click.option(
            "--seed", type=click.IntRange(0, SEEDS - 1), help="Replays a run."
        ),
        click.option("--test", metavar="NAME", help="Only the test of this name."),
    ):
        command = option(command)
    return command


def make_options(
    source: str | None,
    kernel: str | None,
    jobs: int | None,
    seed: int | None,
    test: str | None,
) -> Options:
    """Options with what was not given filled in: all workers, a random seed."""
    if seed is None:
        seed = random.SystemRandom().randrange(SEEDS)
    return Options(
        seed=seed, jobs=jobs or workers(), source=source, kernel=kernel, test=test
    )


def wanted_kernels(chosen: list[Exercise], kernel: str | None) -> list[str]:
    """The kernels that grading `chosen` with KERNEL=`kernel` will need."""
    needed = {name for item in chosen for name in choose_kernels(item, kernel)}
    return [name for name in catalog.KERNELS if name in needed]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def verbs(context: click.Context) -> None:
    """The grader of KDLP Part 2; `make help` shows the same verbs."""
    context.obj = here()


@verbs.command("setup")
@click.pass_obj
def setup_verb(house: House) -> int:
    """Install what is missing, build vm/, make the stock template."""
    setup.build_engine(house)
    for exercise in catalog.select(house, []):
        make_template(house, exercise, "stock")
    click.echo("ready; next: make grade")
    return 0


@verbs.command("grade")
@exercises_argument
@grading_options
@click.option(
    "--json", "json_file", metavar="FILE", help="Write results, and JUnit XML beside."
)
@click.pass_obj
def grade_verb(
    house: House,
    exercises: tuple[str, ...],
    source: str | None,
    kernel: str | None,
    jobs: int | None,
    seed: int | None,
    test: str | None,
    json_file: str | None,
) -> int:
    """Build, boot, test and score."""
    chosen = catalog.select(house, list(exercises))
    if json_file and not Path(json_file).absolute().parent.is_dir():
        raise Trouble(f"JSON={json_file}: no such folder", "make the folder first")
    options = make_options(source, kernel, jobs, seed, test)
    setup.build_engine(house)
    console = report.make_console()
    kernels.ensure(house, wanted_kernels(chosen, kernel), console)
    graded = []
    for exercise in chosen:
        with report.Live(console) as live:
            result = grade(house, exercise, options, live)
        report.show(console, house, exercise, result, options)
        if source is None and test is None:
            student.remember(house, result)
        graded.append(result)
        if json_file:
            results.write_both(Path(json_file), graded)
    return results.status(graded)


@verbs.command("debug-kernel")
@click.option("--kernel", default="debug", metavar="debug|race", help="Which.")
@click.pass_obj
def debug_kernel_verb(house: House, kernel: str) -> int:
    """Build a kernel that tells more; some minutes, once."""
    kernels.check_name(kernel)
    setup.build_engine(house)
    kernels.ensure(house, [kernel], report.make_console())
    click.echo(f"ready; next: make grade KERNEL={kernel}")
    return 0


@verbs.command("exercise")
@exercise_argument
@click.pass_obj
def exercise_verb(house: House, exercise: str | None) -> int:
    """Build one exercise; say what to read, edit and run next."""
    chosen = catalog.select_one(house, exercise, "exercise")
    setup.build_engine(house)
    return student.exercise(house, chosen)


@verbs.command("watch")
@exercise_argument
@grading_options
@click.pass_obj
def watch_verb(
    house: House,
    exercise: str | None,
    source: str | None,
    kernel: str | None,
    jobs: int | None,
    seed: int | None,
    test: str | None,
) -> int:
    """Rebuild and regrade whenever a file is saved."""
    chosen = catalog.select_one(house, exercise, "watch")
    setup.build_engine(house)
    kernels.ensure(house, wanted_kernels([chosen], kernel), report.make_console())
    return student.watch(house, chosen, make_options(source, kernel, jobs, seed, test))


@verbs.command("hint")
@exercise_argument
@click.pass_obj
def hint_verb(house: House, exercise: str | None) -> int:
    """The next hint for the first TODO whose tests fail."""
    return student.hint(house, catalog.select_one(house, exercise, "hint"))


@verbs.command("reset")
@exercise_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def reset_verb(house: House, exercise: str | None, yes: bool) -> int:
    """Back to the skeleton; what was there is kept in build/."""
    return student.reset(house, catalog.select_one(house, exercise, "reset"), yes)


@verbs.command("status")
@exercises_argument
@click.pass_obj
def status_verb(house: House, exercises: tuple[str, ...]) -> int:
    """A table of progress."""
    return student.status(house, catalog.select(house, list(exercises)))


@verbs.command("shell")
@exercise_argument
@click.option("--source", metavar="solution|DIR")
@click.option("--kernel", metavar="stock|debug|race")
@click.pass_obj
def shell_verb(
    house: House, exercise: str | None, source: str | None, kernel: str | None
) -> int:
    """A root shell in a VM with the module at hand."""
    chosen = catalog.select_one(house, exercise, "shell")
    setup.build_engine(house)
    if kernel in chosen.kernels:
        kernels.ensure(house, [kernel], report.make_console())
    return student.shell(house, chosen, source, kernel)


@verbs.command("play")
@exercise_argument
@click.option("--source", metavar="solution|DIR")
@click.pass_obj
def play_verb(house: House, exercise: str | None, source: str | None) -> int:
    """Play a melody on the kernel's keyboard, and hear it."""
    chosen = catalog.select_one(house, exercise, "play")
    setup.build_engine(house)
    return play.play(house, chosen, source)


@verbs.command("submit")
@exercise_argument
@click.option("--kernel", metavar="stock|debug|race|all", help="Where to run.")
@click.option("--jobs", type=click.IntRange(1, 256), help="VMs at a time.")
@click.option("--seed", type=click.IntRange(0, SEEDS - 1), help="Replays a run.")
@click.option("--version", type=click.IntRange(1, 999), help="Not the next one.")
@click.option("--base", metavar="COMMIT", help="The commit before the first.")
@click.option("--to", metavar="ADDRESS", help="Where the course takes hand-ins.")
@click.option("--rfc", is_flag=True, help="Asks for comments, not for points.")
@click.pass_obj
def submit_verb(
    house: House,
    exercise: str | None,
    kernel: str | None,
    jobs: int | None,
    seed: int | None,
    version: int | None,
    base: str | None,
    to: str | None,
    rfc: bool,
) -> int:
    """Check the commits and write the series that is sent."""
    chosen = catalog.select_one(house, exercise, "submit")
    setup.install_packages("handin")
    setup.build_engine(house)
    kernels.ensure(house, wanted_kernels([chosen], kernel), report.make_console())
    options = make_options(None, kernel, jobs, seed, None)
    return submit(house, chosen, options, Wishes(version, base, to, rfc))


@verbs.command("lint")
@click.pass_obj
def lint_verb(house: House) -> int:
    """Formatters and static checkers."""
    return course.lint_only(house)


@verbs.command("check")
@click.option("--kernel", type=click.Choice(["all"]), help="Every test, on all.")
@click.pass_obj
def check_verb(house: House, kernel: str | None) -> int:
    """Everything: lint, unit tests, vm/, exercises; with CI=true on all kernels."""
    in_ci = os.environ.get("CI") == "true"
    return course.check(house, "all" if in_ci else kernel)


def main(arguments: list[str]) -> int:
    """Runs the verb in `arguments`; returns its exit status."""
    course.staff()  # whose verbs add themselves
    try:
        status = verbs.main(arguments, prog_name="grader", standalone_mode=False)
    except click.UsageError as error:
        raise Trouble(error.format_message(), "next: make help") from error
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return int(status or 0)
