"""Figures and animations as the last line of a notebook's cell, with a text alternative."""

import base64
import html
import io

import matplotlib.pyplot as plt
from IPython.display import HTML

__all__ = ["animate", "present"]


def present(figure, text):
    """
    A figure as a picture for a notebook, with a text for those who do not see it.

    figure -- a matplotlib figure; it is closed
    text -- what there is to see, in words

    Returns an IPython.display.HTML, to end a cell with.
    """
    return _picture(f'src="{_address(_png(figure), "png")}"', text)


def animate(draw, steps, text, seconds=0.8):
    """
    A sequence of figures as a moving picture for a notebook; it plays twice and stops at its end.

    Whoever has asked the computer for less motion sees the last figure alone.

    draw -- function of a step that returns a matplotlib figure, of the same size for all steps
    steps -- what `draw` is called with, one after another
    text -- what there is to see, in words
    seconds -- how long a step is shown

    Returns an IPython.display.HTML, to end a cell with.
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


def _png(figure):
    """A figure, which is closed, as the bytes of a PNG file."""
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=100)
    plt.close(figure)
    return memory.getvalue()


def _address(data, kind):
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _picture(source, text, before=""):
    style = 'style="max-width: 100%; height: auto"'
    image = f'<img alt="{html.escape(text, quote=True)}" {style} {source}>'
    return HTML(f"<picture>{before}{image}</picture>" if before else image)
