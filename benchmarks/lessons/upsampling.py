"""Double photographs with a transposed convolution: learned kernels against fixed rules.

    python -m benchmarks.lessons.upsampling [--write]

Each of the course's ten photographs is held out in turn. It is halved by averages over 2 x 2 pixels
and doubled again. The numbers are mean squared errors per pixel, in thousandths.

repeated, bilinear
    Fixed rules, as transposed convolutions with f = 2 and 4.
bicubic
    Cubic convolution, f = 8, with a = -0.5, as in Pillow, and with the a out of -0.5, -0.75 and -1
    that is best on the other nine photographs.
corrected
    The tuned bicubic kernel. Each block of 2 x 2 pixels is then shifted to its known average.
f = 4, 6, 8
    Kernels that least squares fits to pieces of 128 x 128 pixels of the other nine photographs: the
    mean, the lowest and the highest error for three positions of the pieces.

It takes about a minute of one core. --write puts the table into upsampling.md.
"""

import numpy as np

from benchmarks._figures import report
from convnet.data import load_sample_image
from convnet.types import Array
from lesson_tools.transposed_convolution.figures import transposed

NAMES = ["china", "flower", "astronaut", "chelsea", "satellite", "retina"]
NAMES += ["brick", "grass", "gravel", "coins"]
SIZES, STARTS, CUBICS = (4, 6, 8), ((60, 60), (0, 0), (100, 110)), (-0.5, -0.75, -1.0)


def photograph(name: str) -> Array:
    image = load_sample_image(f"{name}.jpg") / 255
    gray = image.mean(axis=2) if image.ndim == 3 else image
    return gray[: len(gray) // 2 * 2, : gray.shape[1] // 2 * 2]


def halve(image: Array) -> Array:
    n_H, n_W = image.shape
    return image.reshape(n_H // 2, 2, n_W // 2, 2).mean(axis=(1, 3))


def double(image: Array, W: Array) -> Array:
    f = len(W)
    return transposed(np.pad(image, f // 2, mode="edge"), W, stride=2, padding=3 * f // 2 - 1)


def cubic(a: float) -> Array:
    """Return the kernel of cubic convolution (Keys, 1981) for doubling."""
    x = np.abs(np.arange(-3.5, 4) / 2)
    near, far = (a + 2) * x**3 - (a + 3) * x**2 + 1, a * (x**3 - 5 * x**2 + 8 * x - 4)
    weights = np.where(x <= 1, near, far)
    return np.outer(weights, weights)


def thousandths(result: Array, photo: Array) -> float:
    return 1000 * float(np.mean((result - photo) ** 2))


def fitted(pieces: list[Array], f: int) -> Array:
    unit_kernels = np.eye(f * f).reshape(-1, f, f)
    inputs = [np.stack([double(halve(p), W).ravel() for W in unit_kernels], axis=1) for p in pieces]
    target = np.concatenate([p.ravel() for p in pieces])
    return np.linalg.lstsq(np.concatenate(inputs), target, rcond=None)[0].reshape(f, f)


def errors(held_out: str) -> dict[str, list[float]]:
    photos = {name: photograph(name) for name in NAMES}
    photo = photos.pop(held_out)
    small = halve(photo)
    mean = {
        a: np.mean([thousandths(double(halve(p), cubic(a)), p) for p in photos.values()])
        for a in CUBICS
    }
    tuned = double(small, cubic(min(CUBICS, key=mean.__getitem__)))
    lacking = small - halve(tuned)
    results = {
        "repeated": [double(small, np.ones((2, 2)))],
        "bilinear": [double(small, np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16)],
        "bicubic, -0.5": [double(small, cubic(-0.5))],
        "bicubic, tuned": [tuned],
        "corrected": [tuned + lacking.repeat(2, axis=0).repeat(2, axis=1)],
    }
    for f in SIZES:
        results[f"f = {f}"] = [
            double(small, fitted([p[r : r + 128, q : q + 128] for p in photos.values()], f))
            for r, q in STARTS
        ]
    return {key: [thousandths(Z, photo) for Z in drawn] for key, drawn in results.items()}


def table(rows: dict[str, dict[str, list[float]]]) -> str:
    columns = list(next(iter(rows.values())))
    lines = [f"| held out | {' | '.join(columns)} |", "|---|" + "--:|" * len(columns)]
    for name, found in rows.items():
        cells = [
            f"{np.mean(values):.3f}"
            + (f" ({min(values):.3f} to {max(values):.3f})" if len(values) > 1 else "")
            for values in found.values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    report(__file__, __doc__, lambda: table({name: errors(name) for name in NAMES}))
