"""Calls to students' functions: arguments, values, changes, objects, functions as arguments."""

import pytest

from tests.support.engines import busy_processes, cells_of, spec
from tests.support.questions import DOUBLE, question

# calls


def test_arguments_arrive_as_given(passes):
    passes(
        "def f(a, b=2, *rest, c, d=4, **more):\n    return [a, b, rest, c, d, more]",
        """
assert f(1, c=3) == [1, 2, (), 3, 4, {}]
assert f(1, 5, 6, 7, c=3, d=8, e=9) == [1, 5, (6, 7), 3, 8, {"e": 9}]
assert f(*[1, 2], **{"c": 3}) == [1, 2, (), 3, 4, {}]
assert f(b=1, a=0, c=[]) == [0, 1, (), [], 4, {}]
""",
    )


def test_a_wrong_number_of_arguments_is_a_type_error(passes):
    passes(
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


def test_a_test_can_end_what_it_starts(passes):
    """Judges ignore SIGTERM themselves: the coordinator handles it."""
    passes(
        DOUBLE,
        """
import os, signal, subprocess
process = subprocess.Popen(["sleep", "100"])
process.terminate()
assert process.wait(10) == -signal.SIGTERM
pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGTERM)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGTERM
os.kill(os.getpid(), signal.SIGTERM)
""",
    )


@pytest.mark.parametrize("in_test", [False, True])
def test_sigterm_ends_a_process_that_is_still_starting(passes, in_test):
    """Processes forked by a thread end too; handlers set by the notebook are inherited."""
    program = """
import multiprocessing, os, signal, threading, time
def end_some(statuses):
    for _ in range(20):
        process = multiprocessing.Process(target=time.sleep, args=(1000,))
        process.start()
        process.terminate()
        process.join()
        statuses.append(process.exitcode)
statuses = []
end_some(statuses)
thread = threading.Thread(target=end_some, args=[statuses])
thread.start()
thread.join()
assert statuses == 40 * [-signal.SIGTERM], statuses
assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()

before = signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGTERM)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
_ = signal.signal(signal.SIGTERM, before)
"""
    solution, test = (DOUBLE, program) if in_test else (program, "assert len(statuses) == 40")
    passes(solution, test)


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
    answer = judge(spec((DOUBLE, "solution", "f"), *cells), {"f": liar})
    assert answer.scores == dict.fromkeys(tests, 0.0)


def test_a_generator_is_refused_in_clear_words(judge):
    bodies = ("yield 1", "return iter([1])", "return map(str, [1])", "return (n for n in [1])")
    solution = "\n".join(f"def f{n}():\n    {body}" for n, body in enumerate(bodies))
    tests = [(f"assert list(f{n}()) == [1]", "test", f"t{n}") for n in range(len(bodies))]
    answer = judge(spec((solution, "solution", "f"), *tests))
    for n in range(len(bodies)):
        assert answer.scores[f"t{n}"] == 0.0
        assert f"f{n} returned a " in answer.shown(f"t{n}")
        assert "return a list or an array instead" in answer.shown(f"t{n}")


def test_a_coroutine_is_refused_in_clear_words(fails):
    assert "f returned a coroutine" in fails("async def f():\n    return 1", "f()")


def test_recursion_and_helpers_work_in_the_students_process(passes):
    passes(
        "def less(n): return n - 1\ndef fact(n):\n    return 1 if n == 0 else n * fact(less(n))",
        "assert fact(5) == 120",
    )


# changed arguments


def test_changes_of_arguments_by_a_call_are_seen(passes):
    passes(
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


def test_input_left_alone_is_checkable(passes, fails):
    test = """
import numpy as np
x = np.arange(3.0)
before = x.copy()
assert shift(x).tolist() == [1, 2, 3]
assert np.array_equal(x, before), "the input was changed"
"""
    passes("def shift(x):\n    return x + 1", test)
    assert "the input was changed" in fails("def shift(x):\n    x += 1\n    return x", test)


def test_views_and_strided_arguments_are_changed_in_place(passes):
    passes(
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


KEPT = """
import numpy as np
kept = np.zeros(2)

def fill(a):
    kept[:] = a
    return kept, [kept]

def refuse(a):
    kept[:] = a
    raise ValueError("refused")
"""


def test_a_result_that_the_next_call_overwrites_is_overwritten(passes):
    passes(
        KEPT,
        """
one, (inner,) = fill(1)
assert one.tolist() == inner.tolist() == [1, 1]
two, _ = fill(2)
assert one.tolist() == inner.tolist() == two.tolist() == [2, 2]
try:
    refuse(3)
except ValueError:
    pass
assert two.tolist() == [3, 3]
""",
    )


def test_a_result_that_no_call_overwrites_stays(passes):
    passes(
        "import numpy as np\ndef fill(a):\n    return np.full(2, a), [a]",
        "one, items = fill(1)\nfill(2)\nassert one.tolist() == [1, 1] and items == [1]",
    )


def test_an_argument_that_was_returned_can_be_changed_by_a_later_call(passes):
    passes(
        """
before = []

def keep(a):
    for old in before:
        old[0] = -1
    before.append(a)
    return a
""",
        "a, b = [1], [2]\nassert keep(a) is a\nassert keep(b) is b\nassert (a, b) == ([-1], [2])",
    )


def test_an_argument_given_twice_is_one_object(passes):
    passes(
        "def f(a, b):\n    a[0] = 5\n    return b[0], a is b",
        "import numpy as np\nx = np.zeros(1)\nassert f(x, x) == (5, True)\n"
        "y = [0]\nassert f(y, b=y) == (5, True)\nassert f([0], [0]) == (0, False)",
    )


def test_a_returned_argument_is_the_same_object(passes):
    passes(
        "def same(x):\n    return x\ndef pair(x):\n    x.append(1)\n    return x, [x]",
        """
import numpy as np
x, items = np.zeros(2), [0]
assert same(x) is x and same(items) is items
one, other = pair(items)
assert one is items and other[0] is items and items == [0, 1]
""",
    )


def test_a_returned_copy_is_another_object(passes):
    passes(
        "def copy(x):\n    return x.copy()",
        "import numpy as np\nx = np.zeros(2)\ny = copy(x)\ny[0] = 1\nassert x[0] == 0",
    )


def test_a_read_only_array_cannot_be_written_to(passes):
    passes(
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


def test_a_list_that_grows_and_an_array_that_is_resized(passes):
    passes(
        "def f(items):\n    items.extend(range(100))\n    return len(items)\n"
        "def clear(table):\n    table.clear()",
        "x = []\nassert f(x) == 100 and len(x) == 100\nd = {1: 2}\nclear(d)\nassert d == {}",
    )


def test_changes_made_before_an_exception_are_seen(passes):
    passes(
        "def f(items):\n    items.append(1)\n    raise ValueError",
        "x = []\ntry:\n    f(x)\nexcept ValueError:\n    pass\nassert x == [1]",
    )


def test_a_call_in_one_test_does_not_empty_the_data_of_the_next(judge):
    cell_spec = spec(
        ("CASES = [1, 2, 3]\nTABLE = {'a': [1, 2]}\nSCORES = []", "locked"),
        ("def total(x):\n    return sum(x)", "solution", "total_"),
        ("total(CASES); total(TABLE['a'])\nassert CASES == []\nSCORES.append(1)", "test", "one"),
        ("def square(x):\n    return x * x", "solution", "square_"),
        ("for x in CASES:\n    assert square(x) == x * x\nassert SCORES == [1]", "test", "two"),
        ("assert TABLE == {'a': [1, 2]}", "test", "three"),
    )
    answers = {"total_": "def total(x):\n    x.clear()", "square_": "def square(x): return 0"}
    answer = judge(cell_spec, cells_of(cell_spec, **answers))
    assert answer.scores == {"one": 1, "two": 0, "three": 1}, answer.shown("one")


def test_a_module_in_the_place_of_a_function_is_the_students_mistake(fails):
    fails("import math as f", "assert f(1) == 1")


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
def test_containers_emptied_by_a_call_are_refilled(judge, given, call, loop):
    cell_spec = spec(
        (given, "locked"),
        ("def total(x):\n    return 0", "solution", "total_"),
        (f"total({call})", "test", "one"),
        ("def square(x):\n    return x", "solution", "square_"),
        (f"for x in {loop}:\n    assert square(x) == (x, x)", "test", "two"),
    )
    empty = "def total(x):\n    x.clear() if hasattr(x, 'clear') else x.fill(0)"
    answer = judge(cell_spec, cells_of(cell_spec, total_=empty))
    assert answer.scores == {"one": 1, "two": 0}, answer.shown("two")


def test_a_runner_asks_the_main_module_for_nothing_of_the_students(fails):
    test = """
import io, unittest
class Test(unittest.TestCase):
    def test(self):
        self.assertEqual(f(1), 1)
unittest.main(argv=["x", "Test"], exit=False, testRunner=unittest.TextTestRunner(io.StringIO()))
tests = unittest.defaultTestLoader.loadTestsFromTestCase(Test)
assert unittest.TextTestRunner(stream=io.StringIO()).run(tests).wasSuccessful()
"""
    fails("def f(x):\n    return 0\nimport math as setUpModule", test)


def test_changes_of_other_containers_are_seen(passes):
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
    passes("def f(d):\n    d['b'] = 2\ndef g(d):\n    d.append(2)", test)


# functions as arguments


def test_the_judges_functions_can_be_called_back(passes):
    passes(
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


def test_an_exception_of_a_called_back_function_reaches_the_student(passes):
    passes(
        """
def safe(g):
    try:
        return g()
    except ValueError as error:
        return f"caught {error}"
""",
        "def bad():\n    raise ValueError('x')\nassert safe(bad) == 'caught x'",
    )


def test_a_students_function_can_be_passed_back(passes):
    passes(
        "def make(n):\n    def add(x):\n        return x + n\n    return add\n"
        "def twice(g, x):\n    return g(g(x))",
        "add = make(3)\nassert add(1) == 4 and twice(add, 0) == 6 and twice(make(1), 1) == 3",
    )


def test_objects_stay_and_can_be_passed_back(passes):
    passes(
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


def test_a_class_that_the_assignment_asks_for_can_be_used(passes):
    passes(
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


def test_objects_take_no_part_in_the_judges_computations(passes, fails):
    passes(VECTOR, "assert Vector(1) != 1 and Vector(3)(2) == 6 and Vector(2).x == 2")
    fails(VECTOR, "assert Vector(1) == 1")
    assert "unsupported operand" in fails(VECTOR, "Vector(1) + Vector(2)")


def test_a_tagged_test_can_compute_with_the_students_objects(judge):
    cell_spec = spec(
        (VECTOR, "solution", "f"),
        ("assert (Vector(1) + Vector(2)).x == 3", "child test", "t", 2),
    )
    assert judge(cell_spec).scores == {"t": 2.0}


def test_an_objects_attributes_are_read_only_if_its_class_is_asked_for(judge):
    cell_spec = question("def f():\n    return 1", "assert f().points == 1")
    other = "class Any:\n    points = 1\ndef f():\n    return Any()"
    answer = judge(cell_spec, {"f": other})
    assert answer.scores == {"t": 0.0}
    assert "cannot be read from a test" in answer.shown("t")


def test_dir_lists_the_attributes_of_a_class_that_is_asked_for(passes, fails):
    asked = "class Item:\n    size = 1\n    def __init__(self):\n        self.price = 2"
    test = "names = dir(Item), dir(Item())\n"
    passes(asked, test + "assert 'size' in names[0] and 'price' not in names[0]")
    passes(asked, test + "assert 'price' in names[1] and '_nbjudge' not in names[1]")
    assert "cannot be read from a test" in fails("x = object()", "assert 'size' in dir(x)")


def test_with_names_lends_right_helpers(judge):
    cell_spec = spec(
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
    assert judge(cell_spec).scores == {"t": 1.0, "u": 1.0}
    wrong = "def pad(x):\n    return x\ndef conv(x):\n    return sum(pad(x)) + len(pad(x))"
    assert judge(cell_spec, {"f": wrong}).scores == {"t": 1.0, "u": 0.0}
    missing = "def conv(x):\n    return sum(pad(x)) + len(pad(x))"
    assert judge(cell_spec, {"f": missing}).scores == {"t": 1.0, "u": 0.0}


ADD = "def add(x, y):\n    total = x\n    return total\n"
VARIANT = "def add(x, y):\n    total = x + y * step\n    return total\n"


def test_a_variant_runs_in_the_students_namespace(passes):
    test = f"""
text, line = add.__source__
assert (text, line) == ({ADD!r}, 3)
variant = add.with_source({VARIANT!r})
assert variant.with_names(step=2)(1, 10) == 21
assert add(1, 10) == 1
"""
    passes(f"step = 1\n\n{ADD}", test)
    passes(f"step = 1\n\n{ADD}", f"assert add.with_source({VARIANT!r})(1, 10) == 11")
    test = f"assert add.with_names(step=3).with_source({VARIANT!r})(1, 10) == 31"
    passes(f"step = 1\n\n{ADD}", test)


def test_names_can_be_bound_for_a_variant_with_names(passes):
    variant = VARIANT.replace("* step", "* step + also")
    test = f"""
variant = add.with_names(step=3).with_source({variant!r})
assert variant.with_names(also=5)(1, 10) == 36
"""
    passes(f"step = 1\n\n{ADD}", test)


def test_a_source_runs_beside_a_class(passes):
    kind = "class Stack:\n    def __init__(self):\n        self.items = [3]\n"
    driver = "def driver(kind):\n    return kind().items\n"
    passes(kind, f"assert Stack.with_source({driver!r})(Stack) == [3]")


@pytest.mark.parametrize(
    "cell",
    [
        "kept = []\ndef f(x):\n    kept.append(x)\n    return x",
        "def f(x):\n    global kept\n    kept = x\n    return x",
        "def f(x, kept={}):\n    return x",
    ],
)
def test_a_function_that_can_keep_values_shows_no_source(passes, cell):
    test = "try:\n    f.__source__\nexcept ValueError:\n    pass\nelse:\n    assert False"
    passes(cell, test)


def test_the_failure_of_a_variant_is_no_limit_of_the_grader(judge):
    """A test may try many variants; what they lack is not reported as the cause of lost points."""
    missing = "def add(x, y):\n    import no_such_module\n    return x + y\n"
    test = f"""
try:
    add.with_source({missing!r})(1, 2)
except ImportError:
    pass
assert add(1, 2) == 3
"""
    spec_ = spec((ADD, "solution", "a"), (test, "test", "t"))
    judged = judge(spec_, {"a": ADD})
    assert judged.scores == {"t": 0.0}
    assert judged.data.causes == []
    adapter = test.replace(f"{missing!r})", f"{missing!r}, is_variant=False)")
    judged = judge(spec((ADD, "solution", "a"), (adapter, "test", "t")), {"a": ADD})
    assert judged.data.causes != []


def test_a_helper_that_the_test_redefines_is_honored(judge):
    cell_spec = spec(
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
    assert judge(cell_spec).scores == {"t": 1.0, "u": 1.0}


# time


LIMITED = """
import signal

class TimeIsUpError(BaseException):
    pass

def stop(*_):
    raise TimeIsUpError

def is_stopped(seconds, function, *args):
    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        function(*args)
    except TimeIsUpError:
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return False
"""
BUSY = """
import time

def busy(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
"""


def test_a_limit_of_processor_time_is_that_of_the_students_process(passes):
    passes(BUSY, LIMITED + "assert is_stopped(0.3, busy, 100)\nbusy(0.5)")


def test_waiting_counts_for_no_limit_of_processor_time(passes):
    test = LIMITED + "import time\nassert not is_stopped(0.3, nap)\nassert is_stopped(0.3, busy, 9)"
    passes(BUSY + "def nap():\n    time.sleep(0.6)", test)


def test_on_a_busy_machine_a_call_still_has_its_time_of_a_processor(passes):
    with busy_processes(10):
        passes(BUSY, LIMITED + "assert not is_stopped(1, busy, 0.3)")


def test_classes_of_the_students_can_be_compared(passes):
    classes = "class A:\n    pass\nclass B(A):\n    pass\nclass C:\n    pass"
    passes(
        classes,
        "assert issubclass(B, A) and issubclass(A, A) and issubclass(B, (C, A))\n"
        "assert not issubclass(A, B) and not issubclass(C, A) and not issubclass(int, A)",
    )


@pytest.mark.parametrize(
    ("solution", "test", "text"),
    [
        ("class A:\n    pass", "class B(A):\n    pass", "cannot inherit from it"),
        (
            "class A:\n    __next__ = __iter__ = id",
            "list(A())",
            "an A is an iterator, which cannot",
        ),
        ("def f():\n    return map(abs, [])", "list(f())", "f returned a map, which cannot leave"),
        ("class A:\n    pass", "A()[0] = 1", "'student's' object does not support item assignment"),
        (
            "def f(x):\n    x.n",
            "class T:\n    __call__ = n = 1\nf(T())",
            "the T of the test can only",
        ),
        (
            "def f(x):\n    with x: pass",
            "f(lambda: 1)",
            "'test's' object does not support the context",
        ),
    ],
)
def test_a_message_says_whose_object_it_is(fails, solution, test, text):
    assert text in fails(solution, test)


def test_a_function_of_the_test_can_be_copied(passes):
    passes("import copy\ndef f(g):\n    return copy.copy(g)(1)", "assert f(abs) == f(lambda x: x)")
