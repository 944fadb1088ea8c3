"""Figures of the lesson "Fast convolution"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.plots import draw_grid
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "drawings",
    "errors",
    "ladder",
    "points",
    "race",
    "tile",
    "where_time_goes",
    "which_wins",
]

MARKS = ("o-", "s--", "^:")
COLORS = ("tab:red", "tab:purple", "tab:green")
PARTS = {"copy": ("0.75", ""), "transforms": ("#fdd0a2", "///"), "products": ("#9ecae1", "")}


def race(Z: Array, speeds: Mapping[str, float]) -> FigureOutput:
    """Show 64 feature maps, and the part of them that loops compute in the same time.

    Parameters
    ----------
    Z : ndarray of shape (n_H, n_W, 64)
        Output of the layer.
    speeds : mapping of str to float
        Values per second of "conv2d" and "loops".
    """
    (n_H, n_W, _), ratio = Z.shape, speeds["conv2d"] / speeds["loops"]
    number = max(1, round(Z.size / ratio))
    sheet = np.maximum(Z, 0).transpose(2, 0, 1)
    sheet /= sheet.max(axis=(1, 2), keepdims=True) + 1e-9
    done = np.full(sheet.size, np.nan)
    done[:number] = sheet.ravel()[:number]
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.7), layout="constrained")
    for ax, maps, title in (
        (axes[0], sheet, f"conv2d: {Z.size:,} values"),
        (axes[1], done.reshape(sheet.shape), f"loops: {number:,} values"),
    ):
        mosaic = maps.reshape(8, 8, n_H, n_W).transpose(0, 2, 1, 3).reshape(8 * n_H, 8 * n_W)
        ax.imshow(mosaic, cmap="gray", vmin=0, vmax=1)
        lines = {"color": "tab:blue", "linewidth": 0.6}
        ax.hlines(n_H * np.arange(9) - 0.5, -0.5, 8 * n_W - 0.5, **lines)
        ax.vlines(n_W * np.arange(9) - 0.5, -0.5, 8 * n_H - 0.5, **lines)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=11)
    axes[1].annotate(
        "here",
        (min(number, n_W) / 2, number // n_W),
        (1.9 * n_W, 1.9 * n_H),
        color="tab:red",
        fontsize=12,
        arrowprops={"arrowstyle": "->", "color": "tab:red", "lw": 2},
    )
    return present(
        fig,
        f"Two sheets of 8 by 8 feature maps. On the left all 64 are filled and show the outlines "
        f"of a flower: {Z.size:,} values. On the right there are {number:,} values in the first "
        "map, marked with an arrow, and everything else is empty.",
        f"In the same time, on this computer: conv2d is {ratio:,.0f} times as fast.",
    )


def ladder(speeds: Mapping[str, float]) -> FigureOutput:
    """Show the MACs per second of several versions of the layer."""
    fig, ax = plt.subplots(figsize=(7, 2.5), layout="constrained")
    values = np.array(list(speeds.values())) / 1e6
    ax.barh(range(len(values)), values, color="tab:blue")
    for y, value in enumerate(values):
        times = f"  {value / values[0]:,.0f} times" if y else "  1"
        ax.text(value, y, times, va="center", fontsize=9)
    ax.set(yticks=range(len(values)), yticklabels=list(speeds), ylim=(len(values) - 0.4, -0.6))
    ax.set(xscale="log", xlim=(values.min() / 3, values.max() * 12))
    ax.set_xlabel("million MACs per second")
    ax.grid(axis="x", alpha=0.3)
    ax.set_axisbelow(True)
    shown = ", ".join(f"{name}: {value:,.0f}" for name, value in zip(speeds, values, strict=True))
    return present(
        fig,
        f"Horizontal bars of million MACs per second, on a logarithmic axis. {shown}.",
        "Measured on this computer. The numbers compare each version with the first.",
    )


def tile(d: Array, w: Array, A: Array, B: Array, G: Array) -> FigureOutput:
    """Show the steps of F(2x2, 3x3) as grids."""
    D, U = B @ d @ B.T, G @ w @ G.T
    M = U * D
    y = A @ M @ A.T
    fig, axes = plt.subplots(2, 3, figsize=(7, 4.7), layout="constrained")
    grids = (
        (d, "tile d"),
        (D, "B d B$^T$"),
        (M, "16 products"),
        (w, "kernel w"),
        (U, "G w G$^T$"),
        (y, "A [16 products] A$^T$"),
    )
    for ax, (values, title) in zip(axes.flat, grids, strict=True):
        draw_grid(ax, values + 0.0, scale=(-24, 24))
        ax.set_title(title, fontsize=11)
        for text in ax.texts:
            text.set_fontsize(9)
        ax.set(xlim=(-0.6, 3.6), ylim=(3.6, -0.6), xticks=[], yticks=[])
    rows = "; ".join(", ".join(f"{value:g}" for value in row) for row in y)
    return present(
        fig,
        "Six grids of numbers. Top: the tile of 4 by 4, the transformed tile, and the 16 products "
        "of its entries with those of the transformed kernel. Bottom: the kernel of 3 by 3, the "
        f"transformed kernel of 4 by 4, and the outputs of 2 by 2: {rows}.",
        "Check one output: put the kernel on the upper left corner of the tile.",
    )


def where_time_goes(
    measured: Mapping[int, Mapping[str, Mapping[str, float]]],
) -> FigureOutput:
    """Show the time of each step of im2col and Winograd, by the number of channels."""
    fig, axes = plt.subplots(1, len(measured), figsize=(7, 3.2), sharey=True, layout="constrained")
    text = []
    for ax, (n_C, methods) in zip(axes, measured.items(), strict=True):
        total = sum(methods["im2col"].values())
        for x, steps in enumerate(methods.values()):
            bottom = 0.0
            for part, (color, hatch) in PARTS.items():
                height = steps.get(part, 0) / total
                label = part if ax is axes[-1] and x == 1 else None
                style = {"color": color, "hatch": hatch, "edgecolor": "0.3", "label": label}
                ax.bar(x, height, bottom=bottom, width=0.7, **style)
                bottom += height
        ax.set_title(f"{n_C} channels", fontsize=11)
        ax.set_xticks(range(2), list(methods))
        parts = ", ".join(f"{part} {t / total:.2f}" for part, t in methods["Winograd"].items())
        text.append(f"{n_C} channels: {parts}")
    axes[0].set_ylabel("time, im2col = 1")
    fig.legend(*axes[-1].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return present(
        fig,
        "Stacked bars of the time of Winograd's algorithm, compared with im2col, measured here. "
        f"{'; '.join(text)}.",
        "How much taller or shorter is the right bar of each pair, and what does it consist of?",
    )


def errors(
    sizes: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    im2col: float,
    maps: Mapping[int, Array],
) -> FigureOutput:
    """Show the rounding error by the tile size, and a feature map for several sizes."""
    fig = plt.figure(figsize=(7, 5.1), layout="constrained")
    (upper,), (lower,) = fig.subfigures(2, 1, height_ratios=[1, 1.6], squeeze=False)
    limit = float(maps[min(maps)].max())
    for ax, (n, values) in zip(upper.subplots(1, len(maps)), maps.items(), strict=True):
        ax.imshow(np.maximum(values, 0), cmap="gray", vmin=0, vmax=limit)
        if n == max(maps):
            borders = np.arange(0, len(values) + n, n) - 0.5
            ax.hlines(borders, -0.5, len(values) - 0.5, color="tab:blue", lw=0.8)
            ax.vlines(borders, -0.5, len(values) - 0.5, color="tab:blue", lw=0.8)
            ax.set(xlim=(-0.5, len(values) - 0.5), ylim=(len(values) - 0.5, -0.5))
        ax.set_title(f"n = {n}", fontsize=11)
        ax.set(xticks=[], yticks=[])
    _draw_errors(lower.subplots(), sizes, curves, im2col)
    (curve,) = curves.values()
    shown = ", ".join(f"{n}: {value:.0e}" for n, value in zip(sizes, curve, strict=True))
    return present(
        fig,
        "Top, a feature map computed with tiles of 2, 6, 8 and 10: the outlines of a flower. Up to "
        "8, no errors are visible. At 10 there are white spots, which lie at the right and "
        "lower ends of the tiles. Bottom, the largest error as a "
        f"fraction of the largest value, on a logarithmic axis: {shown}. The error of im2col is "
        f"{im2col:.0e}.",
        "Where in their tiles are the white spots? Above the gray line, the error is larger than "
        "all true values.",
    )


def points(
    sizes: Sequence[int],
    curves: Mapping[str, Sequence[float]],
    im2col: float,
    sets: Mapping[str, Sequence[complex]],
) -> FigureOutput:
    """Show the rounding error for several sets of points, and two of the sets in the plane."""
    fig = plt.figure(figsize=(7, 4.6), layout="constrained")
    (upper,), (lower,) = fig.subfigures(2, 1, height_ratios=[1, 2], squeeze=False)
    ax = upper.subplots()
    for (name, values), mark, color in zip(sets.items(), "o^", COLORS[::2], strict=True):
        z = np.asarray(values, complex)
        ax.plot(z.real, z.imag, mark, color=color, label=name, mfc="none", mew=1.8)
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="0.7"))
    ax.set(aspect="equal", xlim=(-5.5, 5.5), ylim=(-1.4, 1.4), yticks=[-1, 0, 1])
    ax.set_xticks(range(-5, 6))
    ax.axhline(0, color="0.8", lw=0.8, zorder=0)
    ax.legend(loc="upper right", fontsize=8)
    ax.set_title("the points for n = 10 in the complex plane", fontsize=11)
    _draw_errors(lower.subplots(), sizes, curves, im2col)
    shown = ", ".join(f"{name}: {values[-1]:.0e}" for name, values in curves.items())
    return present(
        fig,
        "Top, the complex plane with the integers from -5 to 5 on the real axis, and 12 roots of "
        "unity on a circle of radius 1. Bottom, the largest error by the tile size on a "
        f"logarithmic axis. At the largest tile, {shown}. The roots of unity stay at the level of "
        f"im2col, {im2col:.0e}.",
        "All three curves come from the same program. Only the points differ.",
    )


def _draw_errors(
    ax: Axes, sizes: Sequence[int], curves: Mapping[str, Sequence[float]], im2col: float
) -> None:
    for (name, values), mark, color in zip(curves.items(), MARKS, COLORS, strict=False):
        ax.plot(sizes, values, mark, color=color, label=name)
    ax.axhline(im2col, color="tab:blue", lw=1.2)
    ax.text(sizes[-1], im2col / 2, "im2col", color="tab:blue", va="top", ha="right", fontsize=9)
    ax.axhline(1, color="0.5", lw=0.8)
    ax.set(yscale="log", ylim=(1e-8, 1e4), xlabel="n, outputs per row of a tile")
    ax.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1, 1e2, 1e4])
    ax.set_xticks(sizes)
    ax.minorticks_off()
    ax.set_ylabel("largest error / largest value", fontsize=9)
    ax.grid(alpha=0.3)
    ax.legend(loc="upper left", fontsize=9)


def which_wins(times: Mapping[int, tuple[float, float]]) -> FigureOutput:
    """Show the measured times of im2col and the FFT by the kernel size."""
    fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    base = times[min(times)][0]
    styles = (("im2col", "o-", "tab:blue"), ("FFT", "s--", "tab:green"))
    for (name, mark, color), values in zip(styles, zip(*times.values(), strict=True), strict=True):
        ax.plot(list(times), np.array(values) / base, mark, color=color, label=name)
    ax.set(xlabel="kernel size f", ylabel="time, im2col at f = 3 is 1", yscale="log")
    ax.set_xticks(list(times))
    lowest, highest = ax.get_ylim()
    ticks = [t for t in (0.5, 1, 2, 5, 10, 20, 50, 100) if lowest <= t <= highest]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.legend(fontsize=9)
    clock = ", ".join(f"{f}: {a / base:.1f} and {b / base:.1f}" for f, (a, b) in times.items())
    return present(
        fig,
        f"Time of im2col and of the FFT by kernel size, measured here: {clock}.",
        "Where do the curves cross on your computer?",
    )


def drawings(photo: Array, edges: Mapping[str, Array]) -> FigureOutput:
    """Show a photograph and several drawings of its edges.

    Parameters
    ----------
    photo : ndarray of shape (n_H, n_W, 3), uint8
        Photograph.
    edges : mapping of str to ndarray
        Probability of an edge at each pixel, for 4 x 4 tiles first, then for 10 x 10.
    """
    fig, axes = plt.subplots(1, len(edges) + 1, figsize=(7, 2.2), layout="constrained")
    axes[0].imshow(photo)
    axes[0].set_title("photograph", fontsize=9)
    for ax, (name, values) in zip(axes[1:], edges.items(), strict=True):
        ax.imshow(1 - values, cmap="gray", vmin=0, vmax=1)
        ax.set_title(name, fontsize=9)
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    good, *others = edges.values()
    text = "; ".join(
        f"{name}, {np.abs(values - good).mean():.3f}"
        for name, values in zip(list(edges)[1:], others, strict=True)
    )
    return present(
        fig,
        f"A photograph and drawings of its edges: {', '.join(edges)}. Mean difference from the "
        f"first drawing, on a scale from 0 to 1: {text}.",
        "All drawings come from the same trained network and the same program. Only the tiles and "
        "the points differ.",
    )
