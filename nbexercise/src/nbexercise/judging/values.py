"""Plain values: arguments and results of functions, besides arrays.

A plain value is None, a bool, a number, a string or an array, or a list, tuple, set or dictionary
of plain values. `difference` is the only definition of when two of them are equal.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .given import Made
from .wording import SHORT, number, short, with_article

__all__ = ["COARSER", "NotPlainError", "Raised", "Within", "coarser", "difference", "kind_of_value"]
__all__ += ["plain", "wrong_cells"]

# Tolerances for float16 and float32, by bytes per number, relative to the largest expected value.
# They allow for rounding in long sums. float64 uses the case set's tolerance.
COARSER = {2: 1e-2, 4: 1e-4}
DEVIATIONS = 6  # standard deviations by which a random result may be off; 2e-9 are outside
NOISE = 1e-12  # size of a rounding error of a result that is 0
SEEN = 15  # characters shown before the first wrong one of a long string
_SCALARS: dict[type, Any] = {bool: bool, int: int.__int__, float: float.__float__, str: str.__str__}
_CONTAINERS = {"list": list, "tuple": tuple, "set": set, "dict": dict}


class NotPlainError(TypeError):
    """Raised for a value that is not plain.

    Attributes
    ----------
    path
        Where it is in the whole value, such as "[2]['a']"; "" for the value itself.
    value
        The part that is not plain.
    """

    def __init__(self, path: str, value: Any) -> None:
        super().__init__(path, type(value).__name__)
        self.path, self.value = path, value


@dataclass(frozen=True, repr=False)
class Within:
    """The right result of a function that draws random numbers in its own way.

    Attributes
    ----------
    expected
        Expected value of the result.
    deviation
        Standard deviation of the result.
    """

    expected: float
    deviation: float

    @property
    def bounds(self) -> tuple[float, float]:
        """The smallest and the largest result that is right."""
        margin = DEVIATIONS * self.deviation
        return self.expected - margin, self.expected + margin

    def __repr__(self) -> str:
        low, high = self.bounds
        return f"a number between {number(low)} and {number(high)}"


@dataclass(frozen=True, repr=False)
class Raised:
    """An exception that a call raised, by the name of its class; "" if it raised none."""

    name: str

    def __repr__(self) -> str:
        return with_article(self.name) if self.name else "no exception"


def plain(value: Any, path: str = "") -> Any:
    """Return a copy of a value, with subclasses replaced by the plain types.

    Scalars of NumPy become Python's; arrays of strings or objects become lists.

    Raises
    ------
    NotPlainError
        If a part is not plain.
    """
    if isinstance(value, np.ndarray):
        if np.ma.is_masked(value) or value.dtype.kind not in "biufUO":
            raise NotPlainError(path, value)
        if value.ndim and value.dtype.kind in "biuf":
            return np.array(value)
        value = value.tolist()
    elif isinstance(value, np.generic):
        value = value.item()
    for kind, convert in _SCALARS.items():
        if isinstance(value, kind):
            return convert(value)
    try:
        if isinstance(value, dict):
            return {plain(k, path): plain(v, f"{path}[{k!r:.40}]") for k, v in value.items()}
        for kind in (list, tuple):
            if isinstance(value, kind):
                return kind(plain(v, f"{path}[{place}]") for place, v in enumerate(value))
        if isinstance(value, set | frozenset):
            return {plain(item, path) for item in value}
    except RecursionError:
        raise NotPlainError("", value) from None
    if value is None or isinstance(value, Made | Raised | Within):
        return value
    raise NotPlainError(path, value)


def kind_of_value(value: Any) -> str:
    """Return the kind of a plain value; values of different kinds are different."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, np.ndarray) else type(value).__name__


def coarser(array: Any, precision: int) -> int:
    """Return the bytes per number of a floating-point array, at most `precision`."""
    return min(precision, array.dtype.itemsize) if array.dtype.kind == "f" else precision


def wrong_cells(
    got: NDArray[Any], expected: NDArray[Any], tolerance: float, precision: int = 8
) -> NDArray[Any]:
    """Return a boolean array that is True where `got` is wrong (nan included), of the same shape.

    Parameters
    ----------
    tolerance
        Allowed difference, relative to the largest expected value (at least 1).
    precision
        Bytes per number of the coarsest floating-point input.
    """
    precision = coarser(got, precision)
    got, expected = got.astype(float, copy=False), expected.astype(float, copy=False)
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    with np.errstate(over="ignore", invalid="ignore"):  # raised by infinite and very large numbers
        right: NDArray[Any] = np.abs(got - expected) <= COARSER.get(precision, tolerance) * scale
        return ~right


