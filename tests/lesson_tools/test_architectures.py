"""The lesson on architectures: the networks of its figures, and two kernels in a row."""

import numpy as np

from convnet.functional import conv2d
from lesson_tools.architectures.figures import COUNTED
from lesson_tools.architectures.questions import SMALL
from lesson_tools.counter import totals


def test_the_first_figure_shows_what_the_counter_counts():
    assert {name: totals(*SMALL[name])[:2] for name in COUNTED} == {
        name: entry[1:] for name, entry in COUNTED.items()
    }


def test_two_kernels_of_ones_are_one_kernel_of_paths():
    image = np.random.default_rng(0).normal(size=(1, 6, 6, 1))
    ones = np.ones((3, 3, 1, 1))
    paths = np.outer([1, 2, 3, 2, 1], [1, 2, 3, 2, 1]).reshape(5, 5, 1, 1)
    np.testing.assert_allclose(conv2d(conv2d(image, ones), ones), conv2d(image, paths))
