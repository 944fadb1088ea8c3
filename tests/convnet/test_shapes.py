"""Invalid arguments are rejected with their sizes and a suggestion."""

import re

import numpy as np
import pytest

from convnet import functional, shapes, sizes
from convnet.shapes import ShapeError, checked


def ones(*shape):
    return np.ones(shape)


STEPS = {"stride": 2, "padding": 1}
IMAGES, W, b = ones(2, 5, 7, 4), ones(3, 3, 4, 8), ones(8)
W_TRANSPOSED = ones(3, 3, 8, 4)
LABELS = np.array([0, 3])
NORM = {"x": ones(2, 3, 4), "gamma": ones(4)}

RIGHT = {  # valid arguments; each row below replaces some of them
    "conv2d": {"x": IMAGES, "W": W, "b": b, **STEPS},
    "conv2d_backward": {"dy": ones(2, 3, 4, 8), "x": IMAGES, "W": W, **STEPS},
    "conv_transpose2d": {"x": IMAGES, "W": W_TRANSPOSED, "b": b, **STEPS},
    "conv_transpose2d_backward": {
        "dy": ones(2, 9, 13, 8),
        "x": IMAGES,
        "W": W_TRANSPOSED,
        **STEPS,
    },
    "depthwise_conv2d": {"x": IMAGES, "W": ones(3, 3, 4), "b": ones(4), **STEPS},
    "depthwise_conv2d_backward": {
        "dy": ones(2, 3, 4, 4),
        "x": IMAGES,
        "W": ones(3, 3, 4),
        **STEPS,
    },
    "max_pool2d": {"x": IMAGES, "f": 3, "stride": 2},
    "max_pool2d_backward": {"dy": ones(2, 2, 3, 4), "x": IMAGES, "f": 3, "stride": 2},
    "relu": {"x": ones(2, 3)},
    "relu_backward": {"dy": ones(2, 3), "x": ones(2, 3)},
    "linear": {"x": ones(2, 3), "W": ones(3, 4), "b": ones(4)},
    "linear_backward": {"dy": ones(2, 4), "x": ones(2, 3), "W": ones(3, 4)},
    "batch_norm": {**NORM, "beta": ones(4)},
    "batch_norm_backward": {"dy": ones(2, 3, 4), **NORM, "mean": ones(4), "variance": ones(4)},
    "softmax": {"x": ones(2, 3)},
    "cross_entropy": {"x": ones(2, 4), "labels": LABELS},
}

