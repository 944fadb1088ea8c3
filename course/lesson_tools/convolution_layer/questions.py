"""Questions and answers of the lesson "The convolution layer": read this when you are done."""

from typing import Any

import numpy as np

from lesson_tools.questions import Answer, Checks, Design, Prediction, Predictions

predict = Predictions(
    one_kernel=Prediction(
        right=(26, 28),
        why="25 weights and a bias, whatever the image; and 32 - 5 + 1 positions along each axis.",
        wrong={
            (25, 28): "Those are the weights. There is a bias, too.",
            (26, 27): "The position at 0 counts, too: n - f + 1.",
            (26, 32): "That is the size with a padding of 2.",
            (26, 784): "That is the number of output values. How many rows are there?",
            (809, 28): "The bias is shared by all outputs, as the weights are.",
            (6, 28): "A 5 x 5 kernel has 25 weights.",
            (28, 26): "The right numbers in the wrong order: parameters come first.",
            (1025, 28): "That is one output of a dense layer. A kernel has fewer weights.",
        },
        hint="The number of parameters does not depend on the image. For the size: n - f + 1.",
    ),
    step=Prediction(
        right=lambda a_prev, filter_0: (a_prev[:2, :2] * filter_0).sum() + 1,
        why="Channel 0 gives 4, channel 1 gives 2, and the bias is 1.",
        wrong={
            6: "That is the sum of the eight products. What about the bias?",
            5: "That is channel 0 and the bias. Add channel 1.",
            3: "That is channel 1 and the bias. Add channel 0.",
            8: "The bias is added once, not once per channel.",
            11: "One of the weights is negative.",
            (5, 3): "The result is one number, not one per channel.",
            (4, 2): "Those are the sums of the two channels. Add them, and the bias.",
        },
        hint="Four products in channel 0, four in channel 1; add all eight, and then the bias.",
    ),
    shape=Prediction(
        right=(2, 3, 4, 8),
        why="2 images, 8 filters, and 5 x 7 pixels become 3 x 4.",
        wrong={
            (2, 5, 7, 8): "That is the shape with stride 1.",
            (2, 5, 7, 4): "That is the shape of the input.",
            (2, 2, 3, 8): "That is the shape without padding.",
            (2, 3, 4, 4): "The filters sum over the 4 input channels. What is stacked at the end?",
            (2, 3, 4): "That is one feature map for each image. The layer has 8 filters.",
            (2, 3, 4, 32): "A filter gives one feature map, not one per input channel.",
            (3, 4, 8): "That is the shape for one image. The batch has two.",
            (2, 4, 3, 8): "The right numbers in the wrong order: rows come first.",
            (8, 3, 4, 2): "The right numbers in the wrong order: images come first.",
            (2, 8, 3, 4): "That is the order with the channels first. Here they are the last axis.",
        },
        hint="Which axis counts images, which filters? For the rest, pad and list the starts.",
    ),
    color=Prediction(
        right=lambda: (5 * 5 * 3 + 1) * 4,
        why="Each filter has 5 * 5 * 3 weights and one bias.",
        wrong={
            104: "That is for a grayscale image. These filters have 3 channels.",
            100: "Those are the weights for a grayscale image, and there are biases, too.",
            300: "Those are the weights. Each filter has a bias as well.",
            301: "Each filter has its own bias.",
            312: "A filter has one bias, not one per channel.",
            303: "One bias per input channel? The bias belongs to the filter.",
            76: "That is one filter.",
            75: "Those are the weights of one filter.",
            77824: "The filters are used at every position. More pixels need no more of them.",
        },
        hint="How many weights does one filter have, over all of its channels?",
    ),
    maps=Prediction(
        right=(2, 3),
        why="Orange has much more red than blue; in a green leaf, green is the largest.",
        wrong={
            (3, 4): "The maps are numbered from 0.",
            (3, 2): "Map 3 compares green with red and blue. Is the flower green?",
            (0, 1): "Maps 0 and 1 respond to change; the inside of a large area is constant.",
            (0, 3): "The leaves are right. Map 0 responds to change, not to an area.",
            (1, 3): "The leaves are right. Map 1 responds to change, not to an area.",
            (2, 1): "The flower is right. Map 1 responds to change, not to an area.",
            (2, 0): "The flower is right. Map 0 responds to change, not to an area.",
        },
        hint="Two of the filters have weights that compare the channels of a single pixel.",
    ),
)

