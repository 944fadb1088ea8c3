"""Figures of the lesson "Padding"."""

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from convnet.data import SAMPLE_IMAGES, digits, load_sample_image
from convnet.edges import halved, load_blocks, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.cross_correlation import BLUR, SOBEL_X, cross_correlated
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.padding.questions import PADDED
from lesson_tools.sweep import draw_sweep

__all__ = [
    "errors",
    "fading",
    "false_edges",
    "four_modes",
    "mean_errors",
    "patches",
    "shrinking_digit",
    "slide",
    "sweep",
    "three_programs",
    "touched",
    "wall",
    "which_mode",
]

BRIGHTNESS = (0, 255)
MODES = ("constant", "edge", "reflect", "wrap")
NAMES = {"constant": "zeros"}


def _frame(ax: Axes, padding: float, rows: int, columns: int) -> None:
    """Outline the image inside its padding."""
    corner = (padding - 0.5, padding - 0.5)
    ax.add_patch(plt.Rectangle(corner, columns, rows, fill=False, color="tab:orange", lw=2))


def _blurred(image: Array, times: int, mode: Any) -> Array:
    """Blur an image or each channel of it, and pad it first in this mode, unless that is None."""
    if image.ndim == 3:
        return np.dstack([_blurred(channel, times, mode) for channel in np.moveaxis(image, 2, 0)])
    for _ in range(times):
        padded = image if mode is None else np.pad(image, 1, mode=mode)
        image = cross_correlated(padded, BLUR)
    return image


def three_programs(photo: Array) -> FigureOutput:
    """Show a photograph, and the results of three programs after 25 blurs."""
    n_H, n_W = photo.shape[:2]
    image = photo.astype(float)
    outputs = {
        "the photograph": image,
        "program A": _blurred(image, 25, None),
        "program B": _blurred(image, 25, "constant"),
        "program C": _blurred(image, 25, "reflect"),
    }
    fig, axes = plt.subplots(2, 2, figsize=(7, 4.8), layout="constrained")
    for ax, (title, output) in zip(axes.flat, outputs.items(), strict=True):
        top, left = (n_H - output.shape[0]) / 2, (n_W - output.shape[1]) / 2
        extent = (left - 0.5, n_W - left - 0.5, n_H - top - 0.5, top - 0.5)
        ax.imshow(output / 255, extent=extent)
        ax.set(title=title, xlim=(-2, n_W + 1), ylim=(n_H + 1, -2), xticks=[], yticks=[])
    return present(
        fig,
        "Four images on one scale. A photograph of a cat's eyes and nose; and the same, blurred, "
        "from three programs. That of program A is smaller, with white all around it. That of "
        "program B is as large as the photograph, and it fades to black along the border. That of "
        "program C is as large, and it is evenly bright up to the border.",
        "Three programs, the same 25 blurs. Compare the borders.",
    )


def shrinking_digit() -> FigureOutput:
    """Show a digit of 8 by 8 pixels after each 3 by 3 blur for which it is large enough."""
    images = [digits().train_images[9, :, :, 0]]
    while min(images[-1].shape) >= 3:
        images.append(cross_correlated(images[-1], BLUR))
    fig, axes = plt.subplots(1, len(images), figsize=(7, 2.1), layout="constrained")
    for layer, (ax, image) in enumerate(zip(axes, images, strict=True)):
        n_H, n_W = image.shape
        top, left = (8 - n_H) / 2, (8 - n_W) / 2
        extent = (left - 0.5, 7.5 - left, 7.5 - top, top - 0.5)
        ax.imshow(image, cmap="gray", vmin=0, vmax=1, extent=extent)
        ax.set_title(f"after {layer}: {n_H} x {n_W}", fontsize=10)
        ax.set(xlim=(-0.7, 7.7), ylim=(7.7, -0.7), xticks=[], yticks=[])
    return present(
        fig,
        "Four grayscale images on one scale: a handwritten 9 of 8 by 8 pixels, and what is left of "
        "it after one, two and three blurring kernels: 6 by 6, 4 by 4 and 2 by 2 pixels.",
        "After three kernels, four gray pixels are left of the 9.",
    )


