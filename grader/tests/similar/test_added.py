"""What counts as a student's own: pure text, no program is run."""

from grader.similar.added import (
    MOST_ALIKE,
    MOST_LINES,
    MOST_UNITS,
    shape,
    subtract,
    without_comments,
)

SKELETON = """\
static int first(int a)
{
	int b = a;

	return b;
}

static int second(int c)
{
	work(c);
	return 0;
}
""".split(
    "\n"
)
OWN = "\tif (b > 3)"


def own(lines: list[str]) -> list[str]:
    text = subtract(lines, [SKELETON])
    return [text.lines[index] for index in text.own()]


def test_the_skeleton_itself_adds_nothing() -> None:
    assert own(SKELETON) == []


def test_a_line_between_lines_of_the_skeleton_is_added() -> None:
    assert own([*SKELETON[:4], OWN, *SKELETON[4:]]) == [OWN]


def test_the_skeleton_under_other_names_adds_nothing() -> None:
    text = "\n".join(SKELETON).replace("first", "uno").replace("b", "beta")
    assert own(text.split("\n")) == []


def test_the_functions_of_the_skeleton_in_another_order_add_nothing() -> None:
    assert own([*SKELETON[7:], *SKELETON[:7]]) == []


def test_includes_and_empty_lines_are_nobodys() -> None:
    assert own([*SKELETON, "", "#include <linux/fs.h>", OWN]) == [OWN]


def test_two_skeletons_are_both_taken_off() -> None:
    text = subtract([*SKELETON, OWN], [SKELETON, [OWN]])
    assert text.own() == []


def test_an_older_skeleton_takes_rows_of_lines_and_no_single_ones() -> None:
    rows = [OWN, "\t\tgo();", "\telse"]
    assert subtract([*rows, "", *SKELETON], [SKELETON], [rows]).own() == []
    assert subtract([*SKELETON, OWN], [SKELETON], [rows]).own() == [len(SKELETON)]


def test_the_shape_of_a_line_knows_no_names_and_no_numbers() -> None:
    assert shape("x = first(7, 'a', \"b\");") == shape("y2 = g(0x1f, '\\n', \"\");")
    assert shape("x += y") != shape("x -= y")
    assert shape("return x;") != shape("break x;")


def test_comments_go_and_strings_stay() -> None:
    assert without_comments('a /* b */ c // d\n"/* e */"') == 'a   c  \n"/* e */"'


def test_an_endless_file_is_cut() -> None:
    text = subtract([OWN, "\tb = 3;"] * MOST_LINES, [SKELETON])
    assert len(text.lines) == MOST_LINES
    assert sum(len(shape(text.lines[index])) for index in text.own()) <= MOST_UNITS


def test_lines_that_nobody_writes_are_not_compared() -> None:
    assert own([*SKELETON, *[OWN] * 50]) == [OWN] * MOST_ALIKE
    assert own([*SKELETON, "(" * 5000, OWN]) == [OWN]
