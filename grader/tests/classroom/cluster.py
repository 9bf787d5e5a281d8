"""A real Slurm cluster of one node, on loopback, which can lose its node."""

import getpass
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "bwrap")
SBIN = "/usr/sbin"
CONFIGURATION = """\
ClusterName=class
SlurmctldHost=localhost(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
# How long the controller waits for a node, in seconds: as long as a busy machine may
# need, but for the time in which the node is dead, and nobody needs to wait for it.
PATIENT = {"SlurmdTimeout": 300, "MessageTimeout": 30, "TCPTimeout": 10}
IMPATIENT = {"SlurmdTimeout": 2, "MessageTimeout": 2, "TCPTimeout": 1}
# Each daemon is a PID namespace, which ends as a whole: with its first process, and
# with the test, however that ends.
ALONE = "bwrap --dev-bind / / --unshare-pid --proc /proc --die-with-parent --".split()


def until(what: Callable[[], bool], seconds: float = 120) -> None:
    """Waits for `what`; fails when it does not come."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Machines:
    """The controller and the node; start and lose them in one thread, which they do
    not outlive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.configuration = folder / "slurm.conf"
        self.started: list[subprocess.Popen[bytes]] = []
        self.node: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        text = CONFIGURATION.format(
            user=getpass.getuser(), ports=free_ports(2), folder=self.folder
        )
        text += "".join(f"{name}={value}\n" for name, value in PATIENT.items())
        self.configuration.write_text(text)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        munge = ["munged", "--foreground", "--force", f"--key-file={key}"]
        for name in ("socket", "pid-file", "seed-file"):
            munge.append(f"--{name}={self.folder}/munge.{name.split('-')[0]}")
        self._start([*munge, f"--log-file={self.folder}/munge.log"])
        until((self.folder / "munge.socket").exists)
        self._start(["slurmctld", "-D", "-f", str(self.configuration)])
        self.start_node()

    def start_node(self) -> None:
        command = ["slurmd", "-D", "-N", "node1", "-f", str(self.configuration)]
        self.node = self._start(command)
        until(lambda: self.state() in ("idle", "mixed", "allocated"))

    def lose_node(self) -> None:
        """Kills all of the node at once; returns when the controller has noticed."""
        assert self.node
        self.node.kill()
        self.node.wait()
        self._configure(IMPATIENT)
        until(lambda: self.state() == "down*")
        self._configure(PATIENT)

    def state(self) -> str:
        return self.ask("sinfo", "--noheader", "--format=%T").strip()

    def ask(self, *words: str) -> str:
        return subprocess.run(words, capture_output=True, text=True).stdout

    def _configure(self, values: dict[str, int]) -> None:
        text = self.configuration.read_text()
        for name, value in values.items():
            text = re.sub(f"(?m)^{name}=.*", f"{name}={value}", text)
        self.configuration.write_text(text)
        until(lambda: not subprocess.run(["scontrol", "reconfigure"]).returncode)

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        command = [f"{SBIN}/{command[0]}", *command[1:]]
        with open(self.folder / "daemons.log", "ab") as log:
            child = subprocess.Popen([*ALONE, *command], stdout=log, stderr=log)
        self.started.append(child)
        return child

    def stop(self) -> None:
        for child in reversed(self.started):
            child.kill()
            child.wait()
