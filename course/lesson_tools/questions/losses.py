"""Questions and answers of the lesson "Losses": read this when you are done."""

import numpy as np

from lesson_tools.predictions import Prediction, Predictions

predict = Predictions(
    add=Prediction(
        right="same",
        why="Every exponential is multiplied by exp(100), and so is their sum.",
        wrong={
            "larger": "The exponential of score 3 grows, and so does the sum of all three.",
            "smaller": "The sum grows, and so does the exponential of score 3.",
        },
        hint='Answer "larger", "smaller" or "same".',
    ),
    apart=Prediction(
        right=2,
        why="The probabilities have the ratio exp(2), and the logarithm of that is 2.",
        wrong={
            **dict.fromkeys(
                (7.389, 7.39, np.exp(2)),
                "That is the ratio of the two probabilities. What is its logarithm?",
            ),
            **dict.fromkeys(
                (np.log(0.665 / 0.09), np.log(0.665 / 0.090), 1.9994, 1.99998),
                "You used rounded probabilities. The exact ratio is exp(3) / exp(1).",
            ),
            -2: "Class 0 has the smaller probability. Is its loss smaller or larger?",
            1: "That is the difference between neighboring scores, such as 1 and 2.",
            0.575: "That is the difference of the probabilities. The loss is a logarithm.",
        },
        hint="-log(a) - (-log(b)) = log(b / a). Which ratio do exp(3) and exp(1) have?",
    ),
    start=Prediction(
        right=np.log(10),
        why="All scores are 0, so every class has the probability 1/10, and -log(1/10) = log(10).",
        wrong={
            **dict.fromkeys((2.3, 2.303, 2.3026), "You rounded. Answer as np.log(...)."),
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
    first_step=Prediction(
        right="c",
        why="The first step already writes an average digit into each column of W.",
        wrong={
            "a": "The loss hardly changes, but the largest of ten scores can change a lot.",
            "b": "It is even better. What do the weights of a class look like after one step?",
        },
        hint='Answer "a", "b" or "c".',
    ),
    largest=Prediction(
        right=0,
        why="All five predictions are correct, and this one is the least confident.",
        wrong={
            1: "The score 5 is confident and right: the loss is close to 0.",
            2: "The score -4 is negative, but so is the answer: no. This is confident and right.",
            3: "The score 3 belongs to a confident yes, and the answer is yes.",
            4: "Image 4 comes second: another score is closer to 0.",
            5: "There are five images, 0 to 4.",
        },
        hint="Which probability does each label get? The smallest one has the largest loss.",
    ),
    overflow=Prediction(
        right="c",
        why="All three exponentials are infinite, and infinity divided by infinity is nan.",
        wrong={
            "a": "On paper, yes. But float64 ends at about 1.8e308, and exp(1000) is larger.",
            "b": "The exponentials are infinite. What is infinity divided by infinity?",
            "d": "That would need at least one finite exponential. All three overflow.",
        },
        hint="Which value does np.exp(1000) have in float64?",
    ),
)
