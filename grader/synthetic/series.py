"""What somebody hands in: commits, and what is true of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from grader.synthetic.truth import Truth


@dataclass(frozen=True)
class File:
    """What a patch makes of a path; the mode is git's."""

    content: bytes
    mode: str = "100644"


@dataclass(frozen=True)
class Patch:
    """A commit: the files that it changes, by path in the course."""

    subject: str
    files: Mapping[str, File]
    signed: bool = True


@dataclass(frozen=True)
class Work:
    """A series, and what is true of it; the last `lost` mails never arrive."""

    patches: tuple[Patch, ...]
    truth: Truth
    lost: int = 0
