"""A few training steps here and in PyTorch from the same weights give the same numbers."""

import numpy as np
import pytest

from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    MaxPooling2D,
    ReLU,
)
from convnet.network import Network
from convnet.training import SGD, Adam

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed: `make test-packages` sets up and runs this test"
)
nn = torch.nn


def pairs_of_layers():
    """Yield our layer, PyTorch's layer, and the transposition from our W to PyTorch's."""
    return [
        (Conv2D(6, 5, padding=2), nn.Conv2d(2, 6, 5, padding=2), (3, 2, 0, 1)),
        (BatchNormalization(), nn.BatchNorm2d(6), None),
        (ReLU(), nn.ReLU(), None),
        (MaxPooling2D(2), nn.MaxPool2d(2), None),
        (
            Conv2DTranspose(4, 3, stride=2, padding=1),
            nn.ConvTranspose2d(6, 4, 3, 2, 1),
            (3, 2, 0, 1),
        ),
        (ReLU(), nn.ReLU(), None),
        (Flatten(), nn.Flatten(), None),
        (Dense(5), nn.Linear(4 * 7 * 9, 5), (1, 0)),
    ]


OPTIMIZERS = {
    "Adam": (lambda: Adam(0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "momentum": (lambda: SGD(0.1, 0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
}


def to_theirs(ours, axes):
    names = ("gamma", "beta") if axes is None else ("W", "b")
    W, b = (ours.parameters[name] for name in names)
    W = W if axes is None else W.transpose(axes)
    if isinstance(ours, Dense):  # PyTorch flattens channels first
        W = W.reshape(5, 7, 9, 4).transpose(0, 3, 1, 2).reshape(5, -1)
    return torch.tensor(np.ascontiguousarray(W)), torch.tensor(b)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_takes_the_same_steps_as_pytorch(name):
    layers = pairs_of_layers()
    network = Network([ours for ours, _, _ in layers], (8, 10, 2), seed=1, dtype=np.float64)
    model = nn.Sequential(*(theirs for _, theirs, _ in layers)).double()
    weighted = [(ours, theirs, axes) for ours, theirs, axes in layers if ours.parameters]
    with torch.no_grad():
        for ours, theirs, axes in weighted:
            W, b = to_theirs(ours, axes)
            theirs.weight.copy_(W)
            theirs.bias.copy_(b)
            if axes is None:
                theirs.reset_running_stats()
    make, make_theirs = OPTIMIZERS[name]
    optimizer, their_optimizer = make(), make_theirs(model.parameters())
    rng = np.random.default_rng(0)
    for _ in range(5):
        images, labels = rng.standard_normal((6, 8, 10, 2)), rng.integers(0, 5, 6)
        our_scores = network.forward(images, training=True)
        loss = cross_entropy(our_scores, labels)
        network.backward(cross_entropy_backward(our_scores, labels))
        optimizer.step(network.parameters, network.gradients)

        their_optimizer.zero_grad()
        scores = model(torch.tensor(images.transpose(0, 3, 1, 2)))
        their_loss = nn.functional.cross_entropy(scores, torch.tensor(labels))
        their_loss.backward()
        their_optimizer.step()
        assert loss == pytest.approx(their_loss.item(), rel=1e-9)
    for ours, theirs, axes in weighted:
        for array, tensor in zip(to_theirs(ours, axes), (theirs.weight, theirs.bias), strict=True):
            np.testing.assert_allclose(array, tensor.detach(), rtol=1e-6, atol=1e-8)
    state, theirs = layers[1][0].state, layers[1][1]
    np.testing.assert_allclose(state["mean"], theirs.running_mean, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(state["variance"], theirs.running_var, rtol=1e-6)
