"""Expected lists for 16-fdtable, made and compared on the host.

    fdtable.py plan SEED           operations for a random set, a NUL behind each
    fdtable.py agree SEED <OUTPUT  what fds then said, against the plan and /proc
    fdtable.py proc <OUTPUT        the lists against those of /proc
    fdtable.py shared <OUTPUT      the lists in short: identities by letters
    fdtable.py stress <LISTS       many lists of tasks that went away
"""

import random
import re
import string
import sys
from dataclasses import dataclass, field, replace

HEADER = re.compile(r"pid (\d+) users (\d+)")
LINE = re.compile(r"(\d+) (0[0-7]*) (-?\d+) (\d+) ([0-9a-f]{16}) (.*)")
CLOEXEC = 0o2000000
O_PATH = 0o10000000
WORDS = string.ascii_letters + string.digits + " \n\\.:()é"


@dataclass
class Entry:
    """One line of a list."""

    number: int
    flags: str
    position: int
    references: int
    identity: str
    path: str


@dataclass
class List:
    """What one `list`, `look` or `proc` showed."""

    operation: str
    pid: int = -1
    users: int = -1
    entries: list[Entry] = field(default_factory=list)


def die(why: str) -> None:
    """Ends with a message for the report."""
    print(why)
    sys.exit(1)


def read_line(listing: List, line: str) -> None:
    """Adds one line of the device to `listing`; dies when it is not one."""
    header, entry = HEADER.fullmatch(line), LINE.fullmatch(line)
    if header and listing.pid < 0:
        listing.pid, listing.users = int(header[1]), int(header[2])
    elif entry and listing.pid >= 0:
        listing.entries.append(
            Entry(
                int(entry[1]),
                entry[2],
                int(entry[3]),
                int(entry[4]),
                entry[5],
                entry[6],
            )
        )
    else:
        die(f"this is no line of a list: {line!r}")


def lists(output: str) -> list[List]:
    """All lists in the output of fds, in order; those of /proc are included."""
    found: list[List] = []
    for line in output.split("\n"):
        if not line.startswith("| "):
            found.append(List(line.split(" = ")[0]))
        elif " proc " in found[-1].operation:
            number, flags, position, path = line[2:].split(" ", 3)
            entry = Entry(int(number), flags, int(position), 0, "", path)
            found[-1].entries.append(entry)
        else:
            read_line(found[-1], line[2:])
    return [one for one in found if re.search(r" (list|look|proc) ", one.operation)]


def shared() -> None:
    """A line for each list: users U: FD IDENTITY REFERENCES PATH, ..."""
    letters: dict[str, str] = {}
    for listing in lists(sys.stdin.read()):
        shown = []
        for entry in listing.entries:
            letter = letters.setdefault(
                entry.identity, string.ascii_uppercase[len(letters)]
            )
            shown.append(f"{entry.number} {letter} {entry.references} {entry.path}")
        end = ": " + ", ".join(shown) if shown else ""
        print(f"users {listing.users}{end}")


def compare(expected: list[Entry], actual: list[Entry]) -> None:
    """Dies at the first line that differs."""
    for want, got in zip(expected, actual):
        if want != got:
            die(f"expected: {want}\nactual:   {got}")
    if len(expected) != len(actual):
        die(f"expected: {len(expected)} descriptors\nactual:   {len(actual)}")


def without_sharing(entries: list[Entry]) -> list[Entry]:
    """What /proc knows, too."""
    return [replace(entry, references=0, identity="") for entry in entries]


def same_as_proc(both: list[Entry], proc: list[Entry]) -> None:
    """A list agrees with /proc, and its references with its identities."""
    compare(proc, without_sharing(both))
    identities = [entry.identity for entry in both]
    for entry in both:
        if entry.references != identities.count(entry.identity):
            die(
                f"{identities.count(entry.identity)} descriptors have this "
                f"identity, and nobody else has the file: {entry}"
            )


def proc() -> None:
    """Every list agrees with that of /proc behind it; several may share one."""
    before: list[List] = []
    for listing in lists(sys.stdin.read()):
        if " proc " in listing.operation:
            for one in before:
                compare(listing.entries, without_sharing(one.entries))
            before = []
        else:
            before.append(listing)
    if before:
        die("there is nothing to compare the last list with")


