"""Add the ingredients of today's recipe for training one at a time, each arm tuned alike.

    python -m benchmarks.lessons.training_today

The lesson "How networks are trained today" quotes the results, in
course/lesson_tools/training_today/results.npz. It needs PyTorch, and about five minutes of one
core.

The file of 1,797 digits is cut into ten parts, in its order, so that most writers are in one part
only. Run s tests on part s, chooses the rate with the part after it, and trains on the others, for
12 epochs in mini-batches of 32, with its own first weights and its own order of the images. So in
the ten runs of an arm every digit is tested once. Every arm is tried with all of its rates.

Arms without normalization train the network of the lesson "Training". The arms that begin with
"norm" train the same network with batch normalization, since decay on norms needs norms.

NAME_rates
    The settings of an arm, (settings,): learning rates; for arms with weight decay, pairs of rate
    and decay, (settings, 2).
NAME
    Accuracies after each epoch, on the validation part and on the test part, in
    (settings, runs, epochs, 2).
NAME_probability
    Mean probability of the predicted class in the test part at the end, (settings, runs).
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sklearn.model_selection import KFold
from torch import nn
from torch.nn import functional as F

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.data import digits

__all__ = ["ARMS", "main", "multiplier", "run"]

PATH = LESSON_TOOLS / "training_today/results.npz"
RUNS, EPOCHS, BATCH = 10, 12, 32
RATES = (0.003, 0.01, 0.03, 0.1)
NORM_RATES, DECAYS = (0.01, 0.03), (0.1, 1.0)

Settings = dict[str, Any]
ARMS: dict[str, Settings] = {
    "constant": {"schedule": "constant"},
    "cosine": {"schedule": "cosine"},
    "warm-up": {},
    "smoothing": {"smoothing": 0.1},
    "clipping": {"clip": 1.0},
    "shifts": {"shifts": True},
    "norm": {"norm": True},
    "norm, decay on all": {"norm": True, "decays": "all"},
    "norm, decay on weights": {"norm": True, "decays": "weights"},
}


def multiplier(step: int, steps: int, warm_up: int) -> float:
    """Return the factor of the learning rate in a step: linear warm-up, then half a cosine."""
    if step < warm_up:
        return (step + 1) / warm_up
    return float(0.5 * (1 + np.cos(np.pi * (step - warm_up) / (steps - warm_up))))


def network(norm: bool) -> nn.Module:
    """Return the network of the lesson "Training", with batch normalization if `norm`."""
    first, second = nn.Conv2d(1, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
    layers = [first, *[nn.BatchNorm2d(8)] * norm, nn.ReLU(), second]
    layers += [*[nn.BatchNorm2d(16)] * norm, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()]
    return nn.Sequential(*layers, nn.Linear(256, 10))


def shifted(images: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Shift each image by -1, 0 or 1 pixels in both directions."""
    padded = F.pad(images, (1, 1, 1, 1))
    rows, columns = torch.from_numpy(rng.integers(0, 3, (2, len(images), 1)))
    number = torch.arange(len(images)).reshape(-1, 1, 1)
    rows = (rows + torch.arange(8)).reshape(-1, 8, 1)
    columns = (columns + torch.arange(8)).reshape(-1, 1, 8)
    return padded[number, 0, rows, columns].unsqueeze(1)


def run(
    seed: int,
    rate: float,
    decay: float = 0.0,
    *,
    schedule: str = "warm-up",
    smoothing: float = 0.0,
    clip: float | None = None,
    shifts: bool = False,
    norm: bool = False,
    decays: str = "all",
) -> tuple[list[list[float]], float]:
    """Train a network; return its accuracies by epoch, and its confidence in the test part."""
    data = digits()
    X = torch.from_numpy(np.concatenate([data.train_images, data.test_images])).permute(0, 3, 1, 2)
    labels = torch.from_numpy(np.concatenate([data.train_labels, data.test_labels])).long()
    parts = [part for _, part in KFold(10).split(X)]
    test, validation = parts[seed % 10], parts[(seed + 1) % 10]
    others = np.concatenate([parts[(seed + k) % 10] for k in range(2, 10)])
    torch.manual_seed(seed)
    model, rng = network(norm), np.random.default_rng(seed)
    named = list(model.named_parameters())
    spared = [p for _, p in named if p.ndim < 2 and decays == "weights"]
    groups = [
        {"params": [p for _, p in named if p.ndim > 1 or decays == "all"], "weight_decay": decay},
        {"params": spared, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW([group for group in groups if group["params"]], lr=rate)
    per_epoch = -(-len(others) // BATCH)
    steps, step = EPOCHS * per_epoch, 0
    warm_up = per_epoch if schedule == "warm-up" else 0
    accuracies, scores = [], torch.empty(0)
    for _ in range(EPOCHS):
        model.train()
        order = rng.permutation(others)
        for start in range(0, len(order), BATCH):
            picked = order[start : start + BATCH]
            factor = 1.0 if schedule == "constant" else multiplier(step, steps, warm_up)
            for group in optimizer.param_groups:
                group["lr"] = rate * factor
            images = shifted(X[picked], rng) if shifts else X[picked]
            loss = F.cross_entropy(model(images), labels[picked], label_smoothing=smoothing)
            optimizer.zero_grad()
            loss.backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            step += 1
        model.eval()
        with torch.no_grad():
            right = []
            for part in (validation, test):
                scores = model(X[part])
                right.append((scores.argmax(1) == labels[part]).float().mean().item())
        accuracies.append(right)
    return accuracies, scores.softmax(1).max(1).values.mean().item()


def settings_of(name: str) -> list[tuple[float, ...]]:
    if "decay" in name:
        return [(rate, decay) for rate in NORM_RATES for decay in DECAYS]
    return [(rate,) for rate in (NORM_RATES if name == "norm" else RATES)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args(arguments)
    torch.set_num_threads(1)
    arrays: dict[str, np.ndarray] = {}
    for name, arm in ARMS.items():
        tried = settings_of(name)
        runs = [[run(seed, *setting, **arm) for seed in range(RUNS)] for setting in tried]
        arrays[name] = np.array([[accuracies for accuracies, _ in row] for row in runs])
        arrays[f"{name}_probability"] = np.array([[sure for _, sure in row] for row in runs])
        arrays[f"{name}_rates"] = np.squeeze(tried)
        for setting, values in zip(tried, arrays[name][:, :, -1].mean(axis=1), strict=True):
            print(f"{name} {setting}: validation {values[0]:.4f}, test {values[1]:.4f}", flush=True)
        store_arrays(PATH, {key: np.float32(values) for key, values in arrays.items()})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
