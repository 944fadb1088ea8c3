"""Test cells run unmodified outside the student's process, and see what a local run would see."""

import copy
import json
import os

import numpy as np
import pytest

from nbjudge.wire.outputs import REPORT
from tests.notebook.test_repair import SAVED_BY
from tests.support.engines import STUB, cells_of, grade_id_of, new_cell, plan, slowed

DOUBLE = "def double(x):\n    return 2 * x"


def question(solution, test, points=1.0, name="f", before=()):
    """An assignment of one question: locked cells before it, the solution, the test."""
    locked = [(text, "locked") for text in before]
    return plan(*locked, (solution, "solution", name), (test, "test", "t", points))


def passes(judge, solution, test, *locked, **changes):
    """Whether a test cell gives its points for a solution, and why not."""
    answer = judge(question(solution, test, before=locked), **changes)
    assert answer.errors == [], answer.errors
    assert answer.scores == {"t": 1.0}, answer.shown("t")
    return answer


def fails(judge, solution, test, *locked, **changes):
    """The text shown where a test cell gives no points."""
    answer = judge(question(solution, test, before=locked), **changes)
    assert answer.errors == [], answer.errors
    assert answer.scores == {"t": 0.0}
    return answer.shown("t")


# names


def test_a_right_answer_earns_the_points_and_a_wrong_one_none(judge):
    planned = question(DOUBLE, "assert double(2) == 4", 3)
    assert judge(planned).scores == {"t": 3.0}
    assert judge(planned, {"f": "def double(x): return x"}).scores == {"t": 0.0}
    assert judge(planned, {"f": STUB}).scores == {"t": 0.0}
    assert judge(planned, {"f": "def double(:"}).scores == {"t": 0.0}
    assert judge(planned, {"f": ""}).scores == {"t": 0.0}


def test_one_question_does_not_cost_another(judge):
    planned = plan(
        (DOUBLE, "solution", "a"),
        ("assert double(2) == 4", "test", "ta", 2),
        ("def triple(x): return 3 * x", "solution", "b"),
        ("assert triple(2) == 6", "test", "tb", 3),
    )
    assert judge(planned, {"a": "1 / 0"}).scores == {"ta": 0.0, "tb": 3.0}
    assert judge(planned, {"b": "raise SystemExit"}).scores == {"ta": 2.0, "tb": 0.0}


def test_the_judges_imports_win_over_the_students(judge):
    faked = """
class np:
    allclose = staticmethod(lambda *a, **k: True)
def double(x): return 0
"""
    planned = question(DOUBLE, "assert np.allclose(double(2), 4)", before=["import numpy as np"])
    assert judge(planned, {"f": faked}).scores == {"t": 0.0}
    planned = question(DOUBLE, "import numpy as np\nassert np.allclose(double(2), 4)")
    assert judge(planned, {"f": faked}).scores == {"t": 0.0}


def test_a_patched_module_in_the_students_process_does_not_reach_the_judge(judge):
    planned = question(
        DOUBLE, "np.testing.assert_allclose(double(2), 4)", before=["import numpy as np"]
    )
    patched = """
import numpy as np
np.testing.assert_allclose = np.allclose = lambda *a, **k: True
np.ndarray.__eq__ = None if False else np.ndarray.__eq__
def double(x): return 0
"""
    assert judge(planned, {"f": patched}).scores == {"t": 0.0}


def test_imports_of_the_instructors_solution_are_the_judges(judge):
    passes(judge, f"import math\n{DOUBLE}", "assert math.isclose(double(1), 2)")


def test_a_builtin_is_the_students_only_if_the_solution_defines_it(judge):
    test = "assert sum([1, 2]) == 103"
    passes(judge, "def sum(items):\n    return 100 + items[0] + items[1]", test)
    planned = question(DOUBLE, "assert sum([1, 2]) == 103")
    mine = DOUBLE + "\ndef sum(items): return 103\nlen = abs = sum"
    assert judge(planned, {"f": mine}).scores == {"t": 0.0}
    planned = question(DOUBLE, "assert len([double(1)]) == 1 and abs(-1) == 1 and sum([1]) == 1")
    assert judge(planned, {"f": mine}).scores == {"t": 1.0}


def test_a_name_of_the_judges_is_the_students_once_the_solution_defines_it(judge):
    planned = plan(
        ("import math\nfrom math import sqrt\ndef helper(): return 1", "locked"),
        ("assert sqrt(4) == 2 and helper() == 1", "test", "t"),
        ("def sqrt(x): return 7\ndef helper(): return 8", "solution", "f"),
        ("assert sqrt(4) == 7 and helper() == 8", "test", "u"),
    )
    assert judge(planned).scores == {"t": 1.0, "u": 1.0}
    assert judge(planned, {"f": "def sqrt(x): return 6"}).scores == {"t": 1.0, "u": 0.0}


def test_builtins_changed_by_a_student_are_not_the_judges(judge):
    changed = "import builtins\nbuiltins.len = builtins.abs = lambda x: 4\ndef double(x): return 0"
    fails_for = question(DOUBLE, "assert double(2) == 4 and len([]) == 0")
    assert judge(fails_for, {"f": changed}).scores == {"t": 0.0}
    assert judge(question(DOUBLE, "assert len([1]) == 1"), {"f": changed}).scores == {"t": 1.0}


def test_a_test_reads_the_students_variables(judge):
    planned = question("total = 3\nitems = [1, 2]", "assert total == 3\nassert items == [1, 2]")
    assert judge(planned).scores == {"t": 1.0}
    assert judge(planned, {"f": "total = 4\nitems = [1, 2]"}).scores == {"t": 0.0}
    assert judge(planned, {"f": ""}).scores == {"t": 0.0}


def test_a_variable_is_read_when_it_is_used(judge):
    planned = plan(
        ("count = 0\ndef add():\n    global count\n    count += 1", "solution", "f"),
        ("add()\nassert count == 1\nadd()\nassert count == 2", "test", "t", 1),
        ("later = count", "plain"),
        ("assert later == 2", "test", "u", 1),
    )
    assert judge(planned).scores == {"t": 1.0, "u": 1.0}


def test_a_variable_that_later_cells_changed_has_its_value_of_then(judge):
    planned = plan(
        ("x = 1", "solution", "f"),
        ("assert x == 1", "test", "t", 1),
        ("x = 2", "solution", "g"),
        ("assert x == 2", "test", "u", 1),
    )
    assert judge(planned).scores == {"t": 1.0, "u": 1.0}


def test_a_name_that_nobody_defines_is_a_name_error(judge):
    assert "NameError" in fails(judge, DOUBLE, "assert nobody == 1")


def test_a_students_module_is_refused_with_advice(judge):
    planned = plan(("import math as m", "plain"), (DOUBLE, "solution", "f"), ("m.pi", "test", "t"))
    cells = cells_of(planned)
    cells.insert(0, new_cell("import statistics as st"))
    answer = judge(
        plan((DOUBLE, "solution", "f"), ("assert st.pi", "test", "t")),
        [
            new_cell("import math as st"),
            *cells_of(plan((DOUBLE, "solution", "f"), ("", "test", "t"))),
        ],
    )
    assert answer.scores == {"t": None}
    assert "st is imported by a cell that students can change" in answer.errors[0]


# what the judge computes for itself


