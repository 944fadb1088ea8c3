"""Compute the height and width of a layer's output.

Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
"""

from convnet.shapes import ShapeError
from convnet.types import Size

__all__ = ["conv_output_shape", "conv_transpose_output_shape", "pool_output_shape"]


def conv_output_shape(size: Size, f: int, stride: int = 1, padding: int = 0) -> Size:
    """Compute the height and width of a convolution's output.

    Along each axis they are floor((n - f + 2 * padding) / stride) + 1.

    Parameters
    ----------
    size : tuple of int
        (n_H, n_W), the height and width of the input.
    f, stride, padding : int
        Size of the kernel, step between its positions, zeros on each side of the input.

    Raises
    ------
    ShapeError
        If the kernel is larger than the padded input.

    Examples
    --------
    >>> conv_output_shape((7, 9), f=3, stride=2, padding=1)
    (4, 5)
    """
    (n_H, n_W) = (n + 2 * padding for n in size)
    if f > min(n_H, n_W):
        raise ShapeError(
            f"a kernel of {f}x{f} is larger than the padded input, {n_H}x{n_W} (input "
            f"{_times(size)}, padding {padding} on each side): use a smaller kernel or more padding"
        )
    return (n_H - f) // stride + 1, (n_W - f) // stride + 1


def pool_output_shape(size: Size, f: int, stride: int) -> Size:
    """Compute the height and width of a pooling layer's output; see `conv_output_shape`.

    Raises
    ------
    ShapeError
        If the window is larger than the input.
    """
    if f > min(size):
        raise ShapeError(
            f"a window of {f}x{f} is larger than the input, {_times(size)}: use a smaller window"
        )
    return conv_output_shape(size, f, stride)


def conv_transpose_output_shape(
    size: Size, f: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> Size:
    """Compute the height and width of a transposed convolution's output.

    Along each axis they are stride * (n - 1) + f - 2 * padding + output_padding.

    Parameters
    ----------
    size : tuple of int
        (n_H, n_W), the height and width of the input.
    f, stride, padding, output_padding : int
        As in `convnet.functional.conv_transpose2d`.

    Raises
    ------
    ShapeError
        If padding leaves no output, or output_padding is not smaller than the stride.

    Examples
    --------
    >>> conv_transpose_output_shape((4, 5), f=3, stride=2, padding=1)
    (7, 9)
    """
    if output_padding >= stride:
        raise ShapeError(
            f"output_padding is {output_padding}, expected less than the stride, {stride}: it "
            "selects one of the input sizes that a convolution maps to the same output size"
        )
    (n_H, n_W) = (stride * (n - 1) + f - 2 * padding + output_padding for n in size)
    if min(n_H, n_W) < 1:
        raise ShapeError(
            f"the output would be {n_H}x{n_W} (input {_times(size)}, kernel {f}x{f}, stride "
            f"{stride}, padding {padding}): use less padding or a larger kernel"
        )
    return n_H, n_W


def _times(sizes: Size) -> str:
    return "x".join(str(n) for n in sizes)
