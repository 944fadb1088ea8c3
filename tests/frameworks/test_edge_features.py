"""The benchmark of edge features: its models and its stored histories."""

import json

import numpy as np
import pytest

from benchmarks.lessons import edge_features
from benchmarks.lessons.histories import KEYS
from convnet import data
from lesson_tools.histories import histories

pytest.importorskip(
    "tensorflow", reason="TensorFlow is not installed: `make test-packages` sets it up"
)

# Keras converts torch tensors to arrays with the protocol from before NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture
def small(small_fashion_mnist, monkeypatch):
    monkeypatch.setattr(edge_features, "EPOCHS", 2)
    return small_fashion_mnist


@pytest.mark.parametrize(
    "name, on_cifar10, on_fashion_mnist",
    [
        ("edges", 394_634, 101_770),  # the published numbers are in the first column
        ("learned", 116_730, 87_986),
        ("frozen", 116_730, 87_986),
        ("pixels", 99_722, 26_506),
    ],
)
def test_the_models_have_the_published_numbers_of_parameters(name, on_cifar10, on_fashion_mnist):
    assert edge_features.keras_model(name, (32, 32, 3)).count_params() == on_cifar10
    assert edge_features.keras_model(name).count_params() == on_fashion_mnist


def test_edge_features_are_differences_and_sobel_along_x_and_then_y():
    ramp = np.tile(np.arange(6, dtype=np.float32), (5, 1)).reshape(1, 5, 6, 1)  # increases along x
    dx, dy, sobel_x, sobel_y = np.moveaxis(np.asarray(edge_features.edge_features()(ramp))[0], 2, 0)
    assert (dx[:, :-1] == 1).all() and (dx[:, -1] == 0).all()
    assert not dy.any() and not sobel_y.any()
    assert (sobel_x[:, 1:-1] == 8).all() and not sobel_x[:, [0, -1]].any()  # mirrored at the border


def test_frozen_filters_are_those_that_learned_begins_with_and_stay(small):
    import keras

    weights = {}
    for name in ("learned", "frozen"):
        keras.utils.set_random_seed(3)
        model = edge_features.keras_model(name)
        before = model.layers[0].get_weights()[0]
        sets = data.fashion_mnist()
        model.fit(sets.train_images, sets.train_labels, 32, verbose=0)
        weights[name] = before, model.layers[0].get_weights()[0]
    np.testing.assert_array_equal(weights["learned"][0], weights["frozen"][0])
    np.testing.assert_array_equal(*weights["frozen"])
    assert np.abs(weights["learned"][1] - weights["learned"][0]).max() > 0


def test_a_training_leaves_its_history_and_is_not_repeated(small):
    assert edge_features.main(["learned", "--seeds", "7"]) == 0
    path = small / "features-learned-7.json"
    run = json.loads(path.read_text())
    assert [set(epoch) for epoch in run["epochs"]] == [set(KEYS)] * 2
    assert run["parameters"] == 87_986
    before = path.stat().st_mtime_ns
    assert edge_features.main(["learned", "--seeds", "7"]) == 0
    assert path.stat().st_mtime_ns == before
    assert list(small.iterdir()) == [path]
    (row,) = (line for line in edge_features.table().splitlines() if "`learned`" in line)
    assert row.count(f"{run['epochs'][-1]['val_accuracy']:.4f}") >= 2  # the mean, and the only seed
    assert edge_features.table().count("| not trained |") == len(edge_features.MODELS) - 1


def test_the_stored_histories_are_those_of_the_models():
    for name in edge_features.MODELS:
        runs = histories(f"features-{name}")
        assert sorted(runs) == [1, 2, 3]
        assert all(len(run) == edge_features.EPOCHS for run in runs.values())


def test_an_unknown_model_is_refused(capsys):
    with pytest.raises(SystemExit):
        edge_features.main(["vgg"])
    assert "unknown model 'vgg'; choose from edges, " in capsys.readouterr().err
