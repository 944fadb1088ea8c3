"""Figures of the lesson "Fashion-MNIST"."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.network import Network
from convnet.plots import draw_confusion
from convnet.training import Epoch
from convnet.types import Array
from lesson_tools.fashion import FashionSample
from lesson_tools.fashion_mnist.results import LadderRun, finished, ladder
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "accuracies",
    "confusion",
    "curves",
    "feature_maps",
    "four_images",
    "gallery",
    "mistakes",
    "parameters",
    "rates",
    "rungs",
]

Runs = Mapping[str, Sequence[Sequence[Epoch]]]

BLUE, ORANGE = "tab:blue", "tab:orange"

# Of the lecture: the training accuracy of each epoch, and the test accuracy at the end.
PUBLISHED = {
    "conv7": (
        [0.8138, 0.8757, 0.8880, 0.8995, 0.9083, 0.9172, 0.9254, 0.9340, 0.9431, 0.9495],
        0.8858,
    ),
    "max-pool": (
        [0.8423, 0.9029, 0.9199, 0.9330, 0.9447, 0.9540, 0.9639, 0.9684, 0.9741, 0.9786],
        0.9125,
    ),
    "strides": (
        [0.8350, 0.8922, 0.9108, 0.9283, 0.9420, 0.9548, 0.9653, 0.9730, 0.9772, 0.9797],
        0.9055,
    ),
}
DATA = {"fashion-mnist": "Fashion-MNIST", "cifar-10": "CIFAR-10"}
RUNGS = {
    "linear": "linear classifier",
    "lenet": "LeNet",
    "batch-norm": "+ batch normalization",
    "residual": "+ residual blocks",
    "augment": "+ flips and crops",
    "cosine": "+ cosine schedule",
    "cosine-alone": "without flips, crops",
}


def values(runs: Sequence[Sequence[Epoch]], key: str) -> Array:
    """Return a metric of all epochs: an array with a row for each run of a model."""
    return np.array([[getattr(epoch, key) for epoch in run] for run in runs])


def gallery(sample: FashionSample, wrong: Array) -> FigureOutput:
    """Show all images of the sample, with red frames around those classified wrongly."""
    fig, axes = plt.subplots(10, 12, figsize=(7, 5.6), layout="constrained")
    for number, ax in enumerate(axes.flat):
        ax.imshow(sample.images[number, :, :, 0], cmap="gray_r")
        ax.set(xticks=[], yticks=[])
        missed = number in wrong
        ax.spines[:].set(color="tab:red" if missed else "0.9", linewidth=3 if missed else 0.5)
    for c, ax in enumerate(axes[:, 0]):
        ax.set_ylabel(sample.names[c], rotation=0, ha="right", va="center", fontsize=11)
    return present(
        fig,
        "Ten rows of twelve small grayscale images of clothes, dark on white: T-shirts, trousers, "
        "pullovers, dresses, coats, sandals, shirts, sneakers, bags and ankle boots. Red frames "
        f"mark {len(wrong)} images that a network classifies wrongly, among them "
        f"{np.sum(sample.labels[wrong] == 6)} of the twelve shirts.",
        f"Twelve images of each class. Can you see why the {len(wrong)} in red frames are hard?",
    )


def four_images(P: Array, y: Array) -> FigureOutput:
    """Show the confusion matrix of the example with four images."""
    fig, ax = plt.subplots(figsize=(3.6, 3.2), layout="constrained")
    draw_confusion(ax, y, P.argmax(axis=1), ["class 0", "class 1", "class 2"])
    return present(
        fig,
        "A confusion matrix of three rows and columns. The diagonal has the counts 1, 1 and 1. The "
        "row of true class 2 has another 1 in the column of predicted class 1. All other entries "
        "are 0.",
        "The colors show fractions of a row.",
    )


def feature_maps(network: Network, sample: FashionSample, number: int) -> FigureOutput:
    """Follow an image of the sample through LeNet."""
    image = sample.images[number : number + 1]
    maps, probabilities = network.feature_maps(image), network.predict(image)[0]
    fig = plt.figure(figsize=(7, 3.4), layout="constrained")
    parts: Any = fig.subfigures(1, 4, width_ratios=[1.1, 1.15, 1.7, 2.3])
    ax = parts[0].subplots()
    ax.imshow(image[0, :, :, 0], cmap="gray_r")
    ax.set(xticks=[], yticks=[])
    for part, layer, grid in ((parts[1], 2, (3, 2)), (parts[2], 5, (4, 4))):
        for c, ax in enumerate(part.subplots(*grid).flat):
            ax.imshow(maps[layer][0, :, :, c], cmap="gray_r")
            ax.set(xticks=[], yticks=[])
    titles = ("input\n28 x 28 x 1", "block 1\n14 x 14 x 6", "block 2\n5 x 5 x 16")
    for part, title in zip(parts, (*titles, "dense layers, softmax\n10 values"), strict=True):
        part.suptitle(title, fontsize=10)
    ax = parts[3].subplots()
    ax.barh(range(10), probabilities, color=BLUE)
    ax.set(yticks=range(10), yticklabels=sample.names, xlim=(0, 1))
    ax.invert_yaxis()
    return present(
        fig,
        f"An image of an {sample.names[sample.labels[number]].lower()} and what LeNet computes "
        "from it: six feature maps of 14 x 14, in which the boot is still recognizable, sixteen "
        "feature maps of 5 x 5, in which it is not, and ten probabilities as bars, with by far the "
        f"longest bar at {sample.names[probabilities.argmax()].lower()}.",
        "From left to right: fewer positions, more channels, and finally ten probabilities.",
    )


def mistakes(sample: FashionSample, probabilities: Array) -> FigureOutput:
    """Show the misclassified images with the probabilities of the predicted and the true class."""
    guesses = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(guesses != sample.labels)
    fig, axes = plt.subplots(-(-len(wrong) // 5), 5, figsize=(7, 5.4), layout="constrained")
    for ax in axes.flat:
        ax.axis("off")
    for number, ax in zip(wrong, axes.flat, strict=False):
        ax.imshow(sample.images[number, :, :, 0], cmap="gray_r")
        lines = (
            f"{sample.names[c]} {probabilities[number, c]:.2f}"
            for c in (guesses[number], sample.labels[number])
        )
        ax.set_title("pred. {}\ntrue {}".format(*lines), fontsize=8.5)
    return present(
        fig,
        "The misclassified images of the sample: "
        + "; ".join(
            f"{sample.names[sample.labels[n]]} as {sample.names[guesses[n]]}" for n in wrong
        ),
        "Each mistake with the probability of the predicted class and that of the true class.",
    )


def confusion(sample: FashionSample) -> FigureOutput:
    """Show the confusion matrix of LeNet for all test images."""
    counts = sample.counts
    row, column = np.divmod(np.arange(100), 10)
    fig, ax = plt.subplots(figsize=(6.6, 5.8), layout="constrained")
    draw_confusion(
        ax, np.repeat(row, counts.ravel()), np.repeat(column, counts.ravel()), sample.names
    )
    correct = np.diag(counts)
    return present(
        fig,
        "The confusion matrix of LeNet for 10,000 test images, 1,000 of each true class. The "
        f"diagonal has between {correct.min()} and {correct.max()} correct predictions. The "
        f"largest other counts are among T-shirt, pullover, dress, coat and shirt: {counts[6, 0]} "
        f"shirts are predicted as T-shirts and {counts[6, 2]} as pullovers. Sandals, sneakers and "
        "ankle boots are confused among themselves, most often ankle boots as sneakers.",
        "Rows are true classes. Find the row with the palest diagonal.",
    )


def parameters(sizes: Mapping[str, int]) -> FigureOutput:
    """Show numbers of parameters as bars."""
    fig, ax = plt.subplots(figsize=(6.6, 2.6), layout="constrained")
    bars = ax.barh(list(sizes), np.array(list(sizes.values())) / 1e6, color=BLUE)
    ax.bar_label(bars, [f"{size:,}" for size in sizes.values()], padding=3)
    ax.set(xlabel="parameters in millions", xlim=(0, 2.8))
    ax.invert_yaxis()
    return present(
        fig,
        "Bars: " + ", ".join(f"{name} {size:,}" for name, size in sizes.items()) + ".",
        "Parameters of the five models, and of LeNet for comparison.",
    )


def accuracies(runs: Runs) -> FigureOutput:
    """Show the test accuracies of all runs after their last epoch, and the published ones."""
    ends = {name: values(each, "validation_accuracy")[:, -1] for name, each in runs.items()}
    fig, ax = plt.subplots(figsize=(6.8, 3.8), layout="constrained")
    for row, (name, accuracy) in enumerate(ends.items()):
        span = [accuracy.min(), accuracy.max()]
        ax.plot(span, [row, row], color=BLUE, alpha=0.3, lw=12, solid_capstyle="butt")
        offsets = 0.16 * (np.arange(len(accuracy)) - (len(accuracy) - 1) / 2)  # or equal ones hide
        ax.plot(accuracy, row + offsets, "o", color=BLUE, label="" if row else "our runs")
        if name in PUBLISHED:
            ax.plot(PUBLISHED[name][1], row, "kx", ms=9, mew=2, label="" if row else "published")
    ax.set(yticks=range(len(ends)), yticklabels=list(ends), ylim=(len(ends) - 0.5, -0.5))
    ax.set_xlabel("test accuracy after ten epochs")
    ax.legend(loc="lower right")
    return present(
        fig,
        "Test accuracies after ten epochs as dots, with a bar from the smallest to the largest: "
        + "; ".join(f"{name}, {a.min():.3f} to {a.max():.3f}" for name, a in ends.items())
        + ". Crosses mark the published accuracies 0.886 for conv7, 0.913 for max-pool and 0.906 "
        "for strides.",
        "Each dot is a run, and each bar reaches from the worst to the best of three runs.",
    )


def draw_runs(ax: Axes, metric: Array, color: str, style: str, label: str) -> None:
    epochs = np.arange(1, metric.shape[1] + 1)
    ax.fill_between(epochs, metric.min(axis=0), metric.max(axis=0), color=color, alpha=0.25, lw=0)
    ax.plot(epochs, metric.mean(axis=0), style, color=color, label=label)


def curves(runs: Runs) -> FigureOutput:
    """Show training and test accuracy by epoch, ours and the published ones."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 5.4), sharex=True, sharey=True, layout="constrained")
    for ax, (name, each) in zip(axes.flat, runs.items(), strict=False):
        training, test = (values(each, key) for key in ("accuracy", "validation_accuracy"))
        draw_runs(ax, training, BLUE, "--", "training, ours")
        draw_runs(ax, test, ORANGE, "-", "test, ours")
        if name in PUBLISHED:
            history, end = PUBLISHED[name]
            ax.plot(range(1, 11), history, "k+", ms=7, label="training, published")
            ax.plot(10, end, "kx", ms=9, mew=2, label="test, published")
        ax.set_title(name, fontsize=11)
        ax.set(ylim=(0.8, 1), xticks=range(2, 11, 2))
    for ax in axes[1]:
        ax.set_xlabel("epoch")
    for ax in axes[:, 0]:
        ax.set_ylabel("accuracy")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    ends = [values(each, "accuracy")[:, -1].mean() for each in list(runs.values())[:5]]
    return present(
        fig,
        "Six panels with training and test accuracy over ten epochs, mean and range of the runs. "
        f"In the five large models the training accuracy rises to between {min(ends):.2f} and "
        f"{max(ends):.2f}, and the test accuracy rises little after about four epochs and stays "
        "near 0.9. In LeNet both rise more slowly and stay closer: about 0.94 and 0.90 at the end. "
        "The published training accuracies of conv7, max-pool and strides, as plus signs, lie on "
        "or near our training curves.",
        "Lines are means of three runs, bands reach from the smallest to the largest.",
    )


