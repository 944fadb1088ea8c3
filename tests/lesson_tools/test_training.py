"""Statements of the lesson "Training" that no cell computes."""

import ast
import json

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmarks.lessons import training as study
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.models import digits_network
from convnet.training import SGD, train
from lesson_tools.stored import stored_arrays
from lesson_tools.training import figures as draw
from tests.lesson_tools.cells import defined
from tools.course import ROOT

DATA = digits()
X, LABELS = DATA.train_images[:1200], DATA.train_labels[:1200]


@pytest.fixture(scope="module")
def taught():
    used = {f.__name__: f for f in (SGD, cross_entropy, cross_entropy_backward)}
    return defined("14_training", "train", "tune", "path", **used)


def test_the_ten_lines_are_ten_and_train_as_the_library_does(taught):
    tree = ast.parse((ROOT / "course" / "14_training.py").read_text())
    (function,) = (n for n in tree.body if getattr(n, "name", "") == "train")
    assert function.end_lineno - function.lineno == 10
    for seed in range(2):
        ours, theirs = digits_network(seed), digits_network(seed)
        taught["train"](ours, X, LABELS, 0.3, 2, seed=seed)
        settings = {"optimizer": SGD(0.3), "epochs": 2, "seed": seed, "progress": False}
        train(theirs, X, LABELS, **settings)
        np.testing.assert_array_equal(ours.parameters, theirs.parameters)


def test_the_wider_valley_of_the_earlier_version(taught):
    """SGD was not tuned there: see "When plain SGD wins"."""

    def path(optimizer):
        theta, points = np.array([-9.0, 2.0]), []
        for _ in range(41):
            points.append(theta.copy())
            optimizer.step(theta, theta * [1, 20])
        return np.array(points)

    def crossings(points):
        return np.sum(np.diff(np.sign(points[:-1, 1])) != 0)

    slow, momentum, tuned = path(SGD(0.03)), path(SGD(0.03, 0.9)), path(SGD(0.09))
    assert crossings(slow) == 0 and crossings(momentum) == 10
    distances = [np.linalg.norm(points[-1]) for points in (slow, momentum, tuned)]
    np.testing.assert_allclose(distances, [2.66, 1.07, 0.21], atol=0.01)


def test_the_stored_rates_show_what_the_lesson_says():
    names, (digits_task, *others) = list(study.OPTIMIZERS), list(study.TASKS)
    assert list(draw.TASKS) == list(study.TASKS)
    for what in ("loss", "accuracy"):
        ranges = [draw.tuned(digits_task, name, what) for name in names]
        assert max(r.min() for r in ranges) < min(r.max() for r in ranges), "they overlap"
    assert max(np.median(draw.tuned(digits_task, name)) for name in names) < 0.04
    spread, cost = {}, {}
    for name in names:
        rates = [draw.tuned(task, name, "rates") for task in study.TASKS]
        spread[name] = max(rates) / min(rates)
        cost[name] = [
            np.median(draw.borrowed(t, name)) / np.median(draw.tuned(t, name)) for t in others
        ]
    assert 9_000 < spread["SGD"] < 18_000 and 9_000 < spread["momentum"] < 18_000
    assert 18 < spread["Adam"] < 19
    assert all(2 < cost[name][k] < 4 for name in names for k in range(2))
    assert 2 < max(cost["Adam"][:2]) < 3 and 17 < cost["Adam"][2] < 18.5
    for task in others[1:]:
        for name in names[:2]:
            assert np.median(draw.borrowed(task, "Adam")) < np.median(draw.tuned(task, name))
    for name in names[:2]:
        assert np.median(draw.borrowed(others[2], name)) == pytest.approx(np.log(10), abs=0.01)


def test_the_svm_wins_on_all_digits():
    svm, neighbors, networks = (draw.errors(name) for name in ("svm", "neighbors", "network"))
    assert svm.sum() < networks.sum(axis=1).min()

    def p_values(other):
        only = np.sum(networks & ~other, axis=1), np.sum(other & ~networks, axis=1)
        pairs = list(zip(*only, strict=True))
        return pairs, [binomtest(int(a), int(a + b)).pvalue for a, b in pairs]

    pairs, values = p_values(svm)
    assert max(values) < 0.03
    assert min(map(sum, pairs)) == 36 and max(map(sum, pairs)) == 56
    assert sum(value > 0.05 for value in p_values(neighbors)[1]) == 8
    for wrong in (svm, neighbors, networks.mean(axis=0), draw.errors("regression")):
        last = np.array_split(wrong, 6)[-1].mean()
        assert 0.01 < last - wrong.mean() < 0.03


def test_cross_validation_chose_the_settings_of_the_networks():
    settings = json.loads(stored_arrays("training/classifiers.npz")["settings"].item())
    chosen = [part["network"] for part in settings]
    assert sorted(setting["rate"] for setting in chosen) == [0.01] * 5 + [0.03]
    assert {setting["epochs"] for setting in chosen} == {12, 24}
