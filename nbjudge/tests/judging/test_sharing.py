"""Data shared by the judge and the student's process: its owner, and who may change it."""

import sys

import pytest

from nbjudge.judging.messages import Fault
from tests.support.engines import cells_of, new_cell, spec
from tests.support.questions import question

# A change to the judge's data by a call is undone before the next test.

FIRST = "def first(x):\n    return x"
SECOND = ("def second(x):\n    return max(x)", "solution", "b")


def two_tests(test_a, test_b, *before, master_files=None):
    """Return a function that judges a wrong second answer after a given first answer."""
    cell_spec = spec(
        *((text, "locked") for text in before),
        (FIRST, "solution", "a"),
        (test_a, "test", "ta"),
        SECOND,
        (test_b, "test", "tb"),
    )

    def scores(judge, first):
        wrong = "def second(x):\n    return 0"
        options = {"master_files": master_files} if master_files else {}
        assert judge(cell_spec, **options).scores == {"ta": 1.0, "tb": 1.0}
        return judge(cell_spec, {"a": first, "b": wrong}, **options).scores

    return scores


LOOP = "for n in data:\n    assert second([n]) == n"


@pytest.mark.parametrize("first", ["x", "[[x]]"])
def test_an_argument_that_comes_back_changed_is_undone(judge, first):
    scores = two_tests("result = first(data)\nassert result is not None", LOOP, "data = [3, 1, 2]")
    wrong = f"def first(x):\n    x.clear()\n    return {first}"
    assert scores(judge, wrong) == {"ta": 1.0, "tb": 0.0}


def test_changes_by_a_test_to_a_returned_argument_are_undone(judge):
    scores = two_tests(
        "got = first(data)\ngot.sort()\nassert len(got) == 3",
        "assert second(data[-1:]) == data[-1]\nassert data == [3, 1, 2]",
        "data = [3, 1, 2]",
    )
    assert scores(judge, "def first(x):\n    return x")["tb"] == 0.0
    cell_spec = spec(
        ("data = [3, 1, 2]", "locked"),
        (FIRST, "solution", "a"),
        ("got = first(data)\ngot.sort()", "test", "ta"),
        ("assert data == [3, 1, 2]", "test", "tb"),
    )
    assert judge(cell_spec).scores == {"ta": 1.0, "tb": 1.0}


def test_changes_of_an_array_and_of_its_parts_are_undone(judge):
    scores = two_tests(
        "first(data)\nfirst(data[:2])\nassert first(data[1:]) is None or True",
        "assert data.tolist() == [1, 2, 3]\nassert second(data) == 3",
        "import numpy as np\ndata = np.arange(1, 4)",
    )
    planned_first = "n = 7\ndef first(x):\n    global n\n    n += 1\n    x[:] = n"
    assert scores(judge, planned_first) == {"ta": 1.0, "tb": 0.0}
    cell_spec = spec(
        ("import numpy as np\ndata = np.arange(1, 4)", "locked"),
        (FIRST, "solution", "a"),
        ("first(data)\nfirst(data[:2])\nlast = first(data)", "test", "ta"),
        ("assert data.tolist() == [1, 2, 3]", "test", "tb"),
    )
    assert judge(cell_spec, {"a": planned_first}).scores == {"ta": 1.0, "tb": 1.0}


def test_data_that_tests_import_are_undone_as_well(judge):
    scores = two_tests(
        "from cases import CASES\nfor case in CASES:\n    first(case)",
        "from cases import CASES\nfor case in CASES:\n    assert second(case) == max(case)",
        master_files={"cases.py": b"CASES = [[1, 2], [3]]\n"},
    )
    assert scores(judge, "def first(x):\n    x[:] = [0]") == {"ta": 1.0, "tb": 0.0}


