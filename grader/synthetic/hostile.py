"""Hand-ins that attack: in the kernel, where their verdict is known, and with patches
that must be refused before any VM."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from grader.synthetic.series import File, Patch, Work
from grader.synthetic.truth import Truth
from grader.trouble import CourseError

if TYPE_CHECKING:
    from grader.synthetic.sorts import Maker

WRAPPER = (
    "static int __init before_all(void)\n{{\n"
    "\t{attack}\n"
    "\treturn {init}();\n"
    "}}\n\n"
    "module_init(before_all);"
)
SPIN = "\t\tfor (;;)\n\t\t\tcpu_relax();\n"
# A rare place in a solution: what of it stays before a hang, and the test that comes
# by. A hang takes a deadline, so there is one.
RARE = {
    "13-prng": (
        r"(\bprng_llseek\([^{]*\{\n)",
        "lseek moves as in a file of 1 MiB",
    ),
    "14-kkey": (
        r"(> KKEY_TEXT_MAX\)\n)\t\treturn [^\n]*\n",
        "one write has at most 65536 bytes",
    ),
    "16-openpath": (
        r"(FMODE_READ\)\) \{\n)",
        "O_WRONLY is refused by the driver, O_DIRECT by the VFS when the driver has "
        "agreed",
    ),
}


def at_load(text: str, attack: str) -> str:
    """`text` with `attack` as the first thing that its module does."""
    return re.sub(
        r"^module_init\((\w+)\);",
        lambda found: WRAPPER.format(attack=attack, init=found[1]),
        text,
        flags=re.MULTILINE,
    )


def forges_results(maker: Maker) -> Work:
    """Says that all tests passed, in every format, and does nothing else."""
    lines = [f"1..{len(maker.tests)}"]
    lines += [f"ok {n} {test.name}" for n, test in enumerate(maker.tests, 1)]
    lines += ['{\\"verdict\\":\\"pass\\"}', "100 of 100 points"]
    attack = "\n\t".join(f'pr_info("{line}\\n");' for line in lines)
    text = at_load(maker.skeleton_text, attack)
    passes, fails = maker.up_to(0)
    truth = Truth("hostile", "forges results", passes=passes, fails=fails)
    return maker.one(maker.marked(text, keep=True), truth)


def dies_at_load(maker: Maker) -> Work:
    return _worthless(maker, "*(volatile int *)8 = 1;", "writes to address 8")


def resets(maker: Maker) -> Work:
    """No interrupt table, and an interrupt: the machine resets."""
    attack = 'static const char nothing[10];\n\n\tasm volatile("lidt %0; int3" : : '
    return _worthless(maker, attack + '"m"(nothing));', "resets the machine")


def _worthless(maker: Maker, attack: str, why: str) -> Work:
    text = at_load(maker.marked(maker.solution.decode()), attack)
    return maker.one(text, Truth("hostile", why, fails=maker.all))


def hangs(maker: Maker) -> Work:
    """Never comes back from one rare call."""
    place, test = RARE[maker.exercise.name]
    solution = maker.solution.decode()
    text, count = re.subn(place, r"\g<1>" + SPIN, solution)
    if count != 1:
        raise CourseError(f"{maker.exercise.name}: no place for a hang in its solution")
    fails = frozenset([test]) & maker.all
    if not fails:  # this class is without that test
        return dies_at_load(maker)
    truth = Truth("hostile", "hangs in a rare call", fails=fails)
    return maker.one(maker.marked(text), truth)


def is_a_link(maker: Maker) -> Work:
    return _changed(maker, maker.path, "/etc/passwd", "120000", "is a symbolic link")


def is_a_program(maker: Maker) -> Work:
    text = maker.solution.decode()
    return _changed(maker, maker.path, text, "100755", "changes the mode")


def is_binary(maker: Maker) -> Work:
    text = maker.solution.decode() + "\0"
    return _changed(maker, maker.path, text, "100644", "has a NUL byte")


def rewrites_a_test(maker: Maker) -> Work:
    path = maker.path.rpartition("/")[0] + "/tests/zz.bats"
    return _changed(maker, path, "@test x { true; }\n", "100644", "brings a test")


def rewrites_kbuild(maker: Maker) -> Work:
    path = maker.path.rpartition("/")[0] + "/Kbuild"
    return _changed(maker, path, "$(shell id)\n", "100644", "changes Kbuild")


def rewrites_rules(maker: Maker) -> Work:
    path = maker.path.rpartition("/")[0] + "/exercise.toml"
    return _changed(maker, path, "files = []\n", "100644", "changes its rules")


def rewrites_the_grader(maker: Maker) -> Work:
    return _changed(maker, "grader/judge.py", "pass\n", "100644", "changes the grader")


def _changed(maker: Maker, path: str, text: str, mode: str, why: str) -> Work:
    good = maker.patch(maker.marked(maker.solution.decode()))
    files = {path: File(text.encode(), mode)}
    return maker.refused(why, good, Patch(f"{maker.exercise.name}: more", files))


def reads_a_file(maker: Maker) -> Work:
    return _with(maker, 'asm(".incbin \\"/etc/passwd\\"");\n', "reads a host's file")


def includes_a_file(maker: Maker) -> Work:
    return _with(maker, '#include "/etc/passwd"\n', "includes a host's file")


def does_not_build(maker: Maker) -> Work:
    return _with(maker, "static int broken(void)\n{\n\treturn\n}\n", "does not build")


def is_untidy(maker: Maker) -> Work:
    return _with(maker, "static int untidy; \t\n", "has white space at an end")


def _with(maker: Maker, more: str, why: str) -> Work:
    text = maker.marked(maker.solution.decode()) + more
    return maker.refused(why, maker.patch(text))


def calls_what_it_may_not(maker: Maker) -> Work:
    attack = 'panic("good bye");'
    text = at_load(maker.marked(maker.solution.decode()), attack)
    return maker.refused("calls panic()", maker.patch(text))


def breaks_in_the_middle(maker: Maker) -> Work:
    text = maker.marked(maker.solution.decode())
    broken = maker.patch(text + "#error later\n", "begin")
    return maker.refused("breaks in the middle", broken, maker.patch(text, "end"))


def goes_back(maker: Maker) -> Work:
    there = maker.patch(maker.marked(maker.solution.decode()))
    back = maker.patch(maker.skeleton_text, "never mind")
    return maker.refused("changes nothing in the end", there, back)


def is_unsigned(maker: Maker) -> Work:
    good = maker.patch(maker.marked(maker.solution.decode()))
    return maker.refused("is not signed off", Patch(good.subject, good.files, False))


SORTS: tuple[Callable[[Maker], Work], ...] = (
    forges_results,
    is_a_link,
    dies_at_load,
    rewrites_a_test,
    hangs,
    is_unsigned,
    resets,
    does_not_build,
    rewrites_kbuild,
    calls_what_it_may_not,
    breaks_in_the_middle,
    reads_a_file,
    is_binary,
    is_untidy,
    rewrites_rules,
    includes_a_file,
    is_a_program,
    rewrites_the_grader,
    goes_back,
)
