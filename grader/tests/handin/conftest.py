"""A small course with history, students who commit to clones of it, and a mailbox."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader import catalog
from grader.catalog import Exercise
from grader.handin import base
from grader.handin.collect import collect
from grader.handin.store import Store, Version, submissions
from grader.house import House
from grader.tests.conftest import BATS, MODULE, TOML

PRNG, KEYS = "exercises/13-prng/prng.c", "exercises/14-keys/keys.c"
ROSTER = """\
student,name,address,group,extension
alice,Alice Doe,alice@example.org,red,
bob,Bob Ødegård,bob@example.org bob@home.example,red,13-prng:2d
mallory,Mallory,mallory@example.org,,
"""


def run_git(folder: Path, *words: str, text: str = "") -> str:
    """Git with nobody's settings; what it prints."""
    return subprocess.run(
        ["git", "-c", "gc.auto=0", *words],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
        },
    ).stdout


def write_course(root: Path) -> None:
    """Two exercises, and one commit that has them as they came."""
    for name, source in (("13-prng", "prng"), ("14-keys", "keys")):
        folder = root / "exercises" / name
        (folder / "tests").mkdir(parents=True)
        (folder / "exercise.toml").write_text(TOML.replace("prng", source))
        (folder / "Kbuild").write_text(f"obj-m := {source}.o\n")
        (folder / f"{source}.c").write_text(MODULE.replace("prng", source))
        (folder / "tests" / "a.bats").write_text(BATS)
    (root / ".gitignore").write_text("/build/\n/outbox/\n/submissions/\n")
    run_git(root, "init", "-q", "-b", "main")
    run_git(root, "config", "user.name", "course")
    run_git(root, "config", "user.email", "course@example.org")
    run_git(root, "add", ".")
    run_git(root, "commit", "-q", "-m", "the course as it came")


@pytest.fixture(scope="session")
def course_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    return root


@pytest.fixture
def house(course_template: Path, tmp_path: Path) -> Iterator[House]:
    """The staff's checkout, with a roster."""
    shutil.copytree(course_template, tmp_path / "staff")
    house = House(tmp_path / "staff")
    submissions(house).mkdir()
    (submissions(house) / "roster.csv").write_text(ROSTER)
    base.skeletons.cache_clear()
    yield house


@pytest.fixture
def prng(house: House) -> Exercise:
    return catalog.load(house, "13-prng")


@dataclass
class Student:
    """Somebody with a clone of the course."""

    folder: Path
    name: str
    address: str
    sent: int = 0

    def git(self, *words: str, text: str = "") -> str:
        return run_git(self.folder, *words, text=text)

    def edit(self, path: str = PRNG, old: str = "hello", new: str = "good day") -> None:
        file = self.folder / path
        file.write_text(file.read_text().replace(old, new))

    def commit(self, subject: str = "13-prng: be polite", *more: str) -> None:
        self.git("add", "-A")
        self.git(
            "commit", "-q", "-s", "-m", f"{subject}\n\nSince it costs nothing.", *more
        )

    def series(
        self, *options: str, version: int = 1, cover: bool = True
    ) -> list[bytes]:
        """Mails of all commits since the course as it came, threaded."""
        made = self.folder.parent / f"{self.folder.name}-mails"
        shutil.rmtree(made, ignore_errors=True)
        words = ["--thread=shallow", f"--subject-prefix=PATCH v{version}", "-n"]
        words += ["--cover-letter"] if cover else []
        first = self.git("rev-list", "--max-parents=0", "HEAD").strip()
        self.git("format-patch", "-q", f"-o{made}", *words, *options, first)
        self.sent += 1  # ids of one second are the same
        own = b".%d.git." % self.sent
        texts = [path.read_bytes() for path in sorted(made.iterdir())]
        return [text.replace(b".git.", own) for text in texts]


@pytest.fixture
def alice(course_template: Path, tmp_path: Path) -> Student:
    return enrol(course_template, tmp_path / "alice", "Alice Doe", "alice@example.org")


@pytest.fixture
def bob(course_template: Path, tmp_path: Path) -> Student:
    return enrol(course_template, tmp_path / "bob", "Bob Ødegård", "bob@example.org")


def enrol(template: Path, folder: Path, name: str, address: str) -> Student:
    shutil.copytree(template, folder)
    run_git(folder, "config", "user.name", name)
    run_git(folder, "config", "user.email", address)
    return Student(folder, name, address)


def polite(student: Student, patches: int = 2, version: int = 1) -> list[bytes]:
    """A good series of `patches` patches by `student`, with its cover letter."""
    for number in range(patches):
        student.edit(old="\treturn 0;", new=f"\t/* {number} */\n\treturn 0;")
        student.commit(f"13-prng: say {number}")
    return student.series(version=version)


def stamped(mail: bytes, received: str) -> bytes:
    """`mail` as a server has it that took it at `received`."""
    top = f"Received: from x (x [192.0.2.1]) by mx.example.org; {received}\n"
    envelope, _, rest = mail.partition(b"\n")
    return envelope + b"\n" + top.encode() + rest


def mbox(path: Path, mails: list[bytes]) -> Path:
    """A mailbox file; each mail begins with its line `From `."""
    whole = b""
    for mail in mails:
        if not mail.startswith(b"From "):
            mail = b"From x@example.org Thu Jan  1 00:00:00 2026\n" + mail
        whole += mail.rstrip(b"\n") + b"\n\n"
    path.write_bytes(whole)
    return path


class Desk:
    """Where mails arrive: collects, and says where each of them is."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self.store = Store(submissions(house))
        self.folder = folder

    def collect(self, mails: list[bytes], authserv: str = "") -> None:
        box = mbox(self.folder / "box", mails)
        assert collect(self.house, box, None, authserv) == 0

    def versions(self) -> dict[str, Version]:
        return {version.folder: version for version in self.store.versions()}

    def places(self) -> dict[str, int]:
        """How many mails there are in each place; a version is one of its own."""
        found: dict[str, int] = {}
        for version in self.store.versions():
            stored = list((self.store.root / version.folder / "mails").iterdir())
            assert len(stored) == len(version.parts)
            name = f"{version.folder} {version.place}"
            found[name] = len(stored)
        for path, _, place in self.store.letters():
            letter = self.store.letter(path)
            assert letter and letter.place == place
            found[place] = found.get(place, 0) + 1
        return found

    def reasons(self, place: str) -> list[str]:
        letters = (
            self.store.letter(p) for p, _, at in self.store.letters() if at == place
        )
        return sorted(letter.reason for letter in letters if letter)

    def snapshot(self) -> dict[str, tuple[int, int, bytes]]:
        """All that changes when something is written."""
        return {
            str(path.relative_to(self.store.root)): (
                path.stat().st_ino,
                path.stat().st_mtime_ns,
                path.read_bytes(),
            )
            for path in self.store.root.rglob("*")
            if path.is_file() and path.name != ".lock"
        }


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Desk:
    return Desk(house, tmp_path)


def with_kernel(house: House, real: House) -> House:
    """`house` with the real kernels, the real VM, and the helpers of its guest."""
    house.cache.mkdir(parents=True, exist_ok=True)
    (real.cache / "helpers").mkdir(parents=True, exist_ok=True)
    (house.cache / "helpers").symlink_to(real.cache / "helpers")
    (house.build / "vm").symlink_to(real.build / "vm")
    return house
