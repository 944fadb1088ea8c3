"""Solutions of relu: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions

add = Solutions("relu")


@add.right("product with a mask")
def _(Z):
    return Z * (Z > 0), (Z,)


@add.right("np.clip, the cache first named")
def _(Z):
    cache = (Z,)
    return np.clip(Z, 0, None), cache


@add.right("half of Z plus its absolute value")
def _(Z):
    return (Z + np.abs(Z)) / 2, (Z,)


@add.right("a copy with zeros")
def _(Z):
    A = Z.copy()
    A[A < 0] = 0.0
    return A, (Z,)


@add.right("number by number, with prints")
def _(Z):
    A = np.zeros(Z.shape)
    for place in np.ndindex(Z.shape):
        print(place)
        A[place] = max(0.0, Z[place])
    return A, (Z,)


@add.right("np.fmax, Fortran order, a list as cache")
def _(Z):
    return np.asfortranarray(np.fmax(0, Z)), [Z]


# Wrong solutions that are not among the known mistakes

add.wrong("Z itself")(lambda Z: (Z, (Z,)))
add.wrong("from below")(lambda Z: (np.maximum(Z, -1), (Z,)))
add.wrong("one entry too many")(lambda Z: (np.maximum(Z + 1, 0), (Z,)))
add.wrong("cut off at 6")(lambda Z: (np.clip(Z, 0, 3), (Z,)))
add.wrong("exponential below zero")(lambda Z: (np.where(Z > 0, Z, np.exp(Z) - 1), (Z,)))
add.wrong("softplus")(lambda Z: (np.log1p(np.exp(Z)), (Z,)))
add.wrong("sigmoid")(vectorized.sigmoid)
add.wrong("whole numbers")(lambda Z: (np.maximum(Z, 0).astype(int), (Z,)))
add.wrong("largest of each row")(
    lambda Z: (np.maximum(Z, 0).max(axis=-1, keepdims=True) + 0 * Z, (Z,))
)
add.wrong("ReLU6")(lambda Z: (np.clip(Z, 0, 6), (Z,)))
add.wrong("cut off at 1000")(lambda Z: (np.clip(Z, 0, 1000), (Z,)))
add.wrong("from 0.01 on")(lambda Z: (np.where(Z > 0.01, Z, 0), (Z,)))
add.wrong("a thousandth kept")(lambda Z: (np.where(Z > 0, Z, 0.001 * Z), (Z,)))
add.wrong("a fifth kept")(lambda Z: (np.maximum(Z, 0.2 * Z), (Z,)))
add.wrong("nan at 0")(lambda Z: ((Z + Z * Z / np.abs(Z)) / 2, (Z,)))
add.wrong("rounded to 2 decimals")(lambda Z: (np.round(np.maximum(Z, 0), 2), (Z,)))
add.wrong("small number added")(lambda Z: (np.maximum(Z, 1e-6), (Z,)))
add.wrong("squeezed")(lambda Z: (np.squeeze(np.maximum(Z, 0)), (Z,)))
add.wrong("half precision")(lambda Z: (np.maximum(Z, 0).astype("float16"), (Z,)))


@add.wrong("two axes")
def _(Z):
    A = np.zeros(Z.shape)
    for h in range(Z.shape[0]):
        for w in range(Z.shape[1]):
            A[h, w] = max(Z[h, w], 0)
    return A, (Z,)
