"""Verbs that the course will have and does not have yet, and what to use now."""

VERBS = {
    "gdb": "make shell N, where dmesg and /sys/kernel/debug are at hand",
    "submit": "make grade N, then git format-patch --cover-letter by hand",
    "collect": "git am in a scratch clone, one series at a time",
    "grade-class": "make grade N SOURCE=DIR, once for each student's folder",
    "gradebook": "make grade N SOURCE=DIR JSON=file, and collect the JSON files",
    "similar": "sim_c, from Debian's package similarity-tester",
    "handouts": "the Markdown files, which read well as they are",
    "release": "git archive, without the folder solutions/",
}


def message(verb: str) -> str:
    """The answer to a verb of VERBS: two lines, what and what instead."""
    return f"not yet: make {verb}\nuse instead: {VERBS[verb]}"
