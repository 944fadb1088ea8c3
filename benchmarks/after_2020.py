"""Train small networks that differ in one layer: depthwise convolution, or attention.

    python -m benchmarks.after_2020

Each network reads 8 x 8 digits as 16 patches of 2 x 2 pixels, and has two blocks. What mixes the
positions in a block is a depthwise 3x3 convolution, attention, or attention with a learned position
embedding. As a control, the pixels of all images are shuffled in the same way. Each arm has three
learning rates, chosen on 300 validation digits, and five runs with a seed and a training set of its
own. Needs PyTorch, takes a few minutes on one core, and goes on where it stopped. The results are
in course/lesson_tools/histories/after_2020.json.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from convnet.data import digits

RESULTS = Path(__file__).parents[1] / "course/lesson_tools/histories/after_2020.json"
RATES, SIZES, SEEDS, STEPS, DIM = (0.003, 0.01, 0.03), (100, 1200), 5, 200, 32
ARMS = {  # name: (what mixes the positions, position embedding, shuffled pixels)
    "convolution": ("convolution", False, False),
    "attention, positions": ("attention", True, False),
    "convolution, shuffled": ("convolution", False, True),
    "attention, positions, shuffled": ("attention", True, True),
    "attention": ("attention", False, False),
}


class Block(nn.Module):
    """A block of the lesson, with a kernel of 3x3 for maps of 4 x 4."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(DIM, DIM, 3, padding=1, groups=DIM)
        self.attention = nn.MultiheadAttention(DIM, 4, batch_first=True)
        delattr(self, "attention" if kind == "convolution" else "convolution")
        self.norm = nn.LayerNorm(DIM)
        self.expand, self.project = nn.Linear(DIM, 4 * DIM), nn.Linear(4 * DIM, DIM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Mix positions, then channels, around a shortcut."""
        if hasattr(self, "convolution"):
            y = self.convolution(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        else:
            tokens = x.flatten(1, 2)
            y = self.attention(tokens, tokens, tokens, need_weights=False)[0].reshape(x.shape)
        return x + self.project(F.gelu(self.expand(self.norm(y))))


class Classifier(nn.Module):
    """Patches of 2 x 2 pixels, two blocks, global average pooling."""

    def __init__(self, kind: str, positions: bool) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, DIM, 2, stride=2)
        embedding = 0.02 * torch.randn(1, 4, 4, DIM)
        self.positions = nn.Parameter(embedding, requires_grad=True) if positions else None
        self.blocks = nn.Sequential(Block(kind), Block(kind), nn.LayerNorm(DIM))
        self.head = nn.Linear(DIM, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the scores of images (m, 1, 8, 8)."""
        x = self.stem(images).permute(0, 2, 3, 1)
        x = x if self.positions is None else x + self.positions
        return self.head(self.blocks(x).mean(dim=(1, 2)))


def run(arm: str, size: int, rate: float, seed: int) -> tuple[float, float]:
    """Train once, and return the accuracy on the validation and on the test digits."""
    kind, positions, shuffled = ARMS[arm]
    data, rng = digits(), np.random.default_rng(seed)
    pixels = np.random.default_rng(99).permutation(64) if shuffled else np.arange(64)
    train_X, test_X = (
        torch.tensor(x.reshape(-1, 64)[:, pixels].reshape(-1, 1, 8, 8), dtype=torch.float32)
        for x in (data.train_images, data.test_images)
    )
    train_y, test_y = torch.tensor(data.train_labels), torch.tensor(data.test_labels)
    chosen = torch.tensor(rng.permutation(1200)[:size])
    torch.manual_seed(seed)
    model = Classifier(kind, positions)
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, STEPS)
    for _ in range(STEPS):
        batch = chosen[torch.randint(size, (50,))]
        loss = F.cross_entropy(model(train_X[batch]), train_y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    model.eval()
    with torch.inference_mode():
        parts = ((train_X[1200:], train_y[1200:]), (test_X, test_y))
        validation, test = ((model(X).argmax(1) == y).float().mean().item() for X, y in parts)
    return round(validation, 4), round(test, 4)


def main() -> None:
    """Train all arms, and store the results of the best rate of each."""
    torch.set_num_threads(1)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for size in SIZES:
        for arm in ARMS:
            if f"{arm}, {size}" in results:
                continue
            runs = {rate: [run(arm, size, rate, seed) for seed in range(SEEDS)] for rate in RATES}
            validation = {rate: float(np.mean(values, axis=0)[0]) for rate, values in runs.items()}
            best = max(validation, key=lambda rate: validation[rate])
            results[f"{arm}, {size}"] = {
                "validation": {str(rate): round(value, 4) for rate, value in validation.items()},
                "rate": best,
                "test": [test for _, test in runs[best]],
            }
            print(f"{arm}, {size}:", results[f"{arm}, {size}"], flush=True)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
