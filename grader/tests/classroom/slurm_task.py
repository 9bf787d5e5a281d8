"""A task of the test's cluster: grades one hand-in that says what it is worth.

    python3 -m grader.tests.classroom.slurm_task ROOT LIST

A hand-in whose salt is `slow` takes longer than any test, but only once; the task of
`broken` ends without a word about it in its results.
"""

import json
import sys
import time
from pathlib import Path

from grader import catalog
from grader.catalog import Exercise
from grader.classroom import slurm, work
from grader.classroom.desk import Desk
from grader.classroom.plan import Plan
from grader.house import House
from grader.results import ExerciseResult
from grader.stage import HandIn
from grader.tests.classroom.conftest import MADE_WITH, Classroom, FakeShelf

FOREVER = 600  # seconds
BEGUN = "begun"
CONTENT = "content"


def main(root: Path, listed: Path) -> None:
    """Grades the version that this task is about."""
    house = House(root)
    exercise = catalog.load(house, "13-prng")
    room = Classroom(house, exercise, FakeShelf(root / "submissions"))

    def grade(chosen: Exercise, hand_in: HandIn) -> ExerciseResult:
        salt = json.loads(hand_in.files["prng.c"])["salt"]
        if salt == "slow" and not (root / BEGUN).exists():
            (root / BEGUN).touch()
            time.sleep(FOREVER)
        if salt == "broken":
            sys.exit("the node has no \x1b[31mcompiler")
        return room.fake(chosen, hand_in)

    folder = slurm.task(listed)
    entry = room.shelf.put(folder.parent.name, (folder / CONTENT).read_bytes())
    board = Desk(
        exercise=exercise,
        shelf=room.shelf,
        folder=room.files.notes("13-prng"),
        plan=Plan(7),
        made_with=MADE_WITH,
        max=100,
        hidden=(),
        grade=grade,
        record=lambda _made: None,
    )
    work.grade_one(board, entry)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
