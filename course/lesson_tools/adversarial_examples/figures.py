"""Figures of the lesson "Adversarial examples", and results of `benchmarks.lessons.adversarial`."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.data import load_sample_image
from convnet.efficientnet import prepared
from convnet.network import Network
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present
from lesson_tools.stored import stored_arrays

__all__ = ["ARMS", "MEASURES", "attacked", "attacks", "margins", "palace", "photographs", "sums"]
__all__ += ["trained"]

ARMS = ("plain", "random signs", "attacks")  # of `trained`
MEASURES = ("clean", "one step", "ten steps")  # test images, or attacks on them with 0.1


def photographs() -> dict[str, Array]:
    """Return the stored attacks on photographs and on digits."""
    return stored_arrays("adversarial_examples/photographs.npz")


def trained(arm: str, measure: str) -> float:
    """Return the median accuracy of five digits networks that were trained in one way."""
    accuracies = photographs()["trained"][ARMS.index(arm), :, MEASURES.index(measure)]
    return float(np.median(accuracies))


def palace() -> FigureOutput:
    """Show a photograph, the signs by which it is changed, and the changed photograph."""
    signs = np.unpackbits(photographs()["signs"][0]).reshape(224, 224, 3)
    photo = prepared(load_sample_image("china.jpg"))[0]
    pixels = np.clip(photo * 128 + 127, 0, 255).round().astype(np.uint8)
    changed = np.clip(pixels + np.where(signs, 1, -1), 0, 255).astype(np.uint8)
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.8), layout="constrained")
    for ax, image, title in zip(
        axes,
        (pixels, 255 * signs.astype(np.uint8), changed),
        (
            "palace 0.30,\nbell cote 0.22",
            "the change,\namplified 127 times",
            "bell cote,\npalace 0.02",
        ),
        strict=True,
    ):
        ax.imshow(image)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=10)
    return present(
        fig,
        "A photograph of a tower by a lake, colored noise, and the photograph again. The two "
        "photographs look the same.",
        "Left and right differ by at most one gray level of 255 in each color of each pixel.",
    )


def sums(gradient: Array, random: Sequence[Array]) -> FigureOutput:
    """Show how the change of a linear score grows, contribution by contribution."""
    shown = slice(None, None, max(1, len(gradient) // 1000))
    count = np.arange(1, len(gradient) + 1)[shown]
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.1), layout="constrained")
    for ax, title in zip(axes, ("all curves", "random signs, enlarged"), strict=True):
        for number, walk in enumerate(random):
            label = "random signs" if number == 0 else None
            ax.plot(count, walk[shown], color="tab:orange", lw=0.8, label=label)
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="values changed", xlim=(0, len(gradient)))
        ax.set_xticks([0, 50_000, 100_000, 150_000], ["0", "50,000", "100,000", "150,000"])
    axes[0].plot(count, gradient[shown], color="tab:blue", lw=2, label="signs of the weights")
    axes[0].set_ylabel("change of the score")
    axes[0].legend(loc="upper left")
    return present(
        fig,
        f"Left, the change of the score with the signs of the weights is a straight line up to "
        f"{gradient[-1]:.0f}, and the curves for random signs cannot be told from zero. Right, "
        f"enlarged, they wander between {np.min(random):.1f} and {np.max(random):.1f}.",
        "Each value changes by one gray level. Only the signs differ.",
    )


def attacks(
    sizes: Sequence[float], curves: Mapping[str, Sequence[Sequence[float]]]
) -> FigureOutput:
    """Show the accuracy by the size of a change, as median and range of the networks."""
    fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    for (name, values), mark in zip(curves.items(), "os^", strict=True):
        (line,) = ax.plot(sizes, np.median(values, axis=0), mark + "-", label=name)
        low, high = np.min(values, axis=0), np.max(values, axis=0)
        ax.fill_between(sizes, low, high, fc=line.get_color(), alpha=0.2)
    ax.set(xlabel="size of the change (black 0, white 1)", ylabel="test accuracy", ylim=(0, 1))
    ax.legend(loc="lower left")
    ends = ", ".join(f"{np.median(v, axis=0)[-1]:.2f} with {name}" for name, v in curves.items())
    return present(
        fig,
        f"Accuracy on the test digits against the size of the change. At the largest size it is "
        f"{ends}.",
        "Median and range of five networks. No pixel changes by more than the size.",
    )


def margins(predicted: Array, measured: Array) -> FigureOutput:
    """Compare the change of each image's margin by the gradient with the change that happens."""
    fig, ax = plt.subplots(figsize=(4.2, 3.6), layout="constrained")
    low = min(predicted.min(), measured.min()) - 0.5
    ax.plot([low, 0], [low, 0], color="0.6", lw=1, label="equal")
    ax.plot(predicted, measured, "o", ms=3, alpha=0.5, label="a test digit")
    ax.set(
        xlabel="change of the margin, predicted by $w$",
        ylabel="change of the margin, measured",
        xlim=(low, 0),
        ylim=(low, 0),
    )
    ax.legend(loc="upper left")
    return present(
        fig,
        f"A point for each of {len(predicted)} digits. All points lie close to the diagonal.",
        "If the scores were linear, all points would lie on the line.",
    )


def attacked(versions: Mapping[str, Array], networks: Sequence[Network]) -> FigureOutput:
    """Show versions of a digit, by title, with the predictions of several networks."""
    rows = [
        (title, X[0], [int(network.scores(X).argmax()) for network in networks])
        for title, X in versions.items()
    ]
    fig, axes = plt.subplots(1, len(rows), figsize=(7, 2.9), layout="constrained")
    for ax, (title, image, predictions) in zip(axes, rows, strict=True):
        draw_image(ax, image[..., 0], "", (0, 1), scale=False)
        read = "  ".join(map(str, predictions))
        ax.set_title(f"{title}\nread as  {read}", fontsize=10)
    text = "; ".join(
        f"{title}, read as {', '.join(map(str, predictions))}" for title, _, predictions in rows
    )
    return present(
        fig,
        f"The same digit {len(rows)} times: {text}.",
        "The first prediction is that of the network that was attacked.",
    )
