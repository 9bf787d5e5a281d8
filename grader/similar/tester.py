"""Runs clang-format and the similarity tester, in the sandbox, since what they read was
written by strangers; reads what they say."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import sandbox, stage
from grader.forbidden import Refused
from grader.house import House
from grader.similar.added import without_comments
from grader.text import clean
from grader.trouble import CannotGrade

SCRIPT = Path(__file__).resolve().with_name("compare.sh")
RUN = 16  # tokens; fewer in a row are no likeness
LARGEST_ANSWER = 64 << 20  # bytes
FILE = re.compile(r"File (\d+)\.c: (\d+) tokens")
PERCENT = re.compile(r"(\d+)\.c consists for (\d+) % of (\d+)\.c material")
SPAN = r"(\d+)\.c: line (\d+)-(\d+)"
MATCH = re.compile(rf"{SPAN}\s*\|{SPAN}\s*\[(\d+)\]")


@dataclass(frozen=True)
class Run:
    """Lines of two texts that are the same but for names: their first and last, from
    0, and how many tokens that is."""

    left: tuple[int, int]
    right: tuple[int, int]
    tokens: int


@dataclass(frozen=True)
class Likeness:
    """For each text its tokens; for (one, other) how many per cent of one are in
    other. A pair that is not there has none."""

    tokens: dict[int, int]
    percent: dict[tuple[int, int], int]


def formatted(house: House, sources: Sequence[bytes]) -> list[list[str]]:
    """The lines of each source without comments, in the kernel's style."""
    with _folder(house) as work:
        shutil.copyfile(house.root / ".clang-format", work / ".clang-format")
        plain = [
            without_comments(clean(raw.decode("utf-8", "replace"))) for raw in sources
        ]
        for number, text in enumerate(plain):
            (work / f"{number}.c").write_text(text, encoding="utf-8")
        _run(work, "format", 60 + 10 * len(sources))
        return [_read(work, n, text).split("\n") for n, text in enumerate(plain)]


def _read(work: Path, number: int, fallback: str) -> str:
    """What became of a source; itself, where that is no text any more."""
    try:
        return stage.read_file(work / f"{number}.c").decode("utf-8")
    except Refused:
        return fallback


def likeness(house: House, new: Sequence[str], old: Sequence[str]) -> Likeness:
    """Compares the texts of `new` with each other and with those of `old`, which are
    numbered after them."""
    with _folder(house) as work:
        _write(work, [*new, *old])
        names = [f"{number}.c\n" for number in range(len(new) + len(old))]
        (work / "new").write_text("".join(names[: len(new)]), encoding="ascii")
        (work / "old").write_text("".join(names[len(new) :]), encoding="ascii")
        return read_percents(_run(work, "percent", 600))


def read_percents(answer: str) -> Likeness:
    """What `sim_c -p` has said."""
    return Likeness(
        {int(number): int(tokens) for number, tokens in FILE.findall(answer)},
        {
            (int(one), int(other)): int(percent)
            for one, percent, other in PERCENT.findall(answer)
        },
    )


def runs(
    house: House, texts: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[Run]]:
    """What matches in each of `pairs` of `texts`."""
    with _folder(house) as work:
        _write(work, texts)
        lines = [f"{one}.c {other}.c\n" for one, other in pairs]
        (work / "pairs").write_text("".join(lines), encoding="ascii")
        return read_runs(_run(work, "runs", 600))


def read_runs(answer: str) -> dict[tuple[int, int], list[Run]]:
    """What `sim_c -n` has said, the longest run of each pair first."""
    found: dict[tuple[int, int], list[Run]] = {}
    for match in MATCH.finditer(answer):
        one, first, last, other, start, end, tokens = map(int, match.groups())
        run = Run((first - 1, last - 1), (start - 1, end - 1), tokens)
        found.setdefault((one, other), []).append(run)
    return {
        pair: sorted(some, key=lambda run: -run.tokens) for pair, some in found.items()
    }


@contextmanager
def _folder(house: House) -> Iterator[Path]:
    house.cache.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="similar-", dir=house.cache))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(work: Path, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        (work / f"{number}.c").write_text(text + "\n", encoding="utf-8")


def _run(work: Path, what: str, seconds: int) -> str:
    for path in work.iterdir():
        path.chmod(0o666)  # the sandbox's user is another
    command = ["/bin/sh", str(SCRIPT), what, str(RUN)]
    limits = sandbox.Limits(wall=seconds, cpu=seconds)
    done = sandbox.run(command, work, (SCRIPT,), limits, LARGEST_ANSWER)
    if done.status != 0 or done.timed_out:
        why = "no end of it" if done.timed_out else clean(done.output.strip()[-300:])
        raise CannotGrade(f"comparing: {what}: {why}", "next: make setup")
    return done.output
