"""The lesson on transposed convolution: reference values, and the condition for checkerboards."""

import numpy as np
import pytest

from convnet.functional import conv2d, conv2d_backward
from lesson_tools.transposed_convolution.figures import transposed
from lesson_tools.transposed_convolution.questions import check, problem

A = np.array([[1, 2], [3, 4]])
W = np.array([[1, 2, 1], [0, 3, 0], [2, 0, 1]])


def matrix(n, **settings):
    unit_images = np.eye(n * n).reshape(n * n, n, n, 1)
    return conv2d(unit_images, W[:, :, None, None], **settings).reshape(n * n, -1).T


def test_the_worked_example_in_all_its_forms():
    full = transposed(A, W, stride=2)
    a = A.reshape(-1)
    np.testing.assert_array_equal((matrix(5, stride=2).T @ a).reshape(5, 5), full)
    X = np.zeros((1, 5, 5, 1))
    dX, _, _ = conv2d_backward(A[None, :, :, None], X, W[:, :, None, None], stride=2)
    np.testing.assert_array_equal(dX[0, :, :, 0], full)
    apart = np.array([[1, 0, 2], [0, 0, 0], [3, 0, 4]])[None, :, :, None]
    by_zeros = conv2d(apart, W[::-1, ::-1, None, None], padding=2)[0, :, :, 0]
    np.testing.assert_array_equal(by_zeros, full)
    for n, output_padding in ((3, 0), (4, 1)):
        kept = transposed(A, W, stride=2, padding=1, output_padding=output_padding)
        np.testing.assert_array_equal(kept, full[1 : 1 + n, 1 : 1 + n])
        by_matrix = matrix(n, stride=2, padding=1).T @ a
        np.testing.assert_array_equal(by_matrix.reshape(n, n), kept)


def test_copies_are_even_if_the_kernel_is_a_multiple_of_the_stride():
    even = [
        f
        for f in range(3, 10)
        if np.ptp(transposed(np.ones((9, 9)), np.ones((f, f)), stride=3)[9:-9, 9:-9]) == 0
    ]
    assert even == [3, 6, 9]


@pytest.mark.parametrize("f", [3, 4, 5, 6])
def test_a_uniform_output_needs_groups_of_weights_with_equal_sums(f):
    kernel = np.random.default_rng(f).random((f, f))

    def spread():
        return np.ptp(transposed(np.ones((9, 9)), kernel, stride=2)[f:-f, f:-f])

    assert spread() > 0.01
    for r in (0, 1):
        for q in (0, 1):
            kernel[r::2, q::2] /= kernel[r::2, q::2].sum()
    assert spread() < 1e-6


@pytest.mark.parametrize(
    ("kernel", "part"),
    check.exercises["smooth"].wrong,
    ids=[str(number) for number in range(len(check.exercises["smooth"].wrong))],
)
def test_kernels_that_draw_checkerboards_are_told_why(kernel, part):
    assert problem(check.exercises["smooth"].right) == ""
    assert part in problem(kernel)
