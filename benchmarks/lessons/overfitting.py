"""Try remedies against overfitting on ten training sets, each of them tuned.

    PYTHONPATH=course python -m benchmarks.lessons.overfitting [--write]

Each of ten draws from the 1,797 digits has its own 150 training images, 300 validation images, 897
test images, first weights and order. The labels of the training images are correct, or 15% of
them are wrong. Every arm tries its settings on each draw, and the one with the lowest validation
loss is chosen, for each draw anew. Only then are the test images read. This is done with early
stopping, and also for the parameters after the last of 80 epochs. The chosen settings are trained
once more from other first weights. The SVM is chosen by its validation accuracy.

All of it takes about a quarter of an hour on one core. --write puts the tables into overfitting.md,
and what the lesson draws into course/lesson_tools/overfitting/results.npz: for each arm with early
stopping and wrong labels, the accuracies on the ten test sets, and as "labels" those of the plain
network with correct labels.
"""

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import product
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # several threads would only wait here

import numpy as np
from sklearn.svm import SVC

from benchmarks import LESSON_TOOLS
from benchmarks._figures import report, store_arrays
from convnet.network import Network
from convnet.training import Adam, evaluate
from convnet.types import Array
from lesson_tools.overfitting.experiments import draw_sets
from tests.lesson_tools.cells import defined

__all__ = ["ARMS", "DRAWS", "AdamW", "memorized", "run"]

DRAWS = 10
RATES = (2e-3, 5e-3)  # learning rates
ARMS: dict[str, list[dict[str, Any]]] = {
    "nothing": [{"rate": r} for r in (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2)],
    "dropout": [{"rate": r, "dropout": p} for r, p in product(RATES, (0.25, 0.5, 0.75))],
    "augmentation": [{"rate": r, "shift": s} for r, s in product(RATES, (0.5, 1, 2))],
    "decay": [{"rate": r, "decay": d} for r, d in product(RATES, (0.03, 0.3, 1))],
    "both": [{"rate": r, "dropout": p, "shift": 1} for r, p in product(RATES, (0.25, 0.5, 0.75))],
    "images": [{"rate": r, "images": 600} for r in RATES],
    "narrow": [{"rate": r, "width": 0.25} for r in (5e-4, 1e-3, *RATES, 1e-2)],
    "wide": [{"rate": r, "width": 4} for r in (5e-4, 1e-3, 2e-3)],
    "wide and both": [{"rate": r, "width": 4, "dropout": 0.5, "shift": 1} for r in (1e-3, 2e-3)],
}
WRONG_ONLY = ("images", "wide and both")  # arms that are not run with correct labels
PAIRS = (
    *(("augmentation", "dropout"), ("both", "dropout"), ("both", "augmentation")),
    *(("images", "both"), ("SVM", "dropout"), ("both", "SVM"), ("both", "SVM, shifted")),
    *(("wide and both", "both"), ("wide and both", "SVM, shifted")),
)
CLASSIFIERS = [SVC(C=C, gamma=g) for C, g in product((0.3, 1, 3, 10), (0.02, 0.05, 0.1, 0.2))]


TAUGHT = defined("15_overfitting", "make_network", "fit", "random_shifts", "Dropout")
random_shifts = TAUGHT["random_shifts"]


class AdamW(Adam):
    """Adam with decoupled weight decay; biases are not decayed."""

    def __init__(self, learning_rate: float, decay: float, network: Network) -> None:
        super().__init__(learning_rate)
        arrays = network.named_arrays().values()
        self.decayed = np.concatenate([np.full(a.size, a.ndim > 1) for a in arrays])
        self.decay = decay

    def step(self, parameters: Array, gradients: Array) -> None:
        """Shrink the weights a little, then make Adam's step."""
        parameters -= self.settings["learning_rate"] * self.decay * self.decayed * parameters
        super().step(parameters, gradients)


def fit(
    network: Network,
    training: tuple[Array, Array],
    validation: tuple[Array, Array],
    optimizer: Adam,
    **options: Any,
) -> tuple[Array, Array]:
    """Train as the lesson does; return the validation losses and the best parameters."""
    TAUGHT["validation"] = validation
    history, best = TAUGHT["fit"](network, *training, optimizer, **options)
    return history[:, 2], best


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
    width: float = 1,
    correct: bool = False,
    seed: int = 0,
) -> list[float]:
    """Train on a draw; return the best and the last validation loss, and their test accuracies."""
    training, validation, test = draw_sets(number, images, correct)
    drop = [TAUGHT["Dropout"](dropout, number + seed + 100 * k) for k in (1, 2)] if dropout else []
    network = TAUGHT["make_network"](number + seed, drop, int(8 * width))
    optimizer = AdamW(rate, decay, network) if decay else Adam(rate)
    augment: Callable[..., Array] | None = half_shifted if shift == 0.5 else None
    if shift >= 1:
        augment = partial(random_shifts, by=int(shift))
    losses, best = fit(
        network, training, validation, optimizer, seed=number + seed, augment=augment
    )
    at_end = evaluate(network, *test)[1]
    network.parameters[:] = best
    return [losses.min(), losses[-1], evaluate(network, *test)[1], at_end]


