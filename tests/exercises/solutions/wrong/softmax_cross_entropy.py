"""Wrong solutions of softmax_cross_entropy that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong


@wrong("softmax_cross_entropy", "loss alone")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, labels)[0]


@wrong("softmax_cross_entropy", "gradient first")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, labels)[::-1]


@wrong("softmax_cross_entropy", "probabilities of all classes")
def _(Z, labels):
    return -np.mean(np.log(vectorised.softmax(Z))), vectorised.softmax_cross_entropy(Z, labels)[1]


@wrong("softmax_cross_entropy", "squared error")
def _(Z, labels):
    loss, dZ = vectorised.softmax_cross_entropy(Z, labels)
    return np.mean((dZ * len(Z)) ** 2), dZ


@wrong("softmax_cross_entropy", "labels less one")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, labels - 1)


@wrong("softmax_cross_entropy", "first class always")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, 0 * labels)


@wrong("softmax_cross_entropy", "predicted class")
def _(Z, labels):
    return vectorised.softmax_cross_entropy(Z, Z.argmax(axis=1))


@wrong("softmax_cross_entropy", "probability instead of its logarithm")
def _(Z, labels):
    loss, dZ = vectorised.softmax_cross_entropy(Z, labels)
    return 1 - np.mean(vectorised.softmax(Z)[np.arange(len(Z)), labels]), dZ


@wrong("softmax_cross_entropy", "clipped probabilities")
def _(Z, labels):
    picked = np.arange(len(Z)), labels
    loss = -np.mean(np.log(np.clip(vectorised.softmax(Z)[picked], 1e-12, 1)))
    return loss, vectorised.softmax_cross_entropy(Z, labels)[1]


@wrong("softmax_cross_entropy", "one-hot labels subtracted from the scores")
def _(Z, labels):
    loss, _ = vectorised.softmax_cross_entropy(Z, labels)
    return loss, (Z - np.eye(Z.shape[1])[labels]) / len(Z)


@wrong("softmax_cross_entropy", "labels changed")
def _(Z, labels):
    answer = vectorised.softmax_cross_entropy(Z, labels)
    labels += 1
    return answer


edited(
    "softmax_cross_entropy", "gradient of the sum's first example", {"/ m": "/ m\n    dZ[1:] = 0"}
)
edited("softmax_cross_entropy", "gradient divided twice", {"dZ / m": "dZ / m / m"})
edited("softmax_cross_entropy", "half a one", {"-= 1": "-= 0.5"})
edited("softmax_cross_entropy", "columns", {"axis=1))\n": "axis=0))\n"})
edited("softmax_cross_entropy", "gradient of the probabilities", {"softmax(Z)": "shifted"})
