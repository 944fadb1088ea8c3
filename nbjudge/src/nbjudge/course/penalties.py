"""Late penalties: what the course's policy deducts from submissions."""

import datetime
import functools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from traitlets.config import Config

if TYPE_CHECKING:
    from nbgrader.plugins import LateSubmissionPlugin

# Called with a student, the points of a notebook, and the seconds that the submission is late.
LatePolicy = Callable[[str, float, float], float | None]
NO_PENALTY: LatePolicy = lambda student, points, late: None  # noqa: E731


@dataclass(frozen=True)
class SubmissionPoints:
    """The points of a submission in the gradebook, and what late penalties depend on.

    Attributes
    ----------
    timestamp
        When it was submitted; None where that is not known.
    late
        Seconds after it was due, an extension included.
    extension
        How much longer than others the student had.
    points
        Of its notebooks, without late penalties, by their keys.
    penalties
        Points that are deducted, by the same keys; None where there is no late penalty.
    """

    student: str
    timestamp: datetime.datetime | None
    late: float
    extension: datetime.timedelta
    points: dict[str, float]
    penalties: dict[str, float | None]

    @property
    def penalty(self) -> float:
        """The points that are deducted from the submission."""
        return sum(penalty or 0.0 for penalty in self.penalties.values())

    @property
    def total(self) -> float:
        """The points of the submission, late penalties deducted."""
        return sum(self.points.values()) - self.penalty

    def penalized(self, penalties: Mapping[str, float | None]) -> "SubmissionPoints":
        """The same with other late penalties, by the keys of notebooks."""
        return replace(self, penalties={key: penalties[key] for key in self.points})


def late_penalties(
    submissions: Iterable[SubmissionPoints], policy: LatePolicy
) -> dict[str, float | None]:
    """Compute the points to be deducted from the notebooks of late submissions, by their keys.

    Nothing else counts, so that the order in which work is graded makes no difference.
    """
    return {
        key: policy(submission.student, points, submission.late) if submission.late else None
        for submission in submissions
        for key, points in submission.points.items()
    }


def configured_policy(config: Config) -> LatePolicy:
    """Return the policy of nbgrader's plug-in, `c.AssignLatePenalties.plugin_class`."""

    @functools.cache
    def load() -> "LateSubmissionPlugin":
        from nbgrader.preprocessors import AssignLatePenalties  # which takes long to load

        penalties = AssignLatePenalties(config=config)
        penalties.init_plugin()
        return penalties.plugin_inst

    def policy(student: str, points: float, late: float) -> float | None:
        penalty = load().late_submission_penalty(student, points, late)
        if penalty is not None and math.isnan(penalty):
            raise ValueError(f"{type(load()).__name__} gave nan, not a number")
        return None if penalty is None else min(max(0, penalty), points)

    return policy
