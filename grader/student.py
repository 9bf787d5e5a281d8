"""What students do besides grading: exercise, watch, hint, reset, status, shell."""

import json
import subprocess
import sys
import time
from pathlib import Path

from rich.table import Table

from grader import battery, build, guest, report, results, run, stage
from grader.catalog import Exercise
from grader.forbidden import Refused
from grader.grade import Options, grade
from grader.house import House
from grader.results import ExerciseResult
from grader.trouble import Trouble

POLL_SECONDS = 0.3
RELEASE = "RELEASE"  # the file that each student release brings anew


def remember(house: House, result: ExerciseResult) -> None:
    """Keeps the last full result of the working tree, for hint and status."""
    path = house.work(result.exercise) / "result.json"
    results.write(path, results.to_json([result]))


def recall(house: House, exercise: Exercise) -> ExerciseResult | None:
    """The last full result of the working tree; None when there is none."""
    path = house.work(exercise.name) / "result.json"
    try:
        found = results.from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found[0] if found else None


def exercise(house: House, chosen: Exercise) -> int:
    """Builds the working tree's files; returns 1 when they do not build."""
    console = report.make_console()
    folder = house.relative(chosen.folder)
    status = 0
    for kernel in chosen.kernels[:1]:
        try:
            hand_in = stage.take(house, chosen, None)
            build.build(house, chosen, hand_in, build.find_kernel(house, kernel))
            console.print(f"{chosen.name}: builds for the {kernel} kernel")
        except (Refused, build.BuildFailed) as error:
            console.print(f"{chosen.name}: does not build", markup=False)
            console.print(str(error), markup=False)
            status = 1
    console.print(f"read: {folder}/README.md")
    console.print(f"edit: {' '.join(f'{folder}/{name}' for name in chosen.files)}")
    console.print(f"run:  make grade {chosen.name}")
    others = (f"make {verb} {chosen.name}" for verb in ("hint", "watch", "shell"))
    console.print(f"then: {', '.join(others)}")
    return status


def watch(house: House, chosen: Exercise, options: Options) -> int:
    """Grades now and after every change, until Ctrl-C, which is no failure."""
    console = report.make_console()
    paths = [chosen.folder / name for name in chosen.files]
    seen: list[tuple[int, int]] | None = None
    try:
        while True:
            now = stamps(paths)
            if now == seen:
                time.sleep(POLL_SECONDS)
                continue
            seen = now
            with report.Live(console) as live:
                result = grade(house, chosen, options, live)
            report.show(console, house, chosen, result, options)
            if options.source is None and options.test is None:
                remember(house, result)
            console.print("waiting for a change; Ctrl-C ends")
    except KeyboardInterrupt:
        console.print("\nno longer watching")
        return 0


def stamps(paths: list[Path]) -> list[tuple[int, int]]:
    """What changes when a file is saved: time of change and size, 0 for none."""
    found = []
    for path in paths:
        try:
            status = path.lstat()
            found.append((status.st_mtime_ns, status.st_size))
        except OSError:
            found.append((0, 0))
    return found


def hint(house: House, chosen: Exercise) -> int:
    """Prints the next hint for the first TODO whose tests failed last time."""
    last = recall(house, chosen)
    if last is None:
        raise Trouble(
            f"{chosen.name} was not graded yet", f"next: make grade {chosen.name}"
        )
    if last.having("build") and chosen.skeleton == "builds":
        print(f"It does not build yet: make exercise {chosen.name} shows why.")
        return 0
    todo = first_failing(house, chosen, last)
    if todo is None:
        print(f"{chosen.name}: all tests that belong to a TODO pass.")
        return 0
    ladder = chosen.ladder(todo)
    path = house.work(chosen.name) / "hints.json"
    given = _given(path)
    rung = given.get(str(todo), 0)
    if not ladder:
        print(f"TODO {todo} has no hints; read step {todo} of its README again.")
        return 0
    shown = min(rung, len(ladder) - 1)
    again = ", once more" if rung >= len(ladder) else ""
    print(f"TODO {todo}, hint {shown + 1} of {len(ladder)}{again}: {ladder[shown]}")
    results.write(path, json.dumps({**given, str(todo): min(rung + 1, len(ladder))}))
    return 0


def first_failing(house: House, chosen: Exercise, last: ExerciseResult) -> int | None:
    """The lowest TODO with a test that did not pass in `last`."""
    todo = {test.name: test.todo for test in battery.load(house, chosen)}
    failed = (todo.get(test.name) for test in last.tests if test.verdict != "pass")
    return min((number for number in failed if number), default=None)


