"""Questions and answers of the lesson "After 2020": read this when you are done."""

import numpy as np

from convnet.functional import softmax
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    depthwise_weights=Prediction(
        right=4704,
        why="One kernel of 7 x 7 for each of 96 channels.",
        wrong={
            451584: "That is a full convolution. A depthwise one does not sum over channels.",
            49: "That is one kernel. Each channel has its own.",
            4800: "Leave out the biases.",
        },
        hint="How many kernels does a channel have?",
    ),
    moves=Prediction(
        right=8,
        why="The total stride is the product of the strides.",
        wrong={
            6: "Strides multiply.",
            4: "Then the map of the convolution moves by one position, and the pooled one by half.",
            2: "That is the stride of the pooling alone.",
        },
        hint="What is the total stride?",
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
    zero_query=Prediction(
        right=3,
        why="All scores are equal, so each token receives the mean of 1, 2, 3 and 6.",
        wrong={
            0: "The scores are 0. What does a softmax make of four zeros?",
            6: "That is the token itself. Do the scores prefer it?",
            12: "That is the sum. The weights of a softmax sum to 1.",
        },
        hint="Which weights does a softmax give to four equal scores?",
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
    output_matrix=Prediction(
        right=(27, 5),
        why="Nine heads with three values each, and five outputs.",
        wrong={
            (5, 27): "A token is a row and is multiplied from the left: X W.",
            (9, 5): "Each head passes on three channels.",
            (3, 5): "The outputs of all nine heads are put side by side.",
            (27, 27): "The layer has five output channels.",
        },
        hint="How many numbers do nine heads of three channels make?",
    ),
    border=Prediction(
        right="b",
        why="The corner is the pixel nearest to the position outside.",
        wrong={
            "a": "The weights of a softmax sum to 1, so it has to look somewhere.",
            "c": "The score falls with the squared distance from p + D. Which pixel is nearest?",
        },
        hint=LETTER,
    ),
    growth=Prediction(
        right=16,
        why="4 times as many tokens, and each is compared with 4 times as many.",
        wrong={
            4: "There are 4 times as many tokens. And pairs of tokens?",
            2: "The image is twice as high and twice as wide.",
            8: "There are 4 times as many queries, and 4 times as many keys.",
        },
        hint="With n tokens, there are n * n weights.",
    ),
    share=Prediction(
        right=4704 / (4704 + 2 * 96 * 384),
        decimals=2,
        why="4,704 of 78,432 weights.",
        wrong={
            0.11: "There are two 1x1 convolutions.",
            0.20: "The depthwise convolution comes first, on 96 channels.",
            0.98: "That is a full convolution.",
            0.01: "The kernel is 7 x 7.",
        },
        hint="Count 49 * 96 weights, and those of two 1x1 convolutions.",
    ),
    equivariant=Prediction(
        right="a",
        why="Stride 1 alone; the others cut the image into patches with stride 4.",
        wrong={
            "b": "What does the stride of the patches do to a shift of one pixel?",
            "c": "What does the stride of the patches do to a shift of one pixel?",
        },
        hint=LETTER,
    ),
)


def windows(X: Array, f: int) -> Array:
    """Cut a feature map (n_H, n_W, d) into windows: (number of windows, f * f, d)."""
    n_H, n_W, d = X.shape
    return X.reshape(n_H // f, f, n_W // f, f, d).swapaxes(1, 2).reshape(-1, f * f, d)


def attend(Q: Array, K: Array, V: Array) -> Array:
    """Compute attention with one head."""
    return softmax(Q @ K.T / np.sqrt(K.shape[1])) @ V


def attend_buggy(Q: Array, K: Array, V: Array) -> Array:
    """Normalize over the queries."""
    scores = np.exp(Q @ K.T / np.sqrt(K.shape[1]))
    return scores / scores.sum(axis=0) @ V


def _maps() -> list[tuple[Array, int]]:
    rng = np.random.default_rng(0)
    return [(rng.normal(size=shape), f) for shape, f in (((4, 6, 3), 2), ((6, 9, 2), 3))]


def _tokens() -> list[tuple[Array, Array, Array]]:
    rng = np.random.default_rng(0)
    return [
        (rng.normal(size=(n, d)), rng.normal(size=(n, d)), rng.normal(size=(n, 3)))
        for n, d in ((4, 2), (5, 4))
    ]


check = Checks(
    n_tokens=Answer(
        right=576,
        hint="How many patches fit side by side?",
        wrong=[(24, "That is one row of patches."), (196, "That is 224 x 224.")],
    ),
    pair_macs=Answer(
        right=59_006_976,
        hint="Each of n * n scores is a dot product of length d, over all heads.",
        wrong=[
            (29_503_488, "That is one of the two. The weighted means take as many."),
            (301_056, "Each output of the weighted mean is a sum over n tokens."),
            (76_832, "Each of the pairs takes d MACs."),
        ],
    ),
    projection_weights=Answer(
        right=2_359_296,
        hint="Each of the four matrices has d * d weights.",
        wrong=[
            (589_824, "That is one of four matrices."),
            (1_769_472, "Do not forget the output matrix."),
            (2_362_368, "Leave out the biases."),
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
    windows=Function(
        right=windows,
        calls=_maps(),
        hint="A window is a square of f * f neighboring tokens.",
        wrong=[
            (
                lambda X, f: X.reshape(-1, f * f, X.shape[-1]),
                "These are f * f tokens in a row. A window has f rows.",
            ),
            (
                lambda X, f: windows(X, f).reshape(-1, f * f * X.shape[-1]),
                "The tokens of a window need an axis of their own: reshape the result of cut.",
            ),
        ],
    ),
    attend=Function(
        right=attend,
        calls=_tokens(),
        hint="For each token, the weights over all keys should sum to 1.",
        wrong=[
            (attend_buggy, "The result is still the buggy one. Over which axis is the sum?"),
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
)
