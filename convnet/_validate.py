"""What the layers accept: one validator for each function, and the errors that say what to change.

A validator has the signature of the function it guards. It raises ValueError, and otherwise returns
the dtype that the results must have, or None where they are right as they come.
"""

import functools
from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np

IMAGES = "m, n_H, n_W, n_C"
IMAGES_PREV = "m, n_H_prev, n_W_prev, n_C_prev"
MODES = ("max", "average")


def validated(validator):
    """
    Decorate a function: check its arguments with `validator`, and give its results their dtype.

    Errors of the validator get the function's name in front. All arrays are brought to the dtype
    that the validator returns, so that no uint8 overflows; yet a cache in the result holds the very
    arrays that the caller passed in.
    """

    def decorate(function):
        @functools.wraps(function)
        def guarded(*args, **kwargs):
            try:
                dtype = validator(*args, **kwargs)
            except ValueError as error:
                raise ValueError(f"{function.__name__}: {error}") from None
            if dtype is None:
                return function(*args, **kwargs)

            originals = {}  # the caller's arrays, by the id of what stands in for them
            args = [_convert(value, dtype, originals) for value in args]
            kwargs = {name: _convert(value, dtype, originals) for name, value in kwargs.items()}
            result = function(*args, **kwargs)
            if isinstance(result, tuple):
                return tuple(_finish(item, dtype, originals) for item in result)
            return _finish(result, dtype, originals)

        return guarded

    return decorate


def _convert(value, dtype, originals):
    if isinstance(value, tuple):  # a cache
        return tuple(_convert(item, dtype, originals) for item in value)
    if isinstance(value, np.ndarray) and value.dtype != dtype:
        stand_in = value.astype(dtype)
        originals[id(stand_in)] = value
        return stand_in
    return value


def _finish(item, dtype, originals):
    if isinstance(item, tuple):  # a cache
        return tuple(originals.get(id(value), value) for value in item)
    return item.astype(dtype, copy=False)


# The size rule


def validate_output_size(n, f, stride, pad):
    _check_whole("n", n, least=0)
    _check_whole("f", f, least=1)
    _check_whole("stride", stride, least=1)
    _check_whole("pad", pad, least=0)
    _check_fits(f, (n,), pad)


@validated(validate_output_size)
def output_size(n, f, stride, pad):
    """
    Count the positions of a filter along one axis: floor((n - f + 2 * pad) / stride) + 1.

    Arguments:
    n -- size of the input along that axis
    f -- size of the filter or pooling window
    stride -- step from one position to the next
    pad -- zeros on each side of the input

    Raises:
    ValueError -- where an argument is not an integer or is too small, and where the filter is
        larger than the padded input

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
    arXiv:1603.07285.

    >>> output_size(7, f=3, stride=2, pad=1)
    4
    """
    return (n - f + 2 * pad) // stride + 1


# One validator for each function


def validate_zero_pad(X, pad):
    _check_array("X", X, IMAGES)
    _check_whole("pad", pad, least=0)


def validate_single_step(a_slice_prev, W, b):
    _check_array("a_slice_prev", a_slice_prev, "f, f, n_C_prev")
    _check_array("W", W, "f, f, n_C_prev")
    _check_filter(W)
    _check_shape("a_slice_prev", a_slice_prev, W.shape, "cut a window of the shape of W")
    _check_bias(b, (1, 1, 1))
    return _float_dtype(a_slice_prev, W, b)


def validate_conv_forward(A_prev, W, b, hparameters):
    _conv_output_shape(A_prev, W, b, hparameters)
    return _float_dtype(A_prev, W, b)


def validate_conv_backward(dZ, cache):
    _check_cache(cache, "A_prev, W, b, hparameters", "conv_forward")
    (A_prev, W, b, hparameters) = cache
    shape = _conv_output_shape(A_prev, W, b, hparameters)
    _check_array("dZ", dZ, IMAGES)
    _check_shape("dZ", dZ, shape, "pass the gradient of the Z that came with this cache")
    return _float_dtype(dZ, A_prev, W, b)


def validate_pool_forward(A_prev, hparameters, mode="max"):
    _pool_output_shape(A_prev, hparameters, mode)
    return _float_dtype(A_prev)


def validate_pool_backward(dA, cache, mode="max"):
    _check_cache(cache, "A_prev, hparameters", "pool_forward")
    (A_prev, hparameters) = cache
    shape = _pool_output_shape(A_prev, hparameters, mode)
    _check_array("dA", dA, IMAGES)
    _check_shape("dA", dA, shape, "pass the gradient of the A that came with this cache")
    return _float_dtype(dA, A_prev)


def validate_window(x):
    _check_array("x", x, "f, f")
    if x.size == 0:
        raise ValueError(f"x has shape {x.shape}, an empty window has no maximum: cut a larger one")


