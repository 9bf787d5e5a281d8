"""What a series may do, and what is said of one that does something else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.catalog import Exercise
from grader.handin import base, box, police
from grader.handin.apply import Applied, Rejected, apply
from grader.house import House
from grader.tests.handin.conftest import KEYS, PRNG, Student, polite, run_git

OTHER = "exercises/13-prng/tests/a.bats"


def applied(house: House, prng: Exercise, mails: list[bytes], folder: Path) -> Applied:
    path = folder / "series.mbox"
    path.write_bytes(box.join(mails))
    return apply(house, prng, path, len(mails))


def refused(house: House, prng: Exercise, mails: list[bytes], folder: Path) -> str:
    with pytest.raises(Rejected) as error:
        applied(house, prng, mails, folder)
    return "\n".join(error.value.reasons)


def patch(diff: str, subject: str = "13-prng: be polite") -> bytes:
    """A mail of Alice's with any diff."""
    return (
        "From: Alice Doe <alice@example.org>\nDate: Mon, 2 Mar 2026 10:00:00 +0100\n"
        f"Subject: [PATCH v1] {subject}\n\n"
        f"Signed-off-by: Alice Doe <alice@example.org>\n---\n{diff}"
    ).encode()


def new_file(path: str, mode: str = "100644", text: str = "x") -> str:
    """A diff that makes a file."""
    return (
        f"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex 0000000..1234567\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{text}\n"
    )


def test_each_state_of_a_series_is_known(
    house: House, prng: Exercise, alice: Student, tmp_path: Path
) -> None:
    done = applied(house, prng, polite(alice)[1:], tmp_path)
    texts = [state.files["prng.c"].decode() for state in done.states]
    assert ["/* 0 */" in text for text in texts] == [True, True]
    assert ["/* 1 */" in text for text in texts] == [False, True]
    assert done.hand_in.files["prng.c"] == (alice.folder / PRNG).read_bytes()
    assert done.diff.count(b"\n+\t/*") == 2


@pytest.mark.parametrize(
    "path",
    [
        OTHER,
        KEYS,
        "exercises/13-prng/Kbuild",
        "exercises/13-prng/exercise.toml",
        "exercises/13-prng/Makefile",
        "exercises/13-prng/.gitattributes",
        ".gitattributes",
        ".gitmodules",
        "Makefile",
    ],
)
def test_only_what_is_handed_in_may_change(
    house: House, prng: Exercise, tmp_path: Path, path: str
) -> None:
    why = refused(house, prng, [patch(new_file(path))], tmp_path)
    assert f"patch 1: {path} is not handed in; this exercise takes {PRNG} only" in why


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".git/hooks/post-applypatch",
        "exercises/13-prng/.git/config",
        "../../outside",
        "exercises/13-prng/../../../outside",
        "/etc/outside",
        "exercises/13-prng/./prng.c",
    ],
)
def test_no_path_leads_out_of_the_tree(
    house: House, prng: Exercise, tmp_path: Path, path: str
) -> None:
    why = refused(house, prng, [patch(new_file(path))], tmp_path)
    assert "is not handed in" in why or "invalid path" in why
    assert not list(tmp_path.rglob("outside")) and not Path("/etc/outside").exists()


def without_prng(alice: Student) -> Path:
    path = alice.folder / PRNG
    path.unlink()
    return path


def make_link(alice: Student) -> None:
    without_prng(alice).symlink_to("/etc/passwd")


def make_submodule(alice: Student) -> None:
    without_prng(alice)
    alice.git("rm", "-q", "--cached", PRNG)
    zero = "1" * 40
    alice.git("update-index", "--add", "--cacheinfo", f"160000,{zero},{PRNG}")


def rename_out(alice: Student) -> None:
    alice.git("mv", PRNG, "exercises/14-keys/prng.c")


def make_executable(alice: Student) -> None:
    (alice.folder / PRNG).chmod(0o755)


def make_binary(alice: Student) -> None:
    (alice.folder / PRNG).write_bytes(bytes(range(256)) * 8)


def remove(alice: Student) -> None:
    without_prng(alice)


def make_huge(alice: Student) -> None:
    (alice.folder / PRNG).write_text("int x;\n" * 40000)


def make_latin(alice: Student) -> None:
    (alice.folder / PRNG).write_bytes(b"/* \xe9t\xe9 */\n")


def add_space(alice: Student) -> None:
    alice.edit(old="return 0;", new="return 0; ")


def add_returns(alice: Student) -> None:
    path = alice.folder / PRNG
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def reach_out(alice: Student) -> None:
    alice.edit(old="linux/module.h", new="/etc/passwd")


@pytest.mark.parametrize(
    "deed, why",
    [
        (make_link, f"{PRNG} is removed or renamed|becomes a symbolic link"),
        (make_submodule, "becomes a submodule"),
        (rename_out, "exercises/14-keys/prng.c is not handed in"),
        (make_executable, f"{PRNG} becomes an executable file"),
        (make_binary, "a binary patch; hand in text"),
        (remove, f"{PRNG} is removed or renamed; it is what you hand in"),
        (make_huge, "prng.c: 262145 bytes; at most 262144 are taken"),
        (make_latin, "after patch 1: prng.c:1: not UTF-8 text"),
        (add_space, f"patch 1: {PRNG}:6: trailing whitespace."),
        (add_returns, "the series changes nothing: what comes out is the skeleton"),
        (reach_out, "prng.c:2: #include of an absolute path: /etc/passwd"),
    ],
)
def test_a_file_stays_a_plain_text_file(
    house: House,
    prng: Exercise,
    alice: Student,
    tmp_path: Path,
    deed: Callable[[Student], None],
    why: str,
) -> None:
    deed(alice)
    if deed is not make_submodule:
        alice.git("add", "-A")
    alice.git("commit", "-q", "-s", "-m", "13-prng: be polite")
    mails = alice.series("--binary", cover=False)
    if deed is make_latin:  # Git takes the charset for that of the message
        mails = [
            mail.replace(b"charset=UTF-8", b"charset=ISO-8859-1") for mail in mails
        ]
        mails = [b"From x\n" + mail.partition(b"\n")[2] for mail in mails]
    said = refused(house, prng, mails, tmp_path)
    assert any(part in said for part in why.split("|")), said


