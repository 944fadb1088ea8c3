"""Figures of the lesson "Fashion-MNIST"."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from convnet.network import Network
from convnet.plots import draw_confusion
from convnet.types import Array
from lesson_tools.fashion import FashionSample
from lesson_tools.fashion_mnist.results import both_libraries, finished
from lesson_tools.figures import FigureOutput, present

__all__ = ["climb", "confusion", "feature_maps", "flips", "gallery"]

BLUE, ORANGE = "tab:blue", "tab:orange"

DATA = {"fashion-mnist": "Fashion-MNIST", "cifar-10": "CIFAR-10"}
RUNGS = {
    "linear": "linear\nclassifier",
    "lenet": "LeNet",
    "batch-norm": "+ batch\nnormalization",
    "residual": "+ residual\nblocks",
    "cosine-alone": "+ cosine\nschedule",
}
LIBRARIES = {"pytorch": ("PyTorch", "o", -0.07), "keras": ("Keras", "s", 0.07)}


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


def climb() -> FigureOutput:
    """Show the test accuracies of the five rungs on Fashion-MNIST as a staircase."""
    means = {rung: both_libraries("fashion-mnist")[rung].mean() for rung in RUNGS}
    heights = list(means.values())
    fig, ax = plt.subplots(figsize=(7, 4.4), layout="constrained")
    ax.step(np.arange(6) - 0.5, [*heights, heights[-1]], where="post", color="0.4", lw=1.5)
    for library, (label, marker, shift) in LIBRARIES.items():
        color = BLUE if library == "pytorch" else ORANGE
        for x, rung in enumerate(RUNGS):
            y = [run.test_accuracy for run in finished("fashion-mnist", library)[rung]]
            label_once = "" if x else f"run in {label}"
            ax.plot([x + shift] * len(y), y, marker, color=color, alpha=0.7, label=label_once)
    for x, (low, high) in enumerate(zip(heights, heights[1:], strict=False)):
        gain = f"+{100 * (high - low):.1f}"
        ax.text(x + 0.45, (low + high) / 2, gain, ha="right", va="center", fontsize=12)
    ax.axhline(0.835, color="0.6", ls=":")
    ax.text(4.45, 0.8335, "people without expertise", color="0.4", ha="right", va="top")
    ax.plot([], [], color="0.4", label="mean of six runs")
    ax.set(xticks=range(5), xticklabels=list(RUNGS.values()), ylabel="test accuracy")
    ax.set(xlim=(-0.5, 4.5), ylim=(0.825, 0.94))
    ax.legend(loc="upper left")
    text = ", ".join(f"{name} {means[rung]:.3f}" for rung, name in RUNGS.items())
    return present(
        fig,
        "A staircase of five steps that rises from left to right, with six dots on each step. Mean "
        f"test accuracies: {text}. ".replace("\n", " ")
        + "A dotted line marks 0.835 for people without expertise, just below the lowest step.",
        "Each step is the mean of three runs in PyTorch and three in Keras; the numbers are gains "
        "in percentage points.",
    )


def flips() -> FigureOutput:
    """Show the residual network with and without flips and crops, on both data sets."""
    pairs = {
        "constant rate": ("residual", "augment", BLUE),
        "cosine schedule": ("cosine-alone", "cosine", ORANGE),
    }
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.8), layout="constrained")
    text = []
    for ax, (data, title) in zip(axes, DATA.items(), strict=True):
        means = {rung: values.mean() for rung, values in both_libraries(data).items()}
        for schedule, (without, augmented, color) in pairs.items():
            ends = means[without], means[augmented]
            ax.plot([0, 1], ends, color=color, label=f"{schedule} (mean)")
            text.append(f"{title}, {schedule}: {ends[0]:.3f} without and {ends[1]:.3f} with them")
            for library, (_, marker, shift) in LIBRARIES.items():
                for x, rung in enumerate((without, augmented)):
                    y = [run.test_accuracy for run in finished(data, library)[rung]]
                    ax.plot([x + shift / 2] * len(y), y, marker, color=color, alpha=0.5)
        ax.set(title=title, xticks=[0, 1], xlim=(-0.35, 1.35))
        ax.set_xticklabels(["without", "with flips\nand crops"])
    for label, marker, _ in LIBRARIES.values():
        axes[0].plot([], [], marker, color="0.5", label=f"run in {label}")
    axes[0].set_ylabel("test accuracy")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return present(
        fig,
        f"Two panels with lines between mean test accuracies. {'; '.join(text)}.",
        "The scales of the two panels differ. Which lines fall, and which rise?",
    )