def _given(path: Path) -> dict[str, int]:
    """How many hints were given for each TODO."""
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return {key: value for key, value in table.items() if type(value) is int}
    except (OSError, ValueError, AttributeError):
        return {}


def reset(house: House, chosen: Exercise, sure: bool) -> int:
    """Puts the skeleton back; keeps what was there in build/."""
    fresh = pristine(house, chosen)
    changed = [
        name
        for name, content in fresh.items()
        if not (chosen.folder / name).is_file()
        or (chosen.folder / name).read_bytes() != content
    ]
    if not changed:
        print(f"{chosen.name}: is the skeleton already")
        return 0
    if not sure and not _agreed(f"throw away your {' '.join(changed)}? [y/N] "):
        print("nothing changed")
        return 2
    backup = house.work(chosen.name) / time.strftime("backup-%Y%m%d-%H%M%S")
    backup.mkdir(parents=True, exist_ok=True)
    for name in changed:
        path = chosen.folder / name
        if path.exists() or path.is_symlink():
            path.rename(backup / name)
        path.write_bytes(fresh[name])
    print(f"{chosen.name}: back to the skeleton; yours is in {house.relative(backup)}")
    return 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        print("not a terminal: add YES=1 to agree")
        return False
    return input(question).strip().lower() in ("y", "yes")


def pristine(house: House, chosen: Exercise) -> dict[str, bytes]:
    """The skeleton: derived where there is a solution, else as git has it from the
    last release, or from the first commit where the course was put into git later."""
    if (house.solutions / chosen.name).is_dir():
        return dict(stage.skeleton(house, chosen).files)
    fresh = {}
    for name in chosen.files:
        path = house.relative(chosen.folder / name)
        commit = _newest(house, RELEASE) or _oldest(house, path)
        show = ["git", "show", f"{commit}:{path}"]
        blob = subprocess.run(show, cwd=house.root, capture_output=True)
        if not commit or blob.returncode != 0:
            raise Trouble(
                f"{path}: git does not know the skeleton", "unpack the course again"
            )
        fresh[name] = blob.stdout
    return fresh


def _newest(house: House, path: str) -> str:
    """The last commit that changed `path`; empty for none."""
    return _log(house, "-1", "--", path)


def _oldest(house: House, path: str) -> str:
    """The first commit that had `path`; empty for none."""
    return _log(house, "--reverse", "--", path).partition("\n")[0]


def _log(house: House, *words: str) -> str:
    log = ["git", "log", "--format=%H", *words]
    done = subprocess.run(log, cwd=house.root, capture_output=True, text=True)
    return done.stdout.strip()


def status(house: House, chosen: list[Exercise]) -> int:
    """A table: points of the last grading of each exercise."""
    table = Table(box=None, pad_edge=False)
    for title in ("exercise", "points", "tests passed", "next"):
        table.add_column(title, justify="right" if title == "points" else "left")
    for item in chosen:
        last = recall(house, item)
        if last is None:
            table.add_row(item.name, "-", "not graded yet", f"make grade {item.name}")
            continue
        passed = f"{len(last.having('pass'))} of {len(last.tests)}"
        todo = first_failing(house, item, last)
        next_step = f"TODO {todo}: make hint {item.name}" if todo else ""
        if last.having("build"):
            next_step = f"does not build: make exercise {item.name}"
        elif last.score == last.max:
            next_step = "done"
        table.add_row(item.name, f"{last.score}/{last.max}", passed, next_step)
    report.make_console().print(table)
    return 0


def shell(
    house: House, chosen: Exercise, source: str | None, kernel: str | None
) -> int:
    """A root shell in a fresh VM, the modules at hand; 0 when it was left."""
    name = kernel or chosen.kernels[0]
    if name not in chosen.kernels:
        kernels = " ".join(chosen.kernels)
        raise Trouble(f"KERNEL={name}: the kernels of {chosen.name} are: {kernels}")
    try:
        hand_in = stage.take(house, chosen, source)
        modules = build.build(house, chosen, hand_in, build.find_kernel(house, name))
    except (Refused, build.BuildFailed) as error:
        print(f"{chosen.name}: does not build\n{error}")
        return 1
    run.make_template(house, chosen, name)
    with guest.start(house, chosen, name, "shell") as room:
        for module in chosen.modules:
            room.put(modules.folder / f"{module}.ko", f"/root/{module}.ko")
            said = f"in the VM: insmod {module}.ko, rmmod {module}, dmesg; exit"
            print(said, flush=True)
        # A script that is fed in wants no terminal, which would not end with it.
        terminal = ["--tty"] if sys.stdin.isatty() else []
        room.vm("run", *terminal, "-t", "86400", "/bin/sh")
    return 0
