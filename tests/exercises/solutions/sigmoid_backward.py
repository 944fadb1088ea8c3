"""Solutions of sigmoid_backward: correct ones in common styles, and wrong ones."""

import numpy as np

from exercises import vectorized
from tests.exercises.solutions.registry import Solutions
from tests.exercises.solutions.sigmoid import sigmoid

add = Solutions("sigmoid_backward")


@add.right("its own sigmoid")
def _(dA, cache):
    s = sigmoid(cache[0])[0]
    return np.multiply(dA, s * (1 - s))


@add.right("A minus its square")
def _(dA, cache):
    A = sigmoid(*cache)[0]
    return (A - A**2) * dA


@add.right("both sides")
def _(dA, cache):
    (Z,) = cache
    return dA * sigmoid(Z)[0] * sigmoid(-Z)[0]


@add.right("number by number, with prints")
def _(gradient, cache):
    result = np.zeros_like(gradient, dtype=float)
    for place, A in np.ndenumerate(sigmoid(cache[0])[0]):
        result[place] = gradient[place] * A * (1 - A)
        print(result[place])
    return result


@add.right("copy multiplied in place")
def _(dA, cache):
    A, Z = sigmoid(cache[0])
    dZ = dA.copy()
    dZ *= A
    dZ *= 1 - A
    return dZ


@add.right("hyperbolic cosine")
def _(dA, cache):
    with np.errstate(over="ignore"):
        return dA / (2 + 2 * np.cosh(cache[0]))


# Wrong solutions that are not among the known mistakes

add.wrong("the forward pass", "forward pass")(lambda dA, cache: vectorized.sigmoid(cache[0])[0])
add.wrong("divided by the slope")(
    lambda dA, cache: dA / (vectorized.sigmoid_backward(np.ones(dA.shape), cache) + 1e-9)
)
add.wrong("ReLU, backward")(lambda dA, cache: dA * (cache[0] > 0))
add.wrong("summed")(lambda dA, cache: vectorized.sigmoid_backward(dA, cache).sum())
add.wrong("Z from the gradient")(lambda dA, cache: vectorized.sigmoid_backward(cache[0], (dA,)))
add.wrong("mean over the first axis", "divided by the rows")(
    lambda dA, cache: vectorized.sigmoid_backward(dA, cache) / len(dA)
)
add.edited("whole cache", {"(Z,) = cache": "Z = cache", "A, _ =": "A, Z ="})
add.edited("A taken for a tuple", {"A, _ =": "A ="})
add.edited("A not unpacked", {"1 - A": "1 - A[0]"})
add.edited("square", {"A * (1 - A)": "(A * (1 - A)) ** 2"})
add.edited("sigmoid twice", {"(1 - A)": "(1 - sigmoid(A)[0])"})
add.edited("plus", {"(1 - A)": "(1 + A)"})


def _A(cache):
    return vectorized.sigmoid(cache[0])[0]


def _slope(cache):
    return _A(cache) * (1 - _A(cache))


add.wrong("0 beyond 5")(lambda dA, cache: dA * _slope(cache) * (np.abs(cache[0]) < 5))
add.wrong("0 beyond 12")(lambda dA, cache: dA * _slope(cache) * (np.abs(cache[0]) < 12))
add.wrong("A kept from the ends")(
    lambda dA, cache: dA * np.clip(_A(cache), 0.01, 0.99) * (1 - np.clip(_A(cache), 0.01, 0.99))
)
add.wrong("small number added")(lambda dA, cache: dA * (_slope(cache) + 1e-6))
add.wrong("gradient clipped at 5")(lambda dA, cache: np.clip(dA, -5, 5) * _slope(cache))
add.wrong("gradient squared")(lambda dA, cache: dA**2 * _slope(cache))
add.wrong("gradient by its sign")(lambda dA, cache: np.sign(dA) * _slope(cache))
add.wrong("matrix product")(lambda dA, cache: dA @ _slope(cache).T)


@add.wrong("array of the type of Z", "array of the type of Z")
def _(dA, cache):
    dZ = np.zeros_like(cache[0])
    dZ[...] = dA * _slope(cache)
    return dZ