a_prev = np.stack(
    [[[1, 0, 2, 1], [0, 3, 1, 0], [2, 1, 0, 1]], [[0, 2, 1, 0], [2, 0, 0, 1], [1, 1, 2, 0]]],
    axis=-1,
)
filter_0 = np.stack([[[1, 0], [0, 1]], [[0, 2], [-1, 0]]], axis=-1)
filter_1 = np.stack([[[1, -1], [2, 0]], [[0, 1], [0, -2]]], axis=-1)
SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
COMPARES_CHANNELS = np.zeros((3, 3, 3))
COMPARES_CHANNELS[1, 1] = [-1, 1, 0]


def boundary_problem(W: Any) -> str:
    """Return what is wrong with a filter for vertical boundaries between red and green."""
    try:
        W = np.asarray(W, dtype=float)
    except (TypeError, ValueError):
        W = np.zeros(0)
    if W.shape != (3, 3, 3):
        return "Expected an array of shape (3, 3, 3): rows, columns and channels."
    if not np.isfinite(W).all():
        return "Some of the weights are not numbers."
    if np.abs(W.sum(axis=(0, 1))).max() > 1e-9:
        return (
            "An image of a single color does not give 0. In each channel, the nine weights must "
            "add up to 0."
        )
    if np.abs(W.sum(axis=2)).max() > 1e-9:
        return (
            "A gray image does not always give 0. At each of the nine positions, the weights of "
            "the three channels must add up to 0."
        )
    columns = W.sum(axis=0)  # all rows of the patch are equal
    red, green = columns[:, 0], columns[:, 1]
    responses = [red[:n].sum() + green[n:].sum() for n in (1, 2)]
    if max(responses) < 1e-9 and min(responses) > -1e-9:
        return "This filter does not respond to red on the left and green on the right at all."
    if min(responses) < -1e-9:
        return "With red on the left and green on the right, the output is negative."
    return ""


def gains_problem(gains: Any) -> str:
    """Return what is wrong with the gains of one and of eight filters, in percentage points."""
    gains = np.asarray(gains, dtype=object).ravel()
    if len(gains) != 2 or not all(isinstance(gain, int | float | np.number) for gain in gains):
        return "Answer with a tuple of two numbers, `(one, eight)`."
    one, eight = map(float, gains)
    if min(one, eight) > 50:
        return "Those are accuracies. How much more is it than without a convolution?"
    if 0.01 < eight < 0.05:
        return "Those are fractions. In percentage points, they are 100 times as large."
    if eight < one:
        return (
            "Is the first number that of one filter, and is each difference the right way around?"
        )
    if not (abs(one) <= 1.5 and 1 < eight < 4):  # machines differ
        return "Take the mean of the accuracies for the seeds 0 to 4, for 0, 1 and 8 filters."
    return ""


check = Checks(
    value=Answer(
        right=2,
        hint="Write down the patch first: two rows, two columns, both channels. Then eight "
        "products.",
        wrong=[
            (3, "That is the sum of the products. What comes after it?"),
            (0, "That is channel 0 and the bias. The filter has a second channel."),
            (1, "Is the bias added once, or once per channel?"),
            (6, "That is the patch in the corner. Rows and columns are counted from 0."),
        ],
    ),
    n_parameters=Answer(
        right=73856,
        hint="Count the weights of one filter first, then its bias, then all filters.",
        wrong=[
            (73728, "Those are the weights. Each filter has something else."),
            (73729, "Each filter has its own bias."),
            (1280, "That is for an input with one channel: (3 * 3 + 1) * 128."),
            (81920, "That is one bias per kernel. How many biases does a filter have?"),
            (577, "That is one filter. The layer has 128."),
            (73792, "That is one bias per input channel. The biases belong to the filters."),
        ],
    ),
    boundary=Design(
        boundary_problem,
        right=SOBEL_X[:, :, None] * [-1, 1, 0],
        wrong=[
            (SOBEL_X, "shape (3, 3, 3)"),
            (SOBEL_X[:, :, None] * [1, 1, 1], "A gray image"),
            (COMPARES_CHANNELS, "single color"),
            (SOBEL_X[:, :, None] * [1, -1, 0], "the output is negative"),
            (SOBEL_X.T[:, :, None] * [-1, 1, 0], "does not respond to red"),
            (np.zeros((3, 3, 3)), "does not respond to red"),
        ],
    ),
    gains=Design(
        gains_problem,
        right=(-0.1, 2.4),
        hint="For each number of filters, train with five seeds, and take the mean. Then subtract "
        "the mean without a convolution.",
        wrong=[
            ((90.1, 92.7), "Those are accuracies."),
            ((-0.001, 0.024), "Those are fractions."),
            ((2.4, -0.1), "Is the first number that of one filter"),
            ((0.1, -2.4), "Is the first number that of one filter"),
            (2.4, "Answer with a tuple of two numbers"),
            ((-6.9, 2.4), "Take the mean of the accuracies"),
        ],
    ),
)
