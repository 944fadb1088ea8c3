"""Questions and answers of the lesson "Residual networks": read this when you are done."""

import numpy as np

from convnet.functional import conv2d, conv2d_backward, relu, relu_backward
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    normalized=Prediction(
        right=2336,
        why="3 * 3 * 16 * 16 = 2,304 weights, and a scale and a shift for each of 16 channels.",
        wrong={
            2304: "Those are the weights. What does batch normalization learn?",
            2320: "That is one parameter for each channel. Batch normalization learns two.",
            2352: "With batch normalization after it, the convolution needs no bias.",
            2368: "The running means and variances are not trained.",
            176: "Each filter reads all 16 channels.",
        },
        hint="A filter has 3 * 3 * 16 weights. A channel has a scale and a shift.",
    ),
    sees=Prediction(
        right=7,
        why="Each 3 x 3 convolution with stride 1 adds 2: 1 + 2 + 2 + 2.",
        wrong={
            9: "That is the product. Each layer adds f - 1.",
            3: "That is a single convolution.",
            5: "Those are two convolutions.",
            27: "Neighboring windows overlap, so the receptive field grows by f - 1.",
        },
        hint="A receptive field of 1 grows by f - 1 in each layer with stride 1.",
    ),
    copies=Prediction(
        right=8,
        why="Each of the eight filters has a 1 in the middle of the kernel of its own channel.",
        wrong={
            1: "That copies a single channel. There are eight filters.",
            64: "Then each output channel is the sum of all eight channels.",
            72: "That is a kernel full of ones, which blurs.",
            576: "Those are all weights. Most of them must be 0.",
            9: "That is one kernel. How many weights of a filter does copying need?",
            0: "Then the output is 0.",
        },
        hint="Output channel 5 should be a copy of input channel 5. Which weights does that take?",
    ),
    blocked=Prediction(
        right=-1,
        why="The local derivative of x + F(x) is 1 + F'(x): the two paths cancel.",
        wrong={
            0: "Then nothing comes through F, and the shortcut delivers dy unchanged.",
            1: "Then the gradient doubles. Which sign would cancel it?",
            -0.5: "Then half of the gradient is left.",
            float("inf"): "The gradients of the two paths are added. Can a sum be 0?",
        },
        hint="The gradients of the two paths are added. When is the sum 0?",
    ),
    factor=Prediction(
        right=3.375,
        why="(1 + 0.5) ** 3 = 3.375.",
        decimals=3,
        wrong={
            0.125: "That is the factor without shortcuts.",
            1.125: "You added 1 once, for all three. Each layer has a shortcut of its own.",
            1.5: "That is a single layer.",
            2.5: "The factors of three layers are multiplied.",
            4.5: "The factors of three layers are multiplied, not added.",
        },
        hint="The derivative of x + F(x) is 1 + F'(x).",
    ),
    variance=Prediction(
        right=1024,
        why="Each block doubles the variance: 2 ** 10.",
        wrong={
            11: "The tenth block adds as much as its own input has, not as the first input.",
            10: "The variances add up within a block. What happens from block to block?",
            20: "2 is the factor of one block. Factors multiply.",
            32: "That is the factor of the standard deviation.",
            2: "That is a single block.",
            1: "That would hold for F alone. What does adding x do?",
        },
        hint="The variance of a sum of unrelated numbers is the sum of their variances.",
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
)


# ---- Exercise 2


def projection_block(
    x: Array, W_1: Array, W_2: Array, W_s: Array, stride: int, scale: float = 1.0
) -> Array:
    """Compute ReLU(F(x) + projection of x); `scale` multiplies the projection."""
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    return relu(F + scale * conv2d(x, W_s, stride=stride))


def _blocks() -> list[tuple[Array, Array, Array, Array, int]]:
    rng = np.random.default_rng(0)
    return [
        (
            rng.normal(size=(2, n, n + 2, k)),
            rng.normal(size=(3, 3, k, c)),
            rng.normal(size=(3, 3, c, c)),
            rng.normal(size=(1, 1, k, c)),
            stride,
        )
        for n, k, c, stride in ((6, 2, 3, 2), (5, 3, 4, 1), (7, 2, 2, 2))
    ]


def without_last_relu(x: Array, W_1: Array, W_2: Array, W_s: Array, stride: int) -> Array:
    """Forget the ReLU after the addition."""
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    return F + conv2d(x, W_s, stride=stride)


def relu_too_early(x: Array, W_1: Array, W_2: Array, W_s: Array, stride: int) -> Array:
    """Apply the ReLU before the addition."""
    F = conv2d(relu(conv2d(x, W_1, stride=stride, padding=1)), W_2, padding=1)
    return relu(F) + conv2d(x, W_s, stride=stride)


def without_first_relu(x: Array, W_1: Array, W_2: Array, W_s: Array, stride: int) -> Array:
    """Forget the ReLU between the convolutions."""
    F = conv2d(conv2d(x, W_1, stride=stride, padding=1), W_2, padding=1)
    return relu(F + conv2d(x, W_s, stride=stride))


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
    parameters=Answer(
        right=230_144,
        hint="Add up three convolutions and three batch normalizations.",
        wrong=[
            (221_952, "The projection on the shortcut has parameters, too."),
            (229_376, "Each of the three batch normalizations has 2 * 128 parameters."),
            (229_888, "Two of the three batch normalizations are missing."),
            (229_760, "A batch normalization has a scale and a shift for each channel."),
            (230_528, "With batch normalization, the convolutions have no biases."),
            (303_872, "The projection is a 1 x 1 convolution."),
            (295_680, "The first convolution reads 64 channels, not 128."),
            (229_888 + 128, "A batch normalization has a scale and a shift for each channel."),
        ],
    ),
    projection_block=Function(
        right=projection_block,
        calls=_blocks(),
        hint="Compute F(x) first, then the projection of x, then the ReLU of their sum.",
        wrong=[
            (without_last_relu, "A ReLU follows the addition."),
            (relu_too_early, "The ReLU comes after the addition, not before it."),
            (without_first_relu, "A ReLU is missing between the two convolutions."),
            (
                lambda x, W_1, W_2, W_s, stride: projection_block(x, W_1, W_2, W_s, stride, 0),
                "That is F(x) alone. Where is the shortcut?",
            ),
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
