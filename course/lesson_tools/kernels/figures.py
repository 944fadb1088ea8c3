"""Figures of the lesson "Kernels"."""

from collections.abc import Mapping, Sequence

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
    "best_patches",
    "corners",
    "effects",
    "final_round",
    "joints",
    "line",
    "magnitudes",
    "round_1",
    "round_2",
    "round_3",
    "sobel",
]

BRIGHTNESS = (0, 255)


def _play(
    game: Round,
    image: Array,
    limits: Mapping[str, tuple[float, float]],
    columns: int,
    height: float,
) -> plt.Figure:
    """Draw the numbered kernels of a round, and below them their outputs, under letters."""
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
    for ax, letter in zip(below.subplots(-(-n // columns), columns).flat, letters, strict=True):
        draw_image(ax, outputs[letter], letter, limits[letter], scale=False)
    return fig


def round_1(image: Array) -> FigureOutput:
    """Show four kernels and their outputs for a portrait."""
    return present(
        _play(ROUNDS[0], image, dict.fromkeys("ABCD", BRIGHTNESS), 4, 3.6),
        "Four kernels: 1 has 1/2 in the middle and zeros around it; 2 has nine weights of 1/9; 3 "
        "has nine weights of 2/9; 4 has the middle row -1, 0, 1 and zeros above and below. Four "
        "outputs for a portrait: A is black, with a few bright outlines. B is sharp, but dark. C "
        "is blurred and so bright that the background is white. D is blurred, as bright as the "
        "portrait.",
        "Which kernel made which image?",
    )


def round_2(image: Array) -> FigureOutput:
    """Show four kernels and their outputs for printed text."""
    return present(
        _play(ROUNDS[1], image, dict.fromkeys("ABCD", BRIGHTNESS), 2, 5),
        "Four kernels: 1 is emboss, with the rows -2, -1, 0; -1, 1, 1; 0, 1, 2; 2 has nine weights "
        "of 1/9; 3 is sharpen; 4 is emboss, rotated by 180 degrees. Four outputs for the printed "
        "word Region: A has crisp letters with a thin bright rim all around. B has letters with "
        "bright upper left sides. C has soft, gray letters. D has letters with bright lower right "
        "sides.",
        "Which kernel made which image? Look at the sides of the letters.",
    )


def round_3(image: Array) -> FigureOutput:
    """Show four kernels and their outputs for bricks."""
    return present(
        _play(ROUNDS[2], image, dict.fromkeys("ABCD", (-400, 400)), 4, 3.6),
        "Four kernels: 1 is Sobel y, with the rows -1, -2, -1; 0, 0, 0; 1, 2, 1; 2 is Sobel x with "
        "all signs reversed; 3 is Sobel x; 4 has the rows 0, 1, 2; -1, 0, 1; -2, -1, 0. Four "
        "outputs for bricks with bright joints, in purple and orange: A shows the vertical joints, "
        "orange on their left and purple on their right. B shows the joints of both directions. C "
        "shows only the horizontal joints. D shows the vertical joints, purple on their left and "
        "orange on their right.",
        "Purple is positive, orange negative, white 0. The joints between the bricks are bright.",
    )


def final_round(image: Array) -> FigureOutput:
    """Show six kernels and their outputs for coins."""
    limits = (
        dict.fromkeys("CEB", BRIGHTNESS) | dict.fromkeys("AD", (-400, 400)) | {"F": (-150, 150)}
    )
    return present(
        _play(FINAL, image, limits, 3, 5.0),
        "Six kernels: 1 is sharpen, 2 Sobel y, 3 blur, 4 has four neighbors with weight 1 and -4 "
        "in the middle, 5 is Sobel x, 6 is emboss. Six outputs for coins on a dark ground: A, in "
        "purple and orange, shows the upper and lower rims of the coins. B has soft, gray coins. C "
        "looks like a relief. D, in purple and orange, shows the left and right rims. E has crisp "
        "coins. F, in purple and orange, has thin double rims all around the coins.",
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


def sobel(image: Array, G_x: Array, G_y: Array) -> FigureOutput:
    """Show an image and its outputs for Sobel x and Sobel y."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
    draw_image(axes[0], image, "portrait", BRIGHTNESS, scale=False)
    draw_image(axes[1], G_x, "Sobel x", (-400, 400), scale=False)
    draw_image(axes[2], G_y, "Sobel y", (-400, 400), scale=False)
    return present(
        fig,
        "A portrait of an astronaut, and its outputs for Sobel x and Sobel y in purple and orange. "
        "The sides of the rocket are strong with Sobel x and missing with Sobel y. The collar of "
        "the suit is a nearly closed ring only if you take both together.",
        "Look at the rocket: its long sides are vertical, so Sobel y does not see them.",
    )


def magnitudes(images: Mapping[str, Array], magnitudes: Sequence[Array]) -> FigureOutput:
    """Show several images, and below each one its edge magnitude, dark on white."""
    fig, axes = plt.subplots(
        2, len(images), figsize=(7, 3.9), layout="constrained", width_ratios=_widths(images)
    )
    for (above, below), (name, image), G in zip(axes.T, images.items(), magnitudes, strict=True):
        draw_image(above, image, name, BRIGHTNESS, scale=False)
        draw_image(below, 1 - G / 400, "", (0, 1), scale=False)
    return present(
        fig,
        "Four images and their edges, dark on white. A portrait becomes a line drawing. Of printed "
        "text, the outline of every letter is drawn. An island in a satellite image is drawn as a "
        "cloud of small rings, with the coast hardly visible among them. Grass becomes dense noise "
        "without any shape.",
        "The portrait looks like a drawing. On grass, everything is an edge.",
    )


def _widths(images: Mapping[str, Array]) -> list[float]:
    return [image.shape[1] / image.shape[0] for image in images.values()]


def best_patches(image: Array, kernels: Mapping[str, ArrayLike], count: int = 6) -> FigureOutput:
    """Show the patches of an image with the largest output for each kernel, and the kernel."""
    fig, axes = plt.subplots(
        len(kernels), count + 1, figsize=(7, 1.05 * len(kernels)), layout="constrained"
    )
    for row, (name, kernel) in zip(axes, kernels.items(), strict=True):
        W = np.asarray(kernel)
        draw_grid(row[0], W, scale=(-2, 2))
        row[0].set(xticks=[], yticks=[])
        row[0].set_ylabel(name, fontsize=9)
        Z = cross_correlated(image, W)
        for ax in row[1:]:
            h, w = np.unravel_index(Z.argmax(), Z.shape)
            patch = image[h : h + 3, w : w + 3]
            draw_image(ax, patch, "", (patch.min(), patch.max()), scale=False)
            Z[max(0, h - 12) : h + 13, max(0, w - 12) : w + 13] = -np.inf
    return present(
        fig,
        "Three kernels, each with six patches of 3 by 3 pixels. Next to Sobel x, all patches are "
        "dark on the left and bright on the right. Next to Sobel y, they are dark above and bright "
        "below. Next to the kernel with the rows -1, 2, -1, they have a bright vertical line in "
        "the middle.",
        "Where the weights are positive, the patches are bright; where they are negative, dark.",
    )


def line(image: Array, kernel: Array, A: Array) -> FigureOutput:
    """Show a line, the kernel that detects it, and the feature map, with two windows."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 3.5), width_ratios=[8, 3, 6], layout="constrained")
    windows = [(0, 2, 3, 3, "tab:orange"), (2, 5, 3, 3, "black")]
    draw_grid(axes[0], image, "image, 8 x 8", windows, scale=(0, 3))
    draw_grid(axes[1], kernel, "kernel", scale=(0, 3))
    cells = [(0, 2, 1, 1, "tab:orange"), (2, 5, 1, 1, "black")]
    draw_grid(axes[2], A, "feature map, 6 x 6", cells, scale=(0, 3))
    return present(
        fig,
        "Three grids. The image of 8 by 8 has ones in its columns 3 and 4. The kernel of 3 by 3 "
        "has ones in its middle column. The feature map of 6 by 6 has 3 in its columns 2 and 3, "
        "and zeros elsewhere. Two windows are outlined in the image, and their values in the map: "
        "rows 0 to 2, columns 2 to 4 (solid) give 3; rows 2 to 4, columns 5 to 7 (dashed) give 0.",
        "The solid window gives the solid value, the dashed window the dashed one.",
    )


def joints(image: Array, Z: Array, A: Array) -> FigureOutput:
    """Show bricks, the output of the line kernel, and the same with a bias and a ReLU."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
    draw_image(axes[0], image, "bricks", BRIGHTNESS, scale=False)
    draw_image(axes[1], Z, "Z, without the bias", (-300, 300), scale=False)
    draw_image(axes[2], A, "A, with bias and ReLU", (0, 200), scale=False)
    return present(
        fig,
        "Bricks with bright joints, long vertical ones and short horizontal ones. The output of "
        "the kernel, in purple and orange: the vertical joints are purple with orange sides. With "
        "bias and ReLU, only the vertical joints are left, bright on black.",
        "Ten numbers, and everything but the vertical joints is gone.",
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
