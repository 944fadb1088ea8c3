"""Figures of the lesson "Start here"."""

import io
import sys
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from convnet.edges import EdgeNetwork, enlarge, halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.own_edges import photograph
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "as_jpeg",
    "brighter",
    "broadcast",
    "corner",
    "crop",
    "differences",
    "edges",
    "jpeg",
    "means",
    "runtime",
    "shifted",
    "wrong_range",
]

BYTE = (0, 255)
# Pixels of the photograph from which the network draws. NumPy in a browser is far slower.
LONGER_SIDE = 100 if sys.platform == "emscripten" else 200
# Red, green and blue, then black, dark gray and white: neighbors that differ as much as possible.
SIX_PIXELS = np.array(
    [[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[0, 0, 0], [51, 51, 51], [255, 255, 255]]], np.uint8
)


def _panels(
    images: dict[str, Array],
    height: float,
    columns: int = 0,
    widths: Sequence[float] | None = None,
    limits: tuple[int, int] = BYTE,
) -> tuple[Figure, list[Axes]]:
    """Draw images in rows of `columns`, with their names as titles, and return figure and axes."""
    columns = columns or len(images)
    fig, axes = plt.subplots(
        len(images) // columns,
        columns,
        figsize=(7, height),
        layout="constrained",
        squeeze=False,
        width_ratios=widths,
    )
    for ax, (name, image) in zip(axes.flat, images.items(), strict=True):
        draw_image(ax, image, "", limits, scale=False)
        ax.set_title(name, fontsize=11)
    return fig, list(axes.flat)


def brighter(image: Array, bright: Array) -> FigureOutput:
    """Show an image beside one that should be brighter."""
    fig, _ = _panels({"before": image, "after": bright}, 2.6)
    if (bright.astype(int) < image).any():
        after = (
            "Where a number has passed 255, the color is not brighter but wrong: with 80 added, "
            "patches of the fur are turquoise."
        )
    else:
        after = "All of its colors are brighter."
    return present(
        fig,
        "The face of a cat, twice, in large pixels. On the left in its own colors, brown fur with "
        "gray stripes, yellow eyes and a red nose. On the right after a number has been added to "
        f"every pixel. {after}",
    )


def shifted(image: Array) -> FigureOutput:
    """Show an image whose columns have been shifted."""
    return _with_axes(
        image,
        "The cat, shifted to the right. The columns that leave on the right enter on the left.",
    )


def corner(image: Array) -> FigureOutput:
    """Show an image whose corner has been painted over."""
    return _with_axes(image, "The cat in gray. The first 20 rows and 30 columns are white.")


def _with_axes(image: Array, text: str) -> FigureOutput:
    """Show an image with the numbers of its rows and columns."""
    fig, ax = plt.subplots(figsize=(4.4, 3.1), layout="constrained")
    draw_image(ax, image, "", BYTE, scale=False)
    ax.set(xticks=range(0, image.shape[1], 20), yticks=range(0, image.shape[0], 20))
    return present(fig, text)


def crop(image: Array, part: Array) -> FigureOutput:
    """Show an image and a slice of it, which is outlined in the image if it is a view."""
    fig, (left, right) = _panels(
        {f"{image.shape}": image, f"{part.shape}": part}, 2.6, widths=(5, 3)
    )
    if np.shares_memory(image, part):
        # A view begins at an address within the image's memory: count its rows and columns.
        addresses = [array.__array_interface__["data"][0] for array in (part, image)]
        row, rest = divmod(addresses[0] - addresses[1], image.strides[0])
        column = rest // image.strides[1]
        corner = (column - 0.5, row - 0.5)
        size = part.shape[1], part.shape[0]
        left.add_patch(Rectangle(corner, *size, fc="none", ec="white", lw=3))
        left.add_patch(Rectangle(corner, *size, fc="none", ec="black", lw=1.5, ls="--"))
    left.set(xticks=range(0, image.shape[1], 20), yticks=range(0, image.shape[0], 20))
    right.set(xticks=[0, part.shape[1] - 1], yticks=[0, part.shape[0] - 1])
    return present(
        fig,
        f"On the left the image of shape {image.shape} with a dashed box around a part of it, on "
        f"the right this part, of shape {part.shape}. Rows are numbered from the top, columns from "
        "the left, and both begin at 0, in the image and again in the part.",
        "The part begins at row 0 and column 0 again.",
    )


def means(gray: Array, columns: Array, rows: Array) -> FigureOutput:
    """Show the mean of an image over each of its three axes."""
    fig, axes = plt.subplot_mosaic(
        "ar;c.",
        figsize=(5.2, 3.95),
        layout="constrained",
        width_ratios=[10, 1],
        height_ratios=[6.7, 1],
    )
    draw_image(axes["a"], gray, "axis=2: the colors are gone", BYTE, scale=False)
    axes["a"].set_aspect("auto")  # as wide as the strip below it
    for name, strip in (("c", columns[None]), ("r", rows[:, None])):
        axes[name].imshow(strip.astype(np.uint8), aspect="auto")
        axes[name].set(xticks=[], yticks=[])
    axes["c"].set_xlabel("axis=0: the rows are gone", fontsize=11)
    axes["r"].yaxis.set_label_position("right")
    axes["r"].set_ylabel("axis=1: the columns are gone", fontsize=11)
    return present(
        fig,
        "The cat in gray. Below it a strip of 100 colors, one for each column, reddish brown in "
        "the middle and gray at both ends. To its right a strip of 67 colors, one for each row, "
        "browner in the middle rows than at the top and the bottom.",
        "Below the cat: the mean color of each column. On its right: the mean color of each row.",
    )


