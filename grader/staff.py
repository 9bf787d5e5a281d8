"""What only the staff has: its verbs, and what it checks of the course.

No student release has this file. The verbs add themselves to those of cli when this
is imported, and whatever else belongs to the staff is imported here and not there.
"""

import secrets
from functools import partial
from pathlib import Path

import click

from grader import (
    bench,
    catalog,
    coursework,
    golden,
    kernels,
    lectures,
    report,
    setup,
    skeletons,
    soak,
)
from grader.cli import exercises_argument, verbs
from grader.classroom import verbs as classroom
from grader.course import Part
from grader.handin.collect import collect
from grader.handouts.make import handouts
from grader.house import House
from grader.release import canary, verb
from grader.similar.verbs import similar_verb
from grader.trouble import Trouble


def parts(house: House, kernel: str | None) -> list[Part]:
    """The parts of `make check` that need solutions, exercises of two CPUs at either
    end: as few of their VMs run at a time, two side by side leave a core idle."""
    seed = secrets.randbelow(1 << 31)
    exercises = catalog.select(house, [])
    wide = [exercise for exercise in exercises if exercise.smp > 1]
    narrow = [exercise for exercise in exercises if exercise.smp == 1]
    exercises = [*wide[::2], *narrow, *wide[1::2]]
    return [
        verb.check,
        lectures.check,
        *(
            partial(coursework.check, exercise, seed=seed, kernel=kernel)
            for exercise in exercises
        ),
    ]


classroom.add(verbs)
verbs.add_command(similar_verb)


@verbs.command("collect")
@click.option("--from", "source", metavar="MBOX|MAILDIR", help="The mails.")
@click.option("--roster", metavar="FILE", help="Not submissions/roster.csv.")
@click.option("--authserv", metavar="SERVER", help="Whose word on senders counts.")
@click.pass_obj
def collect_verb(
    house: House, source: str | None, roster: str | None, authserv: str | None
) -> int:
    """Sort the mails of a box into submissions/."""
    if not source:
        raise Trouble("which mails? make collect FROM=PATH", "an mbox or a Maildir")
    file = Path(roster) if roster else None
    return collect(house, Path(source), file, authserv or "")


@verbs.command("skeletons")
@exercises_argument
@click.pass_obj
def skeletons_verb(house: House, exercises: tuple[str, ...]) -> int:
    """Derive the skeletons from the solutions."""
    return skeletons.write(house, catalog.select(house, list(exercises)))


@verbs.command("bench")
@click.pass_obj
def bench_verb(house: House) -> int:
    """Measure clones against cold boots; writes build/bench.md."""
    setup.build_engine(house)
    kernels.ensure(house, catalog.KERNELS, report.make_console())
    return bench.bench(house)


@verbs.command("transcripts")
@click.argument("names", nargs=-1, metavar="[N ...]")
@click.pass_obj
def transcripts_verb(house: House, names: tuple[str, ...]) -> int:
    """Write the transcripts and the code of lectures anew, where they changed."""
    setup.build_engine(house)
    return lectures.write_again(house, list(names))


@verbs.command("handouts")
@click.argument("names", nargs=-1, metavar="[N ...]")
@click.pass_obj
def handouts_verb(house: House, names: tuple[str, ...]) -> int:
    """The site, the slides and the PDFs of lectures and exercises."""
    setup.install_packages("handouts")
    return handouts(house, list(names))


@verbs.command("golden")
@click.argument("sins", nargs=-1, metavar="[SIN ...]")
@click.option("--kernel", metavar="stock|debug|race|all", default="all")
@click.option("--told", is_flag=True, help="Only the words, from the logs there are.")
@click.pass_obj
def golden_verb(house: House, sins: tuple[str, ...], kernel: str, told: bool) -> int:
    """What the kernels say of each sin, anew, for the parser's tests."""
    if told:
        return golden.tell_again(house)
    setup.build_engine(house)
    return golden.refresh(house, soak.kernels_there(house, kernel), list(sins))


@verbs.command("soak")
@click.argument("names", nargs=-1, metavar="[SIN|EXERCISE ...]")
@click.option("--kernel", metavar="stock|debug|race|all", default="all")
@click.option("--runs", type=click.IntRange(0, 1000), default=10, help="Of each sin.")
@click.option(
    "--clean", type=click.IntRange(0, 10000), default=100, help="Of solutions."
)
@click.pass_obj
def soak_verb(
    house: House, names: tuple[str, ...], kernel: str, runs: int, clean: int
) -> int:
    """The same verdicts again and again: every sin, every solution."""
    setup.build_engine(house)
    return soak.soak(house, kernel, list(names), runs, clean)


@verbs.command("canaries")
@click.pass_obj
def canaries_verb(house: House) -> int:
    """Give every file below solutions/ its canary."""
    return canary.write(house)


@verbs.command("release")
@click.option("--from", "published", metavar="REPOSITORY", help="Goes on from it.")
@click.pass_obj
def release_verb(house: House, published: str | None) -> int:
    """Write the student's archive and repository to build/release/."""
    return verb.release(house, published)