def test_what_a_later_patch_takes_back_is_seen(
    house: House, prng: Exercise, alice: Student, tmp_path: Path
) -> None:
    make_executable(alice)
    alice.edit()
    alice.commit()
    (alice.folder / PRNG).chmod(0o644)
    alice.commit("13-prng: nothing happened")
    said = refused(house, prng, alice.series(cover=False), tmp_path)
    assert said == (
        f"patch 1: {PRNG} becomes an executable file; take the mode back: chmod 644"
    )


def test_each_patch_is_signed_off_by_its_author_and_named_for_the_exercise(
    house: House, prng: Exercise, alice: Student, tmp_path: Path
) -> None:
    alice.edit()
    alice.git("commit", "-q", "-a", "-m", "fix")
    alice.edit(old="day", new="evening")
    alice.git("commit", "-q", "-a", "-m", "13-prng: x\n\nSigned-off-by: A <a@b.c>")
    said = refused(house, prng, alice.series(cover=False), tmp_path).split("\n")
    assert said[0].startswith(
        'patch 1: the subject "fix" does not begin with "13-prng: "'
    )
    assert said[1].startswith(
        "patch 1: not signed off by its author, Alice Doe <alice@"
    )
    assert "; it is signed off by A <a@b.c>: git rebase --signoff" in said[2]
    assert len(said) == 3


def test_a_series_that_changes_nothing_is_refused(
    house: House, prng: Exercise, alice: Student, tmp_path: Path
) -> None:
    alice.edit()
    alice.commit()
    alice.edit(old="good day", new="hello")
    alice.commit("13-prng: be short")
    said = refused(house, prng, alice.series(cover=False), tmp_path)
    assert "the series changes nothing" in said


def test_a_series_without_its_beginning_does_not_apply(
    house: House, prng: Exercise, alice: Student, tmp_path: Path
) -> None:
    alice.edit()
    alice.commit()
    alice.edit(old="good day", new="good evening")
    alice.commit()
    said = refused(house, prng, alice.series(cover=False)[1:], tmp_path)
    assert said.startswith("patch 1 of 1 does not apply\n")
    assert "it was made on a file that the course never had" in said


def test_a_series_on_an_earlier_skeleton_is_applied_to_that(
    house: House, prng: Exercise, alice: Student, tmp_path: Path
) -> None:
    file = house.root / PRNG
    file.write_text("/* mended */\n" + file.read_text())
    run_git(house.root, "commit", "-q", "-a", "-m", "13-prng: mend the skeleton")
    (house.solutions / "13-prng").mkdir(parents=True)
    (house.solutions / PRNG.removeprefix("exercises/")).write_text(file.read_text())
    base.skeletons.cache_clear()
    done = applied(house, prng, polite(alice)[1:], tmp_path)
    assert done.base == 1
    assert b"mended" not in done.hand_in.files["prng.c"]
    alice.git("reset", "-q", "--hard", "HEAD~2")
    alice.edit(old="// SPDX", new="/* mended */\n// SPDX")
    alice.git("commit", "-q", "-a", "-m", "the course, newer")
    first = alice.git("rev-parse", "HEAD").strip()
    alice.edit()
    alice.commit()
    done = applied(
        house, prng, alice.series("--cover-letter", cover=False)[-1:], tmp_path
    )
    assert done.base == 0 and first
    assert done.hand_in.files["prng.c"].startswith(b"/* mended */")


def test_attributes_of_the_user_or_the_machine_change_nothing(
    house: House,
    prng: Exercise,
    alice: Student,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mails = polite(alice)[1:]
    (tmp_path / ".gitconfig").write_text(
        "[core]\n\tautocrlf = true\n\thooksPath = /x\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    assert applied(house, prng, mails, tmp_path).base == 0


@pytest.mark.parametrize(
    "raw, why",
    [
        (f":100644 100644 a b M\0{PRNG}\0", None),
        (f":000000 100644 a b A\0{PRNG}\0", None),
        (f":100644 120000 a b T\0{PRNG}\0", "a symbolic link"),
        (f":100644 160000 a b T\0{PRNG}\0", "a submodule"),
        (f":100644 100755 a b M\0{PRNG}\0", "an executable file"),
        (f":100644 000000 a b D\0{PRNG}\0", "is removed or renamed"),
        (":000000 100644 a b A\0exercises/13-prng/x\x1b[2J\0", "13-prng/x is not"),
    ],
)
def test_the_raw_diff_decides(raw: str, why: str | None) -> None:
    reasons = police.judge_raw(raw, (PRNG,))
    assert bool(reasons) == bool(why)
    assert not why or (why in reasons[0] and "\x1b" not in reasons[0])


def test_a_thousand_findings_are_told_in_a_few_lines() -> None:
    raw = "".join(f":000000 100644 a b A\0x{number}\0" for number in range(1000))
    reasons = police.judge_raw(raw, (PRNG,))
    assert len(reasons) == 6 and reasons[-1] == "and 995 more of this kind"
