"""An exercise of a lesson whose comments need trained networks."""

from tests.lesson_tools.test_questions import TRAINS, assert_comments


def test_each_mistake_in_an_exercise_gets_its_own_comment():
    assert_comments(TRAINS)
