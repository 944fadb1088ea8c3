"""Single changes of a function: each does what its clause says, and none runs away."""

import ast
import contextlib
import copy
import functools
import math
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from nbexercise.diagnosis.repairs import changes
from nbexercise.diagnosis.repairs.changes import ALSO, CHANGE, PASSES, changes_of
from nbexercise.judging.subject import Subject, register


@pytest.fixture(autouse=True)
def values(no_subject):
    """Register a subject with a change of whole values."""
    register(Subject(values={"np.maximum({}, 0)": "ReLU is not applied to {}"}))


HEAD = "def f(a, c, v, x, y, d, mode):\n"
ARGUMENTS = {
    "a": np.arange(6.0).reshape(2, 3),
    "c": np.arange(4.0).reshape(2, 2),
    "v": np.array([1.0, 2.0]),
    "x": 7,
    "y": 3,
    "d": {"stride": 4},
    "mode": "average",
}
KINDS = {
    name: "array" if isinstance(value, np.ndarray) else "" for name, value in ARGUMENTS.items()
}
GIVEN = KINDS | {"x": "int", "y": "int", 'd["stride"]': "int", "a.shape[1]": "int"}
GIVEN |= {'"average"': "string"}
CALL = "return f(a, c, v, x, y - 1, d, mode)"
A, C, V = (ARGUMENTS[name] for name in "acv")


class Variant:
    """A function with all changes."""

    def __init__(self, source, given=GIVEN, **names):
        changes = changes_of(source, given)
        assert changes, source
        self.name, self.changes = changes.name, changes.all
        self.text = changes.source(changes.all)
        self.space = {"np": np, "math": math, "pair": lambda x: (x, -x), **names}
        exec(compile(self.text, "<changed>", "exec"), self.space)

    def __call__(self, *arguments, change=0, also=0, passes=200, **named):
        self.space |= {CHANGE: change, ALSO: also, PASSES: passes}
        with np.errstate(all="ignore"):
            return self.space[self.name](*arguments, **named)

    def results(self, said, *arguments):
        """Return the results of the changes with a clause; those that raise have none."""
        results = []
        for change in self.changes:
            if change.clause == said:
                try:
                    results.append(self(*arguments, change=change.number))
                except Exception:
                    continue
        return results


def arguments():
    return copy.deepcopy([*ARGUMENTS.values()])  # a change may assign to an item of one


def same(a, b):
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, list) != isinstance(b, list):
        return False
    return np.shape(a) == np.shape(b) and bool(np.all(np.asarray(a) == np.asarray(b)))


