"""What the course checks about itself: skeletons, pages, strays, mutants."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader import (
    catalog,
    coursework,
    mutants,
    pages,
    readme,
    skeletons,
    stage,
    student,
)
from grader.catalog import Exercise
from grader.grade import Options
from grader.house import House
from grader.results import ExerciseResult, TestResult
from grader.stage import HandIn
from grader.trouble import CourseError, Trouble

SOURCE = """\
int f(void)
{
#ifdef SOLUTION
	return 1;
#else
	/* TODO 1: return one. */
	return 0;
#endif
}
"""
README = """\
# 13-prng
## Goal
    # not a heading
## Steps
1. **Get numbers** (`init`).
   Ask.
2. Offer. Then more.
### 3. Undo
## Behaviour
1. not a step
"""
PATCH = """\
Killed-by: it reads (a + b) [x]?
Returns two.
--- a/prng.c
+++ b/prng.c
@@ -1,4 +1,4 @@
 int f(void)
 {
-	return 1;
+	return 2;
 }
"""


@pytest.fixture
def solved(course: House) -> House:
    """`course` with a solution and one mutant."""
    folder = course.solutions / "13-prng"
    (folder / "mutants").mkdir(parents=True)
    (folder / "prng.c").write_text(SOURCE)
    (folder / "mutants" / "two.patch").write_text(PATCH)
    return course


def test_a_skeleton_and_a_solution_come_from_one_source(
    solved: House, exercise: Exercise
) -> None:
    assert b"return 1" in stage.solution(solved, exercise).files["prng.c"]
    assert b"SOLUTION" not in stage.solution(solved, exercise).files["prng.c"]
    assert skeletons.stale(solved, exercise) == ["exercises/13-prng/prng.c"]
    skeletons.write(solved, [exercise])
    assert skeletons.stale(solved, exercise) == []
    assert skeletons.todos(solved, exercise) == [1]


@pytest.mark.parametrize(
    "old, new, wrong",
    [
        ("#ifdef SOLUTION", "#ifdef SOLUTION", []),
        ("#ifdef SOLUTION", "#ifndef SOLUTION", ["3: write it as #ifdef SOLUTION"]),
        (
            "#ifdef SOLUTION",
            "#if defined(SOLUTION)",
            ["3: write it as #ifdef SOLUTION"],
        ),
        ("#else\n", "", ["3: no #else with a TODO for the skeleton"]),
        ("\treturn 1;", "#ifdef X\n#else\n#endif", []),
        (
            "\treturn 1;",
            "#ifdef SOLUTION\n#else\n#endif",
            ["4: #ifdef SOLUTION inside that of line 3"],
        ),
    ],
)
def test_ifdef_solution_has_rules(
    tmp_path: Path, old: str, new: str, wrong: list[str]
) -> None:
    path = tmp_path / "x.c"
    path.write_text(SOURCE.replace(old, new))
    assert skeletons.misuse(path)[: len(wrong) or None] == wrong


def test_a_readme_gives_its_sections_and_steps() -> None:
    assert readme.sections(README) == ["Goal", "Steps", "Behaviour"]
    assert readme.steps(README) == {1: "Get numbers (`init`)", 2: "Offer", 3: "Undo"}


def test_links_are_followed(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text(
        "# Top part\n[x](b.md) [y](#top-part) [z](https://example.org)\n"
        "[w](#nowhere) `[v](gone.md)`\n```\n[u](gone.md)\n```\n![i](gone.png)\n"
    )
    assert readme.broken_links(page, tmp_path) == [
        "2: b.md: no such file",
        "3: #nowhere: no such heading",
        "7: gone.png: no such file",
    ]


def test_strays_are_found(solved: House, exercise: Exercise) -> None:
    assert pages.strays(solved, exercise) == []
    (exercise.folder / "prng.o").touch()
    (solved.solutions / "13-prng" / "mutants" / "two.patch~").touch()
    assert pages.strays(solved, exercise) == [
        "exercises/13-prng/prng.o",
        "solutions/13-prng/mutants/two.patch~",
    ]


def test_a_mutant_is_the_solution_with_a_mistake(
    solved: House, exercise: Exercise
) -> None:
    (mutant,) = mutants.load(solved, exercise)
    assert mutant.killed_by == "it reads (a + b) [x]?"
    content = mutants.apply(solved, exercise, mutant).files["prng.c"]
    assert b"return 2" in content
    mutant.path.write_text(PATCH.replace("return 1", "return 9"))
    with pytest.raises(CourseError, match="does not apply"):
        mutants.apply(solved, exercise, mutant)
    mutant.path.write_text("It is wrong.\n")
    with pytest.raises(CourseError, match="two.patch:1: must be"):
        mutants.load(solved, exercise)


@pytest.mark.parametrize(
    "cpus, dies_in, tries, lives",
    [(1, 1, 1, False), (1, 2, 1, True), (2, 3, 3, False), (2, 4, 3, True)],
)
def test_a_mutant_that_races_has_three_tries(
    solved: House,
    exercise: Exercise,
    monkeypatch: pytest.MonkeyPatch,
    cpus: int,
    dies_in: int,
    tries: int,
    lives: bool,
) -> None:
    seeds = []

    def grade(
        house: House, exercise: Exercise, options: Options, hand_in: HandIn
    ) -> ExerciseResult:
        seeds.append(options.seed)
        verdict = "fail" if len(seeds) == dies_in else "pass"
        name, kernel = str(options.test), str(options.kernel)
        test = TestResult(name, kernel, verdict, 0, 40, 0.1, options.seed)
        return ExerciseResult(exercise.name, 1.0, (test,))

    monkeypatch.setattr(mutants, "grade", grade)
    (mutant,) = mutants.load(solved, exercise)
    found, wrong = mutants.hunt(solved, replace(exercise, smp=cpus), mutant, 7)
    passes = [f"{mutant.killed_by}: pass (stock, SEED={seed})" for seed in seeds]
    assert [line for line in wrong if line] == (passes if lives else [])
    assert found == tries
    assert seeds == list(range(7, 7 + tries))


def failing(name: str) -> ExerciseResult:
    other = TestResult("it loads", "stock", "pass", 60, 60, 0.1, 1)
    test = TestResult(name, "stock", "fail", 0, 40, 0.1, 1)
    return ExerciseResult("13-prng", 1.0, (other, test))


def test_hints_go_up_the_ladder(
    course: House, exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Trouble, match="was not graded yet"):
        student.hint(course, exercise)
    student.remember(course, failing("it loads"))
    for words in ("1 of 2: Look up", "2 of 2: Look down", "once more: Look down"):
        student.hint(course, exercise)
        assert words in capsys.readouterr().out
    student.remember(course, failing("it reads (a + b) [x]?"))
    student.hint(course, exercise)
    assert "TODO 2 has no hints" in capsys.readouterr().out


def test_a_broken_skeleton_has_hints_and_must_not_compile(
    course: House, exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    test = TestResult("it loads", "stock", "build", 0, 60, 0.1, 1)
    student.remember(course, ExerciseResult("13-prng", 1.0, (test,)))
    student.hint(course, exercise)
    assert "does not build yet" in capsys.readouterr().out
    broken = replace(exercise, skeleton="broken")
    student.hint(course, broken)
    assert "1 of 2: Look up" in capsys.readouterr().out


@pytest.mark.parametrize(
    "verdict, message, wrong",
    [
        ("build", "In function 'f':\nprng.c:3:1: error: no return", []),
        ("build", "prng.c:3: refused", ["no prng.c:LINE:COLUMN: error: in the report"]),
        ("fail", "prng.c:3:1: error: told", ["fail, not build: it loads"]),
    ],
)
def test_a_broken_skeleton_is_explained(
    exercise: Exercise, verdict: str, message: str, wrong: list[str]
) -> None:
    test = TestResult("it loads", "stock", verdict, 0, 60, 0.1, 1, message)
    result = ExerciseResult("13-prng", 1.0, (test,))
    assert coursework.unexplained(exercise, result) == wrong


def test_reset_keeps_what_was_there(
    solved: House, exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exercise.folder / "prng.c"
    path.write_text("mine\n")
    assert student.reset(solved, exercise, sure=True) == 0
    assert "TODO 1" in path.read_text()
    (backup,) = solved.work("13-prng").glob("backup-*/prng.c")
    assert backup.read_text() == "mine\n"
    assert student.reset(solved, exercise, sure=True) == 0
    assert "is the skeleton already" in capsys.readouterr().out


def test_reset_asks_first(
    solved: House, exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", open("/dev/null", encoding="utf-8"))
    before = (exercise.folder / "prng.c").read_bytes()
    assert student.reset(solved, exercise, sure=False) == 2
    assert (exercise.folder / "prng.c").read_bytes() == before


def test_status_shows_the_next_step(
    course: House, exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    student.status(course, [exercise])
    assert "not graded yet" in capsys.readouterr().out
    student.remember(course, failing("it loads"))
    student.status(course, [catalog.load(course, "13-prng")])
    assert "TODO 1: make hint 13-prng" in capsys.readouterr().out
