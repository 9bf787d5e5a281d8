"""What the host saw of one VM, and what it means: pure functions over text.

The record comes from the VM's supervisor, outside the guest. Its console text is
the guest's own; it can only convict, never acquit.
"""

from dataclasses import dataclass, field, replace

from grader import facts, kinds
from grader.facts import Frame
from grader.kinds import Kind, unstamped
from grader.record import Record, Tripwire
from grader.splat import WIDTH, Splat, shown, splats

# Bits of the kernel's taint mask: name of the flag, verdict, what it means.
# Bits 12 (out of tree) and 13 (unsigned) are set by every module of this course.
HARMLESS_TAINT = 1 << 12 | 1 << 13
TAINT = {
    0: ("P", "fail", "the module's licence is not one of the kernel's"),
    1: ("F", "fail", "a module was loaded by force"),
    5: ("B", "sanitizer", "the kernel met a damaged page or a bad access"),
    7: ("D", "oops", "the kernel died (oops or BUG)"),
    9: ("W", "sanitizer", "the kernel warned"),
    14: ("L", "hang", "a CPU was locked up"),
}
MOST_LEFT = 24  # lines of an audit that are quoted
REPORTS = {"hang", "oops", "sanitizer"}

# What the kernel says to the NMI by which the host ends a hang.
HOST_NMI = "NMI: "

# Functions of the kernel that the host stops at, seen from outside the guest.
TRIPWIRES = {
    "oops_enter": ("oops", "the kernel oopsed"),
    "__warn": ("sanitizer", "the kernel warned of a state that must not be"),
    "panic": ("oops", "the kernel panicked"),
    "print_modules": ("sanitizer", "the kernel reported a fault"),
    "slab_bug": ("sanitizer", "SLUB found its memory overwritten"),
    "print_report": ("sanitizer", "KASAN reported a bad access"),
    "kasan_report": ("sanitizer", "KASAN reported a bad access"),
    "kasan_report_invalid_free": ("sanitizer", "KASAN reported a bad free"),
    "debug_locks_off": ("sanitizer", "lockdep reported a wrong use of locks"),
    "dump_stack_lvl": ("sanitizer", "the kernel reported something, with a backtrace"),
    "kcsan_report_known_origin": ("sanitizer", "KCSAN reported a race"),
    "kcsan_report_unknown_origin": ("sanitizer", "KCSAN reported a race"),
}


@dataclass(frozen=True)
class Finding:
    """One thing the kernel held against the module, with the lines that show it;
    `kind` is one of kinds.toml, or empty, and `facts` are lines `word: what`."""

    verdict: str
    message: str
    rule: str
    lines: tuple[str, ...] = field(default=())
    kind: str = ""
    why: str = ""
    facts: tuple[str, ...] = ()


def explained(
    kind: Kind, message: str, lines: tuple[str, ...] = (), known: tuple[str, ...] = ()
) -> Finding:
    """A Finding with what `kind` has to teach."""
    return Finding(kind.verdict, message, kind.rule, lines, kind.name, kind.why, known)


def scan(console: str) -> list[Finding]:
    """The kernel's reports in a console text, in order, one a kind."""
    return [_finding(splat) for splat in splats(console)]


def _finding(splat: Splat) -> Finding:
    return explained(
        splat.kind,
        facts.headline(splat),
        shown(splat.lines),
        tuple(facts.of(splat)),
    )


def taint_findings(mask: int) -> list[Finding]:
    """What the bits of a taint mask say that no module of this course may cause."""
    found = []
    for bit in range(mask.bit_length()):
        if mask & ~HARMLESS_TAINT & 1 << bit:
            letter, verdict, meaning = TAINT.get(
                bit, ("?", "sanitizer", "the kernel is tainted")
            )
            rule = "a module leaves the kernel untainted"
            text = f"{meaning} (taint bit {bit}, {letter})"
            kind = "unseen" if verdict in REPORTS else ""
            found.append(Finding(verdict, text, rule, kind=kind))
    return found


def tripwire_findings(wire: Tripwire) -> list[Finding]:
    """What a call that the host itself saw says about the module."""
    if wire.function == "add_taint" and wire.arguments:
        return taint_findings(1 << (wire.arguments[0] & 63))
    verdict, message = TRIPWIRES.get(wire.function, ("sanitizer", wire.function))
    seen = f"seen: {wire.function}() was called, from {wire.caller}"
    told = explained(kinds.named("unseen"), message, known=(seen,))
    return [replace(told, verdict=verdict)]