@pytest.mark.parametrize(
    ("data", "held"),
    [
        ("x = np.arange(1, 4)", "x[:]"),
        ("x = np.arange(1, 4)", "x.reshape(3, 1)[:, 0]"),
        ("x = (np.arange(1, 4), 5)", "x[0]"),
        ("import collections\nx = collections.namedtuple('Data', 'y')(np.arange(1, 4))", "x.y"),
        ("import types\nx = types.SimpleNamespace(y=np.arange(1, 4))", "x.y[1:]"),
        ("class x:\n    y = [1, 2, 3]", "x.y"),
    ],
)
def test_data_that_a_test_also_holds_are_undone(judge, data, held):
    test_b = f"for n in {held}:\n    assert n > 0 and second([n]) == n"
    scores = two_tests(f"mine = {held}\nlast = first(mine)", test_b, f"import numpy as np\n{data}")
    assert scores(judge, "def first(x):\n    x[:] = [0] * len(x)") == {"ta": 1.0, "tb": 0.0}
    undone = spec(
        (f"import numpy as np\n{data}\nbefore = list({held})", "locked"),
        (FIRST, "solution", "a"),
        (f"mine = {held}\nlast = first(mine)", "test", "ta"),
        (f"assert list({held}) == before", "test", "tb"),
    )
    zero = {"a": "def first(x):\n    x[:] = [0] * len(x)"}
    assert judge(undone, zero).scores == {"ta": 1.0, "tb": 1.0}


def test_changes_to_a_tests_own_objects_stay(judge):
    cell_spec = spec(
        ("def fill(x):\n    x.append(1)", "solution", "a"),
        ("made = []\nfill(made)", "test", "ta"),
        ("assert made == [1]", "test", "tb"),
    )
    assert judge(cell_spec).scores == {"ta": 1.0, "tb": 1.0}


def test_a_long_linked_list_of_a_test_costs_nothing(judge):
    cell_spec = spec(
        ("data = [1]", "locked"),
        ("def step(x):\n    x.append(2)\n    return 1", "solution", "a"),
        (
            "node = None\nfor n in range(3000):\n    node = [n, node]\nlast = step(data)",
            "test",
            "ta",
        ),
        ("assert data == [1]", "test", "tb"),
    )
    assert judge(cell_spec).scores == {"ta": 1.0, "tb": 1.0}


# The student's variables.


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        ("result = [3, 1, 2]", "result.sort()\nassert result == [1, 2, 3]"),
        ("stack = [1, 2]", "assert stack.pop() == 2\nassert stack.pop() == 1\nassert not stack"),
        ("import numpy as np\ngrid = np.zeros(3)", "grid[0] = 5\nassert grid.sum() == 5"),
        ("n = 3", "n += 1\nassert n == 4"),
        (
            "stack = []\ndef push(x):\n    stack.append(x)",
            "push(1)\nassert stack == [1]\npush(2)\nassert stack == [1, 2]",
        ),
    ],
)
def test_a_variable_is_one_object_for_a_test(passes, solution, test):
    passes(solution, test)


def test_a_test_that_follows_sees_the_variable_as_it_is(judge):
    cell_spec = spec(
        ("stack = [1, 2]", "solution", "a"),
        ("assert stack.pop() == 2", "test", "ta"),
        ("assert stack == [1, 2]", "test", "tb"),
    )
    assert judge(cell_spec).scores == {"ta": 1.0, "tb": 1.0}


def test_a_variable_cannot_differ_from_one_reading_to_the_next(judge):
    """A thread of the student changes the variable all the time."""
    lie = """
import threading
primes = set(range(10))
def change():
    global primes
    while True:
        primes = set() if primes else set(range(10))
threading.Thread(target=change, daemon=True).start()
"""
    test = "for p in (2, 3, 5, 7):\n    assert p in primes\nfor p in (4, 6, 8):\n"
    test += "    assert p not in primes"
    cell_spec = question("primes = {2, 3, 5, 7}", test, name="p")
    assert judge(cell_spec).scores == {"t": 1.0}
    assert judge(cell_spec, {"p": lie}).scores == {"t": 0.0}


