"""Looks into files: archives within archives, and what is text in a binary file.

What is packed in a way that cannot be looked into is said, not passed over.
"""

import bz2
import gzip
import html
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

DEEPEST = 6  # archives in archives
LARGEST = 256 << 20  # bytes that an archive may hold
CLOSED = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"PACK": "a git pack",
    b"!<arch>\n": "ar",
}
PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e\xc2-\xf4\x80-\xbf]{4,}")
TAG = re.compile(r"<[^<>]*>")
MARKUP = (".html", ".htm", ".svg", ".xml")
STREAM = re.compile(rb"stream\r?\n")


class Closed(Exception):
    """What is in it cannot be looked at; the text says why."""


@dataclass(frozen=True)
class Leaf:
    """A file that is no archive; `name` has its archives before it: a.tar!b/c."""

    name: str
    content: bytes

    @property
    def is_text(self) -> bool:
        if b"\0" in self.content:
            return False
        try:
            self.content.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def text(self) -> str:
        """What people can read in it, its lines where they were: of pages without
        their tags, of other files what is printable."""
        if self.is_text:
            text = self.content.decode("utf-8")
            if self.name.lower().endswith(MARKUP):
                return html.unescape(TAG.sub(_only_lines, text))
            return text
        runs = PRINTABLE.findall(self.raw())
        return b"\n".join(runs).decode("utf-8", errors="replace")

    def raw(self) -> bytes:
        """All its bytes, and behind them those that a PDF has packed."""
        streams = _streams(self.content)
        return self.content + b"\n" + streams if streams else self.content


def _only_lines(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _streams(content: bytes) -> bytes:
    """What a PDF has packed into its streams."""
    found = []
    if content.startswith(b"%PDF"):
        for match in STREAM.finditer(content):
            try:
                found.append(zlib.decompressobj().decompress(content[match.end() :]))
            except zlib.error:
                continue  # it is packed in another way, or not at all
    return b"\n".join(found)


def leaves(name: str, content: bytes, depth: int = 0) -> Iterator[Leaf | Closed]:
    """The files in `content`, or itself; Closed for each that cannot be opened."""
    yield Leaf(name, content)
    for magic, kind in CLOSED.items():
        if content.startswith(magic):
            yield Closed(f"{name}: {kind} cannot be looked into")
    for starts, opened in OPENERS:
        if starts(content):
            if depth == DEEPEST:
                yield Closed(f"{name}: {DEEPEST} archives in each other")
                return
            yield from _inside(name, content, depth, opened)
            return


def _inside(
    name: str, content: bytes, depth: int, opened: "Opener"
) -> Iterator[Leaf | Closed]:
    total = 0
    try:
        for inner, data in opened(content):
            total += len(data)
            if total > LARGEST:
                raise Closed(f"{name}: more than {LARGEST >> 20} MiB in it")
            yield from leaves(f"{name}!{inner}" if inner else name, data, depth + 1)
    except Closed as closed:
        yield closed
    except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        yield Closed(f"{name}: cannot be opened: {error}")
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError) as error:
        yield Closed(f"{name}: cannot be opened: {error}")


def _tar(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for member in archive:
            yield member.name, member.linkname.encode()
            file = archive.extractfile(member) if member.isreg() else None
            if file:
                yield member.name, file.read(LARGEST + 1)


def _zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield "", archive.comment
        for member in archive.infolist():
            yield member.filename, member.comment
            with archive.open(member) as file:
                yield member.filename, file.read(LARGEST + 1)


def _packed(module: Callable[[io.BytesIO], io.BufferedIOBase]) -> "Opener":
    def opened(content: bytes) -> Iterator[tuple[str, bytes]]:
        with module(io.BytesIO(content)) as file:
            yield "", file.read(LARGEST + 1)

    return opened


def _is_tar(content: bytes) -> bool:
    """Old ones have no magic word, but all have a checksum in their first header."""
    try:
        tarfile.TarInfo.frombuf(content[:512], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _is_zip(content: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(content))


Opener = Callable[[bytes], Iterator[tuple[str, bytes]]]
OPENERS: list[tuple[Callable[[bytes], bool], Opener]] = [
    (_is_tar, _tar),
    (_is_zip, _zip),
    (
        lambda content: content.startswith(b"\x1f\x8b"),
        _packed(lambda raw: gzip.GzipFile(fileobj=raw)),
    ),
    (lambda content: content.startswith(b"BZh"), _packed(bz2.BZ2File)),
    (lambda content: content.startswith(b"\xfd7zXZ\0"), _packed(lzma.LZMAFile)),
]