ALIASED, ALIASED_DICT, ALIASED_SET = (
    f"{code} holds the same {kind} several times, so changing one of them changes all"
    for code, kind in [("[[0] * 2] * y", "list"), ("y * [{}]", "dictionary"), ("2 * [{y}]", "set")]
)
# Statements of a function, a clause about what is wrong, and the result of the right function.
ALTERATIONS = [
    # names and constants
    ("return x", "x is used where y belongs", 3),
    ("return x - 1", "x is not multiplied by y", 20),
    (
        "return math.exp(a)",
        "math is used where np belongs",
        np.exp(A),
    ),
    ("return c * v", "v needs a second axis, of length 1, to broadcast", C * V[:, None]),
    ("return y * 5", "5 is used where 6 belongs", 18),
    ("return y * 5", "the number 5 is used where x belongs", 21),
    ("return y * 5", 'the number 5 is used where d["stride"] belongs', 12),
    ("return c.reshape(3, 1)", "the size 3 is hard-coded in a reshape", C.reshape(-1, 1)),
    ("return 0.25 * x", "0.25 is used where 0.75 belongs", 5.25),
    ("return 0.25 * x", "0.25 is used where -0.25 belongs", -1.75),
    (
        "return np.max(a, axis=0, keepdims=False)",
        "False is used where True belongs",
        A.max(0)[None],
    ),
    ("return mode == 'avg'", '"avg" is used where "average" belongs', True),
    ("return mode == 'Average'", 'the string "Average" has the wrong capitalization', True),
    ("return mode == 'average '", 'the string "average " has extra spaces', True),
    ("return x + y - x", "x and y are swapped", 7),
    ("r = [[0] * 2] * y\nr[0][1] = x\nreturn r", ALIASED, [[0, 7], [0, 0], [0, 0]]),
    ("r = y * [{}]\nr[0][1] = x\nreturn [len(d) for d in r]", ALIASED_DICT, [1, 0, 0]),
    ("r = 2 * [{y}]\nr[0].add(x)\nreturn [len(d) for d in r]", ALIASED_SET, [2, 1]),
    (
        "if x == 3 or 4:\n return x\nreturn y",
        "4 is always true in a condition: it is not compared with x",
        3,
    ),
    ("return y * y - x", "y * y should be x * y", 14),
    ("return [i for i in v if i > 1]", "the condition i > 1 does not belong there", [1.0, 2.0]),
    ("return x * y + x * y", "the first x should be y", 30),
    ("return x - len(v)", "len(v) is too large by 1", 6),
    ("return x - len(v)", "len(v) is too small by 1", 4),
    ("return x", "the square root of x is missing", 7**0.5),
    ("return int(all([x, 0]))", "all is used where any belongs", 1),
    # operators
    ("return x + y", "+ before y should be -", 4),
    ("return x ^ 2", "^ before 2 should be **", 49),
    ("return x - y", "the operands of - are in the wrong order", -4),
    ("return 1 / (1 + x)", "1 is above the fraction bar where x belongs", 7 / 8),
    ("return a @ c", "a is not transposed, but should be", A.T @ C),
    ("return a.T @ c.T", "c is transposed, but should not be", A.T @ C),
    ("return (x + y) * 2", "(x + y) * 2 is not divided by y", 6),
    ("return (x + y) * 2", "the factor (x + y) does not belong there", 2),
    ("return a[2 * (x + y) :]", "* before (x + y) should be //", A),
    ("k = x / y\nreturn list(range(k))", "/ before y should be //", [0, 1]),
    ("r = 0\nreturn r", "the number 0 is used where mode belongs", "average"),
    ("return y * -5", "-5 is used where -6 belongs", -18),
    ("return (x - 1) * 5", "x - 1 is not divided by y", 10),
    ("return x + y", "+ y does not belong there", 7),
    ("return x + y", "x + does not belong there", 3),
    ("return x + y * 2 + 5", "+ y * 2 + 5 does not belong there", 7),
    ("return (x - 1) // y", "the parentheses around x - 1 do not belong there", 7),
    ("return x // y * 2", "parentheses are missing around y * 2", 1),
    ("return x - (y + 1)", "the parentheses around y + 1 do not belong there", 5),
    ("return x - 1 // y", "parentheses are missing around x - 1", 2),
    ("return -x", "the minus sign before x does not belong there", 7),
    ("return not x", "not before x does not belong there", 7),
    ("return x > 7", "> before 7 should be >=", True),
    ("return x * y > 1", "parentheses are missing around y > 1", 7),
    ("return x > 1 and y > 5", "and should be or", True),
    ("return x if y > 1 else y", "the two values of if ... else are swapped", 3),
    ("if x > 9:\n return 1\nreturn 0", "> before 9 should be <", 1),
    ("while y > x:\n return 1\nreturn 0", "> before x should be <", 1),
    ("return x == 3 and y == 3", "== in x == 3 should be >=", True),
    ("return (x - 1) * (y - 1)", "- in x - 1 should be +", 16),
    (f"if not y:\n return x\n{CALL}", "x is too large by 1", 4),
    (f"if not y:\n return len(v)\n{CALL}", "v has an element too many", 0),
    # attributes, indices, slices and tuples
    ("return np.max(a)", "max is used where min belongs", 0),
    ("return a.T", "a is transposed, but should not be", A),
    ("return a.max", "a.max is not called: its parentheses are missing", 5),
    ("return a[0]", "[0] after a does not belong there", A),
    ("return a[1]", "1 indexes the first axis of a, not the second", A[:, 1]),
    ("z = a[0]\nz += 1\nreturn a", "a[0] is a view, so changing it also changes a", A),
    ("return a[1, 0]", "1 and 0 are swapped in the index of a", 1),
    ("return a[1, 0]", "0 does not belong in the index of a", A[1]),
    ("for i in range(2):\n r = a[i, :1]\nreturn r", ":1 does not belong in the index of a", A[1]),
    ("for i in range(2):\n r = c[0,]\nreturn r", "i is missing from the index of c", 1),
    (
        "for i in range(2):\n for j in range(2):\n  r = c[i]\nreturn r",
        "j is missing from the index of c",
        3,
    ),
    ("return v[0:1]", "the slice 0:1 stops one element too early", V),
    ("return v[1:2]", "the slice 1:2 starts one element too late", V),
    ("return v[:1]", "1 does not belong in the slice :1", V),
    ("z = 0\nreturn v[z:-z]", "the slice z:-z is empty if z is 0, because -0 is 0", V),
    (
        "z = np.arange(9)\nreturn z[x:2]",
        "the slice x:2 ends at index 2, but should have length 2",
        np.array([7, 8]),
    ),
    ("return x, y", "x and y are swapped", [3, 7]),
    ("return [x, y]", "[x, y] is a list, not an array", np.array([7, 3])),
    ("z = x\nz / 2\nreturn z", "the result of z / 2 is not assigned to z", 3.5),
    ("return x, y, y", "x does not belong in (x, y, y)", [3, 3]),
    # calls
    ("return np.subtract(x, y)", "x and y are swapped in np.subtract(...)", -4),
    ("return np.max(a, axis=0)", "axis=0 does not belong in np.max(...)", 5),
    ("return (a / 2).astype(int)", ".astype(int) does not belong there", A / 2),
    (
        "return a.reshape(3, 2)",
        "a.reshape(3, 2) does not transpose: reshape keeps the order of the numbers",
        A.T,
    ),
    (
        "return np.reshape(a, (3, 2))",
        "np.reshape(a, (3, 2)) does not transpose: reshape keeps the order of the numbers",
        A.T,
    ),
    ("return len(a)", "len(a) counts rows where the number of columns belongs", 3),
    ("return np.linalg.inv(c)", "np.linalg.inv(...) inverts c where its transpose belongs", C.T),
    (
        "return np.average(v, weights=v)",
        "np.average(...) divides by the sum of its weights",
        V @ V,
    ),
    (
        "return a.ravel('F')",
        "a.ravel('F') takes the numbers in another order, because of 'F'",
        A.ravel(),
    ),
    ("s = np.sign\nreturn s(y - x)", "np.sign is -1 for negative numbers, where 0 belongs", 0),
    ("return np.sqrt(a)", "np.sqrt(...) does not belong there", A),
    ("return a.sum()", ".sum() does not belong there", A),
    ("return np.clip(a, 0, 3)", "np.clip(...) cuts off what is above 3", A),
    ("return np.sign(x - y - 9)", "np.sign(...) is -1 for a negative number, where 0 belongs", 0),
    ("return np.abs(y)", "np.abs(...) is not squared", 9),
    ("return np.dot(c, a + a)", "a is added inside np.dot(...); add it outside", C @ A + A),
    ("return 36 / y", "/ y should be / (y * y)", 4.0),
    ("return c @ (a + a)", "the parentheses around a + a do not belong there", C @ A + A),
    ("return np.negative(y**2)", "** 2 is inside np.negative(...) and belongs outside", 9),
    ("return np.square(y)", "the argument of np.square(...) is half what it should be", 36),
    ("return np.square(y)", "the argument of np.square(...) is twice what it should be", 2.25),
    ("return 2 * range(3)", "range(3) is no array, unlike np.arange(...)", np.array([0, 2, 4])),
    (
        "return sum(i + y for i in range(3))",
        "y is inside sum(...), so it is added for every element",
        6,
    ),
    ("z, _ = np.add(x, y)\nreturn z", "np.add(...) returns one array, not a tuple of 2", 10),
    ("return np.copy(a)", "np.copy(a) starts with the values of a instead of zeros", 0 * A),
    ("return np.maximum(a, 2)", "np.maximum(...) around a does not belong there", A),
    ("return pair(x)", "only the first element of the result of pair(...) belongs there", 7),
    (
        "return np.dot(c, c)",
        "np.dot(...) is a matrix product where an element-wise product belongs",
        C * C,
    ),
    (
        "return np.dot(c, c)",
        "np.dot(...) is a matrix product where the sum of an element-wise product belongs",
        14,
    ),
    ("return np.dot(a, c)", "a is not transposed, but should be", A.T @ C),
    ("return a.dot(c)", "a is not transposed, but should be", A.T @ C),
    (
        "return np.max(a, axis=0)",
        "keepdims=True is missing from np.max(...), so the axis is dropped",
        A.max(0)[None],
    ),
    ("return np.max(a, axis=0)", "axis=0 is the wrong axis in np.max(...)", A.max(1)),
    (
        "return np.max(a)",
        "np.max(...) has no axis argument, so it reduces the whole array",
        A.max(1),
    ),
    ("return round(x + 0.26, 1)", "round(...) does not belong there", 7.26),
    ("return np.round(x + 0.26, 1)", "np.round(...) does not belong there", 7.26),
    ("return np.sum(a + x)", "x is inside np.sum(...), so it is added for every element", 22),
    (
        "return np.einsum('ij,jk->ik', c, c)",
        'the letters i and j are swapped in operand 1 of "ij,jk->ik"',
        C.T @ C,
    ),
    (
        "return np.einsum('ij,jk->ik', c, c)",
        'the letter j is wrong in operand 2 of "ij,jk->ik"',
        C.sum(1)[:, None] * C,
    ),
    (
        "return np.einsum('ij->ij', c)",
        'the letters i and j are swapped in the output of "ij->ij"',
        C.T,
    ),
    (
        "return np.einsum('ij,jk->j', c, c)",
        'the letter j is wrong in the output of "ij,jk->j"',
        (C @ C).sum(1),
    ),
    ("return list(range(x))", "range(x) stops one index too early", list(range(8))),
    ("return list(range(1, x))", "range(1, x) starts one index too late", list(range(7))),
    ("return list(range(2, x))", "range(2, x) should start at 0", list(range(7))),
    (
        "return list(range(0, x, 2))",
        "the step 2 does not belong in range(0, x, 2)",
        list(range(7)),
    ),
    (
        "return list(range(1, x, 2))",
        "range(1, x, 2) should start at 0",
        list(range(0, 7, 2)),
    ),
    ("return list(range(x))", "range(x) should start at 1", list(range(1, 7))),
    ("return list(range(x))", "range(x) does not match the length of axis 1 of a", [0, 1, 2]),
    # whole values
    ("return 2 * c", "v, which no line uses, is not added to 2 * c", 2 * C + V),
    ("return 2 * c", "2 * c is not multiplied by v, which no line uses", 2 * C * V),
    ("return 2 * y", "x, which no line uses, is not added to 2 * y", 13),
    ("return 2 * y", "x, which no line uses, is not subtracted from 2 * y", -1),
    ("return a * a", "a * a is not summed", 55),
    ("return a.ravel()", "a.ravel() does not have the shape of a", A),
    ("return a - 3", "ReLU is not applied to a - 3", np.maximum(A - 3, 0)),
    ("return a + 1", "a + 1 is not divided by x", (A + 1) / 7),
    ("return a + 1", "a + 1 is not multiplied by y", (A + 1) * 3),
    ("return a + 1", "a + 1 is not divided by y * y", (A + 1) / 9),
    (
        "z = c\nz[0] = 5\nreturn c",
        "this is a second name for c, not a copy, so changing one changes both",
        C,
    ),
    (
        "z = d\nz.clear()\nreturn d",
        "this is a second name for d, not a copy, so changing one changes both",
        {"stride": 4},
    ),
    ("z = [1, 2]\nreturn z", "z is not copied into a new array", V),
    ("return a", "a is used where zeros of the same shape belong", 0 * A),
    ("return 2 * a", "2 * a has the wrong sign", -2 * A),
    ("return x - y", "x - y is not divided by y", 1),
    ("return x - y", "x - y is too small by 1", 5),
    ("return x - y", "x - y is too large by 1", 3),
    (
        "z = 0 * np.array([1])\nz[0] = 1 / 2\nreturn z",
        "0 * np.array([1]) holds integers, so fractions are lost",
        np.array([0.5]),
    ),
    ("return a + 1", "a + 1 is half of what it should be", 2 * A + 2),
    ("return a + 1", "a + 1 is twice what it should be", A / 2 + 0.5),
]
LOOP = "r = 0\nfor i in range(3):\n "
MOVES = [
    ("x -= y\nreturn x", "-= should be =: the line updates x instead of replacing it", 3),
    ("z = a\nz += 1\nreturn a", "+= changes z in place instead of creating a new array", A),
    ("x += y\nreturn x", "+= should be -=", 4),
    (
        "z = 0 * v\nk = np.array([1, 1])\nz[k] += v\nreturn z",
        "+= keeps one of several values with the same index; np.add.at adds all",
        np.array([0.0, 3.0]),
    ),
    (
        LOOP + "r += i + x\nreturn r",
        "x is added in every iteration of the loop instead of once",
        10,
    ),
    (
        LOOP + "r = i + 1\nreturn r",
        "= should be +=: each iteration overwrites the result of the previous one",
        6,
    ),
    (
        "z = 0 * v\nfor i in range(3):\n z[0] = 2\nreturn z",
        "= should be +=: each iteration overwrites what earlier iterations stored at the same "
        "position",
        np.array([6.0, 0.0]),
    ),
    (
        "z = c[1]\nz = 2 * z\nreturn c",
        "= gives the name z to a new array, so nothing is stored in c",
        np.array([[0.0, 1.0], [4.0, 6.0]]),
    ),
    ("x = 1\nreturn x", "does not belong there", 7),
    ("np.negative(x)\nreturn x", "the result of np.negative(x) is not assigned to x", -7),
    (
        "r = 0\nif y:\n r += 1\nif x:\n r += 2\nreturn r",
        "if should be elif: the branch above it may have run already",
        1,
    ),
    (
        LOOP + "r += i\nr += x\nreturn r",
        "this statement is after the loop, so it runs once, not in every iteration",
        24,
    ),
    (
        "z = []\nr = 5\nfor i in range(2):\n r += 1\n z += [r]\nreturn z",
        "r = 5 is before the loop, so it is not repeated in every iteration",
        [6, 6],
    ),
    (
        LOOP + "r += i\n r *= 2\nreturn r",
        "this statement is inside the loop, so it runs in every iteration, not once after it",
        6,
    ),
    (
        "for i in range(3):\n r = x\n r += i\nreturn r",
        "every iteration of the loop over i repeats this line, which belongs before the loop",
        10,
    ),
    (
        "for i in v:\n for j in v:\n  r = []\n  r.append(i * j)\nreturn r",
        "every iteration of the loop over i repeats this line, which belongs before the loop",
        [1, 2, 2, 4],
    ),
    (
        "i, k = 0, 3\nwhile i < x:\n k = y\n k += i\n i += 1\nreturn k",
        "every iteration of the loop repeats this line, which belongs before the loop",
        24,
    ),
    (
        "r = []\nfor i in v:\n for j in (3, 4):\n  r += [i * j]\nreturn r",
        "the loops over i and j are in the wrong order",
        [3, 6, 4, 8],
    ),
    ("n, q = divmod(x, y)\nreturn n", "n and q are swapped", 1),
    (
        "y = y + x\nx = x + y\nreturn x",
        "this line runs before the next one, and belongs after it",
        10,
    ),
    ("y += x\nx += y\nreturn x", "this line runs before the next one, and belongs after it", 10),
    (
        "n = 0\nfor i in (1, 2):\n for j in v:\n  n += 1\n  x += j\nreturn n",
        "every iteration of the loop over j repeats this line, which belongs before the loop",
        2,
    ),
    (
        "mode.upper()\nreturn mode",
        "mode.upper() returns a new string, and leaves mode as it is",
        "AVERAGE",
    ),
    (LOOP + "r += i\n return r\nreturn x", "return is inside a loop and ends it early", 3),
]


