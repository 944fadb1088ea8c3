"""Sort the returned values of a call into named outputs, or describe their fault."""

import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from warnings import warn

import numpy as np
from numpy.typing import NDArray

from .adapters import ADAPTED, parts_of
from .comparing import COARSER
from .model import PLAIN_FORMS, CallOutcome, Case, Problem, Return, Step
from .notes import IN_PLACE_OF_AN_ARRAY, STORED_AS
from .script import outcomes
from .values import NotPlainError, Raised, Within, plain
from .wording import PRINTED, number, tuple_of, with_article

__all__ = ["as_outcome", "as_real", "same"]

_SEQUENCES = (list, tuple, np.ndarray)
_PLAIN = "numbers, strings, lists, tuples, sets, dictionaries or arrays"

# Largest imaginary part that counts as a rounding error, relative to the largest number (at least
# 1). For complex64, `comparing.COARSER` applies.
IMAGINARY = 1e-9


def as_outcome(
    returns: Sequence[Return], case: Case, returned: Any, printed: bool = False
) -> CallOutcome:
    """Sort the returned values of a call into named outputs, or describe their fault.

    Lists, subclasses of arrays (such as a memory map or a matrix) and numbers stored as objects or
    complex numbers are accepted for their values. Lists, objects and complex numbers issue a
    warning.

    Parameters
    ----------
    printed
        True if the call has printed something, perhaps instead of returning it.
    """
    if returns[0].form == "class":
        return _of_script(returns[0], case, returned)
    right, names = case.expected.values, [spec.name for spec in returns]
    exception = Return(names[0] if len(names) == 1 else "the result", "value")
    if isinstance(right.get(exception.name, None if right else returned), Raised):
        result, fault = _as_plain(exception, returned, right)
        return _wrong("type", type(returned).__name__, fault) if fault else CallOutcome(result)
    if len(names) == 1 and (returned is not None or _may_be_none(returns[0], right)):
        return _named(returns, case, (returned,))
    if isinstance(returned, (tuple, list)) and len(returned) == len(names):
        return _named(returns, case, returned)
    return _miscounted(names, returned, printed)


def _miscounted(names: Sequence[str], returned: Any, printed: bool) -> CallOutcome:
    """Return the outcome of a call that returned None, or another number of values."""
    if returned is None:
        return _nothing(names, printed)
    if not isinstance(returned, (tuple, list)):
        text = f"returned {_a(returned)} alone; expected {len(names)} values: {', '.join(names)}"
        return _wrong("count", "1", text + ".\nEnd the function with: return " + ", ".join(names))
    count = f"{len(returned)} value{'' if len(returned) == 1 else 's'}"
    text = f"returned {count}; expected {len(names)}: {', '.join(names)}."
    return _wrong("count", str(len(returned)), text)


def _named(returns: Sequence[Return], case: Case, returned: Sequence[Any]) -> CallOutcome:
    """Return as many returned values as there are outputs, by name, or the fault of the first."""
    right = case.expected.values
    values: dict[str, Any] = {}
    cache = ""
    pairs = zip(returns, returned, strict=True)
    for spec, value in (part for pair in pairs for part in parts_of(*pair)):
        if spec.form == "cache":
            cache = _cache_fault(spec, value, case)
            continue
        arrays, fault = (_as_plain if _is_plain(spec, value, right) else _as_arrays)(
            spec, value, right
        )
        if fault:
            fault += _about_tuple(spec, returns, returned) if isinstance(value, tuple) else ""
            return _wrong("type", f"{spec.name} {type(value).__name__}", fault)
        values |= arrays
    return _complete(values, right) or CallOutcome(values, cache)


def _of_script(spec: Return, case: Case, returned: Any) -> CallOutcome:
    """Return what the steps of a script returned or raised, by their labels, or the first fault.

    A method that returns nothing may return anything, such as self.
    """
    values: dict[str, Any] = {}
    (script,), right = case.arguments.values(), case.expected.values
    for label, step, value in outcomes(script, returned):
        if isinstance(value, Problem):
            return CallOutcome(problem=value)
        value = None if step.name in spec.parts and not isinstance(value, Raised) else value
        result, fault = _as_plain(Return(label, "value"), value, right, step)
        if fault:
            return _wrong("type", f"{label} {type(value).__name__}", fault, label)
        values |= result
    return _complete(values, right) or CallOutcome(values)


def _complete(values: Mapping[str, Any], right: Mapping[str, Any]) -> CallOutcome | None:
    """Return None if all results are there: they are, unless code forges an adapter's answer."""
    if not right or values.keys() == right.keys():
        return None
    return _wrong("type", "parts", f"returned other results than {', '.join(right)}.")


