"""Takes a mailbox apart: an mbox by git mailsplit, in the sandbox, or a Maildir."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from grader import sandbox
from grader.grade import check_space
from grader.handin.mail import without_envelope
from grader.house import House
from grader.trouble import Trouble

# Mails of any size are split; which ones are too large is told of each.
LIMITS = sandbox.Limits(wall=600, cpu=600, memory=4 << 30, file_size=1 << 40)
FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
ENVELOPE = b"From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001\n"
GIT = ["env", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "git"]


@contextmanager
def opened(house: House, box: Path) -> Iterator[list[Path]]:
    """The mails of `box`, a file each, as long as this lasts."""
    if (box / "cur").is_dir() and (box / "new").is_dir():
        yield maildir(box)
        return
    if not box.is_file():
        raise Trouble(
            f"FROM={box}: neither an mbox nor a Maildir",
            "an mbox is one file, a Maildir a folder with cur/ and new/",
        )
    house.cache.mkdir(parents=True, exist_ok=True)
    work = Path(mkdtemp(prefix="box-", dir=house.cache))
    try:
        yield split(house, box, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def maildir(box: Path) -> list[Path]:
    """The mails of a Maildir: plain files only."""
    found = [path for name in ("cur", "new") for path in (box / name).iterdir()]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def split(house: House, box: Path, work: Path) -> list[Path]:
    """The mails of the mbox `box`, each as it is there, in files under `work`."""
    if box.stat().st_size == 0:
        return []
    try:
        shutil.copyfile(box, work / "box")  # the sandbox's user may not read it
    except PermissionError as error:
        raise Trouble(f"FROM={box}: {error.strerror}") from error
    (work / "box").chmod(0o644)
    # root inside the sandbox is nobody, who must be able to write here
    command = ["sh", "-c", 'mkdir mails && exec "$@"', "sh", *GIT]
    command += ["mailsplit", "--keep-cr", "-b", "-d8", "-omails", "--", "box"]
    done = sandbox.run(command, work, limits=LIMITS)
    (work / "box").unlink()
    if done.status != 0 or done.timed_out:
        check_space(house)
        raise Trouble(
            f"FROM={box}: git mailsplit: {done.output.strip()[-300:]}",
            "is it an mbox? its first line begins with `From `",
        )
    return sorted(path for path in (work / "mails").iterdir() if path.is_file())


def join(mails: list[bytes]) -> bytes:
    """The opposite of `split`: an mbox of the kind mboxrd, for git am."""
    bodies = (without_envelope(raw).rstrip(b"\n") + b"\n\n" for raw in mails)
    return b"".join(ENVELOPE + FROM_LINE.sub(rb">\1", body) for body in bodies)
