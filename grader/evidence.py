"""What the host saw of one VM, and what it means: pure functions over text.

The record comes from the VM's supervisor, outside the guest. Its console text is
the guest's own; it can only convict, never acquit.
"""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from grader.text import clean

ENDS = ("stopped", "owner", "panic", "reset", "broken", "hang", "exit", "error")
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
CONTEXT_LINES = 24


@dataclass(frozen=True)
class Kind:
    """A report of the kernel: how it reads, its verdict and the rule it states."""

    pattern: re.Pattern[str]
    verdict: str
    rule: str


def _kind(pattern: str, verdict: str, rule: str) -> Kind:
    return Kind(re.compile(pattern), verdict, rule)


# The first that matches a line says what the line is.
KINDS = (
    _kind(
        r"BUG: (KASAN|KFENCE): ",
        "sanitizer",
        "memory is only touched inside what was allocated, and before it is freed",
    ),
    _kind(
        r"BUG: KCSAN: ",
        "sanitizer",
        "what two contexts share is read and written under a lock, or atomically",
    ),
    _kind(
        r"BUG: (sleeping function called from|scheduling while atomic)",
        "sanitizer",
        "nothing sleeps under a spinlock or in an interrupt",
    ),
    _kind(
        r"watchdog: BUG: soft lockup|rcu: INFO: rcu_\w+ (self-)?detected|"
        r"NMI watchdog:",
        "hang",
        "the kernel never loops without letting others run",
    ),
    _kind(
        r"INFO: task \S+ blocked for more than",
        "hang",
        "a lock that is taken is released, and what is waited for comes",
    ),
    _kind(
        r"WARNING: possible (circular locking|recursive locking|irq lock inversion)|"
        r"WARNING: inconsistent lock state|WARNING: bad unlock balance|"
        r"WARNING: held lock freed|WARNING: suspicious RCU usage|"
        r"BUG: (MAX_LOCK|spinlock|rwlock)|DEBUG_LOCKS_WARN_ON",
        "sanitizer",
        "locks are initialised, taken in one order, and given back by their taker",
    ),
    _kind(
        r"UBSAN: ", "sanitizer", "no undefined behaviour: indices and shifts in range"
    ),
    _kind(
        r"list_(add|del) corruption|slab error|BUG \S+ \(|refcount_t: ",
        "sanitizer",
        "an object is linked, freed and counted exactly as often as it is used",
    ),
    _kind(
        r"BUG: |Oops: |general protection fault|kernel BUG at|invalid opcode: |"
        r"divide error: |stack segment: |double fault|Unable to handle kernel|"
        r"Kernel panic - not syncing",
        "oops",
        "a module never makes the kernel fault: pointers are checked before use",
    ),
    _kind(
        r"\S+ invoked oom-killer: |Out of memory: Killed process",
        "oops",
        "a module never uses up the machine's memory",
    ),
    _kind(
        r"WARNING: CPU: \d+ PID: ",
        "sanitizer",
        "the kernel's own assertions hold: interfaces are called as documented",
    ),
    _kind(
        r"proc_dir_entry '.*' already registered|"
        r"sysfs: cannot create duplicate|kobject_add_internal failed",
        "sanitizer",
        "every name is registered once, and unregistered by the same hand",
    ),
)
REPORTS = {"hang", "oops", "sanitizer"}
# A prefix of dmesg: time, and with CONFIG_PRINTK_CALLER the caller.
STAMP = re.compile(r"(?:<\d+>)?(?:\[\s*\d+\.\d+\](?:\[\s*[TC]\d+\])? ?)?")
REPORT_START = re.compile(r"-+\[ cut here \]-+|=+\s*$")
REGISTER = re.compile(
    r"(?:RSP|R[A-D]X|RBP|R\d\d|[CDF]S|[CF]R\d|GS|PKRU|DR\d|Code|PGD|Call Trace|"
    r"Modules linked in|Hardware name)\b|\s*</?(?:TASK|NMI)>|#PF: "
)