# Data of locked cells.


@pytest.mark.parametrize(
    ("locked", "solution", "test"),
    [
        (
            "import numpy as np\nX = np.random.normal(size=5)\ny = 2 * X",
            "def predict():\n    return 2 * X",
            "assert np.allclose(predict(), y)",
        ),
        (
            "import random\nrolls = [random.randint(1, 6) for _ in range(2000)]",
            "total = sum(rolls)",
            "assert total == sum(rolls)",
        ),
        (
            "import numpy as np\ndata = np.random.normal(size=(1000, 200))",
            "mean = data.mean()",
            "assert np.isclose(mean, data.mean(), rtol=1e-12)",
        ),
        (
            "import collections, random\nq = collections.deque([random.random()])",
            "total = sum(q)",
            "assert total == sum(q)",
        ),
        (
            "import random\nconfig = {'n': random.random(), 'f': abs}",
            "n = config['n']",
            "assert n == config['n']",
        ),
    ],
)
def test_data_that_differ_from_run_to_run_are_the_judges_on_both_sides(
    passes, locked, solution, test
):
    passes(solution, test, locked)


def test_a_path_is_each_sides_own(judge):
    locked = "import os\nplace = os.path.join(os.getcwd(), 'data.csv')"
    solution = "def read():\n    return open(place).read()"
    answer = judge(
        question(solution, "assert read() == open(place).read() == 'a,b'", before=[locked]),
        master_files={"data.csv": b"a,b"},
    )
    assert answer.scores == {"t": 1.0}, answer.shown("t")


def after(*parts):
    """Return a question with one test, after locked cells that call the student's functions."""
    return spec(*parts[:-1], (parts[-1], "test", "t"))


FILL = ("def fill(g):\n    for row in g:\n        row[0] = 1", "solution", "a")
COST = ("def cost(n):\n    return n * 2", "solution", "a")
HEAP = "import heapq\nheap = []\nfor n in (3, 1):\n    heapq.heappush(heap, cost(n))"
COPY = "import numpy as np\ntable = np.zeros(2)\nnp.copyto(table, cost(1))"


@pytest.mark.parametrize(
    "cell_spec",
    [
        after(FILL, ("grid = [[0, 0]]\nfill(grid)", "locked"), "assert grid == [[1, 0]]"),
        after(
            ("grid = [[0, 0]]", "locked"), FILL, ("fill(grid)", "locked"), "assert grid == [[1, 0]]"
        ),
        after(COST, (HEAP, "locked"), "assert heap == [2, 6]"),
        after(COST, (COPY, "locked"), "assert table.tolist() == [2, 2]"),
    ],
    ids=["fill", "fill in the next cell", "heap", "copyto"],
)
def test_data_of_a_locked_cell_that_it_lets_the_student_change(judge, cell_spec):
    answer = judge(cell_spec)
    assert (answer.scores, answer.faults) == ({"t": 1.0}, []), answer.shown("t")


RUN_ALL = "def run_all(xs):\n    return [cost(x) for x in xs]"
TABLE = "table = run_all([1, 2])\nEXPECTED = [2, 4]"


@pytest.mark.parametrize("locked", [[f"{RUN_ALL}\n{TABLE}"], [RUN_ALL, TABLE]])
def test_constants_next_to_a_call_through_a_helper_stay_the_judges(judge, locked):
    cell_spec = after(COST, *((text, "locked") for text in locked), "assert table == EXPECTED")
    answer = judge(cell_spec)
    assert (answer.scores, answer.faults) == ({"t": 1.0}, [])
    cells = cells_of(cell_spec, a="def cost(n):\n    return 7")
    cells.insert(-1, new_cell("EXPECTED = table"))
    assert judge(cell_spec, cells).scores == {"t": 0.0}


