"""Statements of the lesson "Overfitting" that no cell computes."""

import numpy as np
import pytest

from benchmarks.lessons import overfitting as study
from convnet.functional import cross_entropy_backward
from convnet.layers import Layer
from convnet.training import Adam, evaluate
from lesson_tools.overfitting import experiments as overfitting
from lesson_tools.overfitting import figures as draw
from lesson_tools.stored import stored_arrays
from tests.lesson_tools.cells import defined


@pytest.fixture(scope="module")
def taught():
    used = {f.__name__: f for f in (Layer, cross_entropy_backward, evaluate)}
    return defined("15_overfitting", "fit", "random_shifts", "Dropout", **used)


@pytest.fixture(scope="module")
def sets():
    return overfitting.draw_sets(0)


def test_the_study_trains_and_shifts_as_the_lesson_does(taught, sets):
    training, validation, _ = sets
    taught["validation"] = validation
    results = []
    for fit, shift, data in (
        (taught["fit"], taught["random_shifts"], training),
        (overfitting.fit, overfitting.random_shifts, (training, validation)),
    ):
        network = overfitting.make_network(0, dropout=0.5)
        losses, best = fit(network, *data, Adam(5e-3), epochs=3, augment=shift)
        results.append((losses[:, 2] if losses.ndim == 2 else losses, best, network.parameters))
    for lesson, module in zip(*results, strict=True):
        np.testing.assert_array_equal(lesson, module)


@pytest.mark.parametrize("where", ["lesson", "study"])
def test_dropout_keeps_the_mean_and_drops_nothing_after_training(taught, where):
    layer = (taught if where == "lesson" else vars(overfitting))["Dropout"](0.5)
    ones = np.ones((200, 1000))
    output = layer.forward(ones, training=True)
    assert set(np.unique(output)) == {0, 2}
    assert abs(output.mean() - 1) < 0.02
    np.testing.assert_array_equal(layer.backward(ones), output)  # the same mask
    np.testing.assert_array_equal(layer.forward(ones, training=False), ones)


def test_weight_decay_shrinks_weights_and_leaves_biases_alone():
    network = overfitting.make_network(0)
    network.parameters[:] = 1
    overfitting.AdamW(5e-3, 1.0, network).step(network.parameters, 0 * network.parameters)
    for array in network.named_arrays().values():
        np.testing.assert_allclose(array, 0.995 if array.ndim > 1 else 1)


def test_a_draw_has_separate_sets_and_the_same_wrong_labels_for_any_number_of_images(sets):
    (X, y), (X_val, _), (X_test, _) = sets
    (X_600, y_600), _, _ = overfitting.draw_sets(0, 600)
    np.testing.assert_array_equal(X_600[:150], X)
    np.testing.assert_array_equal(y_600[:150], y)
    correct = overfitting.draw_sets(0, correct=True)[0][1]
    assert 0.08 < np.mean(y != correct) < 0.25
    assert (len(X), len(X_val), len(X_test)) == (150, 300, 897)
    assert not {x.tobytes() for x in X_600} & {x.tobytes() for x in (*X_val, *X_test)}


def test_the_stored_results_are_those_of_the_study():
    results = stored_arrays("overfitting/results.npz")
    assert set(results) == {*study.ARMS, *study.CLASSIFIERS}
    for name in study.ARMS:
        assert results[name].shape == (len(study.ARMS[name]), study.DRAWS, 6)
    number, setting = 3, 3
    np.testing.assert_allclose(
        study.run(number, **study.ARMS["nothing"][setting])[2:],
        results["nothing"][setting, number, 2:],
        atol=0.02,  # processors round differently
    )


def test_most_sets_choose_the_smallest_decay_and_without_stopping_the_smallest_rate():
    results = stored_arrays("overfitting/results.npz")
    chosen = [study.ARMS["decay"][n]["decay"] for n in results["decay"][:, :, 0].argmin(axis=0)]
    assert chosen.count(0.1) == 9
    slowest = study.ARMS["nothing"][0]["rate"]
    assert slowest == min(setting["rate"] for setting in study.ARMS["nothing"])
    np.testing.assert_array_equal(results["nothing"][:, :, 1].argmin(axis=0), np.zeros(10))


def test_augmentation_and_dropout_cannot_be_told_apart():
    gain = draw.gains("augmentation") - draw.gains("dropout")
    mean, error = draw.mean_and_error(gain)
    assert abs(mean) < error
    behind = draw.accuracies("svm") - draw.accuracies("augmentation")
    assert behind.mean() > 0
