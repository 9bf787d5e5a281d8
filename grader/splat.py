"""The kernel's reports in a console text: where each begins and ends, which of its
lines are worth showing. Pure functions over text that may end anywhere.
"""

import re
from dataclasses import dataclass

from grader.kinds import Kind, classify, unstamped

LONGEST = 160  # lines of one report
SHOWN = 24  # of these, lines that a student sees
MOST = 20  # reports of one console; more say nothing more
WIDTH = 200  # characters of a line
LOOK_BACK = 8  # lines between a report's frame and its headline

ENDINGS = ("panic", "oops")  # what the kernel says after it has said why

CUT = re.compile(r"-+\[ cut here \]-+$")
RULE = re.compile(r"=+\s*$")
END = re.compile(r"-+\[ end ")
# Of a student's report: registers, code bytes, and the way into the kernel.
NOISE = re.compile(
    r"(?:RSP|R[A-D]X|RBP|R\d\d|[CDF]S|[CF]R\d|GS|PKRU|DR\d|Code|PGD|Modules linked in"
    r"|Hardware name|CPU: \d+ PID|Call Trace|Kernel Offset|ORIG_RAX"
    r"|Rebooting)\b|#PF: |RIP: 0033"
    r"|\s*</?(?:TASK|NMI|IRQ|SOFTIRQ)>|\s*\? |-+$|=+$|-+\[ |raw: |flags: |page:"
    r"|\d+\.\d+\.\d+\S* #\d|other info that|irq event stamp|(?:hard|soft)irqs last"
    r"|rcu_scheduler_active| *May be due to missing|Free of addr|INFO: lockdep is"
    r"|stack backtrace:|turning off the locking|Oops: |invalid opcode: |NMI: "
)
# Functions by which the kernel reports, and the last steps of a system call.
PLUMBING = re.compile(
    r"\s*(?:\[<0>\] )?(?:dump_stack\w*|show_stack|print_report|print_\w+"
    r"|(?:__)?kasan_\w+|__asan_\w+"
    r"|(?:__)?lock_(?:acquire|release)|validate_chain|check_\w+|mark_\w+|__might_\w+"
    r"|____kasan\w*|do_syscall_64|entry_SYSCALL_64\w*|x64_sys_call"
    r"|__x64_sys_\w+|ksys_\w+"
    r"|do_init_module|load_module|__do_sys_\w+|syscall_exit_\w+|exit_to_user_\w+"
    r"|ret_from_fork\w*|__ubsan_\w+|ubsan_epilogue|__warn|report_bug|handle_bug"
    r"|exc_\w+|asm_exc_\w+|__schedule_bug|kcsan_\w+|__tsan_\w+|save_stack\w*"
    r"|dump_trace|stack_trace_save|end_report|panic|\w*_slab_free_hook"
    r"|set_track\w*|slab_post_alloc_hook)(?:\.\w+)*\+0x"
)
# What follows these lines of KASAN's is about pages and shadow bytes.
TAIL = re.compile(r"Memory state around|The buggy address belongs to the physical")
AGAIN = "   ... and so on"
GUESS = re.compile(r"\s*\? ")  # what merely lay on the stack
OF_A_MODULE = re.compile(r"\[\w+\]")


@dataclass(frozen=True)
class Splat:
    """One report: its kind, the kernel's own headline, and all of its lines,
    without stamps. `before` of these came before the headline."""

    kind: Kind
    headline: str
    lines: tuple[str, ...]
    before: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def splats(console: str) -> list[Splat]:
    """The reports in a console text, in order, one a kind."""
    lines = [unstamped(line).rstrip() for line in console.split("\n")]
    found: list[Splat] = []
    number = 0
    while number < len(lines) and len(found) < MOST:
        if classify(lines[number]) is None:
            number += 1
            continue
        end = _end(lines, number)
        start = _start(lines, number)
        sure = (line for line in lines[number:end] if not GUESS.match(line))
        kind = classify(lines[number], "\n".join(sure))
        if kind and _is_news(kind, found):
            body = tuple(line[:WIDTH] for line in lines[start:end] if line)
            before = sum(1 for line in lines[start:number] if line)
            found.append(Splat(kind, lines[number].strip(), body, before))
        number = end
    return found


def _is_news(kind: Kind, found: list[Splat]) -> bool:
    """Whether a report of this kind says more than those before it."""
    if kind.name in ENDINGS and found:
        return False
    return all(kind.name != other.kind.name for other in found)


def _start(lines: list[str], headline: int) -> int:
    """Where the report with this headline begins: after the frame's upper edge."""
    for number in range(headline - 1, max(-1, headline - LOOK_BACK), -1):
        if CUT.match(lines[number]):
            return number + 1
        if RULE.match(lines[number]) or END.match(lines[number]):
            break
    return headline


def _end(lines: list[str], headline: int) -> int:
    """Where it ends: at the frame's lower edge, or where another one begins."""
    kind = classify(lines[headline])
    assert kind is not None
    framed = headline > 0 and RULE.match(lines[headline - 1]) is not None
    cut = any(CUT.match(line) for line in lines[_start(lines, headline) - 1 : headline])
    last = min(len(lines), headline + LONGEST)
    for number in range(headline + 1, last):
        line = lines[number]
        if END.match(line) or framed and RULE.match(line) and number > headline + 1:
            if not (framed and kind.name.startswith("lockdep")):
                return number + 1
        if CUT.match(line) and not kind.dies:
            return number
        other = classify(line)
        if other is None:
            continue
        fatal = other.verdict == "oops" and (kind.verdict == "oops" or kind.dies)
        if not fatal and not (cut and other.name in ("warn", "lockdep")):
            return number
    return last


def shown(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines of a report that a student reads: at most SHOWN, those of the
    kernel's own machinery left out, what repeats itself said once."""
    kept: list[str] = []
    faults = 0  # how often the kernel said where the processor was
    for line in lines:
        faults += line.startswith("RIP")
        if TAIL.match(line) or faults > 1 or len(kept) == SHOWN:
            break  # the kernel says it once more, of whom it interrupted or at the end
        if kept and (NOISE.match(line) or PLUMBING.match(line)) or not line.strip():
            continue
        if kept and line == kept[-1]:
            kept.append(AGAIN)
        elif kept[-2:] == [line, AGAIN]:
            continue
        elif len(kept) < SHOWN * 2 // 3 or OF_A_MODULE.search(line):
            kept.append(line)  # the rest of the room is for the student's own frames
    return tuple(kept)
