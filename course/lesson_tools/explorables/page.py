"""The HTML of an explorable: its still figure, style, scripts and data."""

import base64
import json
import uuid
from importlib import resources
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["encoded", "explorable"]

COLORS = 11  # colors stored per palette; the others are interpolated
CAPTION = "Run this cell in Jupyter to change the numbers."


def explorable(name: str, figure: Figure, text: str, **settings: Any) -> FigureOutput:
    """Return an explorable with its still figure, and close the figure."""
    # A lesson may have seeded the global generators, but the explorables of a page must differ.
    token = uuid.uuid4().hex[:12]
    palette = {"signed": _palette("PuOr"), "positive": _palette("Blues")}
    given = json.dumps({"token": token, "palette": palette, **settings}, separators=(",", ":"))
    style, drawing, script = (
        resources.files("lesson_tools.explorables").joinpath(file).read_text("utf-8")
        for file in ("explorables.css", "drawing.js", f"{name}.js")
    )
    still = present(figure, text)
    page = (
        f'<div class="lesson-explorable" data-explorable="{token}">'
        f'<div class="lesson-explorable-still">{still.data}<div>{CAPTION}</div></div>'
        "</div>\n"
        f"<style>\n{style}</style>\n"
        f"<script>\n(() => {{\n{drawing}\n{script}\n"
        f"start{name.capitalize()}({given});\n}})();\n</script>"
    )
    return FigureOutput(page, still.png, text)


def encoded(values: Array) -> dict[str, Any]:
    """Encode an array for a script, with one byte per number if that is exact."""
    whole = np.array_equal(values, values.round())
    small = whole and values.min() >= 0 and values.max() <= 255
    kind, dtype = ("Uint8Array", "u1") if small else ("Float64Array", "<f8")
    numbers = base64.b64encode(values.astype(dtype).tobytes()).decode()
    return {"numbers": numbers, "kind": kind, "rows": values.shape[0], "columns": values.shape[1]}


def _palette(name: str) -> list[list[int]]:
    """Return the colors of a matplotlib palette, red, green and blue from 0 to 255."""
    colors = plt.get_cmap(name)(np.linspace(0, 1, COLORS))[:, :3]
    return [[round(255 * float(value)) for value in color] for color in colors]
