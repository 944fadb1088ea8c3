"""conv_forward: every filter applied to every window of every image."""

from convnet.types import Shape
from exercises import loops, vectorized
from exercises.cases import LARGE, layer
from exercises.page import Page, bias_of, filter_of, image_of
from exercises.windows import (
    corners_moved_by_the_padding,
    end_without_stride,
    f_for_the_stride,
    fixed,
    height_and_width_swapped,
    made_anew,
    plus_one_forgotten,
    ranges_exchanged,
    ranges_too_short,
    sizes_as_floats,
    stride_ignored,
    stride_ignored_altogether,
    stride_in_the_columns_only,
    stride_in_the_rows_only,
    stride_twice,
    whole_numbers,
    width_from_the_height,
    window_of_the_stride,
)
from nbexercise.defining.cases import Cases, Drawn, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

WINDOW = "a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]"
N_H, N_W = "(n_H_prev - f + 2 * pad) // stride", "(n_W_prev - f + 2 * pad) // stride"
ZEROS = "np.zeros((m, n_H, n_W, n_C))"
BIAS, WEIGHTS = "b[:, :, :, c]", "W[:, :, :, c]"

RETURN = "cache = (A_prev, W, b, hparameters)\n    return Z, cache"

STRIDES, SMALL = "stride 2 and 3", "one channel, one filter"
VALUES = ("stride 1", STRIDES, "no padding", SMALL)


def cases(rng: Rng) -> Cases:
    """Yield a case for every edge of `windows.EDGES` and of `FILTER_EDGES`.

    Each group has a case with large numbers.
    """
    # group, (m, n_H, n_W, n_C_prev), f, n_C, stride, pad
    yield _case(rng, "stride 1", (2, 5, 7, 3), 3, 4, 1, 1)
    yield _case(rng, "stride 1", (2, 5, 7, 3), 3, 4, 1, 1, "float32")  # of the same shape
    yield _case(rng, "stride 1", (3, 6, 5, 1), 2, 3, 1, 2, scale=LARGE)
    yield _case(rng, STRIDES, (2, 5, 7, 4), 3, 3, 2, 1)
    yield _case(rng, STRIDES, (1, 8, 6, 3), 3, 2, 2, 1, scale=LARGE)
    yield _case(rng, STRIDES, (3, 8, 10, 2), 2, 4, 3, 1)
    yield _case(rng, "no padding", (2, 6, 5, 2), 3, 3, 1, 0)
    # No Z is positive.
    yield _case(rng, "no padding", (3, 5, 6, 3), 4, 2, 1, 0, bias=-400, scale=LARGE)
    yield _case(rng, "no padding", (2, 3, 3, 2), 3, 1, 1, 0)
    yield _case(rng, SMALL, (1, 5, 4, 1), 1, 1, 1, 0, bias=-400)
    yield _case(rng, SMALL, (1, 4, 6, 1), 2, 1, 1, 1)
    yield _case(rng, SMALL, (1, 3, 4, 1), 2, 1, 1, 1, bias=0, scale=LARGE)


def _case(
    rng: Rng,
    group: str,
    shape: Shape,
    f: int,
    n_C: int,
    stride: int,
    pad: int,
    dtype: str = "float64",
    bias: float = 3,
    scale: float = 1,
) -> Drawn:
    arguments = layer(rng, shape, (f, f, shape[3], n_C), n_C, dtype, bias, scale)
    sizes = {"stride": stride, "pad": pad} if stride == 1 else {"pad": pad, "stride": stride}
    return group, {**arguments, "hparameters": sizes}


