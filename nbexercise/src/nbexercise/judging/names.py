"""Suggest the intended name for an undefined one."""

import sys
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["about_name", "about_nonlocal", "alike", "not_assigned"]

ALIKE = 0.8  # similarity above which a name counts as a misspelling; 1 for equal names
MODULES = {"np": "numpy", "plt": "matplotlib.pyplot", "tf": "tensorflow", "pd": "pandas"}
MODULES |= {name: name for name in ("numpy", "scipy", "torch", "tensorflow", "keras", "sklearn")}


def about_name(name: str, local: Iterable[str]) -> str:
    """Return a question or a sentence about an undefined name; "" if nothing is certain.

    Parameters
    ----------
    name
        Undefined name.
    local
        Names defined in the function that reads it.
    """
    if meant := alike(name, local):
        return f"did you mean {' or '.join(meant)}?"
    if name == "numpy":
        return "NumPy is imported as np: write np instead of numpy."
    if name == "np":
        return "run the cell with the line import numpy as np, or add this line."
    if name in MODULES or name in sys.stdlib_module_names:
        return f"{MODULES.get(name, name)} is not imported here. NumPy, as np, is all you need."
    return ""


def about_nonlocal(name: str, function: str) -> str:
    """Return a sentence about a local variable of an inner function that has no value yet."""
    return (
        f"{not_assigned(name, function)} If {name} is a variable of the function around "
        f"{function}, declare it in {function}: nonlocal {name}."
    )


def not_assigned(name: str, function: str) -> str:
    """Return a sentence about a local variable that has no value yet."""
    return f"no line of {function} that assigns {name} ran before this one."


def alike(name: str, names: Iterable[str]) -> list[str]:
    """Return at most two names of which `name` may be a misspelling.

    The order and case of the words in a name do not matter: last_row matches row_last.
    """
    names = [other for other in names if not other.startswith("_") and len(other) > 1]
    same = [other for other in names if _words(other) == _words(name)]
    return list(dict.fromkeys([*same, *get_close_matches(name, names, 2, ALIKE)]))[:2]


def _words(name: str) -> list[str]:
    return sorted(name.lower().split("_"))
