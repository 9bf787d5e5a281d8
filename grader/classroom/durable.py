"""Files that survive: written whole or not at all, and locks that die with their owner.

A file has its name only when its content is on the disk, so whoever finds the name
finds all of it, whatever killed the writer.
"""

import fcntl
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader import process

POLL_SECONDS = 0.05
PART = ".part-"  # how the name of a file that is being written begins
LONGEST = 150  # bytes of a name
ABANDONED = 3600  # seconds after which such a file is nobody's any more


def write(path: Path, text: str) -> None:
    """Writes `text` to `path`, whole or not at all; it is on the disk afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=PART, dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    sync(path.parent)


def sync(folder: Path) -> None:
    """Returns when the names in `folder` are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Removes what writers that were killed left in `folder`."""
    for path in folder.glob(PART + "*"):
        try:
            if time.time() - path.stat().st_mtime > ABANDONED:
                path.unlink()
        except FileNotFoundError:
            pass


class Held(Exception):
    """Somebody else holds a lock."""


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Whether the lock `path` was free; if so this thread alone holds it inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def lock(path: Path, patience: float = 120) -> Iterator[None]:
    """Holds the lock `path`; raises Held when that needs more than `patience` seconds,
    and InterruptedError when the grader is asked to end."""
    deadline = time.monotonic() + patience
    while True:
        with try_lock(path) as free:
            if free:
                yield
                return
        if process.ending():
            raise InterruptedError("the grader is ending")
        if time.monotonic() >= deadline:
            raise Held(f"{path}: held by somebody else for {patience:.0f} s")
        time.sleep(POLL_SECONDS)


def file_name(text: str) -> str:
    """A name for a file or folder out of text that anybody may have chosen: equal
    only for equal texts, and what is no plain letter is written as %XX."""
    data = text.encode("utf-8", errors="surrogatepass")
    safe = re.sub(
        rb"[^A-Za-z0-9_.-]|^[-.]", lambda found: b"%%%02X" % found[0][0], data
    )
    if len(safe) > LONGEST:
        safe = safe[:32] + b"%-" + hashlib.sha256(data).hexdigest().encode()
    return safe.decode("ascii") or "%"
