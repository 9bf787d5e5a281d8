"""Refuses C that reaches outside the hand-in or silences the compiler.

The sandbox is what keeps hidden files out of reach; this is for a clear message,
and against directives that would make the compiler's own words misleading.
"""

import re
from collections.abc import Iterator

C_FILES = (".c", ".h", ".S")
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)
DIRECTIVE = re.compile(r"\s*(?:#|%:|\?\?=)\s*(\w*)\s*(.*)")
INCLUDED = re.compile(r'(?:<([^>]*)>|"([^"]*)")')
ASSEMBLER = re.compile(r"(?:^|[\"\s;]|\\[nt])\.(incbin|include)\b")
PEEK = re.compile(r"\b(__has_include\w*|__has_embed|_Pragma)\b")


class Refused(Exception):
    """A handed-in file is not taken; the message is for its author."""


def check(name: str, content: bytes) -> None:
    """Raises Refused when the C file `name` holds what a hand-in may not."""
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise Refused(f"{name}:{line}: a NUL byte; hand in text")
    if not name.endswith(C_FILES):
        return
    for place, text in logical_lines(content.decode("utf-8")):
        reason = judge_line(text)
        if reason:
            raise Refused(f"{name}:{place}: {reason}")


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines as the preprocessor sees them, numbered where they begin.

    Continued lines are joined and comments are blanks; strings stay.
    """
    spliced = re.sub(r"\\[ \t]*\r?\n", "\1", text)
    blank = TOKEN.sub(_without_comment, spliced)
    number = 1
    for line in blank.split("\n"):
        yield number, line.replace("\1", "").replace("\2", "")
        number += 1 + line.count("\1") + line.count("\2")


def _without_comment(token: re.Match[str]) -> str:
    """A comment as one blank that still counts its lines; a string unchanged."""
    if token[0][0] != "/":
        return token[0]
    return " " + "\2" * (token[0].count("\n") + token[0].count("\1"))


def judge_line(line: str) -> str | None:
    """Why `line` is refused; None when it is not."""
    peek = PEEK.search(line)
    if peek:
        return f"{peek[1]} is not taken here"
    assembler = ASSEMBLER.search(line)
    if assembler:
        return f".{assembler[1]} reads other files; it is not taken here"
    directive = DIRECTIVE.match(line)
    return judge_directive(directive[1], directive[2]) if directive else None


def judge_directive(word: str, rest: str) -> str | None:
    """Why the directive `#word rest` is refused; None when it is not."""
    if word == "line" or word.isdigit():
        return "#line makes messages point at the wrong place; remove it"
    if word in ("embed", "import", "include_next"):
        return f"#{word} is not taken here; use #include <linux/...>"
    if word == "pragma" and re.search(r"\bGCC\s+(diagnostic|system_header)\b", rest):
        return "this pragma silences the compiler; mend what it warns about"
    return judge_include(rest) if word == "include" else None


def judge_include(rest: str) -> str | None:
    """Why `#include rest` is refused; None when it is not."""
    path = INCLUDED.match(rest)
    if not path:
        return "#include takes a name in <> or quotes here, not a macro"
    name = path[1] or path[2] or ""
    if name.startswith("/"):
        return f"#include of an absolute path: {name}"
    if ".." in name.split("/"):
        return f"#include of a parent folder: {name}"
    if not name.endswith(".h"):
        return f"#include of {name or 'nothing'}: only headers, *.h, are included"
    return None
