"""Tables of the labeled shapes that every version of a layer must handle.

Height and width differ in every case, so that swapping them fails. Values are random and
reproducible.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from convnet import functional


@dataclass(frozen=True)
class ConvCase:
    label: str
    m: int
    n_H_prev: int
    n_W_prev: int
    n_C_prev: int
    n_C: int
    f: int
    stride: int
    pad: int

    @property
    def settings(self):
        return {"stride": self.stride, "padding": self.pad}

    @property
    def hparameters(self):
        """Return the settings in the form of the published assignment."""
        return {"stride": self.stride, "pad": self.pad}

    def inputs(self, dtype=np.float64):
        """Return x, W and b."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.m, self.n_H_prev, self.n_W_prev, self.n_C_prev))
        W = rng.standard_normal((self.f, self.f, self.n_C_prev, self.n_C))
        b = rng.standard_normal(self.n_C)
        return x.astype(dtype), W.astype(dtype), b.astype(dtype)


@dataclass(frozen=True)
class TransposeCase(ConvCase):
    output_pad: int = 0

    @property
    def settings(self):
        return super().settings | {"output_padding": self.output_pad}

    @property
    def hparameters(self):
        return super().hparameters | {"output_pad": self.output_pad}

    def inputs(self, dtype=np.float64):
        """Return x, W with its last two axes swapped, and b."""
        x, W, b = super().inputs(dtype)
        return x, W.transpose(0, 1, 3, 2), b


@dataclass(frozen=True)
class PoolCase:
    label: str
    m: int
    n_H_prev: int
    n_W_prev: int
    n_C: int
    f: int
    stride: int
    values: str = "random"  # or "negative", or "tied": zeros and ones

    @property
    def settings(self):
        return {"f": self.f, "stride": self.stride}

    hparameters = settings  # named as in the published assignment

    def inputs(self, dtype=np.float64):
        """Return only x."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((self.m, self.n_H_prev, self.n_W_prev, self.n_C))
        if self.values == "negative":
            x = -1 - np.abs(x)
        elif self.values == "tied":
            x = x > 0
        return x.astype(dtype)


def gradient_of(output):
    """Return a random gradient with the shape and dtype of `output`."""
    return np.random.default_rng(1).standard_normal(output.shape).astype(output.dtype)


# fmt: off
CONV_CASES = [
    #                                        m  H  W  p  c  f  s  pad
    ConvCase("1x1 filter",                   2, 4, 3, 2, 3, 1, 1, 0),
    ConvCase("1x1 filter, stride 2, pad 1",  1, 4, 3, 2, 2, 1, 2, 1),
    ConvCase("one of everything",            1, 5, 4, 1, 1, 2, 1, 0),
    ConvCase("size kept",                    2, 4, 6, 3, 2, 3, 1, 1),
    ConvCase("stride 2",                     2, 5, 7, 2, 3, 3, 2, 1),
    ConvCase("stride 2 leaves a rest",       2, 6, 8, 2, 3, 3, 2, 0),
    ConvCase("stride 3 skips pixels",        3, 8, 6, 1, 2, 2, 3, 1),
    ConvCase("even filter, stride 3, pad 2", 1, 6, 8, 3, 2, 4, 3, 2),
    ConvCase("pad 2 beyond the filter",      2, 4, 3, 2, 2, 2, 2, 2),
    ConvCase("filter as wide as the input",  2, 3, 2, 2, 3, 4, 1, 1),
    ConvCase("1x1 filter, pad 1",            2, 4, 3, 2, 3, 1, 1, 1),
]

TRANSPOSE_CASES = [
    #                                             m  H  W  p  c  f  s  pad  output_pad
    TransposeCase("1x1 filter",                   2, 4, 3, 2, 3, 1, 1, 0),
    TransposeCase("1x1 filter, stride 3",         1, 4, 3, 2, 2, 1, 3, 0, 1),
    TransposeCase("one of everything",            1, 3, 4, 1, 1, 2, 1, 0),
    TransposeCase("size kept",                    2, 4, 6, 3, 2, 3, 1, 1),
    TransposeCase("size doubled",                 2, 2, 3, 2, 3, 4, 2, 1),
    TransposeCase("size doubled, output_pad 1",   2, 2, 3, 2, 3, 3, 2, 1, 1),
    TransposeCase("stride 3 leaves gaps",         1, 3, 2, 2, 2, 2, 3, 0, 2),
    TransposeCase("pad 2 cuts filters off",       2, 3, 5, 1, 2, 3, 2, 2),
    TransposeCase("one pixel",                    2, 1, 2, 3, 2, 3, 1, 0),
    TransposeCase("1x1 filter, pad 1",            2, 4, 3, 2, 3, 1, 1, 1),
]

POOL_CASES = [
    #                                        m  H  W  c  f  s
    PoolCase("1x1 window",                   2, 4, 3, 2, 1, 1),
    PoolCase("1x1 window, stride 2",         1, 4, 3, 2, 1, 2),
    PoolCase("windows side by side",         2, 4, 6, 3, 2, 2),
    PoolCase("windows overlap",              2, 4, 5, 2, 3, 1),
    PoolCase("stride 2 leaves a rest",       1, 6, 8, 2, 3, 2),
    PoolCase("stride 3 skips pixels",        2, 8, 6, 1, 2, 3),
    PoolCase("even window, stride 3",        1, 7, 8, 2, 4, 3),
    PoolCase("window as high as the input",  3, 3, 5, 2, 3, 1),
    PoolCase("all negative",                 2, 5, 4, 2, 2, 1, "negative"),
]

TIED_CASES = [
    PoolCase("ties, windows side by side",   2, 4, 6, 3, 2, 2, "tied"),
    PoolCase("ties, windows overlap",        2, 5, 7, 2, 3, 2, "tied"),
]

NORM_SHAPES = [(6, 3), (3, 4, 2), (2, 4, 3, 5)]
# fmt: on


def norm_inputs(shape, dtype=np.float64):
    """Return x, gamma and beta; each channel has a different mean and deviation."""
    rng = np.random.default_rng(0)
    gamma, beta, mean, deviation = rng.uniform(0.5, 2, (4, shape[-1]))
    x = mean + deviation * rng.standard_normal(shape)
    return x.astype(dtype), gamma.astype(dtype), beta.astype(dtype)


def linear_inputs(dtype=np.float64):
    """Return x, W and b: 4 examples, 3 input units, 5 output units."""
    rng = np.random.default_rng(0)
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in [(4, 3), (3, 5), (5,)])


def scores(dtype=np.float64):
    """Return scores and labels: 6 examples, 4 classes, one of which is never the label."""
    x = 3 * np.random.default_rng(0).standard_normal((6, 4))
    return x.astype(dtype), np.array([2, 0, 3, 2, 0, 3])


def each(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.label)


each_norm_shape = pytest.mark.parametrize("shape", NORM_SHAPES, ids=str)
both_modes = pytest.mark.parametrize("mode", ["max", "average"])
POOLING = {
    "max": (functional.max_pool2d, functional.max_pool2d_backward),
    "average": (functional.avg_pool2d, functional.avg_pool2d_backward),
}
