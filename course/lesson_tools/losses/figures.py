"""Figures of the lesson "Losses"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.functional import cross_entropy, softmax
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.stored import stored_arrays

__all__ = [
    "your_losses",
    "exhibit",
    "five_digits",
    "gradient",
    "learning",
    "no_direction",
    "losses_of",
    "scores",
    "surprise",
    "average_losses",
    "tested",
    "two_starts",
]

DIGITS = (71, 145, 133, 229, 81)  # test images for the reader's answers
STEPS = (0, 1, 2, 3, 5, 8, 12, 20, 35, 60, 100, 200, 400, 1000)  # shown in the animation
MINUS, PLUS = "tab:orange", "tab:purple"
LINES = {"cross-entropy": ("tab:blue", "-", "o"), "squared error": ("tab:orange", "--", "s")}
STARTS = (
    "usual",
    "large",
    "misled",
)  # small random weights, large ones, weights trained on wrong labels
DATA = ("digits", "Fashion-MNIST")


def exhibit(image: Array, probabilities: Array) -> FigureOutput:
    """Show an image of a digit, and the probability of each class."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3), width_ratios=[1, 1.6], layout="constrained")
    draw_image(axes[0], image.reshape(8, 8), "the digit", (0, 1), scale=False)
    bars = axes[1].barh(range(10), probabilities, color="tab:blue")
    names = [f"{value:.0%}" if value >= 0.005 else "" for value in probabilities]
    axes[1].bar_label(bars, names, padding=3)
    axes[1].axvline(0.95, color=MINUS, ls="--")
    axes[1].text(0.93, 8.4, "no clerk\nfrom 95% on", color=MINUS, ha="right", va="center")
    axes[1].set(title="what the network says", xlabel="probability", ylabel="class")
    axes[1].set(yticks=range(10), xlim=(0, 1.12), ylim=(9.6, -0.6))
    named = ", ".join(
        f"{value:.0%} for class {c}" for c, value in enumerate(probabilities) if value >= 0.005
    )
    return present(
        fig,
        "Left, an image of 8 by 8 pixels: a bright blob at the top with a dark notch on its right, "
        f"and a stroke below it. Right, bars with the network's probabilities: {named}. Only the "
        "longest bar crosses the dashed line at 95%.",
        "One bar crosses the dashed line, so nobody checks this digit.",
    )


def five_digits(images: Array) -> FigureOutput:
    """Show five digits without their labels."""
    fig, axes = plt.subplots(1, 5, figsize=(7, 1.8), layout="constrained")
    for ax, number, image in zip(axes, range(5), images[list(DIGITS)], strict=True):
        draw_image(ax, image.reshape(8, 8), f"no. {number}", (0, 1), scale=False)
    return present(
        fig,
        "Five images of handwritten digits with 8 by 8 pixels each, numbered from 0 to 4. Most of "
        "them could be one of two or three digits.",
        "It helps to squint, or to step back from the screen.",
    )


def scores(*cases: Sequence[float]) -> FigureOutput:
    """Show some scores and their softmax probabilities."""
    fig, axes = plt.subplots(1, len(cases), figsize=(7, 2.4), sharey=True, layout="constrained")
    texts = []
    for ax, z in zip(axes, cases, strict=True):
        y_hat = softmax(np.asarray(z, dtype=float))
        bars = ax.bar([f"{j}" for j in range(len(z))], y_hat, color="tab:blue")
        ax.bar_label(bars, fmt="%.3f", fontsize=9)
        name = ", ".join(f"{score:.2g}" if score < 10 else f"{score:g}" for score in z)
        ax.set(title=name, xlabel="class", ylim=(0, 1.15))
        ax.title.set_fontsize(10)
        texts.append(f"scores {name}: {', '.join(f'{value:.3f}' for value in y_hat)}")
    axes[0].set_ylabel("probability")
    return present(
        fig,
        f"Bar charts of the probabilities of classes 0, 1 and 2. {'; '.join(texts)}.",
        "Above each panel are its scores. Two panels are equal: compare the differences of their "
        "scores.",
    )


