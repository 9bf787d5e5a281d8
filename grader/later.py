"""Verbs that are not here: those that the course will have, and those of its staff."""

from importlib.util import find_spec

VERBS = {
    "gdb": "make shell N, where dmesg and /sys/kernel/debug are at hand",
}
# What a student release does not have, and what it is there for.
STAFF = {
    "bench": "measures virtual machines with a solution",
    "canaries": "marks the files of solutions/",
    "collect": "sorts what a class hands in",
    "golden": "records what the kernels say of bad modules",
    "grade-class": "grades what a class handed in",
    "gradebook": "keeps the grades of a class",
    "handouts": "makes pages and slides of lectures and exercises",
    "override": "sets points by hand",
    "release": "makes what you have here",
    "similar": "compares what a class handed in",
    "skeletons": "derives skeletons from solutions",
    "soak": "grades solutions again and again",
    "transcripts": "runs what the lectures show",
}


def message(verb: str) -> str:
    """The answer to a verb that is not here; empty for one that is."""
    if verb in STAFF and find_spec("grader.staff") is None:
        return f"make {verb} is for the staff of the course: it {STAFF[verb]}"
    if verb in VERBS:
        return f"not yet: make {verb}\nuse instead: {VERBS[verb]}"
    return ""
