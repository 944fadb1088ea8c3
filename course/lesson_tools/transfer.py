"""Results of transfer learning on Fashion-MNIST, and 200 of its images, for a lesson.

They are made by `python -m benchmarks.transfer`, whose text says what was measured. The images are
of Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017, https://github.com/zalandoresearch/fashion-mnist),
which has this license:

The MIT License (MIT) Copyright © 2017 Zalando SE, https://tech.zalando.com

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

from typing import NamedTuple

import numpy as np

from convnet.types import Array
from lesson_tools.stored import stored_arrays

__all__ = ["Sample", "sample", "transfer_results"]


class Sample(NamedTuple):
    """
    Ten images of each class to train with, and ten to test with.

    Attributes
    ----------
    train_images, test_images : ndarray of float32, shape (100, 28, 28, 1)
        Images, with values from 0 to 1; ten classes in turn.
    train_labels, test_labels : ndarray of int64, shape (100,)
        Their classes, in the order of convnet.data.FASHION_MNIST_NAMES.
    """

    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array


def transfer_results() -> dict[str, Array]:
    """Load the stored arrays by name: accuracies of methods, (seeds, counts), and the others."""
    return stored_arrays("maps/transfer.npz")


def sample() -> Sample:
    """Load 200 images of Fashion-MNIST, which come with the course."""
    arrays = transfer_results()
    return Sample(
        *(
            arrays[f"{name}_images"][..., None].astype(np.float32) / 255
            if kind == "images"
            else arrays[f"{name}_labels"].astype(np.int64)
            for name in ("train", "test")
            for kind in ("images", "labels")
        )
    )
