"""Say what is meant by a name that is not defined."""

import sys
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["about_name", "alike"]

ALIKE = 0.8  # two names, of which one is taken for a slip of the other; 1 is the same name
MODULES = {"np": "numpy", "plt": "matplotlib.pyplot", "tf": "tensorflow", "pd": "pandas"}
MODULES |= {name: name for name in ("numpy", "scipy", "torch", "tensorflow", "keras", "sklearn")}


def about_name(name: str, local: Iterable[str], others: Iterable[str]) -> str:
    """Return a question or a sentence about an undefined name; "" if nothing is certain.

    Parameters
    ----------
    name
        The undefined name.
    local, others
        The names that are defined in the function that reads it, and in its notebook.
    """
    if meant := alike(name, local) or alike(name, others):
        return f"is {' or '.join(meant)} meant?"
    if name == "numpy":
        return "NumPy is imported as np: write np in place of numpy."
    if name in MODULES or name in sys.stdlib_module_names:
        return f"{MODULES.get(name, name)} is not imported here. NumPy, as np, is all you need."
    return ""


def alike(name: str, names: Iterable[str]) -> list[str]:
    """Return the names of which another one may be a slip, at most two.

    The words of a name may stand in any order and case: a_prev_slice is like a_slice_prev.
    """
    names = [other for other in names if not other.startswith("_") and len(other) > 1]
    same = [other for other in names if _words(other) == _words(name)]
    return list(dict.fromkeys([*same, *get_close_matches(name, names, 2, ALIKE)]))[:2]


def _words(name: str) -> list[str]:
    return sorted(name.lower().split("_"))
