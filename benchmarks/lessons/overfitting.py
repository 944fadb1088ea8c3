"""Try remedies against overfitting on ten training sets, each tuned alike.

    python -m benchmarks.lessons.overfitting

The lesson on overfitting quotes the results, in course/lesson_tools/overfitting/results.npz.

Each of ten draws from the 1,797 digits has its own 150 training images, of which 15% are
mislabeled, 300 validation images, 897 test images and seed. Each arm may try six settings, "images"
and "labels" two. The one with the lowest validation loss is chosen, for each draw anew, and then
the test images are read. Simpler classifiers are chosen by their validation accuracy.

nothing, dropout, augmentation, decay, both, images, labels
    For each setting and draw (settings, draws, 6): the lowest validation loss and that after the
    last of 80 epochs; the validation and the test accuracy with the parameters of the lowest loss;
    both accuracies after the last epoch. "both" is dropout and augmentation, "images" has 600
    training images, with the same fraction of wrong labels, "labels" has 150 correct ones.
regression, neighbors, svm
    Validation and test accuracy for each setting and draw, (settings, draws, 2).

All of it takes about six minutes of one core.
"""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.training import Adam, evaluate
from convnet.types import Array
from lesson_tools.overfitting.experiments import AdamW, draw_sets, fit, make_network, random_shifts

__all__ = ["ARMS", "CLASSIFIERS", "main", "run"]

DRAWS = 10
RATES = (2e-3, 5e-3)  # learning rates
ARMS: dict[str, list[dict[str, Any]]] = {
    "nothing": [{"rate": rate} for rate in (5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)],
    "dropout": [{"rate": r, "dropout": p} for r, p in product(RATES, (0.25, 0.5, 0.75))],
    "augmentation": [{"rate": r, "shift": s} for r, s in product(RATES, (0.5, 1, 2))],
    "decay": [{"rate": r, "decay": d} for r, d in product(RATES, (0.1, 0.3, 1.0))],
    "both": [{"rate": r, "dropout": p, "shift": 1} for r, p in product(RATES, (0.25, 0.5, 0.75))],
    "images": [{"rate": rate, "images": 600} for rate in RATES],
    "labels": [{"rate": rate, "correct": True} for rate in RATES],
}
CLASSIFIERS: dict[str, list[Any]] = {
    "regression": [LogisticRegression(C=C, max_iter=2000) for C in (0.01, 0.03, 0.1, 0.3, 1, 3)],
    "neighbors": [KNeighborsClassifier(k) for k in (1, 3, 5, 7, 9, 11)],
    "svm": [SVC(C=C, gamma=g) for C, g in product((1, 3, 10), (0.05, 0.1))],
}


def half_shifted(batch: Array, rng: np.random.Generator) -> Array:
    """Shift every other image, by chance, by up to one pixel."""
    kept = rng.random((len(batch), 1, 1, 1)) < 0.5
    return np.where(kept, batch, random_shifts(batch, rng))


def run(
    number: int,
    rate: float,
    dropout: float = 0.0,
    shift: float = 0,
    decay: float = 0.0,
    images: int = 150,
    correct: bool = False,
) -> list[float]:
    """Train a network on a draw; return losses and accuracies in the module docstring's form."""
    training, validation, test = draw_sets(number, images, correct)
    network = make_network(number, dropout)
    optimizer = AdamW(rate, decay, network) if decay else Adam(rate)
    augment: Callable[..., Array] | None = half_shifted if shift == 0.5 else None
    if shift >= 1:
        augment = partial(random_shifts, by=int(shift))
    losses, best = fit(network, training, validation, optimizer, seed=number, augment=augment)
    at_end = [evaluate(network, *part)[1] for part in (validation, test)]
    network.parameters[:] = best
    at_best = [evaluate(network, *part)[1] for part in (validation, test)]
    return [losses.min(), losses[-1], *at_best, *at_end]


def score(number: int, classifier: Any) -> list[float]:
    """Fit a classifier of scikit-learn on a draw; return validation and test accuracy."""
    (X, y), *others = draw_sets(number)
    classifier.fit(X.reshape(len(X), -1), y)
    return [classifier.score(A.reshape(len(A), -1), labels) for A, labels in others]


def main() -> None:
    """Run everything and store the results."""
    results = {}
    for name, classifiers in CLASSIFIERS.items():
        results[name] = [[score(n, c) for n in range(DRAWS)] for c in classifiers]
    for name, settings in ARMS.items():
        results[name] = [[run(n, **setting) for n in range(DRAWS)] for setting in settings]
        print(name, np.round(np.mean(results[name], axis=1), 3).tolist(), flush=True)
    path = LESSON_TOOLS / "overfitting/results.npz"
    store_arrays(path, {name: np.array(a, np.float32) for name, a in results.items()})


if __name__ == "__main__":
    main()
