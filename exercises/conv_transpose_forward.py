"""conv_transpose_forward: every value of the input stamps its filters onto a larger output."""

from convnet.types import Shape
from exercises import loops, vectorised
from exercises.cases import Cases, Drawn, Rng, exact_fractions
from exercises.exercise import Check, Exercise, Mistake, Return
from exercises.windows import HORIZONTAL, VERTICAL, whole_numbers

N_H = "stride * (n_H_prev - 1) + f - 2 * pad + output_pad"
N_W = "stride * (n_W_prev - 1) + f - 2 * pad + output_pad"
CANVAS = "np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))"
STAMP = "A_prev[i, h, w, k] * W[:, :, :, k]"
ADD = "canvas[i, vert_start:vert_end, horiz_start:horiz_end, :] += stamp"
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

APART = "Two neighbours in the input: how many rows or columns apart do their stamps lie?"


def cases(rng: Rng) -> Cases:
    n = int(rng.integers(2, 4))
    # group, (m, n_H_prev, n_W_prev, n_C_prev), f, n_C, stride, pad, output_pad
    yield _case(rng, PLAIN, (2, n, n + 2, 3), 3, 2, 1, 0, 0)
    yield _case(rng, PLAIN, (2, n, n + 2, 3), 3, 2, 1, 0, 0, "float32")  # of the same shape
    yield _case(rng, PLAIN, (1, 4, 3, 1), 2, 1, 1, 0, 0)
    yield _case(rng, STRIDES, (2, 2, n + 1, 2), 3, 3, 2, 0, 0)  # stamps overlap
    yield _case(rng, STRIDES, (2, 3, 2, 3), 2, 2, 3, 0, 0)  # gaps between them
    yield _case(rng, STRIDES, (1, 2, 3, 2), 4, 1, 2, 0, 0)
    yield _case(rng, STRIDES, (3, 2, 4, 1), 2, 2, 2, 0, 0)  # side by side
    yield _case(rng, PADDING, (2, 4, 3, 2), 3, 3, 1, 1, 0)
    yield _case(rng, PADDING, (2, 3, n + 2, 3), 4, 2, 1, 2, 0)
    yield _case(rng, TOGETHER, (2, 2, 3, 2), 4, 3, 2, 1, 0)  # twice as large
    yield _case(rng, TOGETHER, (2, n + 1, n, 1), 3, 2, 3, 1, 0, bias=-400)
    yield _case(rng, OUTPUT, (2, 2, 3, 3), 3, 2, 2, 1, 1)  # twice as large
    yield _case(rng, OUTPUT, (2, 2, 3, 2), 4, 1, 3, 1, 2)
    yield _case(rng, OUTPUT, (1, 3, 2, 1), 1, 1, 2, 0, 1)


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
) -> Drawn:
    arrays = {
        "A_prev": exact_fractions(rng, *shape),
        "W": exact_fractions(rng, f, f, n_C, shape[3]),
        "b": exact_fractions(rng, 1, 1, 1, n_C) + bias,
    }
    arguments = {name: array.astype(dtype) for name, array in arrays.items()}
    sizes = {"stride": stride, "pad": pad, "output_pad": output_pad}
    if stride > 1:
        sizes = dict(reversed(sizes.items()))
    return group, {**arguments, "hparameters": sizes}


def _size(old: str, new: str) -> dict[str, str]:
    """The changes that put `new` for `old` in both sizes."""
    return {text: text.replace(old, new) for text in (N_H, N_W)}


