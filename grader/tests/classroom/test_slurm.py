"""A class on a real Slurm cluster: nothing is lost when a node or the grader dies."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader import process
from grader.classroom import slurm
from grader.classroom.shelf import Entry
from grader.classroom.slurm import Cluster
from grader.classroom.work import Tally, Watcher
from grader.house import House
from grader.tests.classroom import cluster, slurm_task
from grader.tests.classroom.cluster import Machines, until
from grader.tests.classroom.conftest import Classroom, Silent, worth
from grader.trouble import CannotGrade, Trouble

pytestmark = pytest.mark.xdist_group("slurm")


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    """A cluster that is up; its folder's name is short, for the sake of the socket."""
    for program in cluster.PROGRAMS:
        if not shutil.which(program, path=f"{cluster.SBIN}:/usr/bin"):
            pytest.skip(f"{program} is missing: slurm-wlm, munge")
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    folder.chmod(0o755)
    found = Machines(folder)
    os.environ["SLURM_CONF"] = str(found.configuration)
    try:
        found.start()
        yield found
    finally:
        del os.environ["SLURM_CONF"]
        found.stop()
        shutil.rmtree(folder)


def put(room: Classroom, **salts: str) -> None:
    """Hand-ins that a task can read, as student=salt."""
    for student, salt in salts.items():
        entry = room.shelf.put(student, worth(salt=salt))
        (entry.folder / slurm_task.CONTENT).write_bytes(worth(salt=salt))


def on_cluster(room: Classroom, real: House, watcher: Watcher = Silent()) -> Tally:
    """Grades the class there; a task believes what hand-ins say about themselves."""
    command = [sys.executable, "-B", "-m", "grader.tests.classroom.slurm_task"]
    command.append(str(room.house.root))
    there = Cluster(real.root, command, jobs=2, poll=0.2, grace=0.5)
    with room.open() as store:
        entries = room.shelf.latest("13-prng")
        return slurm.run(room.desk(store), entries, watcher, there)


def scores(room: Classroom) -> dict[str, int | None]:
    """Student to score, by the gradebook; nobody may be in it twice."""
    with room.open() as store:
        made = [made for _, made in store.attempts("13-prng")]
    assert len(made) == len({one.student for one in made})
    return {one.student: one.score for one in made}


def verdicts(room: Classroom) -> dict[str, int]:
    """Student to the moment at which their verdict was written."""
    found = room.shelf.root.glob("13-prng/*/v1/results/[0-9]*.json")
    return {path.parts[-4]: path.stat().st_mtime_ns for path in found}


def test_a_class_is_graded_though_its_node_dies(
    room: Classroom, real: House, machines: Machines
) -> None:
    put(room, alice="a", bob="slow", carol="a", dave="d")
    with ThreadPoolExecutor(1) as pool:
        grading = pool.submit(on_cluster, room, real)
        until((room.house.root / slurm_task.BEGUN).exists)
        until(lambda: "alice" in verdicts(room))
        first = verdicts(room)["alice"]
        machines.lose_node()
        assert "bob" not in verdicts(room)
        machines.start_node()
        tally = grading.result(240)
    assert (tally.graded, tally.failures) == (4, [])
    assert scores(room) == dict.fromkeys(("alice", "bob", "carol", "dave"), 100)
    assert verdicts(room)["alice"] == first  # what was there was left alone
    assert room.graded().count("slow") == 1
    assert on_cluster(room, real).already == 4
    assert not list((room.files.notes("13-prng") / "slurm").iterdir())


def test_a_grader_that_was_killed_finds_what_its_tasks_have_done(
    room: Classroom, real: House, machines: Machines
) -> None:
    put(room, alice="a", bob="slow")
    child = os.fork()
    if child == 0:
        try:
            on_cluster(room, real)
        finally:
            os._exit(70)
    until((room.house.root / slurm_task.BEGUN).exists)
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    until(lambda: "alice" in verdicts(room))  # the cluster goes on without it
    machines.ask("scancel", "--me")
    until(lambda: not machines.ask("squeue", "--me", "--noheader"))
    tally = on_cluster(room, real)
    assert tally.finished + tally.already == 2 and not tally.failures
    assert scores(room) == {"alice": 100, "bob": 100}
    assert room.graded() == ["a", "slow"]


def test_a_grader_that_is_interrupted_empties_the_queue(
    room: Classroom, real: House, machines: Machines
) -> None:
    class Impatient(Silent):
        def done(self, _entry: Entry, _made: object) -> None:
            raise KeyboardInterrupt

    put(room, alice="a", bob="slow", carol="c", dave="d")
    with pytest.raises(KeyboardInterrupt):
        on_cluster(room, real, Impatient())
    until(lambda: not machines.ask("squeue", "--me", "--noheader"))
    assert "bob" not in verdicts(room)
    assert room.grade().already >= 1 and len(scores(room)) == 4


def test_a_task_that_always_fails_costs_nobody_points(
    room: Classroom, real: House, machines: Machines
) -> None:
    until(lambda: machines.state() == "idle")
    put(room, alice="a", bob="broken")
    tally = on_cluster(room, real)
    ((entry, why),) = tally.failures
    assert (entry.student, tally.graded) == ("bob", 1)
    assert why.startswith("3 tasks of the cluster ended without a verdict; ")
    assert why.endswith("ends with: the node has no compiler")
    assert scores(room) == {"alice": 100, "bob": None}


def test_what_slurm_refuses_is_told_in_its_words(
    room: Classroom, real: House, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SBATCH_PARTITION", "nowhere")
    until(lambda: machines.state() == "idle")
    put(room, alice="a")
    with pytest.raises(CannotGrade, match="sbatch: .*partition"):
        on_cluster(room, real)
    assert room.grade().graded == 1  # on this machine, then


def test_without_slurm_it_says_what_to_install(
    room: Classroom, real: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(process.BASE_ENVIRONMENT, "PATH", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    put(room, alice="a")
    with pytest.raises(Trouble, match="sbatch is missing\nnext: apt-get install"):
        on_cluster(room, real)
