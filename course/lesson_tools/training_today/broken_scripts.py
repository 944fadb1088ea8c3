"""Training scripts for the game in "How networks are trained today": in each, one line is wrong."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward, softmax
from convnet.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D, ReLU
from convnet.network import Network
from convnet.training import SGD, Adam, evaluate
from convnet.types import Array

__all__ = ["CASES", "SCRIPT", "Script", "broken"]

SCRIPT = """\
images, labels, val_images, val_labels = load()  # pixels from 0 to 255
order = np.random.default_rng(1).permutation(len(images))
images, labels = images[order], labels[order]
network = Network(layers(), (8, 8, 1), seed=0)
parameters = network.parameters
optimizer = SGD(0.3)

def prepare(raw):
    return np.float32(raw / 255)

def step(picked):
    scores = network.forward(prepare(images[picked]), training=True)
    loss = cross_entropy(scores, labels[picked])
    network.backward(cross_entropy_backward(scores, labels[picked]))
    optimizer.step(parameters, network.gradients)
    return loss

def validate():
    return evaluate(network, prepare(val_images), val_labels)
""".splitlines()

# The sabotage: what stands in which lines, by case. In case 2, only line 4 is wrong.
CASES: dict[int, dict[int, str]] = {
    1: {5: "parameters = np.float64(network.parameters)  # for more digits"},
    2: {
        4: "network = Network([*layers(), Softmax()], (8, 8, 1), seed=0)",
        6: "optimizer = Adam(0.01)",
    },
    3: {19: "return evaluate(network, prepare(255 - val_images), val_labels)  # dark ink"},
}


class Softmax(Layer):
    """Turn scores into probabilities."""

    def forward(self, x: Array, training: bool) -> Array:
        self.saved = softmax(x)
        return self.saved

    def backward(self, dy: Array) -> Array:
        return self.saved * (dy - np.sum(self.saved * dy, axis=1, keepdims=True))


class Script:
    """A training script that has been run up to its first step.

    Parameters
    ----------
    lines : list of str
        Lines of the script.

    Attributes
    ----------
    images, labels : ndarray
        Training images, with pixels from 0 to 255, and their classes.
    network : convnet.network.Network
        Network that the script trains.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        names: dict[str, Any] = {"np": np, "load": load, "SGD": SGD, "Adam": Adam}
        names |= {"Network": Network, "Softmax": Softmax}
        names |= {"layers": layers, "evaluate": evaluate}
        names |= {"cross_entropy": cross_entropy, "cross_entropy_backward": cross_entropy_backward}
        exec("\n".join(lines), names)
        self._names = names
        self.images, self.labels, self.network = (
            names[name] for name in ("images", "labels", "network")
        )

    def step(self, picked: Array) -> float:
        """Train on the images with the given indices once, and return their loss before it."""
        return float(self._names["step"](picked))

    def validate(self) -> tuple[float, float]:
        """Return the loss and the accuracy on the validation images."""
        loss, accuracy = self._names["validate"]()
        return float(loss), float(accuracy)

    def __str__(self) -> str:
        return "\n".join(f"{number:2}  {line}" for number, line in enumerate(self.lines, 1))


def broken(case: int, repairs: Mapping[int, str] | None = None) -> Script:
    """Run a broken training script up to its first step.

    Parameters
    ----------
    case : int
        Number of the case, from 1 to 3.
    repairs : dict, optional
        Text of new lines, by number; the indentation is added.

    Returns
    -------
    script : Script
        The script. `print` shows its lines.

    Raises
    ------
    KeyError
        If there is no such case.
    IndexError
        If there is no such line.
    """
    lines = list(SCRIPT)
    for number, text in (CASES[case] | dict(repairs or {})).items():
        if not 1 <= number <= len(lines):
            raise IndexError(f"there is no line {number}; the lines are 1 to {len(lines)}")
        old = SCRIPT[number - 1]
        lines[number - 1] = old[: len(old) - len(old.lstrip())] + text.strip()
    return Script(lines)


def load() -> tuple[Array, Array, Array, Array]:
    """Return 1,200 training images as bytes and their classes, and 300 validation images."""
    data = digits()
    images, labels = np.round(255 * data.train_images).astype(np.uint8), data.train_labels
    return images[:1200], labels[:1200], images[1200:], labels[1200:]


def layers() -> list[Layer]:
    """Return the layers of `convnet.models.digits_network`."""
    first = [Conv2D(8, 3, padding=1), ReLU(), Conv2D(16, 3, padding=1), ReLU()]
    return [*first, MaxPooling2D(2), Flatten(), Dense(10)]
