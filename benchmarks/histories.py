"""What trainings have reached, epoch by epoch, and the command that trains what is missing."""

import argparse
import json
import os
import platform
from pathlib import Path

from benchmarks._figures import show_figures

__all__ = ["KEYS", "History", "command", "finished", "made_with"]

HISTORIES = Path(__file__).parents[1] / "course" / "lesson_tools" / "histories"  # lessons show them
KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")


class History:
    """What a training has reached, in a file that is written whole after each epoch.

    length: the number of epochs
    running: the path of what a training keeps to go on from, where it can
    """

    def __init__(self, name: str, seed: int, length: int):
        self.path = HISTORIES / f"{name}-{seed}.json"
        self.running = self.path.with_suffix(".running")
        self.length = length
        self.data = {"model": name, "seed": seed, "epochs": []}
        if self.path.exists():
            self.data = json.loads(self.path.read_text())

    @property
    def epochs(self) -> list[dict]:
        return self.data["epochs"]

    @property
    def finished(self) -> bool:
        return len(self.epochs) == self.length

    def begin(self, made_with: str, parameters: int) -> None:
        """Note what trains; a run whose saved state is gone begins anew."""
        if not self.running.exists():
            self.epochs.clear()
        self.data |= {
            "parameters": parameters,
            "with": made_with,
            "on": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        }

    def add(self, epoch: int, figures: dict) -> None:
        """Put an epoch's figures in its place; one whose state was not saved comes twice."""
        self.epochs[epoch:] = [{key: round(float(value), 5) for key, value in figures.items()}]
        head = {key: value for key, value in self.data.items() if key != "epochs"}
        lines = ",\n".join("  " + json.dumps(epoch) for epoch in self.epochs)
        text = json.dumps(head, indent=1)[:-2] + f',\n "epochs": [\n{lines}\n ]\n}}\n'
        self.path.parent.mkdir(exist_ok=True)
        partial = self.path.with_suffix(".partial")
        partial.write_text(text)
        partial.replace(self.path)


def finished(name: str, length: int) -> list[dict]:
    """The stored runs of a model that reached their last epoch, by seed."""
    paths = sorted(HISTORIES.glob(f"{name}-[0-9]*.json"))
    runs = [json.loads(path.read_text()) for path in paths]
    return [run for run in runs if len(run["epochs"]) == length]


def made_with(runs) -> list[str]:
    """Lines that say what runs were made with, and on what."""
    return [f"- {version}" for version in sorted({f"{run['with']}, {run['on']}" for run in runs})]


def command(module, arguments=None) -> int:
    """The command line of a benchmark: train what is missing, show the table, write it.

    module: with MODELS by name, `history(name, seed)`, `title(name)`, `train(name, seed, history)`
        and `table()`; its docstring is the help
    returns: 0; arguments that are none end the program as argparse does
    """
    models, page = module.MODELS, Path(module.__file__).with_suffix(".md").name
    parser = argparse.ArgumentParser(
        description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", metavar="MODEL", help=", ".join(models))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--write", action="store_true", help=f"put the table into {page}")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.models if name not in models]
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}; there are {', '.join(models)}")
    for seed in given.seeds:
        for name in given.models or models:
            history = module.history(name, seed)
            if not history.finished:
                print(f"{module.title(name)}, seed {seed}")
                module.train(name, seed, history)
    show_figures(module.__file__, module.table(), given.write)
    return 0
