"""Questions and answers of the lesson "Explaining predictions": read this when you are done."""

from lesson_tools.predictions import Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    random=Prediction(
        right="c",
        why="Every filter is a template, random or not, so its top patches resemble each other.",
        wrong={
            "a": "A random filter still responds most strongly to patches that resemble it.",
            "b": "It is more than that: even random filters prefer patches that resemble them.",
        },
        hint=LETTER,
    ),
    shortcut=Prediction(
        right="c",
        why="The tag was the easier feature, so the network hardly learned the shape of a 3.",
        wrong={
            "a": "Nothing in the training asked for the shape of a 3 when the tag was there.",
            "b": "It is worse than that: the tag alone was enough in training.",
        },
        hint=LETTER,
    ),
    white=Prediction(
        right="b",
        why="The tag is white already, so a white square on it leaves the image as it is.",
        wrong={
            "a": "Which pixels of the image does a white square on a white tag change?",
            "c": "The score could only rise if some pixel changed. Does one?",
        },
        hint=LETTER,
    ),
    gradient=Prediction(
        right=(2, -1, 0),
        why="At x[2] = 4 the minimum is 1, whatever small change you make to x[2].",
        wrong={
            (2, -1, 3): "The derivative of min(t, 1) is 1 only below t = 1, and x[2] is 4.",
            (2, 1, 0): "The sign of the second weight is negative.",
            (2, -2, 3): "That is the second list: the drops when a pixel becomes 0.",
            (2, -2, 0): "The derivative is the weight itself, without the pixel's value.",
        },
        hint="By how much does S change if you increase one pixel by a tiny amount, per unit?",
    ),
    drop=Prediction(
        right=(2, -2, 3),
        why="S is 3 for the image, and 1, 5 and 0 with one pixel set to 0.",
        wrong={
            (2, -1, 0): "That is the gradient. Now set each pixel to 0 and compute S again.",
            (2, -2, 0): "With x[2] = 0 the minimum falls from 1 to 0.",
            (2, -2, 12): "The minimum is 1 at most, so x[2] contributes 3, not 12.",
            (2, 2, 3): "Setting x[1] to 0 raises the score, so that drop is negative.",
            (-2, 2, -3): "The drop is the score of the image minus that of the changed image.",
            (1, 5, 0): "These are the scores of the changed images. Subtract them from 3.",
        },
        hint="S is 3. Compute S three more times, each time with one pixel set to 0.",
    ),
    dense=Prediction(
        right="b",
        why="The convolutions are unchanged, and they shape the map.",
        wrong={
            "a": "The map does change: the score is another function now.",
            "c": "The convolutions still have their trained weights.",
        },
        hint=LETTER,
    ),
    sky=Prediction(
        right="c",
        why="Nothing that the score needs is in the sky, and there is no new object to distract.",
        wrong={
            "a": "Small gray squares in the sky lower the score, but a uniform sky does not.",
            "b": "The score does change by less than 1, but in the other direction.",
        },
        hint=LETTER,
    ),
)
