"""The whole way: git send-email, a mail server on loopback, and collect."""

import asyncio
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import catalog
from grader.grade import Options
from grader.handin import base, checks, submit
from grader.handin.collect import collect
from grader.handin.submit import Wishes
from grader.house import House
from grader.results import ExerciseResult
from grader.tests.handin.conftest import Desk, Student

aiosmtpd = pytest.importorskip("aiosmtpd", reason="python3-aiosmtpd is missing")

from aiosmtpd.handlers import Mailbox  # noqa: E402
from aiosmtpd.smtp import SMTP  # noqa: E402


class Server:
    """A mail server on a free port of loopback, which fills a Maildir."""

    def __init__(self, maildir: Path) -> None:
        self.loop = asyncio.new_event_loop()
        handler = Mailbox(maildir)
        starting = self.loop.create_server(
            lambda: SMTP(handler, enable_SMTPUTF8=True, loop=self.loop), "127.0.0.1", 0
        )
        server = self.loop.run_until_complete(starting)
        self.port = int(server.sockets[0].getsockname()[1])
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        assert not self.thread.is_alive()
        self.loop.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "Maildir")
    yield running
    running.stop()


def send(student: Student, server: Server, command: str) -> None:
    """Types the command that submit printed, with a server for it on loopback."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_EDITOR": "true"}
    options = (
        f"--confirm=never --smtp-server=127.0.0.1 --smtp-server-port={server.port}"
    )
    done = subprocess.run(
        ["sh", "-c", command.replace("send-email", f"send-email {options}")],
        cwd=student.folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(
    not Path("/usr/lib/git-core/git-send-email").exists(), reason="git-email is missing"
)
def test_what_submit_wrote_and_git_sent_is_what_collect_stores(
    house: House,
    desk: Desk,
    bob: Student,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(submit, "grade", lambda *_: ExerciseResult("13-prng", 0.1, ()))
    monkeypatch.setattr(checks, "builds", lambda *_: [])
    monkeypatch.setattr(checks, "style", lambda *_: [])
    base.skeletons.cache_clear()
    bob.edit(new="gøød day")
    bob.commit("13-prng: be polite, nåmely")
    bob.edit(old="day", new="evening")
    bob.commit("13-prng: be politer")
    mine = House(bob.folder)
    wishes = Wishes(to="class@example.org")
    exercise = catalog.load(mine, "13-prng")
    assert submit.submit(mine, exercise, Options(seed=1), wishes) == 0
    line = re.search(r"^send: +(.*)$", capsys.readouterr().out, re.MULTILINE)
    assert line
    cover = bob.folder / "outbox/13-prng-v1/0000-cover-letter.patch"
    with pytest.raises(AssertionError, match="SUBJECT HERE"):
        send(bob, server, line[1])  # git itself refuses an empty letter
    text = cover.read_text().replace("*** SUBJECT HERE ***", "min første driver")
    cover.write_text(text)
    send(bob, server, line[1])

    assert collect(house, tmp_path / "Maildir", None, "") == 0
    assert desk.places() == {"13-prng/bob/v1 accepted": 3}
    version = desk.versions()["13-prng/bob/v1"]
    assert version.parts[0].subject == "[PATCH v1 0/2] 13-prng: min første driver"
    assert version.reasons == () and len(version.files) == 1
    before = desk.snapshot()
    assert collect(house, tmp_path / "Maildir", None, "") == 0
    assert desk.snapshot() == before
