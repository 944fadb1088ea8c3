"""Figures of the lesson "Backpropagation"."""

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convnet import functional
from convnet.plots import draw_grid
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.sweep import axes_for_grids

__all__ = [
    "copies",
    "graph_of_numbers",
    "index_map",
    "network",
    "paths",
    "race",
]

BLUE, ORANGE, GRAY = "tab:blue", "tab:orange", "0.45"
DARK = "#b35806"  # orange for text, dark enough to read
OUTPUTS = ("tab:orange", "tab:blue", "tab:green", "tab:purple")  # colors of four outputs
CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
LIMITS = (-11, 11)  # of all grids with the gradients of the small network
ARROW: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 14, "lw": 1.6}
MIDDLE: dict[str, Any] = {"ha": "center", "va": "center"}


def race(slow: Array, fast: Array) -> FigureOutput:
    """Compare derivatives computed one at a time with those of one backward pass."""
    apart = np.abs(slow - fast) > 1e-5
    fig, ax = plt.subplots(figsize=(5.6, 4.6), layout="constrained")
    limit = 1.1 * max(np.abs(slow).max(), np.abs(fast).max())
    ax.plot([-limit, limit], [-limit, limit], "--", color="0.6", lw=1)
    ax.plot(slow[~apart], fast[~apart], ".", color=BLUE, markersize=4)
    ax.plot(slow[apart], fast[apart], "s", color=ORANGE, markersize=7, markeredgecolor="black")
    ax.set(xlabel="one parameter at a time", ylabel="one backward pass", aspect="equal")
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit))
    ax.set_title(f"{len(slow):,} derivatives, computed twice")
    return present(
        fig,
        f"A scatter plot with a dot for each of {len(slow):,} parameters. Across, its derivative "
        "computed with a loss of its own; up, the one from the backward pass. The dots form a "
        f"straight line, the diagonal, except for {apart.sum()} orange squares, which are "
        "scattered around it.",
        "Each dot is a parameter of the network. On the dashed line, both results are the same; "
        "one of the eight squares only seems to be on it.",
    )


def _edge(
    ax: Axes, begin: Sequence[float], end: Sequence[float], value: str, gradient: str
) -> None:
    """Draw an edge of a graph: forward, a solid arrow with the value; backward, a dashed one."""
    start, stop = np.array(begin, dtype=float), np.array(end, dtype=float)
    along = (stop - start) / np.hypot(*(stop - start))
    across = np.array([-along[1], along[0]])
    angle = np.degrees(np.arctan2(along[1], along[0]))
    first, last = start + 0.42 * along, stop - 0.42 * along
    for side, color, text in ((1, BLUE, value), (-1, ORANGE, gradient)):
        shift = 0.055 * side * across
        ends = (last + shift, first + shift) if side > 0 else (first + shift, last + shift)
        style = ARROW | {"color": color, "ls": "-" if side > 0 else "--"}
        ax.annotate("", *ends, arrowprops=style | {"shrinkA": 0, "shrinkB": 0})
        where = (start + stop) / 2 + 0.22 * side * across
        turned = MIDDLE | {"rotation": angle, "rotation_mode": "anchor", "fontsize": 11}
        ax.text(where[0], where[1], text, color=BLUE if side > 0 else DARK, **turned)


def graph_of_numbers() -> FigureOutput:
    """Show the computational graph of the smallest convolution layer, with numbers."""
    fig = plt.figure(figsize=(7, 3))
    ax = fig.add_axes((0, 0, 1, 1))
    nodes = {"×": (1.7, 1.6), "+": (3.55, 1.1), "square": (5.5, 1.1)}
    ends = {
        "W": ((-0.1, 2.6), nodes["×"]),
        "X": ((-0.1, 0.6), nodes["×"]),
        "U": (nodes["×"], nodes["+"]),
        "b": ((1.75, 0), nodes["+"]),
        "Z": (nodes["+"], nodes["square"]),
        "J": (nodes["square"], (7.25, 1.1)),
    }
    labels = {
        "W": ("W = 2", "dW = 3 · 10 = 30"),
        "X": ("X = 3", "dX = ?"),
        "U": ("U = 6", "dU = 1 · 10"),
        "b": ("b = -1", "db = ?"),
        "Z": ("Z = 5", "dZ = 10 · 1"),
        "J": ("J = 25", "dJ = 1"),
    }
    for name, (value, gradient) in labels.items():
        _edge(ax, *ends[name], value, gradient)
    for name, (x, y) in nodes.items():
        box = {"boxstyle": "round,pad=0.35", "fc": "white", "ec": "black"}
        ax.text(x, y, name, fontsize=13, bbox=box, zorder=3, **MIDDLE)
    ax.text(3.1, 2.7, "forward, solid: the value", color=BLUE, fontsize=11)
    ax.text(3.1, 2.4, "backward, dashed: local · upstream gradient", color=DARK, fontsize=11)
    ax.set(xlim=(0, 7), ylim=(0, 3), aspect="equal")
    ax.axis("off")
    return present(
        fig,
        "A graph from left to right. The edges W and X lead to the node times, whose output is U. "
        "The edges U and b lead to the node plus, whose output is Z. It leads to the node square, "
        "whose output is J. Forward: W = 2, X = 3, U = 6, b = -1, Z = 5 and J = 25. Backward: "
        "dJ = 1, dZ = 10 times 1, dU = 1 times 10, dW = 3 times 10 = 30; dX and db have question "
        "marks.",
        "Two gradients are missing.",
    )


