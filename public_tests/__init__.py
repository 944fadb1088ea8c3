"""Checks for the exercises, to be called from a notebook.

    from public_tests import *
    conv_forward_test_2(conv_forward)   # prints the verdict, or raises AssertionError with it
    show("conv_forward")                # draws the failing case of the last check
    hint("conv_forward")                # one hint at a time

Every exercise NAME has its `NAME_test(function)`. Those of conv_forward have the numbers of the
published assignment as well: `conv_forward_test_1` looks at three published values, and
`conv_forward_test_2` at the function, as `conv_forward_test` does. `check_answer` and
`check_function` check the exercises within the lessons. NumPy and the standard library
are all this needs. There is no solution in here: the cases' answers are stored in `cases/`.
"""

import contextlib
import inspect
from dataclasses import replace

import numpy as np

from . import picture
from .errors import CheckFailedError
from .judging import decide, judge, not_callable
from .storage import StoredCaseSets, stored_beside
from .text import about_helpers, describe
from .wording import wrapped

__all__ = [
    "hint",
    "show",
    "conv_forward_test_1",
]  # and every exercise's test, which _add adds

with contextlib.suppress(ModuleNotFoundError):  # an assignment's notebook carries none of these
    from .lessons import check_answer, check_function  # noqa: F401

    __all__ += ["check_answer", "check_function"]

_CASE_SETS = StoredCaseSets()
_PUBLISHED_NAMES = {"conv_forward": "conv_forward_test_2"}
_verdicts = {}  # the last verdict of each exercise, the most recent one last
_hints_given = {}


def _check(name, function):
    """Judge `function`, and print the verdict or raise it."""
    if not callable(function):
        raise CheckFailedError(not_callable(name, function))
    verdict = _judged(name, function)
    text = describe(verdict)
    if not verdict.passed:
        raise CheckFailedError(text)
    print(text)


def _judged(name, function):
    """The verdict on `function`, which is remembered as the last one of its exercise."""
    wrong = _wrong_helpers(name, function)
    verdict = replace(judge(_CASE_SETS[name], function), wrong_helpers=wrong)
    _verdicts.pop(name, None)
    _verdicts[name] = verdict
    return verdict


def _wrong_helpers(name, function):
    """The earlier exercises that the function calls and that fail their own check."""
    plain = inspect.unwrap(function)
    code, namespace = getattr(plain, "__code__", None), getattr(plain, "__globals__", {})
    return tuple(
        helper
        for helper in _CASE_SETS[name].helpers
        if code is not None and helper in code.co_names and callable(namespace.get(helper))
        if not decide(_CASE_SETS[helper], namespace[helper]).passed
    )


def _make_test(name, called):
    def test(target):
        _check(name, target)

    test.__name__ = test.__qualname__ = called
    test.__doc__ = (
        f"Check {name}: pass the function itself. Prints the verdict, or raises AssertionError."
    )
    return test


def _add(stored):
    """Add exercises and their tests. stored: for each exercise the bytes of its file"""
    _CASE_SETS.add(stored)
    for name in stored:
        for called in dict.fromkeys((_PUBLISHED_NAMES.get(name), f"{name}_test")):
            if called and called not in __all__:
                globals()[called] = _make_test(name, called)
                __all__.append(called)


_add(stored_beside(__spec__))

# conv_forward on the published inputs, with a batch of 2 and with one of 10: the mean of Z, Z[0, 2,
# 1] and Z[3, 2, 1]; cache[0][1][2][3] is the same for both.
_PUBLISHED_Z = {
    "Z[0,2,1] of a batch of 2": (
        0.5511276474566768,
        (-2.17796037, 8.07171329, -0.5772704, 3.36286738)
        + (4.48113645, -2.89198428, 10.99288867, 3.03171932),
    ),
    "Z[3,2,1] of a batch of 10": (
        0.6923608807576933,
        (-1.28912231, 2.27650251, 6.61941931, 0.95527176)
        + (8.25132576, 2.31329639, 13.00689405, 2.34576051),
    ),
}
_PUBLISHED_CACHE = (-1.1191154, 1.9560789, -0.3264995, -1.34267579)


