"""Statements of the lesson "Overfitting" that no cell computes."""

import numpy as np
import pytest

from benchmarks.lessons import overfitting as study
from lesson_tools.overfitting import experiments as overfitting
from lesson_tools.stored import stored_arrays
from tests.lesson_tools.cells import defined


@pytest.fixture(scope="module")
def sets():
    return overfitting.draw_sets(0)


def test_dropout_keeps_the_mean_and_drops_nothing_after_training():
    layer = study.TAUGHT["Dropout"](0.5)
    ones = np.ones((200, 1000))
    output = layer.forward(ones, training=True)
    assert set(np.unique(output)) == {0, 2}
    assert abs(output.mean() - 1) < 0.02
    np.testing.assert_array_equal(layer.backward(ones), output)  # the same mask
    np.testing.assert_array_equal(layer.forward(ones, training=False), ones)


def test_weight_decay_shrinks_weights_and_leaves_biases_alone():
    network = overfitting.make_network(0)
    network.parameters[:] = 1
    study.AdamW(5e-3, 1.0, network).step(network.parameters, 0 * network.parameters)
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


def test_the_lesson_decays_weights_as_the_study_does():
    taught = defined("15_overfitting", "AdamW")
    weights, biases = np.ones(3), np.ones(3)
    taught["AdamW"](5e-3, decay=1.0).step(weights, 0 * weights)
    taught["AdamW"](5e-3, decay=0).step(biases, 0 * biases)
    np.testing.assert_allclose(weights, 0.995)
    np.testing.assert_allclose(biases, 1)


def test_the_lessons_network_is_that_of_the_figures():
    ours = study.TAUGHT["make_network"](3).parameters
    np.testing.assert_array_equal(ours, overfitting.make_network(3).parameters)


def test_the_stored_accuracies_are_those_of_the_arms():
    results = stored_arrays("overfitting/results.npz")
    assert {*study.ARMS, "labels"} < set(results)
    for accuracies in results.values():
        assert accuracies.shape == (study.DRAWS,)
        assert np.all((accuracies > 0.7) & (accuracies < 1))
