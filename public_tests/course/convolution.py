"""The subject of this course: arguments and outputs of convolution, pooling and dense layers."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from nbexercise.diagnosis.conditions import Condition
from nbexercise.judging.subject import Subject

from . import facts, windows
from .record import record_questions, record_verdict

__all__ = ["CACHE_PARTS", "CONVOLUTION"]

CACHE_PARTS = {
    1: ("Z",),
    2: ("A_prev", "hparameters"),
    3: ("A_prev", "W", "b"),
    4: ("A_prev", "W", "b", "hparameters"),
}

# Names of the axes of outputs, by number of axes.
AXES = {4: ("image", "row", "column", "channel"), 2: ("example", "column")}
WITHOUT_EXAMPLES = ("row", "column")  # axes of weights and windows
A_WINDOW = {"x", "shape"}  # arguments of exercises whose output is a window
FILTERS, BIASES = ("dW", "W", "W_conv"), ("db", "b_conv")
FILTER_AXES = ("row of the filter", "column of the filter", "input channel", "filter")


def _is_square(sizes: Any) -> bool:
    return bool(sizes["n_H_prev"] == sizes["n_W_prev"])


def _has_square_window(sizes: Any) -> bool:
    if "n_H_prev" in sizes:  # n_H and n_W are the sizes of a gradient
        raise KeyError("window")
    return bool(sizes["n_H"] == sizes["n_W"])


def _mode(sizes: Any) -> str:
    """Return the mode of a pooling layer; "" for other layers."""
    pools = "stride" in sizes and "pad" not in sizes
    return str(sizes.get("mode", "max")) if pools else ""


def _sizes(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sizes of a case by name.

    They are m, f, n_H_prev, n_W_prev, n_C_prev, n_C, n_H and n_W (of dZ, dA, x or shape), and
    float32, as far as the case has them.
    """
    sizes: dict[str, Any] = {}
    if getattr(parts.get("X"), "ndim", 0) == 4:
        sizes["m"] = len(parts["X"])
    if getattr(parts.get("x"), "ndim", 0) == 2:
        sizes["n_H"], sizes["n_W"] = parts["x"].shape
    if "A_prev" in parts:
        sizes["m"] = len(parts["A_prev"])
        if parts["A_prev"].ndim == 4:
            sizes["n_H_prev"], sizes["n_W_prev"], sizes["n_C_prev"] = parts["A_prev"].shape[1:]
        sizes["float32"] = parts["A_prev"].dtype == np.float32
    if getattr(parts.get("W"), "ndim", 0) == 4:
        sizes["f"], _, *channels = parts["W"].shape
        # In a transposed convolution, the last axis of W counts the input's channels.
        sizes["n_C"] = channels[0 if windows.is_transposed(parts) else 1]
    for name in ("dZ", "dA"):
        if name in parts and parts[name].ndim == 4:
            sizes["n_H"], sizes["n_W"] = parts[name].shape[1:3]
    if "shape" in parts:
        sizes["n_H"], sizes["n_W"] = parts["shape"]
    return sizes


def _axes(name: str, ndim: int, parts: Mapping[str, Any]) -> tuple[str, ...]:
    if ndim == 4 and name in FILTERS:
        return FILTER_AXES
    if ndim == 2 and ("W" in name or parts.keys() & A_WINDOW):
        return WITHOUT_EXAMPLES
    return AXES.get(ndim, ()) if name not in BIASES else ()


CONVOLUTION = Subject(
    folder=os.path.dirname(os.path.dirname(__file__)),
    items={"cache": CACHE_PARTS},
    sizes=_sizes,
    axes=_axes,
    integers=("param",),  # hparameters
    steps=("stride", "pad", "output_pad"),
    amounts={
        "output_pad": lambda s: s["output_pad"],
        "pad": lambda s: s["pad"],
        "2 * pad": lambda s: 2 * s["pad"],
        "stride": lambda s: s["stride"],
        "stride - 1": lambda s: s["stride"] - 1,
        "f": lambda s: s["f"],
        "f - 1": lambda s: s["f"] - 1,
    },
    lengths=("m", "n_H", "n_W", "n_H_prev", "n_W_prev", "n_C_prev", "n_C", "f", "stride"),
    factors={
        "m, the number of images,": lambda s: s["m"],
        "f": lambda s: s["f"],
        "f * f": lambda s: s["f"] ** 2,
        "stride": lambda s: s["stride"],
        "n_C": lambda s: s["n_C"],
        "n_C_prev": lambda s: s["n_C_prev"],
        "1 + momentum": lambda s: 1 + s["momentum"],
        "learning_rate": lambda s: s["learning_rate"],
    },
    conditions=(
        Condition("the stride is 1", ("stride",), lambda s: s["stride"] == 1),
        Condition("the stride is f", ("stride", "f"), lambda s: s["stride"] == s["f"]),
        Condition("pad is 0", ("pad",), lambda s: s["pad"] == 0),
        Condition('mode is "max"', ("mode",), lambda s: _mode(s) == "max"),
        Condition('mode is "average"', ("mode",), lambda s: _mode(s) == "average"),
        Condition("there is one image", ("m",), lambda s: s["m"] == 1),
        Condition("the input has one channel", ("n_C_prev",), lambda s: s["n_C_prev"] == 1),
        Condition("there is one filter", ("n_C",), lambda s: s["n_C"] == 1),
        Condition("height and width are equal", ("n_H_prev", "n_W_prev"), _is_square),
        Condition("the window is square", ("n_H", "n_W"), _has_square_window),
        Condition("the stride is at most f", ("stride", "f"), lambda s: s["stride"] <= s["f"]),
        Condition("the stride divides n", ("stride", "n"), lambda s: s["n"] % s["stride"] == 0),
    ),
    describers=(facts.sums, facts.offset),
    next_steps={
        r"broadcast.*\n.*?: .*\bd([AZ])\[[^]]*_start *: *\w+_end *, *\w+_start *: *\w+_end": (
            "the last quoted line cuts a window out of d{0}, which holds one number for each "
            "window: entry [i, h, w, c] belongs to output (h, w)."
        ),
    },
    values={"np.maximum({}, 0)": "ReLU is not applied to {}"},
    kept=" and is kept for the milestones",
    held=facts.held,
    unread=facts.entries_unread,
    apart=facts.image_by_image,
    is_drawn=windows.is_drawn,
    plane=windows.plane,
    frame=windows.frame,
    stepwise=windows.steps,
    checked=record_verdict,
    asked=record_questions,
)