def end_findings(record: Record) -> list[Finding]:
    """What the way in which a VM ended says about the module in it."""
    if record.end == "hang":
        lines = _of_interest(_without_nmi(_unstamped(record.backtrace)))
        stuck = facts.frames("\n".join(lines))
        kind = _hang(lines)
        text = facts.sentence(stuck[0] if stuck else Frame(), kind.says)
        known = (f"deadline: {record.detail or 'no answer in time'}",)
        return [explained(kind, text, shown(tuple(lines)), known)]
    died = kinds.named("died")
    if record.end == "panic":
        return [explained(died, record.detail or "the kernel panicked")]
    if record.end == "reset":
        rule = "a module never resets the machine"
        return [Finding("oops", record.detail or "the machine was reset", rule)]
    if record.end == "broken":
        rule = "a module leaves the memory of others alone"
        return [Finding("oops", record.detail or "the agent broke down", rule)]
    return []


def leak_findings(record: Record) -> list[Finding]:
    """What the audit after the test found: one Finding for all of it."""
    if record.audit_clean is not False:
        return []
    left = record.findings[:MOST_LEFT] or ("something",)
    found = [facts.left_behind(line) for line in left]
    frame, text = found[0]
    name = {"slab": "leak-slab", "pages": "leak-slab", "vmalloc": "leak-vmalloc"}.get(
        text.partition(":")[0], "leak"
    )
    place = f"{frame.place}: " if frame.place else ""
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    lines = tuple(_allocated(*one) for one in found) if len(found) > 1 else ()
    return [explained(kinds.named(name), f"{place}left behind: {text}{more}", lines)]


def _allocated(frame: Frame, text: str) -> str:
    return f"{text}, from {frame.place}" if frame.place else text


def _news(
    found: list[Finding], more: list[Finding], same: bool = False
) -> list[Finding]:
    """Those of `more` that `found` does not explain: one report of the kernel, or
    with `same` one of the same verdict, explains the traces that it leaves."""
    told = {finding.verdict for finding in found}
    if not same and told & REPORTS:
        told |= REPORTS
    return [finding for finding in more if finding.verdict not in told]


def _hang(lines: list[str]) -> Kind:
    """What keeps a task or a CPU, by a hang's backtrace."""
    tasks, cpu = _parts(lines)
    busy = next((n for n, line in enumerate(cpu) if facts.frames(line)), None)
    if busy is not None:
        on_the_way = "\n".join(cpu[: busy + 1])
        name = "hang-spinlock" if "spin_lock" in on_the_way else "hang-loop"
    else:
        name = "hang-wait" if facts.frames("\n".join(tasks)) else "hang"
    return kinds.named(name)


def _parts(lines: list[str]) -> tuple[list[str], list[str]]:
    """The tasks that sleep, and where the CPU was; either may be missing."""
    cpu = lines.index("CPU:") if "CPU:" in lines else len(lines)
    return lines[:cpu], lines[cpu:]


def _unstamped(text: str) -> list[str]:
    lines = [unstamped(line).rstrip()[:WIDTH] for line in text.split("\n")]
    return [line.removeprefix("[<0>] ") for line in lines]


def _of_interest(lines: list[str]) -> list[str]:
    """A hang's backtrace without that of a CPU that did something else."""
    tasks, cpu = _parts(lines)
    asleep = facts.frames("\n".join(tasks)) and not facts.frames("\n".join(cpu))
    return tasks if asleep else lines


def _without_nmi(lines: list[str]) -> list[str]:
    """A hang's backtrace without the way from the host's NMI to the panic."""
    start = next((n for n, line in enumerate(lines) if HOST_NMI in line), len(lines))
    end = next(
        (n for n in range(start, len(lines)) if lines[n].startswith("RIP")),
        start,
    )
    return lines[:start] + lines[end:]


def findings(record: Record) -> list[Finding]:
    """All that the host holds against the module in one VM, leaks last."""
    if record.end == "hang":  # what follows the host's own NMI says nothing new
        found = scan(record.console.partition(HOST_NMI)[0]) + end_findings(record)
        record = replace(record, tripwires=())
    else:
        found = scan(record.console)  # first, since these say why
        found += _news(found, end_findings(record), same=True)
    for wire in record.tripwires:
        found += _news(found, tripwire_findings(wire))
    if record.taint is not None:
        found += _news(found, taint_findings(record.taint))
    if record.console_dropped:
        text = f"the console overflowed: {record.console_dropped} bytes were dropped"
        found.append(Finding("fail", text, "a module logs sparingly"))
    return found + leak_findings(record)


def cause(found: list[Finding], worst: Finding) -> Finding:
    """The finding that explains `worst`: of the kernel's reports the first, since
    what follows is often its child."""
    if worst.verdict not in ("hang", "oops"):
        return worst
    return next((f for f in found if f.verdict in REPORTS and f.kind), worst)