def conv_forward_test_1(z_mean, z_0_2_1, cache_0_1_2_3):
    """Check three values of conv_forward on the published inputs (seed 1, pad 1, stride 2).

    z_mean: np.mean(Z); z_0_2_1: Z[0, 2, 1], or Z[3, 2, 1] of the batch of 10
    cache_0_1_2_3: cache[0][1][2][3]
    raises: AssertionError that says which of the three is wrong
    """
    rows = {
        name: _near(z_mean, mean) + _near(z_0_2_1, values)
        for name, (mean, values) in _PUBLISHED_Z.items()
    }
    which = max(rows, key=lambda name: rows[name])
    mean, values = _PUBLISHED_Z[which]
    wrong = [
        f"  {name} is {_in_one_line(got)}\n    expected {_in_one_line(expected)}"
        for name, got, expected in (
            ("the mean of Z", z_mean, mean),
            (which.split(" of ")[0], z_0_2_1, values),
            ("cache[0][1][2][3]", cache_0_1_2_3, _PUBLISHED_CACHE),
        )
        if not _near(got, expected)
    ]
    if wrong:
        raise CheckFailedError(
            "\n".join(["conv_forward on the published inputs:", *wrong, "", _AGAIN])
        )
    print("conv_forward: the published values are right.")


_AGAIN = """\
Next: conv_forward_test_2(conv_forward) says what is wrong with the function. If that passes,
  run the cell that computes these three values once more: they may be of an earlier version."""


def _in_one_line(value):
    return " ".join(str(value).split())


def _near(got, expected):
    try:
        got = np.asarray(got)
    except ValueError:  # lists of different lengths
        return False
    return (
        got.dtype.kind in "iuf"
        and got.shape == np.shape(expected)
        and bool(np.allclose(got, expected, rtol=1e-5, atol=1e-7))
    )


def show(name=None, function=None):
    """Draw a failing case: the input, what was expected, what came, and the difference.

    The same in numbers is folded below the picture, and printed where there is no notebook. For the
    functions that slide a window, the windows follow one by one up to the first wrong one.

    name: an exercise; without it, the one checked last
    function: judge this function first; without it, the last check's verdict is drawn
    raises: ValueError where there is no such exercise
    """
    if name is None:
        if not _verdicts:
            print("Nothing has been checked yet: run a check first, or name an exercise.")
            return
        name = next(reversed(_verdicts))
    _known(name)
    if function is not None:
        _judged(name, function)
    if name not in _verdicts:
        print(f'{name} has not been checked yet: show("{name}", {name}) does both.')
        return
    verdict = _verdicts[name]
    if verdict.wrong_helpers:
        print(*wrapped(about_helpers(verdict)), "", sep="\n")
    try:
        words = picture.in_words(verdict)
    except ValueError as nothing_to_draw:
        print(nothing_to_draw)
        return
    steps, folded = picture.steps(verdict), picture.display(picture.draw(verdict), words)
    text = "\n\n".join(filter(None, (steps, "" if folded else words)))
    if text:
        print(text)


def hint(name):
    """Print the next hint for an exercise, from a nudge to nearly the whole way.

    raises: ValueError where there is no such exercise
    """
    _known(name)
    hints = _CASE_SETS[name].hints
    given = min(_hints_given.get(name, 0), len(hints) - 1)
    _hints_given[name] = given + 1
    print("\n".join(wrapped(f"Hint {given + 1} of {len(hints)} for {name}: {hints[given]}")))


def _known(name):
    if callable(name):
        text = f"Give the name in quotes: {name.__name__!r}, not the function itself."
        raise ValueError(text)
    if name not in _CASE_SETS:
        raise ValueError(f"There is no exercise {name!r}; there are: {', '.join(_CASE_SETS)}.")
