"""The sorts of hand-ins that a class has, each with its truth."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle
from typing import TypeVar

from grader import battery, mutants, stage
from grader.catalog import Exercise
from grader.house import House
from grader.synthetic import hostile, partial
from grader.synthetic.rewrite import recommented, renamed, reordered, respelled
from grader.synthetic.series import File, Patch, Work
from grader.synthetic.truth import ABSENT, REFUSED, Truth

Thing = TypeVar("Thing")
WORD = re.compile(r"\w+")
OTHERS = "others"  # right solutions of the staff's, in solutions/N


@dataclass
class Maker:
    """Makes hand-ins for one exercise of one file; equal for equal `dice`."""

    house: House
    exercise: Exercise
    dice: random.Random
    salt: str = ""  # in every text, so that two classes have no text in common
    number: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.file = self.exercise.files[0]
        self.path = f"exercises/{self.exercise.name}/{self.file}"
        self.tests = battery.load(self.house, self.exercise)
        self.all = frozenset(test.name for test in self.tests)
        self.asked = frozenset(
            word
            for path in self.exercise.folder.glob("tests/*.ba*")
            for word in WORD.findall(path.read_text(encoding="utf-8"))
        )
        folder = self.house.solutions / self.exercise.name
        self.truth_source = partial.read(folder / self.file)
        self.solution = stage.solution(self.house, self.exercise).files[self.file]
        self.others = [
            stage.derive(path, True).decode()
            for path in sorted((folder / OTHERS).glob("*.c"))
        ]
        self.fresh_mutants = cycle(self._shuffled(self._mutants()))
        unclear = (0, *partial.UNCLEAR.get(self.exercise.name, ()))
        cuts = [n for n in partial.cuts(self.truth_source) if n not in unclear]
        self.fresh_cuts = cycle(self._shuffled(cuts))
        self.fresh_hostile = cycle(hostile.SORTS)

    def _shuffled(self, things: list[Thing]) -> list[Thing]:
        return self.dice.sample(things, len(things))

    def _mutants(self) -> list[mutants.Mutant]:
        """Those that die on the kernels of this class, by a test that it has."""
        by_name = {test.name: test for test in self.tests}
        return [
            mutant
            for mutant in mutants.load(self.house, self.exercise)
            if mutant.killed_by in by_name
            and set(by_name[mutant.killed_by].kernels) <= set(self.exercise.kernels)
        ]

    @cached_property
    def skeleton_text(self) -> str:
        return partial.up_to(self.truth_source, 0)

    def make(self, sort: str) -> Work:
        """A hand-in of one of SORTS, unlike those before it."""
        self.number += 1
        return SORTS[sort](self)

    def right(self) -> Work:
        """The staff's solution, as it is: those who have it are graded once."""
        return self.one(self.solution.decode(), Truth("solution", passes=self.all))

    def rewritten(self) -> Work:
        """A right solution in other words, of the staff's or written apart from it;
        what a test asks for by its name, such as a function in a trace, has it."""
        text = self.dice.choice([self.solution.decode(), *self.others])
        if self.dice.random() < 0.7:
            text = renamed(text, self.dice.choice(["my", "x", "own"]), self.asked)
        if self.dice.random() < 0.7:
            text = reordered(text, self.dice)
        text = respelled(text, self.dice)
        truth = Truth("right", "in other words", passes=self.all)
        return self.one(self.marked(text), truth)

    def mutant(self) -> Work:
        """One mistake, whose killer is known."""
        chosen: mutants.Mutant = next(self.fresh_mutants)
        text = mutants.apply(self.house, self.exercise, chosen).files[self.file]
        killer = frozenset([chosen.killed_by])
        truth = Truth("mutant", chosen.path.stem, fails=killer)
        return self.one(self.marked(text.decode()), truth)

    def part(self) -> Work:
        """The first TODOs, the last of them in a patch of its own."""
        cut: int = next(self.fresh_cuts)
        before = [n for n in partial.cuts(self.truth_source) if 0 < n < cut][-1:]
        patches = [
            self.patch(partial.up_to(self.truth_source, n), f"do all up to step {n}")
            for n in before
        ]
        text = self.marked(partial.up_to(self.truth_source, cut))
        passes, fails = self.up_to(cut)
        truth = Truth("partial", f"up to TODO {cut}", passes=passes, fails=fails)
        return Work((*patches, self.patch(text, f"do step {cut}")), truth)

    def up_to(self, cut: int) -> tuple[frozenset[str], frozenset[str]]:
        """The tests that pass and that fail when the TODOs up to `cut` are done."""
        otherwise = partial.OTHERWISE.get(self.exercise.name, {})
        passes = frozenset(
            test.name
            for test in self.tests
            if ((test.todo or 0) <= cut) != (cut in otherwise.get(test.name, ()))
        )
        luck = partial.CHANCE.get(self.exercise.name, {})
        unknown = {name for name, cuts in luck.items() if cut in cuts}
        return passes - unknown, self.all - passes - unknown

    def skeleton(self) -> Work:
        """Nothing done but a comment."""
        text = self.marked(self.skeleton_text, keep=True)
        passes, fails = self.up_to(0)
        return self.one(text, Truth("skeleton", passes=passes, fails=fails))

    def hostile(self) -> Work:
        """The next of the attacks."""
        chosen = next(self.fresh_hostile)
        return chosen(self)

    def refused(self, why: str, *patches: Patch) -> Work:
        """A series that must not come to any VM."""
        return Work(patches, Truth("hostile", why, state=REFUSED))

    def absent(self) -> Work:
        """A series whose last part is lost on its way."""
        text = self.marked(self.solution.decode())
        begun = self.marked(partial.up_to(self.truth_source, 1))
        patches = (self.patch(begun), self.patch(text))
        return Work(patches, Truth("incomplete", state=ABSENT), lost=1)

    def one(self, text: str, truth: Truth) -> Work:
        """A series of one patch."""
        return Work((self.patch(text),), truth)

    def patch(self, text: str, subject: str = "write the driver") -> Patch:
        """A patch that makes the exercise's file `text`."""
        files = {self.path: File(text.encode())}
        return Patch(f"{self.exercise.name}: {subject}", files)

    def marked(self, text: str, keep: bool = False) -> str:
        """`text` with a comment that nobody else has."""
        word = f"hand-in {self.number} of {self.salt or 'this class'}"
        return f"{text}\n/* {word} */\n" if keep else recommented(text, word)


SORTS: dict[str, Callable[[Maker], Work]] = {
    "right": Maker.right,
    "rewritten": Maker.rewritten,
    "mutant": Maker.mutant,
    "part": Maker.part,
    "skeleton": Maker.skeleton,
    "hostile": Maker.hostile,
    "absent": Maker.absent,
}
# How many there are of each in a class of a hundred.
SHARES = {
    "right": 4,
    "rewritten": 24,
    "mutant": 40,
    "part": 14,
    "skeleton": 3,
    "hostile": 14,
    "absent": 1,
}


def draw(count: int, dice: random.Random) -> Iterator[str]:
    """The sorts of `count` hand-ins: by their shares, each at least once."""
    total = sum(SHARES.values())
    rest = [
        sort for sort, share in SHARES.items() for _ in range(count * share // total)
    ]
    found = list(SORTS) + rest
    while len(found) < count:
        found.append("mutant")
    found = found[:count]
    dice.shuffle(found)
    return iter(found)
