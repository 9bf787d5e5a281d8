"""The mails of a class: commits by real git, sent as git format-patch writes them."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.process import BASE_ENVIRONMENT
from grader.synthetic.series import File, Patch, Work

ENVELOPE = b"From git@localhost Thu Jan  1 00:00:00 2026\n"
QUIET = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
SECONDS = 60


@dataclass(frozen=True)
class Person:
    """Somebody of the class."""

    id: str
    name: str
    address: str


@dataclass
class Repository:
    """Where students commit, one after the other, each on the course as it came."""

    folder: Path
    sent: int = 0

    def begin(self, tree: Path, path: str) -> None:
        """The course with the folder `tree` at `path`, as one commit."""
        self.folder.mkdir(parents=True)
        shutil.copytree(tree, self.folder / path)
        self.git("init", "-q", "-b", "main", "--template=")
        self.git("config", "gc.auto", "0")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "the course as it came")
        self.git("tag", "base")

    def git(self, *words: str, person: Person | None = None) -> bytes:
        """Runs git as `person`; what it prints."""
        name = person.name if person else "course"
        address = person.address if person else "course@localhost"
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", address))
        }
        return subprocess.run(
            ["git", "-c", "core.hooksPath=/dev/null", *words],
            cwd=self.folder,
            env={**BASE_ENVIRONMENT, **QUIET, **who, "HOME": "/nonexistent"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            check=True,
            timeout=SECONDS,
        ).stdout

    def send(self, person: Person, work: Work) -> list[bytes]:
        """The mails of a series, its cover letter first."""
        self.git("checkout", "-q", "-f", "--detach", "base")
        for patch in work.patches:
            self.commit(person, patch)
        out = self.folder.with_name(f"{self.folder.name}-out")
        shutil.rmtree(out, ignore_errors=True)
        words = ["--thread=shallow", "--subject-prefix=PATCH v1", "-n", "--binary"]
        words += ["--cover-letter", f"-o{out}"]
        self.git("format-patch", "-q", *words, "base..HEAD", person=person)
        mails = [path.read_bytes() for path in sorted(out.iterdir())]
        shutil.rmtree(out)
        self.sent += 1  # git makes the same ids within a second
        own = b".%d.git." % self.sent
        mails = [mail.replace(b".git.", own) for mail in mails]
        return mails[: len(mails) - work.lost]

    def commit(self, person: Person, patch: Patch) -> None:
        """One commit of `patch`."""
        write(self.folder, patch.files)
        self.git("add", "-A")
        sign = ["-s"] if patch.signed else []
        text = f"{patch.subject}\n\nSo that it does what the README asks for."
        self.git("commit", "-q", *sign, "-m", text, person=person)


def write(folder: Path, files: Mapping[str, File]) -> None:
    """Makes each path what it is to be."""
    for name, file in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if file.mode == "120000":
            os.symlink(file.content, path)
        else:
            path.write_bytes(file.content)
            path.chmod(int(file.mode[-3:], 8))


def mbox(mails: list[bytes]) -> bytes:
    """A mailbox with all of them."""
    whole = b""
    for mail in mails:
        body = mail.partition(b"\n")[2]  # its own line `From `
        whole += ENVELOPE + body.rstrip(b"\n") + b"\n\n"
    return whole
