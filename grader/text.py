"""Makes text of students and guests fit to be shown."""

import re

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")


def clean(text: str) -> str:
    """`text` without what could steer a terminal; tabs and newlines stay."""
    return CONTROL.sub("", text.replace("\r\n", "\n"))
