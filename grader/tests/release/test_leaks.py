"""Planted leaks of every kind are found, and what is no leak is none."""

import gzip
import html

import pytest

from grader import stage
from grader.catalog import Exercise
from grader.house import House
from grader.release import canary, leaks, runs, tree
from grader.release.leaks import Leaks
from grader.release.runs import LENGTH, Hoard
from grader.tests.release.conftest import HIDDEN, MUTANT, NOTES, SOLUTION
from grader.tests.release.test_unpack import tarred, zipped
from grader.trouble import CourseError

SOURCE = "solutions/13-prng/prng.c"
BRANCH = SOLUTION.split("#ifdef SOLUTION\n")[1].split("#else")[0]
BESIDE = "\n".join(["# A page", "", "Look:", "", BRANCH]).encode()


def find(known: Leaks, content: bytes, name: str = "a.md") -> list[str]:
    return known.find([(name, content)])


def number(path: str) -> str:
    return canary.token(f"solutions/13-prng/{path}")


@pytest.mark.parametrize(
    "path", ["prng.c", "NOTES.md", "tests/hidden.bats", "mutants/wrong.patch"]
)
def test_a_canary_is_found_in_text_with_its_line_and_whence(
    secrets: House, known: Leaks, path: str
) -> None:
    whole = (secrets.solutions / "13-prng" / path).read_bytes()
    told = f": the canary of solutions/13-prng/{path}"
    line = whole[: whole.index(number(path).encode())].count(b"\n") + 1
    assert f"a.md:{line}{told}" in find(known, whole)
    assert find(known, f"x\n{number(path)}\n".encode()) == [f"a.md:2{told}"]


def test_a_canary_is_found_in_binaries_and_archives(known: Leaks) -> None:
    told = f"the canary of {SOURCE}"
    binary = b"\0\1ab" + number("prng.c").encode() + b"0\0"
    assert find(known, binary) == [f"a.md: {told}"]
    for content, where in (
        (tarred("b.bin", binary), "a.md!b.bin"),
        (tarred("b.bin", binary, "w:gz"), "a.md!b.bin"),
        (zipped("b.bin", binary), "a.md!b.bin"),
        (gzip.compress(binary), "a.md"),
        (zipped("b.tgz", tarred("c", gzip.compress(binary), "w:gz")), "a.md!b.tgz!c"),
    ):
        assert f"{where}: {told}" in find(known, content)


def test_the_canary_of_a_file_that_is_gone_is_found(known: Leaks) -> None:
    line = f"x {canary.WORD}: {canary.token('solutions/old.c')}\n"
    said = "a.md:1: the canary of a file that is no longer there"
    assert find(known, line.encode()) == [said]


def test_a_part_of_a_solution_is_found_whatever_its_white_space(known: Leaks) -> None:
    (said,) = find(known, BESIDE)
    assert said.startswith("a.md:5: ") and said.endswith(f" tokens as in {SOURCE}:6")
    (again,) = find(known, b"a b\n" + b" ".join(BRANCH.encode().split()))
    assert again.startswith("a.md:2: ") and again.endswith(f" tokens as in {SOURCE}:6")


def test_the_solution_is_found_without_its_canary_and_conditions(
    secrets: House, exercise: Exercise, known: Leaks
) -> None:
    solved = stage.solution(secrets, exercise).files["prng.c"]
    (said,) = find(known, solved, "exercises/13-prng/prng.c")
    assert said.startswith("exercises/13-prng/prng.c:1: ") and SOURCE in said


@pytest.mark.parametrize(
    "text, path",
    [
        (NOTES, "NOTES.md"),
        (HIDDEN, "tests/hidden.bats"),
        (MUTANT.split("ULL;\n")[1], "mutants/wrong.patch"),
    ],
)
def test_notes_hidden_tests_and_mutants_are_found(
    known: Leaks, text: str, path: str
) -> None:
    (said,) = find(known, text.encode())
    assert said.startswith("a.md:1: ") and f" as in solutions/13-prng/{path}:" in said


def test_a_part_of_a_solution_is_found_in_binaries_and_archives(known: Leaks) -> None:
    whence = f" tokens as in {SOURCE}:6"
    for content, where in (
        (b"\0\xff" + BRANCH.encode() + b"\0", "a.md: "),
        (tarred("b.c", BESIDE, "w:gz"), "a.md!b.c:5: "),
        (zipped("b.zip", zipped("c.c", BESIDE)), "a.md!b.zip!c.c:5: "),
        (gzip.compress(BESIDE), "a.md:5: "),
    ):
        found = find(known, content)
        assert any(f.startswith(where) and f.endswith(whence) for f in found), found


def test_a_part_of_a_solution_is_found_between_tags(known: Leaks) -> None:
    page = "".join(f"<b>{html.escape(word)}</b> " for word in BRANCH.split())
    (said,) = find(known, page.encode(), "a.html")
    assert said.endswith(f" tokens as in {SOURCE}:6")


@pytest.mark.parametrize(
    "content, kind",
    [
        (b"\x7fELF\2\1\1", "compiled code"),
        (b"\xa7\r\r\n\0\0\0\0", "compiled Python"),
    ],
)
def test_compiled_code_is_no_part_of_a_release(
    known: Leaks, content: bytes, kind: str
) -> None:
    said = f"a.md: {kind}, where sources are given out"
    assert find(known, content) == [said]
    inside = said.replace("a.md", "a.md!b")
    assert inside in find(known, tarred("b", content))


def test_a_path_of_the_staff_is_found_in_an_archive(known: Leaks) -> None:
    said = "a.md!old/solutions/x.c: a path of the staff"
    assert find(known, zipped("old/solutions/x.c", b"int x;")) == [said]


def test_the_skeleton_is_no_leak(
    secrets: House, exercise: Exercise, known: Leaks
) -> None:
    skeleton = stage.skeleton(secrets, exercise).files["prng.c"]
    assert len(runs.tokens(skeleton.decode())) > LENGTH
    assert find(known, skeleton) == []


def test_what_all_tests_share_is_no_leak(secrets: House) -> None:
    setup = HIDDEN.replace("what nobody is told", "what everybody is told")
    (secrets.exercises / "13-prng" / "tests" / "a.bats").write_text(setup)
    assert find(leaks.load(secrets), setup.encode()) == []
    other = HIDDEN.encode()
    assert find(leaks.load(secrets), other) != []


def test_a_run_has_a_length() -> None:
    hoard = Hoard(5)
    hoard.add("s.c", "a b\nc d e f\ng")
    assert hoard.shared("a b c d x") == []
    (shared,) = hoard.shared("x\ny b c d e f g z")
    assert (shared.line, shared.length, str(shared.place)) == (2, 6, "s.c:1")


def test_what_is_free_is_said_in_one_place() -> None:
    entry = '[[kin]]\nfile = "a"\nsolution = "13-prng"\nwhy = "it is"\n'
    assert leaks.kin(entry) == [("a", "13-prng")]
    with pytest.raises(CourseError, match="an entry has file, solution, why"):
        leaks.kin(entry.replace('"it is"', '" "'))


def test_the_student_s_part_of_this_course_leaks_nothing(real: House) -> None:
    known = leaks.load(real)
    shipped = [(path, e.content) for path, e in tree.student(real).items()]
    assert known.find(shipped) == []
    for name in ("14-kkey", "16-openpath"):
        (path,) = (real.solutions / name).glob("*.c")
        copied = find(known, stage.derive(path, True), f"exercises/{name}/{path.name}")
        assert copied and all(f"solutions/{name}/" in line for line in copied)
