"""Draw a failing case: inputs above, then expected, got and difference; crosses say what is wrong.

Arrays of more than two axes are cut: one plane is shown, and its name says which, as in
`A_prev[0, :, :, 2]`. Of an answer it is the plane with the first wrong value.
"""

import re
import textwrap
import warnings
from dataclasses import dataclass

import numpy as np

from ._judge import Verdict
from ._text import CACHE_PARTS, describe_arguments, wrong_output

__all__ = ["draw", "in_words"]

MAX_CELLS = 12  # rows and columns up to which the numbers are written into the cells
LISTED = 20  # wrong places that are listed in the words

# Inches.
CELL, WIDEST, TALLEST = 0.42, 11.0, 5.0
NARROWEST_PANEL, NARROWEST_FIGURE = 1.5, 6.5
MARGIN, TICKS, LINE = 0.3, 0.35, 0.18
LETTER = 0.068  # the width of one in the title


@dataclass(frozen=True)
class _Picture:
    """What there is to see: a title, named planes of the inputs and of the answer.

    wrong: which cells of the answer's planes are wrong; None where their shapes differ
    """

    title: tuple[str, ...]
    inputs: tuple[tuple[str, np.ndarray], ...]
    answers: tuple[tuple[str, np.ndarray], ...]
    wrong: np.ndarray | None


def in_words(verdict: Verdict) -> str:
    """The picture of `draw` as text.

    raises: ValueError where nothing fails, or where a call gave nothing that can be drawn
    """
    picture = _picture(verdict)
    lines = [*picture.title]
    for name, plane in (*picture.inputs, *picture.answers):
        numbers = np.array2string(plane, precision=4, suppress_small=True, threshold=400)
        lines += ["", name.replace("\n", ", "), numbers if plane.size else "(empty)"]
    if picture.wrong is not None:
        places = [f"({row}, {column})" for row, column in np.argwhere(picture.wrong)]
        more = " ..." if len(places) > LISTED else ""
        lines += ["", f"Wrong at (row, column): {', '.join(places[:LISTED])}{more}"]
    return "\n".join(lines)


def draw(verdict: Verdict):
    """A matplotlib figure of the failing case.

    raises: ValueError as `in_words` does, ImportError without matplotlib
    """
    import matplotlib.pyplot as plt

    picture = _picture(verdict)
    rows = [row for row in (picture.inputs, picture.answers) if row]
    cell = min(
        CELL,
        *(WIDEST / sum(plane.shape[1] for _, plane in row) for row in rows),
        TALLEST / sum(_tallest(row) for row in rows),
    )
    width = max(NARROWEST_FIGURE, *(_width(row, cell) for row in rows)) + MARGIN
    lines = _wrapped(picture.title, int((width - 2 * MARGIN) / LETTER))
    names = [LINE * max(1 + name.count("\n") for name, _ in row) for row in rows]
    heights = [cell * _tallest(row) for row in rows]
    height = 0.3 + LINE * len(lines) + sum(names) + sum(heights) + TICKS * len(rows)
    figure = plt.figure(figsize=(width, height))
    figure.text(MARGIN / width, 1 - 0.1 / height, "\n".join(lines), va="top", fontsize=9)
    top = height - 0.25 - LINE * len(lines)
    # Expected and got share their colours, so that equal numbers look equal.
    shared = _largest(*(plane for name, plane in picture.answers if "-" not in name))
    for row, name_height, row_height in zip(rows, names, heights, strict=True):
        left = MARGIN
        top -= name_height
        for name, plane in row:
            answer = row is picture.answers
            size = (plane.shape[1] * cell / width, plane.shape[0] * cell / height)
            bottom = top - plane.shape[0] * cell
            ax = figure.add_axes((left / width, bottom / height, *size))
            limit = shared if answer and "-" not in name else _largest(plane)
            _panel(ax, name, plane, limit, cell)
            if answer and picture.wrong is not None and name != "expected":
                _cross(ax, picture.wrong)
            left += MARGIN + max(NARROWEST_PANEL, plane.shape[1] * cell)
        top -= row_height + TICKS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a backend without windows says that it has none
        plt.show()  # a notebook shows the picture here, before the words
    return figure


def _wrapped(texts, letters):
    """Lines of at most so many letters, not broken within brackets where that can be."""
    kept = [
        re.sub(r"\([^)]*\)", lambda m: m[0].replace(" ", "\N{NO-BREAK SPACE}"), t) for t in texts
    ]
    return [line for text in kept for line in textwrap.wrap(text, letters)]


def _width(row, cell):
    return sum(MARGIN + max(NARROWEST_PANEL, plane.shape[1] * cell) for _, plane in row)


def _tallest(row):
    return max(1, *(plane.shape[0] for _, plane in row))


def _largest(*planes):
    finite = np.concatenate([plane[np.isfinite(plane)] for plane in planes])
    return max(float(np.max(np.abs(finite), initial=0.0)), 1e-12)


