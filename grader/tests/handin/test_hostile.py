"""Mails that were made to break something: nothing is lost, nobody else is touched."""

import errno
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.handin import apply, mail, store
from grader.handin.collect import collect
from grader.handin.roster import parse
from grader.house import House
from grader.tests.handin.conftest import ROSTER, Desk, Student, mbox, polite
from grader.trouble import Trouble

ROOT = Path(__file__).parents[3]
CRASH = "if grep -q '^From: Alice' series.mbox; then echo git crashed; exit 139; fi"
CODE = (
    "import sys; from pathlib import Path; from grader.house import House;"
    "from grader.handin.collect import collect;"
    "sys.exit(collect(House(Path(sys.argv[1])), Path(sys.argv[2]), None, ''))"
)


def start(house: House, box: Path) -> subprocess.Popen[bytes]:
    """A collector in a process of its own."""
    command = ["/usr/bin/python3", "-c", CODE, str(house.root), str(box)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def letter(headers: bytes, body: bytes = b"diff --git a/x b/x\n") -> bytes:
    return b"From: mallory@example.org\n" + headers + b"\n" + body


def test_a_mail_of_100_mb_is_kept_and_not_read(desk: Desk, alice: Student) -> None:
    headers = b"Subject: [PATCH v1 1/1] 13-prng: large\n"
    large = letter(headers, (b"+" * 1000 + b"\n") * 105_000)
    started = time.process_time()
    desk.collect([large, *polite(alice)])
    assert time.process_time() - started < 10
    assert desk.places() == {"13-prng/alice/v1 accepted": 3, "too-large": 1}
    assert "at most 1048576 are read" in desk.reasons("too-large")[0]
    kept = [path for path, _, _ in desk.store.letters()]
    assert kept[0].read_bytes().endswith(large[-10000:].rstrip(b"\n") + b"\n\n")


def test_ten_thousand_patches_are_kept_and_not_applied(
    desk: Desk, alice: Student, capsys: pytest.CaptureFixture[str]
) -> None:
    flood = [
        letter(b"Subject: [PATCH v1 %d/10000] 13-prng: x\n" % number)
        for number in range(1, 10001, 20)
    ]
    one = b"diff --git a/exercises/13-prng/x b/exercises/13-prng/x\n"
    flood += [letter(b"Subject: [PATCH v2] 13-prng: x\n", one * 10000)]
    desk.collect([*flood, *polite(alice)])
    assert desk.places() == {
        "13-prng/alice/v1 accepted": 3,
        "13-prng/mallory/v2 refused": 1,
        "too-large": 500,
    }
    said = capsys.readouterr().out
    assert "10000 patches; at most 64 are taken: 500 mails" in said
    assert len(said.split("\n")) < 20


def test_many_open_series_of_one_sender_take_no_long_time(desk: Desk) -> None:
    flood = [
        letter(b"Message-ID: <%d@x>\nSubject: [PATCH v1 1/2] 13-prng: x\n" % number)
        for number in range(200)
    ]
    started = time.process_time()
    desk.collect(flood)
    assert time.process_time() - started < 10
    assert desk.places() == {"incomplete": 200}


@pytest.mark.parametrize(
    "hostile, place, why",
    [
        (
            letter(b"Subject: " + b"[PATCH v1] x" * 90_000 + b"\n"),
            "too-large",
            "are read",
        ),
        (letter(b"Subject: " + b"x" * 900_000 + b"\n"), "broken", "header Subject"),
        (letter(b"Subject: [PATCH v1] \0 x\n"), "broken", "a NUL byte"),
        (letter(b"X: y\n" * 600), "broken", "601 headers"),
        (b"Subject: [PATCH v1] x\n\nno sender\n", "broken", "From: not exactly one"),
        (
            b"From: mallory@example.org, alice@example.org\nSubject: [PATCH] x\n\nx\n",
            "broken",
            "From: not exactly one",
        ),
        (
            b"From: mallory@example.org\nFrom: alice@example.org\n\nx\n",
            "broken",
            "From: not exactly one",
        ),
        (b"\xff\xfe\0\0", "broken", "not a mail"),
        (
            letter(b"Subject: =?utf-8?q?=5BPATCH_v1=5D=0ABcc=3A_x?=\n", b"no diff"),
            "not-a-patch",
            "there is no diff in it",
        ),
        (letter(b"Subject: [PATCH v1 3/2] x\n"), "not-a-patch", "no [PATCH vK i/n]"),
        (letter(b"Subject: [PATCH v1 0/0] x\n"), "not-a-patch", "no [PATCH vK i/n]"),
        (letter(b"Subject: [PATCH v1] no exercise\n"), "not-a-patch", "no file of"),
    ],
    ids="long-mail long-header nul many-headers no-sender two-senders two-froms "
    "no-mail new-line beyond-the-end zero-of-zero no-exercise".split(),
)
def test_a_mail_that_makes_no_sense_is_kept(
    desk: Desk, alice: Student, hostile: bytes, place: str, why: str
) -> None:
    desk.collect([hostile, *polite(alice, patches=1)])
    assert desk.places() == {"13-prng/alice/v1 accepted": 2, place: 1}
    assert why in desk.reasons(place)[0]


def nested(depth: int) -> bytes:
    """A mail in a mail in a mail."""
    inner = b"Content-Type: text/plain\n\ndiff --git a/x b/x\n"
    for number in range(depth):
        edge = b"b%d" % number
        head = b'Content-Type: multipart/mixed; boundary="' + edge + b'"\n\n'
        inner = head + b"--" + edge + b"\n" + inner + b"\n--" + edge + b"--\n"
    return b"From: mallory@example.org\nSubject: [PATCH v1] 13-prng: x\n" + inner


def bomb() -> bytes:
    """Attachments in base64 that hold archives which unpack to a lot."""
    import base64
    import gzip

    packed = base64.encodebytes(gzip.compress(bytes(100 << 20)))
    part = (
        b"Content-Type: application/gzip\nContent-Transfer-Encoding: base64\n"
        b"Content-Disposition: attachment; filename=0001.patch.gz\n\n" + packed
    )
    head = b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n'
    return (
        b"From: mallory@example.org\nSubject: [PATCH v1] 13-prng: x\n"
        + head
        + b"\n--b\n"
        + b"\n--b\n".join([part] * 5)
        + b"\n--b--\n"
    )


@pytest.mark.parametrize(
    "make, place",
    [
        (lambda: nested(40), "13-prng/mallory/v1 refused"),
        (lambda: nested(60), "broken"),
        (lambda: nested(3000), "broken"),
        (bomb, "not-a-patch"),
    ],
    ids=["nested", "nested-deep", "nested-very-deep", "bomb"],
)
def test_parts_within_parts_take_no_long_time(
    desk: Desk, make: Callable[[], bytes], place: str
) -> None:
    hostile = make()
    started = time.process_time()
    desk.collect([hostile])
    assert desk.places() == {place: 1}
    assert time.process_time() - started < 10


def test_a_forged_sender_is_not_believed_where_the_server_says_so(
    desk: Desk, alice: Student
) -> None:
    honest = b"Authentication-Results: mx.example.org (x; dmarc=pass);\n dmarc=%s\n"
    other = b"Authentication-Results: mx.evil.example; dmarc=pass\n"

    def seen(mails: list[bytes], verdict: bytes) -> list[bytes]:
        top = honest % verdict + other
        return [one.replace(b"\nFrom: ", b"\n" + top + b"From: ", 1) for one in mails]

    forged = seen(polite(alice, patches=1), b"fail (dmarc=pass)")
    desk.collect(forged, authserv="mx.example.org")
    assert desk.places() == {"unauthenticated": 2}
    genuine = seen(alice.series(), b"pass header.from=example.org")
    desk.collect(genuine, authserv="mx.example.org")
    version = desk.versions()["13-prng/alice/v1"]
    assert desk.places() == {"13-prng/alice/v1 accepted": 2, "unauthenticated": 2}
    assert version.parts[1].authentication[0].endswith("header.from=example.org")


def test_nobody_completes_or_replaces_the_series_of_another(
    desk: Desk, alice: Student
) -> None:
    cover, first, second = polite(alice)
    stolen = second.replace(b"From: Alice Doe <alice@", b"From: Mallory <mallory@")
    assert stolen != second
    desk.collect([stolen, cover, first])
    assert desk.places() == {"incomplete": 3}
    desk.collect([second])
    assert desk.places() == {"13-prng/alice/v1 accepted": 3, "incomplete": 1}
    assert b"mallory@" not in (
        desk.store.root / "13-prng/alice/v1/series.mbox"
    ).read_bytes().split(b"---")[0].replace(b"Signed", b"")


def test_a_series_that_cannot_be_tried_keeps_nobody_waiting(
    desk: Desk,
    alice: Student,
    bob: Student,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script, real = tmp_path / "apply.sh", apply.SCRIPT
    text = real.read_text().replace("\ncd /build\n", f"\ncd /build\n{CRASH}\n")
    script.write_text(text)
    monkeypatch.setattr(apply, "SCRIPT", script)
    box = mbox(tmp_path / "box", polite(alice) + polite(bob))
    assert collect(desk.house, box, None, "") == 3
    assert desk.places() == {"13-prng/bob/v1 accepted": 3, "undecided": 3}
    assert "could not be tried: git crashed" in desk.reasons("undecided")[0]
    monkeypatch.setattr(apply, "SCRIPT", real)
    desk.collect([])
    assert desk.places() == {
        "13-prng/alice/v1 accepted": 3,
        "13-prng/bob/v1 accepted": 3,
    }


def test_what_would_steer_a_terminal_is_not_shown(
    desk: Desk, alice: Student, capsys: pytest.CaptureFixture[str]
) -> None:
    escape = b"=?utf-8?q?=1B=5B2J=1B=5D0=3Bowned=07?="
    alice.edit("exercises/13-prng/tests/a.bats", "true", "false")
    alice.commit("13-prng: \x1b[31mred")
    desk.collect(
        [
            letter(b"Subject: " + escape + b" [red]x[/red]\n"),
            b"From: " + escape + b" <x@example.org>\nSubject: [PATCH] \x1b[2J\n\nx\n",
            *alice.series(),
        ]
    )
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\x07" not in said and "[red]x[/red]" in said


@pytest.mark.parametrize(
    "row, why",
    [
        ("../etc,A,a@b.c", "2: student: '../etc' is no name of a folder"),
        ("a/b,A,a@b.c", "2: student: 'a/b' is no name"),
        ("..,A,a@b.c", "2: student: '..' is no name"),
        (".new-1,A,a@b.c", "2: student: '.new-1' is no name"),
        ("a b,A,a@b.c", "2: student: 'a b' is no name"),
        ("<script>,A,a@b.c", "2: student: '<script>' is no name"),
        (",A,a@b.c", "2: student: '' is no name"),
        ("a,A,nowhere", "2: address: 'nowhere' is none"),
        ("a,A,a@b.c\na,B,b@b.c", "3: student a is there already"),
        ("a,A,a@b.c\nb,B,A@B.C", "3: a@b.c is a's address already"),
        ('a,"A', "not CSV"),
    ],
)
def test_a_roster_that_leads_astray_is_refused_with_its_line(
    row: str, why: str
) -> None:
    with pytest.raises(Trouble) as error:
        parse(f"student,name,address\n{row}\n", "roster.csv")
    assert why in error.value.what


def test_a_name_may_be_anything_on_one_line() -> None:
    text = 'student,name,address\na,"<script>""O\'Neil"" /.. \x1b[2J",a@b.c\n'
    assert parse(text, "roster.csv")["a@b.c"].name == '<script>"O\'Neil" /..'


class Interrupted(Exception):
    """Stands for power that fails."""


@pytest.mark.parametrize("fault", [Interrupted, OSError], ids=["killed", "disk-full"])
def test_interrupted_at_any_write_it_loses_and_doubles_nothing(
    desk: Desk,
    alice: Student,
    bob: Student,
    monkeypatch: pytest.MonkeyPatch,
    fault: type[Exception],
) -> None:
    """Ends the collector at the first step that writes, at the second, and so on."""
    cover, first, second = polite(alice)
    flood = [letter(b"Subject: spam %d\n" % number) for number in range(2)]
    boxes = [[cover, second, *flood], [first, *polite(bob, patches=1)]]
    real = {name: getattr(os, name) for name in ("rename", "fsync", "unlink")}
    left = [0]

    def count(name: str) -> Callable[..., object]:
        def call(*words: object, **options: object) -> object:
            left[0] -= 1
            if left[0] == 0:
                raise fault(errno.ENOSPC, "no space")
            return real[name](*words, **options)

        return call

    for name in real:
        monkeypatch.setattr(os, name, count(name))
    ended = 0
    for box in boxes:
        for step in range(1, 400, 5):
            left[0] = step
            try:
                desk.collect(box)
            except fault:
                ended += 1
                continue
            break
    assert ended > 3
    assert desk.places() == {
        "13-prng/alice/v1 accepted": 3,
        "13-prng/bob/v1 accepted": 2,
        "not-a-patch": 2,
    }
    left[0] = 0
    before = desk.snapshot()
    desk.collect([*boxes[0], *boxes[1]])
    assert desk.snapshot() == before
    assert not list(desk.store.root.glob(".new-*"))


def test_killed_and_started_again_it_ends_as_if_nothing_had_been(
    desk: Desk, alice: Student, bob: Student, tmp_path: Path
) -> None:
    box = mbox(tmp_path / "both", polite(alice) + polite(bob, patches=3))
    for delay in (0.1, 0.4, 0.8, 1.2):
        running = start(desk.house, box)
        time.sleep(delay)
        running.send_signal(signal.SIGKILL)
        running.wait(30)
    assert start(desk.house, box).wait(60) == 0
    assert desk.places() == {
        "13-prng/alice/v1 accepted": 3,
        "13-prng/bob/v1 accepted": 4,
    }


def test_the_digest_of_a_mail_does_not_depend_on_its_way(tmp_path: Path) -> None:
    text = b"Message-ID: <1@x>\nFrom: a@b.c\nSubject: x\n\nbody\n"
    ways = [
        text,
        b"From x Thu Jan  1 00:00:00 2026\n" + text,
        text.replace(b"\n", b"\r\n"),
        b"Status: RO\n" + text + b"\n\n",
    ]
    found = set()
    for number, way in enumerate(ways):
        path = tmp_path / str(number)
        path.write_bytes(way)
        found.add(mail.read(path).digest)
    assert len(found) == 1


def test_a_damaged_meta_json_is_told(desk: Desk, alice: Student) -> None:
    desk.collect(polite(alice))
    path = desk.store.root / "13-prng/alice/v1/meta.json"
    for text in ("{", "[]", '{"schema": 2}', path.read_text().replace("rfc", "cfr")):
        with pytest.raises(ValueError):
            store.parse(text)
    path.write_text("{}")
    with pytest.raises(Trouble, match="collect its mails again"):
        desk.collect([])
    assert ROSTER.count("\n") == 4
