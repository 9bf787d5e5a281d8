"""`make submit`: looks at a student's commits as collect and the class's grader will,
and writes the series that is sent.

What would be refused later is refused here, with the command that mends it. All else
is said as advice and keeps nobody from handing in.
"""

import re
import shlex
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from grader import report
from grader.catalog import Exercise
from grader.grade import Options, grade
from grader.handin import box, checks, work
from grader.handin.apply import Applied, Rejected, apply
from grader.house import House

COVER = "0000-cover-letter.patch"
SUBJECT = "*** SUBJECT HERE ***"
BLURB = "*** BLURB HERE ***"
FOLDER = re.compile(r"(.+)-v(\d{1,3})")


@dataclass(frozen=True)
class Wishes:
    """What the command line says: see docs/student.md, Hand in."""

    version: int | None = None
    base: str | None = None
    to: str | None = None
    rfc: bool = False


def submit(house: House, exercise: Exercise, options: Options, wishes: Wishes) -> int:
    """The verb; returns 0 when the series is in outbox/, 1 when it is not yet fit."""
    console = report.make_console()
    found = work.find(house, exercise, wishes.base)
    reasons = work.reasons(house, exercise, found)
    if reasons:
        return not_yet(console, exercise, reasons)
    house.cache.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="submit-", dir=house.cache))
    try:
        version = wishes.version or choose(house, exercise, found, wishes.rfc)
        write_draft(house, exercise, found, version, wishes.rfc, draft)
        try:
            applied = rehearse(house, exercise, found, draft)
        except Rejected as error:
            return not_yet(console, exercise, error.reasons)
        style = checks.style(house, exercise, applied)
        with report.Live(console) as live:
            result = grade(house, exercise, options, live, applied.hand_in)
        report.show(console, house, exercise, result, options)
        target = place(house, exercise, draft, version)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    advise(console, exercise, style)
    tell_how(console, house, exercise, target, wishes.to)
    return 0


def not_yet(console: Console, exercise: Exercise, reasons: list[str]) -> int:
    """Says why the series is not written yet; each line ends in what mends it."""
    console.print(f"{exercise.name}: not ready to be sent yet", markup=False)
    for reason in reasons:
        console.print(f"  - {reason}", markup=False)
    console.print(f"then: make submit {exercise.name}")
    return 1


def outbox(house: House, exercise: Exercise, version: int) -> Path:
    """Where the series of that version is written."""
    return house.root / "outbox" / f"{exercise.name}-v{version}"


def choose(house: House, exercise: Exercise, found: work.Work, rfc: bool) -> int:
    """The version that these commits are: the last one again if it has the same,
    else the next."""
    versions = [
        int(match[2])
        for path in (house.root / "outbox").glob(f"{exercise.name}-v*")
        if (match := FOLDER.fullmatch(path.name)) and match[1] == exercise.name
    ]
    last = max(versions, default=0)
    known = written(outbox(house, exercise, last))
    return last if known == (found.commits, rfc) else last + 1


def written(folder: Path) -> tuple[tuple[str, ...], bool]:
    """The commits whose patches are in `folder`, and whether they ask for comments."""
    try:
        cover = (folder / COVER).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return (), False
    rfc = re.search(r"^Subject: \[RFC ", cover, re.MULTILINE)
    return work.patch_ids(sorted(folder.glob("*.patch"))), bool(rfc)


def write_draft(
    house: House,
    exercise: Exercise,
    found: work.Work,
    version: int,
    rfc: bool,
    draft: Path,
) -> None:
    """The series as files in `draft`, its cover letter ready to be filled in."""
    prefix = f"{'RFC ' if rfc else ''}PATCH v{version}"
    work.format_patches(house, exercise, found, prefix, draft)
    cover = draft / COVER
    text = cover.read_text(encoding="utf-8")
    text = text.replace(SUBJECT, f"{exercise.name}: {SUBJECT}", 1)
    cover.write_text(text.replace(BLURB, questions(version), 1), encoding="utf-8")


def questions(version: int) -> str:
    """What a cover letter answers."""
    lines = [
        "Time spent: *** in hours, reading included ***",
        "Approach: *** what you did, and why in this way ***",
        "Known problems: *** what does not work, or none ***",
    ]
    if version > 1:
        lines.append(
            f"Changes since v{version - 1}: *** what, and who asked for it ***"
        )
    return "\n\n".join(lines)


def rehearse(
    house: House, exercise: Exercise, found: work.Work, draft: Path
) -> Applied:
    """Applies the series as it will be applied, and builds each patch."""
    patches = [path for path in sorted(draft.glob("*.patch")) if path.name != COVER]
    mbox = draft / "series.mbox"
    mbox.write_bytes(box.join([path.read_bytes() for path in patches]))
    try:
        applied = apply(house, exercise, mbox, len(patches), [found.skeleton])
        reasons = checks.builds(house, exercise, applied)
        if reasons:
            raise Rejected(reasons)
        return applied
    finally:
        mbox.unlink()


def place(house: House, exercise: Exercise, draft: Path, version: int) -> Path:
    """Moves the series into outbox/, and returns its folder. The same series stays
    as it is there, for its cover letter may be filled in; another one that has this
    number already is put aside."""
    target = outbox(house, exercise, version)
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        if written(target) == written(draft):
            return target
        aside = house.work(exercise.name) / time.strftime(f"v{version}-%Y%m%d-%H%M%S")
        aside.parent.mkdir(parents=True, exist_ok=True)
        target.rename(aside)
    draft.chmod(0o755)
    draft.rename(target)
    return target


def advise(console: Console, exercise: Exercise, style: list[str]) -> None:
    """What checkpatch and sparse say: none of it keeps a series from being sent."""
    if not style:
        return
    price = checks.cost(exercise, style)
    title = f"they take {price} points" if price else "they take no points"
    console.print(f"\nstyle, {len(style)} findings; {title}:")
    for line in style:
        console.print(f"  {line}", markup=False)


def tell_how(
    console: Console, house: House, exercise: Exercise, target: Path, to: str | None
) -> None:
    """The two commands that are left: fill in the cover letter, send."""
    folder = house.relative(target)
    known = to or work.said(house, "config", "sendemail.to")
    receiver = shlex.quote(known) if known else "ADDRESS"
    number = len(list(target.glob("*.patch"))) - 1
    patches = f"{number} patch{'es' if number > 1 else ''}"
    console.print(f"\n{exercise.name}: {patches} and a cover letter in {folder}")
    console.print(f"fill in: {folder}/{COVER}", markup=False)
    console.print(
        f"send:    git send-email --to={receiver} {folder}/*.patch", markup=False
    )
    if not known:
        console.print("ADDRESS is where your course takes hand-ins: TO=ADDRESS, or")
        console.print("         git config sendemail.to ADDRESS, once")