def mean_of_last_three(run: LadderRun) -> float:
    return float(np.mean([epoch.validation_accuracy for epoch in run.epochs[-3:]]))


def rates() -> FigureOutput:
    """Show how the rates were chosen: the validation accuracy of the first seed by rate."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    text = []
    for ax, (data, title) in zip(axes, DATA.items(), strict=True):
        runs = ladder(data, "pytorch")
        for number, (rung, marker) in enumerate(zip(RUNGS, "osD^v*X", strict=True)):
            if rung not in finished(data):
                continue
            tried = [run for run in runs if run.rung == rung and run.seed == 1]
            x, y = [run.rate for run in tried], [mean_of_last_three(run) for run in tried]
            ax.plot(x, y, f"{marker}-", color=f"C{number}", label=RUNGS[rung])
            best = int(np.argmax(y))
            ax.plot(x[best], y[best], "o", ms=15, mfc="none", color=f"C{number}")
            shown = ", ".join(f"{value:.3f} at {rate:g}" for rate, value in zip(x, y, strict=True))
            text.append(f"{title}, {RUNGS[rung]}: {shown}")
        ticks = sorted({run.rate for run in runs if run.rung in finished(data)})
        ax.set(xscale="log", title=title, xlabel="learning rate")
        labels = [f"{tick:.8f}".rstrip("0") for tick in ticks]
        ax.set_xticks(ticks, labels, rotation=45, ha="right", rotation_mode="anchor")
        ax.minorticks_off()
        ax.margins(y=0.15)
    axes[0].set_ylabel("validation accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return present(
        fig,
        f"Validation accuracy by learning rate. {'; '.join(text)}.",
        "One run for each rate. Rings mark the rates that were chosen.",
    )


def rungs() -> FigureOutput:
    """Show the test accuracies of all finished rungs on both data sets."""
    found = {data: finished(data) for data in DATA}
    keras = {data: finished(data, "keras") for data in DATA}
    names = [rung for rung in RUNGS if any(rung in rungs for rungs in found.values())]
    fig, axes = plt.subplots(
        1, 2, figsize=(7, 1.2 + 0.45 * len(names)), sharey=True, layout="constrained"
    )
    text = []
    for ax, (data, title) in zip(axes, DATA.items(), strict=True):
        for runs_of, label, color, marker, shift in (
            (found[data], "PyTorch", BLUE, "o", -0.12),
            (keras[data], "Keras", ORANGE, "s", 0.12),
        ):
            for rung, runs in runs_of.items():
                y = names.index(rung) + (shift if keras[data] else 0)
                x = [run.test_accuracy for run in runs]
                ax.plot(x, [y] * len(x), marker, color=color, alpha=0.6)
                ax.plot(np.mean(x), y, "|", color="k", ms=14)
                spread = f"{np.mean(x):.3f} ({min(x):.3f} to {max(x):.3f})"
                text.append(f"{title}, {RUNGS[rung]}, {label}: {spread}")
        for y, rung in enumerate(names):
            if rung not in found[data]:
                ax.text(
                    0.5,
                    y,
                    "not trained yet",
                    color="0.5",
                    va="center",
                    ha="center",
                    transform=ax.get_yaxis_transform(),
                )
        ax.set(title=title, xlabel="test accuracy")
        low, high = ax.get_xlim()
        # Differences of little importance look small.
        room = max(0, 0.06 - (high - low)) / 2 + 0.005
        ax.set_xlim(low - room, high + room)
    axes[0].set(yticks=range(len(names)), yticklabels=[RUNGS[rung] for rung in names])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    return present(
        fig,
        "Test accuracies of three runs for each rung. " + "; ".join(text) + ".",
        "Dots are runs, bars are means. The two panels have different scales.",
    )
