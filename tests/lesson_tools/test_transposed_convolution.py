"""The lesson on transposed convolution: reference values, and claims about linear methods."""

import numpy as np
import pytest

from convnet.data import digits
from convnet.functional import conv2d, conv2d_backward, conv_transpose2d
from lesson_tools.transposed_convolution.questions import check
from lesson_tools.transposed_convolution.upsampling import (
    autoencoder,
    averages,
    full_linear_map,
    mean_squared_error,
    principal_components,
    transposed,
    upsample,
    upsampling_results,
)

A = np.array([[1, 2], [3, 4]])
W = np.array([[1, 2, 1], [0, 3, 0], [2, 0, 1]])


@pytest.fixture(scope="module")
def data():
    return digits()


def test_the_worked_example_in_all_its_forms():
    C = conv2d(np.eye(16).reshape(16, 4, 4, 1), W[:, :, None, None]).reshape(16, 4).T
    Z = (C.T @ A.reshape(-1)).reshape(4, 4)
    np.testing.assert_array_equal(Z, transposed(A, W))
    dX, _, _ = conv2d_backward(A[None, :, :, None], np.zeros((1, 4, 4, 1)), W[:, :, None, None])
    np.testing.assert_array_equal(Z, dX[0, :, :, 0])
    apart = np.array([[1, 0, 2], [0, 0, 0], [3, 0, 4]])[None, :, :, None]
    by_zeros = conv2d(apart, W[::-1, ::-1, None, None], padding=2)[0, :, :, 0]
    full = transposed(A, W, stride=2)
    np.testing.assert_array_equal(by_zeros, full)
    for size, output_padding in ((3, 0), (4, 1)):
        kept = transposed(A, W, stride=2, padding=1, output_padding=output_padding)
        np.testing.assert_array_equal(kept, full[1 : 1 + size, 1 : 1 + size])


def test_repeating_pixels_is_a_transposed_convolution():
    small = np.random.default_rng(0).random((2, 4, 4, 1))
    repeated = upsample(small, np.pad(np.ones((2, 2)), 1))
    np.testing.assert_allclose(repeated, small.repeat(2, axis=1).repeat(2, axis=2))


def test_copies_are_even_if_the_kernel_is_a_multiple_of_the_stride():
    even = [
        f
        for f in range(3, 10)
        if np.ptp(transposed(np.ones((9, 9)), np.ones((f, f)), stride=3)[9:-9, 9:-9]) == 0
    ]
    assert even == [3, 6, 9]


def test_pca_is_the_best_linear_map_on_the_training_images(data):
    flat = data.train_images.reshape(-1, 64)
    mean, V = principal_components(data.train_images, 16)
    of_pca = mean_squared_error((flat - mean) @ V.T @ V + mean, flat)
    of_map = mean_squared_error(
        averages(data.train_images) @ full_linear_map(data.train_images), flat
    )
    assert of_pca < of_map


def test_an_autoencoder_without_relu_is_linear():
    network = autoencoder(relu=False)
    X = np.random.default_rng(0).random((2, 8, 8, 1))
    zero = network.forward(np.zeros((1, 8, 8, 1)))
    both = network.forward(X[:1]) + network.forward(X[1:]) - zero
    np.testing.assert_allclose(network.forward(X[:1] + X[1:]), both, atol=1e-5)


def test_the_stored_errors_have_five_splits():
    assert {len(errors) for errors in upsampling_results()["errors"].values()} == {5}


def test_upsampling_by_a_kernel_needs_the_padded_edge():
    flat = upsample(np.ones((1, 4, 4, 1)), np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16)
    np.testing.assert_allclose(flat, 1)
    assert conv_transpose2d(np.ones((1, 4, 4, 1)), np.ones((4, 4, 1, 1)), stride=2).min() < 2


@pytest.mark.parametrize(
    ("settings", "part"),
    check.exercises["layer"].wrong,
    ids=[str(settings) for settings, _ in check.exercises["layer"].wrong],
)
def test_designs_of_a_layer_that_fail_are_told_why(settings, part):
    assert check.exercises["layer"].problem(check.exercises["layer"].right) == ""
    assert part in check.exercises["layer"].problem(settings)
