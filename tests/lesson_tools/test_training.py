"""Statements of the lesson "Training" that no cell computes."""

import ast
import re

import numpy as np
import pytest

from benchmarks.lessons import training as study
from convnet.data import digits
from convnet.models import digits_network
from convnet.training import SGD, Adam, train
from lesson_tools.stored import stored_arrays
from lesson_tools.training import figures as draw
from tests.lesson_tools.cells import defined
from tools.course import ROOT

DATA = digits()
X, LABELS = DATA.train_images[:1200], DATA.train_labels[:1200]
LESSON = (ROOT / "course" / "14_training.py").read_text()
PAGE = (ROOT / "benchmarks" / "lessons" / "training.md").read_text()


@pytest.fixture(scope="module")
def taught():
    return defined("14_training", "train", "descend", "tune", "OurAdam")


def test_the_ten_lines_are_ten_and_train_as_the_library_does(taught):
    tree = ast.parse(LESSON)
    (function,) = (n for n in tree.body if getattr(n, "name", "") == "train")
    assert function.end_lineno - function.lineno == 10
    for seed in range(2):
        ours, theirs = digits_network(seed), digits_network(seed)
        taught["train"](ours, X, LABELS, 0.3, 2, seed=seed)
        settings = {"optimizer": SGD(0.3), "epochs": 2, "seed": seed, "progress": False}
        train(theirs, X, LABELS, **settings)
        np.testing.assert_array_equal(ours.parameters, theirs.parameters)


def test_the_optimizers_of_the_lesson_are_those_of_convnet(taught):
    rng = np.random.default_rng(0)
    ours, theirs, theta, other = taught["OurAdam"](0.01), Adam(0.01), np.ones(5), np.ones(5)
    for _ in range(20):
        gradient = rng.normal(size=5)
        ours.step(theta, gradient)
        theirs.step(other, gradient)
        np.testing.assert_allclose(theta, other, rtol=1e-12)
    point, momentum = np.array([-1.0, 1.0]), SGD(0.001, 0.9)
    for expected in taught["descend"](0.001, 0.9, 200, 10)[1:]:
        momentum.step(point, point * [1, 200])
        np.testing.assert_allclose(point, expected, rtol=1e-12)


def test_sgd_overshoots_in_every_step_at_its_best_rate(taught):
    steps, rate = taught["tune"](0, 200)
    assert 0.95 * 2 / 200 < rate < 2 / 200, "just below the limit"
    sides = np.sign(taught["descend"](rate, 0, 200, steps)[:, 1])
    assert np.all(sides[1:] == -sides[:-1])


def test_a_tuned_coefficient_never_loses_and_09_does_in_round_valleys(taught):
    for ratio in (2, 5, 20, 50, 200):
        best = {m: taught["tune"](m, ratio)[0] for m in (0, 0.1, 0.2, 0.5, 0.6, 0.8, 0.9)}
        assert min(best.values()) < best[0]
        assert (best[0.9] > best[0]) == (ratio <= 20)


def test_the_stored_rates_show_what_the_lesson_says():
    stored = stored_arrays("training/rates.npz")
    assert [name.removesuffix(" 0.9") for name in study.DRAWN] == list(draw.OPTIMIZERS)
    np.testing.assert_array_equal(stored["rates"], study.RATES)
    medians = np.median(stored["loss"], axis=2)
    sgd, _, adam = (stored["rates"][best] for best in medians.argmin(axis=1))
    assert (sgd, adam) == (0.56, 0.018)
    assert medians.min(axis=1).min() > 0.0175 and medians.min(axis=1).max() < 0.0345
    chosen = [runs[median.argmin()] for runs, median in zip(stored["loss"], medians, strict=True)]
    assert max(runs.min() for runs in chosen) < min(runs.max() for runs in chosen), "they overlap"
    rates = list(stored["rates"])
    assert medians[0, rates.index(0.018)] > 1 and medians[2, rates.index(0.56)] > 1


def test_the_page_holds_the_numbers_of_the_lesson():
    for method in ("SVM", "nearest neighbors", "network"):
        (mean,) = re.findall(rf"^\| {method} \| ([\d.]+%)", PAGE, re.M)
        assert mean in LESSON
    rows = [row.strip("| ").split(" | ") for row in PAGE.splitlines() if row.startswith("| ")]
    spread = {}
    for name in ("SGD", "Adam"):
        rates = [float(row[2]) for row in rows if row[1] == name]
        assert len(rates) == len(study.TASKS)
        spread[name] = max(rates) / min(rates)
    assert spread == pytest.approx({"SGD": 3200, "Adam": 31.25})
    assert "factor of 3,200" in LESSON and "factor of 31," in LESSON
    accuracies = {row[1]: row[4] for row in rows if row[0] == "mini-batches of 256"}
    assert float(accuracies["Adam"][:-1]) == pytest.approx(96, abs=0.5)
    assert float(accuracies["SGD"][:-1]) == pytest.approx(69, abs=0.5)
