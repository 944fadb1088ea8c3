"""Figures of `course/27_explaining_predictions.py`."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from PIL import Image, ImageFilter

from convnet.efficientnet import prepared
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "by_fill",
    "deletion_curves",
    "digit_maps",
    "fills",
    "fractions",
    "on_tower",
    "opening",
    "shown",
    "sky",
]

MARKS = ["o", "s", "^", "D", "v", "P", "*"]
SKY = np.s_[0:112, 128:224]
REGIONS = {"no sky": SKY, "no sky or lake": np.s_[0:224, 128:224], "no tower": np.s_[16:176, 0:128]}


def shown(photo: Array) -> Array:
    """Return the 224 x 224 pixels of a photograph that the network sees."""
    return np.clip(prepared(photo)[0] * 128 + 127, 0, 255).round().astype(np.uint8)


def draw_signed(
    ax: Axes, array: Array, limit: float, photo: Array | None = None, margin: float = 0
) -> None:
    """Draw a square map on a faint photograph, with a minus sign in clearly negative cells."""
    size = 224 if photo is None else len(photo)
    if photo is not None:
        ax.imshow(photo.mean(axis=2), cmap="gray", extent=(0, size, size, 0))
    extent = (margin, size - margin, size - margin, margin)
    alpha = 1 if photo is None else 0.75
    ax.imshow(array, cmap="PuOr", vmin=-limit, vmax=limit, extent=extent, alpha=alpha)
    step = (size - 2 * margin) / len(array)
    for h, w in np.argwhere(array < -limit / 4):
        x, y = margin + (w + 0.5) * step, margin + (h + 0.5) * step
        ax.text(x, y, "-", ha="center", va="center", fontsize=9, weight="bold")
    ax.set(xticks=[], yticks=[], xlim=(0, size), ylim=(size, 0))


def opening(photo: Array, drop: Array, saliency: Array) -> FigureOutput:
    """Show a photograph and two maps that disagree."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 3), layout="constrained")
    draw_image(axes[0], shown(photo), "", (0, 255), scale=False)
    draw_signed(axes[1], drop, 1, shown(photo), margin=8)
    draw_image(axes[2], saliency, "", (0, np.quantile(saliency.astype(float), 0.99)), scale=False)
    titles = ("the photograph", "occlusion map", "saliency map")
    notes = (
        "",
        "purple: the score drops\nif this is covered",
        "white: the score\nis sensitive to it",
    )
    for ax, title, note in zip(axes, titles, notes, strict=True):
        ax.set_title(title, fontsize=10)
        ax.set_xlabel(note, fontsize=9)
    return present(
        fig,
        "A square photograph: on the left a tower with several roofs, above a lake and trees, on "
        "the right sky. The occlusion map over it is purple in the sky to the upper right, and "
        "orange, with minus signs, on the lake. The saliency map has white dots on black, "
        "densest where the tower meets the sky and the lake; the tower itself is dark.",
        "Two methods, one question: what in this photograph made the network say palace?",
    )


def digit_maps(images: Sequence[Array], maps: Mapping[str, Sequence[Array]]) -> FigureOutput:
    """Show images and their maps, a row for each network; `maps` holds lists by method."""
    fig, axes = plt.subplots(
        len(images),
        1 + len(maps),
        figsize=(1.4 * (1 + len(maps)), 1.5 * len(images)),
        layout="constrained",
    )
    for seed, (row, image) in enumerate(zip(axes, images, strict=True)):
        draw_image(row[0], image[..., 0], "image" if seed == 0 else "", (0, 1), scale=False)
        row[0].set_ylabel(f"network {seed}")
        for ax, (name, of_networks) in zip(row[1:], maps.items(), strict=True):
            largest = float(np.abs(of_networks[seed]).max()) or 1.0
            low = -largest if of_networks[seed].min() < 0 else 0
            draw_image(
                ax, of_networks[seed], name if seed == 0 else "", (low, largest), scale=False
            )
    for ax in axes.ravel():
        ax.title.set_fontsize(10)
    return present(
        fig,
        f"Three tagged threes, each with its maps by {', '.join(maps)}. In the occlusion maps "
        "the tag at the lower right is purple, and a few pixels of the strokes as well. The "
        "saliency maps are bright at the tag and at many other pixels.",
        "Each map has its own scale. In a saliency map, white is the largest value; in an "
        "occlusion map, purple is positive and orange negative. Which of them point at the tag?",
    )


def fractions(series: Mapping[str, Array], lines: Mapping[str, float]) -> FigureOutput:
    """Show which fraction of each map lies on the tag, a row for each method."""
    fig, ax = plt.subplots(figsize=(7, 1 + 0.45 * len(series)), layout="constrained")
    for number, (values, mark) in enumerate(zip(series.values(), MARKS, strict=False)):
        ax.plot(values, number + np.linspace(-0.18, 0.18, len(values)), mark, alpha=0.6, ms=6)
        ax.plot(np.mean(values), number, "|", color="black", ms=22, mew=2)
    for (name, value), style in zip(lines.items(), ("--", ":"), strict=True):
        ax.axvline(value, color="black", ls=style, lw=1.2, label=name)
    ax.set_yticks(range(len(series)), list(series))
    ax.set(xlim=(0, 1), ylim=(len(series) - 0.5, -0.5), xlabel="fraction of the map on the tag")
    ax.legend(loc="upper right")
    means = "; ".join(f"{name} {np.mean(values):.2f}" for name, values in series.items())
    limits = "; ".join(f"{name} {value:.2f}" for name, value in lines.items())
    return present(
        fig,
        f"A row of dots for each method. Mean fraction on the tag: {means}. Vertical lines: "
        f"{limits}.",
        "A dot is a network, with the mean over its ten images; a bar is the mean of the networks.",
    )


