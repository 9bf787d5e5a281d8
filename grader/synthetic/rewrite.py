"""The same program in other words: rewrites of C in the kernel's style that change no
behaviour. What they are given compiles, and so does what they make of it."""

import random
import re

PLACES = (  # where names of one's own are introduced
    r"^static [^(=;{]*?(\w+)(?:\(|\[|;| =)",
    r"^(?:static )?(?:struct|enum) (\w+) \{",
    r"^#define (\w+)",
    r"^\t+(?:const |unsigned )*(?:struct \w+|u8|u32|u64|__le64|int|char|bool|s?size_t"
    r"|loff_t|unsigned int) \**(\w+)(?:\[\w+[^]]*\])?(?: =|;|,)",
)
# Names of the kernel's that somebody may also have given to a thing of their own.
KERNELS = frozenset(
    "cdev file inode device class dev lock table number data size when note down "
    "kiocb iter bytes used mode pr_fmt DEFINE_MUTEX DEFINE_SPINLOCK".split()
)
LITERAL = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|\#include[^\n]*')
BRACELESS = re.compile(
    r"^(\t+)((?:if|while) \([^\n]*\))\n\1\t([^\s#][^\n]*;)\n(?!\1else)", re.MULTILINE
)
COMPOUND = re.compile(r"^(\t+)(\w+) ([*^+])= ([^;\n]+);$", re.MULTILINE)
STEP = re.compile(r"; (\w+)\+\+\)")
COMMENT = re.compile(r"[ \t]*/\*.*?\*/|[ \t]*//[^\n]*", re.DOTALL)


def renamed(
    source: str, prefix: str = "thing", kept: frozenset[str] = frozenset()
) -> str:
    """`source` with its author's names but those `kept` replaced, each by `prefix` and
    a number."""
    names = {
        found
        for place in PLACES
        for found in re.findall(place, source, re.MULTILINE)
        if found not in KERNELS | kept
    }
    fresh = {name: f"{prefix}_{number}" for number, name in enumerate(sorted(names))}
    if not fresh:
        return source
    word = re.compile(rf"({LITERAL.pattern})|\b({'|'.join(fresh)})\b")
    return word.sub(lambda found: found[1] or fresh[found[2]], source)


def paragraphs(source: str) -> list[str]:
    """The parts of a file between empty lines outside of functions."""
    found: list[list[str]] = [[]]
    inside = False
    for line in source.rstrip("\n").split("\n"):
        inside = (inside or line == "{") and line != "}"
        if not line and not inside:
            found.append([])
        else:
            found[-1].append(line)
    return ["\n".join(lines) for lines in found if lines]


def reordered(source: str, dice: random.Random) -> str:
    """`source` with its functions in another order, and declared before."""
    parts = paragraphs(source)
    movable = [n for n, part in enumerate(parts) if _declaration(part)]
    if len(movable) < 2:
        return source
    runs: list[list[int]] = []
    for place in movable:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    made = list(parts)
    for run in runs:
        for place, other in zip(run, dice.sample(run, len(run))):
            made[place] = parts[other]
    declared = "\n".join(_declaration(parts[n]) for run in runs for n in run)
    first = runs[0][0]
    return "\n\n".join([*made[:first], declared, *made[first:]]) + "\n"


def _declaration(part: str) -> str:
    """What declares the function that `part` defines; nothing where it is none, or
    one that is called by its place."""
    plain = COMMENT.sub("", part).strip("\n")
    head, brace, _ = plain.partition("\n{\n")
    if not brace or not head.startswith("static ") or re.search(r"__(in|ex)it", head):
        return ""
    return head + ";"


def recommented(source: str, word: str) -> str:
    """`source` without its comments, but for the first line, and with `word` in one
    of its own."""
    first, _, rest = source.partition("\n")
    less = re.sub(r"\n\n\n+", "\n\n", COMMENT.sub("", rest))
    return f"{first}\n/* {word} */\n{less.lstrip()}"


def respelled(source: str, dice: random.Random, share: float = 0.5) -> str:
    """`source` with a `share` of its statements written in another way."""

    def perhaps(text: str) -> "Perhaps":
        return Perhaps(text, dice, share)

    source = BRACELESS.sub(perhaps(r"\1\2 {\n\1\t\3\n\1}\n"), source)
    source = COMPOUND.sub(perhaps(r"\1\2 = \2 \3 (\4);"), source)
    return STEP.sub(perhaps(r"; \1 += 1)"), source)


class Perhaps:
    """A replacement that is done now and then."""

    def __init__(self, text: str, dice: random.Random, share: float) -> None:
        self.text, self.dice, self.share = text, dice, share

    def __call__(self, found: re.Match[str]) -> str:
        if self.dice.random() < self.share:
            return found.expand(self.text)
        return found[0]
