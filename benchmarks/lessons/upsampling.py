"""Draw digits from 16 numbers: what does each part of an autoencoder contribute?

    python -m benchmarks.lessons.upsampling [--write]

The lesson on transposed convolution trains an autoencoder of 16 numbers for a second. Here it is
compared with linear methods on five random splits of all 1,797 digits (1,200 for training, 300 for
validation, 297 for testing), each with its own seed. The numbers are mean squared errors on the
test images.

repeating, bilinear, kernel
    Upsampling of the averages over 2 x 2 pixels, by two fixed rules and by the kernel of a
    transposed convolution with a bias, which least squares fits.
map
    All 64 pixels by a linear map of the same 16 averages.
averages
    A network with two ReLU layers that draws the digit from the same 16 averages.
PCA
    Principal component analysis: the best 16 numbers for a linear encoder and decoder.
ReLU, linear
    The lesson's autoencoder, and the same network without its ReLU layers.
PCA 4
    The same with four numbers.

Networks are trained for 450 steps, as in the lesson, and the autoencoders for 1,800, too. Each
network's learning rate is the best of three for each length, on the validation digits of a split
that is not used again.
Everything takes about two minutes of one core. The results go to
course/lesson_tools/transposed_convolution/results.json; --write puts the table into upsampling.md.
"""

import argparse
import json
import statistics
from collections.abc import Callable

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import show_figures
from benchmarks.lessons.segmentation import split
from convnet.functional import avg_pool2d
from convnet.network import Network
from convnet.types import Array
from lesson_tools.transposed_convolution.upsampling import (
    autoencoder,
    averages,
    fit,
    from_averages,
    full_linear_map,
    mean_squared_error,
    principal_components,
    upsample,
)

PATH = LESSON_TOOLS / "transposed_convolution/results.json"
SEEDS, TUNING = range(5), 100
RATES, LENGTHS = (0.003, 0.01, 0.03), (450, 1800)
REPEATING = np.pad(np.ones((2, 2)), 1)
BILINEAR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16

NETWORKS: dict[str, Callable[[int], Network]] = {
    "ReLU": lambda seed: autoencoder(seed=seed),
    "linear": lambda seed: autoencoder(relu=False, seed=seed),
    "averages": from_averages,
}


def linear_errors(train: Array, test: Array) -> dict[str, float]:
    """Return the errors of the methods that are not trained step by step."""
    small = avg_pool2d(train, 2)
    columns = [upsample(small, kernel).ravel() for kernel in np.eye(16)]
    columns.append(np.ones(train.size))
    solution, *_ = np.linalg.lstsq(np.stack(columns, axis=1), train.ravel(), rcond=None)
    small, flat = avg_pool2d(test, 2), test.reshape(len(test), -1)
    errors = {
        "repeating": mean_squared_error(upsample(small, REPEATING), test),
        "bilinear": mean_squared_error(upsample(small, BILINEAR), test),
        "kernel": mean_squared_error(upsample(small, solution[:16]) + solution[16], test),
        "map": mean_squared_error(averages(test) @ full_linear_map(train), flat),
    }
    for name, n in (("PCA", 16), ("PCA 4", 4)):
        mean, V = principal_components(train, n)
        errors[name] = mean_squared_error((flat - mean) @ V.T @ V + mean, flat)
    return errors


def network_error(name: str, seed: int, rate: float, steps: int, use: str) -> float:
    parts = split(seed)
    train, test = parts["train"][0], parts[use][0]
    inputs = [avg_pool2d(X, 2) if name == "averages" else X for X in (train, test)]
    network = fit(NETWORKS[name](seed), inputs[0], train, rate=rate, steps=steps)
    return mean_squared_error(network.forward(inputs[1]), test)


def results() -> dict[str, dict[str, list[float]]]:
    errors: dict[str, list[float]] = {}
    tuning: dict[str, list[float]] = {}
    for seed in SEEDS:
        parts = split(seed)
        for name, error in linear_errors(parts["train"][0], parts["test"][0]).items():
            errors.setdefault(name, []).append(round(error, 5))
    for name in NETWORKS:
        for steps in LENGTHS[: 1 if name == "averages" else None]:
            key = f"{name}, {steps} steps"
            tuning[key] = [
                round(network_error(name, TUNING, rate, steps, "validation"), 5) for rate in RATES
            ]
            rate = RATES[int(np.argmin(tuning[key]))]
            errors[key] = [
                round(network_error(name, seed, rate, steps, "test"), 5) for seed in SEEDS
            ]
            print(key, tuning[key], errors[key], flush=True)
    return {"errors": errors, "tuning": tuning}


def table(stored: dict[str, dict[str, list[float]]]) -> str:
    lines = ["| method | error | lowest to highest | rates: validation |", "|---|--:|---|---|"]
    for name, values in stored["errors"].items():
        tuned = zip(RATES, stored["tuning"].get(name, []), strict=False)
        tuning = ", ".join(f"{rate}: {error:.4f}" for rate, error in tuned)
        mean = f"{statistics.mean(values):.4f} ± {statistics.stdev(values):.4f}"
        lines.append(f"| {name} | {mean} | {min(values):.4f} to {max(values):.4f} | {tuning} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the table into upsampling.md")
    given = parser.parse_args(arguments)
    stored = results()
    lines = [
        f' "{part}": {{\n'
        + ",\n".join(f"  {json.dumps(name)}: {values}" for name, values in kept.items())
        + "\n }"
        for part, kept in stored.items()
    ]
    PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    show_figures(__file__, table(stored), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
