"""Scores, and the parts of a test that a student sees."""

import json

import pytest

from tests.support.engines import spec
from tests.support.questions import DOUBLE, question, with_hidden


@pytest.mark.parametrize(
    ("solution", "lines"),
    [
        ("import os\ndef f(x): os._exit(1)", ["assert g(lambda x: f(x) + SECRET, 4) == 8"]),
        ("import numpy as np\ndef f(x): return np.int64(2**62)", ["SECRET = 3 * f(1) + f(2)"]),
        (
            "def f(x): return 0",
            [
                "import unittest",
                "class Test(unittest.TestCase):",
                "    def test(self):",
                "        self.assertEqual(f(1), 2, SECRET)",
                "tests = unittest.defaultTestLoader.loadTestsFromTestCase(Test)",
                "unittest.TextTestRunner().run(tests)",
            ],
        ),
        (
            "def f(x): return 0",
            ["import traceback", "try: f(1) / 0 + SECRET", "except Exception:"]
            + ["    traceback.print_exc()"],
        ),
    ],
)
def test_no_line_of_a_hidden_test_is_shown(judge, solution, lines):
    cell_spec = spec(
        ("import builtins\nbuiltins.SECRET = 'a'", "locked"),
        ("def g(f, x): return f(x)\n" + solution, "solution", "f"),
        (with_hidden(*lines), "test", "t"),
    )
    shown = json.dumps(judge(cell_spec).cell("t")["outputs"])
    assert "SECRET" not in shown, shown


# scores


SCORES = [
    ("2", 2.0),
    ("1.5", 1.5),
    ("0", 0.0),
    ("-0.0", 0.0),
    ("3", 3.0),
    ("np.float64(2.5)", 2.5),
    ("np.float32(0.5)", 0.5),
    ("np.int64(1)", 1.0),
    ("__import__('fractions').Fraction(1, 2)", 0.5),
    ("None", 3.0),
    ("2 if double(2) == 4 else 1", 2.0),
    ("sum(double(n) == 2 * n for n in range(3))", 3.0),
    ("score = 0\nscore += double(1) == 2\nscore", 1.0),
    ("1;", 3.0),
    ("np.array([3.0])", 3.0),
    ("np.array(2.0)", 2.0),
    # As in nbgrader, a value that is no result of a formula gives all points.
    ("'2'", 3.0),
    ("True", 3.0),
    ("double(2) == 4", 3.0),
    ("double(2) == 5", 3.0),
    ("np.True_", 3.0),
    ("[3]", 3.0),
    ("np.array([True, False])", 3.0),
    ("np.array(['a'])", 3.0),
    ("double", 3.0),
    ("np.datetime64('2020')", 3.0),
    ("object()", 3.0),
]
WORTHLESS = [  # students who return something unusual can make a formula result in these
    "float('nan')",
    "-1",
    "-1e-9",
    "float('inf')",
    "-float('inf')",
    "10**400",
    "3 + 0j",
    "__import__('decimal').Decimal('2')",
    "np.float64('nan')",
    "np.complex128(3)",
    "np.timedelta64(3)",
    "__import__('datetime').timedelta(3)",
    "np.array([3.0, 3.0])",
    "np.array([])",
    "np.array([-1.0])",
    "np.array([3.0, None])",
    "np.ma.masked",
]


NO_SCORES = [
    "3.0001",
    "double(1)",
    "x = double(1)\nx",
]


@pytest.fixture(scope="module")
def scored(judge):
    """The result of an assignment with a test cell for each value, its last line."""
    values = [*(value for value, _ in SCORES), *WORTHLESS, *NO_SCORES]
    tests = [(f"import numpy as np\n{value}", "test", value, 3) for value in values]
    return judge(spec((DOUBLE, "solution", "f"), *tests))


@pytest.mark.parametrize(("value", "score"), SCORES)
def test_the_last_value_is_the_score(scored, value, score):
    assert scored.scores[value] == score
    kinds = {output["output_type"] for output in scored.cell(value)["outputs"]}
    assert kinds <= {"stream"}


@pytest.mark.parametrize("value", WORTHLESS)
def test_a_number_that_is_no_score_earns_nothing(scored, value):
    assert scored.scores[value] == 0
    remarks = [remark for remark in scored.data.remarks if remark.startswith(f"{value} earns 0")]
    assert len(remarks) == 1, scored.data.remarks