@pytest.mark.parametrize(("body", "said", "right"), ALTERATIONS + MOVES)
def test_a_change_does_what_its_clause_says(body, said, right):
    variant = Variant(HEAD + "".join(f" {line}\n" for line in body.splitlines()))
    results = variant.results(said, *arguments())
    assert any(same(result, right) for result in results), {c.clause for c in variant.changes}
    with contextlib.suppress(ValueError, TypeError):  # what a change repairs may be an error
        assert not same(variant(*arguments()), right)


def test_every_clause_has_a_row():
    clauses = [said for _, said, _ in ALTERATIONS + MOVES]
    missing = []
    for module in ("arguments", "expressions", "moves", "operators"):
        tree = ast.parse((Path(changes.__file__).parent / f"{module}.py").read_text())
        patterns = filter(None, map(_pattern, ast.walk(tree)))
        missing += [p for p in patterns if not any(re.fullmatch(p, c) for c in clauses)]
    assert not missing


def _pattern(node):
    """Return a pattern of the clause in a node: of a call's argument, or of what is assigned."""
    value = None
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "said":
        value = node.value
    elif isinstance(node, ast.Call) and ast.unparse(node.func) == "site.put":
        value = node.args[1]
    if isinstance(value, ast.Constant):
        return re.escape(value.value)
    if isinstance(value, ast.JoinedStr):
        texts = (part.value for part in value.values)
        return "".join(re.escape(t) if isinstance(t, str) else ".+" for t in texts)
    return ""