def sweep(X: ArrayLike, W: ArrayLike) -> FigureOutput:
    """Animate a kernel of 3 by 3 that slides over an image with one zero on each side."""

    def draw(position: int) -> plt.Figure:
        figure = plt.figure(figsize=(7, 3.5))
        h, w = draw_sweep(figure, X, W, position, pad=1)
        figure.suptitle(f"output[{h}, {w}]: the middle weight is on X[{h}, {w}]", fontsize=11)
        return figure

    return animate(
        draw,
        range(np.size(X)),
        "The image of 3 rows and 4 columns with hatched zeros around it, 5 by 6 in all. A kernel "
        "of 3 by 3 slides over it. Its middle visits each pixel of the image once, and each "
        "position fills one entry of the output, which has 3 rows and 4 columns: 1, 2, -1, 6, then "
        "0, 2, 3, 2, then 4, 0, 3, 8.",
        seconds=0.9,
        caption="The middle of the kernel visits every pixel of the image, and no zero.",
    )


def fading() -> FigureOutput:
    """Show a row of an even image with zeros around it after 1, 5 and 25 blurs."""
    image = np.full((80, 80), 225.0)
    fig, ax = plt.subplots(figsize=(7, 2.9), layout="constrained")
    for times, line in ((1, "-o"), (5, "--s"), (25, ":^")):
        values = _blurred(image, times, "constant")[40]
        label = f"{times} blur" + "s" * (times > 1)
        ax.plot(values[:30], line, label=label, markersize=4)
    ax.set(xlabel="column", ylabel="value", ylim=(0, 240))
    ax.legend(loc="lower right")
    return present(
        fig,
        "Three curves over the columns 0 to 29 of an image that was 225 everywhere. After 1 blur, "
        "column 0 is 150 and all others are 225. After 5 blurs, the curve rises from about 90 and "
        "reaches 225 at column 5. After 25 blurs, it rises from about 45, reaches 200 near column "
        "6, and can no longer be distinguished from 225 from about column 12 on.",
        "How far from the border can you see the darkness, after 1, 5 and 25 blurs?",
    )


def slide(strip: Array, kernel: Array) -> FigureOutput:
    """Animate a kernel of size 3 that slides over a vector, with FULL, SAME and VALID padding."""
    n, full = len(strip), np.correlate(strip, kernel, mode="full")
    padded = np.pad(strip, 2)
    outputs = [(2, 0, n + 1), (3, 1, n), (4, 2, n - 1)]  # row, first and last position
    hatched = np.zeros((5, n + 4), dtype=bool)
    hatched[0, [0, 1, -2, -1]] = True

    def draw(t: int) -> plt.Figure:
        table = np.full((5, n + 4), np.nan)
        table[0] = padded
        table[1, t : t + 3] = kernel
        for row, first, last in outputs:
            table[row, first + 1 : min(t, last) + 2] = full[first : min(t, last) + 1]
        boxes = [(0, t, 2, 3)]
        boxes += [(row, t + 1, 1, 1) for row, first, last in outputs if first <= t <= last]
        figure, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
        weights = [f"({weight})" if weight < 0 else f"{weight}" for weight in kernel]
        terms = " + ".join(f"{x}·{w}" for x, w in zip(padded[t : t + 3], weights, strict=True))
        draw_grid(ax, table, f"{terms} = {full[t]}", hatched=hatched, scale=(-2, 6))
        for row, column, height, width in boxes:
            corner = (column - 0.5, row - 0.5)
            ax.add_patch(plt.Rectangle(corner, width, height, fill=False, color="black", lw=3))
        ax.set_yticks(range(5), ["padded vector", "kernel", "FULL", "SAME", "VALID"], fontsize=10)
        ax.set_xticks([])
        return figure

    return animate(
        draw,
        range(n + 2),
        "The vector 2, 0, 1, 3, 1 with two hatched zeros on each side. The kernel 1, 2, -1 moves "
        "below it to 7 positions, and each dot product is written below the middle of the kernel. "
        "FULL takes all seven: -2, 4, 1, -1, 6, 5, 1. SAME takes the five whose middle lies on the "
        "vector: 4, 1, -1, 6, 5. VALID takes the three whose patch lies on the vector: 1, -1, 6.",
        seconds=1.4,
        caption="VALID is a part of SAME, and SAME is a part of FULL.",
    )


