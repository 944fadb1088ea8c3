"""Checks for the exercises within the lessons, which pass the right answer themselves."""

import copy
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np

from nbexercise import CheckFailedError
from nbexercise.asking.question import same_text
from nbexercise.judging.calling import describe_error
from nbexercise.judging.returned import as_real
from nbexercise.judging.wording import listed
from nbexercise.showing.display import publish
from nbexercise.showing.report import MIME_TYPE, NOT_WRITTEN, REPORT_VERSION

from .record import answered

__all__ = ["check_answer", "check_function", "difference"]

# Absolute for integers, which must agree in every digit. For floats, relative to the largest number
# of the right answer (at least 1).
TOLERANCE = 1e-6
DIGITS = 8  # digits shown, unless two different numbers would look equal


def check_answer(
    title: str,
    given: object,
    right: object,
    hint: str = "",
    known: Iterable[tuple[object, str]] = (),
) -> None:
    """Check the answer of a lesson's exercise; print the result, or raise if it is wrong.

    Parameters
    ----------
    title
        Title of the exercise, such as "Exercise 1".
    given
        Answer: a number, a text, a tuple or an array; None if there is no answer yet.
    right
        Right answer.
    hint
        Hint to show if the answer is wrong.
    known
        Pairs of a wrong answer and a sentence about the mistake that leads to it.

    Raises
    ------
    AssertionError
        If the answer is wrong.
    """
    if _missing(given):
        _not_yet(title, "not answered yet. Put your answer in place of None, and run both cells.")
        return
    wrong = difference(given, right)
    if wrong:
        why = [sentence for value, sentence in known if not difference(given, value)]
        _fail(title, f"The answer is not right: {wrong}.", (why or [hint])[0])
    print(f"{title}: right.")
    answered(title)


def check_function(
    title: str,
    function: Callable[..., Any],
    right: Callable[..., Any],
    calls: Sequence[tuple[Any, ...]],
    hint: str = "",
    known: Iterable[tuple[Callable[..., Any], str]] = (),
) -> None:
    """Check the function of a lesson's exercise; print the result, or raise if it is wrong.

    Parameters
    ----------
    title
        Title of the exercise, such as "Exercise 2".
    function
        Function to check; if it returns None, it counts as not written.
    right
        Correct function.
    calls
        Argument tuples, one per call.
    hint
        Hint to show if a result is wrong, or if a call raises an exception.
    known
        Pairs of a wrong function, which may raise exceptions, and a sentence about its mistake.

    Raises
    ------
    AssertionError
        If a result is wrong, or if a call raises an exception.
    """
    for number, arguments in enumerate(calls):
        expected, got = _result(right, arguments), _result(function, arguments)
        if _missing(got):
            if number == 0:
                _not_yet(title, f"not written yet. {function.__name__} returns None.")
                return
            got = None
        raised = isinstance(got, Exception)
        wrong = "" if raised else difference(got, expected)
        if raised or wrong:
            why = [
                sentence
                for other, sentence in known
                if all(_agree(_result(function, one), _result(other, one)) for one in calls)
            ] or [hint]
            called = f"{function.__name__}({', '.join(map(_short, arguments))})"
            if isinstance(got, Exception):
                names = inspect.signature(right).parameters  # some may be optional
                problem = describe_error(got, (), dict(zip(names, arguments, strict=False)))
                _fail(title, f"{called} {problem.text}\n  {why[0]}".rstrip())
            _fail(title, f"{called} should be {_short(expected)}: {wrong}.", why[0])
    print(f"{title}: right, in {len(calls)} of {len(calls)} calls.")
    answered(title)


def _not_yet(title: str, text: str) -> None:
    """Print that there is nothing to check yet; in a notebook, also publish it as data."""
    text = f"{title}: {text}"
    report = {"version": REPORT_VERSION, "question": title, "headline": text, "kind": NOT_WRITTEN}
    if not publish({"text/plain": text, MIME_TYPE: report}):
        print(text)


def _missing(given: object) -> bool:
    """True if there is no answer, or a tuple without any."""
    if isinstance(given, tuple) and given:
        return all(map(_missing, given))
    return given is None or given is Ellipsis


