"""Train the course's models on Fashion-MNIST, and write a table of their accuracy.

    python -m benchmarks.lessons.fashion_mnist [MODEL ...] [--seeds 1 2 3] [--write]
    make bench NAME=lessons.fashion_mnist

Every model is trained like the first one in its publication: Adam with each library's default
settings, batches of 32, 10 epochs, all 60,000 images scaled to 0..1, no augmentation; the accuracy
is measured on the 10,000 test images after the last epoch. `MODEL` is a name in the table; the
default is all of them. Finished training runs are stored in
course/lesson_tools/data/histories/MODEL-SEED.json, and are not repeated. The four 7x7 convolutions
alone take an hour per seed on 2 cores.

--write puts the table into fashion_mnist.md. Offline, set the variable CONVNET_DATA to the data's
folder; convnet/data.py lists the files.
"""

import json
import os
import platform
import statistics
import time
from dataclasses import dataclass

from benchmarks import LESSON_TOOLS
from benchmarks._figures import argument_parser, show_figures, store_run

HISTORIES = LESSON_TOOLS / "data/histories"
KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")
EPOCHS, BATCH = 10, 32


@dataclass(frozen=True)
class Model:
    """One row of the table: description, number of parameters, and published accuracy."""

    title: str
    framework: str
    parameters: int
    published: float | None = None


MODELS = {
    "conv7": Model("four 7x7 convolutions", "Keras", 2_150_410, 0.8858),
    "max-pool": Model("3x3 convolutions, max pooling", "Keras", 1_588_490, 0.9125),
    "average-pool": Model("3x3 convolutions, average pooling", "Keras", 1_588_490),
    "strides": Model("3x3 convolutions, strides of 2", "Keras", 1_588_490, 0.9055),
    "same": Model("3x3 convolutions, strides of 2, SAME padding", "Keras", 1_818_890),
    "lenet": Model("LeNet", "Keras", 61_706),
    "lenet-pytorch": Model("LeNet", "PyTorch", 61_706),
    "lenet-numpy": Model("LeNet", "NumPy (convnet)", 61_706),
}


def keras_layers(name: str) -> list:
    """Return the layers of a model, between the input of 28x28x1 and the classes."""
    from keras.layers import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D

    def conv(filters, size=3, **options):
        return Conv2D(filters, size, activation="relu", **options)

    if name == "conv7":
        return [*(conv(filters, 7) for filters in (32, 64, 128, 256)), Flatten()]
    if name in ("max-pool", "average-pool"):
        pool = MaxPooling2D if name == "max-pool" else AveragePooling2D
        layers = [conv(32), conv(64), pool(2), conv(128), conv(256), pool(2), conv(512)]
        return [*layers, Flatten()]
    if name in ("strides", "same"):
        padding = "same" if name == "same" else "valid"
        pairs = zip((32, 64, 128, 256, 512), (1, 2, 1, 2, 1), strict=True)
        return [*(conv(n, strides=stride, padding=padding) for n, stride in pairs), Flatten()]
    layers = [conv(6, 5, padding="same"), MaxPooling2D(2), conv(16, 5), MaxPooling2D(2), Flatten()]
    return [*layers, Dense(120, activation="relu"), Dense(84, activation="relu")]


def keras_model(name: str):
    """Return the compiled Keras model for a row of the table."""
    import keras

    last = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((28, 28, 1)), *keras_layers(name), last])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def train_keras(name: str, seed: int) -> tuple[str, int, list[dict]]:
    """Train a Keras model."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from convnet.data import fashion_mnist

    data = fashion_mnist()
    keras.utils.set_random_seed(seed)
    model, epochs = keras_model(name), []
    timer = Timer()

    def note(epoch, logs):
        # Excludes the evaluation, which fit() runs after the epoch's last batch.
        epochs.append({"seconds": timer.seconds, **{key: logs[key] for key in KEYS}})

    model.fit(
        data.train_images,
        data.train_labels,
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=(data.test_images, data.test_labels),
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: timer.begin(),
                on_train_batch_end=lambda batch, logs: timer.now(),
                on_epoch_end=note,
            ),
        ],
    )
    made_with = f"Keras {keras.version()} on {keras.backend.backend()}"
    return made_with, model.count_params(), epochs


def train_numpy(name: str, seed: int) -> tuple[str, int, list[dict]]:
    """Train the course's LeNet."""
    import numpy as np

    from convnet.data import fashion_mnist
    from convnet.models import lenet
    from convnet.training import train

    data = fashion_mnist()
    network = lenet(seed=seed)
    epochs = train(
        network,
        data.train_images,
        data.train_labels,
        epochs=EPOCHS,
        batch=BATCH,
        seed=seed,
        validation=(data.test_images, data.test_labels),
    )
    history = [
        {"seconds": seconds, **dict(zip(KEYS, figures, strict=True))}
        for *figures, seconds in epochs
    ]
    return f"NumPy {np.__version__}", network.parameters.size, history


