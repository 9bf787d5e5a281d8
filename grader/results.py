"""Results: what a grading found, as data and as files.

The JSON is schema 1 of the course; JUnit XML is written beside it. Both appear
whole or not at all.
"""

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

SCHEMA = 1
VERDICTS = "pass fail oops sanitizer leak hang build blocked infra".split()
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class TestResult:
    """One test on one kernel; `seed` replays it, `points` of `max` were earned;
    `kind` is what the kernel reported, one of kinds.toml, or empty."""

    name: str
    kernel: str
    verdict: str
    points: int
    max: int
    seconds: float
    seed: int
    message: str = ""
    evidence: tuple[str, ...] = ()
    kind: str = ""

    __test__ = False  # not one of pytest's


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise: its tests, in the order in which they are declared."""

    exercise: str
    seconds: float
    tests: tuple[TestResult, ...]

    @property
    def score(self) -> int:
        return sum(test.points for test in self.tests)

    @property
    def max(self) -> int:
        return sum(test.max for test in self.tests)

    def having(self, *verdicts: str) -> list[TestResult]:
        """The tests with one of `verdicts`."""
        return [test for test in self.tests if test.verdict in verdicts]


def status(results: list[ExerciseResult]) -> int:
    """The grader's exit status: 3 when something could not be graded, 1 when a
    test failed, 0 when all passed."""
    verdicts = {test.verdict for result in results for test in result.tests}
    if "infra" in verdicts or not verdicts:
        return 3
    return 0 if verdicts == {"pass"} else 1


def to_json(results: list[ExerciseResult]) -> str:
    """The results as the course's JSON, schema 1."""
    exercises = [
        {
            "exercise": result.exercise,
            "score": result.score,
            "max": result.max,
            "seconds": round(result.seconds, 2),
            "tests": [asdict(test) for test in result.tests],
        }
        for result in results
    ]
    return json.dumps({"schema": SCHEMA, "exercises": exercises}, indent=1) + "\n"


def from_json(text: str) -> list[ExerciseResult]:
    """The results in `text`; raises ValueError when it is not schema 1."""
    try:
        table = json.loads(text)
        if table["schema"] != SCHEMA:
            raise ValueError(f"schema {table['schema']} instead of {SCHEMA}")
        return [_exercise(entry) for entry in table["exercises"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a result of the grader: {error!r}") from error


def _exercise(entry: dict[str, Any]) -> ExerciseResult:
    tests = []
    for test in entry["tests"]:
        fields = dict(test)
        evidence = tuple(fields.pop("evidence"))
        tests.append(TestResult(**fields, evidence=evidence))
    return ExerciseResult(entry["exercise"], entry["seconds"], tuple(tests))


def to_junit(results: list[ExerciseResult]) -> str:
    """The results as JUnit XML: a suite an exercise; `infra` is an error."""
    root = ElementTree.Element("testsuites")
    for result in results:
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=result.exercise,
            tests=str(len(result.tests)),
            failures=str(
                len(result.tests) - len(result.having("pass", "infra", "blocked"))
            ),
            errors=str(len(result.having("infra"))),
            skipped=str(len(result.having("blocked"))),
            time=f"{result.seconds:.2f}",
        )
        for test in result.tests:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=f"{result.exercise}.{test.kernel}",
                name=test.name,
                time=f"{test.seconds:.2f}",
            )
            _junit_verdict(case, test)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _junit_verdict(case: ElementTree.Element, test: TestResult) -> None:
    if test.verdict == "pass":
        return
    tag = {"infra": "error", "blocked": "skipped"}.get(test.verdict, "failure")
    first = test.message.split("\n")[0]
    node = ElementTree.SubElement(
        case, tag, type=test.verdict, message=NOT_XML.sub("?", first)
    )
    node.text = NOT_XML.sub("?", "\n".join([test.message, *test.evidence]))


def write(path: Path, text: str) -> None:
    """Writes `text` to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def write_both(path: Path, results: list[ExerciseResult]) -> None:
    """The JSON to `path` and the JUnit XML beside it, with the suffix .xml."""
    write(path, to_json(results))
    write(path.with_suffix(".xml"), to_junit(results))
