"""Points are added up without the errors of binary fractions."""

import pytest

from nbjudge.course.outcome import Judgment
from nbjudge.course.penalties import SubmissionPoints
from nbjudge.points import add_points


@pytest.mark.parametrize(
    ("points", "total"),
    [([0.1, 0.7], 0.8), ([0.1] * 3, 0.3), ([1 / 3] * 3, 1.0), ([1e9, 0.1], 1e9 + 0.1), ([], 0.0)],
)
def test_a_sum_is_what_a_person_would_write(points, total):
    assert add_points(points) == total
    assert add_points(reversed(points)) == total


def test_scores_and_penalties_are_added_up_so():
    scores = {"ps1": {"a": 0.1, "b": None, "c": 0.7}, "ps2": {"a": 1.0}}
    assert Judgment(scores=scores, points=1.8).score == 1.8
    points, penalties = {"p": 0.1, "q": 0.7}, {"p": None, "q": 0.3}
    submission = SubmissionPoints(
        student="ann", assignment="ps1", points=points, penalties=penalties
    )
    assert submission.total == 0.5
