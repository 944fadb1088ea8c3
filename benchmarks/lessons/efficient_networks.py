"""Measure the convolutions of VGG-16 and of EfficientNet-Lite0, in NumPy and in PyTorch.

    OMP_NUM_THREADS=1 python -m benchmarks.lessons.efficient_networks

Needs PyTorch and takes a minute. Each convolution of a network is measured alone, on one image
of random numbers with the shape that it has in the network, and the shortest of five times counts.
In addition, 1x1 convolutions from n to n channels in NumPy are compared with the products of their
matrices on so few positions that all arrays stay in the cache. Prints Markdown tables.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from convnet.functional import conv2d, depthwise_conv2d
from convnet.types import Array
from lesson_tools.counter import NETWORKS, count
from lesson_tools.timing import seconds

__all__ = ["main"]

RUNS = 3
CHANNELS = (2, 4, 8, 16, 32, 64, 128)
rng = np.random.default_rng(0)

Convolve = Callable[[Array, Array, dict[str, Any]], Callable[[], Any]]


def _random(*shape: int) -> Array:
    return rng.normal(size=shape).astype(np.float32)


def in_numpy(x: Array, W: Array, layer: dict[str, Any]) -> Callable[[], Any]:
    """Return a call of a convolution of `convnet.functional`."""
    convolve: Callable[..., Array] = conv2d if W.ndim == 4 else depthwise_conv2d
    return partial(convolve, x, W, stride=layer["stride"], padding=layer["pad"])


def in_pytorch(x: Array, W: Array, layer: dict[str, Any], last: bool = False) -> Callable[[], Any]:
    """Return a call of PyTorch's convolution, in the memory format channels last if `last`."""
    import torch

    format_ = torch.channels_last if last else torch.contiguous_format
    image = torch.tensor(x.transpose(0, 3, 1, 2).copy()).contiguous(memory_format=format_)
    weights = W.transpose(3, 2, 0, 1) if W.ndim == 4 else W.transpose(2, 0, 1)[:, None]
    weight = torch.tensor(weights.copy()).contiguous(memory_format=format_)
    settings = {"stride": layer["stride"], "padding": layer["pad"]}
    settings["groups"] = 1 if W.ndim == 4 else len(weights)
    return partial(torch.nn.functional.conv2d, image, weight, **settings)


def measure(name: str, convolve: Convolve) -> dict[str, float]:
    """Return the seconds of all full, pointwise and depthwise convolutions of a network."""
    architecture, shape = NETWORKS[name]
    times = {"full": 0.0, "pointwise": 0.0, "depthwise": 0.0}
    for layer, row in zip(architecture, count(architecture, shape), strict=True):
        if row.kind in ("conv", "depthwise"):
            f, filters = layer["f"], [layer["n_C"]] if row.kind == "conv" else []
            kind = "depthwise" if not filters else "pointwise" if f == 1 else "full"
            call = convolve(_random(1, *shape), _random(f, f, shape[-1], *filters), layer)
            times[kind] += seconds(call, 5)
        shape = row.shape
    return times


def main() -> None:
    """Print the tables."""
    import torch

    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    print("| library | VGG-16 | Lite0 | times as fast | full | pointwise | depthwise |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    libraries: dict[str, Convolve] = {
        "NumPy": in_numpy,
        "PyTorch": in_pytorch,
        "PyTorch, channels last": partial(in_pytorch, last=True),
    }
    for library, convolve in libraries.items():
        for _ in range(RUNS):
            vgg = sum(measure("VGG-16", convolve).values())
            times = measure("EfficientNet-Lite0", convolve)
            total = sum(times.values())
            parts = " | ".join(f"{time / total:.0%}" for time in times.values())
            print(
                f"| {library} | {1000 * vgg:.0f} ms | {1000 * total:.1f} ms | {vgg / total:.1f}"
                f" | {parts} |"
            )
    print("\n| n | 1x1 convolution | product in the cache |\n|--:|--:|--:|")
    for n in CHANNELS:
        side, positions = int(np.sqrt(28 * 28 * 128 * 128 / n**2)), 65536 // n
        whole = partial(conv2d, _random(1, side, side, n), _random(1, 1, n, n))
        out = np.empty((positions, n), np.float32)
        product = partial(np.matmul, _random(positions, n), _random(n, n), out=out)
        speeds = side**2 * n**2 / seconds(whole), positions * n**2 / seconds(product)
        print(f"| {n} | {speeds[0] / 1e9:.1f} | {speeds[1] / 1e9:.1f} |")


if __name__ == "__main__":
    main()