def surprise(
    images: Array, labels: Array, probabilities: Array, shown: Sequence[int]
) -> FigureOutput:
    """Show minus the logarithm of a probability, with some digits on the curve."""
    fig, ax = plt.subplots(figsize=(6.6, 4.2), layout="constrained")
    p = np.linspace(0.002, 1, 800)
    ax.plot(p, -np.log(p), color="black", lw=2)
    for heads in range(1, 4):
        at = 0.5**heads, heads * np.log(2)
        ax.plot([at[0], at[0], 1], [0, at[1], at[1]], ":", color="0.7", lw=1)
    texts = []
    for number in shown:
        at = probabilities[number, labels[number]]
        price = -np.log(at)
        ax.plot(at, price, "o", color=MINUS, markersize=8, zorder=3)
        # Images stand to the upper right of their points, where the curve leaves room.
        place = ax.inset_axes((at + 0.06, price + 0.25, 0.11, 1.1), transform=ax.transData)
        draw_image(place, images[number].reshape(8, 8), "", (0, 1), scale=False)
        name = f"{_a(labels[number])}: loss {price:.1f}"
        ax.text(at + 0.19, price + 0.8, name, va="center", backgroundcolor="white")
        texts.append(f"{_a(labels[number])} with probability {at:.2g} and loss {price:.1f}")
    ax.set(xlabel="probability of the correct class", ylabel="loss", xlim=(0, 1), ylim=(0, 6.2))
    coins = ax.secondary_yaxis(
        "right", functions=(lambda L: L / np.log(2), lambda n: n * np.log(2))
    )
    coins.set(ylabel="heads in a row that surprise as much", yticks=range(9))
    return present(
        fig,
        "Minus the logarithm of the probability: 0 at 1, 0.69 at one half, and ever more towards "
        "0, where the curve leaves the figure. A second scale on the right counts "
        f"heads in a row: 1 at 0.69, 2 at 1.39 and so on. On the curve: {', '.join(texts)}.",
        "On the right, the curve is nearly flat: a little doubt is cheap. On the left it becomes a "
        "wall. Dotted lines: each halving of the probability costs one more head.",
    )


def average_losses(sure: float) -> FigureOutput:
    """Show the mean of four losses over the stated probability, if the true one is `sure`."""
    stated = np.linspace(0.001, 0.999, 999)
    losses = {  # if the class is right, if it is wrong
        "0-1 loss": (np.where(stated > 0.5, 0.0, 1.0), np.where(stated > 0.5, 1.0, 0.0)),
        r"$1 - \hat y$": (1 - stated, stated),
        "squared error": (2 * (1 - stated) ** 2, 2 * stated**2),  # the sum over both classes
        "cross-entropy": (-np.log(stated), -np.log(1 - stated)),
    }
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.6), layout="constrained")
    for ax, (name, (right, wrong)) in zip(axes, losses.items(), strict=True):
        mean = sure * right + (1 - sure) * wrong
        best = np.flatnonzero(mean <= mean.min() + 1e-9)
        ax.axvline(sure, color="0.6", ls=":")
        ax.plot(stated, mean, color="tab:blue")
        line = "-" if len(best) > 1 else "o"
        ax.plot(stated[best], mean[best], line, color=MINUS, lw=5, markersize=7)
        ax.set(
            title=name,
            xlabel=r"$\hat y$",
            xticks=[0, 0.5, 1],
            ylim=(0, 1.6 if name in ("squared error", "cross-entropy") else 0.8),
        )
        ax.title.set_fontsize(10)
    axes[0].set_ylabel("average loss")
    return present(
        fig,
        "Four panels with the average loss over the stated probability, from 0 to 1. "
        "0-1 loss: 0.7 up to one half, then 0.3 for all above it. One minus the probability: a "
        "line that falls to its lowest point at 1. Squared error and cross-entropy: curves "
        "with their lowest points at 0.7.",
        "Orange: the cheapest probabilities. Dotted: the honest one, 0.7. Where do the two meet?",
    )


def losses_of(answers: Sequence[tuple[int, float]], truths: Sequence[int]) -> Array:
    """Return the loss of each statement about a digit.

    Parameters
    ----------
    answers : sequence of (digit, how sure)
        The remaining probability is divided equally among the nine other digits.
    truths : sequence of int
        The true digits.

    Returns
    -------
    losses : ndarray
        Minus the logarithm of the probability that each statement gives to the true digit.

    Raises
    ------
    ValueError
        If a probability is not between 0 and 1.
    """
    if not all(0 <= sure <= 1 for _, sure in answers):
        raise ValueError("how sure you are is a number from 0 to 1, such as 0.8")
    given = [
        sure if digit == truth else (1 - sure) / 9
        for (digit, sure), truth in zip(answers, truths, strict=True)
    ]
    with np.errstate(divide="ignore"):
        return -np.log(np.asarray(given, dtype=float)) + 0.0  # not -0


