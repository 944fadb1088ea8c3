"""Names in test cells: the student's or the judge's, and the values that the judge computes."""

import pytest

from nbjudge.judging.messages import Fault
from tests.support.engines import STUB, cells_of, new_cell, spec
from tests.support.questions import DOUBLE, question, with_hidden

# names


def test_a_right_answer_earns_the_points_and_a_wrong_one_none(judge):
    cell_spec = question(DOUBLE, "assert double(2) == 4", 3)
    assert judge(cell_spec).scores == {"t": 3.0}
    assert judge(cell_spec, {"f": "def double(x): return x"}).scores == {"t": 0.0}
    assert judge(cell_spec, {"f": STUB}).scores == {"t": 0.0}
    assert judge(cell_spec, {"f": "def double(:"}).scores == {"t": 0.0}
    assert judge(cell_spec, {"f": ""}).scores == {"t": 0.0}


def test_a_value_that_is_too_large_is_not_called_undefined(fails):
    shown = fails("import numpy as np\nx = np.zeros(9_000_000)", "assert len(x) == 9_000_000")
    assert "ValueError: a value of 72,0" in shown and "NameError" not in shown


def test_one_question_does_not_cost_another(judge):
    cell_spec = spec(
        (DOUBLE, "solution", "a"),
        ("assert double(2) == 4", "test", "ta", 2),
        ("def triple(x): return 3 * x", "solution", "b"),
        ("assert triple(2) == 6", "test", "tb", 3),
    )
    assert judge(cell_spec, {"a": "1 / 0"}).scores == {"ta": 0.0, "tb": 3.0}
    assert judge(cell_spec, {"b": "raise SystemExit"}).scores == {"ta": 2.0, "tb": 0.0}


def test_the_judges_imports_win_over_the_students(judge):
    faked = """
class np:
    allclose = staticmethod(lambda *a, **k: True)
def double(x): return 0
"""
    cell_spec = question(DOUBLE, "assert np.allclose(double(2), 4)", before=["import numpy as np"])
    assert judge(cell_spec, {"f": faked}).scores == {"t": 0.0}
    cell_spec = question(DOUBLE, "import numpy as np\nassert np.allclose(double(2), 4)")
    assert judge(cell_spec, {"f": faked}).scores == {"t": 0.0}


def test_a_patched_module_in_the_students_process_does_not_reach_the_judge(judge):
    cell_spec = question(
        DOUBLE, "np.testing.assert_allclose(double(2), 4)", before=["import numpy as np"]
    )
    patched = """
import numpy as np
np.testing.assert_allclose = np.allclose = lambda *a, **k: True
np.ndarray.__eq__ = None if False else np.ndarray.__eq__
def double(x): return 0
"""
    assert judge(cell_spec, {"f": patched}).scores == {"t": 0.0}


def test_imports_of_the_instructors_solution_are_the_judges(passes):
    passes(f"import math\n{DOUBLE}", "assert math.isclose(double(1), 2)")


def test_a_module_that_two_locked_cells_import_is_the_judges(passes):
    cells = ["import math\nONE = 1", "import math\nONE = 1\nTWO = math.pow(2, ONE)"]
    passes(DOUBLE, "assert math.isclose(double(ONE), TWO)", *cells)


def test_a_builtin_is_the_students_only_if_the_solution_defines_it(judge, passes):
    test = "assert sum([1, 2]) == 103"
    passes("def sum(items):\n    return 100 + items[0] + items[1]", test)
    cell_spec = question(DOUBLE, "assert sum([1, 2]) == 103")
    mine = DOUBLE + "\ndef sum(items): return 103\nlen = abs = sum"
    assert judge(cell_spec, {"f": mine}).scores == {"t": 0.0}
    cell_spec = question(DOUBLE, "assert len([double(1)]) == 1 and abs(-1) == 1 and sum([1]) == 1")
    assert judge(cell_spec, {"f": mine}).scores == {"t": 1.0}


def test_a_name_of_the_judges_is_the_students_once_the_solution_defines_it(judge):
    cell_spec = spec(
        ("import math\nfrom math import sqrt\ndef helper(): return 1", "locked"),
        ("assert sqrt(4) == 2 and helper() == 1", "test", "t"),
        ("def sqrt(x): return 7\ndef helper(): return 8", "solution", "f"),
        ("assert sqrt(4) == 7 and helper() == 8", "test", "u"),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "u": 1.0}
    assert judge(cell_spec, {"f": "def sqrt(x): return 6"}).scores == {"t": 1.0, "u": 0.0}


def test_builtins_changed_by_a_student_are_not_the_judges(judge):
    changed = "import builtins\nbuiltins.len = builtins.abs = lambda x: 4\ndef double(x): return 0"
    fails_for = question(DOUBLE, "assert double(2) == 4 and len([]) == 0")
    assert judge(fails_for, {"f": changed}).scores == {"t": 0.0}
    assert judge(question(DOUBLE, "assert len([1]) == 1"), {"f": changed}).scores == {"t": 1.0}


