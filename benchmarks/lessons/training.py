"""Compare optimizers at many learning rates, and networks with simpler classifiers, all tuned.

    python -m benchmarks.lessons.training [SGD | momentum | Adam | classifiers]

The lesson on training quotes the results, in course/lesson_tools/training/.

**SGD.npz**, **momentum.npz** and **Adam.npz**: an optimizer (momentum is
SGD with momentum 0.9) trains networks on several tasks, for six epochs. A run has its own training
set of 1,200 images, its own first parameters and its own order of the images. The rate is tuned
twice: among ten rates in steps of about 3, with one run each, and then among five around the best
one, with five runs each. A sixth rate is the one that was best for the digits.

rates
    The six learning rates, (tasks, 6).
loss, accuracy
    Cost of all training images after training, and accuracy on 300 other images, (tasks, 6, runs).
coarse_rates, coarse_loss
    The ten rates, (10,), and the costs of three runs for the digits, (10, 3).

**classifiers.npz**: the file of 1,797 digits is cut into six parts, in its order, so that
most writers are in one part only. Each part is the test set once, and the five others are the
training set, so that every digit is classified once. Everything is tuned on the training set, with
cross-validation in three folds of the same kind: C and gamma of the support vector machine, k of
k-nearest neighbors, C of logistic regression, the rate and the number of epochs of the network. A
network is trained from ten seeds.

labels
    The digits' classes, (1797,).
svm, neighbors, regression
    Predicted classes, (1797,).
network
    Predicted classes, (10, 1797).
settings
    What was chosen for each of the six parts, as JSON.

All of it takes about a quarter of an hour on one core.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.data import digits
from convnet.layers import Dense, Flatten
from convnet.models import digits_network
from convnet.network import Network
from convnet.training import SGD, Adam, evaluate, train
from convnet.types import Array

__all__ = ["OPTIMIZERS", "TASKS", "Task", "main", "run"]

FOLDER = LESSON_TOOLS / "training"
COARSE = (1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3)
FINE = (0.32, 0.56, 1, 1.8, 3.2)  # factors
OPTIMIZERS: dict[str, Callable[[float], Any]] = {
    "SGD": SGD,
    "momentum": lambda rate: SGD(rate, momentum=0.9),
    "Adam": Adam,
}
RUNS, COARSE_RUNS, EPOCHS, TRAINED = 5, 3, 6, 1200
SEEDS, PARTS, FOLDS = 10, 6, 3
NETWORK_RATES, NETWORK_EPOCHS = (0.003, 0.01, 0.03), (12, 24)


class Task(NamedTuple):
    """Something to train: a network, made from a seed, and how its images are prepared."""

    network: Callable[[int], Network]
    batch: int = 32
    scale: float = 1


TASKS = {
    "digits": Task(digits_network),
    "a linear classifier": Task(lambda seed: Network([Flatten(), Dense(10)], (8, 8, 1), seed)),
    "batches of 256": Task(digits_network, batch=256),
    "pixels from 0 to 255": Task(digits_network, scale=255),
}


def run(task: Task, optimizer: Any, seed: int) -> tuple[float, float]:
    """Train a network; return its cost on the training images and its accuracy on the others."""
    data = digits()
    images, labels = np.float32(task.scale) * data.train_images, data.train_labels
    order = np.random.default_rng(seed).permutation(len(images))
    first, others = order[:TRAINED], order[TRAINED:]
    network = task.network(seed)
    settings = {"epochs": EPOCHS, "batch": task.batch, "seed": seed, "progress": False}
    with np.errstate(all="ignore"):
        try:
            train(network, images[first], labels[first], optimizer=optimizer, **settings)
            loss = evaluate(network, images[first], labels[first])[0]
            accuracy = evaluate(network, images[others], labels[others])[1]
        except FloatingPointError:  # diverged
            return 1e9, 0.1
    return (loss if np.isfinite(loss) else 1e9), accuracy


def measure_optimizer(name: str) -> None:
    """Write training_SGD.npz, training_momentum.npz or training_Adam.npz."""
    make = OPTIMIZERS[name]
    rates = np.zeros((len(TASKS), len(FINE) + 1))
    results = np.zeros((*rates.shape, RUNS, 2))
    coarse = np.zeros((len(COARSE), COARSE_RUNS))
    for t, (title, task) in enumerate(TASKS.items()):
        runs = 1 if t else COARSE_RUNS
        losses = [[run(task, make(rate), seed)[0] for seed in range(runs)] for rate in COARSE]
        if t == 0:
            coarse[...] = losses
        best = COARSE[int(np.median(losses, axis=1).argmin())]
        rates[t, :-1] = [best * factor for factor in FINE]
        for r, rate in enumerate(rates[t, :-1]):
            results[t, r] = [run(task, make(float(rate)), seed) for seed in range(RUNS)]
        if t == 0:
            chosen = int(np.median(results[0, :-1, :, 0], axis=1).argmin())
            rates[:, -1], results[0, -1] = rates[0, chosen], results[0, chosen]
        else:
            results[t, -1] = [run(task, make(float(rates[t, -1])), seed) for seed in range(RUNS)]
        print(title, name, flush=True)
        for rate, pair in zip(rates[t], np.median(results[t], axis=1), strict=True):
            print(f"  {rate:.4g}: loss {pair[0]:.4f}, accuracy {pair[1]:.3f}", flush=True)
        arrays = {"rates": rates, "loss": results[..., 0], "accuracy": results[..., 1]}
        arrays |= {"coarse_rates": np.array(COARSE), "coarse_loss": coarse}
        arrays = {key: a.astype(np.float32) for key, a in arrays.items()}
        store_arrays(FOLDER / f"{name}.npz", arrays)


def simple_classifiers() -> dict[str, GridSearchCV]:
    """Return classifiers that tune themselves when they are fitted."""
    grids = {
        "svm": (SVC(), {"C": [1, 10, 100], "gamma": [0.02, 0.05, 0.1, 0.2, 0.5]}),
        "neighbors": (KNeighborsClassifier(), {"n_neighbors": [1, 3, 5, 7, 9]}),
        "regression": (LogisticRegression(max_iter=1000), {"C": [0.1, 0.3, 1, 3, 10]}),
    }
    return {
        name: GridSearchCV(method, grid, cv=KFold(FOLDS)) for name, (method, grid) in grids.items()
    }


def tuned_network(X: Array, labels: Array) -> dict[str, Any]:
    """Return the rate and the number of epochs that are best in cross-validation."""
    scores: dict[tuple[float, int], float] = {}
    for rate in NETWORK_RATES:
        curves = []
        for seed, (first, others) in enumerate(KFold(FOLDS).split(X)):
            history = train(
                digits_network(seed),
                X[first],
                labels[first],
                epochs=max(NETWORK_EPOCHS),
                optimizer=Adam(rate),
                seed=seed,
                validation=(X[others], labels[others]),
                progress=False,
            )
            curves.append([epoch.validation_accuracy for epoch in history])
        for epochs in NETWORK_EPOCHS:
            scores[rate, epochs] = float(np.mean(curves, axis=0)[epochs - 1])
    rate, epochs = max(scores, key=lambda setting: scores[setting])
    return {"rate": rate, "epochs": epochs}


def network_predictions(
    X: Array, labels: Array, others: Array, rate: float, epochs: int, seed: int
) -> Array:
    """Train a network, and return the classes that it predicts for other images."""
    network = digits_network(seed)
    settings = {"epochs": epochs, "optimizer": Adam(rate), "seed": seed, "progress": False}
    train(network, X, labels, **settings)
    return network.scores(others).argmax(axis=1)


def classify(number: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return the predictions of all methods for one part of the file, and their settings."""
    data = digits()
    X = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    first, part = list(KFold(PARTS).split(X))[number]
    flat, chosen, predictions = X.reshape(len(X), -1), {}, {"labels": labels[part]}
    for name, search in simple_classifiers().items():
        search.fit(flat[first], labels[first])
        chosen[name] = search.best_params_
        predictions[name] = search.predict(flat[part])
    chosen["network"] = tuned_network(X[first], labels[first])
    predictions["network"] = np.array(
        [
            network_predictions(X[first], labels[first], X[part], **chosen["network"], seed=seed)
            for seed in range(SEEDS)
        ]
    )
    right = {name: np.mean(values == labels[part]) for name, values in predictions.items()}
    print(number, chosen, {name: f"{value:.3f}" for name, value in right.items()}, flush=True)
    return predictions, chosen


def measure_classifiers() -> None:
    """Write training_classifiers.npz."""
    results = [classify(number) for number in range(PARTS)]
    arrays = {
        name: np.concatenate([predictions[name] for predictions, _ in results], axis=-1)
        for name in results[0][0]
    }
    arrays = {name: values.astype(np.uint8) for name, values in arrays.items()}
    settings = np.array(json.dumps([chosen for _, chosen in results]))
    store_arrays(FOLDER / "classifiers.npz", arrays | {"settings": settings})


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    studies = {name: partial(measure_optimizer, name) for name in OPTIMIZERS}
    studies["classifiers"] = measure_classifiers
    parser.add_argument("study", nargs="?", choices=studies, help="one of the four, or all")
    chosen = parser.parse_args(arguments).study
    for name, measure in studies.items():
        if chosen in (None, name):
            measure()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
