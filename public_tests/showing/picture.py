"""The picture of a failing case: inputs, expected and actual output, and their difference.

Crosses mark the wrong values of the actual output, unless all values are wrong. For an array of
more than two axes, one plane is shown, named as in `A_prev[0, :, :, 2]`. For an output, that is the
plane with the first wrong value; a frame in the input marks the window of this value.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..course.windows import spans
from ..judging.kinds import kind_of, wrong_output
from ..judging.model import Case
from ..judging.verdict import Verdict
from ..judging.wording import describe_case, number

__all__ = ["Picture", "in_words", "picture_of"]

LISTED = 20  # positions of wrong values to list in words
SHOWN_AXES = {"A": (1, 2), "W": (0, 1), "b": (2, 3)}


@dataclass(frozen=True)
class Picture:
    """Contents of a picture: a title, and named planes of the inputs and of the answer.

    wrong: boolean array of the wrong cells in the answer's planes; None if the shapes differ
    window: (row, column, height, width) of the first wrong value's window in the first input
    clipped: True if a part of that window is padding, outside the input
    """

    title: tuple[str, ...]
    inputs: tuple[tuple[str, np.ndarray], ...]
    answers: tuple[tuple[str, np.ndarray], ...]
    wrong: np.ndarray | None
    window: tuple[int, int, int, int] | None = None
    clipped: bool = False


def in_words(verdict: Verdict) -> str:
    """Return the picture that `draw` draws, as text.

    Raises
    ------
    ValueError
        If nothing fails, or if a call returned nothing that can be drawn.
    """
    picture = picture_of(verdict)
    lines = [*picture.title]
    for name, plane in (*picture.inputs, *picture.answers):
        numbers = np.array2string(plane, precision=4, suppress_small=True, threshold=400)
        lines += ["", name.replace("\n", ", "), numbers if plane.size else "(empty)"]
    if picture.wrong is not None and not picture.wrong.all():
        places = [f"({row}, {column})" for row, column in np.argwhere(picture.wrong)]
        more = " ..." if len(places) > LISTED else ""
        lines += ["", f"Wrong at (row, column): {', '.join(places[:LISTED])}{more}"]
    if picture.window:
        lines.append(_window_in_words(picture))
    return "\n".join(lines)


def _window_in_words(picture: Picture) -> str:
    assert picture.window
    row, column, height, width = picture.window
    name = picture.inputs[0][0]
    return (
        f"The first wrong value should come from rows {row} to {row + height - 1} and columns "
        f"{column} to {column + width - 1} of {name}"
        + ("; the rest of its window is padding." if picture.clipped else ".")
    )


def picture_of(verdict: Verdict) -> Picture:
    """Return the picture of a verdict's failing case.

    Raises
    ------
    ValueError
        If nothing fails, or if a call returned nothing that can be drawn.
    """
    name, run = verdict.case_set.name, verdict.failing
    if run is None:
        raise ValueError(f"{name}: every check passes, so there is no failing case to draw.")
    if run.outcome.problem:
        first = run.outcome.problem.text.splitlines()[0]
        raise ValueError(f"{name} {first.rstrip('.')}: there is no output to draw.")
    assert verdict.shown, "a verdict with a failing case shows a check"
    check = verdict.shown.check
    names = kind_of(check).outputs(check, run)
    first_wrong = wrong_output(run, verdict.case_set.tolerance, names)
    if first_wrong is None:
        raise ValueError(f"{name}: the values of this case are right, so there is nothing to draw.")
    output, got, expected, wrong = first_wrong
    title = f"{name}: {describe_case(run.case)}"
    index = None if wrong is None else tuple(int(i) for i in np.argwhere(wrong)[0])
    inputs = tuple(
        _filter(label, array, index)
        if label == "W" and run.case.is_transposed
        else _plane(label, array, index, output, expected.shape)
        for label, array in _inputs(run.case)
    )
    if wrong is None:
        answers = tuple(
            (f"{which}\nshape {array.shape}", _plane(output, array)[1])
            for which, array in (("expected", expected), ("got", got))
        )
        return Picture((title, f"{output} has the wrong shape"), inputs, answers, None)
    got, expected = got.astype(float), expected.astype(float)

    def cut(array: NDArray[Any]) -> NDArray[Any]:
        return _plane(output, array, index, output, expected.shape)[1]

    shown = _plane(output, expected, index, output, expected.shape)[0]
    answers = (("expected", cut(expected)), ("got", cut(got)))
    with np.errstate(invalid="ignore"):  # raised by infinities
        difference = np.where(wrong, got - expected, 0)  # hides rounding errors of right values
    answers += (("got - expected", cut(difference)),)
    cells = cut(wrong).astype(bool)
    crossed = f"{shown}: the wrong values are crossed"
    if cells.all():
        crossed = f"{shown} is wrong" if cells.size == 1 else f"{shown}: all of these are wrong"
    window = _window(run.case, inputs, output, index)
    transposed = run.case.is_transposed
    clipped = window is not None and window[2:] != (run.case.sizes["f"],) * 2 and not transposed
    lines = [title, crossed, *_summed(run.case, output, index)]
    if window and index:
        lines.append(_framed(f"{output}[{', '.join(map(str, index))}]", clipped, transposed))
    return Picture(tuple(lines), inputs, answers, cells, window, clipped)


def _summed(case: Case, output: str, index: tuple[int, ...] | None) -> Iterator[str]:
    """Yield a sentence about the terms in a value of Z that the picture does not show."""
    parts = case.parts
    if output != "Z" or getattr(parts.get("W"), "ndim", 0) < 3:
        return
    channels = parts["W"].shape[3 if case.is_transposed else 2]
    bias = parts["b"][..., index[-1] if index else 0].item()
    what = f"all {channels} channels (channel 0 is drawn)" if channels > 1 else "the products"
    if case.is_transposed:
        copies = "the scaled copies of the kernel that reach it"
        what = f"{copies}, from {what}," if channels > 1 else copies
    place = f"b[0, 0, 0, {index[-1]}]" if index else "b"
    yield f"Z is the sum of {what} and the bias {place} = {number(bias)}"


def _framed(place: str, clipped: bool, transposed: bool = False) -> str:
    """Return the caption of the frame in the input."""
    if transposed:
        return f"framed: the values whose copies reach {place}"
    if clipped:
        part = f"framed: the part of {place}'s window that lies in the image"
        return f"{part}; the rest of the window is padding"
    return f"framed: the window that {place} should come from"


def _window(
    case: Case,
    inputs: Sequence[tuple[str, NDArray[Any]]],
    output: str,
    index: tuple[int, ...] | None,
) -> tuple[int, int, int, int] | None:
    """Return (row, column, height, width) of an output value's window, clipped to A_prev.

    None if the exercise has no windows or the window lies outside A_prev.
    """
    if "stride" not in case.sizes or output not in ("Z", "A") or not index:
        return None
    sides = []
    for (start, end), length in zip(spans(case, index[1:3]), inputs[0][1].shape, strict=True):
        first, last = max(0, start), min(length, end)
        if first >= last:  # the window is all padding, or no copy reaches the value
            return None
        sides.append((first, last - first))
    (row, height), (column, width) = sides
    return row, column, height, width


def _inputs(case: Case) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield (name, array) of the arguments and the contents of a cache, without biases."""
    for name, value in case.parts.items():
        if isinstance(value, np.ndarray) and value.ndim > 1 and _family(name) != "b":
            yield name, value


