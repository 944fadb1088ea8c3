"""Figures of the lesson "Losses"."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, animate, present
from lesson_tools.stored import stored_arrays

__all__ = [
    "your_losses",
    "five_digits",
    "learning",
    "losses_of",
    "no_clerk",
    "surprise",
    "tested",
]

DIGITS = (71, 145, 133, 229, 81)  # test images for the reader's answers
STEPS = (1, 2, 3, 5, 8, 12, 20, 35, 60, 100, 200, 400, 1000)  # shown in the animation
MINUS, PLUS = "tab:orange", "tab:purple"
LOSSES = ("cross-entropy", "squared error")
STARTS = (
    "usual",
    "large",
    "misled",
)  # small random weights, large ones, weights trained on wrong labels
DATA = ("digits", "Fashion-MNIST")


def no_clerk(images: Array, probabilities: Array, shown: Sequence[int]) -> FigureOutput:
    """Show images of digits, with the network's prediction and its probability above each."""
    fig, axes = plt.subplots(2, 5, figsize=(7, 3.6), layout="constrained")
    readings = []
    for ax, number in zip(axes.flat, shown, strict=True):
        digit, sure = probabilities[number].argmax(), probabilities[number].max()
        draw_image(ax, images[number].reshape(8, 8), f"{_a(digit)}, {sure:.0%}", (0, 1), False)
        readings.append(f"{_a(digit)}, {sure:.0%}")
    return present(
        fig,
        "Ten images of digits with 8 by 8 pixels each, and the network's readings: "
        f"{'; '.join(readings)}. Most look like their readings, more or less. The second shows a "
        "bright blob at the top and a bent stroke below it.",
        "The network is at least 95% sure of each, so no clerk looks at it. One reading is wrong.",
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


def learning(history: Sequence[tuple[Array, float, float]]) -> FigureOutput:
    """Show the loss, and the weights of the ten classes, at several steps of a training run."""
    losses = [loss for _, loss, _ in history]

    def step(number: int) -> Figure:
        weights, loss, accuracy = history[number]
        limit = np.abs(weights).max()
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
        name = f"weights, from {-limit:.2f} to {limit:.2f}"
        figure.text(0.7, 0.94, name, ha="center", fontsize=10)
        return figure

    return animate(
        step,
        [number for number in STEPS if number < len(history)],
        "Left, the loss over the steps of gradient descent: it falls from 2.30, fast at first, to "
        "0.07. Right, the weights of the ten classes as images. After one step "
        "the weights of class 0 are a purple ring with an orange middle, and others resemble "
        "blurred digits. The weights grow fifty times larger and change in detail.",
        seconds=0.9,
        caption="Purple weights are positive, orange ones negative. Class 0 is easy to read: a "
        "ring that should be bright, around a middle that should be dark. Which others are?",
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
    at = DATA.index(data), STARTS.index(start), LOSSES.index(loss)
    if part.startswith("later"):
        return arrays[part][at]
    return arrays[part][at][arrays["chosen"][at]]