def broadcast(sepia: Array, across: Array, down: Array) -> FigureOutput:
    """Show three products of a grayscale image and a smaller array."""
    titles = "gray[:, :, None] * tint", "gray * ramp", "gray * steps[:, None]"
    images = sepia.astype(np.uint8), across, down
    fig, _ = _panels(dict(zip(titles, images, strict=True)), 1.9, limits=(0, 180))
    return present(
        fig,
        "Three images of the cat. The first is in brown tones, like an old photograph. The second "
        "is black at its left edge and becomes brighter to the right. The third is black at its "
        "top edge and becomes brighter downward.",
        "Each smaller array has been repeated along the axes that it lacks.",
    )


def differences(values: Array) -> FigureOutput:
    """Show the differences between neighboring columns of an image."""
    fig, ax = plt.subplots(figsize=(5.4, 3.3), layout="constrained")
    draw_image(ax, values, str(values.shape), (-80, 80), scale=False)
    return present(
        fig,
        "The outlines of the cat: the eyes, the nose, the stripes of the fur and the left edge of "
        "the head as thin vertical lines. Where the image becomes brighter from left to right "
        "they are purple, where it becomes darker orange. Even parts are white.",
        "Purple: the image becomes brighter from left to right. Orange: darker. White: no change.",
    )


def runtime() -> FigureOutput:
    """Show the three computers that run a notebook in Colab, and the data that each loses."""
    fig, ax = plt.subplots(figsize=(7, 3.1), layout="constrained")
    ax.set(xlim=(0, 100), ylim=(0, 45))
    ax.axis("off")

    def box(
        x: float, y: float, width: float, height: float, text: str, color: str, line: str
    ) -> None:
        ax.add_patch(Rectangle((x, y), width, height, fc=color, ec="0.3", ls=line, lw=1.5))
        ax.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=10)

    box(1, 12, 21, 22, "browser\n\nthe notebook\nas you see it", "white", "-")
    box(30, 2, 39, 41, "", "#fdf3e1", "--")
    ax.text(49.5, 39, "runtime: a virtual machine", ha="center", va="center", fontsize=10)
    box(32, 20, 35, 15, "memory: variables\nlost by a restart", "#f7cdb8", ":")
    box(32, 4, 35, 14, "disk: /content, packages\nlost with the machine", "#fbe0b5", "--")
    box(77, 12, 22, 22, "Google Drive\n\nMyDrive\nstays", "#d4e6d0", "-")
    for left, right in ((22.5, 29.5), (69.5, 76.5)):
        ax.annotate("", (right, 23), (left, 23), arrowprops={"arrowstyle": "<->", "lw": 1.6})
    return present(
        fig,
        "Three boxes joined by arrows: the browser with the notebook as you see it; the runtime, a "
        "virtual machine, with its memory, whose variables are lost by a restart, and its disk "
        "with the folder /content and the packages, which are lost with the machine; and Google "
        "Drive, which stays.",
    )


def as_jpeg(image: Array) -> Array:
    """Return an image as it is after it has been saved as JPEG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "jpeg", quality=75)
    return np.asarray(Image.open(file))


def jpeg() -> FigureOutput:
    """Show six pixels saved as PNG and as JPEG."""
    changed = as_jpeg(SIX_PIXELS)
    largest = np.abs(changed.astype(int) - SIX_PIXELS).max()
    fig, axes = _panels({"PNG: unchanged": SIX_PIXELS, "JPEG: changed": changed}, 2.7)
    for ax, image in zip(axes, (SIX_PIXELS, changed), strict=True):
        for row, column in np.ndindex(2, 3):
            value = image[row, column]
            color = "white" if value @ [0.3, 0.6, 0.1] < 128 else "black"
            text = ", ".join(map(str, value))
            ax.text(column, row, text, ha="center", va="center", color=color, fontsize=8)
    return present(
        fig,
        "Six pixels with their red, green and blue values, twice. As PNG: red 255, 0, 0; green "
        "0, 255, 0; blue 0, 0, 255; black; gray 51; white. As JPEG the red and the green have "
        "become olive, the blue darker, the dark gray olive, too, and the white pale violet.",
        "An image of only 2 x 3 pixels, enlarged. "
        f"JPEG has changed values by up to {largest}; in photographs, changes are far smaller.",
    )


def edges(network: EdgeNetwork, photo: Array) -> Array:
    """Draw edges as `EdgeNetwork.draw` does, which refuses numbers of another range."""
    maps = normalized(photo)
    for number, block in enumerate(network.blocks):
        maps = halved(maps) if number else maps
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
    logits = enlarge(conv2d(maps, *network.sides[-1])[0, :, :, 0], photo.shape[:2])
    return 1 / (1 + np.exp(-logits))


def wrong_range(name: str) -> FigureOutput:
    """Show the output of a trained network for a photograph in the right and in wrong ranges."""
    photo, network = photograph(name, LONGER_SIDE), load_blocks()
    images = {
        "0 to 255, as in training": photo,
        "0 to 1": photo / 255,
        "black and white swapped": 255 - photo,
        "red and blue swapped": photo[:, :, ::-1],
    }
    drawings = {title: 255 * (1 - edges(network, image)) for title, image in images.items()}
    fig, _ = _panels(drawings, 5.1, columns=2)
    return present(
        fig,
        "Four drawings by the same network. With the numbers that it was trained on, it draws the "
        "outlines of the photograph as dark lines. With numbers from 0 to 1 the page is blank. "
        "With black and white swapped, and with red and blue swapped, the outlines are there, and "
        "some lines are darker or paler than in the first drawing.",
        "The second page is blank. Python has reported nothing.",
    )
