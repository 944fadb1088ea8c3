"""Figures of the lesson "One layer, four libraries"."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from convnet.network import Network
from convnet.plots import draw_grid, draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.one_layer_four_libraries.copies import LAYERS, outputs

__all__ = [
    "by_layer",
    "flattened",
    "five_networks",
    "four_more",
    "rounding_errors",
    "same_padding",
]

COLORS = ["tab:orange", "tab:blue", "tab:green", "tab:purple"]


def five_networks(
    digits: Array, predictions: Mapping[str, Array], accuracies: Mapping[str, Sequence[float]]
) -> FigureOutput:
    """Show ten digits, 0 to 9, each network's predictions, and its accuracy in three runs."""
    fig = plt.figure(figsize=(7, 3.4), layout="constrained")
    halves: Any = fig.subfigures(1, 2, width_ratios=[2, 1])
    left, right = halves
    axes = left.subplots(6, 10, gridspec_kw={"height_ratios": [1.5, 1, 1, 1, 1, 1]})
    for ax, digit in zip(axes[0], digits, strict=True):
        draw_image(ax, digit[:, :, 0], "", (0, 1), scale=False)
    for row, (name, values) in zip(axes[1:], predictions.items(), strict=True):
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for c, (ax, value) in enumerate(zip(row, values, strict=True)):
            good = value == c
            back = "white" if good else "tab:red"
            ax.set(xticks=[], yticks=[], facecolor=back, frame_on=not good)
            look = ("tab:blue", "normal") if good else ("white", "bold")
            style = {"color": look[0], "weight": look[1], "fontsize": 11}
            ax.text(0.5, 0.45, value, ha="center", va="center", **style)
    ax = right.subplots()
    for k, three in enumerate(accuracies.values()):
        ax.plot(three, [k] * len(three), "o", color="tab:blue", mfc="none", ms=8)
    ax.set(yticks=range(5), yticklabels=list(accuracies), xlim=(0, 1))
    ax.set_xlabel("accuracy,\nthree training runs")
    ax.invert_yaxis()
    ax.grid(axis="x")
    return present(
        fig,
        "Left, ten handwritten digits, 0 to 9, and the predictions of five networks for them; "
        "wrong ones stand in red boxes. The original and copy D are right everywhere, copies A, B "
        "and C are mostly wrong. Right, the accuracies on all test images in three training runs: "
        "0.92 to 0.95 for the original and copy D, 0.45 or less for A, B and C.",
        "Red is wrong. Which copies would you send back?",
    )