def paths() -> FigureOutput:
    """Show the paths from one weight to the cost through three layers of three units."""
    fig = plt.figure(figsize=(7, 2.7))
    ax = fig.add_axes((0, 0, 1, 1))
    columns = [[(0.5, 1.35)], *([(x, y) for y in (2.3, 1.35, 0.4)] for x in (2, 3.5, 5))]
    columns.append([(6.5, 1.35)])
    chosen = [0, 0, 2, 1, 0]  # a path
    for number, (left, right) in enumerate(zip(columns, columns[1:], strict=False)):
        for i, start in enumerate(left):
            for j, end in enumerate(right):
                on_path = (i, j) == (chosen[number], chosen[number + 1])
                style = {"color": ORANGE, "lw": 2.8} if on_path else {"color": "0.6", "lw": 1}
                shrink = {"shrinkA": 14, "shrinkB": 14, "zorder": 2 if on_path else 1}
                ax.annotate("", end, start, arrowprops=ARROW | style | shrink)
    for column in columns:
        for x, y in column:
            ax.plot(x, y, "o", markersize=24, color="white", markeredgecolor="black", zorder=3)
    ax.text(*columns[0][0], "W", fontsize=13, zorder=4, **MIDDLE)
    ax.text(*columns[-1][0], "J", fontsize=13, zorder=4, **MIDDLE)
    ax.set(xlim=(0, 7), ylim=(0, 2.7))
    ax.axis("off")
    return present(
        fig,
        "A weight W on the left, three columns of three units each, and the cost J on the right. "
        "Arrows lead from W to all three units of the first column, from each unit to all three of "
        "the next column, and from the last three units to J. One path from W to J is orange.",
        "One of the paths from W to J is orange.",
    )


def network(X: Array, W: Array, b: float, T: Array) -> FigureOutput:
    """Show a convolution, a ReLU and a cost as a graph of arrays."""
    Z = functional.conv2d(X[None, :, :, None], W[:, :, None, None])[0, :, :, 0] + b
    A = np.maximum(Z, 0)
    J = np.mean((A - T) ** 2)
    fig = plt.figure(figsize=(7, 3.5))
    cell = 0.4
    grids = {
        "image X": (X, 0.1, 1.9),
        f"kernel W, b = {b:g}": (W, 0.35, 0.15),
        "Z": (Z, 2.55, 1.45),
        "A": (A, 4.25, 1.45),
        "target T": (T, 6.0, 0.15),
    }
    for title, (values, left, bottom) in grids.items():
        ax = _axes(fig, left, bottom, values, cell)
        draw_grid(ax, values, scale=(-6, 6))
        ax.set_title(title, fontsize=11)
        ax.set(xticks=[], yticks=[])
    whole = fig.add_axes((0, 0, 1, 1))
    whole.set(xlim=(0, 7), ylim=(0, 3.5))
    whole.axis("off")
    box = {"boxstyle": "round,pad=0.4", "fc": "white", "ec": "black"}
    whole.text(6.4, 1.85, f"J = {J:g}", fontsize=13, bbox=box, **MIDDLE)
    whole.plot([1.4, 1.47, 1.47, 1.4], [3.1, 3.1, 0.15, 0.15], color="0.5", lw=1.5)
    steps = [
        (1.52, 2.5, "convolution", "dX, dW, db"),
        (3.4, 4.2, "ReLU", "dZ"),
        (5.1, 5.95, "mean of\n(A - T)²", "dA"),
    ]
    for left, right, forward, backward in steps:
        solid = ARROW | {"color": BLUE, "shrinkA": 0, "shrinkB": 0}
        dashed = solid | {"color": ORANGE, "ls": "--"}
        whole.annotate("", (right, 1.95), (left, 1.95), arrowprops=solid)
        whole.annotate("", (left, 1.75), (right, 1.75), arrowprops=dashed)
        middle = (left + right) / 2
        whole.text(middle, 2.05, forward, color=BLUE, fontsize=11, ha="center", va="bottom")
        whole.text(middle, 1.65, backward, color=DARK, fontsize=11, ha="center", va="top")
    whole.annotate("", (6.4, 1.6), (6.4, 1.25), arrowprops=solid)
    described = {"X": X, "W": W, "Z": Z, "A": A, "T": T}
    rows = "; ".join(f"{name} has the rows {_rows(values)}" for name, values in described.items())
    return present(
        fig,
        "The network as a graph of arrays. X and W lead through the convolution to Z. The ReLU "
        f"makes it A. A and the target T give the cost J = {J:g}. Dashed arrows lead back: from J "
        f"to dA, to dZ, and to dX, dW and db. {rows}.",
        "Forward along the solid arrows, from the image to the cost; backward along the dashed "
        "ones.",
    )


