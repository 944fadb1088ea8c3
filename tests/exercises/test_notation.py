"""The formulas of course/notation.md agree with the code.

Each formula is repeated here. A new or changed formula fails until it is tested here.
"""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from convnet import functional
from convnet.training import SGD, Adam
from exercises import loops
from exercises.conv_parameters import conv_parameters
from exercises.lenet import dense_backward, dense_forward
from exercises.output_size import output_size
from exercises.padding_amounts import padding_amounts
from exercises.relu import relu
from exercises.relu_backward import relu_backward
from exercises.sigmoid import sigmoid
from exercises.sigmoid_backward import sigmoid_backward
from exercises.softmax import softmax
from exercises.softmax_cross_entropy import softmax_cross_entropy
from exercises.tanh_backward import tanh_backward
from exercises.transposed_size import transposed_size

PAGE = Path(__file__).parents[2] / "course" / "notation.md"
CHECKS = {}


def formula(text):
    """Register a test of the formula with this text."""
    assert text not in CHECKS

    def register(check):
        CHECKS[text] = check
        return check

    return register


def sizes():
    for n in range(1, 13):
        for f in range(1, n + 1):
            for s in range(1, 5):
                yield n, f, s


class Layer:
    """A convolution of random numbers, forward and backward."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.f, self.s, self.p = ((3, 2, 1), (2, 3, 0), (4, 1, 2))[seed]
        self.hparameters = {"stride": self.s, "pad": self.p}
        self.A_prev = rng.normal(size=(2, 7, 9, 3))
        self.W = rng.normal(size=(self.f, self.f, 3, 2))
        self.b = rng.normal(size=(1, 1, 1, 2))
        p = self.p
        self.A_pad = np.pad(self.A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
        self.Z, self.cache = loops.conv_forward(self.A_prev, self.W, self.b, self.hparameters)
        self.dZ = rng.normal(size=self.Z.shape)
        self.dA_prev, self.dW, self.db = loops.conv_backward(self.dZ, self.cache)

    def cut(self, array, r, q):
        """Return array[i, h * s + r, w * s + q, k] for every position (h, w) of the output."""
        rows = np.arange(self.Z.shape[1]) * self.s + r
        columns = np.arange(self.Z.shape[2]) * self.s + q
        return array[:, rows][:, :, columns]

    def window(self, i, h, w, c):
        """Return the index of a pooling window."""
        top, left = h * self.s, w * self.s
        return np.s_[i, top : top + self.f, left : left + self.f, c]


LAYERS = [Layer(seed) for seed in range(3)]


def pooling(layer, mode):
    hparameters = {"f": layer.f, "stride": layer.s}
    A, cache = loops.pool_forward(layer.A_prev, hparameters, mode)
    dA = np.random.default_rng(5).normal(size=A.shape)
    return A, dA, loops.pool_backward(dA, cache, mode)


@formula(r"n_{out} = \left\lfloor \frac{n - f + 2p}{s} \right\rfloor + 1")
def _():
    for n, f, s in sizes():
        for p in range(3):
            assert output_size(n, f, s, p) == math.floor((n - f + 2 * p) / s) + 1


@formula(
    r"p_{same} = \max\left(\left(\left\lceil \frac{n}{s} \right\rceil - 1\right) s + f - n,"
    r"\ 0\right)"
)
def _():
    for n, f, s in sizes():
        total = max((math.ceil(n / s) - 1) * s + f - n, 0)
        assert sum(padding_amounts(n, f, s, "SAME")) == total


@formula(r"p_{full} = 2 (f - 1)")
def _():
    for n, f, s in sizes():
        assert sum(padding_amounts(n, f, s, "FULL")) == 2 * (f - 1)
        assert sum(padding_amounts(n, f, s, "VALID")) == 0


@formula(r"n_{out} = s (n - 1) + f - 2p + a")
def _():
    for n, f, s in sizes():
        for p in range(f):
            for a in range(s):
                assert transposed_size(n, f, s, p, a) == s * (n - 1) + f - 2 * p + a


@formula(r"f_d = d (f - 1) + 1")
def _():
    for d in range(1, 4):
        for f in range(1, 5):
            between = np.repeat(np.arange(1, f), d - 1)  # d - 1 zeros between two weights
            assert len(np.insert(np.ones(f), between, 0)) == d * (f - 1) + 1


@formula(r"R_l = R_{l-1} + (f_l - 1)\, s_1 s_2 \cdots s_{l-1}")
def _():
    layers = [(3, 1), (2, 2), (3, 2), (5, 1)]
    field, product = 1, 1
    for number, (f, s) in enumerate(layers, start=1):
        field, product = field + (f - 1) * product, product * s
        dx = np.ones((1, 1, 1, 1))  # one unit, traced back to the pixels it depends on
        for f_back, s_back in reversed(layers[:number]):
            size = (dx.shape[1] - 1) * s_back + f_back
            W, x = np.ones((f_back, f_back, 1, 1)), np.zeros((1, size, size, 1))
            dx = functional.conv2d_backward(dx, x, W, s_back)[0]
        assert np.all(dx > 0) and dx.shape == (1, field, field, 1)


@formula(r"\text{parameters} = (f_H f_W n_{C_{prev}} + 1)\, n_C")
def _():
    for f_H, f_W, n_C_prev, n_C in [(3, 3, 1, 8), (3, 5, 3, 8), (1, 1, 192, 32)]:
        assert conv_parameters(f_H, f_W, n_C_prev, n_C) == (f_H * f_W * n_C_prev + 1) * n_C
    for layer in LAYERS:
        n = conv_parameters(layer.f, layer.f, 3, 2)
        assert n == layer.W.size + layer.b.size


@formula(r"\text{MACs} = n_H n_W n_C f_H f_W n_{C_{prev}}")
def _():
    for layer in LAYERS:
        (_, n_H, n_W, n_C) = layer.Z.shape
        ones = np.ones_like(layer.W), np.zeros_like(layer.b)
        inside = np.ones_like(layer.A_pad)  # each product counts as 1
        Z, _ = loops.conv_forward(inside, *ones, {"stride": layer.s, "pad": 0})
        assert Z[0].sum() == n_H * n_W * n_C * layer.f * layer.f * 3


@formula(
    r"Z_{i,h,w,c} = b_c + \sum_{r=0}^{f-1} \sum_{q=0}^{f-1} \sum_{k} "
    r"A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, W_{r,q,k,c}"
)
def _():
    for layer in LAYERS:
        Z = layer.b + sum(
            np.einsum("ihwk,kc->ihwc", layer.cut(layer.A_pad, r, q), layer.W[r, q])
            for r, q in np.ndindex(layer.f, layer.f)
        )
        np.testing.assert_allclose(layer.Z, Z)
        fast = functional.conv2d(layer.A_prev, layer.W, layer.b[0, 0, 0], layer.s, layer.p)
        np.testing.assert_allclose(fast, Z)


@formula(r"db_c = \sum_{i,h,w} dZ_{i,h,w,c}")
def _():
    for layer in LAYERS:
        np.testing.assert_allclose(layer.db[0, 0, 0], np.einsum("ihwc->c", layer.dZ))


@formula(r"dW_{r,q,k,c} = \sum_{i,h,w} A^{pad}_{i,\, hs+r,\, ws+q,\, k}\, dZ_{i,h,w,c}")
def _():
    for layer in LAYERS:
        for r, q in np.ndindex(layer.f, layer.f):
            dW = np.einsum("ihwk,ihwc->kc", layer.cut(layer.A_pad, r, q), layer.dZ)
            np.testing.assert_allclose(layer.dW[r, q], dW)


@formula(r"dA^{pad}_{i,y,x,k} = \sum_{h,w,r,q} \sum_{c} W_{r,q,k,c}\, dZ_{i,h,w,c}")
def _():
    for layer in LAYERS:
        dA_pad = np.zeros_like(layer.A_pad)
        for i, y, x, k in np.ndindex(dA_pad.shape):
            for h, w, r, q in np.ndindex(*layer.Z.shape[1:3], layer.f, layer.f):
                if h * layer.s + r == y and w * layer.s + q == x:
                    dA_pad[i, y, x, k] += layer.W[r, q, k] @ layer.dZ[i, h, w]
        (_, n_H, n_W, _) = layer.A_prev.shape
        p = layer.p
        np.testing.assert_allclose(layer.dA_prev, dA_pad[:, p : p + n_H, p : p + n_W])


@formula(r"A_{i,h,w,c} = \max_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}")
@formula(r"M_{r,q}\, dA_{i,h,w,c}")
def _():
    for layer in LAYERS:
        A, dA, dA_prev = pooling(layer, "max")
        expected = np.zeros_like(dA_prev)
        for i, h, w, c in np.ndindex(A.shape):
            window = layer.window(i, h, w, c)
            assert A[i, h, w, c] == layer.A_prev[window].max()
            M = layer.A_prev[window] == A[i, h, w, c]
            expected[window] += M * dA[i, h, w, c]
        np.testing.assert_allclose(dA_prev, expected)


@formula(r"A_{i,h,w,c} = \frac{1}{f^2} \sum_{r,q}\, (A_{prev})_{i,\, hs+r,\, ws+q,\, c}")
@formula(r"\frac{1}{f^2}\, dA_{i,h,w,c}")
def _():
    for layer in LAYERS:
        A, dA, dA_prev = pooling(layer, "average")
        expected = np.zeros_like(dA_prev)
        for i, h, w, c in np.ndindex(A.shape):
            window = layer.window(i, h, w, c)
            np.testing.assert_allclose(A[i, h, w, c], layer.A_prev[window].sum() / layer.f**2)
            expected[window] += dA[i, h, w, c] / layer.f**2
        np.testing.assert_allclose(dA_prev, expected)


@formula(r"Z = A_{prev} W + b")
@formula(r"dA_{prev} = dZ\, W^T")
@formula(r"dW = A_{prev}^T\, dZ")
@formula(r"db = \sum_i dZ_i")
def _():
    rng = np.random.default_rng(1)
    A_prev, W, b = rng.normal(size=(4, 5)), rng.normal(size=(5, 3)), rng.normal(size=(1, 3))
    Z, cache = dense_forward(A_prev, W, b)
    np.testing.assert_allclose(Z, np.matmul(A_prev, W) + b)
    dZ = rng.normal(size=Z.shape)
    dA_prev, dW, db = dense_backward(dZ, cache)
    np.testing.assert_allclose(dA_prev, np.matmul(dZ, np.transpose(W)))
    np.testing.assert_allclose(dW, np.matmul(np.transpose(A_prev), dZ))
    np.testing.assert_allclose(db[0], sum(dZ))
    # and the gradient of J = sum(dZ * Z), with finite differences
    for array, gradient in ((A_prev, dA_prev), (W, dW), (b, db)):
        np.testing.assert_allclose(
            differences(array, lambda: (dZ * (A_prev @ W + b)).sum()), gradient
        )


def differences(array, value):
    """Return the gradient of value() with respect to an array, by central differences."""
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        old = array[index]
        array[index] = old + 1e-4
        above = value()
        array[index] = old - 1e-4
        gradient[index] = (above - value()) / 2e-4
        array[index] = old
    return gradient


def _values():
    rng = np.random.default_rng(2)
    return rng.normal(size=(3, 4)), rng.normal(size=(3, 4))


@formula(r"dZ = dA \cdot [Z > 0]")
def _():
    Z, dA = _values()
    np.testing.assert_array_equal(relu_backward(dA, relu(Z)[1]), dA * (Z > 0))


@formula(r"dZ = dA \cdot A (1 - A)")
def _():
    Z, dA = _values()
    A, cache = sigmoid(Z)
    np.testing.assert_allclose(sigmoid_backward(dA, cache), dA * A * (1 - A))


@formula(r"dZ = dA \cdot (1 - A^2)")
def _():
    Z, dA = _values()
    np.testing.assert_allclose(tanh_backward(dA, (Z,)), dA * (1 - np.tanh(Z) ** 2))


@formula(r"\hat Y_{i,j} = \frac{e^{Z_{i,j}}}{\sum_{l} e^{Z_{i,l}}}")
@formula(r"J = -\frac{1}{m} \sum_i \log \hat Y_{i,y_i}")
@formula(r"dZ = \frac{1}{m} (\hat Y - Y)")
def _():
    Z, _ = _values()
    (m, n) = Z.shape
    labels = np.array([2, 0, 3])
    Y_hat = np.array([[math.exp(z) / sum(map(math.exp, row)) for z in row] for row in Z])
    np.testing.assert_allclose(softmax(Z), Y_hat)
    J, dZ = softmax_cross_entropy(Z, labels)
    assert math.isclose(J, -sum(math.log(Y_hat[i, labels[i]]) for i in range(m)) / m)
    np.testing.assert_allclose(dZ, (Y_hat - np.eye(n)[labels]) / m)


FORMULAS = re.findall(r"\$\$(.+?)\$\$", PAGE.read_text(encoding="utf-8"), re.S)


def steps_of(optimizer):
    """Yield the gradients and the parameters of a few steps of an optimizer, from 0 on."""
    rng, theta = np.random.default_rng(0), np.zeros(3)
    for _ in range(5):
        gradient = rng.normal(size=3)
        optimizer.step(theta, gradient)
        yield gradient, theta.copy()


@formula(r"\theta \leftarrow \theta - \eta\, d\theta")
def _():
    theta = 0
    for gradient, actual in steps_of(SGD(0.1)):
        theta = theta - 0.1 * gradient
        np.testing.assert_allclose(actual, theta)


@formula(r"u \leftarrow 0.9\, u + d\theta, \qquad \theta \leftarrow \theta - \eta\, u")
def _():
    theta = u = 0
    for gradient, actual in steps_of(SGD(0.1, momentum=0.9)):
        u = 0.9 * u + gradient
        theta = theta - 0.1 * u
        np.testing.assert_allclose(actual, theta)


def adam():
    theta = u = v = 0
    for t, (gradient, actual) in enumerate(steps_of(Adam(0.1)), 1):
        u, v = 0.9 * u + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
        theta = theta - 0.1 * (u / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(actual, theta)


formula(r"u \leftarrow 0.9\, u + 0.1\, d\theta, \qquad v \leftarrow 0.999\, v + 0.001\, d\theta^2")(
    adam
)
formula(
    r"\theta \leftarrow \theta - \eta\, \frac{u / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + \epsilon}"
)(adam)


def test_the_page_and_the_checks_have_the_same_formulas():
    assert len(set(FORMULAS)) == len(FORMULAS)
    assert set(FORMULAS) == set(CHECKS)


@pytest.mark.parametrize("text", CHECKS)
def test_a_formula_gives_what_the_code_gives(text):
    CHECKS[text]()
