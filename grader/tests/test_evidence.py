"""Golden logs of a kernel, and what the host reads in them."""

import json
from pathlib import Path

import pytest

from grader import evidence, symbols
from grader.record import Record, parse
from grader.text import clean

GOLDEN = Path(__file__).parent / "golden" / "by-hand"


def record(**fields: object) -> Record:
    base: dict[str, object] = {
        "schema": 1,
        "name": "x",
        "end": "stopped",
        "taint": 12288,
    }
    return parse(json.dumps({**base, **fields}))


@pytest.mark.parametrize(
    "log, verdict, kind, message",
    [
        ("null-write", "oops", "null-pointer", "prng_open() followed a NULL pointer"),
        ("kasan", "sanitizer", "kasan-slab-out-of-bounds", "prng_read() wrote 8 bytes"),
        ("lockdep", "sanitizer", "lockdep-twice", "ledger_read() took a lock"),
        ("atomic-sleep", "sanitizer", "atomic-sleep", "ledger_write() called"),
        ("warn", "sanitizer", "warn", "kdlp_init() failed an assertion"),
        ("list", "sanitizer", "list", "the module damaged a linked list"),
        ("ubsan", "sanitizer", "ubsan-index", "prng.c:40: the module used an index"),
        ("hung", "hang", "hung-task", "the module waits for something"),
        ("lockup", "hang", "lockup", "the module ran on one CPU"),
    ],
)
def test_a_report_of_the_kernel_is_found(
    log: str, verdict: str, kind: str, message: str
) -> None:
    found = evidence.scan((GOLDEN / f"{log}.log").read_text())
    assert [(finding.verdict, finding.kind) for finding in found] == [(verdict, kind)]
    assert found[0].message.startswith(message)
    assert found[0].rule and found[0].why


def test_what_a_module_says_is_not_a_report() -> None:
    assert evidence.scan((GOLDEN / "honest.log").read_text()) == []


def test_a_report_is_quoted_without_registers() -> None:
    lines = evidence.scan((GOLDEN / "null-write.log").read_text())[0].lines
    assert lines[0].startswith("BUG: kernel NULL pointer")
    assert "RIP: 0010:prng_open+0x1a/0x40 [prng]" in lines
    assert any("chrdev_open" in line for line in lines)
    assert not any(line.startswith(("RSP", "RAX", "Code", "Modules")) for line in lines)


def test_reports_of_one_kind_are_told_once() -> None:
    text = (GOLDEN / "warn.log").read_text()
    assert len(evidence.scan(text * 50)) == 1


@pytest.mark.parametrize(
    "bit, verdict",
    [
        (0, "fail"),
        (1, "fail"),
        (5, "sanitizer"),
        (7, "oops"),
        (9, "sanitizer"),
        (14, "hang"),
    ],
)
def test_a_taint_bit_convicts(bit: int, verdict: str) -> None:
    found = evidence.findings(record(taint=12288 | 1 << bit))
    assert [finding.verdict for finding in found] == [verdict]


def test_one_report_explains_the_traces_that_it_leaves() -> None:
    wires = [{"function": name, "args": [0, 0]} for name in ("__warn", "print_modules")]
    taint = 12288 | 1 << 9
    for console in ("", (GOLDEN / "warn.log").read_text()):
        seen = record(console=console, taint=taint, tripwires=wires)
        assert [f.verdict for f in evidence.findings(seen)] == ["sanitizer"]
    oops = (GOLDEN / "null-write.log").read_text()
    seen = record(console=oops, end="panic", taint=None, tripwires=wires)
    assert {f.verdict for f in evidence.findings(seen)} == {"oops"}


def test_out_of_tree_and_unsigned_are_harmless() -> None:
    assert evidence.findings(record(taint=1 << 12 | 1 << 13)) == []
    assert evidence.findings(record(taint=0)) == []
    wires = [{"function": "add_taint", "args": [bit, 0]} for bit in (12, 13)]
    assert evidence.findings(record(tripwires=wires)) == []