EXERCISE = Exercise(
    loops=loops.conv_transpose_forward,
    vectorised=vectorised.conv_transpose_forward,
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
            "The stamps lie one pixel apart: the stride is missing from their corners.",
            APART,
        ),
        Mistake(
            "stride in the rows only",
            {HORIZONTAL: "horiz_start = w"},
            STRIDED,
            "The stamps lie a stride apart downwards, but one pixel apart to the right.",
            "Both corners of a stamp, vertical and horizontal, depend on the stride.",
        ),
        Mistake(
            "stride in the columns only",
            {VERTICAL: "vert_start = h"},
            STRIDED,
            "The stamps lie a stride apart to the right, but one pixel apart downwards.",
            "Both corners of a stamp, vertical and horizontal, depend on the stride.",
        ),
        Mistake(
            "f taken for the stride",
            {VERTICAL: "vert_start = h * f", HORIZONTAL: "horiz_start = w * f"},
            (SHAPE, *VALUES, *REST),
            "The stamps are set side by side, f pixels apart: f was taken for the stride.",
            "f is how large a stamp is; the stride is how far the next one lies from it.",
        ),
        Mistake(
            "overwritten where stamps overlap",
            {ADD: ADD.replace("+=", "=")},
            (*VALUES, "input left alone"),
            "Where stamps overlap, only the last one is kept.",
            "An output that several stamps reach is the sum of what they leave there.",
        ),
        Mistake(
            "padding not cut off",
            {CUT: "canvas"},
            (SHAPE, *PADDED),
            "The padding is still there: pad rows and columns on each side are not cut off.",
            "In a transposed convolution padding makes the output smaller. What must go?",
        ),
        Mistake(
            "[pad:-pad] at pad 0",
            {CUT: "canvas[:, pad:-pad, pad:-pad, :]"},
            (SHAPE, PLAIN, STRIDES, OUTPUT),
            "At pad 0 the slice [pad:-pad] is empty, so Z has lost its height and width.",
            "Cut from pad on, and say where to end by the size of the output.",
        ),
        Mistake(
            "cut at the end alone",
            {CUT: "canvas[:, :n_H, :n_W, :]"},
            PADDED,
            "All of the padding is cut off at the bottom and on the right.",
            "pad rows go at the top and as many at the bottom. Where does what is left begin?",
        ),
        Mistake(
            "cut at the start alone",
            {CUT: "canvas[:, 2 * pad :, 2 * pad :, :]"},
            PADDED,
            "All of the padding is cut off at the top and on the left.",
            "pad rows go at the top and as many at the bottom. Where does what is left begin?",
        ),
        Mistake(
            "padding added",
            _size("- 2 * pad", "+ 2 * pad"),
            (SHAPE, *PADDED),
            "The output grows with the padding; here padding makes it smaller.",
            "What a convolution adds round its input, this layer takes away from its output.",
        ),
        Mistake(
            "padding counted once",
            _size("- 2 * pad", "- pad"),
            (SHAPE, *PADDED),
            "The output is as large as if the padding were cut off on one side only.",
            "pad rows go at the top and pad rows at the bottom.",
        ),
        Mistake(
            "output padding left out",
            _size(" + output_pad", ""),
            (SHAPE, OUTPUT),
            "The output is output_pad rows and columns too small.",
            "The docstring names three hyperparameters. Which one is not in your formula?",
        ),
        Mistake(
            "output padding on both sides",
            _size("+ output_pad", "+ 2 * output_pad"),
            (SHAPE, OUTPUT),
            "The output padding is counted twice; it is added at the bottom and right alone.",
            "On which sides does output_pad add rows and columns?",
        ),
        Mistake(
            "output padding at the top",
            {
                VERTICAL: "vert_start = h * stride + output_pad",
                HORIZONTAL: "horiz_start = w * stride + output_pad",
            },
            (OUTPUT,),
            "The output padding was put at the top and on the left; everything has moved.",
            "The first stamp starts in the corner of the canvas, whatever output_pad is.",
        ),
        Mistake(
            "output padding filled with zeros",
            {
                CUT + " + b": f"{CUT} + b\n"
                "    Z[:, n_H - output_pad :, :, :] = 0\n"
                "    Z[:, :, n_W - output_pad :, :] = 0"
            },
            (OUTPUT,),
            "The rows and columns of the output padding hold zeros. They are outputs like others.",
            "The added rows get what stamps leave there, and the bias like every output.",
        ),
        Mistake(
            "minus one forgotten",
            {N_H: N_H.replace("(n_H_prev - 1)", "n_H_prev"), N_W: N_W.replace(" - 1)", ")")},
            (SHAPE, *VALUES, "input left alone"),
            "The output is a stride too large: the steps are counted as if one more followed.",
            "From the first stamp to the last of n_prev, how many steps are there?",
        ),
        Mistake(
            "size of a convolution",
            {
                N_H: "(n_H_prev - f + 2 * pad) // stride + 1",
                N_W: "(n_W_prev - f + 2 * pad) // stride + 1",
            },
            (SHAPE, *VALUES, *REST),
            "The size is that of an ordinary convolution, which shrinks; this layer makes larger.",
            "Where does the last stamp start, and how many rows does it need from there?",
        ),
        Mistake(
            "n_W from the height",
            {N_W: N_H},
            (SHAPE, *VALUES, *REST),
            "The output's width is computed from the height of the input.",
            "Compare the two formulas for n_H and n_W letter by letter.",
        ),
        Mistake(
            "bias forgotten",
            {CUT + " + b": CUT},
            (*VALUES, "input left alone"),
            "The bias is missing from every output.",
            "The function has three arrays among its arguments. Which one is not used?",
        ),
        Mistake(
            "bias in every stamp",
            {STAMP: f"{STAMP} + b[0, 0, 0]", CUT + " + b": CUT},
            (*VALUES, "input left alone"),
            "The bias is added with every stamp, so it is counted as often as stamps overlap.",
            "Each output has the bias of its channel once, even one that no stamp reaches.",
        ),
        Mistake(
            "bias of the first channel",
            {CUT + " + b": CUT + " + b[:, :, :, :1]"},
            (*VALUES, "input left alone"),
            "Every channel of the output gets the bias of the first one.",
            "b holds one number for each channel of the output.",
        ),
        Mistake(
            "flipped filter",
            {STAMP: "A_prev[i, h, w, k] * W[::-1, ::-1, :, k]"},
            (*VALUES, "input left alone"),
            "The filter was flipped before it was stamped; the stamp is the filter as it is.",
            "Weight W[0, 0] belongs into the upper left corner of the stamp.",
        ),
        Mistake(
            "channels of W swapped",
            {STAMP: "A_prev[i, h, w, k] * W[:, :, k, :]"},
            (SHAPE, *VALUES, *REST),
            "W is indexed as in an ordinary convolution; here its last axis counts the input.",
            "W has the shape (f, f, n_C, n_C_prev). Which axis does k belong to?",
        ),
        Mistake(
            "first channel only",
            {STAMP: "A_prev[i, h, w, 0] * W[:, :, :, 0] * (k == 0)"},
            (*VALUES, "input left alone"),
            "Only the first channel of the input leaves a stamp.",
            "Every channel of the input has filters of its own, and their stamps add up.",
        ),
        Mistake(
            "filters of the first channel",
            {STAMP: "A_prev[i, h, w, k] * W[:, :, :, 0]"},
            (*VALUES, "input left alone"),
            "Every channel of the input stamps the filters of the first one.",
            "Every channel of the input has filters of its own. Which index of W picks them?",
        ),
        Mistake(
            "first image only",
            {STAMP: "A_prev[0, h, w, k] * W[:, :, :, k]"},
            (*VALUES, "input left alone"),
            "Every output is made from the first image of the batch.",
            "Inside the loop over the examples, which image is meant?",
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
            "Only the first image was computed; in Z the others are still without stamps.",
            "How often does the loop over the images run before the function returns?",
        ),
        Mistake(
            "h and w swapped in A_prev",
            {STAMP: "A_prev[i, w, h, k] * W[:, :, :, k]"},
            (SHAPE, *VALUES, *REST),
            "A_prev is indexed by column and row, where it should be row and column.",
            "A_prev has the axes (m, n_H_prev, n_W_prev, n_C_prev): h comes before w.",
        ),
        Mistake(
            "height and width swapped on the canvas",
            {ADD: "canvas[i, horiz_start:horiz_end, vert_start:vert_end, :] += stamp"},
            (SHAPE, *VALUES, *REST),
            "Rows and columns are swapped where the stamp is laid onto the canvas.",
            "The first axis of an image is its height. Which corners belong to the height?",
        ),
        whole_numbers("Z", CANVAS, SHAPE, *VALUES, *REST),
        Mistake(
            "cache without hparameters",
            {"cache = (A_prev, W, b, hparameters)": "cache = (A_prev, W, b)"},
            ("cache",),
            "The cache lacks hparameters, and a backward pass needs the stride and the padding.",
            "The docstring lists the four things that the cache holds.",
        ),
    ),
    hints=(
        "Take one value of the input, A_prev[0, 1, 2, 0]. Which filters does it multiply, and "
        "which rows and columns of the canvas does the product go to? Then let four loops ask that "
        "for every value.",
        "The stamp of the input's row h and column w starts at row h * stride and column "
        "w * stride of the canvas and is f long. The last one decides how large the canvas must "
        "be.",
        "Start from a canvas of zeros that is 2 * pad larger than the output in both directions, "
        "add with +=, and cut from pad to pad + n_H and from pad to pad + n_W. The bias comes "
        "last.",
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
            "padding not cut off",
            "cut at the end alone",
            "cut at the start alone",
            "output padding at the top",
            "output padding filled with zeros",
        ),
        "Channels and biases": (
            "bias forgotten",
            "bias in every stamp",
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
