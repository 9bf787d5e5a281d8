"""Building kernels: what is announced, watched and explained."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader import kernels, setup
from grader.house import House
from grader.trouble import CannotGrade, Trouble

WORKS = r"@printf 'steps 2\n  CC      one.o\n  CC      two.o\ncompile: told\n'"
READY = "@true"
FAILS = r"@printf 'steps 2\none.c:1: error: no such thing\n'; false"
FULL = r"@printf 'steps 2\ncc1: fatal error: write: No space left on device\n'; false"
REFUSED = r"@printf 'compile: gcc is version 99\n'; false"


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts of packages.txt that were asked for; nothing is installed."""
    asked: list[str] = []
    monkeypatch.setattr(setup, "install_packages", asked.append)
    return asked


def house_with(root: Path, recipe: str) -> House:
    """A course whose vm/ answers `make kernel KERNEL=debug` by `recipe`."""
    (root / "vm").mkdir(parents=True)
    (root / "vm" / "Makefile").write_text(f"kernel:\n\t{recipe}\n", encoding="utf-8")
    return House(root)


def ensure(house: House) -> str:
    """What the terminal shows while the debug kernel is made ready."""
    shown = io.StringIO()
    terminal = {"TERM": "xterm"}
    console = Console(file=shown, force_terminal=True, width=80, _environ=terminal)
    kernels.ensure(house, ["stock", "debug"], console)
    return shown.getvalue()


def test_a_kernel_is_built_with_a_bar_and_its_remarks(
    tmp_path: Path, packages: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "building the debug kernel, once" in ensure(house_with(tmp_path, WORKS))
    said = capsys.readouterr().err
    assert "setup: told" in said
    assert "setup: the debug kernel is built: " in said
    assert packages == ["debug"]


def test_elsewhere_than_on_a_terminal_a_line_tells(
    tmp_path: Path, packages: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for terminal, kind in ((False, "xterm"), (True, "dumb")):
        shown = io.StringIO()
        console = Console(file=shown, force_terminal=terminal, _environ={"TERM": kind})
        house = house_with(tmp_path / kind, WORKS)
        kernels.ensure(house, ["debug"], console)
        assert shown.getvalue() == ""
        assert "setup: building the debug kernel, once" in capsys.readouterr().err


def test_a_kernel_that_is_there_is_not_mentioned(
    tmp_path: Path, packages: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ensure(house_with(tmp_path, READY)) == ""
    assert capsys.readouterr().err == ""


def test_the_stock_kernel_needs_no_packages_of_the_others(
    tmp_path: Path, packages: list[str]
) -> None:
    kernels.ensure(House(tmp_path), ["stock"], Console(file=io.StringIO()))
    assert packages == []


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (FAILS, "one.c:1: error: no such thing"),
        (FULL, "the disk is full"),
        (REFUSED, "gcc is version 99"),
    ],
)
def test_a_build_that_fails_says_why_and_what_to_run(
    tmp_path: Path, packages: list[str], recipe: str, reason: str
) -> None:
    with pytest.raises(CannotGrade) as caught:
        ensure(house_with(tmp_path, recipe))
    text = str(caught.value)
    assert "the debug kernel could not be built:" in text
    assert reason in text
    assert "next: make debug-kernel KERNEL=debug" in text


def test_a_kernel_that_is_not_built_here_is_refused() -> None:
    with pytest.raises(Trouble, match="there is: debug race"):
        kernels.check_name("stock")
