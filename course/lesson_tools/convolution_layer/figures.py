"""Figures of `course/06_convolution_layer.py`."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from convnet.edges import EdgeNetwork, normalized
from convnet.functional import conv2d, relu
from convnet.plots import draw_grid, draw_image
from convnet.training import Epoch
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present

__all__ = [
    "activations",
    "first_layer",
    "hand_made_maps",
    "learned_filters",
    "learning",
    "pairs",
    "patch_and_filter",
    "steps",
    "volumes",
]

SHOWN = (0, 10, 19, 25)  # feature maps of the first figure
PAIRS = (58, 26, 16, 12)  # learned filters that resemble the lesson's four
ORANGE = "tab:orange"
# Colors of the two filters and of their feature maps.
FIRST, SECOND = "#f9c58d", "#b9b4dc"


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
        "19 and 25 respond to colors, those of the flower and of the leaves.",
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


def volumes() -> FigureOutput:
    """Show that a patch goes to two filters, each of which computes one value of the output."""
    fig, ax = plt.subplots(figsize=(7, 3.3), layout="constrained")
    ax.set(xlim=(-0.3, 16.2), ylim=(-1.8, 5.6), aspect="equal")
    ax.axis("off")
    _draw_volume(ax, 0, 0.5, (3, 4, 2), ["#dbe9f6", "#a8cbe6"], "input: 3 x 4 x 2", (2, 2))
    _draw_volume(ax, 7, 2.9, (2, 2, 2), [FIRST] * 2, "filter 0: 2 x 2 x 2")
    _draw_volume(ax, 7, -0.9, (2, 2, 2), [SECOND] * 2, "filter 1: 2 x 2 x 2")
    _draw_volume(ax, 12, 1, (2, 3, 2), [FIRST, SECOND], "output: 2 x 3 x 2", (1, 1))
    arrow = {"arrowstyle": "->", "lw": 1.5, "color": "0.3"}
    for y_filter, y_output in ((4.1, 2.7), (0.3, 1.5)):
        ax.annotate("", (6.8, y_filter), (5.2, 2.2), arrowprops=arrow)
        ax.annotate("", (11.8, y_output), (10.1, y_filter), arrowprops=arrow)
    return present(
        fig,
        "Blocks of cells. The input has 3 rows, 4 columns and 2 channels, one behind the other. A "
        "patch of 2 by 2 cells at its upper left is outlined, through both channels. Arrows lead "
        "from it to two filters of the same size as the patch, and from them to the output of 2 "
        "rows, 3 columns and 2 channels: the front one in the color of filter 0, the other in that "
        "of filter 1. The upper left cell of both channels is outlined: what the two filters "
        "compute from the patch.",
        "One patch goes to both filters, and each computes one of the two outlined values. Each "
        "filter fills the channel of its own color.",
    )


def _draw_volume(
    ax: Axes,
    x: float,
    y: float,
    shape: tuple[int, int, int],
    colors: Sequence[str],
    label: str,
    marked: tuple[int, int] | None = None,
) -> None:
    """Draw a volume as a block of cells: rows, columns, and channels one behind the other.

    `marked` rows and columns are outlined at the upper left, through the full depth.
    """
    n_H, n_W, n_C = shape
    back = np.array([0.42, 0.3])  # one channel further back
    right, up = np.array([1, 0]), np.array([0, 1])

    def face(corner: Array, side: Array, other: Array, color: str) -> None:
        points = np.array([corner, corner + side, corner + side + other, corner + other])
        ax.add_patch(Polygon(points, facecolor=color, edgecolor="0.3", lw=1))

    for k in range(n_C):
        at = np.array([x, y]) + k * back
        for w in range(n_W):
            face(at + w * right + n_H * up, right, back, colors[k])
        for h in range(n_H):
            face(at + n_W * right + h * up, up, back, colors[k])
    for h in range(n_H):
        for w in range(n_W):
            face(np.array([x + w, y + h]), right, up, colors[0])
    ax.text(x + n_W / 2 + 0.2, y - 0.25, label, ha="center", va="top", fontsize=10)
    if marked:
        top_left, depth = np.array([x, y + n_H]), n_C * back
        down, across = np.array([0, -marked[0]]), np.array([marked[1], 0])
        front = [top_left, top_left + across, top_left + across + down, top_left + down]
        top = [top_left, top_left + depth, top_left + depth + across, top_left + across]
        for points in (front, top):
            outline = Polygon(np.array(points), fill=False, edgecolor="black", lw=3)
            outline.set_joinstyle("round")
            ax.add_patch(outline)


def steps(a_prev: Array, W: Array, b: Array, Z: Array) -> FigureOutput:
    """Show a patch that moves over an image of two channels, and two feature maps that fill."""
    n_H, n_W, _ = Z[0].shape

    def draw(position: int) -> Figure:
        h, w = divmod(position, n_W)
        fig, axes = plt.subplots(
            2, 4, figsize=(7, 3.9), width_ratios=[4, 2, 2, 3], layout="constrained"
        )
        so_far = Z[0].copy()
        so_far[h, w + 1 :], so_far[h + 1 :] = np.nan, np.nan
        for n in range(2):
            patch, value = [(h, w, 2, 2, ORANGE)], [(h, w, 1, 1, ORANGE)]
            draw_grid(axes[n, 0], a_prev[:, :, n], f"image, channel {n}", patch, scale=(0, 3))
            draw_grid(axes[n, 1], W[:, :, n, 0], f"filter 0,\nchannel {n}", scale=(-2, 2))
            draw_grid(axes[n, 2], W[:, :, n, 1], f"filter 1,\nchannel {n}", scale=(-2, 2))
            title = f"feature map {n}\n(filter {n}, bias {np.ravel(b)[n]})"
            draw_grid(axes[n, 3], so_far[:, :, n], title, value, scale=(-7, 7))
        for ax in axes.flat:
            ax.title.set_fontsize(9)
        return fig

    return animate(
        draw,
        range(n_H * n_W),
        "A patch of 2 by 2 pixels moves over both channels of the image, six positions in all. At "
        "each position each filter computes a number, which appears in its feature map. At the end "
        "map 0 holds 7 4 3, 1 3 3 and map 1 holds 2 4 0, -2 -1 1.",
        seconds=1.6,
        caption="At each position, both filters see the same eight pixels. Each writes its value "
        "into its own map, at the position of the patch.",
    )


def activations(Z: Array) -> FigureOutput:
    """Show two feature maps before and after ReLU."""
    fig, axes = plt.subplots(2, 2, figsize=(5, 3.9), layout="constrained")
    for c in range(2):
        draw_grid(axes[c, 0], Z[0, :, :, c], f"Z, map {c}", scale=(-7, 7))
        draw_grid(axes[c, 1], relu(Z[0, :, :, c]), f"A, map {c}", scale=(-7, 7))
    return present(
        fig,
        "Feature map 0 is the same before and after ReLU: 7 4 3, 1 3 3. In map 1, 2 4 0, -2 -1 1, "
        "the two negative numbers become 0.",
        "Only the two negative values, in the lower row of map 1, change.",
    )


def hand_made_maps(part: Array, A: Array) -> FigureOutput:
    """Show a photograph, its brightness, and the feature maps of the lesson's four filters."""
    titles = ["0: brighter to the right", "1: brighter downwards", "2: red", "3: green"]
    fig, axes = plt.subplots(2, 3, figsize=(7, 5.1), layout="constrained")
    draw_image(axes[0, 0], part, "the photograph", (0, 1), scale=False)
    draw_image(axes[1, 0], part.mean(axis=2), "its brightness", (0, 1), scale=False)
    for c, title in enumerate(titles):
        ax = axes[c // 2, 1 + c % 2]
        _draw_map(ax, A[0, :, :, c], title)
        ax.title.set_fontsize(10)
    return present(
        fig,
        "The orange flower in front of dark green leaves, below it its brightness, a bright flower "
        "on a dark background, and the four feature maps, each on its own scale. Map 0 shows "
        "bright lines at the left edges of the petals, map 1 at their upper edges. Map 2 is bright "
        "on the flower and black elsewhere. Map 3 is black on the flower and bright on the leaves.",
        "Compare the outlines in maps 0 and 1: each has only one side of the flower.",
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


def pairs(photo: Array, W_own: Array, network: EdgeNetwork) -> FigureOutput:
    """Show four hand-made filters with their maps, above learned filters that resemble them."""
    W = network.blocks[0][0][0][:, :, ::-1]
    A_own = relu(conv2d(photo[None] / 255, W_own, padding=1))
    A = _first_maps(photo, network)
    fig, axes = plt.subplots(
        4, 4, figsize=(7, 5.5), height_ratios=[1, 2.6, 1, 2.6], layout="constrained"
    )
    for own, learned in enumerate(PAIRS):
        _patch(axes[0, own], W_own[..., own], f"your filter {own}", 9)
        _draw_map(axes[1, own], A_own[0, :, :, own])
        _patch(axes[2, own], W[..., learned], f"learned filter {learned}", 9)
        _draw_map(axes[3, own], A[0, :, :, learned])
    return present(
        fig,
        "Four pairs of filters, drawn as patches of 3 by 3 colored squares, each above its feature "
        "map of the flower. Your filter 0 is dark on the left and bright on the right, and so is "
        "learned filter 58; both maps show the left edges of the petals. Your filter 1 and learned "
        "filter 26 are dark above and bright below; both maps show the upper edges. Your filter 2 "
        "is a red square on gray, learned filter 16 is red all over; both maps are bright on the "
        "flower. Your filter 3 is a green square on gray, learned filter 12 is green all over; "
        "both maps are bright on the leaves and dark on the flower.",
        "For each of your four filters, the network has learned one of the same kind. Its color "
        "filters average over all nine pixels, where yours look at one.",
    )


def learning(
    digit: Array, history: Sequence[Epoch], filters: Sequence[Array], maps: Sequence[Array]
) -> FigureOutput:
    """Show the first filter, its map of one digit, and the loss, epoch by epoch."""
    losses = [epoch.loss for epoch in history]

    def draw(epoch: int) -> Figure:
        fig, axes = plt.subplots(
            1, 4, figsize=(7, 2.2), width_ratios=[1, 1, 1, 1.9], layout="constrained"
        )
        weights, A = filters[epoch][:, :, 0, 0], maps[epoch][0, :, :, 0]
        limit = np.abs(weights).max()
        draw_image(axes[0], digit[0, :, :, 0], "a digit", scale=False)
        draw_image(axes[1], weights, "the filter", (-limit, limit), scale=False)
        draw_image(axes[2], A, "its map", scale=False)
        axes[3].plot(range(1, epoch + 1), losses[:epoch], "-o", color="tab:blue", markersize=4)
        axes[3].set(xlim=(0, len(losses) + 0.5), ylim=(0, 1.05 * losses[0]))
        axes[3].set_xlabel("epoch", fontsize=9)
        axes[3].set_xticks(range(0, len(losses) + 1, 3))
        axes[3].set_title(f"loss, after {epoch} of {len(losses)} epochs")
        for ax in axes:
            ax.title.set_fontsize(9)
        return fig

    return animate(
        draw,
        range(len(history) + 1),
        "From left to right: a handwritten 3; the filter, 3 by 3 cells with purple for positive "
        "and orange for negative weights; its feature map of the digit; and the loss of each "
        f"epoch, which falls from {losses[0]:.2f} to {losses[-1]:.2f}, fast at first and then "
        "slowly. The filter begins with a pattern of random numbers. After one epoch it is purple "
        "in the upper row and the right column and mostly orange in the other cells, and stays so. "
        "The map is bright on parts of the digit's strokes in all frames.",
        seconds=0.5,
        caption="White is a weight of 0, and each frame has its own color scale, so you see which "
        "pattern the filter has, and not how large its weights are.",
    )
