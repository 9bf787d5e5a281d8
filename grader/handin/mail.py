"""Reads one mail: who, when, which part of which series, and to what it answers.

Everything in it is its sender's word, but for the lines that one's own mail server
put on top. Python's email parses; a mail that it cannot parse is Unreadable.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, cast

from grader.text import clean

LARGEST = 1 << 20  # bytes of a mail
LONGEST_HEADER = 1 << 14  # bytes, since parsing one takes quadratic time
MOST_HEADERS = 500
MOST_PIECES = 50  # of a mail with attachments
TAG = re.compile(r"\[([^\[\]]*\bPATCH\b[^\[\]]*)\]", re.IGNORECASE)
REPLY = re.compile(r"(re|aw|antw|sv|vs|fwd?|wg)\s*(\[\d+\])?:", re.IGNORECASE)
VERSION = re.compile(r"\bv(\d{1,3})\b", re.IGNORECASE)
PART = re.compile(r"\b(\d{1,6})/(\d{1,6})\b")
DIFF = re.compile(rb"^diff --git ", re.MULTILINE)
EXERCISE = re.compile(rb"^diff --git a/exercises/([\w.-]+)/", re.MULTILINE)
SAME = ("message-id", "from", "date", "subject", "in-reply-to", "references")


class Unreadable(Exception):
    """A mail that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True)
class Tag:
    """What a subject says in brackets: [RFC PATCH v2 1/3]; `total` 0 stands for a
    patch on its own, which has no number."""

    version: int
    part: int
    total: int
    rfc: bool

    @property
    def patches(self) -> int:
        return self.total or 1


@dataclass(frozen=True)
class Mail:
    """One mail; `path` holds its bytes as they came, `size` of them.

    `digest` is the same for each copy of one mail, `content` for each mail with the
    same body. `received` is when one's own server took it, `date` what its sender
    says. `exercises` are those that its patch names, once for each file.
    """

    path: Path
    size: int
    digest: str
    content: str
    id: str
    parents: tuple[str, ...]
    sender: str
    name: str
    subject: str
    tag: Tag | None
    reply: bool
    title: str
    exercises: tuple[str, ...]
    has_diff: bool
    date: datetime | None
    received: datetime | None
    authentication: tuple[str, ...]

    @property
    def time(self) -> datetime | None:
        """The server's time where there is one."""
        return self.received or self.date


def digest_file(path: Path) -> str:
    """The hash of a file that is too large to be parsed."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_envelope(raw: bytes) -> bytes:
    """`raw` without the line `From ...` that separates the mails of an mbox."""
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def read(path: Path) -> Mail:
    """The mail in `path`; raises Unreadable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Unreadable(f"over {LARGEST} bytes")
    raw = without_envelope(raw)
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
        return _make(path, raw, cast(EmailMessage, message))
    except RecursionError as error:
        raise Unreadable("parts within parts within parts") from error
    except Unreadable:
        raise
    except Exception as error:  # the parser of headers has bugs that mails can hit
        raise Unreadable(
            f"its headers make no sense ({type(error).__name__})"
        ) from error


def _make(path: Path, raw: bytes, message: EmailMessage) -> Mail:
    _check_headers(message)
    sender, name = _sender(message)
    subject = line(message["Subject"])
    tag, title = parse_subject(subject)
    body = _body(raw)
    texts = list(_texts(message))
    named = [name.decode() for text in texts for name in EXERCISE.findall(text)]
    id = _id(line(message["Message-ID"]))
    return Mail(
        path=path,
        size=len(raw),
        digest=_hash([*_same(message), body]),
        content=_hash([body]),
        id=id,
        parents=_parents(message),
        sender=sender,
        name=name,
        subject=subject,
        tag=tag,
        reply=bool(REPLY.match(subject)),
        title=title,
        exercises=tuple(named),
        has_diff=any(DIFF.search(text) for text in texts),
        date=_date(message["Date"] and str(message["Date"])),
        received=_received(message),
        authentication=tuple(
            line(value)[:2000]
            for value in message.get_all("Authentication-Results", [])
        )[:10],
    )


