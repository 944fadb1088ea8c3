"""The methods of convolution against im2col in float64, their errors, and where each is used."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convnet import convolution, im2col, tiles, toeplitz
from convnet.fourier import fourier
from convnet.winograd import winograd

ERROR = {winograd: 3e-5, fourier: 5e-6}  # of the largest value; the course promises 1e-4
SMALL_ERROR = 2e-5  # of the scale below
METHODS = [(winograd, 4, 3), (winograd, 4, 4), (winograd, 4, 5), (winograd, 2, 3)]
METHODS += [(fourier, n, f) for n, f in [(4, 5), (6, 7), (10, 7), (5, 4), (4, 13)]]
SUMS = ("convolve", "input_gradient", "weight_gradient")


def exact(x, W, b, dy, padding):
    """Return the three sums by im2col in float64."""
    x, W, b, dy = (array.astype(np.float64) for array in (x, W, b, dy))
    f, one = len(W), (1, 1)
    return (
        im2col.convolve(x, W, b, one, padding),
        im2col.input_gradient(dy, W, x.shape[1:3], one, padding),
        im2col.weight_gradient(x, dy, (f, f), one, padding),
    )


def scales(x, W, b, dy, padding):
    """Return the largest sums of magnitudes, plus a product: a single value may be close to 0."""
    x, W, b, dy = map(np.abs, (x, W, b, dy))
    sums = exact(x, W, b, dy, padding)
    products = (x.max() * W.max(), dy.max() * W.max(), x.max() * dy.max())
    return [array.max() + product for array, product in zip(sums, products, strict=True)]


def numbers(m, size, f, n_C_prev, n_C, padding, seed=0):
    rng = np.random.default_rng(seed)
    shapes = [(m, *size, n_C_prev), (f, f, n_C_prev, n_C), (n_C,)]
    shapes.append((m, *(n + 2 * padding - f + 1 for n in size), n_C))
    return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes]


def assert_close(actual, expected, error, scales=None):
    """Compare sums; errors are relative to the largest value of each sum or of each scale."""
    for ours, right, scale in zip(actual, expected, scales or expected, strict=True):
        assert ours.dtype == np.float32 and ours.shape == right.shape
        np.testing.assert_allclose(ours, right, rtol=0, atol=error * np.abs(scale).max())


@st.composite
def layers(draw, f):
    """Draw the numbers of a layer and its padding."""
    padding = draw(st.integers(0, f - 1))
    size = [draw(st.integers(max(1, f - 2 * padding), 14)) for _ in range(2)]
    channels = [draw(st.integers(1, 5)) for _ in range(2)]
    m, seed = draw(st.integers(1, 40)), draw(st.integers(0, 2**32 - 1))
    return numbers(m, size, f, *channels, padding, seed), padding


@pytest.mark.parametrize(("derive", "n", "f"), METHODS)
@given(data=st.data())
@settings(max_examples=40)
def test_tiles_agree_with_im2col_at_any_size(derive, n, f, data):
    (x, W, b, dy), padding = data.draw(layers(f))
    method = derive(n, f)
    actual = (
        tiles.convolve(x, W, b, padding, method),
        tiles.input_gradient(dy, W, padding, method),
        tiles.weight_gradient(x, dy, padding, method),
    )
    assert_close(actual, exact(x, W, b, dy, padding), SMALL_ERROR, scales(x, W, b, dy, padding))


@pytest.mark.parametrize(("derive", "n", "f"), METHODS)
def test_errors_with_many_channels_stay_within_the_promise(derive, n, f):
    x, W, b, dy = numbers(1, (16, 16), f, 256, 256, f // 2)
    method = derive(n, f)
    actual = (
        tiles.convolve(x, W, b, f // 2, method),
        tiles.input_gradient(dy, W, f // 2, method),
        tiles.weight_gradient(x, dy, f // 2, method),
    )
    assert_close(actual, exact(x, W, b, dy, f // 2), ERROR[derive])


def test_winograd_has_the_matrices_of_the_derivation():
    method = winograd(2, 3)
    one = [[1, 1, 1, 0], [0, 1, -1, 1]]
    np.testing.assert_array_equal(method.A, np.kron(one, one))
    d, w = np.array([1, 2, 3, 4]), np.array([1, 0, -1])  # constant along the other dimension
    products = (method.G @ np.tile(w, (3, 1)).ravel()) * (method.B @ np.tile(d, (4, 1)).ravel())
    np.testing.assert_allclose((method.A @ products).reshape(2, 2), [[-6, -6], [-6, -6]], 1e-5)


@pytest.mark.parametrize("f", [1, 3, 5])
@given(data=st.data())
def test_toeplitz_agrees_with_im2col_for_every_divisor(f, data):
    (x, W, b, dy), padding = data.draw(layers(f))
    n_W = dy.shape[2]
    n = data.draw(st.sampled_from([n for n in range(1, n_W + 1) if n_W % n == 0]))
    actual = (
        toeplitz.convolve(x, W, b, padding, n),
        toeplitz.input_gradient(dy, W, x.shape[1:3], padding, n),
        toeplitz.weight_gradient(x, dy, f, padding, n),
    )
    scale = scales(x, W, b, dy, padding)
    assert_close(actual, exact(x, W, b, dy, padding), SMALL_ERROR / 20, scale)


FLOAT = np.float32


@pytest.mark.parametrize(
    ("size", "weights", "dtype", "stride", "padding", "used"),
    [
        (28, (3, 3, 64, 64), FLOAT, 1, 1, "tiles"),
        (28, (3, 3, 32, 64), FLOAT, 1, 1, "tiles"),
        (28, (5, 5, 64, 64), FLOAT, 1, 2, "tiles"),
        (28, (7, 7, 64, 64), FLOAT, 1, 3, "tiles"),
        (28, (3, 3, 64, 64), np.float64, 1, 1, "im2col"),
        (28, (3, 3, 64, 64), FLOAT, 2, 1, "im2col"),
        (2, (3, 3, 64, 64), FLOAT, 1, 1, "im2col"),  # one tile of 16 outputs for 4
        (28, (3, 3, 16, 16), FLOAT, 1, 1, "toeplitz"),
        (28, (3, 3, 24, 24), FLOAT, 1, 1, "im2col"),
        (28, (1, 1, 64, 64), FLOAT, 1, 0, "im2col"),
        (28, (1, 1, 1, 6), FLOAT, 1, 0, "im2col"),
        (28, (5, 5, 1, 6), FLOAT, 1, 2, "toeplitz"),
        (14, (5, 5, 6, 16), FLOAT, 1, 0, "toeplitz"),
        (14, (5, 5, 6, 16), np.float64, 1, 0, "toeplitz"),
        (15, (5, 5, 6, 16), FLOAT, 1, 0, "im2col"),  # 11 outputs cannot be divided
        (28, (5, 5, 1, 6), FLOAT, 2, 2, "im2col"),
    ],
)
def test_each_is_used_where_it_is_faster_and_exact_enough(
    monkeypatch, size, weights, dtype, stride, padding, used
):
    calls = []
    x, W = np.zeros((8, size, size, weights[2]), dtype), np.zeros(weights, dtype)
    dy = im2col.convolve(x, W, None, (stride, stride), padding)
    for module in (im2col, tiles, toeplitz):
        for name in SUMS:
            call = (module.__name__.split(".")[1], name)
            monkeypatch.setattr(module, name, lambda *_, call=call: calls.append(call))
    convolution.convolve(x, W, None, stride, padding)
    convolution.input_gradient(dy, W, (size, size), stride, padding)
    convolution.weight_gradient(x, dy, len(W), stride, padding)
    assert calls == [(used, name) for name in SUMS]


def test_the_method_with_the_lowest_cost_is_used():
    def method(f, n_C, shape=(8, 28, 28)):
        return convolution._with_fewer(f, np.dtype(np.float32), shape, shape, n_C, n_C)

    assert method(3, 64) is winograd(4, 3)
    assert method(5, 64) is winograd(4, 5)
    assert method(11, 64, (64, 28, 28)) is fourier(10, 11)
    assert method(3, 512, (1, 53, 80)) is winograd(4, 3)
    assert method(3, 512, (1, 26, 40)) is None  # the transformed weights take too much memory
    assert method(3, 512, (1, 14, 14)) is None  # transforming the weights takes longer
    # A valid convolution of 7x7 on 22x22 has 16x16 windows, but 22x22 gradients of the input.
    assert convolution._with_fewer(7, np.dtype(FLOAT), (32, 22, 22), (32, 16, 16), 64, 32) is None


@pytest.mark.parametrize("sums", [tiles, toeplitz, im2col])
def test_memory_does_not_grow_with_the_batch(sums):
    arguments = {tiles: (1, winograd(4, 3)), toeplitz: (1, 2), im2col: ((1, 1), 1)}[sums]
    (small, large) = (numbers(m, (28, 28), 3, 64, 64, 1) for m in (8, 80))

    def peak(x, W, b, _):
        tracemalloc.start()
        sums.convolve(x, W, b, *arguments)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    padded_and_result = sum(m * 30 * 30 * 64 * 4 + m * 28 * 28 * 64 * 4 for m in (80, -8))
    assert peak(*large) - peak(*small) < 1.01 * padded_and_result


@pytest.mark.parametrize(
    ("size", "f", "n_C_prev", "n_C"),
    [
        ((16, 14, 14), 5, 64, 64),
        ((8, 14, 14), 5, 64, 64),
        ((8, 28, 28), 7, 64, 64),
        ((4, 28, 28), 7, 64, 64),
        ((1, 4, 4000), 3, 64, 64),
        ((1, 14, 14), 3, 256, 256),
        ((32, 12, 12), 3, 128, 256),
        ((1, 53, 80), 3, 512, 512),
    ],
)
def test_memory_stays_within_three_times_inputs_and_results(size, f, n_C_prev, n_C):
    x, W, b, dy = numbers(size[0], size[1:], f, n_C_prev, n_C, f // 2)
    limit = 3 * 2 * (x.nbytes + W.nbytes + dy.nbytes)  # x, W and y, and their gradients
    sums = {
        "convolve": lambda: convolution.convolve(x, W, b, 1, f // 2),
        "input_gradient": lambda: convolution.input_gradient(dy, W, x.shape[1:3], 1, f // 2),
        "weight_gradient": lambda: convolution.weight_gradient(x, dy, f, 1, f // 2),
    }
    for name, compute in sums.items():
        tracemalloc.start()
        compute()
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert size < limit, f"{name}: {size / limit * 3:.1f}"
