"""Builds the hand-in into modules, in a sandbox, with the course's own Kbuild.

A module that was built once is found again by the hash of everything that
made it. What a module may call is held against the exercise's list.
"""

import fnmatch
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader import cache, compiler, sandbox
from grader.catalog import Exercise
from grader.house import House
from grader.stage import HandIn
from grader.trouble import CannotGrade, CourseError

# All warnings but those that the kernel's own headers raise.
FLAGS = (
    "-Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-type-limits "
    "-Wno-missing-field-initializers -Werror -fmax-errors=20 -fno-diagnostics-color "
    # A call in tail position leaves its caller in backtraces, and failfn counts it.
    "-fno-optimize-sibling-calls "
    # Lines for addresses, where the kernel itself was built without.
    "-gdwarf-4"
)
# UBSAN is for modules only: all of Linux would take a third longer to build.
OPTIONS = ["UBSAN_SANITIZE=y"]
LARGEST_MODULE = 16 << 20  # bytes
# What the compiler, not the author, calls.
COMPILER_SYMBOLS = (
    "__fentry__ __x86_return_thunk __x86_indirect_thunk_* __stack_chk_fail "
    "__SCT__might_resched __SCT__cond_resched __SCK__* __SCT__* __preempt_count "
    "memcpy memset memmove memcmp __memcpy __memset __memmove "
    "__ubsan_handle_* __asan_* __kasan_* __tsan_* __kcsan_check_access "
    "__sanitizer_cov_* __fortify_panic"
).split()


class BuildFailed(Exception):
    """The hand-in does not build; `lines` are for its author."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class Modules:
    """Built modules: `folder` holds NAME.ko to load, `debug` the same with DWARF."""

    folder: Path
    debug: Path


@dataclass(frozen=True)
class Kernel:
    """A kernel that modules are built against."""

    name: str
    release: str
    headers: Path


def find_kernel(house: House, name: str) -> Kernel:
    """The unpacked kernel `name`; raises CannotGrade when it, or its headers, are
    not there."""
    folder = house.kernel(name)
    try:
        release = (folder / "release").read_text(encoding="utf-8").strip()
        headers = (folder / "headers").resolve(strict=True)
    except OSError as error:
        raise CannotGrade(
            f"the {name} kernel is not complete: {error.filename}: {error.strerror}",
            "next: make setup",
        ) from error
    if not (headers / "Makefile").exists():
        raise CannotGrade(
            f"no kernel headers in {headers}",
            "next: apt install linux-headers-cloud-amd64",
        )
    return Kernel(name, release, headers)


def build(house: House, exercise: Exercise, hand_in: HandIn, kernel: Kernel) -> Modules:
    """The modules of `exercise` from `hand_in`; raises BuildFailed or CannotGrade."""
    kbuild = exercise.folder / "Kbuild"
    try:
        recipe = kbuild.read_bytes()
    except OSError as error:
        raise CourseError(f"{house.relative(kbuild)}: {error.strerror}") from error
    parts: list[str | bytes] = [recipe, FLAGS, *OPTIONS, " ".join(exercise.modules)]
    for item in sorted(hand_in.files.items()):
        parts += item
    parts += [*kernel_identity(kernel), cache.tool_identity("gcc")]

    def fill(folder: Path) -> None:
        work = Path(tempfile.mkdtemp(prefix=".work-", dir=folder.parent))
        try:
            (work / "Kbuild").write_bytes(recipe)
            for file, content in hand_in.files.items():
                (work / file).write_bytes(content)
            _compile(exercise, work, kernel)
            _collect(exercise, work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    folder = cache.folder(house.cache / "modules", cache.key(parts), fill)
    check_symbols(exercise, (folder / "symbols").read_text(encoding="utf-8"))
    return Modules(folder, folder / "debug")


def kernel_identity(kernel: Kernel) -> list[str]:
    """The headers as part of a key: release, and what differs between builds."""
    marks = [kernel.release, str(kernel.headers)]
    for name in ("Module.symvers", "include/generated/autoconf.h"):
        status = (kernel.headers / name).stat()
        marks.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    return marks


def _compile(exercise: Exercise, work: Path, kernel: Kernel) -> None:
    """Runs kbuild in the sandbox, then strips; `work` holds the result."""
    make = ["make", "-s", "-C", str(kernel.headers), f"M={sandbox.INSIDE}"]
    make += [f"KCFLAGS={FLAGS}", *OPTIONS, "modules"]
    done = sandbox.run(make, work, (kernel.headers,))
    if done.timed_out:
        raise BuildFailed([f"the compiler did not end within {done.seconds:.0f} s"])
    if done.status != 0 or done.flooded or compiler.has_modpost_warning(done.output):
        lines = compiler.about_the_hand_in(done.output, done.dropped)
        raise BuildFailed(lines or [f"the compiler failed with status {done.status}"])
    for name in exercise.modules:
        strip = ["strip", "--strip-debug", "-o", f"{name}.loaded", f"{name}.ko"]
        done = sandbox.run(strip, work)
        if done.status != 0:
            raise BuildFailed([f"no module {name}.ko came out: {done.output.strip()}"])


def _collect(exercise: Exercise, work: Path, folder: Path) -> None:
    """Takes the modules out of `work`, which is hostile, and lists their symbols."""
    (folder / "debug").mkdir()
    symbols = ""
    for name in exercise.modules:
        for source, target in (
            (f"{name}.loaded", folder / f"{name}.ko"),
            (f"{name}.ko", folder / "debug" / f"{name}.ko"),
        ):
            target.write_bytes(_read_module(work / source))
        done = sandbox.run(["nm", "-u", "-P", f"{name}.loaded"], work, keep=1 << 20)
        if done.status != 0 or done.dropped:
            raise BuildFailed([f"{name}.ko: its symbols cannot be listed"])
        symbols += done.output
    (folder / "symbols").write_text(symbols, encoding="utf-8")


def _read_module(path: Path) -> bytes:
    descriptor = os.open(
        path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    )
    with open(descriptor, "rb") as file:
        content = file.read(LARGEST_MODULE + 1)
    if len(content) > LARGEST_MODULE:
        raise BuildFailed([f"{path.name}: over {LARGEST_MODULE} bytes"])
    return content


def check_symbols(exercise: Exercise, listed: str) -> None:
    """Raises BuildFailed when `listed`, from nm -u -P, has a symbol that is not
    on the exercise's list."""
    allowed = re.compile(
        "|".join(
            fnmatch.translate(name) for name in (*exercise.symbols, *COMPILER_SYMBOLS)
        )
    )
    used = {line.split()[0] for line in listed.splitlines() if line.strip()}
    strange = sorted(name for name in used if not allowed.match(name))
    if strange:
        lines = [f"the module uses {symbol_in_words(name)}" for name in strange]
        lines.append(
            "this exercise is solved without; what may be used: "
            f"symbols in exercises/{exercise.name}/exercise.toml"
        )
        raise BuildFailed(lines)


def symbol_in_words(name: str) -> str:
    """A symbol as the author of the module knows it."""
    behind = {
        "pv_ops": "local_irq_disable() or one of its kind",
        "this_cpu_off": "a per-CPU variable",
        "current_task": "current",
        "jiffies_64": "jiffies",
    }
    return f"{name}, which is {behind[name]}" if name in behind else name
