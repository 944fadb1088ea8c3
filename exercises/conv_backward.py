"""conv_backward: the gradients of input, weights and biases from that of the output."""

from convnet.types import Shape
from exercises import loops, vectorized
from exercises.cases import LARGE
from exercises.page import Page, bias_of, filter_of, image_of
from exercises.windows import (
    ANSWERS_DIFFER,
    corners_moved_by_the_padding,
    fixed,
    height_and_width_swapped,
    made_anew,
    ranges_exchanged,
    ranges_too_short,
    stride_ignored,
    stride_in_the_columns_only,
    stride_in_the_rows_only,
    stride_twice,
)
from nbexercise.defining.cases import Cases, Drawn, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

UNPAD = "dA_prev[i] = da_prev_pad[pad : pad + n_H_prev, pad : pad + n_W_prev, :]"
RETURN = "return dA_prev, dW, db"
DA, DW = "da_slice += W[:, :, :, c] * dZ[i, h, w, c]", "dW[:, :, :, c] += a_slice * dZ[i, h, w, c]"
DB = "db[:, :, :, c] += dZ[i, h, w, c]"

STRIDES, NO_PADDING = "stride 2 and 3", "no padding"
SHAPES, REST = "output shapes", "input left alone"
ALL = ("dA_prev", "dW", "db", STRIDES, NO_PADDING)
UNPAD_HINT = (
    "Write out the slice for pad 0: it runs from 0 to -0, which is 0 again. "
    "Compute its end from the size it must have."
)

WINDOWS = """\
a_slice = a_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]
                da_slice = da_prev_pad[vert_start:vert_end, horiz_start:horiz_end, :]"""


def cases(rng: Rng) -> Cases:
    """Yield a case for every edge of `windows.EDGES` and of `FILTER_EDGES`.
    Each group has a case with large gradients.
    """
    # group, (m, n_H, n_W, n_C_prev), f, n_C, stride, pad
    yield _case(rng, "stride 1", (2, 4, 6, 3), 3, 2, 1, 1)
    yield _case(rng, "stride 1", (2, 4, 6, 3), 3, 2, 1, 1, "float32")  # of the same shape
    yield _case(rng, "stride 1", (3, 5, 4, 1), 2, 3, 1, 2, scale=LARGE)
    yield _case(rng, "stride 1", (1, 4, 5, 2), 1, 2, 1, 3)  # more padding than two filters
    yield _case(rng, "stride 1", (2, 1, 1, 2), 3, 1, 1, 1)  # a window larger than the image
    yield _case(rng, STRIDES, (2, 5, 7, 2), 3, 3, 2, 1)
    yield _case(rng, STRIDES, (2, 8, 6, 3), 3, 2, 2, 1, scale=LARGE)
    yield _case(rng, STRIDES, (3, 8, 7, 2), 2, 1, 3, 1)  # a square of outputs
    yield _case(rng, NO_PADDING, (2, 5, 4, 3), 3, 2, 1, 0)
    yield _case(rng, NO_PADDING, (1, 4, 5, 1), 4, 1, 1, 0, scale=LARGE)


def _case(
    rng: Rng,
    group: str,
    shape: Shape,
    f: int,
    n_C: int,
    stride: int,
    pad: int,
    dtype: str = "float64",
    scale: float = 1,
) -> Drawn:
    A_prev, W = exact_fractions(rng, *shape), exact_fractions(rng, f, f, shape[3], n_C)
    b, hparameters = exact_fractions(rng, 1, 1, 1, n_C), {"stride": stride, "pad": pad}
    if stride > 1:
        hparameters = dict(reversed(hparameters.items()))
    cache = tuple(array.astype(dtype) for array in (A_prev, W, b))
    Z, _ = vectorized.conv_forward(A_prev, W, b, hparameters)
    # Plus 1, so that no sum of gradients is zero by chance.
    dZ = (exact_fractions(rng, *Z.shape) + 1) * scale
    return group, {"dZ": dZ.astype(dtype), "cache": (*cache, hparameters)}


