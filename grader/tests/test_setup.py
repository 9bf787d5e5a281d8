"""Setting up a machine: nothing to do, no way to do it, no network, no disk."""

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from grader import setup
from grader.house import House
from grader.trouble import CannotGrade, CourseError

PACKAGES = "# text\n\n## grade: first\nbats  # runs\nno-such-package # never\n"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """A checkout that wants a package which is missing; apt-get is a script."""
    (tmp_path / "packages.txt").write_text(PACKAGES)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    return House(tmp_path)


def program(house: House, name: str, script: str) -> None:
    path = house.root / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_list_of_packages_is_well_formed(real: House) -> None:
    grade, check = setup.wanted(real, "grade"), setup.wanted(real, "check")
    assert "bats" in grade and "black" not in grade
    assert set(grade) < set(check)


def test_a_wrong_line_is_named() -> None:
    with pytest.raises(CourseError, match="packages.txt:2: expected"):
        setup.parse_packages("## grade: x\nbats, bwrap\n")
    with pytest.raises(CourseError, match="packages.txt:3: bats is there already"):
        setup.parse_packages("## grade: x\nbats # runs\nbats # again\n")


def test_nothing_missing_is_silent(
    real: House, capfd: pytest.CaptureFixture[str]
) -> None:
    setup.install_packages("grade", real)
    assert capfd.readouterr() == ("", "")


def test_no_root_and_no_sudo_prints_the_command(
    bare: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    program(bare, "sudo", "exit 1")
    monkeypatch.setattr("sys.stdin", open(os.devnull, encoding="utf-8"))
    with pytest.raises(CannotGrade) as caught:
        setup.install_packages("grade", bare)
    assert caught.value.status == 3
    assert caught.value.next_step == (
        "next, as root: apt-get install --no-install-recommends no-such-package"
    )


@pytest.mark.parametrize(
    "words, reason",
    [
        ("Err: Temporary failure resolving deb.example", "is there a network?"),
        ("No space left on device", "the disk is full"),
        ("E: Unable to locate package no-such-package", "E: Unable to locate"),
    ],
)
def test_a_failed_install_says_why(
    bare: House, monkeypatch: pytest.MonkeyPatch, words: str, reason: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(bare, "apt-get", f"echo '{words}'; exit 100")
    with pytest.raises(CannotGrade) as caught:
        setup.install_packages("grade", bare)
    assert reason in caught.value.what
    assert "build/setup.log" in caught.value.what


def test_lists_are_read_when_the_first_install_fails(
    bare: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    program(
        bare,
        "apt-get",
        'case "$*" in *update*) touch updated ;; *) test -e updated ;; esac',
    )
    setup.install_packages("grade", bare)
    log = (bare.build / "setup.log").read_text()
    assert log.count(" install ") == 2 and log.count(" update") == 1


def test_an_engine_that_does_not_build_shows_the_end_of_its_log(
    bare: House,
) -> None:
    (bare.root / "vm").mkdir()
    (bare.root / "vm" / "Makefile").write_text(
        "all:\n\t@echo no matching kernel image; exit 1\n"
    )
    with pytest.raises(CannotGrade) as caught:
        setup.build_engine(bare)
    assert "no matching kernel image" in caught.value.what
    assert "next: make setup" in caught.value.next_step


def test_the_entry_needs_only_the_standard_library(real: House) -> None:
    script = (
        "import sys; import grader.__main__; "
        "bad = {'click', 'rich'} & set(sys.modules); sys.exit(bool(bad))"
    )
    command = ["/usr/bin/python3", "-B", "-S", "-c", script]
    assert subprocess.run(command, cwd=real.root).returncode == 0


def test_a_set_up_waits_for_another_and_says_so(
    bare: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "QUIET_SECONDS", 0)
    taken = threading.Event()

    def other() -> None:
        with setup.locked(bare):
            taken.set()
            while "waiting for it" not in "".join(said):
                said.append(capfd.readouterr().err)
                time.sleep(0.01)

    said: list[str] = []
    first = threading.Thread(target=other)
    first.start()
    assert taken.wait(10)
    with setup.locked(bare):
        assert "another set-up of this folder is at work" in "".join(said)
    first.join()
