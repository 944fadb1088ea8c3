"""Questions and answers of the lesson "Transfer learning": read this when you are done."""

import numpy as np

from convnet.types import Array
from lesson_tools.questions import Answer, Checks, Function, Prediction, Predictions

LETTER = "Answer with a letter, in quotes."

predict = Predictions(
    pooled=Prediction(
        right=(3, 1280),
        why="96 / 32 = 3, and every channel becomes one number.",
        wrong={
            (7, 1280): "That is for an image of 224 x 224.",
            (3, 11520): "The average leaves one number of each map, not nine.",
            (3, 3): "How many channels do the last feature maps have?",
            (1, 1280): "There are 3 x 3 positions until the average is taken.",
            (9, 1280): "There are 9 positions: how many rows are they?",
        },
        hint="Divide 96 by the total stride. Global average pooling leaves a number per channel.",
    ),
    head=Prediction(
        right=12810,
        why="1,280 weights and a bias for each of ten classes.",
        wrong={
            12800: "Those are the weights. There are biases, too.",
            1290: "Each of the ten scores has 1,280 weights of its own.",
            1281: "That is one score. There are ten classes.",
            1281000: "That is the old head, with 1,000 classes.",
        },
        hint="It is a dense layer from 1,280 features to ten scores.",
    ),
    shuffled=Prediction(
        right="c",
        why="With 1,280 unknowns for 100 equations, the head can fit any labels, even random ones.",
        wrong={
            "a": "That is right for test photographs. Can the head memorize the training labels?",
            "b": "Count equations and unknowns: is there a label that the head cannot fit?",
        },
        hint=LETTER,
    ),
    batchnorm=Prediction(
        right="b",
        why="They are buffers and not parameters: only `eval()` stops their update.",
        wrong={
            "a": "requires_grad_(False) is about parameters. Are running statistics parameters?",
            "c": "gamma and beta are parameters, so they are frozen.",
        },
        hint=LETTER,
    ),
    layer=Prediction(
        right="c",
        why="These features were trained to distinguish clothes, and digits differ in other ways.",
        wrong={
            "a": "They were trained to distinguish clothes. Do digits differ in the same ways?",
            "b": "A trained layer keeps what its task needs. What happens to the rest?",
        },
        hint=LETTER,
    ),
)


# ---- Exercise 2: functions with typical mistakes


def class_means(features: Array, labels: Array, new: Array, order: int = 2) -> Array:
    """Return the class whose mean is nearest to each new example."""
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    return np.array([np.linalg.norm(means - x, ord=order, axis=1).argmin() for x in new])


def nearest_example(features: Array, labels: Array, new: Array) -> Array:
    """Return the class of the nearest example."""
    return np.array([labels[np.linalg.norm(features - x, axis=1).argmin()] for x in new])


def farthest_mean(features: Array, labels: Array, new: Array) -> Array:
    """Return the class whose mean is farthest."""
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    return np.array([np.linalg.norm(means - x, axis=1).argmax() for x in new])


def largest_product(features: Array, labels: Array, new: Array) -> Array:
    """Return the class whose mean has the largest dot product."""
    means = np.array([features[labels == c].mean(axis=0) for c in np.unique(labels)])
    return np.asarray((new @ means.T).argmax(axis=1))


# ---- Exercise 3: the bug, and others


def standardized(features: Array, new: Array, source: Array) -> tuple[Array, Array]:
    """Standardize both by the mean and the standard deviation of the source."""
    mean, deviation = source.mean(axis=0), source.std(axis=0)
    return (features - mean) / deviation, (new - mean) / deviation


def alone(features: Array, new: Array) -> tuple[Array, Array]:
    """Standardize new features by their own mean and standard deviation."""
    return standardized(features, new, features)[0], standardized(new, new, new)[1]


RNG = np.random.default_rng(0)
MEANS = [
    (
        np.array([[0.0, 0], [2, 0], [4, 4], [6, 4]]),
        np.array([0, 0, 1, 1]),
        np.array([[3.0, 1], [4, 3], [5, 1], [3, 0]]),
    ),
    (np.array([[-1.0, 0], [1, 0], [4, 2], [6, 2]]), np.array([0, 0, 1, 1]), np.array([[3.0, 0]])),
    *(
        (
            RNG.normal((np.arange(m) % classes)[:, None], 2, (m, n)),
            np.arange(m) % classes,
            RNG.normal(1, 2, (8, n)),
        )
        for m, n, classes in ((12, 3, 3), (20, 5, 4), (9, 1, 2))
    ),
]
SCALES = [
    (RNG.normal(1, 2, (m, n)), RNG.normal(3, 1, (m, n))) for m, n in ((7, 2), (9, 3), (13, 1))
]

check = Checks(
    trained=Answer(
        right=[2, 2],
        hint="An array with requires_grad=False has grad None, and an optimizer skips those.",
        wrong=[
            ([6, 6], "That is fine-tuning: the body is frozen here."),
            ([2, 6], "What does an optimizer do with an array whose grad is None?"),
            ([1, 1], "The head has weights and biases."),
            ([4, 4], "Those are the arrays of the body, which is frozen."),
            ([6, 2], "requires_grad_(False) stops the gradients themselves."),
        ],
    ),
    nearest_class_mean=Function(
        right=class_means,
        calls=MEANS,
        hint="Compute one mean for each class, then all distances, and take the argmin over "
        "classes.",
        wrong=[
            (nearest_example, "That is the class of the nearest example, not of the nearest mean."),
            (farthest_mean, "That is the class whose mean has the largest distance."),
            (largest_product, "The largest dot product is not the smallest distance."),
            (
                lambda features, labels, new: class_means(features, labels, new, 1),
                "These are sums of absolute differences; the Euclidean distance squares them.",
            ),
        ],
    ),
    standardize_fixed=Function(
        right=lambda features, new: np.stack(standardized(features, new, features)),
        calls=SCALES,
        hint="With one new image, what are its mean and standard deviation over the images?",
        wrong=[
            (alone, "The new features still have a mean and standard deviation of their own."),
            (
                lambda features, new: tuple(
                    (X - features.mean()) / features.std() for X in (features, new)
                ),
                "Each feature needs its own mean and standard deviation: use axis=0.",
            ),
            (
                lambda features, new: standardized(features, new, np.concatenate([features, new])),
                "New images must not take part in the mean and the standard deviation.",
            ),
            (
                lambda features, new: standardized(features, new, features)[1],
                "Return two arrays: the training features and the new ones.",
            ),
            (
                lambda features, new: tuple(
                    (X - features.mean(axis=0)) / features.std(axis=0, ddof=1)
                    for X in (features, new)
                ),
                "Divide by std(axis=0) as it is: ddof=1 gives a slightly larger value.",
            ),
            (
                lambda features, new: standardized(features, new, features)[::-1],
                "The two results are exchanged.",
            ),
            (
                lambda features, new: tuple(
                    (X - features.mean(axis=0)) / features.var(axis=0) for X in (features, new)
                ),
                "Divide by the standard deviation, not by the variance.",
            ),
        ],
    ),
)
