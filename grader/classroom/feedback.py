"""Feedback for one student about one exercise: a mail, as a text file."""

import re
import textwrap
from email import policy
from email.message import EmailMessage

from grader import report
from grader.classroom import account, plain
from grader.classroom.grades import Cell
from grader.classroom.lesson import Row
from grader.classroom.shelf import Member
from grader.classroom.term import Term

WIDTH = 76
SHOWN = policy.EmailPolicy(cte_type="8bit", utf8=True, max_line_length=200)
ADDRESS = re.compile(r"[^@\s<>\",;:()\[\]\\]+@[A-Za-z0-9.-]+")
MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


def mail(member: Member, cell: Cell, rows: list[Row], term: Term) -> str:
    """A mail that `sendmail -t` would take; an answer to the hand-in's cover letter."""
    message = EmailMessage(policy=SHOWN)
    if ADDRESS.fullmatch(member.address):
        message["To"] = member.address
    message["Subject"] = f"[{plain.line(term.title)}] {account.headline(cell)}"
    replied = cell.attempt.message_id if cell.attempt else ""
    if MESSAGE_ID.fullmatch(replied):
        message["In-Reply-To"] = replied
        message["References"] = replied
    message.set_content("\n".join(body(cell, rows, term)) + "\n", charset="utf-8")
    return message.as_bytes().decode("utf-8", errors="replace")


def body(cell: Cell, rows: list[Row], term: Term) -> list[str]:
    """The lines of the mail."""
    found = [account.headline(cell), ""]
    for what, text in account.lines(cell, term):
        found += _folded(f"  {what + ':':<12}", text)
    made = cell.attempt
    if made and made.state == "refused":
        found += ["", "It was not graded, and this is why:"]
        for why in made.reasons:
            found += _folded("  - ", plain.line(why))
        found += ["", "Mend this and send the whole series again, as the next version."]
    if made and made.style and made.state == "graded":
        costs = f", which cost {made.cost} points" if made.cost else ", for your eyes"
        found += ["", f"Style{costs}:"]
        found += [f"  {plain.line(finding)}" for finding in made.style]
    failed = [row for row in rows if row.verdict != "pass"]
    if failed and made and made.state == "graded":
        found += ["", f"{len(failed)} of {len(rows)} tests did not pass:"]
        for group in grouped(failed):
            found += ["", *_failure(group)]
    return found


def grouped(rows: list[Row]) -> list[list[Row]]:
    """The rows that did not pass; those that failed in the same way are together."""
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Row]] = {}
    for row in (row for row in rows if row.verdict != "pass"):
        groups.setdefault((row.verdict, row.lines, row.log), []).append(row)
    return list(groups.values())


def _failure(group: list[Row]) -> list[str]:
    first = group[0]
    found = []
    for row in group:
        points = f" (0 of {row.max} points)" if row.max else ""
        found.append(plain.line(row.headline) + points)
    for text in first.lines:
        found += [f"    {line}" for line in report.told(plain.block(text), WIDTH)]
    if first.log:
        found.append("    kernel log:")
        found += [f"      {plain.block(line)}" for line in first.log]
    for number, page in enumerate(first.read):
        found.append(f"    {'       ' if number else 'read:  '}{page}")
    if first.again and first.verdict != "build":
        found.append(f"    again: {first.again}")
    return found


def _folded(start: str, text: str) -> list[str]:
    """`start`, then `text` folded below itself."""
    folded = textwrap.wrap(text, WIDTH - len(start), break_long_words=False) or [""]
    return [start + folded[0], *(" " * len(start) + rest for rest in folded[1:])]
