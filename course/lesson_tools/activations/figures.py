"""Figures of the lesson "Activations"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.functional import conv2d, relu
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.activations.experiments import activate, patients
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "comparison",
    "curves",
    "examples",
    "gradients",
    "half_blind",
    "sick_or_sound",
    "smooth",
    "solved",
    "unit",
]

BRIGHTNESS = (0, 255)
COLORS = {
    "ReLU": "0.35",
    "tanh": "tab:blue",
    "sigmoid": "tab:red",
    "no activation": "tab:brown",
    "linear classifier": "tab:olive",
}
COLORS |= {"tanh, random biases": "tab:cyan", "SiLU": "tab:purple", "GELU": "tab:green"}
STYLES = {"ReLU": "-", "tanh": "--", "sigmoid": "-.", "SiLU": "--", "GELU": "-."}
MARKERS = dict(zip(COLORS, "os^Dvps*", strict=True))


def half_blind(images: Mapping[str, Array], kernel: Array, bias: float) -> FigureOutput:
    """Show images, and the output of a line detector: a kernel with a bias and ReLU."""
    fig, axes = plt.subplots(2, len(images), figsize=(5.6, 5.6), layout="constrained")
    for (above, below), (name, image) in zip(axes.T, images.items(), strict=True):
        Z = conv2d(image[None, :, :, None], kernel[:, :, None, None]) + bias
        draw_image(above, image, name, _range(image), scale=False)
        draw_image(below, relu(Z[0, :, :, 0]), "the line detector", (0, 60), scale=False)
    return present(
        fig,
        "Above, a detail of a cat's face with white whiskers, and a retina with dark blood "
        "vessels. Below, what the detector makes of them. The whiskers are bright thin lines on "
        "black. Of the vessels only a few short fragments of their borders are left.",
        "The detector draws the whiskers. Of the vessels, it sees nothing but scraps.",
    )


def _range(image: Array) -> tuple[float, float]:
    return float(image.min()), float(image.max())


def solved(images: Mapping[str, Array], maps: Sequence[tuple[Array, Array, Array]]) -> FigureOutput:
    """Show images, the activations of two filters, and their sum."""
    fig, axes = plt.subplots(len(images), 4, figsize=(7, 3.9), layout="constrained")
    for row, (name, image), (*both, total) in zip(axes, images.items(), maps, strict=True):
        draw_image(row[0], image, name, _range(image), scale=False)
        for ax, A, title in zip(row[1:3], both, ("bright lines", "dark lines"), strict=True):
            draw_image(ax, A, title, (0, 60), scale=False)
        draw_image(row[3], total, "sum", (0, 60), scale=False)
        for ax in row:
            ax.title.set_fontsize(10)
    return present(
        fig,
        "Two rows of images. In the first, the whiskers are clear white lines in the map for "
        "bright lines and in the sum, and the map for dark lines shows only what is between them. "
        "In the second, the vessels are clear lines in the map for dark lines and in the sum, and "
        "the map for bright lines shows only fragments.",
        "In the last column, whiskers and vessels are both bright. Each half of the solution sees "
        "only one of them.",
    )


def curves(dots: Array) -> FigureOutput:
    """Show ReLU, sigmoid and tanh, with their values at some points, above their derivatives."""
    z = np.linspace(-6, 6, 601)
    fig, axes = plt.subplots(2, 3, figsize=(7, 4.2), sharex=True, layout="constrained")
    for (above, below), name in zip(axes.T, ("ReLU", "sigmoid", "tanh"), strict=True):
        A, derivative = activate(name, z)
        derivative = derivative.astype(float)
        if name == "ReLU":
            derivative[np.abs(z) < 1e-9] = np.nan  # it has none at 0
        for ax, values in ((above, A), (below, derivative)):
            ax.axhline(0, color="0.75", lw=1)
            ax.axvline(0, color="0.75", lw=1)
            ax.plot(z, values, color=COLORS[name])
        above.plot(dots, activate(name, dots)[0], "o", color="tab:orange", markeredgecolor="black")
        above.set(title=name, xticks=range(-6, 7, 2))
        if name != "ReLU":
            above.set(ylim=(-1.15, 1.15), yticks=[-1, -0.5, 0, 0.5, 1])
        below.set(xlabel="z", ylim=(-0.1, 1.1), yticks=[0, 0.25, 0.5, 0.75, 1])
    axes[0, 0].set_ylabel("function")
    axes[1, 0].set_ylabel("derivative")
    return present(
        fig,
        "Three curves over z from -6 to 6, with dots at 1, 5, -4, 3 and -2, and below them their "
        "derivatives. ReLU is 0 up to z = 0 and then rises by 1 per unit; its derivative jumps "
        "from 0 to 1 at z = 0. Sigmoid and tanh are S-shaped, on one scale. The sigmoid rises from "
        "0 to 1 and is one half at 0; its derivative is a bell of height one quarter. Tanh rises "
        "from -1 to 1 and is 0 at 0; its derivative is a narrower bell of height 1.",
        "ReLU has one kink, at 0. The other two are smooth, and become flat on both sides. Compare "
        "the heights of the derivatives: that of the sigmoid is at most 1/4.",
    )


def examples(images: Array, labels: Array) -> FigureOutput:
    """Show the first images of three kinds: without a line, with a bright and with a dark one."""
    sums = images[:, :, :, 0].sum(axis=1)
    bright, dark = sums.max(axis=1), -sums.min(axis=1)
    kinds = [labels == 0, (labels == 1) & (bright > dark), (labels == 1) & (bright < dark)]
    fig, axes = plt.subplots(1, 6, figsize=(7, 1.6), layout="constrained")
    for number, (kind, name) in enumerate(zip(kinds, ("no line", "line", "line"), strict=True)):
        for ax, image in zip(axes[2 * number :], images[kind][:2], strict=False):
            ax.imshow(image[:, :, 0], cmap="gray", vmin=-1.6, vmax=1.6)
            ax.set_title(name, fontsize=10)
            ax.axis("off")
    return present(
        fig,
        "Six gray images of 8 by 8 noisy pixels: two without a line, two with a bright vertical "
        "line, two with a dark one.",
        "Two images without a line, two with a bright line, and two with a dark one. The network "
        "has to say whether there is a line, of either kind.",
    )


def comparison(
    rates: Sequence[float],
    tuning: Mapping[str, Sequence[float]],
    accuracies: Mapping[str, Sequence[Sequence[float]]],
    ceiling: float | None = None,
) -> FigureOutput:
    """Show the accuracy for each learning rate, and the test accuracies with the best one."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3), width_ratios=[4, 5], layout="constrained")
    for name, means in tuning.items():
        line = {"color": COLORS[name], "marker": MARKERS[name], "label": name}
        axes[0].semilogx(rates, means, markersize=5, **line)
    axes[0].set(title="tuning", xlabel="learning rate", ylabel="validation accuracy")
    axes[0].set(xticks=rates, xticklabels=map(str, rates))
    axes[0].minorticks_off()
    names = list(accuracies)[::-1]
    for row, name in enumerate(names):
        values = accuracies[name]
        for shift, sets in zip((-0.13, 0.13), values, strict=True):
            y = np.full(len(sets), row - shift)
            axes[1].plot(sets, y, MARKERS[name], color=COLORS[name], alpha=0.6, markersize=5)
        axes[1].plot(np.mean(values), row, "|", color="black", markersize=20, markeredgewidth=1.5)
    if ceiling is not None:
        axes[1].axvline(ceiling, color="0.6", ls=":", lw=2)
        axes[1].text(ceiling + 0.012, -0.35, "linear\nlimit", color="0.4", fontsize=9)
    axes[1].set(title="test", xlabel="test accuracy", yticks=range(len(names)), yticklabels=names)
    axes[1].set_ylim(-0.6, len(names) - 0.4)
    axes[1].grid(axis="x", alpha=0.4)
    lowest = min(np.min(values) for values in accuracies.values())
    highest = max(np.max(values) for values in accuracies.values())
    listed = "; ".join(f"{name} {np.mean(values):.3f}" for name, values in accuracies.items())
    return present(
        fig,
        "Left, the validation accuracy over the learning rate, a curve for each network. Right, "
        "the "
        f"test accuracies of its ten runs as dots between {lowest:.2f} and {highest:.2f}. Means: "
        f"{listed}.",
        "Right: each marker is one run, in two rows for the two training sets; the bar is the "
        "mean. Left, with the same markers: how the learning rate of each network was chosen.",
    )


