"""Draw a failing case: inputs above; below the expected and the actual output, and the difference.

Crosses in the actual output say what is wrong, unless all of it is. Arrays of more than two axes
are cut: one plane is shown, and its name says which, as in `A_prev[0, :, :, 2]`. Of an output it is
the plane with the first wrong value; a frame in the input is the window that this value comes from.
The picture is SVG, written here: the judge and the feedback page have no matplotlib.
"""

import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kinds import wrong_output
from .model import Case
from .verdict import Verdict
from .wording import describe_case, number, with_case, wrapped

__all__ = ["display", "draw", "in_words", "publish", "steps"]

MAX_CELLS = 12  # rows and columns up to which the numbers are written into the cells
LISTED = 20  # wrong places that are listed in the words
STEPS = 6  # windows that are listed before the first wrong one

# Pixels.
CELL, SMALL_CELL = (40, 26), (8, 8)
MARGIN, LINE, LETTER, INDEX = 16, 17, 6.6, 16
NARROWEST, PAGE = 560, 840
WIDEST_PANEL = 640
ORANGE, PURPLE, GREY = (230, 97, 1), (94, 60, 153), "#dddddd"


@dataclass(frozen=True)
class _Picture:
    """What there is to see: a title, named planes of the inputs and of the answer.

    wrong: which cells of the answer's planes are wrong; None where their shapes differ
    window: (row, column, height, width) of the first wrong value's window in the first input
    clipped: whether a part of that window is padding, and so not in the input
    """

    title: tuple[str, ...]
    inputs: tuple[tuple[str, np.ndarray], ...]
    answers: tuple[tuple[str, np.ndarray], ...]
    wrong: np.ndarray | None
    window: tuple[int, int, int, int] | None = None
    clipped: bool = False


def in_words(verdict: Verdict) -> str:
    """The picture of `draw` as text.

    Raises
    ------
    ValueError
        If nothing fails, or if a call gave nothing that can be drawn.
    """
    picture = _picture(verdict)
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


def _window_in_words(picture: _Picture) -> str:
    assert picture.window
    row, column, height, width = picture.window
    name = picture.inputs[0][0]
    return (
        f"The first wrong value comes from rows {row} to {row + height - 1} and columns {column} "
        f"to {column + width - 1} of {name}"
        + ("; the rest of its window is padding." if picture.clipped else ".")
    )


def steps(verdict: Verdict) -> str:
    """The windows of a small failing case one after the other, up to where the answer departs.

    Of a transposed convolution the outputs, each with the values whose stamps reach it.

    "" for exercises without windows, and where shapes are wrong or calls gave no answer.
    """
    found = []
    for run in verdict.runs:
        if run.outcome.problem is None and "hparameters" in run.case.arguments:
            output = wrong_output(run, verdict.case_set.tolerance)
            if output and output[3] is not None:
                found.append((run, *output))
    if not found:
        return ""
    run, name, got, expected, wrong = min(found, key=lambda item: item[3].size)
    shape, transposed = expected.shape, run.case.is_transposed
    padded = run.case.sizes.get("pad", 0) and not transposed
    i, _, _, c = first = tuple(int(n) for n in np.argwhere(wrong)[0])
    case = "This case" if run is verdict.failing else "A smaller case that is wrong as well"
    order = "output by output" if transposed else "window by window"
    made = "stamped by the values in" if transposed else "made from"
    lines = [
        *with_case(f"{case}, {order}:", run.case),
        f"{name}[{i}, h, w, {c}] is {made} these rows and columns of A_prev[{i}]"
        + (" (those outside it are padding):" if padded else ":"),
    ]
    places = list(np.ndindex(shape[1:3]))
    departs = places.index(first[1:3])
    for h, w in places[max(0, departs - STEPS) : departs + 3]:
        rows, columns = _spans(run.case, (h, w))
        where = f"rows {rows[0]} to {rows[1] - 1}, columns {columns[0]} to {columns[1] - 1}"
        if min(rows[1] - rows[0], columns[1] - columns[0]) < 1:
            where = "none, so it is the bias alone"
        wanted, came = _told_apart(expected[i, h, w, c], got[i, h, w, c], wrong[i, h, w, c])
        lines.append(
            f"  h {h}, w {w}: {where}: "
            f"expected {wanted}, got {came}{'  <- wrong' if wrong[i, h, w, c] else ''}"
        )
    return "\n".join(part for line in lines for part in wrapped(line))


