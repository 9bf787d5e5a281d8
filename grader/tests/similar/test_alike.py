"""Copies are above the line and independent right solutions below it: measured on the
course's own sources, each of which scores in full."""

import random
from collections.abc import Callable
from itertools import combinations

import pytest

from grader import catalog, mutants, stage
from grader.house import House
from grader.similar import gather, tester
from grader.similar.pairs import EARLIER, LEAST, LINE, STUDENT, Pair, Source, pair_up
from grader.synthetic.rewrite import recommented, renamed, reordered, respelled

EXERCISES = ("13-prng", "14-kkey")
CHANGES = [
    pytest.param(renamed, id="renamed"),
    pytest.param(lambda text: recommented(text, "mine"), id="other comments"),
    pytest.param(
        lambda text: reordered(renamed(text), random.Random(1)), id="other order"
    ),
    pytest.param(lambda text: respelled(text, random.Random(1), 0.25), id="respelled"),
]
FAR = 10  # per cent that lie between the line and whatever is on either side of it


def sources(real: House, name: str, texts: dict[str, str]) -> list[Source]:
    """A class in which each of `texts` was handed in, by a student of that name."""
    file = catalog.load(real, name).files[0]
    return [
        Source(who, STUDENT, ((file, text.encode()),), "v1")
        for who, text in texts.items()
    ]


def compare(
    real: House, name: str, texts: dict[str, str], others: list[Source] | None = None
) -> dict[tuple[str, str], Pair]:
    """The pairs of such a class, and with the staff's solutions, by both names."""
    exercise = catalog.load(real, name)
    students = sources(real, name, texts)
    more = gather.references(real, exercise) if others is None else others
    pieces = gather.pieces(real, exercise, [*students, *more])
    written = [piece.compared() for piece in pieces]
    count = len(students)
    likeness = tester.likeness(real, written[:count], written[count:])
    return {
        (pieces[pair.one].source.author, pieces[pair.other].source.author): pair
        for pair in pair_up(pieces, likeness)
    }


def solution(real: House, name: str) -> str:
    exercise = catalog.load(real, name)
    return stage.solution(real, exercise).files[exercise.files[0]].decode()


def independent(real: House, name: str) -> dict[str, str]:
    """Right solutions that were written apart from each other."""
    found = gather.references(real, catalog.load(real, name))
    return {one.author: one.files[0][1].decode() for one in found}


@pytest.mark.parametrize("name", EXERCISES)
def test_solutions_written_apart_are_below_the_line(real: House, name: str) -> None:
    texts = independent(real, name)
    found = compare(real, name, texts, [])
    assert set(found) == set(combinations(texts, 2)) and len(texts) >= 3
    assert max(pair.percent for pair in found.values()) <= LINE - FAR, found


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_is_above_the_line_whatever_its_names_order_and_comments(
    real: House, name: str, change: Callable[[str], str]
) -> None:
    for who, text in independent(real, name).items():
        copy = change(text)
        assert copy != text
        (pair,) = compare(real, name, {"one": text, "two": copy}, []).values()
        assert pair.percent >= LINE + FAR, (who, pair)


def test_a_copy_with_a_mistake_of_its_own_is_above_the_line(real: House) -> None:
    exercise = catalog.load(real, "13-prng")
    wrong = mutants.apply(real, exercise, mutants.load(real, exercise)[0])
    texts = {
        "right": solution(real, "13-prng"),
        "wrong": wrong.files["prng.c"].decode(),
    }
    (pair,) = compare(real, "13-prng", texts, []).values()
    assert pair.alike


def test_half_a_page_of_own_code_does_not_hide_a_copy(real: House) -> None:
    text = independent(real, "13-prng")["others/by-steps.c"]
    padding = independent(real, "14-kkey")["others/by-pages.c"]
    texts = {"one": text, "padded": text + padding}
    (pair,) = compare(real, "13-prng", texts, []).values()
    assert pair.forth >= LINE + FAR and pair.back < LINE


def test_what_two_share_is_told_from_what_both_have_of_the_solution(
    real: House,
) -> None:
    known = independent(real, "13-prng")
    own = known.pop("others/by-words.c")
    leaked = known["the solution"]
    texts = {"a": own, "b": renamed(own), "c": leaked, "d": renamed(leaked)}
    references = [
        one
        for one in gather.references(real, catalog.load(real, "13-prng"))
        if one.author == "the solution"
    ]
    found = compare(real, "13-prng", texts, references)
    above = {names: pair.what for names, pair in found.items() if pair.alike}
    assert above == {
        ("a", "b"): "shared by two students",
        ("c", "d"): "both like the staff's solution",
        ("c", "the solution"): "like the staff's solution",
        ("d", "the solution"): "like the staff's solution",
    }


def test_an_earlier_year_is_told_from_one_s_own_earlier_hand_in(real: House) -> None:
    text = independent(real, "13-prng")["others/by-hints.c"]
    earlier = [
        Source(who, EARLIER, (("prng.c", text.encode()),), "v2", "2025")
        for who in ("alice", "old")
    ]
    found = compare(real, "13-prng", {"alice": renamed(text)}, earlier)
    assert {names: pair.what for names, pair in found.items()} == {
        ("alice", "alice"): "the same name in an earlier year",
        ("alice", "old"): "from an earlier year",
    }


def test_the_skeleton_and_its_first_steps_give_no_alarm(real: House) -> None:
    exercise = catalog.load(real, "13-prng")
    skeleton = stage.skeleton(real, exercise).files["prng.c"].decode()
    step = skeleton.replace(
        "\terr = 0;\n",
        '\terr = alloc_chrdev_region(&prng_base, 0, PRNG_MINORS, "prng");\n',
        1,
    )
    assert step != skeleton
    texts = {"a": skeleton, "b": skeleton, "c": step, "d": renamed(step)}
    assert compare(real, "13-prng", texts) == {}


@pytest.mark.parametrize("name", ["13-repair", "16-openpath"])
def test_an_exercise_with_little_to_write_gives_no_alarm(
    real: House, name: str
) -> None:
    text = solution(real, name)
    pieces = gather.pieces(
        real, catalog.load(real, name), sources(real, name, {"a": text})
    )
    tokens = tester.likeness(real, [piece.compared() for piece in pieces], []).tokens
    assert 0 < tokens[0] < LEAST
    assert compare(real, name, {"a": text, "b": text}) == {}


def test_a_text_that_is_no_program_keeps_nobody_from_being_compared(
    real: House,
) -> None:
    good = independent(real, "13-prng")["others/by-words.c"]
    texts = ["int a = " + "(" * 9000 + ";", '"' * 9001, "}\n" * 1000, "/*" * 50000]
    texts.append("if (a)\nb = 1;\n" * 2500)
    odd = {f"odd{number}": text for number, text in enumerate(texts)}
    found = compare(real, "13-prng", {"a": good, "b": good, **odd}, [])
    alike = {names for names, pair in found.items() if pair.alike}
    assert alike == {("a", "b")}