def test_a_test_reads_the_students_variables(judge):
    cell_spec = question("total = 3\nitems = [1, 2]", "assert total == 3\nassert items == [1, 2]")
    assert judge(cell_spec).scores == {"t": 1.0}
    assert judge(cell_spec, {"f": "total = 4\nitems = [1, 2]"}).scores == {"t": 0.0}
    assert judge(cell_spec, {"f": ""}).scores == {"t": 0.0}


def test_a_variable_is_read_when_it_is_used(judge):
    cell_spec = spec(
        ("count = 0\ndef add():\n    global count\n    count += 1", "solution", "f"),
        ("add()\nassert count == 1\nadd()\nassert count == 2", "test", "t", 1),
        ("later = count", "plain"),
        ("assert later == 2", "test", "u", 1),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "u": 1.0}


def test_a_variable_that_later_cells_changed_has_its_value_of_then(judge):
    cell_spec = spec(
        ("x = 1", "solution", "f"),
        ("assert x == 1", "test", "t", 1),
        ("x = 2", "solution", "g"),
        ("assert x == 2", "test", "u", 1),
    )
    assert judge(cell_spec).scores == {"t": 1.0, "u": 1.0}


def test_a_name_that_nobody_defines_is_a_name_error(fails):
    assert "NameError" in fails(DOUBLE, "assert nobody == 1")


@pytest.mark.parametrize("names", ["dir()", "globals()", "locals()", "vars()", "list(globals())"])
def test_lists_of_names_have_those_of_the_student(judge, passes, names):
    test = f"assert 'double' in {names} and 'pi' in {names}"
    passes(DOUBLE, test, "from math import pi")
    answer = judge(question(DOUBLE, test, before=["from math import pi"]), {"f": "other = abs"})
    assert answer.scores == {"t": 0.0}
    assert "AssertionError" in answer.shown("t")


def test_names_of_builtins_and_deleted_names_are_in_no_list(passes):
    test = "assert 'print' not in dir() and 'print' not in globals()\ndel double\n"
    passes(DOUBLE, f"{test}assert 'double' not in dir() and 'double' not in globals()")


def test_a_students_name_is_read_from_the_list_of_globals(passes):
    passes(f"{DOUBLE}\nx = [1]", "assert globals()['x'] == [1]")


def test_a_students_module_is_refused_with_advice(judge):
    cell_spec = spec(
        ("import math as m", "plain"), (DOUBLE, "solution", "f"), ("m.pi", "test", "t")
    )
    cells = cells_of(cell_spec)
    cells.insert(0, new_cell("import statistics as st"))
    answer = judge(
        spec((DOUBLE, "solution", "f"), ("assert st.pi", "test", "t")),
        [
            new_cell("import math as st"),
            *cells_of(spec((DOUBLE, "solution", "f"), ("", "test", "t"))),
        ],
    )
    assert answer.scores == {"t": None}
    assert "st is imported by a cell that students can change" in answer.faults[0].reason


# values that the judge computes


def test_locked_cells_are_computed_by_the_judge(judge):
    locked = "import numpy as np\nDATA = np.arange(4.0)\ndef expected(x): return x.sum()"
    cell_spec = question(
        "def total(x):\n    return x.sum()", "assert total(DATA) == expected(DATA)", before=[locked]
    )
    cheat = "DATA = [1]\ndef expected(x): return 0\ndef total(x): return 0"
    assert judge(cell_spec).scores == {"t": 1.0}
    assert judge(cell_spec, {"f": cheat}).scores == {"t": 0.0}


def test_a_locked_cell_that_uses_the_students_work_is_read_from_the_student(judge):
    cell_spec = spec(
        (DOUBLE, "solution", "f"),
        ("result = double(21)", "locked"),
        ("assert result == 42", "test", "t"),
    )
    assert judge(cell_spec).scores == {"t": 1.0}
    assert judge(cell_spec, {"f": "def double(x): return 1"}).scores == {"t": 0.0}


@pytest.mark.parametrize(
    "draw",
    [
        "np.random.rand(3)",
        "np.random.default_rng().normal(size=3)",
        "np.array([random.random() for _ in range(3)])",
        "list(np.random.permutation(5))",
    ],
)
def test_random_data_of_locked_cells_is_the_same_on_both_sides(passes, draw):
    locked = f"import random\nimport numpy as np\nDATA = {draw}"
    passes(
        "mine = DATA\ndef total():\n    return sum(DATA)",
        "assert np.array_equal(mine, DATA) and total() == sum(DATA)",
        locked,
    )


def test_a_locked_cell_that_fails_is_the_instructors_error(judge):
    answer = judge(question(DOUBLE, "assert double(1) == 2", before=["1 / 0"]))
    assert answer.scores == {"t": 1.0}
    assert answer.faults == [Fault("locked_0", "the judge cannot run it: division by zero")]


def test_files_of_the_assignment_are_there_on_both_sides(passes):
    passes(
        "def load():\n    return open('data.txt').read()",
        "assert load() == DATA == open('data.txt').read()",
        "DATA = open('data.txt').read()",
        master_files={"data.txt": b"1 2 3"},
    )


