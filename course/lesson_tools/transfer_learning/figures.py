"""Figures of the lesson "Transfer learning"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch
from PIL import Image

from convnet.training import Epoch
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "body_and_head",
    "hand_made",
    "layers",
    "more_images",
    "plane",
    "runs",
    "tiny_photograph",
]

CHANCE = 0.1
STYLES = {
    "frozen features": ("tab:blue", "o-"),
    "hand-made features": ("tab:green", "^-."),
    "pixels": ("black", "d:"),
}


def runs(accuracies: Mapping[str, Array], what: str) -> FigureOutput:
    """Show the test accuracies of several methods: a dot for each draw, and their mean.

    Parameters
    ----------
    what
        Sentence that tells readers what to look at.
    """
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
        f"{what} Each dot is another set of training images, and the black mark is the mean. The "
        "dotted line is chance.",
    )


def tiny_photograph(photo: Array) -> FigureOutput:
    """Show a photograph, its size in CIFAR-10, and that enlarged again."""
    square = Image.fromarray(photo).crop((75, 0, 341, 266))
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


def plane(features: Array, labels: Array, names: Sequence[str]) -> FigureOutput:
    """Show features in the plane of their first two principal components."""
    centered = features - features.mean(axis=0)
    points = centered @ np.linalg.svd(centered, full_matrices=False)[2][:2].T
    fig, ax = plt.subplots(figsize=(6, 4.2), layout="constrained")
    vehicles = {"airplane", "automobile", "ship", "truck"}
    for c, name in enumerate(names):
        marker = "s" if name in vehicles else "o"
        color = plt.get_cmap("tab10")(c)
        ax.plot(*points[labels == c].T, marker, color=color, label=name, markersize=5, alpha=0.75)
    ax.set(xlabel="first component", ylabel="second component", xticks=[], yticks=[])
    fig.legend(loc="outside right center", frameon=False)
    return present(
        fig,
        "A scatter plot of 200 test photographs. The four kinds of vehicles, drawn as squares, lie "
        "mainly on the left, and the six kinds of animals, drawn as circles, in the middle and on "
        "the right. Within each side the classes overlap.",
        "Squares are vehicles and circles are animals. No label of these photographs was used.",
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
    styles = dict(zip(curves, (("tab:blue", "o-"), ("tab:red", "v--")), strict=False))
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
        "From left to right, the features come from later and later layers.",
    )


def hand_made(histories: Mapping[str, Sequence[Sequence[Epoch]]]) -> FigureOutput:
    """Show the test accuracy and loss of networks on four kinds of features."""
    styles = {
        "edges": ("tab:orange", "s-"),
        "learned": ("tab:blue", "o-"),
        "frozen": ("tab:red", "v--"),
        "pixels": ("black", "d:"),
    }
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    keys = {"validation_accuracy": "test accuracy", "validation_loss": "test loss"}
    for ax, (key, title) in zip(axes, keys.items(), strict=True):
        for name, (color, line) in styles.items():
            values = np.array([[getattr(epoch, key) for epoch in run] for run in histories[name]])
            _band(ax, range(1, 1 + values.shape[1]), values, name, color, line, markevery=7)
        ax.set(title=title, xlabel="epoch")
        ax.grid(alpha=0.3)
    axes[0].set_ylim(0.8, 0.92)
    axes[1].set_ylim(0.25, 0.55)
    axes[0].legend()
    return present(
        fig,
        "Test accuracy and test loss over 50 epochs, with bands over three seeds. The accuracy of "
        "edges rises fastest and is level near 0.897 from epoch 15 on; that of learned rises more "
        "slowly and meets it near epoch 35; frozen ends near 0.885 with a wide band, pixels near "
        "0.861. The loss of edges rises after epoch 16, the others fall or stay level.",
        "Compare orange and blue: who is ahead at first, and who at the end? Then look at orange "
        "on the right.",
    )


def _band(
    ax: Axes,
    x: Sequence[int],
    values: Array,
    label: str,
    color: str,
    line: str,
    markevery: int = 1,
) -> None:
    """Draw the mean of values, (runs, len(x)), and a band from the smallest to the largest."""
    ax.fill_between(x, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, lw=0)
    mean = values.mean(axis=0)
    ax.plot(x, mean, line, color=color, label=label, markevery=markevery, markersize=5)
