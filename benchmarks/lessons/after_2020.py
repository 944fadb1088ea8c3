"""Train small networks that differ in one layer: depthwise convolution, or attention.

    python -m benchmarks.lessons.after_2020

Each network reads 8 x 8 digits as 16 patches of 2 x 2 pixels with a learned position embedding, and
has two blocks of a transformer: a layer that mixes the positions, then two dense layers, each part
with a normalization and a shortcut. The networks differ in the layer that mixes the positions.
There are two controls. Either the pixels of all images are shuffled in the same way, or learned
matrices mix the positions, one for all channels or one for each, without any notion of neighbors.
The learning rate of each arm is chosen on 300 validation digits, with two seeds, from rates that
are tried until the best one lies between two others. Then there are five runs, each with its own
seed and, for 100 training images, its own images. The baseline is the nearest neighbor among the
same training images. Needs PyTorch and scikit-learn, takes about ten minutes on one
core, and continues where it stopped. Results: course/lesson_tools/after_2020/results.json.
"""

import json
from functools import cache

import numpy as np
import torch
from sklearn.neighbors import KNeighborsClassifier
from torch import nn
from torch.nn import functional as F

from benchmarks import LESSON_TOOLS
from convnet.data import digits

RESULTS = LESSON_TOOLS / "after_2020/results.json"
SEEDS, TUNING_SEEDS, STEPS, BATCH, DIM = 5, 2, 600, 25, 32
RATES, FIRST_RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1), (0.003, 0.01)
ARMS = {  # name: (what mixes the positions, shuffled pixels, numbers of training images)
    "convolution": ("convolution", False, (100, 1200)),
    "attention": ("attention", False, (100, 1200)),
    "convolution, shuffled": ("convolution", True, (100, 1200)),
    "attention, shuffled": ("attention", True, (100, 1200)),
    "one matrix": ("matrix", False, (100,)),
    "a matrix per channel": ("matrices", False, (100,)),
}


class Block(nn.Module):
    """A transformer block with attention, a depthwise convolution, or matrices that mix tokens."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(DIM, DIM, 3, padding=1, groups=DIM)
        self.attention = nn.MultiheadAttention(DIM, 4, batch_first=True)
        delattr(self, "attention" if kind == "convolution" else "convolution")
        self.norms = nn.ModuleList(nn.LayerNorm(DIM) for _ in range(2))
        self.expand, self.project = nn.Linear(DIM, 4 * DIM), nn.Linear(4 * DIM, DIM)
        if kind in ("matrix", "matrices"):  # from 16 positions to 16
            del self.attention
        if kind == "matrix":
            self.matrix = nn.Linear(16, 16)
        if kind == "matrices":
            self.matrices = nn.Parameter(torch.empty(DIM, 16, 16).uniform_(-0.25, 0.25))
            self.bias = nn.Parameter(torch.zeros(DIM))

    def mixed(self, x: torch.Tensor) -> torch.Tensor:
        """Mix the positions of x, (m, n_H, n_W, DIM)."""
        if hasattr(self, "convolution"):
            return self.convolution(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        tokens = x.flatten(1, 2)
        if hasattr(self, "matrix"):
            return self.matrix(tokens.transpose(1, 2)).transpose(1, 2).reshape(x.shape)
        if hasattr(self, "matrices"):
            mixed = torch.einsum("mnd,dkn->mkd", tokens, self.matrices) + self.bias
            return mixed.reshape(x.shape)
        return self.attention(tokens, tokens, tokens, need_weights=False)[0].reshape(x.shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Mix positions, then channels, each around a shortcut."""
        x = x + self.mixed(self.norms[0](x))
        return x + self.project(F.gelu(self.expand(self.norms[1](x))))


class Classifier(nn.Module):
    """Patches of 2 x 2 pixels, two blocks, global average pooling."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, DIM, 2, stride=2)
        self.positions = nn.Parameter(0.02 * torch.randn(1, 4, 4, DIM))
        self.blocks = nn.Sequential(Block(kind), Block(kind), nn.LayerNorm(DIM))
        self.head = nn.Linear(DIM, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of images (m, 1, 8, 8)."""
        x = self.stem(images).permute(0, 2, 3, 1) + self.positions
        return self.head(self.blocks(x).mean(dim=(1, 2)))


@cache
def run(arm: str, size: int, rate: float, seed: int) -> dict[str, float]:
    """Train once; return the final training loss, and the validation and the test accuracy."""
    kind, shuffled, _ = ARMS[arm]
    data, rng = digits(), np.random.default_rng(seed)
    pixels = np.random.default_rng(99).permutation(64) if shuffled else np.arange(64)
    train_X, test_X = (
        torch.tensor(x.reshape(-1, 64)[:, pixels].reshape(-1, 1, 8, 8), dtype=torch.float32)
        for x in (data.train_images, data.test_images)
    )
    train_y, test_y = torch.tensor(data.train_labels), torch.tensor(data.test_labels)
    chosen = torch.tensor(rng.permutation(1200)[:size])
    torch.manual_seed(seed)
    model = Classifier(kind)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, STEPS)
    losses = []
    for _ in range(STEPS):
        batch = chosen[torch.randint(size, (BATCH,))]
        loss = F.cross_entropy(model(train_X[batch]), train_y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    model.eval()
    with torch.inference_mode():
        parts = ((train_X[1200:], train_y[1200:]), (test_X, test_y))
        validation, test = ((model(X).argmax(1) == y).float().mean().item() for X, y in parts)
    values = {"loss": np.mean(losses[-100:]), "validation": validation, "test": test}
    return {name: round(float(value), 4) for name, value in values.items()}


def tuned(arm: str, size: int) -> dict[float, float]:
    """Return validation accuracies by rate; the best rate lies between two others."""
    scores: dict[float, float] = {}
    rates = FIRST_RATES
    while rates:
        for rate in rates:
            runs = [run(arm, size, rate, seed)["validation"] for seed in range(TUNING_SEEDS)]
            scores[rate] = round(float(np.mean(runs)), 4)
        best = RATES.index(max(scores, key=lambda rate: scores[rate]))
        rates = tuple(rate for rate in RATES[best - 1 : best + 2] if rate not in scores)
    return dict(sorted(scores.items()))


def nearest(size: int) -> dict[str, list[float]]:
    """Return the test accuracies of the nearest neighbor, for the training images of each seed."""
    data = digits()
    flat, flat_test = data.train_images.reshape(-1, 64), data.test_images.reshape(-1, 64)
    scores = []
    for seed in range(SEEDS):
        chosen = np.random.default_rng(seed).permutation(1200)[:size]
        model = KNeighborsClassifier(1).fit(flat[chosen], data.train_labels[chosen])
        scores.append(round(float(model.score(flat_test, data.test_labels)), 4))
    return {"test": scores}


def main() -> None:
    """Tune and train all arms, and store the results."""
    torch.set_num_threads(1)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results |= {f"nearest neighbor, {size}": nearest(size) for size in (100, 1200)}
    for arm, (*_, sizes) in ARMS.items():
        for size in sizes:
            name = f"{arm}, {size}"
            if name in results:
                continue
            scores = tuned(arm, size)
            best = max(scores, key=lambda rate: scores[rate])
            runs = [run(arm, size, best, seed) for seed in range(SEEDS)]
            results[name] = {
                "tuning": {f"{rate:g}": score for rate, score in scores.items()},
                "rate": best,
                "loss": [values["loss"] for values in runs],
                "test": [values["test"] for values in runs],
            }
            print(f"{name}:", results[name], flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
