"""Figures of `course/26_what_filters_see.py`."""

import io
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from PIL import Image

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stored import stored_arrays

__all__ = [
    "control",
    "deep_images",
    "dreams",
    "favorites",
    "filters",
    "gallery",
    "opening",
    "patches",
    "vgg_maps",
]

CHANNELS = (10, 20, 30, 40)  # of the stored images
SIDE = 96  # pixels of a stored image


def deep_images() -> dict[int, Array]:
    """Return the stored images of blocks 3 to 5: (4, 96, 96, 3), uint8, by block.

    `python -m benchmarks.lessons.feature_visualization` creates them.
    """
    jpeg = stored_arrays("what_filters_see/deep_images.npz")["jpeg"]
    sheet = np.asarray(Image.open(io.BytesIO(jpeg.tobytes())))
    rows = sheet.reshape(-1, SIDE, len(CHANNELS), SIDE, 3).swapaxes(1, 2)
    return dict(enumerate(rows, 3))


def tile(filter_: Array) -> Array:
    """Return a filter as a color image: gray is 0 in all three channels."""
    return 0.5 + filter_ / (2 * np.abs(filter_).max())


def show(ax: Axes, image: Array, title: str = "") -> None:
    """Show an image without ticks."""
    ax.imshow(image)
    ax.set(xticks=[], yticks=[])
    ax.set_title(title, fontsize=10)


