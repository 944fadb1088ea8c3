"""Questions and answers of the lesson "Segmentation": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    twice=Prediction(
        right=(16, 16, 32),
        why="Copies of 2 x 2 lie side by side, and the number of channels is that of the layer.",
        wrong={
            (16, 16, 64): "Height and width are right. How many channels does the layer write?",
            (4, 4, 32): "That is a convolution with stride 2, which goes the other way.",
            (9, 9, 32): "That is stride 1. Here neighboring copies are two pixels apart.",
            (15, 15, 32): "The last copy starts at row 14. How long is it?",
            (17, 17, 32): "The last copy starts at row 14, and it is 2 rows long.",
        },
        hint="Each value adds a copy of 2 x 2, and neighboring copies are 2 apart.",
    ),
    labels=Prediction(
        right=(4, 32, 32),
        why="There is one label for each position, so the axis of the classes is missing.",
        wrong={
            (4,): "That is one label for each page. Here every pixel has a label.",
            (4, 32, 32, 11): "That is the shape of the scores. A label is one number, not eleven.",
            (32, 32): "That is one page. There are four.",
            (4, 11): "That is one vector for each page.",
            (4, 1024): "Right in number, but the rows and columns are kept apart.",
        },
        hint="A label is the number of a class. How many pixels are there?",
    ),
    lazy=Prediction(
        right=0.93,
        why="It is right on the background and wrong on the ink: 1 - 0.07.",
        decimals=2,
        wrong={
            0.07: "That is how often it is wrong.",
            0: "It is right wherever there is background.",
            0.5: "The two kinds of pixels are not equally frequent.",
            0.09: "It does not guess among 11 classes. It always says the same.",
        },
        hint="On which pixels is it right?",
    ),
    iou=Prediction(
        right=3 / 7,
        why="Three pixels are in both masks, and 4 + 6 - 3 = 7 in at least one.",
        decimals=3,
        wrong={
            0.3: "4 + 6 counts the three common pixels twice.",
            0.5: "That is the precision: how much of the prediction is right.",
            0.75: "That is the recall: how much of the truth was found.",
            0.6: "That is twice the intersection, divided by 4 + 6, the Dice coefficient.",
            3: "That is the intersection. Divide it by the union.",
            7: "That is the union. Divide the intersection by it.",
            7 / 3: "Divide the intersection by the union, not the other way round.",
        },
        hint="How many pixels are in both masks, and how many in at least one?",
    ),
    field=Prediction(
        right=18,
        why="1, then 3, then 4 after the pooling, 8, 10, and 10 + 2 * 4 = 18.",
        wrong={
            7: "You left out that pooling doubles the steps of all later layers.",
            9: "Three 3 x 3 kernels at stride 1 would see 7. Here there are two poolings.",
            12: "A kernel of 3 adds two steps, and a step is 4 pixels long at the bottom.",
            14: "The last kernel adds two steps of 4 pixels, not one.",
            8: "8 is after the second convolution. Two layers follow.",
            10: "10 is after the second pooling. One more convolution follows.",
            32: "The pages have 32 rows, but the bottom does not see all of them.",
        },
        hint="Each layer adds (f - 1) times the product of the strides before it, starting from 1.",
    ),
    accepts=Prediction(
        right=32,
        why="32 can be halved twice. 30 becomes 15, then 7, which leads back to 14, not to 15.",
        wrong={
            30: "30 becomes 15, then 7. To which sizes do the two transposed convolutions lead?",
            31: "31 becomes 15, then 7. To which size does the first transposed convolution lead?",
            34: "34 works neither: 17 becomes 8, and 8 becomes 16.",
            36: "36 works, but there is a smaller one.",
            40: "40 works, but there is a smaller one.",
        },
        hint="Maps that are joined must have the same size. Which sizes can be halved twice?",
    ),
    argmax=Prediction(
        right="background",
        why="0.9 shared by ten digits is 0.09 each, and that is less than 0.10.",
        wrong={
            "digit": "Which digit? None of the ten has more than a tenth of the 0.9.",
            "ink": "There is no class for ink. Compare the eleven probabilities.",
        },
        hint='Answer "digit" or "background". How large is the probability of each single digit?',
    ),
    weights=Prediction(
        right="b",
        why="A miss has become expensive and a false alarm cheap.",
        wrong={
            "a": "A digit's pixel that is called background now costs a hundred times as much.",
            "c": "What happens to background near a digit, if calling it a digit costs little?",
        },
        hint=LETTER + " Which of the two mistakes has become cheaper?",
    ),
    digits=Prediction(
        right=(900, 4050),
        why="300 * 4 * 3/4 and 150 * 36 * 3/4: the simple method saw 4.5 times as many.",
        wrong={
            (1200, 5400): "Those are the squares. Three of four of them hold a digit.",
            (1200, 1200): "Those are the different images. How often are they placed on pages?",
            (300, 150): "Those are the pages. Each is divided into squares of 16 x 16.",
            (4050, 900): "The order is the U-Net first, and then the simple method.",
            (900, 8100): "Those are all windows. Half of them are without a digit.",
        },
        hint="How many squares of 16 x 16 fit into a page of 32 x 32, and of 96 x 96?",
    ),
    boxes=Prediction(
        right=1 / 3,
        why="The overlap has 3 * 4 = 12 cells, and 24 + 24 - 12 = 36 are covered.",
        decimals=2,
        wrong={
            0.5: "12 of the 24 cells of each box overlap. But the union is more than one box.",
            0.25: "48 counts the overlap twice.",
            12: "That is the overlap. Divide it by the union.",
            36: "That is the union. Divide the overlap by it.",
        },
        hint="The overlap is 3 rows high and 4 columns wide, and each box has 24 cells.",
    ),
)


def iou(truth: Array, predicted: Array) -> float:
    return float((truth & predicted).sum() / (truth | predicted).sum())


def mean_iou(truth: Array, predicted: Array, n: int) -> float:
    """Return the mean IoU of the classes that occur in at least one of the arrays."""
    present = [c for c in range(n) if (truth == c).any() or (predicted == c).any()]
    return float(np.mean([iou(truth == c, predicted == c) for c in present]))


def in_truth(truth: Array, predicted: Array, n: int) -> float:
    values = [iou(truth == c, predicted == c) for c in range(n) if (truth == c).any()]
    return float(np.mean(values))


def over_all(truth: Array, predicted: Array, n: int) -> float:
    return mean_iou(truth, predicted, n) * len(np.unique([truth, predicted])) / n


def recall(truth: Array, predicted: Array, n: int) -> float:
    found = [np.mean(predicted[truth == c] == c) for c in range(n) if (truth == c).any()]
    return float(np.mean(found))


RNG = np.random.default_rng(0)
PAIRS = [
    (np.array([[0, 0, 1, 2], [0, 1, 1, 2]]), np.array([[0, 1, 1, 2], [0, 1, 2, 2]]), 3),
    (np.array([[0, 0, 1], [0, 1, 1]]), np.array([[0, 2, 1], [0, 1, 1]]), 4),
    *((RNG.integers(0, 3, (2, 6, 5)), RNG.integers(0, 3, (2, 6, 5)), 5) for _ in range(2)),
]

check = Checks(
    by_hand=Answer(
        right=(0.8, 0.5),
        hint="In the first image, 8 pixels agree, and 10 are in at least one mask. How is it in "
        "the second?",
        wrong=[
            ((0.5, 0.8), "Right, but the first image comes first."),
            ((0.8, 0.67), "2 pixels are in both masks, but 4 in at least one."),
            ((0.89, 0.67), "That is the Dice coefficient: twice the intersection over the sum."),
            (0.65, "That is the mean. Answer with both."),
        ],
    ),
    mean_iou=Function(
        right=mean_iou,
        calls=PAIRS,
        hint="For each class, make two boolean arrays with ==. & gives the intersection and | the "
        "union.",
        wrong=[
            (
                in_truth,
                "You leave out a class that was predicted but does not occur in the truth. Its IoU "
                "is 0, and it counts.",
            ),
            (
                over_all,
                "A class that occurs in neither array has no IoU: leave it out of the mean.",
            ),
            (recall, "That is the mean recall. Divide by the union, not by the truth."),
            (
                lambda truth, predicted, n: float(np.mean(truth == predicted)),
                "That is the accuracy of all pixels.",
            ),
            (
                lambda truth, predicted, n: iou(truth > 0, predicted > 0),
                "That is the IoU of everything that is not class 0. Each class has its own.",
            ),
        ],
    ),
    kept=Answer(
        right=[0, 2],
        hint="Keep the box with the highest score, remove all boxes that overlap it too much, and "
        "repeat with the rest.",
        wrong=[
            ([0], "Box 2 overlaps none of the boxes that were kept."),
            ([0, 1, 2], "Box 1 has an IoU of 0.6 with box 0, which has the higher score."),
            ([0, 2, 3], "Which box has removed box 3? Compare it with box 2."),
            ([0, 1], "Box 1 is removed by box 0. What removes box 2?"),
            ([0, 3], "Box 2 comes before box 3, because its score is higher."),
        ],
    ),
)
