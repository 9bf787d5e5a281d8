"""`make collect`: sorts the mails of a box into submissions/, each into one place.

Mails that could not be used yet, for a part was missing or a sender was not known,
are looked at again each time.
"""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from grader import catalog, report
from grader.handin import box, mail, roster
from grader.handin.apply import Applied, Rejected, apply
from grader.handin.decide import Settings, decide, keep
from grader.handin.mail import Mail, Unreadable
from grader.handin.police import shown
from grader.handin.series import Series
from grader.handin.store import Letter, Store, Version, submissions
from grader.house import House, workers
from grader.trouble import CannotGrade

# Every place, in the order in which it is listed.
PLACES = (
    "accepted late refused undecided incomplete unknown-sender unauthenticated "
    "too-large broken duplicate not-a-patch"
).split()
FINAL = ("too-large", "broken")  # kept, and not looked at again


@dataclass(frozen=True)
class Outcome:
    """What became of a box: new versions, other mails, and how many were known."""

    versions: list[Version]
    letters: list[Letter]
    seen: int
    known: int


def collect(house: House, source: Path, roster_file: Path | None, authserv: str) -> int:
    """The verb; returns 0, or 3 when a series could not be tried."""
    console = report.make_console()
    store = Store(submissions(house))
    settings = Settings(
        roster.load(
            roster_file or store.root / "roster.csv", store.root / "deadlines.toml"
        ),
        {exercise.name: exercise for exercise in catalog.select(house, [])},
        authserv,
    )
    with box.opened(house, source) as paths, store.locked():
        outcome = sort(house, store, settings, paths, console)
    tell(console, house, store, settings, outcome)
    return 3 if any(one.place == "undecided" for one in outcome.letters) else 0


def sort(
    house: House, store: Store, settings: Settings, paths: list[Path], console: Console
) -> Outcome:
    """Puts each mail into its place; the store is locked."""
    versions = store.versions()
    in_version = {part.digest for version in versions for part in version.parts}
    kept = {digest: (path, place) for path, digest, place in store.letters()}
    store.forget([kept.pop(digest)[0] for digest in in_version & set(kept)])
    again = [path for path, place in kept.values() if place not in FINAL]
    mails, letters, known = _read(paths, in_version | set(kept))
    old, unreadable, _ = _read(again, set())
    mails = list({one.digest: one for one in [*mails, *old]}.values())
    letters += unreadable

    found, decided = decide(settings, mails, versions)
    letters += decided
    added, undecided = _store_all(house, store, settings, found, console)
    letters += undecided
    gone = {part.digest for version in added for part in version.parts}
    moved = [pair for pair in letters if _is_news(store, kept, *pair)]
    store.keep(moved)
    store.forget([kept[digest][0] for digest in gone & set(kept)])
    return Outcome(added, [letter for _, letter in moved], len(paths), known)


def _is_news(
    store: Store, kept: dict[str, tuple[Path, str]], _path: Path, letter: Letter
) -> bool:
    """Whether something is to be written about a mail."""
    if letter.digest not in kept:
        return True
    return store.letter(kept[letter.digest][0]) != letter


def _read(
    paths: Iterable[Path], known: set[str]
) -> tuple[list[Mail], list[tuple[Path, Letter]], int]:
    """The mails in `paths` whose digest is not `known`; those that cannot be read,
    as letters; and how many were known, or there twice."""
    mails: dict[str, Mail] = {}
    letters: dict[str, tuple[Path, Letter]] = {}
    doubles = 0
    for path in paths:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            continue  # a mail program has moved it; it is there the next time
        try:
            if size > mail.LARGEST:
                what = f"{size} bytes; at most {mail.LARGEST} are read"
                letter = Letter(mail.digest_file(path), "too-large", what, size=size)
            else:
                one = mail.read(path)
                doubles += one.digest in known or one.digest in mails
                if one.digest not in known:
                    mails.setdefault(one.digest, one)
                continue
        except Unreadable as error:
            letter = Letter(mail.digest_file(path), "broken", str(error), size=size)
        doubles += letter.digest in known or letter.digest in letters
        if letter.digest not in known:
            letters[letter.digest] = (path, letter)
    return list(mails.values()), list(letters.values()), doubles


