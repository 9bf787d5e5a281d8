"""How a class is graded, which outlives a run: its seed, and which time it is.

One seed for all students of an exercise, drawn once, is fair and makes a grading
repeatable. A new generation begins with REGRADE=1 and stays open until every version
has been graded again, so that what was interrupted goes on where it was.
"""

import json
import random
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from grader.classroom import durable
from grader.run import SEEDS
from grader.trouble import CannotGrade, Trouble


@dataclass(frozen=True)
class Plan:
    """`generation` counts from 1; `note` says why it was begun; `open`: not all have
    been graded in it yet."""

    seed: int
    generation: int = 1
    note: str = ""
    open: bool = False


@dataclass(frozen=True)
class Wish:
    """What the command line says about the plan."""

    seed: int | None = None
    regrade: bool = False
    note: str = ""


def settle(folder: Path, wish: Wish) -> Plan:
    """The plan of the exercise with its notes in `folder`, as `wish` wants it."""
    with durable.lock(folder / "plan.lock"):
        before = _read(folder)
        plan = _wished(before, wish)
        if plan != before:
            durable.write(folder / "plan.json", json.dumps(asdict(plan)) + "\n")
        return plan


def close(folder: Path, plan: Plan) -> None:
    """Notes that every version was graded in the generation of `plan`."""
    with durable.lock(folder / "plan.lock"):
        if _read(folder) == plan and plan.open:
            closed = json.dumps(asdict(replace(plan, open=False)))
            durable.write(folder / "plan.json", closed + "\n")


def _wished(plan: Plan | None, wish: Wish) -> Plan:
    if plan is None:
        seed = random.SystemRandom().randrange(SEEDS)
        return Plan(seed if wish.seed is None else wish.seed)
    other_seed = wish.seed not in (None, plan.seed)
    if wish.regrade and not (plan.open and not other_seed):
        seed = plan.seed if wish.seed is None else wish.seed
        return Plan(seed, plan.generation + 1, wish.note, open=True)
    if other_seed:
        raise Trouble(
            f"this class is graded with SEED={plan.seed}",
            f"leave SEED out, or grade all again: REGRADE=1 SEED={wish.seed}",
        )
    return replace(plan, note=wish.note) if wish.regrade and wish.note else plan


def _read(folder: Path) -> Plan | None:
    path = folder / "plan.json"
    try:
        return Plan(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise CannotGrade(
            f"{path}: damaged: {error}", "next: mend or remove it"
        ) from error
