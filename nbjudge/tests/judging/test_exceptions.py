"""Exceptions of student code, as test cells see them."""

import os

import pytest

from tests.support.engines import spec
from tests.support.questions import question

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
    """The result of an assignment with a function per exception and a test that catches it."""
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
    return judge(spec(*parts))


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
def test_no_exception_makes_a_test_pass(fails, raised, test):
    fails(f"def f(x):\n    {raised}", test)


FORGED = """
from nbjudge.guest import interpreter

def describe(self, error):
    classes = interpreter._classes(type(error))
    return interpreter.ErrorReport(classes, str(error), [({place!r}, {line}, "f", "")], None)

def f(x):
    interpreter.Interpreter._describe = describe
    raise ValueError("no")
"""


@pytest.mark.parametrize("line", [0, 1, 7, -3, 2**31 - 1])
@pytest.mark.parametrize("reader", ["traceback", "IPython"])
def test_files_named_by_a_forged_traceback_are_not_read(fails, tmp_path, line, reader):
    """Line 0 once revealed the first line of the file, read with the grader's permissions."""
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret of the grader\n" * 20)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    test = "f(1)"
    if reader == "traceback":
        test = "import traceback\ntry:\n    f(1)\nexcept ValueError:\n    "
        test += "print(traceback.format_exc())\n    raise"
    for name in (str(secret), f"<{secret}>", f"{secret}>", str(pipe)):
        shown = fails(FORGED.format(place=name, line=line), test)
        assert "a secret of the grader" not in shown


def test_exceptions_of_real_code_arrive(passes):
    passes(
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


def test_unittest_and_its_context_managers_see_exceptions(passes):
    passes(
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


def test_pytest_raises_sees_exceptions(passes):
    passes(
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


def test_a_test_can_catch_an_exception_that_the_assignment_asks_for(passes):
    passes(
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
        OWN,
        "import unittest\ncase = unittest.TestCase()\ncase.assertRaises(Broke, pay, 1)\n"
        "with case.assertRaisesRegex(Broke, 'no 11') as caught:\n    pay(11)\n"
        "assert isinstance(caught.exception, VeryBroke)",
    )


@pytest.mark.parametrize("own", ["AssertionError", "Exception", "ValueError"])
def test_a_builtin_exception_is_not_the_required_class(judge, own):
    """A test that catches a built-in exception would catch its own failed assertions."""
    cell_spec = question(OWN, "try:\n    assert pay(3)\nexcept Broke:\n    pass")
    answer = judge(cell_spec, {"f": f"Broke = {own}\ndef pay(amount):\n    return 0"})
    assert answer.scores == {"t": 0.0}
    assert f"Broke is {own} itself, not a new class" in answer.shown("t")


def test_another_exception_than_the_one_asked_for_is_not_caught(judge):
    cell_spec = question(OWN, "try:\n    pay(3)\nexcept VeryBroke:\n    pass")
    assert judge(cell_spec).scores == {"t": 0.0}
    other = OWN.replace("raise (", "raise ValueError if amount else (")
    cell_spec = question(OWN, "try:\n    pay(3)\nexcept Broke:\n    pass")
    assert judge(cell_spec, {"f": other}).scores == {"t": 0.0}
    other = OWN.replace("class Broke(Exception)", "class Broke")
    assert judge(cell_spec, {"f": other}).scores == {"t": 0.0}


def test_attributes_of_an_exception_that_the_assignment_asks_for_can_be_read(passes):
    passes(
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


def test_an_attribute_of_an_exception_may_have_any_name(passes):
    names = "text", "error", "student_error", "student_class", "code"
    made = "".join(f"        self.{name} = [{name!r}]\n" for name in names)
    passes(
        f"class Broke(Exception):\n    def __init__(self):\n{made}\ndef f():\n    raise Broke",
        f"try:\n    f()\nexcept Broke as error:\n"
        f"    assert all(getattr(error, name) == [name] for name in {names})",
    )


def test_an_exception_of_the_tests_own_class_can_be_caught_by_its_builtin_base(passes):
    passes(
        """
def retry(f):
    try:
        f()
    except ValueError as error:
        return str(error)
""",
        """
class Flaky(ValueError):
    pass

def flaky():
    raise Flaky("again")

assert retry(flaky) == "again"
""",
    )


def test_an_exception_that_poses_as_the_engines_is_only_the_students(fails):
    for module, name in (
        ("nbjudge.errors", "IsolationError"),
        ("nbjudge.errors", "SessionDiedError"),
        ("nbjudge.errors", "CannotJudgeError"),
        ("nbjudge.errors", "WireError"),
        ("builtins", "SyntaxError"),
    ):
        made = f"type({name!r}, (RuntimeError,), {{'__module__': {module!r}}})"
        fails(f"def f():\n    raise {made}('x')", "assert f() == 1")


def test_an_exception_of_an_unknown_class_is_caught_by_its_builtin_base(passes):
    passes(
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
    cell_spec = spec(*parts, ("x = 1", "solution", "g"), ("assert x == 1", "test", "t"))
    scores = judge(cell_spec).scores
    assert scores.pop("t") == 1.0
    assert len(scores) == 14
    # In Jupyter, the rest of a cell runs after exit() and quit().
    assert {name for name, score in scores.items() if score} <= {"u2", "u3"}


def test_an_exception_whose_text_cannot_be_made_costs_only_its_question(fails):
    bad = """
class Bad(Exception):
    def __str__(self):
        raise RuntimeError("no text")
    __repr__ = __str__
def f():
    raise Bad
"""
    assert "Bad" in fails(bad, "f()")


# tracebacks of cells

LOOP = "def forever():\n    while True:\n        pass\nforever()"
CHAIN = "try:\n    input()\nexcept EOFError as error:\n    raise ValueError('mine') from error"
GROUP = "try:\n    input()\nexcept EOFError as error:\n    raise ExceptionGroup('mine', [error])"


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (LOOP, ["KeyboardInterrupt", "in forever()", "2     while True:"]),
        ("input('name? ')", ["----> 1 input('name? ')", "EOFError: input() does not work while"]),
        ("import sys\nsys.stdout.write(5)", ["----> 2 sys.stdout.write(5)", "TypeError"]),
        (CHAIN, ["EOFError", "----> 2     input()", "direct cause", "ValueError: mine"]),
        (GROUP, ["EOFError", "ExceptionGroup: mine"]),
    ],
)
def test_the_traceback_of_a_cell_shows_only_the_students_lines(judge, source, shown):
    answer = judge(spec((source, "plain")), limits={"cell_seconds": 1})
    text = answer.shown(0)
    assert [line for line in text.splitlines() if "nbjudge" in line] == []
    assert [words for words in shown if words not in text] == [], text
