"""Finds the line of the student's source that an address in a kernel log means.

    prng_open+0x2a/0x60 [prng]   ->   prng_open+0x2a/0x60 [prng] (prng.c:41)

A module is built with DWARF, from which objdump and addr2line, run in the
sandbox, translate function and offset.
"""

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from grader import sandbox

IN_SECTION = re.compile(r"\b(\w+):(\.[a-z.]*text)\+0x([0-9a-f]+)")
IN_FUNCTION = re.compile(r"\b([A-Za-z_][\w.]*)\+0x([0-9a-f]+)/0x[0-9a-f]+ \[(\w+)\]")
# What people need not see of a decoded address: numbers, and what the compiler
# appends to the name of a function that it has taken apart.
IN_WORDS = re.compile(
    r"(?:\.(?:isra|constprop|part|cold)(?:\.\d+)?)*"
    r"(?<=\w)\+0x[0-9a-f]+/0x[0-9a-f]+ \[\w+\]|"
    r"\b\w+:\.[a-z.]*text\+0x[0-9a-f]+ \((\S+:\d+)\)"
)
ADDRESS = re.compile(r"\+0x[0-9a-f]+/0x[0-9a-f]+ \[|text\+0x")
SYMBOL = re.compile(r"([0-9a-f]+) .{7} (\.\S*text\S*)\t[0-9a-f]+ (?:\.hidden )?(\S+)")
OWN = re.compile(re.escape(sandbox.INSIDE) + r"/([^/:]+):(\d+)")
MOST = 40  # addresses looked up for one report


@dataclass
class Decoder:
    """Looks addresses up in the modules of `folder`; remembers what it found."""

    folder: Path
    places: dict[tuple[str, str, int], str] = field(default_factory=dict)
    tables: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)

    def decode(self, lines: tuple[str, ...]) -> list[str]:
        """`lines`, with file:line after every address in a module."""
        return [self._decode_line(line) for line in lines]

    def in_words(self, text: str) -> str:
        """`text`, with places for people: prng_open (prng.c:41)."""
        decoded = "\n".join(self.decode(tuple(text.split("\n"))))
        return IN_WORDS.sub(lambda match: match[1] or "", decoded)

    def decode_text(self, text: str) -> str:
        """A text of many lines, decoded; only lines with an address cost anything."""
        if not ADDRESS.search(text):
            return text
        return "\n".join(self.decode(tuple(text.split("\n"))))

    def _decode_line(self, line: str) -> str:
        exact = "RIP" in line or "WARNING: CPU" in line

        def in_function(match: re.Match[str]) -> str:
            function, offset, module = match[1], int(match[2], 16), match[3]
            section, start = self._table(module).get(function, ("", 0))
            place = self._place(module, section, start + offset, exact or not offset)
            return match[0] + place

        def in_section(match: re.Match[str]) -> str:
            place = self._place(match[1], match[2], int(match[3], 16), False)
            return match[0] + place

        return IN_SECTION.sub(in_section, IN_FUNCTION.sub(in_function, line))

    def _place(self, module: str, section: str, address: int, exact: bool) -> str:
        """` (file:line)` of an address, or nothing. What is not exact is where a
        call returns to: the call is just before it."""
        wanted = (module, section, address if exact else address - 1)
        if section and wanted not in self.places and len(self.places) < MOST:
            tool = ["addr2line", "-i", "-j", section, "-e"]
            answer = self._run(module, tool, f"{max(0, wanted[2]):#x}")
            self.places[wanted] = own_place(answer)
        place = self.places.get(wanted, "")
        return f" ({place})" if place else ""

    def _table(self, module: str) -> dict[str, tuple[str, int]]:
        """The functions of a module, with section and address."""
        if module not in self.tables:
            listing = self._run(module, ["objdump", "-t"])
            self.tables[module] = parse_symbols(listing)
        return self.tables[module]

    def _run(self, module: str, tool: list[str], *after: str) -> str:
        """The output of a binutils `tool` on a module, run where it can do no harm."""
        source = self.folder / f"{module}.ko"
        if not source.is_file():
            return ""
        home = self.folder.parent.parent
        with tempfile.TemporaryDirectory(prefix=".symbols-", dir=home) as name:
            work = Path(name)
            shutil.copyfile(source, work / "module.ko")
            done = sandbox.run([*tool, "module.ko", *after], work, keep=1 << 20)
        return done.output if done.status == 0 else ""


def own_place(answer: str) -> str:
    """The `file:line` of the hand-in in what addr2line -i says: innermost first,
    where inlined functions of the kernel's headers come before their caller."""
    for line in answer.split("\n"):
        place = OWN.match(line)
        if place:
            return f"{place[1]}:{place[2]}"
    return ""


def parse_symbols(listing: str) -> dict[str, tuple[str, int]]:
    """Function name to section and address, from `objdump -t`."""
    table: dict[str, tuple[str, int]] = {}
    for line in listing.split("\n"):
        match = SYMBOL.match(line)
        if match:
            table[match[3]] = (match[2], int(match[1], 16))
    return table
