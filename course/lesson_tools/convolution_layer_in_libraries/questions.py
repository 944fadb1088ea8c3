"""Questions and answers of the lesson on the layer in libraries: read this when you are done."""

import re
from typing import Any

import numpy as np

from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions

__all__ = ["check", "predict"]

predict = Predictions(
    torch=Prediction(
        right=(2, 16, 23, 48),
        why="(50 - 6) / 2 + 1 = 23 rows and (100 - 6) / 2 + 1 = 48 columns, channels first.",
        wrong={
            (2, 23, 48, 16): "The right numbers, with the channels last. PyTorch has them first.",
            (2, 16, 48, 23): "Rows come before columns, in PyTorch too.",
            (2, 16, 22, 47): "The position at 0 is missing.",
            (2, 16, 24, 49): "That is the shape with padding=1. The default is no padding.",
            (2, 16, 45, 95): "That is the shape with stride 1.",
            (2, 16, 25, 50): "Without padding, the kernel does not fit at every second pixel.",
            (2, 4, 23, 48): "The filters sum over the 4 input channels. How many filters are "
            "there?",
            (16, 23, 48): "That is the shape for one image. The batch has two.",
            (16, 4, 6, 6): "That is the shape of the filters.",
        },
        hint="PyTorch has the order example, channel, row, column. How many positions are there?",
    ),
    keras=Prediction(
        right=(4, 30, 45, 6, 78),
        why="(60 - 2) / 2 + 1 = 30 rows, (90 - 2) / 2 + 1 = 45 columns, and "
        "(2 * 2 * 3 + 1) * 6 = 78 parameters.",
        wrong={
            (4, 6, 30, 45, 78): "That has the channels first. Keras has them last.",
            (4, 29, 44, 6, 78): "The position at 0 is missing.",
            (4, 59, 89, 6, 78): "That is the shape with stride 1.",
            (4, 45, 30, 6, 78): "Rows come before columns.",
            (4, 30, 45, 3, 78): "The filters sum over the 3 input channels.",
            (4, 30, 45, 6, 72): "The shape is right. Each filter also has a bias.",
            (4, 30, 45, 6, 30): "The shape is right. A filter has weights for all 3 channels.",
            (4, 30, 45, 6, 13): "The shape is right, and 13 are the parameters of one filter.",
            (4, 30, 45, 6): "The shape is right. How many parameters are there?",
            (30, 45, 6, 78): "Begin with the number of images.",
        },
        hint="Five numbers: examples, rows, columns, channels, parameters.",
    ),
    reshape=Prediction(
        right=(1, 10, 2, 20),
        why="reshape reads the memory in order: pixel 0 with both channels, then pixel 1.",
        wrong={
            (1, 2, 3, 4): "That is what transpose gives. reshape keeps the order of the memory.",
            (10, 20, 30, 40): "That is the first row of channel 1.",
            (1, 10, 20, 30): "The third value in memory is channel 0 of the second pixel.",
            (1, 2, 10, 20): "In NHWC, the value after 1 is the same pixel's channel 1.",
            (1, 10, 2): "Those are right. The row has four values.",
        },
        hint="The first four values in memory, in NHWC.",
    ),
    swapped=Prediction(
        right=(4, 7),
        why="A kernel of 4 rows and 3 columns has 7 - 4 + 1 and 9 - 3 + 1 positions.",
        wrong={
            (5, 6): "That is the shape with the right permutation, for kernels of 3 x 4.",
            (5, 7): "That would need a kernel of 3 x 3.",
            (4, 6): "That would need a kernel of 4 x 4.",
            (7, 4): "Rows come first.",
            (3, 6): "That is the image size minus the kernel size; one more position fits.",
            (4, 7, 2): "Give only the rows and columns of a feature map.",
        },
        hint="Which shape does each kernel have after the swap? Then n - f + 1.",
    ),
    gray=Prediction(
        right=6,
        why="In a gray photograph red, green and blue are equal, so swapping two changes nothing.",
        wrong={
            1: "That changes where every kernel looks, whatever the color.",
            2: "That mixes up all weights.",
            3: "That changes where every kernel looks, whatever the color.",
            4: "The biases are added whatever the image is.",
            5: "Pixels that were neighbors are torn apart, in a gray photograph as well.",
            7: "A gray photograph has a mean, too.",
            8: "That divides the contrast by 255, in any photograph.",
        },
        hint="In a gray photograph, all channels are equal. Which mistake only moves channels?",
    ),
)


def silent_mistakes(given: Any) -> str:
    """Return a comment on one wrong letter of "ac", the mistakes that nobody notices."""
    letters = "".join(re.findall(r"\b[abcd]+\b", str(given).lower()))
    advice = {
        "a": "Mistake a: does any shape depend on the values of the biases?",
        "b": "Mistake b: how many rows does the output have with kernels of 3 x 5 and this "
        "padding?",
        "c": "Mistake c: which shape does the layer see, and which shape does it expect?",
        "d": "Mistake d: how many input channels would filters of shape (5, 3, 16, 32) have in "
        "OIHW?",
    }
    return next((advice[x] for x in "abcd" if (x in letters) != (x in "ac")), "")