def validate_distribute_value(dz, shape):
    number = np.asarray(dz)
    if number.ndim or number.dtype.kind not in "fiu":
        raise ValueError(
            f"dz is a {type(dz).__name__} of shape {number.shape}, expected one number: "
            "spread the gradient of one output at a time"
        )
    if not isinstance(shape, tuple) or len(shape) != 2:
        raise ValueError(f"shape is {shape!r}, expected (n_H, n_W): give the window's two sizes")
    for name, size in zip(("n_H", "n_W"), shape, strict=True):
        _check_whole(name, size, least=1)
    return _float_dtype(number)


def validate_relu(Z):
    _check_array("Z", Z)
    return _float_dtype(Z)


def validate_relu_backward(dA, cache):
    _check_cache(cache, "Z", "relu")
    (Z,) = cache
    _check_array("Z", Z)
    _check_array("dA", dA)
    _check_shape("dA", dA, Z.shape, "pass the gradient of the A that came with this cache")
    return _float_dtype(dA, Z)


def validate_conv_transpose_forward(A_prev, W, b, hparameters):
    _conv_transpose_output_shape(A_prev, W, b, hparameters)
    return _float_dtype(A_prev, W, b)


def validate_conv_transpose_backward(dZ, cache):
    _check_cache(cache, "A_prev, W, b, hparameters", "conv_transpose_forward")
    (A_prev, W, b, hparameters) = cache
    shape = _conv_transpose_output_shape(A_prev, W, b, hparameters)
    _check_array("dZ", dZ, IMAGES)
    _check_shape("dZ", dZ, shape, "pass the gradient of the Z that came with this cache")
    return _float_dtype(dZ, A_prev, W, b)


def validate_dense_forward(A_prev, W, b):
    _dense_output_shape(A_prev, W, b)
    return _float_dtype(A_prev, W, b)


def validate_dense_backward(dZ, cache):
    _check_cache(cache, "A_prev, W, b", "dense_forward")
    (A_prev, W, b) = cache
    shape = _dense_output_shape(A_prev, W, b)
    _check_array("dZ", dZ, "m, n")
    _check_shape("dZ", dZ, shape, "pass the gradient of the Z that came with this cache")
    return _float_dtype(dZ, A_prev, W, b)


def validate_one_by_one_forward(A_prev, W, b):
    _check_array("W", W, "1, 1, n_C_prev, n_C")
    if W.shape[:2] != (1, 1):
        raise ValueError(
            f"W has shape {W.shape}, filters of {_times(W.shape[:2])}, expected 1x1: "
            "use conv_forward for larger ones"
        )
    _conv_output_shape(A_prev, W, b, {"stride": 1, "pad": 0})
    return _float_dtype(A_prev, W, b)


def validate_dense_as_convolution(W, b, f):
    _check_array("W", W, "f * f * n_C_prev, n_C")
    _check_holds_weights(W)
    _check_array("b", b)
    _check_shape("b", b, (1, W.shape[1]), "give one bias for each unit, on the last axis")
    _check_whole("f", f, least=1)
    if W.shape[0] % f**2:
        raise ValueError(
            f"W of shape {W.shape} has {W.shape[0]} rows, expected a multiple of f * f = {f**2}: "
            "f is the height and width of the image that was flattened"
        )
    return _float_dtype(W, b)


def validate_batch_norm_forward(Z, gamma, beta, epsilon=1e-5):
    _check_batch_norm(Z, gamma, epsilon)
    _check_array("beta", beta)
    _check_shape("beta", beta, Z.shape[-1:], "give one shift for each channel")
    return _float_dtype(Z, gamma, beta)


def validate_batch_norm_backward(dA, cache):
    _check_cache(cache, "Z, gamma, mean, variance, epsilon", "batch_norm_forward")
    (Z, gamma, mean, variance, epsilon) = cache
    _check_batch_norm(Z, gamma, epsilon)
    for name, value in (("mean", mean), ("variance", variance)):
        _check_array(name, value)
        _check_shape(name, value, Z.shape[-1:], "pass the cache that batch_norm_forward returned")
    _check_array("dA", dA)
    _check_shape("dA", dA, Z.shape, "pass the gradient of the A that came with this cache")
    return _float_dtype(dA, Z, gamma, mean, variance)


def validate_softmax(Z):
    _check_array("Z", Z)
    if Z.ndim == 0 or Z.shape[-1] == 0:
        raise ValueError(f"Z has shape {Z.shape}, expected scores along its last axis: add them")
    return _float_dtype(Z)


