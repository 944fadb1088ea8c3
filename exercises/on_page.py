"""Content of the exercises' pages on the site: a small case, common mistakes and terms.

It does not affect any check, so it is kept apart from the definitions, whose source the stored
cases depend on. The page of an exercise that is not listed here shows a case of its public check
and its first mistakes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from convnet.types import Array

__all__ = ["ON_PAGE", "OnPage"]


@dataclass(frozen=True)
class OnPage:
    """Content of an exercise's page.

    Attributes
    ----------
    terms
        Terms of the glossary, in reading order.
    mistakes
        Names of the most common mistakes. Their sentences must not reveal the answer.
    cases
        Arguments small enough to follow by hand. Several cases become a table.
    reading
        Text about the case. A number written as in the lessons, `[5]{= Z[0, 0] }`, is compared with
        the computed value.
    drawn
        Names of the arrays to draw; all arrays if empty.
    """

    terms: tuple[str, ...] = ()
    mistakes: tuple[str, ...] = ()
    cases: tuple[Mapping[str, Any], ...] = ()
    reading: str = ""
    drawn: tuple[str, ...] = ()


def _images(*channels: list[list[float]]) -> Array:
    """Return one image with these channels, of shape (1, n_H, n_W, n_C)."""
    return np.stack([np.array(channel, float) for channel in channels], axis=-1)[np.newaxis]


def _filter(rows: list[list[float]]) -> Array:
    """Return one filter for one channel, of shape (f, f, 1, 1)."""
    return np.array(rows, float)[:, :, np.newaxis, np.newaxis]


def _bias(*values: float) -> Array:
    return np.array(values, float).reshape(1, 1, 1, -1)


def _row(*values: float) -> Array:
    return np.array([values], float)


_POOLED = _images([[1, 3, 2, 0], [5, 2, 1, 1], [0, 1, 4, 2], [2, 0, 3, 6]])
_SCORES = np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]])

ON_PAGE = {
    "zero_pad": OnPage(
        terms=("padding", "zero padding", "batch", "channel"),
        mistakes=(
            "channels padded",
            "batch padded",
            "one side only",
            "[pad:-pad] at pad 0",
            "border written into the image",
        ),
        cases=({"X": _images([[1, 2, 3], [4, 5, 6]]), "pad": 1},),
        reading="One image of 2 rows and 3 columns with one channel goes in. The result has "
        "[4]{= X_pad.shape[1] } rows and [5]{= X_pad.shape[2] } columns: a border of zeros on all "
        "four sides, with the image unchanged in the middle.",
    ),
    "conv_single_step": OnPage(
        terms=("window", "filter", "element-wise", "dot product", "bias"),
        mistakes=(
            "array of shape (1, 1, 1)",
            "bias forgotten",
            "bias added per element",
            "sum forgotten",
            "flipped filter",
        ),
        cases=(
            {
                "a_slice_prev": _images([[1, 2], [3, 4]])[0],
                "W": _images([[1, 0], [-1, 2]])[0],
                "b": np.array([[[0.5]]]),
            },
        ),
        reading="The products are 1, 0, -3 and 8. Their sum is [6]{= np.sum(a_slice_prev * W) }, "
        "and with the bias 0.5 the result is [6.5]{= Z }. With more channels there are more "
        "products, but still one sum and one bias.",
    ),
    "conv_forward": OnPage(
        terms=("convolution layer", "window", "filter", "stride", "padding", "output size"),
        mistakes=(
            "stride ignored",
            "f taken for the stride",
            "plus one forgotten",
            "image not padded",
            "n_W from the height",
            "first channel only",
        ),
        cases=(
            {
                "A_prev": _images([[1, 2, 0, 1], [0, 3, 1, 2], [2, 1, 0, 3]]),
                "W": _filter([[1, 0], [0, -1]]),
                "b": _bias(1),
                "hparameters": {"stride": 1, "pad": 0},
            },
        ),
        reading="A kernel of size 2 has [2]{= Z.shape[1] } positions along 3 rows and "
        "[3]{= Z.shape[2] } along 4 columns. The first window holds 1, 2 in its upper row and 0, 3 "
        "in its lower row. Its dot product with the filter is "
        "[-2]{= np.sum(A_prev[0, :2, :2] * W[..., 0]) }, and the bias 1 makes it "
        "[-1]{= Z[0, 0, 0, 0] }.",
    ),
    "pool_forward": OnPage(
        terms=("pooling", "max pooling", "average pooling", "window", "stride"),
        mistakes=(
            "stride ignored",
            "maximum in both modes",
            "maximum started at 0",
            "all channels pooled together",
            "whole image pooled",
        ),
        cases=({"A_prev": _POOLED, "hparameters": {"f": 2, "stride": 2}, "mode": "max"},),
        reading="With `f` = 2 and stride 2 there are four windows, which do not overlap. The "
        "first holds 1, 3, 5 and 2, and its maximum is [5]{= A[0, 0, 0, 0] }. In the mode "
        '`"average"` it would be [2.75]{= np.mean(A_prev[0, :2, :2]) }.',
    ),
    "conv_backward": OnPage(
        terms=("backpropagation", "upstream gradient", "gradient", "chain rule", "stride"),
        mistakes=(
            "dA_prev overwritten",
            "padding not cut off",
            "[pad:-pad] at pad 0",
            "stride ignored",
            "last image only",
            "averaged over the batch",
        ),
        cases=(
            {
                "dZ": _images([[1, 0], [0, 2]]),
                "cache": (
                    _images([[1, 2, 0], [0, 3, 1], [2, 1, 0]]),
                    _filter([[1, 0], [0, -1]]),
                    _bias(0),
                    {"stride": 1, "pad": 0},
                ),
            },
        ),
        reading="Two entries of `dZ` are not 0, so two windows get a share. The upper left window "
        "gets the filter times 1, the lower right one the filter times 2; in the middle "
        "the two overlap, and their shares -1 and 2 add up to [1]{= dA_prev[0, 1, 1, 0] "
        "}. The entries of `dZ` add up to `db`, [3]{= db[0, 0, 0, 0] }.",
    ),
    "create_mask_from_window": OnPage(
        terms=("mask", "max pooling", "tie"),
        mistakes=(
            "maximum of each row",
            "largest absolute value",
            "maximum started at 0",
            "place of the maximum",
            "the maximum itself",
        ),
        cases=({"x": np.array([[1.0, 5.0, 2.0], [0.0, -3.0, 4.0]])},),
        reading=(
            "The largest entry is [5]{= x.max() }. The picture shows `True` as 1 and `False` as 0."
        ),
    ),
    "distribute_value": OnPage(
        terms=("average pooling", "window", "upstream gradient"),
        mistakes=(
            "not divided",
            "divided by the sum of the sides",
            "height and width swapped",
            "whole division",
        ),
        cases=({"dz": 10.0, "shape": (2, 5)},),
        reading="The window has [10]{= a.size } entries, each gets an equal part of 10, and all of "
        "them together are [10]{= a.sum() } again.",
    ),
    "pool_backward": OnPage(
        terms=("backpropagation", "upstream gradient", "max pooling", "average pooling", "mask"),
        mistakes=(
            "average in both modes",
            "overwritten where windows overlap",
            "gradient not divided",
            "stride ignored",
            "one mask for all channels",
        ),
        cases=(
            {
                "dA": _images([[1, 2], [3, 4]]),
                "cache": (_POOLED, {"f": 2, "stride": 2}),
                "mode": "max",
            },
        ),
        reading="Each entry of `dA` goes to the position of the maximum in its window: the 1 to "
        "where `A_prev` holds [5]{= A_prev[0, 1, 0, 0] }, the 4 to where it holds [6]{= "
        "A_prev[0, 3, 3, 0] }. All other pixels get 0, as a small change of theirs does "
        "not change any maximum.",
    ),
    "output_size": OnPage(
        terms=("output size", "kernel size", "stride", "padding", "valid padding"),
        mistakes=(
            "plus one forgotten",
            "padding on one side",
            "brackets forgotten",
            "size rounded up",
            "stride left out",
        ),
        cases=(
            {"n": 5, "f": 3, "stride": 1, "pad": 0},
            {"n": 5, "f": 3, "stride": 1, "pad": 1},
            {"n": 9, "f": 3, "stride": 2, "pad": 0},
            {"n": 10, "f": 3, "stride": 2, "pad": 0},
        ),
        reading="The last two rows have the same result: on an axis of 10 pixels the last pixel is "
        "never read.",
    ),
    "padding_amounts": OnPage(
        terms=("padding", "valid padding", "same padding", "full padding"),
        mistakes=(
            "odd one in front",
            "stride left out of SAME",
            "less than nothing",
            "size of the output rounded down",
            "FULL in all",
        ),
        cases=(
            {"n": 7, "f": 3, "stride": 1, "mode": "VALID"},
            {"n": 7, "f": 3, "stride": 1, "mode": "SAME"},
            {"n": 7, "f": 3, "stride": 1, "mode": "FULL"},
            {"n": 7, "f": 4, "stride": 1, "mode": "SAME"},
            {"n": 8, "f": 3, "stride": 2, "mode": "SAME"},
        ),
        reading="In the last two rows the total is odd, and the end gets one zero more than the "
        "start.",
    ),
    "conv_parameters": OnPage(
        terms=("parameter", "weight", "bias", "filter", "channel"),
        mistakes=(
            "biases left out",
            "one bias in all",
            "a bias for each input channel",
            "input channels left out",
            "filters left out",
        ),
        cases=(
            {"f_H": 3, "f_W": 3, "n_C_prev": 1, "n_C": 1},
            {"f_H": 3, "f_W": 3, "n_C_prev": 1, "n_C": 2},
            {"f_H": 3, "f_W": 3, "n_C_prev": 3, "n_C": 2},
            {"f_H": 1, "f_W": 5, "n_C_prev": 3, "n_C": 2},
        ),
        reading="From the first row to the second the number of filters doubles, and so does the "
        "number of parameters. From the second to the third the weights triple, but the biases "
        "stay as they are.",
    ),
    "transposed_size": OnPage(
        terms=("transposed convolution", "output size", "output padding", "crop"),
        mistakes=(
            "a stride too many",
            "padding added",
            "padding on one side",
            "stride divides",
            "output padding on both sides",
        ),
        cases=(
            {"n": 4, "f": 3, "stride": 1, "pad": 0, "output_pad": 0},
            {"n": 4, "f": 3, "stride": 2, "pad": 0, "output_pad": 0},
            {"n": 4, "f": 3, "stride": 2, "pad": 1, "output_pad": 0},
            {"n": 4, "f": 3, "stride": 2, "pad": 1, "output_pad": 1},
        ),
        reading="Padding of 1 makes the output smaller by 2, one at each end. Output padding of 1 "
        "makes it larger by 1, at the end only. With both, stride 2 turns 4 values into 8.",
    ),
    "sigmoid": OnPage(
        terms=("sigmoid", "activation function", "saturation", "overflow"),
        mistakes=(
            "sign of the exponent",
            "brackets forgotten",
            "exp over one plus exp",
            "cache of the output",
        ),
        cases=({"Z": _row(-2, 0, 2, 10)},),
        reading="The result is [0.5]{= A[0, 1] } at 0 and approaches 1 for large numbers. The "
        "first and the third value add up to [1]{= A[0, 0] + A[0, 2] }.",
    ),
    "relu": OnPage(
        terms=("ReLU", "activation function", "dead unit"),
        mistakes=("largest of all", "Python's max", "absolute values", "written into Z"),
        cases=({"Z": np.array([[-2.0, 0.0, 3.5], [1.0, -0.5, 2.0]])},),
        reading="The positive numbers stay as they are, and the two negative ones become 0.",
    ),
    "sigmoid_backward": OnPage(
        terms=("upstream gradient", "local gradient", "chain rule", "vanishing gradient"),
        mistakes=("slope alone", "Z for A", "second factor forgotten", "slope of tanh"),
        cases=({"dA": _row(1, 1, -2), "cache": (_row(-2, 0, 2),)},),
        reading="At 0 the derivative is [0.25]{= dZ[0, 1] }, its largest value. At -2 and 2 it has "
        "the same value, so the third entry is -2 times the first one.",
    ),
    "tanh_backward": OnPage(
        terms=("tanh", "upstream gradient", "local gradient", "vanishing gradient"),
        mistakes=("slope alone", "square forgotten", "Z for A", "slope of the sigmoid"),
        cases=({"dA": _row(1, 1, -2), "cache": (_row(-1, 0, 1),)},),
        reading="At 0 the derivative is [1]{= dZ[0, 1] }, its largest value. At -1 and 1 it has "
        "the same value, so the third entry is -2 times the first one.",
    ),
    "relu_backward": OnPage(
        terms=("ReLU", "upstream gradient", "local gradient", "dead unit"),
        mistakes=(
            "everything passes",
            "slope alone",
            "sign of the gradient",
            "Z instead of the slope",
        ),
        cases=(
            {
                "dA": np.array([[1.0, -2.0], [3.0, 4.0]]),
                "cache": (np.array([[2.0, 3.0], [-1.0, -0.5]]),),
            },
        ),
        reading="In the first row `Z` is positive, and the gradient passes, the negative number "
        "too. In the second row `Z` is negative, and nothing passes.",
    ),
    "softmax": OnPage(
        terms=("softmax", "logits", "class", "overflow", "numerical stability"),
        mistakes=(
            "nothing subtracted",
            "columns",
            "sum over everything",
            "sums without their axis",
            "one maximum for all rows",
        ),
        cases=({"Z": _SCORES},),
        reading="Equal scores give equal probabilities. In the second row each score is larger "
        "than the one before by 1, and each probability is larger by the factor e, about "
        "[2.718]{= A[1, 1] / A[1, 0] }. Each row adds up to [1]{= A[1].sum() }.",
    ),
    "softmax_cross_entropy": OnPage(
        terms=("cross-entropy", "softmax", "logits", "label", "numerical stability"),
        mistakes=(
            "logarithm of 0",
            "sum of the losses",
            "every column for every row",
            "gradient not averaged",
            "one subtracted everywhere",
        ),
        cases=({"Z": _SCORES, "labels": np.array([0, 2])},),
        reading="The losses of the two rows are 1.0986 and 0.4076, and their mean is [0.7531]{= "
        "loss }. In `dZ` only the entry of the correct class is negative, and each row "
        "adds up to [0]{= dZ[1].sum() }.",
    ),
    "dense_forward": OnPage(
        terms=("dense layer", "matrix product", "weight", "bias"),
        mistakes=(
            "bias forgotten",
            "elementwise product",
            "first bias for all",
            "activation added",
        ),
        cases=(
            {
                "A_prev": np.array([[1.0, 2.0], [3.0, 4.0]]),
                "W": np.array([[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]]),
                "b": _row(1, 0, 0),
            },
        ),
        reading="Two examples with two inputs each go in, and three outputs for each come out. "
        "The first output of the first example is `1 * 1 + 2 * 0 + 1` = [2]{= Z[0, 0] }.",
    ),
    "dense_backward": OnPage(
        terms=("dense layer", "upstream gradient", "gradient", "chain rule"),
        mistakes=(
            "dW averaged over the batch",
            "db without its axis",
            "dA_prev without the weights",
            "dW transposed",
        ),
        cases=(
            {
                "dZ": np.array([[1.0, 0.0], [2.0, -1.0]]),
                "cache": (
                    np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 1.0]]),
                    np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 0.0]]),
                    _row(0, 0),
                ),
            },
        ),
        reading="Each gradient has the shape of its array. The first weight was used with the "
        "inputs 1 and 0, so its gradient is `1 * 1 + 2 * 0` = [1]{= dW[0, 0] }.",
    ),
    "lenet_forward": OnPage(
        terms=("LeNet", "forward pass", "flattening", "logits"),
        mistakes=(
            "no ReLU after layer 3",
            "softmax of the scores",
            "first convolution not padded",
            "flattened with the channels first",
            "length of the vector written in",
        ),
        drawn=("X", "scores"),
        reading="A case of the check: one grayscale image of 12 rows and 16 columns, and a network "
        "with few filters and units for four classes. Each class gets a score. The weights are "
        "not drawn.",
    ),
    "lenet_gradients": OnPage(
        terms=("LeNet", "backpropagation", "loss", "gradient checking"),
        mistakes=(
            "no ReLU on the way back to layer 3",
            "ReLU on the gradient of layer 3",
            "sum over the batch",
            "probabilities for the gradient",
            "sign of the gradients",
        ),
        drawn=("loss", "gradients['W5']", "gradients['b5']"),
        reading="A case of the check: the loss of one image, and the gradients of the last layer, "
        "which has 5 inputs and 4 outputs. The gradients of the biases add up to "
        "[0]{= gradients['b5'].sum() }, as each row of the scores' gradient does.",
    ),
    "momentum_step": OnPage(
        terms=("momentum", "gradient descent", "learning rate", "parameter"),
        mistakes=(
            "no learning rate",
            "momentum ignored",
            "step with the old velocity",
            "learning rate in the velocity",
            "gradient weighted by 1 - momentum",
        ),
        cases=(
            {
                "w": np.array([1.0, 1.0]),
                "dw": np.array([2.0, -1.0]),
                "velocity": np.array([0.0, 4.0]),
                "learning_rate": 0.5,
                "momentum": 0.5,
            },
        ),
        reading="The second parameter has a negative gradient but moves down, because half of its "
        "old velocity is kept: `0.5 * 4 - 1` = [1]{= velocity[1] }.",
    ),
    "one_by_one_forward": OnPage(
        terms=("1x1 convolution", "channel", "dense layer", "pixel"),
        mistakes=(
            "bias forgotten",
            "bias added per product",
            "weights transposed",
            "first channel only",
            "first pixel everywhere",
        ),
        cases=(
            {
                "A_prev": _images([[1, 2, 3], [4, 5, 6]], [[1, 0, 1], [0, 1, 0]]),
                "W": np.array([[[[2.0], [-1.0]]]]),
                "b": _bias(10),
            },
        ),
        reading="An image with two channels goes in, and one channel comes out. At the first "
        "pixel it is `2 * 1 - 1 * 1 + 10` = [11]{= Z[0, 0, 0, 0] }. No pixel has an "
        "effect on another one.",
    ),
    "dense_as_convolution": OnPage(
        terms=("1x1 convolution", "dense layer", "flattening", "row-major", "filter"),
        mistakes=(
            "channels read first",
            "rows of W instead of columns",
            "filters first",
            "biases as they are",
        ),
        cases=(
            {
                "W": np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]]),
                "b": _row(9, 10),
                "f": 2,
            },
        ),
        reading="The layer has four inputs, an image of 2 rows and 2 columns with one channel, and "
        "two units. The weights of each unit become a filter of 2 rows and 2 columns.",
    ),
    "conv_transpose_forward": OnPage(
        terms=("transposed convolution", "upsampling", "stride", "crop", "output padding"),
        mistakes=(
            "stride ignored",
            "overwritten where copies overlap",
            "padding added",
            "[pad:-pad] at pad 0",
            "channels of W swapped",
        ),
        cases=(
            {
                "A_prev": _images([[1, 2], [3, 4]]),
                "W": _filter([[1, 2], [0, 1]]),
                "b": _bias(0),
                "hparameters": {"stride": 1, "pad": 0, "output_pad": 0},
            },
        ),
        reading="Four copies of the filter, multiplied by 1, 2, 3 and 4, are added one pixel "
        "apart. All four reach the middle of the output: `1 * 1 + 2 * 0 + 3 * 2 + 4 * 1` "
        "= [11]{= Z[0, 1, 1, 0] }.",
    ),
}