def test_a_parameter_may_be_missing_as_a_factor():
    said = {c.clause for c in changes_of("def f(t, g):\n    return 2 * t\n", {}).all}
    assert {"2 * t is not multiplied by g", "2 * t is not divided by g"} <= said


def test_the_variable_of_a_loop_that_has_ended_is_not_suggested():
    body = [
        "for i in range(x):",
        "    y += i",
        "    y -= 2",
        "for j, b in enumerate(v):",
        "    y += 3",
    ]
    changes = changes_of(HEAD + textwrap.indent("\n".join([*body, "return a[0]"]), " "), GIVEN).all
    lines = {n: {c.lines for c in changes if f"where {n} belongs" in c.clause} for n in "ijb"}
    assert lines == {"i": {(4,)}, "j": {(6,)}, "b": {(6,)}}


@pytest.mark.parametrize("body", ["return x / y", "h = x / y\n return h * 2", "x /= y\n return x"])
def test_a_quotient_becomes_an_integer_only_where_one_belongs(body):
    said = [c.clause for c in changes_of(f"{HEAD} {body}", GIVEN).all]
    assert not any("//" in clause for clause in said)
    said = [c.clause for c in changes_of(f"{HEAD} {body}", GIVEN, gives_integers=True).all]
    assert any("//" in clause for clause in said)


