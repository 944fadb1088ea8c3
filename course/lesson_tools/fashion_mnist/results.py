"""Stored results of the lesson "Fashion-MNIST": from a linear classifier to a residual network.

`python -m benchmarks.lessons.ladder` creates the training runs and describes the rungs;
`python -m benchmarks.lessons.fashion_mnist` creates those of a published model.
"""

import json
from importlib import resources
from typing import NamedTuple

import numpy as np

from convnet.training import Epoch
from convnet.types import Array

__all__ = [
    "LadderRun",
    "both_libraries",
    "finished",
    "first_epoch",
    "ladder",
    "published_model",
    "validation_at",
]

LADDER = resources.files("lesson_tools") / "fashion_mnist/ladder"
HISTORIES = resources.files("lesson_tools") / "data/histories"

RUNGS = ("linear", "lenet", "batch-norm", "residual", "augment", "cosine", "cosine-alone")
KEYS = ("loss", "accuracy", "val_loss", "val_accuracy", "cpu_seconds")  # fields of Epoch


class LadderRun(NamedTuple):
    """One training run.

    Attributes
    ----------
    rung : str
        "linear", "lenet", "batch-norm", "residual", "augment", "cosine" or "cosine-alone", which
        has no flips and crops.
    rate : float
        Learning rate; with a schedule, its largest one.
    chosen : bool
        True if the rate had the highest validation accuracy of all rates tried on this rung.
    seed : int
        Seed of the initial weights and of the batches.
    parameters, macs : int
        Number of trained parameters, and multiply-accumulates for one image.
    test_accuracy : float
        Accuracy on the test images after the last epoch.
    epochs : list of convnet.training.Epoch
        History, measured on images held out from the training set; seconds are CPU seconds.
    """

    rung: str
    rate: float
    chosen: bool
    seed: int
    parameters: int
    macs: int
    test_accuracy: float
    epochs: list[Epoch]


def ladder(data: str, library: str) -> list[LadderRun]:
    """Load the training runs on one data set, sorted by rung from the lowest, rate and seed.

    Parameters
    ----------
    data : str
        "fashion-mnist" or "cifar-10".
    library : str
        "pytorch", which also tried the rates that were not chosen, or "keras".
    """
    files = (file for file in LADDER.iterdir() if file.name.startswith(f"{data}-{library}-"))
    records = [json.loads(file.read_text()) for file in files]
    settings = [record["settings"] for record in records]
    # Only the chosen rate was used with more than the first seed.
    chosen = {(setting["rung"], setting["rate"]) for setting in settings if setting["seed"] > 1}
    runs = [
        LadderRun(
            setting["rung"],
            setting["rate"],
            (setting["rung"], setting["rate"]) in chosen,
            setting["seed"],
            record["parameters"],
            record["macs"],
            record["test_accuracy"],
            [Epoch(*(epoch[key] for key in KEYS)) for epoch in record["epochs"]],
        )
        for setting, record in zip(settings, records, strict=True)
    ]
    return sorted(runs, key=lambda run: (RUNGS.index(run.rung), run.rate, run.seed))


def finished(data: str, library: str = "pytorch") -> dict[str, list[LadderRun]]:
    """Load the three runs with the chosen rate of each rung, from the lowest rung up.

    Parameters
    ----------
    data : str
        "fashion-mnist" or "cifar-10".
    library : str
        "pytorch" or "keras".
    """
    runs = [run for run in ladder(data, library) if run.chosen]
    return {rung: [run for run in runs if run.rung == rung] for rung in RUNGS}


def both_libraries(data: str) -> dict[str, Array]:
    """Return the test accuracies of each rung: three runs in PyTorch, three in Keras."""
    in_keras = finished(data, "keras")
    return {
        rung: np.array([run.test_accuracy for run in (*runs, *in_keras[rung])])
        for rung, runs in finished(data).items()
    }


def first_epoch(rung: str, rate: float | None = None) -> float:
    """Return the mean validation accuracy on Fashion-MNIST after one epoch in PyTorch.

    With a rate, of the run with the first seed at that rate; else of the runs with the chosen rate.
    """
    runs = [
        run
        for run in ladder("fashion-mnist", "pytorch")
        if run.rung == rung and (run.chosen if rate is None else (run.rate, run.seed) == (rate, 1))
    ]
    return float(np.mean([run.epochs[0].validation_accuracy for run in runs]))


def validation_at(rung: str, rate: float) -> float:
    """Return what chooses a rate on Fashion-MNIST: the mean validation accuracy at the end."""
    (run,) = (
        run
        for run in ladder("fashion-mnist", "pytorch")
        if (run.rung, run.rate, run.seed) == (rung, rate, 1)
    )
    return float(np.mean([epoch.validation_accuracy for epoch in run.epochs[-3:]]))


def published_model() -> list[float]:
    """Return the test accuracies of three runs of the published model with max pooling."""
    runs = (HISTORIES / f"max-pool-{seed}.json" for seed in (1, 2, 3))
    return [json.loads(run.read_text())["epochs"][-1]["val_accuracy"] for run in runs]
