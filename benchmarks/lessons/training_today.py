"""Compare schedules of the learning rate, and average the weights along every run.

    python -m benchmarks.lessons.training_today

The lesson "How networks are trained today" quotes the results, in
course/lesson_tools/training_today/results.npz. It needs about two minutes of one core.
benchmarks/lessons/training_today.md discusses them.

The file of 1,797 digits is cut into ten parts, in its order, so that most writers are in one part
only. Run s tests on part s, chooses the rate with the part after it, and trains on the others, for
12 epochs in mini-batches of 32, with its own first weights and its own order of the images. So in
the ten runs of an arm every digit is tested once. Every arm trains the network of the lesson
"Training" with Adam at three rates (0.003 was below 0.01 in PyTorch). The averages of the weights
are taken along every run, so that a run and its averages differ in nothing else.

NAME
    Accuracies after each epoch, on the validation part and on the test part, in
    (rates, runs, epochs, 2).
NAME_average
    The same for exponential moving averages of the weights, in (rates, runs, epochs, decays, 2).
"""

import numpy as np
from sklearn.model_selection import KFold

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.data import digits
from convnet.functional import cross_entropy_backward
from convnet.models import digits_network
from convnet.training import Adam, evaluate

__all__ = ["ARMS", "DECAYS", "RATES", "main", "multiplier", "run"]

PATH = LESSON_TOOLS / "training_today/results.npz"
RUNS, EPOCHS, BATCH = 10, 12, 32
RATES = (0.01, 0.03, 0.1)
DECAYS = (0.98, 0.99)

ARMS = ("constant", "cosine", "warm-up")


def multiplier(step: int, steps: int, warm_up: int) -> float:
    """Return the factor of the learning rate in a step: linear warm-up, then half a cosine."""
    if step < warm_up:
        return (step + 1) / warm_up
    return float(0.5 * (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up))))


def run(arm: str, seed: int, rate: float) -> tuple[list[list[float]], list[list[list[float]]]]:
    """Train a network; return its accuracies by epoch, and those of its averages."""
    data = digits()
    X = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    parts = [part for _, part in KFold(RUNS).split(X)]
    measured = (parts[(seed + 1) % RUNS], parts[seed % RUNS])  # validation, test
    others = np.concatenate([parts[(seed + k) % RUNS] for k in range(2, RUNS)])
    network, optimizer, rng = digits_network(seed), Adam(rate), np.random.default_rng(seed)
    averages = [network.parameters.copy() for _ in DECAYS]
    per_epoch = -(-len(others) // BATCH)
    steps, step = EPOCHS * per_epoch, 0
    warm_up = per_epoch if arm == "warm-up" else 0

    def accuracies(parameters: np.ndarray) -> list[float]:
        trained = network.parameters.copy()
        network.parameters[...] = parameters
        values = [float(evaluate(network, X[part], labels[part])[1]) for part in measured]
        network.parameters[...] = trained
        return values

    plain: list[list[float]] = []
    averaged: list[list[list[float]]] = []
    for _ in range(EPOCHS):
        order = rng.permutation(others)
        for start in range(0, len(order), BATCH):
            picked = order[start : start + BATCH]
            factor = 1.0 if arm == "constant" else multiplier(step, steps, warm_up)
            optimizer.settings["learning_rate"] = rate * factor
            scores = network.forward(X[picked], training=True)
            network.backward(cross_entropy_backward(scores, labels[picked]))
            optimizer.step(network.parameters, network.gradients)
            for decay, average in zip(DECAYS, averages, strict=True):
                average += (1 - decay) * (network.parameters - average)
            step += 1
        plain.append(accuracies(network.parameters))
        averaged.append([accuracies(average) for average in averages])
    return plain, averaged


def main() -> None:
    """Train all arms, print their accuracies, and store the arrays."""
    arrays: dict[str, np.ndarray] = {}
    for name in ARMS:
        runs = [[run(name, seed, rate) for seed in range(RUNS)] for rate in RATES]
        arrays[name] = np.float32([[plain for plain, _ in row] for row in runs])
        arrays[f"{name}_average"] = np.float32([[averaged for _, averaged in row] for row in runs])
        plain = arrays[name][:, :, -1].mean(axis=1)
        averaged = arrays[f"{name}_average"][:, :, -1].mean(axis=1)
        for rate, own, means in zip(RATES, plain, averaged, strict=True):
            print(f"{name} {rate}: {own.round(4)}, averaged {means.round(4).tolist()}", flush=True)
        store_arrays(PATH, arrays)


if __name__ == "__main__":
    main()
