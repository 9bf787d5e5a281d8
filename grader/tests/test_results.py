"""Results as files: schema 1 there and back, and JUnit XML that parses."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from grader import results
from grader.results import ExerciseResult, TestResult

PASSED = TestResult("it loads", "stock", "pass", 60, 60, 0.3, 7)
FAILED = TestResult("it reads", "stock", "oops", 0, 40, 0.4, 7, "a\x1b<b>&", ("c\x00",))
RESULT = ExerciseResult("13-prng", 4.2, (PASSED, FAILED))


def test_the_json_is_schema_1() -> None:
    table = json.loads(results.to_json([RESULT]))
    assert table["schema"] == 1
    (exercise,) = table["exercises"]
    assert list(exercise) == ["exercise", "score", "max", "seconds", "tests"]
    assert (exercise["score"], exercise["max"]) == (60, 100)
    assert exercise["tests"][0] == {
        "name": "it loads",
        "kernel": "stock",
        "verdict": "pass",
        "points": 60,
        "max": 60,
        "seconds": 0.3,
        "seed": 7,
        "message": "",
        "evidence": [],
        "kind": "",
    }


def test_there_and_back() -> None:
    assert results.from_json(results.to_json([RESULT])) == [RESULT]


@pytest.mark.parametrize("text", ["", "3", "{}", '{"schema": 2, "exercises": []}'])
def test_what_is_not_a_result_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        results.from_json(text)


def test_junit_survives_any_text() -> None:
    root = ElementTree.fromstring(results.to_junit([RESULT]).encode())
    suite = root[0]
    assert suite.get("failures") == "1" and suite.get("errors") == "0"
    assert suite[1][0].get("message") == "a?<b>&"


@pytest.mark.parametrize(
    "verdicts, status",
    [
        (["pass"], 0),
        (["pass", "fail"], 1),
        (["build", "build"], 1),
        (["pass", "infra"], 3),
        (["fail", "infra"], 3),
        ([], 3),
    ],
)
def test_the_exit_status(verdicts: list[str], status: int) -> None:
    tests = tuple(TestResult("x", "stock", v, 0, 1, 0.0, 1) for v in verdicts)
    assert results.status([ExerciseResult("13-prng", 1.0, tests)]) == status


def test_files_are_written_whole_or_not(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    results.write_both(path, [RESULT])
    assert results.from_json(path.read_text()) == [RESULT]
    ElementTree.parse(path.with_suffix(".xml"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        results.write(tmp_path / "folder", "x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "r.json", "r.xml"]