def _store_all(
    house: House,
    store: Store,
    settings: Settings,
    found: list[tuple[Series, Version]],
    console: Console,
) -> tuple[list[Version], list[tuple[Path, Letter]]]:
    """Applies and stores the new versions. A series that cannot be tried, which its
    author may have meant, waits as letters, and keeps nobody else waiting."""
    added: list[Version] = []
    undecided: list[tuple[Path, Letter]] = []
    with report.bar(console, "applying", len(found)) as step:
        with ThreadPoolExecutor(workers()) as pool:
            futures = []
            for number, (group, version) in enumerate(found):
                folder = store.fresh / str(number)
                stage(group, version, folder)
                future = pool.submit(judged, house, settings, version, folder)
                futures.append((folder, group, future))
            try:
                for folder, group, future in futures:
                    try:
                        version = future.result()
                        store.add(version, folder)
                        added.append(version)
                    except CannotGrade as error:
                        undecided += [
                            (one.path, keep(one, "undecided", error.what))
                            for one in group.mails
                        ]
                    step()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
    return added, undecided


def stage(group: Series, version: Version, folder: Path) -> None:
    """Writes mails and series.mbox of a version below `folder`."""
    (folder / "mails").mkdir(parents=True)
    patches = []
    for one, part in zip(group.mails, version.parts):
        raw = one.path.read_bytes()
        (folder / part.file).write_bytes(raw)
        patches += [raw] if part.part else []
    (folder / "series.mbox").write_bytes(box.join(patches))


def judged(house: House, settings: Settings, version: Version, folder: Path) -> Version:
    """`version` with what applying it told."""
    exercise = settings.exercises[version.exercise]
    try:
        applied = apply(house, exercise, folder / "series.mbox", version.patches)
    except Rejected as error:
        return replace(version, place="refused", reasons=tuple(error.reasons))
    notes = [*version.notes, *_words(version, applied)]
    digests = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in applied.hand_in.files.items()
    }
    return replace(version, base=applied.base, files=digests, notes=tuple(notes))


def _words(version: Version, applied: Applied) -> list[str]:
    """Notes about whose work it says it is."""
    addresses = {part.sender for part in version.parts}
    notes = []
    for number, commit in enumerate(applied.commits, 1):
        author = f"{shown(commit.name)} <{shown(commit.address)}>"
        if commit.address.lower() not in addresses:
            notes.append(f"patch {number} says that {author} wrote it")
        elif commit.name != version.name:
            notes.append(f"patch {number} is by {author}; the roster: {version.name}")
    if applied.base:
        notes.append("made on an earlier skeleton")
    return notes


def tell(
    console: Console, house: House, store: Store, settings: Settings, outcome: Outcome
) -> None:
    """The list: a line a version, a line for mails that are kept for one reason."""
    rows = [
        (version.place, version.folder, text)
        for version in outcome.versions
        for text in _about(version)
    ]
    groups: dict[tuple[str, str, str], list[Letter]] = {}
    for letter in outcome.letters:
        key = (letter.place, letter.sender or "(no sender)", letter.reason)
        groups.setdefault(key, []).append(letter)
    for (place, sender, reason), letters in groups.items():
        what = f'"{shown(letters[0].subject)}"' if letters[0].subject else "one mail"
        what = f"{len(letters)} mails" if len(letters) > 1 else what
        rows.append((place, shown(sender), f"{reason}: {what}"))
    width = min(40, max((len(middle) for _, middle, _ in rows), default=0))
    for place, middle, text in sorted(rows, key=lambda row: PLACES.index(row[0])):
        console.print(f"{place:<15} {middle:<{width}}  {text}", markup=False)
    new = outcome.seen - outcome.known
    console.print(f"{outcome.seen} mails: {new} new, {outcome.known} known before")
    if outcome.letters:
        console.print(f"what is kept, and why: {house.relative(store.root)}/kept")
    if outcome.versions and not settings.authserv:
        console.print("From: is believed as it stands; AUTHSERV=SERVER asks for more")


def _about(version: Version) -> list[str]:
    """A line for each thing to say about a version."""
    count = f"{version.patches} patch{'es' if version.patches > 1 else ''}"
    reasons = list(version.reasons) or [count]
    return reasons + [f"note: {note}" for note in version.notes]
