"""Figures of `course/26_what_filters_see.py`."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.what_filters_see.hand_made import HAND_MADE

__all__ = [
    "ablations",
    "before_and_after",
    "feature_maps",
    "filters",
    "nearest",
    "patches",
    "receptive_fields",
    "side_outputs",
    "vgg_maps",
]


def tile(filter_: Array) -> Array:
    """Return a filter as a color image: gray is 0 in all three channels."""
    return 0.5 + filter_ / (2 * np.abs(filter_).max())


def filters(W: Array) -> FigureOutput:
    """Show 64 filters, and four of them beside similar hand-made ones."""
    fig = plt.figure(figsize=(7, 4.5), layout="constrained")
    left, right = fig.subfigures(1, 2, width_ratios=[1.75, 1], squeeze=False)[0]
    sheet = np.ones((31, 31, 3))
    for number in range(64):
        r, q = 4 * (number // 8), 4 * (number % 8)
        sheet[r : r + 3, q : q + 3] = tile(W[..., number])
    ax = left.subplots()
    ax.imshow(sheet)
    ax.set(title="64 learned filters, numbered row by row", xticks=[], yticks=[], frame_on=False)
    pairs = right.subplots(4, 2)
    known = {42: "edge \\", 58: "edge |", 12: "green", 16: "red"}
    for row, (number, name) in zip(pairs, known.items(), strict=True):
        for ax, filter_ in zip(row, (W[..., number], HAND_MADE[name]), strict=True):
            ax.imshow(tile(filter_))
            ax.set(xticks=[], yticks=[])
        row[0].set_ylabel(number, rotation=0, ha="right", va="center")
        row[1].set_xlabel(name)
    pairs[0, 0].set_title("learned")
    pairs[0, 1].set_title("hand-made")
    return present(
        fig,
        "Left, 64 filters of 3 by 3 color pixels. Many go from dark to light in one direction, "
        "without much color; others have nearly one color: green, magenta, red, cyan, orange or "
        "blue. Right, four of them beside a similar hand-made filter: number 42, a diagonal edge; "
        "58, a vertical edge; 12, green; 16, red.",
        "Gray is 0. How many of the 64 would you call edges, and how many colors?",
    )


def nearest(W: Array, similarities: Array) -> FigureOutput:
    """Sort filters by the most similar hand-made kernel, or its opposite."""
    names, closest = list(HAND_MADE), np.abs(similarities).argmax(axis=1)
    best = np.abs(similarities).max(axis=1)
    used = [number for number in range(len(names)) if number in closest]
    rows = []
    for number in used:
        mine = np.flatnonzero(closest == number)
        mine = mine[np.argsort(-best[mine])]
        positive = similarities[mine, number] > 0
        rows.append([mine[positive], mine[~positive]])
    wide = [max(len(row[side]) for row in rows) for side in (0, 1)]
    starts = (6, 6 + 4 * wide[0] + 3)
    sheet = np.ones((4 * len(used), starts[1] + 4 * wide[1], 3))
    for row, (number, sides) in enumerate(zip(used, rows, strict=True)):
        sheet[4 * row : 4 * row + 3, :3] = tile(HAND_MADE[names[number]])
        for start, side in zip(starts, sides, strict=True):
            for place, learned in enumerate(side):
                q = start + 4 * place
                sheet[4 * row : 4 * row + 3, q : q + 3] = tile(W[..., learned])
    fig, ax = plt.subplots(figsize=(7, 5), layout="constrained")
    ax.imshow(sheet)
    ax.set_yticks([4 * row + 1 for row in range(len(used))], [names[n] for n in used])
    ax.set_xticks([1, starts[0] + 10, starts[1] + 10], ["hand-made", "similar", "opposite sign"])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.set_frame_on(False)
    return present(
        fig,
        "Eleven rows, each with a hand-made filter and the learned filters that are most similar "
        "to it, or to its opposite: four rows of edges in four directions, with nine to thirteen "
        "learned filters each, and seven rows of uniform colors, with one to six each. The learned "
        "edges are often a little colored, the uniform ones often stronger in the middle.",
        "Each learned filter stands beside the hand-made one to which it is most similar.",
    )


def before_and_after(before: Array, after: Array) -> FigureOutput:
    """Show eight filters before and after training."""
    limit = np.abs(after).max()
    fig, axes = plt.subplots(2, 8, figsize=(7, 2.2), layout="constrained")
    for row, W, label in zip(axes, (before, after), ("before", "after"), strict=True):
        for number, ax in enumerate(row):
            draw_image(ax, W[:, :, number], "", (-limit, limit), scale=False)
            ax.set_title(f"filter {number}" if label == "before" else "", fontsize=9)
        row[0].set_ylabel(label)
    fig.colorbar(axes[0, 7].images[0], ax=axes)
    return present(
        fig,
        "Two rows of eight filters of 3 by 3 cells, before and after training; white is 0, orange "
        "negative, purple positive. Neither row shows a clear pattern. After training, the colors "
        "are stronger, and most cells have the sign that they had before.",
        "Cover the upper row with your hand: would you say that the lower one looks learned?",
    )


def feature_maps(maps: Sequence[Array], channels: Sequence[Array]) -> FigureOutput:
    """Show the feature maps of some channels, a row for each block."""
    fig, axes = plt.subplots(len(maps), 4, figsize=(7, 1.35 * len(maps)), layout="constrained")
    rows = zip(axes, maps, channels, strict=True)
    for n, (row, A, chosen) in enumerate(rows, 1):
        for ax, channel, values in zip(row, chosen, np.moveaxis(A, -1, 0), strict=True):
            draw_image(ax, values, "", (0, np.quantile(values, 0.995)), scale=False)
            ax.set_title(f"channel {channel}", fontsize=9)
        size = f"block {n}\n{A.shape[0]} x {A.shape[1]}"
        row[0].set_ylabel(size, rotation=0, ha="right", va="center")
    return present(
        fig,
        "Five rows of four feature maps of the photograph. Block 1: the photograph can be "
        "recognized, with a bright sky or a bright tower. Block 2: in channel 73 everything but "
        "the edges is bright, in the others slanted edges, leaves and horizontal edges. Block 3: "
        "similar, and blurred. Blocks 4 and 5: coarse cells, bright in the sky and dark at the "
        "tower.",
        "Shown are the four channels of each block with the largest means. Black is 0, and white "
        "is close to the maximum of the map.",
    )


def patches(tops: Mapping[str, Sequence[Array]]) -> FigureOutput:
    """Show nine patches for each of several channels."""
    fig, axes = plt.subplots(2, 4, figsize=(7, 4.2), layout="constrained")
    for ax, (name, found) in zip(axes.flat, tops.items(), strict=True):
        sheet = np.full((44, 44, 3), 255, np.uint8)
        for place, patch in enumerate(found):
            r, q = 15 * (place // 3), 15 * (place % 3)
            sheet[r : r + 14, q : q + 14] = patch
        ax.imshow(sheet)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name, fontsize=10)
    return present(
        fig,
        "Nine small patches for each of eight channels. Above, the trained network: edges in one "
        "direction, dark blobs such as eyes, and leaves. Below, a network with random weights: "
        "the patches of a channel resemble each other as well.",
        "Each square holds the nine patches that activate a channel most. The upper four channels "
        "are trained, the lower four have random weights.",
    )


def receptive_fields(photo: Array, fields: Sequence[int]) -> FigureOutput:
    """Draw the receptive fields of one unit of each block on a photograph."""
    fig, ax = plt.subplots(figsize=(7, 4.6), layout="constrained")
    ax.imshow(photo)
    box: dict[str, Any] = {"fc": "white", "ec": "none", "pad": 1}
    styles = ("-", "-", "--", "-.", "-")
    for n, (size, style) in enumerate(zip(fields, styles, strict=True), 1):
        left, top = 118 - size / 2, 104 - size / 2
        for color, width in (("black", 4), ("white", 2)):
            ax.add_patch(
                Rectangle((left, top), size, size, fill=False, ec=color, lw=width, ls=style)
            )
        if n > 2:
            place: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 9, "bbox": box}
            ax.text(118 + size / 2 - 3, top + 3, f"block {n}", **place)
    arrow: dict[str, Any] = {
        "arrowprops": {"arrowstyle": "->", "lw": 1.5},
        "va": "center",
        "fontsize": 9,
    }
    ax.annotate("blocks 1 and 2", (126, 104), (224, 104), bbox=box, **arrow)
    ax.set(title=f"receptive fields: {', '.join(map(str, fields))} pixels", xticks=[], yticks=[])
    return present(
        fig,
        "The photograph with five nested squares around one position on the tower. The two "
        "smallest cover a part of one window, that of block 3 a few windows, that of block 4 the "
        "middle of the tower with one roof, and that of block 5 the whole tower and nearly the "
        "height of the image.",
        "Each square is all that one unit of a block can see.",
    )


def side_outputs(photo: Array, drawings: Mapping[str, Array]) -> FigureOutput:
    """Show a photograph and eight drawings, dark on white."""
    fig, axes = plt.subplots(3, 3, figsize=(7, 5.3), layout="constrained")
    axes[0, 0].imshow(photo)
    axes[0, 0].set(title="the photograph", xticks=[], yticks=[])
    for ax, (title, drawing) in zip(axes.flat[1:], drawings.items(), strict=True):
        draw_image(ax, 1 - drawing, title, (0, 1), scale=False)
    return present(
        fig,
        "Nine panels: the photograph and eight drawings, dark on white. Sobel: thin gray lines, "
        "also on tiles and leaves. Side output 1: every change, with the tiles. Side outputs 2 and "
        "3: outlines of the tower, roofs and trees. Side outputs 4 and 5: thick, blurred bands "
        "around the tower and the trees. Fused: bold outlines, without most of the tiles; the mean "
        "of the five looks the same.",
        "From side output 1 to 5, the tiles vanish and the lines get blurred.",
    )


def vgg_maps(rows: Mapping[str, Mapping[str, Array]]) -> FigureOutput:
    """Show feature maps, a row for each set of weights."""
    count = len(next(iter(rows.values())))
    fig, axes = plt.subplots(
        len(rows), count, figsize=(7, 1.5 * len(rows)), squeeze=False, layout="constrained"
    )
    for row, (weights, maps) in zip(axes, rows.items(), strict=True):
        for ax, (title, values) in zip(row, maps.items(), strict=True):
            draw_image(ax, values, "", scale=False)
            ax.set_title(title, fontsize=9)
        row[0].set_ylabel(weights)
    return present(
        fig,
        "The strongest feature map of each block of VGG-19, one row for each set of weights: "
        f"{', '.join(rows)}. With random weights, the photograph can be recognized in the maps of "
        "the first three blocks, and the later ones are coarse and spotted, with a dark border.",
        "The row with random weights is the control.",
    )


def ablations(drawings: Mapping[str, Array]) -> FigureOutput:
    """Show four drawings by parts of the network, dark on white."""
    fig, axes = plt.subplots(2, 2, figsize=(7, 5), layout="constrained")
    for ax, (title, drawing) in zip(axes.flat, drawings.items(), strict=True):
        draw_image(ax, 1 - drawing, title, (0, 1), scale=False)
    return present(
        fig,
        "Four edge drawings of the photograph, dark on white. Without 21 of the edge filters, the "
        "drawing is nearly that with all filters. Without the uniform filters, and without channel "
        "73, the sky and the lake are gray, and the edges stand out less.",
        "Look at the sky, where there is nothing to draw.",
    )
