"""Measure what batch normalization adds: each network with its own learning rate.

    python -m benchmarks.lessons.batch_normalization [--steps]

Eight convolutions read digits, with and without batch normalization after each. In each arm, each
of four (Adam) or six (SGD) learning rates trains five networks with a training set and a seed of
their own. Everything takes about six minutes on one core; arms that are in the results are skipped.
--steps trains one of the networks again, and shows why it reads so few digits after three epochs.
"""

import argparse
import copy
import json
from collections.abc import Callable

import numpy as np

from benchmarks import LESSON_TOOLS
from convnet import layers
from convnet.data import digits
from convnet.functional import cross_entropy, cross_entropy_backward
from convnet.network import Network
from convnet.training import SGD, Adam, evaluate

RESULTS = LESSON_TOOLS / "batch_normalization/results.json"
RUNS, EPOCHS, BATCH = 5, (3, 8), 32
TRAINING, IMAGES = 1200, 1500
RATES = {SGD: (0.003, 0.01, 0.03, 0.1, 0.3, 1.0), Adam: (0.0003, 0.001, 0.003, 0.01)}
ARMS: dict[str, tuple[bool, float, type[SGD] | type[Adam]]] = {
    # batch normalization, factor of the initial weights (Glorot's), optimizer
    "without": (False, np.sqrt(2), SGD),
    "with batch normalization": (True, np.sqrt(2), SGD),
    "without, Glorot": (False, 1.0, SGD),
    "without, Adam": (False, np.sqrt(2), Adam),
    "with batch normalization, Adam": (True, np.sqrt(2), Adam),
}


def deep_network(seed: int, norm: bool, factor: float) -> Network:
    """Return eight convolutions for digits; `factor` scales the initial filters."""
    stack: list[layers.Layer] = []
    for number in range(8):
        stack.append(layers.Conv2D(16, 3, padding=1))
        if norm:
            stack.append(layers.BatchNormalization())
        stack.append(layers.ReLU())
        if number == 0:
            stack.append(layers.MaxPooling2D(2))
    network = Network([*stack, layers.Flatten(), layers.Dense(10)], (8, 8, 1), seed)
    for layer in network.layers:
        if isinstance(layer, layers.Conv2D):
            layer.parameters["W"] *= factor
    return network


def run(
    norm: bool,
    factor: float,
    optimizer: SGD | Adam,
    seed: int,
    after_step: Callable[[Network, int, int], None] | None = None,
) -> dict[str, list[float]]:
    """Train a network; return the training loss and the test accuracy after some epochs."""
    data = digits()
    chosen = np.random.default_rng(seed).permutation(IMAGES)[:TRAINING]
    X, labels = data.train_images[chosen], data.train_labels[chosen]
    network = deep_network(seed, norm, factor)
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
            if after_step:
                after_step(network, epoch, start)
        if epoch in EPOCHS:
            loss = float(np.mean(losses))
            result["loss"].append(round(loss, 4) if np.isfinite(loss) else 9.9)
            accuracy = evaluate(network, data.test_images, data.test_labels)[1]
            result["test accuracy"].append(round(float(accuracy), 4))
    return result


def print_accuracies(network: Network, epoch: int, start: int) -> None:
    """Print the test accuracy in both modes, at the end of epoch 3 and after it."""
    if (epoch == 3 and start >= TRAINING - 3 * BATCH) or (epoch == 4 and start < 6 * BATCH):
        data, in_training = digits(), copy.deepcopy(network)
        order, right = np.random.default_rng(0).permutation(len(data.test_labels)), 0
        for part in np.split(order, len(order) // 33):
            scores = in_training.forward(data.test_images[part], training=True)
            right += int(np.sum(scores.argmax(axis=1) == data.test_labels[part]))
        accuracy = evaluate(network, data.test_images, data.test_labels)[1]
        images = min(BATCH, TRAINING - start)
        print(
            f"epoch {epoch}, after a mini-batch of {images} images: test accuracy {accuracy:.2f}, "
            f"in training mode {right / len(order):.2f}"
        )


def main(arguments: list[str] | None = None) -> None:
    """Train all networks and store the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", action="store_true", help="show the steps of one run")
    if parser.parse_args(arguments).steps:
        run(*ARMS["with batch normalization"][:2], SGD(0.1), 3, print_accuracies)
        return
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    for arm, (norm, factor, optimizer) in ARMS.items():
        if arm in results:
            continue
        by_rate = {}
        for rate in RATES[optimizer]:
            with np.errstate(all="ignore"):  # a loss may become infinite
                by_rate[str(rate)] = [run(norm, factor, optimizer(rate), n) for n in range(RUNS)]
            print(arm, rate, *(one["loss"] for one in by_rate[str(rate)]), flush=True)
        results[arm] = by_rate
        RESULTS.write_text(json.dumps(results) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
