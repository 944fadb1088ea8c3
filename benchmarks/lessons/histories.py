"""Store the results of training runs, epoch by epoch, and run the missing ones."""

import argparse
import json
import os
import platform
from pathlib import Path

from benchmarks import LESSON_TOOLS
from benchmarks._figures import show_figures

__all__ = ["KEYS", "History", "command", "finished", "made_with"]

HISTORIES = LESSON_TOOLS / "data/histories"
KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")


class History:
    """The epochs of a training run, in a file that is rewritten after each epoch.

    Parameters
    ----------
    length
        Number of epochs.

    Attributes
    ----------
    running
        Path of the saved state from which training can resume.
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
        """Record the software and machine; if there is no saved state, start again."""
        if not self.running.exists():
            self.epochs.clear()
        self.data |= {
            "parameters": parameters,
            "with": made_with,
            "on": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        }

    def add(self, epoch: int, figures: dict) -> None:
        """Store an epoch's metrics, which replace those of an epoch without a saved state."""
        self.epochs[epoch:] = [{key: round(float(value), 5) for key, value in figures.items()}]
        head = {key: value for key, value in self.data.items() if key != "epochs"}
        lines = ",\n".join("  " + json.dumps(epoch) for epoch in self.epochs)
        text = json.dumps(head, indent=1)[:-2] + f',\n "epochs": [\n{lines}\n ]\n}}\n'
        self.path.parent.mkdir(exist_ok=True)
        partial = self.path.with_suffix(".partial")
        partial.write_text(text)
        partial.replace(self.path)


def finished(name: str, length: int) -> list[dict]:
    """Return the finished training runs of a model, by seed."""
    paths = sorted(HISTORIES.glob(f"{name}-[0-9]*.json"))
    runs = [json.loads(path.read_text()) for path in paths]
    return [run for run in runs if len(run["epochs"]) == length]


def made_with(runs) -> list[str]:
    """Return lines about the software and machines of the runs."""
    return [f"- {version}" for version in sorted({f"{run['with']}, {run['on']}" for run in runs})]


def command(module, arguments=None) -> int:
    """Run a benchmark's command line: train the missing models, print and write the table.

    Return 0; invalid arguments end the program as in argparse.

    Parameters
    ----------
    module
        The benchmark, with MODELS by name, `history(name, seed)`, `title(name)`, `train(name, seed,
        history)` and `table()`; its docstring is the help.
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
        parser.error(f"unknown model {unknown[0]!r}; choose from {', '.join(models)}")
    for seed in given.seeds:
        for name in given.models or models:
            history = module.history(name, seed)
            if not history.finished:
                print(f"{module.title(name)}, seed {seed}")
                module.train(name, seed, history)
    show_figures(module.__file__, module.table(), given.write)
    return 0