def _spans(case: Case, place: Sequence[int]) -> list[tuple[int, int]]:
    """The rows and the columns of A_prev that an output is made from, each (start, end).

    They may reach beyond A_prev, into its padding; those of a transposed convolution, whose stamps
    reach the output, do not, and are empty where no stamp does.
    """
    sizes = case.sizes
    f, stride, pad = sizes["f"], sizes["stride"], sizes.get("pad", 0)
    if not case.is_transposed:
        return [(n * stride - pad, n * stride - pad + f) for n in place]
    lengths = case.parts["A_prev"].shape[1:3]
    return [
        (max(0, -((f - 1 - n - pad) // stride)), min(length, (n + pad) // stride + 1))
        for n, length in zip(place, lengths, strict=True)
    ]


def _told_apart(wanted: float, came: float, wrong: bool) -> tuple[str, str]:
    """Two numbers in five digits, or in more where these would hide that they differ."""
    short = f"{wanted:.5g}", f"{came:.5g}"
    return (number(wanted), number(came)) if wrong and len(set(short)) == 1 else short


def draw(verdict: Verdict) -> str:
    """The failing case as the text of an SVG picture.

    Raises
    ------
    ValueError
        As `in_words` does.
    """
    picture = _picture(verdict)
    rows = [row for row in (picture.inputs, picture.answers) if row]
    widths = [sum(MARGIN + _width(panel) for panel in row) for row in rows]
    width = max(NARROWEST, *widths) + MARGIN
    title = _wrapped(picture.title, int((width - 2 * MARGIN) / LETTER))
    parts, top = [], MARGIN + LINE * (len(title) + 0.5)
    parts += [_text(MARGIN, MARGIN + LINE * n, line, 12) for n, line in enumerate(title, 0)]
    # Expected and got share their colours, so that equal numbers look equal.
    shared = _largest(*(plane for name, plane in picture.answers if "-" not in name))
    for row in rows:
        answer = row is picture.answers
        names = max(1 + name.count("\n") for name, _ in row)
        left: float = MARGIN
        for name, plane in row:
            limit = shared if answer and "-" not in name else _largest(plane)
            crossed = picture.wrong if answer and name == "got" else None
            crossed = None if crossed is None or crossed.all() else crossed
            window = picture.window if not answer and name == row[0][0] else None
            panel = "".join(_panel(left, top, names, name, plane, limit, crossed, window))
            label = escape(name.replace("\n", ", "), quote=True)
            parts.append(f'<g aria-label="{label}">{panel}</g>')
            left += MARGIN + _width((name, plane))
        top += LINE * names + INDEX + max(_height(plane) for _, plane in row) + MARGIN
    label = escape(". ".join(picture.title), quote=True)
    scale = min(1.0, PAGE / width)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top:g}" '
        f'width="{scale * width:g}" height="{scale * top:g}" role="img" aria-label="{label}" '
        'font-family="sans-serif" style="max-width: 100%; height: auto">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )


def display(svg: str, words: str = "") -> bool:
    """Show a picture in a notebook, and words folded below it; without a notebook do nothing.

    Returns
    -------
    bool
        Whether there is a notebook.
    """
    shown = publish({"image/svg+xml": svg})
    if shown and words:
        publish({"text/html": _FOLDED.format(escape(words))})
    return shown


def publish(data: Mapping[str, Any]) -> bool:
    """Show data of some types, {type: content}, in a notebook; without a notebook do nothing.

    Returns
    -------
    bool
        Whether there is a notebook.
    """
    if not sys.modules.get("IPython"):
        return False
    from IPython import get_ipython
    from IPython.display import display as show

    if get_ipython() is None:
        return False
    show(data, raw=True)  # type: ignore[no-untyped-call]
    return True


_FOLDED = "<details><summary>The same in numbers</summary><pre>{}</pre></details>"


def _wrapped(texts: Sequence[str], letters: int) -> list[str]:
    """Lines of at most so many letters, not broken within brackets where that can be."""
    kept = [
        re.sub(r"\([^)]*\)", lambda m: m[0].replace(" ", "\N{NO-BREAK SPACE}"), t) for t in texts
    ]
    return [line for text in kept for line in textwrap.wrap(text, letters)]


def _cell(plane: NDArray[Any]) -> tuple[float, float]:
    """Width and height of a cell: large enough for a number where there are not too many."""
    if max(plane.shape) <= MAX_CELLS:
        return CELL
    width, height = (min(size, WIDEST_PANEL / max(plane.shape)) for size in SMALL_CELL)
    return width, height


def _width(panel: tuple[str, NDArray[Any]]) -> float:
    name, plane = panel
    letters = max(map(len, name.split("\n"))) * LETTER
    return max(letters, INDEX + float(plane.shape[1] * _cell(plane)[0]))


def _height(plane: NDArray[Any]) -> float:
    return max(LINE, float(plane.shape[0] * _cell(plane)[1]))


def _largest(*planes: NDArray[Any]) -> float:
    finite = np.concatenate([plane[np.isfinite(plane)] for plane in planes])
    return max(float(np.max(np.abs(finite), initial=0.0)), 1e-12)


def _text(x: float, y: float, text: str, size: int, more: str = "") -> str:
    return f'<text x="{x:g}" y="{y + size * 0.9:g}" font-size="{size}" {more}>{escape(text)}</text>'


def _panel(
    left: float,
    top: float,
    names: int,
    name: str,
    plane: NDArray[Any],
    limit: float,
    wrong: NDArray[Any] | None,
    window: tuple[int, int, int, int] | None,
) -> Iterator[str]:
    """One plane as a grid of numbers; colours only help, crosses and a frame say it."""
    for n, line in enumerate(name.split("\n")):
        yield _text(left, top + LINE * n, line, 12)
    left, top = left + INDEX, top + LINE * names + INDEX
    if not plane.size:
        yield _text(left, top, "(empty)", 12)
        return
    width, height = _cell(plane)
    written = (width, height) == CELL
    middle = 'text-anchor="middle"'
    for (row, column), value in np.ndenumerate(plane):
        x, y = left + column * width, top + row * height
        edge = ' stroke="#999999"' if written else ""
        yield (
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
            f'fill="{_colour(value, limit)}"{edge}/>'
        )
        if wrong is not None and wrong[row, column]:
            yield _cross(x, y, width, height)
        if written:
            halo = (
                f'{middle} stroke="{_colour(value, limit)}" stroke-width="4" paint-order="stroke"'
            )
            yield _text(x + width / 2, y + 8, _short(value), 11, halo)
    if written:
        small = f'{middle} fill="#666666"'
        for column in range(plane.shape[1]):
            yield _text(left + (column + 0.5) * width, top - 12, str(column), 9, small)
        for row in range(plane.shape[0]):
            yield _text(left - 8, top + row * height + 9, str(row), 9, small)
    if window:
        row, column, rows, columns = window
        yield (
            f'<rect x="{left + column * width:g}" y="{top + row * height:g}" '
            f'width="{columns * width:g}" height="{rows * height:g}" fill="none" stroke="black" '
            'stroke-width="3"/>'
        )


def _cross(x: float, y: float, width: float, height: float) -> str:
    """A cross that leaves the number in its middle free."""
    strokes = "".join(
        f"M{x + across * width:g} {y + down * height:g}"
        f"L{x + (across + (0.5 - across) * 0.5) * width:g} "
        f"{y + (down + (0.5 - down) * 0.5) * height:g}"
        for across in (0.05, 0.95)
        for down in (0.08, 0.92)
    )
    return f'<path d="{strokes}" stroke="black" stroke-width="1.5"/>'


def _colour(value: Any, limit: float) -> str:
    """Orange below zero, purple above, white at it; grey for what is no number."""
    if not np.isfinite(value):
        return GREY
    strong = PURPLE if value > 0 else ORANGE
    share = 0.55 * min(1.0, abs(float(value)) / limit)
    return "#" + "".join(f"{round(255 + (c - 255) * share):02x}" for c in strong)


def _short(value: Any) -> str:
    """A number in five letters or so."""
    size = abs(value)
    if not np.isfinite(value) or value == int(value) and size < 1e4:
        return f"{value + 0:.0f}"
    if size < 0.005 or size >= 1e4:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e+")
    return f"{value:.{2 if size < 10 else 1 if size < 100 else 0}f}"


def _picture(verdict: Verdict) -> _Picture:
    name, run = verdict.case_set.name, verdict.failing
    if run is None:
        raise ValueError(f"{name}: every check passes, there is no failing case to draw.")
    if run.outcome.problem:
        first = run.outcome.problem.text.splitlines()[0]
        raise ValueError(f"{name} {first.rstrip('.')}: there is no answer to draw.")
    found = wrong_output(run, verdict.case_set.tolerance)
    if found is None:
        raise ValueError(f"{name}: the values of this case are right, there is nothing to draw.")
    output, got, expected, wrong = found
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
        return _Picture((title, f"{output} has the wrong shape"), inputs, answers, None)
    got, expected = got.astype(float), expected.astype(float)

    def cut(array: NDArray[Any]) -> NDArray[Any]:
        return _plane(output, array, index, output, expected.shape)[1]

    shown = _plane(output, expected, index, output, expected.shape)[0]
    answers = (("expected", cut(expected)), ("got", cut(got)))
    with np.errstate(invalid="ignore"):  # of infinities
        difference = np.where(wrong, got - expected, 0)  # what is right is not off by a rounding
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
    return _Picture(tuple(lines), inputs, answers, cells, window, clipped)


def _summed(case: Case, output: str, index: tuple[int, ...] | None) -> Iterator[str]:
    """What a value of Z is the sum of and the picture does not show."""
    parts = case.parts
    if output != "Z" or getattr(parts.get("W"), "ndim", 0) < 3:
        return
    channels = parts["W"].shape[3 if case.is_transposed else 2]
    bias = parts["b"][..., index[-1] if index else 0].item()
    what = f"all {channels} channels (channel 0 is drawn)" if channels > 1 else "the products"
    if case.is_transposed:
        stamps = "what the stamps leave there"
        what = f"{stamps}, those of {what}," if channels > 1 else stamps
    place = f"b[0, 0, 0, {index[-1]}]" if index else "b"
    yield f"Z adds up {what} and the bias {place} = {number(bias)}"


def _framed(place: str, clipped: bool, transposed: bool = False) -> str:
    """What the frame in the input means."""
    if transposed:
        return f"framed: the values whose stamps reach {place}"
    if clipped:
        part = f"framed: the part of {place}'s window that lies in the image"
        return f"{part}; the rest of the window is padding"
    return f"framed: the window that {place} comes from"


def _window(
    case: Case,
    inputs: Sequence[tuple[str, NDArray[Any]]],
    output: str,
    index: tuple[int, ...] | None,
) -> tuple[int, int, int, int] | None:
    """Where the window of an output's value lies in A_prev, cut at its edges; None for others."""
    if "stride" not in case.sizes or output not in ("Z", "A") or not index:
        return None
    spans = []
    for (start, end), length in zip(_spans(case, index[1:3]), inputs[0][1].shape, strict=True):
        first, last = max(0, start), min(length, end)
        if first >= last:  # it sees nothing but padding, or no stamp reaches it
            return None
        spans.append((first, last - first))
    (row, height), (column, width) = spans
    return row, column, height, width


def _inputs(case: Case) -> Iterator[tuple[str, NDArray[Any]]]:
    """(name, array) of the arrays given, those in a cache included, without biases and numbers."""
    for name, value in case.parts.items():
        if isinstance(value, np.ndarray) and value.ndim > 1 and _family(name) != "b":
            yield name, value


def _family(name: str) -> str:
    """Whether an array of four axes holds filters "W", biases "b", or images "A"."""
    bare = name.removeprefix("d").removesuffix("_conv")
    if bare.endswith("]"):  # in a dictionary, as gradients['W1']
        bare = bare.partition("['")[2][:1]
    return bare if bare in ("W", "b") else "A"


def _of_filters(name: str) -> bool:
    """Whether the last axis of an array counts filters; else it counts the input's channels."""
    return name.removeprefix("d").removesuffix("_conv") in ("Z", "W", "b")


def _filter(
    name: str, array: NDArray[Any], index: tuple[int, ...] | None
) -> tuple[str, NDArray[Any]]:
    """The filter of a transposed convolution that makes the wrong channel of the first one."""
    channel = index[-1] if index else 0
    return f"{name}[:, :, {channel}, 0]", array[:, :, channel, 0].astype(float)


_SHOWN_AXES = {"A": (1, 2), "W": (0, 1), "b": (2, 3)}


def _plane(
    name: str,
    array: NDArray[Any],
    index: tuple[int, ...] | None = None,
    output: str = "",
    shape: tuple[int, ...] = (),
) -> tuple[str, NDArray[Any]]:
    """The name and the numbers of one plane of an array, all of it where it has no more.

    index: the place of the first wrong value in the output of that name and shape; the plane that
        goes with it is the one shown, the first where none does
    """
    array = np.asarray(array).astype(float)
    if array.ndim <= 2:
        return name, array.reshape(1, -1) if array.ndim < 2 else array
    shown = _SHOWN_AXES[_family(name)] if array.ndim == 4 else (0, 1)
    place = []
    for axis, length in enumerate(array.shape):
        kind: Callable[[str], Any] = _of_filters if axis == 3 else _family
        together = kind(name) == kind(output)
        fits = array.ndim == len(shape) and length == shape[axis]
        place.append(index[axis] if index and fits and together else 0)
    cut = tuple(slice(None) if axis in shown else i for axis, i in enumerate(place))
    if any(length == 0 for length in array.shape):
        return name, np.empty(tuple(array.shape[axis] for axis in shown))
    label = ", ".join(":" if axis in shown else str(i) for axis, i in enumerate(place))
    return f"{name}[{label}]", array[cut]
