"""The shapes that every version of a layer must get right, in labelled tables.

In every case the height differs from the width, so that swapping them cannot pass. Values are
random, and the same at each run.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from convnet import layers, loops


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
    def hparameters(self):
        return {"stride": self.stride, "pad": self.pad}

    def inputs(self, dtype=np.float64):
        """A_prev, W and b."""
        rng = np.random.default_rng(0)
        A_prev = rng.standard_normal((self.m, self.n_H_prev, self.n_W_prev, self.n_C_prev))
        W = rng.standard_normal((self.f, self.f, self.n_C_prev, self.n_C))
        b = rng.standard_normal((1, 1, 1, self.n_C))
        return A_prev.astype(dtype), W.astype(dtype), b.astype(dtype)


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
    def hparameters(self):
        return {"f": self.f, "stride": self.stride}

    def inputs(self, dtype=np.float64):
        """A_prev alone."""
        rng = np.random.default_rng(0)
        A_prev = rng.standard_normal((self.m, self.n_H_prev, self.n_W_prev, self.n_C))
        if self.values == "negative":
            A_prev = -1 - np.abs(A_prev)
        elif self.values == "tied":
            A_prev = A_prev > 0
        return A_prev.astype(dtype)


def gradient_of(output):
    """A gradient with respect to `output`: random, of its shape and dtype."""
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
# fmt: on


def each(cases):
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.label)


both_versions = pytest.mark.parametrize("version", [loops, layers], ids=["loops", "layers"])
both_modes = pytest.mark.parametrize("mode", ["max", "average"])
