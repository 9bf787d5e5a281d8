"""A folder of the cache is whole, intact, and made once."""

import os
import time
from pathlib import Path

import pytest

from grader import cache


def fill(folder: Path) -> None:
    (folder / "a").write_text("content")


def refuse(_folder: Path) -> None:
    raise AssertionError("made again")


def test_a_key_depends_on_every_part_and_their_borders() -> None:
    keys = {
        cache.key(parts) for parts in (["ab", "c"], ["a", "bc"], ["abc"], ["c", "ab"])
    }
    assert len(keys) == 4


def test_what_was_made_is_found_again(tmp_path: Path) -> None:
    made = cache.folder(tmp_path / "kind", "x", fill)
    assert cache.folder(tmp_path / "kind", "x", refuse) == made


@pytest.mark.parametrize("damage", ["change", "add", "remove", "no manifest"])
def test_a_damaged_folder_is_made_again(tmp_path: Path, damage: str) -> None:
    made = cache.folder(tmp_path, "x", fill)
    if damage == "change":
        (made / "a").write_text("changed")
    elif damage == "add":
        (made / "b").touch()
    elif damage == "remove":
        (made / "a").unlink()
    else:
        (made / cache.MANIFEST).unlink()
    assert (cache.folder(tmp_path, "x", fill) / "a").read_text() == "content"
    assert not (made / "b").exists()


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        cache.folder(tmp_path, "x", refuse)
    assert list(tmp_path.iterdir()) == []


def test_old_folders_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "KEEP", 8)
    (tmp_path / ".new-abandoned").mkdir()
    long_ago = time.time() - 2 * cache.ABANDONED
    os.utime(tmp_path / ".new-abandoned", (long_ago, long_ago))
    for number in range(13):
        cache.folder(tmp_path, str(number), fill)
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {str(number) for number in range(5, 13)}