# What the kernel says to the NMI by which the host ends a hang.
HOST_NMI = "NMI: "

# Functions of the kernel that the host stops at, seen from outside the guest.
TRIPWIRES = {
    "oops_enter": ("oops", "the kernel oopsed"),
    "__warn": ("sanitizer", "the kernel warned of a state that must not be"),
    "panic": ("oops", "the kernel panicked"),
    "print_modules": ("oops", "the kernel reported a fault"),
    "slab_bug": ("sanitizer", "SLUB found its memory overwritten"),
    "kasan_report": ("sanitizer", "KASAN reported a bad access"),
    "debug_locks_off": ("sanitizer", "lockdep reported a wrong use of locks"),
}


@dataclass(frozen=True)
class Tripwire:
    """A function of the kernel's own reporting that was called, with its first
    arguments; `caller` is a hexadecimal address."""

    function: str
    arguments: tuple[int, ...] = ()
    caller: str = ""


@dataclass(frozen=True)
class Record:
    """What a supervisor wrote when its VM ended; see vm/. Sizes in KiB, seconds."""

    name: str
    end: str
    detail: str = ""
    kernel: str = "stock"
    release: str = ""
    taint: int | None = None
    tripwires: tuple[Tripwire, ...] = ()
    audit_clean: bool | None = None
    findings: tuple[str, ...] = ()
    backtrace: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_kib: int = 0
    console_dropped: int = 0
    console: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing the kernel held against the module, with the lines that show it."""

    verdict: str
    message: str
    rule: str
    lines: tuple[str, ...] = field(default=())


def parse(text: str) -> Record:
    """A Record from its JSON; raises ValueError when it is not one of schema 1."""
    table = json.loads(text)
    if not isinstance(table, dict) or table.get("schema") != 1:
        raise ValueError("not a VM's evidence of schema 1")
    if table.get("end") not in ENDS:
        raise ValueError(f"unknown end of a VM: {table.get('end')!r}")
    audit: dict[str, Any] | None = table.get("audit")
    taint = table.get("taint")
    return Record(
        name=str(table.get("name", "")),
        end=str(table["end"]),
        detail=clean(str(table.get("detail", ""))),
        kernel=str(table.get("kernel", "")),
        release=str(table.get("release", "")),
        taint=taint if type(taint) is int else None,
        tripwires=tuple(_tripwire(entry) for entry in table.get("tripwires") or ()),
        audit_clean=None if audit is None else audit.get("clean") is True,
        findings=tuple(clean(str(f)) for f in (audit or {}).get("findings") or ()),
        backtrace=clean(str(table.get("backtrace") or "")),
        seconds=float(table.get("seconds") or 0),
        cpu_seconds=float(table.get("cpu_seconds") or 0),
        peak_kib=int(table.get("peak_kib") or 0),
        console_dropped=int(table.get("console_dropped") or 0),
        console=clean(str(table.get("console") or "")),
    )


def _tripwire(entry: Any) -> Tripwire:
    if not isinstance(entry, dict):
        raise ValueError("a tripwire that is no object")
    arguments = tuple(int(number) for number in entry.get("args") or ())
    return Tripwire(str(entry.get("function")), arguments, str(entry.get("caller")))


def unstamped(line: str) -> str:
    """A line of the kernel's log without its time and caller."""
    return STAMP.sub("", line, count=1)


def scan(console: str) -> list[Finding]:
    """The kernel's reports in a console text, in order, one a kind."""
    lines = console.split("\n")
    found: list[Finding] = []
    for number, line in enumerate(lines):
        kind = classify(line)
        if kind is None or any(kind.rule == other.rule for other in found):
            continue
        report = _report(lines, number)
        message = unstamped(line).strip()
        found.append(Finding(kind.verdict, message, kind.rule, report))
    return found


