"""Text of strangers made fit to be shown, for people and for programs."""

import re

from grader.text import clean

# What reorders or hides text: bidirectional marks, invisible signs, byte order marks.
UNSEEN = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
SURROGATE = re.compile("[\ud800-\udfff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def line(text: str) -> str:
    """One line of text that steers neither a terminal nor the direction of writing."""
    return " ".join(SURROGATE.sub("?", UNSEEN.sub("", clean(text))).split())


def block(text: str) -> str:
    """The same for several lines."""
    return SURROGATE.sub("?", UNSEEN.sub("", clean(text)))


def field(text: str) -> str:
    """A cell of a CSV file that no spreadsheet takes for a formula."""
    shown = line(text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown
