"""Questions and answers of the lesson "Backpropagation": read this when you are done."""

from collections.abc import Callable
from typing import Any

import numpy as np

from convnet import functional
from convnet.gradient_check import numeric_gradient
from convnet.types import Array
from lesson_tools.cross_correlation import cross_correlated
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

__all__ = ["check", "learn", "predict"]

predict = Predictions(
    graph=Prediction(
        right=(20, 10),
        why="The product multiplies dU = 10 by W = 2; the sum passes dZ = 10 on to b.",
        wrong={
            (10, 20): "The right numbers in the wrong order: dX comes first.",
            (30, 10): "That is dW. The local gradient with respect to X is the other factor.",
            (2, 1): "Those are the local gradients. Multiply them by the upstream gradients.",
            (20, -10): "The value b = -1 does not matter: Z = U + b grows as fast as b does.",
            (20, 1): "1 is the local gradient of the sum. What is its upstream gradient?",
            (
                20,
                -1,
            ): "-1 is the value of b. Its gradient is upstream gradient times local gradient.",
        },
        hint="dU = dZ = 10. Multiply by the local gradient: how fast does U grow with X, and Z "
        "with b?",
    ),
    paths=Prediction(
        right=(27, 24),
        why="Three choices in each of three columns; and 3 + 9 + 9 + 3 arrows.",
        wrong={
            (24, 27): "The right numbers in the wrong order: paths come first.",
            (9, 24): "A path chooses one of three units in each column, so the choices multiply.",
            (81, 24): "There are three columns in which to choose. The step to J is no choice.",
            (27, 18): "Those are the arrows between the columns. Add those at W and at J.",
            (27, 21): "Do arrows both leave W and end at J?",
            (27, 27): "Count the arrows between two columns: each unit has three.",
            (3, 24): "From each of the three units a path can go on to any of the next three.",
        },
        hint="A path chooses one unit in each column. For the arrows, count each gap separately.",
    ),
    weight=Prediction(
        right=2,
        why="2 * 2 + 3 * 0 + 2 * (-1) + 0 * 3: the lower right corners of the patches.",
        wrong={
            11: "That is dW[0, 0], with the upper left corners of the patches.",
            7: "That is dW[0, 1], with the upper right corners of the patches.",
            6: "One product is negative: dZ[1, 0] = -1. Or is this dW[1, 0]?",
            -1: "That counts the upper right patch with -1; the ReLU made its gradient 0.",
        },
        hint="Which pixel lies under the lower right weight in each of the four patches?",
    ),
    pixels=Prediction(
        right=(11, -6),
        why="2 + 3 * 3, and 0 + 3 * (-2): the last copy is 3 times W.",
        wrong={
            (-6, 11): "The right numbers in the wrong order.",
            (9, -6): "Two patches contain pixel (2, 1). You counted the lower right one alone.",
            (2, -6): "Two patches contain pixel (2, 1). You counted the lower left one alone.",
            (7, -6): "Check a sign: -1 times -2 is positive.",
            (11, 6): "Check a sign: the lower right weight is -2.",
            (-5, 6): "That is with the kernel upside down and reversed. Do not flip it.",
            (2, 0): "That is the sum before the last copy. Add 3 times W.",
        },
        hint="The last copy is 3 times W. Its lower row lies on these two pixels. What did the "
        "other copies leave there?",
    ),
    overlap=Prediction(
        right=(6, 2.5),
        why="7 is the maximum of three windows and lies in all four.",
        wrong={
            (2.5, 6): "The right numbers in the wrong order: max pooling comes first.",
            (10, 2.5): "In one of the four windows another pixel is larger than 7.",
            (3, 2.5): "Add the contributions of all windows in which 7 is the largest.",
            (3, 1): "Add the contributions; the last one does not replace the others.",
            (6, 10): "In average pooling a pixel gets a quarter of each upstream gradient.",
            (6, 1.5): "In average pooling all four windows count, whatever their maximum is.",
        },
        hint="List the four windows that contain 7. In which of them is it the largest value?",
    ),
    kink=Prediction(
        right=(1, 0.5, 0),
        why="Three methods, three choices: at a kink there is no derivative.",
        wrong={
            (1, 0, 0): "To the left of 0 the ReLU does not change, but to the right it does.",
            (1, 1, 0): "To the left of 0 the ReLU is 0: its difference is eps, divided by 2 eps.",
            (1, 0.5, 1): "[Z > 0] is 1 where Z is larger than 0. Is 0 larger than 0?",
            (0, 0.5, 1): "The right numbers in the wrong order. Does (a) look to the right?",
            (0, 0.5, 0): "(a) compares ReLU(eps) = eps with ReLU(0) = 0.",
            (0.5, 0.5, 0): "(a) divides eps by eps, not by 2 eps.",
            (0, 0, 0): "(a) compares ReLU(eps) = eps with ReLU(0) = 0.",
        },
        hint="Insert ReLU(eps) = eps, ReLU(0) = 0 and ReLU(-eps) = 0 into the two differences.",
    ),
)


def residual_forward(X: Array, W: Array) -> Array:
    Y: Array = X + np.maximum(functional.conv2d(X, W, padding=1), 0)
    return Y


def by_differences(dY: Array, X: Array, W: Array) -> Array:
    """Return the gradient of a residual block's input, as finite differences give it."""
    gradient = numeric_gradient(lambda values: np.sum(dY * residual_forward(values, W)), X)
    return gradient.round(7)


def open_where(dY: Array, X: Array, W: Array) -> Array:
    """Return dZ: the gradient that the ReLU lets through."""
    dZ: Array = dY * (functional.conv2d(X, W, padding=1) > 0)
    return dZ


def through(dZ: Array, X: Array, W: Array) -> Array:
    """Return dX of the convolution."""
    return functional.conv2d_backward(dZ, X, W, padding=1)[0]


def after_relu(dY: Array, X: Array, W: Array) -> Array:
    return through(open_where(dY, X, W), X, W)


def learn(
    X: Array,
    T: Array,
    W: Array,
    rate: float,
    steps: int,
    sign: int = -1,
    once: bool = False,
    size: int = 0,
    relu: bool = True,
) -> Array:
    """Learn a kernel through a ReLU, or make a mistake of exercise 3.

    Parameters
    ----------
    sign
        1 for steps uphill.
    once
        True to run the forward pass only before the first step.
    size
        1 for a sum in place of the mean.
    relu
        False to go back without the ReLU.
    """
    for step in range(steps):
        if step == 0 or not once:
            Z = cross_correlated(X, W)
        dZ = 2 * (np.maximum(Z, 0) - T) / (size or Z.size)
        if relu:
            dZ = dZ * (Z > 0)
        W = W + sign * rate * cross_correlated(X, dZ)
    return W


def mistaken(**mistake: Any) -> Callable[..., Array]:
    """Return `learn` with a mistake."""
    return lambda *arguments: learn(*arguments, **mistake)


rng = np.random.default_rng(3)
residual_calls = [
    (
        rng.standard_normal((m, 4, 5, n_C)),
        rng.standard_normal((m, 4, 5, n_C)),
        rng.standard_normal((3, 3, n_C, n_C)),
    )
    for m, n_C in ((1, 2), (2, 3))
]
X_learn = np.arange(30.0).reshape(5, 6) % 7 / 7
T_learn = np.arange(20.0).reshape(4, 5) % 3 / 2
W_learn = np.array([[0.5, -0.75], [0.25, 0.5]])

check = Checks(
    dW_01=Answer(
        right=4,
        hint="List the four pixels that this weight is multiplied by, one for each patch.",
        wrong=[
            (12, "That is dW[0, 0] or dW[1, 0]. Take the upper right corner of each patch."),
            (21, "That is dW[1, 1]. Take the upper right corner of each patch."),
            (10, "One product is negative: dZ[1, 1] = -1."),
            (7, "That is with dZ from the lesson."),
        ],
    ),
    dX_12=Answer(
        right=-5,
        hint="Two patches contain pixel (1, 2). Which weight lies on it in each of them?",
        wrong=[
            *((wrong, "Check the signs: -2 times 3 is negative.") for wrong in (5, 7)),
            (-7, "-1 times -1 is positive. Or is this dX[2, 1]? The row comes first."),
            (-6, "The lower right patch contains this pixel too."),
            (1, "The upper right patch contains this pixel too."),
            (3, "That is with the flipped kernel. Which weight lies on the pixel itself?"),
            (-3, "That is with dZ from the lesson."),
        ],
    ),
    db_sum=Answer(
        right=8,
        hint="The bias is added to every output, with the local gradient 1.",
        wrong=[
            (2, "The gradient of the bias is the sum of the upstream gradients, not their mean."),
            (10, "One of the four numbers is negative."),
            (4, "That is with dZ from the lesson."),
        ],
    ),
    residual_backward=Function(
        right=by_differences,
        calls=residual_calls,
        hint="X reaches Y along two paths, directly and through convolution and ReLU. Compute both "
        "contributions and add them up.",
        wrong=[
            (after_relu, "One path is missing: X is also added to Y directly."),
            (
                lambda dY, X, W: dY,
                "This is the direct path. The other one leads through the layers.",
            ),
            (
                lambda dY, X, W: dY + through(dY, X, W),
                "The ReLU is missing: where Z is negative, it blocks the gradient.",
            ),
            (
                lambda dY, X, W: dY + through(dY * (X > 0), X, W),
                "The ReLU looks at Z, the output of the convolution, not at X.",
            ),
            (
                lambda dY, X, W: dY + through(dY * (dY > 0), X, W),
                "The ReLU looks at Z, not at the gradient.",
            ),
            (
                lambda dY, X, W: dY + through(dY * (residual_forward(X, W) > 0), X, W),
                "The ReLU looks at Z. Y also contains X.",
            ),
            (
                lambda dY, X, W: open_where(dY, X, W) + after_relu(dY, X, W),
                "The direct path does not lead through the ReLU: dY arrives unchanged.",
            ),
            (
                lambda dY, X, W: dY + open_where(through(dY, X, W), X, W),
                "What comes last in the forward pass comes first in the backward pass: the ReLU.",
            ),
            (
                lambda dY, X, W: X + after_relu(dY, X, W),
                "The direct path passes its upstream gradient on, dY, not the value X.",
            ),
            (
                lambda dY, X, W: 1 + after_relu(dY, X, W),
                "1 is the local gradient of the direct path. Multiply it by the upstream gradient.",
            ),
            (open_where, "That is dZ. Go on through the convolution, and add the direct path."),
            (
                lambda dY, X, W: dY + open_where(dY, X, W),
                "The second path leads through the convolution too: functional.conv2d_backward.",
            ),
            (
                lambda dY, X, W: functional.conv2d_backward(open_where(dY, X, W), X, W, padding=1)[
                    1
                ],
                "This is dW. conv2d_backward returns dX first.",
            ),
            (
                lambda dY, X, W: functional.conv2d_backward(dY, X, W, padding=1),
                "conv2d_backward returns dX, dW and db. Take dX, and add the direct path.",
            ),
        ],
    ),
    learn_fixed=Function(
        right=learn,
        calls=[(X_learn, T_learn, W_learn, 0.25, steps) for steps in (1, 3, 10)],
        hint="Which lines have to be computed again in each step? And which sign has the step?",
        wrong=[
            (
                mistaken(sign=1),
                "These steps go up, along the gradient.",
            ),
            (
                mistaken(once=True),
                "The sign is right. But the weights change in each step: what else does?",
            ),
            (
                mistaken(sign=1, once=True),
                "That is the buggy function. The loss falls against the gradient.",
            ),
            (
                mistaken(size=1),
                "The loss is a mean. Keep the division by A.size.",
            ),
            (
                mistaken(relu=False),
                "The ReLU is missing: where Z is negative, it blocks the gradient.",
            ),
            (
                lambda X, T, W, rate, steps: learn(X, T, W, rate, 1),
                "That is one step. Return W after the loop, not within it.",
            ),
        ],
    ),
)
