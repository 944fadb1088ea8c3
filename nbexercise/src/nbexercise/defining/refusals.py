"""Refuse what a case set cannot hold: arguments that are not plain, and results of no known form.

A definition is refused by name before anything is released, because no function could pass a check
of such a case.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..judging.given import Made
from ..judging.model import Case, leaves
from ..judging.values import NotPlainError, plain
from ..judging.wording import with_article

__all__ = ["after_exception", "check_arguments", "check_expected"]

_PLAIN = "arrays, numbers, strings, lists, tuples, sets or dictionaries"
_INSTEAD = {  # by the name of a type
    "function": 'write fn("...")',
    "Generator": "write stream(seed)",
    "DataFrame": "write table({...})",
    "range": "write list(...)",
}


def check_arguments(exercise: str, group: str, arguments: Mapping[str, Any]) -> None:
    """Raise TypeError if an argument of a case cannot be stored, or sent to another process."""
    for name, value in arguments.items():
        where = f"exercise {exercise!r}, case group {group!r}, argument"
        made = [str(leaf) for leaf in leaves(value) if isinstance(leaf, Made)]
        if made and not isinstance(value, Made):
            raise TypeError(
                f"{where} {name!r}: expected {_PLAIN}, got {made[0]} inside; make it an argument "
                "of its own"
            )
        for path, part in _refused(value):
            kind = type(part).__name__
            instead = f"write {type(part.item()).__name__}(...)" if _is_scalar(part) else ""
            instead = _INSTEAD.get(kind, instead or 'write plain values, or choose another "form"')
            raise TypeError(
                f"{where} {name + path!r}: expected {_PLAIN}, got {with_article(kind)}; {instead}"
            )


def after_exception(exercise: str, kind: str) -> str:
    """Return the next step after an exception of the right function, by the name of its class."""
    if kind == "ModuleNotFoundError":
        return "install the package"
    return (
        "correct the solution or the case; if the exception is expected, write "
        f"define({exercise!r}, raises={kind})"
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, np.generic) and not isinstance(value, float)


def _refused(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the first part that cannot be stored, with its path."""
    if _is_scalar(value):
        yield "", value
    try:
        plain(value)
    except NotPlainError as error:
        yield error.path, error.value


def check_expected(exercise: str, cases: Sequence[Case]) -> None:
    """Raise ValueError if the right function gives a result that no check could compare."""
    for case in cases:
        where = f"exercise {exercise!r}, case group {case.group!r}:"
        if problem := case.expected.problem:
            where += " in the solution," if problem.call else ""
            kind = problem.key.partition(":")[0]
            is_error = problem.kind == "error"
            step = f"\nNext: {after_exception(exercise, kind)}." if is_error else ""
            raise ValueError(f"{where} {problem.about('the right function')}{step}")
    if all(value is None for case in cases for value in case.expected.values.values()):
        raise ValueError(f"exercise {exercise!r}: the right function returns None in every case")
