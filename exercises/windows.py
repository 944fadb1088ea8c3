"""Lines of loops, and mistakes in them, that the exercises with sliding windows share.

Each function returns a mistake for one exercise; `fails` are the checks that it fails there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nbexercise.defining.exercise import Mistake

__all__ = [
    "ANSWERS_DIFFER",
    "EDGES",
    "FILTER_EDGES",
    "HORIZONTAL",
    "VERTICAL",
    "LayerSizes",
    "corners_moved_by_the_padding",
    "end_without_stride",
    "f_for_the_stride",
    "fixed",
    "height_and_width_swapped",
    "made_anew",
    "plus_one_forgotten",
    "ranges_exchanged",
    "ranges_too_short",
    "rows_from_w",
    "sizes_as_floats",
    "stride_ignored",
    "stride_ignored_altogether",
    "stride_in_the_columns_only",
    "stride_in_the_rows_only",
    "stride_twice",
    "whole_numbers",
    "width_from_the_height",
    "window_of_the_stride",
]


@dataclass(frozen=True)
class LayerSizes:
    """Sizes of one case of an exercise whose windows move over images."""

    m: int
    n_H_prev: int
    n_W_prev: int
    n_C_prev: int
    f: int
    stride: int
    pad: int = 0
    n_C: int = 0
    dtype: str = "float64"

    @property
    def spare(self) -> tuple[int, int]:
        """Numbers of rows and columns that remain after the first window."""
        more = 2 * self.pad - self.f
        return self.n_H_prev + more, self.n_W_prev + more

    @property
    def output(self) -> tuple[int, int]:
        """Height and width of the output."""
        rows, columns = self.spare
        return rows // self.stride + 1, columns // self.stride + 1


# Every case set of these exercises has a case for each edge: only the numbers are drawn, and the
# sizes are the same for every seed. Images are square only if there is a single output, because
# squares hide swapped rows and columns.
EDGES: Mapping[str, Callable[[LayerSizes], bool]] = {
    "one image, several channels": lambda it: it.m == 1 and it.n_C_prev > 1,
    "several images, one channel": lambda it: it.m > 1 and it.n_C_prev == 1,
    "several images and channels": lambda it: it.m > 1 and it.n_C_prev > 1,
    "a wide image": lambda it: it.n_W_prev > it.n_H_prev,
    "a high image": lambda it: it.n_H_prev > it.n_W_prev,
    "an image as wide or as high as the window": lambda it: 0 in it.spare,
    "a window of one pixel": lambda it: it.f == 1,
    "one output for each channel": lambda it: it.output == (1, 1),
    "fewer outputs than the window has rows": lambda it: max(it.output) < it.f,
    "stride 1": lambda it: it.stride == 1,
    "a stride below f": lambda it: 1 < it.stride < it.f,
    "a stride below f that does not divide": lambda it: it.stride < it.f and _remains(it),
    "a stride above f": lambda it: it.stride > it.f,
    "a stride above f that does not divide": lambda it: it.stride > it.f > 1 and _remains(it),
    "coarse numbers": lambda it: it.dtype == "float32",
}
FILTER_EDGES: Mapping[str, Callable[[LayerSizes], bool]] = {
    "no padding": lambda it: it.pad == 0,
    "padding of 1": lambda it: it.pad == 1,
    "padding of 2": lambda it: it.pad > 1,
    "one filter, several channels": lambda it: it.n_C == 1 < it.n_C_prev,
    "several filters, one channel": lambda it: it.n_C > 1 == it.n_C_prev,
    "more filters than channels": lambda it: it.n_C > it.n_C_prev > 1,
    "fewer filters than channels": lambda it: it.n_C_prev > it.n_C > 1,
}


def _remains(layer: LayerSizes) -> bool:
    return any(n % layer.stride for n in layer.spare)


VERTICAL, HORIZONTAL = "vert_start = h * stride", "horiz_start = w * stride"

# Applies to any function whose answers differ between calls: the judge cannot know the cause.
ANSWERS_DIFFER = (
    "The same call gives a different answer each time, as if a sum started from random numbers, "
    "from `np.empty`, or from the result of the previous call.",
    "A sum starts from zeros that are created inside the function in every call.",
)

_RANGES = (("h", "n_H"), ("w", "n_W"))  # variables of the loops, and sizes of the output

_FORWARD = "Output row `h` looks at the window that starts `h` steps down. How long is a step?"
_BACKWARD = "The windows are those of the forward pass. Where did output `(h, w)` look?"
_BOTH = "Both corners of a window, vertical and horizontal, depend on the stride."


def stride_ignored(*fails: str, backward: bool = False) -> Mistake:
    return Mistake(
        "stride ignored",
        {VERTICAL: "vert_start = h", HORIZONTAL: "horiz_start = w"},
        fails,
        "The windows move by one pixel at a time, as if their corners ignored the stride.",
        _BACKWARD if backward else _FORWARD,
    )


def stride_ignored_altogether(n_H: str, n_W: str, *fails: str) -> Mistake:
    """Return the mistake of ignoring the stride in the output size as well.

    Parameters
    ----------
    n_H, n_W
        Code that computes the output height and width, without the + 1.
    """
    sizes = {part: part.removesuffix(" // stride") for part in (n_H, n_W)}
    return Mistake(
        "stride ignored in the size too",
        {VERTICAL: "vert_start = h", HORIZONTAL: "horiz_start = w", **sizes},
        fails,
        "The stride has no effect: the windows move by one pixel at a time, and there are as many "
        "as with stride 1.",
        "With stride 2, how far apart are two windows, and how many of them fit?",
    )


def stride_in_the_rows_only(*fails: str) -> Mistake:
    return Mistake(
        "stride in the rows only",
        {HORIZONTAL: "horiz_start = w"},
        fails,
        "The windows move by the stride downwards, but by one pixel to the right.",
        _BOTH,
    )


def stride_in_the_columns_only(*fails: str) -> Mistake:
    return Mistake(
        "stride in the columns only",
        {VERTICAL: "vert_start = h"},
        fails,
        "The windows move by the stride to the right, but by one pixel downwards.",
        _BOTH,
    )


def f_for_the_stride(*fails: str) -> Mistake:
    return Mistake(
        "f taken for the stride",
        {VERTICAL: "vert_start = h * f", HORIZONTAL: "horiz_start = w * f"},
        fails,
        "The windows lie side by side, `f` pixels apart, as if `f` were the stride.",
        "`f` is how large a window is; the stride is how far it moves.",
    )


def stride_twice(*fails: str, backward: bool = False) -> Mistake:
    return Mistake(
        "stride counted twice",
        {VERTICAL: "vert_start = h * stride * stride", HORIZONTAL: "horiz_start = w * stride**2"},
        fails,
        "The windows are too far apart, as if their corners were multiplied by the stride twice.",
        _BACKWARD if backward else _FORWARD,
    )


def end_without_stride(*fails: str) -> Mistake:
    return Mistake(
        "end of the window without the stride",
        {
            "vert_end = vert_start + f": "vert_end = h + f",
            "horiz_end = horiz_start + f": "horiz_end = w + f",
        },
        fails,
        "The window of output `(h, w)` is too short: it starts at `h` and `w` times the stride, "
        "but ends at `h + f` and `w + f`.",
        "A window is `f` long: where does it end if it starts at `h * stride`?",
    )


def window_of_the_stride(*fails: str) -> Mistake:
    return Mistake(
        "windows as large as the stride",
        {
            "vert_end = vert_start + f": "vert_end = vert_start + stride",
            "horiz_end = horiz_start + f": "horiz_end = horiz_start + stride",
        },
        fails,
        "The windows have `stride` rows and columns instead of `f`.",
        "The stride says how far apart two windows start. Which number says how large they are?",
    )


def corners_moved_by_the_padding(what: str, *fails: str) -> Mistake:
    """Add the padding to the corners of "windows", or of "copies" of a filter."""
    return Mistake(
        "corners moved by the padding",
        {VERTICAL: f"{VERTICAL} + pad", HORIZONTAL: f"{HORIZONTAL} + pad"},
        fails,
        f"The {what} start pad rows too far down and pad columns too far to the right, as if pad "
        "were added to their corners.",
        "The corners are positions in the padded array. Where does the first window start?",
    )


def made_anew(name: str, zeros: str, first: str, *fails: str) -> Mistake:
    """Create the output again for each image.

    Parameters
    ----------
    name
        Name of the output.
    zeros
        Line that creates the output.
    first
        First line in the loop over images.
    """
    return Mistake(
        f"{name} made anew for each image",
        {f"    {zeros}\n": "", first: f"{zeros}\n        {first}"},
        fails,
        f"`{name}` holds only the last image's part, as if it were created anew for each image.",
        "Which lines run once, and which run once for each image?",
    )


def fixed(name: str, value: int, *fails: str) -> Mistake:
    """Hard-code a hyperparameter."""
    return Mistake(
        f"{name} is always {value}",
        {f'{name} = hparameters["{name}"]': f"{name} = {value}"},
        fails,
        f"The function behaves as if {name} were {value}, whatever `hparameters` says.",
        f'`hparameters` holds the value to use under the name "{name}".',
    )


def whole_numbers(name: str, zeros: str, *fails: str) -> Mistake:
    """Store the results in an integer array, `name`, which the expression `zeros` creates."""
    return Mistake(
        "results cut to whole numbers",
        {zeros: f"{zeros[:-1]}, dtype=int)"},
        fails,
        f"The fractions of `{name}` are cut off, as if its numbers were converted to integers.",
        "Look for int, and for the dtype of the array that holds the results.",
    )


def sizes_as_floats(n_H: str, n_W: str, *fails: str) -> Mistake:
    """Divide with / instead of // in the expressions of the sizes, which lack their + 1."""
    return Mistake(
        "sizes as floats",
        {f"{part} + 1": f"{part.replace('//', '/')} + 1" for part in (n_H, n_W)},
        fails,
        "A float is used where a whole number is needed, such as in the shape of an array or in "
        "`range`.",
        "`/` and `np.floor` give floats. Which division of two integers rounds down and gives an "
        "integer?",
    )


