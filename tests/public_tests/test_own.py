"""The source of a learner's function, stored as a module that runs alone."""

import types

import numpy as np
import pytest
from tests.cells import cell

from public_tests.course.own import own_source


def kept(name, text, **names):
    """Return a function as defined by running its stored source alone, and that source."""
    namespace = cell(text, __name__="__main__", **names)
    source = own_source(name, namespace[name])
    module = types.ModuleType("alone")
    exec(source, vars(module))
    return vars(module)[name], source


def test_a_function_is_kept_with_what_it_uses_and_nothing_more():
    function, source = kept(
        "double_pad",
        """
        W = np.zeros(3)
        SIDES = 2
        def unused(x):
            return x
        def sides(pad):
            return SIDES * pad
        def double_pad(X, pad):
            W = sides(pad)
            return np.pad(X, W)
        """,
    )
    assert function(np.ones(1), 1).tolist() == [0, 0, 1, 0, 0]
    assert source == (
        "import numpy as np\n\n\nSIDES = 2\n\n\ndef sides(pad):\n    return SIDES * pad\n\n\n"
        "def double_pad(X, pad):\n    W = sides(pad)\n    return np.pad(X, W)\n"
    )


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("import math\ndef f(x):\n    return math.floor(x)", (2.5,), 2),
        ("from math import floor as low\ndef f(x):\n    return low(x)", (2.5,), 2),
        ("f = lambda x: x + 1", (1,), 2),
        ("def f(n):\n    return n and 1 + f(n - 1)", (3,), 3),
        ("def g(n):\n    return n and f(n - 1)\ndef f(n):\n    return g(n)", (3,), 0),
        ("def f(x):\n    return [g(y) for y in x]\ndef g(y):\n    return -y", ([1],), [-1]),
        ("STEP = 3\ndef f(x, step=STEP):\n    return x + step", (1,), 4),
        ("def twice(g):\n    return lambda x: g(g(x))\ndef h(x):\n    return 2 * x\n"
         "def f(x):\n    return twice(h)(x)", (1,), 4),
    ],
)  # fmt: skip
def test_what_is_kept_runs_alone(text, arguments, expected):
    function, _ = kept("f", text)
    assert function(*arguments) == expected


def test_a_function_of_another_name_is_kept_by_the_exercises():
    namespace = cell("def mine(x):\n    return x", __name__="__main__")
    assert own_source("f", namespace["mine"]).endswith("\n\n\nf = mine\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "TABLE = np.zeros(3)\ndef f(x):\n    return TABLE",
            "it uses TABLE, of type ndarray, from",
        ),
        ("f = [lambda x: x][0]", None),
        ("def g():\n    return lambda x: x\nf = g()", "not defined under its own name"),
    ],
)
def test_what_cannot_be_kept_is_said(text, said):
    function = cell(text, __name__="__main__")["f"]
    if said is None:
        assert "f = [lambda" in own_source("f", function)
        return
    with pytest.raises(ValueError, match=said):
        own_source("f", function)


def test_a_function_without_a_text_is_refused():
    with pytest.raises(ValueError, match="the source of f is not known"):
        namespace = {"__name__": "__main__"}
        exec("def f(x):\n    return x", namespace)
        own_source("f", namespace["f"])
