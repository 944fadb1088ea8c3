"""Figures of `course/06_convolution_layer.py`."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.transforms import Affine2D

from convnet.edges import EdgeNetwork, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present

__all__ = [
    "drawing",
    "first_layer",
    "hand_made_maps",
    "layer",
    "learned_filters",
    "patch_and_filter",
    "steps",
]

SHOWN = (0, 10, 19, 25)  # feature maps of the first figures
ORANGE = "tab:orange"
COLORS = ("tab:blue", "tab:purple", "tab:red", "tab:green")  # of four filters and their maps
# A plane seen from the side: how far a step to the right leads to the right and up.
RIGHT, UP = 0.55, 0.3
CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))

Point = tuple[float, float]


def first_layer(photo: Array, network: EdgeNetwork) -> FigureOutput:
    """Show a photograph, four feature maps of a network's first layer, and its drawing."""
    A = _first_maps(photo, network)
    fig, axes = plt.subplots(2, 3, figsize=(7, 5.1), layout="constrained")
    draw_image(axes[0, 0], photo, "a photograph", scale=False)
    for ax, c in zip(axes.flat[1:5], SHOWN, strict=True):
        draw_image(ax, A[0, :, :, c], f"feature map {c}", (0, 150), scale=False)
    drawing = 1 - network.draw(photo)
    draw_image(axes[1, 2], drawing, "the network's drawing", (0, 1), scale=False)
    return present(
        fig,
        "Six images in two rows: a photograph of an orange dahlia in front of dark green leaves; "
        "four feature maps on one scale, from black for 0 to white; and the network's drawing. Map "
        "0 shows thin bright edges on the right sides of the petals, map 10 on their lower sides. "
        "Map 19 is bright on the whole flower, map 25 on the leaves around it and black on the "
        "flower. The drawing has bold black outlines of all petals on white.",
        "Maps 0 and 10 respond to edges, at the right and at the lower sides of the petals. Maps "
        "19 and 25 compare red with green: 19 is bright where red is larger, 25 where it is not.",
    )


def _first_maps(photo: Array, network: EdgeNetwork) -> Array:
    W, b = network.blocks[0][0]
    return relu(conv2d(normalized(photo), W, b, padding=1))


def patch_and_filter(a_prev: Array, filter_0: Array) -> FigureOutput:
    """Show an image of two channels, with its first patch outlined, and a filter."""
    fig, axes = plt.subplots(
        1, 4, figsize=(7, 2.3), width_ratios=[4, 4, 2, 2], layout="constrained"
    )
    for k in range(2):
        patch = [(0, 0, 2, 2, ORANGE)]
        draw_grid(axes[k], a_prev[:, :, k], f"image, channel {k}", patch, scale=(0, 3))
        draw_grid(axes[2 + k], filter_0[:, :, k], f"filter,\nchannel {k}", scale=(-2, 2))
    return present(
        fig,
        "Four grids. Channel 0 of the image: 1 0 2 1, 0 3 1 0, 2 1 0 1. Channel 1: 0 2 1 0, "
        "2 0 0 1, 1 1 2 0. The patch in rows 0 and 1 and columns 0 and 1 is outlined in both. "
        "Filter, channel 0: 1 0, 0 1; channel 1: 0 2, -1 0.",
        "The patch, outlined in orange, extends through both channels, and so does the filter.",
    )


