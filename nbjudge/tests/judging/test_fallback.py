"""A test that misses something outside the student's process is judged there, and named."""

import pytest

from nbjudge.judging.explanations import NOT_SHOWN
from nbjudge.judging.messages import CHILD, PERSON
from tests.support.engines import spec
from tests.support.questions import question, with_hidden

SOLUTION = "def f():\n    return [1, 2]"
ITERATOR = "def f():\n    return iter([1, 2])"
TEST = "assert list(f()) == [1, 2]"


def test_points_earned_in_the_child_are_named(judge):
    answer = judge(question(SOLUTION, TEST), {"f": ITERATOR}, fallback=CHILD)
    assert answer.scores == {"t": 1.0}
    (remark,) = answer.remarks
    assert remark.startswith("t was judged in the student's process")
    assert "1 of 1 points there, because a list_iterator cannot leave it" in remark


def test_a_wrong_answer_in_another_form_is_not_named(judge):
    answer = judge(question(SOLUTION, TEST), {"f": "def f():\n    return iter([])"}, fallback=CHILD)
    assert answer.scores == {"t": 0.0}
    assert answer.remarks == []
    assert "AssertionError" in answer.shown("t")


def test_a_setting_leaves_the_test_to_a_person(judge):
    answer = judge(question(SOLUTION, TEST), {"f": ITERATOR}, fallback=PERSON)
    assert answer.scores == {"t": None}
    (remark,) = answer.remarks
    assert "it needs the student's process, as a list_iterator cannot leave it" in remark


def test_a_test_that_a_plain_value_fails_stays_outside(judge):
    answer = judge(question(SOLUTION, TEST), {"f": "def f():\n    return [2, 1]"}, fallback=CHILD)
    assert (answer.scores, answer.data.missed) == ({"t": 0.0}, {})


READS_THE_TESTS = """
def f():
    print(get_ipython().user_ns["In"])
    return iter([{first}, 2])
"""


@pytest.mark.parametrize(("first", "points"), [(1, 1.0), (3, 0.0)])
def test_hidden_lines_reach_no_page(judge, first, points):
    """Code can make a test fall back to the child, read it there, and print it in a later one."""
    questions = spec(
        (SOLUTION, "solution", "f"),
        (f"f()\n{with_hidden(TEST, 'canary = 12345')}", "test", "t"),
        ("f()", "child test", "later"),
    )
    reading = {"f": READS_THE_TESTS.replace("{first}", str(first))}
    answer = judge(questions, reading, fallback=CHILD)
    assert answer.scores == {"t": points, "later": 1.0}
    assert len(answer.remarks) == points
    assert "12345" not in answer.shown("t") + answer.shown("later")


@pytest.mark.parametrize(
    "answer",
    [
        "def f():\n    return iter([1])",  # the judge refuses the value, which is not the mistake
        "class f(list):\n    def total(self):\n        return 1",
    ],
)
def test_a_lost_test_with_hidden_lines_does_not_blame_the_form_of_the_answer(judge, answer):
    questions = spec(
        ("def f():\n    return [1, 2]", "solution", "f"),
        (
            f"r = f()\n{with_hidden('assert sum(r) == 3 or r.total() == 3', 'assert 1')}",
            "test",
            "t",
        ),
        ("assert len(list(f())) == 2", "child test", "later"),
    )
    judged = judge(questions, {"f": answer}, fallback=CHILD)
    assert judged.scores == {"t": 0.0, "later": 0.0}
    for name in ("t", "later"):
        assert judged.shown(name).splitlines()[:2] == ["TestFailed", NOT_SHOWN]


def test_tests_after_one_that_fell_back_stay_outside(judge):
    questions = spec(
        (SOLUTION, "solution", "f"),
        ("both = list(f())\nassert both == [1, 2]", "test", "one"),
        ("assert sum(f()) == 3", "test", "two"),
        ("both = [5]\nassert both == [5]", "test", "three"),
        ("assert len(both) == 1", "test", "four"),
    )
    answer = judge(questions, {"f": ITERATOR}, fallback=CHILD)
    assert answer.scores == dict.fromkeys(["one", "two", "three", "four"], 1.0)
    assert set(answer.data.missed) == {"one", "two"}


def test_a_test_that_uses_what_a_test_in_the_child_defines_is_judged_there(judge):
    questions = spec(
        ("import math", "locked"),
        (SOLUTION, "solution", "f"),
        ("import math\nvalue = f()\ndef helper():\n    return 3", "child test", "one"),
        ("assert value == [1, 2]", "test", "two"),
        ("assert helper() == 3", "test", "three"),
        ("value = 4\nassert value == 4 and math.pi > 3", "test", "four"),
    )
    answer = judge(questions, fallback=CHILD)
    assert answer.scores == dict.fromkeys(["one", "two", "three", "four"], 1.0)
    assert answer.data.missed == {
        "two": "a test that is judged there defines value",
        "three": "a test that is judged there defines helper",
    }


def test_a_value_of_a_test_in_the_child_replaces_an_earlier_one(judge):
    questions = spec(
        ("limit = 1", "locked"),
        (SOLUTION, "solution", "f"),
        ("limit = len(f())", "child test", "one"),
        ("assert limit == 2", "test", "two"),
        ("limit = 3", "locked", "set"),
        ("assert limit == 3", "test", "three"),
    )
    answer = judge(questions, fallback=CHILD)
    assert answer.scores == dict.fromkeys(["one", "two", "three"], 1.0)
    assert set(answer.data.missed) == {"two"}