def _about_tuple(spec: Return, returns: Sequence[Return], returned: Sequence[Any]) -> str:
    """Return a line that says where a tuple in place of an output comes from."""
    is_one = len(returns) == 1
    if not is_one and any(isinstance(item, np.ndarray) for item in returned):
        return f"\nAre the values in this order: {', '.join(spec.name for spec in returns)}?"
    comma = f"after `return {spec.name}`, from two values" if is_one else "between or after values"
    return f"\nA tuple comes from a comma {comma}, or from np.where with only a condition."


def _may_be_none(spec: Return, expected: Mapping[str, Any]) -> bool:
    """True if None can be the right value of an output, or becomes it."""
    return spec.form in ("value", "typed") and expected.get(spec.name) is None


def _is_plain(spec: Return, value: Any, expected: Mapping[str, Any]) -> bool:
    """True if an output is compared as a plain value; while it is not known, any array is not."""
    if isinstance(value, Within) and not expected:
        return True
    return spec.form in PLAIN_FORMS and not isinstance(expected.get(spec.name), np.ndarray)


def _as_plain(
    spec: Return, value: Any, expected: Mapping[str, Any], step: Step | None = None
) -> tuple[dict[str, Any], str]:
    """Return an output, or what a step gave, as a plain value by name, and a fault in its type."""
    try:
        copied = plain(value)
    except NotPlainError as error:
        what, right = _a(error.value), expected.get(spec.name)
        verb = "is" if step and step.arguments is None else "returned"
        if isinstance(right, Raised):
            instead = "\nWrite raise instead of return." if what == repr(right) else ""
            return {}, f"{verb} {what}, but must raise {right!r}.{instead}"
        form = _PLAIN if error.path or spec.name not in expected else _a(right)
        form = form if error.path else ADAPTED.get(spec.form, form)
        listable = isinstance(error.value, Iterable) and not _is_remote(error.value)
        to_list = "\nTurn it into a list: list(...)." if listable else ""
        where = error.path and f" at {error.path}" if step else f" for {spec.name}{error.path}"
        return {}, f"{verb} {what}{where}; expected {form}.{to_list}"
    is_typed = spec.form == "typed"
    return {spec.name: copied if is_typed else _like(copied, expected.get(spec.name))}, ""


def _like(value: Any, expected: Any) -> Any:
    """Return a plain value with lists, tuples and arrays replaced by what is expected there.

    Those with another number of items stay what they are, for the message.
    """
    if isinstance(value, dict) and isinstance(expected, dict):
        return {key: _like(item, expected.get(key)) for key, item in value.items()}
    if not (isinstance(value, _SEQUENCES) and isinstance(expected, _SEQUENCES)):
        return value
    if isinstance(expected, np.ndarray):
        array = value if isinstance(value, np.ndarray) else _of_list(list(value))
        return array if np.shape(array) == expected.shape else value
    if len(value) != len(expected):
        return value
    items = value.tolist() if isinstance(value, np.ndarray) else value
    return type(expected)(map(_like, items, expected))