def layer(photo: Array, network: EdgeNetwork) -> FigureOutput:
    """Show the channels of a photograph, four filters of a layer, and their feature maps."""
    size, depth = len(photo), photo.shape[2]
    row, column, width = 60, 60, 42  # of the patch, which is drawn larger than 3 pixels
    W = network.blocks[0][0][0][:, :, ::-1, SHOWN]  # the network's channels are blue, green, red
    A = _first_maps(photo, network)[0][:, :, SHOWN]
    fig, ax = plt.subplots(figsize=(7, 3.7), layout="constrained")
    ax.set(xlim=(-10, 1560), ylim=(-75, 730), aspect="equal")
    ax.axis("off")

    def sheet(corner: Point, image: Array, height: float, color: str, **style: Any) -> None:
        """Draw an image as a sheet that stands in front of those drawn before."""
        order, scale = 1 + len(ax.patches) / 100, height / len(image)
        turn = Affine2D().from_values(RIGHT * scale, UP * scale, 0, scale, *corner)
        extent, place = (0, image.shape[1], 0, len(image)), turn + ax.transData
        ax.imshow(image, extent=extent, transform=place, aspect="auto", zorder=order, **style)
        outline([_at(corner, x, y, height) for x, y in CORNERS], color, 1.5)

    def outline(points: list[Point], color: str, line: float) -> None:
        edge = Polygon(points, fill=False, edgecolor=color, lw=line, joinstyle="round")
        edge.set_zorder(1 + len(ax.patches) / 100)
        ax.add_patch(edge)

    def arrow(start: Point, end: Point, color: str) -> None:
        style = {"arrowstyle": "-|>", "lw": 1.3, "color": color, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", end, start, arrowprops=style, zorder=3)

    x, y, side = column / size, 1 - (row + width) / size, width / size
    patches = []
    for k in range(depth):
        corner, channel = (100.0 * k, 130 - 40.0 * k), np.zeros_like(photo)
        channel[..., k] = photo[..., k]
        sheet(corner, channel, size, "0.3")
        patches.append([_at(corner, x + side * dx, y + side * dy, size) for dx, dy in CORNERS])
        outline(patches[-1], "white", 2.5)
    for first, last in zip(patches[0], patches[-1], strict=True):
        ax.plot(*zip(first, last, strict=True), color="white", lw=1.2, ls=":", zorder=2)
    for n, color in enumerate(COLORS):
        top = 560 - 170.0 * n
        for k in range(depth):
            corner, weights = (620 + 50.0 * k, top - 20.0 * k), W[:, :, k, n]
            gray = {"cmap": "gray", "vmin": -1, "vmax": 1}
            sheet(corner, weights / np.abs(W[..., n]).max(), 100, color, **gray)
        corner = 990 + 115.0 * n, 130 - 40.0 * n
        sheet(corner, A[..., n], size, color, cmap="gray", vmin=0, vmax=150)
        value = _at(corner, x + side / 2, y + side / 2, size)
        arrow((patches[-1][1][0] + 6, patches[-1][1][1] + 20), (612, top + 40), color)
        arrow((784, top + 15), value, color)
        ax.plot(*value, "o", color=color, markersize=6, markeredgecolor="white", zorder=4)
    for middle, text in (
        (190, "image: 3 channels"),
        (700, "4 filters of shape (3, 3, 3)"),
        (1260, "output: 4 channels"),
    ):
        ax.text(middle, -20, text, ha="center", va="top", fontsize=10)
    return present(
        fig,
        "On the left, the red, green and blue channels of a flower stand one behind the other. A "
        "small square patch is outlined at the same position in all three. Four arrows lead from "
        "it to four filters, each of which consists of three kernels of 3 by 3 weights. An arrow "
        "leads from each filter to a point of its own feature map. The four maps stand one behind "
        "the other on the right: the first two show edges of the petals, the third is bright on "
        "the flower, and the fourth is bright on the leaves and black on the flower.",
        "One patch, drawn larger than its 3 x 3 pixels, goes to all four filters. Each filter sees "
        "all three channels and computes one value of its own feature map. The four maps are the "
        "channels of the output. In the filters, gray is a weight of 0.",
    )


def _at(corner: Point, x: float, y: float, height: float) -> Point:
    """Return the point of a square sheet at x, y, which are 0 at its corner and 1 opposite."""
    return corner[0] + RIGHT * height * x, corner[1] + height * (y + UP * x)


def drawing(photo: Array, edges: Array) -> FigureOutput:
    """Show a photograph, and the edges that a network has found in it as a drawing."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
    draw_image(axes[0], photo, "the photograph", scale=False)
    draw_image(axes[1], 1 - edges, "your drawing", (0, 1), scale=False)
    return present(
        fig,
        "The photograph, and next to it a drawing of its edges: dark lines on white, darker where "
        "an edge is more probable.",
        "From white to black: the probability of an edge, from 0 to 1.",
    )


def steps(a_prev: Array, W: Array, b: Array, z: Array) -> FigureOutput:
    """Show a patch that moves over an image of two channels, and two feature maps that fill."""
    n_H, n_W, n_C = z.shape

    def draw(position: int) -> Figure:
        h, w = divmod(position, n_W)
        fig, axes = plt.subplots(
            3, 1 + n_C, figsize=(7, 5.6), width_ratios=[4, 3, 3], layout="constrained"
        )
        so_far = z.astype(float)
        so_far[h, w + 1 :], so_far[h + 1 :] = np.nan, np.nan
        for k in range(2):
            patch = [(h, w, 2, 2, ORANGE)]
            draw_grid(axes[k, 0], a_prev[:, :, k], f"image, channel {k}", patch, scale=(0, 3))
            for c in range(n_C):
                title = f"filter {c}, channel {k}"
                draw_grid(axes[k, 1 + c], W[:, :, k, c], title, scale=(-2, 2))
        sums = np.einsum("rqk,rqkc->ck", a_prev[h : h + 2, w : w + 2], W)
        lines = ["channel 0 + channel 1 + bias"]
        for c in range(n_C):
            value = [(h, w, 1, 1, ORANGE)]
            draw_grid(axes[2, 1 + c], so_far[:, :, c], f"feature map {c}", value, scale=(-7, 7))
            terms = " + ".join(f"({n})" if n < 0 else f"{n}" for n in (*sums[c], b[c]))
            lines.append(f"filter {c}:  {terms} = {z[h, w, c]}")
        axes[2, 0].axis("off")
        axes[2, 0].text(0.5, 0.5, "\n\n".join(lines), ha="center", va="center", fontsize=11)
        for ax in axes.flat:
            ax.title.set_fontsize(10)
        return fig

    return animate(
        draw,
        range(n_H * n_W),
        "Three rows. In the first two are the channels of the image and of both filters; a patch "
        "of 2 by 2 pixels moves over both channels of the image, six positions in all. In the "
        "third, below each filter, is its feature map, beside the sum that gives its next value. "
        "At the end map 0 holds 7 4 3, 1 3 3 and map 1 holds 2 4 0, -2 -1 1.",
        seconds=1.6,
        caption="A row for each channel, a column for each filter, and below the filter its "
        "feature map. Both filters see the same eight pixels.",
    )


def hand_made_maps(part: Array, a: Array) -> FigureOutput:
    """Show a photograph, its brightness, and the feature maps of the lesson's four filters."""
    titles = ["0: brighter to the right", "1: brighter downward", "2: red", "3: green"]
    fig, axes = plt.subplots(2, 3, figsize=(7, 5.1), layout="constrained")
    draw_image(axes[0, 0], part, "the photograph", (0, 1), scale=False)
    draw_image(axes[1, 0], part.mean(axis=2), "its brightness", (0, 1), scale=False)
    for c, title in enumerate(titles):
        ax = axes[c // 2, 1 + c % 2]
        _draw_map(ax, a[:, :, c], title)
        ax.title.set_fontsize(10)
    return present(
        fig,
        "The orange flower in front of dark green leaves, below it its brightness, a bright flower "
        "on a dark background, and the four feature maps, each on its own scale. Map 0 shows "
        "bright lines at the left edges of the petals, map 1 at their upper edges. Map 2 is bright "
        "on the flower and black elsewhere. Map 3 is dark on the flower and bright on the leaves.",
        "Each map has its own scale. Compare the outlines in maps 0 and 1: each has only one side "
        "of the flower.",
    )


def _draw_map(ax: Axes, A: Array, title: str = "") -> None:
    """Draw a feature map from black for 0 to white for its 99th percentile."""
    draw_image(ax, A, title, (0, np.percentile(A, 99)), scale=False)


def _patch(ax: Axes, weights: Array, title: str = "", size: int = 8) -> None:
    """Draw a filter (f, f, 3) as a patch of color: gray is 0, brighter is positive."""
    ax.imshow(0.5 + weights / (2 * np.abs(weights).max()))
    ax.set_title(title, fontsize=size, pad=2)
    ax.axis("off")


def learned_filters(network: EdgeNetwork) -> FigureOutput:
    """Show the filters of a network's first layer as patches of color, edges before colors."""
    W = network.blocks[0][0][0][:, :, ::-1]  # the network's channels are blue, green and red
    gray = 3 * (W.mean(axis=2) ** 2).sum(axis=(0, 1)) / (W**2).sum(axis=(0, 1, 2))
    fig, axes = plt.subplots(8, 8, figsize=(7, 7.4), layout="constrained")
    for ax, c in zip(axes.flat, np.argsort(-gray), strict=True):
        _patch(ax, W[..., c], f"{c}")
    return present(
        fig,
        "64 small patches of 3 by 3 colored squares, in eight rows. The patches of the upper rows "
        "are black, gray and white: bright on one side and dark on the other, in all directions, "
        "or a bright or dark line or spot. Further down they become slightly colored, and in the "
        "last two rows most patches are plain violet, orange, green, magenta, red, blue and cyan.",
        "Gray is a weight of 0, brighter is positive, darker negative. From top to bottom, the "
        "three channels of a filter agree less and less: edges come first, colors last.",
    )