def height_and_width_swapped(window: str, *fails: str) -> Mistake:
    """Swap rows and columns in the code that cuts out the window, rows first."""
    rows, columns = "vert_start:vert_end", "horiz_start:horiz_end"
    return Mistake(
        "height and width swapped in the window",
        {window: window.replace(f"{rows}, {columns}", f"{columns}, {rows}")},
        fails,
        "The window of output `(h, w)` starts at row `w * stride` and column `h * stride`: rows "
        "and columns are swapped.",
        "The first axis of an image is its height. Which corners belong to the height?",
    )


def ranges_exchanged(*fails: str) -> Mistake:
    exchanged = (("h", "n_H", "n_W"), ("w", "n_W", "n_H"))
    return Mistake(
        "h and w over each other's range",
        {f"for {x} in range({a})": f"for {x} in range({b})" for x, a, b in exchanged},
        fails,
        (
            "Height and width of the output are swapped: the row index runs up to the number of "
            "columns, and the column index up to the number of rows."
        ),
        "`h` counts the rows of the output. How many rows does it have?",
    )


def ranges_too_short(*fails: str) -> Mistake:
    return Mistake(
        "h and w up to n - f + 1",
        {f"for {x} in range({n})": f"for {x} in range({n} - f + 1)" for x, n in _RANGES},
        fails,
        "The last `f - 1` rows and columns of the output are left out, as if `f` were subtracted "
        "again from its size, which already counts the windows.",
        "An output of `n_H` rows has `n_H` rows of windows. How many of them does your code visit?",
    )