@pytest.mark.parametrize(
    "fields, verdict",
    [
        ({"end": "hang", "backtrace": "spin+0x1/0x2 [prng]"}, "hang"),
        ({"end": "panic"}, "oops"),
        ({"end": "reset"}, "oops"),
        ({"audit": {"clean": False, "findings": ["slab kmalloc-32 1"]}}, "leak"),
        ({"console_dropped": 5}, "fail"),
        ({"tripwires": [{"function": "add_taint", "args": [9, 0]}]}, "sanitizer"),
        ({"tripwires": [{"function": "add_taint", "args": [7, 0]}]}, "oops"),
        ({"tripwires": [{"function": "kasan_report", "args": [1, 2]}]}, "sanitizer"),
        ({"tripwires": [{"function": "panic", "args": [1, 2]}]}, "oops"),
    ],
)
def test_how_a_vm_ended_convicts(fields: dict[str, object], verdict: str) -> None:
    assert evidence.findings(record(**fields))[0].verdict == verdict


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": 2, "end": "stopped"}', '{"schema": 1, "end": "x"}'],
)
def test_a_damaged_record_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


def test_a_console_cannot_steer_the_terminal() -> None:
    text = "\x1b[2J\x1b]0;x\x07red\r\nok\x00\tx\n"
    assert clean(text) == "]0;xred\nok\tx\n"


def test_symbols_are_read_from_objdump() -> None:
    listing = (
        "prng.ko:     file format elf64-x86-64\n\nSYMBOL TABLE:\n"
        "0000000000000000 l    d  .text\t0000000000000000 .text\n"
        "0000000000000010 l     F .text\t0000000000000040 prng_open\n"
        "0000000000000000 g     F .init.text\t000000000000004a init_module\n"
        "0000000000000000         *UND*\t0000000000000000 _printk\n"
    )
    table = symbols.parse_symbols(listing)
    assert table["prng_open"] == (".text", 0x10)
    assert table["init_module"] == (".init.text", 0)
    assert "_printk" not in table


def test_the_place_is_the_callers_where_a_header_was_inlined() -> None:
    answer = (
        "./arch/x86/include/asm/processor.h:13\n/build/prng.c:7 (discriminator 1)\n"
    )
    assert symbols.own_place(answer) == "prng.c:7"
    assert symbols.own_place("??:?\n") == ""


def test_places_are_told_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    decoder = symbols.Decoder(tmp_path)
    monkeypatch.setattr(decoder, "_place", lambda *_: " (prng.c:7)")
    for raw, words in (
        (
            "kmalloc in prng_open+0x2a/0x60 [prng], gave",
            "kmalloc in prng_open (prng.c:7), gave",
        ),
        ("in add.isra.0+0x2/0x6 [prng]", "in add (prng.c:7)"),
        ("8 bytes, allocated at prng:.text+0x23", "8 bytes, allocated at prng.c:7"),
        ("vfs_read+0x90/0x250\nrule: a + b", "vfs_read+0x90/0x250\nrule: a + b"),
    ):
        assert decoder.in_words(raw) == words
    monkeypatch.setattr(decoder, "_place", lambda *_: "")
    assert decoder.in_words("in x+0x2/0x6 [prng]") == "in x"
    assert decoder.in_words("at prng:.text+0x23") == "at prng:.text+0x23"


def test_a_hang_is_told_without_the_hosts_own_nmi() -> None:
    backtrace = (
        "tasks:\nCPU:\n"
        "[    3.7] NMI: PCI system error (SERR)\n"
        "[    3.7] Kernel panic - not syncing: NMI: Not continuing\n"
        "[    3.7]  pci_serr_error.part.0+0x3b/0x58\n"
        "[    3.7] RIP: 0010:prng_read+0x9/0x30 [prng]\n"
        "[    3.7]  vfs_read+0x90/0x250\n"
    )
    record = Record("t", end="hang", detail="no end", backtrace=backtrace)
    lines = evidence.findings(record)[0].lines
    assert [line.strip() for line in lines] == [
        "tasks:",
        "CPU:",
        "RIP: 0010:prng_read+0x9/0x30 [prng]",
        "vfs_read+0x90/0x250",
    ]
