"""Fenced blocks of Markdown: where they are, what their first line says, new text.

    ```console vm exercise=13-prng vary="major [0-9]+"
    # grep prng /proc/devices
    ```

The first line is a language, then words, then NAME=VALUE, quoted as in a shell.
"""

import re
import shlex
from dataclasses import dataclass

FENCE = re.compile(r"(```+|~~~+)(.*)")


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is the number of its first line, the fence, and
    `body` the lines between the fences."""

    line: int
    language: str
    words: tuple[str, ...]
    attributes: dict[str, str]
    body: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a page. Raises ValueError, `LINE: why`, for a block that
    does not end or whose first line cannot be read."""
    found = []
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        opening = FENCE.fullmatch(lines[number])
        number += 1
        if not opening:
            continue
        start = number
        while number < len(lines) and lines[number].rstrip() != opening[1]:
            number += 1
        if number == len(lines):
            raise ValueError(f"{start}: the block does not end")
        found.append(_block(start, opening[2], lines[start:number]))
        number += 1
    return found


def _block(line: int, first: str, body: list[str]) -> Block:
    try:
        language, *rest = shlex.split(first) or [""]
    except ValueError as error:
        raise ValueError(f"{line}: {first.strip()}: {error}") from error
    attributes = dict(word.split("=", 1) for word in rest if "=" in word)
    words = tuple(word for word in rest if "=" not in word)
    return Block(line, language, words, attributes, tuple(body))


def replace(text: str, bodies: dict[int, list[str]]) -> str:
    """`text` with new bodies for the blocks that begin at these lines."""
    lines = text.split("\n")
    for block in reversed(blocks(text)):
        if block.line in bodies:
            end = block.line + len(block.body)
            lines[block.line : end] = bodies[block.line]
    return "\n".join(lines)