@pytest.mark.parametrize("body", ["return round(x, 2)", "return np.round(x, 2)", "return 1 / x"])
def test_nothing_belongs_where_it_only_hides_a_fault(body):
    """More digits hide that a number is rounded, and x / x that 1 / x is."""
    said = [change.clause for change in changes_of(HEAD + f" {body}", GIVEN).all]
    assert said and not any("where x belongs" in clause for clause in said)


def test_a_letter_has_no_wrong_capitalization():
    said = [c.clause for c in changes_of(f"{HEAD} return ord('A') + x", GIVEN).all]
    assert not any("capitalization" in clause for clause in said)


def test_alike_places_change_together():
    variant = Variant(HEAD + " h = x\n w = x\n return h, w")
    both, *single = sorted(
        (change for change in variant.changes if change.clause == "x is not multiplied by y"),
        key=lambda change: -len(change.lines),
    )
    assert (both.lines, [change.lines for change in single]) == ((2, 3), [(2,), (3,)])
    assert variant(*arguments(), change=both.number) == (21, 21)
    one, other = (change.number for change in single)
    assert variant(*arguments(), change=one, also=other) == (21, 21)


def test_names_for_rows_and_columns_change_together():
    source = "def f(n, s):\n h = w = n\n r = h + 2\n c = w + 2\n return r, c"
    variant, said = Variant(source, {"n": "int", "s": "int"}), "h is used where s belongs"
    (both,) = (c.number for c in variant.changes if c.clause == said and c.lines == (3, 4))
    assert variant(7, 3, change=both) == (5, 5)


