"""Correct solutions of conv_single_step in common styles."""

import logging
import math
import sys
import warnings

import numpy as np

from tests.exercises.solutions.registry import right


@right("conv_single_step", "np.float64 scalar")
def conv_single_step(a_slice_prev, W, b):
    return np.float64(np.sum(np.multiply(a_slice_prev, W)) + b[0, 0, 0])


@right("conv_single_step", "Python float")
def _(a, W, b):
    return float(np.sum(a * W)) + float(b.item())


@right("conv_single_step", "0-d array")
def _(a, W, b):
    return np.asarray(np.vdot(a, W)) + np.squeeze(b)


@right("conv_single_step", "loops, with prints")
def _(a_slice_prev, W, b):
    total = 0
    for place in np.ndindex(W.shape):
        total += a_slice_prev[place] * W[place]
        print(place, total)
    return total + b.reshape(-1)[0]


@right("conv_single_step", "einsum, warnings and stderr")
def _(a, W, b):
    warnings.warn("slow", stacklevel=1)
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    print("a word on stderr", file=sys.stderr)
    logging.getLogger("student").warning("and one more")
    return np.einsum("hwc,hwc->", a, W) + b.sum()


@right("conv_single_step", "float32 inside")
def _(a, W, b, dtype=np.float32):
    return np.sum(a.astype(dtype) * W.astype(dtype), dtype=dtype) + b.astype(dtype).item()


@right("conv_single_step", "dot of flat arrays")
def _(a, W, b):
    return a.ravel() @ W.ravel() + b.ravel() @ [1.0]


class _SingleStep:
    def __init__(self):
        self.calls = 0

    def __call__(self, a_slice_prev, W, b):
        self.calls += 1
        return (a_slice_prev * W).sum() + b[0][0][0]


right("conv_single_step", "an instance", _SingleStep())


@right("conv_single_step", "generator of products, math.fsum")
def _(a_slice_prev, W, b):
    return math.fsum(x * w for x, w in zip(a_slice_prev.flat, W.flat, strict=True)) + b.sum()


@right("conv_single_step", "np.vdot, np.asarray of everything")
def _(a_slice_prev, W, b):
    return np.asarray(np.vdot(a_slice_prev, W)) + np.squeeze(b)


@right("conv_single_step", "recursive over the axes")
def _(a_slice_prev, W, b):
    def dot(a, w):
        return a * w if np.ndim(a) == 0 else sum(map(dot, a, w))

    return dot(a_slice_prev, W) + b.item()
