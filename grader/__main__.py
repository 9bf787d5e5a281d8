"""Entry: `python3 -m grader VERB ...`.

Only the standard library is imported here, because on a fresh machine this is
what installs the rest. Exit status: 0 all passed, 1 tests failed, 2 usage or
course error, 3 could not grade, 128+N ended by signal N.
"""

import errno
import os
import signal
import sys
from types import FrameType

from grader import later, process, setup
from grader.trouble import Terminated, Trouble

# What GNU make tells its children, and would tell the makes that we start.
MAKE_VARIABLES = ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "GNUMAKEFLAGS")
OPTION_VARIABLES = (
    "SOURCE",
    "KERNEL",
    "JOBS",
    "SEED",
    "JSON",
    "TEST",
    "YES",
    "RUNS",
    "CLEAN",
    "TOLD",
    "REGRADE",
    "NOTE",
    "ENGINE",
    "STUDENT",
    "POINTS",
    "REASON",
    "AUTHOR",
    "EARLIER",
    "FROM",
    "ROSTER",
    "AUTHSERV",
    "VERSION",
    "BASE",
    "TO",
    "RFC",
)


def terminate(number: int, _frame: FrameType | None) -> None:
    """Signal handler: ends every child, then unwinds the main thread."""
    process.end_all()
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated(number)


def explain(error: OSError) -> str:
    """One clear message for a failure of the machine, not of the user's input."""
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"the disk is full{where}\nnext: free some space, for example rm -r build"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return (
            f"no permission{where}\n"
            "next: run as the owner of this folder, or remove build/ as that user"
        )
    return f"{error.strerror or error}{where}\nnext: make setup"


def run(arguments: list[str]) -> int:
    """Answers one verb; returns the exit status."""
    verb = arguments[0] if arguments else "--help"
    instead = later.message(verb)
    if instead:
        print(instead, file=sys.stderr)
        return 2
    setup.install_packages("grade")
    try:
        from grader import cli  # its packages may have come a moment ago
    except ModuleNotFoundError as error:
        raise Trouble(
            f"{sys.executable} has no module {error.name}",
            "next: /usr/bin/python3 -m grader " + " ".join(arguments),
        ) from error
    return cli.main(arguments)


def main(arguments: list[str]) -> int:
    """`run`, with every expected trouble turned into a message and a status."""
    for name in MAKE_VARIABLES + OPTION_VARIABLES:
        os.environ.pop(name, None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, terminate)
    os.umask(0o022)
    try:
        return run(arguments)
    except Trouble as trouble:
        message, status = str(trouble), trouble.status
    except KeyboardInterrupt:
        message, status = "interrupted", 128 + signal.SIGINT
    except Terminated as ended:
        message, status = "ended by a signal", ended.status
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        return 128 + signal.SIGPIPE
    except OSError as error:
        message, status = explain(error), 3
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
