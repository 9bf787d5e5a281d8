"""Where things are: the folders of the course, all relative to one root."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class House:
    """A checkout of the course; `root` is the folder that holds the Makefile."""

    root: Path

    @property
    def exercises(self) -> Path:
        return self.root / "exercises"

    @property
    def solutions(self) -> Path:
        return self.root / "solutions"

    @property
    def lib(self) -> Path:
        """What all exercises share: bats helpers, guest programs and modules."""
        return self.exercises / "lib"

    @property
    def build(self) -> Path:
        """The only folder that is written to."""
        return self.root / "build"

    @property
    def cache(self) -> Path:
        return self.build / "cache"

    @property
    def vm(self) -> Path:
        """The `vm` command, built from vm/."""
        return self.build / "vm" / "vm"

    def kernel(self, name: str) -> Path:
        """The folder of an unpacked kernel: `release`, `headers`, `image`."""
        return self.build / "vm" / "kernels" / name

    def work(self, exercise: str) -> Path:
        """What is kept about one exercise between runs: result, hints, backups."""
        return self.build / "exercises" / exercise

    def relative(self, path: Path) -> str:
        """`path` as people type it: relative to the root where it lies inside."""
        try:
            return str(path.relative_to(self.root))
        except ValueError:
            return str(path)


def workers() -> int:
    """How many tests run at a time unless somebody says otherwise: one more than
    there are CPUs, since the processes of a test often wait for each other."""
    return len(os.sched_getaffinity(0)) + 1


def here() -> House:
    """The checkout that this package belongs to."""
    return House(Path(__file__).resolve().parent.parent)
