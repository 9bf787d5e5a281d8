"""The repository that students clone: a commit a release, and nothing of the staff's.

It is bare, and can be put on any server as it is, a plain web server included.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from grader.process import BASE_ENVIRONMENT
from grader.release.tree import STAMP, Tree
from grader.trouble import CannotGrade, Trouble

BRANCH = "refs/heads/main"
WHO = "The course <course@invalid>"  # a domain that never is one


class Repository:
    """A bare repository at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, published: str | None) -> None:
        """Makes it, as a copy of the one that students have already if there is."""
        if published is None:
            self.path.mkdir(parents=True)
            self.git("init", "-q", "--bare", "--template=", "--initial-branch=main")
            return
        # Their server may ask who you are, so this is done in your name.
        clone = ["git", "clone", "-q", "--bare", "--template=", "--", published]
        done = subprocess.run([*clone, str(self.path)], stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Trouble(
                f"FROM={published}: no repository that can be cloned",
                "it is the one that students clone; leave FROM= out for the first",
            )
        self.git("remote", "remove", "origin")

    def add(self, tree: Tree, date: int) -> bool:
        """Adds a commit that has exactly `tree`; False where the last one has."""
        head = self.head()
        stamp = tree[STAMP].content
        if head and self.git("show", f"{head}:{STAMP}") == stamp:
            return False
        self.git("fast-import", "--quiet", given=_stream(tree, date, head))
        self.git("repack", "-adq")
        self.git("update-server-info")
        return True

    def head(self) -> str:
        """The commit of the last release; empty for none."""
        return self.text("for-each-ref", "--format=%(objectname)", BRANCH)

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Every object that is in it, whether a branch leads to it or not: a name such
        as REPOSITORY!PATH, and what is in it."""
        names = self._names()
        every = ("--batch-all-objects", "--unordered", "--buffer")
        packed = self.git("cat-file", "--batch", *every)
        at = 0
        while at < len(packed):
            end = packed.index(b"\n", at)
            name, kind, size = packed[at:end].decode().split()
            at = end + 1 + int(size)
            if kind != "tree":  # the names in it come with its files
                shown = names.get(name, f"{kind} {name[:10]}")
                yield f"{self.path.name}!{shown}", packed[end + 1 : at]
            at += 1

    def _names(self) -> dict[str, str]:
        """Objects to a path by which they are known."""
        listed = self.text("rev-list", "--objects", "--all").split("\n")
        pairs = (line.partition(" ") for line in listed)
        return {name: path for name, _, path in pairs if path}

    def text(self, *words: str) -> str:
        """What git says, in one line or more."""
        return self.git(*words).decode("utf-8", errors="replace").strip()

    def git(self, *words: str, given: bytes = b"") -> bytes:
        """What git says, run with nobody's settings; CannotGrade where it fails."""
        done = subprocess.run(
            ["git", f"--git-dir={self.path}", *words],
            cwd=self.path,
            input=given,
            capture_output=True,
            env={
                **BASE_ENVIRONMENT,
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
            },
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise CannotGrade(f"{self.path}: git {words[0]}: {said}")
        return done.stdout


def _stream(tree: Tree, date: int, parent: str) -> bytes:
    """A commit of exactly `tree`, as git fast-import takes it."""
    title = f"The course as of {tree[STAMP].content.decode().split()[-1]}\n"
    parts = [f"commit {BRANCH}\ncommitter {WHO} {date} +0000\n".encode()]
    parts.append(_data(title.encode()))
    parts.append(f"from {parent}\n".encode() if parent else b"")
    parts.append(b"deleteall\n")
    for path, entry in tree.items():
        mode = "100755" if entry.runs else "100644"
        parts.append(f'M {mode} inline "{path}"\n'.encode())
        parts.append(_data(entry.content))
    return b"".join(parts)


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
