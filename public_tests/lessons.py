"""Checks for the exercises within the lessons, which bring their own right answer."""

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np

from .display import publish
from .errors import CheckFailedError
from .report import MIME_TYPE, NOT_WRITTEN, VERSION
from .wording import wrapped

__all__ = ["check_answer", "check_function"]

TOLERANCE = 1e-6  # relative to the largest number of the right answer, and at least absolute


def check_answer(
    title: str,
    given: object,
    right: object,
    hint: str = "",
    known: Iterable[tuple[object, str]] = (),
) -> None:
    """Check an answer of a lesson's exercise. It prints what came out, or raises it.

    Parameters
    ----------
    title
        What the exercise is called, such as "Exercise 1".
    given
        The answer: a number, a text, a tuple or an array; None as long as there is none.
    right
        The right answer.
    hint
        What to think about if the answer is wrong.
    known
        Pairs of a wrong answer and the sentence that says how one comes by it.

    Raises
    ------
    AssertionError
        If the answer is wrong.
    """
    if _missing(given):
        _not_yet(title, "not answered yet. Put your answer in place of None, and run both cells.")
        return
    wrong = _difference(given, right)
    if wrong:
        why = [sentence for value, sentence in known if not _difference(given, value)]
        _fail(title, f"The answer is not right: {wrong}.", (why or [hint])[0])
    print(f"{title}: right.")


def check_function(
    title: str,
    function: Callable[..., Any],
    right: Callable[..., Any],
    calls: Sequence[tuple[Any, ...]],
    hint: str = "",
    known: Iterable[tuple[Callable[..., Any], str]] = (),
) -> None:
    """Check a function of a lesson's exercise. It prints what came out, or raises it.

    Parameters
    ----------
    title
        What the exercise is called, such as "Exercise 2".
    function
        The function; as long as it returns None it counts as not written.
    right
        A function that does it right.
    calls
        A list of tuples, the arguments of each call.
    hint
        What to think about if a result is wrong.
    known
        Pairs of a function that does it wrong and the sentence that says what it does.

    Raises
    ------
    AssertionError
        If a result is wrong; what `function` itself raises comes through.
    """
    for number, arguments in enumerate(calls):
        expected, got = (_call(f, arguments) for f in (right, function))
        if _missing(got):
            if number == 0:
                _not_yet(title, f"not written yet. {function.__name__} returns None.")
                return
            got = None
        wrong = _difference(got, expected)
        if wrong:
            why = [
                sentence
                for other, sentence in known
                if all(not _difference(_call(function, one), _call(other, one)) for one in calls)
            ]
            called = f"{function.__name__}({', '.join(map(_short, arguments))})"
            text = f"{called} should be {_short(expected)}: {wrong}."
            _fail(title, text, (why or [hint])[0])
    print(f"{title}: right, in {len(calls)} of {len(calls)} calls.")


def _not_yet(title: str, text: str) -> None:
    """Say that there is nothing to check; in a notebook also as data, for programs that run it."""
    text = f"{title}: {text}"
    report = {"version": VERSION, "question": title, "headline": text, "kind": NOT_WRITTEN}
    if not publish({"text/plain": text, MIME_TYPE: report}):
        print(text)


def _missing(given: object) -> bool:
    return given is None or given is Ellipsis


def _call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return function(*copy.deepcopy(arguments))


def _difference(given: Any, right: Any) -> str:
    """What is wrong with an answer, in words; "" where nothing is."""
    if isinstance(right, str) or isinstance(given, str):
        same = isinstance(right, str) and isinstance(given, str)
        same = same and given.strip().lower() == right.strip().lower()
        return "" if same else f"it is {_short(given)}"
    try:
        given, right = np.asarray(given), np.asarray(right)
    except ValueError:  # lists of different lengths
        return f"it is {_short(given)}"
    if given.dtype.kind not in "biufc":
        return f"it is {_short(given)}, and a number or an array of numbers was expected"
    if given.shape != right.shape:
        if right.ndim <= 1 and given.size <= 12:
            return f"it is {_short(given)}"
        return f"its shape is {given.shape}, expected {right.shape}"
    finite = np.abs(right[np.isfinite(right)])
    tolerance = TOLERANCE * max(1.0, float(np.max(finite, initial=0)))
    with np.errstate(invalid="ignore"):  # of infinite numbers
        near = np.abs(given - right.astype(float)) <= tolerance
    cells = ~(near | (given == right) | (np.isnan(given) & np.isnan(right)))
    if not cells.any():
        return ""
    if given.ndim == 0 or given.size <= 12:
        return f"it is {_short(given)}"
    first = tuple(int(i) for i in np.argwhere(cells)[0])
    where = ", ".join(map(str, first))
    return f"{cells.sum()} of {cells.size} numbers are wrong, the first at [{where}]"


def _short(value: Any) -> str:
    if callable(value):
        return getattr(value, "__name__", repr(value))
    if isinstance(value, np.ndarray) and value.ndim and value.size > 12:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return repr(value)


def _fail(title: str, *sentences: str) -> NoReturn:
    text = " ".join(filter(None, sentences))
    raise CheckFailedError(
        "\n".join([f"{title}: not yet.", *(f"  {line}" for line in wrapped(text))])
    )
