"""Figures of `course/27_explaining_predictions.py`."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cbook import get_sample_data
from PIL import Image

from convnet.data import load_sample_image
from convnet.efficientnet import prepared
from convnet.plots import draw_image
from convnet.types import Array
from lesson_tools.figures import FigureOutput, present

__all__ = [
    "attacks",
    "changed_photo",
    "correlations",
    "deletion",
    "digit_maps",
    "fills",
    "fractions",
    "deletion_curves",
    "opening",
    "saliency_of_random_weights",
    "shown",
    "sky",
    "sheet",
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


def opening(photo: Array, drop: Array, saliency: Array, cam: Array) -> FigureOutput:
    """Show a photograph and three maps that disagree."""
    fig, axes = plt.subplots(1, 4, figsize=(7, 2.5), layout="constrained")
    draw_image(axes[0], shown(photo), "", (0, 255), scale=False)
    draw_signed(axes[1], drop, 1, shown(photo), margin=8)
    draw_image(axes[2], saliency, "", (0, np.quantile(saliency.astype(float), 0.99)), scale=False)
    draw_signed(axes[3], cam, 25, shown(photo))
    titles = ("the photograph", "occlusion", "saliency", "Grad-CAM")
    notes = (
        "",
        "purple: the score\ndrops without it",
        "white: the score\nis sensitive to it",
        "purple: it raises\nthe score",
    )
    for ax, title, note in zip(axes, titles, notes, strict=True):
        ax.set_title(title, fontsize=10)
        ax.set_xlabel(note, fontsize=9)
    return present(
        fig,
        "A square photograph: on the left a tower with several roofs, above a lake and trees, on "
        "the right sky. The occlusion map over it is purple in the sky to the upper right, and "
        "orange, with minus signs, on the lake. The saliency map has white dots on black, "
        "densest where the tower meets the sky and the lake; the tower itself is dark. The map "
        "by Grad-CAM is purple all over the tower, and white in the sky and on the lake.",
        "Three methods, one question: what in this photograph made the network say palace?",
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
        "saliency maps are bright at the tag and at many other pixels. The maps by Grad-CAM, of "
        "4 by 4 cells, are black for two networks, and bright at the tag for the third.",
        "Each map has its own scale: purple is positive, orange negative; without negative "
        "values, white is the largest. Which of the methods find the tag at the lower right?",
    )


def _rows(
    ax: Axes, series: Mapping[str, Array], label: str, lines: Mapping[str, float] | None = None
) -> None:
    """Draw a row of dots for each name, and vertical lines with names."""
    for number, (values, mark) in enumerate(zip(series.values(), MARKS, strict=False)):
        values = np.ravel(values)
        jitter = np.linspace(-0.18, 0.18, len(values)) if len(values) > 1 else np.zeros(1)
        ax.plot(values, number + jitter, mark, alpha=0.6, ms=6)
        ax.plot(np.mean(values), number, "|", color="black", ms=22, mew=2)
    for (name, value), style in zip((lines or {}).items(), ("--", ":"), strict=False):
        ax.axvline(value, color="black", ls=style, lw=1.2, label=name)
    ax.set_yticks(range(len(series)), list(series))
    ax.set(ylim=(len(series) - 0.5, -0.5), xlabel=label)


def fractions(
    series: Mapping[str, Array], what: str, lines: Mapping[str, float], caption: str
) -> FigureOutput:
    """Show which fraction of each map lies where it should, a row for each method."""
    fig, ax = plt.subplots(figsize=(7, 0.9 + 0.45 * len(series)), layout="constrained")
    _rows(ax, series, f"fraction of the map {what}", lines)
    ax.set_xlim(-0.03, 1.02)
    ax.legend(loc="lower right")
    means = "; ".join(f"{name} {np.mean(values):.2f}" for name, values in series.items())
    limits = "; ".join(f"{name} {value:.2f}" for name, value in lines.items())
    return present(
        fig,
        f"A chart with a row of dots for each method. Mean fraction {what}: {means}. Vertical "
        f"lines: {limits}.",
        caption,
    )


def correlations(panels: Mapping[str, Mapping[str, Array]], caption: str) -> FigureOutput:
    """Show rank correlations of maps, a panel for each form and a row for each method."""
    rows = len(next(iter(panels.values())))
    fig, axes = plt.subplots(
        1, len(panels), figsize=(7, 1 + 0.45 * rows), sharey=True, layout="constrained"
    )
    described = []
    for ax, (name, series) in zip(axes, panels.items(), strict=True):
        _rows(ax, series, "rank correlation", {"": 0})
        ax.set(xlim=(-1, 1.05), title=name)
        ax.title.set_fontsize(10)
        described += [
            f"{name}: " + ", ".join(f"{key} {np.mean(v):.2f}" for key, v in series.items())
        ]
    return present(
        fig,
        "Rows of dots for each method. Mean rank correlation with the map of a network with "
        "permuted weights, " + "; ".join(described) + ".",
        caption,
    )


def saliency_of_random_weights(panels: Mapping[str, Array]) -> FigureOutput:
    """Show saliency maps of trained and permuted weights, and edges, each on its own scale."""
    fig, axes = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
    for ax, (title, array) in zip(axes.flat, panels.items(), strict=True):
        relative = array.astype(float) / np.quantile(array.astype(float), 0.99)
        draw_image(ax, relative, title, (0, 1), scale=False)
    return present(
        fig,
        "Six maps, each relative to its own 99th percentile. Those of the trained network for "
        "palace and for daisy, and that with a permuted dense layer, look alike: grains where "
        "the tower meets the sky and the lake, and a dark tower. The map with all layers "
        "permuted shows the tower and the trees before a black sky, like the Sobel edges beside "
        "it. So does SmoothGrad, with grains.",
        "Which map would you show to a customer? The fourth comes from a network that knows "
        "nothing.",
    )


def sheet(maps: Mapping[str, Sequence[Array]], names: Sequence[str]) -> FigureOutput:
    """Show a sheet of four photographs, and below it each method's map for each of two classes."""
    hopper = np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    names_of_photos = ("china.jpg", "flower.jpg", "chelsea.jpg")
    a, b, c, d = (shown(photo) for photo in (*map(load_sample_image, names_of_photos), hopper))
    pixels = np.vstack([np.hstack([a, b]), np.hstack([c, d])])
    fig, axes = plt.subplots(
        len(names), 1 + len(maps), figsize=(7, 1.7 * len(names)), layout="constrained"
    )
    for row, name in enumerate(names):
        axes[row, 0].imshow(pixels)
        axes[row, 0].set(xticks=[], yticks=[])
        axes[row, 0].set_ylabel(name)
        for ax, (method, of_classes) in zip(axes[row, 1:], maps.items(), strict=True):
            positive = np.maximum(of_classes[row], 0)
            draw_image(ax, positive, method if row == 0 else "", (0, positive.max()), scale=False)
            ax.axhline(len(positive) / 2 - 0.5, color="tab:red", lw=1)
            ax.axvline(len(positive) / 2 - 0.5, color="tab:red", lw=1)
    for ax in axes.ravel():
        ax.title.set_fontsize(9)
    return present(
        fig,
        "A sheet of four photographs: a tower at the upper left, a flower at the upper right, a "
        "cat at the lower left, and an officer at the lower right. Beside it, maps of 8 by 8 "
        f"cells for the classes {' and '.join(names)}. The last map by Grad-CAM is bright only "
        "in the quarter of its class; the others are bright in other quarters as well.",
        "Each row is a class, and white is the map's largest value. All of it should lie in the "
        "quarter that shows the class.",
    )


