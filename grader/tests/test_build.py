"""Hostile builds, in the real sandbox with the real kbuild."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader import build, sandbox
from grader.build import BuildFailed, Kernel, Modules
from grader.catalog import Exercise
from grader.house import House
from grader.stage import HandIn
from grader.symbols import Decoder
from grader.tests.conftest import MODULE
from grader.trouble import CannotGrade

Build = Callable[[str], Modules]
HEADERS = sorted(Path("/usr/src").glob("linux-headers-*-cloud-amd64"))
pytestmark = pytest.mark.skipif(not HEADERS, reason="no kernel headers")


@pytest.fixture
def kernel() -> Kernel:
    return Kernel("stock", HEADERS[-1].name.removeprefix("linux-headers-"), HEADERS[-1])


@pytest.fixture
def compile_(course: House, exercise: Exercise, kernel: Kernel) -> Build:
    """Builds a text as prng.c."""

    def compiled(text: str) -> Modules:
        hand_in = HandIn({"prng.c": text.encode()})
        return build.build(course, exercise, hand_in, kernel)

    return compiled


def failure(compile_: Build, text: str) -> str:
    with pytest.raises(BuildFailed) as caught:
        compile_(text)
    return str(caught.value)


def test_a_module_is_built_once(compile_: Build, course: House) -> None:
    first = compile_(MODULE)
    built = (first.folder / "prng.ko").stat()
    assert compile_(MODULE) == first
    assert (first.folder / "prng.ko").stat().st_ino == built.st_ino
    loaded = (first.folder / "prng.ko").read_bytes()
    assert len(loaded) < len((first.debug / "prng.ko").read_bytes())
    assert compile_(MODULE + "\n") != first


def test_a_damaged_build_is_made_again(compile_: Build) -> None:
    first = compile_(MODULE)
    good = (first.folder / "prng.ko").read_bytes()
    (first.folder / "prng.ko").write_bytes(good[:100])
    assert (compile_(MODULE).folder / "prng.ko").read_bytes() == good


def test_an_address_leads_to_its_line(compile_: Build) -> None:
    decoder = Decoder(compile_(MODULE).debug)
    (line,) = decoder.decode(("RIP: 0010:prng_init+0x0/0x1000 [prng]",))
    assert line == "RIP: 0010:prng_init+0x0/0x1000 [prng] (prng.c:4)"
    (line,) = decoder.decode(("slab: 1 object at prng:.init.text+0x9",))
    assert line == "slab: 1 object at prng:.init.text+0x9 (prng.c:5)"
    assert decoder.decode(("x+0x1/0x2 [gone]",)) == ["x+0x1/0x2 [gone]"]


def test_a_warning_is_a_failure_and_names_the_line(compile_: Build) -> None:
    said = failure(compile_, MODULE.replace("return 0", "int unused; return 0"))
    assert "prng.c:6:" in said and "unused variable" in said
    assert "/build" not in said and "make" not in said


def test_a_modpost_warning_is_a_failure(compile_: Build) -> None:
    assert "MODULE_LICENSE" in failure(compile_, MODULE.replace("MODULE_LIC", "//"))


def test_a_symbol_that_is_not_allowed(compile_: Build) -> None:
    text = MODULE.replace('pr_info("hello\\n")', "dump_stack()")
    assert failure(compile_, text).startswith("the module uses dump_stack\n")


def test_no_file_of_the_host_is_in_sight(compile_: Build, course: House) -> None:
    secret = course.root / "secret"
    secret.write_text("hidden test\n")
    said = failure(compile_, MODULE + f'\n#include "{secret}"\n')
    assert "No such file" in said and "hidden" not in said
    paths = [secret, Path(__file__), Path("/etc/passwd"), Path("/root")]
    text = MODULE + "\n#if !__has_include(<linux/module.h>)\n#error blind\n#endif\n"
    for path in paths:
        text += f'#if __has_include("{path}")\n#error {path}\n#endif\n'
        text += f'asm(".incbin \\"{path}\\"");\n'
    said = failure(compile_, text)
    assert said.count("file not found") == len(paths) and "#error" not in said


def test_an_endless_compile_is_ended(
    compile_: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sandbox.run, "__defaults__", ((), sandbox.Limits(wall=3), 1 << 16)
    )
    twice = '#if __INCLUDE_LEVEL__ < 60\n#include "prng.c"\n#include "prng.c"\n#endif\n'
    assert failure(compile_, twice) == "the compiler did not end within 3 s"


def test_a_million_warnings_are_counted_not_kept(compile_: Build) -> None:
    text = MODULE + "".join(f'#warning "w{n}"\n' for n in range(12000))
    text += "".join(f"static int f{n}(void) {{ int x; }}\n" for n in range(3000))
    said = failure(compile_, text)
    assert len(said) < 40_000
    assert "warning" in said or "error" in said


def test_too_much_memory_is_refused(compile_: Build) -> None:
    said = failure(compile_, MODULE + "\nchar big[1UL << 31] = { 1 };\n")
    assert said


def test_the_sandbox_has_no_network_and_no_privilege(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    script = "cat /proc/net/dev | wc -l; id -u; ls /; ls /proc | grep -c '^[0-9]'"
    said = sandbox.run(["sh", "-c", script], work).output.split()
    assert said[0] == "3"  # two lines of headings and lo
    assert said[1] == str(sandbox.NOBODY if os.geteuid() == 0 else os.getuid())
    assert set(said[2:-1]) <= set(
        "bin build dev etc lib lib32 lib64 proc sbin tmp usr".split()
    )
    assert int(said[-1]) < 8


def test_missing_headers_are_the_machines_fault(
    course: House, exercise: Exercise, kernel: Kernel
) -> None:
    with pytest.raises(CannotGrade, match="stock kernel is not complete"):
        build.find_kernel(course, "stock")
    folder = course.kernel("stock")
    folder.mkdir(parents=True)
    (folder / "release").write_text(kernel.release + "\n")
    (folder / "headers").symlink_to("/nonexistent")
    with pytest.raises(CannotGrade, match="make setup"):
        build.find_kernel(course, "stock")
    (folder / "headers").unlink()
    (folder / "headers").symlink_to(kernel.headers)
    assert build.find_kernel(course, "stock") == kernel


def test_wildcards_allow_families_of_symbols(exercise: Exercise) -> None:
    listed = "__x86_indirect_thunk_rax U\n_printk U\ncdev_add U\n"
    with pytest.raises(BuildFailed, match="cdev_add"):
        build.check_symbols(exercise, listed)
    build.check_symbols(replace(exercise, symbols=("cdev_*", "_printk")), listed)
