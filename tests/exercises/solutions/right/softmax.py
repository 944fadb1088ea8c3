"""Correct solutions of softmax in common styles."""

import math

import numpy as np

from tests.exercises.solutions.registry import right


@right("softmax", "row by row, with prints")
def softmax(Z):
    A = np.zeros(Z.shape)
    for i in range(len(Z)):
        powers = np.exp(Z[i] - max(Z[i]))
        A[i] = powers / np.sum(powers)
        print(A[i])
    return A


@right("softmax", "in logarithms")
def _(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1)[:, np.newaxis])


@right("softmax", "last axis")
def _(Z):
    E = np.exp(Z - Z.max(-1, keepdims=True))
    return E / E.sum(-1, keepdims=True)


@right("softmax", "reshaped")
def _(Z):
    m, n = Z.shape
    E = np.exp(Z - Z.max(axis=1).reshape(m, 1))
    return E / np.sum(E, axis=1).reshape((-1, 1))


@right("softmax", "lists and math")
def _(Z):
    rows = [[math.exp(z - max(row)) for z in row] for row in Z.tolist()]
    return np.array([[e / sum(row) for e in row] for row in rows])


@right("softmax", "apply_along_axis, float32 result")
def _(Z):
    def one(z):
        return np.exp(z - z.max()) / np.exp(z - z.max()).sum()

    return np.apply_along_axis(one, 1, Z).astype(np.float32)


@right("softmax", "shifted further")
def _(Z):
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True) - 3)
    return E / np.sum(E, axis=1, keepdims=True)