# fmt: off
WRONG = {  # by function: the replaced arguments, and the start of the message
    "conv2d": [
        ({"x": ones(5, 7, 4)},
         "x has 3 axes, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, n_C_prev): for one "
         "image use x[np.newaxis], shape (1, 5, 7, 4); for a batch with one channel "
         "x[..., np.newaxis], "
         "shape (5, 7, 4, 1)"),
        ({"x": ones(5, 7)},
         "x has 2 axes, shape (5, 7), expected 4, (m, n_H_prev, n_W_prev, n_C_prev): reshape x"),
        ({"x": [[1, 2]]}, "x is a list, expected an array: convert it with np.array"),
        ({"x": None}, "x is a NoneType, expected an array: convert it with np.array"),
        ({"x": IMAGES * 1j},
         "x holds values of type complex128, expected real numbers: convert it with astype(float)"),
        ({"x": IMAGES.astype(object)}, "x holds values of type object, expected real numbers: "),
        ({"x": ones(2, 4, 5, 7)},
         "W of shape (3, 3, 4, 8) has n_C_prev = 4, x of shape (2, 4, 5, 7) has n_C_prev = 7: "
         "the last axis of x and the third axis of W must agree"),
        ({"W": ones(3, 3, 4)},
         "W has 3 axes, shape (3, 3, 4), expected 4, (f, f, n_C_prev, n_C): reshape W"),
        ({"W": ones(3, 2, 4, 8)},
         "W has shape (3, 2, 4, 8), (f, f, n_C_prev, n_C), and f is 3 and 2: make its first axis "
         "and its second axis equally long"),
        ({"W": ones(0, 0, 4, 8)},
         "W has shape (0, 0, 4, 8), (f, f, n_C_prev, n_C), and f is 0, expected at least 1: make "
         "the first axis of W longer"),
        ({"W": ones(3, 3, 4, 0)},
         "W has shape (3, 3, 4, 0), (f, f, n_C_prev, n_C), and n_C is 0, expected at least 1: "
         "make the last axis of W longer"),
        ({"b": ones(1, 1, 1, 8)},
         "b has 4 axes, shape (1, 1, 1, 8), expected 1, (n_C,): use b.reshape(-1)"),
        ({"b": ones(4)},
         "b of shape (4,) has n_C = 4, W of shape (3, 3, 4, 8) has n_C = 8: the last axis "
         "of W and the last axis of b must agree"),
        ({"b": 1.0}, "b is a float, expected an array: convert it with np.array"),
        ({"stride": 0}, "stride is 0, expected an integer of at least 1: use 1 or more"),
        ({"stride": 1.5}, "stride is 1.5, expected an integer of at least 1: compute it with //"),
        ({"padding": -2}, "padding is -2, expected an integer of at least 0: use 0 or more"),
        ({"padding": 0.5}, "padding is 0.5, expected an integer of at least 0: compute it with //"),
        ({"padding": "same"}, "padding is 'same', expected an integer of at least 0: use 0 or "),
        ({"x": ones(2, 2, 1, 4), "W": ones(5, 5, 4, 8)},
         "a kernel of 5x5 is larger than the padded input, 4x3 (input 2x1, padding 1 on each "
         "side): use a smaller kernel or more padding"),
        ({"x": ones(2, 1, 9, 4), "W": ones(4, 4, 4, 8)},
         "a kernel of 4x4 is larger than the padded input, 3x11 (input 1x9, padding 1 on each "
         "side): "),
        ({"x": ones(2, 9, 1, 4), "W": ones(4, 4, 4, 8)},
         "a kernel of 4x4 is larger than the padded input, 11x3 (input 9x1, padding 1 on each "
         "side): "),
    ],
    "conv2d_backward": [
        ({"dy": ones(2, 4, 3, 8)},
         "dy has shape (2, 4, 3, 8), expected (2, 3, 4, 8): pass the gradient with respect to the "
         "output of these arguments"),
        ({"dy": ones(3, 3, 4, 8)},
         "dy of shape (3, 3, 4, 8) has m = 3, x of shape (2, 5, 7, 4) has m = 2: the first axis of "
         "x and the first axis of dy must agree"),
        ({"dy": ones(3, 4, 8)},
         "dy has 3 axes, shape (3, 4, 8), expected 4, (m, n_H, n_W, n_C): for one "
         "image use dy[np.newaxis], shape (1, 3, 4, 8)"),
        ({"dy": None}, "dy is a NoneType, expected an array: convert it with np.array"),
        ({"x": ones(2, 7, 5, 4)}, "dy has shape (2, 3, 4, 8), expected (2, 4, 3, 8): "),
        ({"stride": 0}, "stride is 0, expected an integer of at least 1: "),
    ],
    "conv_transpose2d": [
        ({"x": ones(5, 7, 4)},
         "x has 3 axes, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, n_C_prev): "),
        ({"x": ones(2, 0, 7, 4)},
         "x has shape (2, 0, 7, 4), (m, n_H_prev, n_W_prev, n_C_prev), and n_H_prev is 0, "
         "expected at least 1: make the second axis of x longer"),
        ({"W": ones(3, 3, 4)},
         "W has 3 axes, shape (3, 3, 4), expected 4, (f, f, n_C, n_C_prev): reshape W"),
        ({"W": ones(3, 3, 4, 8)},
         "W of shape (3, 3, 4, 8) has n_C_prev = 8, x of shape (2, 5, 7, 4) has n_C_prev = 4: "
         "the last axis of x and the last axis of W must agree"),
        ({"b": ones(4)}, "b of shape (4,) has n_C = 4, W of shape (3, 3, 8, 4) has n_C = "),
        ({"stride": 0}, "stride is 0, expected an integer of at least 1: use 1 or more"),
        ({"padding": -1}, "padding is -1, expected an integer of at least 0: use 0 or more"),
        ({"output_padding": -1}, "output_padding is -1, expected an integer of at least 0: use 0"),
        ({"output_padding": 0.5}, "output_padding is 0.5, expected an integer of at least 0: "),
        ({"output_padding": 2},
         "output_padding is 2, expected less than the stride, 2: it selects one of the input sizes "
         "that a convolution maps to the same output size"),
        ({"x": ones(2, 1, 7, 4), "padding": 2},
         "the output would be -1x11 (input 1x7, kernel 3x3, stride 2, padding 2): use less padding "
         "or a larger kernel"),
    ],
    "conv_transpose2d_backward": [
        ({"dy": ones(2, 13, 9, 8)}, "dy has shape (2, 13, 9, 8), expected (2, 9, 13, 8): pass "),
        ({"dy": ones(9, 13, 8)}, "dy has 3 axes, shape (9, 13, 8), expected 4, "),
        ({"output_padding": 1}, "dy has shape (2, 9, 13, 8), expected (2, 10, 14, 8): "),
        ({"W": W},
         "W of shape (3, 3, 4, 8) has n_C_prev = 8, x of shape (2, 5, 7, 4) has n_C_prev = 4: "),
    ],
    "depthwise_conv2d": [
        ({"x": ones(5, 7, 4)},
         "x has 3 axes, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, n_C): "),
        ({"W": W}, "W has 4 axes, shape (3, 3, 4, 8), expected 3, (f, f, n_C): "),
        ({"W": ones(3, 3, 8)},
         "W of shape (3, 3, 8) has n_C = 8, x of shape (2, 5, 7, 4) has n_C = 4: the last axis of "
         "x and the last axis of W must agree"),
        ({"b": b}, "b of shape (8,) has n_C = 8, x of shape (2, 5, 7, 4) has n_C = 4: "),
        ({"x": ones(2, 2, 1, 4), "W": ones(5, 5, 4)},
         "a kernel of 5x5 is larger than the padded input, 4x3 (input 2x1, padding 1 on each "
         "side): use a smaller kernel or more padding"),
        ({"stride": 0}, "stride is 0, expected an integer of at least 1: use 1 or more"),
    ],
    "depthwise_conv2d_backward": [
        ({"dy": ones(2, 4, 3, 4)}, "dy has shape (2, 4, 3, 4), expected (2, 3, 4, 4): pass the "),
        ({"dy": ones(2, 3, 4, 8)},
         "dy of shape (2, 3, 4, 8) has n_C = 8, x of shape (2, 5, 7, 4) has n_C = 4: "),
    ],
    "max_pool2d": [
        ({"x": ones(5, 7, 4)},
         "x has 3 axes, shape (5, 7, 4), expected 4, (m, n_H_prev, n_W_prev, n_C): "),
        ({"f": 0}, "f is 0, expected an integer of at least 1: use 1 or more"),
        ({"f": None}, "f is None, expected an integer of at least 1: use 1 or more"),
        ({"stride": 0}, "stride is 0, expected an integer of at least 1: use 1 or more"),
        ({"f": 6}, "a window of 6x6 is larger than the input, 5x7: use a smaller window"),
    ],
    "max_pool2d_backward": [
        ({"dy": ones(2, 3, 2, 4)},
         "dy has shape (2, 3, 2, 4), expected (2, 2, 3, 4): pass the gradient with respect to "),
        ({"dy": ones(2, 3, 4)}, "dy has 3 axes, shape (2, 3, 4), expected 4, "),
        ({"dy": ones(2, 2, 3, 5)},
         "dy of shape (2, 2, 3, 5) has n_C = 5, x of shape (2, 5, 7, 4) has n_C = 4: "),
        ({"f": 8}, "a window of 8x8 is larger than the input, 5x7: "),
    ],
    "relu": [
        ({"x": 1.0}, "x is a float, expected an array: convert it with np.array"),
    ],
    "relu_backward": [
        ({"dy": ones(3, 2)},
         "dy has shape (3, 2), x has shape (2, 3): give both the same shape"),
    ],
    "linear": [
        ({"x": IMAGES}, "x has 4 axes, shape (2, 5, 7, 4), expected 2, (m, n): reshape x"),
        ({"x": ones(2, 4)},
         "W of shape (3, 4) has n = 3, x of shape (2, 4) has n = 4: the last axis of x and the "
         "first axis of W must agree"),
        ({"W": ones(3)}, "W has 1 axis, shape (3,), expected 2, (n, n_out): reshape W"),
        ({"W": ones(3, 0)}, "W has shape (3, 0), (n, n_out), and n_out is 0, expected at least 1"),
        ({"b": ones(1, 4)},
         "b has 2 axes, shape (1, 4), expected 1, (n_out,): use b.reshape(-1)"),
        ({"b": ones(5)}, "b of shape (5,) has n_out = 5, W of shape (3, 4) has n_out = 4: "),
        ({"b": 1.0}, "b is a float, expected an array: convert it with np.array"),
    ],
    "linear_backward": [
        ({"dy": ones(2, 5)}, "dy of shape (2, 5) has n_out = 5, W of shape (3, 4) has n_out = 4: "),
        ({"dy": ones(4)}, "dy has 1 axis, shape (4,), expected 2, (m, n_out): reshape dy"),
        ({"x": ones(2, 4)}, "W of shape (3, 4) has n = 3, x of shape (2, 4) has n = 4: "),
    ],
    "batch_norm": [
        ({"x": [[1, 2]]}, "x is a list, expected an array: convert it with np.array"),
        ({"x": ones(4)},
         "x has 1 axis, shape (4,), expected at least 2, (m, ..., n_C): reshape x"),
        ({"x": ones(0, 3, 4)},
         "x has shape (0, 3, 4), expected several values per channel: pass a whole batch"),
        ({"gamma": ones(3)},
         "gamma of shape (3,) has n_C = 3, x of shape (2, 3, 4) has n_C = 4: the last axis of x "
         "and the last axis of gamma must agree"),
        ({"gamma": 1.0}, "gamma is a float, expected an array: convert it with np.array"),
        ({"beta": ones(1, 4)},
         "beta has 2 axes, shape (1, 4), expected 1, (n_C,): use beta.reshape(-1)"),
        ({"epsilon": 0}, "epsilon is 0, expected a small positive number: use 1e-5"),
        ({"epsilon": np.nan}, "epsilon is nan, expected a small positive number: use 1e-5"),
        ({"epsilon": "1e-5"}, "epsilon is '1e-5', expected a small positive number: use 1e-5"),
    ],
    "batch_norm_backward": [
        ({"dy": ones(2, 4, 4)},
         "dy has shape (2, 4, 4), x has shape (2, 3, 4): give both the same shape"),
        ({"dy": None}, "dy is a NoneType, expected an array: convert it with np.array"),
        ({"x": ones(4)}, "x has 1 axis, shape (4,), expected at least 2, (m, ..., n_C): reshape x"),
        ({"mean": ones(3)}, "mean of shape (3,) has n_C = 3, x of shape (2, 3, 4) has n_C = 4: "),
        ({"variance": 1.0}, "variance is a float, expected an array: convert it with np.array"),
        ({"epsilon": -1.0}, "epsilon is -1.0, expected a small positive number: "),
    ],
    "softmax": [
        ({"x": [1.0, 2.0]}, "x is a list, expected an array: convert it with np.array"),
        ({"x": ones()}, "x has 0 axes, shape (), expected at least 1, (..., n): reshape x"),
        ({"x": ones(2, 0)},
         "x has shape (2, 0), (..., n), and n is 0, expected at least 1: make the last axis of x "),
    ],
    "cross_entropy": [
        ({"x": ones(4)}, "x has 1 axis, shape (4,), expected 2, (m, n): reshape x"),
        ({"x": ones(0, 4), "labels": LABELS[:0]},
         "x has shape (0, 4), expected at least one example: pass a batch"),
        ({"x": ones(2, 0)}, "x has shape (2, 0), (m, n), and n is 0, expected at least 1: "),
        ({"labels": [0, 3]},
         "labels are a list, expected an array of integers of shape (m,): "),
        ({"labels": np.eye(4, dtype=int)[LABELS]},
         "labels are int64 of shape (2, 4), expected an array of integers of shape (m,): "
         "use labels.argmax(axis=1) for one-hot labels, "),
        ({"labels": np.array([0, 3, 1])},
         "there are 3 labels for a batch of 2: pass one per image"),
        ({"labels": ones(2)},
         "labels are float64 of shape (2,), expected an array of integers of shape (m,): "),
        ({"labels": LABELS > 0}, "labels are bool of shape (2,), expected an array of integers "),
        ({"labels": LABELS + 1},
         "labels run from 1 to 4, expected 0 to 3, because there are scores for 4 classes"),
        ({"labels": LABELS - 1}, "labels run from -1 to 2, expected 0 to 3, "),
    ],
}
# fmt: on
for same, other in (
    ("max_pool2d", "avg_pool2d"),
    ("max_pool2d_backward", "avg_pool2d_backward"),
    ("cross_entropy", "cross_entropy_backward"),
):
    RIGHT[other], WRONG[other] = RIGHT[same], WRONG[same]


