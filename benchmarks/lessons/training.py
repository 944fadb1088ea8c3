"""Compare optimizers at many learning rates, and a network with tuned baselines, on the digits.

    PYTHONPATH=course python -m benchmarks.lessons.training [--write]

**Optimizers.** SGD, SGD with several momentum coefficients, and Adam train the lesson's network
for six epochs, at learning rates in steps of 1.8. Each of the five runs at a rate has its own
training set of 1,200 digits, its own first parameters and its own order. SGD, momentum 0.9 and
Adam are also tuned on three other tasks, in steps of 3.2.

**Baselines.** The file of 1,797 digits is cut into six parts, in its order, so that most writers
are in one part only. Each part is the test set once. Everything is tuned on the other five, with
cross-validation in three folds of the same kind, and the network is trained from ten seeds.

All of it takes about a quarter of an hour on one core. --write puts the tables into training.md,
and what the lesson draws into course/lesson_tools/training/rates.npz: the rates, (rates,), and the
training losses and validation accuracies of SGD, momentum 0.9 and Adam, each (3, rates, runs).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from benchmarks import LESSON_TOOLS
from benchmarks._figures import report, store_arrays
from convnet.data import digits
from convnet.layers import Dense, Flatten
from convnet.models import digits_network
from convnet.network import Network
from convnet.training import SGD, Adam, evaluate, train
from convnet.types import Array

__all__ = ["DRAWN", "OPTIMIZERS", "RATES", "TASKS", "Task", "classify", "run"]

OPTIMIZERS: dict[str, Callable[[float], Any]] = {
    "SGD": SGD,
    "momentum 0.5": lambda rate: SGD(rate, momentum=0.5),
    "momentum 0.8": lambda rate: SGD(rate, momentum=0.8),
    "momentum 0.9": lambda rate: SGD(rate, momentum=0.9),
    "momentum 0.95": lambda rate: SGD(rate, momentum=0.95),
    "Adam": Adam,
}
DRAWN = ("SGD", "momentum 0.9", "Adam")
RATES = [float(f"{10 ** (k / 4):.2g}") for k in range(-14, 3)]
WIDE_RATES = [float(f"{10 ** (k / 2):.2g}") for k in range(-9, 3)]  # for the other tasks
RUNS, EPOCHS, TRAINED = 5, 6, 1200
SEEDS, PARTS, FOLDS = 10, 6, 3
NETWORK_RATES, NETWORK_EPOCHS = (0.003, 0.01, 0.03), (12, 24)


class Task(NamedTuple):
    """Something to train: a network, made from a seed, and how its images are prepared."""

    network: Callable[[int], Network] = digits_network
    batch: int = 32
    scale: float = 1


TASKS = {
    "digits": Task(),
    "a linear classifier": Task(lambda seed: Network([Flatten(), Dense(10)], (8, 8, 1), seed)),
    "mini-batches of 256": Task(batch=256),
    "pixels from 0 to 255": Task(scale=255),
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


def optimizer_row(task: str, optimizer: str, rates: Sequence[float], results: Array) -> str:
    """Return a row of the table: the rate with the smallest median loss, and its runs."""
    best = np.median(results[..., 0], axis=1).argmin()
    loss, accuracy = results[best].T
    spread = f"{np.median(loss):.3f} ({loss.min():.3f} to {loss.max():.3f})"
    return f"| {task} | {optimizer} | {rates[best]:g} | {spread} | {accuracy.mean():.1%} |"


def optimizers() -> str:
    """Return the table of all optimizers, and store what the lesson draws."""
    rows, drawn = [], {}
    for task in TASKS:
        for optimizer in OPTIMIZERS if task == "digits" else DRAWN:
            make, rates = OPTIMIZERS[optimizer], RATES if task == "digits" else WIDE_RATES
            results = np.array(
                [[run(TASKS[task], make(rate), seed) for seed in range(RUNS)] for rate in rates]
            )
            rows.append(optimizer_row(task, optimizer, rates, results))
            print(rows[-1], flush=True)
            if task == "digits":
                drawn[optimizer] = results
    results = np.array([drawn[name] for name in DRAWN], dtype=np.float32)
    arrays = {"rates": np.array(RATES), "loss": results[..., 0], "accuracy": results[..., 1]}
    store_arrays(LESSON_TOOLS / "training" / "rates.npz", arrays)
    head = "| task | optimizer | best rate | training loss | accuracy |\n|---|---|--:|---|--:|\n"
    return head + "\n".join(rows) + "\n"


def simple_classifiers() -> dict[str, GridSearchCV]:
    """Return classifiers that tune themselves when they are fitted."""
    grids = {
        "SVM": (SVC(), {"C": [1, 10, 100], "gamma": [0.02, 0.05, 0.1, 0.2, 0.5]}),
        "nearest neighbors": (KNeighborsClassifier(), {"n_neighbors": [1, 3, 5, 7, 9]}),
        "logistic regression": (LogisticRegression(max_iter=1000), {"C": [0.1, 0.3, 1, 3, 10]}),
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


def network_right(
    known: tuple[Array, Array], new: tuple[Array, Array], rate: float, epochs: int, seed: int
) -> Array:
    """Train a network, and return which of the new images it classifies correctly."""
    network = digits_network(seed)
    settings = {"epochs": epochs, "optimizer": Adam(rate), "seed": seed, "progress": False}
    train(network, *known, **settings)
    return network.scores(new[0]).argmax(axis=1) == new[1]


def classify(number: int) -> tuple[dict[str, Array], dict[str, Any]]:
    """Return which digits of a part all methods classify correctly, and their settings."""
    data = digits()
    X = np.concatenate([data.train_images, data.test_images])
    labels = np.concatenate([data.train_labels, data.test_labels])
    first, part = list(KFold(PARTS).split(X))[number]
    flat, settings, right = X.reshape(len(X), -1), {}, {}
    for name, search in simple_classifiers().items():
        search.fit(flat[first], labels[first])
        settings[name] = search.best_params_
        right[name] = search.predict(flat[part]) == labels[part]
    settings["network"] = tuned_network(X[first], labels[first])
    known, new = (X[first], labels[first]), (X[part], labels[part])
    right["network"] = np.array(
        [network_right(known, new, **settings["network"], seed=seed) for seed in range(SEEDS)]
    )
    return right, settings


def p_value(one: Array, other: Array) -> float:
    """Return the p-value of McNemar's test for two masks of correctly classified images."""
    only_one, only_other = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    return float(binomtest(only_one, only_one + only_other).pvalue)