def test_locked_cells_are_computed_by_the_judge(judge):
    locked = "import numpy as np\nDATA = np.arange(4.0)\ndef expected(x): return x.sum()"
    planned = question(
        "def total(x):\n    return x.sum()", "assert total(DATA) == expected(DATA)", before=[locked]
    )
    cheat = "DATA = [1]\ndef expected(x): return 0\ndef total(x): return 0"
    assert judge(planned).scores == {"t": 1.0}
    assert judge(planned, {"f": cheat}).scores == {"t": 0.0}


def test_a_locked_cell_that_uses_the_students_work_is_read_from_the_student(judge):
    planned = plan(
        (DOUBLE, "solution", "f"),
        ("result = double(21)", "locked"),
        ("assert result == 42", "test", "t"),
    )
    assert judge(planned).scores == {"t": 1.0}
    assert judge(planned, {"f": "def double(x): return 1"}).scores == {"t": 0.0}


@pytest.mark.parametrize(
    "draw",
    [
        "np.random.rand(3)",
        "np.random.default_rng().normal(size=3)",
        "np.array([random.random() for _ in range(3)])",
        "list(np.random.permutation(5))",
    ],
)
def test_random_data_of_locked_cells_is_the_same_on_both_sides(judge, draw):
    locked = f"import random\nimport numpy as np\nDATA = {draw}"
    passes(
        judge,
        "mine = DATA\ndef total():\n    return sum(DATA)",
        "assert np.array_equal(mine, DATA) and total() == sum(DATA)",
        locked,
    )


def test_a_locked_cell_that_fails_is_the_instructors_error(judge):
    answer = judge(question(DOUBLE, "assert double(1) == 2", before=["1 / 0"]))
    assert answer.scores == {"t": 1.0}
    assert answer.errors == ["locked_0 cannot be run by the judge: division by zero"]


def test_files_of_the_assignment_are_there_on_both_sides(judge):
    passes(
        judge,
        "def load():\n    return open('data.txt').read()",
        "assert load() == DATA == open('data.txt').read()",
        "DATA = open('data.txt').read()",
        master_files={"data.txt": b"1 2 3"},
    )


