"""Folders that are made once and found again by a hash of all that made them.

A folder appears whole or not at all: it is filled under another name and
renamed. Each holds a manifest of its files, verified whenever it is used.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

MANIFEST = "manifest.json"
KEEP = 1024  # folders of one kind, more than `make check` needs; those used last stay
ABANDONED = 3600  # seconds after which a half-made folder is nobody's any more


def key(parts: Iterable[str | bytes]) -> str:
    """A name made of all `parts`; differs when any part, or their order, does."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:32]


def tool_identity(name: str) -> str:
    """A program as part of a key: its real path, size and time of change."""
    path = Path(shutil.which(name, path="/usr/bin:/bin") or name).resolve()
    try:
        status = path.stat()
    except OSError:
        return f"{path} missing"
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def folder(kind: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """The folder `kind`/`name`, made by `fill` unless it is there and intact.

    What `fill` raises passes through, and then nothing is left behind.
    """
    path = kind / name
    if _intact(path):
        os.utime(path)
        return path
    kind.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=kind))
    try:
        fresh.chmod(0o755)
        fill(fresh)
        manifest = json.dumps(_digests(fresh))
        (fresh / MANIFEST).write_text(manifest, encoding="utf-8")
        _replace(fresh, path)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    _forget_old(kind)
    return path


def _replace(fresh: Path, path: Path) -> None:
    """Renames `fresh` to `path`; one that another process made meanwhile stays."""
    if path.exists() and not _intact(path):
        shutil.rmtree(path, ignore_errors=True)
    try:
        fresh.rename(path)
    except OSError:
        if not _intact(path):
            raise


def _digests(path: Path) -> dict[str, str]:
    """Each file under `path`, relative, with the hash of its content."""
    return {
        str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*"))
        if file.is_file() and file.name != MANIFEST
    }


def _intact(path: Path) -> bool:
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        return bool(manifest == _digests(path))
    except (OSError, ValueError):
        return False


def _forget_old(kind: Path) -> None:
    def age(path: Path) -> float:
        try:
            return path.stat().st_mtime
        except FileNotFoundError:
            return 0.0

    known = sorted(kind.iterdir(), key=age)
    finished = [path for path in known if not path.name.startswith(".")]
    for path in known:
        left_over = path not in finished and time.time() - age(path) > ABANDONED
        if left_over or path in finished[:-KEEP]:
            shutil.rmtree(path, ignore_errors=True)
