"""Statements of the lesson "Training" that training a network confirms."""

import numpy as np
import pytest

from benchmarks.lessons import training as study
from convnet.data import digits
from convnet.models import digits_network
from lesson_tools.stored import stored_arrays
from tests.lesson_tools.cells import defined

DATA = digits()

X, LABELS = DATA.train_images[:1200], DATA.train_labels[:1200]


@pytest.fixture(scope="module")
def taught():
    return defined("14_training", "train")


def test_a_rate_of_2_kills_the_network_and_001_is_slow(taught):
    for seed in range(3):
        network = digits_network(seed)
        losses = taught["train"](network, X, LABELS, 2.0, 6, seed=seed)
        assert min(losses[-38:]) > 2
        assert np.ptp(network.scores(X), axis=0).max() < 1e-4, "the scores depend on the image"
    slow = taught["train"](digits_network(0), X, LABELS, 0.01, 6)
    assert 1 < np.mean(slow[-38:]) < 2.3


def test_the_stored_rates_are_reproduced_by_their_script():
    stored = stored_arrays("training/rates.npz")
    for row, name in enumerate(study.DRAWN):
        # A rate below the best one: close to the largest rate that works, rounding errors decide.
        lower = np.median(stored["loss"][row], axis=1).argmin() - 1
        optimizer = study.OPTIMIZERS[name](study.RATES[lower])
        loss, accuracy = study.run(study.TASKS["digits"], optimizer, seed=1)
        assert loss == pytest.approx(stored["loss"][row, lower, 1], abs=0.02)
        assert accuracy == pytest.approx(stored["accuracy"][row, lower, 1], abs=0.02)


def test_the_baselines_are_reproduced_by_their_script():
    right, _ = study.classify(study.PARTS - 1)
    assert f"{right['SVM'].mean():.1%}" == "95.3%"
    assert right["SVM"].mean() > right["network"].mean()