def test_modules_beside_the_notebook_serve_both_sides(passes):
    passes(
        "import helper\ndef f():\n    return helper.VALUE",
        "import helper\nassert f() == helper.VALUE == 5",
        master_files={"helper.py": b"VALUE = 5"},
    )


def test_a_student_cannot_replace_a_module_of_the_test(judge):
    answer = judge(
        question("x = 1", "import helper\nassert helper.VALUE == 5"),
        files={"helper.py": b"VALUE = 6", "numpy.py": b"raise SystemExit"},
        master_files={"helper.py": b"VALUE = 5"},
    )
    assert answer.scores == {"t": 1.0}


def test_files_of_the_student_are_there_for_the_student(judge):
    answer = judge(
        question("text = open('mine/a.txt').read()", "assert text == 'hello'"),
        files={"mine/a.txt": b"hello"},
    )
    assert answer.scores == {"t": 1.0}


def test_constants_next_to_values_that_depend_on_a_student_are_the_judges(judge):
    cell_spec = spec(
        ("def f(x):\n    return 2 * x", "solution", "f"),
        (
            "TOLERANCE = 1e-6\nCASES = [1, 2]\nOTHERS = []\nOTHERS.append(f(1))\n"
            "xs = [1, 2]\nys = [f(x) for x in xs]\nfor x in xs:\n    last = x + ys[0]",
            "locked",
        ),
        ("assert abs(f(3) - 6) < TOLERANCE", "test", "tolerance"),
        ("for x in CASES:\n    assert f(x) == 2 * x", "test", "cases"),
        ("assert ys == [2, 4] and OTHERS == [2] and last == 4", "test", "theirs"),
    )
    right = judge(cell_spec)
    assert right.scores == {"tolerance": 1, "cases": 1, "theirs": 1}, right.shown("theirs")
    cells = cells_of(cell_spec, f="def f(x):\n    return 0")
    cells.insert(2, new_cell("TOLERANCE = 1e9\nCASES = []"))
    assert judge(cell_spec, cells).scores == {"tolerance": 0, "cases": 0, "theirs": 0}


# the module __main__


def test_unittest_finds_the_cases_of_the_test_cell(passes, fails):
    test = """
import unittest

class TestF(unittest.TestCase):
    def test_double(self):
        self.assertEqual(f(2), 4)

result = unittest.main(argv=["x"], exit=False, verbosity=0).result
assert result.testsRun == 1 and result.wasSuccessful()
"""
    passes("def f(x): return 2 * x", test)
    fails("def f(x): return x", test)


def test_the_students_names_can_be_imported_from_main(passes):
    passes("def f(x): return 2 * x", "from __main__ import f as g\nassert g(2) == 4")


def test_a_name_of_the_students_can_be_patched_in_main(passes):
    solution = "def g(x): return x\ndef f(x): return g(x) + 1"
    test = """
from unittest.mock import patch
with patch("__main__.g", lambda x: 10 * x):
    assert f(2) == 21
assert f(2) == 3
"""
    passes(solution, test)


def test_a_module_that_is_called_with_a_students_value_stays_the_judges_own(judge):
    cell_spec = spec(
        ("import numpy as np\na = np.zeros((2, 2))", "locked", "setup"),
        ("def fill(a): a[0] = 1\ndef rank(a): return 1", "solution", "f"),
        ("fill(a)\nnp.linalg.matrix_rank(a)\nb = np.ones(2)", "locked", "look"),
        ("assert np.allclose(b, 1) and rank(b) == 1", "test", "t", 1),
    )
    answer = judge(cell_spec)
    assert (answer.scores, answer.faults) == ({"t": 1.0}, [])


def test_a_module_next_to_the_notebook_comes_before_an_installed_one(judge):
    cell_spec = spec(
        ("import wave\ndef f(): return wave.VALUE", "solution", "f"),
        ("import wave\nassert f() == wave.VALUE == 5", "test", "t", 1),
        ("assert f() == wave.VALUE == 5", "child test", "u", 1),
    )
    files = {"wave.py": b"VALUE = 5"}
    answer = judge(cell_spec, master_files=files, modules={"wave.py": "5"})
    assert answer.scores == {"t": 1.0, "u": 1.0}


def test_a_locked_cell_whose_package_is_missing_is_marked(judge):
    answer = judge(question(DOUBLE, "assert double(1) == 2", before=["import no_such_package"]))
    reason = "the judge cannot run it: No module named 'no_such_package'"
    assert answer.faults == [Fault("locked_0", reason, lacks_module=True)]


def test_a_misspelled_name_is_suggested(judge):
    misspelled = {"f": DOUBLE.replace("double", "doublle")}
    shown = judge(question(DOUBLE, "assert double(1) == 2"), misspelled).shown("t")
    assert "NameError: name 'double' is not defined; did you mean doublle?" in shown
    test = f"assert double(1) == 2\n{with_hidden('doubl = 1')}"
    assert "did you mean" not in judge(question(DOUBLE, test), {"f": "1"}).shown("t")
