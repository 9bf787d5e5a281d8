"""Lectures: blocks of Markdown, parts of C files, transcripts, and their checks."""

from pathlib import Path

import pytest

from grader import fences, lectures, regions, setup, transcripts
from grader.fences import Block
from grader.house import House
from grader.transcripts import Entry, agrees
from grader.trouble import CourseError, Trouble

SOURCE = """\
#include <stdio.h>

static int twice(int number);

/* How far we count. */
#define END 3
#define DEFINE_COUNTER(name) int name

static DEFINE_COUNTER(seen);

/*
 * Doubles a number.
 */
static int twice(int number)
{
	return 2 * number;
}

struct pair {
	int first, second;
};

int main(void)
{
	printf("%d\\n", twice(END));
	return seen;
}
"""

DOT = """\
```dot alt="{alt}"
digraph {{ a -> b }}
```
"""

PAGE = """\
# Lecture 13: devices

## What you will be able to do

## Numbers

{figures}
```c file=twice.c part=twice
/*
 * Doubles a number.
 */
static int twice(int number)
{{
	return 2 * number;
}}
```

```console vm code=twice
# twice
6
```

```console vm
# echo one; echo two
one
...
# echo $$
```

```console vm vary="[0-9]+"
# cd /; for n in 1 2; do
>   pwd
> done
/
/
# echo 240 is no 17 >&2
1 is no 2
```

## Questions that students ask

## Pitfalls

## Exercises

## Further reading
"""


def block(first: str, *body: str) -> Block:
    """The block of this first line and body."""
    return fences.blocks("\n".join([f"```{first}", *body, "```"]))[0]


@pytest.fixture
def page(course: House) -> Path:
    """A course with one lecture, whose transcripts are right but for one."""
    folder = course.root / "lectures"
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "twice.c").write_text(SOURCE)
    path = folder / "13-devices.md"
    path.write_text(PAGE.format(figures=DOT.format(alt="a to b") * 2))
    return path


def test_a_block_has_language_words_and_attributes() -> None:
    text = 'a\n\n```console vm vary="a b" smp=2\n# ls\n```\n\n````text\n```\n````\n'
    assert fences.blocks(text) == [
        Block(3, "console", ("vm",), {"vary": "a b", "smp": "2"}, ("# ls",)),
        Block(7, "text", (), {}, ("```",)),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\n```c\nb", "2: the block does not end"),
        ("```c x='\n```", "1: c x=': No clo"),
    ],
)
def test_a_block_that_cannot_be_read_is_told_with_its_line(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fences.blocks(text)


def test_blocks_get_new_bodies_and_the_rest_stays() -> None:
    text = "a\n```c\nold\n```\nb\n```c\n```\nc\n"
    new = fences.replace(text, {2: ["1", "2"], 6: ["3"]})
    assert new == "a\n```c\n1\n2\n```\nb\n```c\n3\n```\nc\n"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("twice", "/*", "}"),
        ("pair", "struct pair {", "};"),
        ("seen", "static DEFINE_COUNTER(seen);", "static DEFINE_COUNTER(seen);"),
        ("main", "int main(void)", "}"),
    ],
)
def test_a_part_of_a_file_is_a_definition_with_its_comment(
    name: str, first: str, last: str
) -> None:
    lines = regions.part(SOURCE, name)
    assert (lines[0], lines[-1]) == (first, last)


def test_what_is_not_defined_is_no_part() -> None:
    with pytest.raises(KeyError, match="number"):
        regions.part(SOURCE, "number")


def test_a_transcript_is_commands_and_what_they_print() -> None:
    shown = block("console vm", "# cat <<E", "> # a", "> E", "# a", "", "# b")
    entries = transcripts.parse(shown)
    assert entries == [
        Entry(("cat <<E", "# a", "E"), ()),
        Entry(("a",), ("",)),
        Entry(("b",), ()),
    ]
    assert transcripts.lines_of(entries) == list(shown.body)


