"""Climb from a linear classifier to a residual network on Fashion-MNIST and CIFAR-10.

    python -m benchmarks.lessons.ladder [fashion-mnist] [cifar-10] [--libraries pytorch keras]
                                        [--write]
    make bench NAME=lessons.ladder

Each rung of the ladder adds one idea to the rung below it: `RUNGS` lists them. The last one is a
control, which leaves out flips and crops to see what they are worth with the schedule. PyTorch and
Keras train the same networks, from the same distribution of initial weights, on the same batches:
the images of a batch, their flips and their crops depend on nothing but the seed.

All rungs are tuned alike. PyTorch trains each one with every rate of `RATES` and the first seed.
While the best rate is the lowest or the highest one tried, a rate four times lower or higher is
tried too, up to twice as many. The rate with the highest validation accuracy, averaged over the
last three epochs, is then used for the other seeds and in Keras. The validation images are the last
5,000 of the training set, and no run trains on them. The test accuracy is measured once per run,
after its last epoch; nothing is chosen by it. The optimizer is AdamW, without weight decay on
biases and in batch normalization.

Each finished run is a file in course/lesson_tools/fashion_mnist/ladder, or in the folder named by
--records, and is not repeated: start the command again to resume. Interrupted runs start again, and
so do runs whose settings in this file have changed. If you change a network, delete its records.

All runs together take about two hours and a half on two idle cores. One process per data set with a
single thread each makes the best use of two cores:

    OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 python -m benchmarks.lessons.ladder fashion-mnist

--write puts the table into ladder.md. Offline, set the variable CONVNET_DATA to the data's folder;
convnet/data.py lists the files.
"""

import json
import math
import os
import platform
import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import argument_parser, show_figures, store_run
from benchmarks.lessons.fashion_mnist import KEYS

RECORDS = LESSON_TOOLS / "fashion_mnist/ladder"
EPOCHS, BATCH, DECAY = 15, 128, 0.05
WARM_UP = 2  # epochs
RATES = (0.0005, 0.002, 0.008)
SEEDS = (1, 2, 3)
VALIDATION = 5000  # images
LIBRARIES = {"pytorch": "PyTorch", "keras": "Keras"}


@dataclass(frozen=True)
class Rung:
    """A network and how it is trained."""

    title: str
    network: str
    augment: bool = False
    cosine: bool = False


RUNGS = {
    "linear": Rung("linear classifier", "linear"),
    "lenet": Rung("LeNet", "lenet"),
    "batch-norm": Rung("+ batch normalization", "lenet-bn"),
    "residual": Rung("+ residual blocks", "residual"),
    "augment": Rung("+ flips and crops", "residual", augment=True),
    "cosine": Rung("+ cosine schedule with warm-up", "residual", augment=True, cosine=True),
    "cosine-alone": Rung("the same without flips and crops", "residual", cosine=True),
}
DATA = {"fashion-mnist": "Fashion-MNIST", "cifar-10": "CIFAR-10"}
CROP = {"fashion-mnist": 2, "cifar-10": 4}  # pixels of padding on each side
BAR = "{desc} {percentage:.0f}% |{bar}| {elapsed}, {remaining} left"  # of a run


class Images(NamedTuple):
    """A data set: images as bytes, (m, n_H, n_W, n_C), and labels, (m,)."""

    train: tuple[np.ndarray, np.ndarray]
    validation: tuple[np.ndarray, np.ndarray]
    test: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Run:
    """One training run: its settings identify its record."""

    data: str
    library: str
    rung: str
    rate: float
    seed: int

    @property
    def name(self) -> str:
        return f"{self.data}-{self.library}-{self.rung}-{self.rate:g}-{self.seed}"

    @property
    def settings(self) -> dict:
        return {**asdict(self), "epochs": EPOCHS, "batch": BATCH, "decay": DECAY}


class Records:
    """The finished runs, one JSON file each."""

    def __init__(self, folder: Path):
        self.folder = folder

    def get(self, run: Run) -> dict | None:
        """Return the record of a run, or None if the run is missing or had other settings."""
        try:
            record = json.loads((self.folder / f"{run.name}.json").read_text())
        except FileNotFoundError:
            return None
        return record if record["settings"] == run.settings else None

    def add(self, run: Run, record: dict) -> None:
        """Store a record."""
        store_run(self.folder / f"{run.name}.json", {"settings": run.settings, **record})

    def tuned_rate(self, data: str, rung: str) -> float | None:
        """Return the rate with the highest validation accuracy; None before all were tried."""
        runs = tuning_runs(self, data, rung)
        best = best_run(self, runs)
        return None if best is None else runs[best].rate