def _axes(figure: Figure, left: float, bottom: float, grid: Array, cell: float) -> Axes:
    """Add axes for a grid at a position in inches, with cells of a size in inches."""
    width, height = figure.get_size_inches()
    rows, columns = grid.shape
    size = cell * columns / width, cell * rows / height
    return figure.add_axes((left / width, bottom / height, *size))


def _rows(values: Array) -> str:
    return " and ".join(", ".join(f"{value + 0:g}" for value in row) for row in values)


def index_map(X: Array, dZ: Array, weight: tuple[int, int]) -> FigureOutput:
    """Show which pixel one weight meets for each output, and which gradient it collects there."""
    r, q = weight
    fig = plt.figure(figsize=(7, 2.6))
    places = {"X": (X, 0.25, 0.3, 0.6), "dZ": (dZ, 2.7, 0.6, 0.6)}
    for title, (values, left, bottom, cell) in places.items():
        ax = _axes(fig, left, bottom, values, cell)
        draw_grid(ax, values, scale=LIMITS)
        ax.set_title(f"pixels that W[{r}, {q}] meets" if title == "X" else "dZ of the outputs")
        ax.title.set_fontsize(11)
        top, begin = (r, q) if title == "X" else (0, 0)
        for letter, color, (h, w) in zip("abcd", OUTPUTS, CORNERS, strict=True):
            corner = (begin + w - 0.44, top + h - 0.44)
            frame = plt.Rectangle(corner, 0.88, 0.88, fill=False, color=color, lw=3.5)
            ax.add_patch(frame)
            spot: dict[str, Any] = {"va": "top", "fontsize": 9, "color": color, "weight": "bold"}
            ax.text(begin + w - 0.37, top + h - 0.34, letter, **spot)
    whole = fig.add_axes((0, 0, 1, 1))
    whole.set(xlim=(0, 7), ylim=(0, 2.6))
    whole.axis("off")
    whole.text(4.45, 2.25, "pixel · gradient", fontsize=11)
    total, terms = 0.0, []
    for number, (letter, color, (h, w)) in enumerate(zip("abcd", OUTPUTS, CORNERS, strict=True)):
        pixel, gradient = X[h + r, w + q], dZ[h, w] + 0
        total += pixel * gradient
        factor = f"({gradient:g})" if gradient < 0 else f"{gradient:g}"
        line = f"{letter}:  {pixel:g} · {factor} = {pixel * gradient + 0:g}"
        whole.text(4.45, 1.85 - 0.33 * number, line, fontsize=13, color=color, weight="bold")
        terms.append(f"output ({h}, {w}): pixel ({h + r}, {w + q}), {line[4:]}")
    whole.plot([4.45, 6.3], [0.72, 0.72], color="black", lw=1)
    whole.text(4.45, 0.42, f"dW[{r}, {q}] = {total:g}", fontsize=14)
    return present(
        fig,
        f"Weight ({r}, {q}). Two grids, the image X and dZ. Four pixels of X and the four entries "
        "of dZ have frames in the same four colors and letters, a to d. Beside them the products: "
        + "; ".join(terms)
        + f". Their sum is dW[{r}, {q}] = {total:g}.",
        f"The weight W[{r}, {q}] meets one pixel for each output. The pixel and the gradient with "
        "the same color and letter are multiplied.",
    )


def copies(W: Array, dZ: Array, outputs: int) -> FigureOutput:
    """Show the gradient of the input as a sum of copies of the kernel, of the first outputs."""

    def scaled(number: int) -> Array:
        h, w = CORNERS[number]
        copy = np.full((3, 3), np.nan)
        copy[h : h + 2, w : w + 2] = dZ[h, w] * W + 0
        return copy

    sums = np.cumsum([np.nan_to_num(scaled(number)) for number in range(4)], axis=0)

    def step(number: int) -> Figure:
        h, w = CORNERS[number]
        figure = plt.figure(figsize=(7, 2.4))
        axes = axes_for_grids(figure, [(2, 2), (2, 2), (3, 3), (3, 3)])
        here = [(h, w, 2, 2, ORANGE)]
        draw_grid(axes[0], dZ + 0, "dZ", [(h, w, 1, 1, ORANGE)], scale=LIMITS)
        draw_grid(axes[1], W, "kernel W", scale=LIMITS)
        draw_grid(axes[2], scaled(number), f"{dZ[h, w] + 0:g} times W", here, scale=LIMITS)
        draw_grid(axes[3], sums[number], "sum so far", here, scale=LIMITS)
        for ax in axes:
            ax.title.set_fontsize(11)
        return figure

    return animate(
        step,
        range(outputs),
        f"An animation in {outputs} steps. In each step one entry of dZ is outlined, and the "
        "kernel times this entry is added to the patch of its output. Beside it the sum grows. "
        f"After the last step it has the rows {_rows(sums[outputs - 1])}.",
        seconds=2,
        caption="Each output adds a copy of the kernel, scaled by its gradient, to its own patch.",
    )