def test_modules_beside_the_notebook_serve_both_sides(judge):
    passes(
        judge,
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


# calls


def test_arguments_arrive_as_given(judge):
    passes(
        judge,
        "def f(a, b=2, *rest, c, d=4, **more):\n    return [a, b, rest, c, d, more]",
        """
assert f(1, c=3) == [1, 2, (), 3, 4, {}]
assert f(1, 5, 6, 7, c=3, d=8, e=9) == [1, 5, (6, 7), 3, 8, {"e": 9}]
assert f(*[1, 2], **{"c": 3}) == [1, 2, (), 3, 4, {}]
assert f(b=1, a=0, c=[]) == [0, 1, (), [], 4, {}]
""",
    )


def test_a_wrong_number_of_arguments_is_a_type_error(judge):
    passes(
        judge,
        DOUBLE,
        """
try:
    double(1, 2)
except TypeError as error:
    assert "positional argument" in str(error)
else:
    raise AssertionError
""",
    )


def test_values_come_back_as_they_are(judge):
    passes(
        judge,
        "import numpy as np\ndef f(v):\n    return v",
        """
import collections, fractions, math
import numpy as np
for value in (None, True, 3, 10**50, 1.5, -0.0, 1j, "é", b"x", (1, [2]), {1: {2}}, range(3), ...,
              slice(1), {"a": (1,)}, frozenset([1]), fractions.Fraction(1, 3)):
    got = f(value)
    assert type(got) is type(value) and got == value
assert math.copysign(1, f(-0.0)) == -1 and math.isnan(f(math.nan))
for array in (np.zeros((2, 3)), np.arange(4, dtype=np.int8), np.array(["a"]), np.float32(2),
              np.array(3.0), np.zeros((0, 2)), np.asfortranarray(np.eye(3)), np.array([True])):
    got = f(array)
    assert type(got) is type(array) and got.dtype == array.dtype and np.array_equal(got, array)
Point = collections.namedtuple("Point", "x y")
assert f(Point(1, 2)).y == 2
""",
    )


def test_an_object_that_claims_to_equal_everything_equals_nothing(judge):
    liar = """
class Liar:
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = lambda self, other: True
    __ne__ = lambda self, other: False
    __add__ = __sub__ = __rsub__ = __float__ = __abs__ = __array__ = lambda self, *a: self
    __hash__ = None
def double(x): return Liar()
"""
    tests = (
        "assert double(2) == 4",
        "assert not double(2) != 4",
        "assert abs(double(2) - 4) < 1e-9",
        "import numpy as np\nassert np.allclose(double(2), 4)",
        "import numpy as np\nnp.testing.assert_allclose(double(2), 4)",
        "import numpy as np\nnp.testing.assert_array_equal(double(2), 4)",
        "import math\nassert math.isclose(double(2), 4)",
        "import unittest\nunittest.TestCase().assertEqual(double(2), 4)",
        "import unittest\nunittest.TestCase().assertAlmostEqual(double(2), 4)",
        "assert 4 == double(2)",
        "assert double(2) in [4]",
        "assert [double(2)] == [4]",
    )
    cells = [(test, "test", test) for test in tests]
    answer = judge(plan((DOUBLE, "solution", "f"), *cells), {"f": liar})
    assert answer.scores == dict.fromkeys(tests, 0.0)


def test_subclasses_that_lie_are_only_their_values(judge):
    liar = """
import numpy as np
class Number(float):
    __eq__ = lambda self, other: True
    __hash__ = float.__hash__
class Array(np.ndarray):
    __eq__ = lambda self, other: np.True_
def f(): return Number(0)
def g(): return np.zeros(2).view(Array)
def h(): return {"a": Number(1)}
"""
    test = """
import numpy as np
assert f() != 4 and type(f()) is float
assert type(g()) is np.ndarray and not (g() == 1).any()
assert h() != {"a": 2}
"""
    passes(judge, liar, test)


def test_a_generator_is_refused_in_clear_words(judge):
    bodies = ("yield 1", "return iter([1])", "return map(str, [1])", "return (n for n in [1])")
    solution = "\n".join(f"def f{n}():\n    {body}" for n, body in enumerate(bodies))
    tests = [(f"assert list(f{n}()) == [1]", "test", f"t{n}") for n in range(len(bodies))]
    answer = judge(plan((solution, "solution", "f"), *tests))
    for n in range(len(bodies)):
        assert answer.scores[f"t{n}"] == 0.0
        assert f"f{n} returned a " in answer.shown(f"t{n}")
        assert "a list or an array can" in answer.shown(f"t{n}")


def test_a_coroutine_is_refused_in_clear_words(judge):
    assert "f returned a coroutine" in fails(judge, "async def f():\n    return 1", "f()")


def test_recursion_and_helpers_work_in_the_students_process(judge):
    passes(
        judge,
        "def less(n): return n - 1\ndef fact(n):\n    return 1 if n == 0 else n * fact(less(n))",
        "assert fact(5) == 120",
    )


# changed arguments


def test_what_a_call_changes_in_its_arguments_is_seen(judge):
    passes(
        judge,
        """
def fill(a, items, table, group, nested):
    a[0] = 7
    items.append(1)
    items[0] = "x"
    table["k"] = 2
    del table["old"]
    group.add(5)
    nested["deep"][0].append(3)
    nested["array"] += 1
""",
        """
import numpy as np
a, items, table, group = np.zeros(2), [0], {"old": 1}, {4}
nested = {"deep": [[1]], "array": np.zeros(2)}
inner = nested["deep"][0]
fill(a, items, table, group, nested=nested)
assert a.tolist() == [7, 0] and items == ["x", 1] and table == {"k": 2} and group == {4, 5}
assert nested["deep"] == [[1, 3]] and inner == [1, 3] and nested["array"].tolist() == [1, 1]
assert nested["deep"][0] is inner
""",
    )


def test_input_left_alone_is_checkable(judge):
    test = """
import numpy as np
x = np.arange(3.0)
before = x.copy()
assert shift(x).tolist() == [1, 2, 3]
assert np.array_equal(x, before), "the input was changed"
"""
    passes(judge, "def shift(x):\n    return x + 1", test)
    assert "the input was changed" in fails(judge, "def shift(x):\n    x += 1\n    return x", test)


def test_views_and_strided_arguments_are_changed_in_place(judge):
    passes(
        judge,
        "def one(x):\n    x[:] = 1",
        """
import numpy as np
x = np.zeros((4, 4))
one(x[::2, 1])
assert x.sum() == 2 and x[0, 1] == x[2, 1] == 1
one(x.T[3])
assert x[:, 3].tolist() == [1, 1, 1, 1]
""",
    )


def test_an_argument_given_twice_is_one_object(judge):
    passes(
        judge,
        "def f(a, b):\n    a[0] = 5\n    return b[0], a is b",
        "import numpy as np\nx = np.zeros(1)\nassert f(x, x) == (5, True)\n"
        "y = [0]\nassert f(y, b=y) == (5, True)\nassert f([0], [0]) == (0, False)",
    )


def test_a_returned_argument_is_the_same_object(judge):
    passes(
        judge,
        "def same(x):\n    return x\ndef pair(x):\n    x.append(1)\n    return x, [x]",
        """
import numpy as np
x, items = np.zeros(2), [0]
assert same(x) is x and same(items) is items
one, other = pair(items)
assert one is items and other[0] is items and items == [0, 1]
""",
    )


def test_a_returned_copy_is_another_object(judge):
    passes(
        judge,
        "def copy(x):\n    return x.copy()",
        "import numpy as np\nx = np.zeros(2)\ny = copy(x)\ny[0] = 1\nassert x[0] == 0",
    )


def test_a_read_only_array_cannot_be_written_to(judge):
    passes(
        judge,
        "def f(x):\n    x[0] = 1",
        """
import numpy as np
x = np.zeros(2)
x.flags.writeable = False
try:
    f(x)
except ValueError as error:
    assert "read-only" in str(error)
else:
    raise AssertionError("it was written to")
""",
    )


def test_a_list_that_grows_and_an_array_that_is_resized(judge):
    passes(
        judge,
        "def f(items):\n    items.extend(range(100))\n    return len(items)\n"
        "def clear(table):\n    table.clear()",
        "x = []\nassert f(x) == 100 and len(x) == 100\nd = {1: 2}\nclear(d)\nassert d == {}",
    )


def test_changes_made_before_an_exception_are_seen(judge):
    passes(
        judge,
        "def f(items):\n    items.append(1)\n    raise ValueError",
        "x = []\ntry:\n    f(x)\nexcept ValueError:\n    pass\nassert x == [1]",
    )


# exceptions


RAISED = [
    ("ValueError('wrong')", "ValueError"),
    ("KeyError('key')", "KeyError"),
    ("KeyError('key')", "LookupError"),
    ("KeyError((1, 2))", "KeyError"),
    ("ExceptionGroup('many', [ValueError()])", "Exception"),
    ("IndexError(3)", "IndexError"),
    ("ZeroDivisionError()", "ArithmeticError"),
    ("FileNotFoundError('gone')", "OSError"),
    ("NotImplementedError('todo')", "NotImplementedError"),
    ("StopIteration('end')", "RuntimeError"),
    ("StopAsyncIteration('end')", "RuntimeError"),
    ("GeneratorExit('end')", "RuntimeError"),
    ("TimeoutError('slow')", "TimeoutError"),
    ("RecursionError('deep')", "RecursionError"),
    ("UnicodeDecodeError('utf8', b'x', 0, 1, 'why')", "UnicodeDecodeError"),
    ("AssertionError('mine')", "AssertionError"),
    ("np.linalg.LinAlgError('singular')", "np.linalg.LinAlgError"),
    ("np.linalg.LinAlgError('singular')", "ValueError"),
    ("np.exceptions.AxisError('axis')", "np.exceptions.AxisError"),
    ("np.exceptions.AxisError('axis')", "IndexError"),
]


@pytest.fixture(scope="module")
def raised(judge):
    """An assignment with a function for each exception and a test that catches it."""
    parts = []
    for number, (made, caught) in enumerate(RAISED):
        message = made.partition("(")[2].strip("()").partition(",")[0].strip("'")
        message = {"utf8": "why", "1": "(1, 2)"}.get(message, message)
        name = made.partition("(")[0].rpartition(".")[2]
        body = f"import numpy as np\ndef f{number}():\n    raise {made}"
        test = f"""
import numpy as np
try:
    f{number}()
except {caught} as error:
    assert {message!r} in str(error), str(error)
    assert type(error).__name__ == {name!r}
else:
    raise AssertionError("nothing was raised")
"""
        parts += [(body, "solution", f"f{number}"), (test, "test", f"t{number}")]
    return judge(plan(*parts))


@pytest.mark.parametrize("number", range(len(RAISED)), ids=[" as ".join(pair) for pair in RAISED])
def test_an_exception_keeps_its_type_and_message(raised, number):
    assert raised.scores[f"t{number}"] == 1.0, raised.shown(f"t{number}")


@pytest.mark.parametrize(
    "raised",
    [
        "raise StopIteration",
        "raise GeneratorExit",
        "import unittest; raise unittest.SkipTest('not today')",
        "from unittest.case import _ShouldStop; raise _ShouldStop",
        "import asyncio; raise asyncio.CancelledError",
        "import bdb; raise bdb.BdbQuit",
    ],
)
@pytest.mark.parametrize(
    "test",
    [
        "assert all(map(lambda x: f(x) == x, [1, 2]))",
        "for got, want in zip(map(f, [1, 2]), [1, 2]):\n    assert got == want",
        "assert not list(filter(lambda x: f(x) != x, [1, 2]))",
        """
import io, unittest
class Test(unittest.TestCase):
    def test(self):
        with self.subTest():
            self.assertEqual(f(1), 1)
tests = unittest.defaultTestLoader.loadTestsFromTestCase(Test)
assert unittest.TextTestRunner(stream=io.StringIO()).run(tests).wasSuccessful()
""",
    ],
)
def test_no_exception_ends_a_test_as_if_all_were_well(judge, raised, test):
    fails(judge, f"def f(x):\n    {raised}", test)


FORGED = """
from nbjudge.guest import interpreter

def describe(self, error):
    return [interpreter._classes(type(error)), str(error), [[{place!r}, {line}, "f", ""]], None]

def f(x):
    interpreter.Session._describe = describe
    raise ValueError("no")
"""


@pytest.mark.parametrize("line", [0, 1, 7, -3, 2**31 - 1])
@pytest.mark.parametrize("reader", ["traceback", "IPython"])
def test_no_file_is_read_that_a_forged_traceback_names(judge, tmp_path, line, reader):
    """With line 0 the first line of the file was shown, read with the rights of the grader."""
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of the grader\n" * 20)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    test = "f(1)"
    if reader == "traceback":
        test = "import traceback\ntry:\n    f(1)\nexcept ValueError:\n    "
        test += "print(traceback.format_exc())\n    raise"
    for name in (str(secret), f"<{secret}>", f"{secret}>", str(pipe)):
        shown = fails(judge, FORGED.format(place=name, line=line), test)
        assert "a secret of the grader" not in shown


def test_a_call_in_one_test_does_not_empty_the_data_of_the_next(judge):
    planned = plan(
        ("CASES = [1, 2, 3]\nTABLE = {'a': [1, 2]}\nSCORES = []", "locked"),
        ("def total(x):\n    return sum(x)", "solution", "total_"),
        ("total(CASES); total(TABLE['a'])\nassert CASES == []\nSCORES.append(1)", "test", "one"),
        ("def square(x):\n    return x * x", "solution", "square_"),
        ("for x in CASES:\n    assert square(x) == x * x\nassert SCORES == [1]", "test", "two"),
        ("assert TABLE == {'a': [1, 2]}", "test", "three"),
    )
    answers = {"total_": "def total(x):\n    x.clear()", "square_": "def square(x): return 0"}
    answer = judge(planned, cells_of(planned, **answers))
    assert answer.scores == {"one": 1, "two": 0, "three": 1}, answer.shown("one")


def test_a_module_in_the_place_of_a_function_is_the_students_mistake(judge):
    fails(judge, "import math as f", "assert f(1) == 1")


def with_hidden(*lines):
    return "### BEGIN HIDDEN TESTS\n" + "\n".join(lines) + "\n### END HIDDEN TESTS"


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
    planned = plan(
        ("import builtins\nbuiltins.SECRET = 'a'", "locked"),
        ("def g(f, x): return f(x)\n" + solution, "solution", "f"),
        (with_hidden(*lines), "test", "t"),
    )
    shown = json.dumps(judge(planned).cell("t")["outputs"])
    assert "SECRET" not in shown, shown


def test_constants_beside_what_depends_on_a_student_are_the_judges(judge):
    planned = plan(
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
    right = judge(planned)
    assert right.scores == {"tolerance": 1, "cases": 1, "theirs": 1}, right.shown("theirs")
    cells = cells_of(planned, f="def f(x):\n    return 0")
    cells.insert(2, new_cell("TOLERANCE = 1e9\nCASES = []"))
    assert judge(planned, cells).scores == {"tolerance": 0, "cases": 0, "theirs": 0}


@pytest.mark.parametrize(
    ("given", "call", "loop"),
    [
        ("CASES = list(range(2000))", "CASES", "CASES"),
        ("class Box:\n    pass\nbox = Box()\nbox.cases = [1, 2]", "box.cases", "box.cases"),
        ("PAIRS = [1, 2]\ndef pairs(p=PAIRS):\n    return p", "PAIRS", "pairs()"),
        ("import collections\nD = collections.deque([1, 2])", "D", "D"),
        ("import collections\nC = collections.Counter('aab')", "C", "C"),
        ("import numpy as np\nA = np.arange(1.0, 4.0)", "A", "[x for x in A if x]"),
        ("TABLE = {'a': [1, 2]}", "TABLE['a']", "TABLE['a']"),
    ],
)
def test_whatever_a_call_has_emptied_is_full_again(judge, given, call, loop):
    planned = plan(
        (given, "locked"),
        ("def total(x):\n    return 0", "solution", "total_"),
        (f"total({call})", "test", "one"),
        ("def square(x):\n    return x", "solution", "square_"),
        (f"for x in {loop}:\n    assert square(x) == (x, x)", "test", "two"),
    )
    empty = "def total(x):\n    x.clear() if hasattr(x, 'clear') else x.fill(0)"
    answer = judge(planned, cells_of(planned, total_=empty))
    assert answer.scores == {"one": 1, "two": 0}, answer.shown("two")


def test_a_runner_asks_the_main_module_for_nothing_of_the_students(judge):
    test = """
import io, unittest
class Test(unittest.TestCase):
    def test(self):
        self.assertEqual(f(1), 1)
unittest.main(argv=["x", "Test"], exit=False, testRunner=unittest.TextTestRunner(io.StringIO()))
tests = unittest.defaultTestLoader.loadTestsFromTestCase(Test)
assert unittest.TextTestRunner(stream=io.StringIO()).run(tests).wasSuccessful()
"""
    fails(judge, "def f(x):\n    return 0\nimport math as setUpModule", test)


@pytest.mark.parametrize("seed", ["random.seed(1)", "np.random.seed(1)"])
def test_seeding_the_same_way_again_has_an_effect(judge, seed):
    solution = "import random\nimport numpy as np\ndef f():\n"
    solution += "    return [random.random(), np.random.rand()][" + str(int("np" in seed)) + "]"
    imports = "import random\nimport numpy as np\n"
    passes(judge, solution, f"{imports}{seed}\na = f()\n{seed}\nassert f() == a != f()")
    planned = plan(
        (solution, "solution", "f"),
        (f"{imports}{seed}\na = f()", "test", "one"),
        (f"{seed}\nassert f() == a", "test", "two"),
    )
    assert judge(planned).scores == {"one": 1, "two": 1}


def test_empty_texts_of_numpy_travel(judge):
    test = (
        "import numpy as np\nwords = np.array(['ab', ''])\nassert [f(w) for w in words] == [2, 0]"
    )
    passes(judge, "def f(word):\n    return len(word)", test)
    passes(judge, "import numpy as np\ndef f():\n    return np.str_('')", "assert f() == ''")
    passes(
        judge,
        "import numpy as np\ndef f():\n    return np.array(['', ''])[:0], np.bytes_(b'')",
        "a, b = f()\nassert a.size == 0 and b == b''",
    )


def test_changes_of_other_containers_are_seen(judge):
    test = """
import collections
for kind in (collections.Counter, collections.OrderedDict):
    one = kind(a=1)
    f(one)
    assert one == {"a": 1, "b": 2}, one
one = collections.deque([1])
g(one)
assert list(one) == [1, 2]
"""
    passes(judge, "def f(d):\n    d['b'] = 2\ndef g(d):\n    d.append(2)", test)


def test_a_cell_that_is_too_much_for_the_parser_costs_nothing_else(judge):
    planned = plan(
        ("def f(x):\n    return x", "solution", "f"),
        ("assert f(1) == 1", "test", "t"),
        ("def g(x):\n    return x", "solution", "g"),
        ("assert g(1) == 1", "test", "u"),
    )
    cells = cells_of(planned)
    many = "def g(x):\n    if x == 0:\n        return 0\n"
    many += "".join(f"    elif x == {n}:\n        return {n}\n" for n in range(1, 1500))
    cells[2] = new_cell(many)
    assert judge(planned, cells).scores["t"] == 1
    # IPython gives up after 500 changes of a cell.
    cells[2] = new_cell("!x\n" * 501 + "def g(x):\n    return x")
    assert judge(planned, cells).scores["t"] == 1


ORDER = (
    ("def helper(x):\n    return 0", "solution", "helper_"),
    ("assert helper(2) == 4", "test", "helper_test"),
    ("def square(x):\n    return helper(x)", "solution", "square_"),
    ("helper = lambda x: x * x\nassert square(3) == 9", "test", "square_test"),
    ("def square(x):\n    return x * x", "locked", "given"),
    ("assert square(4) == 16", "test", "given_test"),
)


@pytest.mark.parametrize("moved", ["helper_test", "square_test", "helper_", "square_"])
@pytest.mark.parametrize("copied", [False, True])
def test_no_test_comes_after_what_gives_its_answer_away(judge, moved, copied):
    planned = plan(*ORDER)
    cells = cells_of(planned)
    one = next(cell for cell in cells if grade_id_of(cell) == moved)
    cells.append(copy.deepcopy(one))
    if not copied:
        cells = [cell for cell in cells if cell is not one]
    answer = judge(planned, cells)
    assert answer.scores["helper_test"] == 0
    assert answer.scores["square_test"] == 1  # as it is for everybody


def test_exceptions_of_real_code_arrive(judge):
    passes(
        judge,
        "import numpy as np\ndef f(which):\n    return {'a': lambda: 1 / 0, 'b': lambda: [][1],"
        " 'c': lambda: np.linalg.inv(np.zeros((2, 2))), 'd': lambda: int('x')}[which]()",
        """
import numpy as np
for which, kind, text in (("a", ZeroDivisionError, "division by zero"), ("b", IndexError, "range"),
                          ("c", np.linalg.LinAlgError, "Singular"), ("d", ValueError, "invalid"),
                          ("e", KeyError, "'e'")):
    try:
        f(which)
    except kind as error:
        assert text in str(error), error
    else:
        raise AssertionError(which)
""",
    )


def test_unittest_and_its_context_managers_see_exceptions(judge):
    passes(
        judge,
        "def f(x):\n    if x < 0:\n        raise ValueError('negative')\n    return x",
        """
import unittest
case = unittest.TestCase()
case.assertRaises(ValueError, f, -1)
with case.assertRaisesRegex(ValueError, "neg"):
    f(-1)
with case.assertRaises(AssertionError):
    with case.assertRaises(ValueError):
        f(1)
""",
    )


def test_pytest_raises_sees_exceptions(judge):
    passes(
        judge,
        "def f(x):\n    raise ValueError('negative')",
        "import pytest\nwith pytest.raises(ValueError, match='neg'):\n    f(-1)",
    )


OWN = """
class Broke(Exception):
    pass
class VeryBroke(Broke):
    pass
def pay(amount):
    raise (VeryBroke if amount > 10 else Broke)(f"no {amount}")
"""


def test_a_test_can_catch_an_exception_that_the_assignment_asks_for(judge):
    passes(
        judge,
        OWN,
        """
try:
    pay(3)
except Broke as error:
    assert str(error) == "no 3" and type(error).__name__ == "Broke"
else:
    raise AssertionError
""",
    )
    passes(
        judge,
        OWN,
        "import unittest\ncase = unittest.TestCase()\ncase.assertRaises(Broke, pay, 1)\n"
        "with case.assertRaisesRegex(Broke, 'no 11') as caught:\n    pay(11)\n"
        "assert isinstance(caught.exception, VeryBroke)",
    )


def test_another_exception_than_the_one_asked_for_is_not_caught(judge):
    planned = question(OWN, "try:\n    pay(3)\nexcept VeryBroke:\n    pass")
    assert judge(planned).scores == {"t": 0.0}
    other = OWN.replace("raise (", "raise ValueError if amount else (")
    planned = question(OWN, "try:\n    pay(3)\nexcept Broke:\n    pass")
    assert judge(planned, {"f": other}).scores == {"t": 0.0}
    other = OWN.replace("class Broke(Exception)", "class Broke")
    assert judge(planned, {"f": other}).scores == {"t": 0.0}


def test_attributes_of_an_exception_that_the_assignment_asks_for_can_be_read(judge):
    passes(
        judge,
        """
class Broke(ValueError):
    def __init__(self, missing):
        super().__init__(f"{missing} are missing")
        self.missing = missing
def pay(amount):
    raise Broke(amount)
def why(error):
    return error.missing
def is_broke(kind):
    return kind is Broke
""",
        """
try:
    pay(3)
except Broke as error:
    assert error.missing == 3 and str(error) == "3 are missing" and why(error) == 3
    assert isinstance(error, Broke) and isinstance(error, ValueError) and type(error) is Broke
    assert not hasattr(error, "other")
else:
    raise AssertionError
made = Broke(5)
assert made.missing == 5 and str(made) == "5 are missing" and is_broke(Broke)
assert issubclass(Broke, ValueError) and Broke.__name__ == "Broke"
try:
    raise made
except Broke as error:
    assert error is made
""",
    )


def test_an_exception_that_poses_as_the_engines_is_only_the_students(judge):
    for module, name in (
        ("nbjudge.errors", "IsolationError"),
        ("nbjudge.errors", "SessionDiedError"),
        ("nbjudge.errors", "CannotJudgeError"),
        ("nbjudge.errors", "WireError"),
        ("builtins", "SyntaxError"),
    ):
        made = f"type({name!r}, (RuntimeError,), {{'__module__': {module!r}}})"
        fails(judge, f"def f():\n    raise {made}('x')", "assert f() == 1")


def test_an_exception_of_an_unknown_class_is_caught_by_its_builtin_base(judge):
    passes(
        judge,
        "def f():\n    class Odd(ValueError):\n        pass\n    raise Odd('it')",
        "try:\n    f()\nexcept ValueError as error:\n    assert str(error) == 'it'",
    )


LEAVING = (
    "raise SystemExit(0)",
    "import sys; sys.exit()",
    "quit()",
    "exit(0)",
    "raise KeyboardInterrupt",
    "raise GeneratorExit",
    "raise StopIteration",
)


def test_leaving_the_program_is_no_way_past_a_test(judge):
    parts = []
    for number, how in enumerate(LEAVING):
        parts.append((f"def f{number}():\n    {how}", "solution", f"f{number}"))
        parts.append((f"assert f{number}() == 1", "test", f"t{number}"))
        parts.append((f"{how}\nx{number} = 1", "solution", f"x{number}"))
        parts.append((f"assert x{number} == 1", "test", f"u{number}"))
    planned = plan(*parts, ("x = 1", "solution", "g"), ("assert x == 1", "test", "t"))
    scores = judge(planned).scores
    assert scores.pop("t") == 1.0
    assert len(scores) == 14
    # In Jupyter exit() and quit() let the rest of their cell run.
    assert {name for name, score in scores.items() if score} <= {"u2", "u3"}


def test_an_exception_whose_text_cannot_be_made_costs_only_its_question(judge):
    bad = """
class Bad(Exception):
    def __str__(self):
        raise RuntimeError("no text")
    __repr__ = __str__
def f():
    raise Bad
"""
    assert "Bad" in fails(judge, bad, "f()")


# functions as arguments


def test_the_judges_functions_can_be_called_back(judge):
    passes(
        judge,
        "def apply(g, x):\n    return g(x)",
        """
import numpy as np
calls = []
assert apply(lambda x: calls.append(x) or x + 1, 2) == 3 and calls == [2]
assert apply(np.sin, 0.0) == 0 and apply(len, [1, 2]) == 2 and apply(abs, -3) == 3
assert apply(np.float32, 2) == 2 and apply(int, "7") == 7
def own(x):
    return apply(lambda y: y * 2, x) + 1
assert apply(own, 5) == 11
""",
    )


def test_an_exception_of_a_called_back_function_reaches_the_student(judge):
    passes(
        judge,
        """
def safe(g):
    try:
        return g()
    except ValueError as error:
        return f"caught {error}"
""",
        "def bad():\n    raise ValueError('x')\nassert safe(bad) == 'caught x'",
    )


def test_a_students_function_can_be_handed_back(judge):
    passes(
        judge,
        "def make(n):\n    def add(x):\n        return x + n\n    return add\n"
        "def twice(g, x):\n    return g(g(x))",
        "add = make(3)\nassert add(1) == 4 and twice(add, 0) == 6 and twice(make(1), 1) == 3",
    )


def test_objects_stay_and_can_be_handed_back(judge):
    passes(
        judge,
        "class _State:\n    def __init__(self): self.n = 0\n"
        "def start():\n    return _State()\ndef step(state):\n    state.n += 1\n    return state.n",
        "state = start()\nassert step(state) == 1 and step(state) == 2 and step(start()) == 1",
    )


STACK = """
class Stack:
    kind = "stack"
    def __init__(self, items=()):
        self.items = list(items)
    def push(self, item):
        self.items.append(item)
        return self
    def pop(self):
        return self.items.pop()
    @property
    def size(self):
        return len(self.items)
    def __len__(self):
        return len(self.items)
    def __getitem__(self, key):
        return self.items[key]
    def __contains__(self, item):
        return item in self.items
    def __str__(self):
        return f"Stack of {len(self.items)}"
    def __repr__(self):
        return f"Stack({self.items})"
class Special(Stack):
    pass
def make():
    return Stack([1, 2])
"""


def test_a_class_that_the_assignment_asks_for_can_be_used(judge):
    passes(
        judge,
        STACK,
        """
s = Stack([1])
assert s.push(2).push(3).pop() == 3
assert s.size == 2 and len(s) == 2 and s[0] == 1 and 2 in s and 5 not in s and list(s) == [1, 2]
assert s.items == [1, 2] and s.kind == "stack" and Stack.kind == "stack"
assert str(s) == "Stack of 2" and repr(s) == "Stack([1, 2])" and f"{s}" == "Stack of 2"
s.label = "mine"
assert s.label == "mine"
assert isinstance(s, Stack) and not isinstance(3, Stack) and isinstance(make(), Stack)
assert isinstance(Special(), Stack) and not isinstance(s, Special)
assert callable(s.push) and hasattr(s, "pop") and not hasattr(s, "nothing")
try:
    Stack().pop()
except IndexError as error:
    assert "pop from empty list" in str(error)
else:
    raise AssertionError
""",
    )


VECTOR = """
class Vector:
    def __init__(self, x):
        self.x = x
    def __add__(self, other):
        return Vector(self.x + other.x)
    def __eq__(self, other):
        return True
    def __call__(self, y):
        return self.x * y
"""


def test_objects_take_no_part_in_the_judges_computations(judge):
    passes(judge, VECTOR, "assert Vector(1) != 1 and Vector(3)(2) == 6 and Vector(2).x == 2")
    fails(judge, VECTOR, "assert Vector(1) == 1")
    assert "unsupported operand" in fails(judge, VECTOR, "Vector(1) + Vector(2)")


def test_a_tagged_test_can_compute_with_the_students_objects(judge):
    planned = plan(
        (VECTOR, "solution", "f"),
        ("assert (Vector(1) + Vector(2)).x == 3", "child test", "t", 2),
    )
    assert judge(planned).scores == {"t": 2.0}


def test_an_objects_attributes_are_read_only_if_its_class_is_asked_for(judge):
    planned = question("def f():\n    return 1", "assert f().points == 1")
    other = "class Any:\n    points = 1\ndef f():\n    return Any()"
    answer = judge(planned, {"f": other})
    assert answer.scores == {"t": 0.0}
    assert "cannot be read from a test" in answer.shown("t")


def test_with_names_lends_right_helpers(judge):
    planned = plan(
        (
            "def pad(x):\n    return [0, *x, 0]\n"
            "def conv(x):\n    return sum(pad(x)) + len(pad(x))",
            "solution",
            "f",
        ),
        (
            "def right(x):\n    return [0, *x, 0]\nassert conv.with_names(pad=right)([1]) == 4",
            "test",
            "t",
        ),
        ("assert pad([1]) == [0, 1, 0]", "test", "u"),
    )
    assert judge(planned).scores == {"t": 1.0, "u": 1.0}
    wrong = "def pad(x):\n    return x\ndef conv(x):\n    return sum(pad(x)) + len(pad(x))"
    assert judge(planned, {"f": wrong}).scores == {"t": 1.0, "u": 0.0}
    missing = "def conv(x):\n    return sum(pad(x)) + len(pad(x))"
    assert judge(planned, {"f": missing}).scores == {"t": 1.0, "u": 0.0}


def test_a_helper_that_the_test_redefines_is_honoured(judge):
    planned = plan(
        ("def helper(x):\n    return x", "solution", "h"),
        ("def f(x):\n    return helper(x) + 1", "solution", "f"),
        (
            "calls = []\nold = helper\ndef helper(x):\n    calls.append(x)\n    return 10\n"
            "assert f(1) == 11 and calls == [1]\ndel helper\nhelper = old",
            "test",
            "t",
        ),
        ("assert f(1) == 2", "test", "u"),
    )
    assert judge(planned).scores == {"t": 1.0, "u": 1.0}


# randomness


def test_a_seed_in_the_test_reaches_the_student(judge):
    passes(
        judge,
        "import numpy as np\nimport random\n"
        "def f():\n    return np.random.rand(3), random.random()",
        """
import random
import numpy as np
np.random.seed(3)
random.seed(4)
got = f()
np.random.seed(3)
random.seed(4)
assert np.array_equal(got[0], np.random.rand(3)) and got[1] == random.random()
""",
    )


def test_a_seed_in_the_test_holds_for_the_calls_that_follow(judge):
    passes(
        judge,
        "import numpy as np\ndef f():\n    return np.random.rand()",
        "import numpy as np\nnp.random.seed(1)\na, b = f(), f()\nnp.random.seed(1)\n"
        "assert [a, b] == np.random.rand(2).tolist()",
    )


def test_the_same_seed_gives_the_same_draws_in_both_processes(judge):
    planned = plan(
        ("import random\nimport numpy as np", "locked"),
        ("mine = [np.random.rand(), random.random()]", "solution", "f"),
        (
            "print([np.random.rand(), random.random(), np.random.default_rng().random()], mine)",
            "test",
            "t",
        ),
    )
    first, again, other = (judge(planned, seed=seed).shown("t") for seed in (7, 7, 8))
    assert first == again != other
    assert first.count("0.") >= 4


def test_the_seed_is_recorded(judge):
    data = judge.answer(question("x = 1", "x"), seed=99, mark={"seed": 99, "isolation": "full"})
    import json

    assert json.loads(data["notebook"])["metadata"]["nbjudge"]["seed"] == 99


def test_large_seeds_are_taken(judge):
    passes(judge, "x = 1", "assert x == 1", seed=2**40 + 1)


# output


def test_what_a_student_prints_can_be_captured(judge):
    passes(
        judge,
        "import sys\ndef f():\n    print('hello')\n    print('err', file=sys.stderr)",
        """
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as out:
    with contextlib.redirect_stderr(io.StringIO()) as err:
        f()
assert out.getvalue() == "hello\\n" and err.getvalue() == "err\\n"
""",
    )


def test_what_programs_and_c_code_print_can_be_captured(judge):
    passes(
        judge,
        "import os\ndef f():\n    os.write(1, b'raw\\n')\n    os.system('echo shell')",
        "import contextlib, io\nwith contextlib.redirect_stdout(io.StringIO()) as out:\n    f()\n"
        "assert out.getvalue() == 'raw\\nshell\\n', out.getvalue()",
    )


def test_what_a_call_prints_is_shown_with_the_test(judge):
    answer = passes(judge, "def f():\n    print('seen')", "f()")
    assert "seen" in answer.shown("t")


def test_a_tests_own_output_is_shown(judge):
    answer = passes(judge, DOUBLE, "print('checked', double(2))\ndisplay('x')")
    assert "checked 4" in answer.shown("t")


FORGED_REPORT = """
from IPython.display import display
def claim():
    for name in (REPORT, REPORT.upper(), " " + REPORT):
        display({name: {"points": 9}, "text/plain": "forged"}, raw=True)
        display({name: {"points": 9}}, raw=True, display_id="own")
""".replace("REPORT", repr(REPORT), 1).replace("REPORT", repr(REPORT))


def reports(cells):
    return [
        output["data"][name]
        for cell in cells
        for output in cell.get("outputs", ())
        for name in output.get("data", ())
        if name.strip().lower() == REPORT
    ]


def test_a_report_comes_from_the_judges_own_test_cell_alone(judge):
    report = f"display({{{REPORT!r}: {{'points': 1}}}}, raw=True)"
    planned = plan(
        (f"{FORGED_REPORT}\nclaim()", "solution", "f"),
        (f"claim()\n{report}", "test", "t", 1),
        (f"claim()\n{report}", "child test", "u", 1),
    )
    answer = judge(planned)
    assert answer.scores == {"t": 1.0, "u": 1.0}
    assert "forged" in answer.shown("f") and "forged" in answer.shown("t")
    assert reports(answer.cells) == [{"points": 1}]
    assert reports([answer.cell("t")]) == [{"points": 1}]


def test_capture_magics_and_await_and_commands_work_in_test_cells(judge):
    passes(
        judge,
        DOUBLE,
        """
import asyncio
async def later():
    await asyncio.sleep(0)
    return double(4)
%time value = double(3)
assert value == 6
got = !echo hello
assert got == ["hello"]
assert await later() == 8
""",
    )


def test_magics_and_await_work_in_the_students_cells(judge):
    solution = """
import asyncio
await asyncio.sleep(0)
%time x = 1
got = !echo hello
text = "".join(got)
"""
    passes(judge, solution, "assert x == 1 and text == 'hello'")


def test_cell_magics_work_in_test_cells(judge):
    passes(judge, DOUBLE, "%%time\nassert double(2) == 4")


def test_every_figure_is_drawn_where_the_settings_say_so(judge):
    planned = plan(
        ("import matplotlib.pyplot as plt", "locked"),
        ("def draw():\n    plt.plot([1, 2])\n    plt.show()", "solution", "f"),
        ("draw()\nplt.plot([3, 4])\nplt.show()", "test", "t"),
    )
    answer = judge(planned, draw_all=True)
    assert answer.scores == {"t": 1.0}
    pictures = [o for o in answer.cell("t")["outputs"] if "image/png" in o.get("data", {})]
    assert len(pictures) == 2


def test_a_warning_costs_nothing(judge):
    passes(
        judge,
        "import warnings\nimport numpy as np\ndef f():\n    warnings.warn('careful')\n"
        "    return np.array([1.0]) / 0",
        "assert f()[0] > 1e300",
    )


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
]
NO_SCORES = [
    "float('nan')",
    "float('inf')",
    "-1",
    "-1e-9",
    "3.0001",
    "10**400",
    "'2'",
    "True",
    "double(2) == 4",
    "np.True_",
    "[3]",
    "np.array([3.0])",
    "np.array(3.0)",
    "3 + 0j",
    "np.float64('nan')",
    "double",
    "double(1)",
    "x = double(1)\nx",
    "np.datetime64('2020')",
    "__import__('decimal').Decimal('2')",
    "object()",
]


@pytest.fixture(scope="module")
def scored(judge):
    """An assignment with a test cell for each of the last lines."""
    values = [*(value for value, _ in SCORES), *NO_SCORES]
    tests = [(f"import numpy as np\n{value}", "test", value, 3) for value in values]
    return judge(plan((DOUBLE, "solution", "f"), *tests))


@pytest.mark.parametrize(("value", "score"), SCORES)
def test_the_last_value_is_the_score(scored, value, score):
    assert scored.scores[value] == score
    kinds = {output["output_type"] for output in scored.cell(value)["outputs"]}
    assert kinds <= {"stream"}


@pytest.mark.parametrize("value", NO_SCORES)
def test_what_is_no_score_is_the_instructors_error_and_never_points(scored, value):
    assert scored.scores[value] is None
    errors = [error for error in scored.errors if error.startswith(f"{value}: ")]
    assert len(errors) == 1 and errors[0].startswith(f"{value}: its last line ")
    assert "left to be graded by hand" in scored.shown(value)
    kinds = {output["output_type"] for output in scored.cell(value)["outputs"]}
    assert "execute_result" not in kinds


def test_only_what_is_no_score_is_an_error(scored):
    assert len(scored.errors) == len(NO_SCORES)


def test_a_students_value_is_never_a_score(judge):
    planned = question("def points(): return 0\nscore = 0", "points()", 3)
    for forged in ("def points(): return 3", "points = 3", "class points(float): pass"):
        assert judge(planned, {"f": forged}).scores["t"] in (None, 0.0)
    planned = question("score = 0", "score", 3)
    assert judge(planned, {"f": "score = 3"}).scores == {"t": None}


def test_a_test_cell_with_a_mistake_is_the_instructors_error(judge):
    answer = judge(question(DOUBLE, "assert double(2 == 4"))
    assert answer.scores == {"t": None} and "SyntaxError" in answer.errors[0]


def test_what_cannot_be_passed_is_the_instructors_error(judge):
    answer = judge(question("def f(x): return x", "import threading\nf(threading.Lock())"))
    assert answer.scores == {"t": None}
    assert "a lock cannot be passed to the student's process" in answer.errors[0]


def test_a_students_syntax_error_is_the_students(judge):
    shown = fails(judge, "def f():\n    return eval('1 +')", "assert f() == 1")
    assert "SyntaxError" in shown
    fails(judge, "def f():\n    return compile('(', 'x', 'exec')", "assert f() == 1")


def test_a_mistake_in_the_tests_code_costs_points_and_shows_its_message(judge):
    assert "ZeroDivisionError: division by zero" in fails(judge, DOUBLE, "1 / 0")


# what is shown


HIDDEN = """assert double(1) == 2
### BEGIN HIDDEN TESTS
SECRET_NUMBER = 40417
assert double(SECRET_NUMBER) == 80834
### END HIDDEN TESTS
assert double(0) == 0"""


def test_a_hidden_test_is_not_shown_when_it_fails(judge):
    planned = question(DOUBLE, HIDDEN)
    answer = judge(planned, {"f": "def double(x):\n    return 2 if x == 1 else 0"})
    assert answer.scores == {"t": 0.0}
    for word in ("SECRET", "40417", "80834"):
        assert word not in answer.shown("t")
    assert "A test that is not shown failed." in answer.shown("t")
    assert "AssertionError" in answer.shown("t")


def test_a_visible_line_is_shown_when_it_fails(judge):
    planned = question(DOUBLE, HIDDEN)
    answer = judge(planned, {"f": "def double(x):\n    return 3"})
    assert "----> 1 assert double(1) == 2" in answer.shown("t")
    last = judge(planned, {"f": "def double(x):\n    return 2 * x or 1"})
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


def test_the_line_of_the_students_code_is_shown(judge):
    shown = fails(judge, "def f(x):\n    y = 1\n    return y / x", "assert f(0) == 1")
    assert "return y / x" in shown and "line 3 of its cell" in shown
    assert "ZeroDivisionError: division by zero" in shown


def test_messages_of_numpy_are_shown(judge):
    shown = fails(
        judge,
        "def f():\n    return 1.5",
        "import numpy as np\nnp.testing.assert_allclose(f(), 2.5, err_msg='look at this')",
    )
    assert "look at this" in shown


# cells that a person grades, and cells that run in the student's process


def test_what_a_person_grades_is_left_to_a_person(judge):
    planned = plan(
        ("plot(1)", "manual", "plot", 2),
        ("words", "essay", "essay", 3),
        ("Draw.", "task", "task", 4),
        ("def f(): pass", "solution", "f"),
    )
    answer = judge(planned)
    assert answer.scores == {"plot": None, "essay": None, "task": None}
    assert answer.unanswered == []
    cells = cells_of(planned, plot=STUB, essay="YOUR ANSWER HERE\n", f=STUB)
    answer = judge(planned, cells)
    assert answer.scores == {"plot": 0.0, "essay": 0.0, "task": None}
    assert {"plot", "essay", "f"} <= set(answer.unanswered)


def test_a_tagged_test_runs_in_the_students_process_and_says_so(judge):
    planned = plan(
        ("_inner = []\ndef f():\n    _inner.append(1)\n    return _inner", "solution", "f"),
        ("assert f() is _inner", "child test", "t", 2),
        ("assert len(_inner) == 1", "child test", "u", 2),
    )
    answer = judge(planned)
    assert answer.scores == {"t": 2.0, "u": 2.0}
    assert "ran in the student's process" in answer.shown("t")
    answer = judge(planned, {"f": "def f(): return 1"})
    assert answer.scores == {"t": 0.0, "u": 0.0}


def test_a_tagged_test_gives_no_partial_points(judge):
    planned = plan(("x = 1", "solution", "f"), ("x", "child test", "t", 2))
    answer = judge(planned)
    assert answer.scores == {"t": None}
    assert "gives no points" in answer.errors[0]


# submissions from elsewhere


@pytest.mark.parametrize("program", SAVED_BY)
def test_a_notebook_saved_elsewhere_scores_as_its_jupyter_twin(judge, program):
    planned = plan(
        ("import numpy as np", "locked", "setup"),
        ("def double(x):\n    y = 2 * x\n    return y", "solution", "f"),
        (
            "assert double(2) == 4\n"
            "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
            "test",
            "t",
            2,
        ),
        ("essay", "essay", "e", 1),
        ("def triple(x): return 3", "solution", "g"),
        ("assert triple(2) == 6", "test", "u", 3),
    )
    twin = judge(planned, cells_of(planned))
    assert twin.scores == {"t": 2.0, "e": None, "u": 0.0}
    other = judge(planned, SAVED_BY[program](cells_of(planned)))
    assert other.scores == twin.scores
    assert other.errors == other.mended == []
    assert [grade_id_of(c) for c in other.cells] == [grade_id_of(c) for c in twin.cells]


def test_a_file_that_is_no_notebook_is_unreadable(judge):
    data = judge.answer(question("x = 1", "x"), b"not a notebook")
    assert data["unreadable"].startswith("not a Jupyter notebook")


def test_a_notebook_without_metadata_scores_as_with_it(judge):
    planned = question(DOUBLE, "assert double(2) == 4", 2)
    cells = cells_of(planned)
    for cell in cells:
        cell["metadata"] = {}
    answer = judge(planned, cells)
    assert answer.scores == {"t": 2.0} and answer.mended


def test_a_deleted_and_a_copied_test_cell_cost_nothing(judge):
    planned = question(DOUBLE, "assert double(2) == 4", 2)
    cells = cells_of(planned)
    assert judge(planned, cells[:1]).scores == {"t": 2.0}
    assert judge(planned, [*cells, dict(cells[1])]).scores == {"t": 2.0}
    assert judge(planned, cells[::-1]).scores == {"t": 2.0}


def test_a_fork_that_a_student_forgot_to_end_does_no_harm(judge):
    passes(
        judge,
        "import os\nos.fork()\ndef f(x):\n    os.fork()\n    return 2 * x",
        "assert [f(n) for n in range(20)] == list(range(0, 40, 2))",
    )


def test_numbers_of_this_process_are_not_changed_by_judging(judge):
    state = np.random.get_state()[1].copy()
    judge(question("x = 1", "assert x == 1"))
    assert np.array_equal(state, np.random.get_state()[1])


# the module __main__


def test_unittest_finds_the_cases_of_the_test_cell(judge):
    test = """
import unittest

class TestF(unittest.TestCase):
    def test_double(self):
        self.assertEqual(f(2), 4)

result = unittest.main(argv=["x"], exit=False, verbosity=0).result
assert result.testsRun == 1 and result.wasSuccessful()
"""
    passes(judge, "def f(x): return 2 * x", test)
    fails(judge, "def f(x): return x", test)


def test_the_students_names_can_be_imported_from_main(judge):
    passes(judge, "def f(x): return 2 * x", "from __main__ import f as g\nassert g(2) == 4")


def test_a_name_of_the_students_can_be_patched_in_main(judge):
    solution = "def g(x): return x\ndef f(x): return g(x) + 1"
    test = """
from unittest.mock import patch
with patch("__main__.g", lambda x: 10 * x):
    assert f(2) == 21
assert f(2) == 3
"""
    passes(judge, solution, test)


def test_an_argument_that_is_too_large_is_the_tests_fault(judge):
    planned = question("def f(x): return 1", "import numpy as np\nassert f(np.ones(2**24)) == 1")
    answer = judge(planned)
    assert answer.scores == {"t": None}
    assert "at most" in answer.errors[0]


def test_only_the_time_of_a_processor_counts_against_a_cells_limit(judge):
    """By the clock a cell may wait three times as long."""
    planned = plan(
        ("import time\ntime.sleep(2.5)\nslept = True", "solution", "s"),
        ("while True:\n    pass", "plain"),
        ("assert slept", "test", "t"),
    )
    answer = judge(planned, limits={"cell_seconds": 2})
    assert answer.scores == {"t": 1.0}
    assert answer.cell("s")["outputs"] == []
    assert "ran for more than 2 seconds and was interrupted" in answer.shown(1)
    assert "KeyboardInterrupt" in answer.shown(1)


def test_a_cell_that_only_waits_is_interrupted_too(judge):
    planned = plan(("import time\ntime.sleep(100)", "plain"))
    answer = judge(planned, limits={"cell_seconds": 0.5})
    assert "ran for more than 0.5 seconds and was interrupted" in answer.shown(0)


def test_on_a_busy_machine_a_cell_still_has_its_time_of_a_processor(judge):
    """What others leave of the processors is imitated by stopping the session nine times in ten."""
    works = """
import time
end = time.process_time() + 0.4
while time.process_time() < end:
    pass
worked = True
"""
    planned = plan((works, "solution", "s"), ("assert worked", "test", "t"))
    with slowed("nbj-session", running=0.02, stopped=0.18):
        answer = judge(planned, limits={"cell_seconds": 1})
    assert answer.scores == {"t": 1.0}
    assert answer.cell("s")["outputs"] == []


def test_an_endless_loop_that_ignores_every_interrupt_is_ended(judge):
    ignores = """
import signal
for one in (signal.SIGPROF, signal.SIGINT):
    signal.signal(one, signal.SIG_IGN)
while True:
    pass
"""
    planned = plan((ignores, "plain"), ("assert 1", "test", "t"))
    answer = judge(planned, limits={"cell_seconds": 0.5})
    assert answer.scores == {"t": 1.0}
    assert "could not be interrupted" in answer.shown(0)
