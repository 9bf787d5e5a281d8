"""What a series may do, judged by what it did: pure functions on git's output.

Patch text can lie, so the verdict rests on the raw diff of the applied commits.
What the text says of itself is used for a clearer message, never for a pass.
"""

import re
from dataclasses import dataclass

from grader.text import clean

PLAIN = "100644"
MODES = {
    "120000": "a symbolic link",
    "160000": "a submodule",
    "100755": "an executable file; take the mode back: chmod 644",
}
SHOWN = 5  # findings of one kind; more are counted
PLACE = re.compile(r"\S.*:\d+: ")


@dataclass(frozen=True)
class Commit:
    """One applied patch: its words, and what it did to the tree."""

    subject: str
    name: str
    address: str
    sign_offs: tuple[str, ...]
    raw: str  # of git diff-tree -r -z
    check: str  # of git diff-tree --check


def shown(text: str, most: int = 120) -> str:
    """Text of a student on one line, without what steers a terminal."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else line[: most - 3] + "..."


def some(lines: list[str]) -> list[str]:
    """The first of `lines`, and how many more there are."""
    more = len(lines) - SHOWN
    return lines[:SHOWN] + ([f"and {more} more of this kind"] if more > 0 else [])


def touched(numstat: str) -> tuple[list[str], list[str]]:
    """All paths, and those of binary patches, that `git apply --numstat -z` lists."""
    paths, binary = [], []
    for entry in numstat.split("\0"):
        added, _, rest = entry.partition("\t")
        path = rest.partition("\t")[2]
        if path:
            paths.append(path)
            if added == "-":
                binary.append(path)
    return paths, binary


def judge_text(
    stats: list[str], allowed: tuple[str, ...], words: str = ""
) -> list[str]:
    """Why the patches are refused before they are applied; `stats` is a numstat a
    patch, `allowed` the paths that are handed in, `words` git's own complaints."""
    reasons = []
    for number, stat in enumerate(stats, 1):
        paths, binary = touched(stat)
        reasons += [
            f"patch {number}: {outside(path, allowed)}"
            for path in paths
            if path not in allowed
        ]
        reasons += [
            f"patch {number}: {shown(path)}: a binary patch; hand in text"
            for path in binary
        ]
    if re.search(r"invalid path|inconsistent|invalid mode", words):
        lines = (line for line in words.split("\n") if line.startswith("error: "))
        reasons += [shown(line.removeprefix("error: ")) for line in lines]
    return some(list(dict.fromkeys(reasons)))


def outside(path: str, allowed: tuple[str, ...]) -> str:
    """What to say of a path that is not handed in."""
    names = " ".join(allowed)
    return f"{shown(path)} is not handed in; this exercise takes {names} only"


def judge_commit(number: int, commit: Commit, allowed: tuple[str, ...]) -> list[str]:
    """Why commit `number` is refused: paths, kinds of file, white space."""
    who = f"patch {number}"
    reasons = [f"{who}: {why}" for why in judge_raw(commit.raw, allowed)]
    spaces = [line for line in commit.check.split("\n") if PLACE.match(line)]
    reasons += some([f"{who}: {shown(line)}" for line in spaces])
    return reasons


def judge_raw(raw: str, allowed: tuple[str, ...]) -> list[str]:
    """Why the raw diff `raw` is refused; no reason when nothing is wrong."""
    fields = raw.split("\0")
    reasons = []
    for entry, path in zip(fields[::2], fields[1::2]):
        _, mode, _, _, status = entry.split(" ")
        if path not in allowed:
            reasons.append(outside(path, allowed))
        elif status == "D":
            reasons.append(f"{path} is removed or renamed; it is what you hand in")
        elif mode != PLAIN:
            reasons.append(f"{path} becomes {MODES.get(mode, 'no regular file')}")
    return some(reasons)


def judge_words(number: int, commit: Commit, exercise: str) -> list[str]:
    """Why the message of commit `number` is refused: subject, sign-off."""
    reasons = []
    subject = shown(commit.subject, 60)
    if not re.match(rf"{re.escape(exercise)}: \S", commit.subject):
        reasons.append(
            f'patch {number}: the subject "{subject}" does not begin with '
            f'"{exercise}: " and what the patch does: git commit --amend, '
            "or git rebase -i and reword"
        )
    author = f"{commit.name} <{commit.address}>"
    if author not in commit.sign_offs:
        others = ", ".join(commit.sign_offs)
        found = f"; it is signed off by {shown(others)}" if others else ""
        reasons.append(
            f"patch {number}: not signed off by its author, {shown(author)}{found}: "
            "git rebase --signoff BASE, where BASE is the commit before your first"
        )
    return reasons