def validate_softmax_cross_entropy(Z, labels):
    _check_array("Z", Z, "m, n")
    (m, n) = Z.shape
    if m < 1 or n < 1:
        raise ValueError(f"Z has shape {Z.shape}, expected at least one row and one class: add one")
    check_labels(labels, m, n)


def check_labels(labels, m, n):
    """Raise ValueError where `labels` are no m integers from 0 to n - 1."""
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu" or labels.ndim != 1:
        came = f"a {type(labels).__name__}"
        if isinstance(labels, np.ndarray):
            came = f"{labels.dtype} of shape {labels.shape}"
        raise ValueError(
            f"labels are {came}, expected an array of integers of shape (m,): "
            "labels.argmax(axis=1) makes them from one-hot labels, labels.astype(int) from others"
        )
    if len(labels) != m:
        raise ValueError(f"there are {len(labels)} labels for a batch of {m}: give each its label")
    if labels.min(initial=0) < 0 or labels.max(initial=0) >= n:
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}, expected 0 to {n - 1}: there are "
            f"scores of {n} classes"
        )


def _conv_output_shape(A_prev, W, b, hparameters):
    _check_array("A_prev", A_prev, IMAGES_PREV)
    _check_array("W", W, "f, f, n_C_prev, n_C")
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, _, channels, n_C) = W.shape
    _check_filter(W)
    if n_C_prev != channels:
        raise ValueError(
            f"A_prev of shape {A_prev.shape} has {n_C_prev} channels, W of shape {W.shape} expects "
            f"{channels}: the last axis of A_prev and the third of W must agree"
        )
    _check_bias(b, (1, 1, 1, n_C))
    (stride, pad) = _settings(hparameters, stride=1, pad=0)
    _check_fits(f, (n_H_prev, n_W_prev), pad)
    return (m, output_size(n_H_prev, f, stride, pad), output_size(n_W_prev, f, stride, pad), n_C)


def _pool_output_shape(A_prev, hparameters, mode):
    _check_array("A_prev", A_prev, IMAGES_PREV)
    (m, n_H_prev, n_W_prev, n_C) = A_prev.shape
    (f, stride) = _settings(hparameters, f=1, stride=1)
    _check_fits(f, (n_H_prev, n_W_prev))
    if mode not in MODES:
        raise ValueError(f"mode is {mode!r}, expected one of {MODES}: choose one of the two")
    return (m, output_size(n_H_prev, f, stride, 0), output_size(n_W_prev, f, stride, 0), n_C)