@pytest.mark.parametrize(
    ("first", "line", "why"),
    [
        ("", "hello", "begins with no `# command`: hello"),
        ("kernel=new", "# a", "kernel=new: there is stock debug race"),
        ("clock=mine", "# a", "clock=mine: there is real virtual"),
        ("smp=0", "# a", "smp=0: there are 1 to 8 CPUs"),
        ("vary='('", "# a", "vary: missing"),
        ("files=a", "# a", "unknown attribute files; known: kernel exercise"),
    ],
)
def test_a_wrong_transcript_is_refused(first: str, line: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        transcripts.parse(block(f"console vm {first}", line))


@pytest.mark.parametrize(
    ("wanted", "found", "vary", "agree"),
    [
        (["a", "b"], ["a", "b"], "", True),
        (["a", "b"], ["a", "c"], "", False),
        (["a"], ["a", "b"], "", False),
        (["a", "..."], ["a", "b", "c"], "", True),
        (["...", "c"], ["a", "b", "c"], "", True),
        (["...", "c"], ["a", "b"], "", False),
        (["...", "a"], ["a"], "", True),
        (["a 239 (x*)"], ["a 7 (x*)"], "[0-9]+", True),
        (["a 239"], ["a x"], "[0-9]+", False),
        ([], [], "", True),
    ],
)
def test_output_agrees_but_for_what_varies(
    wanted: list[str], found: list[str], vary: str, agree: bool
) -> None:
    assert agrees(tuple(wanted), tuple(found), vary) is agree


def test_a_lecture_that_has_all_is_right(course: House, page: Path) -> None:
    (lecture,) = lectures.load(course)
    assert lecture.number == 13
    assert lectures.shape(lecture) == []
    assert lectures.untrue_blocks(course, lecture) == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("## What you will", "## What we will", "1: the first section must be: What"),
        ("## Pitfalls", "## Traps", "1: the last sections must be: Questions"),
        ('alt="a to b"', "", '7: a figure needs alt="what it shows"'),
        ("2 * number", "3 * number", "14: is not what its file says; next: make"),
        ("file=twice.c", "file=none.c", "14: lectures/code/none.c: No such file"),
        ("file=twice.c", "file=../x.c", "14: code is ```c file=NAME.c part=NAME"),
        ("part=twice", "part=thrice", "14: lectures/code/twice.c defines no thrice"),
        ("c file=twice.c part=twice", "sh", "14: a block is c, dot, console vm, text"),
        ("console vm code", "console code", "24: a block is c, dot, console vm, text"),
        ("console vm code", "text code", "1: has 2 transcripts, wanted 3"),
        ("dot alt", "text alt", "1: has 1 figures"),
    ],
)
def test_what_a_lecture_lacks_is_told_with_its_line(
    course: House, page: Path, old: str, new: str, why: str
) -> None:
    text = page.read_text()
    assert old in text
    page.write_text(text.replace(old, new, 1))
    (lecture,) = lectures.load(course)
    wrong = lectures.shape(lecture) + lectures.untrue_blocks(course, lecture)
    assert any(line.startswith(why) for line in wrong), wrong


def test_a_page_has_the_number_of_its_lecture(course: House, page: Path) -> None:
    page.rename(page.with_name("devices.md"))
    with pytest.raises(CourseError, match="call it lectures/NN-name.md"):
        lectures.load(course)


def test_lectures_are_chosen_by_number_or_name(course: House, page: Path) -> None:
    for name in ("13", "13-devices"):
        assert [one.number for one in lectures.select(course, [name])] == [13]
    with pytest.raises(Trouble, match="unknown lecture: 14\nthere is: 13-devices"):
        lectures.select(course, ["14"])


def test_a_section_that_explains_a_report_must_be_there(
    course: House, page: Path
) -> None:
    lost = lectures.lost_sections(lectures.load(course))
    assert "lecture 13 has no section: The kernel's stack is small" in lost
    assert not any("lecture 14" in line for line in lost)


@pytest.mark.vm
def test_transcripts_are_run_and_what_changed_is_written_anew(
    real: House,
    course: House,
    page: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    setup.build_engine(real)
    (course.root / "build").mkdir()
    (course.build / "vm").symlink_to(real.build / "vm")
    (course.exercises / "lib").symlink_to(real.lib)
    before = page.read_text()
    wrong = lectures.stale_transcripts(course, lectures.load(course))
    assert wrong[0].startswith("lectures/13-devices.md:29: # echo $$"), wrong
    assert len(wrong) == 4 and wrong[1:3] == ["expected:", "actual:"]
    assert lectures.write_again(course, []) == 0
    assert "lectures/13-devices.md: written anew" in capsys.readouterr().out
    assert page.read_text() == before.replace("# echo $$\n", f"# echo $$\n{wrong[3]}\n")
    for new, why in (
        ("# exit 3;", "did not come past: exit 3; echo two"),
        ("", "code=none: there is no lectures/code/none.c"),
    ):
        text = before.replace("# echo one;", new or "# echo one;")
        page.write_text(text if new else text.replace("code=twice", "code=none"))
        wrong = lectures.stale_transcripts(course, lectures.load(course))
        assert any(why in line for line in wrong), wrong
