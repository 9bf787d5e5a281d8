"""What is asked of a series before any VM: each patch builds, and style.

A patch that does not build is a reason to refuse; style is advice, or costs points
where the exercise says so.
"""

import re
import shutil
import tempfile
from pathlib import Path

from grader import build, cache, process, sandbox, sparse
from grader.catalog import Exercise
from grader.handin.apply import Applied
from grader.handin.police import shown
from grader.house import House
from grader.text import clean
from grader.trouble import CannotGrade

ARCHIVE = Path("/usr/src/linux-source-6.1.tar.xz")
CHECKPATCH = ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")
UNPACK_SECONDS = 300
# A series for a course has no maintainer, and its files lie in no kernel tree.
IGNORED = "FILE_PATH_CHANGES,SPDX_LICENSE_TAG,NOT_UNIFIED_DIFF"
FINDING = re.compile(r"\S+:\d+: (ERROR|WARNING):")
WARNING = re.compile(r"\b(warning|error):")
COST = 1  # points for a finding of style, where it is scored
MOST_COST = 10  # points, for all of them


def builds(house: House, exercise: Exercise, applied: Applied) -> list[str]:
    """Why a patch of the series is refused: the tree after it does not build."""
    kernel = build.find_kernel(house, exercise.kernels[0])
    total = len(applied.states)
    for number, state in enumerate(applied.states, 1):
        try:
            build.build(house, exercise, state, kernel)
        except build.BuildFailed as error:
            return [
                f"after patch {number} of {total} it does not build: every patch "
                "leaves a driver that builds",
                *error.lines[:10],
            ]
    return []


def style(house: House, exercise: Exercise, applied: Applied) -> list[str]:
    """What checkpatch says of the new lines, and sparse and W=1 of the files."""
    found = checkpatch(house, applied.diff)
    said = sparse.check(house, exercise, applied.hand_in)
    return found + [shown(line, 200) for line in said if WARNING.search(line)]


def cost(exercise: Exercise, lines: list[str]) -> int:
    """The points that findings of style take from a score."""
    return min(MOST_COST, COST * len(lines)) if exercise.style == "scored" else 0


def checkpatch(house: House, diff: bytes) -> list[str]:
    """The findings of the kernel's checkpatch.pl about the lines that `diff` adds."""
    tool = find_checkpatch(house)
    house.cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="checkpatch-", dir=house.cache))
    try:
        (work / "series.diff").write_bytes(diff)
        command = ["perl", str(tool / CHECKPATCH[0]), "--no-tree", "--no-summary"]
        command += ["--terse", "--showfile", "--color=never", f"--ignore={IGNORED}"]
        done = sandbox.run([*command, "series.diff"], work, (tool,))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if done.timed_out or done.status not in (0, 1):
        raise CannotGrade(
            f"checkpatch.pl: status {done.status}: {clean(done.output)[-300:]}",
            "next: rm -r build/cache/checkpatch, and try again",
        )
    lines = (line.replace("exercises/", "", 1) for line in done.output.split("\n"))
    return [shown(line, 200) for line in lines if FINDING.match(line)]


def find_checkpatch(house: House) -> Path:
    """The folder with checkpatch.pl and its lists: that of a kernel which was built
    from linux-source, or unpacked from it, once."""
    for kernel in ("debug", "race"):
        scripts = house.kernel(kernel) / "headers" / "scripts"
        if all((scripts / name).is_file() for name in CHECKPATCH):
            return scripts.resolve()
    try:
        status = ARCHIVE.stat()
    except OSError as error:
        raise CannotGrade(
            f"no checkpatch.pl: {ARCHIVE}: {error.strerror}",
            "next: apt-get install --reinstall linux-source-6.1",
        ) from error
    key = cache.key([str(ARCHIVE), f"{status.st_size} {status.st_mtime_ns}"])

    def fill(folder: Path) -> None:
        unpack = ["tar", "-xJf", str(ARCHIVE), "-C", str(folder), "--no-same-owner"]
        unpack += ["--strip-components=2", "--wildcards"]
        unpack += [f"*/scripts/{name}" for name in CHECKPATCH]
        done = process.run(unpack, timeout=UNPACK_SECONDS)
        if done.status != 0:
            raise CannotGrade(f"tar: {done.output.strip()[-300:]}", "next: make setup")

    return cache.folder(house.cache / "checkpatch", key, fill)
