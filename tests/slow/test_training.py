"""Statements of the lesson "Training" that training a network confirms."""

import json

import numpy as np
import pytest
from sklearn.model_selection import KFold
from sklearn.svm import SVC

from benchmarks.lessons import training as study
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import SGD, Adam, evaluate, train
from lesson_tools.stored import stored_arrays
from lesson_tools.training import figures as draw
from tests.lesson_tools.cells import defined

DATA = digits()

X, LABELS = DATA.train_images[:1200], DATA.train_labels[:1200]


@pytest.fixture(scope="module")
def taught():
    used = {f.__name__: f for f in (SGD, cross_entropy, cross_entropy_backward)}
    return defined("14_training", "train", "tune", "path", **used)


def last_loss(optimizer, scale=1, batch=32, epochs=1):
    network = digits_network(seed=0)
    settings = {"optimizer": optimizer, "batch": batch, "epochs": epochs, "progress": False}
    return train(network, scale * X, LABELS, **settings)[-1].loss


def test_a_rate_of_2_kills_the_network_and_001_is_slow(taught):
    for seed in range(3):
        network = digits_network(seed)
        losses = taught["train"](network, X, LABELS, 2.0, 6, seed=seed)
        assert min(losses[-38:]) > 2
        assert np.ptp(network.scores(X), axis=0).max() < 1e-4, "the scores depend on the image"
    slow = taught["train"](digits_network(0), X, LABELS, 0.01, 6)
    assert 1 < np.mean(slow[-38:]) < 2.3


def test_momentum_pays_from_a_ratio_between_30_and_40_on(taught):
    for ratio in (2, 5, 10, 20, 30):
        assert taught["tune"](0, ratio)[1] < taught["tune"](0.9, ratio)[1]
    for ratio in (40, 50, 100, 200, 500):
        assert taught["tune"](0, ratio)[1] > taught["tune"](0.9, ratio)[1]
        assert 1.9 < taught["tune"](0, ratio)[1] / ratio < 2.3
        assert 75 <= taught["tune"](0.9, ratio)[1] <= 85
    narrow = taught["tune"](0.9, 5000)[1]
    assert narrow > 500, "momentum 0.9 is too little"
    assert 19 < taught["tune"](0, 5000)[1] / narrow < 21
    rate, _ = taught["tune"](0, 200)
    assert 0.95 * 2 / 200 < rate < 2 / 200, "just below the limit"
    sides = np.sign(taught["path"](SGD(rate), 200, 80)[:, 1])
    assert np.all(sides[1:] == -sides[:-1]), "it overshoots in every step"


def test_the_discussion_of_the_last_exercise():
    assert last_loss(SGD(0.3), batch=1200, epochs=2) > 2.2
    assert last_loss(SGD(0.01), batch=1, epochs=2) < 0.5
    assert last_loss(SGD(0.3), batch=1) > 2.2
    assert last_loss(SGD(0.3), 255) > 1e3
    assert 2.2 < last_loss(SGD(0.3), 255, epochs=2) < 2.4
    assert last_loss(Adam(0.01), 255, epochs=2) < 1.8
    high, low = (last_loss(SGD(rate, momentum=0.9), epochs=2) for rate in (0.3, 0.03))
    assert high > 1 and high > 3 * low  # 1.6 or 2.3, depending on the processor
    assert last_loss(SGD(0.03), epochs=2) > last_loss(SGD(0.03, momentum=0.9), epochs=2)


def test_adam_with_0001_loses_to_logistic_regression_in_four_runs_of_five():
    from sklearn.linear_model import LogisticRegression

    images, labels = DATA.train_images, DATA.train_labels
    flat, flat_test = images.reshape(-1, 64), DATA.test_images.reshape(-1, 64)
    baseline = (
        LogisticRegression(C=10, max_iter=1000).fit(flat, labels).score(flat_test, DATA.test_labels)
    )
    worse = 0
    for seed in range(5):
        network = digits_network(seed, "float64")
        settings = {"epochs": 12, "optimizer": Adam(0.001), "seed": seed, "progress": False}
        train(network, images, labels, **settings)
        worse += evaluate(network, DATA.test_images, DATA.test_labels)[1] < baseline
    assert worse == 4


def test_the_stored_rates_are_reproduced_by_their_script():
    for name, make in study.OPTIMIZERS.items():
        tried, losses, accuracies = draw.rates("digits", name)
        # A rate below the best one: close to the largest rate that works, rounding errors decide.
        lower = np.median(losses, axis=1).argmin() - 1
        loss, accuracy = study.run(study.TASKS["digits"], make(float(tried[lower])), seed=1)
        assert loss == pytest.approx(losses[lower, 1], abs=0.02)
        assert accuracy == pytest.approx(accuracies[lower, 1], abs=0.02)


def test_the_digits_were_classified_as_the_lesson_does_it():
    everything = np.concatenate([DATA.train_images, DATA.test_images]).reshape(1797, 64)
    labels = np.concatenate([DATA.train_labels, DATA.test_labels])
    stored = stored_arrays("training/classifiers.npz")
    np.testing.assert_array_equal(stored["labels"], labels)
    first, part = list(KFold(study.PARTS).split(everything))[-1]
    (*_, settings) = json.loads(stored["settings"].item())
    svm = SVC(**settings["svm"]).fit(everything[first], labels[first])
    np.testing.assert_array_equal(svm.predict(everything[part]), stored["svm"][part])
    images = np.concatenate([DATA.train_images, DATA.test_images])
    training_set = images[first], labels[first], images[part]
    predicted = study.network_predictions(*training_set, **settings["network"], seed=0)
    assert np.mean(predicted == stored["network"][0, part]) > 0.97
