"""Every version reproduces the numbers printed in the published assignment and the lectures."""

import numpy as np
import pytest

from convnet.functional import conv_transpose2d, cross_entropy, cross_entropy_backward, softmax
from exercises import loops, vectorized
from tests.exercises import ported

VERSIONS = {"loops": loops, "vectorized": vectorized, "library": ported}


def versions_of(name):
    """Parametrize a test over all versions of a function."""
    found = {version: module for version, module in VERSIONS.items() if hasattr(module, name)}
    return pytest.mark.parametrize("version", found.values(), ids=found)


def randn(*shapes):
    """Return arrays as in the published assignment: standard normal, in order, from seed 1."""
    random = np.random.RandomState(1)
    return [random.randn(*shape) for shape in shapes]


def assert_prints(got, printed):
    """Assert equality to the eight decimals that NumPy prints."""
    np.testing.assert_allclose(got, printed, rtol=0, atol=5.1e-9, strict=True)


def assert_mean(got, mean):
    """Assert equality of means up to the order of summation."""
    assert np.mean(got) == pytest.approx(mean, rel=1e-12)


@versions_of("zero_pad")
def test_zero_pad(version):
    (x,) = randn((4, 3, 3, 2))
    x_pad = version.zero_pad(x, 3)
    assert_prints(
        x[1, 1],
        np.array(
            [[0.90085595, -0.68372786], [-0.12289023, -0.93576943], [-0.26788808, 0.53035547]]
        ),
    )
    assert x_pad.shape == (4, 9, 9, 2)
    np.testing.assert_array_equal(x_pad[1, 1], np.zeros((9, 2)))
    np.testing.assert_array_equal(x_pad[:, 3:6, 3:6], x)
    assert np.count_nonzero(x_pad) == x.size
    assert version.zero_pad(x, 2).shape == (4, 7, 7, 2)


@versions_of("conv_single_step")
def test_conv_single_step(version):
    Z = version.conv_single_step(*randn((4, 4, 3), (4, 4, 3), (1, 1, 1)))
    assert np.ndim(Z) == 0
    assert pytest.approx(-6.999089450680221, rel=1e-14) == Z


@pytest.mark.parametrize(
    ("m", "mean", "at", "Z_at"),
    [
        (
            2,
            0.5511276474566768,
            (0, 2, 1),
            [-2.17796037, 8.07171329, -0.5772704, 3.36286738]
            + [4.48113645, -2.89198428, 10.99288867, 3.03171932],
        ),
        (
            10,
            0.6923608807576933,
            (3, 2, 1),
            [-1.28912231, 2.27650251, 6.61941931, 0.95527176]
            + [8.25132576, 2.31329639, 13.00689405, 2.34576051],
        ),
    ],
    ids=["2 images", "10 images"],
)
@versions_of("conv_forward")
def test_conv_forward(version, m, mean, at, Z_at):
    A_prev, W, b = randn((m, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8))
    Z, cache = version.conv_forward(A_prev, W, b, {"pad": 1, "stride": 2})
    assert_mean(Z, mean)
    assert_prints(Z[at], np.array(Z_at))
    if m == 2:
        assert_prints(cache[0][1][2][3], np.array([-1.1191154, 1.9560789, -0.3264995, -1.34267579]))


