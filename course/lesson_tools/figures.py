"""Show figures and animations with a text alternative, as the last line of a notebook's cell."""

import base64
import colorsys
import html
import io
import json
import os
import uuid
from collections.abc import Callable, Iterable
from importlib import resources
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML
from matplotlib.artist import Artist
from matplotlib.collections import Collection, QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FigureOutput", "animate", "present"]

DPI = 100
# Image pixels per CSS pixel: 2 for pages read on high-resolution screens, such as the site's.
PIXELS = int(os.environ.get("LESSON_FIGURE_PIXELS", "1"))
# Draws each figure a second time, for the site's dark pages.
DARK = "LESSON_FIGURE_DARK" in os.environ
WIDE = 700  # width in pixels above which a figure would be too small to read on a phone
STILLS = 6  # number of figures in the strip of a long animation
STRIP_SCALE = 0.4  # smallest scale of the figures in a strip
AREAS = 32  # number of most frequent colors that an animation keeps exactly
SHEET_WIDTH = 16_000  # pixels of a file; browsers reject images wider than twice this
# Paper does not scroll: in print, a wide figure is as wide as the page.
PRINT = "<style>@media print {.lesson-wide {min-width: 0 !important}}</style>"


class FigureOutput(HTML):
    """An output in three forms: HTML, an image and a text.

    JupyterLab, Colab and VS Code show the HTML, LaTeX can only use the image, a terminal the text.

    Parameters
    ----------
    page : str
        HTML of an image, with `text` as its alternative text.
    png : bytes
        Image as a PNG file.
    text : str
        Description of the image.
    """

    def __init__(self, page: str, png: bytes, text: str) -> None:
        super().__init__(page)
        self.png, self.text = png, text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        image = base64.b64encode(self.png).decode()
        data = {"text/html": self.data, "image/png": image, "text/plain": self.text}
        return data, {"image/png": {"alt": self.text}}


def present(figure: Figure, text: str, caption: str = "") -> FigureOutput:
    """Show a figure in a notebook, with a caption and a text alternative for blind readers.

    A wide figure scrolls in its own box if the page is too narrow for it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Figure to show; it is closed.
    text : str
        Description of the figure.
    caption : str
        Sentence below the figure that tells readers what to look at.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.
    """
    png, least = _png(figure), _least_width(figure.get_figwidth() * DPI)
    page = _picture(png, text, least)
    if DARK:
        darken(figure)
        page = (
            f'<div class="lesson-light">{page}</div>'
            f'<div class="lesson-dark">{_picture(_png(figure), text, least)}</div>'
        )
    plt.close(figure)
    page += _captioned(caption)
    return FigureOutput(page, png, f"{text}\n\n{caption}".strip())


def _captioned(caption: str) -> str:
    return f'<p class="lesson-caption"><em>{html.escape(caption)}</em></p>' if caption else ""


