"""One result of one test, or nothing: forged lines never count."""

import pytest

from grader import tap

FAILED = """\
1..1
not ok 1 it reads
# (from function `assert_equal' in file /usr/lib/bats/bats-assert/src/a.bash, line 40,
#  in test file a.bats, line 13)
#   `assert_equal "$output" 2' failed
#
# -- values do not equal --
# expected : 2
# actual   : 1
# --
#
"""


def test_a_pass() -> None:
    result = tap.parse("1..1\nok 1 it reads\n")
    assert (result.name, result.passed, result.said) == ("it reads", True, ())


def test_a_failure_says_what_was_expected() -> None:
    result = tap.parse(FAILED)
    assert not result.passed and not result.in_teardown
    assert tap.excerpt(result) == [
        'failed: assert_equal "$output" 2',
        "-- values do not equal --",
        "expected : 2",
        "actual   : 1",
    ]


def test_forged_results_in_comments_are_only_words() -> None:
    forged = FAILED + "# ok 1 it reads\n# 1..1\n#   ok 2 x\r ok 1 it reads\n"
    assert not tap.parse(forged).passed


@pytest.mark.parametrize(
    "stream",
    [
        "",
        "1..0\n",
        "1..1\n",
        "ok 1 it reads\n",
        "1..1\nok 1 it reads\nok 1 it reads\n",
        "1..1\nok 1 it reads\nok 2 another\n",
        "1..1\nnot ok 1 it reads\nok 1 it reads\n",
        "1..2\nok 1 it reads\nok 2 another\n",
        "1..1\n1..1\nok 1 it reads\n",
        "1..1\nok 2 it reads\n",
        "1..1\nok 1 it reads\nwhat a guest wrote to descriptor 3\n",
        "1..1\nok 1\n",
    ],
)
def test_anything_but_one_result_is_malformed(stream: str) -> None:
    with pytest.raises(tap.Malformed):
        tap.parse(stream)


def test_time_out_and_skip_are_not_part_of_the_name() -> None:
    result = tap.parse("1..1\nnot ok 1 it reads # timeout after 2s\n")
    assert result.name == "it reads" and result.timed_out
    assert tap.parse("1..1\nok 1 it reads # skip no time\n").skipped


def test_a_failed_teardown_is_told_apart() -> None:
    stream = FAILED.replace("`assert_equal' in file", "`vm_finish' in file")
    assert tap.parse(stream).in_teardown


def test_an_excerpt_is_short() -> None:
    result = tap.parse(FAILED + "# x\n" * 1000)
    assert len(tap.excerpt(result)) == tap.SHOWN_LINES + 1
    assert tap.excerpt(result)[-1] == "964 more lines"
