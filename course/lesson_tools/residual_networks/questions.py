"""Questions and answers of the lesson "Residual networks": read this when you are done."""

import math

import numpy as np

from convnet.functional import conv2d, conv2d_backward, relu_backward
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    copies=Prediction(
        right=16,
        why="Each of the 16 filters has a 1 in the middle of the kernel of its own channel.",
        wrong={
            1: "That copies a single channel. There are 16 filters.",
            256: "Then each output channel is the sum of all 16 channels.",
            144: "That is a kernel full of ones, which blurs.",
            2304: "Those are all weights. Most of them must be 0.",
            9: "That is one kernel. How many weights of a filter does copying need?",
            0: "Then the output is 0.",
        },
        hint="Output channel 5 should be a copy of input channel 5. Which weights does that take?",
    ),
    factor=Prediction(
        right=3.375,
        why="(1 + 0.5) ** 3 = 3.375.",
        decimals=3,
        wrong={
            0.125: "That is the factor without shortcuts.",
            1.125: "You added 1 once, for all three. Each layer has a shortcut of its own.",
            1.5: "That is a single layer.",
            3.38: "Do not round: the answer has three decimals.",
            3.4: "Do not round: the answer has three decimals.",
            2.5: "The factors of three layers are multiplied.",
            4.5: "The factors of three layers are multiplied, not added.",
        },
        hint="The derivative of x + F(x) is 1 + F'(x).",
    ),
    cancelled=Prediction(
        right="equal",
        why="1 - 0.5 = 0.5 and -0.5 have the same absolute value, and so have their powers.",
        wrong={
            "with": "You may think of F' = 0.5. Here, what is 1 + F'?",
            "without": "Compute one factor with a shortcut and one without it.",
        },
        hint="Compute 1 + F' for one layer, and compare it with F'.",
    ),
    projection=Prediction(
        right=(16, 16, 32, 512),
        why="Stride 2 halves 32; each of 32 filters has 1 * 1 * 16 weights.",
        wrong={
            (16, 16, 32, 16): "Each of the 32 filters has 16 weights.",
            (16, 16, 32, 4608): "That is a 3 x 3 convolution.",
            (16, 16, 32, 32): "Each filter reads 16 channels.",
            (32, 32, 32, 512): "The shortcut needs the stride of the block.",
            (16, 16, 16, 256): "F(x) has 32 channels, so x must get 32 channels, too.",
            (16, 16, 32, 544): "There is no bias: batch normalization follows.",
        },
        hint="Answer with four numbers: height, width, channels, weights.",
    ),
    removed=Prediction(
        right="c",
        why="The shortcut still passes on what the first nine blocks have computed.",
        wrong={
            "a": "That happens to a plain network, whose only path is cut. What else is here?",
            "b": "Half of the paths are cut, but the other half still ends in the same classifier.",
        },
        hint="What do the later blocks receive if block 10 is replaced by its shortcut alone?",
    ),
)


# ---- Exercise 1


def path_gradient(n: int, d: float, k: int) -> float:
    """Sum the contributions of all paths that cross k of n layers with local derivative d."""
    return math.comb(n, k) * d**k


# ---- Exercise 3: the block x + ReLU(W * x)


def branch(dy: Array, x: Array, W: Array) -> Array:
    """Compute the gradient through the branch alone."""
    return conv2d_backward(relu_backward(dy, conv2d(x, W, padding=1)), x, W, padding=1)[0]


def shortcut_backward_buggy(dy: Array, x: Array, W: Array) -> Array:
    """Send the gradient after the ReLU along the shortcut."""
    dy = relu_backward(dy, conv2d(x, W, padding=1))
    return conv2d_backward(dy, x, W, padding=1)[0] + dy


def _gradients() -> list[tuple[Array, Array, Array]]:
    rng = np.random.default_rng(0)
    return [
        (
            rng.normal(size=(1, n, n + 1, 2)),
            rng.normal(size=(1, n, n + 1, 2)),
            rng.normal(size=(3, 3, 2, 2)),
        )
        for n in (4, 5)
    ]


check = Checks(
    path_gradient=Function(
        right=path_gradient,
        calls=[(3, 0.5, 2), (20, -0.5, 0), (5, -0.5, 3), (40, 0.1, 7), (5, 2.0, 5)],
        hint="How many paths cross exactly k of n layers? What does each of them contribute?",
        wrong=[
            (lambda n, d, k: d**k, "That is one path. How many cross exactly k layers?"),
            (lambda n, d, k: math.comb(n, k), "You counted the paths. What does each contribute?"),
            (lambda n, d, k: n * d**k, "n layers are not n paths: choose k of the n layers."),
            (lambda n, d, k: math.comb(n, k) * d ** (n - k), "k layers are crossed, not skipped."),
            (
                lambda n, d, k: math.perm(n, k) * d**k,
                "The layers have a fixed order, so each choice of k layers is a single path.",
            ),
            (
                lambda n, d, k: math.comb(n, k) * d**k * (1 - d) ** (n - k),
                "A skipped layer contributes the factor 1, not 1 - d.",
            ),
            (
                lambda n, d, k: sum(path_gradient(n, d, i) for i in range(k + 1)),
                "That is the sum for at most k layers. Take exactly k.",
            ),
            (lambda n, d, k: (1 + d) ** n, "That is the sum over all paths."),
        ],
    ),
    parameters=Answer(
        right=230_144,
        hint="Add up three convolutions and three batch normalizations.",
        wrong=[
            (221_184, "Those are the two 3 x 3 convolutions. What else has parameters?"),
            (221_952, "The projection on the shortcut has parameters, too."),
            (221_696, "The projection and its batch normalization have parameters, too."),
            (230_912, "The running mean and the running variance are not learned."),
            (229_376, "Each of the three batch normalizations has 2 * 128 parameters."),
            (229_888, "One of the three batch normalizations is missing."),
            (229_632, "Two of the three batch normalizations are missing."),
            (229_760, "A batch normalization has a scale and a shift for each channel."),
            (230_528, "With batch normalization, the convolutions have no biases."),
            (295_680, "The projection is a 1 x 1 convolution."),
            (303_872, "The first convolution reads 64 channels, not 128."),
            (229_888 + 128, "A batch normalization has a scale and a shift for each channel."),
        ],
    ),
    shortcut_backward=Function(
        right=lambda dy, x, W: dy + branch(dy, x, W),
        calls=_gradients(),
        hint="Which gradient flows along the shortcut: the one before the ReLU, or the one after "
        "it?",
        wrong=[
            (shortcut_backward_buggy, "The gradient is still the buggy one."),
            (branch, "That is the gradient through F alone. Where is the shortcut?"),
            (lambda dy, x, W: dy, "That is the shortcut alone. Where is the gradient through F?"),
            (
                lambda dy, x, W: dy + conv2d_backward(dy, x, W, padding=1)[0],
                "The branch has lost its ReLU.",
            ),
            (
                lambda dy, x, W: dy + conv2d_backward(relu_backward(dy, x), x, W, padding=1)[0],
                "What is the input of the ReLU in the block: x, or the output of the convolution?",
            ),
            (
                lambda dy, x, W: branch(dy, x, W) + x,
                "You added x, as in the forward pass. What does an addition pass back?",
            ),
        ],
    ),
)