def deletion(series: Mapping[str, Array], chance: Array) -> FigureOutput:
    """Show the drops of the score without a map's ten first cells, and for random orders."""
    series_and_chance = {**series, "random": chance}
    fig, ax = plt.subplots(figsize=(7, 3.4), layout="constrained")
    _rows(ax, series_and_chance, "drop of the score", {"": 0})
    means = "; ".join(f"{name} {np.mean(v):.1f}" for name, v in series_and_chance.items())
    return present(
        fig,
        f"A row of dots for each order of deletion. Mean drop of the score: {means}.",
        "A dot is a photograph and a color of the squares. Good orders are on the right.",
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
    pixels = shown(photo)
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


def fills(photo: Array, drops: Mapping[str, Array]) -> FigureOutput:
    """Show occlusion maps with squares of three colors, with the mean drop in sky and tower."""
    fig, axes = plt.subplots(1, 3, figsize=(7, 2.6), layout="constrained")
    for ax, (name, drop) in zip(axes, drops.items(), strict=True):
        draw_signed(ax, drop, 1.2, shown(photo), margin=8)
        means = f"sky {drop[:5, 8:].mean():.2f}, tower {drop[3:10, :6].mean():.2f}"
        ax.set_title(f"{name}: {means}", fontsize=9)
    return present(
        fig,
        "Three occlusion maps of the palace on one scale. Gray and black squares give deep "
        "purple in the sky, white squares hardly any; with white squares the tower is more "
        "purple.",
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