def test_a_locked_statement_that_fails_costs_no_other(judge):
    cell_spec = after(
        COST, ("a = cost(1)\nb = missing_name\nEXPECTED = 2", "locked", "l"), "assert a == EXPECTED"
    )
    cells = cells_of(cell_spec)
    cells.insert(-1, new_cell("EXPECTED = a = 5"))
    answer = judge(cell_spec, cells)
    assert answer.scores == {"t": 0.0}
    assert answer.faults == [
        Fault("l", "the judge cannot run it: name 'missing_name' is not defined")
    ]


# Messages about a failed hidden test.


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        ("total = __import__('numpy').uint8(1)", "assert abs(total - 338350) < 1e-9"),
        ("def f():\n    return ['q']", "assert f().index('338350') == 0"),
        ("def f():\n    return {}", "assert f()['338350'] == 0"),
    ],
)
def test_an_operation_of_a_hidden_test_does_not_show_its_numbers(fails, solution, test):
    hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
    shown = fails(solution, hidden)
    assert "338350" not in shown
    assert "A hidden test failed" in shown
    assert "338350" in fails(solution, test)


@pytest.mark.parametrize(
    ("solution", "test", "text"),
    [
        ("def f():\n    return 1", "assert f() == 2, 'think of zero'", "think of zero"),
        (
            "def f():\n    return 1",
            "if f() != 2:\n    raise ValueError('be careful')",
            "be careful",
        ),
        ("def f():\n    return [][3]", "assert f() == 2", "list index out of range"),
        ("x = 1", "assert y == 2", "name 'y' is not defined"),
        ("def f():\n    yield 1", "assert f() == 1", "return a list or an array instead"),
    ],
)
def test_messages_to_the_student_are_shown(fails, solution, test, text):
    hidden = f"### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
    assert text in fails(solution, hidden)


# Objects.


def test_a_named_tuple_has_no_methods_of_the_students(judge):
    lie = """
def greet(n):
    class R(tuple): _fields = ("startswith", "endswith")
    return R((lambda *a: True, lambda *a: True))
"""
    test = "assert greet('Bo').endswith('Bo')"
    cell_spec = question("def greet(n):\n    return f'Hello {n}'", test, name="g")
    assert judge(cell_spec).scores == {"t": 1.0}
    assert judge(cell_spec, {"g": lie}).scores == {"t": 0.0}


def test_a_named_tuple_that_the_assignment_asks_for_may_hold_functions(passes):
    solution = "from collections import namedtuple\nLayer = namedtuple('Layer', 'forward')\n"
    solution += "def make():\n    return Layer(lambda x: 2 * x)"
    passes(solution, "assert make().forward(3) == 6")


@pytest.mark.parametrize(
    ("solution", "test"),
    [
        ("def f(d):\n    return d.keys()", "assert sorted(f({'b': 1, 'a': 2})) == ['a', 'b']"),
        ("def f(d):\n    return d.values()", "assert sum(f({'b': 1, 'a': 2})) == 3"),
        ("def f(d):\n    return d.items()", "assert dict(f({'b': 1})) == {'b': 1}"),
        (
            "from collections import Counter\ndef f(d):\n    return Counter(d)",
            "assert f('aab').most_common(1) == [('a', 2)]\nassert f('aab')['z'] == 0",
        ),
        (
            "from collections import defaultdict\ndef f(d):\n    return defaultdict(int, a=d)",
            "assert (f(2)['a'], f(2)['z']) == (2, 0)",
        ),
        (
            "import numpy as np\ndef f(d):\n    return np.array(d, dtype=object)",
            "assert f([1, 'a']).tolist() == [1, 'a']",
        ),
        ("def f(b):\n    b[0] = 65", "b = bytearray(b'xyz')\nf(b)\nassert b == b'Ayz'"),
        (
            "def f(a, b=2, *rest, key='k'):\n    return a",
            "import inspect\nassert str(inspect.signature(f)) == \"(a, b=2, *rest, key='k')\"",
        ),
        pytest.param(
            "def f(a: Unknown):\n    return a",
            "import inspect\nassert str(inspect.signature(f)) == '(a)'",
            marks=pytest.mark.skipif(
                sys.version_info < (3, 14), reason="annotations are evaluated at once"
            ),
        ),
    ],
)
def test_return_values_behave_as_in_the_students_process(passes, solution, test):
    passes(solution, test)


