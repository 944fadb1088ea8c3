"""Figures of `course/bonus.py`."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from convnet.efficientnet import prepared
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = ["attacks", "changed_photo", "suppressed"]


def attacks(sizes: Sequence[float], gradient: Array, chance: Array) -> FigureOutput:
    """Show the accuracy by the size of a change, as mean and range of the networks."""
    fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    for values, mark, name in (
        (chance, "s", "random signs"),
        (gradient, "o", "signs of the gradient"),
    ):
        (line,) = ax.plot(sizes, values.mean(axis=0), mark + "-", label=name)
        ax.fill_between(
            sizes, values.min(axis=0), values.max(axis=0), fc=line.get_color(), alpha=0.2
        )
    ax.set(
        xlabel="size of the change of every pixel (black 0, white 1)",
        ylabel="accuracy",
        ylim=(0, 1),
    )
    ax.legend()
    return present(
        fig,
        "Accuracy on the test images against the size of the change. With random signs it falls "
        f"slowly, from {chance.mean(axis=0)[0]:.2f} to {chance.mean(axis=0)[-1]:.2f}; with the "
        f"signs of the gradient it falls to {gradient.mean(axis=0)[-1]:.2f}.",
        "Every pixel changes by the same amount in both experiments. Only the signs differ.",
    )


def changed_photo(photo: Array, signs: Array, before: str, after: str) -> FigureOutput:
    """Show a photograph, the signs by which it is changed, and the changed photograph."""
    pixels = np.clip(prepared(photo)[0] * 128 + 127, 0, 255).round().astype(np.uint8)
    changed = np.clip(pixels + np.where(signs, 1, -1), 0, 255).astype(np.uint8)
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.7), layout="constrained")
    for ax, image, title in zip(
        axes,
        (pixels, 255 * signs.astype(np.uint8), changed),
        (before, "the signs, enlarged 127 times", after),
        strict=True,
    ):
        ax.imshow(image)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=10)
    return present(
        fig,
        "The photograph of the tower, colored noise, and the photograph again. The two "
        "photographs look the same.",
        "Left and right differ by one gray level of 255 at every pixel and color.",
    )


def draw_boxes(ax: Axes, page: Array, boxes: Array, classes: Sequence[int]) -> None:
    """Draw boxes on a page, each in the color of its class."""
    draw_image(ax, page[:, :, 0], f"{len(boxes)} boxes", (0, 1), scale=False)
    for (top, left, bottom, right), digit in zip(boxes, classes, strict=True):
        size = (right - left, bottom - top)
        corner = (left - 0.5, top - 0.5)
        ax.add_patch(plt.Rectangle(corner, *size, fill=False, ec=f"C{digit}", lw=1.5))


def suppressed(
    page: Array, every: tuple[Array, Sequence[int]], kept: tuple[Array, Sequence[int]]
) -> FigureOutput:
    """Show all boxes of a page, and those that non-maximum suppression keeps."""
    fig, axes = plt.subplots(1, 2, figsize=(7, 2.7), layout="constrained")
    draw_boxes(axes[0], page, *every)
    draw_boxes(axes[1], page, *kept)
    for (top, _, _, right), digit in zip(*kept, strict=True):
        axes[1].text(right, top, str(digit), color=f"C{digit}", fontsize=10, weight="bold")
    return present(
        fig,
        f"A page of digits twice. Left, {len(every[0])} boxes, several around each digit. "
        f"Right, the {len(kept[0])} boxes that are kept, each with its class.",
        "Left, every position that sees a digit reports it. Each color is a class.",
    )
