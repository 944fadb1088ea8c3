"""Figures of the lesson "Receptive fields"."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.layout_engine import ConstrainedLayoutEngine

from convnet.plots import draw_grid
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stacks import Layers, field
from lesson_tools.stored import stored_arrays

__all__ = ["glimpses", "nested", "path_counts", "shifts", "spotlight", "stored_widths", "width"]

BLUE, ORANGE = "tab:blue", "tab:orange"
CENTER = (128, 219)  # row and column between the cat's eyes
# The fields after each block, from the smallest to the largest.
COLORS = ("#ffffb2", "#fecc5c", "#fd8d3c", "#f03b20", "#bd0026")


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


def after_blocks(layers: Layers, convolutions: Sequence[int] = (2, 2, 3, 3, 3)) -> list[int]:
    """Return the receptive field after the last convolution of each block of VGG-16."""
    ends, last = np.cumsum(convolutions), 0
    found = []
    for number, (f, s, _) in enumerate(layers, 1):
        last += s == 1 and f > 1
        if s == 1 and last in ends:
            found.append(field(layers[:number])[0])
    return found


def _outlined(ax: Axes, photo: Array, sizes: Sequence[int]) -> None:
    """Draw squares around the center, and darken what lies outside the largest one."""
    row, column = CENTER
    rows, columns = np.indices(photo.shape[:2])
    outside = np.maximum(abs(rows - row), abs(columns - column)) > max(sizes) / 2
    ax.imshow(np.where(outside[..., None], 0.4 * photo, photo).astype(np.uint8))
    for size, color in zip(sizes, COLORS, strict=True):
        corner = (column - size / 2, row - size / 2)
        ax.add_patch(plt.Rectangle(corner, size, size, fill=False, ec=color, lw=1.8))
    ax.set(xticks=[], yticks=[])


def nested(photo: Array, *stacks: Layers) -> FigureOutput:
    """Show the fields after each block of VGG-16 on a cat, without and with pooling layers."""
    engine = ConstrainedLayoutEngine(h_pad=0.08)  # inches, so that no title is cut off
    fig, axes = plt.subplots(1, 2, figsize=(7, 4.1), layout=engine)
    (row, column), half = CENTER, photo.shape[0] // 2
    titles = ("13 convolutions,\nno pooling", "13 convolutions,\n4 pooling layers")
    fields = [after_blocks(layers) for layers in stacks]
    for ax, title, sizes in zip(axes, titles, fields, strict=True):
        _outlined(ax, photo, sizes)
        ax.set_title(f"{title}: {sizes[-1]} x {sizes[-1]} pixels", fontsize=12)
        ax.set_xlim(column - half, column + half)
    inset = axes[0].inset_axes((0.57, 0.03, 0.4, 0.4))
    _outlined(inset, photo, fields[0])
    inset.set(xlim=(column - 20, column + 20), ylim=(row + 20, row - 20))
    inset.spines[:].set(color="white", lw=1.5)
    box: dict[str, Any] = {"fc": "black", "ec": "none", "pad": 1, "alpha": 0.6}
    for size in fields[1][2:]:
        place = (column + size / 2 - 4, row - size / 2 + 5)
        style: dict[str, Any] = {"color": "white", "ha": "right", "va": "top", "bbox": box}
        axes[1].text(*place, str(size), fontsize=10, weight="bold", **style)
    written = [", ".join(map(str, sizes)) for sizes in fields]
    return present(
        fig,
        "A cat's face twice, with five nested squares between its eyes; all outside the largest "
        f"square is dark. Without pooling the squares are {written[0]} pixels wide, and the "
        f"largest shows a patch of fur. With pooling they are {written[1]} pixels wide, and the "
        "largest shows both eyes and the nose.",
        "What a value sees after each of the five blocks. The inset enlarges the squares on the "
        "left.",
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


def spotlight(photo: Array, paths: Array) -> FigureOutput:
    """Show the paths to a unit of block 5, the stored influence, and where most of it lies."""
    stored = stored_arrays("receptive_fields/effective_fields.npz")["trained_5"].astype(float)
    R, middle, by_column = len(stored), width(stored), stored.sum(axis=0)
    edge = (R - middle) / 2 - 0.5
    row, column = CENTER
    crop = photo[row - R // 2 : row - R // 2 + R, column - R // 2 : column - R // 2 + R]
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    axes[0].plot(paths / paths.max(), color=BLUE, lw=2, label="paths")
    axes[0].plot(by_column / by_column.max(), color="tab:red", lw=1.2, label="influence")
    axes[0].set(xlabel="column of the field", ylabel="relative to the largest")
    axes[0].set(xlim=(0, R - 1), ylim=(0, 1.05), xticks=[0, R // 2, R - 1], box_aspect=1)
    axes[0].legend(loc="upper left", fontsize=9)
    axes[1].imshow(crop)
    line: dict[str, Any] = {"fill": False, "edgecolor": ORANGE, "lw": 2.5, "ls": "--"}
    axes[1].add_patch(plt.Rectangle((edge, edge), middle, middle, **line))
    axes[1].set(xticks=[], yticks=[], title=f"90% in {middle} x {middle} pixels")
    axes[1].title.set_fontsize(12)
    return present(
        fig,
        f"On the left two curves over the {R} columns of the field: the number of paths from each "
        "column to the unit, a smooth bell that is close to 0 near both ends, and the measured "
        "influence of the columns, which is jagged, wider, and also largest near the middle. On "
        f"the right the whole field, a cat's face in a square of {R} pixels. A dashed square of "
        f"{middle} pixels in its middle marks 90% of the influence.",
        "Left: both curves peak near the middle. Right: the whole field of one value. 90% of the "
        "influence comes from inside the dashed square.",
    )


def shifts(changes: Sequence[float]) -> FigureOutput:
    """Show how much a feature map changes when the image moves by 0, 1, 2, ... pixels."""
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    ax.plot(100 * np.array(changes), "o-", color=BLUE, ms=4)
    ax.plot(1, 100 * changes[1], "o", color=ORANGE, ms=9)
    ax.annotate(
        "1 pixel",
        (1, 100 * changes[1]),
        (10, -2),
        textcoords="offset points",
        va="center",
        fontsize=11,
    )
    ax.set(xlabel="shift of the camera, in pixels", ylabel="change, in percent")
    ax.set(xlim=(-1, len(changes)), ylim=(-1, None), xticks=range(0, len(changes), 16))
    ax.spines[["top", "right"]].set_visible(False)
    whole = [k for k, change in enumerate(changes) if change < 1e-9]
    return present(
        fig,
        "A curve of the change of a feature map against the shift of the camera. It is 0 for "
        f"shifts of {', '.join(map(str, whole))} pixels. In between it forms arches: it jumps to "
        f"{changes[1]:.0%} at 1 pixel and reaches {max(changes):.0%} halfway.",
        "At 0, 32 and 64 pixels nothing changes. Look at the first step after each of them.",
    )
