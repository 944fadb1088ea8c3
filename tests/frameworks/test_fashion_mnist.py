"""The benchmark of published models: the models themselves, and their stored runs."""

import json

import pytest

from benchmarks.lessons import fashion_mnist
from benchmarks.lessons.fashion_mnist import KEYS

pytest.importorskip(
    "tensorflow", reason="TensorFlow is not installed: `make test-packages` sets it up"
)

# Keras converts torch tensors to arrays with the protocol from before NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

KERAS = [name for name, model in fashion_mnist.MODELS.items() if model.framework == "Keras"]


@pytest.fixture
def small(small_fashion_mnist, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "EPOCHS", 2)
    return small_fashion_mnist


@pytest.mark.parametrize("name", KERAS)
def test_the_models_have_the_published_numbers_of_parameters(name):
    assert fashion_mnist.keras_model(name).count_params() == fashion_mnist.MODELS[name].parameters


@pytest.mark.parametrize("name", ["lenet", "lenet-numpy", "lenet-pytorch"])
def test_a_training_leaves_its_history_and_is_not_repeated(name, small):
    assert fashion_mnist.main([name, "--seeds", "7"]) == 0
    path = small / f"{name}-7.json"
    run = json.loads(path.read_text())
    assert [set(epoch) for epoch in run["epochs"]] == [{"seconds", *KEYS}] * 2
    assert run["parameters"] == fashion_mnist.MODELS[name].parameters
    before = path.stat().st_mtime_ns
    assert fashion_mnist.main([name, "--seeds", "7"]) == 0
    assert path.stat().st_mtime_ns == before
    assert list(small.iterdir()) == [path]
    accuracy = f"{run['epochs'][-1]['val_accuracy']:.4f}"
    (row,) = (line for line in fashion_mnist.table().splitlines() if f"`{name}`" in line)
    assert row.count(accuracy) == 2  # the mean, and the only seed


def test_an_unknown_model_is_refused(capsys):
    with pytest.raises(SystemExit):
        fashion_mnist.main(["vgg"])
    assert "unknown model 'vgg'; choose from conv7, " in capsys.readouterr().err