def _as_arrays(spec: Return, value: Any, expected: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return an output as arrays by name (several for a dictionary), and a fault in its type."""
    if spec.form != "arrays":
        array, fault = _as_array(spec, value, expected.get(spec.name))
        return {spec.name: array}, fault
    if not isinstance(value, dict):
        return {}, f"returned {_a(value)} for {spec.name}; expected a dictionary of arrays."
    arrays: dict[str, Any] = {}
    for part in spec.parts:
        one = Return(f"{spec.name}[{part!r}]")
        if part not in value:  # the other entries are still checked
            arrays[one.name] = np.empty(0)
            continue
        arrays[one.name], fault = _as_array(one, value[part], expected.get(one.name))
        if fault:
            return {}, fault
    return arrays, ""


def _wrong(kind: str, key: str, text: str, call: str = "") -> CallOutcome:
    return CallOutcome(problem=Problem(kind, key, text, call=call))


def _nothing(names: Sequence[str], printed: bool) -> CallOutcome:
    step = f"end the function with `return {', '.join(names)}`."
    text = f"returned None.\n{PRINTED}" if printed else "returned None."
    return CallOutcome(problem=Problem("nothing", "nothing", text, own=step))


def _as_array(spec: Return, value: Any, expected: Any) -> tuple[Any, str]:
    """Return an output as an array, and a fault in its type ("" if there is none).

    Parameters
    ----------
    expected
        Right output, or None while the right outputs are being computed.
    """
    if value is None:
        return None, f"returned None for {spec.name}: it has not been computed yet."
    if isinstance(value, list) and spec.form != "number":
        value = _of_list(value)
    if spec.form == "number":
        form = "a single number"
        right = isinstance(value, (numbers.Number, np.ndarray)) and not isinstance(value, bool)
    else:
        form = "a NumPy array"
        right = isinstance(value, np.ndarray)
    if np.ma.is_masked(value):
        return None, f"returned an array with masked entries for {spec.name}; expected all of them."
    if not right:
        text = f"returned {_a(value)} for {spec.name}; expected {form}."
        if isinstance(value, list) and spec.form != "number":
            why = "its entries differ in shape or are not numbers" if value else "it is empty"
            text += f"\nThis list cannot become an array of numbers: {why}."
        elif spec.form != "number" and np.isscalar(value) and expected is not None:
            text += f"\n{spec.name} must be an array of shape {expected.shape}"
            makers = "np.zeros(shape), np.ones(shape) or np.full(shape, value) makes one"
            if spec.form == "mask":
                makers = "a comparison of an array with a number, such as a > 2, makes one"
            text += f": {makers}."
        return None, text
    array = np.array(value)
    real, fault = as_real(array)
    if fault:
        text = f"returned {fault} for {spec.name}; expected real numbers."
        if array.dtype.kind == "O" and any(entry is None for entry in array.flat):
            text += "\nSomething that it is computed from is still None."
        return None, text
    if array.dtype.kind in STORED_AS:
        warn(STORED_AS[array.dtype.kind], stacklevel=2)
    return real, ""


def as_real(array: NDArray[Any]) -> tuple[NDArray[Any], str]:
    """Return an array as real numbers, and a description of its other values ("" if none).

    Objects that are numbers are converted to floats. Complex numbers are converted to their real
    parts if the imaginary parts are rounding errors.
    """
    real = _of_objects(array) if array.dtype.kind == "O" else array
    if real is not None and real.dtype.kind == "c":
        largest = np.abs(real.imag).max(initial=0)
        tolerance = COARSER.get(real.dtype.itemsize // 2, IMAGINARY)
        if not largest <= tolerance * np.abs(real.real).max(initial=1):
            return array, f"complex numbers with imaginary parts up to {number(largest)}"
        real = real.real
    if real is None or real.dtype.kind not in "biuf":
        return array, f"an array of dtype {array.dtype}"
    return real, ""


def _of_objects(array: NDArray[Any]) -> NDArray[Any] | None:
    """Return an array of objects as numbers; None if an object is not a number."""
    if not all(issubclass(type(entry), numbers.Number | np.bool_) for entry in array.flat):
        return None
    values = np.array(array.tolist()).reshape(array.shape)
    try:
        # The values are still objects if they are fractions, for example.
        return values.astype(float) if values.dtype.kind == "O" else values
    except (ArithmeticError, TypeError, ValueError):  # an integer too large for a float
        return None


def _of_list(values: list[Any]) -> Any:
    """Return a list of numbers or arrays as an array; the list itself if that is impossible."""
    try:
        array = np.array(values)
    except ValueError:  # entries of different lengths
        return values
    is_of_objects = array.dtype.kind == "O" and _of_objects(array) is not None
    if not (is_of_objects or array.dtype.kind in "biufc") or not array.size:
        return values
    warn(IN_PLACE_OF_AN_ARRAY, stacklevel=2)
    return array


def _a(value: Any) -> str:
    if value is None:
        return "None"
    kind = "NumPy array" if type(value) is np.ndarray else type(value).__name__
    return with_article(value.nbjudge_returned if _is_remote(value) else kind)


def _is_remote(value: object) -> bool:
    """True for an object that stays in the student's process."""
    return hasattr(type(value), "nbjudge_returned")


def _cache_fault(spec: Return, value: Any, case: Case) -> str:
    """Return the fault of a cache, in a few words; "" if it is right."""
    expectation = f"expected the tuple {tuple_of(spec.parts)}"
    if not isinstance(value, (tuple, list)):
        return f"cache is {_a(value)}; {expectation}"
    if len(value) != len(spec.parts):
        count = f"cache has {len(value)} item{'' if len(value) == 1 else 's'}"
        missing = [
            part
            for part in spec.parts
            if not any(same(item, case.arguments[part]) for item in value)
        ]
        without = f", and {missing[0]} is not among them" if len(missing) == 1 else ""
        return f"{count}{without}; {expectation}"
    for index, (part, item) in enumerate(zip(spec.parts, value, strict=True)):
        if not same(item, case.arguments[part]):
            return f"cache[{index}] is not {part} as it was passed to the function; {expectation}"
    return ""


def same(a: Any, b: Any) -> bool:
    """True if two arguments are equal, including nested arrays and dictionaries."""
    try:
        return _equal(a, b)
    except Exception:  # ragged lists, objects that cannot be compared
        return False


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.shape(a) == np.shape(b) and bool(np.all((a == b) | ((a != a) & (b != b))))
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    return type(a) is type(b) and (bool(a == b) or (a != a and b != b))
