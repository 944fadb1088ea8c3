"""The edges of the reader's own photograph, in one line of a notebook."""

import io
import sys
from typing import Any, BinaryIO

import matplotlib.pyplot as plt
from IPython.display import display

from convnet.edges import load_blocks, sobel_edges
from convnet.own_edges import photograph
from convnet.plots import draw_image
from convnet.types import FilePath
from lesson_tools.figures import present

__all__ = ["draw_edges"]

# Pixels of the longer side: two seconds or so. A browser's NumPy multiplies matrices far slower.
SIZE = 256 if sys.platform == "emscripten" else 640
WIDTH = 7  # inches of the figure, which a phone shows without scrolling
TEXT = (
    "A photograph, its edges found by two Sobel kernels, and its edges drawn by a small trained "
    "network, both dark on white."
)


def draw_edges(photo: FilePath | BinaryIO | None = None, text: str = TEXT) -> Any:
    """
    Draw a photograph, its edges by two Sobel kernels, and by the small trained network.

    The photograph is above its edges, or to the left of them if it is higher than wide.

    Parameters
    ----------
    photo : path or file, optional
        A file of any format that Pillow reads, or one of the photographs that come with the
        course, china.jpg and flower.jpg. Without it you are asked for a photograph: on a phone,
        the button offers its camera too. Photographs of more than 640 pixels are reduced, where
        the notebook runs in a browser those of more than 256.
    text : str
        What there is to see, in words.

    Returns
    -------
    shown
        The last value of a cell: the figure, or the button that asks for a photograph.

    Raises
    ------
    OSError
        There is no such file, or it is no image.
    """
    if photo is not None:
        return _drawn(photo, text)
    try:
        from google.colab import files
    except ImportError:
        return _button(text)
    uploaded = files.upload()
    return _drawn(io.BytesIO(next(iter(uploaded.values()))), text) if uploaded else None


def _drawn(photo: FilePath | BinaryIO, text: str) -> Any:
    image = photograph(photo, SIZE)
    n_H, n_W, _ = image.shape
    rows, columns, places = (2, 2, ".aa.;bbcc") if n_W > n_H else (1, 3, "abc")
    height = rows * (WIDTH / columns * n_H / n_W + 0.35)  # with the titles
    fig, axes = plt.subplot_mosaic(
        places, figsize=(WIDTH, min(height, WIDTH)), layout="constrained"
    )
    draw_image(axes["a"], image, "a photograph", (0, 255), scale=False)
    draw_image(axes["b"], 1 - 2 * sobel_edges(image), "two Sobel kernels", (0, 1), scale=False)
    network_edges = load_blocks().draw(image)
    draw_image(axes["c"], 1 - network_edges, "a small trained network", (0, 1), scale=False)
    return present(fig, text)


def _button(text: str) -> Any:
    """A button that asks for a photograph, and the place below it where that is drawn."""
    try:
        from ipywidgets import FileUpload, Output, VBox
    except ImportError:
        print(
            'Give the name of a file, such as draw_edges("my.jpg"): no button without ipywidgets.'
        )
        return None
    button = FileUpload(accept="image/*", description="Photograph")
    below = Output()

    def draw(change: dict[str, Any]) -> None:
        if not change["new"]:
            return
        (upload,) = change["new"]
        below.clear_output()
        with below:
            try:
                display(_drawn(io.BytesIO(upload["content"]), text))
            except OSError:
                print(f"{upload['name']} is no image that Pillow can read, such as JPEG or PNG.")

    button.observe(draw, "value")
    return VBox([button, below])