@pytest.mark.parametrize("name", RIGHT)
def test_the_arguments_that_the_table_starts_from_are_accepted(name):
    getattr(functional, name)(**RIGHT[name])


@pytest.mark.parametrize(
    ("name", "replaced", "message"),
    [
        pytest.param(name, replaced, message, id=f"{name}: {message[:40]}")
        for name, rows in WRONG.items()
        for replaced, message in rows
    ],
)
def test_an_argument_that_does_not_fit_is_refused_with_the_sizes(name, replaced, message):
    arguments = {**RIGHT[name], **replaced}
    with pytest.raises(ShapeError, match="^" + re.escape(f"{name}: {message}")) as raised:
        getattr(functional, name)(**arguments)
    remedy = str(raised.value).rpartition(": ")[2]
    assert len(remedy.split()) >= 2, "the message ends without saying what to change"


def test_every_function_has_rows_in_the_table():
    assert set(WRONG) == set(functional.__all__)


def test_a_call_that_lacks_an_argument_or_has_one_too_many_is_an_error_of_the_call():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'W'"):
        functional.conv2d(IMAGES)
    with pytest.raises(TypeError, match="takes 1 positional argument but 2 were given"):
        functional.relu(IMAGES, W)
    with pytest.raises(TypeError, match="multiple values for argument 'x'"):
        functional.relu(IMAGES, x=IMAGES)
    with pytest.raises(TypeError, match="unexpected keyword argument 'pad'"):
        functional.conv2d(IMAGES, W, pad=1)