def rows_from_w(*fails: str) -> Mistake:
    loop = "for w in range(n_W):"
    return Mistake(
        "vertical corners from w",
        {loop: f"{loop}\n                vert_start, vert_end = w * stride, w * stride + f"},
        fails,
        "The window of output `(h, w)` starts at row `w * stride` and column `w * stride`: `h` "
        "has no effect on it.",
        (
            "`h` counts the rows of the output, and `w` its columns. Which of them moves the "
            "window down?"
        ),
    )


def width_from_the_height(n_H: str, n_W: str, *fails: str) -> Mistake:
    """Compute the width with the expression of the height."""
    return Mistake(
        "n_W from the height",
        {n_W: n_H},
        fails,
        "The output is as wide as it is high, as if its width were computed from the height of "
        "the input.",
        "The input may be wider than it is high. Which of its sizes determines the width of the "
        "output?",
    )


def plus_one_forgotten(n_H: str, n_W: str, *fails: str) -> Mistake:
    """Omit the + 1 after the expressions of the sizes."""
    return Mistake(
        "plus one forgotten",
        {f"{n_H} + 1": n_H, f"{n_W} + 1": n_W},
        fails,
        "The output is one row and one column too small: the last window is missing.",
        "How many windows of size `f` fit into an image of size `f`?",
    )
