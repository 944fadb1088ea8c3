"""Measure what a shortcut adds: the same block with and without it, each with its own rate.

    python -m benchmarks.lessons.residual_networks [--write | --earlier]

Networks of 4 and 20 convolutions in blocks read digits. In each arm, each of three to five learning
rates trains five networks with a training set and a seed of their own. PyTorch trains all networks
of an arm at once, as the groups of one convolution. Everything takes about ten minutes on one core,
and arms that are in the results are skipped. --write puts the tables into residual_networks.md.

--earlier repeats the comparison of the course's first edition, which confounds the shortcut with
the number of ReLUs and the initial variance, and adds what it lacks: a plain network with one ReLU
in each block.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import show_figures
from convnet.data import digits
from convnet.functional import (
    conv2d,
    conv2d_backward,
    cross_entropy,
    cross_entropy_backward,
    relu,
    relu_backward,
)
from convnet.training import Adam
from convnet.types import Array

RESULTS = LESSON_TOOLS / "residual_networks/results.json"
RATES, RUNS, EPOCHS, BATCH = (0.0003, 0.001, 0.003, 0.01, 0.03), range(5), (4, 20), 50
CHANNELS, TRAINING, IMAGES = 8, 1200, 1500


class Arm(NamedTuple):
    """A network: its convolutions in blocks, its shortcuts, its start, and its normalization."""

    depth: int
    shortcut: bool
    start: str = "kaiming"
    norm: bool = False

    @property
    def rates(self) -> tuple[float, ...]:
        """Return the learning rates to compare."""
        return RATES[1:] if self.norm or (self.shortcut and self.start != "kaiming") else RATES

    def __str__(self) -> str:
        kind = "residual" if self.shortcut else "plain"
        norm = ", batch normalization" * self.norm
        start = f", {self.start}" * (self.start != "kaiming")
        return f"{kind}, {self.depth} layers{norm}{start}"


ARMS = (
    *(Arm(4, False), Arm(4, True), Arm(20, False), Arm(20, True)),
    *(Arm(20, False, "starts as identity"), Arm(20, True, "starts as identity")),
    Arm(20, True, "starts as identity, W_1 copies"),
    *(Arm(20, False, norm=True), Arm(20, True, norm=True)),
)


class Networks:
    """Networks side by side: network k owns the channels k * CHANNELS to (k + 1) * CHANNELS - 1."""

    def __init__(self, arm: Arm) -> None:
        import torch

        self.arm, self.count = arm, len(arm.rates) * len(RUNS)
        self.parameters: list[Any] = []
        self.rates = torch.tensor(np.repeat(arm.rates, len(RUNS)), dtype=torch.float32)
        self.statistics: list[tuple[Any, Any]] = []

        def new(values: Array) -> Any:
            tensor = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            self.parameters.append(tensor)
            return tensor

        def scale(value: float) -> Any:
            ones = np.ones(self.count * CHANNELS)
            self.statistics.append((torch.zeros(len(ones)), torch.ones(len(ones))))
            return (new(value * ones), new(0 * ones)) if arm.norm else None

        def weights(number: int, channels: int, start: Callable[..., Array] | None = None) -> Any:
            shape = (CHANNELS, channels, 3, 3)
            if start and not arm.norm:
                runs = [start(shape) for _ in RUNS]
            else:
                deviation = np.sqrt(2 / (9 * channels))
                rngs = [np.random.default_rng((run, number)) for run in RUNS]
                runs = [rng.normal(0, deviation, shape) for rng in rngs]
            return new(np.concatenate(len(arm.rates) * runs))

        first = second = None  # random
        if arm.start != "kaiming":  # plain: all kernels copy; residual: F(x) = 0
            first = None if arm.shortcut and "W_1 copies" not in arm.start else dirac
            second = np.zeros if arm.shortcut else dirac
        self.stem = (weights(0, 1), scale(1))
        self.blocks = [
            (
                (weights(2 * b + 1, CHANNELS, first), scale(1)),
                (weights(2 * b + 2, CHANNELS, second), scale(0 if second else 1)),
            )
            for b in range(arm.depth // 2)
        ]
        dense = [
            np.random.default_rng((run, 1000)).normal(0, np.sqrt(1 / CHANNELS), (CHANNELS, 10))
            for run in RUNS
        ]
        self.dense = new(np.stack(len(arm.rates) * dense))
        self.moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in self.parameters]
        self.steps = 0

    def scores(self, x: Any, training: bool) -> Any:
        """Return the scores, (networks, batch, 10), of images (batch, networks, 8, 8)."""
        from torch.nn import functional as F

        running = iter(self.statistics)

        def layer(A: Any, parameters: Any) -> Any:
            W, affine = parameters
            Z, (mean, variance) = F.conv2d(A, W, padding=1, groups=self.count), next(running)
            return F.batch_norm(Z, mean, variance, *affine, training) if affine else Z

        A = F.relu(layer(x, self.stem))
        for first, second in self.blocks:
            Z = layer(F.relu(layer(A, first)), second)
            A = F.relu(A + Z if self.arm.shortcut else Z)
        means = A.mean(dim=(2, 3)).reshape(len(x), self.count, CHANNELS)
        return means.transpose(0, 1) @ self.dense

    def loss(self, x: Any, labels: Any, training: bool) -> tuple[Any, Any]:
        """Return the loss and the accuracy of each network; labels is (networks, batch)."""
        from torch.nn import functional as F

        scores = self.scores(x, training)
        losses = F.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="none")
        accuracy = (scores.argmax(dim=2) == labels).float().mean(dim=1)
        return losses.reshape(labels.shape).mean(dim=1), accuracy

    def step(self, x: Any, labels: Any) -> None:
        """Take one step of Adam in each network, with its own learning rate."""
        import torch

        losses, _ = self.loss(x, labels, True)
        gradients = torch.autograd.grad(losses.sum(), self.parameters)
        self.steps += 1
        with torch.no_grad():
            for p, g, (m, v) in zip(self.parameters, gradients, self.moments, strict=True):
                m.lerp_(g, 0.1)
                v.lerp_(g * g, 0.001)
                deviation = (v / (1 - 0.999**self.steps)).sqrt() + 1e-8
                rates = self.rates.repeat_interleave(len(p) // self.count)
                rates = rates.reshape(-1, *[1] * (p.dim() - 1))
                p -= rates / (1 - 0.9**self.steps) * m / deviation


def dirac(shape: tuple[int, ...]) -> Array:
    """Return filters that copy their input: output channel c is input channel c."""
    W = np.zeros(shape)
    W[range(shape[0]), range(shape[0]), 1, 1] = 1
    return W


def batches(
    data: list[tuple[Array, Array]], rates: int, epoch: int, size: int
) -> Iterator[tuple[Any, Any]]:
    """Yield mini-batches of all networks; each run shuffles its images in its own way."""
    import torch

    orders = [np.random.default_rng((run, epoch)).permutation(len(data[run][1])) for run in RUNS]
    for start in range(0, len(orders[0]), size):
        chosen = [order[start : start + size] for order in orders]
        images = np.stack([data[run][0][chosen[run], :, :, 0] for run in RUNS], axis=1)
        labels = np.stack([data[run][1][chosen[run]] for run in RUNS])
        yield (
            torch.tensor(np.tile(images, (1, rates, 1, 1))),
            torch.tensor(np.tile(labels, (rates, 1))),
        )


def train(arm: Arm) -> dict[str, Any]:
    """Return losses and accuracies, each by epochs, as a row of five runs for each rate."""
    import torch

    torch.set_num_threads(1)
    data, splits = digits(), [np.random.default_rng(run).permutation(IMAGES) for run in RUNS]
    sets: dict[str, list[tuple[Array, Array]]] = {
        "training": [s[:TRAINING] for s in splits],
        "validation": [s[TRAINING:] for s in splits],
    }
    sets = {
        name: [(data.train_images[s], data.train_labels[s]) for s in chosen]
        for name, chosen in sets.items()
    }
    sets["test"] = [(data.test_images, data.test_labels)] * len(RUNS)
    networks, results = Networks(arm), {"rates": list(arm.rates)}
    for epoch in range(1, EPOCHS[-1] + 1):
        for x, labels in batches(sets["training"], len(arm.rates), epoch, BATCH):
            networks.step(x, labels)
        if epoch in EPOCHS:
            for name, runs in sets.items():
                with torch.no_grad():
                    parts = list(batches(runs, len(arm.rates), 0, 300))
                    values = [networks.loss(x, y, False) for x, y in parts]
                sizes = np.array([y.shape[1] for _, y in parts])
                for kind, tensors in zip(
                    ("loss", "accuracy"), zip(*values, strict=True), strict=True
                ):
                    mean = np.average([t.numpy() for t in tensors], axis=0, weights=sizes)
                    rows = mean.reshape(len(arm.rates), len(RUNS)).round(4)
                    results[f"{name} {kind}, {epoch} epochs"] = rows.tolist()
    return results


def run_all() -> dict[str, Any]:
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for arm in ARMS:
        if str(arm) not in results:
            results[str(arm)] = train(arm)
            RESULTS.write_text(json.dumps(results).replace('"plain', '\n"plain') + "\n")
            print(arm, flush=True)
    return {str(arm): results[str(arm)] for arm in ARMS}


def earlier(kind: str, seed: int) -> float:
    """Return the loss of the fourth epoch, as the course's first edition measured it."""
    data, rng = digits(), np.random.default_rng(seed)
    # Variances times inputs: 2 after a ReLU, 1 otherwise; the first edition's residual network
    # had 1 throughout.
    gains = {"plain": [2, 2] * 10, "residual": [1, 1] * 10, "one ReLU": [2, 2, *[1, 2] * 9]}[kind]
    shapes = [(3, 3, 1, CHANNELS), *[(3, 3, CHANNELS, CHANNELS)] * 20, (CHANNELS, 10)]
    parameters = [
        rng.normal(0, np.sqrt(gain / np.prod(shape[:-1])), shape).astype(np.float32)
        for gain, shape in zip((2, *gains, 2 if kind == "plain" else 1), shapes, strict=True)
    ]
    optimizers = [Adam(0.003) for _ in parameters]
    rng = np.random.default_rng(seed)
    for _ in range(4):
        losses = []
        for chosen in np.split(rng.permutation(IMAGES), IMAGES // BATCH):
            batch = data.train_images[chosen], data.train_labels[chosen]
            loss, gradients = _earlier_gradients(kind, parameters, *batch)
            losses.append(loss)
            for optimizer, W, dW in zip(optimizers, parameters, gradients, strict=True):
                optimizer.step(W, dW)
    return float(np.mean(losses))


def _earlier_gradients(
    kind: str, parameters: list[Array], x: Array, labels: Array
) -> tuple[float, list[Array]]:
    """Return the loss and its gradients: stem, two convolutions of each block, dense layer."""
    first, *others, V = parameters
    pairs = list(zip(others[::2], others[1::2], strict=True))
    Z_0 = conv2d(x, first, padding=1)
    A, steps = relu(Z_0), []
    for W_1, W_2 in pairs:
        Z_1 = conv2d(A, W_1, padding=1)
        Z_2 = conv2d(relu(Z_1), W_2, padding=1)
        steps.append((A, Z_1, Z_2))
        A = {"plain": relu(Z_2), "residual": A + Z_2, "one ReLU": Z_2}[kind]
    means = A.mean(axis=(1, 2))
    dscores = cross_entropy_backward(means @ V, labels)
    dA = np.broadcast_to((dscores @ V.T)[:, None, None] / A[0, :, :, 0].size, A.shape)
    gradients = [means.T @ dscores]
    for (W_1, W_2), (A, Z_1, Z_2) in zip(reversed(pairs), reversed(steps), strict=True):
        dZ_2 = relu_backward(dA, Z_2) if kind == "plain" else dA
        dA_1, dW_2, _ = conv2d_backward(dZ_2, relu(Z_1), W_2, padding=1)
        dA_prev, dW_1, _ = conv2d_backward(relu_backward(dA_1, Z_1), A, W_1, padding=1)
        dA = dA_prev + dA if kind == "residual" else dA_prev
        gradients += [dW_2, dW_1]
    gradients.append(conv2d_backward(relu_backward(dA, Z_0), x, first, padding=1)[1])
    return float(cross_entropy(means @ V, labels)), gradients[::-1]


def table(results: dict[str, Any], epochs: int) -> str:
    """Return a row for each arm: its rate, and the median and range of its five training losses."""
    columns = "smallest loss | median | largest | rate for the accuracy | test accuracy"
    lines = [f"| network | rate for the loss | {columns} |", "|---|--:|--:|--:|--:|--:|---|"]
    for arm, measures in results.items():
        losses = np.array(measures[f"training loss, {epochs} epochs"])
        validation = np.array(measures[f"validation accuracy, {epochs} epochs"])
        row, chosen = losses.mean(axis=1).argmin(), validation.mean(axis=1).argmax()
        low, _, median, _, high = sorted(losses[row])
        accuracy = sorted(measures[f"test accuracy, {epochs} epochs"][chosen])
        rates = [f"{measures['rates'][place]:g}" for place in (row, chosen)]
        lines.append(
            f"| {arm} | {rates[0]} | {low:.3f} | {median:.3f} | {high:.3f} | {rates[1]} | "
            f"{accuracy[0]:.3f} to {accuracy[-1]:.3f} |"
        )
    return "\n".join(lines)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write residual_networks.md")
    parser.add_argument(
        "--earlier", action="store_true", help="repeat the first edition's measurement"
    )
    chosen = parser.parse_args(arguments)
    if chosen.earlier:
        for kind in ("plain", "residual", "one ReLU"):
            print(kind, *(f"{earlier(kind, seed):.2f}" for seed in range(3)))
        return 0
    results = run_all()
    parts = [f"After {epochs} epochs:\n\n{table(results, epochs)}" for epochs in EPOCHS]
    show_figures(__file__, "\n\n".join(parts) + "\n", chosen.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
