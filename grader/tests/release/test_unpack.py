"""Looking into archives and binaries."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib

import pytest

from grader.release.unpack import DEEPEST, Closed, Leaf, leaves


def tarred(name: str, content: bytes, how: str = "w:") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=how) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def names(content: bytes) -> list[str]:
    return [leaf.name for leaf in leaves("a", content) if isinstance(leaf, Leaf)]


def closed(content: bytes) -> list[str]:
    return [str(leaf) for leaf in leaves("a", content) if isinstance(leaf, Closed)]


@pytest.mark.parametrize(
    "content, name",
    [
        (tarred("b", b"x"), "a!b"),
        (tarred("b", b"x", "w:gz"), "a!b"),
        (tarred("b", b"x", "w:xz"), "a!b"),
        (zipped("b", b"x"), "a!b"),
        (b"#!/bin/sh\n" + zipped("b", b"x"), "a!b"),
        (gzip.compress(b"x"), "a"),
        (bz2.compress(b"x"), "a"),
        (lzma.compress(b"x"), "a"),
        (zipped("b", tarred("c", zipped("d", b"x"), "w:gz")), "a!b!c!d"),
    ],
)
def test_an_archive_is_opened_however_deep(content: bytes, name: str) -> None:
    found = list(leaves("a", content))
    assert closed(content) == []
    assert Leaf(name, b"x") in found


def test_where_a_link_of_an_archive_leads_is_seen() -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        info = tarfile.TarInfo("b")
        info.type, info.linkname = tarfile.SYMTYPE, "solutions/x"
        archive.addfile(info)
    assert Leaf("a!b", b"solutions/x") in list(leaves("a", packed.getvalue()))


@pytest.mark.parametrize(
    "content, why",
    [
        (b"\x28\xb5\x2f\xfd....", "a: zstd cannot be looked into"),
        (b"7z\xbc\xaf\x27\x1c...", "a: 7z cannot be looked into"),
        (gzip.compress(b"x" * 99)[:20], "a: cannot be opened: Compressed file ended"),
        (tarred("b", b"x" * 9999)[:600], "a: cannot be opened: "),
    ],
)
def test_what_cannot_be_looked_into_is_said(content: bytes, why: str) -> None:
    (said,) = closed(content)
    assert said.startswith(why)


def test_an_archive_with_a_password_is_said() -> None:
    content = bytearray(zipped("b", b"x"))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + flags] |= 1
    (said,) = closed(bytes(content))
    assert "encrypted" in said


def test_archives_in_each_other_have_an_end() -> None:
    content = b"x"
    for _ in range(DEEPEST + 1):
        content = gzip.compress(content)
    assert closed(content) == [f"a: {DEEPEST} archives in each other"]


def test_pages_are_read_without_their_tags_and_lines_stay() -> None:
    page = b"<p>a\n<span\nclass='k'>if</span> (a &lt; b)</p>\nend"
    assert Leaf("a.html", page).text().split("\n") == ["a", "", "if (a < b)", "end"]


def test_what_people_could_read_in_a_binary_is_found() -> None:
    pdf = b"%PDF-1.7\n1 0 obj\nstream\r\n" + zlib.compress(b"told in a stream")
    for content, words in (
        (b"\0\1\2return secret(z);\0\xff", "return secret(z);"),
        (pdf + b"\nendstream\0", "told in a stream"),
    ):
        leaf = Leaf("a", content)
        assert (leaf.is_text, words in leaf.text()) == (False, True)
