"""Examples of code do not identify their authors."""

import ast

import pytest

from nbjudge.report.anonymised import LONGEST, anonymised, names_in, shared_names

SECRETS = ("ada", "lovelace", "1234567", "mine", "homework")
CODE = '''\
# Ada Lovelace, 1234567
%matplotlib inline
from ada_tools import helper_of_ada as mine
import numpy as np
def conv_forward(A_prev, W, hparameters: "ada's dict", mine_too=1234567) -> "Ada":
    """By Ada Lovelace."""
    stride = hparameters["stride"]  # ada
    title = "homework of Ada" + f"ada {stride}"
    "Lovelace"
    ada_sum = np.zeros(A_prev.shape, dtype=float)
    ada_typed: "ada" = hparameters["ada"]
    for i in range(3):
        ada_sum[i] += A_prev[i].sum(axis=0) * 1234567.25 + mine.ada(ada_key=b"ada")
    def lovelace():
        """ada"""
    try:
        lovelace()
    except ValueError as ada_error:
        global lovelace_state
        raise
    return ada_sum, (A_prev, W, hparameters)
'''
OTHERS = "def conv_forward(A_prev, W, hparameters):\n    stride = hparameters['stride']\n"
OTHERS += "    Z = np.zeros(A_prev.shape, dtype=float)\n    return Z.sum(axis=0)\n"


def kept(codes, *people):
    return shared_names(map(names_in, codes), people)


def test_nothing_identifies_the_author():
    shown = anonymised(CODE, "conv_forward", kept([CODE, OTHERS, OTHERS]))
    assert not [secret for secret in SECRETS if secret in shown.lower()]
    ast.parse(shown)


def test_names_used_by_several_students_stay():
    shown = anonymised(CODE, "conv_forward", kept([CODE, OTHERS, OTHERS]))
    assert shown.startswith("def conv_forward(A_prev, W, hparameters, name_1=number):")
    assert "stride = hparameters['stride']" in shown
    assert "np.zeros(A_prev.shape, dtype=float)" in shown
    assert "hparameters['...']" in shown and "for name_" in shown
    assert ".sum(axis=0) * number" in shown


def test_names_used_by_two_students_are_replaced():
    shown = anonymised(CODE, "conv_forward", kept([CODE, CODE, OTHERS]))
    assert "ada_sum" not in shown and "A_prev" in shown
    assert "ada_sum" in anonymised(CODE, "conv_forward", kept([CODE, CODE, CODE]))


def test_the_names_of_students_go_in_any_case():
    shown = anonymised(CODE, "conv_forward", kept([CODE] * 3, "Ada", "Lovelace", "", "s1234567"))
    assert "ada" not in shown.lower() and "lovelace" not in shown.lower()


def test_the_longest_function_stands_for_one_of_another_name():
    code = "def a(x):\n    return x\n\ndef b(x):\n    y = x + 1\n    return y\n"
    assert anonymised(code, "c", ["b", "x", "y"]).startswith("def b(x):")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x = 1",
        "def f(:",
        "def f():\n" + "    x = 1\n" * LONGEST,
        f"def f(): return {'(' * 300}",
    ],
)
def test_without_a_function_there_is_no_example(code):
    assert anonymised(code, "f", []) == ""


def test_an_empty_function_is_a_function():
    assert anonymised('def f():\n    """ada"""', "f", []) == "def f():\n    pass"


def test_deep_code_is_read_or_left_out():
    deep = "def f(x):\n    return " + "+".join("x" * 5000)
    assert "x + x" in anonymised(deep, "f", ["x"]) or anonymised(deep, "f", ["x"]) == ""


def test_a_long_example_is_cut():
    shown = anonymised("def f(x):\n" + "    x = x + 1\n" * 200, "f", ["x"])
    assert shown.count("\n") == 60 and shown.endswith("# (141 more lines)")
