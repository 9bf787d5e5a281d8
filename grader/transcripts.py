"""Transcripts of lectures: run in a pristine VM, compared, written anew.

    ```console vm exercise=13-prng vary="[0-9]+ prng"
    # insmod prng.ko
    # grep prng /proc/devices
    240 prng
    ```

`# ` begins a command, `> ` goes on with it, the rest is what it prints, errors
included. All commands of a block run in one shell of the guest, in /root. A line
`...` stands for any lines, and what matches `vary` may differ from run to run.

    kernel=NAME     the kernel, by default stock
    exercise=N      the modules of its solution are in /root
    code=NAME,...   of lectures/code: NAME.ko in /root or the program /bin/NAME
    smp=N           CPUs
    clock=virtual   time on which sleep costs nothing
    vary=REGEX      what differs from run to run
"""

import re
from dataclasses import dataclass
from pathlib import Path

from grader import build, catalog, guest, helpers, run, stage
from grader.catalog import CLOCKS, KERNELS, MAX_CPUS, Exercise
from grader.fences import Block
from grader.house import House
from grader.trouble import CannotGrade, CourseError

ATTRIBUTES = ("kernel", "exercise", "code", "smp", "clock", "vary")
ANYTHING = "..."
MARK = "\x1e"  # ends what a command prints
SECONDS = 30  # for a command
ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Entry:
    """A command, of one or more lines, and the lines that it printed."""

    command: tuple[str, ...]
    printed: tuple[str, ...]


def is_transcript(block: Block) -> bool:
    """Whether the block is run in a VM."""
    return block.language == "console" and block.words == ("vm",)


def parse(block: Block) -> list[Entry]:
    """The commands of a block; raises ValueError when it has none or begins with
    something else, or has an attribute that is unknown or wrong."""
    _check_attributes(block.attributes)
    entries: list[Entry] = []
    for line in block.body:
        if line.startswith("# "):
            entries.append(Entry((line[2:],), ()))
        elif not entries:
            raise ValueError(f"begins with no `# command`: {line}")
        elif line.startswith("> ") and not entries[-1].printed:
            last = entries[-1]
            entries[-1] = Entry((*last.command, line[2:]), ())
        else:
            last = entries[-1]
            entries[-1] = Entry(last.command, (*last.printed, line))
    if not entries:
        raise ValueError("has no `# command`")
    return entries


def _check_attributes(attributes: dict[str, str]) -> None:
    for name in attributes:
        if name not in ATTRIBUTES:
            known = " ".join(ATTRIBUTES)
            raise ValueError(f"unknown attribute {name}; known: {known}")
    kernel, clock = attributes.get("kernel", "stock"), attributes.get("clock", "real")
    cpus = attributes.get("smp", "1")
    if kernel not in KERNELS:
        raise ValueError(f"kernel={kernel}: there is {' '.join(KERNELS)}")
    if clock not in CLOCKS:
        raise ValueError(f"clock={clock}: there is {' '.join(CLOCKS)}")
    if not cpus.isdecimal() or not 1 <= int(cpus) <= MAX_CPUS:
        raise ValueError(f"smp={cpus}: there are 1 to {MAX_CPUS} CPUs")
    try:
        re.compile(attributes.get("vary", ""))
    except re.error as error:
        raise ValueError(f"vary: {error}") from error


def lines_of(entries: list[Entry]) -> list[str]:
    """The body of the block that has these entries."""
    lines = []
    for entry in entries:
        first, *more = entry.command
        lines += [f"# {first}", *(f"> {line}" for line in more), *entry.printed]
    return lines


def agrees(wanted: tuple[str, ...], found: tuple[str, ...], vary: str = "") -> bool:
    """Whether `found` is what the page says: line by line, where a line `...` of
    `wanted` is any lines, and what matches `vary` is left out of both."""

    def plain(line: str) -> str:
        return re.sub(vary, "\0", line.rstrip()) if vary else line.rstrip()

    pattern = "".join(
        "(?:.*\n)*?" if line == ANYTHING else re.escape(plain(line)) + "\n"
        for line in wanted
    )
    text = "".join(f"{plain(line)}\n" for line in found)
    return re.fullmatch(pattern, text) is not None