def line(value: object) -> str:
    """A header on one line, without what steers a terminal."""
    return "" if value is None else " ".join(clean(str(value)).split())


def _check_headers(message: EmailMessage) -> None:
    """Raises Unreadable for headers that would take too long to parse."""
    headers = list(message.raw_items())
    if not headers:
        raise Unreadable("no headers: not a mail")
    if len(headers) > MOST_HEADERS:
        raise Unreadable(f"{len(headers)} headers; at most {MOST_HEADERS} are read")
    for name, value in headers:
        if len(value) > LONGEST_HEADER:
            size = f"{len(value)} bytes; at most {LONGEST_HEADER} are read"
            raise Unreadable(f"header {clean(name)[:40]}: {size}")
        if "\0" in value:
            raise Unreadable(f"header {clean(name)[:40]}: a NUL byte")


def _same(message: EmailMessage) -> list[str]:
    """The headers that no server and no mail program changes, unfolded."""
    first: dict[str, str] = {}
    for name, value in message.raw_items():
        first.setdefault(name.lower(), " ".join(str(value).split()))
    return [first.get(name, "") for name in SAME]


def _sender(message: EmailMessage) -> tuple[str, str]:
    """Address, in small letters, and name of the one sender."""
    froms: list[Any] = message.get_all("From", [])
    addresses = froms[0].addresses if len(froms) == 1 else ()
    if len(addresses) != 1 or "@" not in addresses[0].addr_spec:
        raise Unreadable("From: not exactly one address")
    return line(addresses[0].addr_spec).lower(), line(addresses[0].display_name)


def parse_subject(subject: str) -> tuple[Tag | None, str]:
    """The tag of a subject and what stands behind it; no tag, no patch."""
    found = TAG.search(subject)
    if not found:
        return None, subject
    version = VERSION.search(found[1])
    part = PART.search(found[1])
    tag = Tag(
        version=max(1, int(version[1])) if version else 1,
        part=int(part[1]) if part else 1,
        total=int(part[2]) if part else 0,
        rfc=bool(re.search(r"\bRFC\b", found[1], re.IGNORECASE)),
    )
    if tag.part > tag.patches or (part and tag.total == 0):
        return None, subject
    return tag, subject[found.end() :].strip()


def _id(text: str) -> str:
    found = re.search(r"<[^<>\s]{1,500}>", text)
    return found[0] if found else ""


def _parents(message: EmailMessage) -> tuple[str, ...]:
    """What the mail answers to: the nearest first."""
    words = line(message["In-Reply-To"]) + " "
    near = re.findall(r"<[^<>\s]{1,500}>", words)[:1]
    far = re.findall(r"<[^<>\s]{1,500}>", line(message["References"]))
    return tuple(dict.fromkeys([*near, *reversed(far)]))


def _body(raw: bytes) -> bytes:
    """All that follows the headers, with ends of lines as they are in files."""
    plain = raw.replace(b"\r\n", b"\n")
    return plain.partition(b"\n\n")[2].rstrip(b"\n")


def _hash(parts: list[str | bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def _texts(message: EmailMessage) -> Iterator[bytes]:
    """The decoded texts in which a patch may be."""
    for number, piece in enumerate(message.walk()):
        if number == MOST_PIECES:
            raise Unreadable(f"over {MOST_PIECES} parts")
        if piece.get_content_maintype() == "text":
            payload = piece.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload.replace(b"\r\n", b"\n")


def _date(text: str | None) -> datetime | None:
    """A date of mail, in UTC; None for what is none."""
    try:
        found = parsedate_to_datetime(text or "")
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _received(message: EmailMessage) -> datetime | None:
    """When the last server took the mail: the topmost of the Received lines."""
    stamps: list[Any] = message.get_all("Received", [])
    return _date(line(stamps[0]).rpartition(";")[2]) if stamps else None