def baselines() -> str:
    """Return the table of the network and the simpler classifiers."""
    parts = [classify(number) for number in range(PARTS)]
    right = {name: np.concatenate([r[name] for r, _ in parts], axis=-1) for name in parts[0][0]}
    head = "| method | mean | " + " | ".join(f"part {n + 1}" for n in range(PARTS))
    lines = [f"{head} | settings |", "|---" + "|--:" * (PARTS + 1) + "|---|"]
    for name, mask in right.items():
        cells = [f"{mask.mean():.1%}", *(f"{r[name].mean():.1%}" for r, _ in parts)]
        chosen = [", ".join(f"{k} {v:g}" for k, v in s[name].items()) for _, s in parts]
        chosen = [f"{chosen.count(c)} x {c}" for c in dict.fromkeys(chosen)]
        lines.append(f"| {name} | {' | '.join(cells)} | {'; '.join(chosen)} |")
    networks = right["network"]
    means = networks.mean(axis=1)
    lines += ["", f"Means of the ten networks: from {means.min():.1%} to {means.max():.1%}.", ""]
    for name in ("SVM", "nearest neighbors"):
        values = sorted(p_value(right[name], mask) for mask in networks)
        lines.append(f"P-values against {name}: from {values[0]:.2g} to {values[-1]:.2g}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    report(__file__, __doc__, lambda: optimizers() + "\n" + baselines())
