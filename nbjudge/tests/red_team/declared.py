"""Declare attacks and oddities: decorators for the functions that change a submission.

The first paragraph of a function's docstring says what it tries, the rest what would show its
success.
"""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["OUTSIDE", "Declared", "attack", "declared", "oddity"]

# The questions whose tests are judged outside the student's process.
OUTSIDE = ["square", "standardize", "total", "words", "distance", "root", "primes"]


@dataclass(frozen=True)
class Declared:
    """An attack or an honest oddity.

    Attributes
    ----------
    change
        Function that changes a submission.
    deserves
        Names of the right questions, or "everything".
    alone
        True if the entry gets its own class on stock nbgrader: bombs, and attacks that may stop a
        class.
    baseline
        True to ignore leaks that any wrong submission also sees.
    unsafe
        Reason not to run it on stock nbgrader, or "".
    reads_child
        False if even the hidden lines of the test in the child must not leak.
    """

    change: Callable[[Any], None]
    kind: str
    deserves: Sequence[str] | str = ()
    alone: bool = False
    baseline: bool = True
    unsafe: str = ""
    reads_child: bool = True


_found: dict[tuple[str, str], Declared] = {}


def attack(change: Callable[[Any], None] | None = None, **settings: Any) -> Any:
    """Declare an attack, with fields of `Declared`."""
    if change is None:
        return lambda function: attack(function, **settings)
    return _declare(Declared(change, "attack", **settings))


def oddity(change: Callable[[Any], None] | None = None, **settings: Any) -> Any:
    """Declare an honest oddity, which deserves everything."""
    if change is None:
        return lambda function: oddity(function, **settings)
    return _declare(Declared(change, "honest", "everything", **settings))


def _declare(entry: Declared) -> Callable[[Any], None]:
    key = entry.kind, entry.change.__name__
    if key in _found or not entry.change.__doc__:
        raise ValueError(f"{key[1]} needs a name of its own, and a docstring of what it tries")
    _found[key] = entry
    return entry.change


def declared() -> dict[tuple[str, str], Declared]:
    """Return all attacks and oddities, by kind and name."""
    from tests.red_team import attacks, oddities  # noqa: F401 - which declares them

    for module in pkgutil.iter_modules(attacks.__path__):
        importlib.import_module(f"{attacks.__name__}.{module.name}")
    return _found
