"""Compute late penalties by the course's policy."""

import datetime
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from traitlets.config import Config

from nbjudge import plugins
from nbjudge.points import add_points
from nbjudge.settings import NbJudge

if TYPE_CHECKING:
    from nbgrader.plugins import LateSubmissionPlugin

MAX_CHANGES = 8  # questions named in a message about a regraded submission


@dataclass(frozen=True)
class Regraded:
    """The differences that grading a submission again made in the gradebook.

    Attributes
    ----------
    is_same_work
        True if the submitted files are the same as before, so that the assignment or its grading
        has changed.
    questions
        Questions with other points: (grade id, points before, points after). Points are None while
        the answer waits for a person.
    """

    is_same_work: bool
    questions: list[tuple[str, float | None, float | None]]

    @property
    def reopened(self) -> list[str]:
        """Questions whose answers had points and wait for a person again."""
        return [name for name, before, after in self.questions if after is None]

    def __str__(self) -> str:
        changes = [f"{name} {_points(a)} -> {_points(b)}" for name, a, b in sorted(self.questions)]
        work = "the same submission" if self.is_same_work else "a new submission"
        more = len(changes) - MAX_CHANGES
        rest = [f"and {more} more"] if more > 0 else []
        return f"{work}: {', '.join([*changes[:MAX_CHANGES], *rest])}"


def _points(points: float | None) -> str:
    return "waits for a person" if points is None else f"{points:g}"


@dataclass(frozen=True)
class SubmissionPoints:
    """The points of a submission in the gradebook, and the data that late penalties depend on.

    Attributes
    ----------
    due
        Due date of the assignment in UTC, without the extension; None if there is none.
    timestamp
        Time of the submission; None if unknown.
    late
        Seconds from the due date, with the extension, to the submission.
    extension
        Extra time granted to the student.
    points
        Points of each notebook before late penalties, by the notebook's key in the gradebook.
    penalties
        Points deducted from each notebook, by the notebook's key; None without a penalty.
    waiting
        Number of answers that wait for a person; their points do not count.
    regraded
        Differences made by this run, if it graded the submission again.
    """

    student: str
    assignment: str
    due: datetime.datetime | None
    timestamp: datetime.datetime | None
    late: float
    extension: datetime.timedelta
    points: dict[str, float]
    penalties: dict[str, float | None]
    waiting: int = 0
    regraded: Regraded | None = None

    @property
    def penalty(self) -> float:
        """Points deducted from the submission."""
        return add_points(penalty or 0.0 for penalty in self.penalties.values())

    @property
    def total(self) -> float:
        """Points of the submission after late penalties."""
        return add_points([*self.points.values(), -self.penalty])

    def penalized(self, penalties: Mapping[str, float | None]) -> "SubmissionPoints":
        """Return a copy with new late penalties: {key of the notebook: penalty}."""
        return replace(self, penalties={key: penalties.get(key) for key in self.points})


# Function of all submissions of some students, in all assignments: returns the points to deduct
# from their notebooks, by the keys of the notebooks. A student's penalties may depend on any of
# the student's submissions, but not on other students', and not on the order of grading.
LatePolicy = Callable[[Sequence[SubmissionPoints]], Mapping[str, float | None]]
NO_PENALTY: LatePolicy = lambda submissions: {}  # noqa: E731


def penalize(submissions: Sequence[SubmissionPoints], policy: LatePolicy) -> list[SubmissionPoints]:
    """Return copies of students' submissions with the late penalties of a policy."""
    penalties = policy(submissions)
    return [submission.penalized(penalties) for submission in submissions]


def configured_policy(settings: NbJudge) -> LatePolicy:
    """Return the course's policy, `c.NbJudge.late_policy`.

    Raises
    ------
    ValueError
        If no plug-in has a policy of this name, or it does not work; so does the policy itself.
    """
    group, name = "nbjudge.policies", settings.late_policy
    try:
        make = plugins.load(group, name)
    except (LookupError, ValueError) as error:
        raise ValueError(f"c.NbJudge.late_policy: {error}.") from None
    with plugins.naming(group, name):
        policy: LatePolicy = make(settings.config)

    def named(submissions: Sequence[SubmissionPoints]) -> Mapping[str, float | None]:
        with plugins.naming(group, name):
            return policy(submissions)

    return named


def nbgrader_policy(config: Config) -> LatePolicy:
    """Return the policy of nbgrader's plug-in, `c.AssignLatePenalties.plugin_class`.

    The plug-in is called for each notebook of a late submission separately.
    """

    @functools.cache
    def load() -> "LateSubmissionPlugin":
        from nbgrader.preprocessors import AssignLatePenalties  # slow to import

        penalties = AssignLatePenalties(config=config)
        penalties.init_plugin()
        return penalties.plugin_inst

    def penalty(student: str, points: float, late: float) -> float | None:
        given = load().late_submission_penalty(student, points, late)
        if given is not None and math.isnan(given):
            raise ValueError(f"{type(load()).__name__} returned nan instead of a number")
        return None if given is None else min(max(0, given), points)

    return lambda submissions: {
        key: penalty(submission.student, points, submission.late)
        for submission in submissions
        if submission.late
        for key, points in submission.points.items()
    }