def sheet_of(images: Sequence[Array], columns: int) -> Array:
    """Arrange square images in rows on white."""
    n = len(images[0]) + 1
    sheet = np.ones((-(-len(images) // columns) * n - 1, columns * n - 1, 3))
    for number, image in enumerate(images):
        r, q = n * (number // columns), n * (number % columns)
        sheet[r : r + n - 1, q : q + n - 1] = image
    return sheet


def opening() -> FigureOutput:
    """Show eight images that channels of a network respond to."""
    images = deep_images()
    fig, axes = plt.subplots(2, 4, figsize=(7, 3.6), layout="constrained")
    for ax, image in zip(axes.flat, [*images[3], *images[4]], strict=True):
        show(ax, image)
    return present(
        fig,
        "Eight computed images: slanted waves; round cells with dark borders; tilted cubes; a fine "
        "grid; many eyes; scales; arches with rows of columns; slanted fur with eyes.",
        "Where is the channel that asked for eyes?",
    )


def filters(W: Array) -> FigureOutput:
    """Show the 64 filters of the first layer."""
    fig, ax = plt.subplots(figsize=(7, 2.1), layout="constrained")
    show(ax, sheet_of([tile(W[..., number]) for number in range(64)], 16))
    ax.set_frame_on(False)
    return present(
        fig,
        "64 filters of 3 by 3 color pixels. Many go from dark to light in one direction, without "
        "much color; others have nearly one color: green, magenta, red, cyan, orange or blue.",
        "Gray is 0. Which of these kernels have you designed yourself?",
    )


def patches(tops: Mapping[int, Sequence[Array]]) -> FigureOutput:
    """Show nine patches for each of six channels."""
    fig, axes = plt.subplots(2, 3, figsize=(6, 4.4), layout="constrained")
    for ax, (channel, found) in zip(axes.flat, tops.items(), strict=True):
        show(ax, sheet_of([patch / 255 for patch in found], 3), f"channel {channel}")
    return present(
        fig,
        "Nine small patches of photographs for each of the channels "
        f"{', '.join(map(str, tops))}. Channel 68: slanted edges. 41: "
        "leaves. 71: spots, such as eyes. 81: slanted lines and fur. 100: vertical lines. 27: "
        "mostly blank.",
        "Each square holds the nine patches to which a channel responds most. Describe each in "
        "a word.",
    )


def favorites(images: Array) -> FigureOutput:
    """Show the favorites of 128 channels."""
    fig, ax = plt.subplots(figsize=(7, 3.9), layout="constrained")
    show(ax, sheet_of([tile(image) for image in images], 16))
    ax.set_xticks(15 * np.arange(16) + 6.5, [str(n) for n in range(16)], fontsize=8)
    ax.set_yticks(15 * np.arange(8) + 6.5, [str(n) for n in range(0, 128, 16)], fontsize=8)
    ax.tick_params(length=0)
    ax.set_frame_on(False)
    return present(
        fig,
        "128 images of 14 by 14 pixels on gray, in eight rows of sixteen: stripes in many "
        "directions, arcs, rings, dots, crosses, and spots of two colors side by side, such as "
        "orange and blue or green and magenta. A few are fine textures.",
        "The number of a channel is the sum of its row and its column. Find a ring, a corner, an "
        "arc, and orange beside blue.",
    )


def control(trained: Array, untrained: Array) -> FigureOutput:
    """Show favorites of trained and of untrained channels."""
    fig, axes = plt.subplots(2, 1, figsize=(7, 2.0), layout="constrained")
    for ax, images, label in zip(axes, (trained, untrained), ("trained", "random"), strict=True):
        show(ax, sheet_of([tile(image) for image in images], 16))
        ax.set_ylabel(label)
    return present(
        fig,
        "Two sheets of 32 images. Trained: stripes, arcs and colored spots. Random weights: "
        "colored noise, stronger in the middle, without any pattern.",
        "The same architecture, the same noise to start from, the same number of steps.",
    )


def gallery(second: Array) -> FigureOutput:
    """Show the favorites of four channels of block 2, and of four in each deeper block."""
    rows = {2: np.array([tile(image) for image in second]), **deep_images()}
    sizes = dict(zip(rows, (14, 32, 76, 164), strict=True))
    fig, axes = plt.subplots(4, 4, figsize=(7, 7), layout="constrained")
    for row, (block, images) in zip(axes, rows.items(), strict=True):
        for ax, image, channel in zip(row, images, CHANNELS, strict=True):
            show(ax, image, f"channel {channel}" if block == 2 else "")
        label = f"block {block}\n{sizes[block]} pixels"
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    return present(
        fig,
        "Four rows of four images, for blocks 2 to 5 and channels 10, 20, 30 and 40. Block 2: "
        "small spots and stripes on gray. Block 3: slanted waves, round cells, tilted cubes, a "
        "fine grid. Block 4: eyes, scales, arches with rows of columns, and fur with eyes. Block "
        "5: swirls, twice small eyes among feathers, and large scales.",
        "Below the block stands the width of the receptive field. Each row shows the "
        "favorites of channels 10, 20, 30 and 40 of that block, which nobody selected.",
    )


def dreams(photo: Array, images: Sequence[Array], channels: Sequence[int]) -> FigureOutput:
    """Show a photograph, and what channels make of it."""
    fig, axes = plt.subplots(2, 2, figsize=(7, 7.2), layout="constrained")
    titles = ["photograph", *(f"channel {channel}" for channel in channels)]
    shown = [photo, *(image / 255 for image in images)]
    for ax, image, title in zip(axes.flat, shown, titles, strict=True):
        show(ax, image, title)
    return present(
        fig,
        "A photograph and three images made from it, each covered with the pattern of a channel, "
        "such as horizontal lines, slanted lines or a woven pattern, like an engraving.",
        "Each copy is engraved with a pattern that its channel responds to.",
    )


def vgg_maps(maps: Mapping[str, Array]) -> FigureOutput:
    """Show a feature map of each block."""
    fig, axes = plt.subplots(1, len(maps), figsize=(7, 1.5), layout="constrained")
    for ax, (title, values) in zip(axes, maps.items(), strict=True):
        draw_image(ax, values, "", scale=False)
        ax.set_title(title, fontsize=9)
    return present(
        fig,
        f"The strongest feature map of each block of VGG-19: {', '.join(maps)}. In the first "
        "blocks, the photograph can be recognized; the later maps are coarse.",
        "From block to block, the maps become coarser.",
    )
