"""Deadlines, caps and process groups."""

import os
import time
from pathlib import Path

import pytest

from grader import process


def shell(
    script: str, timeout: float = 10, keep: int = 1 << 16, most: int = 8 << 20
) -> process.Finished:
    return process.run(["sh", "-c", script], timeout=timeout, keep=keep, most=most)


def has_ended(pid: int) -> bool:
    """Whether that process is gone, or only not yet waited for."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


def test_output_and_status_come_back() -> None:
    done = shell("echo out; echo err >&2; exit 3")
    assert (done.status, done.output, done.dropped) == (3, "out\nerr\n", 0)
    assert not done.timed_out and not done.flooded


def test_the_deadline_ends_the_whole_group(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    done = shell(f"sleep 60 & echo $! > {pid}; sleep 60", timeout=0.5)
    assert done.timed_out and done.seconds < 60
    assert has_ended(int(pid.read_text()))


def test_a_child_that_closes_its_output_still_has_a_deadline() -> None:
    assert shell("exec >&- 2>&-; sleep 60", timeout=0.5).timed_out


def test_a_flood_is_cut_and_counted() -> None:
    done = shell("yes", keep=100, most=1 << 20)
    assert done.flooded and len(done.output) == 100
    assert done.dropped > 100_000
    assert not done.timed_out


def test_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    done = shell("env; ls -l /proc/self/fd; cat; ps -o sid= -p $$")
    os.close(reader)
    os.close(writer)
    assert "SECRET" not in done.output
    assert f" {writer} ->" not in done.output.replace(f"{writer} -> /proc", "")


def test_a_missing_program_is_named() -> None:
    with pytest.raises(FileNotFoundError):
        process.run(["no-such-program"], timeout=1)
