"""Windows: the inputs of an output value of a layer, step by step and in pictures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nbexercise.judging.kinds import wrong_output
from nbexercise.judging.model import Case
from nbexercise.judging.subject import Frame, Position
from nbexercise.judging.verdict import Verdict
from nbexercise.judging.wording import describe_case, number

__all__ = ["frame", "is_drawn", "is_transposed", "plane", "spans", "steps"]

Inputs = Sequence[tuple[str, np.ndarray]]
SHOWN_AXES = {"A": (1, 2), "W": (0, 1), "b": (2, 3)}
STEPS = 6  # windows to list before the first wrong one


def is_transposed(parts: Mapping[str, Any]) -> bool:
    """True for the arguments of a transposed convolution."""
    return "output_pad" in parts.get("hparameters", ())


def steps(verdict: Verdict) -> str:
    """List the windows of a small failing case up to the first wrong value.

    For a transposed convolution, the outputs are listed with the inputs that contribute to them.

    Return "" for exercises without windows, and if no failing call returned the right shape.
    """
    failures = []
    for run in verdict.runs:
        if run.outcome.problem is None and "hparameters" in run.case.arguments:
            output = wrong_output(run, verdict.case_set.tolerance)
            if output and output[3] is not None:
                failures.append((run, *output))
    if not failures:
        return ""
    run, name, got, expected, wrong = min(
        failures, key=lambda failure: (failure[0].case.is_large, failure[3].size)
    )
    shape, transposed = expected.shape, is_transposed(run.case.parts)
    padded = run.case.sizes.get("pad", 0) and not transposed
    i, _, _, c = first = tuple(int(n) for n in np.argwhere(wrong)[0])
    case = "This case" if run is verdict.failing else "A smaller case that fails too"
    order = "output by output" if transposed else "window by window"
    made = "a sum of copies of the kernel, scaled by" if transposed else "computed from"
    lines = [
        f"{case}, {order}: {describe_case(run.case)}",
        f"{name}[{i}, h, w, {c}] is {made} these rows and columns of A_prev[{i}]"
        + (" (those outside it are padding):" if padded else ":"),
    ]
    places = list(np.ndindex(shape[1:3]))
    departs = places.index(first[1:3])
    for h, w in places[max(0, departs - STEPS) : departs + 3]:
        rows, columns = spans(run.case, (h, w))
        where = f"rows {rows[0]} to {rows[1] - 1}, columns {columns[0]} to {columns[1] - 1}"
        if min(rows[1] - rows[0], columns[1] - columns[0]) < 1:
            where = "none, so it is just the bias"
        right, actual = _distinct(expected[i, h, w, c], got[i, h, w, c], wrong[i, h, w, c])
        lines.append(
            f"  h {h}, w {w}: {where}: "
            f"expected {right}, got {actual}{'  <- wrong' if wrong[i, h, w, c] else ''}"
        )
    return "\n".join(lines)


def spans(case: Case, place: Sequence[int]) -> list[tuple[int, int]]:
    """Return the rows and columns of A_prev that an output depends on, as two pairs (start, end).

    They may extend beyond A_prev into its padding. For a transposed convolution they do not, and
    they are empty if no input contributes to the output.
    """
    sizes = case.sizes
    f, stride, pad = sizes["f"], sizes["stride"], sizes.get("pad", 0)
    if not is_transposed(case.parts):
        return [(n * stride - pad, n * stride - pad + f) for n in place]
    lengths = case.parts["A_prev"].shape[1:3]
    return [
        (max(0, -((f - 1 - n - pad) // stride)), min(length, (n + pad) // stride + 1))
        for n, length in zip(place, lengths, strict=True)
    ]


def _distinct(right: float, actual: float, wrong: bool) -> tuple[str, str]:
    """Format two numbers with five digits, or with more if they would look equal."""
    short = f"{right:.5g}", f"{actual:.5g}"
    return (number(right), number(actual)) if wrong and len(set(short)) == 1 else short


# Pictures of images and filters


def is_drawn(name: str) -> bool:
    """True unless the array holds biases."""
    return _family(name) != "b"


def plane(
    case: Case, name: str, shape: tuple[int, ...], wrong: Position
) -> tuple[tuple[int, int], list[int]]:
    """Return the axes of an array that are shown, and the indices of the others.

    Of a transposed convolution's W, the filter from input channel 0 to the wrong channel is shown.
    """
    index = wrong.at
    if name == "W" and len(shape) == 4 and is_transposed(case.parts):
        return (0, 1), [0, 0, index[-1] if index else 0, 0]
    indices = []
    for axis, length in enumerate(shape):
        kind: Callable[[str], Any] = _of_filters if axis == 3 else _family
        fits = len(shape) == len(wrong.shape) and length == wrong.shape[axis]
        fits = fits and kind(name) == kind(wrong.output)
        indices.append(index[axis] if index and fits else 0)
    return SHOWN_AXES[_family(name)] if len(shape) == 4 else (0, 1), indices


def _family(name: str) -> str:
    """Return "W" for an array of filters, "b" for biases and "A" for images, by its name."""
    bare = name.removeprefix("d").removesuffix("_conv")
    if bare.endswith("]"):  # an entry of a dictionary, such as gradients['W1']
        bare = bare.partition("['")[2][:1]
    return bare if bare in ("W", "b") else "A"


def _of_filters(name: str) -> bool:
    """True if the last axis counts filters, False if it counts the input's channels."""
    return name.removeprefix("d").removesuffix("_conv") in ("Z", "W", "b")


