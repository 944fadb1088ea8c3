"""The lesson "Activations" names the defaults of leaky ReLU in each library."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")


def test_the_defaults_of_leaky_relu_are_those_of_the_lesson():
    minus_one = np.array([-1.0], "float32")
    assert torch.nn.LeakyReLU()(torch.tensor(-1.0)).item() == pytest.approx(-0.01)
    assert float(keras.layers.LeakyReLU()(minus_one)[0]) == pytest.approx(-0.3)
    assert float(keras.activations.leaky_relu(minus_one)[0]) == pytest.approx(-0.2)
    assert float(tf.nn.leaky_relu(minus_one)[0]) == pytest.approx(-0.2)
