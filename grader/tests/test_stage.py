"""Only whole, small, regular text files are taken, and only those asked for."""

import os
from pathlib import Path

import pytest

from grader import forbidden, stage
from grader.catalog import Exercise
from grader.forbidden import Refused
from grader.house import House
from grader.trouble import Trouble


def hand_in(course: House, exercise: Exercise, tmp_path: Path) -> stage.HandIn:
    return stage.take(course, exercise, str(tmp_path / "theirs"))


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The folder of a hand-in; the file is still missing."""
    (tmp_path / "theirs").mkdir()
    return tmp_path / "theirs" / "prng.c"


def refusal(course: House, exercise: Exercise, theirs: Path) -> str:
    with pytest.raises(Refused) as caught:
        stage.take(course, exercise, str(theirs.parent))
    return str(caught.value)


def test_nothing_but_the_named_files_is_taken(
    course: House, exercise: Exercise, theirs: Path
) -> None:
    theirs.write_text("int x;\n")
    (theirs.parent / "Kbuild").write_text("$(shell id)")
    taken = stage.take(course, exercise, str(theirs.parent))
    assert taken.files == {"prng.c": b"int x;\n"}


def test_a_missing_file(course: House, exercise: Exercise, theirs: Path) -> None:
    assert "prng.c: missing" in refusal(course, exercise, theirs)


def test_an_empty_file(course: House, exercise: Exercise, theirs: Path) -> None:
    theirs.touch()
    assert refusal(course, exercise, theirs) == "prng.c: empty"


def test_a_file_of_100_megabytes(
    course: House, exercise: Exercise, theirs: Path
) -> None:
    with open(theirs, "wb") as file:
        file.truncate(100 << 20)
    assert "104857600 bytes; at most 262144" in refusal(course, exercise, theirs)


def test_a_symbolic_link(course: House, exercise: Exercise, theirs: Path) -> None:
    theirs.symlink_to("/etc/passwd")
    assert "a symbolic link" in refusal(course, exercise, theirs)


def test_a_folder(course: House, exercise: Exercise, theirs: Path) -> None:
    theirs.mkdir()
    assert "a folder" in refusal(course, exercise, theirs)


def test_a_pipe_does_not_block(course: House, exercise: Exercise, theirs: Path) -> None:
    os.mkfifo(theirs)
    assert "a pipe" in refusal(course, exercise, theirs)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device(course: House, exercise: Exercise, theirs: Path) -> None:
    os.mknod(theirs, 0o20600, os.makedev(1, 5))
    assert "a device" in refusal(course, exercise, theirs)


def test_not_utf8(course: House, exercise: Exercise, theirs: Path) -> None:
    theirs.write_bytes(b"int x;\n// caf\xe9\n")
    assert refusal(course, exercise, theirs) == "prng.c:2: not UTF-8 text"


def test_a_nul_byte(course: House, exercise: Exercise, theirs: Path) -> None:
    theirs.write_bytes(b"int x;\n\0\n")
    assert refusal(course, exercise, theirs).startswith("prng.c:2: a NUL byte")


def test_a_source_that_is_not_there(course: House, exercise: Exercise) -> None:
    with pytest.raises(Trouble, match="no such folder"):
        stage.take(course, exercise, "/nonexistent")
    with pytest.raises(Trouble, match="no solution here"):
        stage.take(course, exercise, "solution")


@pytest.mark.parametrize(
    "line, words",
    [
        ('#include "/etc/shadow"', "absolute path: /etc/shadow"),
        ("#include </etc/shadow>", "absolute path"),
        ("  # /* x */ include <../kernel/x.h>", "parent folder"),
        ('%:include "a/../../b.h"', "parent folder"),
        ('#include "prng.mod.c"', "only headers"),
        ("#include NAME", "not a macro"),
        ('#in\\\nclude "/etc/shadow"', "absolute path"),
        ('# 1 "/etc/shadow" 3', "#line"),
        ("#line 7", "#line"),
        ('asm(".incbin \\"/etc/shadow\\"");', ".incbin"),
        ('asm("nop\\n.include \\"x\\"");', ".include"),
        ("#if __has_include(</etc/shadow>)", "__has_include"),
        ("#embed </etc/shadow>", "#embed"),
        ("#pragma GCC system_header", "silences"),
        ('#pragma GCC diagnostic ignored "-Wall"', "silences"),
        ('_Pragma("GCC system_header")', "_Pragma"),
        ("#include_next <linux/module.h>", "#include_next"),
    ],
)
def test_what_reaches_outside_is_refused_with_its_line(line: str, words: str) -> None:
    text = f"/* one\n * two */\n{line}\nint x;\n"
    with pytest.raises(Refused) as caught:
        forbidden.check("prng.c", text.encode())
    assert str(caught.value).startswith("prng.c:3: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "#include <linux/module.h>\n#include <asm/unaligned.h>\n",
        '#include "prng.h"\n',
        "// .incbin in a comment, #include </etc/passwd> too\n",
        "/* #line 3\n#include </x>\n*/\n",
        'pr_info("// not a comment\\n"); x.include = 1; y->include = 2;\n',
        "#pragma pack(1)\n",
        "char c = '\"'; // '\n#include <linux/fs.h>\n",
    ],
)
def test_ordinary_code_is_taken(text: str) -> None:
    forbidden.check("prng.c", text.encode())
