"""Figures of the lesson "Kernels"."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from convnet.data import load_sample_image
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.figures import FigureOutput, present
from lesson_tools.kernels.questions import FINAL, ROUNDS, Round

__all__ = [
    "corners",
    "difference",
    "edges",
    "effects",
    "final_round",
    "joints",
    "line",
    "round_1",
    "round_2",
]

BRIGHTNESS = (0, 255)


def _play(
    game: Round,
    image: Array,
    limits: Mapping[str, tuple[float, float]],
    columns: int,
    height: float,
) -> plt.Figure:
    """Draw the numbered kernels of a round, and below them the input and the lettered outputs."""
    n, letters = len(game.kernels), sorted(game.answer)
    fig = plt.figure(figsize=(7, height), layout="constrained")
    parts = fig.subfigures(2, 1, squeeze=False, height_ratios=[1.55, height - 1.55])
    above, below = parts[:, 0]
    for ax, number, (kernel, divisor) in zip(
        above.subplots(1, n), range(1, n + 1), game.kernels, strict=True
    ):
        draw_grid(ax, kernel, scale=(-5, 5))
        ax.set_title(f"{number}" if divisor == 1 else f"{number} (times 1/{divisor})", fontsize=9)
        ax.set(xticks=[], yticks=[])
    outputs = {
        letter: cross_correlated(image, kernel / divisor)
        for letter, (kernel, divisor) in zip(game.answer, game.kernels, strict=True)
    }
    rows = np.reshape(letters, (-1, columns))
    axes = below.subplot_mosaic([["input", *row] for row in rows])
    draw_image(axes["input"], image, "input", BRIGHTNESS, scale=False)
    for letter in letters:
        draw_image(axes[letter], outputs[letter], letter, limits[letter], scale=False)
    return fig


def round_1(image: Array) -> FigureOutput:
    """Show four kernels and their outputs for a portrait."""
    return present(
        _play(ROUNDS[0], image, dict.fromkeys("ABCD", BRIGHTNESS), 4, 3.3),
        "Four kernels: 1 has 1/2 in the middle and zeros around it; 2 has nine weights of 1/9; 3 "
        "has nine weights of 2/9; 4 has the middle row -1, 0, 1 and zeros above and below. The "
        "input, a portrait, and four outputs: A is black, with a few bright outlines. B is sharp, "
        "but dark. C is blurred and so bright that the background is white. D is blurred, as "
        "bright as the portrait.",
        "Which kernel turned the input into which output?",
    )


def round_2(image: Array) -> FigureOutput:
    """Show four kernels and their outputs for bricks."""
    return present(
        _play(ROUNDS[1], image, dict.fromkeys("ABCD", (-400, 400)), 4, 3.3),
        "Four kernels: 1 is Sobel y, with the rows -1, -2, -1; 0, 0, 0; 1, 2, 1; 2 is Sobel x with "
        "all signs reversed; 3 is Sobel x; 4 has the rows 0, 1, 2; -1, 0, 1; -2, -1, 0. The input, "
        "dark bricks with bright joints, and four outputs in purple and orange: A shows the "
        "vertical joints, orange on their left and purple on their right. B shows the joints of "
        "both directions. C shows only the horizontal joints. D shows the vertical joints, purple "
        "on their left and orange on their right.",
        "In the outputs, purple is positive, orange negative and white 0.",
    )


def final_round(image: Array) -> FigureOutput:
    """Show six kernels and their outputs for coins."""
    limits = (
        dict.fromkeys("CEB", BRIGHTNESS) | dict.fromkeys("AD", (-400, 400)) | {"F": (-150, 150)}
    )
    return present(
        _play(FINAL, image, limits, 3, 4.5),
        "Six kernels: 1 is sharpen, 2 Sobel y, 3 blur, 4 has four neighbors with weight 1 and -4 "
        "in the middle, 5 is Sobel x, 6 is emboss. The input, coins on a dark ground, and six "
        "outputs: A, in purple and orange, shows the upper and lower rims of the coins. B has "
        "soft, gray coins. C looks like a relief. D, in purple and orange, shows the left and "
        "right rims. E has crisp coins. F, in purple and orange, has thin double rims all around "
        "the coins.",
        "Outputs with negative numbers are in purple (positive), white (0) and orange (negative).",
    )


def effects(image: Array, outputs: Mapping[str, Array]) -> FigureOutput:
    """Show an image and several outputs, all with brightness from 0 to 255."""
    fig, axes = plt.subplots(1, len(outputs) + 1, figsize=(7, 2.2), layout="constrained")
    for ax, (title, values) in zip(axes, {"portrait": image, **outputs}.items(), strict=True):
        draw_image(ax, values, title, BRIGHTNESS, scale=False)
        ax.set_title(title, fontsize=10)
    return present(
        fig,
        "A face four times: the original; blurred, without wrinkles and single hairs; sharpened, "
        "with every hair; and embossed, like a relief in stone, where each edge has a bright and a "
        "dark side.",
        "Look at the hair in all four images.",
    )


def difference(left: Array, right: Array, difference: Array) -> FigureOutput:
    """Show an image, shifted twice, and the difference of the two."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
    draw_image(axes[0], right, "right neighbors", BRIGHTNESS, scale=False)
    draw_image(axes[1], left, "left neighbors", BRIGHTNESS, scale=False)
    draw_image(axes[2], difference, "right minus left", (-200, 200), scale=False)
    return present(
        fig,
        "A face, shifted a little to the left; the same face, shifted to the right; and their "
        "difference in purple and orange. The plain background is white. At the sides of the hair "
        "and of the face, there are broad stripes, purple where it gets brighter from left to "
        "right, and orange where it gets darker.",
        "Purple is positive, orange negative, white 0. Where nothing changes, nothing is left.",
    )


