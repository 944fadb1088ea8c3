"""The lesson on pooling: reference outputs, exercises, and claims about global pooling."""

import itertools

import numpy as np

from convnet.functional import avg_pool2d, max_pool2d
from convnet.layers import Conv2D, Flatten, MaxPooling2D, ReLU
from convnet.network import Network
from lesson_tools.pooling.questions import check

# The reference output of the assignment Pooling, for the first image and a row of the second.
REFERENCE_MAX = [
    [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
    [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
    [[1.19891788, 0.84616065, 0.82797464], [0.69803203, 1.12141771, 1.2245077]],
]
REFERENCE_AVERAGE = [
    [[-0.03010467, -0.00324021, -0.33629886], [0.12893444, 0.22242847, 0.1250676]],
    [[-0.38268052, 0.23257995, 0.6259979], [-0.09525515, 0.268511, 0.46605637]],
    [[-0.17313416, 0.32377198, -0.34317572], [0.02030094, 0.14141479, -0.01231585]],
]


def test_overlapping_windows_give_the_reference_output():
    batch = np.random.RandomState(1).randn(2, 5, 5, 3)
    for pool, expected in ((max_pool2d, REFERENCE_MAX), (avg_pool2d, REFERENCE_AVERAGE)):
        pooled = pool(batch, 3, stride=2)
        np.testing.assert_allclose(pooled.reshape(4, 2, 3)[:3], expected, rtol=1e-6)


def test_global_pooling_is_invariant_if_no_window_of_the_kernel_is_lost():
    digit = np.random.default_rng(0).random((1, 8, 8, 1), np.float32)
    moved = [
        np.pad(digit, ((0, 0), (2 + down, 2 - down), (2 + right, 2 - right), (0, 0)))
        for down, right in itertools.product(range(-2, 3), repeat=2)
    ]
    for padding, invariant in ((4, True), (0, False)):
        layers = [Conv2D(16, 5, padding=padding), ReLU(), MaxPooling2D(8 + 2 * padding), Flatten()]
        outputs = Network(layers, (12, 12, 1)).forward(np.concatenate(moved))
        assert np.allclose(outputs, outputs[0], atol=1e-6) == invariant


def test_no_row_loses_more_than_two_of_four_detections():
    found = set()
    for row in itertools.product((0, 1), repeat=8):
        moved = (0, *row[:7])
        found.add(tuple(sum(max(x[w : w + 2]) for w in range(0, 8, 2)) for x in (row, moved)))
    assert min(after for before, after in found if before == 4) == 2
    exercise = check.exercises["fooled"]
    assert exercise.right in found
    assert {answer for answer, _ in exercise.wrong} <= found
