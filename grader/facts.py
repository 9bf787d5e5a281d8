"""What a report of the kernel says about the student's code, in plain words.

Pure functions over a Splat whose addresses may be followed by ` (file.c:12)`, as
symbols.Decoder writes it. Whatever is missing, since a dying VM said no more, is
left out.
"""

import re
from dataclasses import dataclass

from grader import sandbox
from grader.splat import Splat

# Modules of the house, in which no student is at fault.
OURS = "witness|announce|failfn|virtio\\w*|warm"
PLACE = r"(?: \((?P<place>[^():\s]+:\d+)\))?"
FRAME = re.compile(
    r"(?P<guess>\? )?\b(?P<function>[A-Za-z_][\w.]*)\+0x[0-9a-f]+/0x[0-9a-f]+ "
    rf"\[(?!(?:{OURS})\])(?P<module>\w+)\]" + PLACE
)
SOURCE = re.compile(re.escape(sandbox.INSIDE) + r"/(?P<place>[^/:\s]+:\d+)")
ACCESS = re.compile(r"(Read|Write) of size (\d+) at addr")
NEAR = re.compile(
    r"located (\d+) bytes (to the right of|to the left of|inside of|inside)\s+"
    r"(?:allocated |freed )?(\d+)-byte region"
)
VARIABLE = re.compile(r"belongs to the variable:\s+(\w+)")
LOCAL = re.compile(r"\[(\d+), (\d+)\) '([^':]+)'")
LOCK = re.compile(
    r"\((?P<name>[^(){}]+)\)\{.{4,12}\}(?:-\{.*?\})?(?:, at: (?P<at>.*))?"
)
COUNT = re.compile(r"preempt_count: ([0-9a-f]+)|atomic: \S+/\d+/0x([0-9a-f]+)")
IRQS = re.compile(r"irqs_disabled\(\): (\d)")
RACING = re.compile(
    r"(?:race at unknown origin, with )?((?:read|write)[\w-]*(?: \(\w+\))?) "
    r"(?:to|of) 0x[0-9a-f]+ of (\d+) bytes? by (task|interrupt)"
)
LEFT = re.compile(r",? allocated at \w+:\.[a-z.]*text\+0x[0-9a-f]+ \(([^()]+)\)")
ASSERTED = re.compile(r" at ([\w./-]+:\d+)!?(?: ([\w.]+)\+0x)?")
HELD = re.compile(r"\s*#\d+: ")  # a lock in the list of those that a task holds
MOST = 6  # facts of one report
TAKEN_BACK = re.compile(r"\.(?:isra|constprop|part|cold)\b.*")


@dataclass(frozen=True)
class Frame:
    """A function of the student's module, and where in the source; either may be
    empty."""

    function: str = ""
    place: str = ""

    def __str__(self) -> str:
        call = f"{self.function}()" if self.function else ""
        return " in ".join(filter(None, (self.place, call)))


def frames(text: str) -> list[Frame]:
    """The student's functions in a text, in order; guesses of the unwinder last."""
    found = []
    for match in sorted(FRAME.finditer(text), key=lambda m: m["guess"] is not None):
        name = TAKEN_BACK.sub("", match["function"])
        found.append(Frame(name, match["place"] or ""))
    return found


def culprit(splat: Splat) -> Frame:
    """Where the student's code was when the kernel complained."""
    named = SOURCE.search(splat.headline)
    main = splat.text.partition("Allocated by task")[0]
    calls = "\n".join(line for line in main.split("\n") if not HELD.match(line))
    found = frames(splat.headline) + frames(calls) + frames(main)
    function = found[0].function if found else ""
    if named:
        inside = [frame for frame in found if frame.place == named["place"]]
        name = inside[0].function if inside else function
        return Frame(name, named["place"])
    return found[0] if found else Frame()


def access(text: str) -> str:
    """What KASAN says was done: `read 8 bytes of`."""
    match = ACCESS.search(text)
    if not match:
        return "touched"
    verb, link = ("read", "of") if match[1] == "Read" else ("wrote", "to")
    return f"{verb} {_bytes(match[2])} {link}"


def _bytes(number: str) -> str:
    return f"{number} byte{'' if number == '1' else 's'}"


def _section(text: str, title: str) -> str:
    """The lines of a report below `title`, up to the next paragraph."""
    lines = text.partition(title)[2].split("\n")[1:]
    kept = []
    for line in lines:
        if not re.match(r"\s*[\w.]+\+0x", line):
            break
        kept.append(line)
    return "\n".join(kept)


def _by(text: str, title: str) -> str:
    found = frames(_section(text, title))
    return str(found[0]) if found else ""


def memory(splat: Splat) -> list[str]:
    """KASAN's object: where the access lies, who allocated and who freed it."""
    text = splat.text
    found = [
        f"object: {_object(splat.kind.name, *near)}" for near in NEAR.findall(text)
    ]
    found += [f"object: the variable {name}" for name in VARIABLE.findall(text)]
    if "stack-out-of-bounds" in splat.headline:
        for start, end, name in LOCAL.findall(text):
            size = int(end) - int(start)
            found.append(f"object: the local variable {name}, {size} bytes")
    for title, word in (("Allocated by task", "allocated"), ("Freed by task", "freed")):
        frame = _by(text, title)
        if frame:
            found.append(f"{word}: {frame}")
    return found[:MOST]


