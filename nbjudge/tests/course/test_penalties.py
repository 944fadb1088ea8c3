"""Late penalties depend on a student's submissions alone, not on their order."""

import datetime
import math
import random

import pytest
from traitlets.config import Config

from nbjudge.course.penalties import SubmissionPoints, configured_policy, late_penalties


def submission(student, late, **points):
    when = datetime.datetime(2030, 1, 2)
    return SubmissionPoints(student, "ps1", None, when, late, datetime.timedelta(), points, {})


def test_each_late_notebook_has_its_penalty_and_no_other():
    late = submission("ann", 60.0, a=4.0, b=2.0)
    on_time = submission("ben", 0.0, c=4.0)
    penalties = late_penalties([late, on_time], lambda student, points, late: points / 2)
    assert penalties == {"a": 2.0, "b": 1.0, "c": None}
    assert late.penalized(penalties).total == 3
    assert on_time.penalized(penalties).total == 4


def test_the_order_makes_no_difference():
    works = [submission(f"s{n}", 60.0 * n, **{f"n{n}": 5.0}) for n in range(10)]
    rule = lambda student, points, late: min(points, late / 60)  # noqa: E731
    mixed = random.Random(1).sample(works, len(works))
    assert late_penalties(mixed, rule) == late_penalties(works, rule)


@pytest.mark.parametrize(("given", "penalty"), [(1.5, 1.5), (9, 4.0), (-1, 0), (None, None)])
def test_a_plugin_takes_no_more_than_the_points(monkeypatch, given, penalty):
    monkeypatch.setattr(
        "nbgrader.plugins.LateSubmissionPlugin.late_submission_penalty", lambda *_: given
    )
    assert configured_policy(Config())("ann", 4.0, 60.0) == penalty


def test_a_plugin_that_gives_no_number_is_an_error(monkeypatch):
    monkeypatch.setattr(
        "nbgrader.plugins.LateSubmissionPlugin.late_submission_penalty", lambda *_: math.nan
    )
    with pytest.raises(ValueError, match="LateSubmissionPlugin returned nan"):
        configured_policy(Config())("ann", 4.0, 60.0)
