"""Networks of the ladder in PyTorch, and their training."""

import torch
from torch import nn
from torch.nn.functional import cross_entropy

__all__ = ["Trainer", "build"]


class ConvBN(nn.Sequential):
    """A convolution that keeps the height and width by default, and batch normalization."""

    def __init__(self, n_in: int, n_out: int, size: int = 3, padding: str = "same"):
        conv = nn.Conv2d(n_in, n_out, size, padding=padding, bias=False)
        super().__init__(conv, nn.BatchNorm2d(n_out))


class Block(nn.Module):
    """A residual block; a 1x1 convolution adapts the shortcut to a new number of channels."""

    def __init__(self, n_in: int, n_out: int):
        super().__init__()
        self.body = nn.Sequential(ConvBN(n_in, n_out), nn.ReLU(), ConvBN(n_out, n_out))
        self.shortcut = nn.Identity() if n_in == n_out else ConvBN(n_in, n_out, 1)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def build(name: str, shape: tuple[int, int, int]) -> nn.Sequential:
    """Return an initialized network, from images of shape (n_H, n_W, n_C) to ten logits."""
    n_H, n_W, n_C = shape
    flat = 16 * ((n_H // 2 - 4) // 2) * ((n_W // 2 - 4) // 2)  # inputs of LeNet's dense layers
    layers = {
        "linear": lambda: [nn.Flatten(), nn.Linear(n_H * n_W * n_C, 10)],
        "lenet": lambda: [
            *(nn.Conv2d(n_C, 6, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(flat, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        ],
        "lenet-bn": lambda: [
            *(ConvBN(n_C, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(ConvBN(6, 16, 5, "valid"), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(flat, 120, bias=False), nn.BatchNorm1d(120), nn.ReLU()),
            *(nn.Linear(120, 84, bias=False), nn.BatchNorm1d(84), nn.ReLU(), nn.Linear(84, 10)),
        ],
        "residual": lambda: [
            *(ConvBN(n_C, 16), nn.ReLU()),
            *(nn.MaxPool2d(2), Block(16, 16)),
            *(nn.MaxPool2d(2), Block(16, 32)),
            *(nn.MaxPool2d(2), Block(32, 64)),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)),
        ],
    }[name]()
    network = nn.Sequential(*layers)
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def count_macs(network: nn.Module, shape: tuple[int, int, int]) -> int:
    """Count the multiply-accumulates of convolutions and dense layers for one image."""
    macs = 0

    def add(layer, inputs, output):
        nonlocal macs
        positions = output[0, 0].numel()  # of the kernel; 1 in a dense layer
        macs += layer.weight.numel() * positions

    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    hooks = [layer.register_forward_hook(add) for layer in layers]
    n_H, n_W, n_C = shape
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, n_C, n_H, n_W))
    for hook in hooks:
        hook.remove()
    return macs


class Trainer:
    """A network with its optimizer."""

    version = f"PyTorch {torch.__version__}"

    def __init__(self, name: str, shape: tuple[int, int, int], seed: int, decay: float):
        torch.manual_seed(seed)
        # Convolutions on a CPU are faster with the channels last in memory.
        self.network = build(name, shape).to(memory_format=torch.channels_last)
        parameters = list(self.network.parameters())
        self.parameters = sum(p.numel() for p in parameters)
        self.macs = count_macs(self.network, shape)
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
                {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0},
            ]
        )

    def train_epoch(self, batches) -> tuple[float, float]:
        """Train on batches of (images, labels, learning rate); return mean loss and accuracy."""
        self.network.train()
        total_loss, correct, count = 0.0, 0, 0
        for images, labels, rate in batches:
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            self.optimizer.zero_grad()
            loss, hits = self._loss(images, labels)
            loss.backward()
            self.optimizer.step()
            total_loss += loss.item() * len(labels)
            correct += hits.item()
            count += len(labels)
        return total_loss / count, correct / count

    def evaluate(self, images, labels) -> tuple[float, float]:
        """Return the mean loss and the accuracy."""
        self.network.eval()
        with torch.no_grad():
            loss, hits = self._loss(images, labels)
        return loss.item(), hits.item() / len(labels)

    def _loss(self, images, labels):
        # The permuted tensor has its channels last in memory, as the array has.
        logits = self.network(torch.from_numpy(images).permute(0, 3, 1, 2))
        labels = torch.from_numpy(labels)
        return cross_entropy(logits, labels), (logits.argmax(1) == labels).sum()
