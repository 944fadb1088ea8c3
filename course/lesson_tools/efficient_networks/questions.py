"""Questions and answers of the lesson "Efficient networks": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Checks, Function, Prediction, Predictions

predict = Predictions(
    fewer=Prediction(
        right=8.4,
        why="147,456 / (1,152 + 16,384) = 8.4.",
        decimals=1,
        wrong={
            9.0: "That leaves out the depthwise part.",
            128.0: "That leaves out the pointwise part.",
            0.1: "That is the reciprocal.",
        },
        hint="Full: 9 * 128 * 128 weights. Separable: 9 * 128 and 128 * 128.",
    ),
    widest=Prediction(
        right=480,
        why="The block expands 80 channels by a factor of 6, and the depthwise part keeps them.",
        wrong={
            80: "Those are the narrow ends.",
            86: "The factor multiplies the channels.",
            13: "An inverted residual block expands first.",
            560: "The shortcut adds; it does not append channels.",
            720: "A depthwise convolution with 3 x 3 kernels keeps the number of channels.",
        },
        hint="Multiply the channels of the input by the expansion factor.",
    ),
    share=Prediction(
        right="c",
        why="They use each value that they load at most 9 or 25 times.",
        wrong={
            "a": "That takes for granted that every MAC takes the same time.",
            "b": "Which kind of convolution uses each value that it loads more often?",
        },
        hint="Answer with a letter. How often is a value used that has been loaded?",
    ),
    forgotten=Prediction(
        right=480,
        why="Each filter has kernels for all 480 channels instead of one.",
        wrong={
            1: "Without groups, each filter reads all input channels.",
            9: "Both have kernels of 3 x 3. How many kernels does each have?",
            230_400: "That is the number of kernels. How many does the depthwise convolution have?",
            2_073_600: "That is the number of weights. The depthwise convolution has 4,320.",
        },
        hint="The depthwise convolution has 480 kernels. How many does a full one have?",
    ),
)


def full_filters(D: Array, P: Array) -> Array:
    """Combine a depthwise and a pointwise convolution into one set of filters."""
    return np.einsum("rqk,kc->rqkc", D, P[0, 0])


def nearest_separable(W: Array) -> Array:
    """Return the filters of the separable convolution that is closest to a full one."""
    f, _, n_C_prev, n_C = W.shape
    kernels = np.moveaxis(W, 2, 0).reshape(n_C_prev, f * f, n_C)
    U, S, V = np.linalg.svd(kernels, full_matrices=False)
    nearest = S[:, :1, None] * U[:, :, :1] * V[:, :1]
    return np.moveaxis(nearest.reshape(n_C_prev, f, f, n_C), 0, 2)


def _mean_kernels(W: Array) -> Array:
    """Replace the kernels of each input channel by their mean."""
    return np.broadcast_to(W.mean(axis=3, keepdims=True), W.shape)


def _one_matrix(W: Array) -> Array:
    """Approximate all filters by a single matrix of rank 1."""
    U, S, V = np.linalg.svd(W.reshape(-1, W.shape[3]), full_matrices=False)
    return (S[0] * np.outer(U[:, 0], V[0])).reshape(W.shape)


def _spatial(W: Array) -> Array:
    """Approximate each kernel by a matrix of rank 1."""
    kernels = np.moveaxis(W, (0, 1), (2, 3))
    U, S, V = np.linalg.svd(kernels)
    nearest = S[..., :1, None] * U[..., :, :1] * V[..., :1, :]
    return np.moveaxis(nearest, (2, 3), (0, 1))


def _without_length(W: Array) -> Array:
    """Leave out the singular values."""
    kernels = np.moveaxis(W, 2, 0).reshape(W.shape[2], -1, W.shape[3])
    U, _, V = np.linalg.svd(kernels, full_matrices=False)
    nearest = (U[:, :, :1] * V[:, :1]).reshape(W.shape[2], *W.shape[:2], -1)
    return np.moveaxis(nearest, 0, 2)


def block_macs(n: int, k: int, c: int, expansion: int, f: int, stride: int) -> int:
    """Count the MACs of an inverted residual block."""
    wide, n_out = expansion * k, -(-n // stride)
    return n * n * k * wide + n_out * n_out * (f * f * wide + wide * c)


_rng = np.random.default_rng(0)

check = Checks(
    full_filters=Function(
        right=full_filters,
        calls=[
            (_rng.normal(size=(f, f, k)), _rng.normal(size=(1, 1, k, c)))
            for f, k, c in ((3, 4, 5), (5, 3, 6), (1, 4, 4))
        ],
        hint="Output c adds P[0, 0, k, c] times map k, and map k comes from the kernel D[:, :, k].",
        wrong=[
            (
                lambda D, P: np.repeat(D[:, :, :, None], P.shape[3], axis=3),
                "All filters are equal now. Where do the weights of the pointwise part enter?",
            ),
            (
                lambda D, P: D[:, :, :, None] + P,
                "Two linear steps in a row multiply their weights.",
            ),
            (lambda D, P: D @ P[0, 0], "You summed over the input channels. Keep their axis."),
        ],
    ),
    block_macs=Function(
        right=block_macs,
        calls=[
            (14, 80, 80, 6, 3, 1),
            (28, 40, 80, 6, 3, 2),
            (56, 24, 40, 6, 5, 2),
            (7, 192, 320, 6, 3, 1),
        ],
        hint="Which of the three convolutions work on n x n positions, and which after the stride?",
        wrong=[
            (
                lambda n, k, c, e, f, s: block_macs(-(-n // s), k, c, e, f, 1),
                "The stride is in the depthwise convolution, after the first 1x1 convolution.",
            ),
            (
                lambda n, k, c, e, f, s: block_macs(n, k, c, e, f, 1),
                "The stride has no effect. How many positions are left after the depthwise part?",
            ),
            (
                lambda n, k, c, e, f, s: block_macs(n, k, c, e, f, s) - n * n * k * e * k,
                "The first 1x1 convolution, which expands the channels, is missing.",
            ),
            (
                lambda n, k, c, e, f, s: block_macs(n, k, c, e, 0, s),
                "The depthwise convolution is missing.",
            ),
            (
                lambda n, k, c, e, f, s: block_macs(n, k, c + f - f * f, e, f, s),
                "A kernel of the depthwise convolution has f * f weights, not f.",
            ),
            (
                lambda n, k, c, e, f, s: e * k * (k + f * f + c),
                "Those are the weights. At how many positions is each of them used?",
            ),
            (
                lambda n, k, c, e, f, s: block_macs(n, k, 0, e, f, s),
                "The last 1x1 convolution, which reduces the channels, is missing.",
            ),
            (
                lambda n, k, c, e, f, s: n * n * k * e * k + (n // s) ** 2 * (f * f + c) * k,
                "The depthwise part and the last 1x1 convolution read the expanded channels.",
            ),
            (
                lambda n, k, c, e, f, s: (
                    n * n * k * e * k + (n // s) ** 2 * e * k * (f * f * e * k + c)
                ),
                "That is a full convolution in the middle. A depthwise one has one kernel per "
                "channel.",
            ),
            (
                lambda n, k, c, e, f, s: 2 * block_macs(n, k, c, e, f, s),
                "A multiplication and its addition are one MAC, not two.",
            ),
        ],
    ),
    nearest_separable=Function(
        right=nearest_separable,
        calls=[(_rng.normal(size=size),) for size in ((3, 3, 4, 5), (5, 5, 2, 3), (3, 3, 1, 12))],
        hint="Treat each input channel k alone: reshape W[:, :, k] to (f * f, n_C), keep the first "
        "term of its singular value decomposition, and reshape it back.",
        wrong=[
            (lambda W: W, "These are the full filters. Keep only the first term of each matrix."),
            (_mean_kernels, "The kernels of a channel may differ by a factor. Use the SVD."),
            (_one_matrix, "Each input channel has its own kernel: n_C_prev matrices, not one."),
            (_without_length, "Multiply by the first singular value, S[0]."),
            (_spatial, "You made each kernel rank 1. The matrix has all kernels of a channel."),
        ],
    ),
)
