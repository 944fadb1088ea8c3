"""The lesson on fast convolution: its algorithms, its counts and its rounding errors."""

import numpy as np
import pytest

from convnet.functional import conv2d
from lesson_tools.fast_convolution.questions import check, problem_of
from lesson_tools.fast_convolution.times import step_times
from tests.lesson_tools.cells import defined


@pytest.fixture(scope="module")
def taught():
    names = ("minimal_filter", "tiles", "put_together", "winograd", "integers", "with_fft")
    names += ("with_im2col",)
    return defined("32_fast_convolution", *names)


def layer(seed, n_C=16, size=30, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = ((size + 2, size + 2, n_C), (3, 3, n_C, 8))
    return (rng.normal(size=shape).astype(np.float32).astype(dtype) for shape in shapes)


@pytest.mark.parametrize(
    ("points", "n", "f"),
    [
        ([0, 1, -1], 2, 3),
        ([0, 1, -1, 2, -2], 4, 3),
        ([0, 1, -1, 0.5], 2, 4),
        ([0, 1], 2, 2),
        (np.exp(2j * np.pi * np.arange(5) / 5), 3, 3),
    ],
)
def test_the_matrices_filter_a_signal(taught, points, n, f):
    A, B, G = taught["minimal_filter"](points, n, f)
    d, w = np.random.default_rng(0).normal(size=n + f - 1), np.arange(1, f + 1)
    assert A.shape == (n, n + f - 1) and len(G) == n + f - 1
    np.testing.assert_allclose(A @ ((G @ w) * (B @ d)), np.correlate(d, w), atol=1e-9)


@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_the_layer_is_a_convolution_also_if_the_last_tiles_are_not_full(taught, n):
    x, W = layer(0)
    matrices = taught["minimal_filter"](taught["integers"](n + 1), n)
    expected = conv2d(x[None], W)[0]
    np.testing.assert_allclose(taught["winograd"](x, W, *matrices), expected, atol=1e-6)


def errors(taught, seed, matrices):
    x, W = layer(seed)
    exact = conv2d(x[None], W)[0]
    kind = np.complex64 if np.iscomplexobj(matrices[1]) else np.float32
    x, W = x.astype(np.float32), W.astype(np.float32)
    actual = taught["winograd"](x, W, *(matrix.astype(kind) for matrix in matrices)).real
    baseline = taught["with_im2col"](x[None], W)[0]
    return [np.abs(values - exact).max() / np.abs(exact).max() for values in (actual, baseline)]


@pytest.mark.parametrize("seed", range(3))
def test_rounding_errors_grow_with_the_tile_unless_the_points_are_on_the_circle(taught, seed):
    make, integers = taught["minimal_filter"], taught["integers"]
    by_size = {n: errors(taught, seed, make(integers(n + 1), n)) for n in (2, 4, 6, 10)}
    baseline = by_size[2][1]
    assert by_size[2][0] < 5 * baseline
    assert baseline < by_size[4][0] < 50 * baseline
    assert 100 * baseline < by_size[6][0] < 1e5 * baseline
    assert by_size[10][0] > 1
    roots = np.exp(2j * np.pi * np.arange(12) / 12)
    assert errors(taught, seed, make(roots, 10))[0] < 20 * baseline


def test_the_fft_keeps_the_outputs_that_do_not_wrap_around(taught):
    rng = np.random.default_rng(0)
    images, W = rng.normal(size=(2, 52, 52, 3)), rng.normal(size=(5, 5, 3, 4))
    spectra = np.fft.rfft2(W[::-1, ::-1], s=(64, 64), axes=(0, 1))
    np.testing.assert_allclose(taught["with_fft"](images, spectra, 5), conv2d(images, W))


def test_every_choice_of_points_solves_the_exercise(taught):
    for points in ([0, 1], [1, -1], [2, 3]):
        check("matrices", taught["minimal_filter"](points, 2, 2))


@pytest.mark.parametrize(
    ("matrices", "problem"),
    [
        ("ABG", "Give three matrices"),
        (
            ([[1, 1, 0], [0, 1, 1]], np.eye(3), [[1, 0], [1, 1], [0, 1]]),
            "In y0, the factor of d1 w0",
        ),
        (([[1, 1], [0, 1]], np.eye(3), np.eye(3)[:, :2]), "A has the shape (2, 2)"),
    ],
)
def test_the_exercise_names_the_first_wrong_product(matrices, problem):
    assert problem_of(matrices).startswith(problem)


def test_each_step_of_both_methods_is_timed(taught, monkeypatch):
    monkeypatch.setattr(
        "lesson_tools.fast_convolution.times.seconds", lambda run, repeats: run() is None
    )
    matrices = taught["minimal_filter"]([0, 1, -1, 2, -2], 4)
    times = step_times(3, matrices, taught["tiles"], taught["put_together"], size=10)
    assert {name: list(steps) for name, steps in times.items()} == {
        "im2col": ["copy", "products"],
        "Winograd": ["copy", "transforms", "products"],
    }