EXERCISE = Exercise(
    loops=loops.conv_forward,
    vectorized=vectorized.conv_forward,
    title="Convolution, forward",
    assignment="conv_forward",
    section="A convolution layer by hand",
    returns=(
        Return("Z"),
        Return("cache", "cache", ("A_prev", "W", "b", "hparameters")),
    ),
    cases=cases,
    checks=(
        Check("output shape", 3, "shape"),
        Check("stride 1", 4, groups=("stride 1",)),
        Check("stride 2 and 3", 5, groups=("stride 2 and 3",)),
        Check("no padding", 3, groups=("no padding",)),
        Check("one channel, one filter", 2, groups=("one channel, one filter",)),
        Check("cache", 2, "cache"),
        Check("input left alone", 1, "unchanged"),
    ),
    mistakes=(
        stride_ignored(STRIDES),
        stride_in_the_rows_only(STRIDES),
        stride_in_the_columns_only(STRIDES),
        stride_twice("output shape", STRIDES, "cache", "input left alone"),
        f_for_the_stride("output shape", *VALUES[:3], SMALL, "cache", "input left alone"),
        Mistake(
            "image not padded",
            {"a_prev_pad = A_prev_pad[i]": "a_prev_pad = A_prev[i]"},
            ("output shape", *VALUES[:2], SMALL, "cache", "input left alone"),
            "The windows are cut out of the image without its padding.",
            "Is image i taken from the padded batch or from the original one?",
        ),
        height_and_width_swapped(WINDOW, "output shape", *VALUES, "cache", "input left alone"),
        ranges_exchanged("output shape", *VALUES, "cache", "input left alone"),
        ranges_too_short(*VALUES, "input left alone"),
        width_from_the_height(N_H, N_W, "output shape", *VALUES, "cache", "input left alone"),
        Mistake(
            "size rounded, not floored",
            {
                f"{N_H} + 1": "round((n_H_prev - f + 2 * pad) / stride) + 1",
                f"{N_W} + 1": "round((n_W_prev - f + 2 * pad) / stride) + 1",
            },
            ("output shape", STRIDES, "cache", "input left alone"),
            "The output's size is rounded to the nearest whole number instead of down.",
            "A window that does not fit entirely is left out. What does that make of a fraction?",
        ),
        stride_ignored_altogether(N_H, N_W, "output shape", STRIDES),
        Mistake(
            "size rounded up",
            {
                N_H: "-(-(n_H_prev - f + 2 * pad) // stride)",
                N_W: "-(-(n_W_prev - f + 2 * pad) // stride)",
            },
            ("output shape", STRIDES, "cache", "input left alone"),
            "The output's size is rounded up: it has a row or column for windows that do not fit.",
            "A window that does not fit entirely is left out. What does that make of a fraction?",
        ),
        Mistake(
            "padding left out",
            {
                "zero_pad(A_prev, pad)": "A_prev",
                N_H: "(n_H_prev - f) // stride",
                N_W: "(n_W_prev - f) // stride",
            },
            ("output shape", *VALUES[:2], SMALL),
            "There is no padding: neither the image nor the output's size has it.",
            "pad says how many rows and columns of zeros are added around every image.",
        ),
        Mistake(
            "padding counted once",
            {N_H: "(n_H_prev - f + pad) // stride", N_W: "(n_W_prev - f + pad) // stride"},
            ("output shape", *VALUES[:2], SMALL),
            "The output is as large as with padding on one side only, but both sides are padded.",
            "Padding adds pad rows at the top and pad rows at the bottom.",
        ),
        plus_one_forgotten(N_H, N_W, "output shape", *VALUES, "input left alone"),
        Mistake(
            "bias forgotten",
            {"conv_single_step(a_slice_prev, weights, biases)": "np.sum(a_slice_prev * weights)"},
            (*VALUES, "input left alone"),
            "The bias of the filter is missing from every output.",
            "Each filter adds one more number to its sum of products. Which argument holds that "
            "number?",
        ),
        Mistake(
            "bias added per element",
            {
                "conv_single_step(a_slice_prev, weights, biases)": "np.sum("
                "a_slice_prev * weights + biases)"
            },
            (*VALUES, "input left alone"),
            "The bias is counted once for every product, as if it were added to each of them.",
            "A filter has one bias, and it is added once, after the sum.",
        ),
        Mistake(
            "bias of the first filter",
            {BIAS: "b[:, :, :, 0]"},
            VALUES[:3],
            "Every filter gets the bias of the first one.",
            "Each filter `c` has a bias of its own. Which index of `b` picks it?",
        ),
        Mistake(
            "first filter only",
            {WEIGHTS: "W[:, :, :, 0]"},
            VALUES[:3],
            "Every output channel is computed with the first filter.",
            "Output channel `c` belongs to filter `c`. Which index of `W` picks it?",
        ),
        Mistake(
            "first channel only",
            {WINDOW: "a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :1]"},
            VALUES[:3],
            "Only the first channel of the image is used; it is multiplied by the weights of all "
            "channels.",
            "A filter spans all channels of its input. Which channels does your window have?",
        ),
        Mistake(
            "first image only",
            {"A_prev_pad[i]": "A_prev_pad[0]"},
            VALUES[:3],
            "Every output is computed from the first image of the batch.",
            "`Z[i]` belongs to example `i`. Which image does your code compute it from?",
        ),
        Mistake(
            "returned after the first image",
            {f"    {RETURN}": f"        {RETURN.replace('    ', '        ')}"},
            VALUES[:3],
            "`Z` holds only the output of the first image; for the other images it is zero.",
            "How many images does your code go through before the function returns?",
        ),
        whole_numbers("Z", ZEROS, *VALUES, "input left alone"),
        end_without_stride("output shape", STRIDES, "cache", "input left alone"),
        window_of_the_stride("output shape", *VALUES, "cache", "input left alone"),
        Mistake(
            "stride left out of the size",
            {N_H: "(n_H_prev - f + 2 * pad)", N_W: "(n_W_prev - f + 2 * pad)"},
            ("output shape", STRIDES, "cache", "input left alone"),
            "The output's size does not depend on the stride: it has room for too many windows.",
            "With stride 2, how many windows fit side by side, compared with stride 1?",
        ),
        sizes_as_floats(N_H, N_W, "output shape", *VALUES, "cache", "input left alone"),
        Mistake(
            "h and w swapped in Z",
            {"Z[i, h, w, c] = ": "Z[i, w, h, c] = "},
            ("output shape", *VALUES, "cache", "input left alone"),
            "`Z` is indexed by column and row, but the order is row, then column.",
            "`Z` has the axes `(m, n_H, n_W, n_C)`: `h` comes before `w`.",
        ),
        Mistake(
            "flipped filter",
            {WEIGHTS: "W[::-1, ::-1, :, c]"},
            (*VALUES, "input left alone"),
            "This is the result for filters rotated by 180 degrees. CNN libraries, and this "
            "course, do not flip them.",
            "Multiply entries at the same position in the window and in the filter.",
        ),
        Mistake(
            "cache without hparameters",
            {"cache = (A_prev, W, b, hparameters)": "cache = (A_prev, W, b)"},
            ("cache",),
            "The cache lacks `hparameters`, and `conv_backward` needs the stride and the padding.",
            "The docstring lists the four entries of the cache.",
        ),
        Mistake(
            "padded input cached",
            {"cache = (A_prev,": "cache = (A_prev_pad,"},
            ("cache",),
            "If `pad` is not 0, the cache does not hold `A_prev` as it was passed, as if the "
            "padded input were stored.",
            "`conv_backward` does its own padding. Keep what the function was given.",
        ),
        Mistake(
            "size without the padding",
            {N_H: "(n_H_prev - f) // stride", N_W: "(n_W_prev - f) // stride"},
            ("output shape", *VALUES[:2], SMALL),
            "The output is too small: it has the size for an image without padding.",
            "The windows move over the padded image. How many rows does it have?",
        ),
        Mistake(
            "all filters at once",
            {WEIGHTS: "W"},
            ("output shape", *VALUES, "cache", "input left alone"),
            "A window is multiplied by all of `W` at once, but each output belongs to one filter.",
            "One filter has the shape of the window. Which index of `W` selects the filter?",
        ),
        Mistake(
            "all biases at once",
            {BIAS: "b"},
            ("output shape", *VALUES[:3], "cache", "input left alone"),
            "An array with several entries is used where one number is needed, as if "
            "`conv_single_step` were given all of `b`.",
            "Each filter `c` has a bias of its own. Which index of `b` picks it?",
        ),
        corners_moved_by_the_padding(
            "windows", "output shape", *VALUES[:2], SMALL, "cache", "input left alone"
        ),
        made_anew("Z", f"Z = {ZEROS}", "a_prev_pad = A_prev_pad[i]", *VALUES[:3]),
        fixed("pad", 1, "output shape", "stride 1", "no padding", SMALL),
        fixed("pad", 2, "output shape", *VALUES, "input left alone"),
        fixed("stride", 2, "output shape", *VALUES, "input left alone"),
    ),
    hints=(
        "Take one output, `Z[0, 1, 2, 0]`. Which rows, columns and channels of which image, and "
        "which filter, does it come from? Then let four loops ask that for every output.",
        "The window of output `(h, w)` starts at row `h * stride` and column `w * stride` of the "
        "padded image and is `f` long; the output's size is `floor((n_prev - f + 2 * pad) / "
        "stride)` + 1.",
        "Pad the whole batch once, before the loops. Inside them cut the window with both pairs "
        "of corners and all channels, and give `conv_single_step` the weights `W[..., c]` and "
        "bias `b[..., c]`.",
    ),
    elsewhere={
        "The corners of a window": (
            "stride ignored",
            "stride in the rows only",
            "stride in the columns only",
            "stride counted twice",
            "f taken for the stride",
            "end of the window without the stride",
            "image not padded",
            "padding left out",
            "height and width swapped in the window",
            "h and w swapped in Z",
        ),
        "Exercise: conv_forward": ("cache without hparameters", "padded input cached"),
        "The size of the output": (
            "n_W from the height",
            "size rounded, not floored",
            "padding counted once",
            "plus one forgotten",
            "sizes as floats",
            "stride left out of the size",
            "stride ignored in the size too",
            "size rounded up",
        ),
        "Channels and filters": (
            "bias of the first filter",
            "first filter only",
            "first channel only",
            "first image only",
            "returned after the first image",
        ),
    },
    helpers={"zero_pad": loops.zero_pad, "conv_single_step": loops.conv_single_step},
)

PAGE = Page(
    terms=("convolution layer", "window", "filter", "stride", "padding", "output size"),
    mistakes=(
        "stride ignored",
        "f taken for the stride",
        "plus one forgotten",
        "image not padded",
        "n_W from the height",
        "first channel only",
    ),
    cases=(
        {
            "A_prev": image_of([[1, 2, 0, 1], [0, 3, 1, 2], [2, 1, 0, 3]]),
            "W": filter_of([[1, 0], [0, -1]]),
            "b": bias_of(1),
            "hparameters": {"stride": 1, "pad": 0},
        },
    ),
    reading="A kernel of size 2 has [2]{= Z.shape[1] } positions along 3 rows and "
    "[3]{= Z.shape[2] } along 4 columns. The first window holds 1, 2 in its upper row and 0, 3 "
    "in its lower row. Its dot product with the filter is "
    "[-2]{= np.sum(A_prev[0, :2, :2] * W[..., 0]) }, and the bias 1 makes it "
    "[-1]{= Z[0, 0, 0, 0] }.",
)
