"""Solutions of lenet_gradients: correct ones in common styles, and wrong ones."""

import collections
import logging
import math

import numpy as np

from exercises import lenet
from tests.exercises.solutions.dense_backward import dense_backward
from tests.exercises.solutions.dense_forward import dense_forward
from tests.exercises.solutions.lenet_forward import lenet_parts, relu_of
from tests.exercises.solutions.registry import Solutions

add = Solutions("lenet_gradients")

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


@add.right("a list of caches")
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


@add.right("the mean over single images")
def _(X, labels, parameters):
    found = [lenet_gradients(X[i : i + 1], labels[i : i + 1], parameters) for i in range(len(X))]
    loss = np.mean([one for one, _ in found])
    return loss, {n: np.mean([g[n] for _, g in found], axis=0) for n in parameters}


@add.right("softmax of its own, a float, prints")
def _(X, labels, parameters):
    scores, _ = _there(X, parameters)
    e = np.exp(scores - scores.max())
    p = e / e.sum(axis=1, keepdims=True)
    loss = -sum(math.log(p[i, label]) for i, label in enumerate(labels)) / len(labels)
    print("loss", loss)
    return loss, lenet_gradients(X, labels, parameters)[1]


@add.right("names in another order, and others besides, a list")
def _(X, labels, parameters):
    loss, gradients = lenet_gradients(X, labels, parameters)
    found = {name: gradients[name] for name in sorted(gradients, reverse=True)}
    return [np.array(loss), {**found, "X": X, "momentum": None}]


@add.right("an ordered dictionary, integers kept as they are, logging")
def _(images, y, weights):
    logging.getLogger().error("training")
    loss, gradients = lenet_gradients(images, y, weights)
    return loss, collections.OrderedDict(gradients.items())


@add.right("one-hot labels, np.where")
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


# Wrong solutions that are not among the known mistakes


def _gradients(label, *named):
    """Register a wrong solution that changes the dictionary of gradients."""

    def register(change):
        add.changed(label, *named)(
            lambda answer, *arguments: (answer[0], change(dict(answer[1]), *arguments))
        )

    return register


add.changed("gradients first")(lambda answer, *_: answer[::-1])
add.changed("the loss of the sum")(lambda answer, X, *_: (answer[0] * (1 + len(X)), answer[1]))
_gradients("empty")(lambda gradients, *_: {})
_gradients("one missing")(lambda gradients, *_: {k: v for k, v in gradients.items() if k != "b3"})
_gradients("a list of gradients")(lambda gradients, *_: list(gradients.values()))
_gradients("names of gradients")(lambda gradients, *_: {f"d{k}": v for k, v in gradients.items()})
_gradients("one is None")(lambda gradients, *_: {**gradients, "W2": None})
_gradients("one is nan")(lambda gradients, *_: {**gradients, "W4": gradients["W4"] * np.nan})
_gradients("first bias negated")(lambda gradients, *_: {**gradients, "b1": -gradients["b1"]})
_gradients("last weights doubled")(lambda gradients, *_: {**gradients, "W5": 2 * gradients["W5"]})
_gradients("transposed")(lambda gradients, *_: {**gradients, "W3": gradients["W3"].T})
_gradients("biases flat")(lambda gradients, *_: {k: v.squeeze() for k, v in gradients.items()})
_gradients("clipped")(
    lambda gradients, *_: {k: np.clip(v, -1e-3, 1e-3) for k, v in gradients.items()}
)
_gradients("signs alone")(lambda gradients, *_: {k: np.sign(v) for k, v in gradients.items()})
_gradients("the parameters")(lambda gradients, X, labels, parameters: dict(parameters))
_gradients("weight decay")(
    lambda gradients, X, labels, parameters: {
        k: v + 0.01 * parameters[k] for k, v in gradients.items()
    }
)
# Mix up the images of a batch.
for layer in "1234":
    for label, mask in (
        ("first image", f"(Z{layer}[:1] > 0)"),
        ("last image", f"(Z{layer}[-1:] > 0)"),
        ("any image", f"(Z{layer} > 0).any(axis=0)"),
        ("all images", f"(Z{layer} > 0).all(axis=0)"),
    ):
        add.edited(f"mask {layer} of {label}", {f"(Z{layer} > 0)": mask})
for label, labels in (
    ("one label for all", "labels[0]"),
    ("labels reversed", "labels[::-1]"),
    ("labels sorted", "np.sort(labels)"),
    ("labels counted from 1", "labels - 1"),
    ("ranks of the labels", "np.unique(labels, return_inverse=True)[1]"),
    ("each label once", "np.unique(labels)"),
    ("the predictions", "scores.argmax(axis=1)"),
):
    add.edited(label, {"(scores, labels)": f"(scores, {labels})"})
add.edited(
    "correct images left out",
    {"(dscores, dense5)": "(dscores * (scores.argmax(1) != labels)[:, None], dense5)"},
)
