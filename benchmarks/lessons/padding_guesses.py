"""Measure how close each kind of padding comes to what was beyond the border of an image.

    PYTHONPATH=course python -m benchmarks.lessons.padding_guesses [--write]

Random parts are cut out of the sample images and out of digits. Each part is padded, and compared
with the true pixels around it. Then the edge network draws the part, with its own zero padding or
with padding that is cropped from the drawing, and the drawing is compared with the same part of the
drawing of the whole image. Everything takes about five minutes on one core; --write puts the tables
into padding_guesses.md.
"""

from typing import Any

import numpy as np

from benchmarks._figures import report
from convnet.data import SAMPLE_IMAGES, digits, load_sample_image
from convnet.edges import EdgeNetwork, load_blocks
from convnet.types import Array

MODES = ("constant", "wrap", "reflect", "edge")
GUESSES = (*MODES, "mean")  # the mean of the part
REACH, AROUND = 7, 16  # pixels that the zeros reach into a drawing; padding, a multiple of 2


def padded(part: Array, p: int, guess: str) -> Array:
    values: Any = {"constant_values": part.mean()} if guess == "mean" else {"mode": guess}
    return np.pad(part, p, **values)


def mean_errors(images: list[Array], p: int, size: int, parts: int) -> dict[str, float]:
    """Return the mean absolute error of each guess on random parts of grayscale images."""
    rng, errors = np.random.default_rng(p), dict.fromkeys(GUESSES, 0.0)
    for number in range(parts):
        image = images[number % len(images)]
        h, w = (rng.integers(p, n - size - p + 1) for n in image.shape)
        part = image[h : h + size, w : w + size]
        truth = image[h - p : h + size + p, w - p : w + size + p]
        for guess in GUESSES:
            errors[guess] += np.abs(padded(part, p, guess) - truth).sum()
    return {g: total / (parts * (truth.size - part.size)) for g, total in errors.items()}


def drawn(network: EdgeNetwork, part: Array, mode: Any) -> Array:
    """Draw a part with the network's zeros, or with padding in this mode, which is cropped."""
    if mode is None:
        return network.draw(part)
    p = AROUND
    return network.draw(np.pad(part, ((p, p), (p, p), (0, 0)), mode=mode))[p:-p, p:-p]


def drawing_errors(name: str, parts: int = 4, size: int = 96) -> list[float]:
    """Return the mean error near the border with zeros in each layer, `reflect` and `edge`."""
    network, rng, p = load_blocks(), np.random.default_rng(0), AROUND
    image = load_sample_image(name)
    image = np.dstack([image] * 3) if image.ndim == 2 else image
    border = np.ones((size, size), bool)
    border[REACH:-REACH, REACH:-REACH] = False
    errors: dict[str | None, list[float]] = {mode: [] for mode in (None, "reflect", "edge")}
    for _ in range(parts):
        # Even rows and columns, so that pooling joins the same pixels in the part and around it.
        h, w = (2 * rng.integers(p // 2, (n - size - p) // 2 + 1) for n in image.shape[:2])
        around = image[h - p : h + size + p, w - p : w + size + p]
        truth = network.draw(around)[p:-p, p:-p]
        for mode in errors:
            drawing = drawn(network, around[p:-p, p:-p], mode)
            errors[mode].append(float(np.abs(drawing - truth)[border].mean()))
    return [float(np.mean(values)) for values in errors.values()]


def gray(name: str) -> Array:
    image = load_sample_image(name).astype(float)
    return image.mean(axis=2) if image.ndim == 3 else image


def row(name: str, values: list[float], form: str) -> str:
    best = min(values)
    cells = [f"**{v:{form}}**" if v == best else f"{v:{form}}" for v in values]
    return f"| {name.partition('.')[0]} | {' | '.join(cells)} |\n"


def tables() -> str:
    head = "| image | zeros | `wrap` | `reflect` | `edge` | mean |\n|---|--:|--:|--:|--:|--:|\n"
    text = ""
    for p in (1, 8):
        text += f"Mean error, {p} pixel{'s' * (p > 1)}, values from 0 to 255:\n\n{head}"
        for name in SAMPLE_IMAGES:
            text += row(name, list(mean_errors([gray(name)], p, 64, 400).values()), ".1f")
        if p == 1:
            images = list(255 * digits().train_images[..., 0])
            text += row("digits", list(mean_errors(images, 1, 6, len(images)).values()), ".1f")
        text += "\n"
    text += f"Mean error of the drawing in its {REACH} outermost pixels, values from 0 to 1:\n\n"
    text += "| image | zeros in each layer | `reflect` | `edge` |\n|---|--:|--:|--:|\n"
    for name in SAMPLE_IMAGES:
        text += row(name, drawing_errors(name), ".3f")
    return text


if __name__ == "__main__":
    report(__file__, __doc__, tables)
