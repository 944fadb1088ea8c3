"""The checks that this notebook carries.

    trapezoid_test(trapezoid)   # prints the verdict, or raises AssertionError with it
    show("trapezoid")           # draws the failing case of the last check
    hint("trapezoid")           # one hint at a time
    summary("trapezoid")        # what is done

Every exercise NAME has a check `NAME_test(function)`. The source of this package is nbexercise.
"""

from collections.abc import Mapping

from nbexercise import CASE_SETS, hint, make_test, show, stored_beside, summary, validate
from nbexercise import watch as _watch  # noqa: F401, called by the setup cell

__all__ = ["hint", "show", "summary", "validate"]


def _add(stored: Mapping[str, bytes]) -> None:
    CASE_SETS.add(stored)
    for name in stored:
        if f"{name}_test" not in __all__:
            globals()[f"{name}_test"] = make_test(name, f"{name}_test")
            __all__.append(f"{name}_test")


_add(stored_beside(__spec__))
