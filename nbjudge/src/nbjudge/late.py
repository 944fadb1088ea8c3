"""A late-penalty plug-in for nbgrader that deducts points per day.

In nbgrader_config.py:

    c.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
    c.PerDay.percent = 10

The plug-in depends on no other part of nbjudge and also works with nbgrader alone.
"""

import math

from nbgrader.plugins import BasePlugin
from traitlets import Bool, Float

__all__ = ["PerDay"]

DAY = 86_400  # seconds
MINUTE = 60


class PerDay(BasePlugin):  # type: ignore[misc]  # nbgrader has no types
    """Deducts points for each day that work is late.

    nbgrader requests a penalty for each notebook of a submission, and caps the penalty at the
    points that the notebook has earned.

    Raises
    ------
    ValueError
        If no penalty is set.
    """

    percent = Float(
        0, min=0, max=100, help="Percentage of the earned points deducted per day."
    ).tag(config=True)
    points = Float(
        0, min=0, help="Points per day, deducted from each notebook in addition to `percent`."
    ).tag(config=True)
    whole_days = Bool(
        True,
        help="Round days up: a day that has begun counts as a full day. Otherwise, half a day "
        "costs half.",
    ).tag(config=True)
    grace_minutes = Float(
        0, min=0, help="Minutes after the due date without a penalty; days are counted after them."
    ).tag(config=True)
    max_percent = Float(
        100, min=0, max=100, help="Maximum deduction, as a percentage of the earned points."
    ).tag(config=True)

    def __init__(self, **options: object):
        super().__init__(**options)
        if not self.percent and not self.points:
            raise ValueError(
                "c.PerDay.percent and c.PerDay.points are both 0, so late work loses nothing: "
                "set one of them, for example c.PerDay.percent = 10"
            )

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """Return the points to deduct from a notebook, rounded to two decimals.

        Parameters
        ----------
        score
            Points that the notebook has earned.
        total_seconds_late
            Seconds since the due date, including any extension.
        """
        days = max(0.0, total_seconds_late - MINUTE * self.grace_minutes) / DAY
        if self.whole_days:
            days = math.ceil(days)
        penalty = days * (self.points + score * self.percent / 100)
        return round(min(penalty, score * self.max_percent / 100), 2)
