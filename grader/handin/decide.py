"""Which version a mail is a part of, or in which place it is kept, and why.

Pure functions: nothing here reads or writes a file.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.catalog import Exercise
from grader.handin import series
from grader.handin.mail import Mail
from grader.handin.police import shown
from grader.handin.roster import Roster
from grader.handin.series import Series
from grader.handin.store import Letter, Part, Version

MOST_VERSIONS = 50  # of one student in one exercise
LARGEST_SERIES = 4 << 20  # bytes of all its patches


@dataclass(frozen=True)
class Settings:
    """What the instructor says: whom to know, and which server to believe."""

    roster: Roster
    exercises: dict[str, Exercise]
    authserv: str = ""


def decide(
    settings: Settings, mails: list[Mail], versions: list[Version]
) -> tuple[list[tuple[Series, Version]], list[tuple[Path, Letter]]]:
    """The new versions that `mails` make, not judged yet, and a letter for each
    other mail. Depends on its arguments only, and not on the order of `mails`."""
    letters: list[tuple[Path, Letter]] = []
    of_student: dict[str, list[Mail]] = {}
    ids = {(v.student, part.message_id) for v in versions for part in v.parts}
    for one in series.in_order(mails):
        place, reason = _gate(settings, one)
        student = settings.roster.sender(one.sender)
        if not place and student and one.id and (student.id, one.id) in ids:
            place, reason = "duplicate", "another copy of a mail that came before"
        if place or student is None:
            letters.append((one.path, keep(one, place, reason)))
            continue
        ids.add((student.id, one.id))
        of_student.setdefault(student.id, []).append(one)
    found: list[tuple[Series, Version]] = []
    for student_id, own in sorted(of_student.items()):
        past = [version for version in versions if version.student == student_id]
        groups = series.group(student_id, own, settings.exercises)
        # complete ones first: what is left over may be a part of one, sent again
        for group in sorted(groups, key=lambda one: bool(one.missing)):
            version, place, reason = _place(settings, group, past)
            if version:
                past.append(version)
                found.append((group, version))
            else:
                letters += [(one.path, keep(one, place, reason)) for one in group.mails]
    return found, letters


def _gate(settings: Settings, one: Mail) -> tuple[str, str]:
    """Place and reason of a mail that is no part of a series; empty if it is one."""
    if one.reply:
        return "not-a-patch", "an answer to another mail"
    if one.tag is None:
        return "not-a-patch", "no [PATCH vK i/n] in its subject"
    if settings.roster.sender(one.sender) is None:
        return "unknown-sender", f"{shown(one.sender)} is not in the roster"
    if settings.authserv and not authentic(one, settings.authserv):
        return (
            "unauthenticated",
            f"{settings.authserv} does not say dmarc=pass: the sender may be forged",
        )
    if one.tag.patches > series.MOST_PATCHES:
        most = series.MOST_PATCHES
        return "too-large", f"{one.tag.patches} patches; at most {most} are taken"
    if one.tag.part and not one.has_diff:
        return "not-a-patch", "its subject says PATCH, and there is no diff in it"
    return "", ""


def authentic(one: Mail, authserv: str) -> bool:
    """Whether the server `authserv` vouches for the From of a mail (RFC 8601)."""
    for result in one.authentication:
        server, _, verdicts = re.sub(r"\([^()]*\)", " ", result).partition(";")
        if server.split()[:1] == [authserv]:
            return bool(re.search(r"\bdmarc\s*=\s*pass\b", verdicts))
    return False


def _place(
    settings: Settings, group: Series, past: list[Version]
) -> tuple[Version | None, str, str]:
    """The version that a series becomes; else its place and the reason."""
    twin = _twin(group, past)
    if twin:
        return None, "duplicate", f"the same as {twin.folder}"
    if group.missing:
        numbers = " ".join(f"{n}/{group.tag.patches}" for n in group.missing)
        what = "" if group.patches else "a cover letter alone, "
        why = f"version {group.tag.version}: {what}no {numbers} yet"
        return None, "incomplete", why
    name = group.exercise(settings.exercises)
    if not name:
        return None, "not-a-patch", "no file of an exercise of this course in it"
    if sum(one.size for one in group.patches) > LARGEST_SERIES:
        return None, "too-large", f"over {LARGEST_SERIES} bytes of patches"
    others = [version for version in past if version.exercise == name]
    if len(others) >= MOST_VERSIONS:
        return None, "too-large", f"over {MOST_VERSIONS} versions of {name}"
    return _version(settings, group, name, others), "", ""


def _twin(group: Series, past: list[Version]) -> Version | None:
    """The version that has all patches of `group` already."""
    contents = {one.content for one in group.patches}
    for version in past:
        if version.version == group.tag.version and contents:
            known = version.content
            whole = group.content == known
            if whole or group.missing and contents <= set(known):
                return version
    return None


def _version(
    settings: Settings, group: Series, name: str, others: list[Version]
) -> Version:
    """The version of a complete series, before it is applied."""
    tag = group.tag
    student = settings.roster.sender(group.patches[0].sender)
    assert student
    alike = [version.again for version in others if version.version == tag.version]
    until = settings.roster.deadline(name, student)
    at = group.complete_at
    late = bool(until and at and at > until)
    clock = "none" if at is None else "sender"
    if at and all(one.received for one in group.mails):
        clock = "server"
    return Version(
        exercise=name,
        student=student.id,
        name=student.name,
        group=student.group,
        version=tag.version,
        again=max(alike, default=0) + 1,
        rfc=tag.rfc,
        place="late" if late else "accepted",
        received=_text(at),
        clock=clock,
        deadline=_text(until),
        patches=tag.patches,
        parts=tuple(_part(one) for one in group.mails),
        notes=tuple(_notes(group, clock, bool(alike), late)),
    )


def _notes(group: Series, clock: str, again: bool, late: bool) -> list[str]:
    """What is worth knowing about a series that is taken all the same."""
    notes = []
    if late:
        notes.append("it came after the deadline")
    if clock != "server":
        notes.append("no mail server says when it came; the time is its sender's")
    if again:
        notes.append(f"another series called itself v{group.tag.version} before")
    if group.cover is None:
        notes.append("no cover letter")
    return notes


def _part(one: Mail) -> Part:
    assert one.tag
    return Part(
        part=one.tag.part,
        file=f"mails/{one.tag.part:04}.eml",
        digest=one.digest,
        content=one.content,
        message_id=one.id,
        sender=one.sender,
        name=one.name,
        subject=one.subject,
        date=_text(one.date),
        received=_text(one.received),
        authentication=one.authentication,
    )


def keep(one: Mail, place: str, reason: str) -> Letter:
    """What is written about a mail that is kept in `place`."""
    return Letter(
        digest=one.digest,
        place=place,
        reason=reason,
        sender=one.sender,
        subject=one.subject,
        message_id=one.id,
        received=_text(one.time),
        size=one.size,
    )


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""