def validation_accuracy(record: dict) -> float:
    """Return the mean over the last three epochs, which varies less than the last epoch's."""
    return statistics.mean(epoch["val_accuracy"] for epoch in record["epochs"][-3:])


def best_run(records: Records, runs: list[Run]) -> int | None:
    """Return the index of the highest validation accuracy; None if a run is missing."""
    tried = [records.get(run) for run in runs]
    if None in tried:
        return None
    return int(np.argmax([validation_accuracy(record) for record in tried]))


def tuning_runs(records: Records, data: str, rung: str) -> list[Run]:
    """Return the runs that choose the learning rate of a rung, by increasing rate."""
    rates = list(RATES)
    while True:
        runs = [Run(data, "pytorch", rung, rate, SEEDS[0]) for rate in rates]
        best = best_run(records, runs)
        if best not in (0, len(runs) - 1) or len(rates) == 2 * len(RATES):
            return runs
        if best == 0:
            rates.insert(0, rates[0] / 4)
        else:
            rates.append(rates[-1] * 4)


def final_runs(records: Records, data: str, library: str, rung: str) -> list[Run]:
    """Return the runs of the table, one for each seed; none before the rate is tuned."""
    rate = records.tuned_rate(data, rung)
    return [Run(data, library, rung, rate, seed) for seed in SEEDS] if rate else []


def missing_runs(records: Records, data: str, library: str) -> Iterator[Run]:
    """Yield the runs without a record, rung by rung; each must be recorded before the next."""
    for rung in RUNGS:
        if library == "pytorch":
            while missing := [r for r in tuning_runs(records, data, rung) if not records.get(r)]:
                yield from missing
        runs = final_runs(records, data, library, rung)
        if not runs:
            print(f"{DATA[data]}, {rung}: skipped, as PyTorch has not tuned its learning rate yet.")
        yield from (run for run in runs if not records.get(run))


def load(data: str) -> Images:
    """Load a data set, its last training images as validation images."""
    from convnet import data as sets

    loaded = {"fashion-mnist": sets.fashion_mnist, "cifar-10": sets.cifar10}[data]()
    images, test_images = (
        np.rint(255 * part).astype(np.uint8) for part in (loaded.train_images, loaded.test_images)
    )
    labels, split = loaded.train_labels, len(loaded.train_labels) - VALIDATION
    return Images(
        (images[:split], labels[:split]),
        (images[split:], labels[split:]),
        (test_images, loaded.test_labels),
    )


def learning_rate(rung: Rung, peak: float, progress: float) -> float:
    """Return the learning rate; progress: the part of all training steps done, 0 to 1."""
    if not rung.cosine:
        return peak
    warm_up = WARM_UP / EPOCHS
    if progress < warm_up:
        return peak * progress / warm_up
    return peak * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2


