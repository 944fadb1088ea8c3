"""Figures of the lesson "Receptive fields"."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np

from convnet.plots import draw_grid
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stacks import field
from lesson_tools.stored import stored_arrays
from lesson_tools.sweep import draw_positions

__all__ = [
    "MODEL",
    "PARAMETERS",
    "bells",
    "costs",
    "even_kernel",
    "glimpses",
    "influence",
    "path_counts",
    "shifted_fields",
    "stored_widths",
    "two_paddings",
    "width",
]

BLUE, ORANGE = "tab:blue", "tab:orange"


class ModelLayer(NamedTuple):
    """A layer of the whole model: its name, output shape, and the weights of a filter or unit."""

    name: str
    shape: tuple[int, ...]
    weights: int = 0


MODEL = [
    ModelLayer("1  conv 5 x 5, stride (2, 3)", (62, 42, 16), 5 * 5 * 3),
    ModelLayer("2  max pooling", (31, 21, 16)),
    ModelLayer("3  conv 7 x 7", (31, 21, 16), 7 * 7 * 16),
    ModelLayer("4  max pooling", (10, 9, 16)),
    ModelLayer("5  conv 3 x 3, stride 2", (5, 5, 16), 3 * 3 * 16),
    ModelLayer("6  dense", (16,), 5 * 5 * 16),
    ModelLayer("7  dense", (1,), 16),
]
# The number of parameters of each layer: every filter or unit also has a bias.
PARAMETERS = [(layer.weights + 1) * layer.shape[-1] * (layer.weights > 0) for layer in MODEL]


def glimpses(photo: Array, center: tuple[int, int]) -> FigureOutput:
    """Show the receptive fields of four layers around a pixel, without their sizes."""
    fig, axes = plt.subplots(1, 4, figsize=(7, 2), layout="constrained")
    for ax, blocks in zip(axes, (1, 3, 4, 5), strict=True):
        R, _ = field(blocks * [(3, 1, 0), (2, 2, 0)])
        top, left = (middle - R // 2 for middle in center)
        ax.imshow(photo[top : top + R, left : left + R])
        ax.set_title(f"{blocks} block{'s' * (blocks > 1)}", fontsize=12)
        ax.set(xticks=[], yticks=[])
    return present(
        fig,
        "Four parts of one photograph around the same pixel. After one block a few pixels in "
        "shades of skin, after three blocks a nose and a cheek, after four blocks a smiling face, "
        "after five blocks the head of a woman above a dark collar.",
        "The same photograph, as far as one value sees it. Cover the two on the right first.",
    )


def path_counts(A: Array) -> FigureOutput:
    """Show the number of paths from each position to each output of a stack."""
    n, outputs = A.shape
    fig, ax = plt.subplots(figsize=(7, 0.9 + 6.5 * outputs / max(n, 14)), layout="constrained")
    draw_grid(ax, np.where(A.T > 0, A.T, np.nan))
    ax.set(xlabel="position in the image", ylabel="output")
    rows = [", ".join(f"{count:.0f}" for count in column if count) for column in A.T]
    starts = [int(np.flatnonzero(column)[0]) for column in A.T]
    described = "; ".join(
        f"output {h} from position {start} on: {row}"
        for h, (start, row) in enumerate(zip(starts, rows, strict=True))
    )
    return present(
        fig,
        f"A grid with a row for each output and a column for each of {n} positions. Paths to "
        f"{described}. All other cells are empty.",
        "Each row is an output. Empty cells are positions that it cannot see.",
    )


def bells(A: Array) -> FigureOutput:
    """Show the paths to the two outputs of five blocks as curves, with their receptive fields."""
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for h, (style, color) in enumerate((("-", BLUE), ("--", ORANGE))):
        ax.plot(A[:, h], style, color=color, label=f"output {h}", lw=2)
        first, last = np.flatnonzero(A[:, h])[[0, -1]]
        y = -18 - 22 * h
        ax.plot([first, last], [y, y], style, color=color, lw=4)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        middle = (first + last) / 2
        ax.text(middle, y, f"{first} to {last}", ha="center", va="center", fontsize=11, bbox=box)
    ax.set(xlabel="position in the image", ylabel="paths", xlim=(-1, 126), ylim=(-55, A.max() + 8))
    ax.set_yticks(range(0, int(A.max()), 50))
    ax.legend(loc="upper right")
    return present(
        fig,
        "Two bell-shaped curves: the number of paths from each position to the two outputs of five "
        "blocks. Output 0 sees positions 0 to 93, output 1 sees 32 to 125. The curves rise from 1 "
        "at the ends to 162 in the middle.",
        "Both fields are 94 wide, but near their ends there is hardly any path to the output.",
    )


def width(paths: Array, part: float = 0.9) -> int:
    """Return how many entries in the middle have this part of the sum, in one or two dimensions."""
    R = len(paths)
    for size in range(R % 2 or 2, R + 1, 2):
        edge = (R - size) // 2
        middle = paths[(slice(edge, R - edge),) * np.ndim(paths)]
        if middle.sum() >= part * paths.sum():
            return size
    return R


def stored_widths(kind: str, block: int) -> str:
    """Return the smallest and the largest stored width of 90% of the influence, as a range.

    Parameters
    ----------
    kind
        "trained", a width for each of six photographs, or "random", for each of five seeds.
    """
    widths = stored_arrays("receptive_fields/effective_fields.npz")[f"{kind}_widths_{block}"]
    low, high = widths.min(), widths.max()
    return f"{low}" if low == high else f"{low} to {high}"


def influence(measured: Array) -> FigureOutput:
    """Show the influence of pixels on units of block 2, as measured, and of block 5, as stored."""
    stored = stored_arrays("receptive_fields/effective_fields.npz")["trained_5"].astype(float)
    fig, axes = plt.subplots(1, 2, figsize=(7, 4.2), layout="constrained")
    for ax, values, name in zip(axes, (measured, stored), ("block 2", "block 5"), strict=True):
        R, middle = len(values), width(values)
        ax.imshow(np.sqrt(values / values.max()), cmap="Blues", vmin=0, vmax=1)
        edge = (R - middle) / 2 - 0.5
        line: dict[str, Any] = {"fill": False, "edgecolor": ORANGE, "lw": 2.5, "ls": "--"}
        ax.add_patch(plt.Rectangle((edge, edge), middle, middle, **line))
        ax.set_title(f"{name}: sees {R} x {R},\n90% within {middle} x {middle}", fontsize=12)
        ax.set(xticks=[], yticks=[])
    return present(
        fig,
        "Two squares, dark in the middle and nearly white at the edges: the influence of each "
        f"pixel on a unit. On the left block 2, {len(measured)} by {len(measured)} pixels; on the "
        "right block 5, 196 by 196 pixels, a smooth round spot. A dashed square marks 90% of the "
        f"influence, {width(measured)} and {width(stored)} pixels wide.",
        "Each square is a whole receptive field. The darker, the more a pixel matters (the shade "
        "shows the square root, or nothing would be visible outside the spot).",
    )


def even_kernel(image: Array, f_H: int, f_W: int) -> FigureOutput:
    """Show VALID, SAME and FULL padding of an image for a kernel with an even width."""
    (top, left), (rows, columns) = ((f_H - 1) // 2, (f_W - 1) // 2), (f_H - 1, f_W - 1)
    paddings = {
        "VALID": ((0, 0), (0, 0)),
        "SAME": ((top, rows - top), (left, columns - left)),
        "FULL": ((rows, rows), (columns, columns)),
    }
    fig, axes = plt.subplot_mosaic(
        "ab;cc", figsize=(7, 7.4), width_ratios=[7, 10], height_ratios=[9, 11], layout="constrained"
    )
    for ax, (name, pads) in zip(axes.values(), paddings.items(), strict=True):
        is_padding = np.pad(np.zeros(image.shape, dtype=bool), pads, constant_values=True)
        n_H, n_W = (n - f + 1 for n, f in zip(is_padding.shape, (f_H, f_W), strict=True))
        windows = [(0, 0, f_H, f_W, ORANGE), (n_H - 1, n_W - 1, f_H, f_W, "black")]
        title = f"{name}: output {n_H} x {n_W}"
        draw_grid(ax, np.pad(image, pads), title, windows, is_padding, scale=(0, 12))
        ax.set(xticks=[], yticks=[])
    return present(
        fig,
        "The image of 7 by 7 numbers, padded in three ways; padding is hatched, the first patch is "
        "outlined in solid orange, the last in dashed black. VALID: no padding, output 5 by 4. "
        "SAME: one row of zeros above and below, one column on the left, two on the right, output "
        "7 by 7. "
        "FULL: two rows above and below, three columns on each side, output 9 by 10.",
        "SAME has one column of zeros on the left, but two on the right.",
    )


def two_paddings(values: Sequence[int]) -> FigureOutput:
    """Show the windows of SAME padding and of padding=1 for a kernel of three ones at stride 2."""
    fig, axes = plt.subplots(2, 1, figsize=(7, 5.2), layout="constrained")
    draw_positions(axes[0], np.array(values), 2, 0, 1)
    draw_positions(axes[1], np.array(values), 2, 1, 1)
    axes[0].set(title="SAME in Keras and TensorFlow", xlim=(-1.6, 7.4))
    axes[1].set(title="padding=1 in PyTorch", xlim=(-0.6, 8.4))
    return present(
        fig,
        "The numbers 3 1 4 1 5 9 twice. With one hatched zero at their end, the three windows give "
        "8, 10 and 14. With a zero on each side, the windows start one entry earlier and give 4, 6 "
        "and 15, and the last zero is not read.",
        "Both have three windows, but below each window starts one number earlier.",
    )


def shifted_fields() -> FigureOutput:
    """Show the fields of three layers of stride 2 on 32 pixels, with SAME padding and padding=1."""
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    ax.add_patch(plt.Rectangle((-0.5, -1.4), 32, 0.8, facecolor="0.9", edgecolor="0.4"))
    ax.text(15.5, -1, "image, 32 pixels", ha="center", va="center", fontsize=11)
    for row, (name, first, color) in enumerate((("SAME", 0, BLUE), ("padding=1", -7, ORANGE))):
        for h in range(4):
            y, start = 5 * row + h, first + 8 * h
            ax.plot([start, start + 14], [y, y], color=color, lw=6, solid_capstyle="butt")
            ax.text(start + 15, y, f"{start} to {start + 14}", va="center", fontsize=10)
        ax.text(-8.5, 5 * row + 1.5, name, ha="right", va="center", fontsize=11, color=color)
    ax.set(xlim=(-18, 48), ylim=(8.7, -1.8), yticks=[], xlabel="position in the image")
    ax.set_xticks([0, 8, 16, 24, 31])
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)
    return present(
        fig,
        "The receptive fields of four outputs after three layers of stride 2. With SAME padding "
        "they are 0 to 14, 8 to 22, 16 to 30 and 24 to 38; with padding=1 they are -7 to 7, 1 to "
        "15, 9 to 23 and 17 to 31.",
        "The same layers and the same weights, but every value looks 7 pixels further to the left.",
    )


def costs(macs: Array, memory: Array) -> FigureOutput:
    """Show the parameters, multiply-accumulates and bytes of each layer of the whole model."""
    columns: dict[str, Any] = {"parameters": PARAMETERS, "MACs": macs, "memory, bytes": memory}
    shapes = [" x ".join(map(str, layer.shape)) for layer in MODEL]
    names = [f"{layer.name}\n{shape}" for layer, shape in zip(MODEL, shapes, strict=True)]
    fig, axes = plt.subplots(1, 3, figsize=(7, 4), sharey=True, layout="constrained")
    for ax, (title, counts) in zip(axes, columns.items(), strict=True):
        ax.barh(range(len(MODEL)), counts, color="#9ecae1", edgecolor="0.3", height=0.35)
        for row, count in enumerate(counts):
            ax.text(0.03 * max(counts), row - 0.22, f"{count:,}", va="bottom", fontsize=10)
        ax.set_title(title, fontsize=12)
        ax.set(xticks=[], xlim=(0, 1.02 * max(counts)), ylim=(len(MODEL) - 0.6, -0.75))
        ax.spines[["top", "right", "bottom"]].set_visible(False)
    axes[0].set_yticks(range(len(MODEL)), names, fontsize=10)
    words = [
        f"layer {layer.name}, output {shape}: {count:,} parameters, {work:,} MACs, {size:,} bytes"
        for layer, shape, count, work, size in zip(
            MODEL, shapes, PARAMETERS, macs, memory, strict=True
        )
    ]
    return present(
        fig,
        f"Three bar charts with a bar for each layer. {'; '.join(words)}.",
        "Compare the columns. Which layers look cheap in one column and expensive in another?",
    )
