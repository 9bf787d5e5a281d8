"""Runs a program on hostile input, with nothing of the course in sight.

bubblewrap gives it a file system of the distribution's /usr, the kernel headers
and one work folder; no network, no other processes, no descriptors, no terminal.
Where root grades it runs as nobody, otherwise in a user namespace.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from grader import process
from grader.trouble import CannotGrade

NOBODY = 65534
INSIDE = "/build"  # where the work folder is seen inside


@dataclass(frozen=True)
class Limits:
    """What one program may use: wall and CPU seconds, bytes, processes."""

    wall: int = 60
    cpu: int = 30
    memory: int = 2 << 30
    file_size: int = 64 << 20
    processes: int = 512

    def command(self) -> list[str]:
        """The prlimit(1) command line that imposes them."""
        return [
            "prlimit",
            f"--cpu={self.cpu}",
            f"--as={self.memory}",
            f"--fsize={self.file_size}",
            f"--nproc={self.processes}",
            "--nofile=1024",
            "--core=0",
        ]


def run(
    command: list[str],
    work: Path,
    read_only: tuple[Path, ...] = (),
    limits: Limits = Limits(),
    keep: int = 1 << 16,
) -> process.Finished:
    """Runs `command` in a sandbox whose only writable folder is `work`.

    `read_only` folders are seen at their own paths. Raises CannotGrade when
    there is no sandbox; the command's own failure is in the result.
    """
    box = [*_box(work, read_only), *limits.command(), *_drop_root(), *command]
    try:
        done = process.run(box, timeout=limits.wall, keep=keep)
    except FileNotFoundError as error:
        raise CannotGrade("bwrap is missing", "next: make setup") from error
    if done.output.startswith("bwrap: "):
        raise CannotGrade(
            f"the sandbox does not start: {done.output.strip()}",
            "next: allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), "
            "or grade as root",
        )
    return done


def _box(work: Path, read_only: tuple[Path, ...]) -> list[str]:
    """bwrap and its arguments; no shared namespace, nothing but what is listed."""
    if os.geteuid() == 0:  # root inside, until it is dropped: no user namespace
        os.chown(work, NOBODY, NOBODY)
        unshare = ["ipc", "pid", "net", "uts", "cgroup-try"]
    else:
        unshare = ["all"]
    box = ["bwrap", *(f"--unshare-{name}" for name in unshare)]
    box += ["--die-with-parent", "--new-session", "--clearenv"]
    box += ["--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LC_ALL", "C.UTF-8"]
    box += ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if Path("/", name).exists():
            box += ["--symlink", f"usr/{name}", f"/{name}"]
    box += ["--perms", "0755", "--dir", "/etc"]
    box += ["--ro-bind", "/etc/alternatives", "/etc/alternatives"]
    box += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for folder in read_only:
        if not folder.is_relative_to("/usr"):
            for parent in [*reversed(folder.parents)][1:]:  # bwrap's are root's only
                box += ["--perms", "0755", "--dir", str(parent)]
            box += ["--ro-bind", str(folder), str(folder)]
    return box + ["--bind", str(work), INSIDE, "--chdir", INSIDE]


def _drop_root() -> list[str]:
    """What turns root into nobody inside the sandbox; nothing for a user."""
    if os.geteuid() != 0:
        return []
    who = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return ["setpriv", *who, "--no-new-privs"]
