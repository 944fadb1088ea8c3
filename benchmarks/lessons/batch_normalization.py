"""Measure what batch normalization adds: each network with its own learning rate.

    python -m benchmarks.lessons.batch_normalization

Networks of eight 3 x 3 convolutions read digits: plain, with every channel normalized once before
training, or with batch normalization. In each arm, each learning rate trains five networks with a
training set and a seed of their own. It takes about eight minutes on one core; arms that are
in the results are skipped. `batch_normalization.md` says what the results mean.
"""

import json

import numpy as np

from benchmarks import LESSON_TOOLS
from convnet import layers
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.network import Network
from convnet.training import SGD, Adam, evaluate
from convnet.types import Array

RESULTS = LESSON_TOOLS / "batch_normalization/results.json"
RUNS, EPOCHS, BATCH = 5, (3, 8), 32
TRAINING, IMAGES = 1200, 1500
SGD_RATES, ADAM_RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0), (0.0003, 0.001, 0.003, 0.01)
ARMS: dict[str, tuple[str, type[SGD] | type[Adam], tuple[float, ...]]] = {
    # kind of network, optimizer, learning rates
    "plain": ("plain", SGD, SGD_RATES),
    "normalized once": ("once", SGD, SGD_RATES),
    "batch normalization": ("batch", SGD, SGD_RATES),
    "plain, Adam": ("plain", Adam, ADAM_RATES),
    "normalized once, Adam": ("once", Adam, ADAM_RATES),
    "batch normalization, Adam": ("batch", Adam, ADAM_RATES),
}


def deep_network(seed: int, kind: str = "plain") -> Network:
    """Return eight convolutions for digits, with He's initialization from the second one on."""
    stack: list[layers.Layer] = []
    for number in range(8):
        stack.append(layers.Conv2D(16, 3, padding=1))
        if kind == "batch":
            stack.append(layers.BatchNormalization())
        stack.append(layers.ReLU())
        if number == 0:
            stack.append(layers.MaxPooling2D(2))
    network = Network([*stack, layers.Flatten(), layers.Dense(10)], (8, 8, 1), seed)
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            layer.parameters["W"] *= np.sqrt(2)  # from 16 to 16 channels: from Glorot's to He's
    return network


def normalize_once(network: Network, A: Array) -> None:
    """Change W and b so that each channel of each convolution has mean 0 and variance 1 for A."""
    for layer in network.layers:
        Z = layer.forward(A, training=True)
        if isinstance(layer, layers.Conv2D):
            mean, std = Z.mean(axis=(0, 1, 2)), Z.std(axis=(0, 1, 2)) + 1e-5
            layer.parameters["W"] /= std
            layer.parameters["b"][...] = -mean / std
            Z = (Z - mean) / std
        A = Z


def run(kind: str, optimizer: SGD | Adam, seed: int) -> dict[str, list[float]]:
    """Train a network; return the training loss and the test accuracy after some epochs."""
    data = digits()
    chosen = np.random.default_rng(seed).permutation(IMAGES)[:TRAINING]
    X, labels = data.train_images[chosen], data.train_labels[chosen]
    network = deep_network(seed, kind)
    if kind == "once":
        normalize_once(network, X[:256])
    result: dict[str, list[float]] = {"loss": [], "test accuracy": []}
    for epoch in range(1, EPOCHS[-1] + 1):
        order = np.random.default_rng((seed, epoch)).permutation(TRAINING)
        losses = []
        for start in range(0, TRAINING, BATCH):
            batch = order[start : start + BATCH]
            scores = network.forward(X[batch], training=True)
            losses.append(float(cross_entropy(scores, labels[batch])))
            network.backward(cross_entropy_backward(scores, labels[batch]))
            optimizer.step(network.parameters, network.gradients)
        if epoch in EPOCHS:
            loss = float(np.mean(losses))
            result["loss"].append(round(loss, 4) if np.isfinite(loss) else 9.9)
            accuracy = evaluate(network, data.test_images, data.test_labels)[1]
            result["test accuracy"].append(round(float(accuracy), 4))
    return result


def main() -> None:
    """Train all networks, store the results, and print the best rate of each arm."""
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for arm, (kind, optimizer, rates) in ARMS.items():
        if arm in results:
            continue
        by_rate = {}
        for rate in rates:
            with np.errstate(all="ignore"):  # a loss may become infinite
                by_rate[str(rate)] = [run(kind, optimizer(rate), n) for n in range(RUNS)]
            print(arm, rate, *(one["loss"] for one in by_rate[str(rate)]), flush=True)
        results[arm] = by_rate
        ordered = {name: results[name] for name in ARMS if name in results}
        RESULTS.write_text(json.dumps(ordered) + "\n", encoding="utf-8")
    for arm, by_rate in results.items():
        for column, epochs in enumerate(EPOCHS):
            losses = {rate: [one["loss"][column] for one in runs] for rate, runs in by_rate.items()}
            best = min(losses, key=lambda rate: np.median(losses[rate]))
            accuracies = [one["test accuracy"][column] for one in by_rate[best]]
            print(
                f"| {arm} | {epochs} | {best} | {np.median(losses[best]):.3f} "
                f"({min(losses[best]):.3f} to {max(losses[best]):.3f}) | "
                f"{np.median(accuracies):.3f} ({min(accuracies):.3f} to {max(accuracies):.3f}) |"
            )


if __name__ == "__main__":
    main()