@pytest.mark.parametrize("depth", [98, 99, 100, 101, 120])
def test_deep_nesting_by_a_student_is_no_fault_of_the_test(judge, depth):
    solution = "def pack(x):\n    return [x]\ndef unpack(x):\n    return x[0]"
    cell_spec = question(solution, "assert unpack(pack(5)) == 5", name="p")
    deep = f"def pack(x):\n    for _ in range({depth}): x = [x]\n    return x\n"
    answer = judge(cell_spec, {"p": f"{deep}def unpack(x):\n    return x"})
    assert (answer.scores, answer.faults) == ({"t": 0.0}, [])
    again = "def grow(x):\n    for _ in range(80): x[:] = [list(x)]"
    cell_spec = question("def grow(x):\n    pass", "d = [1]\ngrow(d)\ngrow(d)\n1 / 0", name="p")
    answer = judge(cell_spec, {"p": again})
    assert (answer.scores, answer.faults) == ({"t": 0.0}, [])


def test_a_score_that_is_a_fraction_out_of_range_is_the_instructors_error(judge):
    cell_spec = question("x = 1", "from fractions import Fraction\nFraction(9, 2)", 3.0)
    answer = judge(cell_spec)
    assert answer.scores == {"t": None}
    assert answer.faults == [Fault("t", "its last line gives a score of 4.5 out of 3")]


def test_a_test_may_put_its_own_objects_into_a_result(passes):
    passes(
        "def f():\n    return {'a': 1}",
        "import threading\nfirst = f()\nfirst['lock'] = threading.Lock()\nassert f() == {'a': 1}",
    )


def test_a_test_changes_what_the_students_code_has_kept(passes):
    kept = "kept = []\ndef f(items):\n    kept.append(items)\n    return [len(k) for k in kept]"
    passes(kept, "one = [1]\nf(one)\none.append(2)\nassert f([]) == [2, 0]")


@pytest.mark.parametrize("change", ["self.items['a'].append(x)", "self.items['b'][0].append(x)"])
def test_a_kept_argument_keeps_its_parts(passes, change):
    passes(
        f"""
class Box:
    def __init__(self, items):
        self.items = items
    def add(self, x):
        {change}
""",
        """
inner = []
items = {"a": inner, "b": (inner, 3)}
box = Box(items)
box.add(1)
assert inner == [1] and items["a"] is inner and items["b"][0] is inner
box.add(2)
inner.append(3)
box.add(4)
assert inner == [1, 2, 3, 4]
""",
    )


def test_a_kept_list_may_get_new_parts(passes):
    passes(
        """
class Table:
    def __init__(self, rows):
        self.rows = rows
    def add(self, *row):
        self.rows.insert(0, list(row))
    def double(self):
        for row in self.rows:
            row[:] = row * 2
""",
        """
row = [1]
rows = [row]
table = Table(rows)
table.add(2)
assert rows == [[2], [1]] and rows[1] is row
table.double()
assert row == [1, 1] and rows == [[2, 2], [1, 1]]
row.append(3)
rows[0].append(4)
table.double()
assert rows == [[2, 2, 4, 2, 2, 4], [1, 1, 3, 1, 1, 3]]
""",
    )


def test_calls_of_variants_do_not_displace_what_the_students_code_keeps(passes):
    passes(
        "kept = []\ndef keep(x):\n    kept.append(x)\ndef extend():\n    kept[0].append(1)",
        """
values = []
keep(values)
variant = extend.with_source("def extend(x):\\n    return x")
for number in range(10):
    assert variant([number]) == [number]
extend()
assert values == [1]
""",
    )
