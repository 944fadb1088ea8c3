"""conv_transpose_forward: every input value adds scaled filters to a larger output."""

from convnet.types import Shape
from exercises import loops, vectorized
from exercises.cases import LARGE, layer
from exercises.page import Page, bias_of, filter_of, image_of
from exercises.windows import (
    HORIZONTAL,
    VERTICAL,
    corners_moved_by_the_padding,
    fixed,
    made_anew,
)
from nbexercise.defining.cases import Cases, Drawn, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

N_H = "stride * (n_H_prev - 1) + f - 2 * pad + output_pad"
N_W = "stride * (n_W_prev - 1) + f - 2 * pad + output_pad"
CANVAS = "np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))"
SCALED = "A_prev[i, h, w, k] * W[:, :, :, k]"
ADD = "canvas[i, vert_start:vert_end, horiz_start:horiz_end, :] += scaled"
CUT = "canvas[:, pad : pad + n_H, pad : pad + n_W, :]"
RETURN = "cache = (A_prev, W, b, hparameters)\n    return Z, cache"

PLAIN, STRIDES, PADDING, TOGETHER, OUTPUT = VALUES = (
    "stride 1, no padding",
    "stride 2 and 3",
    "padding",
    "strides with padding",
    "output padding",
)
SHAPE = "output shape"
REST = ("cache", "input left alone")
STRIDED = (STRIDES, TOGETHER, OUTPUT)
PADDED = (PADDING, TOGETHER, OUTPUT)

APART = "Two neighboring input values: how many rows or columns apart are their copies?"


def cases(rng: Rng) -> Cases:
    """Yield cases with one and several images, channels and filters, wide and tall images."""
    # group, (m, n_H_prev, n_W_prev, n_C_prev), f, n_C, stride, pad, output_pad
    yield _case(rng, PLAIN, (2, 3, 5, 3), 3, 2, 1, 0, 0)
    yield _case(rng, PLAIN, (2, 3, 5, 3), 3, 2, 1, 0, 0, "float32")  # of the same shape
    yield _case(rng, PLAIN, (1, 4, 3, 1), 2, 1, 1, 0, 0)
    yield _case(rng, STRIDES, (2, 2, 4, 2), 3, 3, 2, 0, 0)  # copies overlap
    yield _case(rng, STRIDES, (2, 3, 2, 3), 2, 2, 3, 0, 0)  # gaps between them
    yield _case(rng, STRIDES, (1, 2, 3, 2), 4, 1, 2, 0, 0)
    yield _case(rng, STRIDES, (3, 2, 4, 1), 2, 2, 2, 0, 0)  # side by side
    yield _case(rng, PADDING, (2, 4, 3, 2), 3, 3, 1, 1, 0)
    yield _case(rng, PADDING, (2, 3, 4, 3), 4, 2, 1, 2, 0)
    yield _case(rng, TOGETHER, (2, 2, 3, 2), 4, 3, 2, 1, 0)  # twice as large
    yield _case(rng, TOGETHER, (2, 4, 3, 1), 3, 2, 3, 1, 0, bias=-400)
    yield _case(rng, TOGETHER, (2, 1, 4, 2), 3, 2, 2, 1, 0)  # lower than the filter
    yield _case(rng, OUTPUT, (2, 2, 3, 3), 3, 2, 2, 1, 1)  # twice as large
    yield _case(rng, OUTPUT, (2, 2, 3, 2), 4, 1, 3, 1, 2)
    yield _case(rng, OUTPUT, (1, 3, 2, 1), 1, 1, 2, 0, 1)
    # Large numbers of both signs: a function that clips its results is wrong in every group.
    yield _case(rng, PLAIN, (1, 2, 3, 2), 2, 2, 1, 0, 0, bias=0, scale=LARGE)
    yield _case(rng, STRIDES, (1, 2, 3, 2), 2, 1, 2, 0, 0, bias=0, scale=LARGE)
    yield _case(rng, PADDING, (1, 3, 4, 2), 3, 2, 1, 1, 0, bias=0, scale=LARGE)
    yield _case(rng, TOGETHER, (1, 2, 3, 2), 4, 1, 2, 1, 0, bias=0, scale=LARGE)
    yield _case(rng, OUTPUT, (1, 2, 3, 2), 3, 1, 2, 1, 1, bias=0, scale=LARGE)