def _picture(verdict):
    name, run = verdict.sheet.name, verdict.failing
    if run is None:
        raise ValueError(f"{name}: every check passes, there is no failing case to draw.")
    if run.outcome.problem:
        first = run.outcome.problem.text.splitlines()[0]
        raise ValueError(f"{name} {first.rstrip('.')}: there is no answer to draw.")
    found = wrong_output(verdict, run)
    if found is None:
        raise ValueError(f"{name}: the values of this case are right, there is nothing to draw.")
    output, got, expected, wrong = found
    title = f"{name}: {describe_arguments(run.case.arguments)}"
    index = None if wrong is None else tuple(int(i) for i in np.argwhere(wrong)[0])
    inputs = tuple(
        _plane(label, array, index, output, expected.shape)
        for label, array in _inputs(run.case.arguments)
    )
    if wrong is None:
        answers = tuple(
            (f"{which}\nshape {array.shape}", _plane(output, array)[1])
            for which, array in (("expected", expected), ("got", got))
        )
        return _Picture((title, f"{output} has the wrong shape"), inputs, answers, None)
    got, expected = got.astype(float), expected.astype(float)

    def cut(array):
        return _plane(output, array, index, output, expected.shape)[1]

    shown = _plane(output, expected, index, output, expected.shape)[0]
    answers = (("expected", cut(expected)), ("got", cut(got)))
    answers += (("got - expected", cut(got - expected)),)
    crossed = f"{shown}: the wrong values are crossed"
    return _Picture((title, crossed), inputs, answers, cut(wrong).astype(bool))


def _inputs(arguments):
    """(name, array) of the arrays given, those in a cache included and single numbers left out."""
    for name, value in arguments.items():
        if isinstance(value, tuple) and len(value) in CACHE_PARTS:
            yield from _inputs(dict(zip(CACHE_PARTS[len(value)], value, strict=True)))
        elif isinstance(value, np.ndarray) and value.ndim > 1 and _family(name) != "b":
            yield name, value


def _family(name):
    """Whether an array of four axes holds filters "W", biases "b", or images "A"."""
    bare = name.removeprefix("d")
    return bare if bare in ("W", "b") else "A"


_SHOWN_AXES = {"A": (1, 2), "W": (0, 1), "b": (2, 3)}


def _plane(name, array, index=None, output="", shape=()):
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
        together = axis == 3 or _family(name) == _family(output)
        fits = index is not None and array.ndim == len(shape) and length == shape[axis]
        place.append(index[axis] if fits and together else 0)
    cut = tuple(slice(None) if axis in shown else i for axis, i in enumerate(place))
    if any(length == 0 for length in array.shape):
        return name, np.empty(tuple(array.shape[axis] for axis in shown))
    label = ", ".join(":" if axis in shown else str(i) for axis, i in enumerate(place))
    return f"{name}[{label}]", array[cut]


def _panel(ax, name, plane, limit, cell):
    """One plane as a grid of numbers; colours only help."""
    ax.set_title(name, fontsize=9, loc="left")
    ax.tick_params(labelsize=7, length=0)
    rows, columns = plane.shape
    if not plane.size:
        ax.set_axis_off()
        ax.text(0, 0.5, "(empty)", fontsize=9, transform=ax.transAxes, va="top")
        return
    colours = np.nan_to_num(plane, nan=0.0, posinf=limit, neginf=-limit)
    ax.imshow(colours, cmap="PuOr", vmin=-1.8 * limit, vmax=1.8 * limit, aspect="auto")
    written = max(rows, columns) <= MAX_CELLS and cell > 0.3
    step = 1 if written else -(-max(rows, columns) // MAX_CELLS)
    ax.set_xticks(range(0, columns, step))
    ax.set_yticks(range(0, rows, step))
    if not written:
        return
    for (row, column), value in np.ndenumerate(plane):
        box = {"facecolor": ax.images[0].to_rgba(colours[row, column]), "pad": 0.6, "lw": 0}
        ax.text(
            column, row, _short(value), ha="center", va="center", fontsize=7, zorder=4, bbox=box
        )


def _short(value):
    """A number in five letters or so."""
    size = abs(value)
    if not np.isfinite(value) or value == int(value) and size < 1e4:
        return f"{value:.0f}"
    if size < 0.005 or size >= 1e4:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e+")
    return f"{value:.{2 if size < 10 else 1 if size < 100 else 0}f}"


def _cross(ax, wrong):
    """Cross the wrong cells out, behind their numbers."""
    across, down = np.array([-0.47, 0.47, np.nan]), np.array([0.47, -0.47, np.nan])
    for rises in (across, down):  # one line with gaps: many lines take long to draw
        x = [column + across for _, column in np.argwhere(wrong)]
        y = [row + rises for row, _ in np.argwhere(wrong)]
        ax.plot(
            np.ravel(x), np.ravel(y), color="black", lw=0.9, zorder=3, scalex=False, scaley=False
        )
