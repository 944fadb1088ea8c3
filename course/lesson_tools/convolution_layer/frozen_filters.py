"""Networks with learned and with frozen filters, for the lesson "The convolution layer"."""

import numpy as np

from convnet.data import Dataset
from convnet.functional import conv2d, relu
from convnet.layers import Conv2D, Dense, Flatten, ReLU
from convnet.network import Network
from convnet.training import Adam, evaluate, train
from convnet.types import Array

__all__ = ["learned_and_frozen"]


def learned_and_frozen(data: Dataset, n_filters: int, split: str, seed: int) -> tuple[float, float]:
    """Train a network with all of its filters, and its dense layer alone on the random filters.

    Parameters
    ----------
    data : convnet.data.Dataset
        Images and labels.
    n_filters : int
        Number of 3 x 3 filters.
    split : str
        "official", or "random" for a training set of the same size from all images.
    seed : int
        Seed of the parameters, of the mini-batches and of the random split.

    Returns
    -------
    learned, frozen : float
        Fraction of right predictions for the test images. The frozen filters are scaled to the
        norm of the learned ones.
    """
    images = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    order = np.arange(len(images))
    if split == "random":
        order = np.random.default_rng(seed).permutation(order)
    n = len(data.train_images)

    def accuracy(network: Network, X: Array) -> float:
        """Train a network with the first n examples and test it with the others."""
        known, new = order[:n], order[n:]
        optimizer = Adam(0.01)
        train(
            network,
            X[known],
            labels[known],
            epochs=12,
            optimizer=optimizer,
            seed=seed,
            progress=False,
        )
        return evaluate(network, X[new], labels[new])[1]

    layers = [Conv2D(n_filters, 3, padding=1), ReLU(), Flatten(), Dense(10)]
    network = Network(layers, images.shape[1:], seed)
    W = network.layers[0].parameters["W"]
    W_random = W.copy()
    learned = accuracy(network, images)
    W_random *= np.linalg.norm(W) / np.linalg.norm(W_random)
    maps = relu(conv2d(images, W_random, padding=1))
    return learned, accuracy(Network([Flatten(), Dense(10)], maps.shape[1:], seed), maps)
