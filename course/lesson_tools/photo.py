"""Draw the edges of the reader's own photograph, in one line of a notebook."""

import io
import sys
from typing import Any, BinaryIO

import matplotlib.pyplot as plt
from IPython.display import display

from convnet.edges import load_blocks, sobel_edges
from convnet.own_edges import photograph
from convnet.plots import draw_image
from convnet.types import FilePath
from lesson_tools.figures import FigureOutput, present

__all__ = ["draw_edges", "edges_of"]

# Pixels of the longer side, for about two seconds. NumPy in a browser multiplies far more slowly.
SIZE = 256 if sys.platform == "emscripten" else 640
WIDTH = 7  # inches of the figure, which a phone shows without scrolling
TEXT = (
    "A photograph, its edges found by two Sobel kernels, and its edges drawn by a small trained "
    "network, both dark on white."
)


def draw_edges(photo: FilePath | BinaryIO | None = None, text: str = TEXT) -> Any:
    """Draw a photograph, and its edges by two Sobel kernels and by the small trained network.

    The photograph is drawn above its edges, or to the left of them in portrait format.

    Parameters
    ----------
    photo : path or file, optional
        File of any format that Pillow reads, or an image from the course such as "china.jpg". By
        default, a button asks for a photograph; on a phone it also offers the camera. Photographs
        are reduced to 640 pixels, or to 256 if the notebook runs in a browser.
    text : str
        Description of the figure.

    Returns
    -------
    shown
        Output to use as the last value of a cell: the figure, or the button.

    Raises
    ------
    OSError
        If the file does not exist or is not an image.
    """
    if photo is not None:
        return edges_of(photo, text)
    try:
        from google.colab import files
    except ImportError:
        return _button(text)
    uploaded = files.upload()
    return edges_of(io.BytesIO(next(iter(uploaded.values()))), text) if uploaded else None


def edges_of(photo: FilePath | BinaryIO, text: str) -> FigureOutput:
    """Draw a photograph and its edges, as `draw_edges` does for a given photograph."""
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
    """Return a button that asks for a photograph, with an output area for its figure."""
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
                display(edges_of(io.BytesIO(upload["content"]), text))
            except OSError:
                print(f"Pillow cannot read {upload['name']}: choose an image such as JPEG or PNG.")

    button.observe(draw, "value")
    return VBox([button, below])
