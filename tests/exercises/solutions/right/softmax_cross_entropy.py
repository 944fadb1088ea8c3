"""Correct solutions of softmax_cross_entropy in common styles."""

import numpy as np

from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.softmax import softmax


@right("softmax_cross_entropy", "example by example, with prints")
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


@right("softmax_cross_entropy", "one-hot labels")
def _(Z, labels):
    Y = np.eye(Z.shape[1])[labels]
    logs = np.logaddexp.reduce(Z, axis=1)
    loss = np.mean(logs - np.sum(Y * Z, axis=1))
    return loss, (softmax(Z) - Y) / len(Z)


@right("softmax_cross_entropy", "take_along_axis")
def _(Z, labels):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    dZ = np.exp(log_A)
    dZ[range(len(Z)), labels] -= 1
    return -np.take_along_axis(log_A, labels[:, None], 1).mean(), dZ / len(Z)


@right("softmax_cross_entropy", "a Python float and a list")
def _(Z, labels):
    shifted = Z - Z.max(axis=1, keepdims=True)
    logs = np.log(np.sum(np.exp(shifted), axis=1))
    losses = [float(logs[i] - shifted[i, label]) for i, label in enumerate(labels)]
    dZ = softmax(Z)
    dZ[np.arange(len(labels)), labels] -= 1
    return [sum(losses) / len(losses), dZ / len(losses)]


@right("softmax_cross_entropy", "0-d array")
def _(Z, labels):
    difference = Z - Z[np.arange(len(Z)), labels][:, None]
    losses = np.logaddexp.reduce(difference, axis=1)
    right_class = np.equal.outer(labels, np.arange(Z.shape[1]))
    return np.array(losses.mean()), np.divide(softmax(Z) - right_class, len(Z))


@right("softmax_cross_entropy", "float32 result")
def _(Z, labels):
    log_A = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
    dZ = np.exp(log_A)
    np.subtract.at(dZ, (np.arange(len(Z)), labels), 1)
    loss = np.float32(-np.mean(log_A[np.arange(len(Z)), labels]))
    return loss, (dZ / len(Z)).astype("float32")
