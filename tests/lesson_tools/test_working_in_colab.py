"""The lesson "Saving and resuming training": its controls differ, and its exercises judge right."""

import os
import random

import numpy as np
import pytest

from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.models import digits_network
from convnet.training import Adam, train
from lesson_tools.working_in_colab import figures as draw
from lesson_tools.working_in_colab.questions import order_verdict, verdict


def test_only_a_resumed_run_ends_like_an_uninterrupted_one(tmp_path):
    X, labels = digits().train_images[:300], digits().train_labels[:300]
    settings = {"seed": 1, "progress": False}
    whole = digits_network(1)
    train(whole, X, labels, epochs=4, **settings)
    saved = digits_network(1)
    train(saved, X, labels, epochs=2, checkpoint=tmp_path / "digits.h5", **settings)
    resumed = digits_network(1)
    resumed.parameters[:] = np.nan
    train(resumed, X, labels, epochs=4, checkpoint=tmp_path / "digits.h5", **settings)
    weights_only = digits_network(1)
    weights_only.parameters[:] = saved.parameters
    optimizer = Adam()
    for epoch in (3, 4):  # in the same order
        order = np.random.default_rng((1, epoch)).permutation(len(X))
        for start in range(0, len(X), 32):
            picked = order[start : start + 32]
            scores = weights_only.forward(X[picked], training=True)
            weights_only.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(weights_only.parameters, weights_only.gradients)
    assert np.array_equal(resumed.parameters, whole.parameters)
    assert not np.array_equal(saved.parameters, whole.parameters)
    assert not np.array_equal(weights_only.parameters, whole.parameters)


def save(path, pieces):
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        size = sum(file.write(piece) for piece in pieces)
    os.replace(new, path)
    return size


def save_in_place(path, pieces):
    with path.open("wb") as file:
        return sum(file.write(piece) for piece in pieces)


def save_at_the_end(path, pieces):
    return path.write_bytes(b"".join(pieces))


def save_elsewhere(path, pieces):
    return path.with_suffix(".new").write_bytes(b"".join(pieces))


def save_twice(path, pieces):
    save(path.with_suffix(".copy"), pieces)
    return save(path, [path.with_suffix(".copy").read_bytes()])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (save, "right"),
        (save_in_place, "the old checkpoint is lost"),
        (save_at_the_end, "the old file is overwritten"),
        (save_elsewhere, "the new checkpoint does not arrive"),
        (save_twice, "a second file is left"),
        (lambda path, pieces: save(path, pieces) + 1, "the size is wrong"),
        (lambda path, pieces: None, None),
    ],
)
def test_each_way_of_saving_gets_its_verdict(function, expected):
    assert verdict(function) == expected


def of(seed):
    return lambda s, epoch, m: np.random.default_rng(seed(s, epoch)).permutation(m)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (of(lambda seed, epoch: (seed, epoch)), "right"),
        (of(lambda seed, epoch: [epoch, seed]), "right"),
        (of(lambda seed, epoch: 1000 * seed + epoch), "right"),
        (lambda seed, epoch, m: random.Random(f"{seed} {epoch}").sample(range(m), m), "right"),
        (of(lambda seed, epoch: seed + epoch), "pairs share an order"),
        (of(lambda seed, epoch: seed), "the same order in each epoch"),
        (of(lambda seed, epoch: epoch), "the same order for each seed"),
        (of(lambda seed, epoch: None), "another order in each call"),
        (
            lambda seed, epoch, m: np.random.default_rng((seed, epoch)).integers(m, size=m),
            "no order",
        ),
        (lambda seed, epoch, m: None, None),
    ],
)
def test_each_way_of_shuffling_gets_its_verdict(function, expected):
    assert order_verdict(function) == expected


def test_a_drawing_of_attempts_counts_the_work():
    figure = draw.attempts([(0, 5), (0, 12), (1, 10)], last=2, batches=10)
    assert "After 27 mini-batches, 7 of them lost" in figure.text
