"""Each student's standing in a course, for all tables, reports and exports.

`reading.py` reads them.
"""

import datetime
import enum
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from nbgrader.coursedir import CourseDirectory

from nbjudge.course.folders import folder_of
from nbjudge.course.gradebook import Change
from nbjudge.course.outcome import listed
from nbjudge.errors import BoxError
from nbjudge.feedback.plain import check_notebook
from nbjudge.files import reason_of
from nbjudge.points import add_points
from nbjudge.sandbox.box import call_in_box

V = TypeVar("V")


class State(enum.StrEnum):
    """The state of a student's work for an assignment; zero points count as GRADED.

    >>> from nbjudge.plugins.standings import State
    >>> State("graded") is State.GRADED
    True
    >>> print(State.WAITING)
    waiting for a person
    """

    NOT_ASSIGNED = "not assigned"
    NOT_SUBMITTED = "not submitted"
    UNSURE = "may have submitted"
    NOT_GRADED = "not graded yet"
    NOT_GRADABLE = "not gradable"
    WAITING = "waiting for a person"
    GRADED = "graded"


WITHOUT_WORK = (State.NOT_ASSIGNED, State.NOT_SUBMITTED, State.UNSURE)


@dataclass(frozen=True)
class Person:
    """A student in the gradebook; fields that the gradebook lacks are "".

    Attributes
    ----------
    group
        Students with the same group may share work.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    group: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_on_class_list(self) -> bool:
        """True if more than the id is known; grading adds students by id only."""
        return bool(self.name or self.email or self.lms_user_id)


@dataclass(frozen=True)
class Unassigned:
    """Work for an assignment whose author is unknown.

    Attributes
    ----------
    work
        Id under which the work lies, or its file.
    reason
        Why the author is unknown.
    authors
        Students who may be the author; None for every student without work.
    has_id
        True if `work` is an id, which a platform's file may assign to a student.
    """

    work: str
    reason: str
    authors: frozenset[str] | None = None
    has_id: bool = False


def why_unsure(student: str, unassigned: Iterable[Unassigned]) -> str:
    """Return which work a student without work may have submitted, or ""."""
    works: dict[str, list[str]] = {}
    for each in unassigned:
        if each.authors is None or student in each.authors:
            works.setdefault(each.reason, []).append(each.work)
    return "; ".join(f"{listed(names)} ({reason})" for reason, names in works.items())


@dataclass(frozen=True)
class Question:
    """A graded cell of an assignment: its grade id and its points."""

    notebook: str
    name: str
    out_of: float


@dataclass(frozen=True)
class GradedQuestion:
    """A student's points in a question.

    Attributes
    ----------
    points
        Points with extra credit; None while the answer waits for a person.
    by_hand
        "waits" before manual grading, "graded" after it, "again" if the answer waits once more
        because the work or its automatic score has changed since.

    Examples
    --------
    >>> import nbjudge
    >>> from nbjudge.plugins.standings import read_standings
    >>> standings = read_standings(nbjudge.load_course()[0])
    >>> for graded in standings.by_student["bob"]["ps1"].questions:
    ...     print(graded.question.name, graded.points, graded.question.out_of, graded.lost)
    double_test 2.0 2.0 False
    half_test 0.0 3.0 True
    """

    question: Question
    points: float | None
    by_hand: str = ""

    @property
    def lost(self) -> bool:
        """True if the points are known and below the maximum."""
        return self.points is not None and self.points < self.question.out_of


@dataclass(frozen=True)
class Assigned:
    """An assignment of the course."""

    name: str
    questions: tuple[Question, ...]
    duedate: datetime.datetime | None = None
    is_assigned: bool = True

    @property
    def out_of(self) -> float:
        """Maximum points."""
        return add_points(question.out_of for question in self.questions)


@dataclass(frozen=True)
class Standing:
    """A student's standing in an assignment.

    Attributes
    ----------
    why
        Why the work could not be graded, that it has changed since it was graded, or which work the
        student may have submitted; "" in other states.
    questions
        Questions of graded work; empty in states other than WAITING and GRADED.
    penalty
        Points deducted for late work.
    submitted
        Time of the submission in UTC; None if unknown.
    late
        Seconds from the due date, with the extension, to the submission; 0 if either time is
        unknown.
    marked_late
        True if a platform has marked the work as late and its time is unknown.
    change
        Last change in the points made by a grading run, if known.
    """

    student: Person
    assignment: Assigned
    state: State
    _: KW_ONLY
    why: str = ""
    questions: tuple[GradedQuestion, ...] = ()
    penalty: float = 0.0
    submitted: datetime.datetime | None = None
    late: float = 0.0
    marked_late: bool = False
    change: Change | None = None

    @property
    def earned(self) -> float:
        """Points known so far, before the late penalty."""
        return add_points(question.points or 0.0 for question in self.questions)

    @property
    def known_points(self) -> float:
        """Points known so far, after the late penalty."""
        return max(0.0, self.earned - self.penalty)

    @property
    def points(self) -> float | None:
        """Points after the late penalty; None unless the work is graded."""
        return self.known_points if self.state is State.GRADED else None


@dataclass(frozen=True)
class Total:
    """A student's points in the whole course.

    Attributes
    ----------
    points
        Points known so far.
    counted
        Standings included in the total; unassigned assignments are left out.
    """

    student: Person
    points: float
    out_of: float
    counted: tuple[Standing, ...]

    @property
    def open(self) -> tuple[Standing, ...]:
        """Standings whose points may still change: submitted, but not completely graded."""
        final = (State.GRADED, State.NOT_SUBMITTED)
        return tuple(standing for standing in self.counted if standing.state not in final)


@dataclass(frozen=True)
class Standings:
    """All students and assignments of a course, and the standing of each student in each.

    Attributes
    ----------
    remarks
        Messages to the instructor about the folders, one sentence each; `cells` adds unreadable
        graded notebooks.
    unassigned
        Work whose author is unknown, by assignment.

    Examples
    --------
    >>> import nbjudge
    >>> from nbjudge.plugins.standings import read_standings
    >>> standings = read_standings(nbjudge.load_course()[0])
    >>> [(assigned.name, assigned.out_of) for assigned in standings.assignments]
    [('ps1', 5.0)]
    >>> standings.by_student["ann"]["ps1"].points
    5.0
    >>> standings.has_work("ann", "ps1")
    True
    """

    coursedir: CourseDirectory
    students: tuple[Person, ...]
    assignments: tuple[Assigned, ...]
    all: tuple[Standing, ...]
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    unassigned: Mapping[str, Sequence[Unassigned]] = field(default_factory=dict)

    @property
    def outside(self) -> tuple[Person, ...]:
        """Students who are not on the class list; nobody if there is no class list."""
        unlisted = tuple(person for person in self.students if not person.is_on_class_list)
        return unlisted if len(unlisted) < len(self.students) else ()

    @cached_property
    def by_student(self) -> dict[str, dict[str, Standing]]:
        """Standings by student and assignment: {student: {assignment: standing}}."""
        standings: dict[str, dict[str, Standing]] = {person.id: {} for person in self.students}
        for standing in self.all:
            standings[standing.student.id][standing.assignment.name] = standing
        return standings

    def has_work(self, student: str, assignment: str) -> bool:
        """True if the student has submitted something for the assignment."""
        standing = self.by_student.get(student, {}).get(assignment)
        return standing is not None and standing.state not in WITHOUT_WORK

    def only(self, names: Collection[str]) -> "Standings":
        """Return the standings of some assignments; totals then cover only these assignments."""
        return replace(
            self,
            assignments=tuple(assigned for assigned in self.assignments if assigned.name in names),
            all=tuple(standing for standing in self.all if standing.assignment.name in names),
        )

    def read(self, standing: Standing, function: Callable[..., V], *arguments: Any) -> V:
        """Return the value that a function reads in a submission's graded notebooks, in a box.

        Notebooks that cannot be read are skipped and reported in `remarks`.

        Parameters
        ----------
        function
            Function of the notebooks' contents, `list[bytes]`, and the arguments.
        """
        notebooks = list[bytes]()
        for path in self._notebooks(self.coursedir.autograded_directory, standing):
            try:
                content = path.read_bytes()
                call_in_box(check_notebook, content)
                notebooks.append(content)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._report(standing, f"notebook {path.name} cannot be read: {reason_of(error)}")
            except BoxError as error:
                self._report(standing, f"notebook {path.name} cannot be read: {error}")
        try:
            return call_in_box(function, notebooks, *arguments)
        except BoxError as error:
            self._report(standing, f"work cannot be read: {error}")
            return call_in_box(function, [], *arguments)

    def _report(self, standing: Standing, problem: str) -> None:
        remark = (
            f"{standing.assignment.name} of {standing.student.id}: the graded {problem}. Its "
            "points are in the gradebook, but its diagnoses are omitted."
        )
        if remark not in self.remarks:
            self.remarks.append(remark)

    def submitted_notebooks(self, standing: Standing) -> list[Path]:
        """Return the paths of a submission's notebooks, which may be missing."""
        return self._notebooks(self.coursedir.submitted_directory, standing)

    def _notebooks(self, step: str, standing: Standing) -> list[Path]:
        folder = folder_of(self.coursedir, step, standing.student.id, standing.assignment.name)
        names = dict.fromkeys(question.notebook for question in standing.assignment.questions)
        return [Path(folder, f"{name}.ipynb") for name in names]

    def counted(self, standings: Mapping[str, Standing]) -> tuple[Standing, ...]:
        """Return the standings that count for a student's total.

        If an assignment combines other assignments (`c.NbJudge.parts`), either the whole or its
        parts count, whichever gives the student more points; in a tie, the parts count. If only the
        whole or only parts are in `standings`, these count.

        Parameters
        ----------
        standings
            All standings of the student.
        """
        mine = {
            name: standing
            for name, standing in standings.items()
            if standing.state is not State.NOT_ASSIGNED
        }
        for whole, names in self.parts.items():
            parts = [mine[name] for name in names if name in mine]
            if whole in mine and parts:
                if mine[whole].known_points > add_points(part.known_points for part in parts):
                    for part in parts:
                        del mine[part.assignment.name]
                else:
                    del mine[whole]
        return tuple(mine.values())

    def total(self, student: Person) -> Total:
        """Return a student's points in all assignments that count."""
        counted = self.counted(self.by_student[student.id])
        points = add_points(standing.known_points for standing in counted)
        out_of = add_points(standing.assignment.out_of for standing in counted)
        return Total(student, points, out_of, counted)