def your_losses(
    answers: Sequence[tuple[int, float]], images: Array, labels: Array, probabilities: Array
) -> FigureOutput:
    """Show the losses of the reader's answers about five digits, and of the network's."""
    rows = list(DIGITS)
    truths = labels[rows]
    yours = losses_of(answers, truths.tolist())
    its = -np.log(probabilities[rows, truths])
    fig, axes = plt.subplots(2, 5, figsize=(7, 3.4), height_ratios=[1, 1.3], layout="constrained")
    top = 1.2 * max(np.max(yours[np.isfinite(yours)], initial=1), its.max())
    for number, row in enumerate(rows):
        draw_image(axes[0, number], images[row].reshape(8, 8), _a(truths[number]), (0, 1), False)
        ax = axes[1, number]
        for at, value, color in ((0, yours[number], "tab:blue"), (1, its[number], "0.6")):
            ax.bar(at, min(value, top), color=color)
            height = min(value, 0.85 * top) + 0.02 * top
            ax.text(at, height, _cost(value), ha="center", va="bottom", fontsize=9)
        ax.set(xticks=[0, 1], xticklabels=["you", "network"], ylim=(0, top), yticks=[])
        ax.tick_params(labelsize=8)
    axes[1, 0].set_ylabel("loss")
    means = f"Mean loss: yours {_cost(yours.mean())}, the network's {_cost(its.mean())}"
    fig.suptitle(means, fontsize=11)
    pairs = "; ".join(
        f"{_a(truth)}: you {_cost(one)}, the network {_cost(two)}"
        for truth, one, two in zip(truths, yours, its, strict=True)
    )
    return present(
        fig,
        f"The five digits with their labels, and two bars for each, your loss and the network's. "
        f"{pairs}. {means}.",
        "Which digit cost you most? Were you wrong, or right and in doubt?",
    )


