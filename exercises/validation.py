"""Find mistakes in the definitions of checks and kinds, which no function could pass."""

from collections.abc import Iterable, Iterator

import numpy as np

from exercises.exercise import PUBLIC_SEED, Exercise
from public_tests.kinds import KINDS, kind_of
from public_tests.model import CallOutcome

__all__ = ["wrong_checks", "wrong_kinds"]


def wrong_kinds() -> Iterator[str]:
    """Yield a sentence for each problem with the fields of the kinds of checks."""
    known = [name for name in dir(CallOutcome()) if not name.startswith("_")]
    for kind in KINDS.values():
        place = f"public_tests/kinds.py, kind {kind.name!r}: "
        if not isinstance(kind.fields, tuple):
            yield place + _not_a_tuple("fields", kind.fields)
        elif missing := [name for name in kind.fields if name not in known]:
            why = "which CallOutcome does not have"
            yield place + _not_among("fields", known, missing, why)


def wrong_checks(exercise: Exercise) -> Iterator[str]:
    """Yield a sentence for each problem with the checks of an exercise."""
    place = f"exercises/{exercise.name}.py, "
    drawn = exercise.cases(np.random.default_rng(PUBLIC_SEED))
    groups = list(dict.fromkeys(group for group, *_ in drawn))
    known = {
        "groups": (groups, "which have no cases"),
        "outputs": (list(_outputs(exercise)), "which the function does not return"),
    }
    for check in exercise.checks:
        try:
            kind_of(check)
        except ValueError as error:
            meant = f"; for a group of cases write groups=({check.kind!r},)"
            yield f"{place}{error}{meant if check.kind in groups else ''}."
        of_check = f"{place}check {check.name!r}: "
        for what, (there, why) in known.items():
            value = getattr(check, what)
            if not isinstance(value, tuple):
                yield of_check + _not_a_tuple(what, value)
            elif missing := [name for name in value if name not in there]:
                yield of_check + _not_among(what, there, missing, why)


def _not_a_tuple(what: str, value: object) -> str:
    return f"expected a tuple of {what}, such as ({value!r},), got {value!r}: a comma is missing."


def _not_among(what: str, known: Iterable[str], missing: Iterable[str], why: str) -> str:
    expected, actual = (", ".join(map(repr, names)) for names in (known, missing))
    return f"expected some of the {what} {expected}, got {actual}, {why}."


def _outputs(exercise: Exercise) -> Iterator[str]:
    """Yield the names of the arrays that a function returns, as in an outcome."""
    for value in exercise.returns:
        if value.form == "arrays":
            yield from (f"{value.name}[{part!r}]" for part in value.parts)
        elif value.form != "cache":
            yield value.name
