"""Winograd's algorithm against im2col in float64, and where it is used."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convnet import convolution, im2col, winograd

ERROR = 2e-5  # of the largest value; the course promises 1e-4


@st.composite
def layers(draw):
    """Draw x, W, b, dy and the padding of a 3x3 convolution."""
    padding = draw(st.integers(0, 2))
    (n_H, n_W) = (draw(st.integers(max(1, 3 - 2 * padding), 14)) for _ in range(2))
    (n_C, n_C_out) = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m = draw(st.integers(1, 40))
    shapes = [(m, n_H, n_W, n_C), (3, 3, n_C, n_C_out), (n_C_out,)]
    shapes.append((m, n_H + 2 * padding - 2, n_W + 2 * padding - 2, n_C_out))
    return [rng.standard_normal(shape, dtype=np.float32) for shape in shapes], padding


def assert_close(actual, expected):
    assert actual.dtype == np.float32 and actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=ERROR * np.abs(expected).max())


@given(layers())
def test_the_three_sums_agree_with_im2col_at_any_size(drawn):
    (x, W, b, dy), padding = drawn
    exact = [array.astype(np.float64) for array in (x, W, b, dy)]
    assert_close(winograd.convolve(x, W, b, padding), im2col.convolve(*exact[:3], 1, padding))
    assert_close(
        winograd.input_gradient(dy, W, padding),
        im2col.input_gradient(exact[3], exact[1], x.shape[1:3], 1, padding),
    )
    assert_close(
        winograd.weight_gradient(x, dy, padding),
        im2col.weight_gradient(exact[0], exact[3], 3, 1, padding),
    )


def test_errors_with_many_channels_stay_within_the_promise():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((1, 28, 28, 512), dtype=np.float32)
    W = rng.standard_normal((3, 3, 512, 64), dtype=np.float32)
    exact = im2col.convolve(x.astype(np.float64), W.astype(np.float64), None, 1, 1)
    assert_close(winograd.convolve(x, W, None, 1), exact)


@pytest.mark.parametrize(
    ("shape", "dtype", "stride", "padding", "is_used"),
    [
        ((3, 3, 64, 64), np.float32, 1, 1, True),
        ((3, 3, 32, 128), np.float32, 1, 0, True),
        ((3, 3, 16, 512), np.float32, 1, 1, False),
        ((3, 3, 32, 64), np.float32, 1, 1, False),
        ((3, 3, 64, 64), np.float64, 1, 1, False),
        ((3, 3, 64, 64), np.float32, 2, 1, False),
        ((5, 5, 64, 64), np.float32, 1, 2, False),
    ],
)
def test_it_is_used_where_it_is_faster_and_exact_enough(
    monkeypatch, shape, dtype, stride, padding, is_used
):
    used = []
    for name in ("convolve", "input_gradient", "weight_gradient"):
        monkeypatch.setattr(winograd, name, lambda *_, name=name: used.append(name))
    x, W = np.zeros((1, 8, 8, shape[2]), dtype), np.zeros(shape, dtype)
    dy = im2col.convolve(x, W, None, stride, padding)
    convolution.convolve(x, W, None, stride, padding)
    convolution.input_gradient(dy, W, (8, 8), stride, padding)
    convolution.weight_gradient(x, dy, len(W), stride, padding)
    assert used == (["convolve", "input_gradient", "weight_gradient"] if is_used else [])
