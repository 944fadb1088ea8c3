"""Histories of the course's long trainings on Fashion-MNIST, which lessons draw.

They are made by `python -m benchmarks.fashion_mnist` and `python -m benchmarks.edge_features`.
"""

import json
import math
from importlib import resources

from convnet.training import Epoch

__all__ = ["histories"]

HISTORIES = resources.files("lesson_tools") / "histories"


def histories(name):
    """
    What the course's trainings of a published model on Fashion-MNIST gave, epoch by epoch.

    name -- "conv7", "max-pool", "average-pool", "strides", "same", "lenet", "lenet-numpy" or
        "lenet-pytorch"; benchmarks/fashion_mnist.py says what they are. "features-edges",
        "features-learned", "features-frozen" or "features-pixels"; see benchmarks/edge_features.py

    Returns a dictionary with a list of `convnet.training.Epoch` for each seed; the validation
    figures are those of the test images, and the seconds nan where none were taken.

    Raises ValueError for another name.
    """
    found, known = {}, set()
    for file in sorted(HISTORIES.iterdir(), key=lambda file: file.name):
        model, _, seed = file.name.removesuffix(".json").rpartition("-")
        known.add(model)
        if file.name.endswith(".json") and model == name:
            epochs = json.loads(file.read_text())["epochs"]
            found[int(seed)] = [
                Epoch(
                    *(epoch[key] for key in ("loss", "accuracy", "val_loss", "val_accuracy")),
                    epoch.get("seconds", math.nan),
                )
                for epoch in epochs
            ]
    if not found:
        raise ValueError(f"there is no history of {name!r}: choose one of {sorted(known)}")
    return found