@pytest.mark.parametrize(
    ("stride", "mode", "A_1"),
    [
        (
            1,
            "max",
            {
                1: [
                    [1.96710175, 0.84616065, 1.27375593],
                    [1.96710175, 0.84616065, 1.23616403],
                    [1.62765075, 1.12141771, 1.2245077],
                ]
            },
        ),
        (
            1,
            "average",
            {
                1: [
                    [0.44497696, -0.00261695, -0.31040307],
                    [0.50811474, -0.23493734, -0.23961183],
                    [0.11872677, 0.17255229, -0.22112197],
                ]
            },
        ),
        (
            2,
            "max",
            {
                0: [[1.19891788, 0.84616065, 0.82797464], [0.69803203, 1.12141771, 1.2245077]],
                1: [[1.96710175, 0.86888616, 1.27375593], [1.62765075, 1.12141771, 0.79280687]],
            },
        ),
        (
            2,
            "average",
            {
                0: [[-0.17313416, 0.32377198, -0.34317572], [0.02030094, 0.14141479, -0.01231585]],
                1: [[0.42944926, 0.08446996, -0.27290905], [0.15077452, 0.28911175, 0.00123239]],
            },
        ),
    ],
)
@versions_of("pool_forward")
def test_pool_forward(version, stride, mode, A_1):
    (A_prev,) = randn((2, 5, 5, 3))
    A, _ = version.pool_forward(A_prev, {"f": 3, "stride": stride}, mode)
    assert A.shape == {1: (2, 3, 3, 3), 2: (2, 2, 2, 3)}[stride]
    for row, printed in A_1.items():
        assert_prints(A[1, row], np.array(printed))


@versions_of("conv_forward")
def test_conv_backward(version):
    arrays = randn((10, 4, 4, 3), (2, 2, 3, 8), (1, 1, 1, 8))
    Z, cache = version.conv_forward(*arrays, {"pad": 2, "stride": 2})
    dA, dW, db = version.conv_backward(Z, cache)
    assert_mean(dA, 1.4524377775388075)
    assert_mean(dW, 1.7269914583139097)
    assert_mean(db, 7.839232564616838)


@versions_of("create_mask_from_window")
def test_create_mask_from_window(version):
    (x,) = randn((2, 3))
    np.testing.assert_array_equal(
        version.create_mask_from_window(x), [[True, False, False], [False, False, False]]
    )


@versions_of("distribute_value")
def test_distribute_value(version):
    np.testing.assert_array_equal(version.distribute_value(2, (2, 2)), np.full((2, 2), 0.5))


@pytest.mark.parametrize(
    ("mode", "dA_prev_1_1"),
    [
        ("max", [[0, 0], [5.05844394, -1.68282702], [0, 0]]),
        (
            "average",
            [[0.08485462, 0.2787552], [1.26461098, -0.25749373], [1.17975636, -0.53624893]],
        ),
    ],
)
@versions_of("pool_forward")
def test_pool_backward(version, mode, dA_prev_1_1):
    A_prev, dA = randn((5, 5, 3, 2), (5, 4, 2, 2))
    _, cache = version.pool_forward(A_prev, {"f": 2, "stride": 1}, mode)
    assert_mean(dA, 0.14571390272918056)
    assert_prints(version.pool_backward(dA, cache, mode)[1, 1], np.array(dA_prev_1_1, dtype=float))


# Computed by hand in the lessons: one image, one channel


def image(rows):
    return np.array(rows, dtype=float)[np.newaxis, :, :, np.newaxis]


@versions_of("conv_single_step")
def test_the_last_patch_of_the_first_lesson_gives_74(version):
    patch = np.array([[3, 4, 6], [9, 8, 3], [2, 1, 4]])[:, :, np.newaxis]
    kernel = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])[:, :, np.newaxis]
    assert version.conv_single_step(patch, kernel, np.zeros((1, 1, 1))) == 74


@pytest.mark.parametrize(
    ("mode", "y", "loss", "dx"),
    [
        (
            "max",
            [[7, 9], [8, 8]],
            49.5,
            [[0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 3.5, 0], [3.5, 0, 0, 0]],
        ),
        (
            "average",
            [[4, 5.25], [5.75, 5]],
            16.40625,
            np.kron([[1.5, 2.125], [2.375, 2]], np.full((2, 2), 0.25)),
        ),
    ],
)
@versions_of("pool_forward")
def test_the_worked_pooling(version, mode, y, loss, dx):
    x = image([[1, 5, 3, 7], [7, 3, 9, 2], [3, 5, 8, 4], [8, 7, 3, 5]])
    A, cache = version.pool_forward(x, {"f": 2, "stride": 2}, mode)
    np.testing.assert_array_equal(A, image(y))
    assert np.mean((A - 1) ** 2) == loss
    np.testing.assert_array_equal(version.pool_backward((A - 1) / 2, cache, mode), image(dx))