def difference(
    got: Any, expected: Any, tolerance: float = 0.0, precision: int = 8, name: str = "it"
) -> str:
    """Return a clause about the first difference of two plain values; "" if they are equal.

    Numbers are equal within the tolerance, relative to the expected one (at least 1); nan equals
    nan. A bool is not a number, and a list is not a tuple. The order of sets and dictionaries does
    not count.
    """
    if isinstance(expected, Within):
        return _outside(got, expected, name)
    if Raised in (type(got), type(expected)):
        same = type(got) is type(expected) and got == expected
        return "" if same else _raised(got, expected, name)
    verb = _verb(name)
    kind = kind_of_value(expected)
    if {kind, kind_of_value(got)} == {"list", "tuple"} and len(got) != len(expected):
        return f"{name} {verb} {_with_type(got)}, expected {len(expected)}"
    if kind != kind_of_value(got):
        return f"{name} {verb} {_with_type(got)}, expected {_with_type(expected)}"

    def inside(one: Any, other: Any, path: str = "") -> str:
        return difference(one, other, tolerance, precision, f"{name}{path}")

    if kind == "number":
        if _near(got, expected, COARSER.get(precision, tolerance)):
            return ""
        return "{} {} {}, expected {}".format(name, verb, *_numbers(got, expected))
    if kind == "array":
        return _in_array(got, expected, tolerance, precision, name)
    if kind in ("list", "tuple"):
        if len(got) != len(expected):
            return f"{name} {verb} {_of_other_length(got, expected)}"
        pairs = zip(got, expected, strict=True)
        wrong = [(e, inside(g, e, f"[{i}]")) for i, (g, e) in enumerate(pairs)]
        return _first(wrong, "items", name)
    if kind == "set":
        return _in_set(got, expected, inside, name)
    if kind == "dict":
        return _in_dict(got, expected, inside, name)
    if kind == "str":
        return _in_string(got, expected, name)
    return "" if got == expected else f"{name} {verb} {short(got)}, expected {short(expected)}"


def _verb(name: str) -> str:
    """Return what a value does that has the name of a call, an output or an attribute."""
    return "returned" if name.endswith(")") else "is"


def _outside(got: Any, expected: Within, name: str) -> str:
    low, high = expected.bounds
    value = got.item() if isinstance(got, np.ndarray) and got.size == 1 else got
    if kind_of_value(value) == "number" and low <= value <= high:
        return ""
    shown = number(value) if kind_of_value(value) == "number" else _with_type(value)
    return f"{name} {_verb(name)} {shown}, expected {expected!r}"


def _raised(got: Any, expected: Any, name: str) -> str:
    """Return a clause about a call that raised an exception, or did not raise the right one."""
    call = name if name.endswith(")") else "the call"
    if isinstance(got, Raised):
        what = f"{call} raised {got!r}"
    else:
        what = f"{call} returned {_with_type(got)}"
    if isinstance(expected, Raised):
        return f"{what}, but must raise {expected!r}"
    return f"{what}, expected {_with_type(expected)}"


def _near(got: Any, expected: Any, tolerance: float) -> bool:
    if got == expected or (got != got and expected != expected):
        return True
    if isinstance(got, int) and isinstance(expected, int):
        return False
    try:
        return bool(abs(got - expected) <= tolerance * max(1.0, abs(expected)) < math.inf)
    except OverflowError:  # an integer too large for a float
        return False


def _numbers(got: Any, expected: Any) -> list[str]:
    """Format two numbers briefly, with all digits if they would otherwise look equal.

    An expected 0 may have a rounding error, which is not shown.
    """
    expected = 0.0 if isinstance(expected, float) and abs(expected) < NOISE else expected
    texts = [short(v) if isinstance(v, int) else number(v) for v in (got, expected)]
    return texts if texts[0] != texts[1] else [repr(got), repr(expected)]


def _with_type(value: Any) -> str:
    kind = kind_of_value(value)
    if kind == "array":
        return f"an array of shape {value.shape}"
    if kind in _CONTAINERS:
        what = {"dict": "key", "set": "element"}.get(kind, "item")
        return f"a {kind} of {len(value)} {what}{'' if len(value) == 1 else 's'}"
    if value is None:
        return "None"
    return f"{short(value)} ({with_article(type(value).__name__)})"


