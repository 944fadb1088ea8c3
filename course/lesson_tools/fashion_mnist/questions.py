"""Questions and exercises of the lesson "Fashion-MNIST": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.fashion import fashion_sample
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    schedule=Prediction(
        right=(0.001, 0),
        why="Half of the warm-up, and all of the cosine.",
        wrong={
            (0.002, 0): "The warm-up takes 2 epochs, and only 1 of them is over.",
            (0.001, 0.002): "At which rate does a cosine schedule end?",
            (0, 0): "The rate begins at 0. After 1 of 2 epochs it is on its way.",
            (0.001, 0.001): "At which rate does a cosine schedule end?",
        },
        hint="A straight line from 0 to 0.002 over 2 epochs; then a cosine to 0 at epoch 15.",
    ),
    versions=Prediction(
        right=50,
        why="5 rows, 5 columns, and 2 for the flip.",
        wrong={
            25: "That is the number of crops. Each of them can be flipped.",
            5: "The rows and the columns are chosen independently, and then there is the flip.",
            10: "The rows and the columns are chosen independently.",
            32: "Padded with 2, the image has 32 rows. A crop of 28 rows can begin at row 0 to 4.",
            18: "A shift of -2, -1, 0, 1 or 2 pixels: how many are these?",
            8: "A crop can begin at 5 rows and at 5 columns, also without a shift.",
        },
        hint="A padded image has 32 rows. At how many rows can a crop of 28 rows begin?",
    ),
    entry=Prediction(
        right=(2, 1),
        why="Row 2 for the true class, column 1 for the prediction.",
        wrong={
            (1, 2): "That entry counts images of class 1 that are predicted as class 2. The row is "
            "the true class.",
            (2, 2): "That entry is on the diagonal, where correct predictions are counted.",
            (1, 1): "That entry is on the diagonal, where correct predictions are counted.",
            (2, 0.5): "The column is the class with the largest probability, not the probability.",
        },
        hint="Which image is predicted wrongly? Its true class is the row, its prediction the "
        "column.",
    ),
    shirts=Prediction(
        right="c",
        why="Shirts are the class with the lowest recall: three in ten are missed.",
        wrong={
            "a": "Some classes are as easy as that, but look at the opening figure: what do shirts "
            "look like at 28 x 28 pixels?",
            "b": "An accuracy is a mean over classes. Is a shirt as easy as the average class?",
        },
        hint='Answer "a", "b" or "c".',
    ),
    spread=Prediction(
        right="b",
        why="More than one percentage point, from the seed alone.",
        wrong={
            "a": "That would be ten of 10,000 test images. The runs disagree on more.",
            "c": "The runs are more alike than that: all of them learn from the same images.",
        },
        hint='Answer "a", "b" or "c".',
    ),
    separate=Prediction(
        right=0.1,
        why="2 of 20 orders.",
        wrong={
            0.05: "That is for one of the two models. Either of them may be the better one.",
            0.125: "If the first run of one model beats all of the other, its second run is more "
            "likely to do so, too. Count the orders of all six runs.",
            0.25: "If the first run of one model beats all of the other, its second run is more "
            "likely to do so, too. Count the orders of all six runs.",
            0.5: "That is the probability that one given run beats another one.",
        },
        hint="Write the six accuracies in order, such as AABABB. How many such words with three A "
        "and three B are there, and in how many are the three A together at one end?",
    ),
    next_rate=Prediction(
        right=0.000125,
        why="The best rate is the lowest of the list, so a lower one may be better still.",
        wrong={
            0.001: "That rate is between two that were tried. Rule 2 only adds rates at an end.",
            0.002: "That rate has been tried.",
            0.032: "That would be next if the highest rate had been the best one.",
            0.00025: "Rule 2 goes down by a factor of four.",
        },
        hint="Is 0.0005 at an end of the list 0.0005, 0.002, 0.008?",
    ),
)


def recall_and_precision(counts: Array) -> tuple[Array, Array]:
    correct = np.diag(counts)
    return correct / counts.sum(axis=1), correct / np.maximum(counts.sum(axis=0), 1)


def undefined(counts: Array) -> tuple[Array, Array]:
    """Return the pair without the special case of a class that is never predicted."""
    with np.errstate(invalid="ignore"):
        return np.diag(counts) / counts.sum(axis=1), np.diag(counts) / counts.sum(axis=0)


check = Checks(
    reported=Answer(
        right=0.869,
        hint="First choose an epoch, without looking at the test set. Then read its test accuracy.",
        wrong=[
            (
                0.881,
                "That is the best test accuracy. Did you choose the epoch without the test set?",
            ),
            (
                0.876,
                "That epoch has the best validation accuracy. What does early stopping monitor "
                "here?",
            ),
            (0.872, "That is the last epoch. Is it the one with the lowest validation loss?"),
            (
                0.88,
                "The epoch is right, but that is its validation accuracy. Which set measures "
                "fairly?",
            ),
            (0.89, "That is a validation accuracy, and you are asked for a test accuracy."),
            (3, "That is the epoch to choose, counted from 0. Which test accuracy does it have?"),
            (4, "That is the epoch to choose, counted from 1. Which test accuracy does it have?"),
            (0.34, "That is the lowest validation loss. What is the test accuracy of that epoch?"),
        ],
    ),
    recall_and_precision=Function(
        right=recall_and_precision,
        calls=[
            (np.array([[9, 1, 0], [0, 7, 3], [0, 2, 8]]),),
            (np.array([[8, 0, 2], [1, 0, 9], [0, 0, 20]]),),
            (fashion_sample().counts,),
        ],
        hint="Both divide the diagonal: recall by the sums of the rows, precision by those of the "
        "columns.",
        wrong=[
            (
                lambda counts: recall_and_precision(counts)[::-1],
                "Recall and precision are exchanged.",
            ),
            (lambda counts: undefined(counts)[::-1], "Recall and precision are exchanged."),
            (
                lambda counts: recall_and_precision(counts)[0],
                "That is the recall alone. Return a pair of arrays.",
            ),
            (
                lambda counts: recall_and_precision(counts)[1],
                "That is the precision alone. Return a pair.",
            ),
            (
                lambda counts: tuple(values.mean() for values in recall_and_precision(counts)),
                "These are means over the classes. Each class has a value of its own.",
            ),
            (undefined, "A class that is never predicted gives 0 / 0. Its precision should be 0."),
            (
                lambda counts: (recall_and_precision(counts)[0],) * 2,
                "Both results are recalls. Which sum does the precision divide by?",
            ),
            (
                lambda counts: (np.diag(counts) / counts.sum(),) * 2,
                "Divide by the sum of a row or a column, not by the number of all images.",
            ),
        ],
    ),
)