@versions_of("conv_forward")
def test_the_worked_convolution(version):
    x = image([[1, 1, 2], [1, 2, 1], [2, 1, 1]])
    W = np.array([[0.6779961, -0.3282364], [0.61954254, -0.02001727]])[..., np.newaxis, np.newaxis]
    y, cache = version.conv_forward(x, W, np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 0})
    dy = (y - 1) / 2  # ReLU passes the gradient, because every y is positive
    dx, dW, db = version.conv_backward(dy, cache)

    def assert_float32(got, expected):
        np.testing.assert_allclose(np.squeeze(got), expected, rtol=2e-6, atol=2e-7)

    assert_float32(y, [[0.9292677, 1.2405912], [1.2405912, 1.6272811]])
    assert_float32(np.mean((y - 1) ** 2), 0.12856321)
    assert_float32(dy, [[-0.03536615, 0.12029558], [0.12029558, 0.31364053]])
    assert_float32(dW, [[0.83250606, 0.75945675], [0.75945675, 0.4834994]])
    assert_float32(db, 0.5188656)
    assert_float32(
        dx,
        [
            [-0.02397811, 0.09316837, -0.03948538],
            [0.05964908, 0.24839783, -0.10535623],
            [0.07452821, 0.19190567, -0.00627823],
        ],
    )


# Layers without a loop implementation: numbers printed elsewhere


@pytest.mark.parametrize(
    ("n", "f", "stride", "pad", "output_pad", "size"),
    [
        (3, 3, 1, 0, 0, 5),
        (2, 3, 2, 1, 1, 4),
        (2, 3, 2, 1, 0, 3),
        (2, 3, 2, 0, 1, 6),
        (7, 5, 2, 2, 1, 14),  # from 7x7 to the 28x28 of an image in two steps
        (14, 5, 2, 2, 1, 28),
        (1, 4, 1, 0, 0, 4),  # DCGAN's generator, from one pixel to 64x64
        (4, 4, 2, 1, 0, 8),
        (32, 4, 2, 1, 0, 64),
    ],
)
def test_the_size_of_a_transposed_convolution(n, f, stride, pad, output_pad, size):
    A_prev, W = np.ones((1, n, n + 1, 1)), np.ones((f, f, 1, 1))
    Z = conv_transpose2d(A_prev, W, None, stride, pad, output_pad)
    assert Z.shape == (1, size, size + stride, 1)


@pytest.mark.parametrize(
    ("stride", "pad", "expected"),
    [
        (1, 0, [[0, 0, 1], [0, 4, 6], [4, 12, 9]]),
        (2, 0, [[0, 0, 0, 1], [0, 0, 2, 3], [0, 2, 0, 3], [4, 6, 6, 9]]),
        (1, 1, [[4]]),
    ],
)
def test_the_worked_transposed_convolution(stride, pad, expected):
    """Zhang, Lipton, Li and Smola, "Dive into Deep Learning", section 14.10."""
    x = image([[0, 1], [2, 3]])
    W = np.array([[0.0, 1.0], [2.0, 3.0]])[..., np.newaxis, np.newaxis]
    Z = conv_transpose2d(x, W, stride=stride, padding=pad)
    np.testing.assert_array_equal(Z, image(expected))


@pytest.mark.parametrize("Z", [[1, 2, 3], [1001, 1002, 1003], [-1002, -1001, -1000]], ids=str)
def test_softmax(Z):
    assert_prints(softmax(np.array(Z)), np.array([0.09003057, 0.24472847, 0.66524096]))


@pytest.mark.parametrize(("label", "loss"), [(0, 2.40760596), (1, 1.40760596), (2, 0.40760596)])
def test_softmax_cross_entropy(label, loss):
    scores, labels = np.array([[1.0, 2.0, 3.0]]), np.array([label])
    assert cross_entropy(scores, labels) == pytest.approx(loss, abs=5.1e-9)
    dZ = cross_entropy_backward(scores, labels)
    assert_prints(dZ[0] + np.eye(3)[label], np.array([0.09003057, 0.24472847, 0.66524096]))