def _object(kind: str, distance: str, side: str, size: str) -> str:
    """An object of `size` bytes, and where the access of a `kind` of report is."""
    if side.startswith("to the"):
        edge = "behind the end" if "right" in side else "before the start"
        how_far = "right" if distance == "0" else _bytes(distance)
        return f"{size} bytes; the access is {how_far} {edge}"
    if kind in ("kasan-double-free", "kasan-invalid-free"):
        at = f"; the pointer is {_bytes(distance)} into it" if distance != "0" else ""
        return f"{size} bytes{at}"
    if kind == "kasan-slab-out-of-bounds":
        slot = f"a slot of {size} bytes, of which fewer were asked for"
        return f"{slot}; the access is at byte {distance}"
    return f"{size} bytes; the access is at byte {distance} of it"


def locks(splat: Splat) -> list[str]:
    """Lockdep's locks: which was wanted, which are held, who took them where."""
    found: list[str] = []
    title = ""
    for number, line in enumerate(splat.lines):
        title = _title(line, title)
        entry = _lock(line, _until_blank(splat.lines[number + 1 :]), title)
        if entry and entry not in found:
            found.append(entry)
    return found[:MOST]


def _title(line: str, before: str) -> str:
    """What the locks that follow `line` are, where `before` is what they were."""
    for words, title in (
        ("trying to acquire lock", "wanted"),
        ("already holding lock", "held"),
        ("held by", "held"),
        ("takes:", "wanted"),
        ("still held there", "held"),
        ("which lock already depends", ""),
        ("existing dependency chain", ""),
    ):
        if words in line:
            return title
    return before


def _lock(line: str, below: list[str], title: str) -> str:
    """One lock as `word: name, taken at place`; empty when `line` has none."""
    released = re.search(r"release lock \(([^()]+)\) at:", line)
    if released:
        return f"given back: {released[1]}{_at(frames(below[0] if below else ''), '')}"
    match = LOCK.search(line)
    if "state was registered at" in line:
        return f"earlier: taken{_at(frames(chr(10).join(below)), '')}".replace(",", "")
    if not match or match["name"].startswith(("/", "(")):
        return ""
    if line.startswith("-> #"):
        frame = frames("\n".join(below))
        earlier = frame and not line.startswith("-> #0")
        return f"earlier: {match['name']}{_at(frame)}" if earlier else ""
    at = match["at"] or (below[0] if below and "at:" in line else "")
    return f"{title}: {match['name']}{_at(frames(at))}" if title and at else ""


def _until_blank(lines: tuple[str, ...]) -> list[str]:
    kept = []
    for line in lines:
        if not line.strip() or line.startswith(("->", "other info")):
            break
        kept.append(line)
    return kept


def _at(found: list[Frame], taken: str = "taken ") -> str:
    return f", {taken}at {found[0]}" if found else ""


def state(splat: Splat) -> list[str]:
    """Why nothing may sleep: what the preemption count and the flags say."""
    count = COUNT.search(splat.text)
    irqs = IRQS.search(splat.text)
    if not count and not irqs:
        return []
    number = int(count[1] or count[2], 16) if count else 0
    words = []
    if number & 0xF0000:
        words.append("in an interrupt")
    elif number & 0xFF00:
        words.append("in a soft interrupt (timer, tasklet) or with these switched off")
    if number & 0xFF:
        words.append("a spinlock was held or preemption off")
    if irqs and irqs[1] == "1":
        words.append("interrupts were off")
    found = [f"state: {', '.join(words)}"] if words else []
    since = splat.text.partition("reemption disabled at:")[2].partition("CPU:")[0]
    frame = frames(since)
    if frame:
        found.append(f"since: {frame[0]}")
    return found


def racers(splat: Splat) -> list[str]:
    """KCSAN's two accesses, and where they are."""
    found = []
    for number, line in enumerate(splat.lines):
        match = RACING.search(line)
        if match:
            frame = frames("\n".join(_until_blank(splat.lines[number + 1 :])))
            where = f" at {frame[0]}" if frame else ""
            found.append(f"access: {match[1]} of {_bytes(match[2])}{where}")
    return found[:2]


def asserted(splat: Splat) -> list[str]:
    """What a WARN or BUG in the kernel's own source says, and where that is."""
    said = [line.strip() for line in splat.lines[: splat.before]]
    found = [f"said: {line}" for line in said if line and not line.startswith("-")]
    match = ASSERTED.search(splat.headline)
    if match and not SOURCE.search(splat.headline):
        found.append(
            f"checked in: {match[1]}" + (f", {match[2]}()" if match[2] else "")
        )
    return found


def of(splat: Splat) -> list[str]:
    """The facts of a report, each a line `word: what`."""
    name = splat.kind.name
    if name.startswith("kasan"):
        return memory(splat)
    if name == "race":
        return racers(splat)
    if name in ("warn", "bug"):
        return asserted(splat)
    found = locks(splat) if name.startswith("lockdep") or "atomic" in name else []
    return found + state(splat) if "atomic" in name else found


def headline(splat: Splat) -> str:
    """One sentence: the student's line and function, and what they did."""
    return sentence(culprit(splat), splat.kind.says, access(splat.text))


def sentence(frame: Frame, says: str, done: str = "touched") -> str:
    """`prng.c:73: prng_open() followed a NULL pointer`."""
    who = f"{frame.function}()" if frame.function else "the module"
    text = f"{who} {says.format(access=done)}"
    return f"{frame.place}: {text}" if frame.place else text


def left_behind(finding: str) -> tuple[Frame, str]:
    """A line of the audit as the place that allocated and what is left."""
    text = finding.removeprefix("left behind: ")
    match = LEFT.search(text)
    if not match:
        return Frame(), text
    return Frame(place=match[1]), LEFT.sub("", text)