def patches() -> FigureOutput:
    """Show in how many patches each pixel of a 5 by 5 image is, with three kinds of padding."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.8), layout="constrained")
    for ax, p, name in zip(axes, (0, 1, 2), ("VALID", "SAME", "FULL"), strict=True):
        size = 5 + 2 * p
        counts = np.zeros((size, size))
        for h in range(size - 2):
            for w in range(size - 2):
                counts[h : h + 3, w : w + 3] += 1
        draw_grid(ax, counts[p : p + 5, p : p + 5], name, scale=(0, 9))
        ax.set(xticks=[], yticks=[])
    return present(
        fig,
        "Three grids of 5 by 5 counts. VALID: the corners hold 1, the pixels beside them 2, and "
        "the middle 9. SAME: the corners hold 4, the other pixels of the border 6, all others 9. "
        "FULL: 9 everywhere.",
        "In how many patches is each pixel? Look at the corners.",
    )


def four_modes(photo: Array) -> FigureOutput:
    """Show a color photograph with wide padding in four modes."""
    n_H, n_W, p = *photo.shape[:2], 50
    fig, axes = plt.subplots(2, 2, figsize=(7, 5.2), layout="constrained")
    mode: Any
    for ax, mode in zip(axes.flat, MODES, strict=True):
        ax.imshow(np.pad(photo, ((p, p), (p, p), (0, 0)), mode=mode))
        _frame(ax, p, n_H, n_W)
        ax.set(title=mode, xticks=[], yticks=[])
    return present(
        fig,
        "The cat's eyes and nose four times, in an orange frame, with 50 pixels of padding around "
        "it. Constant: black. Edge: the pixels on the border, drawn out into stripes. Reflect: "
        "mirror images, so that fur continues without a break, and a third and a fourth eye look "
        "out of the padding. Wrap: the opposite side of the photograph, with a sudden break at the "
        "frame.",
        "Follow the frame. Where does the image continue without a break?",
    )


def false_edges(image: Array) -> FigureOutput:
    """Show a small image after a blur and after Sobel x, with padding in four modes."""
    mode: Any
    fig, axes = plt.subplots(2, 4, figsize=(7, 2.6), layout="constrained")
    for (above, below), mode in zip(axes.T, MODES, strict=True):
        wide = np.ones((7, 7)) / 49
        blurred = cross_correlated(np.pad(image, 3, mode=mode), wide)
        draw_image(above, blurred, "", (30, 170), scale=False)
        above.set_title(NAMES.get(mode, mode), fontsize=10)
        G = cross_correlated(np.pad(image, 1, mode=mode), SOBEL_X)
        draw_image(below, G, "", (-400, 400), scale=False)
        for ax, Z in ((above, blurred), (below, G)):  # no lines on the pixels at the border
            ax.set(xlim=(-2, Z.shape[1] + 1), ylim=(Z.shape[0] + 1, -2))
            ax.spines[:].set_visible(False)
    axes[0, 0].set_ylabel("blur, 7 x 7", fontsize=9)
    axes[1, 0].set_ylabel("Sobel x", fontsize=9)
    return present(
        fig,
        "A cat's eye, blurred by a 7 by 7 kernel and below it after Sobel x, each with four kinds "
        "of padding. With zeros, the blurred image is dark along its border, and Sobel x has a "
        "strong purple line along the left border and a strong orange one along the right. With "
        "edge and reflect, both images continue to the border as they are inside. With wrap, the "
        "blurred image is a little darker at the left and brighter at the right, and Sobel x has a "
        "purple line on both sides.",
        "Look at the left and right borders of each image.",
    )


def mean_errors(p: int, size: int = 64, parts: int = 40) -> dict[str, dict[str, float]]:
    """Return for each sample image the mean error of each guess, next to random parts of it.

    Parameters
    ----------
    p
        Width of the padding in pixels.
    size
        Height and width of a part.
    parts
        Number of parts.
    """
    rng, by_image = np.random.default_rng(p), {}
    for name in SAMPLE_IMAGES:
        image = load_sample_image(name).astype(float)
        image = image.mean(axis=2) if image.ndim == 3 else image
        sums = dict.fromkeys(("constant", "edge", "reflect", "wrap", "mean"), 0.0)
        for _ in range(parts):
            h, w = (rng.integers(p, n - size - p + 1) for n in image.shape)
            part = image[h : h + size, w : w + size]
            truth = image[h - p : h + size + p, w - p : w + size + p]
            for mode in sums:
                values: Any = {"constant_values": part.mean()} if mode == "mean" else {"mode": mode}
                sums[mode] += np.abs(np.pad(part, p, **values) - truth).sum()
        pixels = parts * ((size + 2 * p) ** 2 - size**2)
        by_image[name] = {mode: total / pixels for mode, total in sums.items()}
    return by_image


def errors(by_width: Mapping[int, Mapping[str, Mapping[str, float]]]) -> FigureOutput:
    """Show the mean error of each mode for each image, for several widths of the padding."""
    styles = {
        "constant": ("zeros", "X", "black"),
        "wrap": ("wrap", "s", "tab:red"),
        "mean": ("mean of the part", "D", "tab:gray"),
        "reflect": ("reflect", "^", "tab:orange"),
        "edge": ("edge", "o", "tab:blue"),
    }
    fig, axes = plt.subplots(
        1, len(by_width), figsize=(7, 4.6), sharex=True, sharey=True, layout="constrained"
    )
    for ax, (p, by_image) in zip(axes, by_width.items(), strict=True):
        names = [name.partition(".")[0] for name in by_image]
        for mode, (label, marker, color) in styles.items():
            values = [by_mode[mode] for by_mode in by_image.values()]
            ax.plot(values, range(len(names)), marker, color=color, label=label, markersize=6)
        ax.set_yticks(range(len(names)), names)
        ax.set(title=f"{p} pixel" + "s" * (p > 1), xlabel="mean error", xlim=(0, 190))
        ax.grid(axis="y", color="0.9")
        ax.set_axisbelow(True)
    axes[0].invert_yaxis()
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=9
    )
    return present(
        fig,
        "Two panels with a line for each of twelve images, and on it five marks: the mean error of "
        "five kinds of padding. In the first panel, 1 pixel, the order from left to right is on "
        "nearly every line edge, reflect, mean of the part, wrap and, far to the right, zeros. "
        "Edge is the smallest on all lines. In the second panel, 8 pixels, edge is still the "
        "smallest on ten lines; on grass and gravel the mean of the part is.",
        "Further left is better: the padding is closer to what was really there.",
    )


def touched(value: int = 200) -> list[int]:
    """Count the columns at the left border in which an even image does not give an even output.

    Return the counts after each convolution of the edge network, and in its drawing.
    """
    network, columns = load_blocks(), []
    image = np.full((64, 96, 3), value, np.uint8)
    maps = normalized(image)
    for number, block in enumerate(network.blocks):
        maps = halved(maps) if number else maps
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
            row = maps[0, maps.shape[1] // 2]
            columns.append(_uneven(row))
    drawing = network.draw(image)
    return [*columns, _uneven(drawing[32, :, None])]


def _uneven(row: Array) -> int:
    """Return how many columns at the left of a row (n_W, n_C) differ from the one in the middle."""
    half = len(row) // 2
    return int(np.argmax(np.all(np.abs(row[:half] - row[half]) < 1e-4, axis=1)))


def wall(image: Array, outlines: Array) -> FigureOutput:
    """Show an even image, the outlines that a network draws in it, and a row of them."""
    fig = plt.figure(figsize=(7, 4.2), layout="constrained")
    axes = fig.subplot_mosaic("ab;cc")
    draw_image(axes["a"], image, "a wall", (0, 255), scale=False)
    draw_image(axes["b"], 1 - outlines, "its outlines", (0, 1), scale=False)
    axes["c"].plot(outlines[32, :16], "o-")
    axes["c"].locator_params("x", integer=True)
    axes["c"].set(xlabel="column of row 32", ylabel="probability of an edge", ylim=(0, 0.6))
    return present(
        fig,
        "An even image; the outlines that the network draws in it, dark on white; and a curve of "
        f"the probability of an edge along row 32: {outlines[32, 0]:.2f} at the border, and "
        f"{outlines[32, 15]:.2f} in column 15. All values are between {outlines.min():.2f} and "
        f"{outlines.max():.2f}; the largest is near a corner if the drawing has a frame.",
        "The wall is the same everywhere. Is the drawing?",
    )


def which_mode() -> FigureOutput:
    """Show six padded images, whose modes are to be found."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 4.6), layout="constrained")
    for number, (ax, (image, p, mode)) in enumerate(zip(axes.flat, PADDED, strict=True), 1):
        draw_image(
            ax,
            np.pad(image, p, mode=mode),
            f"{number}",
            (0, image.max()),
            scale=False,
        )
        _frame(ax, p, *image.shape)
    return present(
        fig,
        "Six images in orange frames, with padding around them. 1: printed words; outside the "
        "frame are the same words in mirror writing. 2: coins; those cut by a side of the frame "
        "are not completed outside of it, and there the other part of a coin from the opposite "
        "side begins. 3: a digit of 8 by 8 pixels; on each side of the frame, the first pixels "
        "outside equal the last ones inside, and the next ones are mirrored, too. 4: a face; "
        "outside the frame are straight stripes. 5: a part of a retina, which is black in one "
        "corner; outside the frame everything is black. 6: a digit of 8 by 8 pixels; outside the "
        "frame it is mirrored, and the last pixels inside are not repeated.",
        "The orange frame is the border of the image. What lies beyond?",
    )
