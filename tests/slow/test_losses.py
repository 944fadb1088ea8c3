"""Statements of the lesson "Losses" about networks that train for longer."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.functional import softmax

DATA = digits()
IMAGES = np.concatenate([DATA.train_images, DATA.test_images]).reshape(1797, 64).astype(float)
LABELS = np.concatenate([DATA.train_labels, DATA.test_labels])
BLOCKS = [np.roll(np.arange(1797), 297 * block) for block in range(6)]  # other writers are tested
SHUFFLED = [np.random.default_rng(seed).permutation(1797) for seed in range(6)]


@pytest.mark.parametrize("order", [*BLOCKS, *SHUFFLED])
def test_with_150_images_a_linear_classifier_becomes_overconfident(order):
    train, test = order[:150], order[1500:]
    X, Y = IMAGES[train], np.eye(10)[LABELS[train]]
    W, b = np.zeros((64, 10)), np.zeros(10)
    gaps, mistakes = [], []
    for step in range(1, 10_001):
        dZ = (softmax(X @ W + b) - Y) / len(X)
        W, b = W - X.T @ dZ, b - dZ.sum(axis=0)
        if step in (300, 10_000):
            Y_hat = softmax(IMAGES[test] @ W + b)
            sure, right = Y_hat.max(axis=1), Y_hat.argmax(axis=1) == LABELS[test]
            gaps.append(sure.mean() - right.mean())
            mistakes.append(np.sum((sure >= 0.95) & ~right))
    assert gaps[0] < 0 < 0.01 < gaps[1]
    assert mistakes[0] < mistakes[1]
