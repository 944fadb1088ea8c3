"""Questions and answers of the lesson "Losses": read this when you are done."""

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from convnet.functional import softmax
from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions

predict = Predictions(
    add=Prediction(
        right="same",
        why="Every exponential is multiplied by exp(100), and so is their sum.",
        wrong={
            "larger": "The exponential of score 3 grows, and so does the sum of all three.",
            "smaller": "The sum grows, and so does the exponential of score 3.",
        },
        hint='Answer "larger", "smaller" or "same". exp(z + 100) is exp(z) * exp(100).',
    ),
    stated=Prediction(
        right=1,
        why="The average loss, 0.7 - 0.4 * y_hat, falls all the way to 1.",
        wrong={
            0.7: "That is the honest probability. It costs 0.42 on average. Try a larger one.",
            0: "This probability costs 0.7 on average.",
            0.5: "This probability costs 0.5 on average. Try another one.",
            0.3: "This probability costs 0.58 on average. Try another one.",
        },
        hint="0.7 * (1 - y_hat) + 0.3 * y_hat: does it rise or fall if y_hat grows?",
    ),
    start=Prediction(
        right=np.log(10),
        decimals=2,
        why="All scores are 0, so every class has the probability 1/10, and -log(1/10) = log(10).",
        wrong={
            -np.log(10): "A loss is not negative: the logarithm has a minus sign in front of it.",
            0: "A loss of 0 means that the correct class has the probability 1.",
            0.1: "That is the probability of each class. The loss is -log of it.",
            np.log(650): "There are 650 parameters, but how many classes?",
            0.9: "That is the fraction of wrong predictions. The loss is -log of a probability.",
            1: "That is -log10(0.1). The loss uses the natural logarithm.",
            np.log(2): "That is the loss with two classes.",
            np.log(64): "There are 64 pixels, but how many classes?",
            10: "That is the number of classes. What probability has each, and what is -log of it?",
        },
        hint="What does softmax give for ten scores of 0?",
    ),
    gradient=Prediction(
        right=(0.25, -0.75, 0.25, 0.25),
        why="The probabilities are 1/4 each, and 1 is subtracted at index 1.",
        wrong={
            (-0.25, 0.75, -0.25, -0.25): "That is one-hot minus prediction: the sign is reversed.",
            (-0.75, 0.25, 0.25, 0.25): "Classes are counted from 0, so class 1 is the second one.",
            (0.25, 0.25, 0.25, 0.25): "These are the probabilities. Subtract the one-hot vector.",
            (4, 3, 4, 4): "Subtract 1 from the probability, not from the score.",
            (0.25, 0.75, 0.25, 0.25): "Check the sign at index 1: 1/4 minus 1.",
            (0, -1, 0, 0): "Equal scores do not have probability 0.",
        },
        hint="Which probabilities belong to four equal scores? Subtract the one-hot vector.",
    ),
    bias=Prediction(
        right=0,
        why="150 images contribute 0.1 - 1 each, and 1,350 contribute 0.1: together 0.",
        wrong={
            -0.9: "That is the contribution of an image of class 2. What do the others contribute?",
            0.1: "That is the contribution of an image of another class. What does a 2 contribute?",
            -0.8: "There are nine times as many images of other classes as of class 2.",
            -135: "Those are the images of class 2. Add what the others contribute.",
            135: "Those are the images of other classes. Add what class 2 contributes.",
            -0.09: "Those are the images of class 2. Add what the others contribute.",
            0.09: "Those are the images of other classes. Add what class 2 contributes.",
        },
        hint="150 images contribute 0.1 - 1, and 1,350 contribute 0.1 - 0.",
    ),
    overflow=Prediction(
        right="c",
        why="All three exponentials are infinite, and infinity divided by infinity is nan.",
        wrong={
            "a": "On paper, yes. But float64 ends at about 1.8e308, and exp(1000) is larger.",
            "nan": "The value is right. Answer with its letter.",
            "inf": "The exponentials are infinite. What is infinity divided by infinity?",
            "b": "The exponentials are infinite. What is infinity divided by infinity?",
            "d": "That would need at least one finite exponential. All three overflow.",
        },
        hint="Which value does np.exp(1000) have in float64?",
    ),
    clipped=Prediction(
        right=np.log(3),
        decimals=2,
        why="All three are clipped to the same number, so each gets a third.",
        wrong={
            2.4076: "That is what softmax would give for class 0. Here there is no exp.",
            0.4076: "That is what softmax would give for class 2. Here there is no exp.",
            np.log(6): "That would be 1 / (1 + 2 + 3). First, the scores are clipped.",
            np.log(2): "That would be 3 / (1 + 2 + 3). First, the scores are clipped.",
            0: "The probabilities add up to 1, so not all of them can be 1.",
            1 / 3: "That is the probability of each class. The loss is -log of it.",
            -np.log(3): "A loss is not negative. Which sign is in front of the logarithm?",
        },
        hint="What do 1, 2 and 3 become if nothing may be larger than about 1? Divide by the sum.",
    ),
)