def frame(case: Case, inputs: Inputs, wrong: Position) -> Frame:
    """Return the window of an output value, clipped to A_prev, and its captions in a picture.

    There is none if the exercise has no windows or the window lies outside A_prev.
    """
    captions, window = [*_summed(case, wrong)], _window(case, inputs, wrong)
    if not window or not wrong.at:
        return Frame(captions=tuple(captions))
    row, column, height, width = window
    transposed, f = is_transposed(case.parts), case.sizes["f"]
    clipped = (height, width) != (f, f) and not transposed
    place = f"{wrong.output}[{', '.join(map(str, wrong.at))}]"
    if transposed:
        framed = f"framed: the values whose copies reach {place}"
    elif clipped:
        framed = f"framed: the part of {place}'s window that lies in the image"
        framed += "; the rest of the window is padding"
    else:
        framed = f"framed: the window that {place} should come from"
    words = (
        f"The first wrong value should come from rows {row} to {row + height - 1} and columns "
        f"{column} to {column + width - 1} of {inputs[0][0]}"
    )
    words += "; the rest of its window is padding." if clipped else "."
    return Frame(window, words, (*captions, framed))


def _summed(case: Case, wrong: Position) -> Iterator[str]:
    """Yield a sentence about the terms in a value of Z that the picture does not show."""
    parts, transposed = case.parts, is_transposed(case.parts)
    index = wrong.at
    if wrong.output != "Z" or getattr(parts.get("W"), "ndim", 0) < 3:
        return
    channels = parts["W"].shape[3 if transposed else 2]
    bias = parts["b"][..., index[-1] if index else 0].item()
    what = f"all {channels} channels (channel 0 is drawn)" if channels > 1 else "the products"
    if transposed:
        copies = "the scaled copies of the kernel that reach it"
        what = f"{copies}, from {what}," if channels > 1 else copies
    place = f"b[0, 0, 0, {index[-1]}]" if index else "b"
    yield f"Z is the sum of {what} and the bias {place} = {number(bias)}"


def _window(case: Case, inputs: Inputs, wrong: Position) -> tuple[int, int, int, int] | None:
    """Return (row, column, height, width) of an output value's window, clipped to A_prev."""
    index = wrong.at
    if "stride" not in case.sizes or wrong.output not in ("Z", "A") or not index:
        return None
    sides = []
    for (start, end), length in zip(spans(case, index[1:3]), inputs[0][1].shape, strict=True):
        first, last = max(0, start), min(length, end)
        if first >= last:  # the window is all padding, or no copy reaches the value
            return None
        sides.append((first, last - first))
    (row, height), (column, width) = sides
    return row, column, height, width
