"""What the kernel's static checker, and W=1, say about the files of a hand-in."""

import shutil
import tempfile
from pathlib import Path

from grader import build, cache, sandbox
from grader.build import Kernel
from grader.catalog import Exercise
from grader.compiler import about_the_hand_in
from grader.house import House
from grader.stage import HandIn

OPTIONS = ["C=2", "W=1", "CF=-Wsparse-error", "KCFLAGS=-Werror"]


class _Said(Exception):
    """The checker had something to say: `lines`."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def check(house: House, exercise: Exercise, hand_in: HandIn) -> list[str]:
    """Warnings and errors about `hand_in`, on the exercise's first kernel. That
    there were none is remembered by the hash of everything that was looked at."""
    kernel = build.find_kernel(house, exercise.kernels[0])
    recipe = (exercise.folder / "Kbuild").read_bytes()
    parts: list[str | bytes] = [recipe, *OPTIONS]
    for item in sorted(hand_in.files.items()):
        parts += item
    parts += [*build.kernel_identity(kernel)]
    parts += [cache.tool_identity("gcc"), cache.tool_identity("sparse")]

    def fill(folder: Path) -> None:
        lines = _run(house, recipe, hand_in, kernel)
        if lines:
            raise _Said(lines)
        (folder / "clean").touch()

    try:
        cache.folder(house.cache / "sparse", cache.key(parts), fill)
    except _Said as said:
        return said.lines
    return []


def _run(house: House, recipe: bytes, hand_in: HandIn, kernel: Kernel) -> list[str]:
    """What kbuild prints of the checker's findings."""
    work = Path(tempfile.mkdtemp(prefix="sparse-", dir=house.cache))
    try:
        (work / "Kbuild").write_bytes(recipe)
        for name, content in hand_in.files.items():
            (work / name).write_bytes(content)
        make = ["make", "-s", "-C", str(kernel.headers), f"M={sandbox.INSIDE}"]
        done = sandbox.run([*make, *OPTIONS, "modules"], work, (kernel.headers,))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    lines = about_the_hand_in(done.output)
    if done.status != 0:
        return lines or [f"status {done.status}"]
    return [line for line in lines if "warning:" in line or "error:" in line]
