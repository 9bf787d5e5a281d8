"""The verbs of this package, as click commands; each is a thin call."""

import getpass
import sys
from pathlib import Path

import click

from grader import catalog, kernels, process, report, setup
from grader.catalog import Exercise
from grader.classroom import attempt, book, plain, plan, session, shelf, slurm, term
from grader.classroom.gradebook import Gradebook
from grader.house import House, workers
from grader.run import SEEDS
from grader.trouble import Trouble

PART = "class"  # of packages.txt
ENGINES = ("here", "slurm")


def add(verbs: click.Group) -> None:
    """Adds the verbs of this package to the command line."""
    for verb in (grade_class_verb, grade_version_verb, gradebook_verb, override_verb):
        verbs.add_command(verb)


def needed(chosen: list[Exercise]) -> list[str]:
    """The kernels that grading `chosen` takes."""
    wanted = {name for exercise in chosen for name in exercise.kernels}
    return [name for name in catalog.KERNELS if name in wanted]


@click.command("grade-class")
@click.argument("exercises", nargs=-1, metavar="N [N ...]")
@click.option("--jobs", type=click.IntRange(1, 256), help="Hand-ins at a time.")
@click.option("--seed", type=click.IntRange(0, SEEDS - 1), help="Of the whole class.")
@click.option("--regrade", is_flag=True, help="Grade again what has a verdict.")
@click.option("--note", default="", help="Why; shown to those who get less.")
@click.option("--engine", type=click.Choice(ENGINES), default="here", help="Where.")
@click.pass_obj
def grade_class_verb(
    house: House,
    exercises: tuple[str, ...],
    jobs: int | None,
    seed: int | None,
    regrade: bool,
    note: str,
    engine: str,
) -> int:
    """Grade the latest version of every student."""
    if not exercises:
        catalog.select_one(house, None, "grade-class")
    if note and not regrade:
        raise Trouble("NOTE without REGRADE=1", "a note says why all is graded again")
    chosen = catalog.select(house, list(exercises))
    wish = plan.Wish(seed, regrade, plain.line(note))
    console = report.make_console()
    setup.install_packages(PART)
    setup.build_engine(house)
    kernels.ensure(house, needed(chosen), console)
    submissions = shelf.Submissions(house)
    status = 0
    with Gradebook(book.Files(house).base) as store:
        for exercise in chosen:
            if not submissions.latest(exercise.name):
                console.print(f"{exercise.name}: nobody has handed in; make collect")
                continue
            cluster = make_cluster(house, exercise, jobs) if engine == "slurm" else None
            tally = session.grade_class(
                house,
                exercise,
                submissions,
                store,
                wish,
                jobs or workers(),
                console,
                cluster,
            )
            status = 3 if tally.failures else status
    return status


def make_cluster(house: House, exercise: Exercise, jobs: int | None) -> slurm.Cluster:
    """The cluster that Slurm's own commands find; each task runs the verb below."""
    command = [sys.executable, "-E", "-s", "-B", "-m", "grader", "grade-version"]
    return slurm.Cluster(house.root, [*command, exercise.name], jobs)


@click.command("grade-version", hidden=True)
@click.argument("exercise")
@click.argument("listed", type=click.Path(path_type=Path))
@click.pass_obj
def grade_version_verb(house: House, exercise: str, listed: Path) -> int:
    """What a task of ENGINE=slurm does: grade one version, write files only."""
    chosen = catalog.select_one(house, exercise, "grade-class")
    submissions = shelf.Submissions(house)
    entry = submissions.at(slurm.task(listed))
    made = session.grade_version(house, chosen, submissions, entry)
    click.echo(f"{made.student} {made.label}: {attempt.summary(made)}")
    return 3 if made.state == "infra" else 0


@click.command("gradebook")
@click.option("--note", default="", help="Why grades may be lower than before.")
@click.pass_obj
def gradebook_verb(house: House, note: str) -> int:
    """Table, pages, mails and files of all grades."""
    setup.install_packages(PART)
    from grader.classroom import publish, sheet  # jinja2 may have come a moment ago

    files = book.Files(house)
    rules = term.load(files.term)
    people = shelf.members(house)
    submissions = shelf.Submissions(house)
    console = report.make_console()
    with Gradebook(files.base) as store:
        known = book.courses(house, store.exercises())
        rules.check([course.name for course in known], house.relative(files.term))
        there = book.gather(store, submissions, known)
        made = book.make(store, submissions, people, rules, there, plain.line(note))
    publish.publish(made, book.reader(house), files.out)
    console.print(sheet.table(made), soft_wrap=False)
    for line in remarks(made, house.relative(files.out)):
        console.print(line, markup=False)
    return 0


def remarks(made: book.Book, out: str) -> list[str]:
    """What there is to do, and where what was written is."""
    lines = []
    waiting, held = made.waiting(), made.held()
    if waiting:
        names = " ".join(dict.fromkeys(cell.exercise for cell in waiting))
        lines.append(f"{len(waiting)} have no verdict yet: make grade-class {names}")
    for cell in held:
        whose = f"{plain.line(cell.student)} {cell.exercise}"
        lines.append(
            f"held: {whose}: {cell.points} was shown, {cell.held} would be lower, "
            "and nobody said why"
        )
    if held:
        lines.append('to lower them: make gradebook NOTE="why"')
    lines.append(f"written: {out}/index.html, students/, grades.csv, details.csv,")
    lines.append("         feedback/, gradescope/, junit/")
    return lines


@click.command("override")
@click.argument("exercise", required=False, metavar="N")
@click.option("--student", help="Whose points, by the id of the roster.")
@click.option("--points", help="A number, or none to take an override back.")
@click.option("--reason", help="Why; the student reads it.")
@click.option("--author", help="Who says so; by default the name that git knows.")
@click.pass_obj
def override_verb(
    house: House,
    exercise: str | None,
    student: str | None,
    points: str | None,
    reason: str | None,
    author: str | None,
) -> int:
    """Give points by hand."""
    chosen = catalog.select_one(house, exercise, "override")
    usage = f'make override {chosen.name} STUDENT=id POINTS=90 REASON="why"'
    if not student or points is None or not (reason or "").strip():
        raise Trouble("an override needs STUDENT, POINTS and REASON", usage)
    if points != "none" and not (points.isascii() and points.isdecimal()):
        raise Trouble(f"POINTS={plain.line(points)}: not a number, nor none", usage)
    given = None if points == "none" else int(points)
    if given is not None and given > 1000:
        raise Trouble(f"POINTS={points}: more than 1000", usage)
    who = book.member(shelf.members(house), student)
    by = plain.line(author or git_name(house) or getpass.getuser())
    with Gradebook(book.Files(house).base) as store:
        store.override(chosen.name, who.id, given, plain.line(reason or ""), by)
    told = "the grader's points again" if given is None else f"{given} points"
    click.echo(f"{chosen.name}: {who.id}: {told}, by {by}; next: make gradebook")
    return 0


def git_name(house: House) -> str:
    """The author's name as git knows it; empty when it does not."""
    try:
        done = process.run(
            ["git", "config", "user.name"],
            timeout=10,
            folder=house.root,
            environment={"HOME": str(Path.home())},
        )
    except FileNotFoundError:
        return ""
    return done.output.strip() if done.status == 0 else ""
