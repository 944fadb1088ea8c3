"""The sizes of a convolution and of a transposed convolution: the reader changes all of them."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from convnet.functional import conv2d, conv_transpose2d
from convnet.plots import draw_grid
from convnet.sizes import conv_output_shape, conv_transpose_output_shape
from convnet.types import Array
from lesson_tools.explorables.page import explorable
from lesson_tools.figures import FigureOutput
from lesson_tools.sweep import axes_for_grids


def explore_sizes(
    rows: int = 6,
    columns: int = 6,
    f: int = 3,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    transposed: bool = False,
) -> FigureOutput:
    """Show the positions of a kernel on a small input, whose sizes the reader changes.

    Parameters
    ----------
    rows, columns : int
        Size of the input, 1 to 8.
    f, stride, padding, dilation : int
        Kernel size, 1 to 5; step, 1 to 4; zeros on each side, 0 to 4, which a transposed
        convolution crops; distance between neighboring weights, 1 to 3.
    output_padding : int
        Output padding of a transposed convolution, less than the stride.
    transposed : bool
        True to begin with the transposed convolution.

    Returns
    -------
    picture : FigureOutput
        Output to use as the last value of a cell.

    Raises
    ------
    ShapeError
        If the sizes are not compatible; see `convnet.sizes`.
    ValueError
        If a number is outside its range.
    """
    ranges = {
        "rows": (rows, 1, 8),
        "columns": (columns, 1, 8),
        "f": (f, 1, 5),
        "stride": (stride, 1, 4),
        "padding": (padding, 0, 4),
        "dilation": (dilation, 1, 3),
        "output_padding": (output_padding, 0, 3),
    }
    for name, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise ValueError(f"{name} is {value}, expected {low} to {high}")
    rng = np.random.default_rng(0)
    X, W = rng.integers(0, 10, size=(8, 8)), rng.integers(-2, 4, size=(5, 5))
    A, kernel = X[:rows, :columns], _dilated(W[:f, :f], dilation)
    span, matrices = len(kernel), (A[None, :, :, None], kernel[:, :, None, None])
    if transposed:
        size = conv_transpose_output_shape(A.shape, span, stride, padding, output_padding)
        Z = conv_transpose2d(*matrices, None, stride, padding, output_padding)[0, :, :, 0]
    else:
        size = conv_output_shape(A.shape, span, stride, padding)
        Z = conv2d(*matrices, None, stride, padding)[0, :, :, 0]
    kind = "transposed convolution" if transposed else "convolution"
    text = (
        f"A {kind}: an input of {rows} by {columns}, a kernel of {f} by {f}, stride {stride}, "
        f"padding {padding}, dilation {dilation}, and its output of {size[0]} by {size[1]}."
    )
    return explorable(
        "sizes",
        _draw_sizes(A, kernel, Z, padding, transposed),
        text,
        input=X.tolist(),
        kernel=W.tolist(),
        start={name: value for name, (value, *_) in ranges.items()} | {"transposed": transposed},
        ranges={name: [low, high] for name, (_, low, high) in ranges.items()},
    )


def _dilated(W: Array, dilation: int) -> Array:
    """Return a kernel with zeros between its weights."""
    kernel = np.zeros([dilation * (n - 1) + 1 for n in W.shape], dtype=W.dtype)
    kernel[::dilation, ::dilation] = W
    return kernel


def _draw_sizes(A: Array, kernel: Array, Z: Array, padding: int, transposed: bool) -> Figure:
    pad = 0 if transposed else padding
    X, is_padding = np.pad(A, pad), np.pad(np.zeros(A.shape, bool), pad, constant_values=True)
    fig = plt.figure(figsize=(7, 3.6))
    axes = axes_for_grids(fig, [X.shape, kernel.shape, Z.shape])
    draw_grid(axes[0], X, "padded input" if pad else "input", hatched=is_padding)
    draw_grid(axes[1], kernel, "kernel")
    draw_grid(axes[2], Z, f"output, {Z.shape[0]} x {Z.shape[1]}")
    for ax in axes:
        ax.set(xticks=[], yticks=[])
    return fig
