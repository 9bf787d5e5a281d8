"""Grades a class on a Slurm cluster: a job array, whose results come by the folder.

All nodes see the course, `build/` and `submissions/` under the same path. A task
grades one version as `make grade-class` would, and writes files only; the gradebook
is written here. What a node that died has lost is not in the queue any more and has
no verdict, and is submitted again.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from grader import process
from grader.classroom import desk, durable, plain
from grader.classroom.desk import Desk
from grader.classroom.shelf import Entry
from grader.classroom.work import Tally, Watcher, unfinished
from grader.run import PASSED_ON
from grader.text import clean
from grader.trouble import CannotGrade, Trouble

ROUNDS = 3  # submissions of one version, after which it is not the node
LARGEST_ARRAY = 1000  # tasks; MaxArraySize is 1001 unless somebody changed it
SECONDS = 60  # for one answer of the controller
SILENCE = 300  # seconds without any, after which it is gone
INDEX = "SLURM_ARRAY_TASK_ID"
LOG_BYTES = 1 << 16  # of a task's log that are read for its last line


@dataclass
class Cluster:
    """How to reach Slurm. `command` grades task $SLURM_ARRAY_TASK_ID of the list whose
    path is added to it; `jobs` tasks run at a time, by default as many as fit; `poll`
    and `grace` are seconds: between two looks, and for a result to cross the network.
    """

    root: Path
    command: list[str]
    jobs: int | None = None
    poll: float = 2.0
    grace: float = 10.0
    ids: list[str] = field(default_factory=list)
    heard: float = 0.0

    def submit(self, name: str, tasks: int, listed: Path, logs: Path) -> None:
        """Starts an array of `tasks`; raises CannotGrade with Slurm's own words."""
        at_a_time = f"%{self.jobs}" if self.jobs else ""
        words = ["sbatch", "--parsable", f"--job-name={name}", "--no-requeue"]
        words += [f"--array=0-{tasks - 1}{at_a_time}", f"--chdir={self.root}"]
        words += [f"--output={logs}/%a.log", "--cpus-per-task=1"]
        words += [f"--wrap=exec {shlex.join([*self.command, str(listed)])}"]
        done = self._ask(words)
        found = re.match(r"\d+", done.output)
        if done.status != 0 or not found:
            raise CannotGrade(
                f"sbatch: {clean(done.output).strip()[-500:]}",
                "next: sinfo, which says what the cluster thinks of itself",
            )
        self.ids.append(found[0])
        self.heard = time.monotonic()

    def is_busy(self) -> bool:
        """Whether a task of ours waits or runs; True while the controller is silent."""
        done = self._ask(["squeue", "--me", "--noheader", "--format=%F"])
        if done.status != 0:
            if time.monotonic() - self.heard > SILENCE:
                raise CannotGrade(
                    f"squeue: {clean(done.output).strip()[-500:]}",
                    "next: when the cluster is back, start again: nothing is lost",
                )
            return True
        self.heard = time.monotonic()
        return bool(set(done.output.split()) & set(self.ids))

    def cancel(self) -> None:
        """Ends all tasks of ours, as far as Slurm can be reached. Also works on the
        way out after a signal, when the grader starts no children any more."""
        if self.ids:
            command = ["scancel", "--quiet", *self.ids]
            try:
                subprocess.run(command, env=_environment(), timeout=SECONDS)
            except (OSError, subprocess.TimeoutExpired):
                pass  # they end by themselves, and what they find is kept

    def _ask(self, words: list[str]) -> process.Finished:
        try:
            return process.run(words, timeout=SECONDS, environment=_environment())
        except FileNotFoundError as error:
            raise Trouble(
                f"ENGINE=slurm: {words[0]} is missing",
                "next: apt-get install slurm-client, on a machine of the cluster",
            ) from error


def _environment() -> dict[str, str]:
    """What Slurm's commands, and the tasks, are told."""
    told = ("SLURM_", "SBATCH_", "MUNGE_")
    chosen = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(told) or name in PASSED_ON
    }
    return {**process.BASE_ENVIRONMENT, **chosen}


@dataclass(frozen=True)
class Sent:
    """A version on its way: what was in vain before, and where its task's log is."""

    entry: Entry
    before: list[Path]
    log: Path


def run(board: Desk, entries: list[Entry], watcher: Watcher, cluster: Cluster) -> Tally:
    """Grades what of `entries` has no verdict in this generation, on the cluster."""
    tally = Tally()
    waiting = unfinished(board, entries, tally)
    watcher.begin(len(waiting))
    lost: list[Sent] = []
    notes = board.folder / "slurm" / str(time.time_ns())
    try:
        for number in range(ROUNDS):
            if waiting:
                sent = _submit(board, waiting, cluster, notes / str(number))
                lost = _gather(board, sent, watcher, cluster, tally)
                waiting = [one.entry for one in lost]
    except BaseException:
        cluster.cancel()
        raise
    for one in lost:
        made = desk.failed(board, one.entry, _last_words(one.log))
        tally.count(one.entry, made, True)
        watcher.done(one.entry, made)
    if not tally.failures:
        shutil.rmtree(notes, ignore_errors=True)
    return tally


def _submit(
    board: Desk, waiting: list[Entry], cluster: Cluster, notes: Path
) -> list[Sent]:
    """Sends every version of `waiting` to the cluster; lists and logs go to `notes`."""
    sent = []
    for start in range(0, len(waiting), LARGEST_ARRAY):
        part = waiting[start : start + LARGEST_ARRAY]
        logs = notes / str(start)
        logs.mkdir(parents=True)
        listed = logs / "tasks.json"
        durable.write(listed, json.dumps([str(entry.folder) for entry in part]) + "\n")
        sent += [
            Sent(entry, desk.in_vain(entry), logs / f"{number}.log")
            for number, entry in enumerate(part)
        ]
        cluster.submit(f"grade-{board.exercise.name}", len(part), listed, logs)
    return sent


def _gather(
    board: Desk, sent: list[Sent], watcher: Watcher, cluster: Cluster, tally: Tally
) -> list[Sent]:
    """Takes results as they appear, until the queue is empty; what has none then."""
    quiet_since: float | None = None
    while True:
        busy = cluster.is_busy()  # before the look: what has ended has written
        left = [one for one in sent if not _take(board, one, watcher, tally)]
        if busy or len(left) < len(sent):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > cluster.grace:
            return left
        if not left:
            return left
        sent = left
        time.sleep(cluster.poll)


def _take(board: Desk, one: Sent, watcher: Watcher, tally: Tally) -> bool:
    """Enters what a task has made of a version; whether it has made anything."""
    made = desk.outcome(one.entry, board.plan.generation, one.before)
    if made is None:
        return False
    board.record(made)
    tally.count(one.entry, made, True)
    watcher.done(one.entry, made)
    return True


def _last_words(log: Path) -> str:
    """Why a task has made nothing, as far as its log knows."""
    try:
        text = log.read_bytes()[-LOG_BYTES:].decode("utf-8", errors="replace")
    except OSError:
        text = ""
    said = [line for line in map(plain.line, clean(text).split("\n")) if line]
    last = f"; {log} ends with: {said[-1][:200]}" if said else ""
    return f"{ROUNDS} tasks of the cluster ended without a verdict{last}"


def task(listed: Path) -> Path:
    """The folder of the version that this task is to grade."""
    try:
        folders = json.loads(listed.read_text(encoding="utf-8"))
        return Path(folders[int(os.environ[INDEX])])
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise CannotGrade(
            f"{listed}: no task for this: {error!r}",
            "this is what make grade-class ENGINE=slurm starts on a cluster",
        ) from error
