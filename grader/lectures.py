"""The lectures: their pages, what is checked of them, and what is written anew.

A page is lectures/NN-name.md. What it shows is real: transcripts are run in VMs
(see transcripts), C is a part of a file of lectures/code that is compiled, and
every figure says in words what it shows.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from grader import build, fences, kinds, readme, regions, results, transcripts
from grader.fences import Block
from grader.house import House, workers
from grader.tally import Tally
from grader.transcripts import Entry
from grader.trouble import CourseError, Trouble

PAGE = re.compile(r"(\d\d)-[a-z0-9-]+\.md")
# The first section and the last ones of every lecture.
FIRST = "What you will be able to do"
LAST = ("Questions that students ask", "Pitfalls", "Exercises", "Further reading")
FIGURES = 2  # at least
TRANSCRIPTS = 3  # at least
PLAIN = ("text", "make")  # languages of blocks that are not checked


@dataclass(frozen=True)
class Lecture:
    """A page: its number, its file, its text."""

    number: int
    path: Path
    text: str

    def blocks(self) -> list[Block]:
        return fences.blocks(self.text)


def load(house: House) -> list[Lecture]:
    """All lectures, in order; CourseError for a page with another name."""
    found = []
    for path in sorted((house.root / "lectures").glob("*.md")):
        match = PAGE.fullmatch(path.name)
        if not match:
            raise CourseError(f"{house.relative(path)}: call it lectures/NN-name.md")
        found.append(Lecture(int(match[1]), path, path.read_text(encoding="utf-8")))
    return found


def select(house: House, names: list[str]) -> list[Lecture]:
    """The lectures of these numbers or file names, by default all."""
    every = load(house)
    if not names:
        return every
    chosen = []
    for name in names:
        some = [one for one in every if name in (str(one.number), one.path.stem)]
        if not some:
            known = " ".join(one.path.stem for one in every)
            raise Trouble(f"unknown lecture: {name}", f"there is: {known}")
        chosen += some
    return chosen


def check(house: House, tally: Tally) -> None:
    """Every lecture: its sections, its blocks, its transcripts."""
    every = load(house)
    if not every:
        return
    try:
        transcripts.compile_code(house, build.find_kernel(house, "stock"))
        tally.check("lectures/code compiles", [])
    except CourseError as error:
        tally.check("lectures/code compiles", str(error).split("\n"))
    for lecture in every:
        name = house.relative(lecture.path)
        try:
            wrong = [*shape(lecture), *untrue_blocks(house, lecture)]
        except ValueError as error:
            wrong = [str(error)]
        tally.check(
            f"{name}: sections, figures and code", [f"{name}:{w}" for w in wrong]
        )
    wrong = lost_sections(every)
    tally.check("grader/kinds.toml names sections that lectures have", wrong)
    stale = stale_transcripts(house, every)
    tally.check("transcripts of the lectures are true", stale, "make transcripts [N]")


def shape(lecture: Lecture) -> list[str]:
    """What a lecture lacks, each with the line where it belongs."""
    wrong = []
    titles = readme.sections(lecture.text)
    if titles[:1] != [FIRST]:
        wrong.append(f"1: the first section must be: {FIRST}")
    if tuple(titles[-len(LAST) :]) != LAST:
        wrong.append(f"1: the last sections must be: {'; '.join(LAST)}")
    found = lecture.blocks()
    figures = [block for block in found if block.language == "dot"]
    if len(figures) < FIGURES:
        wrong.append(f"1: has {len(figures)} figures (```dot), wanted {FIGURES}")
    run = [block for block in found if transcripts.is_transcript(block)]
    if len(run) < TRANSCRIPTS:
        wrong.append(f"1: has {len(run)} transcripts, wanted {TRANSCRIPTS}")
    return wrong


def untrue_blocks(house: House, lecture: Lecture, stale: bool = True) -> list[str]:
    """The blocks that are not what they are to be: `LINE: why`; with `stale` also
    those of C that are not what their file says now."""
    wrong = []
    for block in lecture.blocks():
        why = _untrue(house, block, stale)
        if why:
            wrong.append(f"{block.line}: {why}")
    return wrong


def _untrue(house: House, block: Block, stale: bool) -> str:
    if block.language == "dot":
        return (
            "" if block.attributes.get("alt") else 'a figure needs alt="what it shows"'
        )
    if block.language == "c":
        try:
            same = block_of_code(house, block) == list(block.body) or not stale
        except ValueError as error:
            return str(error)
        return "" if same else "is not what its file says; next: make transcripts"
    if transcripts.is_transcript(block):
        try:
            transcripts.parse(block)
        except ValueError as error:
            return str(error)
        return ""
    if block.language in PLAIN:
        return ""
    return f"a block is c, dot, console vm, {', '.join(PLAIN)}; not {block.language!r}"


def block_of_code(house: House, block: Block) -> list[str]:
    """The lines that a block of C is to show; ValueError when it does not say which:
    ```c file=NAME.c part=NAME,..."""
    name, parts = block.attributes.get("file", ""), block.attributes.get("part", "")
    if not name or not parts or "/" in name:
        raise ValueError("code is ```c file=NAME.c part=NAME, out of lectures/code")
    try:
        source = (transcripts.code_folder(house) / name).read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"lectures/code/{name}: {error.strerror}") from error
    lines: list[str] = []
    for part in parts.split(","):
        try:
            lines += ["", *regions.part(source, part)]
        except KeyError as error:
            raise ValueError(f"lectures/code/{name} defines no {part}") from error
    return lines[1:]


