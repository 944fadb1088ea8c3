"""Questions and answers of the lesson on four libraries: read this when you are done."""

from itertools import permutations

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    black=Prediction(
        right="kernels",
        why="Every product is 0, whatever the kernel, so only the biases remain.",
        wrong={"biases": "A convolution of zeros is 0. What is added to it?"},
        hint="Each output is a sum of products of kernel and pixels, plus a bias.",
    ),
    failing=Prediction(
        right="c",
        why="Near 0 the allowed difference becomes smaller than the rounding errors.",
        wrong={
            "a": "What does the formula allow for an expected value close to 0?",
            "b": "The allowed difference grows with the expected value. Where is it smallest?",
            "d": "Compare the allowed difference of a large and a small expected value.",
        },
        hint='Answer "a", "b", "c" or "d". How does the allowed difference depend on the value?',
    ),
    unmoved=Prediction(
        right=2,
        why="Only the first and the last number keep their positions.",
        wrong={
            0: "Compare the first number of both vectors.",
            1: "The first number is one. Is there another one at the end?",
            6: "In NCHW, channel 0 comes first. But are its values at the same positions in NHWC?",
            12: "In NHWC, the second number is channel 1 of the first pixel. And in NCHW?",
            10: "That is the number of values that move.",
        },
        hint="Write both vectors below each other and count the positions with equal values.",
    ),
    agree=Prediction(
        right="odd",
        why="An odd size needs two zeros in all, one on each side; an even size needs one.",
        wrong={
            "even": "An even size needs a single zero in all. On which side does it go?",
            "both": "How many zeros does SAME add for 6 columns? Use the formula.",
            "neither": "How many zeros does SAME add for 7 columns? Use the formula.",
        },
        hint='Answer "odd", "even", "both" or "neither". Compute the total for n = 6 and n = 7.',
    ),
    transposed=Prediction(
        right=(8, 1, 3, 5),
        why="Reversing all axes also swaps rows and columns.",
        wrong={
            (8, 1, 5, 3): "That is transpose(3, 2, 0, 1). W.T reverses all four axes.",
            (5, 3, 1, 8): "That is W. Its axes are reversed.",
            (3, 5, 1, 8): "W.T reverses all four axes, not only the first two.",
            (1, 8, 3, 5): "The last axis, the outputs, comes first.",
            (1, 8, 5, 3): "The last axis, the outputs, comes first, and the first one last.",
        },
        hint="W.T reverses the order of all axes: the last one comes first.",
    ),
)


def axes(weight: Array, *moved: int, shape: tuple[int, ...]) -> Array:
    """Split the inputs of a dense layer into axes, and move these."""
    return weight.reshape(shape).transpose(moved)


def by_position(weight: Array, n_H: int, n_W: int, n_C: int) -> Array:
    numbers = np.arange(n_C * n_H * n_W).reshape(n_C, n_H, n_W)  # which column is which value
    return weight[:, np.moveaxis(numbers, 0, -1).ravel()].T


def dense_to_torch(W: Array, n_H: int, n_W: int, n_C: int) -> Array:
    return axes(W, 3, 2, 0, 1, shape=(n_H, n_W, n_C, -1)).reshape(-1, n_H * n_W * n_C)


def why_not(causes: str) -> str:
    """Return a comment on a wrong order of the copies E to H."""
    if causes[0] != "G":
        return "A missing ReLU leaves the convolution before it as it was."
    if causes[3] != "E":
        return (
            "Which of the causes 2, 3 and 4 leaves the output of the first convolution as it was?"
        )
    return "Padding changes only the outputs whose windows reach beyond the image."


check = Checks(
    dense_from_torch=Function(
        right=by_position,
        calls=[
            (dense_to_torch(np.arange(24).reshape(12, 2), 2, 3, 2), 2, 3, 2),
            (np.arange(180.0).reshape(3, 60), 4, 3, 5),
            (np.arange(72.0).reshape(2, 36), 3, 3, 4),
        ],
        hint="Four axes first. In which order are channels, rows and columns in the flattened axis "
        "of PyTorch?",
        wrong=[
            (
                lambda V, n_H, n_W, n_C: V.T,
                "The right shape, but the inputs are still in NCHW order, where channels change "
                "slowest: n_C comes before n_H and n_W.",
            ),
            (
                lambda V, n_H, n_W, n_C: V.reshape(n_H * n_W * n_C, -1),
                "reshape alone moves no number: outputs and inputs have to change places as well.",
            ),
            (
                lambda V, n_H, n_W, n_C: axes(V, 3, 2, 1, 0, shape=(-1, n_C, n_H, n_W)).reshape(
                    n_H * n_W * n_C, -1
                ),
                "Rows and columns of the feature maps are swapped.",
            ),
            (
                lambda V, n_H, n_W, n_C: axes(V, 0, 2, 3, 1, shape=(-1, n_C, n_H, n_W)).reshape(
                    n_H * n_W * n_C, -1
                ),
                "The channels are in the right place. But the last reshape does not exchange "
                "outputs and inputs: move the axis of the outputs to the end before it.",
            ),
            (
                lambda V, n_H, n_W, n_C: axes(V, 0, 2, 3, 1, shape=(-1, n_C, n_H, n_W)).reshape(
                    len(V), -1
                ),
                "The inputs are in the right order. Keras expects them along the first axis.",
            ),
            (
                lambda V, n_H, n_W, n_C: axes(V, 1, 2, 0, 3, shape=(n_C, n_H, n_W, -1)).reshape(
                    n_H * n_W * n_C, -1
                ),
                "The first axis of weight is the outputs. It has to stay an axis of its own.",
            ),
            (dense_to_torch, "That is the conversion to PyTorch, not the one back."),
        ],
    ),
    causes=Answer(
        right="GFHE",
        hint="Four letters are expected: the copies, in the order of the causes.",
        wrong=[
            ("4213", "Give the letters of the copies, in the order of the causes."),
            *(
                (letters, why_not(letters))
                for letters in map("".join, permutations("EFGH"))
                if letters != "GFHE"
            ),
        ],
    ),
)