def test_a_call_like_one_before_is_checked_as_well():
    for _ in range(2):
        functional.conv2d(IMAGES, W, b, stride=1, padding=1)
        with pytest.raises(ShapeError, match="stride is 1.0, expected an integer"):
            functional.conv2d(IMAGES, W, b, stride=1.0, padding=1)
        with pytest.raises(ShapeError, match="W is a list"):
            functional.conv2d(IMAGES, W.tolist(), b, stride=1, padding=1)
        with pytest.raises(ShapeError, match="b has 2 axes"):
            functional.conv2d(IMAGES, W, b[None], stride=1, padding=1)
        assert functional.conv2d(IMAGES, W.astype("f4"), None, 1, 1).dtype == np.float64


def test_a_call_like_one_before_is_checked_from_memory(monkeypatch):
    """Also if it leaves arguments to their defaults, as in training."""
    count = []
    monkeypatch.setattr(shapes, "_check", lambda *_: count.append(1))

    @checked("x: m n; size >= 2")
    def function(x, size=2):
        return size

    for _ in range(3):
        function(IMAGES)
        function(IMAGES, 5)
    assert len(count) == 2


# Declarations


def test_a_name_binds_its_axis_in_every_array():
    @checked("one: n k; other: k n; size >= 2")
    def function(one, other=None, size=2):
        return one.shape, size

    assert function(ones(2, 3), ones(3, 2)) == ((2, 3), 2)
    assert function(ones(2, 3), size=5) == ((2, 3), 5)
    with pytest.raises(ShapeError, match=r"^function: other of shape \(2, 3\) has k = 2, one of"):
        function(ones(2, 3), ones(2, 3))
    with pytest.raises(ShapeError, match="^function: size is 1, expected an integer of at least 2"):
        function(ones(2, 3), size=1)


@pytest.mark.parametrize("declaration", ["x m n", "x: ", "x > 1", ""])
def test_a_declaration_that_says_nothing_is_refused(declaration):
    with pytest.raises(ValueError, match="declares neither"):
        checked(declaration)


def test_a_declaration_names_arguments_of_its_function():
    with pytest.raises(ValueError, match="conv has no argument 'y'"):

        @checked("y: m n")
        def conv(x):
            return x


def test_all_lists_what_is_public():
    for module in (functional, shapes, sizes):
        assert list(module.__all__) == sorted(module.__all__)
        defined = {
            name
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__ and not name.startswith("_")
        }
        assert set(module.__all__) == defined - {"checking"}