def shape_that_fails(given: Any) -> str:
    """Return why a shape of filters does not reveal that `W.T` is wrong; "" if it does."""
    sizes = np.asarray(given, dtype=object)
    if sizes.shape != (4,) or not all(isinstance(n, int | np.integer) and n > 0 for n in sizes):
        return "Write four positive whole numbers, such as (3, 3, 16, 32)."
    f_H, f_W, _, _ = sizes
    if f_H == f_W:
        return (
            "Filters of this shape come out with the right shape. W.T reverses all four axes. "
            "Which two of the sizes must differ, so that you can see it?"
        )
    return ""


FILTER = np.zeros((1, 3, 5, 7))
FILTER[0, 0, 2, 3], FILTER[0, 1, 1, 3] = 1, -1
NUMBERS = np.arange(36.0)
W_34 = np.random.default_rng(3).integers(-2, 3, size=(3, 4, 5, 2)).astype(np.float32)

check = Checks(
    weight_shape=Answer(
        right=(32, 16, 5, 3),
        hint="OIHW: output channels, input channels, rows, columns.",
        wrong=[
            ((5, 3, 16, 32), "That is the shape in Keras, HWIO."),
            ((32, 16, 3, 5), "The kernels have 5 rows and 3 columns."),
            ((16, 32, 5, 3), "The output channels come before the input channels."),
            ((32, 5, 3, 16), "In OIHW, the input channels come second."),
            ((32, 16, 40, 60), "40 x 60 is the size of the images. How large are the kernels?"),
        ],
    ),
    padding=Answer(
        right=(2, 1),
        hint="At stride 1, SAME adds f - 1 zeros in all. PyTorch counts the zeros on each side.",
        wrong=[
            ((1, 2), "The kernels have 5 rows and 3 columns. Which direction needs more zeros?"),
            ((4, 2), "That is the total. PyTorch counts the zeros on each side."),
            (2, "That is right for the rows. A kernel with 3 columns needs fewer zeros there."),
            (
                (2, 2),
                "That is right for the rows. A kernel with 3 columns needs fewer zeros there.",
            ),
            (
                ((2, 2), (1, 1)),
                "The right zeros. Conv2d takes one number for both sides of an axis.",
            ),
            ((2, 2, 1, 1), "The right zeros. Conv2d takes one number for both sides of an axis."),
            ("same", "PyTorch accepts it at stride 1. Which numbers does it stand for?"),
        ],
    ),
    silent=Design(
        silent_mistakes,
        right="ac",
        wrong=[
            ("c", "Mistake a: does any shape depend"),
            ("abc", "Mistake b: how many rows"),
            ("a", "Mistake c: which shape does the layer see"),
            ("acd", "Mistake d: how many input channels"),
        ],
    ),
    W_exercise=Answer(
        right=FILTER,
        hint="Which two of the 105 weights are not 0? The axes are filter, channel, row, column.",
        wrong=[
            (
                FILTER.swapaxes(2, 3),
                "The kernel has 5 rows and 7 columns. Rows come first.",
            ),
            (-FILTER, "That is green minus red."),
            (FILTER[:, :, ::-1], "That is the pixel below the middle. Row 0 is at the top."),
            (FILTER[:, [1, 0, 2]], "Red and green are swapped."),
            (FILTER[:, [0, 2, 1]], "That is the blue value. The channels are red, green, blue."),
            (abs(FILTER), "That is red plus green."),
            (
                FILTER.transpose(0, 2, 3, 1),
                "That is in the order filter, row, column, channel. In OIHW, the channel comes "
                "second.",
            ),
        ],
    ),
    counterexample=Design(
        shape_that_fails,
        right=(3, 4, 16, 32),
        wrong=[
            ((3, 3, 16, 32), "come out with the right shape"),
            ((3, 4, 16), "Write four positive whole numbers"),
            ((3, 4, 16, 0), "Write four positive whole numbers"),
            (3, "Write four positive whole numbers"),
        ],
    ),
    filters_fixed=Function(
        right=lambda W: np.moveaxis(W, (3, 2), (0, 1)),
        calls=[
            (NUMBERS.reshape(3, 3, 2, 2),),
            (NUMBERS.reshape(2, 2, 3, 3),),
            (NUMBERS.reshape(2, 2, 9, 1),),
            (W_34,),
        ],
        hint="Which of the old axes, counted from 0, becomes the first? Which the second?",
        wrong=[
            (
                lambda W: W.reshape(W.shape[3], W.shape[2], W.shape[0], W.shape[1]),
                "The shape is right, but reshape keeps the memory order. Permute the axes instead.",
            ),
            (lambda W: W.T, "Rows and columns of the kernels are still swapped."),
            (
                lambda W: W.transpose(2, 3, 0, 1),
                "The input channels come before the output channels.",
            ),
            (lambda W: W.transpose(0, 3, 1, 2), "That is the permutation for images."),
            (lambda W: W.transpose(2, 3, 1, 0), "That is the way back, from OIHW to HWIO."),
        ],
    ),
)
