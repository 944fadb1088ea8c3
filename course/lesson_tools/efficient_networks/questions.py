"""Questions and answers of the lesson "Efficient networks": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    pointwise=Prediction(
        right=12_845_056,
        why="28 * 28 positions, and 128 * 128 weights at each.",
        wrong={
            16_384: "Those are the weights. Each is used at every position.",
            115_605_504: "That is a 3 x 3 convolution.",
            100_352: "Those are the outputs. Each needs 128 multiply-accumulates.",
            25_690_112: "Those are FLOPs, two for each MAC.",
        },
        hint="Each of the 28 * 28 positions uses all weights of the layer once.",
    ),
    zero_branch=Prediction(
        right="x",
        why="x + 0 is x, the identity.",
        wrong={
            "0": "F(x) is 0. What does the shortcut add?",
            "F(x)": "F(x) is 0. What is left of x + F(x)?",
        },
        hint='Answer "0", "x" or "F(x)".',
    ),
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
    half=Prediction(
        right=4,
        why="Half of the input channels meet half of the output channels.",
        wrong={
            2: "Both numbers of channels are halved, that of the input and that of the output.",
            8: "The size of the feature maps stays the same.",
            0.25: "That is the reciprocal.",
            1: "A 1x1 convolution has n_C_prev * n_C weights.",
        },
        hint="A 1x1 convolution has n_H * n_W * n_C_prev * n_C MACs.",
    ),
    speed=Prediction(
        right="c",
        why="It has 8.4 times fewer MACs, but not all MACs take the same time.",
        wrong={
            "a": "That takes for granted that every MAC takes the same time.",
            "b": "Which of the two uses each number that it reads more often?",
        },
        hint="Answer with a letter. How often is a value used that has been read?",
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
)


def full_filters(D: Array, P: Array) -> Array:
    """Combine a depthwise and a pointwise convolution into one set of filters."""
    return np.einsum("rqk,kc->rqkc", D, P[0, 0])


def block_macs(n: int, k: int, c: int, expansion: int, f: int, stride: int) -> int:
    """Count the MACs of an inverted residual block."""
    wide, n_out = expansion * k, -(-n // stride)
    return n * n * k * wide + n_out * n_out * (f * f * wide + wide * c)


_rng = np.random.default_rng(0)

check = Checks(
    macs=Answer(
        right=8_310_400,
        hint="Count the weights of the depthwise and of the pointwise part. Each is used at 28 x "
        "28 positions.",
        wrong=[
            (28 * 28 * 5 * 5 * 40 * 240, "That is the full convolution."),
            (5 * 5 * 40 + 40 * 240, "Those are the weights. How many positions use them?"),
            (28 * 28 * (5 * 5 * 240 + 40 * 240), "The depthwise part comes first: 40 channels."),
            (28 * 28 * (3 * 3 * 40 + 40 * 240), "The kernel is 5 x 5."),
            (28 * 28 * 40 * 240, "That is the pointwise part alone."),
            (28 * 28 * 5 * 5 * 40, "That is the depthwise part alone."),
            (2 * 28 * 28 * (5 * 5 * 40 + 40 * 240), "Those are FLOPs, two for each MAC."),
            (24 * 24 * (5 * 5 * 40 + 40 * 240), "SAME padding keeps the size, 28 x 28."),
        ],
    ),
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
        ],
    ),
)
