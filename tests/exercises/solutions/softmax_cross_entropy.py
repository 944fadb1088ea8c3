"""Solutions of softmax_cross_entropy: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions
from tests.exercises.solutions.softmax import softmax

add = Solutions("softmax_cross_entropy")


@add.right("example by example, with prints")
def _(Z, labels):
    m = len(Z)
    loss, dZ = 0, np.zeros(Z.shape)
    for i in range(m):
        z = Z[i] - Z[i].max()
        log_sum = np.log(np.exp(z).sum())
        loss += (log_sum - z[labels[i]]) / m
        dZ[i] = np.exp(z - log_sum) / m
        dZ[i, labels[i]] -= 1 / m
        print(loss)
    return loss, dZ


@add.right("one-hot labels")
def _(Z, labels):
    Y = np.eye(Z.shape[1])[labels]
    logs = np.logaddexp.reduce(Z, axis=1)
    loss = np.mean(logs - np.sum(Y * Z, axis=1))
    return loss, (softmax(Z) - Y) / len(Z)


@add.right("take_along_axis")
def _(Z, labels):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    dZ = np.exp(log_A)
    dZ[range(len(Z)), labels] -= 1
    return -np.take_along_axis(log_A, labels[:, None], 1).mean(), dZ / len(Z)


@add.right("a Python float and a list")
def _(Z, labels):
    shifted = Z - Z.max(axis=1, keepdims=True)
    logs = np.log(np.sum(np.exp(shifted), axis=1))
    losses = [float(logs[i] - shifted[i, label]) for i, label in enumerate(labels)]
    dZ = softmax(Z)
    dZ[np.arange(len(labels)), labels] -= 1
    return [sum(losses) / len(losses), dZ / len(losses)]


@add.right("0-d array")
def _(Z, labels):
    difference = Z - Z[np.arange(len(Z)), labels][:, None]
    losses = np.logaddexp.reduce(difference, axis=1)
    right_class = np.equal.outer(labels, np.arange(Z.shape[1]))
    return np.array(losses.mean()), np.divide(softmax(Z) - right_class, len(Z))


@add.right("float32 result")
def _(Z, labels):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    dZ = np.exp(log_A)
    np.subtract.at(dZ, (np.arange(len(Z)), labels), 1)
    loss = np.float32(-np.mean(log_A[np.arange(len(Z)), labels]))
    return loss, (dZ / len(Z)).astype("float32")


# Wrong solutions that are not among the known mistakes


@add.wrong("gradient first")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, labels)[::-1]


@add.wrong("probabilities of all classes")
def _(Z, labels):
    return -np.mean(np.log(vectorized.softmax(Z))), vectorized.softmax_cross_entropy(Z, labels)[1]


@add.wrong("squared error")
def _(Z, labels):
    loss, dZ = vectorized.softmax_cross_entropy(Z, labels)
    return np.mean((dZ * len(Z)) ** 2), dZ


@add.wrong("labels less one")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, labels - 1)


@add.wrong("first class always")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, 0 * labels)


@add.wrong("predicted class")
def _(Z, labels):
    return vectorized.softmax_cross_entropy(Z, Z.argmax(axis=1))


@add.wrong("probability instead of its logarithm")
def _(Z, labels):
    loss, dZ = vectorized.softmax_cross_entropy(Z, labels)
    return 1 - np.mean(vectorized.softmax(Z)[np.arange(len(Z)), labels]), dZ


@add.wrong("clipped probabilities", "probability clipped at 1e-12")
def _(Z, labels):
    picked = np.arange(len(Z)), labels
    loss = -np.mean(np.log(np.clip(vectorized.softmax(Z)[picked], 1e-12, 1)))
    return loss, vectorized.softmax_cross_entropy(Z, labels)[1]


@add.wrong("one-hot labels subtracted from the scores")
def _(Z, labels):
    loss, _ = vectorized.softmax_cross_entropy(Z, labels)
    return loss, (Z - np.eye(Z.shape[1])[labels]) / len(Z)


@add.wrong("labels changed")
def _(Z, labels):
    answer = vectorized.softmax_cross_entropy(Z, labels)
    labels += 1
    return answer


add.edited("gradient of the sum's first example", {"/ m": "/ m\n    dZ[1:] = 0"})
add.edited("gradient divided twice", {"dZ / m": "dZ / m / m"}, "gradient divided twice")
add.edited("half a one", {"-= 1": "-= 0.5"})
add.edited("columns", {"axis=1))\n": "axis=0))\n"})
add.edited("gradient of the probabilities", {"softmax(Z)": "shifted"})


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


add.wrong("logarithm to base 10", "logarithm to base 10")(_both(lambda p: -np.mean(np.log10(p))))
add.wrong("1e-8 in the logarithm", "1e-8 in the logarithm")(
    _both(lambda p: -np.mean(np.log(p + 1e-8)))
)
add.wrong("1e-3 in the logarithm")(_both(lambda p: -np.mean(np.log(p + 1e-3))))
add.wrong("probabilities of at least 1e-8", "probability clipped at 1e-8")(
    _both(lambda p: -np.mean(np.log(np.maximum(p, 1e-8))))
)
add.wrong("largest loss")(_both(lambda p: -np.min(np.log(p))))
add.wrong("logarithm of the mean")(_both(lambda p: -np.log(np.mean(p))))
add.wrong("one-hot up to the largest label")(
    _both(gradient=lambda Z, labels, dZ: (vectorized.softmax(Z) - _one_hot(Z, labels)) / len(Z))
)
add.wrong("each class once")(_both(gradient=_merged))
add.wrong("labels in order")(lambda Z, labels: vectorized.softmax_cross_entropy(Z, np.sort(labels)))
add.wrong("divided before the ones are subtracted", "divided before the ones are subtracted")(
    _both(gradient=lambda Z, labels, dZ: dZ * len(Z) + vectorized.softmax(Z) * (1 / len(Z) - 1))
)
add.wrong("divided by the number of scores")(_both(gradient=lambda Z, labels, dZ: dZ / Z.shape[1]))
add.wrong("divided by the number of classes that occur")(
    _both(gradient=lambda Z, labels, dZ: dZ * len(Z) / len(set(labels)))
)


@add.wrong("array of the type of Z", "array of the type of Z")
def _(Z, labels):
    loss, gradient = vectorized.softmax_cross_entropy(Z, labels)
    dZ = np.zeros_like(Z)
    dZ[...] = gradient
    return loss, dZ


@add.wrong("probability less one", "gradient at the correct classes alone")
def _(Z, labels):
    loss, gradient = vectorized.softmax_cross_entropy(Z, labels)
    return loss, gradient * (np.arange(Z.shape[1]) == labels[:, None])
