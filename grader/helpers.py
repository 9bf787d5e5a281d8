"""Compiles what the tests bring into the guest: the staff's programs and modules.

exercises/lib/guest/*.c and exercises/N/tests/*.c become static programs,
exercises/lib/modules/*.c kernel modules. They are the course's own code, so a
failure here is a CourseError.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import cache, process
from grader.build import Kernel, kernel_identity
from grader.catalog import Exercise
from grader.house import House
from grader.trouble import CannotGrade, CourseError

# musl's programs are a tenth in size and start sooner, which every clone pays for;
# the kernel's own headers come after musl's.
GCC = ["musl-gcc", "-static", "-O2", "-Wall", "-Wextra", "-Werror"]
GCC += ["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"]
SECONDS = 120


def programs(house: House, exercise: Exercise) -> list[Path]:
    """Sources of the guest programs that this exercise's tests may use."""
    shared = sorted(house.lib.glob("guest/*.c"))
    return shared + sorted(exercise.folder.glob("tests/*.c"))


def modules(house: House) -> list[Path]:
    """Sources of the staff's kernel modules."""
    return sorted(house.lib.glob("modules/*.c"))


def build(house: House, exercise: Exercise, kernel: Kernel) -> Path:
    """The folder with NAME for every program and NAME.ko for every module."""
    headers = sorted(exercise.folder.glob("tests/*.h"))
    return compile_all(
        house, programs(house, exercise), modules(house), headers, kernel
    )


def compile_all(
    house: House,
    programs: list[Path],
    modules: list[Path],
    headers: list[Path],
    kernel: Kernel,
) -> Path:
    """The folder with what becomes of these sources, from the cache when nothing
    of them has changed; `headers` are what they include, besides the library's."""
    parts: list[str | bytes] = [
        *GCC,
        *kernel_identity(kernel),
        cache.tool_identity("gcc"),
    ]
    for path in programs + modules + sorted(house.lib.glob("*/*.h")) + headers:
        parts += [house.relative(path), path.read_bytes()]

    def fill(folder: Path) -> None:
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(_program, house, path, folder) for path in programs]
            jobs.append(pool.submit(_modules, house, modules, folder, kernel))
            for job in jobs:
                job.result()

    return cache.folder(house.cache / "helpers", cache.key(parts), fill)


def _program(house: House, source: Path, folder: Path) -> None:
    target = folder / source.stem
    _run(house, [*GCC, "-o", str(target), str(source)], str(house.relative(source)))
    _run(house, ["strip", str(target)], source.name)


def _modules(house: House, sources: list[Path], folder: Path, kernel: Kernel) -> None:
    if not sources:
        return
    work = folder / "kbuild"
    work.mkdir()
    objects = " ".join(f"{source.stem}.o" for source in sources)
    (work / "Kbuild").write_text(f"obj-m := {objects}\n", encoding="utf-8")
    for source in sources:
        (work / source.name).write_bytes(source.read_bytes())
    make = ["make", "-s", "-C", str(kernel.headers), f"M={work}", "modules"]
    _run(house, make, house.relative(sources[0].parent))
    for source in sources:
        strip = ["strip", "--strip-debug", "-o", str(folder / f"{source.stem}.ko")]
        _run(house, [*strip, str(work / f"{source.stem}.ko")], source.name)
    shutil.rmtree(work)


def _run(house: House, command: list[str], what: str) -> None:
    """Runs a command of ours; its failure is a defect of `what`."""
    try:
        done = process.run(command, timeout=SECONDS, folder=house.root)
    except FileNotFoundError as error:
        raise CannotGrade(f"{command[0]} is missing", "next: make setup") from error
    if done.status != 0:
        raise CourseError(f"{what}: does not compile:\n{done.output.strip()}")
