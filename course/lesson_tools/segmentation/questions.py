"""Questions and answers of the lesson "Segmentation": read this when you are done."""

from collections.abc import Callable

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

predict = Predictions(
    lazy=Prediction(
        right=0.93,
        why="It is right on the background and wrong on the ink: 1 - 0.07.",
        decimals=2,
        wrong={
            0.07: "That is how often it is wrong.",
            93: "Give a number between 0 and 1.",
            0: "It is right wherever there is background.",
            0.5: "The two kinds of pixels are not equally frequent.",
            0.09: "It does not guess among 11 classes. It always says the same.",
        },
        hint="On which pixels is it right?",
    ),
    iou=Prediction(
        right=3 / 7,
        why="Three pixels are in both masks, and 4 + 6 - 3 = 7 in at least one.",
        decimals=2,
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
    skips=Prediction(
        right="where",
        why="They carry the first maps, which know the strokes but have not seen a whole digit.",
        wrong={
            "what": "Which of the two got lost in the encoder? It has seen 18 rows in the end.",
            "both": "Both rise, but one of them more reliably. Which one got lost in the pooling?",
        },
        hint='Answer "where" or "what". What do the first feature maps know that the last do not?',
    ),
    accepts=Prediction(
        right=52,
        why="52 can be halved twice: 26, then 13. 50 becomes 25, then 12, which leads back to 24.",
        wrong={
            50: "50 becomes 25, then 12. To which sizes do the two transposed convolutions lead?",
            51: "51 becomes 25, then 12. To which size does the first transposed convolution lead?",
            54: "54 does not work either: 27 becomes 13, and 13 becomes 26.",
            56: "56 works, but there is a smaller one.",
            60: "60 works, but there is a smaller one.",
            64: "64 works, but there is a smaller one.",
            2: "That is how many rows are missing. How many does the padded image have?",
        },
        hint="Maps that are joined must have the same size. Which sizes can be halved twice?",
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


def over_all(truth: Array, predicted: Array, n: int, absent: int) -> float:
    present = len(np.unique([truth, predicted]))
    return (mean_iou(truth, predicted, n) * present + absent * (n - present)) / n


def recall(truth: Array, predicted: Array, n: int) -> float:
    found = [np.mean(predicted[truth == c] == c) for c in range(n) if (truth == c).any()]
    return float(np.mean(found))


def dice(truth: Array, predicted: Array, n: int) -> float:
    """Return the mean Dice coefficient, 2 IoU / (1 + IoU) for each class."""
    pairs = [(truth == c, predicted == c) for c in range(n)]
    values = [iou(T, P) for T, P in pairs if (T | P).any()]
    return float(np.mean([2 * value / (1 + value) for value in values]))


RNG = np.random.default_rng(0)
PAIRS = [
    (np.array([[0, 0, 1, 2], [0, 1, 1, 2]]), np.array([[0, 1, 1, 2], [0, 1, 2, 2]]), 3),
    (np.array([[0, 0, 1], [0, 1, 1]]), np.array([[0, 2, 1], [0, 1, 1]]), 4),
    (np.array([[0, 2, 1], [0, 1, 1]]), np.array([[0, 0, 1], [0, 1, 1]]), 4),
    *((RNG.integers(0, 3, (2, 6, 5)), RNG.integers(0, 3, (2, 6, 5)), 5) for _ in range(2)),
]


def padded(page: Array) -> Array:
    """Append zeros until height and width are multiples of 4."""
    return np.pad(page, ((0, -page.shape[0] % 4), (0, -page.shape[1] % 4)))


def segment(predict_classes: Callable[[Array], Array], page: Array) -> Array:
    return predict_classes(padded(page))[: page.shape[0], : page.shape[1]]


def padded_before(predict_classes: Callable[[Array], Array], page: Array) -> Array:
    """Append the zeros at the top and on the left."""
    rows, columns = -page.shape[0] % 4, -page.shape[1] % 4
    return predict_classes(np.pad(page, ((rows, 0), (columns, 0))))[rows:, columns:]


def shifted_ink(page: Array) -> Array:
    """Stand in for a network: classes that depend on the block, the pixel below and the size."""
    blocks = np.arange(len(page))[:, None] // 4 % 2 + np.arange(page.shape[1]) // 4 % 2
    return np.where(np.roll(page, -1, axis=0) > 0.5, 7 + blocks, page.size % 7)


SIZES = [(shifted_ink, RNG.random(size)) for size in ((5, 6), (8, 12), (8, 7), (11, 16), (3, 2))]

check = Checks(
    by_hand=Answer(
        right=(0.8, 0.5),
        hint="In the first image, 8 pixels agree, and 10 are in at least one mask. How is it in "
        "the second?",
        wrong=[
            ((0.5, 0.8), "Right, but the first image comes first."),
            ((0.8, 0.67), "2 pixels are in both masks, but 4 in at least one."),
            ((8 / 9, 2 / 3), "That is the Dice coefficient: twice the intersection over the sum."),
            ((0.89, 0.67), "That is the Dice coefficient: twice the intersection over the sum."),
            (0.65, "That is the mean. Answer with both."),
        ],
    ),
    mean_iou=Function(
        right=mean_iou,
        calls=PAIRS,
        hint="For each class, make two boolean arrays with ==. & gives the intersection and | the "
        "union. Skip a class whose union is empty, and return the mean of the others.",
        wrong=[
            (
                in_truth,
                "You leave out a class that was predicted but does not occur in the truth. Its IoU "
                "is 0, and it counts.",
            ),
            (
                lambda truth, predicted, n: in_truth(predicted, truth, n),
                "You leave out a class that was never predicted but occurs in the truth. Its IoU "
                "is 0, and it counts.",
            ),
            (
                lambda truth, predicted, n: over_all(truth, predicted, n, 0),
                "A class that occurs in neither array has no IoU: leave it out of the mean.",
            ),
            (
                lambda truth, predicted, n: over_all(truth, predicted, n, 1),
                "A class in neither array does not count as 1: leave it out of the mean.",
            ),
            (recall, "That is the mean recall. Divide by the union, not by the truth."),
            (dice, "That is the mean Dice coefficient. Divide the intersection by the union."),
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
    segment=Function(
        right=segment,
        calls=SIZES,
        hint="-n % 4 is the number of rows that are missing to the next multiple of 4.",
        wrong=[
            (lambda f, page: f(page), "The page was not padded: its sizes are not multiples of 4."),
            (lambda f, page: f(padded(page)), "Crop the result to the shape of the page."),
            (
                lambda f, page: f(padded(page))[: -(-len(page) % 4), : -(-page.shape[1] % 4)],
                "Where nothing was added, your crop [:-0] is empty. Crop with [:n_H, :n_W].",
            ),
            (padded_before, "Append zeros at the bottom and on the right, not before the page."),
            (
                lambda f, page: f(
                    np.pad(page, ((0, 4 - len(page) % 4), (0, 4 - page.shape[1] % 4)))
                )[: len(page), : page.shape[1]],
                "If a size is a multiple of 4 already, nothing must be added.",
            ),
            (
                lambda f, page: f(page[: len(page) // 4 * 4, : page.shape[1] // 4 * 4]),
                "You cut rows and columns off. Add some instead, and crop the result.",
            ),
        ],
    ),
)