def test_only_worthless_scores_are_remarked_on(scored):
    assert len(scored.data.remarks) == len(WORTHLESS)


@pytest.mark.parametrize("place", ["test", "child test"])
@pytest.mark.parametrize("value", ["float('nan')", "1e300", "-float('inf')"])
def test_partial_credit_is_not_earned_by_a_value_that_is_no_number(judge, place, value):
    cell_spec = spec(
        ("def fit(x):\n    return 9.0", "solution", "f"),
        ("import numpy as np\nround(float(4 * np.clip(1 - abs(fit(3) - 9), -1, 1)), 2)",)
        + (place, "t", 4),
    )
    assert judge(cell_spec).scores == {"t": 4.0}
    wrong = f"def fit(x):\n    return {value}"
    assert judge(cell_spec, {"f": wrong}).scores == {"t": 0.0}


@pytest.mark.parametrize("value", NO_SCORES)
def test_an_invalid_score_is_the_instructors_error_and_never_points(scored, value):
    assert scored.scores[value] is None
    reasons = [fault.reason for fault in scored.faults if fault.grade_id == value]
    assert len(reasons) == 1 and reasons[0].startswith("its last line ")
    assert "A person will grade this question" in scored.shown(value)
    kinds = {output["output_type"] for output in scored.cell(value)["outputs"]}
    assert "execute_result" not in kinds


def test_only_what_is_no_score_is_an_error(scored):
    assert len(scored.faults) == len(NO_SCORES)


REPORTED = """\
from IPython.display import display
display({{"application/vnd.nbjudge.report+json": {report}}}, raw=True)
double(1)
"""


@pytest.mark.parametrize("report", ["{'out_of': 3}", "{'out_of': 3.0}", "{}", "{'out_of': '4'}"])
def test_a_report_with_the_cells_points_or_none_changes_nothing(judge, report):
    answer = judge(question(DOUBLE, REPORTED.format(report=report) + "2", 3))
    assert (answer.scores, answer.faults) == ({"t": 2.0}, [])


def test_a_report_that_is_out_of_other_points_is_the_instructors_error(judge):
    answer = judge(question(DOUBLE, REPORTED.format(report="{'out_of': 4}") + "2", 3))
    assert answer.scores == {"t": None}
    assert "its report is out of 4 points, but its cell has 3" in answer.faults[0].reason
    assert "A person will grade this question" in answer.shown("t")


def test_a_students_value_is_never_a_score(judge):
    cell_spec = question("def points(): return 0\nscore = 0", "points()", 3)
    for forged in ("def points(): return 3", "points = 3", "class points(float): pass"):
        assert judge(cell_spec, {"f": forged}).scores["t"] in (None, 0.0)
    cell_spec = question("score = 0", "score", 3)
    assert judge(cell_spec, {"f": "score = 3"}).scores == {"t": None}


def test_a_test_cell_with_a_mistake_is_the_instructors_error(judge):
    answer = judge(question(DOUBLE, "assert double(2 == 4"))
    assert answer.scores == {"t": None} and "SyntaxError" in answer.faults[0].reason


def test_an_argument_that_cannot_be_passed_is_the_instructors_error(judge):
    answer = judge(question("def f(x): return x", "import threading\nf(threading.Lock())"))
    assert answer.scores == {"t": None}
    assert "a lock cannot be passed to the student's process" in answer.faults[0].reason


def test_an_argument_computed_from_a_students_value_is_not_blamed_on_the_assignment(judge):
    """As the difference of two times, which is an object of pandas if they are periods."""
    test = "import types\nx = f(1)\nassert f(0 if x == 1 else types.SimpleNamespace())"
    cell_spec = question("def f(x): return 1", test)
    assert judge(cell_spec).scores == {"t": 1.0}
    answer = judge(cell_spec, {"f": "def f(x): return 2"})
    assert answer.scores == {"t": None} and not answer.faults
    (remark,) = answer.suspicions.values()
    assert "a SimpleNamespace cannot be passed to the student's process" in remark
    assert "compare it with other submissions" in remark


