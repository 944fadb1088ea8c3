"""Late penalties depend on a student's submissions alone, not on their order."""

import datetime
import math
import random

import pytest
from traitlets.config import Config

from nbjudge.course.penalties import SubmissionPoints, nbgrader_policy, penalize


def submission(student, late, **points):
    when = datetime.datetime(2030, 1, 2)
    return SubmissionPoints(
        student=student, assignment="ps1", timestamp=when, late=late, points=points
    )


def plugin(monkeypatch, penalty):
    """Return the policy of a plug-in that returns penalty(student, points, late)."""
    asked = lambda self, student, points, late: penalty(student, points, late)  # noqa: E731
    monkeypatch.setattr("nbgrader.plugins.LateSubmissionPlugin.late_submission_penalty", asked)
    return nbgrader_policy(Config())


def test_each_late_notebook_has_its_penalty_and_no_other(monkeypatch):
    policy = plugin(monkeypatch, lambda student, points, late: points / 2)
    late = submission("ann", 60.0, a=4.0, b=2.0)
    on_time = submission("ben", 0.0, c=4.0)
    late, on_time = penalize([late, on_time], policy)
    assert (late.penalties, late.total) == ({"a": 2.0, "b": 1.0}, 3)
    assert (on_time.penalties, on_time.total) == ({"c": None}, 4)


def test_the_order_makes_no_difference(monkeypatch):
    policy = plugin(monkeypatch, lambda student, points, late: late / 60)
    works = [submission(f"s{n}", 60.0 * n, **{f"n{n}": 5.0}) for n in range(10)]
    mixed = random.Random(1).sample(works, len(works))
    assert policy(mixed) == policy(works)


@pytest.mark.parametrize(("given", "penalty"), [(1.5, 1.5), (9, 4.0), (-1, 0), (None, None)])
def test_a_plugin_takes_no_more_than_the_points(monkeypatch, given, penalty):
    policy = plugin(monkeypatch, lambda *_: given)
    assert policy([submission("ann", 60.0, a=4.0)]) == {"a": penalty}


def test_a_plugin_that_gives_no_number_is_an_error(monkeypatch):
    policy = plugin(monkeypatch, lambda *_: math.nan)
    with pytest.raises(ValueError, match="LateSubmissionPlugin returned nan"):
        policy([submission("ann", 60.0, a=4.0)])
