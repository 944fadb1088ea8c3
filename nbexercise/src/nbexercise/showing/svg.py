"""Draw a picture of a failing case as SVG.

The SVG is written without matplotlib, which the judge and the feedback page do not have.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..judging.verdict import Verdict
from .picture import Picture, picture_of

__all__ = ["draw", "drawn"]

MAX_CELLS = 12  # largest number of rows and columns for which numbers are written into the cells

# Sizes in pixels.
CELL, SMALL_CELL = (40, 26), (8, 8)
MARGIN, LINE, LETTER, INDEX = 16, 17, 6.6, 16
NARROWEST, PAGE = 560, 840
WIDEST_PANEL = 640
ORANGE, PURPLE, GRAY = (230, 97, 1), (94, 60, 153), "#dddddd"


def draw(verdict: Verdict, page: float = PAGE) -> str:
    """Return the failing case as SVG.

    Parameters
    ----------
    page
        Width of the page in pixels.

    Raises
    ------
    ValueError
        If nothing fails, or if a call returned nothing that can be drawn.
    """
    return drawn(picture_of(verdict), page)


def drawn(picture: Picture, page: float = PAGE) -> str:
    """Return a picture as SVG; planes that the page has no room for side by side are stacked."""
    rows = [*_rows(picture.inputs, page), *_rows(picture.answers, page)]
    widths = [sum(MARGIN + _width(panel) for panel in row) for row in rows]
    width = max(min(NARROWEST, page - MARGIN), *widths) + MARGIN
    title = _wrapped(picture.title, int((width - 2 * MARGIN) / LETTER))
    parts, top = [], MARGIN + LINE * (len(title) + 0.5)
    parts += [_text(MARGIN, MARGIN + LINE * n, line, 12) for n, line in enumerate(title, 0)]
    # Expected and got share their colors, so that equal numbers look equal.
    shared = _largest(*(plane for name, plane in picture.answers if "-" not in name))
    for row in rows:
        names = max(1 + name.count("\n") for name, _ in row)
        left: float = MARGIN
        for name, plane in row:
            answer = any(plane is other for _, other in picture.answers)
            limit = shared if answer and "-" not in name else _largest(plane)
            crossed = picture.wrong if answer and name == "got" else None
            crossed = None if crossed is None or crossed.all() else crossed
            frame = picture.frame.cells if not answer and plane is picture.inputs[0][1] else None
            panel = "".join(_panel(left, top, names, name, plane, limit, crossed, frame))
            label = escape(name.replace("\n", ", "), quote=True)
            parts.append(f'<g aria-label="{label}">{panel}</g>')
            left += MARGIN + _width((name, plane))
        top += LINE * names + INDEX + max(_height(plane) for _, plane in row) + MARGIN
    label = escape(". ".join(picture.title), quote=True)
    scale = min(1.0, page / width)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top:g}" '
        f'width="{scale * width:g}" height="{scale * top:g}" role="img" aria-label="{label}" '
        'font-family="sans-serif" style="max-width: 100%; height: auto">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>'
    )


def _rows(panels: Sequence[tuple[str, Any]], page: float) -> list[list[tuple[str, Any]]]:
    """Return panels in rows that fit on the page, or that have one panel."""
    rows: list[list[tuple[str, Any]]] = []
    left = page
    for panel in panels:
        left += MARGIN + _width(panel)
        if left + MARGIN > page:
            rows.append([])
            left = MARGIN + _width(panel)
        rows[-1].append(panel)
    return rows


def _wrapped(texts: Sequence[str], letters: int) -> list[str]:
    """Break texts into lines of at most `letters` characters, outside parentheses if possible."""
    kept = [
        re.sub(r"\([^)]*\)", lambda m: m[0].replace(" ", "\N{NO-BREAK SPACE}"), t) for t in texts
    ]
    return [line for text in kept for line in textwrap.wrap(text, letters)]


def _cell(plane: NDArray[Any]) -> tuple[float, float]:
    """Return the width and height of a cell, large enough for a number if there are few cells."""
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
    frame: tuple[int, int, int, int] | None,
) -> Iterator[str]:
    """Yield the elements of one plane: a grid of numbers, crosses on wrong cells, a frame.

    Crosses and numbers repeat what the colors show, for readers who cannot tell the colors apart.
    """
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
            f'fill="{_color(value, limit)}"{edge}/>'
        )
        if wrong is not None and wrong[row, column]:
            yield _cross(x, y, width, height)
        if written:
            halo = f'{middle} stroke="{_color(value, limit)}" stroke-width="4" paint-order="stroke"'
            yield _text(x + width / 2, y + 8, _short(value), 11, halo)
    if written:
        small = f'{middle} fill="#666666"'
        for column in range(plane.shape[1]):
            yield _text(left + (column + 0.5) * width, top - 12, str(column), 9, small)
        for row in range(plane.shape[0]):
            yield _text(left - 8, top + row * height + 9, str(row), 9, small)
    if frame:
        row, column, rows, columns = frame
        yield (
            f'<rect x="{left + column * width:g}" y="{top + row * height:g}" '
            f'width="{columns * width:g}" height="{rows * height:g}" fill="none" stroke="black" '
            'stroke-width="3"/>'
        )


def _cross(x: float, y: float, width: float, height: float) -> str:
    """Return a cross that leaves the number in its middle free."""
    strokes = "".join(
        f"M{x + across * width:g} {y + down * height:g}"
        f"L{x + (across + (0.5 - across) * 0.5) * width:g} "
        f"{y + (down + (0.5 - down) * 0.5) * height:g}"
        for across in (0.05, 0.95)
        for down in (0.08, 0.92)
    )
    return f'<path d="{strokes}" stroke="black" stroke-width="1.5"/>'


def _color(value: Any, limit: float) -> str:
    """Return orange for negative values, purple for positive ones, white for 0, gray for nan."""
    if not np.isfinite(value):
        return GRAY
    strong = PURPLE if value > 0 else ORANGE
    share = 0.55 * min(1.0, abs(float(value)) / limit)
    return "#" + "".join(f"{round(255 + (c - 255) * share):02x}" for c in strong)


def _short(value: Any) -> str:
    """Format a number in about five characters."""
    size = abs(value)
    if not np.isfinite(value) or value == int(value) and size < 1e4:
        return f"{value + 0:.0f}"
    if size < 0.005 or size >= 1e4:
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e+")
    return f"{value:.{2 if size < 10 else 1 if size < 100 else 0}f}"
