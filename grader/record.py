"""What the host saw of one VM, as data: the record that its supervisor left."""

import json
from dataclasses import dataclass
from typing import Any

from grader.text import clean

ENDS = (
    *("stopped", "owner", "panic", "reset", "broken"),
    *("hang", "report", "exit", "error"),
)


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
