"""What was collected, on disk: append-only, whole or not at all, one writer at a time.

    submissions/
      roster.csv deadlines.toml    the instructor's
      N/STUDENT/vK/                a complete series, never changed once it is there
        mails/0000.eml ...         as they came: 0000 is the cover letter
        series.mbox                its patches, as git am takes them (mboxrd)
        meta.json                  see `Version`
        results/                   for those who grade it; collect leaves it alone
      kept/PLACE/DIGEST.eml .json  every other mail, and why it is there

A second series that calls itself vK is in vK.2. What a mail is known by is its
digest; a mail is in one place at a time.
"""

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from grader.house import House
from grader.trouble import CannotGrade

SCHEMA = 1
KEPT = "kept"
FRESH = ".new-"
VERSION = re.compile(r"v(\d+)(?:\.(\d+))?")
DIGEST = re.compile(r"[0-9a-f]{64}")
MANY = 32  # files from which on one sync of the disk is cheaper than many
PATIENCE = 600  # seconds to wait for another collect


@dataclass(frozen=True)
class Part:
    """One mail of a version; `received` is empty where no server said when."""

    part: int
    file: str
    digest: str
    content: str
    message_id: str
    sender: str
    name: str
    subject: str
    date: str
    received: str
    authentication: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """meta.json of a stored version; times are ISO 8601 in UTC.

    `place` is accepted, late or refused, as it was when it was collected; `reasons`
    say why it was refused, `notes` what is worth knowing. `received` is when its
    last mail came, by the clock that `clock` names: server, sender or none.
    `base` is 0 where it was made on the skeleton of that day. `files` are the
    SHA-256 of what came out.
    """

    exercise: str
    student: str
    name: str
    group: str
    version: int
    again: int
    rfc: bool
    place: str
    received: str
    clock: str
    deadline: str
    patches: int
    parts: tuple[Part, ...]
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    base: int = 0
    files: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def folder(self) -> str:
        """Its folder, relative to submissions/."""
        again = f".{self.again}" if self.again > 1 else ""
        return f"{self.exercise}/{self.student}/v{self.version}{again}"

    @property
    def rank(self) -> tuple[int, int]:
        """Later versions of one student are greater."""
        return self.version, self.again

    @property
    def content(self) -> tuple[str, ...]:
        """Equal for two versions with the same patches."""
        return tuple(part.content for part in self.parts if part.part)


@dataclass(frozen=True)
class Letter:
    """A mail that is kept and is no version: where, why, and whose."""

    digest: str
    place: str
    reason: str
    sender: str = ""
    subject: str = ""
    message_id: str = ""
    received: str = ""
    size: int = 0


def parse(text: str) -> Version:
    """The version that a meta.json describes; raises ValueError."""
    try:
        table: dict[str, Any] = json.loads(text)
        if table["schema"] != SCHEMA:
            raise ValueError(f"schema {table['schema']} instead of {SCHEMA}")
        parts = tuple(_part(part) for part in table.pop("parts"))
        for name in ("reasons", "notes"):
            table[name] = tuple(table[name])
        return Version(parts=parts, **table)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a version: {error!r}") from error


def _part(table: dict[str, Any]) -> Part:
    authentication = tuple(table.pop("authentication"))
    return Part(**table, authentication=authentication)


class Store:
    """The folder submissions/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fresh = root / f"{FRESH}{os.getpid()}"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds off other collectors; removes what one that was ended left."""
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / ".lock", "w", encoding="utf-8") as lock:
            _wait_for(lock.fileno())
            self._clean()
            self.fresh.mkdir()
            try:
                yield
            finally:
                shutil.rmtree(self.fresh, ignore_errors=True)

    def _clean(self) -> None:
        for path in self.root.glob(FRESH + "*"):
            shutil.rmtree(path, ignore_errors=True)
        for note in (self.root / KEPT).glob("*/*.json"):
            if not note.with_suffix(".eml").exists():
                note.unlink()

    def versions(self) -> list[Version]:
        """Every stored version; raises CannotGrade for a damaged one."""
        found = []
        for meta in sorted(self.root.glob("*/*/v*/meta.json")):
            if not VERSION.fullmatch(meta.parent.name):
                continue
            try:
                found.append(parse(meta.read_text(encoding="utf-8")))
            except ValueError as error:
                raise CannotGrade(
                    f"{meta}: {error}",
                    "next: collect its mails again, with this folder out of the way",
                ) from error
        return found

    def letters(self) -> Iterator[tuple[Path, str, str]]:
        """The kept mails: file, digest and place."""
        for path in sorted((self.root / KEPT).glob("*/*.eml")):
            if DIGEST.fullmatch(path.stem):
                yield path, path.stem, path.parent.name

    def letter(self, path: Path) -> Letter | None:
        """What is written about a kept mail; None when it cannot be read."""
        try:
            return Letter(**json.loads(path.with_suffix(".json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def add(self, version: Version, staged: Path) -> None:
        """Moves the folder `staged`, which holds all but meta.json, to its place."""
        text = json.dumps(asdict(version), indent=1) + "\n"
        (staged / "meta.json").write_text(text, encoding="utf-8")
        sync([path for path in staged.rglob("*")])
        sync([staged])
        target = self.root / version.folder
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(staged, target)
        sync([target.parent, target.parent.parent, self.root])

    def keep(self, letters: list[tuple[Path, Letter]]) -> None:
        """Puts each mail where its letter says, from wherever it is now: out of a
        box it is copied, from another place it is moved."""
        new = []
        for source, letter in letters:
            staged = self.fresh / letter.digest
            text = json.dumps(asdict(letter), indent=1) + "\n"
            staged.with_suffix(".json").write_text(text, encoding="utf-8")
            new.append(staged.with_suffix(".json"))
            if not self._is_kept(source):
                shutil.copyfile(source, staged.with_suffix(".eml"))
                new.append(staged.with_suffix(".eml"))
        sync(new)
        folders = set()
        for source, letter in letters:
            place = self.root / KEPT / letter.place
            place.mkdir(parents=True, exist_ok=True)
            staged, target = self.fresh / letter.digest, place / letter.digest
            os.rename(staged.with_suffix(".json"), target.with_suffix(".json"))
            kept = self._is_kept(source)
            old = source if kept else staged.with_suffix(".eml")
            os.rename(old, target.with_suffix(".eml"))
            if kept and source.parent != place:
                source.with_suffix(".json").unlink(missing_ok=True)
            folders |= {place, place.parent, self.root}
        sync(sorted(folders))

    def forget(self, paths: list[Path]) -> None:
        """Removes kept mails which are in a version now."""
        for path in paths:
            if self._is_kept(path):
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)

    def _is_kept(self, path: Path) -> bool:
        return path.is_relative_to(self.root / KEPT)


def _wait_for(descriptor: int) -> None:
    """Locks a file; says so when somebody else holds it, and waits."""
    deadline = time.monotonic() + PATIENCE
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                raise CannotGrade(
                    "another make collect has been at work for very long",
                    "next: wait for it, or end it",
                ) from error
            if not told:
                print("another make collect is at work; waiting for it", flush=True)
                told = True
            time.sleep(0.1)


def sync(paths: list[Path]) -> None:
    """Returns when the files and folders `paths` are on the disk."""
    if len(paths) > MANY:
        os.sync()
        return
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def submissions(house: House) -> Path:
    """Where collect stores."""
    return house.root / "submissions"