def tuned(arm: str, correct: bool) -> Array:
    """Return test accuracies (3, draws): stopped early, not stopped, stopped from other weights."""
    settings = ARMS[arm]
    runs = np.array([[run(n, **s, correct=correct) for n in range(DRAWS)] for s in settings])
    best, last = runs[:, :, 0].argmin(axis=0), runs[:, :, 1].argmin(axis=0)
    draws = range(DRAWS)
    again = [run(n, **settings[best[n]], correct=correct, seed=1000)[2] for n in draws]
    counts = [np.bincount(chosen, minlength=len(settings)).tolist() for chosen in (best, last)]
    print(arm, "correct" if correct else "wrong", *counts, flush=True)
    return np.array([runs[best, draws, 2], runs[last, draws, 3], again])


def support_vectors(correct: bool, shifted: bool) -> Array:
    """Return the test accuracies of a tuned SVM, with the eight shifts by a pixel or without."""
    accuracies = []
    for number in range(DRAWS):
        (X, y), *others = draw_sets(number, correct=correct)
        if shifted:
            padded = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
            corners = product(range(3), repeat=2)
            X = np.concatenate([padded[:, r : r + 8, q : q + 8] for r, q in corners])
            y = np.tile(y, 9)
        scores = []
        for classifier in CLASSIFIERS:
            classifier.fit(X.reshape(len(X), -1), y)
            scores.append([classifier.score(A.reshape(len(A), -1), b) for A, b in others])
        accuracies.append(max(scores, key=lambda pair: pair[0])[1])
    return np.array(accuracies)


def memorized(number: int, rate: float) -> Array:
    """Return how many mislabeled images get their correct and their wrong label, by epoch."""
    training, validation, _ = draw_sets(number)
    correct = draw_sets(number, correct=True)[0][1]
    wrong = np.flatnonzero(training[1] != correct)
    kept = []

    def remember(network: Any) -> None:
        predicted = network.scores(training[0][wrong]).argmax(axis=1)
        kept.append([np.mean(predicted == a[wrong]) for a in (correct, training[1])])

    fit(
        TAUGHT["make_network"](number),
        training,
        validation,
        Adam(rate),
        seed=number,
        after_epoch=remember,
    )
    return np.array(kept)


def gain(differences: Array) -> str:
    """Describe gains in percentage points: mean, standard error, and the number of draws won."""
    points = 100 * differences
    error = points.std(ddof=1) / np.sqrt(len(points))
    return f"{points.mean():+.1f} ± {error:.1f}, {np.sum(points > 0)} of {len(points)}"


def compare(correct: bool) -> tuple[str, dict[str, Array]]:
    """Return the tables for correct or for 15% wrong labels, and the accuracies of each arm."""
    results = {arm: tuned(arm, correct) for arm in ARMS if not (correct and arm in WRONG_ONLY)}
    vectors = {f"SVM{', shifted' * s}": support_vectors(correct, s) for s in (False, True)}
    plain = results["nothing"]
    title = "correct labels" if correct else "15% wrong labels"
    lines = [
        f"| {title} | accuracy | gain | other first weights | not stopped | gain |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for arm, (early, end, again) in results.items():
        gains = gain(early - plain[0]), gain(again - plain[2]), gain(end - plain[1])
        if arm == "nothing":
            gains = ("",) * 3
        cells = arm, f"{early.mean():.1%}", *gains[:2], f"{end.mean():.1%}", gains[2]
        lines.append(f"| {' | '.join(cells)} |")
    for name, values in vectors.items():
        lines.append(f"| {name} | {values.mean():.1%} | {gain(values - plain[0])} | | | |")
    lines += ["", f"| {title} | difference |", "|---|--:|"]
    lines.append(f"| nothing, stopped or not | {gain(plain[0] - plain[1])} |")
    early = {arm: values[0] for arm, values in results.items()} | vectors
    for first, second in PAIRS:
        if first in early:
            lines.append(f"| {first}, {second} | {gain(early[first] - early[second])} |")
    return "\n".join(lines), early


def tables() -> str:
    """Run everything, store what the lesson draws, and return the tables."""
    with ProcessPoolExecutor(2) as pool:
        (wrong, stored), (correct, others) = pool.map(compare, (False, True))
    lines = ["| learning rate | epoch | correct class | wrong label |", "|--:|--:|--:|--:|"]
    for rate in (1e-3, 5e-3):
        runs = np.array([memorized(number, rate) for number in range(DRAWS)])
        for epoch in (5, 10, 20, 40, 80):
            now = runs[:, epoch - 1].T
            cells = [f"{a.mean():.0%} ({a.min():.0%} to {a.max():.0%})" for a in now]
            lines.append(f"| {rate} | {epoch} | {' | '.join(cells)} |")
    stored["labels"] = others["nothing"]
    path = LESSON_TOOLS / "overfitting/results.npz"
    store_arrays(path, {name: np.float32(a) for name, a in stored.items()})
    return "\n\n".join((wrong, correct, "\n".join(lines))) + "\n"


if __name__ == "__main__":
    report(__file__, __doc__, tables)
