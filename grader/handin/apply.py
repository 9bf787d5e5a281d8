"""Applies a series with git am, in a sandbox and a throw-away repository, and says
what every patch of it really did."""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import sandbox, stage
from grader.catalog import Exercise
from grader.forbidden import Refused
from grader.grade import check_space
from grader.handin import base, police
from grader.handin.base import Files
from grader.handin.police import Commit, shown
from grader.house import House
from grader.stage import HandIn
from grader.trouble import CannotGrade

SCRIPT = Path(__file__).resolve().with_name("apply.sh")
LIMITS = sandbox.Limits(wall=60, cpu=30, file_size=16 << 20)
FIELDS = 5  # of a commit in `commits`
LARGEST_RECORD = 8 << 20  # bytes of a file that apply.sh left
NOISE = re.compile(r"hint: |Patch failed at|When you have resolved|If you prefer|To r")


class Rejected(Exception):
    """A series is not taken; each of `reasons` is for its author."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Applied:
    """A series that was applied: what it was made on (0 is today's skeleton), its
    commits, the hand-in as it was after each of them, and all of it as a diff."""

    base: int
    commits: tuple[Commit, ...]
    states: tuple[HandIn, ...]
    diff: bytes

    @property
    def hand_in(self) -> HandIn:
        """What was handed in, in the end."""
        return self.states[-1]


def apply(
    house: House,
    exercise: Exercise,
    mbox: Path,
    patches: int,
    bases: Sequence[Files] = (),
) -> Applied:
    """Applies the `patches` patches of `mbox` (mboxrd) to that of `bases` on which
    they were made, by default to a skeleton that the course has or had.

    Raises Rejected when git or the rules refuse it, CannotGrade when it cannot be
    tried here.
    """
    bases = bases or base.skeletons(house, exercise)
    house.cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="apply-", dir=house.cache))
    try:
        (work / "bases").mkdir()
        base.lay_out(exercise, bases, work / "bases")
        shutil.copyfile(mbox, work / "series.mbox")
        command = ["/bin/sh", str(SCRIPT), *base.allowed(exercise)]
        done = sandbox.run(command, work, (SCRIPT,), LIMITS)
        if done.status != 0 or done.timed_out:
            check_space(house)
            words = shown(done.output[-500:], 500) or f"status {done.status}"
            why = "no end of it" if done.timed_out else words
            raise CannotGrade(f"the series could not be tried: {why}", "try it again")
        return _judge(house, exercise, _Record(work), patches, bases)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Record:
    """What apply.sh left in its folder, which is hostile."""

    def __init__(self, work: Path) -> None:
        self.work = work

    def read(self, name: str, most: int = LARGEST_RECORD) -> bytes:
        """At most `most` + 1 bytes of a file; nothing where it is not there."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(self.work / name, flags)
        except OSError:
            return b""
        with open(descriptor, "rb") as file:
            return file.read(most + 1)

    def text(self, name: str) -> str:
        return self.read(name).decode("utf-8", errors="replace")

    def commits(self) -> list[Commit]:
        fields = self.text("commits").split("\0")
        found = []
        for number in range(len(fields) // FIELDS):
            _, name, address, subject, signed = fields[number * FIELDS :][:FIELDS]
            found.append(
                Commit(
                    subject=subject,
                    name=name,
                    address=address,
                    sign_offs=tuple(line.strip() for line in signed.split("\x1f")),
                    raw=self.text(f"raw-{number + 1}"),
                    check=self.text(f"check-{number + 1}"),
                )
            )
        return found


def _judge(
    house: House,
    exercise: Exercise,
    record: _Record,
    patches: int,
    bases: Sequence[Files],
) -> Applied:
    """The rules, in the order in which their messages help most."""
    allowed = base.allowed(exercise)
    stats = [record.text(f"touched-{number + 1}") for number in range(patches)]
    _refuse(police.judge_text(stats, allowed, record.text("touched.log")))
    commits = record.commits()
    log = record.text("am.log")
    if not log.endswith("applied\n") or len(commits) != patches:
        check_space(house)  # a full disk is not its author's fault
        _refuse(_why_not(log, len(commits), bool(record.text("made-on")), patches))
    reasons: list[str] = []
    for number, commit in enumerate(commits, 1):
        reasons += police.judge_commit(number, commit, allowed)
        reasons += police.judge_words(number, commit, exercise.name)
    _refuse(reasons)
    states = [
        _state(house, exercise, record, number) for number in range(1, len(commits) + 1)
    ]
    number = int(record.text("base") or "0")
    if dict(states[-1].files) == dict(bases[number]):
        _refuse(["the series changes nothing: what comes out is the skeleton"])
    return Applied(
        base=number,
        commits=tuple(commits),
        states=tuple(states),
        diff=record.read("series.diff"),
    )


def _refuse(reasons: list[str]) -> None:
    if reasons:
        raise Rejected(reasons)


def _why_not(log: str, applied: int, known: bool, patches: int) -> list[str]:
    """Git's words about the patch that it did not take, and what to do."""
    words = [
        shown(line.removeprefix("error: ").removeprefix("fatal: "))
        for line in log.split("\n")
        if line.strip() and not NOISE.match(line) and line != "applied"
    ]
    number = min(applied + 1, patches)
    reasons = [f"patch {number} of {patches} does not apply", *police.some(words)]
    if known:
        reasons.append(
            "send the whole series, from the skeleton on, as git format-patch wrote it"
        )
    else:
        reasons.append(
            "it was made on a file that the course never had: its first patch must "
            "begin at the skeleton; make reset N shows it"
        )
    return reasons


def _state(house: House, exercise: Exercise, record: _Record, number: int) -> HandIn:
    """The handed-in files after patch `number`, held against the rules for files."""
    clean = Path(tempfile.mkdtemp(prefix="state-", dir=house.cache))
    try:
        for place, name in enumerate(exercise.files, 1):
            content = record.read(f"file-{number}-{place}", stage.LARGEST)
            (clean / name).write_bytes(content)
        return stage.take(house, exercise, str(clean))
    except Refused as error:
        raise Rejected([f"after patch {number}: {error}"]) from error
    finally:
        shutil.rmtree(clean, ignore_errors=True)
