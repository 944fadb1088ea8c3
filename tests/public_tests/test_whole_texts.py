"""Complete verdicts stored as texts, which show every change of wording."""

import numpy as np
import pytest
from tests.cells import written

import public_tests
from exercises import grade
from nbexercise.judging.wording import wrapped
from public_tests import (
    create_mask_from_window_test,
    distribute_value_test,
    zero_pad_test,
)
from tests.public_tests.messages import message, right

PASSED = """\
distribute_value: all 3 checks passed.

  pass  shape asked for
  pass  equal shares
  pass  whole numbers
"""

KNOWN_MISTAKE = """\
zero_pad: 0 of 4 checks passed.

What happened: Only the height was padded; the width is unchanged.
Next: A border has four sides: axis 2 needs the same pair as axis 1.

First failing case, output shape: X of shape (2, 3, 5, 3), pad 1
  X_pad has shape (2, 5, 5, 3), expected shape (2, 5, 7, 3).

show("zero_pad") draws this case; hint("zero_pad") gives a hint.
Read again: "np.pad: one pair for each axis" in the padding notebook.

  FAIL  output shape
  FAIL  image and border
  ----  no padding: waits until "image and border" passes
  ----  input left alone: waits until "image and border" passes"""

UNKNOWN_MISTAKE = """\
zero_pad: 1 of 4 checks passed.

In all 5 cases X_pad holds 9 everywhere.

First failing case, image and border: X of shape (2, 3, 5, 3), pad 1
  Your function printed:
    nine
  X_pad[0, 0, 0, 0] is 9, expected 0 (210 of 210 values are wrong).

Next: show("zero_pad") draws this case; hint("zero_pad") gives a hint.
Read again: "np.pad: one pair for each axis" in the padding notebook.

  pass  output shape
  FAIL  image and border
  FAIL  no padding
  ----  input left alone: waits until "image and border" passes"""

RAISED = """\
create_mask_from_window: 0 of 4 checks passed.

First failing case, mask: x of shape (2, 3) = [[0.625, 2.625, 0.125],
  [1.125, 1.375, 1.0]]
  create_mask_from_window raised IndexError: list index out of range
    line 3, in create_mask_from_window: return maxima[3]
      with maxima a list of 1

Next: the error was raised in the last line quoted above. Are the values below it what
  you expect, and does it use them correctly? hint("create_mask_from_window") gives a
  hint.

  ----  shape of the window: not checked in every case because a call raised an error
  FAIL  mask
  FAIL  negative windows
  ----  input left alone: not checked because a call raised an error"""

NOTHING = """\
pool_backward: 0 of 7 checks passed.

Either pool_backward ended without a return statement, or the value it returns is None.

First failing case, maximum, stride 1: dA of shape (2, 3, 5, 3),
  cache of A_prev of shape (2, 5, 7, 3), f 3, stride 1, mode 'max'
  pool_backward returned None.

Next: end the function with `return dA_prev`.
hint("pool_backward") gives a hint.

  ----  output shape: not checked in every case because a call returned None
  FAIL  maximum, stride 1
  FAIL  maximum, larger strides
  FAIL  average, stride 1
  FAIL  average, larger strides
  FAIL  maximum of negative windows
  ----  input left alone: not checked because a call returned None"""

GRADED = """\
conv_single_step: 4 of 5 points. Z is an array of shape (1, 1, 1), not a number, as if
  the array b had been added to the sum.

Next: A number plus the array b is an array. How do you take the number out of an array?

First failing case, a single number: a_slice_prev of shape (3, 3, 4),
  W of shape (3, 3, 4), b of shape (1, 1, 1)
  Z has shape (1, 1, 1), expected a single number, shape ().

Read again: "A bias of shape (1, 1, 1)" in the single_step notebook.

  FAIL     0 of 1    a single number
  pass     3 of 3    value
  pass     1 of 1    input left alone

(These inputs were drawn with seed 3, which repeats the grading.)
"""


def _nine(X, pad):
    print("nine")
    return np.full(right("zero_pad")(X, pad).shape, 9)


def _height_only(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (0, 0), (0, 0)))


_OUT_OF_RANGE = written(
    """
    def create_mask_from_window(x):
        maxima = [x.max()]
        return maxima[3]
    """
)


@pytest.fixture(autouse=True)
def without_repairs(monkeypatch):
    """Lines of the tests' own files would be named (test_repairs.py tests that)."""
    monkeypatch.setattr("nbexercise.diagnosis.mistakes.repair", lambda *_: None)


@pytest.mark.parametrize(
    ("test", "function", "text"),
    [
        (zero_pad_test, _height_only, KNOWN_MISTAKE),
        (zero_pad_test, _nine, UNKNOWN_MISTAKE),
        (create_mask_from_window_test, _OUT_OF_RANGE, RAISED),
        (public_tests.pool_backward_test, lambda *arguments: None, NOTHING),
    ],
    ids=["known mistake", "unknown mistake", "exception", "nothing"],
)
def test_the_whole_text_of_a_failed_check(test, function, text):
    assert wrapped(message(test, function)) == text


def test_printed_paragraphs_are_wrapped_but_not_within_a_shape_or_quoted_code():
    words = "word " * 15
    text = f"{words}A_prev of shape (2, 5, 7, 3) is too long.\n  {words * 2}\n    {words * 2}"
    assert wrapped(text).splitlines() == [
        words.strip(),
        "  A_prev of shape (2, 5, 7, 3) is too long.",
        f"  {'word ' * 17}".rstrip(),
        f"    {'word ' * 13}".rstrip(),
        f"    {words * 2}",
    ]
    with pytest.raises(AssertionError) as caught:
        zero_pad_test(_OUT_OF_RANGE)
    assert str(caught.value) == wrapped(caught.value.text) != caught.value.text


def test_the_whole_text_of_a_passed_check(capsys):
    distribute_value_test(right("distribute_value"))
    assert capsys.readouterr().out == PASSED


def test_the_whole_text_of_a_graded_cell(capsys):
    points = grade("conv_single_step", lambda a, W, b: np.sum(a * W) + b, seed=3)
    assert wrapped(capsys.readouterr().out) == GRADED
    assert type(points) is float
    assert points == 4
