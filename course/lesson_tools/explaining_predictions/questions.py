"""Questions and answers of the lesson "Explaining predictions": read this when you are done."""

import functools
from collections.abc import Callable

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with the letter, in quotes: 'a', 'b' or 'c'."

predict = Predictions(
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
        decimals=2,
        why="4 of 64 pixels, and 4 of 20 white ones.",
        wrong={
            (0.2, 0.0625): "The other way round: first the map that is equal everywhere.",
            (0.0625, 0.25): "The four pixels of the tag are themselves among the white ones.",
            (4, 4): "Divide by the sum of the whole map.",
        },
        hint="Divide the sum over the four pixels of the tag by the sum over the whole map.",
    ),
    white=Prediction(
        right=0,
        why="White on white changes nothing, so no score drops on the tag.",
        wrong={
            0.0625: "That would be a map that is equal everywhere. What changes at the tag?",
            0.2: "That is the image itself. What changes if you cover white with white?",
            1: "It is the other way round: what changes if you cover white with white?",
        },
        hint="What does the network get to see if you cover a white pixel with a white square?",
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
DIFFERENCES = [
    (_rng.normal(size=(n_H, n_W, n_C)), _rng.uniform(size=(n_H, n_W, n_C)), fill)
    for n_H, n_W, n_C, fill in (
        (3, 4, 1, 0.5),
        (2, 3, 3, _rng.uniform(size=(2, 3, 3))),
        (4, 2, 2, 0),
    )
]


def on_a_copy(function: Callable[..., Array]) -> Callable[..., Array]:
    """Return the image, as if nothing were deleted, for a function that changes its argument."""

    @functools.wraps(function)
    def wrapped(image: Array, importance: Array, count: int) -> Array:
        before = image.copy()
        result = function(image, importance, count)
        return result if np.array_equal(image, before) else before

    return wrapped


check = Checks(
    linear_drop=Function(
        right=lambda gradient, image, fill: ((image - fill) * gradient).sum(axis=-1),
        calls=DIFFERENCES,
        hint="Multiply the difference of image and fill by the gradient; sum over the channels.",
        wrong=[
            (
                lambda gradient, image, fill: ((fill - image) * gradient).sum(axis=-1),
                "The sign is wrong: a drop is the score before minus the score after.",
            ),
            (
                lambda gradient, image, fill: (image * gradient).sum(axis=-1),
                "That is right for a black fill only. Use the difference from the fill.",
            ),
            (
                lambda gradient, image, fill: (image - fill) * gradient,
                "Sum over the channels, the last axis.",
            ),
            (
                lambda gradient, image, fill: np.abs((image - fill) * gradient).sum(axis=-1),
                "Keep the signs: where the score rises, the drop is negative.",
            ),
            (
                lambda gradient, image, fill: ((image - fill) * np.abs(gradient)).sum(axis=-1),
                "Keep the signs of the gradient.",
            ),
            (
                lambda gradient, image, fill: ((image - fill) * gradient).sum(),
                "Return a drop for every position: sum over the channels only.",
            ),
        ],
    ),
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
        wrap=on_a_copy,
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
            (lambda x, a, count: x, "Delete the pixels in a copy of the image, and return it."),
            (
                lambda x, a, count: deleted(x, a, count or a.size),
                "If count is 0, delete nothing: `[-0:]` takes all pixels.",
            ),
        ],
    ),
)
