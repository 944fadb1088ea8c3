"""Figures and animations as the last line of a notebook's cell, with a text alternative."""

import base64
import html
import io
from collections.abc import Callable, Iterable
from typing import Any

import matplotlib.pyplot as plt
from IPython.display import HTML
from matplotlib.figure import Figure

__all__ = ["animate", "present"]


def present(figure: Figure, text: str) -> HTML:
    """
    Show a figure in a notebook, with a text alternative for those who do not see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure; it is closed.
    text : str
        What there is to see, in words.

    Returns
    -------
    html : IPython.display.HTML
        The last value of a cell.
    """
    return _picture(f'src="{_address(_png(figure), "png")}"', text)


def animate(
    draw: Callable[[Any], Figure], steps: Iterable[Any], text: str, seconds: float = 0.8
) -> HTML:
    """
    Show a sequence of figures in a notebook as an animation, which plays twice.

    Whoever has asked the computer for less motion sees the last figure alone.

    Parameters
    ----------
    draw : callable
        Takes a step and returns a matplotlib figure, of the same size for all steps.
    steps : iterable
        What `draw` is called with, one after another.
    text : str
        What there is to see, in words.
    seconds : float
        How long a step is shown.

    Returns
    -------
    html : IPython.display.HTML
        The last value of a cell.
    """
    from PIL import Image  # which only an animation needs

    pictures = [_png(draw(step)) for step in steps]
    frames = [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]
    strip = Image.new("RGB", (frames[0].width, frames[0].height * len(frames)))
    for number, frame in enumerate(frames):
        strip.paste(frame, (0, number * frame.height))
    # One palette for all frames, or the colours would flicker; this method keeps white white.
    palette = strip.quantize(256, method=Image.Quantize.FASTOCTREE)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    pauses = [round(1000 * seconds)] * (len(frames) - 1) + [round(3000 * seconds)]
    memory = io.BytesIO()
    frames[0].save(
        memory, format="gif", save_all=True, append_images=frames[1:], duration=pauses, loop=2
    )
    last = _address(pictures[-1], "png")
    still = f'<source media="(prefers-reduced-motion: reduce)" srcset="{last}">'
    return _picture(f'src="{_address(memory.getvalue(), "gif")}"', text, before=still)


def _png(figure: Figure) -> bytes:
    """A figure, which is closed, as the bytes of a PNG file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    plt.close(figure)
    return memory.getvalue()


def _address(data: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _picture(source: str, text: str, before: str = "") -> HTML:
    style = 'style="max-width: 100%; height: auto"'
    image = f'<img alt="{html.escape(text, quote=True)}" {style} {source}>'
    return HTML(f"<picture>{before}{image}</picture>" if before else image)