def test_python_does_not_warn_of_an_index_of_a_list():
    Variant(HEAD + " return np.array([[1, 2], [3, 4]])[0, 1]")  # here, warnings are errors


def test_no_change_computes_a_power_of_two_variables():
    assert not any("should be **" in c.clause for c in Variant(HEAD + " return x ^ y").changes)


def test_a_string_is_compared_with_another_string_but_not_by_another_operator():
    said = {change.clause for change in Variant(HEAD + " return mode == 'max'").changes}
    assert '"max" is used where "average" belongs' in said
    assert not any("== before" in clause for clause in said)


# In a loop, an integer that is squared in each iteration, or a list that doubles, would use all
# memory.
GROWING = [
    "for i in range(99):\n  y += x\n  x += y",
    "for i in range(99):\n  x, y = y, x + y",
    "for i in range(99):\n  x = x + y\n  y = x + 1",
    "for i in range(99):\n  x = x + y * x",
    "for i in range(99):\n  y = x + 1\n  x = y + i",
    "for i in range(99):\n  x = x ^ 2",
    "for i in range(99):\n  z = 5 * x\n  y = z + 1\n  x = y + 2",
    "for i in range(99):\n  y += i\n x = x * x",
    "x = x * x\n for i in range(99):\n  y += i",
    "z = []\n for i in range(99):\n  z = z + [i]\n x = z",
]
LARGEST = 10**1000  # 99 products with small factors are smaller


