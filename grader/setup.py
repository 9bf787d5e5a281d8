"""Makes a fresh Debian 12 machine able to grade.

Standard library only: nothing else is installed when this runs for the first
time. Every step is idempotent and says nothing when there is nothing to do.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.house import House, here
from grader.trouble import CannotGrade, CourseError

PARTS = ("grade", "debug", "handin", "class", "handouts", "check", "staff")
ALONE = {"handouts": ("grade", "handouts")}  # needs nothing but the first part
QUIET_SECONDS = 2.0
APT = [
    "env",
    "DEBIAN_FRONTEND=noninteractive",
    "apt-get",
    "-o",
    "DPkg::Lock::Timeout=300",
]
NO_NETWORK = re.compile(
    r"Temporary failure|Could not resolve|Could not connect|Cannot initiate|"
    r"Network is unreachable|Unable to connect|Failed to fetch"
)


@dataclass(frozen=True)
class Package:
    """A line of packages.txt: a Debian package of one of the PARTS."""

    name: str
    purpose: str
    part: str


def parse_packages(text: str) -> list[Package]:
    """Reads packages.txt: `## PART: ...` headings, then `name # purpose` lines."""
    packages: list[Package] = []
    part = ""
    for number, line in enumerate(text.splitlines(), 1):
        heading = re.match(r"## (\w+):", line)
        entry = re.fullmatch(r"([a-z0-9][a-z0-9.+-]+)\s+# (\S.*)", line)
        if heading:
            part = heading[1]
        elif entry and part in PARTS:
            if any(package.name == entry[1] for package in packages):
                raise CourseError(f"packages.txt:{number}: {entry[1]} is there already")
            packages.append(Package(entry[1], entry[2], part))
        elif line.strip() and not line.startswith("# "):
            raise CourseError(
                f"packages.txt:{number}: expected `name # purpose`: {line}"
            )
    return packages


def wanted(house: House, part: str) -> list[str]:
    """Names of the packages of `part` and of those that it needs: all before it,
    but for a part that stands ALONE."""
    try:
        text = (house.root / "packages.txt").read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"packages.txt: {error.strerror}") from error
    parts = ALONE.get(part, PARTS[: PARTS.index(part) + 1])
    return [package.name for package in parse_packages(text) if package.part in parts]


def missing(names: list[str]) -> list[str]:
    """Those of `names` that dpkg does not list as installed."""
    query = ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *names]
    try:
        answer = subprocess.run(
            query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ).stdout
    except FileNotFoundError as error:
        raise CannotGrade(
            "this is not a Debian system: dpkg-query is missing",
            "next: grade on Debian 12, for example in a container or a VM",
        ) from error
    installed = {
        line.split()[0] for line in answer.splitlines() if line.endswith(" installed")
    }
    return [name for name in names if name not in installed]


def as_root() -> list[str] | None:
    """The prefix that runs a command as root; None when there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return ["sudo"] if sys.stdin.isatty() else None


@contextmanager
def locked(house: House) -> Iterator[None]:
    """Holds off a second set-up of this checkout while the first is at work."""
    house.build.mkdir(exist_ok=True)
    with open(house.build / "setup.lock", "w", encoding="utf-8") as lock:
        _take(lock)
        yield


def _take(lock: IO[str]) -> None:
    """Takes the lock; says so when that is not soon."""
    patience = time.monotonic() + QUIET_SECONDS
    told = False
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        if not told and time.monotonic() > patience:
            told = True
            print(
                "setup: another set-up of this folder is at work; waiting for it ...",
                file=sys.stderr,
                flush=True,
            )


def quietly(house: House, label: str, command: list[str]) -> bool:
    """Runs `command` with its output in build/setup.log; True when it succeeded.

    Says `label` only when it takes longer than QUIET_SECONDS.
    """
    started = time.monotonic()
    told = False
    with open(log_file(house), "ab") as log:
        log.write(f"$ {' '.join(command)}\n".encode())
        log.flush()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=house.root
        )
        try:
            while process.poll() is None:
                if not told and time.monotonic() - started > QUIET_SECONDS:
                    print(f"setup: {label} ...", file=sys.stderr, flush=True)
                    told = True
                time.sleep(0.01 if time.monotonic() - started < 1 else 0.1)
        finally:
            process.kill()
            process.wait()
    if told and process.returncode == 0:
        seconds = time.monotonic() - started
        print(f"setup: {label}: done in {seconds:.0f} s", file=sys.stderr)
    return process.returncode == 0


def log_file(house: House) -> Path:
    """Where the output of every step goes."""
    return house.build / "setup.log"


def log_tail(house: House, lines: int) -> str:
    """The end of the log, for a message about a failure."""
    text = log_file(house).read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def install_packages(part: str, house: House | None = None) -> None:
    """Installs what is missing of `part`; raises CannotGrade when it cannot."""
    house = house or here()
    names = missing(wanted(house, part))
    if not names:
        return
    install = ["apt-get", "install", "--no-install-recommends", *names]
    prefix = as_root()
    if prefix is None:
        raise CannotGrade(
            f"these packages are missing: {' '.join(names)}",
            f"next, as root: {' '.join(install)}",
        )
    with locked(house):
        log_file(house).unlink(missing_ok=True)
        command = [*prefix, *APT, "install", "-y", "--no-install-recommends", *names]
        label = f"installing {len(names)} Debian packages"
        if quietly(house, label, command):
            return
        quietly(house, "reading Debian's package lists", [*prefix, *APT, "update"])
        if quietly(house, label, command):
            return
        raise CannotGrade(install_failure(house, names), "next: make setup")


def install_failure(house: House, names: list[str]) -> str:
    """Why apt-get did not install `names`, from its log."""
    log = log_tail(house, 200)
    errors = [line for line in log.splitlines() if line.startswith("E:")]
    why = machine_fault(log) or (errors[-1] if errors else "apt-get failed")
    return (
        f"could not install {' '.join(names)}\n{why}\n"
        f"log: {house.relative(log_file(house))}"
    )


def machine_fault(log: str) -> str:
    """What a log says about disk or network; empty when it was neither."""
    if "No space left" in log:
        return "the disk is full: free some space first"
    if NO_NETWORK.search(log):
        return "Debian's mirror does not answer: is there a network?"
    return ""


def build_engine(house: House) -> None:
    """Builds vm/ and unpacks the stock kernel; raises CannotGrade on failure."""
    with locked(house):
        log_file(house).unlink(missing_ok=True)
        for label, goal in (
            ("building vm/", "all"),
            ("fetching the kernel that matches the headers", "kernel"),
        ):
            if not quietly(house, label, ["make", "-s", "-C", "vm", goal]):
                why = machine_fault(log_tail(house, 200)) or log_tail(house, 8)
                raise CannotGrade(
                    f"{label} failed:\n{why}",
                    f"log: {house.relative(log_file(house))}; next: make setup",
                )