def script(entries: list[Entry]) -> str:
    """A script for the guest that runs all commands and marks where each ends."""
    lines = ["exec 2>&1", "cd /root"]
    for entry in entries:
        lines += [*entry.command, "printf '\\036'"]
    return "\n".join(lines) + "\n"


def play(house: House, block: Block) -> list[Entry]:
    """Runs a block in a VM of its own: its commands, with what they print now.
    Raises ValueError when it cannot be run or does not come to its end."""
    entries = parse(block)
    kernel = block.attributes.get("kernel", "stock")
    exercise = _machine(house, block)
    files = _files(house, block, kernel)
    run.make_template(house, exercise, kernel)
    with guest.start(house, exercise, kernel, f"transcript-{block.line}") as room:
        for path, where, mode in files:
            room.put(path, where, mode)
        run_it = ("run", "-t", str(SECONDS), "sh", "-c", script(entries))
        done = room.vm(*run_it, feed=b"", keep=True)
    printed = done.stdout.decode(errors="replace").split(MARK)
    if len(printed) != len(entries) + 1:
        said = done.stderr.decode(errors="replace").strip()
        last = entries[min(len(printed), len(entries)) - 1].command[0]
        raise ValueError(f"did not come past: {last}\n{printed[-1].strip()}\n{said}")
    return [Entry(entry.command, _lines(text)) for entry, text in zip(entries, printed)]


def _lines(text: str) -> tuple[str, ...]:
    clean = ESCAPES.sub("", text.replace("\r\n", "\n"))
    return tuple(line.rstrip() for line in clean.splitlines())


def _machine(house: House, block: Block) -> Exercise:
    """The machine that a block wants, as an exercise that is listed nowhere."""
    return Exercise(
        folder=house.root / "lectures",
        title="Transcripts",
        lecture=0,
        files=(),
        modules=(),
        kernels=(block.attributes.get("kernel", "stock"),),
        smp=int(block.attributes.get("smp", "1")),
        timeout=SECONDS,
        symbols=("*",),
        hints=(),
        clock=block.attributes.get("clock", "real"),
    )


def _files(house: House, block: Block, kernel: str) -> list[tuple[Path, str, int]]:
    """What is copied into the guest: file, path there, mode."""
    found = []
    target = build.find_kernel(house, kernel)
    name = block.attributes.get("exercise")
    try:
        if name:
            exercise = catalog.load(house, name)
            built = build.build(
                house, exercise, stage.solution(house, exercise), target
            )
            for module in exercise.modules:
                file = f"{module}.ko"
                found.append((built.folder / file, f"/root/{file}", 0o644))
        code = block.attributes.get("code", "").split(",")
        for stem in filter(None, code):
            found.append(_compiled(house, stem, target))
    except (CannotGrade, CourseError, build.BuildFailed, OSError) as error:
        raise ValueError(str(error)) from error
    return found


def code_folder(house: House) -> Path:
    """Where the programs and modules of the lectures are."""
    return house.root / "lectures" / "code"


def _compiled(house: House, stem: str, kernel: build.Kernel) -> tuple[Path, str, int]:
    built = compile_code(house, kernel)
    module = built / f"{stem}.ko"
    if module.exists():
        return module, f"/root/{module.name}", 0o644
    if not (built / stem).exists():
        raise ValueError(f"code={stem}: there is no lectures/code/{stem}.c")
    return built / stem, f"/bin/{stem}", 0o755


def compile_code(house: House, kernel: build.Kernel) -> Path:
    """The folder with all programs and modules of the lectures; CourseError when one
    does not compile."""
    sources = sorted(code_folder(house).glob("*.c"))
    modules = [path for path in sources if "module_init(" in path.read_text()]
    programs = [path for path in sources if path not in modules]
    headers = sorted(code_folder(house).glob("*.h"))
    return helpers.compile_all(house, programs, modules, headers, kernel)
