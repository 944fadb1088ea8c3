"""Questions and answers of lesson 05, on why convolutions: read this when you are done."""

from collections.abc import Callable

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions
from lesson_tools.why_convolution.pluses import BOXES

predict = Predictions(
    weights=Prediction(
        right=(128 * 128, 9),
        why="The dense layer has 128 weights for each of its 128 scores.",
        wrong={
            (128, 9): "That is one score of the dense layer. It computes one for each pixel.",
            (16384, 10): "The bias is not a weight.",
            (16512, 10): "Those are the parameters with the biases. Count the weights only.",
            (16512, 9): "The dense layer's biases are in that number. Count the weights only.",
            (16384, 1152): "The nine weights are the same for all 128 scores.",
            (16384, 128): "The convolution has a 3 x 3 kernel, for all 128 scores.",
            (256, 9): "Each of the 128 scores has a weight for each of the 128 pixels.",
            (9, 16384): "The right numbers in the wrong order: the dense layer comes first.",
        },
        hint="The image has 8 * 16 pixels, and there are as many scores.",
    ),
    pixel=Prediction(
        right=-1,
        why="The 3 brings 3 * (-2) one column to its right, the 1 brings 5 at its own position.",
        wrong={
            5: "That is from the pixel at (4, 2). What does its left neighbor add?",
            -6: "That is from the pixel at (4, 1). What does the pixel at (4, 2) add?",
            3: "The response to a pixel of 3 is three times as strong as the response to a 1.",
            15: "That is the output at (4, 1).",
            13: "Which response lies to the right of its pixel, 5 or -2?",
            -2: "That is the output at (4, 3).",
        },
        hint="Linear: add the responses to both pixels. Equivariant: each moves with its pixel.",
    ),
    shuffled=Prediction(
        right="dense",
        why="A sum does not depend on the order of its terms. A 3 x 3 window does.",
        wrong={
            "both": "Which pixels are in a 3 x 3 window after shuffling?",
            "convolution": "What does a 3 x 3 window see after shuffling? And does a dense layer "
            "know which pixels are neighbors?",
            "dense layer": 'Right, but write "dense".',
            "none": "In the dense layer, each pixel still has its own weights. Does the order of a "
            "sum matter?",
            "neither": "In the dense layer, each pixel still has its own weights. Does the order "
            "of a sum matter?",
        },
        hint='Which layer knows which pixels are neighbors? Answer "dense", "convolution", '
        '"both" or "neither".',
    ),
    negatives=Prediction(
        right=0.5,
        why="What a kernel finds in an image, it misses in the negative of this image.",
        wrong={
            1: "What happens to the scores of an image if you take its negative?",
            0: "It could find all bright pluses.",
            0.25: "It could find all bright pluses. How many are bright?",
        },
        hint="Where is the largest score in an image, and where is it in the negative?",
    ),
)

Layer = Callable[[Array], Array]


def _weights_of(layer: Layer, n_H: int, n_W: int, pixel: float = 1) -> Array:
    V = np.zeros((n_H, n_W, n_H, n_W))
    for y, x in np.ndindex(n_H, n_W):
        image = np.zeros((n_H, n_W))
        image[y, x] = pixel
        V[:, :, y, x] = layer(image)
    return V


def _by_output(layer: Layer, n_H: int, n_W: int) -> Array:
    return _weights_of(layer, n_H, n_W).transpose(2, 3, 0, 1)


def _never_cleared(layer: Layer, n_H: int, n_W: int) -> Array:
    V, image = np.zeros((n_H, n_W, n_H, n_W)), np.zeros((n_H, n_W))
    for y, x in np.ndindex(n_H, n_W):
        image[y, x] = 1
        V[:, :, y, x] = layer(image)
    return V


def _one_kernel(layer: Layer, n_H: int, n_W: int) -> Array:
    return _weights_of(layer, n_H, n_W)[:, :, n_H // 2, n_W // 2]


check = Checks(
    counts=Answer(
        right=(40, 20, 5),
        hint="Each output has its own bias, until weights are shared. Draw the 3 x 3 image, and "
        "the four positions of the kernel.",
        wrong=[
            ((36, 16, 4), "Those are the weights. There are biases, too."),
            ((36, 16, 5), "Each output of the first two layers has a bias as well."),
            ((40, 20, 4), "The shared layer has a bias, too."),
            ((40, 20, 8), "The four outputs share their bias as well."),
            ((40, 16, 5), "The local layer has a bias for each of its four outputs, too."),
            ((40, 20, 20), "The last layer uses the same weights and the same bias four times."),
            ((90, 45, 5), "Without padding, the 2 x 2 kernel has four positions, not nine."),
            ((37, 17, 5), "Each output has its own bias, until weights are shared."),
            ((10, 5, 5), "That is one output. Each layer has four."),
            ((5, 20, 40), "The right numbers in the wrong order: dense, local, shared."),
        ],
    ),
    weights_of=Function(
        right=_weights_of,
        calls=[(BOXES["B"], 3, 4), (BOXES["A"], 2, 5), (BOXES["F"], 4, 2), (BOXES["E"], 1, 4)],
        hint="The response to a single pixel at (y, x) holds V[h, w, y, x] for all h and w.",
        wrong=[
            (_by_output, "The pixel's position is (y, x), the last two indices: V[:, :, y, x]."),
            (
                _never_cleared,
                "Begin each time with an image of zeros, so that only one pixel is 1.",
            ),
            (
                _one_kernel,
                "That is the response to one pixel. V holds the responses to all pixels.",
            ),
            (
                lambda layer, n_H, n_W: _weights_of(layer, n_H, n_W).reshape(n_H * n_W, -1),
                "The values are right. The shape should be (n_H, n_W, n_H, n_W).",
            ),
            (
                lambda layer, n_H, n_W: layer(np.ones((n_H, n_W))),
                "An image of ones adds up all weights of an output. Use one pixel at a time.",
            ),
            (
                lambda layer, n_H, n_W: _weights_of(layer, n_H, n_W, 255),
                "The single pixel should have the value 1.",
            ),
        ],
    ),
    convolutions=Answer(
        right="BE",
        hint="In the matrix of a convolution, every color runs along diagonals, and all but a few "
        "diagonals are white.",
        wrong=[
            ("BCE", "All outputs of C share their weights, but each uses every pixel."),
            ("B", "A kernel may have a single 1, away from its middle. What would it do?"),
            ("E", "Look for another matrix in which colors run along diagonals."),
            ("BC", "Two points: is C local? And what would a kernel with a single 1 do?"),
            ("BDE", "D is local, but look along its diagonal: is the color always the same?"),
            ("BEF", "F is local. Is the weight for the right neighbor the same at each output?"),
            ("BDEF", "D and F are local. Are their weights the same at every position?"),
            ("BCDE", "C uses every pixel, and the weights of D change along the diagonal."),
            ("BCDEF", "Check C for locality, and D and F for sharing."),
            ("ABE", "In A, how far apart are an output and its pixel? Is it always the same?"),
        ],
    ),
)
