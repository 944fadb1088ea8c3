"""Checks for the exercises, called from a notebook.

    from public_tests import *
    conv_forward_test_2(conv_forward)   # prints the verdict, or raises AssertionError with it
    show("conv_forward")                # draws the failing case of the last check
    hint("conv_forward")                # one hint at a time
    ask("conv_forward")                 # questions about your own function
    solution("conv_forward")            # a solution to compare with, after a try
    progress()                          # what is done, and what comes next
    keep_in_drive()                     # in Colab: one record for all notebooks

Every exercise NAME has a check `NAME_test(function)`. Two exercises also have checks under the
names of the published assignment, which differ between its editions: `conv_forward_test_1` compares
three published values; `conv_forward_test_2`, `pool_forward_test_1` and `pool_forward_test_2` check
the function, as `NAME_test` does. `check_answer` and `check_function` check the exercises within
the lessons. The package needs only NumPy and the standard library. It contains no solutions: the
expected outputs are stored in `cases/`, and only notebooks for self-study carry the text that
`solution` prints.
"""

# The names of the checks are known only once the stored cases are loaded. Editors find them in
# __init__.pyi, which `make release` writes.

import contextlib
from collections.abc import Mapping

from nbexercise import ask, hint, show, summary, validate
from nbexercise.cells import watch as _watch  # noqa: F401, called by the setup cell
from nbexercise.checks import CASE_SETS, make_test
from nbexercise.judging.storage import stored_beside
from nbexercise.judging.subject import register as _register

from .course.convolution import CONVOLUTION as _CONVOLUTION
from .course.published import PUBLISHED_NAMES, conv_forward_test_1
from .course.record import keep_in_drive, progress
from .course.solutions import solution

_register(_CONVOLUTION)

# _add appends the test of every exercise.
__all__ = ["ask", "conv_forward_test_1", "hint", "keep_in_drive", "progress", "show", "solution"]
__all__ += ["summary", "validate"]

with contextlib.suppress(ModuleNotFoundError):  # an assignment's notebook carries none of these
    from .course.lessons import check_answer, check_function  # noqa: F401
    from .course.record import begin_lesson  # noqa: F401

    __all__ += ["check_answer", "check_function"]


def _add(stored: Mapping[str, bytes]) -> None:
    """Add exercises and their tests.

    Parameters
    ----------
    stored
        File contents of the stored cases, by exercise.
    """
    CASE_SETS.add(stored)
    for name in stored:
        for called in (*PUBLISHED_NAMES.get(name, ()), f"{name}_test"):
            if called not in __all__:
                globals()[called] = make_test(name, called)
                __all__.append(called)


_add(stored_beside(__spec__))
