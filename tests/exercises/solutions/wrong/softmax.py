"""Wrong solutions of softmax that its known mistakes do not hold."""

import numpy as np

from exercises import vectorised
from tests.exercises.solutions.registry import edited, wrong

wrong("softmax", "uniform")(lambda Z: np.full(Z.shape, 1 / Z.shape[1]))
wrong("softmax", "absolute values")(lambda Z: np.abs(Z) / np.abs(Z).sum(axis=1, keepdims=True))
wrong("softmax", "argmax")(lambda Z: Z.argmax(axis=1))
wrong("softmax", "transposed")(lambda Z: vectorised.softmax(Z).T)
wrong("softmax", "negative scores")(lambda Z: vectorised.softmax(-Z))
wrong("softmax", "exp twice")(lambda Z: vectorised.softmax(np.exp(np.clip(Z, -9, 9))))
wrong("softmax", "clipped", "nothing subtracted")(
    lambda Z: vectorised.softmax(np.clip(Z, -700, 700))
)
wrong("softmax", "first row for all")(lambda Z: vectorised.softmax(Z[:1]) + 0 * Z)
wrong("softmax", "first score subtracted")(
    lambda Z: np.exp(Z - Z[:, :1]) / np.exp(Z - Z[:, :1]).sum(axis=1, keepdims=True)
)
wrong("softmax", "small number in the sum")(
    lambda Z: (
        np.exp(Z - Z.max(axis=1, keepdims=True))
        / (np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True) + 1e-6)
    )
)
wrong("softmax", "sorted")(lambda Z: np.sort(vectorised.softmax(Z), axis=1))
edited("softmax", "squares", {"A = E": "A = E**2"})
edited("softmax", "divided by the largest", {"np.sum": "np.max"}, "not divided")
edited("softmax", "divided by the mean", {"np.sum": "np.mean"})
edited("softmax", "sum along columns", {"np.sum(E, axis=1": "np.sum(E, axis=0"})
edited("softmax", "maximum added", {"Z - np.max": "Z + np.max"})
