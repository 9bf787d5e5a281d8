"""A stored version is taken up again: a hand-in, or reasons against it."""

from pathlib import Path

import pytest

from grader import catalog
from grader.handin import version
from grader.house import House
from grader.tests.handin.conftest import PRNG, Desk, Student, polite, with_kernel
from grader.trouble import CannotGrade


def test_a_stored_version_becomes_a_hand_in_or_reasons(
    desk: Desk, alice: Student, bob: Student, real: House
) -> None:
    with_kernel(desk.house, real)
    good = polite(alice, patches=1)
    bob.edit(old="return 0;", new="return nothing;")
    bob.commit()
    desk.collect([*good, *bob.series()])
    prng = catalog.load(desk.house, "13-prng")
    latest = version.latest(desk.store, "13-prng")
    taken = {
        student: version.take(desk.house, prng, desk.store.root / found.folder)
        for student, found in latest.items()
    }
    assert taken["alice"].hand_in
    file = (alice.folder / PRNG).read_bytes()
    assert taken["alice"].hand_in.files == {"prng.c": file}
    assert (taken["alice"].reasons, taken["alice"].style) == ((), ())
    assert taken["bob"].hand_in is None
    assert taken["bob"].reasons[0].startswith("after patch 1 of 1 it does not build")


def test_the_latest_version_is_the_last_that_was_not_refused(
    desk: Desk, alice: Student
) -> None:
    desk.collect(polite(alice))
    for number in (2, 10):
        desk.collect(polite(alice, patches=1, version=number))
    alice.edit("exercises/13-prng/Kbuild", "prng", "prng  ")
    alice.commit()
    desk.collect(alice.series(version=11))
    assert desk.versions()["13-prng/alice/v11"].place == "refused"
    latest = version.latest(desk.store, "13-prng")
    assert {key: found.folder for key, found in latest.items()} == {
        "alice": "13-prng/alice/v10"
    }
    assert version.latest(desk.store, "14-keys") == {}


def test_a_folder_that_is_no_version_is_nobodys_refusal(
    desk: Desk, tmp_path: Path
) -> None:
    prng = catalog.load(desk.house, "13-prng")
    with pytest.raises(CannotGrade, match="make collect"):
        version.take(desk.house, prng, tmp_path)
