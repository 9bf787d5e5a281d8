"""Canaries: where they are put, and where they must not come."""

import pytest

from grader import catalog, mutants, skeletons, stage
from grader.catalog import Exercise
from grader.house import House
from grader.release import canary
from grader.release.leaks import load
from grader.trouble import CourseError


def test_every_file_of_the_staff_has_its_own(real: House) -> None:
    assert canary.missing(real) == []
    assert len(canary.owners(real)) == len(canary.files(real))


@pytest.mark.parametrize(
    "path, text, line",
    [
        ("a.c", "// SPDX-License-Identifier: GPL-2.0\nint a;\n", 2),
        ("a.sh", "#!/bin/sh\ntrue\n", 2),
        ("a.bats", "load ../../lib/vm\n", 1),
        ("a.patch", "Killed-by: it loads\n\nWhy.\n--- a/x\n", 2),
        ("a.md", "# Notes\n\nText.\n", 5),
        ("Kbuild", "# SPDX-License-Identifier: GPL-2.0\nobj-m := a.o\n", 2),
    ],
)
def test_a_canary_is_one_line_in_the_file_s_own_comments(
    path: str, text: str, line: int
) -> None:
    marked = canary.put(text, path)
    assert canary.token(path) in marked.split("\n")[line - 1]
    assert canary.put(marked, path) == marked
    moved = canary.put(marked, "b/" + path)
    assert canary.LINE.findall(moved) == [canary.token("b/" + path)]


def test_what_a_comment_is_must_be_known() -> None:
    with pytest.raises(CourseError, match="a.bin: what is a comment"):
        canary.put("x", "a.bin")


def test_neither_skeleton_nor_solution_nor_mutant_has_it(
    secrets: House, exercise: Exercise
) -> None:
    source = secrets.solutions / "13-prng" / "prng.c"
    assert canary.LINE.search(source.read_text())
    for derived in (
        stage.skeleton(secrets, exercise).files["prng.c"],
        stage.solution(secrets, exercise).files["prng.c"],
    ):
        assert derived.startswith(b"// SPDX-License-Identifier: GPL-2.0\nstatic u64")
    kept = stage.derive(source, True, keep_lines=True).decode().split("\n")
    assert kept.index("\tz ^= z >> 30;") == source.read_text().split("\n").index(
        "\tz ^= z >> 30;"
    )


def test_the_mutants_of_the_course_still_apply(real: House) -> None:
    (exercise,) = catalog.select(real, ["16-openpath"])
    assert skeletons.stale(real, exercise) == []
    for mutant in mutants.load(real, exercise):
        changed = mutants.apply(real, exercise, mutant)
        assert changed != stage.solution(real, exercise)


def test_a_file_without_its_canary_stops_a_release(secrets: House) -> None:
    path = secrets.solutions / "13-prng" / "NOTES.md"
    path.write_text("# Notes\n")
    with pytest.raises(CourseError, match="NOTES.md: has not its canary\nmake canar"):
        load(secrets)
    canary.write(secrets)
    assert canary.missing(secrets) == []