def by_fill(
    fills: Sequence[float], fractions: Array, saliency: Array, brightness: float
) -> FigureOutput:
    """Show the fraction of occlusion maps on the tag by the fill, (fills, networks)."""
    fig, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
    ax.axhspan(saliency.min(), saliency.max(), color="tab:orange", alpha=0.3, label="saliency")
    ax.axhline(brightness, color="black", ls="--", lw=1.2, label="the image itself")
    lines = ax.plot(fills, fractions, "o-", color="tab:purple", alpha=0.7)
    lines[0].set_label("occlusion, five networks")
    ax.set(
        xlabel="fill of the squares (black 0, white 1)",
        ylabel="fraction of the map on the tag",
        ylim=(-0.03, 0.8),
        xticks=fills,
    )
    ax.legend()
    means = "; ".join(
        f"fill {fill:g}: {mean:.2f}"
        for fill, mean in zip(fills, fractions.mean(axis=1), strict=True)
    )
    return present(
        fig,
        "The fraction of occlusion maps on the tag against the fill of the squares, a line for "
        f"each of five networks. All of them fall to 0. Mean: {means}. The image itself has "
        f"{brightness:.2f}.",
        "The same method, the same networks and the same images. Only the fill differs.",
    )


def on_tower(drop: Array, size: int = 32) -> float:
    """Return the fraction of the positive drops of squares whose centers lie on the tower."""
    centers = 16 * np.arange(len(drop)) + size / 2
    rows, columns = REGIONS["no tower"]
    inside = np.ix_(
        (centers > rows.start) & (centers < rows.stop),
        (centers > columns.start) & (centers < columns.stop),
    )
    positive = np.maximum(drop, 0)
    return float(positive[inside].sum() / positive.sum())


def fills(photo: Array, drops: Mapping[str, Array]) -> FigureOutput:
    """Show occlusion maps by gray and by blurred squares, each below a photograph with a square."""
    pixels = shown(photo)
    covers = {
        "gray": np.full_like(pixels, 127),
        "blurred": np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(20))),
    }
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.2), layout="constrained")
    for (left, right), (name, drop) in zip(axes.reshape(2, 2), drops.items(), strict=True):
        covered = pixels.copy()
        for square in (np.s_[48:80, 160:192], np.s_[80:112, 48:80]):
            covered[square] = covers[name][square]
        draw_image(left, covered, "", (0, 255), scale=False)
        left.set_title(f"two {name} squares", fontsize=10)
        draw_signed(right, drop, 1, pixels, margin=8)
        right.set_title("the map", fontsize=10)
    return present(
        fig,
        "Twice, the photograph with two covered squares, one in the sky and one on the tower, and "
        "the occlusion map of 13 by 13 squares. The gray square stands out in the sky, and the map "
        "by gray squares is purple there. The blurred square cannot be seen in the sky, where the "
        "map by blurred squares is white; it is purple on parts of the tower, orange on others.",
        "Purple: the score drops without it. Both maps have the same scale.",
    )


def sky(photo: Array, scores: Sequence[float]) -> FigureOutput:
    """Show the palace, and three copies in which a region has the mean color of the sky."""
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.2), layout="constrained")
    regions = {"the photograph": np.s_[:0, :0]} | REGIONS
    for ax, (name, region), score in zip(axes, regions.items(), scores, strict=True):
        covered = shown(photo).copy()
        covered[region] = shown(photo)[SKY].mean(axis=(0, 1))
        draw_image(ax, covered, "", (0, 255), scale=False)
        ax.set_title(f"{name}\nscore {score:.1f}", fontsize=10)
    return present(
        fig,
        "The photograph, and three copies with a rectangle in a light blue, each with the score "
        "of palace: without the sky on the right, without the whole right side, and without the "
        "tower. The score is lower than that of the photograph only without the tower.",
    )


def deletion_curves(curves: Mapping[str, Array]) -> FigureOutput:
    """Show the score by the number of deleted pixels, as mean and range of the networks."""
    fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
    for (name, curve), mark in zip(curves.items(), MARKS, strict=False):
        count = range(curve.shape[1])
        (line,) = ax.plot(count, curve.mean(axis=0), mark + "-", markevery=4, label=name)
        ax.fill_between(count, curve.min(axis=0), curve.max(axis=0), fc=line.get_color(), alpha=0.2)
    ax.set(xlabel="deleted pixels", ylabel="score of class 3")
    ax.legend(title="in the order of")
    ends = "; ".join(f"{name} {curve.mean(axis=0)[8]:.1f}" for name, curve in curves.items())
    return present(
        fig,
        "The score of class 3 against the number of deleted pixels, as mean and range of the "
        f"networks. Mean score without eight pixels: {ends}.",
        "The faster a curve falls, the better the order found what the score depends on.",
    )
