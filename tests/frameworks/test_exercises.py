"""The exercises on activations and sizes agree with PyTorch and TensorFlow."""

import numpy as np
import pytest

from exercises import EXERCISES

torch = pytest.importorskip("torch")
functional = torch.nn.functional

rng = np.random.default_rng(0)
Z = 4 * rng.standard_normal((5, 7))
dA = rng.standard_normal((5, 7))


def by_loops(name, *arguments):
    return EXERCISES[name].loops(*arguments)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_activations_and_their_gradients(name):
    z = torch.tensor(Z, requires_grad=True)
    a = getattr(torch, name)(z)
    a.backward(torch.tensor(dA))
    if name in EXERCISES:
        np.testing.assert_allclose(by_loops(name, Z)[0], a.detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(by_loops(f"{name}_backward", dA, (Z,)), z.grad.numpy(), atol=1e-12)


@pytest.mark.parametrize("far", [0, 3000])
def test_softmax_and_cross_entropy(far):
    scores = Z + far * rng.integers(-1, 2, size=Z.shape)
    labels = rng.integers(0, 7, size=5)
    z = torch.tensor(scores, requires_grad=True)
    np.testing.assert_allclose(
        by_loops("softmax", scores), torch.softmax(z, 1).detach().numpy(), atol=1e-12
    )
    expected = functional.cross_entropy(z, torch.tensor(labels))
    expected.backward()
    loss, dZ = by_loops("softmax_cross_entropy", scores, labels)
    np.testing.assert_allclose(loss, expected.item(), rtol=1e-12)
    np.testing.assert_allclose(dZ, z.grad.numpy(), atol=1e-12)


def test_sizes_of_convolutions_there_and_back():
    for n, f, stride, pad, extra in [(9, 3, 2, 1, 1), (7, 4, 3, 0, 2), (5, 5, 1, 2, 0)]:
        there = torch.nn.Conv1d(2, 3, f, stride, pad)
        assert there(torch.zeros(1, 2, n)).shape[2] == by_loops("output_size", n, f, stride, pad)
        back = torch.nn.ConvTranspose1d(2, 3, f, stride, pad, extra)
        size = by_loops("transposed_size", n, f, stride, pad, extra)
        assert back(torch.zeros(1, 2, n)).shape[2] == size


def test_parameters_of_a_layer():
    layer = torch.nn.Conv2d(3, 8, (3, 5))
    count = sum(parameter.numel() for parameter in layer.parameters())
    assert count == by_loops("conv_parameters", 3, 5, 3, 8)


@pytest.mark.parametrize("mode", ["SAME", "VALID"])
def test_paddings_are_those_of_tensorflow(mode):
    """A convolution without padding of the padded input equals the library's padded convolution."""
    tensorflow = pytest.importorskip("tensorflow")
    for n, f, stride in [(7, 3, 2), (6, 3, 2), (5, 4, 1), (8, 5, 3), (9, 2, 3), (6, 1, 4)]:
        x, w = rng.standard_normal((1, n, 1)), rng.standard_normal((f, 1, 1))
        padded = np.pad(x, ((0, 0), by_loops("padding_amounts", n, f, stride, mode), (0, 0)))
        ours = tensorflow.nn.conv1d(padded, w, stride, "VALID").numpy()
        np.testing.assert_allclose(
            ours, tensorflow.nn.conv1d(x, w, stride, mode).numpy(), rtol=1e-6
        )