def _case(
    rng: Rng,
    group: str,
    shape: Shape,
    f: int,
    n_C: int,
    stride: int,
    pad: int,
    output_pad: int,
    dtype: str = "float64",
    bias: float = 3,
    scale: float = 1,
) -> Drawn:
    arguments = layer(rng, shape, (f, f, n_C, shape[3]), n_C, dtype, bias, scale)
    sizes = {"stride": stride, "pad": pad, "output_pad": output_pad}
    if stride > 1:
        sizes = dict(reversed(sizes.items()))
    return group, {**arguments, "hparameters": sizes}


def _size(old: str, new: str) -> dict[str, str]:
    """Return the changes that replace `old` with `new` in both sizes."""
    return {text: text.replace(old, new) for text in (N_H, N_W)}


EXERCISE = Exercise(
    loops=loops.conv_transpose_forward,
    vectorized=vectorized.conv_transpose_forward,
    title="Transposed convolution, forward",
    assignment="transposed_conv",
    section="Each input value adds a scaled copy of the filter",
    returns=(
        Return("Z"),
        Return("cache", "cache", ("A_prev", "W", "b", "hparameters")),
    ),
    cases=cases,
    checks=(
        Check(SHAPE, 3, "shape"),
        Check(PLAIN, 3, groups=(PLAIN,)),
        Check(STRIDES, 3, groups=(STRIDES,)),
        Check(PADDING, 2, groups=(PADDING,)),
        Check(TOGETHER, 1, groups=(TOGETHER,)),
        Check(OUTPUT, 1, groups=(OUTPUT,)),
        Check("cache", 1, "cache"),
        Check("input left alone", 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "stride ignored",
            {VERTICAL: "vert_start = h", HORIZONTAL: "horiz_start = w"},
            STRIDED,
            "The scaled copies are one pixel apart, as if the stride were missing from their "
            "corners.",
            APART,
        ),
        Mistake(
            "stride in the rows only",
            {HORIZONTAL: "horiz_start = w"},
            STRIDED,
            "The copies are a stride apart vertically, but one pixel apart horizontally.",
            "Both starts of a copy, vertical and horizontal, depend on the stride.",
        ),
        Mistake(
            "stride in the columns only",
            {VERTICAL: "vert_start = h"},
            STRIDED,
            "The copies are a stride apart horizontally, but one pixel apart vertically.",
            "Both starts of a copy, vertical and horizontal, depend on the stride.",
        ),
        Mistake(
            "f taken for the stride",
            {VERTICAL: "vert_start = h * f", HORIZONTAL: "horiz_start = w * f"},
            (SHAPE, *VALUES, *REST),
            "The copies are side by side, `f` pixels apart, as if `f` were the stride.",
            "`f` is the size of a copy; the stride is the distance to the next one.",
        ),
        Mistake(
            "overwritten where copies overlap",
            {ADD: ADD.replace("+=", "=")},
            (*VALUES, "input left alone"),
            "Where copies overlap, only the last one is kept.",
            "An output that several copies reach is the sum of their contributions.",
        ),
        Mistake(
            "canvas as small as the output",
            {CANVAS: "np.zeros((m, n_H, n_W, n_C))"},
            (SHAPE, *PADDED, *REST),
            "The canvas is as small as the output, so the copies at its end do not fit on it.",
            "pad rows and columns on each side are cropped later. They must be there first.",
        ),
        Mistake(
            "padding not cut off",
            {CUT: "canvas"},
            (SHAPE, *PADDED),
            "The output is not cropped: pad rows and columns on each side are still there.",
            "In a transposed convolution, padding makes the output smaller. Where?",
        ),
        Mistake(
            "[pad:-pad] at pad 0",
            {CUT: "canvas[:, pad:-pad, pad:-pad, :]"},
            (SHAPE, PLAIN, STRIDES, OUTPUT),
            "At pad 0 the height and width of `Z` are 0: a slice `[pad:-pad]` is empty then.",
            "Start the slice at pad, and compute its end from the size of the output.",
        ),
        Mistake(
            "cut at the end alone",
            {CUT: "canvas[:, :n_H, :n_W, :]"},
            PADDED,
            "All of the padding is cropped at the bottom and on the right.",
            "pad rows are cropped at the top and as many at the bottom. Where does `Z` start?",
        ),
        Mistake(
            "cut at the start alone",
            {CUT: "canvas[:, 2 * pad :, 2 * pad :, :]"},
            PADDED,
            "All of the padding is cropped at the top and on the left.",
            "pad rows are cropped at the top and as many at the bottom. Where does `Z` start?",
        ),
        Mistake(
            "padding added",
            _size("- 2 * pad", "+ 2 * pad"),
            (SHAPE, *PADDED),
            "The output grows with the padding, but here padding makes it smaller.",
            "A convolution adds pad rows around its input; this layer crops them from its output.",
        ),
        Mistake(
            "padding counted once",
            _size("- 2 * pad", "- pad"),
            (SHAPE, *PADDED),
            "The output is as large as if only one side were cropped.",
            "pad rows are cropped at the top and pad rows at the bottom.",
        ),
        Mistake(
            "output padding left out",
            _size(" + output_pad", ""),
            (SHAPE, OUTPUT),
            "The output is `output_pad` rows and columns too small.",
            "The docstring names three hyperparameters. Which one has no effect on the size of "
            "your output?",
        ),
        Mistake(
            "output padding on both sides",
            _size("+ output_pad", "+ 2 * output_pad"),
            (SHAPE, OUTPUT),
            "The output padding is counted twice; it is added at the bottom and right only.",
            "On which sides does `output_pad` add rows and columns?",
        ),
        Mistake(
            "output padding at the top",
            {
                VERTICAL: "vert_start = h * stride + output_pad",
                HORIZONTAL: "horiz_start = w * stride + output_pad",
            },
            (OUTPUT,),
            "The output padding was added at the top and on the left, so everything is shifted.",
            "The first copy should start in the corner of the canvas, whatever `output_pad` is.",
        ),
        Mistake(
            "output padding filled with zeros",
            {
                CUT + " + b": f"{CUT} + b\n"
                "    Z[:, n_H - output_pad :, :, :] = 0\n"
                "    Z[:, :, n_W - output_pad :, :] = 0"
            },
            (OUTPUT,),
            "The rows and columns of the output padding are zeros, but they are ordinary outputs.",
            "Copies reach the added rows too, and every output gets the bias.",
        ),
        Mistake(
            "minus one forgotten",
            {N_H: N_H.replace("(n_H_prev - 1)", "n_H_prev"), N_W: N_W.replace(" - 1)", ")")},
            (SHAPE, *VALUES, "input left alone"),
            "The output is one stride too large: there are `n_prev - 1` steps between the copies.",
            "How many steps are there from the first of 3 copies to the last?",
        ),
        Mistake(
            "size of a convolution",
            {
                N_H: "(n_H_prev - f + 2 * pad) // stride + 1",
                N_W: "(n_W_prev - f + 2 * pad) // stride + 1",
            },
            (SHAPE, *VALUES, *REST),
            "This is the output size of an ordinary convolution, but this layer upsamples.",
            "Where does the last copy start, and how many rows does it need from there?",
        ),
        Mistake(
            "n_W from the height",
            {N_W: N_H},
            (SHAPE, *VALUES, *REST),
            "The output is as wide as it is high, as if its width were computed from the height "
            "of the input.",
            "The input may be wider than it is high. Which of its sizes determines the width of "
            "the output?",
        ),
        Mistake(
            "bias forgotten",
            {CUT + " + b": CUT},
            (*VALUES, "input left alone"),
            "The bias is missing from every output.",
            "The function has three arrays among its arguments. Which one has no effect on your "
            "output?",
        ),
        Mistake(
            "bias in every copy",
            {SCALED: f"{SCALED} + b[0, 0, 0]", CUT + " + b": CUT},
            (*VALUES, "input left alone"),
            "The bias is added with every copy, so overlapping copies add it several times.",
            "Each output gets the bias of its channel once, even one that no copy reaches.",
        ),
        Mistake(
            "bias in every copy and at the end",
            {SCALED: f"{SCALED} + b[0, 0, 0]"},
            (*VALUES, "input left alone"),
            "The bias is added to each output once, which is right, and again with every copy.",
            "Each output gets the bias of its channel once, however many copies reach it. Where "
            "does your code add the bias?",
        ),
        Mistake(
            "bias of the first channel",
            {CUT + " + b": CUT + " + b[:, :, :, :1]"},
            (*VALUES, "input left alone"),
            "Every channel of the output gets the bias of the first one.",
            "`b` holds one number for each channel of the output.",
        ),
        Mistake(
            "flipped filter",
            {SCALED: "A_prev[i, h, w, k] * W[::-1, ::-1, :, k]"},
            (*VALUES, "input left alone"),
            "The copies are rotated by 180 degrees. A copy is the filter times one number, not "
            "rotated.",
            "The weights `W[0, 0]` belong in the upper left corner of the copy.",
        ),
        Mistake(
            "channels of W swapped",
            {SCALED: "A_prev[i, h, w, k] * W[:, :, k, :]"},
            (SHAPE, *VALUES, *REST),
            "`W` is used as in a convolution, but here its last axis is the input channel.",
            "`W` has the shape `(f, f, n_C, n_C_prev)`. Which axis does `k` belong to?",
        ),
        Mistake(
            "first channel only",
            {SCALED: "A_prev[i, h, w, 0] * W[:, :, :, 0] * (k == 0)"},
            (*VALUES, "input left alone"),
            "Only the first channel of the input adds copies to the output.",
            "Every input channel has its own filters, and their copies are summed.",
        ),
        Mistake(
            "filters of the first channel",
            {SCALED: "A_prev[i, h, w, k] * W[:, :, :, 0]"},
            (*VALUES, "input left alone"),
            "Every input channel uses the filters of the first one.",
            "Every input channel has its own filters. Which index of `W` selects them?",
        ),
        Mistake(
            "first image only",
            {SCALED: "A_prev[0, h, w, k] * W[:, :, :, k]"},
            (*VALUES, "input left alone"),
            "Every output is computed from the first image of the batch.",
            "`Z[i]` belongs to example `i`. Which image does your code compute it from?",
        ),
        Mistake(
            "returned after the first image",
            {
                f"\n    Z = {CUT} + b\n\n    {RETURN}": f"""
        Z = {CUT} + b
        cache = (A_prev, W, b, hparameters)
        return Z, cache"""
            },
            (*VALUES, "input left alone"),
            "Only the first image was computed; for the others, no copies were added.",
            "How many images does your code go through before the function returns?",
        ),
        Mistake(
            "returned after the first row",
            {
                f"\n    Z = {CUT} + b\n\n    {RETURN}": f"""
            Z = {CUT} + b
            cache = (A_prev, W, b, hparameters)
            return Z, cache"""
            },
            (*VALUES, "input left alone"),
            "Only the first row of the first image has added its copies.",
            "How many rows of the input does your code go through before the function returns?",
        ),
        Mistake(
            "loops over the output",
            {
                "for h in range(n_H_prev)": "for h in range(n_H)",
                "for w in range(n_W_prev)": "for w in range(n_W)",
            },
            (SHAPE, *VALUES, *REST),
            "An index runs past the end of the input, as if the loops ran over the rows and "
            "columns of the output.",
            "Every value of the input adds copies. What are the height and width of the input?",
        ),
        Mistake(
            "h and w swapped in A_prev",
            {SCALED: "A_prev[i, w, h, k] * W[:, :, :, k]"},
            (SHAPE, *VALUES, *REST),
            "Rows and columns of `A_prev` are swapped, so an index is out of bounds.",
            "`A_prev` has the axes `(m, n_H_prev, n_W_prev, n_C_prev)`. Which index runs over the "
            "rows, and how far does it run?",
        ),
        Mistake(
            "height and width swapped on the canvas",
            {ADD: "canvas[i, horiz_start:horiz_end, vert_start:vert_end, :] += scaled"},
            (SHAPE, *VALUES, *REST),
            "Rows and columns are swapped where the copy is added to the canvas.",
            "The first axis of an image is its height. Which corners belong to the height?",
        ),
        Mistake(
            "results cut to whole numbers",
            {CANVAS: f"{CANVAS[:-1]}, dtype=int)"},
            (SHAPE, *VALUES, *REST),
            "Floats are added in place to an array of integers, which cannot hold their fractions.",
            "Which array are the copies and the biases added to, and which dtype does it have?",
        ),
        Mistake(
            "cache without hparameters",
            {"cache = (A_prev, W, b, hparameters)": "cache = (A_prev, W, b)"},
            ("cache",),
            "The cache lacks `hparameters`, and a backward pass needs the stride and the padding.",
            "The docstring lists the four entries of the cache.",
        ),
        Mistake(
            "padding left out of the size",
            _size(" - 2 * pad", ""),
            (SHAPE, *PADDED),
            "The output is as large as without padding, but padding crops it on each side.",
            "The docstring names three hyperparameters. Which one has no effect on the size of "
            "your output?",
        ),
        Mistake(
            "bias where copies reach",
            {
                CANVAS: f"{CANVAS}\n    reached = np.zeros(canvas.shape)",
                ADD: f"{ADD}\n{20 * ' '}reached[i, vert_start:vert_end, horiz_start:horiz_end] = 1",
                CUT + " + b": f"{CUT} + {CUT.replace('canvas', 'reached')} * b",
            },
            (STRIDES, OUTPUT),
            "Outputs that no copy reaches lack the bias.",
            "Each output gets the bias of its channel once, even one that no copy reaches.",
        ),
        corners_moved_by_the_padding("copies", SHAPE, *PADDED, *REST),
        fixed("pad", 1, SHAPE, PLAIN, STRIDES, PADDING, OUTPUT),
        fixed("stride", 2, SHAPE, *VALUES, "input left alone"),
        made_anew(
            "Z", f"canvas = {CANVAS}", "for h in range(n_H_prev):", *VALUES, "input left alone"
        ),
    ),
    hints=(
        "Take one input value, `A_prev[0, 1, 2, 0]`. Which filters does it multiply, and which "
        "rows and columns of the canvas does the product go to? Four loops do this for every "
        "value.",
        "The copy for row `h` and column `w` of the input starts at row `h * stride` and column "
        "`w * stride` of the canvas, and has `f` rows and `f` columns. The last copy determines "
        "the size of the canvas.",
        "Start from a canvas of zeros that is `2 * pad` larger than the output in both "
        "directions, add with `+=`, and crop: rows pad to `pad + n_H`, columns pad to `pad + "
        "n_W`. Add the bias last.",
    ),
    elsewhere={
        "The stride is the distance between copies": (
            "stride ignored",
            "stride in the rows only",
            "stride in the columns only",
            "f taken for the stride",
        ),
        "Output size of a transposed convolution": (
            "padding added",
            "padding counted once",
            "output padding left out",
            "output padding on both sides",
            "minus one forgotten",
            "size of a convolution",
            "n_W from the height",
        ),
        "Padding crops, output padding adds": (
            "canvas as small as the output",
            "padding not cut off",
            "cut at the end alone",
            "cut at the start alone",
            "output padding at the top",
            "output padding filled with zeros",
        ),
        "Channels and biases": (
            "bias forgotten",
            "bias in every copy",
            "bias in every copy and at the end",
            "bias of the first channel",
            "channels of W swapped",
            "first channel only",
            "filters of the first channel",
        ),
        "Exercise: conv_transpose_forward": (
            "[pad:-pad] at pad 0",
            "cache without hparameters",
        ),
    },
)

PAGE = Page(
    terms=("transposed convolution", "upsampling", "stride", "crop", "output padding"),
    mistakes=(
        "stride ignored",
        "overwritten where copies overlap",
        "padding added",
        "[pad:-pad] at pad 0",
        "channels of W swapped",
    ),
    cases=(
        {
            "A_prev": image_of([[1, 2], [3, 4]]),
            "W": filter_of([[1, 2], [0, 1]]),
            "b": bias_of(0),
            "hparameters": {"stride": 1, "pad": 0, "output_pad": 0},
        },
    ),
    reading="Four copies of the filter, multiplied by 1, 2, 3 and 4, are added one pixel "
    "apart. All four reach the middle of the output: `1 * 1 + 2 * 0 + 3 * 2 + 4 * 1` "
    "= [11]{= Z[0, 1, 1, 0] }.",
)
