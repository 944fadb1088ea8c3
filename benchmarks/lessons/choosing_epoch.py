"""Measure how much an accuracy is flattered if the test images choose the epoch.

    python -m benchmarks.lessons.choosing_epoch [--write]

Eight LeNets are trained on Fashion-MNIST, each on 6,875 training images and with a seed of its own;
no two share a training image. After each of 20 epochs, we measure the accuracy on 5,000 validation
images, which no network is trained on, and on two halves of the 10,000 test images. An epoch that
is chosen on one half is then judged on both. The four minutes of training on one core are stored;
delete the file to repeat them. Offline, set the variable CONVNET_DATA to the data's folder.
"""

import argparse
import json

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import show_figures

RESULTS = LESSON_TOOLS / "fashion_mnist/choosing_epoch.json"
RUNS, EPOCHS, BATCH, RATE, VALIDATION = 8, 20, 64, 0.001, 5000


def train(number: int, data) -> dict[str, list[float]]:
    """Train one network, and return its validation loss and its accuracies by epoch."""
    import torch
    from torch import nn

    def tensors(images, labels):
        return torch.from_numpy(images).permute(0, 3, 1, 2), torch.from_numpy(labels)

    torch.manual_seed(number)
    network = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    rest = len(data.train_labels) - VALIDATION
    X, labels = tensors(
        data.train_images[number:rest:RUNS].copy(), data.train_labels[number:rest:RUNS].copy()
    )
    X_val, val_labels = tensors(data.train_images[rest:], data.train_labels[rest:])
    X_test, test_labels = tensors(data.test_images, data.test_labels)
    first = torch.from_numpy(np.random.default_rng(0).permutation(10_000) < 5_000)
    history: dict[str, list[float]] = {
        name: [] for name in ("validation loss", "validation", "first half", "second half")
    }
    for _ in range(EPOCHS):
        network.train()
        for part in torch.randperm(len(labels)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(X[part]), labels[part]).backward()
            optimizer.step()
        network.eval()
        with torch.no_grad():
            logits = torch.cat([network(batch) for batch in X_val.split(500)])
            right = torch.cat([network(batch).argmax(1) for batch in X_test.split(500)])
        right = (right == test_labels).float()
        figures = (
            nn.functional.cross_entropy(logits, val_labels),
            (logits.argmax(1) == val_labels).float().mean(),
            right[first].mean(),
            right[~first].mean(),
        )
        for values, figure in zip(history.values(), figures, strict=True):
            values.append(round(figure.item(), 4))
    return history


def run_all() -> list[dict[str, list[float]]]:
    """Return the histories of all networks, stored or new."""
    if not RESULTS.exists():
        from convnet.data import fashion_mnist

        data = fashion_mnist()
        histories = []
        for number in range(RUNS):
            histories.append(train(number, data))
            print(
                f"network {number + 1} of {RUNS}: {histories[-1]['validation'][-1]:.3f}", flush=True
            )
        lines = ",\n".join(json.dumps(history) for history in histories)
        RESULTS.write_text(f"[\n{lines}\n]\n")
    return json.loads(RESULTS.read_text())


def table(histories: list[dict[str, list[float]]]) -> str:
    """Return a row for each way to choose the epoch, with the gains over the last epoch."""
    gains: dict[str, list[tuple[float, float]]] = {"validation": [], "test": []}
    for history in histories:
        halves = [np.array(history[f"{name} half"]) for name in ("first", "second")]
        for chooser, other in (halves, halves[::-1]):
            best = chooser.argmax()
            gains["test"].append((chooser[best] - chooser[-1], other[best] - other[-1]))
        both = np.mean(halves, axis=0)
        gain = both[np.argmax(history["validation"])] - both[-1]
        gains["validation"].append((gain, gain))
    lines = [
        "| epoch chosen on | gain on the images that chose | gain on other test images |",
        "|---|--:|--:|",
    ]
    seen, fair = 100 * np.mean(gains["test"], axis=0)
    lines.append(f"| half of the test images | {seen:.2f} points | {fair:.2f} points |")
    fair = 100 * np.mean(gains["validation"])
    lines.append(f"| validation images | | {fair:.2f} points |")
    return "\n".join(lines)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write choosing_epoch.md")
    chosen = parser.parse_args(arguments)
    show_figures(__file__, table(run_all()) + "\n", chosen.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
