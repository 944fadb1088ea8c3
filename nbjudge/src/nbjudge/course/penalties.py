"""Compute late penalties by the course's policy."""

import datetime
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import TYPE_CHECKING

from traitlets.config import Config

from nbjudge import plugins
from nbjudge.points import DECIMALS, add_points
from nbjudge.settings import NbJudge
from nbjudge.wording import as_sentence

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


@dataclass(frozen=True, kw_only=True)
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
    elsewhere
        Changes in the points of the student's other assignments, made by this run's late penalties:
        {assignment: both numbers and the reason}.
    """

    student: str
    assignment: str
    due: datetime.datetime | None = None
    timestamp: datetime.datetime | None = None
    late: float = 0.0
    extension: datetime.timedelta = datetime.timedelta()
    points: dict[str, float] = field(default_factory=dict)
    penalties: dict[str, float | None] = field(default_factory=dict)
    waiting: int = 0
    regraded: Regraded | None = None
    elsewhere: Mapping[str, str] = field(default_factory=dict)

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


class PenaltyError(Exception):
    """The policy has failed or returned invalid penalties; the cause is the exception."""


def penalize(submissions: Sequence[SubmissionPoints], policy: LatePolicy) -> list[SubmissionPoints]:
    """Return copies of students' submissions with the late penalties of a policy.

    Raises
    ------
    PenaltyError
        If the policy fails.
    """
    try:
        penalties = policy(submissions)
    except Exception as error:  # from a plug-in
        raise PenaltyError from error
    return [submission.penalized(penalties) for submission in submissions]


def keep_penalties(submissions: Sequence[SubmissionPoints]) -> dict[str, float | None]:
    """Return the penalties in the gradebook, at most the points: the policy while another fails."""
    return {
        key: min(max(penalty, min(0.0, points)), max(0.0, points))
        for submission in submissions
        for key, points in submission.points.items()
        if (penalty := submission.penalties[key]) is not None
    }


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
        raise ValueError(f"c.NbJudge.late_policy: {as_sentence(error)}") from None
    with plugins.naming(group, name):
        policy = make(settings.config)
        if not callable(policy):
            raise TypeError(f"expected a function of submissions, not {policy!r:.60}")

    def checked(submissions: Sequence[SubmissionPoints]) -> dict[str, float | None]:
        with plugins.naming(group, name):
            penalties = policy(submissions)
            _check(submissions, penalties)
        return {key: None if given is None else float(given) for key, given in penalties.items()}

    return checked


def _check(submissions: Sequence[SubmissionPoints], penalties: object) -> None:
    """Raise TypeError or ValueError if a policy may not return these penalties."""
    form = "{key of a notebook in submission.points: points to deduct}"
    if not isinstance(penalties, Mapping):
        raise TypeError(f"expected a dict, {form}, not {penalties!r:.60}")
    notebooks = {key: submission for submission in submissions for key in submission.points}
    for key, given in penalties.items():
        if key not in notebooks:
            raise ValueError(f"expected a dict, {form}, not one with the key {key!r:.60}")
        points, work = notebooks[key].points[key], notebooks[key]
        least, most = min(0.0, points), max(0.0, points)  # as nbgrader, for negative points
        if given is not None and not (
            _is_finite(given) and least <= round(given, DECIMALS) <= most
        ):
            raise ValueError(
                f"expected None or a number from {least:g} to {most:g}, the points of the "
                f"notebook, to deduct from {work.assignment} of {work.student}, not {given!r:.60}"
            )


def _is_finite(number: object) -> bool:
    return isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)


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
        if given is not None and (not isinstance(given, Real) or math.isnan(given)):
            raise ValueError(f"{type(load()).__name__} returned {given!r:.60} instead of a number")
        return None if given is None else min(max(0.0, float(given)), points)

    return lambda submissions: {
        key: penalty(submission.student, points, submission.late)
        for submission in submissions
        if submission.late
        for key, points in submission.points.items()
    }
