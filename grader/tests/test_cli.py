"""The verbs, as they are typed: exit statuses and messages."""

import os
import subprocess
from pathlib import Path

import pytest

from grader import course
from grader.house import House
from grader.later import STAFF, VERBS

STOCK = ("grade", "13-prng", "--kernel", "stock")  # builds no kernel
ABSENT = sorted(VERBS if course.staff() else {*VERBS, *STAFF})


def make(
    real: House, *words: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-s", *words],
        cwd=real.root,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def grader(real: House, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/usr/bin/python3", "-B", "-m", "grader", *words],
        cwd=real.root,
        capture_output=True,
        text=True,
    )


def test_help_is_the_default_and_lists_what_works(real: House) -> None:
    help_text = make(real).stdout
    verbs = "setup exercise grade watch hint reset status shell submit check"
    for verb in verbs.split():
        assert f"make {verb} " in help_text
    assert not any(f"make {verb} " in help_text for verb in VERBS)


@pytest.mark.parametrize(
    "verb", ["exercise", "grade", "hint", "reset", "shell", "submit"]
)
def test_an_unknown_exercise_lists_what_there_is(real: House, verb: str) -> None:
    done = make(real, verb, "99")
    assert done.returncode == 2
    assert "unknown exercise: 99\nthere is: 13-prng" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("verb", ABSENT)
def test_a_verb_that_is_not_here_says_what_it_is(real: House, verb: str) -> None:
    done = make(real, verb)
    answer = f"not yet: make {verb}\nuse instead: "
    if course.staff() is None and verb in STAFF:
        answer = f"make {verb} is for the staff of the course: it {STAFF[verb]}\n"
    assert (done.returncode, done.stderr.startswith(answer)) == (2, True)


def test_options_arrive_as_they_were_written(real: House) -> None:
    test = 'it\'s "a" name; $(id) `id` *'
    done = make(
        real, "-n", "grade", "13", "14-x", f"TEST={test}".replace("$", "$$"), "SEED=7"
    )
    line = done.stdout.split("\n")[0]
    script = line.replace("/usr/bin/python3", "printf '%s\\n'", 1)
    words = subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout
    assert f"--test={test}\n" in words
    assert words.endswith("--seed=7\n" + f"--test={test}\n13\n14-x\n")


@pytest.mark.parametrize(
    "words, message",
    [
        ([*STOCK, "--source", "/nonexistent"], "no such folder"),
        (["grade", "13-prng", "--kernel", "mine"], "has no such kernel"),
        ([*STOCK, "--test", "nothing of that name"], "no test is called"),
        (["grade", "13-prng", "--json", "/nonexistent/r.json"], "no such folder"),
        (["grade", "13-prng", "--jobs", "0"], "0 is not in the range"),
        (["grade", "13-prng", "--seed", "x"], "not a valid integer"),
        (["grade", "--colour"], "No such option"),
        (["dance"], "No such command"),
        (["hint"], "which exercise?"),
        (["submit"], "which exercise?"),
        (["submit", "13-prng", "--version", "0"], "0 is not in the range"),
    ],
)
def test_a_usage_error_has_status_2(
    real: House, words: list[str], message: str
) -> None:
    done = grader(real, *words)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert message in done.stderr


def test_another_python_first_in_path_does_not_matter(
    real: House, tmp_path: Path
) -> None:
    for name in ("python3", "python", "awk3"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 99\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "click.py").write_text("raise SystemExit(98)\n")
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = make(real, "status", PATH=path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 0 and "13-prng" in done.stdout