TRUTH = (0, 1, 2, 0)  # labels of exercise 1
NO_IDEA = np.log(3)


def forecast(right: int, cheaper: bool) -> Callable[[Any], str]:
    """Return a function that returns what is wrong with probabilities for the images of exercise 1.

    Parameters
    ----------
    right : int
        Number of images of which the prediction should be right.
    cheaper : bool
        True if the mean loss should be smaller than that of equal probabilities, False if larger.
    """

    def problem(given: Any) -> str:
        try:
            Y_hat = np.asarray(given, dtype=float)
        except (TypeError, ValueError):
            return "Write a list of four lists, each with three probabilities."
        if Y_hat.shape != (4, 3):
            return f"The shape is {Y_hat.shape}, and should be (4, 3): a row for each image."
        if np.any(Y_hat < 0) or not np.allclose(Y_hat.sum(axis=1), 1):
            return "Each row should consist of probabilities that add up to 1."
        given_right = Y_hat[np.arange(4), TRUTH]
        others = np.sort(Y_hat, axis=1)[:, -2]
        if np.any(np.isclose(Y_hat.max(axis=1), others)):
            return "Two classes of an image have the same largest probability. Break the tie."
        correct = int(np.sum(given_right == Y_hat.max(axis=1)))
        if correct != right:
            return f"{correct} of the 4 predictions are right, and {right} should be."
        with np.errstate(divide="ignore"):
            loss = -np.mean(np.log(given_right))
        if cheaper and loss >= NO_IDEA:
            return (
                f"The predictions are as they should be, but the mean loss is {loss:.2f}, and no "
                "idea costs 1.10. How close can a wrong prediction be to a right one?"
            )
        if not cheaper and loss <= NO_IDEA:
            return (
                f"The predictions are as they should be, but the mean loss is {loss:.2f}, and no "
                "idea costs 1.10. Which probability can make the loss as large as you like?"
            )
        return ""

    return problem


