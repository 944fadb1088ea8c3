"""The edges of the reader's own photograph, in one line of a notebook."""

import io
from typing import Any, BinaryIO

import matplotlib.pyplot as plt
from IPython.display import display

from convnet.edges import load_blocks, sobel_edges
from convnet.own_edges import photograph
from convnet.plots import draw_image
from convnet.types import FilePath
from lesson_tools.figures import present

__all__ = ["draw_edges"]

SIZE = 640  # pixels of the longer side: two seconds or so


def draw_edges(photo: FilePath | BinaryIO | None = None) -> Any:
    """
    Draw a photograph, its edges by two Sobel kernels, and by the small trained network.

    Parameters
    ----------
    photo : path or file, optional
        A file of any format that Pillow reads, or one of the photographs that come with
        scikit-learn, china.jpg and flower.jpg. Without it you are asked for a photograph: on a
        phone, the button offers its camera too. Photographs of more than 640 pixels are reduced.

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
        return _drawn(photo)
    try:
        from google.colab import files
    except ImportError:
        return _button()
    uploaded = files.upload()
    return _drawn(io.BytesIO(next(iter(uploaded.values())))) if uploaded else None


def _drawn(photo: FilePath | BinaryIO) -> Any:
    image = photograph(photo, SIZE)
    panels = {
        "the photograph": image,
        "two Sobel kernels": 1 - 2 * sobel_edges(image),
        "a small trained network": 1 - load_blocks().draw(image),
    }
    n_H, n_W, _ = image.shape
    height = min(4 * n_H / n_W + 0.4, 4.5)  # a panel is 4 wide, and its title 0.4 high
    fig, axes = plt.subplots(1, 3, figsize=(12, height), layout="constrained")
    for ax, (title, panel) in zip(axes, panels.items(), strict=True):
        draw_image(ax, panel, title, (0, 255 if panel is image else 1), scale=False)
    return present(
        fig,
        "Three images side by side: a photograph, its edges found by two Sobel kernels, and its "
        "edges drawn by a small trained network, both dark on white.",
    )


def _button() -> Any:
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
                display(_drawn(io.BytesIO(upload["content"])))
            except OSError:
                print(f"{upload['name']} is no image that Pillow can read, such as JPEG or PNG.")

    button.observe(draw, "value")
    return VBox([button, below])