@pytest.mark.parametrize(
    "returned",
    ["np.zeros(40 << 17)", "'x' * (10 << 20)", "functools.reduce(lambda x, _: [x], range(90), [])"],
)
def test_results_that_are_too_large_to_be_passed_on_cost_the_students_points(judge, returned):
    """Each of them can be received, but not all of them be sent back together."""
    cell_spec = question(
        "import functools, numpy as np\ndef f(): return 0\ndef g(*x): return 1",
        "value = f()\nfor _ in range(20): value = [value, value]\nassert g(value, f(), f()) == 1",
    )
    answer = judge(cell_spec, {"f": f"{cell_spec.cells[0].solved}\ndef f(): return {returned}"})
    assert answer.scores == {"t": 0.0} and not answer.faults
    assert "ValueError: arguments cannot be passed to the student's code: a value " in answer.shown(
        "t"
    )


def test_a_submission_that_ends_the_judge_is_left_to_a_person_and_named(judge):
    """A crash in NumPy, for example, of which the assignment is innocent."""
    cell_spec = spec(
        ("def f(): return 1", "solution", "f"),
        ("import ctypes\nif f() == 2: ctypes.string_at(0)\nassert f() == 1", "test", "t"),
        ("assert f() == 2", "test", "later"),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "later": 0.0}
    answer = judge(cell_spec, {"f": "def f(): return 2"})
    assert answer.scores == {"t": None, "later": 1.0} and not answer.faults
    (remark,) = answer.suspicions.values()
    assert remark.startswith("t: the judge ended 2 times in this test of this submission (Segm")
    assert "grade this question by hand" in remark
    assert "not the student's fault" not in answer.shown("t")


def test_a_score_in_the_child_above_the_maximum_is_left_to_a_person_without_blame(judge):
    cell_spec = spec(("n = 1", "solution", "f"), ("n", "child test", "t", 3))
    answer = judge(cell_spec, {"f": "n = 4"})
    assert answer.scores == {"t": None} and not answer.faults
    assert "t: its last line gives a score of 4 out of 3" in answer.suspicions["t"]


def test_a_students_syntax_error_is_the_students(fails):
    shown = fails("def f():\n    return eval('1 +')", "assert f() == 1")
    assert "SyntaxError" in shown
    fails("def f():\n    return compile('(', 'x', 'exec')", "assert f() == 1")


def test_a_mistake_in_the_tests_code_costs_points_and_shows_its_message(fails):
    assert "ZeroDivisionError: division by zero" in fails(DOUBLE, "1 / 0")


# output for the student


HIDDEN = """assert double(1) == 2
### BEGIN HIDDEN TESTS
SECRET_NUMBER = 40417
assert double(SECRET_NUMBER) == 80834
### END HIDDEN TESTS
assert double(0) == 0"""


def test_a_hidden_test_is_not_shown_when_it_fails(judge):
    cell_spec = question(DOUBLE, HIDDEN)
    answer = judge(cell_spec, {"f": "def double(x):\n    return 2 if x == 1 else 0"})
    assert answer.scores == {"t": 0.0}
    for word in ("SECRET", "40417", "80834"):
        assert word not in answer.shown("t")
    assert "A hidden test failed." in answer.shown("t")
    assert "AssertionError" in answer.shown("t")


def test_a_visible_line_is_shown_when_it_fails(judge):
    cell_spec = question(DOUBLE, HIDDEN)
    answer = judge(cell_spec, {"f": "def double(x):\n    return 3"})
    assert "----> 1 assert double(1) == 2" in answer.shown("t")
    last = judge(cell_spec, {"f": "def double(x):\n    return 2 * x or 1"})
    assert "----> 6 assert double(0) == 0" in last.shown("t")


def test_a_hidden_function_is_not_shown_when_it_fails(judge):
    test = """
### BEGIN HIDDEN TESTS
def check_secretly(f):
    got = f(40417)
    assert got == 80834, "wrong for large numbers"
### END HIDDEN TESTS
check_secretly(double)
"""
    answer = judge(question(DOUBLE, test), {"f": "def double(x):\n    return 0"})
    shown = answer.shown("t")
    assert "40417" not in shown and "80834" not in shown and "got ==" not in shown
    assert "wrong for large numbers" in shown


def test_the_line_of_the_students_code_is_shown(fails):
    shown = fails("def f(x):\n    y = 1\n    return y / x", "assert f(0) == 1")
    assert "return y / x" in shown and "line 3 of its cell" in shown
    assert "ZeroDivisionError: division by zero" in shown


def test_messages_of_numpy_are_shown(fails):
    shown = fails(
        "def f():\n    return 1.5",
        "import numpy as np\nnp.testing.assert_allclose(f(), 2.5, err_msg='look at this')",
    )
    assert "look at this" in shown
