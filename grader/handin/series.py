"""Puts mails together into series: by thread and version, and where nothing is
threaded by what fits. Pure functions; a mail ends in exactly one series."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from grader.handin.mail import Mail, Tag

MOST_PATCHES = 64  # of one series
MOST_AGAIN = 20  # series that came again in one thread
MOST_OPEN = 50  # incomplete series of one student that a part may belong to
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass
class Series:
    """Mails of one sender that belong together, by their number."""

    student: str
    tag: Tag
    parts: dict[int, Mail] = field(default_factory=dict)

    @property
    def missing(self) -> list[int]:
        """The patches that did not come; a cover letter is not missed."""
        wanted = range(1, self.tag.patches + 1)
        return [number for number in wanted if number not in self.parts]

    @property
    def patches(self) -> list[Mail]:
        return [self.parts[number] for number in sorted(self.parts) if number]

    @property
    def cover(self) -> Mail | None:
        return self.parts.get(0)

    @property
    def mails(self) -> list[Mail]:
        """All of them, in order of their number."""
        return [self.parts[number] for number in sorted(self.parts)]

    @property
    def content(self) -> tuple[str, ...]:
        """Equal for two series with the same patches."""
        return tuple(mail.content for mail in self.patches)

    @property
    def complete_at(self) -> datetime | None:
        """When its last part came, by one's own server where it says so."""
        times = [mail.time for mail in self.mails]
        return None if None in times else max(time for time in times if time)

    def exercise(self, known: Iterable[str]) -> str:
        """The exercise that it is for, of those `known`; empty when that is unclear.

        Subjects say it; where they do not, the paths of the patches.
        """
        titles = [mail.title.partition(":")[0].strip() for mail in self.mails]
        paths = [name for mail in self.patches for name in mail.exercises]
        for words in (paths, titles):
            counted = Counter(word for word in words if word in known)
            if counted:
                named = [word for word in titles if word in counted]
                return named[0] if named else counted.most_common(1)[0][0]
        return ""


def in_order(mails: Iterable[Mail]) -> list[Mail]:
    """Mails by the time at which they came, those without one first."""
    return sorted(mails, key=lambda mail: (mail.time or EPOCH, mail.digest))


def group(student: str, mails: list[Mail], known: Iterable[str]) -> list[Series]:
    """The series that `student` sent, out of mails that all carry a tag."""
    known = frozenset(known)
    found = _by_thread(student, in_order(mails))
    return _join(found, known)


def _by_thread(student: str, mails: list[Mail]) -> list[Series]:
    """A series a thread: a part belongs to the lower part that it answers, or to
    those that answer the same mail. Part 0 always begins a series, and so does a
    part that is there already: a series may come again in the same thread."""
    by_id = {mail.id: mail for mail in reversed(mails) if mail.id}
    homes: dict[Hashable, Series] = {}
    found: list[Series] = []
    for mail in sorted(mails, key=lambda mail: mail.tag.part if mail.tag else 0):
        assert mail.tag
        parent = by_id.get(mail.parents[0]) if mail.parents else None
        key: Hashable = mail.digest
        if mail.tag.part and parent and parent.tag and _follows(mail.tag, parent.tag):
            key = parent.digest
        elif mail.tag.part and mail.parents:
            key = (*_alike(mail.tag), mail.parents[0])
        home = None
        for again in [key, *((key, number) for number in range(MOST_AGAIN))]:
            home = homes.get(again)
            if home is None or mail.tag.part not in home.parts:
                break
        if home is None or mail.tag.part in home.parts:
            home = homes[again] = Series(student, mail.tag)
            found.append(home)
        home.parts[mail.tag.part] = mail
        homes.setdefault(mail.digest, home)
    return found


def _alike(tag: Tag) -> tuple[int, int, bool]:
    """What all parts of one series have in common."""
    return tag.version, tag.total, tag.rfc


def _follows(tag: Tag, parent: Tag) -> bool:
    """Whether a mail can be a further part of the series that `parent` is in."""
    return _alike(tag) == _alike(parent) and tag.part > parent.part


def _join(found: list[Series], known: frozenset[str]) -> list[Series]:
    """Joins what is incomplete and fits: sent without a thread, or one part alone
    sent again when it had got lost."""
    joined: list[Series] = []
    for series in sorted(found, key=lambda one: in_order(one.mails)[0].time or EPOCH):
        near = joined[-MOST_OPEN:]
        home = next((one for one in near if _fits(one, series, known)), None)
        if home is None:
            joined.append(series)
            continue
        home.parts.update(series.parts)
    return joined


def _fits(home: Series, other: Series, known: frozenset[str]) -> bool:
    names = {home.exercise(known), other.exercise(known)} - {""}
    return (
        _alike(home.tag) == _alike(other.tag)
        and bool(home.tag.total and (home.missing or other.missing))
        and len(names) < 2
        and not set(home.parts) & set(other.parts)
    )
