"""Clean noisy signs and photographs with the best kernel, and with attention that is not trained.

    python -m benchmarks.lessons.non_local_means

Prints the table in after_2020.md, in about a minute. The kernel has 7 x 7 weights and is fitted to
the clean image; for a photograph, all three color channels share it. A convolution has such a
kernel for each pair of channels, and the kernel with a cubic adds a polynomial of its output, all
fitted in the same way. Attention compares windows of 3 x 3 pixels with the alpha of the lesson,
which is the same for all images of a kind, or half of it if attention is restricted to the 7 x 7
pixels that the kernel reads.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convnet.functional import softmax
from convnet.own_edges import photograph
from convnet.types import Array
from lesson_tools.after_2020.figures import sign

__all__ = ["errors", "main"]

SIGNS = ("2020", "1998", "ViT", "Kern", "3 x 3")
PHOTOS = ("china.jpg", "flower.jpg", "astronaut.jpg", "chelsea.jpg", "retina.jpg")
SEEDS = 5


def windows(image: Array, f: int) -> Array:
    """Return the f x f window around each pixel of each channel: (channels, pixels, f * f)."""
    padded = np.pad(image, ((f // 2, f // 2), (f // 2, f // 2), (0, 0)), mode="edge")
    return (
        sliding_window_view(padded, (f, f), (0, 1))
        .transpose(2, 0, 1, 3, 4)
        .reshape(image.shape[2], -1, f * f)
    )


def errors(clean: Array, noise: float, alpha: float, seed: int) -> list[float]:
    """Return root mean square errors, in the order of the table's columns."""
    noisy = clean + np.random.default_rng(seed).normal(0, noise, clean.shape)
    values = clean.transpose(2, 0, 1).reshape(clean.shape[2], -1, 1)
    seven = windows(noisy, 7)
    kernel = seven @ np.linalg.lstsq(seven.reshape(-1, 49), values.reshape(-1, 1))[0]
    cubic = np.polyval(np.polyfit(kernel.ravel(), values.ravel(), 3), kernel)
    pixels = np.hstack(list(seven))
    convolution = pixels @ np.linalg.lstsq(pixels, values[..., 0].T)[0]
    X = np.hstack(list(windows(noisy, 3)))
    scores = alpha * (2 * X @ X.T - np.sum(X**2, axis=1))
    places = np.argwhere(np.ones(clean.shape[:2]))
    near = np.abs(places[:, None] - places).max(axis=2) <= 3
    attended, nearby = (
        softmax(allowed) @ noisy.reshape(len(X), -1)
        for allowed in (scores, np.where(near, scores / 2, -np.inf))
    )
    outputs = (kernel[..., 0].T, convolution, cubic[..., 0].T, attended, nearby)
    return [float(np.sqrt(np.mean((output - values[..., 0].T) ** 2))) for output in outputs]


def main() -> None:
    """Print a row for each image, with medians over five seeds."""
    images = [(text, sign(text)[..., None], 0.2, 2) for text in SIGNS]
    images += [(name, photograph(name, 72) / 255, 0.1, 4) for name in PHOTOS]
    print("| image | noise | kernel | convolution | kernel with a cubic | attention | in 7 x 7 |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, clean, noise, alpha in images:
        runs = [errors(clean, noise, alpha, seed) for seed in range(SEEDS)]
        medians = " | ".join(f"{error:.3f}" for error in np.median(runs, axis=0))
        print(f"| {name} | {noise} | {medians} |", flush=True)


if __name__ == "__main__":
    main()