class Plan:
    """A random set of descriptors of task a, and what is known of it beforehand."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.operations = ["me fork a"]
        self.files: dict[int, int] = {}  # descriptor -> number of its file
        self.paths: dict[int, str] = {}  # file -> path, where it has one
        self.positions: dict[int, int] = {}
        self.cloexec: set[int] = set()
        steps = [self.file] * 8 + [self.without_path] * 8 + [self.directory]
        steps += [self.deleted] * 2 + [self.o_path] * 2
        self.random.shuffle(steps)
        for step in steps:
            step()
        for _ in range(self.random.randint(3, 8)):
            self.duplicate()
        for _ in range(4):
            self.close()
        self.operations += ["me list a", "me proc a"]

    def add(self, flags: str, path: str | None = None) -> int:
        """A new file at the lowest free number, which is returned."""
        number = next(n for n in range(1000) if n not in self.files)
        file = len(self.operations) * 10 + len(self.files) % 10
        self.files[number] = file
        self.positions[file] = 0
        if path is not None:
            self.paths[file] = path
        if "cloexec" in flags:
            self.cloexec.add(number)
        return number

    def flags(self, *known: str) -> str:
        """Some of the flags, random."""
        chosen = [name for name in known if self.random.random() < 0.4]
        return "".join("+" + name for name in chosen)

    def name(self) -> str:
        """A path in /tmp that does not exist yet, with all that a path may have;
        what a list has to escape is in each."""
        word = self.random.choices(WORDS, k=self.random.randint(1, 28)) + ["\n", "\\"]
        self.random.shuffle(word)
        return f"/tmp/{len(self.operations)}{''.join(word)}x"

    def open(self, flags: str, path: str) -> int:
        """Opens it, and perhaps moves its position."""
        self.operations.append(f"a open {flags} {path}")
        number = self.add(flags, path)
        if "path" not in flags and "directory" not in flags:
            position = self.random.choice([0, self.random.randrange(1 << 40)])
            self.operations.append(f"a seek {number} {position}")
            self.positions[self.files[number]] = position
        return number

    def file(self) -> None:
        """A file of its own."""
        access = self.random.choice(["r", "w", "rw"])
        more = self.flags("append", "cloexec", "dsync", "noatime", "nonblock")
        self.open(f"{access}+creat{more}", self.name())

    def deleted(self) -> None:
        """A file that has no name any more."""
        path = self.name()
        number = self.open("rw+creat" + self.flags("cloexec"), path)
        self.operations.append(f"a unlink file {path}")
        self.paths[self.files[number]] += " (deleted)"

    def directory(self) -> None:
        """A directory."""
        path = self.random.choice(["/", "/tmp", "/dev", "/sys/class"])
        self.open("r+directory" + self.flags("cloexec"), path)

    def o_path(self) -> None:
        """A descriptor that is only good for its path."""
        path = self.random.choice(["/", "/tmp", "/dev/null", "/bin/busybox", "/dev"])
        self.open("path" + self.flags("cloexec"), path)

    def without_path(self) -> None:
        """Pipes, sockets and their kin."""
        kind = self.random.choice(["pipe", "pair", "socket", "eventfd", "memfd"])
        flags = "r" + ("" if kind == "memfd" else self.flags("cloexec", "nonblock"))
        self.operations.append(f"a make {kind} {flags}")
        self.add(flags)
        if kind in ("pipe", "pair"):
            self.add(flags)

    def duplicate(self) -> None:
        """A second descriptor for one of the files, perhaps far away."""
        old = self.random.choice(sorted(self.files))
        new = self.random.randint(0, 300)
        flags = "r" + self.flags("cloexec")
        if new == old:
            return
        self.operations.append(f"a dup3 {old} {new} {flags}")
        self.files[new] = self.files[old]
        self.cloexec.discard(new)
        if "cloexec" in flags:
            self.cloexec.add(new)

    def close(self) -> None:
        """A hole."""
        number = self.random.choice(sorted(self.files))
        self.operations.append(f"a close {number}")
        del self.files[number]
        self.cloexec.discard(number)

    def check(self, entries: list[Entry]) -> None:
        """Dies where the list is not what was planned."""
        numbers = [entry.number for entry in entries]
        if numbers != sorted(self.files):
            die(f"expected: descriptors {sorted(self.files)}\nactual:   {numbers}")
        identities: dict[int, str] = {}
        for entry in entries:
            self.check_entry(entry, identities)
        if len(set(identities.values())) != len(identities):
            die(f"files that are not the same have one identity: {identities}")

    def check_entry(self, entry: Entry, identities: dict[int, str]) -> None:
        """Dies where one line is not what was planned."""
        file = self.files[entry.number]
        path = self.paths.get(file)
        if path is not None:
            path = path.replace("\\", "\\134").replace("\n", "\\012")
        flags = int(entry.flags, 8)
        for what, expected, actual in (
            ("path", path, path and entry.path),
            ("position", self.positions[file], entry.position),
            ("O_CLOEXEC", entry.number in self.cloexec, bool(flags & CLOEXEC)),
            ("identity", identities.setdefault(file, entry.identity), entry.identity),
        ):
            if expected != actual:
                die(
                    f"descriptor {entry.number}, {what}:\n"
                    f"expected: {expected!r}\nactual:   {actual!r}\n"
                    "the operations: " + "; ".join(self.operations)
                )


def agree(seed: int) -> None:
    """The list agrees with the plan and with /proc."""
    listing, other = lists(sys.stdin.read())
    Plan(seed).check(listing.entries)
    same_as_proc(listing.entries, other.entries)


def stress() -> None:
    """Every line is whole, and descriptors go up; prints how many lists there were."""
    current = List("")
    count = longest = 0
    for line in sys.stdin.read().rstrip("\n").split("\n"):
        if line.startswith("pid "):
            current = List("")
            count += 1
        read_line(current, line)
        numbers = [entry.number for entry in current.entries[-2:]]
        if numbers != sorted(set(numbers)):
            die(f"descriptors do not go up: {line!r}")
        longest = max(longest, len(current.entries))
    print(f"{count} {longest}")


def main() -> None:
    """See above."""
    verb, seed = sys.argv[1], int(sys.argv[2]) if sys.argv[2:] else 0
    if verb == "plan":
        for operation in Plan(seed).operations:
            print(operation, end="\0")
    elif verb == "agree":
        agree(seed)
    else:
        {"proc": proc, "shared": shared, "stress": stress}[verb]()


main()
