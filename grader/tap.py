"""Reads what bats prints for one test: TAP, with the test's words in comments.

Only whole lines that begin a plan or a result count. Whatever the code under
test prints reaches this stream inside comments, `# ...`, or not at all.
"""

import re
from dataclasses import dataclass

from grader.text import clean

PLAN = re.compile(r"1\.\.(\d+)")
RESULT = re.compile(r"(ok|not ok) (\d+) (.*)")
TIMEOUT = re.compile(r" # timeout after [\d.]+s$")
SKIP = re.compile(r" # skip\b.*$")
PLACE = re.compile(r"#\s+\(?(?:from function|in test file).*")
CALL = re.compile(r"#   `(.*)' failed")
TEARDOWN = re.compile(r"from function `(?:teardown|vm_finish|\w+_audit)'")
SHOWN_LINES = 40


class Malformed(Exception):
    """The stream is not that of one test which ran once."""


@dataclass(frozen=True)
class Result:
    """What bats says about one test: `said` are the lines of its comments."""

    name: str
    passed: bool
    timed_out: bool
    skipped: bool
    said: tuple[str, ...]

    @property
    def in_teardown(self) -> bool:
        """Whether what failed is the clean-up after the test, not the test."""
        head = "\n".join(line for line in self.said[:6] if PLACE.match(line))
        return not self.passed and TEARDOWN.search(head) is not None


def parse(stream: str) -> Result:
    """The one result in `stream`; raises Malformed when there is not exactly one,
    under the plan 1..1 and with the number 1."""
    plans: list[str] = []
    results: list[tuple[str, str, str]] = []
    said: list[str] = []
    for line in stream.split("\n"):
        plan = PLAN.fullmatch(line)
        result = RESULT.fullmatch(line)
        if plan:
            plans.append(plan[1])
        elif result:
            results.append((result[1], result[2], result[3]))
        elif line.startswith("#"):
            said.append(line)
        elif line:
            raise Malformed(
                f"a line that is neither plan, result nor comment: {line!r}"
            )
    if plans != ["1"]:
        raise Malformed(f"plan of {','.join(plans) or 'nothing'} instead of 1 test")
    if len(results) != 1 or results[0][1] != "1":
        raise Malformed(f"{len(results)} results instead of 1")
    word, _, name = results[0]
    timed_out = TIMEOUT.search(name) is not None
    skipped = SKIP.search(name) is not None
    name = SKIP.sub("", TIMEOUT.sub("", name))
    return Result(name, word == "ok", timed_out, skipped, tuple(said))


def excerpt(result: Result) -> list[str]:
    """The words of a failure for people: the failed command, then what it said."""
    lines: list[str] = []
    for line in result.said:
        if PLACE.match(line):
            continue
        call = CALL.match(line)
        lines.append(
            f"failed: {call[1]}" if call else line[1:].removeprefix(" ").rstrip()
        )
    while lines and not lines[-1]:
        lines.pop()
    kept = [line for line in lines if line not in ("", "--")]
    if len(kept) > SHOWN_LINES:
        kept = kept[:SHOWN_LINES] + [f"{len(kept) - SHOWN_LINES} more lines"]
    return [clean(line)[:300] for line in kept]
