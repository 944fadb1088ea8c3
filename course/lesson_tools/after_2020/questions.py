"""Questions and answers of the lesson "After 2020": read this when you are done."""

import numpy as np

from convnet.functional import softmax
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    zero=Prediction(
        right=3,
        why="All scores are equal, so each pixel receives the mean of 1, 2, 3 and 6.",
        wrong={
            0: "The scores are 0. What does a softmax make of four zeros?",
            6: "That is the pixel itself. Do the scores prefer it?",
            12: "That is the sum. The weights of a softmax sum to 1.",
        },
        hint="Which weights does a softmax give to four equal scores?",
    ),
    border=Prediction(
        right="b",
        why="The corner is the pixel nearest to the position outside.",
        wrong={
            "a": "The weights of a softmax sum to 1, so it has to look somewhere.",
            "c": "The score falls with the squared distance. Which pixel is nearest?",
        },
        hint=LETTER,
    ),
    embedding=Prediction(
        right=(196, 590592),
        why="14 * 14 patches; 768 * 768 weights and 768 biases.",
        wrong={
            (196, 589824): "Those are the weights. Add the biases.",
            (14, 590592): "There are 14 rows of patches, and 14 patches in a row.",
            (196, 115605504): "All patches share the same dense layer.",
            (196, 197376): "A patch has three channels.",
        },
        hint="How many patches fit side by side, and how many numbers does each contain?",
    ),
    shuffled=Prediction(
        right="b",
        why="A sum over all tokens does not depend on their order.",
        wrong={
            "a": "The output for a token is in the row of this token.",
            "c": "Each output is a sum over all tokens. Does a sum depend on the order?",
        },
        hint=LETTER,
    ),
    share=Prediction(
        right=196 / (6 * 768 + 196),
        decimals=2,
        why="2 n² d of 12 n d² + 2 n² d, which is n / (6 d + n).",
        wrong={
            0.02: "The scores are half of it. Add the weighted means.",
            0.11: "Do not forget the two dense layers.",
            0.14: "That would be the share if n and d were equal.",
            4: "Give a number between 0 and 1.",
            4.08: "Give a number between 0 and 1.",
        },
        hint="Divide the sum of the two by the sum of all four.",
    ),
)


def attend(Q: Array, K: Array, V: Array) -> Array:
    """Compute attention with one head."""
    return softmax(Q @ K.T / np.sqrt(K.shape[1])) @ V


def attend_buggy(Q: Array, K: Array, V: Array) -> Array:
    """Normalize over the queries."""
    scores = np.exp(Q @ K.T / np.sqrt(K.shape[1]))
    return scores / scores.sum(axis=0) @ V


def _tokens() -> list[tuple[Array, Array, Array]]:
    rng = np.random.default_rng(0)

    def small(*shape: int) -> Array:
        return rng.integers(-2, 3, shape).astype(float)

    return [(small(n, d), small(n, d), small(n, 3)) for n, d in ((3, 2), (5, 4))]


def _shifts(given: object) -> str:
    """Return what is wrong with the shifts that leave the average unchanged; any order will do."""
    try:
        shifts = {float(shift) for shift in np.ravel(given)}  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return "Give a list of shifts in pixels, such as [1, 2]."
    if shifts - set(range(1, 9)):
        return "The shifts are whole numbers from 1 to 8."
    if 1 in shifts:
        return "A shift by 1 pixel cuts the detail into other patches."
    if any(shift % 4 for shift in shifts):
        return "The patches are 4 pixels wide. What does your shift do to the cuts?"
    if not shifts:
        return (
            "Attention is equivariant to permutations of the tokens, and the mean does not depend "
            "on their order. Which shifts only permute the patches?"
        )
    if shifts != {4, 8}:
        return (
            "A smaller shift also moves whole patches."
            if shifts == {8}
            else "A shift by two patches also moves whole patches."
        )
    return ""


check = Checks(
    attend=Function(
        right=attend,
        calls=_tokens(),
        hint="For each token, the weights over all keys should sum to 1.",
        wrong=[
            (attend_buggy, "The result is still the buggy one. Over which axis is the sum?"),
            (
                lambda Q, K, V: (s := np.exp(Q @ K.T / np.sqrt(K.shape[1]))) / s.sum(axis=1) @ V,
                "Row i should be divided by its own sum: keep the axis, with `keepdims=True`.",
            ),
            (
                lambda Q, K, V: softmax(Q @ K.T) @ V,
                "The scores are divided by the square root of the length of a key.",
            ),
            (
                lambda Q, K, V: np.exp(Q @ K.T / np.sqrt(K.shape[1])) @ V,
                "Without the division, the weights of a token do not sum to 1.",
            ),
        ],
    ),
    n_tokens=Answer(
        right=576,
        hint="How many patches fit side by side?",
        wrong=[
            (24, "That is one row of patches."),
            (196, "That is 224 x 224."),
            (577, "Here, without the class token."),
        ],
    ),
    n_equal=Answer(
        right=4608,
        hint="For which n is 2 n² d equal to 12 n d²?",
        wrong=[
            (9216, "There are n² d MACs for the scores, and as many for the weighted means."),
            (1536, "That is 2 d: do not forget the two dense layers, 8 n d²."),
            (3072, "That is 4 d: do not forget the four matrices, 4 n d²."),
            (768, "The 1x1 convolutions take 12 n d² MACs in all."),
        ],
    ),
    block_weights=Answer(
        right=1_198_464,
        hint="A depthwise 7x7 on 384 channels, then 1x1 to 4 * 384 channels and back.",
        wrong=[
            (1_179_648, "That is the two 1x1 convolutions. Add the depthwise one."),
            (608_640, "There are two 1x1 convolutions."),
            (1_254_912, "The depthwise convolution comes first, on 384 channels."),
            (313_728, "The 1x1 convolutions go to four times as many channels, and back."),
        ],
    ),
    unchanged=Design(
        problem=_shifts,
        right=[4, 8],
        hint="Which shifts move each patch to the place of another patch?",
        wrong=[
            ([1, 2, 3, 4, 5, 6, 7, 8], "A shift by 1 pixel cuts the detail into other patches."),
            ([], "Attention is equivariant to permutations"),
            ([8], "A smaller shift also moves whole patches."),
            ([2, 4, 6, 8], "The patches are 4 pixels wide."),
        ],
    ),
)
