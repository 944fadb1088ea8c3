"""Figures of the lesson "Transfer learning"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from PIL import Image

from convnet.data import load_sample_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.transfer_learning.results import Few

__all__ = [
    "answers",
    "body_and_head",
    "layers",
    "more_images",
    "plane",
    "runs",
    "tiny_photograph",
]

CHANCE = 0.1
VEHICLES = ("airplane", "automobile", "ship", "truck")
STYLES = {
    "frozen features": ("tab:blue", "o-"),
    "hand-crafted features": ("tab:green", "^-."),
    "pixels": ("black", "d:"),
}


def runs(accuracies: Mapping[str, Array]) -> FigureOutput:
    """Show the test accuracies of several methods: a dot for each draw, and their mean."""
    names = list(accuracies)[::-1]
    size = (7, 0.55 + 0.42 * len(names))
    fig, ax = plt.subplots(figsize=size, layout="constrained")
    for row, name in enumerate(names):
        values = np.asarray(accuracies[name])
        ax.plot(values, np.full(len(values), row), "o", color="tab:blue", alpha=0.5, markersize=7)
        ax.plot(values.mean(), row, "|", color="black", markersize=18, markeredgewidth=2)
        ax.annotate(
            f"{values.mean():.2f}", (values.max(), row), (9, 0), textcoords="offset points",
            va="center", fontsize=10,
        )  # fmt: skip
    ax.axvline(CHANCE, color="0.6", ls=":", lw=2)
    ax.set(xlim=(0, 1), yticks=range(len(names)), yticklabels=names, xlabel="test accuracy")
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.grid(axis="x", alpha=0.3)
    listed = "; ".join(
        f"{name} {values.mean():.2f}, from {values.min():.2f} to {values.max():.2f}"
        for name, values in ((name, np.asarray(accuracies[name])) for name in accuracies)
    )
    return present(
        fig,
        f"Test accuracies in rows, a dot for each training set and a mark for the mean. {listed}. "
        "A dotted line marks chance, 0.1.",
        "Each dot is another training set of a hundred photographs, and the black mark is their "
        "mean. The dotted line is chance.",
    )


def tiny_photograph() -> FigureOutput:
    """Show a photograph, its size in CIFAR-10, and that enlarged again."""
    square = Image.fromarray(load_sample_image("chelsea.jpg")).crop((75, 0, 341, 266))
    tiny = square.resize((32, 32), Image.Resampling.BOX)
    again = tiny.resize((96, 96), Image.Resampling.BICUBIC)
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.7), layout="constrained")
    titles = ("a photograph", "32 x 32 pixels", "upsampled to 96 x 96")
    for ax, image, title in zip(axes, (square, tiny, again), titles, strict=True):
        ax.imshow(np.asarray(image))
        ax.set_title(title, fontsize=11)
        ax.axis("off")
    return present(
        fig,
        "Three versions of a cat's face: sharp; as 32 by 32 coarse squares, in which eyes and ears "
        "can just be recognized; and upsampled and smooth, without any new detail.",
        "The middle one is as much as a classifier gets to see of a photograph. Upsampling adds "
        "pixels, but no information.",
    )


def body_and_head() -> FigureOutput:
    """Show which parts are trained in pretraining, feature extraction and fine-tuning."""
    fig, axes = plt.subplots(3, 1, figsize=(7, 3.8), layout="constrained")
    rows = (
        (
            "pretraining:\n1.3 million\nphotographs",
            "body, trained",
            "head, trained",
            "1,000 scores",
        ),
        ("feature extraction:\nyour images", "body, frozen", "new head, trained", "10 scores"),
        ("fine-tuning:\nyour images", "body, trained further", "new head, trained", "10 scores"),
    )
    for ax, (source, body, head, scores) in zip(axes, rows, strict=True):
        ax.set(xlim=(0, 100), ylim=(0, 10))
        ax.axis("off")
        ax.text(11, 5, source, ha="center", va="center", fontsize=10)
        for left, width, label in ((29, 26, body), (61, 24, head)):
            frozen = "frozen" in label
            ax.add_patch(
                FancyBboxPatch(
                    (left, 2.2), width, 5.6, "round,pad=0.4", ec="0.3", lw=1.5,
                    fc="0.85" if frozen else "#cfe3f5", hatch="//" if frozen else None,
                )
            )  # fmt: skip
            box = {"fc": "white", "ec": "none", "pad": 1.5}
            ax.text(left + width / 2, 5, label, ha="center", va="center", fontsize=11, bbox=box)
        for start, end in ((23, 28), (56, 60), (86, 88.5)):
            ax.annotate("", (end, 5), (start, 5), arrowprops={"arrowstyle": "->", "lw": 1.6})
        ax.text(89, 5, scores, ha="left", va="center", fontsize=10)
    return present(
        fig,
        "Three rows of boxes. In pretraining on 1.3 million photographs, body and head are trained "
        "and give 1,000 scores. In feature extraction on your images, the body is hatched as "
        "frozen, and a new head with 10 scores is trained. In fine-tuning, the body is trained "
        "further, with a new head.",
        "Blue parts are trained and hatched ones are not. The new head is all that feature "
        "extraction has to learn.",
    )


def plane(pixels: Few, features: Few) -> FigureOutput:
    """Show two representations of test photographs in planes of principal components."""
    fig, axes = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
    kinds = {"vehicles": ("tab:blue", "s"), "animals": ("tab:orange", "o")}
    for ax, few, title in zip(axes, (pixels, features), ("pixels", "features"), strict=True):
        center = few.train.mean(axis=0)
        axis = np.linalg.svd(few.train - center, full_matrices=False)[2][:2]
        points = (few.test - center) @ axis.T
        vehicle = np.isin(few.test_labels, [few.names.index(name) for name in VEHICLES])
        for (kind, (color, marker)), rows in zip(kinds.items(), (vehicle, ~vehicle), strict=True):
            ax.plot(*points[rows].T, marker, color=color, label=kind, markersize=4, alpha=0.45)
        means = np.array([points[few.test_labels == c].mean(axis=0) for c in range(len(few.names))])
        places = _apart(means, points.min(axis=0), points.max(axis=0))
        for c, name in enumerate(few.names):
            color = "navy" if name in VEHICLES else "saddlebrown"
            box = {"fc": "white", "ec": "none", "alpha": 0.7, "pad": 0.8}
            ax.plot(*means[c], "X", color=color, markersize=8)
            ax.annotate(
                name,
                means[c],
                places[c],
                textcoords=ax.transData,
                color=color,
                ha="center",
                va="center",
                fontsize=10,
                bbox=box,
                arrowprops={"arrowstyle": "-", "color": color},
            )
        ax.margins(x=0.12)
        ax.set(title=title, xlabel="first component", xticks=[], yticks=[])
    axes[0].set_ylabel("second component")
    fig.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return present(
        fig,
        "Two scatter plots of 200 test photographs, with a cross at the mean of each class. Among "
        "pixels, squares for vehicles and circles for animals are mixed. Among features, vehicles "
        "lie on the left and animals in the middle and on the right; automobile and truck, cat and "
        "bird, and deer and horse have neighboring means.",
        "Each mark is a test photograph, and each cross is the mean of a class.",
    )


def _apart(centers: Array, low: Array, high: Array) -> Array:
    """Return positions for labels: a ring around the centers, in the order of their angles."""
    middle, radius = centers.mean(axis=0), 0.4 * (high - low)
    offsets = (centers - middle) / radius
    order = np.argsort(np.arctan2(offsets[:, 1], offsets[:, 0]))
    places = np.empty_like(centers)
    start = np.arctan2(*offsets[order[0]][::-1])
    angles = start + 2 * np.pi * np.arange(len(centers)) / len(centers)
    places[order] = middle + 0.9 * radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return places


def answers(few: Few, predicted: Array) -> FigureOutput:
    """Show at most 24 test images with their predicted classes."""
    rows = np.unique(np.linspace(0, len(few.test) - 1, 24).round().astype(int))
    n = min(6, len(rows))
    fig, axes = plt.subplots(
        -(-len(rows) // n), n, figsize=(1.3 * n, 1.5 * -(-len(rows) // n)), layout="constrained",
        squeeze=False,
    )  # fmt: skip
    for ax in axes.flat:
        ax.axis("off")
    for ax, row in zip(axes.flat, rows, strict=False):
        right = predicted[row] == few.test_labels[row]
        ax.imshow(few.test[row])
        name = few.names[predicted[row]]
        ax.set_title(name if right else f"{name} (wrong)", fontsize=10, color="k" if right else "r")
    correct = int(np.sum(predicted == few.test_labels))
    return present(
        fig,
        f"Test images with their predicted classes; {correct} of {len(few.test)} are correct.",
        f"{correct} of {len(few.test)} test images are classified correctly. Wrong predictions are "
        "red.",
    )


def more_images(counts: Sequence[int], accuracies: Mapping[str, Array]) -> FigureOutput:
    """Show the accuracies of methods, (draws, counts), over the number of training images."""
    fig, ax = plt.subplots(figsize=(7, 3.8), layout="constrained")
    for name, values in accuracies.items():
        color, line = STYLES[name]
        _band(ax, counts[: values.shape[1]], values, name, color, line)
    ax.set(xscale="log", xticks=counts, xticklabels=counts, ylabel="test accuracy")
    ax.set_xlabel("training images of each class")
    ax.minorticks_off()
    ax.grid(alpha=0.3)
    ax.legend(loc="best")
    means = "; ".join(
        f"{name} from {values[:, 0].mean():.2f} to {values[:, -1].mean():.2f}"
        for name, values in accuracies.items()
    )
    return present(
        fig,
        f"Test accuracy over {', '.join(map(str, counts))} training images of each class, as means "
        f"with bands from the smallest to the largest of the draws. All rise: {means}.",
        "Read the figure horizontally, too: how many images of each class does a method need to "
        "catch up with the frozen features?",
    )


def layers(names: Sequence[str], curves: Mapping[str, Array]) -> FigureOutput:
    """Show the accuracies of linear classifiers on each layer, (seeds, layers)."""
    lines = (("tab:blue", "o-"), ("tab:red", "v--"), ("tab:green", "s:"))
    styles = dict(zip(curves, lines, strict=True))
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    for name, values in curves.items():
        _band(ax, range(len(names)), values, name, *styles[name])
    ax.set(xticks=range(len(names)), xticklabels=names, xlabel="features from")
    ax.set_ylabel("test accuracy")
    ax.grid(alpha=0.3)
    ax.legend(loc="lower left")
    ends = "; ".join(
        f"{name}: {', '.join(f'{mean:.2f}' for mean in values.mean(axis=0))}"
        for name, values in curves.items()
    )
    return present(
        fig,
        f"Test accuracy of linear classifiers on {', '.join(names)}, as means with bands over the "
        f"training sets. {ends}.",
        "From left to right, the features come from later and later layers. Lines are means, and "
        "bands extend from the worst to the best training set. The clothes have only one.",
    )


def _band(
    ax: Axes,
    x: Sequence[int],
    values: Array,
    label: str,
    color: str,
    line: str,
) -> None:
    """Draw the mean of values, (runs, len(x)), and a band from the smallest to the largest."""
    ax.fill_between(x, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, lw=0)
    mean = values.mean(axis=0)
    ax.plot(x, mean, line, color=color, label=label, markersize=5)