def _result(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Return the result of a call, or the exception that it raised."""
    try:
        return function(*copy.deepcopy(arguments))
    except Exception as error:
        return error


def _agree(one: Any, other: Any) -> bool:
    """True if two results are equal, or if they are exceptions with the same message."""
    if isinstance(one, Exception) or isinstance(other, Exception):
        return type(one) is type(other) and str(one) == str(other)
    return not difference(one, other)


def difference(given: Any, right: Any) -> str:
    """Return the fault of an answer, in words; "" if it is right."""
    if isinstance(given, str) and not isinstance(right, str):
        return f"it is {_short(given)}" + _of_quotes(given, right)
    if isinstance(right, str):
        return "" if same_text(given, right) else f"it is {_short(given)}"
    several = isinstance(right, tuple | list) and isinstance(given, tuple | list)
    if several and len(given) == len(right) > 1:
        return _which(given, right)
    try:
        given, right = as_real(np.asarray(given))[0], np.asarray(right)
    except ValueError:  # lists of different lengths
        return f"it is {_short(given)}"
    if given.dtype.kind not in "biufc":
        return f"it is {_short(given)}, but a number or an array of numbers was expected"
    if given.shape != right.shape:
        if right.ndim <= 1 and given.size <= 12:
            return f"it is {_short(given)}"
        return f"its shape is {given.shape}, expected {right.shape}"
    if right.dtype == np.uint8 != given.dtype:  # bytes are asked for
        return f"its dtype is {given.dtype}, expected {right.dtype}"
    finite = np.abs(right[np.isfinite(right)])
    largest = 1.0 if right.dtype.kind in "biu" else float(np.max(finite, initial=1))
    tolerance = TOLERANCE * largest
    with np.errstate(invalid="ignore"):  # raised by infinite numbers
        near = np.abs(given - right.astype(float)) <= tolerance
    cells = ~(near | (given == right) | (np.isnan(given) & np.isnan(right)))
    if not cells.any():
        return ""
    if given.ndim == 0 or given.size <= 12:
        return f"it is {_short(given, right)}"
    first = tuple(int(i) for i in np.argwhere(cells)[0])
    where = ", ".join(map(str, first))
    if cells.sum() == 1:
        return f"1 of {cells.size} numbers is wrong, the one at [{where}]"
    return f"{cells.sum()} of {cells.size} numbers are wrong, the first at [{where}]"


def _of_quotes(given: str, right: Any) -> str:
    """Return a remark about a string that contains the right number; "" for other strings."""
    try:
        number = float(given.replace(",", ""))
    except ValueError:
        return ""
    if np.ndim(right) or difference(number, right):
        return ""
    return ", a string: write the number without quotes"


def _which(given: Sequence[Any], right: Sequence[Any]) -> str:
    """Return which of several answers are wrong, and their values; "" if none is."""
    wrong = [i for i, one in enumerate(given) if difference(one, right[i])]
    if not wrong:
        return ""
    values = listed(_short(given[i], right[i]) for i in wrong)
    places = listed(i + 1 for i in wrong)
    if len(wrong) == 1:
        return f"value {places} of {len(right)} is wrong: it is {values}"
    return f"values {places} of {len(right)} are wrong: they are {values}"


def _short(value: Any, other: Any = None) -> str:
    """Format a value with few digits, or with all digits if it would look like `other`."""
    if callable(value):
        return getattr(value, "__name__", repr(value))
    if isinstance(value, np.ndarray) and value.ndim and value.size > 12:
        return f"an array of shape {value.shape}"
    if isinstance(value, tuple) and any(np.size(item) > 12 for item in value):
        return f"({', '.join(map(_short, value))})"
    few = _in_few_digits(value)
    alike = other is not None and few == _in_few_digits(other)
    return repr(_plain(value) if alike else few)


def _in_few_digits(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, tuple | list):
        items = [_in_few_digits(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _fail(title: str, *sentences: str) -> NoReturn:
    text = " ".join(filter(None, sentences))
    raise CheckFailedError(f"{title}: not yet.\n  {text}")