class Bounded(int):
    """An integer that must not become larger than LARGEST."""

    def __new__(cls, value):
        assert abs(value) < LARGEST
        return super().__new__(cls, value)


def _bounded(operation):
    return lambda a, b: Bounded(operation(int(a), int(b)))


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "pow", "xor", "rxor", "floordiv"):
    setattr(Bounded, f"__{_name}__", _bounded(getattr(int, f"__{_name}__")))


@pytest.mark.parametrize("body", GROWING)
def test_no_change_lets_a_value_explode(body):
    variant = Variant(HEAD + f" {body}\n return x")
    for change in variant.changes:
        given = [A, C, V, Bounded(7), Bounded(3), {"stride": Bounded(4)}, ""]
        try:
            returned = variant(*given, change=change.number)
        except AssertionError:
            pytest.fail(change.clause)
        except Exception:
            continue
        assert np.size(returned) < 1000, change.clause


EVERYTHING = """def f(x, *more, y=2, **named):
    'Use most of the language.'
    import contextlib
    total, seen = 0, []
    @functools.cache
    def inner(n: int = 3, *rest) -> int:
        return n if n < 2 else inner(n - 1) + inner(n - 2)
    async def later():
        async for i in x:
            await i
        async with i as j:
            pass
    class Box:
        size: int = 3
        def grown(self):
            while self.size < 9:
                self.size += 1
            return self.size
    for i, *_ in [(1, 2), (3, 4)]:
        try:
            for j in range(4):
                if j == 2:
                    continue
                total += i // (j - 1)
        except ZeroDivisionError as error:
            seen.append(f"{error!r:>40} {total:{y}} {{}} {'q'}")
        else:
            break
        finally:
            total -= 1
    else:
        total *= 2
    match x:
        case [first, *rest] if first:
            total += first
        case {"a": 1} | None:
            total = 0
        case _:
            total = -1
    while (n := total) > 5 and not n == 7:
        total -= 3
    key = lambda a, b=1: (a, b)[0] if a else b
    z: list[int] = [*more, *(w := [1]), *{k: v for k, v in named.items()}.values()]
    with contextlib.suppress(ValueError), contextlib.nullcontext(3) as three:
        total += three
        raise ValueError
    del n
    assert total, "no"
    text = f'''a
    {x}'''
    for q in *more, 5:
        total += max(*z, q, key=key)
    pairs = [(a, b) for a in z if a for b in (1, 2)]
    x[0], (y, *z[:1]) = x[-1], (y, 3)
    if total: pass
    elif y: return (yield)
    seen.append(inner.__wrapped__(9))
    yield total, seen, Box().grown(), key(0), z, w, text, pairs, x, y, 1j ** 2, ...
"""


