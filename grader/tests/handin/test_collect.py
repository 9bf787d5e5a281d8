"""Mails in, versions out: each mail ends in one place, once, with a reason."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from grader.handin.store import submissions
from grader.house import House
from grader.tests.handin.conftest import KEYS, Desk, Student, polite, stamped
from grader.trouble import Trouble


def test_a_series_becomes_a_version_with_its_mails(desk: Desk, alice: Student) -> None:
    mails = polite(alice)
    desk.collect([stamped(mail, "Mon, 2 Mar 2026 10:00:00 +0100") for mail in mails])
    version = desk.versions()["13-prng/alice/v1"]
    assert (version.place, version.reasons, version.notes) == ("accepted", (), ())
    assert (version.received, version.clock) == ("2026-03-02T09:00:00+00:00", "server")
    assert [part.part for part in version.parts] == [0, 1, 2]
    assert (version.patches, version.base, list(version.files)) == (2, 0, ["prng.c"])
    folder = desk.store.root / version.folder
    assert b"[PATCH v1 2/2] 13-prng: say 1" in (folder / "mails/0002.eml").read_bytes()
    assert (folder / "series.mbox").read_bytes().count(b"\nSubject: ") == 2
    assert desk.places() == {"13-prng/alice/v1 accepted": 3}


def test_collected_twice_nothing_changes(
    desk: Desk, alice: Student, capsys: pytest.CaptureFixture[str]
) -> None:
    mails = polite(alice) + [b"From: x@y.z\nSubject: spam\n\nbuy\n", b"\n\n\xff"]
    desk.collect(mails)
    before = desk.snapshot()
    capsys.readouterr()
    desk.collect(mails)
    assert desk.snapshot() == before
    assert "5 mails: 0 new, 5 known before" in capsys.readouterr().out


def test_order_does_not_matter(desk: Desk, alice: Student) -> None:
    desk.collect(polite(alice, patches=3)[::-1])
    assert desk.places() == {"13-prng/alice/v1 accepted": 4}


def test_a_maildir_is_a_box_too(desk: Desk, alice: Student, tmp_path: Path) -> None:
    from grader.handin.collect import collect

    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    cover, first, second = polite(alice)
    (tmp_path / "Maildir/cur/1:2,S").write_bytes(cover.partition(b"\n")[2])
    (tmp_path / "Maildir/new/2").write_bytes(second.partition(b"\n")[2])
    (tmp_path / "Maildir/new/3").write_bytes(first.replace(b"\n", b"\r\n"))
    (tmp_path / "Maildir/new/4").symlink_to("/etc/passwd")
    (tmp_path / "Maildir/tmp/5").write_bytes(cover)
    assert collect(desk.house, tmp_path / "Maildir", None, "") == 0
    assert desk.places() == {"13-prng/alice/v1 accepted": 3}


def test_a_part_that_comes_later_completes_its_series(
    desk: Desk, alice: Student
) -> None:
    cover, first, second = polite(alice)
    desk.collect([cover, second])
    assert desk.places() == {"incomplete": 2}
    assert desk.reasons("incomplete") == ["version 1: no 1/2 yet"] * 2
    desk.collect([first])
    assert desk.places() == {"13-prng/alice/v1 accepted": 3}


def test_the_next_version_is_one_of_its_own(desk: Desk, alice: Student) -> None:
    one, two = polite(alice), polite(alice, patches=1, version=2)
    parent = re.search(rb"Message-Id: (<.*>)", one[0], re.IGNORECASE)
    assert parent
    two[0] = two[0].replace(
        b"\nSubject:", b"\nIn-Reply-To: " + parent[1] + b"\nSubject:"
    )
    desk.collect(one + two)
    places = {"13-prng/alice/v1 accepted": 3, "13-prng/alice/v2 accepted": 4}
    assert desk.places() == places


def test_a_series_sent_again_is_a_duplicate(desk: Desk, alice: Student) -> None:
    desk.collect(polite(alice))
    desk.collect(alice.series())
    assert desk.places()["13-prng/alice/v1 accepted"] == 3
    assert desk.reasons("duplicate")[-1] == "the same as 13-prng/alice/v1"
    assert sum(desk.places().values()) == 6


def test_one_part_sent_again_is_a_duplicate(desk: Desk, alice: Student) -> None:
    mails = polite(alice)
    again = mails[2].replace(b"Message-Id: <", b"Message-Id: <2")
    desk.collect([*mails, again])
    assert desk.places() == {"13-prng/alice/v1 accepted": 3, "duplicate": 1}


def test_another_series_that_says_v1_does_not_replace_the_first(
    desk: Desk, alice: Student
) -> None:
    desk.collect(polite(alice))
    first = desk.snapshot()
    desk.collect(polite(alice, patches=1))
    again = desk.versions()["13-prng/alice/v1.2"]
    assert "another series called itself v1 before" in again.notes
    after = desk.snapshot()
    assert {name: after[name] for name in first} == first


def test_without_a_thread_what_fits_is_put_together(desk: Desk, alice: Student) -> None:
    mails = polite(alice)
    loose = [
        re.sub(rb"(?im)^(message-id|in-reply-to|references): .*\n", b"", mail)
        for mail in mails
    ]
    desk.collect(loose)
    assert desk.places() == {"13-prng/alice/v1 accepted": 3}


def test_several_exercises_in_one_box(desk: Desk, alice: Student, bob: Student) -> None:
    alice.edit(KEYS, "hello", "ping")
    alice.commit("14-keys: ping")
    keys = alice.series(cover=False)
    alice.git("reset", "-q", "--hard", "HEAD~1")
    desk.collect([*polite(alice), *keys, *polite(bob, patches=1)])
    assert desk.places() == {
        "13-prng/alice/v1 accepted": 3,
        "13-prng/bob/v1 accepted": 2,
        "14-keys/alice/v1 accepted": 1,
    }
    assert "no cover letter" in desk.versions()["14-keys/alice/v1"].notes


def test_an_unknown_sender_is_kept_until_the_roster_has_them(
    desk: Desk, alice: Student
) -> None:
    roster = submissions(desk.house) / "roster.csv"
    text = roster.read_text()
    roster.write_text(text.replace("alice@", "adoe@"))
    desk.collect(polite(alice))
    assert desk.reasons("unknown-sender")[0] == "alice@example.org is not in the roster"
    roster.write_text(text)
    desk.collect([])
    assert desk.places() == {"13-prng/alice/v1 accepted": 3}


def test_answers_and_other_mail_are_no_patches(desk: Desk, alice: Student) -> None:
    mails = polite(alice)
    answer = mails[1].replace(b"Subject: ", b"Subject: Re: ")
    empty = mails[2].replace(b"v1 2/2", b"v9 1/1").split(b"\ndiff --git")[0]
    desk.collect([*mails, answer, empty, b"From: alice@example.org\n\nhello\n"])
    assert desk.places() == {"13-prng/alice/v1 accepted": 3, "not-a-patch": 3}
    assert desk.reasons("not-a-patch") == [
        "an answer to another mail",
        "its subject says PATCH, and there is no diff in it",
        "no [PATCH vK i/n] in its subject",
    ]


@pytest.mark.parametrize(
    "hour, place", [("21:58:00", "accepted"), ("23:00:01", "late")]
)
def test_what_comes_after_the_deadline_is_late_and_kept(
    desk: Desk, alice: Student, hour: str, place: str
) -> None:
    deadlines = submissions(desk.house) / "deadlines.toml"
    deadlines.write_text("13-prng = 2026-03-01T23:59:00+01:00\n")
    day = f"Sun, 1 Mar 2026 {hour} +0000"
    desk.collect([stamped(mail, day) for mail in polite(alice)])
    assert desk.versions()["13-prng/alice/v1"].place == place


def test_an_extension_moves_the_deadline(desk: Desk, bob: Student) -> None:
    deadlines = submissions(desk.house) / "deadlines.toml"
    deadlines.write_text("13-prng = 2026-03-01T23:59:00+01:00\n")
    day = "Tue, 3 Mar 2026 22:00:00 +0000"
    desk.collect([stamped(mail, day) for mail in polite(bob)])
    version = desk.versions()["13-prng/bob/v1"]
    assert (version.place, version.deadline) == (
        "accepted",
        "2026-03-03T22:59:00+00:00",
    )


@pytest.mark.parametrize(
    "how", ["base64", "quoted-printable", "attach", "crlf", "8bit"]
)
def test_a_patch_arrives_however_it_was_encoded(
    desk: Desk, bob: Student, how: str
) -> None:
    bob.edit(new="gøød day = 100 % \\n")
    bob.commit("13-prng: ønsk god dag")
    mails = bob.series(*(["--attach"] if how == "attach" else []))
    if how in ("base64", "quoted-printable"):
        mails = [encoded(mail, how) for mail in mails]
    if how == "crlf":
        mails = [mail.replace(b"\n", b"\r\n") for mail in mails]
    desk.collect(mails)
    version = desk.versions()["13-prng/bob/v1"]
    assert (version.place, version.name) == ("accepted", "Bob Ødegård")
    assert version.reasons == ()


def encoded(mail: bytes, how: str) -> bytes:
    """`mail` with its body in another transfer encoding."""
    from email import message_from_bytes, policy
    from email.message import EmailMessage

    message = message_from_bytes(mail.partition(b"\n")[2], policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    body = message.get_content()
    del message["Content-Type"], message["MIME-Version"]
    del message["Content-Transfer-Encoding"]
    message.set_content(body, cte=how)
    return message.as_bytes()


def test_what_is_refused_is_stored_with_its_reasons(
    desk: Desk, alice: Student, capsys: pytest.CaptureFixture[str]
) -> None:
    alice.edit("exercises/13-prng/tests/a.bats", "true", "false")
    alice.edit()
    alice.commit()
    desk.collect(alice.series())
    version = desk.versions()["13-prng/alice/v1"]
    assert version.place == "refused"
    assert "exercises/13-prng/tests/a.bats is not handed in" in version.reasons[0]
    assert "refused         13-prng/alice/v1  patch 1: " in capsys.readouterr().out


def test_two_collectors_at_once_are_one_after_the_other(
    desk: Desk, alice: Student, bob: Student, house: House, tmp_path: Path
) -> None:
    from grader.tests.handin.conftest import mbox

    box = mbox(tmp_path / "both", polite(alice) + polite(bob))
    code = (
        "import sys; from pathlib import Path; from grader.house import House;"
        "from grader.handin.collect import collect;"
        "sys.exit(collect(House(Path(sys.argv[1])), Path(sys.argv[2]), None, ''))"
    )
    root = Path(__file__).parents[3]
    command = ["/usr/bin/python3", "-c", code, str(house.root), str(box)]
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    running = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(3)
    ]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    assert desk.places() == {
        "13-prng/alice/v1 accepted": 3,
        "13-prng/bob/v1 accepted": 3,
    }


def test_a_box_that_is_none_says_what_a_box_is(desk: Desk, tmp_path: Path) -> None:
    from grader.handin.collect import collect

    with pytest.raises(Trouble, match="neither an mbox nor a Maildir"):
        collect(desk.house, tmp_path / "nothing", None, "")
    with pytest.raises(Trouble, match="student,name,address,group,extension"):
        collect(desk.house, tmp_path, tmp_path / "no-roster", "")
