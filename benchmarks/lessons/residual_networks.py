"""Measure what a shortcut changes: plain and residual networks with 4 and 40 layers read digits.

    python -m benchmarks.lessons.residual_networks [--write]

Each network is a 3x3 convolution with stride 2 and 16 filters, blocks of two 3x3 convolutions,
average pooling and a dense layer; batch normalization follows each convolution. In a third kind
of network, without shortcuts, the kernels of the blocks start by copying their input, plus a tenth
of their random values. One training set
tunes the learning rate, and five others, each with its own seed, are trained with this rate.
Everything takes about three minutes on one core; networks that are in the results are skipped.
--write puts the tables into residual_networks.md.
"""

import json
from typing import Any, NamedTuple

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import report
from convnet.data import digits
from convnet.layers import Conv2D
from convnet.network import Network
from convnet.training import Adam, train
from tests.lesson_tools.cells import defined

RESULTS = LESSON_TOOLS / "residual_networks/results.json"
RATES, TUNING, RUNS, EPOCHS = (0.001, 0.003, 0.01, 0.03), 0, range(1, 6), 6
IMAGES, TRAINING = 1500, 1200
STEPS = np.geomspace(1e-5, 1e-1, 9)  # as fractions of the norm of the weights

DATA = digits()
TAUGHT = defined(
    *("19_residual_networks", "convolution", "plain_block", "Fork", "Add", "residual_block"),
    *("digit_network", "gradient", "agreement", "accuracy_without"),
    data=DATA,
    images=DATA.train_images,
    labels=DATA.train_labels,
)


class Arm(NamedTuple):
    """A network: its convolutions in blocks, and its kind, which is plain, copying or residual."""

    depth: int
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.depth} layers"

    def network(self, seed: int) -> Network:
        block = TAUGHT["residual_block" if self.kind == "residual" else "plain_block"]
        network: Network = TAUGHT["digit_network"](self.depth // 2, block, seed)
        if self.kind == "copying":
            for layer in network.layers[3:]:
                if isinstance(layer, Conv2D):
                    layer.parameters["W"] *= 0.1
                    layer.parameters["W"][1, 1] += np.eye(16)  # the centers of the kernels
        return network


ARMS = [Arm(depth, kind) for depth in (4, 40) for kind in ("plain", "residual")]
ARMS.append(Arm(40, "copying"))


def run(arm: Arm, rate: float, seed: int) -> tuple[Network, list[float]]:
    """Train a network; return it with its training loss in each epoch."""
    network = arm.network(seed)
    chosen = np.random.default_rng(seed).permutation(IMAGES)[:TRAINING]
    history = train(
        network,
        DATA.train_images[chosen],
        DATA.train_labels[chosen],
        epochs=EPOCHS,
        optimizer=Adam(rate),
        batch=50,
        seed=seed,
        progress=False,
    )
    return network, [round(epoch.loss, 4) for epoch in history]


def accuracy_without(network: Network, removed: list[int]) -> float:
    """Return the test accuracy without some blocks, which are numbered from 1."""
    return round(float(TAUGHT["accuracy_without"](network, removed)), 4)


def measure(arm: Arm) -> dict[str, Any]:
    tuning = [run(arm, rate, TUNING)[1][-1] for rate in RATES]
    rate = RATES[int(np.argmin(tuning))]
    result: dict[str, Any] = {"rate": rate, "tuning": tuning}
    names = ("losses", "accuracy", "without a block", "agreement")
    rows: list[tuple[Any, ...]] = []
    for seed in RUNS:
        cosines = np.round(TAUGHT["agreement"](arm.network(seed), STEPS), 4).tolist()
        network, losses = run(arm, rate, seed)
        blocks = [accuracy_without(network, [n]) for n in range(1, arm.depth // 2 + 1)]
        rows.append((losses, accuracy_without(network, []), blocks, cosines))
    return result | {
        name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }


def run_all() -> dict[str, Any]:
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for arm in ARMS:
        if str(arm) not in results:
            results[str(arm)] = measure(arm)
            text = json.dumps({str(a): results[str(a)] for a in ARMS if str(a) in results})
            for kind in ("plain", "residual", "copying"):
                text = text.replace(f'"{kind}', f'\n"{kind}')
            RESULTS.write_text(text + "\n")
            print(arm, flush=True)
    return {str(arm): results[str(arm)] for arm in ARMS}


def table(results: dict[str, Any]) -> str:
    """Return a row for each network: medians and ranges of its five runs."""

    def shown(values: Any, digits: int = 2) -> str:
        low, middle, high = np.quantile(values, (0, 0.5, 1))
        return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"

    tuning = " | ".join(f"tuning, {rate:g}" for rate in RATES)
    head = f"| network | {tuning} | rate | loss | test accuracy | without one block |"
    lines = [head, "|---|" + "--:|" * (len(RATES) + 1) + "---|---|---|"]
    for arm, one in results.items():
        losses = " | ".join(f"{loss:.2f}" for loss in one["tuning"])
        columns = (np.array(one["losses"])[:, -1], one["accuracy"], one["without a block"])
        lines.append(f"| {arm} | {losses} | {one['rate']:g} | {' | '.join(map(shown, columns))} |")
    return "\n".join(lines)


def agreement_table(results: dict[str, Any]) -> str:
    """Return the median cosine of five networks for each step."""
    lines = ["| network | " + " | ".join(f"{step:.0e}" for step in STEPS) + " |"]
    lines.append("|---|" + "--:|" * len(STEPS))
    for arm, one in results.items():
        cosines = np.median(one["agreement"], axis=0)
        lines.append(f"| {arm} | " + " | ".join(f"{cosine:.2f}" for cosine in cosines) + " |")
    return "\n".join(lines)


def tables() -> str:
    results = run_all()
    text = f"{table(results)}\n\nCosine of the gradients before and after a step (medians):\n\n"
    return text + agreement_table(results) + "\n"


if __name__ == "__main__":
    report(__file__, __doc__, tables)
