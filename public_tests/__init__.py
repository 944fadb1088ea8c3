"""Checks for the exercises, to be called from a notebook.

    from public_tests import *
    conv_forward_test_2(conv_forward)   # prints the verdict, or raises AssertionError with it
    show("conv_forward")                # draws the failing case of the last check
    hint("conv_forward")                # one hint at a time
    solution("conv_forward")            # a solution to compare with, after a try
    progress()                          # what is done, and what comes next

Every exercise NAME has its `NAME_test(function)`. Two have the numbers of the published assignment
as well, which differ between its editions: `conv_forward_test_1` looks at three published values;
`conv_forward_test_2`, `pool_forward_test_1` and `pool_forward_test_2` look at the function, as
`NAME_test` does. `check_answer` and `check_function` check the exercises within the lessons. NumPy
and the standard library are all this needs. There is no solution in here: the cases' answers are
stored in `cases/`, and only notebooks for self-study carry what `solution` prints.
"""

# Which checks there are is known only when the stored cases are loaded. Editors find the names in
# __init__.pyi, which `make release` writes.

import contextlib
from collections.abc import Mapping

from .checks import (
    CASE_SETS,
    PUBLISHED_NAMES,
    conv_forward_test_1,
    hint,
    make_test,
    show,
    summary,
    validate,
)
from .record import progress
from .solutions import solution
from .storage import stored_beside

# And every exercise's test, which _add adds.
__all__ = ["conv_forward_test_1", "hint", "progress", "show", "solution", "summary", "validate"]

with contextlib.suppress(ModuleNotFoundError):  # an assignment's notebook carries none of these
    from .lessons import check_answer, check_function  # noqa: F401
    from .record import begin_lesson  # noqa: F401

    __all__ += ["check_answer", "check_function"]


def _add(stored: Mapping[str, bytes]) -> None:
    """Add exercises and their tests. stored: for each exercise the bytes of its file"""
    CASE_SETS.add(stored)
    for name in stored:
        for called in (*PUBLISHED_NAMES.get(name, ()), f"{name}_test"):
            if called not in __all__:
                globals()[called] = make_test(name, called)
                __all__.append(called)


_add(stored_beside(__spec__))
