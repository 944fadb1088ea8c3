"""The discussion of an exercise in the lesson "Fashion-MNIST": networks are trained."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.layers import Conv2D, Dense, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import SGD, Adam, train


@pytest.fixture(scope="module")
def exercise_3():
    """Return a function that trains three seeds: their training and validation accuracies."""
    small = digits()
    images = np.concatenate([small.train_images, small.test_images])
    labels = np.concatenate([small.train_labels, small.test_labels])
    order = np.random.default_rng(0).permutation(len(images))
    fit, validation, _ = np.split(order, [1000, 1400])

    def three_runs(filters=8, pooling=True, optimizer=Adam, rate=0.01, epochs=10, **options):
        results = []
        for seed in range(3):
            parts = []
            for n in (filters, 2 * filters):
                parts += [Conv2D(n, 3, padding=1), ReLU()] + [MaxPooling2D(2)] * pooling
            network = Network([*parts, Flatten(), Dense(10)], (8, 8, 1), seed)
            settings = {"epochs": epochs, "seed": seed, "progress": False}
            settings["optimizer"] = optimizer(rate, **options)
            settings["validation"] = images[validation], labels[validation]
            results.append(train(network, images[fit], labels[fit], **settings)[-1])
        return np.array([(epoch.accuracy, epoch.validation_accuracy) for epoch in results]).T

    return three_runs


def test_the_discussion_of_exercise_3(exercise_3):
    as_set, halved, no_pooling = (
        exercise_3(**change)[1] for change in ({}, {"filters": 4}, {"pooling": False})
    )
    plain_sgd = exercise_3(optimizer=SGD)[1]
    momentum = exercise_3(optimizer=SGD, rate=0.1, momentum=0.9)[1]
    longer = exercise_3(epochs=40)
    # Means, and wide limits: another machine's rounding changes single runs.
    assert as_set.min() > 0.93
    assert plain_sgd.max() < 0.7
    assert longer[0].min() > 0.98
    assert max(halved.mean(), momentum.mean()) < as_set.mean()
    assert as_set.mean() < min(no_pooling.mean(), longer[1].mean())
