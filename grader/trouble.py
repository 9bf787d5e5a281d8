"""Everything that can go wrong without being a defect of the grader.

A `Trouble` says what happened and what to do next; its `status` is the status
with which the process exits: 2 usage or course error, 3 could not grade.
"""


class Trouble(Exception):
    """Usage error: the command line, or the folder it names, is not right."""

    status = 2

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}\n{self.next_step}" if self.next_step else self.what


class CourseError(Trouble):
    """A file of the course, not of a student, is wrong; names file and line."""


class CannotGrade(Trouble):
    """The machine cannot grade now; never the student's fault, costs no points."""

    status = 3


class Terminated(BaseException):
    """A signal asked the grader to end; `status` is 128 + its number."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.status = 128 + signal_number
