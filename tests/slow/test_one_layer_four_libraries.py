"""A statement of the lesson "One layer, four libraries" about eight trained networks."""

import numpy as np

from convnet.data import digits
from lesson_tools.one_layer_four_libraries.copies import outputs, trained


def test_without_biases_the_accuracy_hardly_changes():
    X, labels = digits().test_images.astype(np.float32), digits().test_labels
    changes = []
    for seed in range(8):
        network = trained(seed)
        original, copy = (outputs(network, X, name)["dense"].argmax(axis=1) for name in ("", "D"))
        changes.append(100 * (np.mean(copy == labels) - np.mean(original == labels)))
    assert -2.5 < min(changes) < -0.2
    assert max(changes) < 1
