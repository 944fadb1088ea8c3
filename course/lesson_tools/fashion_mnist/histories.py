"""Histories of the course's long training runs on Fashion-MNIST, which lessons draw.

`python -m benchmarks.lessons.fashion_mnist` creates them.
"""

import json
import math
from importlib import resources

from convnet.training import Epoch

__all__ = ["histories"]

HISTORIES = resources.files("lesson_tools") / "data/histories"


def histories(name: str) -> dict[int, list[Epoch]]:
    """Load the histories of a model's training runs on Fashion-MNIST.

    Parameters
    ----------
    name : str
        "conv7", "max-pool", "average-pool", "strides", "same", "lenet", "lenet-numpy" or
        "lenet-pytorch", which benchmarks/lessons/fashion_mnist.py describes.

    Returns
    -------
    runs : dict of int to list of convnet.training.Epoch
        History for each seed. Validation metrics are measured on the test images; seconds are nan
        if they were not measured.

    Raises
    ------
    ValueError
        If there is no model of that name.
    """
    runs: dict[int, list[Epoch]] = {}
    models = set()
    for file in sorted(HISTORIES.iterdir(), key=lambda file: file.name):
        model, _, seed = file.name.removesuffix(".json").rpartition("-")
        if model:  # other files have no seed in their names
            models.add(model)
        if file.name.endswith(".json") and model == name:
            epochs = json.loads(file.read_text())["epochs"]
            runs[int(seed)] = [
                Epoch(
                    epoch["loss"],
                    epoch["accuracy"],
                    epoch["val_loss"],
                    epoch["val_accuracy"],
                    epoch.get("seconds", math.nan),
                )
                for epoch in epochs
            ]
    if not runs:
        raise ValueError(f"there is no history of {name!r}: choose one of {sorted(models)}")
    return runs
