"""Figures of the lesson "After 2020"."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np

from convnet.functional import softmax
from convnet.types import Array
from lesson_tools.blocks import BLUE, GREEN, ORANGE, draw_block
from lesson_tools.figures import FigureOutput, present

__all__ = ["bias", "blocks", "edits", "nine_heads", "patches", "shifts"]

PUBLISHED = (  # Liu et al. (2022), table 10: mean top-1 accuracy after each edit
    *(76.13, 78.82, 79.36, 79.51, 78.28, 80.50, 80.64),
    *(79.92, 80.57, 80.62, 81.27, 81.41, 81.47, 81.97),
)
SWIN_T = 81.3


def patches(photo: Array) -> FigureOutput:
    """Show a photograph, and its patches of 16 x 16 pixels with gaps between them."""
    side, gap = len(photo) // 16, 5
    step = 16 + gap
    apart = np.full((step * side, step * side, 3), 255, np.uint8)
    for h, w in np.ndindex(side, side):
        square = photo[16 * h : 16 * h + 16, 16 * w : 16 * w + 16]
        apart[step * h : step * h + 16, step * w : step * w + 16] = square
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
    axes[0].imshow(photo)
    axes[0].set_title("224 x 224 pixels", fontsize=10)
    axes[1].imshow(apart)
    axes[1].set_title("196 patches of 16 x 16", fontsize=10)
    for ax in axes:
        ax.axis("off")
    return present(
        fig,
        "Left, a photograph of a Chinese tower. Right, the same photograph cut into 14 by 14 "
        "squares with gaps between them.",
        "A vision transformer reads the squares row by row, as a sequence of 196. Could you put "
        "them in order again, if they were shuffled?",
    )


def nine_heads(
    tokens: Array, sharp: Sequence[Array], soft: Sequence[Array], shape: tuple[int, int]
) -> FigureOutput:
    """Show where each of nine heads looks, for one pixel: with large and with small weights."""
    middle = (shape[0] // 2, shape[1] // 2)
    fig, axes = plt.subplots(3, 7, figsize=(7, 2.9), width_ratios=[1] * 3 + [0.3] + [1] * 3)
    for columns, (W_Q, W_K, *_), title in (
        (axes[:, :3], sharp, r"$\alpha = 50$"),
        (axes[:, 4:], soft, r"$\alpha = 0.3$"),
    ):
        Q, K = ((tokens @ W).reshape(len(tokens), 9, 3).transpose(1, 0, 2) for W in (W_Q, W_K))
        A = softmax(Q @ K.transpose(0, 2, 1) / np.sqrt(3))
        for head, ax in enumerate(columns.flat):
            seen = A[head, middle[0] * shape[1] + middle[1]].reshape(shape)
            ax.imshow(seen, cmap="Blues", vmin=0)
            ax.plot(*middle[::-1], "x", color="tab:orange", ms=5)
        columns[0, 1].set_title(title, fontsize=11)
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
    for ax in axes[:, 3]:
        ax.axis("off")
    fig.subplots_adjust(0.01, 0.01, 0.99, 0.9, 0.06, 0.06)
    return present(
        fig,
        "Twice nine small maps of the image, one for each head, with a cross at the same pixel. "
        "Left, in each map one pixel is dark blue: the neighbor of the cross in the head's "
        "direction, such as up left in the first map. Right, a soft round spot around it.",
        "Where does the pixel with the cross look? Each head has its own direction.",
    )


def edits(steps: Sequence[tuple[str, int, int]]) -> FigureOutput:
    """Show the published accuracy after each edit, with the MACs that the reader has counted."""
    fig, ax = plt.subplots(figsize=(7, 5.2), layout="constrained")
    rows = np.arange(len(steps))
    colors = ["0.6", "tab:orange", *["tab:blue"] * (len(steps) - 2)]
    ax.barh(rows, np.array(PUBLISHED) - 74, left=74, color=colors, alpha=0.6)
    for row, ((_, _, n_macs), accuracy) in enumerate(zip(steps, PUBLISHED, strict=True)):
        ax.text(74.1, row, f"{n_macs / 1e9:.1f} billion MACs", va="center", fontsize=8)
        ax.text(accuracy + 0.08, row, f"{accuracy:.1f}", va="center", fontsize=9)
    ax.axvline(SWIN_T, color="0.3", ls="--", lw=1)
    ax.text(SWIN_T - 0.08, 0, "Swin-T, 81.3", ha="right", va="center", fontsize=9)
    ax.set_yticks(rows, [name for name, _, _ in steps])
    ax.set(xlim=(74, 83), ylim=(len(steps) - 0.4, -0.6), xlabel="top-1 accuracy, in %")
    listed = ", ".join(
        f"{name}: {accuracy:.1f}" for (name, _, _), accuracy in zip(steps, PUBLISHED, strict=True)
    )
    return present(
        fig,
        f"Bars of top-1 accuracy in percent, one for each edit. {listed}. A dashed line at 81.3 "
        "for Swin-T.",
        "Each bar contains all edits above it. Where is the largest step? (Accuracies on ImageNet "
        "by Liu et al., 2022; the axis begins at 74%.)",
    )


def blocks() -> FigureOutput:
    """Show the blocks of ResNet-50, ConvNeXt and a transformer."""
    fig, axes = plt.subplots(1, 4, figsize=(7, 3.7), layout="constrained")
    boxes = [("1x1, BN, ReLU", BLUE, 1.45), ("3x3, BN, ReLU", ORANGE, 1.45), ("1x1, BN", BLUE, 2.3)]
    draw_block(axes[0], "ResNet-50", boxes, True, "ReLU")
    boxes = [("depthwise 7x7", GREEN, 1.45), ("layer norm", "w", 1.45)]
    boxes += [("1x1, GELU", BLUE, 2.3), ("1x1", BLUE, 1.45)]
    draw_block(axes[1], "ConvNeXt", boxes, True)
    boxes = [("layer norm", "w", 1.45), ("attention", GREEN, 1.45)]
    draw_block(axes[2], "transformer,\nfirst half", boxes, True)
    boxes = [("layer norm", "w", 1.45), ("dense, GELU", BLUE, 2.3), ("dense", BLUE, 1.45)]
    draw_block(axes[3], "second half", boxes, True)
    for ax in axes:
        ax.set(xlim=(-1.25, 1.4), ylim=(-4.95, 0.95))
    return present(
        fig,
        "Four columns of boxes with red shortcuts. ResNet-50: 1x1, 3x3 and 1x1, each with batch "
        "normalization, a ReLU after the addition. ConvNeXt: depthwise 7x7, layer normalization, "
        "1x1 with GELU, 1x1. Transformer, first half: layer normalization, attention. Second half: "
        "layer normalization, dense with GELU, dense.",
        "Green boxes mix positions, blue ones mix channels, and the orange one does both. A wide "
        "box has four times as many channels.",
    )


def shifts(changes: Mapping[int, Array], names: Sequence[str]) -> FigureOutput:
    """Show how much the averages of networks change if the image moves."""
    fig, ax = plt.subplots(figsize=(6.8, 3), layout="constrained")
    marks = ("o", "^", "s", "D")
    text = []
    for place, (name, mark) in enumerate(zip(names, marks, strict=True)):
        x = np.array(list(changes)) + 0.14 * (place - 1.5)
        values = np.array([runs[:, place] for runs in changes.values()])
        middle = values.mean(axis=1)
        ax.vlines(x, values.min(axis=1), values.max(axis=1), color=f"C{place}", lw=3, alpha=0.4)
        ax.plot(x, middle, mark, color=f"C{place}", label=name, ms=7)
        text.append(f"{name}: {', '.join(f'{value:.0%}' for value in middle)}")
    ax.set(xlabel="the image moves by ... pixels", xticks=list(changes), ylim=(-0.02, None))
    ax.set_ylabel("change of the averages")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    fig.legend(loc="outside upper center", ncols=4, fontsize=9)
    return present(
        fig,
        "The change of the averages for shifts of "
        f"{', '.join(map(str, changes))} pixels. {'; '.join(text)}.",
        "Which networks return to 0, and at which shift? Marks are means over five seeds, bars "
        "reach from the smallest to the largest.",
    )


def bias(study: Mapping[str, Array]) -> FigureOutput:
    """Show the test accuracies of five runs for each network and number of training images."""
    marks = {"convolution": ("tab:blue", "o"), "attention": ("tab:orange", "^")}
    sizes = sorted({int(name.rpartition(", ")[2]) for name in study})
    arms = [name.rpartition(", ")[0] for name in study if name.endswith(f", {sizes[0]}")]
    fig, axes = plt.subplots(
        1,
        len(sizes),
        figsize=(7, 0.9 + 0.42 * len(arms)),
        sharex=True,
        sharey=True,
        layout="constrained",
    )
    text = []
    for ax, size in zip(np.atleast_1d(axes), sizes, strict=True):
        for row, arm in enumerate(arms):
            if (values := study.get(f"{arm}, {size}")) is None:
                continue
            color, mark = marks.get(arm.partition(",")[0], ("0.4", "s"))
            ax.axhline(row, color="0.9", lw=1, zorder=0)
            ax.plot(values, np.full(len(values), row), mark, color=color, ms=8, alpha=0.6)
            ax.plot([values.mean()] * 2, [row - 0.3, row + 0.3], color="0.2", lw=2)
            text.append(f"{arm}, {size}: {values.min():.2f} to {values.max():.2f}")
        ax.set(ylim=(len(arms) - 0.5, -0.5), xlabel="test accuracy")
        ax.set_title(f"{size:,} training images", fontsize=10)
        ax.set_yticks(range(len(arms)), arms)
    return present(
        fig,
        f"The test accuracies of five runs for each network. {'; '.join(text)}.",
        "Each mark is one run; the bars are means. Which lead is left if the pixels are shuffled?",
    )
