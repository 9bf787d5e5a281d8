"""Parts of C files that pages show, so that what is shown is what is compiled."""

import re


def part(source: str, name: str) -> list[str]:
    """The lines that define `name` in C of the kernel's style: a function, a type or
    a variable, from its first column on, with the comment right above. Raises
    KeyError when there is none."""
    lines = source.split("\n")
    for start, line in enumerate(lines):
        if _may_define(line, name):
            end = _end(lines, start)
            if not _is_prototype(lines[start : end + 1], name):
                return lines[_with_comment(lines, start) : end + 1]
    raise KeyError(name)


def _may_define(line: str, name: str) -> bool:
    before, found, _ = line.partition(name)
    if not re.match(r"[A-Za-z_]", line) or not re.search(rf"\b{name}\b", line):
        return False
    return bool(found) and ("(" not in before or "DEFINE_" in before)


def _end(lines: list[str], start: int) -> int:
    """The last line of what begins at `start`."""
    opened = False
    for number in range(start, len(lines)):
        line = lines[number].rstrip()
        opened = opened or line.endswith("{")
        if line.startswith("}") or (line.endswith(";") and not opened):
            return number
    return len(lines) - 1


def _is_prototype(lines: list[str], name: str) -> bool:
    text = " ".join(lines)
    return text.endswith(");") and re.search(rf"\b{name}\(", text) is not None


def _with_comment(lines: list[str], start: int) -> int:
    """`start`, or the first line of the comment that ends right above."""
    first = start - 1
    if start == 0 or not lines[first].rstrip().endswith("*/"):
        return start
    while first > 0 and not lines[first].lstrip().startswith("/*"):
        first -= 1
    return first