def by_layer(errors: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show the relative difference of each network from the reference, after each layer."""
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    looks = zip("oD^sv", ("-", "--", "-.", ":", (0, (4, 1, 1, 1, 1, 1))), strict=True)
    for k, ((name, values), (mark, line)) in enumerate(zip(errors.items(), looks, strict=True)):
        ax.semilogy(values, marker=mark, ls=line, color=f"C{k}", label=name, ms=7, alpha=0.8)
    ax.set(xticks=range(6), xticklabels=LAYERS, ylim=(1e-8, 20))
    ax.set_ylabel("largest difference,\nrelative")
    fig.legend(loc="outside upper center", ncols=5)
    return present(
        fig,
        "The largest relative difference after each of six layers, on a logarithmic axis. The "
        "original in 32 bits stays below 0.000001 everywhere. Copies C and D are far above it from "
        "the first convolution on, C near 1 and D between 0.1 and 0.2. Copy B agrees with the "
        "original until it rises to about 1 at the second convolution, and copy A until it does so "
        "at flattening.",
        "For each copy, find the first layer at which it leaves the bottom.",
    )


def rounding_errors(exact: Array, errors: Mapping[str, Array], atol: float) -> FigureOutput:
    """Show the rounding errors against the sizes of the exact values, and two tolerances."""
    fig, ax = plt.subplots(figsize=(6.6, 3.7), layout="constrained")
    for (name, values), color, mark in zip(
        errors.items(), ("tab:blue", "tab:orange"), "o^", strict=True
    ):
        style = {"color": color, "ms": 3, "alpha": 0.6, "label": name}
        ax.loglog(np.abs(exact), np.maximum(values, 1e-9), mark, **style)
    sizes = np.logspace(-2, 2, 200)
    ax.loglog(sizes, 1e-5 * sizes, "--", color="black", label="rtol alone")
    ax.loglog(sizes, atol + 1e-5 * sizes, "-", color="black", label="atol + rtol")
    ax.set(xlim=(0.01, 100), ylim=(2e-10, 0.5))
    ax.set(xlabel="|expected|", ylabel="|actual - expected|")
    ax.legend(loc="lower right", ncols=2)
    return present(
        fig,
        "Scatter plot of the difference against the size of the expected value, both axes "
        "logarithmic. The float32 points form a cloud near 0.000004, only a little lower for small "
        "sizes. A dashed line, rtol alone, rises with the size and passes below some points at the "
        "left. A solid line, atol plus rtol, lies above all float32 points. The TF32 points lie "
        "about 1,000 times higher, mostly above both lines.",
        "A point above a line fails. The blue cloud hardly falls to the left, but the dashed line "
        "does.",
    )


def flattened(maps: Array) -> FigureOutput:
    """Show maps of shape (2, 3, 2), flattened in two orders, and where the weights go."""
    nhwc, nchw = maps.reshape(-1), maps.transpose(2, 0, 1).reshape(-1)
    fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    ax.set(xlim=(-2.6, 11.7), ylim=(-1.3, 5.5), aspect="equal")
    ax.axis("off")
    weights = [f"$w_{{{k}}}$" for k in range(12)]
    sources = [nhwc.tolist().index(value) for value in nchw]
    rows = (
        (5, "NHWC", nhwc, nhwc),
        (4, "weights", weights, nhwc),
        (0.2, "weights", [weights[k] for k in sources], nchw),
        (-0.8, "NCHW", nchw, nchw),
    )
    for y, name, texts, values in rows:
        ax.text(-0.7, y, name, ha="right", va="center", fontsize=10)
        for x, (text, second) in enumerate(zip(texts, values >= 10, strict=True)):
            box = plt.Rectangle((x - 0.5, y - 0.45), 1, 0.9, fc="#dbe9f6", ec="0.4")
            box.set_hatch("////" if second else "")
            ax.add_patch(box)
            backing = {"color": "white", "pad": 1.2} if second else None
            ax.text(x, y, text, ha="center", va="center", fontsize=10, bbox=backing)
    for target, source in enumerate(sources):
        color = "0.5" if nchw[target] >= 10 else "tab:blue"
        ax.plot([source, target], [3.5, 0.7], color=color)
    return present(
        fig,
        "Above, the vector in NHWC order, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60, with the "
        "weights w0 to w11 below it. At the bottom, the vector in NCHW order, 1 to 6 and then 10 "
        "to 60. Lines lead each weight to its value there: w0, w2, w4, w6, w8, w10, then w1, w3, "
        "w5, w7, w9, w11. Cells of channel 1 are hatched.",
        "Each weight must follow its value. Two of the lines are vertical.",
    )


def same_padding() -> FigureOutput:
    """Show the windows of SAME and of padding=1, at stride 2, for 6 and for 7 values."""
    fig, axes = plt.subplots(4, 1, figsize=(6, 5.2), layout="constrained")
    described = []
    for number, ax in enumerate(axes):
        n, name = (6, 7)[number // 2], ("SAME", "padding=1")[number % 2]
        n_out = -(-n // 2)
        total = max((n_out - 1) * 2 + 3 - n, 0)
        before, after = (total // 2, total - total // 2) if name == "SAME" else (1, 1)
        padded = np.pad(np.arange(1, n + 1), (before, after))
        windows = [(0, 2 * k, 1, 3, COLORS[k]) for k in range(n_out)]
        sums = ", ".join(str(padded[2 * k : 2 * k + 3].sum()) for k in range(n_out))
        draw_grid(ax, padded[None], f"n = {n}, {name}: sums {sums}", windows, padded[None] == 0)
        ax.set(xticks=[], yticks=[], xlim=(before - 1.6, before + 7.6))
        described.append(f"n = {n}, {name}: {before} zeros before, {after} after, sums {sums}")
    return present(
        fig,
        "Four rows of numbers with windows of three values at stride 2; zeros of the padding are "
        f"hatched. {'; '.join(described)}.",
        "Compare the first window of the upper two rows, and then that of the lower two.",
    )


def four_more(network: Network, X: Array, reference: Mapping[str, Array]) -> FigureOutput:
    """Show where the outputs of copies E to H differ, for an exercise."""
    fig, axes = plt.subplots(2, 4, figsize=(7, 4.2), layout="constrained")
    for column, copy in zip(axes.T, "EFGH", strict=True):
        actual = outputs(network, X, copy)
        for ax, layer in zip(column, ("conv 1", "conv 2"), strict=True):
            difference = np.abs(actual[layer] - reference[layer]).max(axis=(0, 3))
            difference = difference / np.abs(reference[layer]).max()
            look = {"cmap": "gray_r", "vmin": 0, "vmax": 1, "edgecolors": "0.85", "linewidth": 0.5}
            ax.pcolormesh(difference, **look)
            ax.set(aspect="equal", xticks=[], yticks=[], title=f"{copy}, {layer}")
            ax.invert_yaxis()
        wrong = [
            name
            for name in LAYERS
            if np.abs(actual[name] - reference[name]).max() > 1e-5 * np.abs(reference[name]).max()
        ]
        column[1].set_xlabel(f"first that differs:\n{wrong[0]}")
    return present(
        fig,
        "For each of four copies two grids of gray cells, darker where the difference is larger. "
        "Copy E: all white for conv 1, dark everywhere for conv 2. Copy F: dark nearly everywhere "
        "for conv 1 and conv 2. Copy G: both white; the first layer that differs is the second "
        "ReLU. Copy H: conv 1 is gray along the upper, the lower and the right border only, conv 2 "
        "mainly in its first and last row.",
        "White agrees, and black differs by as much as the largest output or more.",
    )
