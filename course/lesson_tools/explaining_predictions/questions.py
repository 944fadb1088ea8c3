"""Questions and answers of the lesson "Explaining predictions": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
    pooled=Prediction(
        right=1,
        why="Each score adds a quarter of each value: the derivative of the mean is 1/4, times 4.",
        wrong={
            4: "That is the weight. The mean passes on only a quarter of a change.",
            0.25: "That is the derivative of the mean. The dense layer multiplies it by 4.",
            16: "The mean divides by the number of values.",
            2: "How much does the mean of four values grow if one of them grows by 1?",
        },
        hint="If one of the four values grows by 1, by how much does the mean grow? And the score?",
    ),
    field=Prediction(
        right=5,
        why="Each 3 x 3 convolution adds 2: 1 + 2 + 2 = 5.",
        wrong={
            3: "That is what a unit of the first layer sees.",
            6: "The two windows overlap: each layer adds f - 1.",
            9: "A kernel of 3 adds 2 to the receptive field; sizes do not multiply.",
            7: "That is for three layers.",
        },
        hint="It starts at 1, and each layer adds f - 1.",
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
    chance=Prediction(
        right=(0.0625, 0.2),
        decimals=3,
        why="4 of 64 pixels, and 4 of 20 white ones.",
        wrong={
            (0.2, 0.0625): "The other way round: first the map that is equal everywhere.",
            (0.0625, 0.25): "The four pixels of the tag are themselves among the white ones.",
            (4, 4): "Divide by the sum of the whole map.",
        },
        hint="Divide the sum over the four pixels of the tag by the sum over the whole map.",
    ),
    zeros=Prediction(
        right="b",
        why="Both maps are 0 at the same black pixels, which have nothing to do with the weights.",
        wrong={
            "a": "Covering a black pixel with black changes no score, whatever the weights are.",
            "c": "At the other pixels the two maps differ.",
        },
        hint=LETTER,
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
        right="a",
        why="Without something that the score needs, the score must fall. Now see whether it does.",
        wrong={
            "b": "Then the network would not need the sky. Suppose that it does.",
            "c": "Then the sky would lower the score. Suppose that the network needs it.",
        },
        hint=LETTER,
    ),
    signs=Prediction(
        right=(0.6, 388),
        decimals=1,
        why="0.1 * (2 + 1 + 3) = 0.6, and the square root of 150,528 is 388.",
        wrong={
            (0.4, 388): "For the weight -1, choose the change -0.1: it adds 0.1 as well.",
            (6, 388): "Multiply by the size of the change, 0.1.",
            (0.6, 150528): "That is n. Random signs give the square root of n, not 1.",
            (
                0.6,
                1,
            ): "Random contributions cancel for the most part, those with the right sign never.",
        },
        hint="Choose each sign like that of its weight. And divide n by the square root of n.",
    ),
)


def deleted(image: Array, importance: Array, count: int) -> Array:
    """Return a copy of an image without its most important pixels."""
    order = np.argsort(np.argsort(-importance, axis=None)).reshape(importance.shape)
    return image * (order >= count)[:, :, None]


_rng = np.random.default_rng(0)
IMAGES = [
    (
        _rng.uniform(1, 2, (n_H, n_W, n_C)),
        _rng.permutation(n_H * n_W).reshape(n_H, n_W) - 6.0,
        count,
    )
    for n_H, n_W, n_C, count in ((3, 4, 1, 2), (4, 3, 3, 5), (2, 5, 2, 0), (3, 3, 1, 9))
]
check = Checks(
    blind=Answer(
        right="right",
        hint="The evidence must be there twice: each pixel alone is enough for the whole score.",
        wrong=[
            (
                "the score does not drop",
                "With both pixels covered, the score must be smaller by 1 than for (1, 1).",
            ),
            (
                "occlusion of one pixel shows it",
                "The score of (0, 1) or (1, 0) is not that of (1, 1). One pixel alone must be "
                "enough.",
            ),
            ("the drop is not 1", "The score of (0, 0) must be smaller by 1 than that of (1, 1)."),
            (
                "the gradient shows it",
                "A small change of one pixel changes the score. Where have you seen a gradient of "
                "0?",
            ),
            (
                "one score for each image is expected",
                "Return an array of m scores: `X[:, 0]` holds the first pixel of each image.",
            ),
        ],
    ),
    delete_most_important=Function(
        right=deleted,
        calls=IMAGES,
        hint="np.argsort(-importance, axis=None) gives the flat indices, the most important first.",
        wrong=[
            (lambda x, a, count: deleted(x, -a, count), "These are the least important pixels."),
            (
                lambda x, a, count: deleted(x, np.abs(a), count),
                "Take the largest values, not the largest absolute values.",
            ),
            (
                lambda x, a, count: x - deleted(x, a, count),
                "These are the deleted pixels alone; keep the others.",
            ),
            (
                lambda x, a, count: np.dstack([deleted(x[:, :, :1], a, count), x[:, :, 1:]]),
                "Only the first channel is 0. Delete all channels of a pixel.",
            ),
            (lambda x, a, count: x, "Nothing has been deleted: is the copy changed, and returned?"),
        ],
    ),
)
