"""Figures of the lesson "Overfitting", and results of `benchmarks.lessons.overfitting`."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.overfitting.experiments import draw_sets, fit_curves, make_network
from lesson_tools.stored import stored_arrays

__all__ = [
    "accuracies",
    "chosen_on_the_test_set",
    "gains",
    "learning_curves",
    "mean_and_error",
    "memorized",
    "shifted",
    "three_runs",
    "trial",
    "two_networks",
]

BLUE, ORANGE, GREEN = "tab:blue", "tab:orange", "tab:green"
REMEDIES = {
    "decay": "weight decay",
    "dropout": "dropout",
    "augmentation": "augmentation",
    "both": "dropout and\naugmentation",
    "images": "600 images",
    "labels": "150 correct\nlabels",
}


def band(ax: Axes, runs: Array, style: str, color: str, label: str) -> None:
    """Draw the mean of some curves, and a band from the lowest to the highest."""
    epochs = np.arange(1, runs.shape[1] + 1)
    ax.plot(epochs, runs.mean(axis=0), style, color=color, label=label)
    ax.fill_between(epochs, runs.min(axis=0), runs.max(axis=0), color=color, alpha=0.2)


def two_networks(
    images: Array, labels: Array, shuffled: Array, histories: Mapping[str, Array]
) -> FigureOutput:
    """Show digits with both labels, and the accuracies of a network for each kind of label."""
    fig, axes = plt.subplot_mosaic(
        "012345;aaabbb", figsize=(7, 4.6), height_ratios=[1, 2.2], layout="constrained"
    )
    varied = [np.flatnonzero((labels == c) & (shuffled != c))[0] for c in (4, 7, 2, 5, 0, 3)]
    for position, number in enumerate(varied):
        ax = axes[str(position)]
        draw_image(ax, images[number, :, :, 0], "", (0, 1), scale=False)
        ax.set_title(f"{labels[number]}, or {shuffled[number]}", fontsize=10)
    for key, (title, history) in zip("ab", histories.items(), strict=True):
        for column, name, style, color in (
            (1, "150 training images", "--", BLUE),
            (3, "300 new images", "-", ORANGE),
        ):
            epochs = range(1, len(history) + 1)
            axes[key].plot(epochs, history[:, column], style, color=color, label=name)
        axes[key].set(title=title, xlabel="epoch", ylim=(-0.03, 1.05))
    axes["a"].set_ylabel("accuracy")
    axes["b"].legend(loc="center right")
    return present(
        fig,
        "Above, six digits, each titled with its correct and with its shuffled label. Below, "
        "accuracy by epoch. With correct labels, the training accuracy rises to 1 and the accuracy "
        "on new images to about 0.9. With shuffled labels, the training accuracy rises to 1 as "
        "well, more slowly, and the accuracy on new images stays near 0.1.",
        "The dashed lines both end at 1. Now look at the solid ones.",
    )


def learning_curves(runs: Array) -> FigureOutput:
    """Show losses and accuracies of several runs, (runs, epochs, 4)."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.3), layout="constrained")
    for ax, (training, validation) in zip(axes, ((0, 2), (1, 3)), strict=True):
        band(ax, runs[:, :, training], "--", BLUE, "training")
        band(ax, runs[:, :, validation], "-", ORANGE, "validation")
    axes[0].set(title="loss", xlabel="epoch", ylim=(0, 1.5))
    axes[1].set(title="accuracy", xlabel="epoch", ylim=(0.5, 1.02))
    axes[0].legend(loc="upper right")
    return present(
        fig,
        "Loss and accuracy by epoch, mean and range of the runs. The training loss falls to nearly "
        "0 and the training accuracy rises to 1. The validation loss falls for about 15 epochs and "
        "then rises again. The validation accuracy rises quickly and then falls slowly.",
        "The line is the mean of the runs, and the band reaches from the lowest to the highest. "
        "Where do the two losses part?",
    )


def memorized(wrong: Array, correct: Array) -> FigureOutput:
    """Show the network's predictions for mislabeled images, (runs, epochs) of fractions."""
    fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
    band(ax, wrong, "-", ORANGE, "predicts the wrong label")
    band(ax, correct, "--", GREEN, "predicts the correct class")
    ax.set(xlabel="epoch", ylabel="fraction of the training\nimages with wrong labels")
    ax.set(ylim=(-0.03, 1.05))
    ax.legend(loc="center right")
    return present(
        fig,
        "Training images with wrong labels, by epoch; mean and range of the runs. In the first ten "
        "epochs the network predicts the correct class for most of them. Then this curve falls to "
        "0, and the fraction for which it predicts the wrong label rises to 1.",
        "For a while the network knows better than its teacher. When does it give in?",
    )