def _conv_transpose_output_shape(A_prev, W, b, hparameters):
    _check_array("A_prev", A_prev, IMAGES_PREV)
    _check_array("W", W, "f, f, n_C, n_C_prev")
    (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape
    (f, _, n_C, channels) = W.shape
    _check_filter(W)
    if n_C_prev != channels:
        raise ValueError(
            f"A_prev of shape {A_prev.shape} has {n_C_prev} channels, W of shape {W.shape} expects "
            f"{channels}: the last axis of A_prev and the last of W must agree"
        )
    _check_bias(b, (1, 1, 1, n_C))
    (stride, pad) = _settings(hparameters, stride=1, pad=0)
    extra = hparameters.get("output_pad", 0)
    _check_whole("hparameters['output_pad']", extra, least=0)
    if extra >= stride:
        raise ValueError(
            f"hparameters['output_pad'] is {extra}, expected less than the stride, {stride}: "
            "it tells apart the inputs that a convolution makes equally small"
        )
    if min(n_H_prev, n_W_prev) < 1:
        raise ValueError(
            f"A_prev has shape {A_prev.shape}, images of {n_H_prev}x{n_W_prev}, expected at least "
            "1x1: pass images with pixels"
        )
    sizes = [stride * (n - 1) + extra + f - 2 * pad for n in (n_H_prev, n_W_prev)]
    if min(sizes) < 1:
        raise ValueError(
            f"the output would be {_times(sizes)} (input {_times((n_H_prev, n_W_prev))}, filter "
            f"{f}x{f}, stride {stride}, pad {pad}): use less padding or a larger filter"
        )
    return (m, *sizes, n_C)


def _dense_output_shape(A_prev, W, b):
    _check_array("A_prev", A_prev, "m, n_prev")
    _check_array("W", W, "n_prev, n")
    _check_holds_weights(W)
    if A_prev.shape[1] != W.shape[0]:
        raise ValueError(
            f"A_prev of shape {A_prev.shape} has {A_prev.shape[1]} columns, W of shape {W.shape} "
            f"expects {W.shape[0]}: the last axis of A_prev and the first of W must agree"
        )
    _check_array("b", b)
    _check_shape("b", b, (1, W.shape[1]), "give one bias for each unit, on the last axis")
    return (A_prev.shape[0], W.shape[1])


def _check_batch_norm(Z, gamma, epsilon):
    _check_array("Z", Z)
    if Z.ndim < 2 or Z.size == 0:
        raise ValueError(
            f"Z has shape {Z.shape}, expected several values of each channel, (m, ..., n_C): "
            "pass a whole batch"
        )
    _check_array("gamma", gamma)
    _check_shape("gamma", gamma, Z.shape[-1:], "give one factor for each channel")
    if not (isinstance(epsilon, Real) and epsilon > 0):
        raise ValueError(f"epsilon is {epsilon!r}, expected a small positive number: use 1e-5")


# The checks that they are made of


def _float_dtype(*arrays):
    """The common floating dtype; integers and booleans count as float64."""
    return np.result_type(*(a.dtype if a.dtype.kind == "f" else np.float64 for a in arrays))


def _check_array(name, value, axes=None):
    """`axes` names the expected dimensions, such as "m, n_H, n_W, n_C"; None accepts any number."""
    if not isinstance(value, np.ndarray):
        shape = f" of shape ({axes})" if axes else ""
        raise ValueError(
            f"{name} is a {type(value).__name__}, expected an array{shape}: convert it by np.array"
        )
    if value.dtype.kind not in "fiub":
        raise ValueError(
            f"{name} holds values of type {value.dtype}, expected real numbers: "
            "convert it by astype(float)"
        )
    expected = value.ndim if axes is None else axes.count(",") + 1
    if value.ndim != expected:
        raise ValueError(
            f"{name} has {value.ndim} dimensions, shape {value.shape}, expected {expected}, "
            f"({axes}): {_cure_for_dimensions(name, value.shape, axes)}"
        )


def _cure_for_dimensions(name, shape, axes):
    if len(shape) == 3 and axes.startswith("m,"):
        return (
            f"for one image use {name}[np.newaxis], shape {(1, *shape)}; for a batch with one "
            f"channel {name}[..., np.newaxis], shape {(*shape, 1)}"
        )
    return f"reshape {name}"


def _check_shape(name, value, expected, cure):
    if value.shape != expected:
        raise ValueError(f"{name} has shape {value.shape}, expected {expected}: {cure}")


def _check_filter(W):
    (n_H, n_W) = W.shape[:2]
    if n_H != n_W or n_H < 1:
        raise ValueError(
            f"W has shape {W.shape}, filters of {n_H}x{n_W}, expected square ones of at least 1x1: "
            "make its first two axes equal"
        )
    _check_holds_weights(W)


def _check_holds_weights(W):
    if W.size == 0:
        raise ValueError(f"W has shape {W.shape}, no weights at all: make each axis at least 1")


def _check_bias(b, expected):
    _check_array("b", b)
    _check_shape("b", b, expected, "give one bias for each filter, on the last axis")


def _check_whole(name, value, least):
    if not isinstance(value, Integral) or value < least:
        cure = "compute it with //" if isinstance(value, float) else f"use {least} or more"
        raise ValueError(f"{name} is {value!r}, expected an integer of at least {least}: {cure}")


def _settings(hparameters, **least):
    """The values of hparameters in the order of `least`, which holds the smallest value of each."""
    _check_mapping(hparameters, least)
    for name, smallest in least.items():
        if name not in hparameters:
            raise ValueError(
                f"hparameters has the keys {list(hparameters)}, expected {list(least)}: "
                f"add {name!r}"
            )
        _check_whole(f"hparameters[{name!r}]", hparameters[name], smallest)
    return [hparameters[name] for name in least]


def _check_mapping(hparameters, keys):
    if not isinstance(hparameters, Mapping):
        raise ValueError(
            f"hparameters is {hparameters!r}, expected a dictionary: give the keys {list(keys)}"
        )


def _check_cache(cache, names, function):
    count = names.count(",") + 1
    if not isinstance(cache, tuple) or len(cache) != count:
        size = f" of {len(cache)}" if isinstance(cache, tuple) else ""
        raise ValueError(
            f"cache is a {type(cache).__name__}{size}, expected a tuple of {count}, ({names}): "
            f"pass the cache that {function} returned"
        )


def _check_fits(f, sizes, pad=None):
    """A filter of f, or a pooling window where `pad` is None, fits along every axis of `sizes`."""
    padded = [n + 2 * (pad or 0) for n in sizes]
    if f <= min(padded):
        return
    square = _times([f] * len(sizes))
    if pad is None:
        raise ValueError(
            f"a window of {square} is larger than the input, {_times(sizes)}: use a smaller window"
        )
    raise ValueError(
        f"a filter of {square} is larger than the padded input, {_times(padded)} (input "
        f"{_times(sizes)}, pad {pad} on each side): use a smaller filter or more padding"
    )


def _times(sizes):
    return "x".join(str(n) for n in sizes)