def edges(image: Array, G_x: Array, G_y: Array, G: Array) -> FigureOutput:
    """Show an image, its outputs for Sobel x and Sobel y, and its edge magnitude."""
    height = min(7 * image.shape[0] / image.shape[1] + 0.5, 9)
    fig, axes = plt.subplots(2, 2, figsize=(7, height), layout="constrained")
    draw_image(axes[0, 0], image, "photograph", BRIGHTNESS, scale=False)
    draw_image(axes[0, 1], 1 - G / 400, "edge magnitude, dark on white", (0, 1), scale=False)
    draw_image(axes[1, 0], G_x, "Sobel x", (-400, 400), scale=False)
    draw_image(axes[1, 1], G_y, "Sobel y", (-400, 400), scale=False)
    return present(
        fig,
        "A photograph, its edge magnitude, dark on white, and its outputs for Sobel x and Sobel y "
        "in purple and orange. In the portrait of the astronaut, the sides of the rocket are "
        "strong with Sobel x and missing with Sobel y, and the edge magnitude looks like a pencil "
        "drawing.",
        "Look at the rocket: its long sides are vertical, so Sobel y does not see them.",
    )


def line(image: Array, kernel: Array, A: Array) -> FigureOutput:
    """Show a line, the kernel that detects it, and the activations, with two windows."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 3.5), width_ratios=[8, 3, 6], layout="constrained")
    windows = [(0, 2, 3, 3, "tab:orange"), (4, 4, 3, 3, "black")]
    draw_grid(axes[0], image, "image, 8 x 8", windows, scale=(-3, 3))
    draw_grid(axes[1], kernel, "kernel", scale=(-3, 3))
    cells = [(0, 2, 1, 1, "tab:orange"), (4, 4, 1, 1, "black")]
    draw_grid(axes[2], A, "activations, 6 x 6", cells, scale=(-3, 3))
    return present(
        fig,
        "Three grids. The image of 8 by 8 has ones in its columns 3 and 4. Each row of the 3 by 3 "
        "kernel is -1, 2, -1. The activations, 6 by 6, are 3 in columns 2 and 3, and 0 "
        "elsewhere. Two windows are outlined in the image, and their values in the activations: "
        "rows 0 to 2, columns 2 to 4 (solid) give 3; rows 4 to 6, columns 4 to 6 (dashed) give -3, "
        "and 0 after ReLU.",
        "The solid window gives 3. The dashed window gives -3, which ReLU sets to 0.",
    )


def joints(image: Array, unbiased: Array, A: Array) -> FigureOutput:
    """Show bricks, and the output of the line detector without and with a bias."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
    draw_image(axes[0], image, "bricks", BRIGHTNESS, scale=False)
    draw_image(axes[1], unbiased, "bias 0", (0, 200), scale=False)
    draw_image(axes[2], A, "bias -100", (0, 200), scale=False)
    return present(
        fig,
        "Bricks with bright joints, long vertical ones and short horizontal ones. The output of "
        "the line detector, bright on black: with bias 0, the vertical joints are thick, and there "
        "are many faint marks between them. With bias -100, only the vertical joints are left, as "
        "thin lines, some of them broken.",
        "Ten numbers find the vertical joints. The short horizontal ones are gone.",
    )


def corners(kernel: ArrayLike | None) -> FigureOutput | None:
    """Show bricks and the output of a kernel; nothing before there is a kernel."""
    if kernel is None:
        return None
    bricks = load_sample_image("brick.jpg")[100:160, 100:160].astype(float)
    Z = cross_correlated(bricks, np.asarray(kernel))
    fig, axes = plt.subplots(1, 2, figsize=(6, 3.1), layout="constrained")
    draw_image(axes[0], bricks, "bricks", BRIGHTNESS, scale=False)
    draw_image(axes[1], Z, "your kernel", scale=False)
    return present(
        fig,
        "A few bricks with bright joints, and the output of your kernel, in purple and orange. A "
        "kernel that is blind to vertical and horizontal edges responds only near the ends of "
        "joints.",
        "Where does a kernel respond that sees neither vertical nor horizontal edges?",
    )
