"""Figures of the lesson "Images and convolution"."""

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.functional import conv2d
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.photo import edges_of
from lesson_tools.sweep import draw_sweep

__all__ = [
    "eye",
    "learning",
    "one_weight",
    "riddle",
    "second_riddle",
    "sharpened",
    "sweep_small",
    "sweep_stride",
    "two_edge_drawings",
]

OUTLINE: dict[str, Any] = {"fill": False, "color": "tab:orange", "lw": 2}
LIMITS = (-6, 6)  # of all drawings in purple and orange
STEPS = (0, 1, 2, 3, 4, 6, 8, 12, 20, 30, 45, 60)  # shown in the animation


def two_edge_drawings() -> FigureOutput:
    """Show a tower and its edges, drawn by two Sobel kernels and by a trained network."""
    return edges_of(
        "china.jpg",
        "A color photograph of a tower with three roofs by a lake, trees around it. Below it on "
        "the left, its edges found by two Sobel kernels, dark on white: thin lines, with every "
        "roof tile and every leaf. Below it on the right, its edges drawn by a trained network: "
        "bold outlines of the tower, its roofs and the trees, with most of the tiles left out.",
    )


def riddle(photo: Array, drawing: Array) -> FigureOutput:
    """Show a photograph and the drawing that an unknown kernel makes of it."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
    draw_image(axes[0], photo, "the photograph", (photo.min(), photo.max()), scale=False)
    axes[0].images[0].set_cmap("gray")
    draw_image(axes[1], drawing, "the drawing", LIMITS, scale=False)
    return present(
        fig,
        "A grayscale photograph of a cat's face, and beside it a drawing of the same size in "
        "purple and orange on white. The rims of the eyes, the pupils and the stripes on the "
        "forehead have strong colors on their left and right sides. The upper and lower rims of "
        "the eyes are pale, and so are the whiskers that run from left to right.",
        "Purple: brighter towards the right. Orange: darker. White: no change. Compare the left "
        "and right rims of an eye with its upper and lower rims.",
    )


def eye(gray: Array) -> FigureOutput:
    """Show a cat, its eye and the numbers of 8 x 10 pixels, each a crop of the one before."""
    top, left = 84, 144
    crop = gray[top : top + 8, left : left + 10]
    fig, axes = plt.subplot_mosaic(
        "ab;cc",
        figsize=(6.4, 6.4),
        width_ratios=[1.5, 1],
        height_ratios=[1, 2.2],
        layout="constrained",
    )
    draw_image(axes["a"], gray, "gray", (0, 255), scale=False)
    draw_image(axes["b"], gray[70:134, 118:182], "gray[70:134, 118:182]", (0, 255), scale=False)
    title = f"gray[{top}:{top + 8}, {left}:{left + 10}]"
    draw_image(axes["c"], crop, title, (0, 255), scale=False)
    for (row, column), value in np.ndenumerate(crop):
        ink = "black" if value > 120 else "white"
        axes["c"].text(column, row, value, ha="center", va="center", color=ink, fontsize=11)
    axes["c"].set(yticks=range(8), yticklabels=range(top, top + 8))
    axes["c"].set(xticks=range(10), xticklabels=range(left, left + 10))
    axes["a"].add_patch(plt.Rectangle((117.5, 69.5), 64, 64, **OUTLINE))
    axes["b"].add_patch(plt.Rectangle((left - 118.5, top - 70.5), 10, 8, **OUTLINE))
    return present(
        fig,
        "Three views, each a crop of the one before: the grayscale photograph of a cat with a box "
        "around the eye on the left; the eye, 64 by 64 pixels, with a box around the bright spot "
        "in the pupil; and that box, 8 rows and 10 columns of gray squares, each with its number, "
        "which is large in the bright spot and small in the dark pupil.",
        "The bright spot in the cat's eye is a handful of large numbers among small ones.",
    )


def sweep_small(X: Array, W: Array, positions: int) -> FigureOutput:
    """Show the first positions of a kernel on a small image, each with its products."""

    def step(position: int) -> Figure:
        figure = plt.figure(figsize=(6.4, 2.9))
        h, w = draw_sweep(figure, X, W, position)
        patch = X[h : h + W.shape[0], w : w + W.shape[1]]
        factors = [f"({k})" if k < 0 else f"{k}" for k in W.flat]
        terms = " + ".join(f"{x} · {k}" for x, k in zip(patch.flat, factors, strict=True))
        figure.suptitle(f"{terms} = {np.sum(patch * W)}", fontsize=13)
        return figure

    return animate(
        step,
        range(positions),
        f"A kernel of 2 by 2 slides over an image of 3 by 4. At each of the first {positions} "
        "positions the four products and their sum are written above, and the sum appears in the "
        "output: 4, 0, 5 in its first row, then 2 at the start of its second row.",
        seconds=1.6,
        caption="After the third position, the kernel moves down one row and starts on the left.",
    )


def sweep_stride(X: Array, W: Array, positions: int) -> FigureOutput:
    """Show the first positions of a kernel that moves by two pixels at a time."""

    def step(position: int) -> Figure:
        figure = plt.figure(figsize=(6.8, 4.3))
        h, w = draw_sweep(figure, X, W, position, stride=2)
        rows, columns = f"rows {2 * h} to {2 * h + 2}", f"columns {2 * w} to {2 * w + 2}"
        figure.suptitle(f"output[{h}, {w}] from {rows}, {columns}")
        return figure

    return animate(
        step,
        range(positions),
        "A kernel of 3 by 3 moves over an image of 7 by 7 in steps of two pixels. It stops at rows "
        "0, 2 and 4 and at columns 0, 2 and 4, and fills an output of 3 by 3, except for its last "
        "value.",
        seconds=1.2,
        caption="Neighboring windows still overlap, by one row or one column.",
    )


def one_weight(
    loss: Callable[[Array, Array, Array], float],
    W: Array,
    X: Array,
    target: Array,
    at: tuple[int, int],
    rate: float = 1,
) -> FigureOutput:
    """Show the loss as a function of one weight, and one step of gradient descent on it."""

    def loss_at(value: float) -> float:
        changed = W.copy()
        changed[at] = value
        return loss(changed, X, target)

    values = np.linspace(-3, 3, 61)
    losses = np.array([loss_at(value) for value in values])
    now = float(W[at])
    slope = (loss_at(now + 0.001) - loss_at(now)) / 0.001
    new = now - rate * slope
    fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    ax.plot(values, losses, color="0.6", lw=2)
    tangent = np.array([now - 0.8, now + 0.8])
    ax.plot(tangent, loss_at(now) + slope * (tangent - now), "--", color="tab:blue", lw=1.5)
    ax.plot(now, loss_at(now), "o", color="tab:blue", markersize=9)
    ax.plot(new, loss_at(new), "s", color="tab:orange", markersize=9)
    for name, value, color, offset in (
        ("now", now, "tab:blue", (-4, 12)),
        ("after one step", new, "tab:orange", (-20, -20)),
    ):
        ax.annotate(
            name,
            (value, loss_at(value)),
            offset,
            textcoords="offset points",
            ha="right",
            color=color,
        )
    ax.set(xlabel=f"W[{at[0]}, {at[1]}]", ylabel="loss", ylim=(0, None))
    return present(
        fig,
        "The loss as a function of one weight is a curve like a bowl. A blue dot marks the weight "
        "now, on the right side of the bowl; a dashed line touches the curve there. An orange "
        "square, to the left of the dot, lies lower.",
        "At the dot the curve rises toward the right, so the weight must become smaller. The rule "
        "below will lead to the orange square.",
    )


def learning(
    photo: Array, drawing: Array, kernels: Sequence[Array], losses: Sequence[float]
) -> FigureOutput:
    """Show a kernel and its output at several steps of gradient descent, and the loss."""
    view = slice(72, 152), slice(112, 312)  # both eyes
    shown = {"the drawing": drawing[view]}

    def step(number: int) -> Figure:
        figure = plt.figure(figsize=(7, 4))
        output = conv2d(photo[None, :, :, None], kernels[number][:, :, None, None])[0, :, :, 0]
        panels = {f"our kernel after {number} steps": output[view]} | shown
        for bottom, (title, values) in zip((0.505, 0.01), panels.items(), strict=True):
            draw_image(figure.add_axes((0.01, bottom, 0.6, 0.42)), values, title, LIMITS, False)
        grid = figure.add_axes((0.68, 0.5, 0.26, 0.45))
        draw_grid(grid, kernels[number].round(2), scale=(-2, 2))
        grid.set(xticks=[], yticks=[])
        curve = figure.add_axes((0.73, 0.13, 0.25, 0.3))
        curve.semilogy(losses, color="0.8")
        curve.semilogy(losses[: number + 1], color="tab:blue")
        curve.semilogy(number, losses[number], "o", color="tab:blue")
        curve.set(xlabel="step", ylabel="loss")
        return figure

    return animate(
        step,
        STEPS,
        "At first the kernel's nine weights are random, and its output resembles an embossed cat. "
        "Within about ten steps the output turns into the drawing beside it. The loss falls from "
        f"{losses[0]:.2f} to less than 0.00001, and the weights become -1, 0, 1 in the first and "
        "last rows and -2, 0, 2 in the middle row.",
        seconds=0.7,
        caption="The upper image turns into the lower one within ten steps; the weights take "
        "longer. On the scale of the loss, each mark is 100 times smaller than the one above.",
    )


def sharpened(photo: Array, ours: Array, theirs: Array) -> FigureOutput:
    """Show a photograph, and its versions by the learned kernel and by Pillow."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
    panels = {"a new photograph": photo, "our learned kernel": ours, "Pillow": theirs}
    height, width = photo.shape  # enlarged: a part in the upper half
    part = slice(height // 16, height * 7 // 16), slice(width * 4 // 16, width * 10 // 16)
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        draw_image(ax, values[part], title, (0, 255), scale=False)
    return present(
        fig,
        "The face of an astronaut in grayscale and two sharpened versions of it, which look the "
        "same. Eyes, teeth and the rims of the collar stand out more than in the first.",
        "The search never saw this photograph, and still the two results agree.",
    )


def second_riddle(photo: Array, drawing: Array) -> FigureOutput:
    """Show a satellite image and the drawing that a second unknown kernel makes of it."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    panels = {"photo2": photo, "drawing2": drawing}
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        ax.imshow(values, cmap="gray", vmin=-1.2, vmax=2)
        ax.set_title(title)
        ax.tick_params(labelsize=8)
    return present(
        fig,
        "A satellite image of an island with small clouds, in grayscale, and a drawing of it in "
        "which coasts and clouds have a bright side and a dark side, like a relief.",
        "From which side does the light seem to fall on the drawing?",
    )
