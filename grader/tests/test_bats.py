"""bats in short says what bats says at length."""

import re
from pathlib import Path

import pytest

from grader import bats, process, tap
from grader.bats import Call
from grader.battery import Test
from grader.house import House

HELPER = """\
helper() {
	"$@"
	false "after $1"
}
"""
SCRIPT = """\
load helper
setup() { [[ $BATS_TEST_NAME != *setup* ]]; }
teardown() { [[ $BATS_TEST_NAME != *tear* ]]; }

@test "it passes, and says where: $HOME (one) [a-z]* of 'two'?" {
	echo "# a comment" >&3
	[[ $BATS_TEST_DIRNAME/a.bats == "$BATS_TEST_FILENAME" && -d $BATS_TEST_TMPDIR ]]
	[[ $BATS_TEST_NUMBER == 1 && $BATS_TEST_DESCRIPTION == "it passes"* ]]
}

@test "it fails" {
	echo "what it said"
	printf 'ok 1 and no more'
	[[ 1 == 2 ]]
}

@test "it fails in a helper" {
	helper echo here
}

@test "it ends with a status" {
	(exit 7)
}

@test "it has an unknown command" {
	no-such-command
}

@test "it is skipped" {
	skip "since it is"
}

@test "its setup fails" {
	true
}

@test "its tear-down fails" {
	true
}

@test "it leaves" {
	exit 0
}

@test "it takes too long" {
	sleep 600
}

@test "it cheats" {
	echo "ok 1 it cheats" >&3
	false
}

@test "it is warned" {
	run no-such-command
}
"""
NAMES = re.findall(r'^@test "(.*)" {$', SCRIPT, re.MULTILINE)
TOO_LONG = "it takes too long"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A bats file with a test of each kind."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "helper.bash").write_text(HELPER)
    (folder / "a.bats").write_text(SCRIPT)
    return folder / "a.bats"


def said(call: Call, folder: Path, patience: int) -> tuple[str, int]:
    """What bats says when a test may take `patience` seconds, and its exit status."""
    done = process.run(
        call.command,
        timeout=120,
        environment={
            "TMPDIR": str(folder),
            "LC_ALL": "C",
            "BATS_TEST_TIMEOUT": str(patience),
            **call.environment,
        },
        folder=folder,
    )
    return call.said(done.output), done.status


def both(house: House, test: Test) -> tuple[tuple[str, int], tuple[str, int]]:
    """What is said of `test` in short, and at length."""
    folder = test.file.parent
    (folder / "own").mkdir()
    short, whole = bats.call(house, test, folder / "own", folder), bats.whole(test)
    assert short.command != whole.command
    # On a busy host a test may wait for long, and must not be late by that.
    patience = 3 if test.name == TOO_LONG else 60
    return said(short, folder, patience), said(whole, folder, patience)


@pytest.mark.parametrize("name", NAMES[:-2])
def test_it_is_the_same(course: House, file: Path, name: str) -> None:
    short, whole = both(course, Test(name, file, 1, 0))
    assert short == whole
    assert name.split()[-1] in whole[0]


@pytest.mark.parametrize("name, words", [(NAMES[-2], "ok 1"), (NAMES[-1], "BW01: ")])
def test_who_cheats_or_is_warned_has_no_result(
    course: House, file: Path, name: str, words: str
) -> None:
    short, whole = both(course, Test(name, file, 1, 0))
    assert short[1] == whole[1]
    for stream, _ in (short, whole):
        assert words in stream
        with pytest.raises(tap.Malformed):
            tap.parse(stream)


def test_another_bats_is_called_as_everybody_calls_it(
    course: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bats.version() in bats.KNOWN
    monkeypatch.setattr(bats, "version", lambda: "1.9.9")
    test = Test(NAMES[0], file, 1, 0)
    call = bats.call(course, test, file.parent, file.parent)
    assert call == bats.whole(test)


def test_what_a_file_has_not_or_has_twice_is_left_to_bats(
    course: House, file: Path
) -> None:
    for name in ("nothing", "it fails"):
        file.write_text(SCRIPT + SCRIPT)
        test = Test(name, file, 1, 0)
        call = bats.call(course, test, file.parent, file.parent)
        assert call == bats.whole(test)


def test_a_filter_matches_one_name_only() -> None:
    name = r"a.b (c) [d]* e+ f? {1} ^x$ y|z"
    assert re.fullmatch(bats.name_filter(name), name)
    assert not re.fullmatch(bats.name_filter(name), name.replace(".", "x"))
