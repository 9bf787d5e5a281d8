"""What came of grading one version of one student: a file each, never changed.

    submissions/N/STUDENT/vK/results/GENERATION-KEY.json   a verdict
    submissions/N/STUDENT/vK/results/infra-....json        the grader's own fault
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from grader import results
from grader.results import ExerciseResult
from grader.text import clean

SCHEMA = 1
STATES = ("graded", "refused", "infra")


@dataclass(frozen=True)
class Attempt:
    """One grading. `state` is graded, refused (`reasons` say why, no points) or infra
    (the grader's fault, points unknown). `max` are the points of the exercise, `cost`
    those that `style` takes. `generation` counts how often the class was graded again,
    `note` says why. `made_with` names tests, grader, kernels and engine by digest;
    `hidden` the tests whose text is not for students yet. `shared`: another student's
    hand-in was the same and was graded already. Times are ISO 8601 in UTC.
    """

    exercise: str
    student: str
    version: int
    again: int
    state: str
    max: int
    received: str
    clock: str
    graded: str
    generation: int
    seed: int
    key: str
    made_with: Mapping[str, str]
    reasons: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    cost: int = 0
    note: str = ""
    hidden: tuple[str, ...] = ()
    shared: bool = False
    message_id: str = ""
    result: ExerciseResult | None = None
    schema: int = field(default=SCHEMA)

    @property
    def score(self) -> int | None:
        """Points before lateness; None where they are not known."""
        if self.state == "refused":
            return 0
        if self.state == "infra" or self.result is None:
            return None
        return max(0, self.result.score - self.cost)

    @property
    def rank(self) -> tuple[int, int]:
        """Later versions of one student are greater."""
        return self.version, self.again

    @property
    def label(self) -> str:
        """The version as its folder is called."""
        return f"v{self.version}" + (f".{self.again}" if self.again > 1 else "")


def to_json(attempt: Attempt) -> str:
    """The text of the file."""
    table = asdict(attempt)
    table["result"] = None
    if attempt.result:
        table["result"] = json.loads(results.to_json([attempt.result]))["exercises"][0]
    return json.dumps(table, indent=1) + "\n"


def from_json(text: str) -> Attempt:
    """The attempt in `text`; raises ValueError when it is none of schema 1."""
    try:
        table: dict[str, Any] = json.loads(text)
        if table["schema"] != SCHEMA or table["state"] not in STATES:
            raise ValueError("not an attempt of schema 1")
        inner = table["result"]
        if inner is not None:
            whole = json.dumps({"schema": results.SCHEMA, "exercises": [inner]})
            table["result"] = results.from_json(whole)[0]
        for name in ("reasons", "style", "hidden"):
            table[name] = tuple(clean(str(word)) for word in table[name])
        return Attempt(**table)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"not an attempt: {error!r}") from error


def summary(attempt: Attempt) -> str:
    """One line: points, and what did not pass."""
    if attempt.state == "refused":
        return f"refused: {clean(attempt.reasons[0] if attempt.reasons else '')}"
    if attempt.result is None or attempt.score is None:
        why = attempt.reasons[0] if attempt.reasons else "the grader's own fault"
        return f"could not be graded: {clean(why)}"
    counts: dict[str, int] = {}
    for test in attempt.result.tests:
        if test.verdict != "pass":
            counts[test.verdict] = counts.get(test.verdict, 0) + 1
    words = [f"{count} {verdict}" for verdict, count in counts.items()]
    words += [f"style -{attempt.cost}"] if attempt.cost else []
    words += ["the same as another"] if attempt.shared else []
    return (
        f"{attempt.score} of {attempt.max} points; {', '.join(words) or 'all passed'}"
    )