EXERCISE = Exercise(
    loops=loops.conv_backward,
    vectorized=vectorized.conv_backward,
    title="Convolution, backward",
    assignment="backprop",
    section="The full layer",
    returns=(Return("dA_prev"), Return("dW"), Return("db")),
    cases=cases,
    checks=(
        Check("output shapes", 2, "shape", groups=("stride 1", "stride 2 and 3")),
        Check("dA_prev", 5, groups=("stride 1",), outputs=("dA_prev",)),
        Check("dW", 4, groups=("stride 1",), outputs=("dW",)),
        Check("db", 3, groups=("stride 1",), outputs=("db",)),
        Check("stride 2 and 3", 3, groups=("stride 2 and 3",)),
        Check("no padding", 2, groups=("no padding",)),
        Check("input left alone", 1, "unchanged", groups=("stride 1", "stride 2 and 3")),
    ),
    mistakes=(
        stride_ignored(STRIDES, backward=True),
        stride_in_the_rows_only(STRIDES),
        stride_in_the_columns_only(STRIDES),
        stride_twice(SHAPES, STRIDES, REST, backward=True),
        Mistake(
            "[pad:-pad] at pad 0",
            {UNPAD: "dA_prev[i] = da_prev_pad[pad:-pad, pad:-pad, :]"},
            (NO_PADDING,),
            "At pad 0 the slice `[pad:-pad]` is empty: it has nothing to store in `dA_prev`.",
            UNPAD_HINT,
        ),
        Mistake(
            "[pad:-pad] of the batch at pad 0",
            {
                UNPAD: "pass",
                RETURN: "dA_prev = dA_prev_pad[:, pad:-pad, pad:-pad, :]\n    " + RETURN,
            },
            (NO_PADDING,),
            "At pad 0 the height and width of `dA_prev` are 0: a slice `[pad:-pad]` is empty then.",
            UNPAD_HINT,
        ),
        Mistake(
            "padding not cut off",
            {UNPAD: "pass", RETURN: "return dA_prev_pad, dW, db"},
            (SHAPES, "dA_prev", STRIDES),
            "`dA_prev` still has its padding: it is larger than `A_prev`.",
            "The gradient of `A_prev` has the shape of `A_prev`. What must go?",
        ),
        Mistake(
            "dA_prev and dW in each other's place",
            {RETURN: "return dW, dA_prev, db"},
            (SHAPES, "dA_prev", "dW", STRIDES, NO_PADDING),
            "`dA_prev` and `dW` are returned in the wrong order.",
            "The docstring lists what is returned. In which order?",
        ),
        Mistake(
            "last image only",
            {"        " + UNPAD: "    " + UNPAD},
            ("dA_prev", STRIDES, NO_PADDING),
            "Only the last image has its gradient; those of the others are zero.",
            "Which of your lines run once for each image? The gradient of every image must be "
            "stored, and kept.",
        ),
        Mistake(
            "dA_prev overwritten",
            {DA: "da_slice[...] = W[:, :, :, c] * dZ[i, h, w, c]"},
            ("dA_prev", STRIDES, NO_PADDING),
            "`dA_prev` keeps only the contribution of the last output that used each pixel.",
            "Several windows and filters use a pixel, and each contributes to its gradient.",
        ),
        Mistake(
            "dW overwritten",
            {DW: DW.replace("+=", "=")},
            ("dW", STRIDES, NO_PADDING),
            "`dW` keeps only the contribution of the last window instead of the sum over all "
            "of them.",
            "The same weights are used in every window of every image.",
        ),
        Mistake(
            "db overwritten",
            {DB: DB.replace("+=", "=")},
            ("db", STRIDES, NO_PADDING),
            "`db` keeps only the contribution of the last output instead of the sum over all "
            "of them.",
            "The same bias is added to every output of its channel.",
        ),
        Mistake(
            "everything overwritten",
            {
                DA: "da_slice[...] = W[:, :, :, c] * dZ[i, h, w, c]",
                DW: DW.replace("+=", "="),
                DB: DB.replace("+=", "="),
            },
            (*ALL, REST),
            "Each of the three gradients keeps the contribution of one output instead of the "
            "sum of all.",
            "A pixel, a weight and a bias affect many outputs, and each contributes to their "
            "gradients.",
        ),
        height_and_width_swapped(WINDOWS, SHAPES, *ALL, REST),
        ranges_exchanged(SHAPES, *ALL, REST),
        ranges_too_short(*ALL, REST),
        Mistake(
            "started from random numbers",
            {"np.zeros(W.shape)": "np.random.randn(*W.shape)"},
            ("dW", STRIDES, NO_PADDING),
            *ANSWERS_DIFFER,
        ),
        Mistake(
            "averaged over the batch",
            {RETURN: "return dA_prev, dW / m, db / m"},
            ("dW", "db", STRIDES, NO_PADDING),
            "`dW` and `db` are averaged over the examples: they are `m` times too small.",
            "The formulas sum over the examples. If the cost is a mean, `dZ` already contains "
            "that factor.",
        ),
        Mistake(
            "h and w swapped in dZ",
            {line: line.replace("[i, h, w, c]", "[i, w, h, c]") for line in (DA, DW, DB)},
            (SHAPES, *ALL, REST),
            "`dZ` is indexed by column and row, so an index is out of bounds.",
            "`dZ` has the axes `(m, n_H, n_W, n_C)`: `h` comes before `w`.",
        ),
        Mistake(
            "image not padded",
            {"a_prev_pad = A_prev_pad[i]": "a_prev_pad = A_prev[i]"},
            (SHAPES, "dA_prev", "dW", "db", STRIDES, REST),
            "`dW` is summed over windows of the image without its padding.",
            "The forward pass cut its windows out of the padded image.",
        ),
        Mistake(
            "flipped filter",
            {DA: "da_slice += W[::-1, ::-1, :, c] * dZ[i, h, w, c]"},
            ("dA_prev", STRIDES, NO_PADDING),
            "The contributions to `dA_prev` are rotated by 180 degrees: each pixel gets the "
            "weight at the opposite position of the filter.",
            "Each pixel of a window gets the weight that it was multiplied by in the forward pass.",
        ),
        Mistake(
            "dZ left out of dW",
            {DW: "dW[:, :, :, c] += a_slice"},
            ("dW", STRIDES, NO_PADDING),
            "`dW` adds up the windows without the gradients of the outputs.",
            "The chain rule multiplies: the pixel, times the gradient of the output.",
        ),
        Mistake(
            "outputs counted in db",
            {DB: "db[:, :, :, c] += 1"},
            ("db", STRIDES, NO_PADDING),
            "`db` counts the outputs instead of adding up their gradients.",
            "Each output adds its own gradient, `dZ[i, h, w, c]`, to the bias of its filter.",
        ),
        Mistake(
            "db multiplied by the windows",
            {DB: DB.replace("+=", "+= np.sum(a_slice) *")},
            ("db", STRIDES, NO_PADDING),
            "In `db` each gradient is multiplied by the sum of its window, but a bias is added to "
            "an output without a factor.",
            "If the bias grows by 1, by how much does the output grow?",
        ),
        Mistake(
            "db averaged over the positions",
            {RETURN: "return dA_prev, dW, db / (n_H * n_W)"},
            ("db", STRIDES, NO_PADDING),
            "`db` is averaged over the positions: it is `n_H * n_W` times too small.",
            "The same bias is added to every output of its channel: the gradients add up.",
        ),
        Mistake(
            "dZ left out of dA_prev",
            {DA: "da_slice += W[:, :, :, c]"},
            ("dA_prev", STRIDES, NO_PADDING),
            "`dA_prev` adds up the weights without the gradients of the outputs.",
            "The chain rule multiplies: the weight, times the gradient of the output.",
        ),
        Mistake(
            "first image only",
            {"a_prev_pad = A_prev_pad[i]": "a_prev_pad = A_prev_pad[0]"},
            ("dW", STRIDES, NO_PADDING),
            "`dW` is computed with the windows of the first image for every example.",
            "`dZ[i]` belongs to example `i`. Which image's windows does it multiply?",
        ),
        Mistake(
            "activations stored for gradients",
            {UNPAD: UNPAD.replace("da_prev_pad", "a_prev_pad")},
            ("dA_prev", STRIDES, NO_PADDING),
            (
                "`dA_prev` is equal to `A_prev`: it holds the activations instead of their "
                "gradients."
            ),
            "In which array do you add up the contributions of the outputs, and which one do you "
            "return?",
        ),
        Mistake(
            "dA_prev started from A_prev",
            {"dA_prev = np.zeros(A_prev.shape)": "dA_prev = A_prev.copy()"},
            ("dA_prev", STRIDES, NO_PADDING),
            "`dA_prev` is the gradient plus `A_prev`, as if the sum started from the activations "
            "instead of zeros.",
            "Before the first output has contributed, what is the sum of the contributions?",
        ),
        Mistake(
            "every dZ in all of db",
            {DB: "db += dZ[i, h, w, c]"},
            ("db", STRIDES, NO_PADDING),
            "Every bias gets the gradients of all filters.",
            "`dZ[i, h, w, c]` belongs to filter `c`. Which entry of `db` does it contribute to?",
        ),
        Mistake(
            "db for each input channel",
            {"db = np.zeros(b.shape)": "db = np.zeros((1, 1, n_C_prev, n_C))"},
            (SHAPES, "db", STRIDES, NO_PADDING),
            "`db` has an entry for each input channel, as `dW` has; a filter has one bias for all.",
            "The gradient of `b` has the shape of `b`. How many biases does one filter have?",
        ),
        made_anew(
            "dW", "dW = np.zeros(W.shape)", "a_prev_pad = A_prev_pad[i]", "dW", STRIDES, NO_PADDING
        ),
        made_anew(
            "db",
            "db = np.zeros(b.shape)",
            "da_prev_pad = dA_prev_pad[i]",
            "db",
            STRIDES,
            NO_PADDING,
        ),
        corners_moved_by_the_padding("windows", SHAPES, *ALL[:4], REST),
        fixed("pad", 1, SHAPES, *ALL[:3], NO_PADDING, REST),
        fixed("pad", 2, SHAPES, *ALL, REST),
        fixed("stride", 2, SHAPES, *ALL, REST),
    ),
    elsewhere={
        "Exercise: conv_backward": (
            "stride ignored",
            "stride in the rows only",
            "stride in the columns only",
            "stride counted twice",
            "[pad:-pad] at pad 0",
            "[pad:-pad] of the batch at pad 0",
            "padding not cut off",
            "dA_prev and dW in each other's place",
        ),
    },
    hints=(
        "One output is a sum of weight times pixel, plus the bias. What is its derivative with "
        "respect to one pixel, one weight, and the bias?",
        "Loop over the outputs as in the forward pass. Output `(i, h, w, c)` adds `dZ[i, h, w, "
        "c]` times the filter to its window of `dA_prev`, times its window of `A_prev` to `dW`, "
        "and itself to `db`.",
        "Everything is added up with `+=`, from zeros. Work on the padded `dA_prev` and crop it "
        "at the end of each image, from pad to `pad + n_H_prev`, which is right for pad 0 as well.",
    ),
    helpers={"zero_pad": loops.zero_pad},
)

PAGE = Page(
    terms=("backpropagation", "upstream gradient", "gradient", "chain rule", "stride"),
    mistakes=(
        "dA_prev overwritten",
        "padding not cut off",
        "[pad:-pad] at pad 0",
        "stride ignored",
        "last image only",
        "averaged over the batch",
    ),
    cases=(
        {
            "dZ": image_of([[1, 0], [0, 2]]),
            "cache": (
                image_of([[1, 2, 0], [0, 3, 1], [2, 1, 0]]),
                filter_of([[1, 0], [0, -1]]),
                bias_of(0),
                {"stride": 1, "pad": 0},
            ),
        },
    ),
    reading="Two entries of `dZ` are not 0, so two windows get a contribution. The upper left "
    "window gets the filter times 1, the lower right one the filter times 2; in the middle "
    "the two overlap, and their contributions -1 and 2 add up to [1]{= dA_prev[0, 1, 1, 0] "
    "}. The entries of `dZ` add up to `db`, [3]{= db[0, 0, 0, 0] }.",
)
