"""Wrong solutions of softmax_cross_entropy that are not among its known mistakes."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import edited, wrong


@wrong("softmax_cross_entropy", "loss alone")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, labels)[0]


@wrong("softmax_cross_entropy", "gradient first")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, labels)[::-1]


@wrong("softmax_cross_entropy", "probabilities of all classes")
def _(Z, labels):
    return -np.mean(np.log(vectorized.softmax(Z))), vectorized.softmax_cross_entropy(Z, labels)[1]


@wrong("softmax_cross_entropy", "squared error")
def _(Z, labels):
    loss, dZ = vectorized.softmax_cross_entropy(Z, labels)
    return np.mean((dZ * len(Z)) ** 2), dZ


@wrong("softmax_cross_entropy", "labels less one")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, labels - 1)


@wrong("softmax_cross_entropy", "first class always")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, 0 * labels)


@wrong("softmax_cross_entropy", "predicted class")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, Z.argmax(axis=1))


@wrong("softmax_cross_entropy", "probability instead of its logarithm")
def _(Z, labels):
    loss, dZ = vectorized.softmax_cross_entropy(Z, labels)
    return 1 - np.mean(vectorized.softmax(Z)[np.arange(len(Z)), labels]), dZ


@wrong("softmax_cross_entropy", "clipped probabilities", "probability clipped at 1e-12")
def _(Z, labels):
    picked = np.arange(len(Z)), labels
    loss = -np.mean(np.log(np.clip(vectorized.softmax(Z)[picked], 1e-12, 1)))
    return loss, vectorized.softmax_cross_entropy(Z, labels)[1]


@wrong("softmax_cross_entropy", "one-hot labels subtracted from the scores")
def _(Z, labels):
    loss, _ = vectorized.softmax_cross_entropy(Z, labels)
    return loss, (Z - np.eye(Z.shape[1])[labels]) / len(Z)


@wrong("softmax_cross_entropy", "labels changed")
def _(Z, labels):
    answer = vectorized.softmax_cross_entropy(Z, labels)
    labels += 1
    return answer


edited(
    "softmax_cross_entropy", "gradient of the sum's first example", {"/ m": "/ m\n    dZ[1:] = 0"}
)
edited(
    "softmax_cross_entropy",
    "gradient divided twice",
    {"dZ / m": "dZ / m / m"},
    "gradient divided twice",
)
edited("softmax_cross_entropy", "half a one", {"-= 1": "-= 0.5"})
edited("softmax_cross_entropy", "columns", {"axis=1))\n": "axis=0))\n"})
edited("softmax_cross_entropy", "gradient of the probabilities", {"softmax(Z)": "shifted"})


def _both(loss=None, gradient=None):
    """Return a correct answer with the loss or the gradient replaced."""

    def answer(Z, labels):
        right = vectorized.softmax_cross_entropy(Z, labels)
        rows = np.arange(len(Z))
        return (
            loss(vectorized.softmax(Z)[rows, labels]) if loss else right[0],
            gradient(Z, labels, right[1]) if gradient else right[1],
        )

    return answer


def _one_hot(Z, labels):
    return np.eye(labels.max() + 1)[labels]


def _merged(Z, labels, dZ):
    dZ = vectorized.softmax(Z)
    _, first = np.unique(labels, return_index=True)  # examples with equal labels
    dZ[first, labels[first]] -= 1
    return dZ / len(Z)


wrong("softmax_cross_entropy", "logarithm to base 10", "logarithm to base 10")(
    _both(lambda p: -np.mean(np.log10(p)))
)
wrong("softmax_cross_entropy", "1e-8 in the logarithm", "1e-8 in the logarithm")(
    _both(lambda p: -np.mean(np.log(p + 1e-8)))
)
wrong("softmax_cross_entropy", "1e-3 in the logarithm")(_both(lambda p: -np.mean(np.log(p + 1e-3))))
wrong(
    "softmax_cross_entropy",
    "probabilities of at least 1e-8",
    "probability clipped at 1e-8",
)(_both(lambda p: -np.mean(np.log(np.maximum(p, 1e-8)))))
wrong("softmax_cross_entropy", "largest loss")(_both(lambda p: -np.min(np.log(p))))
wrong("softmax_cross_entropy", "logarithm of the mean")(_both(lambda p: -np.log(np.mean(p))))
wrong("softmax_cross_entropy", "one-hot up to the largest label")(
    _both(gradient=lambda Z, labels, dZ: (vectorized.softmax(Z) - _one_hot(Z, labels)) / len(Z))
)
wrong("softmax_cross_entropy", "each class once")(_both(gradient=_merged))
wrong("softmax_cross_entropy", "labels in order")(
    lambda Z, labels: vectorized.softmax_cross_entropy(Z, np.sort(labels))
)
wrong(
    "softmax_cross_entropy",
    "divided before the ones are subtracted",
    "divided before the ones are subtracted",
)(_both(gradient=lambda Z, labels, dZ: dZ * len(Z) + vectorized.softmax(Z) * (1 / len(Z) - 1)))
wrong("softmax_cross_entropy", "divided by the number of scores")(
    _both(gradient=lambda Z, labels, dZ: dZ / Z.shape[1])
)
wrong("softmax_cross_entropy", "divided by the number of classes that occur")(
    _both(gradient=lambda Z, labels, dZ: dZ * len(Z) / len(set(labels)))
)


@wrong("softmax_cross_entropy", "array of the type of Z", "array of the type of Z")
def _(Z, labels):
    loss, gradient = vectorized.softmax_cross_entropy(Z, labels)
    dZ = np.zeros_like(Z)
    dZ[...] = gradient
    return loss, dZ


@wrong("softmax_cross_entropy", "probability less one", "gradient at the correct classes alone")
def _(Z, labels):
    loss, gradient = vectorized.softmax_cross_entropy(Z, labels)
    return loss, gradient * (np.arange(Z.shape[1]) == labels[:, None])