def test_all_of_the_language_is_copied():
    space = {"functools": functools}
    exec(EVERYTHING, space)
    variant = Variant(EVERYTHING, {}, functools=functools)
    assert list(variant([4, 5, 6], 8, 9, k=1)) == list(space["f"]([4, 5, 6], 8, 9, k=1))


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "def f(:",
        "def f():\n break",
        "def f():\n pass\ndef g():\n pass",
        "async def f():\n pass",
        "class f:\n pass",
        "def f():\n return 1" + 9000 * " ",
        "def f():\n return " + 250 * "(" + 250 * ")",
        "def f(x):\n return " + 3900 * "-" + "x",
        "def f(x):\n return " + 3900 * "x+" + "x",
        "def f():\n" + "".join(" " * n + "if 1:\n" for n in range(1, 50)) + " " * 50 + "pass",
        "def f():\n return '\0'",
    ],
    ids=lambda source: source[:30],
)
def test_a_source_that_is_not_one_short_function_is_not_changed(source):
    assert changes_of(source, {}) is None


@pytest.mark.parametrize("part", ["-", "not ", "x + ", "f(x)[0] * "])
def test_a_long_formula_is_left_alone(part):
    """Its edits would be hundreds, each as long as the formula."""
    changes = changes_of(f"def f(x):\n y = x - 1\n return {120 * part}x", {})
    assert {change.lines for change in changes.all} == {(2,)}


@pytest.mark.filterwarnings("ignore:coroutine", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "body",
    [
        "while x:\n  pass",
        "try:\n  while x:\n   pass\n finally:\n  pass",
        "def g(n):\n  while n:\n   pass\n g(x)",
        "async def g():\n  while x:\n   pass\n g().send(None)",
        "def g(n):\n  return g(n - 1) + g(n - 1) if n else 0\n g(99)",
        "for i in range(1):\n  for j in iter(int, 1):\n   while x:\n    pass",
    ],
)
def test_loops_and_inner_functions_count_their_passes(body):
    variant = Variant(f"def f(x):\n {body}\n return x\n", {})
    with pytest.raises(TimeoutError):
        variant(1)
    for change in variant.changes:
        with contextlib.suppress(Exception):
            variant(1, change=change.number)