def classify(line: str) -> Kind | None:
    """What report `line` begins; None for an ordinary line."""
    for kind in KINDS:
        if kind.pattern.match(unstamped(line)):
            return kind
    return None


def _report(lines: list[str], start: int) -> tuple[str, ...]:
    """The lines of the report that line `start` is the headline of: at most
    CONTEXT_LINES, without registers and code bytes."""
    kept: list[str] = []
    for line in lines[start : start + 4 * CONTEXT_LINES]:
        text = unstamped(line).rstrip()
        if kept and (REPORT_START.match(text) or text.startswith("---[ end")):
            break
        unsure = text.lstrip().startswith("? ")  # of the stack, not of the call chain
        if text and not unsure and not REGISTER.match(text):
            kept.append(text[:200])
        if len(kept) == CONTEXT_LINES:
            break
    return tuple(kept)


def taint_findings(mask: int) -> list[Finding]:
    """What the bits of a taint mask say that no module of this course may cause."""
    found = []
    for bit in range(mask.bit_length()):
        if mask & ~HARMLESS_TAINT & 1 << bit:
            letter, verdict, meaning = TAINT.get(
                bit, ("?", "sanitizer", "the kernel is tainted")
            )
            rule = "a module leaves the kernel untainted"
            found.append(
                Finding(verdict, f"{meaning} (taint bit {bit}, {letter})", rule)
            )
    return found


def tripwire_findings(wire: Tripwire) -> list[Finding]:
    """What a call that the host itself saw says about the module."""
    if wire.function == "add_taint" and wire.arguments:
        return taint_findings(1 << (wire.arguments[0] & 63))
    verdict, message = TRIPWIRES.get(wire.function, ("sanitizer", wire.function))
    text = f"{message} (seen from outside, called from {wire.caller})"
    return [Finding(verdict, text, "the kernel has nothing to report")]


def end_findings(record: Record) -> list[Finding]:
    """What the way in which a VM ended says about the module in it."""
    if record.end == "hang":
        rule = "every call returns, and nothing loops with interrupts off"
        text = record.detail or "no answer within the deadline"
        lines = _report(_without_nmi(record.backtrace.split("\n")), 0)
        return [Finding("hang", text, rule, lines)]
    if record.end == "panic":
        rule = "a module never makes the kernel fault: pointers are checked before use"
        return [Finding("oops", record.detail or "the kernel panicked", rule)]
    if record.end == "reset":
        rule = "a module never resets the machine"
        return [Finding("oops", record.detail or "the machine was reset", rule)]
    if record.end == "broken":
        rule = "a module leaves the memory of others alone"
        return [Finding("oops", record.detail or "the agent broke down", rule)]
    return []


def _news(
    found: list[Finding], more: list[Finding], same: bool = False
) -> list[Finding]:
    """Those of `more` that `found` does not explain: one report of the kernel, or
    with `same` one of the same verdict, explains the traces that it leaves."""
    told = {finding.verdict for finding in found}
    if not same and told & REPORTS:
        told |= REPORTS
    return [finding for finding in more if finding.verdict not in told]


def _without_nmi(lines: list[str]) -> list[str]:
    """A hang's backtrace without the way from the host's NMI to the panic."""
    start = next((n for n, line in enumerate(lines) if HOST_NMI in line), len(lines))
    end = next(
        (n for n in range(start, len(lines)) if unstamped(lines[n]).startswith("RIP")),
        start,
    )
    return lines[:start] + lines[end:]


def findings(record: Record) -> list[Finding]:
    """All that the host holds against the module in one VM, leaks last."""
    if record.end == "hang":  # what follows the host's own NMI says nothing new
        found = end_findings(record) + scan(record.console.partition(HOST_NMI)[0])
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
    if record.audit_clean is False:
        rule = "what is allocated or registered is gone after rmmod"
        text = "left behind: " + (
            record.findings[0] if record.findings else "something"
        )
        found.append(Finding("leak", text, rule, record.findings[:CONTEXT_LINES]))
    return found
