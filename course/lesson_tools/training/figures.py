"""Figures of the lesson "Training", and results of `benchmarks.lessons.training`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.network import Network
from convnet.plots import draw_image
from convnet.training import SGD, Adam
from convnet.types import Array, Optimizer
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stored import stored_arrays

__all__ = [
    "at_many_rates",
    "before_and_after",
    "four_curves",
    "loss_curves",
    "parabolas",
    "paths",
    "training_step",
]

OPTIMIZERS = {
    "SGD": ("tab:orange", "o-"),
    "momentum": ("tab:blue", "s--"),
    "Adam": ("tab:purple", "^:"),
}


def before_and_after(
    images: Array, labels: Array, untrained: Network, trained: Network
) -> FigureOutput:
    """Show an image of each class, with the predictions of two networks above it."""
    chosen = [np.flatnonzero(labels == c)[3] for c in range(10)]
    fig, axes = plt.subplots(2, 10, figsize=(7, 2), layout="constrained")
    counts = []
    for row, network, name in zip(
        axes, (untrained, trained), ("random\nweights", "after\ntraining"), strict=True
    ):
        guesses = network.scores(images[chosen]).argmax(axis=1)
        counts.append(int(np.sum(guesses == np.arange(10))))
        for c, (ax, number, guess) in enumerate(zip(row, chosen, guesses, strict=True)):
            draw_image(ax, images[number, :, :, 0], "", (0, 1), scale=False)
            ax.set_title(f"{guess}", color="tab:blue" if guess == c else "tab:red", fontsize=14)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=10)
    return present(
        fig,
        "Ten images of the digits 0 to 9, twice. Above each is the class that a network predicts: "
        f"with random weights {counts[0]} of 10 are right, after training {counts[1]}.",
        "The prediction is above each image, in red if it is wrong. The network has never been "
        "trained on these images.",
    )


def training_step(network: Network, batch: int) -> FigureOutput:
    """Show the five parts of a training step, with the shapes of the arrays."""
    shapes = network.shapes
    fig, ax = plt.subplots(figsize=(7, 3.5), layout="constrained")
    ax.set(xlim=(0, 120), ylim=(0, 44))
    ax.axis("off")
    boxes = (
        (1, f"1 slice\n{(batch, 8, 8, 1)}", "tab:gray"),
        (21, f"conv,\nReLU\n{(batch, *shapes[1])}", "tab:blue"),
        (41, f"conv,\nReLU\n{(batch, *shapes[3])}", "tab:blue"),
        (61, f"pool,\nflatten\n{(batch, *shapes[5])}", "tab:blue"),
        (81, f"dense\n{(batch, *shapes[6])}", "tab:blue"),
        (101, "3 loss:\ncross-\nentropy", "tab:red"),
    )

    def box(x: float, y: float, width: float, height: float, text: str, color: str) -> None:
        style = "round,pad=0.1,rounding_size=1.2"
        patch = FancyBboxPatch((x, y), width, height, style, fc=color, ec=color, alpha=0.18)
        ax.add_patch(patch)
        ax.text(x + width / 2, y + height / 2, text, ha="center", va="center", fontsize=8.5)

    def arrow(start: tuple[float, float], end: tuple[float, float], color: str = "black") -> None:
        ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "lw": 1.6, "color": color})

    for x, text, color in boxes:
        box(x, 23, 17, 13, text, color)
    for x in (18, 38, 58, 78, 98):
        arrow((x, 31.5), (x + 3, 31.5))
    for x in (98, 78, 58, 38):
        arrow((x + 3, 26.5), (x, 26.5), "tab:red")
    ax.text(59, 40, "2 forward: activations", ha="center", fontsize=10)
    ax.text(106, 18.5, "4 backward:\ngradients", ha="center", va="center", color="tab:red")
    count = f"{network.parameters.size:,} parameters"
    box(30, 1, 50, 10, f"{count}\n5 step: parameters -= rate * gradients", "tab:green")
    for x in (29, 49, 89):
        arrow((x, 22.5), (54 + (x - 54) / 4, 11.8), "tab:red")
    ax.plot([29.5, 9, 9], [6, 6, 7], color="black", lw=1.6)
    arrow((9, 6), (9, 22.5))
    ax.text(11, 14, f"repeat with the\nnext {batch} images", va="center", fontsize=9)
    return present(
        fig,
        f"Data flow of one training step. {batch} images are sliced from the training set and go "
        "forward through two convolution layers with ReLU, pooling, flattening and a dense layer "
        "to the loss; the shapes of the arrays are in the boxes. Red arrows lead backward through "
        "the same layers, and from the layers with parameters to a box: parameters -= rate * "
        "gradients. From there an arrow leads back to the beginning.",
        "One training step. Black arrows carry activations, red ones gradients.",
    )


def parabolas(rates: Sequence[float]) -> FigureOutput:
    """Show three steps of gradient descent on the parabola of the squared parameter."""
    fig, axes = plt.subplots(1, len(rates), figsize=(7, 2.4), sharey=True, layout="constrained")
    x = np.linspace(-1.75, 1.75, 200)
    for ax, rate, color in zip(axes, rates, ("tab:orange", "tab:blue", "tab:red"), strict=True):
        path = (1 - 2 * rate) ** np.arange(4.0)
        ax.plot(x, x**2, color="0.75")
        ax.plot(path, path**2, "o-", color=color)
        ax.annotate("start", (1, 1), (1.12, 0.8), fontsize=9)
        ax.set(title=f"learning rate {rate}", xlabel=r"$\theta$", ylim=(-0.1, 3.1))
    axes[0].set_ylabel("J")
    return present(
        fig,
        "Three times the parabola of the cost with three steps of gradient descent from 1. With "
        "learning rate 0.1 the points creep down one side; with 0.75 they jump from side to side "
        "and come closer to the minimum; with 1.1 they jump from side to side and climb.",
        "Left: too careful. Middle: every step jumps over the minimum, and still it converges. "
        "Right: every step jumps further.",
    )


def loss_curves(curves: Mapping[float, Sequence[float]]) -> FigureOutput:
    """Show the losses of the steps of a run for each learning rate."""
    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    ends = []
    for (rate, run), color, line in zip(
        curves.items(), ("tab:orange", "tab:blue", "tab:red"), ("-", "--", ":"), strict=True
    ):
        # Means of groups of six steps, because single losses jump.
        means = np.array(run[: len(run) // 6 * 6]).reshape(-1, 6).mean(axis=1)
        ax.plot(6 * np.arange(len(means)) + 3, means, line, color=color, label=f"rate {rate}")
        ends.append(f"with {rate} it ends at {means[-1]:.2f}")
    ax.axhline(np.log(10), color="0.6", lw=1, zorder=0, label="log 10")
    ax.set(xlabel="step", ylabel="loss", ylim=(0, 2.8))
    ax.legend(loc="upper right", ncols=4, fontsize=9)
    return present(
        fig,
        f"Training losses over the steps for three learning rates: {'; '.join(ends)}. The largest "
        "rate stays at log 10.",
        "Where does the loss end with the largest rate? Each value is a mean over six steps.",
    )


def _draw_path(ax: Axes, path: Array, ratio: float, color: str, height: float) -> None:
    """Draw the contour lines of a valley and a path in it."""
    grid = np.meshgrid(np.linspace(-1.15, 0.55, 90), np.linspace(-height, height, 900))
    levels = ratio / 2 * np.array([0.03, 0.15, 0.4, 0.8, 1.4]) ** 2
    ax.contour(*grid, (grid[0] ** 2 + ratio * grid[1] ** 2) / 2, levels, colors="0.8")
    ax.plot(*path.T, ".-", color=color, lw=0.9, ms=3.5)
    ax.plot(*path[-1], "o", color=color, ms=7)
    ax.plot(0, 0, "k+", markersize=11, mew=2)
    ax.set(xlim=(-1.15, 0.55), ylim=(-height, height), xticks=[], yticks=[])


def paths(ratio: float, by_name: Mapping[str, Array]) -> FigureOutput:
    """Show paths of several optimizers in a valley with a ratio of curvatures."""
    fig, axes = plt.subplots(1, len(by_name), figsize=(7, 2.8), layout="constrained")
    height = 1.1 * max(np.abs(path[:, 1]).max() for path in by_name.values())
    texts = []
    for ax, (name, path) in zip(axes, by_name.items(), strict=True):
        _draw_path(ax, path, ratio, OPTIMIZERS[name][0], height)
        left = np.linalg.norm(path[-1]) / np.linalg.norm(path[0])
        ax.set_title(f"{name}: {left:.0%} left", fontsize=11)
        ax.set_xlabel(f"{len(path) - 1} steps")
        flips = int(np.sum(np.diff(np.sign(path[:, 1])) != 0))
        texts.append(
            f"{name} changes sides {flips} times, and after {len(path) - 1} steps {left:.0%} of "
            "the distance is left"
        )
    return present(
        fig,
        "Contour lines of a valley that are nearly horizontal, with paths from the upper left to "
        f"the minimum, a cross. {'; '.join(texts)}.",
        "The cross is the minimum, and the large dot is the last step. The vertical axis points "
        "across the valley, the direction of large curvature.",
    )


def at_many_rates() -> FigureOutput:
    """Show the loss at the end for each optimizer and each learning rate."""
    stored = stored_arrays("training/rates.npz")
    tried, losses = stored["rates"], np.minimum(stored["loss"], 4)
    fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    texts = []
    for (name, (color, line)), runs in zip(OPTIMIZERS.items(), losses, strict=True):
        low, middle, high = np.quantile(runs, [0, 0.5, 1], axis=1)
        ax.fill_between(tried, low, high, color=color, alpha=0.2, lw=0)
        ax.plot(tried, middle, line, color=color, label=name, ms=5)
        best = middle.argmin()
        texts.append(f"{name} is best at {tried[best]:g}, with a median of {middle[best]:.3f}")
    ax.axhline(np.log(10), color="0.6", lw=1, zorder=0)
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylim=(0.0015, 5))
    ax.set_ylabel("training loss after six epochs")
    ax.set(yticks=[0.01, 0.1, 1], yticklabels=["0.01", "0.1", "1"])
    ax.legend(loc="lower left")
    return present(
        fig,
        "The training loss after six epochs over the learning rate, both on logarithmic scales: "
        f"three valleys side by side. {'; '.join(texts)}. To the right of its minimum each curve "
        "jumps to log 10.",
        "Lines are medians of the runs, bands go from the best to the worst. The gray line is the "
        "loss of a network that has learned nothing.",
    )


def step_losses(
    images: Array, labels: Array, optimizer: Optimizer, epochs: int, seed: int
) -> list[float]:
    """Train a digits network, and return the loss of every step."""
    network, losses = digits_network(seed), []
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng((seed, epoch)).permutation(len(images))
        for picked in np.split(order, range(32, len(order), 32)):
            scores = network.forward(images[picked], training=True)
            losses.append(float(cross_entropy(scores, labels[picked])))
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
    return losses


def four_curves() -> FigureOutput:
    """Show four losses, in each of which something is wrong, for an exercise."""
    data = digits()
    X, labels = data.train_images, data.train_labels
    others = np.random.default_rng(0).permutation(labels)
    curves: dict[str, tuple[Array, Array, Callable[[], Any], int]] = {
        "A": (255 * X, labels, lambda: Adam(0.01), 0),
        "B": (X, labels, lambda: SGD(0.01), 1),
        "C": (X, others, lambda: Adam(0.01), 0),
        "D": (X, labels, lambda: SGD(0.3, momentum=0.9), 2),
    }
    fig, axes = plt.subplots(2, 2, figsize=(7, 4.2), sharex=True, sharey=True, layout="constrained")
    for ax, (letter, (images, targets, make, seed)) in zip(axes.flat, curves.items(), strict=True):
        losses = step_losses(images, targets, make(), 6, seed)
        ax.plot(losses, color="tab:blue", lw=0.9)
        ax.axhline(np.log(10), color="tab:gray", ls=":")
        ax.set(title=letter, ylim=(0, 4))
        if losses[0] > 4:
            ax.text(0.16, 0.85, f"begins at {losses[0]:.0f}", transform=ax.transAxes)
    for ax in axes[1]:
        ax.set_xlabel("step")
    for ax in axes[:, 0]:
        ax.set_ylabel("loss")
    return present(
        fig,
        "Four training losses over six epochs on one scale from 0 to 4; a dotted line marks log "
        "10, or 2.3. A begins far above the scale and falls below the line within an epoch. B "
        "begins at the line and falls slowly and steadily. C stays close to the line with small "
        "fluctuations. D begins at the line, falls and jumps up several times, and then stays on "
        "the line.",
        "The dotted line is log 10. Where does each curve begin, and where does it end?",
    )