def _of_other_length(got: Any, expected: Any) -> str:
    """Return a clause about a list or tuple with too few or too many items."""
    texts = [repr(got), repr(expected)]
    if max(map(len, texts)) > SHORT:
        return f"{_with_type(got)}, expected {len(expected)}"
    items = "1 item" if len(got) == 1 else f"{len(got)} items"
    return f"{texts[0]}, expected {texts[1]}: {items} instead of {len(expected)}"


def _first(wrong: list[tuple[Any, str]], parts: str, name: str) -> str:
    """Return the first clause, and how many parts are wrong if it is about no part of a part."""
    of_part = f" of {name}" if name.endswith("]") else ""
    clauses = [(expected, clause) for expected, clause in wrong if clause]
    expected, clause = clauses[0] if clauses else (0, "")
    if len(clauses) < 2 or kind_of_value(expected) in (*_CONTAINERS, "array"):
        return clause
    return f"{clause} ({len(clauses)} of {len(wrong)} {parts}{of_part} are wrong)"


def _in_array(
    got: NDArray[Any], expected: NDArray[Any], tolerance: float, precision: int, name: str
) -> str:
    if got.shape != expected.shape:
        return f"{name} has shape {got.shape}, expected shape {expected.shape}"
    same = (got == expected) | ((got != got) & (expected != expected))
    wrong = np.argwhere(wrong_cells(got, expected, tolerance, precision) & ~same)
    if not len(wrong):
        return ""
    index = tuple(wrong[0].tolist())
    values = _numbers(got[index].item(), expected[index].item())
    clause = "{}[{}] is {}, expected {}".format(name, ", ".join(map(str, index)), *values)
    are = "is" if len(wrong) == 1 else "are"
    return clause + (f" ({len(wrong)} of {got.size} values {are} wrong)" if got.size > 1 else "")


def _in_set(got: set[Any], expected: set[Any], inside: Any, name: str) -> str:
    ours, theirs = ({(kind_of_value(v), v) for v in values} for values in (expected, got))
    lost, added = [v for _, v in ours - theirs], [v for _, v in theirs - ours]
    missing = [e for e in lost if all(inside(g, e) for g in added)]
    extra = [g for g in added if all(inside(g, e) for e in lost)]
    if missing:
        return f"{name} is missing the element {short(min(missing, key=repr))}"
    if extra:
        return f"{name} has the element {short(min(extra, key=repr))} that it should not have"
    return ""


def _in_dict(got: dict[Any, Any], expected: dict[Any, Any], inside: Any, name: str) -> str:
    keys = {(kind_of_value(key), key): key for key in got}
    wrong: list[tuple[Any, str]] = []
    for key, value in expected.items():
        typed = kind_of_value(key), key
        if typed in keys:
            wrong.append((value, inside(got[keys.pop(typed)], value, f"[{short(key)}]")))
        else:
            wrong.append((0, f"{name} is missing the key {short(key)}"))
    extra = [f"{name} has the key {short(k)} that it should not have" for k in keys.values()]
    if extra or len(got) < len(expected):  # no count of entries, which are not the same
        return next(filter(None, [*(clause for _, clause in wrong), *extra]))
    return _first(wrong, "entries", name)


def _in_string(got: str, expected: str, name: str) -> str:
    if got == expected:
        return ""
    pairs = enumerate(zip(got, expected, strict=False))
    place = next((i for i, (g, e) in pairs if g != e), min(len(got), len(expected)))
    clause = f"{name} {_verb(name)} {_around(got, place)}, expected {_around(expected, place)}"
    if place == 0:
        return clause
    if place == len(got):
        return f"{clause}: it ends after {place} of {len(expected)} characters"
    if place == len(expected):
        return f"{clause}: it should end after {place} of its {len(got)} characters"
    values = f"({got[place]!r}, expected {expected[place]!r})"
    return f"{clause}: they differ at character {place} {values}"


def _around(text: str, place: int) -> str:
    """Return a string as code; of a long one, the part around a character."""
    if len(text) <= 4 * SEEN:
        return repr(text)
    start = max(0, min(place - SEEN, len(text) - 3 * SEEN))
    end = start + 3 * SEEN
    return f"{'...' * (start > 0)}{text[start:end]!r}{'...' * (end < len(text))}"