def animate(
    draw: Callable[[Any], Figure],
    steps: Iterable[Any],
    text: str,
    seconds: float = 0.8,
    caption: str = "",
) -> FigureOutput:
    """Show a sequence of figures in a notebook in a player: play, pause, steps and a slider.

    Without scripts, as on GitHub, on feedback pages and in print, a strip of at most six figures is
    shown instead, including the first and the last.

    Parameters
    ----------
    draw : callable
        Function of a step that returns a matplotlib figure, of the same size for all steps.
    steps : iterable
        Arguments of `draw`, at least one.
    text : str
        Description of the animation.
    seconds : float
        Time per step while the animation plays.
    caption : str
        Sentence below the animation that tells readers what to look at.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell; its image is the strip.

    Raises
    ------
    ValueError
        If there are no steps.
    """
    from PIL import Image  # which only an animation needs

    images = []
    for step in steps:
        figure = draw(step)
        images.append(Image.open(io.BytesIO(_png(figure))).convert("RGB"))
        plt.close(figure)
    if not images:
        raise ValueError("there are no steps: pass at least one")
    width, height = images[0].size
    # All frames share one palette; otherwise the colors would flicker. The colors of areas are kept
    # exactly: if similar ones were merged, white would be a gray box on the page, and the 0 of a
    # grid bluish.
    column = _grid(images, 1)
    counts = sorted(column.getcolors(column.width * column.height) or [], reverse=True)[:AREAS]
    areas = np.reshape([color for _, color in counts], (-1, 3))
    mixed = column.quantize(256 - len(areas), method=Image.Quantize.FASTOCTREE).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette([*areas.ravel().tolist(), *(mixed or [])])

    count = STILLS if len(images) > STILLS + 1 else len(images)  # of seven, none is left out
    stills = np.linspace(0, len(images) - 1, count).round().astype(int).tolist()
    others = [number for number in range(len(images)) if number not in stills]
    sheets = [(stills, min(2, len(stills))), (others, max(1, SHEET_WIDTH // width))]
    frames = {
        number: [sheet, place % columns, place // columns]
        for sheet, (numbers, columns) in enumerate(sheets)
        for place, number in enumerate(numbers)
    }
    pngs = []
    for numbers, columns in sheets if others else sheets[:1]:
        grid = _grid([images[number] for number in numbers], columns)
        indices = np.array(grid.quantize(palette=palette, dither=Image.Dither.NONE))
        codes = _codes(np.asarray(grid))
        for index, code in enumerate(_codes(areas)):
            indices[codes == code] = index
        reduced = Image.fromarray(indices)
        reduced.putpalette(palette.getpalette() or [])
        memory = io.BytesIO()
        reduced.save(memory, "png", optimize=True)
        pngs.append(memory.getvalue())
    # A lesson may have seeded the global generators, but the players of a page must differ.
    token = uuid.uuid4().hex[:12]
    settings = {
        "token": token,
        "frames": [frames[number] for number in range(len(images))],
        "rest": _address(pngs[1]) if others else None,
        "width": width,
        "height": height,
        "pixels": PIXELS,
        "minWidth": _least_width(width / PIXELS),
        "seconds": seconds,
    }
    strip = _picture(pngs[0], text, round(STRIP_SCALE * sheets[0][1] * width / PIXELS))
    shown = ", ".join(str(number + 1) for number in stills)
    note = f"{len(stills)} of {len(images)} steps: {shown}."
    note += " Run this cell in Jupyter to play the animation."
    style, script = (
        resources.files("lesson_tools").joinpath(f"player.{kind}").read_text("utf-8")
        for kind in ("css", "js")
    )
    page = (
        f'<div class="lesson-player" data-player="{token}"><div class="lesson-player-strip">{strip}'
        f"<div>{note}</div></div></div>\n<style>\n{style}</style>\n"
        f"<script>\n(() => {{\n{script}\nstartPlayer({json.dumps(settings)});\n}})();\n</script>"
        f"{_captioned(caption)}"
    )
    return FigureOutput(page, pngs[0], f"{text}\n\n{caption}".strip())


def _grid(images: "list[Image]", columns: int) -> "Image":
    """Arrange images of one size in rows of one image; the rows compress well."""
    from PIL import Image

    width, height = images[0].size
    rows = -(-len(images) // columns)
    grid = Image.new("RGB", (width * min(columns, len(images)), height * rows), "white")
    for place, image in enumerate(images):
        row, column = divmod(place, columns)
        grid.paste(image, (width * column, height * row))
    return grid


def _codes(colors: np.ndarray) -> np.ndarray:
    """Encode each color of an array (..., 3) as one number."""
    return np.asarray(colors, dtype=np.int32) @ np.array([1 << 16, 1 << 8, 1], dtype=np.int32)


def _png(figure: Figure) -> bytes:
    """Return a figure as the contents of a PNG file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=DPI * PIXELS)
    return memory.getvalue()


def darken(figure: Figure) -> None:
    """Recolor a figure for a dark page: its paper becomes transparent, and dark ink light.

    Images, grids of values, and whatever is drawn on top of them keep their colors.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Figure that was drawn before; it is changed.
    """
    images = figure.findobj(lambda artist: isinstance(artist, AxesImage | QuadMesh))
    boxes = [
        Bbox.intersection(image.get_window_extent(), image.axes.bbox)
        for image in images
        if image.axes
    ]

    def on_image(artist: Artist) -> bool:
        box = artist.get_window_extent()
        if not np.isfinite(box.extents).all():  # of points, for example
            return any(artist.axes is image.axes for image in images)
        middle = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
        return any(image and image.contains(*middle) for image in boxes)

    papers = [figure.patch, *(axes.patch for axes in figure.axes)]
    for artist in figure.findobj():
        if artist in papers:
            artist.set_facecolor("none")
        elif isinstance(artist, Text | Line2D | Patch | Collection) and not on_image(artist):
            _invert_lightness(artist)
            # A text's box and arrow are not among the artists of its figure.
            box = artist.get_bbox_patch() if isinstance(artist, Text) else None
            if box:
                _invert_lightness(box)
        arrow = artist.arrow_patch if isinstance(artist, Annotation) else None
        if arrow and not on_image(arrow):
            _invert_lightness(arrow)


def _invert_lightness(artist: Artist) -> None:
    """Replace the colors of an artist, except those of a colormap."""
    kinds = ["color"] if isinstance(artist, Text) else ["facecolor", "edgecolor"]
    if isinstance(artist, Line2D):
        kinds = ["color", "markerfacecolor", "markeredgecolor"]
    if isinstance(artist, Collection) and artist.get_array() is not None:
        return
    for kind in kinds:
        color = getattr(artist, f"get_{kind}")()
        if isinstance(artist, Collection):
            artist.set(**{kind: [_inverted(one) for one in color]})
        elif not (isinstance(color, str) and color == "none"):
            artist.set(**{kind: _inverted(color)})


def _inverted(color: Any) -> tuple[float, float, float, float]:
    """Return a color for a dark page: white becomes as dark as the page, ink as light as text."""
    *rgb, alpha = to_rgba(color)
    hue, lightness, saturation = colorsys.rgb_to_hls(*rgb)
    inverted = 0.87 - 0.79 * lightness
    if saturation > 0.2 and lightness < 0.8:  # colored ink stays readable
        inverted = max(inverted, 0.6)
    red, green, blue = colorsys.hls_to_rgb(hue, inverted, saturation)
    return red, green, blue, alpha


def _address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _least_width(width: float) -> int:
    """Return the smallest width to which a figure is scaled; below it, a wide figure scrolls."""
    return round(0.6 * width) if width > WIDE else 0


def _picture(png: bytes, text: str, least: int) -> str:
    """Return HTML of an image that scales with the page and scrolls below its least width."""
    size = [int.from_bytes(png[at : at + 4], "big") / PIXELS for at in (16, 20)]
    narrow = f"; min-width: {least}px" if least else ""
    image = (
        f'<img {"class=lesson-wide " * bool(least)}alt="{html.escape(text, quote=True)}" '
        f'width="{size[0]:.0f}" height="{size[1]:.0f}" '
        f'style="max-width: 100%; height: auto{narrow}" src="{_address(png)}">'
    )
    return f'<div style="overflow-x: auto">{image}</div>{PRINT}' if least else image
