"""Facts that follow from a function's code, or from calls with other inputs."""

import textwrap

import numpy as np
import pytest
from tests.cells import written

from exercises import EXERCISES
from nbexercise.checks import CASE_SETS
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.statements import unread, writes
from tests.exercises.case_sets import NAMES

SIZES = {"sizes": ("stride", "pad")}
STORES = "cache = (x, sizes)\nreturn cache"


def source(body, head="def f(x, sizes):"):
    return f"{head}\n{textwrap.indent(body, '    ')}\n"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("return sizes['stride'] + sizes['pad']", "No line reads x."),
        (f"x = sizes['pad'] * x\n{STORES}", 'No line reads sizes["stride"].'),
        (f"x = sizes.get('pad', 0) * x\n{STORES}", 'No line reads sizes["stride"].'),
        (
            f"stride = sizes['stride']\nx = sizes['pad'] * x\n{STORES}",
            "Line 12 assigns stride, but no line reads it.",
        ),
        (
            f"y = np.maximum(x, 0)\nx = sizes['pad'] + sizes['stride']\n{STORES}",
            "Line 12 assigns y, but no line reads it.",
        ),
        (
            "for i in x:\n    for k in x:\n        x += x[i] + sizes['stride'] + sizes['pad']",
            "No line reads k, the index of the loop in line 13.",
        ),
        # nothing is missing
        (f"helper(sizes, x)\n{STORES}", ""),
        (f"x = sizes[key] * x\n{STORES}", ""),
        ("return locals()", ""),
        ("return 0", ""),
        ("for k in sizes:\n    x += 1\nreturn x", ""),
        (f"y = np.zeros(3)\nhelper(sizes, x)\n{STORES}", ""),
    ],
)
def test_what_no_line_reads_is_named(body, sentence):
    assert unread(source(body), 11, SIZES) == sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("x -= 1", "Line 6 writes into x."),
        (
            "y = x\ny[0] = 1",
            "Line 6 makes y a second name for x, not a copy. Line 7 writes into x.",
        ),
        (
            "y = x\nz = y\nz *= 2",
            "Line 7 makes z a second name for y, not a copy. Line 8 writes into x.",
        ),
        ("for row in x:\n    row += 1\nx[0] = 2", "Lines 7 and 8 write into x."),
        ("if sizes:\n    x[0] = 1\nx[1:] = 2", "Lines 7 and 8 write into x."),
        ("x[0] = 1\nif sizes:\n    x.pop()", "Lines 6 and 8 write into x."),
        ("x, y = x.copy(), 0\nx -= 1", ""),
        ("for x in sizes:\n    x[0] = 1", ""),
        ("y = x\ny = sizes\ny[0] = 1", ""),
        ("x = x.copy()\nx -= 1", ""),
        ("y = x\ny = 0\ny += 1", ""),
        ("return x", ""),
    ],
)
def test_the_line_that_writes_into_an_argument_is_named(body, sentence):
    assert writes(source(body), 5, {"x"}) == sentence


@pytest.mark.parametrize("text", ["x = 1\ny = 2\n", "(lambda x: x)", "f(", "class A: pass"])
def test_of_other_code_nothing_is_said(text):
    assert unread(text, 1, SIZES) == writes(text, 1, {"x"}) == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_right_function_reads_everything(name):
    case = CASE_SETS[name].cases[0]
    sizes = {
        key: tuple(name for name, item in value.items() if type(item) is int)
        for key, value in case.parts.items()
        if isinstance(value, dict)
    }
    assert unread(EXERCISES[name].solution_text(), 1, sizes) == ""


@pytest.fixture
def without_repairs(monkeypatch):
    """The changes that repair these functions would be named instead."""
    monkeypatch.setattr("nbexercise.diagnosis.mistakes.repair", lambda *_: None)


@pytest.mark.usefixtures("without_repairs")
def test_images_that_are_right_on_their_own_are_named():
    wrong = written(
        """
        def dense_backward(dZ, cache):
            A_prev, W, b = cache
            dW = np.outer(A_prev.sum(0), dZ.sum(0))
            return dZ @ W.T, dW, dZ.sum(0, keepdims=True)
        """
    )
    (fact,) = judge(CASE_SETS["dense_backward"], wrong).facts
    assert fact.startswith("With each image or example in a call of its own, the outputs are right")
    noisy = written(
        """
        def dense_backward(dZ, cache):
            A_prev, W, b = cache
            return dZ @ W.T, np.sin(A_prev.T @ dZ), dZ.sum(0, keepdims=True)
        """
    )
    assert not judge(CASE_SETS["dense_backward"], noisy).facts


@pytest.mark.usefixtures("without_repairs")
def test_weights_that_no_output_depends_on_are_named():
    wrong = written(
        """
        def conv_single_step(a_slice_prev, W, b):
            products = (a_slice_prev * W).ravel()
            return products[:3].sum() + products[7:].sum() + b.item()
        """
    )
    (fact,) = judge(CASE_SETS["conv_single_step"], wrong).facts
    assert fact == (
        "In the first failing case, no output depends on W[0, 0, 3] or 3 more entries of W."
    )


@pytest.mark.parametrize("name", ["conv_single_step", "dense_forward", "one_by_one_forward"])
def test_every_output_of_a_right_function_depends_on_every_weight(name):
    function = EXERCISES[name].loops
    for case in CASE_SETS[name].cases:
        W = case.parts["W"]
        before = function(*case.fresh_arguments().values())
        before = before[0] if isinstance(before, tuple) else before
        for place in np.ndindex(W.shape):
            other = W.copy()
            other[place] += 1000
            after = function(*case.with_values({"W": other}).fresh_arguments().values())
            after = after[0] if isinstance(after, tuple) else after
            assert not np.array_equal(before, after)


@pytest.mark.usefixtures("without_repairs")
def test_a_mistake_that_explains_one_group_is_named_for_that_group():
    text = EXERCISES["pool_backward"].solution_text()
    for old, new in (("w * stride", "w"), ("return dA_prev", "return dA_prev + (mode[0] == 'a')")):
        assert old in text
        text = text.replace(old, new)
    wrong = written(text, **EXERCISES["pool_backward"].helpers)
    (fact,) = judge(CASE_SETS["pool_backward"], wrong).facts
    assert fact.startswith('In "maximum, larger strides", your outputs match this mistake: The')