def _a(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _cost(loss: float) -> str:
    return f"{loss:.2f}" if np.isfinite(loss) else "infinite"


def gradient(y_hat: Array, y: Array) -> FigureOutput:
    """Show a prediction, the truth, and their difference."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.5), sharey=True, layout="constrained")
    parts = {r"prediction $\hat y$": y_hat, r"truth $y$": y, r"gradient $\hat y - y$": y_hat - y}
    for ax, (title, values) in zip(axes, parts.items(), strict=True):
        colors = [PLUS if value >= 0 else MINUS for value in values]
        bars = ax.bar([f"{j}" for j in range(len(values))], values, color=colors)
        ax.bar_label(bars, fmt="%.3f", padding=2, fontsize=9)
        ax.axhline(0, color="black", lw=1)
        ax.set(title=title, xlabel="class", ylim=(-1.25, 1.3))
    one, two, three = (", ".join(f"{v:.3f}" for v in values) for values in parts.values())
    return present(
        fig,
        f"Three bar charts for classes 0, 1 and 2. The prediction is {one}; the truth is {two}; "
        f"the gradient, their difference, is {three}.",
        "A step goes against the gradient, so the score of class 0 rises and the others fall.",
    )


def learning(history: Sequence[tuple[Array, float, float]]) -> FigureOutput:
    """Show the loss, and the weights of the ten classes, at several steps of a training run."""
    losses = [loss for _, loss, _ in history]

    def step(number: int) -> Figure:
        weights, loss, accuracy = history[number]
        limit = np.abs(weights).max() or 1
        figure = plt.figure(figsize=(7, 3))
        ax = figure.add_axes((0.085, 0.17, 0.27, 0.65))
        ax.plot(losses, color="0.8")
        ax.plot(losses[: number + 1], color="tab:blue")
        ax.plot(number, loss, "o", color="tab:blue", clip_on=False)
        ax.set_xscale("symlog", linthresh=1)
        ax.set(xlabel="step", ylabel="loss", ylim=(0, 2.5), xlim=(0, len(losses) - 1))
        ax.set(xticks=[0, 1, 10, 100, 1000], xticklabels=["0", "1", "10", "100", "1000"])
        ax.set_title(f"step {number}: loss {loss:.2f},\n{accuracy:.1%} right", fontsize=10)
        for c in range(10):
            ax = figure.add_axes((0.4 + 0.12 * (c % 5), 0.49 - 0.46 * (c // 5), 0.115, 0.36))
            draw_image(ax, weights[:, c].reshape(8, 8), f"{c}", (-limit, limit), scale=False)
            ax.title.set_fontsize(10)
        name = "all weights are 0" if number == 0 else f"weights, from {-limit:.2f} to {limit:.2f}"
        figure.text(0.7, 0.94, name, ha="center", fontsize=10)
        return figure

    return animate(
        step,
        [number for number in STEPS if number < len(history)],
        "Left, the loss over the steps of gradient descent: it falls from 2.30, fast at first, to "
        "0.07. Right, the weights of the ten classes as images, all white at first. After one step "
        "the weights of class 0 are a purple ring with an orange middle, and others resemble "
        "blurred digits. The weights grow fifty times larger and change in detail.",
        seconds=0.9,
        caption="Purple weights are positive, orange ones negative. Class 0 is easy to read: a "
        "ring that should be bright, around a middle that should be dark. Which others are?",
    )


def no_direction(
    W: Array, b: Array, X: Array, labels: Array, weight: tuple[int, int]
) -> FigureOutput:
    """Show accuracy and loss over one weight, and the derivatives of two losses over a score."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.9), layout="constrained")
    values, curves = np.linspace(-4, 8, 481), []
    for value in values:
        changed = W.copy()
        changed[weight] = value
        Z = X @ changed + b
        curves.append((np.mean(Z.argmax(axis=1) == labels), cross_entropy(Z, labels)))
    right, losses = np.transpose(curves)
    axes[0].plot(values, losses, "-", color="tab:blue", label="cross-entropy")
    axes[0].plot(values, 1 - right, "--", color="tab:green", label="0-1 loss")
    axes[0].set(title="one weight varies", xlabel="weight", ylabel="mean over 20 images")
    axes[0].set(ylim=(0, None))
    z = np.linspace(-8, 8, 321)
    y_hat = 1 / (1 + np.exp(-z))
    axes[1].plot(z, y_hat - 1, "-", color="tab:blue", label="cross-entropy")
    squared = 2 * (y_hat - 1) * y_hat * (1 - y_hat)
    axes[1].plot(z, squared, "--", color=MINUS, label="squared error")
    axes[1].set(title='derivative if the truth is "yes"', xlabel="score z", ylim=(-1.05, 0.1))
    axes[1].axvspan(-8, -4, color="0.92")
    axes[1].text(-6, -0.5, "sure\nand\nwrong", ha="center", va="center", fontsize=9)
    for ax, place in zip(axes, ("upper center", "lower right"), strict=True):
        ax.legend(loc=place, fontsize=9)
    return present(
        fig,
        "Left, over one weight: the cross-entropy is a smooth curve with a minimum, the 0-1 loss "
        "a staircase of horizontal pieces. Right, derivatives over the score: for the "
        "cross-entropy -1 at the left, rising to 0 at the right; for the squared error 0 at both "
        "ends, with a dip to -0.3 between. A gray area at the left is marked sure and wrong.",
        "Left: a staircase is flat on every step, so it gives no direction. Right: in the gray "
        "area, only one of the two losses still pulls.",
    )


def two_starts(
    runs: Mapping[str, Mapping[str, Sequence[tuple[Array, float, float]]]],
) -> FigureOutput:
    """Show the accuracy before each step, for each start and each loss."""
    fig, axes = plt.subplots(1, len(runs), figsize=(7, 2.9), sharey=True, layout="constrained")
    texts = []
    for ax, (start, losses) in zip(axes, runs.items(), strict=True):
        for loss, record in losses.items():
            accuracies = [accuracy for _, _, accuracy in record]
            color, line, _ = LINES[loss]
            ax.plot(accuracies, line, color=color, label=loss)
            texts.append(f"{start}, {loss}: {accuracies[-1]:.0%} at the end")
        ax.set(title=start, xlabel="step", ylim=(0, 1.02))
    axes[0].set_ylabel("right on training images")
    axes[0].legend(loc="lower right", fontsize=9)
    return present(
        fig,
        f"The accuracy on the training images over the steps. {'; '.join(texts)}.",
        "On the left the two curves end at the same height. On the right they begin together, too, "
        "but only one of them leaves its mistakes behind.",
    )


def tested(data: str, start: str, loss: str, part: str = "test") -> Array:
    """Return the accuracies of five runs of `benchmarks.lessons.two_losses`, at their chosen rate.

    Parameters
    ----------
    data : {"digits", "Fashion-MNIST"}
        Data set.
    start : {"usual", "large", "misled"}
        Start of the runs.
    loss : {"cross-entropy", "squared error"}
        Loss that the runs make smaller.
    part : {"train", "test", "later_train", "later_test"}
        Images on which the accuracy is measured; "later" after 3,000 steps instead of 300.
    """
    arrays = stored_arrays("losses/two_losses.npz")
    at = DATA.index(data), STARTS.index(start), list(LINES).index(loss)
    if part.startswith("later"):
        return arrays[part][at]
    return arrays[part][at][arrays["chosen"][at]]