def augmented(images: np.ndarray, crop: int, rng: np.random.Generator) -> np.ndarray:
    """Flip half of the images left to right, and shift each by up to `crop` pixels."""
    m, n_H, n_W, _ = images.shape
    padded = np.pad(images, ((0, 0), (crop, crop), (crop, crop), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (n_H, n_W), axis=(1, 2))
    rows, columns = rng.integers(0, 2 * crop + 1, (2, m))
    crops = windows[np.arange(m), rows, columns].transpose(0, 2, 3, 1)
    flip = rng.random(m) < 0.5
    crops[flip] = crops[flip, :, ::-1]
    return crops


def batches(run: Run, images: Images, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
    """Yield the batches of an epoch: images as bytes, labels, and the learning rate."""
    rung = RUNGS[run.rung]
    X, labels = images.train
    rng = np.random.default_rng([run.seed, epoch])
    parts = np.split(rng.permutation(len(labels)), range(BATCH, len(labels), BATCH))
    for number, part in enumerate(parts):
        batch = augmented(X[part], CROP[run.data], rng) if rung.augment else X[part]
        step = epoch * len(parts) + number + 1  # so that the first rate of the warm-up is not 0
        yield batch, labels[part], learning_rate(rung, run.rate, step / (EPOCHS * len(parts)))


def train(run: Run, images: Images, advance=lambda part: None) -> dict:
    """Train a network and return its record; advance: is called with parts that add up to 1."""
    if run.library == "pytorch":
        from benchmarks.lessons._ladder_pytorch import Trainer
    else:
        from benchmarks.lessons._ladder_keras import Trainer

    X = images.train[0]
    sample = X[::10]
    mean, deviation = sample.mean(axis=(0, 1, 2)), sample.std(axis=(0, 1, 2))

    def normalized(batch):
        return ((batch - mean) / deviation).astype(np.float32)

    def measure(X, labels):
        parts = range(0, len(labels), 500)
        loss, accuracy = np.transpose(
            [trainer.evaluate(normalized(X[i : i + 500]), labels[i : i + 500]) for i in parts]
        )
        weights = [len(labels[i : i + 500]) for i in parts]
        return np.average(loss, weights=weights), np.average(accuracy, weights=weights)

    trainer = Trainer(RUNGS[run.rung].network, X.shape[1:], run.seed, DECAY)
    epochs = []
    for epoch in range(EPOCHS):

        def prepared(epoch=epoch):
            for batch, labels, rate in batches(run, images, epoch):
                yield normalized(batch), labels, rate
                advance(len(labels) / len(X) / EPOCHS)

        start = time.process_time()  # wall time would include what other programs do
        figures = trainer.train_epoch(prepared())
        seconds = time.process_time() - start
        figures = dict(zip(KEYS, (*figures, *measure(*images.validation)), strict=True))
        figures |= {"cpu_seconds": seconds}
        epochs.append({key: round(float(value), 5) for key, value in figures.items()})
    test_loss, test_accuracy = (round(float(value), 5) for value in measure(*images.test))
    return {
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "parameters": trainer.parameters,
        "macs": trainer.macs,
        "with": trainer.version,
        "on": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "epochs": epochs,
    }


def table(records: Records) -> str:
    """Return a table for each data set, one row per rung."""
    lines, made_with = [], set()
    for data, title in DATA.items():
        lines += [
            f"## {title}",
            "",
            "| rung | parameters | MACs | learning rate | test accuracy: PyTorch | Keras "
            "| CPU s per epoch: PyTorch | Keras |",
            "|---|--:|--:|--:|---|---|--:|--:|",
        ]
        for name, rung in RUNGS.items():
            rate = records.tuned_rate(data, name)
            finished = {
                library: [
                    record
                    for run in final_runs(records, data, library, name)
                    if (record := records.get(run))
                ]
                for library in LIBRARIES
            }
            some = (finished["pytorch"] or [None])[0]
            row = [f"{rung.title} (`{name}`)"]
            row += [f"{some['parameters']:,}", f"{some['macs']:,}"] if some else ["", ""]
            row += [f"{rate:g}" if rate else "not tuned"]
            row += [accuracies(runs) for runs in finished.values()]
            row += [fastest(runs) for runs in finished.values()]
            lines.append(f"| {' | '.join(row)} |")
            made_with |= {f"- {r['with']}, {r['on']}" for runs in finished.values() for r in runs}
        lines.append("")
    return "\n".join([*lines, *sorted(made_with), ""])


def accuracies(runs: list[dict]) -> str:
    """Return the mean, the spread and the values of test accuracies."""
    values = [run["test_accuracy"] for run in runs]
    if not values:
        return "not trained"
    spread = f" ± {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"**{statistics.mean(values):.4f}**{spread} ({', '.join(f'{v:.4f}' for v in values)})"


def fastest(runs: list[dict]) -> str:
    """Return the CPU seconds of the fastest epoch."""
    seconds = [epoch["cpu_seconds"] for run in runs for epoch in run["epochs"]]
    return f"{min(seconds):.0f}" if seconds else ""


def main(arguments=None) -> int:
    from tqdm import tqdm

    parser = argument_parser(__file__, __doc__)
    parser.add_argument("data", nargs="*", metavar="DATA", help=" or ".join(DATA))
    parser.add_argument("--libraries", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--records", type=Path, default=RECORDS, metavar="FOLDER")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.data if name not in DATA]
    if unknown:
        parser.error(f"unknown data set {unknown[0]!r}; choose from {', '.join(DATA)}")
    records = Records(given.records)
    pairs = [(data, library) for library in given.libraries for data in given.data or DATA]
    for data, library in pairs:
        images = None
        for run in missing_runs(records, data, library):
            images = images or load(data)
            with tqdm(total=1, desc=run.name, bar_format=BAR, mininterval=2) as bar:
                record = train(run, images, bar.update)
            records.add(run, record)
            print(
                f"{run.name}: validation {validation_accuracy(record):.4f}, "
                f"test {record['test_accuracy']:.4f}"
            )
    show_figures(__file__, table(records), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
