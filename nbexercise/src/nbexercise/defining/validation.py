"""Find invalid definitions of checks and kinds, which no function could pass."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..judging.adapters import calls_of
from ..judging.kinds import KINDS, kind_of
from ..judging.model import CallOutcome
from .exercise import PUBLIC_SEED, Exercise

__all__ = ["wrong_checks", "wrong_kinds"]


def wrong_kinds() -> Iterator[str]:
    """Yield a sentence for each problem with the fields of the kinds of checks."""
    fields = [name for name in dir(CallOutcome()) if not name.startswith("_")]
    for kind in KINDS.values():
        if fault := _fault("fields", kind.fields, fields, "which CallOutcome does not have"):
            yield f"kind {kind.name!r}: {fault}"


def wrong_checks(exercise: Exercise) -> Iterator[str]:
    """Yield a sentence for each problem with the checks of an exercise."""
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
            yield f"{error}{meant if check.kind in groups else ''}."
        for what, (names, why) in known.items():
            if fault := _fault(what, getattr(check, what), names, why):
                yield f"check {check.name!r}: {fault}"


def _fault(what: str, value: object, known: Sequence[str], why: str) -> str:
    """Return the problem with a tuple of known names; "" if there is none."""
    if not isinstance(value, tuple):
        return (
            f"expected a tuple of {what}, such as ({value!r},), got {value!r}: a comma is missing."
        )
    missing = [name for name in value if name not in known]
    expected, actual = (", ".join(map(repr, names)) for names in (known, missing))
    return f"expected some of the {what} {expected}, got {actual}, {why}." if missing else ""


def _outputs(exercise: Exercise) -> Iterator[str]:
    """Yield the names of the arrays that a function returns, as in an outcome."""
    for value in exercise.returns:
        if value.form == "arrays":
            yield from (f"{value.name}[{part!r}]" for part in value.parts)
        elif value.form == "function":
            yield from calls_of(value)
        elif value.form != "cache":
            yield value.name
