"""Correct solutions of lenet_gradients in common styles."""

import collections
import logging
import math

import numpy as np

from exercises import lenet
from tests.exercises.solutions.registry import right
from tests.exercises.solutions.right.dense_backward import dense_backward
from tests.exercises.solutions.right.dense_forward import dense_forward
from tests.exercises.solutions.right.lenet_forward import lenet_parts, relu_of

softmax_cross_entropy = lenet.softmax_cross_entropy


def _there(X, parameters):
    """Return everything that the backward pass needs: caches, Z, and the pooling's shape."""
    parts, pool, kept, A = lenet_parts(parameters), {"f": 2, "stride": 2}, [], X
    for (W, b), pad in zip(parts[:2], (2, 0), strict=True):
        Z, cache = lenet.conv_forward(A, W, b, {"stride": 1, "pad": pad})
        A, pooling = lenet.pool_forward(relu_of(Z), pool)
        kept.append((cache, Z, pooling, A.shape))
    A = A.reshape(len(X), -1)
    for W, b in parts[2:]:
        Z, cache = dense_forward(A, W, b)
        kept.append((cache, Z))
        A = relu_of(Z)
    return Z, kept


@right("lenet_gradients", "a list of caches")
def lenet_gradients(X, labels, parameters):
    scores, kept = _there(X, parameters)
    loss, dZ = softmax_cross_entropy(scores, labels)
    gradients = {}
    for layer in (5, 4, 3):
        dA, gradients[f"W{layer}"], gradients[f"b{layer}"] = dense_backward(dZ, kept[layer - 1][0])
        if layer > 3:
            dZ = dA * (kept[layer - 2][1] > 0)
    for layer in (2, 1):
        cache, Z, pooling, shape = kept[layer - 1]
        dZ = lenet.pool_backward(dA.reshape(shape), pooling)
        dZ[Z <= 0] = 0
        dA, gradients[f"W{layer}"], gradients[f"b{layer}"] = lenet.conv_backward(dZ, cache)
    return loss, gradients


@right("lenet_gradients", "the mean over single images")
def _(X, labels, parameters):
    found = [lenet_gradients(X[i : i + 1], labels[i : i + 1], parameters) for i in range(len(X))]
    loss = np.mean([one for one, _ in found])
    return loss, {n: np.mean([g[n] for _, g in found], axis=0) for n in parameters}


@right("lenet_gradients", "softmax of its own, a float, prints")
def _(X, labels, parameters):
    scores, _ = _there(X, parameters)
    e = np.exp(scores - scores.max())
    p = e / e.sum(axis=1, keepdims=True)
    loss = -sum(math.log(p[i, label]) for i, label in enumerate(labels)) / len(labels)
    print("loss", loss)
    return loss, lenet_gradients(X, labels, parameters)[1]


@right("lenet_gradients", "names in another order, and others besides, a list")
def _(X, labels, parameters):
    loss, gradients = lenet_gradients(X, labels, parameters)
    found = {name: gradients[name] for name in sorted(gradients, reverse=True)}
    return [np.array(loss), {**found, "X": X, "momentum": None}]


@right("lenet_gradients", "an ordered dictionary, integers kept as they are, logging")
def _(images, y, weights):
    logging.getLogger().error("training")
    loss, gradients = lenet_gradients(images, y, weights)
    return loss, collections.OrderedDict(gradients.items())


@right("lenet_gradients", "one-hot labels, np.where")
def _(X, labels, parameters):
    scores, kept = _there(X, parameters)
    one_hot = np.eye(scores.shape[1])[labels]
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(one_hot * logs).sum() / len(X)
    dZ, gradients = (np.exp(logs) - one_hot) / len(X), {}
    for layer in (5, 4, 3):
        A, W, _ = kept[layer - 1][0]
        gradients[f"W{layer}"], gradients[f"b{layer}"] = A.T @ dZ, dZ.sum(0, keepdims=True)
        dA = dZ @ W.T
        if layer > 3:
            dZ = np.where(kept[layer - 2][1] > 0, dA, 0)
    for layer in (2, 1):
        cache, Z, pooling, shape = kept[layer - 1]
        dZ = np.where(Z > 0, lenet.pool_backward(dA.reshape(shape), pooling), 0)
        dA, gradients[f"W{layer}"], gradients[f"b{layer}"] = lenet.conv_backward(dZ, cache)
    return loss, gradients