def gradients(norms: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show the size of the gradient in each layer."""
    fig, ax = plt.subplots(figsize=(6.5, 3.2), layout="constrained")
    for name, values in norms.items():
        line = {"color": COLORS[name], "marker": MARKERS[name], "label": name}
        ax.semilogy(range(1, 21), values, STYLES[name], markersize=4, **line)
    ax.set(xlabel="layer", ylabel="gradient at the layer's input (norm)", xticks=[1, 5, 10, 15, 20])
    ax.legend(loc="lower right")
    return present(
        fig,
        "The norm of the gradient at layers 1 to 20, on a logarithmic axis. With ReLU it stays "
        "near 60 in all layers. With tanh it falls from 67 at layer 20 to 13 at layer 1. With "
        "sigmoid it falls along a straight line, from 16 at layer 20 to about 10 to the power of "
        "minus 11 at layer 1.",
        "Read from right to left, in the direction of the gradient. Each step of the axis is a "
        "factor of 100.",
    )


def unit(runs: Mapping[str, Sequence[float]]) -> FigureOutput:
    """Show how the weight of a unit changes over the steps of its training."""
    fig, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
    looks = (("-", "0.35"), ("-.", "tab:green"), ("--", "tab:blue"), (":", "tab:red"))
    for (name, weights), (style, color) in zip(runs.items(), looks, strict=True):
        ax.plot(weights, style, color=color, label=name, lw=2.2)
    ax.set(xlabel="step", ylabel="weight w", ylim=(-1.4, 1.1))
    fig.legend(loc="outside lower center", ncols=2, fontsize=9)
    return present(
        fig,
        "The weight w over 100 steps, from 1 on. With ReLU and the small learning rate it goes to "
        "about 0.5. After one large step with ReLU it falls to -1.2 and stays there. With leaky "
        "ReLU after the same large step, it rises again: with factor 0.1 it reaches 0.5 within 60 "
        "steps, with factor 0.01 it has come back to about -1 after 100 steps.",
        "The dotted line is the unit after the large step: flat, for as long as you care to wait.",
    )


def smooth() -> FigureOutput:
    """Show GELU and SiLU beside ReLU, and their derivatives."""
    z = np.linspace(-5, 3, 801)
    fig, axes = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    for name in ("ReLU", "SiLU", "GELU"):
        A, derivative = activate(name, z)
        if name == "ReLU":
            derivative = np.where(np.abs(z) < 1e-9, np.nan, derivative)
        for ax, values in zip(axes, (A, derivative), strict=True):
            ax.plot(z, values, STYLES[name], color=COLORS[name], label=name)
        if name != "ReLU":
            lowest = np.argmin(A)
            for ax, value in zip(axes, (A[lowest], 0), strict=True):
                ax.plot(z[lowest], value, "o", color=COLORS[name])
    axes[0].set(title="functions", xlabel="z", ylim=(-0.5, 1.5))
    axes[1].set(title="derivatives", xlabel="z", ylim=(-0.3, 1.3))
    axes[0].legend()
    for ax in axes:
        ax.axhline(0, color="0.8", lw=1, zorder=0)
    return present(
        fig,
        "Left, SiLU and GELU beside ReLU. Both are close to ReLU far from 0, and dip below 0 for "
        "negative z: SiLU to -0.28 near z = -1.3, GELU to -0.17 near z = -0.75. Right, their "
        "derivatives, which are 0 at these points, negative to the left of them, and positive to "
        "the right.",
        "The dots mark the lowest point of each function, where its derivative is 0.",
    )


def sick_or_sound() -> FigureOutput:
    """Show the values z of six units, and their activation functions."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 4), layout="constrained")
    for ax, (letter, (name, z)) in zip(axes.flat, patients().items(), strict=True):
        limit = 0.2 if np.abs(z).max() < 0.2 else 10
        ax.hist(z, bins=np.linspace(-limit, limit, 41), color="0.7")
        ax.axvline(0, color="0.4", lw=1)
        ax.set(title=f"{letter}: {name}", yticks=[], xlim=(-limit, limit))
        curve, line = ax.twinx(), np.linspace(-limit, limit, 401)
        curve.plot(line, activate(name, line)[0], color="tab:red")
        curve.set(yticks=[])
    for ax in axes[1]:
        ax.set_xlabel("z")
    return present(
        fig,
        "Six histograms of z over 300 examples, each with the curve of the unit's activation "
        "function. A, ReLU: all z between -8 and -0.8. B, tanh: z around 0, mostly between -2 and "
        "2. C, ReLU: all z between 1 and 9. D, sigmoid: z near -8 and near 8, with none between "
        "-5 and 5. E, ReLU: z from -6 to 3, mostly negative. F, tanh: all z between -0.15 and "
        "0.15.",
        "Gray: how often each z occurs. Red: the unit's activation function. Mind the axis of F.",
    )
