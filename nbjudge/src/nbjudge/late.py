"""A late penalty that grows with every day, as a plug-in of nbgrader.

In nbgrader_config.py:

    c.AssignLatePenalties.plugin_class = "nbjudge.late.PerDay"
    c.PerDay.percent = 10

It needs nothing else of nbjudge and works under nbgrader alone as well.
"""

import math

from nbgrader.plugins import BasePlugin
from traitlets import Bool, Float

__all__ = ["PerDay"]

DAY = 86_400  # seconds
MINUTE = 60


class PerDay(BasePlugin):  # type: ignore[misc]  # nbgrader has no types
    """Deducts points for each day that work is late.

    nbgrader asks for the penalty of each notebook of a submission, and limits it to the points that
    the notebook has earned.

    Raises
    ------
    ValueError
        Where no penalty is set.
    """

    percent = Float(0, min=0, max=100, help="Percent of the points earned that a day costs.").tag(
        config=True
    )
    points = Float(
        0, min=0, help="Points that a day costs, in each notebook; added to those by percent."
    ).tag(config=True)
    whole_days = Bool(
        True,
        help="Whether a day that has begun counts as a whole one. If not, half a day costs half.",
    ).tag(config=True)
    grace_minutes = Float(
        0, min=0, help="Minutes after the due date that cost nothing; days are counted after them."
    ).tag(config=True)
    max_percent = Float(
        100, min=0, max=100, help="Percent of the points earned that are deducted at most."
    ).tag(config=True)

    def __init__(self, **options: object):
        super().__init__(**options)
        if not self.percent and not self.points:
            raise ValueError(
                "c.PerDay.percent and c.PerDay.points are both 0, so late work loses nothing: "
                "set one of them, as c.PerDay.percent = 10"
            )

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float:
        """The points to be deducted from a notebook, to two decimals.

        Parameters
        ----------
        score
            The points that the notebook has earned.
        total_seconds_late
            Since it was due, an extension included.
        """
        days = max(0.0, total_seconds_late - MINUTE * self.grace_minutes) / DAY
        if self.whole_days:
            days = math.ceil(days)
        penalty = days * (self.points + score * self.percent / 100)
        return round(min(penalty, score * self.max_percent / 100), 2)
