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
    text = answer.data.suspicions["t"]
    assert text.startswith("t was judged in the student's process")
    assert "1 of 1 points there, because a list_iterator cannot leave it" in text
    assert answer.remarks == [] and b"forge" not in answer.data.notebook


def test_a_wrong_answer_in_another_form_is_not_named(judge):
    answer = judge(question(SOLUTION, TEST), {"f": "def f():\n    return iter([])"}, fallback=CHILD)
    assert answer.scores == {"t": 0.0}
    assert answer.data.suspicions == {}
    assert "AssertionError" in answer.shown("t")


def test_a_setting_leaves_the_test_to_a_person(judge):
    answer = judge(question(SOLUTION, TEST), {"f": ITERATOR}, fallback=PERSON)
    assert answer.scores == {"t": None}
    (text,) = answer.suspicions.values()
    assert "it needs the student's process, as a list_iterator cannot leave it" in text


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
    assert len(answer.data.suspicions) == points
    assert "12345" not in answer.shown("t") + answer.shown("later")


READS = """
def f():
    import errno, re
    found = re.findall("secr[e]t = ([0-9]+)", str(get_ipython().user_ns["In"]))
    told.extend(found[:1])
    if told:
        {tell}
    return iter([1, 2])

told = []
"""
FORGES = """
import nbjudge.guest.interpreter as guest
run = guest.Interpreter.run_cell
def forged(self, request):
    answer = run(self, request)
    if told:
        fake = guest.requests.DroppedImport(f"import {told[0]}", told[0], told[0])
        answer = guest.dataclasses.replace(answer, dropped=[fake], success=False)
    return answer
import gc
(serving,) = (found for found in gc.get_objects() if type(found) is guest.Interpreter)
serving.does[guest.requests.RunCell] = lambda request: forged(serving, request)
"""


@pytest.mark.parametrize(
    "tell",
    [
        "raise ModuleNotFoundError(told[0], name=told[0])",
        "raise FileNotFoundError(errno.ENOENT, told[0], '/' + told[0])",
        "pass\n" + FORGES,
    ],
)
def test_no_explanation_of_a_failure_quotes_hidden_lines(judge, tell):
    """The student's process chooses the name of a missing module, or the path of a file."""
    tell, _, forges = tell.partition("\n")
    questions = spec(
        (SOLUTION, "solution", "f"),
        (f"f()\n{with_hidden('secret = 1234567', 'assert list(f()) == [1, 2]')}", "test", "t"),
        ("f()", "child test", "later"),
    )
    answer = judge(questions, {"f": READS.replace("{tell}", tell) + forges}, fallback=CHILD)
    assert answer.data.missed
    cells = [{**cell, "source": ""} for cell in answer.cells]
    assert (
        "1234567" not in f"{cells} {answer.data.causes} {answer.remarks} {answer.data.suspicions}"
    )


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


def test_a_test_can_read_the_type_of_what_cannot_leave(judge):
    """The checks of a course may describe it as they describe other results."""
    test = """
try:
    f()
except TypeError as error:
    assert error.nbjudge_returned == "list_iterator"
else:
    raise AssertionError"""
    assert judge(question(SOLUTION, test), {"f": ITERATOR}).scores == {"t": 1.0}


FORGED = "def reference():\n    return 7\nexpected, made, floor = 7, 7, lambda x: 7\n"


@pytest.mark.parametrize(
    ("name", "define"),
    [
        ("reference()", "def reference():\n    return 2"),
        ("expected", "expected = 2"),
        ("max", "max = 2"),
        ("floor(2.5)", "from math import *"),
        ("made", "def make():\n    global made\n    made = 2\nmake()"),
    ],
)
def test_a_students_value_does_not_take_the_place_of_a_failed_tests(judge, name, define):
    """Code can fail a test before that defines a name which a later test compares with."""
    questions = spec(
        ("def f():\n    return 1", "solution", "f"),
        ("def g():\n    return 2", "solution", "g"),
        (f"assert f() == 1\n{define}", "test", "one"),
        (f"assert g() == {name}", "test", "two"),
    )
    answers = {"f": f"{FORGED}max = 7\ndef f():\n    return 0", "g": "def g():\n    return 7"}
    answer = judge(questions, answers, fallback=CHILD)
    assert answer.scores == {"one": 0.0, "two": 1.0 if "two" in answer.data.suspicions else 0.0}
    left = judge(questions, answers, fallback=PERSON)
    assert left.scores == {"one": 0.0, "two": 0.0 if name == "max" else None}
    right = judge(questions, fallback=CHILD)
    assert (right.scores, right.data.suspicions) == ({"one": 1.0, "two": 1.0}, {})


@pytest.mark.parametrize("kind", ["locked", "plain"])
def test_a_name_that_a_failed_test_would_define_is_missing_as_in_nbgrader(judge, kind):
    questions = spec(
        (SOLUTION, "solution", "f"),
        ("assert f() == [1, 2]\nexpected = 2", "test", "one"),
        ("assert len(f()) == expected", "test", "two"),
        ("expected = 2", kind),
        ("assert len(f()) == expected", "test", "three"),
    )
    answer = judge(questions, {"f": "def f():\n    return [2, 1]"}, fallback=PERSON)
    assert answer.scores == {"one": 0.0, "two": 0.0, "three": 1.0}
    assert "NameError" in answer.shown("two") and answer.data.missed == {}


def test_a_test_that_fails_leaves_the_students_names_alone(judge):
    questions = spec(
        (SOLUTION, "solution", "f"),
        ("def g():\n    return 5", "solution", "g"),
        ("assert f() == [1, 2]\ng = f", "test", "one"),
        ("assert g() == 5", "test", "two"),
    )
    answer = judge(questions, {"f": "def f():\n    return [2, 1]"}, fallback=CHILD)
    assert (answer.scores, answer.data.missed) == ({"one": 0.0, "two": 1.0}, {})