def shifted(image: Array, shifts: Array) -> FigureOutput:
    """Show an image of shape (1, 8, 8, 1), and some shifts of it, (shifts, 8, 8, 1)."""
    fig, axes = plt.subplots(1, 1 + len(shifts), figsize=(7, 1.5), layout="constrained")
    for ax, view in zip(axes, (*image, *shifts), strict=True):
        draw_image(ax, view[:, :, 0], "", (0, 1), scale=False)
    axes[0].set_title("original")
    return present(
        fig,
        f"A handwritten 7 of 8 by 8 pixels, and {len(shifts)} copies of it, each moved by up to "
        "one pixel in each direction. Rows and columns that enter the image are black, and parts "
        "of the digit that leave it are gone.",
        "You read all of them as a 7. How many of their pixels are the same?",
    )


def accuracies(arm: str) -> Array:
    """Return the test accuracies of an arm of `benchmarks.lessons.overfitting` on ten draws."""
    return stored_arrays("overfitting/results.npz")[arm]


def gains(arm: str) -> Array:
    """Return how much more accurate an arm is than no remedy, in percentage points, by draw."""
    return 100 * (accuracies(arm) - accuracies("nothing"))


def mean_and_error(values: Array) -> tuple[float, float]:
    """Return the mean of some values and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def trial() -> FigureOutput:
    """Show the gain of each remedy on each of the ten draws, and its mean."""
    fig, ax = plt.subplots(figsize=(7, 4.2), layout="constrained")
    described = []
    for row, (arm, name) in enumerate(REMEDIES.items()):
        values = gains(arm)
        mean, error = mean_and_error(values)
        heights = row + np.linspace(-0.25, 0.25, len(values))
        ax.plot(values, heights, "o", color=BLUE, mfc="none", label="" if row else "a training set")
        label = "" if row else "mean and standard error"
        ax.errorbar(
            mean, row + 0.4, xerr=error, fmt="D", color="black", capsize=4, lw=2, label=label
        )
        described.append(
            f"{name.replace(chr(10), ' ')} {mean:+.1f} plus or minus {error:.1f}, better on "
            f"{np.sum(values > 0)} of {len(values)}"
        )
    ax.axvline(0, color="0.5", ls="--")
    ax.set(yticks=range(len(REMEDIES)), yticklabels=list(REMEDIES.values()))
    ax.set(xlabel="gain in test accuracy, percentage points")
    ax.set_ylim(len(REMEDIES) - 0.3, -0.5)
    ax.grid(axis="x", alpha=0.4)
    fig.legend(loc="outside upper right", ncols=2)
    return present(
        fig,
        f"Gains in percentage points, a row for each remedy: {'; '.join(described)}.",
        "Each circle is one training set, with the remedy minus without it. In which rows are all "
        "circles on one side of the dashed line?",
    )


def chosen_on_the_test_set(any_network: Array, best_network: Array) -> FigureOutput:
    """Show how far reported accuracies are from the truth, without and with a choice."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3), sharey=True, sharex=True, layout="constrained")
    bins = np.arange(-0.105, 0.115, 0.01)
    for ax, difference, title in (
        (axes[0], any_network, "the first network"),
        (axes[1], best_network, "the best of twenty"),
    ):
        ax.hist(difference, bins, color=BLUE, alpha=0.6)
        ax.axvline(0, color="black", lw=1)
        ax.axvline(difference.mean(), color=ORANGE, lw=2.5, ls="--", label="mean")
        ax.legend()
        ax.set(title=title, xlabel="reported minus true accuracy")
    axes[0].set_ylabel("number of test sets")
    return present(
        fig,
        "Two histograms of reported minus true accuracy over many test sets of 100 images. For the "
        "first network it is centered at 0. For the best of twenty, chosen on the same images, "
        "most of it lies above 0.",
        "The right histogram is somewhat narrower. What matters is where the two are centered.",
    )


def three_runs() -> FigureOutput:
    """Show the losses of three runs, for an exercise."""
    wrong, (X_val, y_val), _ = draw_sets(0)
    settings = {
        "A": (draw_sets(0, 600, correct=True)[0], 1e-3),
        "B": (wrong, 5e-3),
        "C": (draw_sets(0, correct=True)[0], 1e-4),
    }
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.7), sharey=True, layout="constrained")
    for ax, (title, (training, rate)) in zip(axes, settings.items(), strict=True):
        losses = fit_curves(make_network(0), training, (X_val, y_val), rate, 40)
        ax.plot(range(1, 41), losses[:, 0], "--", color=BLUE, label="training")
        ax.plot(range(1, 41), losses[:, 1], "-", color=ORANGE, label="validation")
        ax.set(title=title, xlabel="epoch", ylim=(0, 2.4))
    axes[0].set_ylabel("loss")
    axes[0].legend()
    return present(
        fig,
        "Three learning curves. A: both fall quickly, then slowly, to nearly 0 and to 0.1. B: the "
        "training loss falls to 0; the validation loss falls and then rises. C: both losses fall "
        "slowly and together, and are still high in epoch 40.",
        "Ask two questions of each panel. How high is the dashed line at the end, and how far is "
        "the solid one above it?",
    )
