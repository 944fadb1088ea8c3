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
    "arrivals",
    "at_many_rates",
    "before_and_after",
    "borrowed",
    "classifiers",
    "disagreements",
    "errors",
    "estimates",
    "four_curves",
    "loss_curves",
    "other_tasks",
    "parabolas",
    "paths",
    "rates",
    "reshuffled",
    "training_step",
    "tuned",
]

OPTIMIZERS = {
    "SGD": ("tab:orange", "o-"),
    "momentum": ("tab:blue", "s--"),
    "Adam": ("tab:purple", "^:"),
}
TASKS = {
    "digits": "digits",
    "a linear classifier": "a linear\nclassifier",
    "batches of 256": "batches\nof 256",
    "pixels from 0 to 255": "pixels from\n0 to 255",
}
METHODS = {
    "regression": ("logistic regression", "tab:green", "v"),
    "neighbors": ("nearest neighbors", "tab:orange", "s"),
    "svm": ("SVM", "black", "D"),
    "network": ("network, ten seeds", "tab:blue", "o"),
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


def estimates(errors: Mapping[int, Sequence[float]]) -> FigureOutput:
    """Show the relative errors of gradients that are estimated with m images, over m."""
    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    for m, values in errors.items():
        ax.plot([m] * len(values), values, "o", color="tab:blue", alpha=0.35, ms=5)
    sizes = np.array(list(errors))
    middle = np.exp(np.mean([np.log(np.mean(v)) + np.log(m) / 2 for m, v in errors.items()]))
    ax.plot(sizes, middle / np.sqrt(sizes), "--", color="tab:orange", label="constant / √m")
    ax.set(xscale="log", yscale="log", xlabel="images in the mini-batch, m", xticks=sizes)
    ax.set_xticklabels([str(m) for m in sizes])
    ax.minorticks_off()
    ax.set(yticks=[0.1, 0.3, 1, 3], yticklabels=["0.1", "0.3", "1", "3"])
    ax.set_ylabel("relative error of\nthe gradient")
    ax.legend()
    return present(
        fig,
        "Relative errors of estimated gradients over the size of the mini-batch, both on "
        "logarithmic scales. "
        + "; ".join(f"{m} images: {np.mean(v):.2f} on average" for m, v in errors.items())
        + ". The dots follow a straight dashed line, a constant divided by the root of m.",
        "Each dot is one mini-batch. Four times as many images halve the error.",
    )


def parabolas(rates: Sequence[float]) -> FigureOutput:
    """Show three steps of gradient descent on the parabola of the squared parameter."""
    fig, axes = plt.subplots(1, len(rates), figsize=(7, 2.4), sharey=True, layout="constrained")
    x = np.linspace(-1.75, 1.75, 200)
    for ax, rate, color in zip(axes, rates, ("tab:orange", "tab:blue", "tab:red"), strict=True):
        path = (1 - 2 * rate) ** np.arange(4.0)
        ax.plot(x, x**2, color="0.75")
        ax.plot(path, path**2, "o-", color=color)
        ax.annotate("start", (1, 1), (1.25, 0.45), fontsize=9)
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


def loss_curves(curves: Mapping[float, Sequence[Sequence[float]]]) -> FigureOutput:
    """Show the losses of the steps of several runs, for each learning rate."""
    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    ends = []
    for (rate, runs), color, line in zip(
        curves.items(), ("tab:orange", "tab:blue", "tab:red"), ("-", "--", ":"), strict=True
    ):
        # Means of groups of six steps, because single losses jump.
        means = np.array(
            [np.array(run[: len(run) // 6 * 6]).reshape(-1, 6).mean(1) for run in runs]
        )
        steps = 6 * np.arange(means.shape[1]) + 3
        ax.fill_between(steps, means.min(axis=0), means.max(axis=0), color=color, alpha=0.25, lw=0)
        ax.plot(steps, means.mean(axis=0), line, color=color, label=f"rate {rate}")
        ends.append(f"with {rate} it ends at {means[:, -1].mean():.2f}")
    ax.axhline(np.log(10), color="0.6", lw=1, zorder=0, label="log 10")
    ax.set(xlabel="step", ylabel="loss", ylim=(0, 3.3))
    ax.legend(loc="upper right", ncols=4, fontsize=9)
    return present(
        fig,
        f"Training losses over the steps for three learning rates: {'; '.join(ends)}. The largest "
        "rate rises in the first steps and then stays at log 10.",
        "Each line is the mean of three seeds, and its band goes from the smallest to the largest.",
    )


def _draw_path(ax: Axes, path: Array, ratio: float, color: str) -> None:
    """Draw the contour lines of a valley and a path in it."""
    grid = np.meshgrid(np.linspace(-1.15, 0.75, 90), np.linspace(-1.25, 1.25, 90))
    levels = ratio / 2 * np.array([0.03, 0.15, 0.4, 0.8, 1.4]) ** 2
    ax.contour(*grid, (grid[0] ** 2 + ratio * grid[1] ** 2) / 2, levels, colors="0.8")
    ax.plot(*path.T, ".-", color=color, lw=0.9, ms=3.5)
    ax.plot(*path[-1], "o", color=color, ms=7)
    ax.plot(0, 0, "k+", markersize=11, mew=2)
    ax.set(xlim=(-1.15, 0.75), ylim=(-1.25, 1.25), xticks=[], yticks=[])


def paths(ratio: float, by_name: Mapping[str, Array]) -> FigureOutput:
    """Show paths of several optimizers in a valley with a ratio of curvatures."""
    fig, axes = plt.subplots(1, len(by_name), figsize=(7, 2.5), layout="constrained")
    texts = []
    for ax, (name, path) in zip(axes, by_name.items(), strict=True):
        _draw_path(ax, path, ratio, OPTIMIZERS[name][0])
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


def arrivals(counts: Mapping[str, Mapping[float, int]]) -> FigureOutput:
    """Show how many steps each optimizer takes, over the ratio of the curvatures."""
    fig, ax = plt.subplots(figsize=(6, 3.1), layout="constrained")
    for name, by_ratio in counts.items():
        color, line = OPTIMIZERS[name]
        ax.plot(list(by_ratio), list(by_ratio.values()), line, color=color, label=name, ms=5)
    ax.set(xscale="log", yscale="log", xlabel="largest curvature / smallest curvature")
    ax.set(xticks=[2, 10, 50, 200, 1000, 5000], yticks=[5, 30, 100, 1000, 10000])
    ax.set_xticklabels(["2", "10", "50", "200", "1,000", "5,000"])
    ax.set_yticklabels(["5", "30", "100", "1,000", "10,000"])
    ax.minorticks_off()
    ax.set_ylabel("steps until 1% is left")
    ax.legend()
    texts = (
        f"{name}: " + ", ".join(f"{steps} at ratio {ratio:g}" for ratio, steps in by_ratio.items())
        for name, by_ratio in counts.items()
    )
    return present(
        fig,
        f"Steps over the ratio of the curvatures, both on logarithmic scales. {'; '.join(texts)}.",
        "Each point has the best of a thousand rates. Where do the lines cross?",
    )


def rates(task: str, optimizer: str) -> tuple[Array, Array, Array]:
    """Return the learning rates near the best one, in order, and their results.

    Parameters
    ----------
    task, optimizer : str
        Keys of `TASKS` and `OPTIMIZERS`.

    Returns
    -------
    rates, losses, accuracies : ndarray
        Rates of `benchmarks.lessons.training`, (n,), and the results of the five runs, (n, 5).
    """
    arrays, row = stored_arrays(f"training/{optimizer}.npz"), list(TASKS).index(task)
    tried, losses, accuracies = (arrays[name][row, :-1] for name in ("rates", "loss", "accuracy"))
    return tried, losses, accuracies


def tuned(task: str, optimizer: str, what: str = "loss") -> Array:
    """Return the results of the five runs at the rate with the smallest median loss.

    Parameters
    ----------
    task, optimizer : str
        Keys of `TASKS` and `OPTIMIZERS`.
    what : {"loss", "accuracy", "rates"}
        Results to return; the loss is that of the training images.
    """
    tried, losses, accuracies = rates(task, optimizer)
    best = np.median(losses, axis=1).argmin()
    return {"loss": losses, "accuracy": accuracies, "rates": tried}[what][best]


def borrowed(task: str, optimizer: str, what: str = "loss") -> Array:
    """Return the results at the rate that was tuned for the digits; see `tuned`."""
    return stored_arrays(f"training/{optimizer}.npz")[what][list(TASKS).index(task), -1]


def at_many_rates() -> FigureOutput:
    """Show the loss at the end for each optimizer and each learning rate, for the digits."""
    fig, ax = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
    texts = []
    for name, (color, line) in OPTIMIZERS.items():
        arrays = stored_arrays(f"training/{name}.npz")
        tried, losses, _ = rates("digits", name)
        new = np.abs(np.log(arrays["coarse_rates"] / tried[:, np.newaxis])).min(axis=0) > 0.1
        tried = np.concatenate([arrays["coarse_rates"][new], tried])
        runs = [*arrays["coarse_loss"][new], *losses]  # three or five at each rate
        order = np.argsort(tried)
        low, middle, high = np.array(
            [np.minimum(np.quantile(runs[k], [0, 0.5, 1]), 4) for k in order]
        ).T
        ax.fill_between(tried[order], low, high, color=color, alpha=0.2, lw=0)
        ax.plot(tried[order], middle, line, color=color, label=name, ms=5)
        texts.append(
            f"{name} is best at {tuned('digits', name, 'rates'):.2g}, with a median of "
            f"{np.median(tuned('digits', name)):.3f}"
        )
    ax.axhline(np.log(10), color="0.6", lw=1, zorder=0)
    ax.set(xscale="log", yscale="log", xlabel="learning rate", ylim=(0.003, 5))
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


def other_tasks() -> FigureOutput:
    """Show the best rate for each task, and the loss with it and with the digits' best rate."""
    fig, (left, center) = plt.subplots(1, 2, figsize=(7, 3.5), sharey=True, layout="constrained")
    texts = []
    for number, (name, (color, line)) in enumerate(OPTIMIZERS.items()):
        for row, task in enumerate(TASKS):
            y = row + 0.22 * (number - 1)
            rate, loss, other = (
                float(np.median(values))
                for values in (tuned(task, name, "rates"), tuned(task, name), borrowed(task, name))
            )
            left.plot(rate, y, line[0], color=color, ms=7, label=name if row == 0 else None)
            center.plot([loss, other], [y, y], color=color, lw=1)
            if task != "digits":
                center.plot(other, y, line[0], color=color, ms=7, mfc="white")
            center.plot(loss, y, line[0], color=color, ms=7)
            texts.append(
                f"{name}, {task}: best rate {rate:.2g}, loss {loss:.3f}, borrowed {other:.3f}"
            )
    for ax in (left, center):
        ax.set(xscale="log")
        for row in range(1, len(TASKS)):
            ax.axhline(row - 0.5, color="0.88", lw=1, zorder=0)
    left.set(xlabel="best learning rate", ylim=(len(TASKS) - 0.5, -0.5))
    left.set(yticks=range(len(TASKS)), yticklabels=list(TASKS.values()))
    center.set(xlabel="training loss")
    center.axvline(np.log(10), color="0.6", lw=1, zorder=0)
    fig.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return present(
        fig,
        "Left, the best learning rate of each optimizer on four tasks; right, the training loss "
        f"with this rate, and with the one that was best for the digits. {'; '.join(texts)}.",
        "Left: how far do the marks of one color spread? Right: filled marks are tuned, hollow "
        "ones use the rate that was best for the digits. At the gray line nothing is learned.",
    )


def errors(method: str) -> Array:
    """Return a mask of the digits that a method of `benchmarks.lessons.training` misclassifies.

    Parameters
    ----------
    method : str
        Key of `METHODS`.

    Returns
    -------
    wrong : ndarray of bool
        Of shape (1797,), or (10, 1797) for the network.
    """
    arrays = stored_arrays("training/classifiers.npz")
    return arrays[method] != arrays["labels"]


def classifiers() -> FigureOutput:
    """Show the accuracy of each method on each of the six test sets."""
    fig, ax = plt.subplots(figsize=(7, 3.3), layout="constrained")
    texts = []
    for number, (method, (name, color, mark)) in enumerate(METHODS.items()):
        wrong = np.atleast_2d(errors(method))
        parts = [1 - part.mean(axis=1) for part in np.array_split(wrong, 6, axis=1)]
        for row, values in enumerate(parts):
            y = row + 0.18 * (number - 1.5)
            alpha = 0.35 if method == "network" else 0.9
            ax.plot(values, np.full(len(values), y), mark, ls="", color=color, ms=6, alpha=alpha)
        texts.append(f"{name} {1 - wrong.mean():.1%} on average")
        ax.plot([], [], mark, color=color, label=f"{name}: {1 - wrong.mean():.1%}")
    for row in range(1, 6):
        ax.axhline(row - 0.5, color="0.85", lw=1)
    ax.set(yticks=range(6), yticklabels=[f"part {row + 1}" for row in range(6)])
    ax.set(ylim=(5.5, -0.5), xlim=(0.88, 1.003), xlabel="accuracy on the test set")
    fig.legend(loc="outside upper center", ncols=2, fontsize=9)
    return present(
        fig,
        f"Accuracies of four methods on six test sets: {'; '.join(texts)}.",
        "Each row is a test set of about 300 digits. The legend has the mean over all of them.",
    )


def disagreements(
    images: Array, labels: Array, predictions: Mapping[str, Array], most: int = 8
) -> FigureOutput:
    """Show up to `most` images per method that it alone classifies correctly."""
    (first, one), (second, two) = predictions.items()
    only_first = np.flatnonzero((one == labels) & (two != labels))
    only_second = np.flatnonzero((one != labels) & (two == labels))
    fig, axes = plt.subplots(2, most, figsize=(7, 2.5), squeeze=False)
    fig.set_layout_engine("constrained")
    for row, chosen, name in (
        (axes[0], only_first, f"only the\n{first}\nis right"),
        (axes[1], only_second, f"only the\n{second}\nis right"),
    ):
        for ax, number in zip(row, chosen, strict=False):
            draw_image(ax, images[number].reshape(8, 8), "", (0, 1), scale=False)
            ax.set_title(f"{one[number]} / {two[number]}", fontsize=10)
        for ax in row[len(chosen) :]:
            ax.set(xticks=[], yticks=[], frame_on=False)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
    return present(
        fig,
        f"Test images on which exactly one of two methods is right: {len(only_first)} for the "
        f"{first}, {len(only_second)} for the {second}. At most {most} of each are shown.",
        f"Above each image: the prediction of the {first} / of the {second}. What do you read?",
    )


def reshuffled(accuracies: Mapping[float, Sequence[Sequence[float]]]) -> FigureOutput:
    """Show the accuracies after one more epoch in several orders, for each rate and network."""
    fig, ax = plt.subplots(figsize=(6.4, 2.6), layout="constrained")
    texts = []
    for shift, (rate, networks), color, mark in zip(
        (-0.15, 0.15), accuracies.items(), ("tab:blue", "tab:orange"), "os", strict=True
    ):
        for row, values in enumerate(networks):
            ax.plot(values, np.full(len(values), row + shift), mark, color=color, alpha=0.4, ms=6)
            texts.append(f"rate {rate}, network {row}: {min(values):.3f} to {max(values):.3f}")
        ax.plot([], [], mark, color=color, label=f"rate {rate}")
    ax.set(yticks=range(len(networks)), xlabel="validation accuracy after one more epoch")
    ax.set(yticklabels=[f"network {row}" for row in range(len(networks))], xlim=(0.9525, 0.9825))
    ax.set(ylim=(len(networks) - 0.5, -0.5), xticks=[0.955, 0.96, 0.965, 0.97, 0.975, 0.98])
    ax.grid(axis="x", alpha=0.3)
    fig.legend(loc="outside upper center", ncols=2)
    return present(
        fig,
        f"Accuracies after one more epoch in ten different orders. {'; '.join(texts)}.",
        "Each row is one network after nine epochs, and each dot the same network after a tenth "
        "epoch, with the training images in another order.",
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
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.6), sharey=True, layout="constrained")
    for ax, (letter, (images, targets, make, seed)) in zip(axes, curves.items(), strict=True):
        losses = step_losses(images, targets, make(), 6, seed)
        ax.semilogy(losses, color="tab:blue", lw=0.7)
        ax.axhline(np.log(10), color="tab:gray", ls=":")
        ax.set(title=letter, xlabel="step", ylim=(0.1, 120))
    axes[0].set_ylabel("loss")
    return present(
        fig,
        "Four training losses over six epochs on one logarithmic scale; a dotted line marks log "
        "10. A begins far above the line and falls below it within an epoch. B begins at the line "
        "and falls slowly and steadily. C stays close to the line with small fluctuations. D "
        "begins at the line, falls, jumps to several times its height, and then stays on it.",
        "The dotted line is log 10. Where does each curve begin, and where does it end?",
    )