def torch_lenet():
    """Return LeNet in PyTorch."""
    from torch import nn

    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()),
        nn.Linear(84, 10),
    )


def train_pytorch(name: str, seed: int) -> tuple[str, int, list[dict]]:
    """Train LeNet in PyTorch."""
    import torch
    from torch.nn.functional import cross_entropy as cost

    from convnet.data import fashion_mnist

    data = fashion_mnist()
    torch.manual_seed(seed)
    model, epochs = torch_lenet(), []
    optimizer = torch.optim.Adam(model.parameters())
    images, test_images = (
        torch.from_numpy(a).permute(0, 3, 1, 2) for a in (data.train_images, data.test_images)
    )
    labels, test_labels = map(torch.from_numpy, (data.train_labels, data.test_labels))
    for epoch in range(EPOCHS):
        loss, right, start = 0.0, 0, time.perf_counter()
        for picked in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            scores = model(images[picked])
            batch_cost = cost(scores, labels[picked])
            batch_cost.backward()
            optimizer.step()
            loss += batch_cost.item() * len(picked)
            right += (scores.argmax(1) == labels[picked]).sum().item()
        seconds = time.perf_counter() - start
        with torch.no_grad():
            scores = model(test_images)
        measured = cost(scores, test_labels), (scores.argmax(1) == test_labels).float().mean()
        figures = loss / len(images), right / len(images), *map(float, measured)
        epochs.append({"seconds": seconds, **dict(zip(KEYS, figures, strict=True))})
        print(f"epoch {epoch + 1} of {EPOCHS}: test accuracy {figures[-1]:.4f}")
    parameters = sum(p.numel() for p in model.parameters())
    return f"PyTorch {torch.__version__}", parameters, epochs


TRAIN = {"Keras": train_keras, "NumPy (convnet)": train_numpy, "PyTorch": train_pytorch}


class Timer:
    """Measures the seconds from the start of an epoch to the end of its last batch."""

    def begin(self):
        self._begin = time.perf_counter()

    def now(self):
        self.seconds = time.perf_counter() - self._begin


def train(name: str, seed: int) -> None:
    """Train a model, and store its history."""
    made_with, parameters, epochs = TRAIN[MODELS[name].framework](name, seed)
    run = {
        "model": name,
        "seed": seed,
        "parameters": parameters,
        "with": made_with,
        "on": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "epochs": [
            {key: round(float(value), 5) for key, value in epoch.items()} for epoch in epochs
        ],
    }
    store_run(HISTORIES / f"{name}-{seed}.json", run)


def finished(name: str) -> list[dict]:
    """Return the training runs of a model, by seed."""
    return [json.loads(path.read_text()) for path in sorted(HISTORIES.glob(f"{name}-[0-9]*.json"))]


def table() -> str:
    """Return the table of finished training runs, one row per model."""
    lines = [
        "| model | in | parameters | published | ours, mean | seeds | fastest epoch, s |",
        "|---|---|--:|--:|--:|---|--:|",
    ]
    all_runs = []
    for name, model in MODELS.items():
        all_runs += (runs := finished(name))
        published = f"{model.published:.4f}" if model.published else "none"
        row = [f"{model.title} (`{name}`)", model.framework, f"{model.parameters:,}", published]
        accuracies = [run["epochs"][-1]["val_accuracy"] for run in runs]
        if runs:
            seconds = [epoch["seconds"] for run in runs for epoch in run["epochs"]]
            row += [f"{statistics.mean(accuracies):.4f}", ", ".join(f"{a:.4f}" for a in accuracies)]
            row += [f"{min(seconds):.0f}"]
        else:
            row += ["not trained", "", ""]
        lines.append(f"| {' | '.join(row)} |")
    versions = sorted({f"- {run['with']}, {run['on']}" for run in all_runs})
    return "\n".join([*lines, "", *versions, ""])


def main(arguments=None) -> int:
    parser = argument_parser(__file__, __doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help=", ".join(MODELS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    given = parser.parse_args(arguments)
    unknown = [name for name in given.models if name not in MODELS]
    if unknown:
        parser.error(f"unknown model {unknown[0]!r}; choose from {', '.join(MODELS)}")
    for seed in given.seeds:
        for name in given.models or MODELS:
            if not (HISTORIES / f"{name}-{seed}.json").exists():
                print(f"{MODELS[name].title}, seed {seed}")
                train(name, seed)
    show_figures(__file__, table(), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