def lost_sections(every: list[Lecture]) -> list[str]:
    """The sections that explain reports, but that the lecture does not have; only
    for lectures that are there."""
    titles = {one.number: readme.sections(one.text) for one in every}
    return [
        f"lecture {section.lecture} has no section: {section.title}"
        for section in kinds.sections()
        if section.title not in titles.get(section.lecture, [section.title])
    ]


def stale_transcripts(house: House, every: list[Lecture]) -> list[str]:
    """Where a VM prints something else than the page says."""
    wrong = []
    for lecture, block, found in _played(house, every):
        where = f"{house.relative(lecture.path)}:{block.line}"
        if isinstance(found, str):
            wrong += [f"{where}: {found}"]
            continue
        vary = block.attributes.get("vary", "")
        for wanted, got in zip(transcripts.parse(block), found):
            if not transcripts.agrees(wanted.printed, got.printed, vary):
                wrong += [f"{where}: # {wanted.command[0]}", "expected:"]
                wrong += [*wanted.printed, "actual:", *got.printed]
    return wrong


def _played(
    house: House, every: list[Lecture]
) -> list[tuple[Lecture, Block, list[Entry] | str]]:
    """What comes of every transcript now, or why nothing does; some at a time."""
    jobs = [
        (lecture, block)
        for lecture in every
        for block in lecture.blocks()
        if transcripts.is_transcript(block)
    ]

    def work(job: tuple[Lecture, Block]) -> list[Entry] | str:
        try:
            return transcripts.play(house, job[1])
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(workers()) as pool:
        return [(*job, found) for job, found in zip(jobs, pool.map(work, jobs))]


def write_again(house: House, names: list[str]) -> int:
    """`make transcripts`: puts into the pages what their files and VMs say now, where
    that does not agree; the exit status."""
    wrong: list[str] = []
    for lecture in select(house, names):
        name = house.relative(lecture.path)
        try:
            bodies = _bodies_of_code(house, lecture)
            wrong += [f"{name}:{why}" for why in untrue_blocks(house, lecture, False)]
        except ValueError as error:
            wrong.append(f"{name}:{error}")
            continue
        for _, block, found in _played(house, [lecture]):
            if isinstance(found, str):
                wrong.append(f"{name}:{block.line}: {found}")
            else:
                bodies[block.line] = transcripts.lines_of(_kept(block, found))
        text = fences.replace(lecture.text, bodies)
        if text != lecture.text:
            results.write(lecture.path, text)
            print(f"{name}: written anew; next: git diff")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def _bodies_of_code(house: House, lecture: Lecture) -> dict[int, list[str]]:
    """By line the new bodies of the blocks of C, where they can be found."""
    bodies = {}
    for block in lecture.blocks():
        if block.language == "c":
            try:
                bodies[block.line] = block_of_code(house, block)
            except ValueError:
                continue  # which the check of the block tells
    return bodies


def _kept(block: Block, found: list[Entry]) -> list[Entry]:
    """`found`, but what the page says already where that agrees."""
    vary = block.attributes.get("vary", "")
    return [
        wanted if transcripts.agrees(wanted.printed, got.printed, vary) else got
        for wanted, got in zip(transcripts.parse(block), found)
    ]