def watched(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a function: round to seven decimals, or return the text of NumPy's warning."""

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            try:
                result = function(*arguments)
            except RuntimeWarning as warning:
                return f"RuntimeWarning: {warning}"
        return np.round(result, 7) if isinstance(result, np.ndarray | np.generic) else result

    return call


def through_probability(z: Array, y: Array) -> Array:
    """Return the binary cross-entropy by way of the probability, which may be rounded to 0 or 1."""
    p = softmax(np.stack([z, np.zeros(len(z))], axis=1))[:, 0]
    loss: Array = -y * np.log(p) - (1 - y) * np.log(1 - p)
    return loss


def one_maximum(z: Array, y: Array) -> Array:
    """Return the binary cross-entropy with the largest of all scores taken out."""
    M = np.max(z)
    loss: Array = M + np.log(np.exp(z - M) + np.exp(-M)) - y * z
    return loss


def half_shifted(z: Array, y: Array) -> Array:
    """Return the binary cross-entropy with the maximum subtracted from one of two scores."""
    M = np.maximum(z, 0)
    loss: Array = M + np.log(np.exp(z - M) + 1) - y * z
    return loss


Z5, Y5 = np.array([1.0, 5.0, -4.0, 3.0, -2.0]), np.array([1.0, 1.0, 0.0, 1.0, 0.0])
FAR = np.array([1000.0, -1000.0, 1000.0, -1000.0]), np.array([1.0, 0.0, 0.0, 1.0])
BATCH = softmax(np.array([[1.0, 2.0, 3.0], [2.0, -1.0, 0.5]])).round(3)
LARGER = np.random.default_rng(0).dirichlet(np.ones(5), size=6)

check = Checks(
    worse=Design(
        forecast(right=3, cheaper=False),
        right=[[0.4, 0.3, 0.3], [0.3, 0.4, 0.3], [0.3, 0.3, 0.4], [0.001, 0.998, 0.001]],
        wrong=[
            ([0.2, 0.3, 0.5], "The shape is (3,), and should be (4, 3)"),
            ("0.2", "The shape is (), and should be (4, 3)"),
            ([[1], [1, 2]], "Write a list of four lists"),
            (4 * [[2, 1, 1]], "probabilities that add up to 1"),
            (4 * [[1 / 3, 1 / 3, 1 / 3]], "Break the tie"),
            (4 * [[0.4, 0.3, 0.3]], "2 of the 4 predictions are right, and 3 should be"),
            (
                [[0.9, 0.1, 0], [0.1, 0.9, 0], [0.1, 0, 0.9], [0.4, 0.6, 0]],
                "Which probability can make the loss as large as you like?",
            ),
        ],
    ),
    better=Design(
        forecast(right=0, cheaper=True),
        right=[[0.49, 0.5, 0.01], [0.5, 0.49, 0.01], [0.5, 0.01, 0.49], [0.49, 0.5, 0.01]],
        wrong=[
            (4 * [[0.4, 0.3, 0.3]], "2 of the 4 predictions are right, and 0 should be"),
            (
                [[0.1, 0.9, 0], [0.9, 0.1, 0], [0.9, 0, 0.1], [0.1, 0.9, 0]],
                "How close can a wrong prediction be to a right one?",
            ),
        ],
    ),
    shape=Answer(
        right=(3, 3),
        hint="The slice keeps all rows. How many columns do three labels choose?",
        wrong=[
            ("(3, 3)", "The numbers are right. Write a tuple, without quotes."),
            ((3,), "That would be the right thing: one probability for each example."),
            ((3, 5), "The labels choose columns, as many as there are labels."),
            ((3, 1), "That would be one column. Three labels choose three columns in every row."),
        ],
    ),
    mean_loss=Function(
        wrap=watched,
        right=lambda Y_hat, labels: np.mean(
            [-np.log(row[label]) for row, label in zip(Y_hat, labels, strict=True)]
        ),
        calls=[(BATCH, np.array([2, 1])), (LARGER, np.array([0, 3, 1, 4, 4, 2]))],
        hint="Each row needs the column of its own label: index with the row numbers and the "
        "labels.",
        wrong=[
            (
                lambda Y_hat, labels: -np.mean(np.log(Y_hat[:, labels])),
                "This is the buggy version: it uses the labels of other rows as well.",
            ),
            (
                lambda Y_hat, labels: np.sum(-np.log(Y_hat[np.arange(len(labels)), labels])),
                "This is the sum. Take the mean.",
            ),
            (
                lambda Y_hat, labels: -np.mean(np.log(Y_hat)),
                "This averages over all classes.",
            ),
            (
                lambda Y_hat, labels: -np.log(Y_hat[np.arange(len(labels)), labels]),
                "These are the losses of the examples. Take their mean.",
            ),
            (
                lambda Y_hat, labels: np.mean(np.log(Y_hat[np.arange(len(labels)), labels])),
                "A loss is not negative. Which sign is in front of the logarithm?",
            ),
            (
                lambda Y_hat, labels: -np.log(np.mean(Y_hat[np.arange(len(labels)), labels])),
                "Take the logarithm of each probability first, then the mean.",
            ),
        ],
    ),
    binary_cross_entropy=Function(
        wrap=watched,
        right=lambda z, y: np.logaddexp(0, z) - y * z,
        calls=[(Z5, Y5), (np.array([0.0, 50.0, -50.0]), np.array([1.0, 0.0, 1.0])), FAR],
        hint="The loss is log(exp(z) + exp(0)) - y * z. Take M, the larger one of z and 0, out of "
        "the logarithm.",
        wrong=[
            (
                lambda z, y: np.log(1 + np.exp(z)) - y * z,
                "exp(1000) overflows, even where np.where does not choose it. Take M, the larger "
                "one of z and 0, out of the logarithm.",
            ),
            (
                through_probability,
                "For z = 50 the probability is rounded to 1, and log(1 - p) is infinite. Go from "
                "the score straight to the loss.",
            ),
            (
                one_maximum,
                "np.max(z) is one number for all examples. np.maximum compares each score with 0.",
            ),
            (half_shifted, "M is subtracted from both scores: the 0 becomes -M."),
            (lambda z, y: np.logaddexp(0, z) + y * z, "If y = 1, the score z is subtracted."),
            (
                lambda z, y: np.maximum(z, 0) - y * z,
                "The logarithm is missing. At z = 0 it is log(2).",
            ),
            (lambda z, y: np.logaddexp(0, z), "This is the loss if y = 0. Where does y enter?"),
            (lambda z, y: np.logaddexp(0, z) - y, "If y = 1, the score z is subtracted, not 1."),
            (
                lambda z, y: np.mean(np.logaddexp(0, z) - y * z),
                "This is the mean. Return one loss for each example.",
            ),
        ],
    ),
)