def _family(name: str) -> str:
    """Return "W" for an array of filters, "b" for biases and "A" for images, by its name."""
    bare = name.removeprefix("d").removesuffix("_conv")
    if bare.endswith("]"):  # an entry of a dictionary, such as gradients['W1']
        bare = bare.partition("['")[2][:1]
    return bare if bare in ("W", "b") else "A"


def _of_filters(name: str) -> bool:
    """Return True if the last axis counts filters, False if it counts the input's channels."""
    return name.removeprefix("d").removesuffix("_conv") in ("Z", "W", "b")


def _filter(
    name: str, array: NDArray[Any], index: tuple[int, ...] | None
) -> tuple[str, NDArray[Any]]:
    """Return the filter of a transposed convolution from input channel 0 to the wrong channel."""
    channel = index[-1] if index else 0
    return f"{name}[:, :, {channel}, 0]", array[:, :, channel, 0].astype(float)


def _plane(
    name: str,
    array: NDArray[Any],
    index: tuple[int, ...] | None = None,
    output: str = "",
    shape: tuple[int, ...] = (),
) -> tuple[str, NDArray[Any]]:
    """Return the name and the numbers of one plane of an array, or of the whole 1-D or 2-D array.

    index: position of the first wrong value in the output of that name and shape; it selects the
        plane. The first plane is returned if no plane corresponds to it.
    """
    array = np.asarray(array).astype(float)
    if array.ndim <= 2:
        return name, array.reshape(1, -1) if array.ndim < 2 else array
    shown = SHOWN_AXES[_family(name)] if array.ndim == 4 else (0, 1)
    indices = []
    for axis, length in enumerate(array.shape):
        kind: Callable[[str], Any] = _of_filters if axis == 3 else _family
        same_meaning = kind(name) == kind(output)
        fits = array.ndim == len(shape) and length == shape[axis]
        indices.append(index[axis] if index and fits and same_meaning else 0)
    cut = tuple(slice(None) if axis in shown else i for axis, i in enumerate(indices))
    if any(length == 0 for length in array.shape):
        return name, np.empty(tuple(array.shape[axis] for axis in shown))
    label = ", ".join(":" if axis in shown else str(i) for axis, i in enumerate(indices))
    return f"{name}[{label}]", array[cut]
