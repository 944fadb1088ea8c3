"""dense_as_convolution: the weights of a fully connected layer as filters."""

import numpy as np

from exercises import loops, vectorized
from exercises.cases import WHOLE
from exercises.page import Page, row_of
from nbexercise.defining.cases import Cases, Drawn, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

FILTER = "W[:, c].reshape(f, f, n_C_prev)"
STORE, STORE_BIAS = "W_conv[:, :, :, c] = ", "b_conv[:, :, :, c] = b[0, c]"
MAKE, MAKE_BIAS = "W_conv = np.zeros((f, f, n_C_prev, n_C))", "b_conv = np.zeros((1, 1, 1, n_C))"

SHAPE, WEIGHTS, BIASES, ALONE = "output shape", "weights", "biases", "input left alone"


def cases(rng: Rng) -> Cases:
    """Yield layers for images of 1x1 to 4x4, with one and several channels and units.

    The last layer has integer weights and fractional biases.
    """
    # f, n_C_prev, n_C
    yield _case(rng, 3, 2, 4)
    yield _case(rng, 3, 2, 4, "float32")  # of the same shape
    yield _case(rng, 2, 3, 5)
    yield _case(rng, 4, 1, 3)
    yield _case(rng, 1, 6, 3)
    yield _case(rng, 2, 5, 1)
    yield _case(rng, 3, 3, 2)
    W, b = rng.permutation(12 * 2).reshape(12, 2) - 12, exact_fractions(rng, 1, 2)
    yield WHOLE, {"W": W, "b": b, "f": 2}


def _case(rng: Rng, f: int, n_C_prev: int, n_C: int, dtype: str = "float64") -> Drawn:
    W, b = exact_fractions(rng, f * f * n_C_prev, n_C), exact_fractions(rng, 1, n_C) + 3
    return WEIGHTS, {"W": W.astype(dtype), "b": b.astype(dtype), "f": f}


EXERCISE = Exercise(
    loops=loops.dense_as_convolution,
    vectorized=vectorized.dense_as_convolution,
    title="A fully connected layer as a convolution",
    assignment="one_by_one",
    section="A fully connected layer after flattening",
    returns=(Return("W_conv"), Return("b_conv")),
    cases=cases,
    checks=(
        Check(SHAPE, 1, "shape", groups=(WEIGHTS,)),
        Check(WEIGHTS, 1, groups=(WEIGHTS,), outputs=("W_conv",)),
        Check(BIASES, 1, groups=(WEIGHTS,), outputs=("b_conv",)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check(ALONE, 1, "unchanged", groups=(WEIGHTS,)),
    ),
    mistakes=(
        Mistake(
            "channels read first",
            {FILTER: "W[:, c].reshape(n_C_prev, f, f).transpose(1, 2, 0)"},
            (WEIGHTS, WHOLE),
            "The weights are read as if the image had been flattened with its channels first.",
            "Flattening runs along the last axis fastest. Which axis of an image is that here?",
        ),
        Mistake(
            "rows and columns swapped",
            {FILTER: "W[:, c].reshape(f, f, n_C_prev).transpose(1, 0, 2)"},
            (WEIGHTS, WHOLE),
            "Rows and columns of every filter are swapped.",
            "Flattening goes through the first row of pixels before it comes to the second.",
        ),
        Mistake(
            "first axis fastest",
            {FILTER: 'W[:, c].reshape((f, f, n_C_prev), order="F")'},
            (WEIGHTS, WHOLE),
            "The weights are arranged as if the image had been flattened with its first axis "
            "running fastest.",
            "The image was flattened in NumPy's usual order. What undoes that?",
        ),
        Mistake(
            "flipped filter",
            {FILTER: "W[:, c].reshape(f, f, n_C_prev)[::-1, ::-1]"},
            (WEIGHTS, WHOLE),
            "The filters are flipped. CNN libraries, and this course, do not flip them.",
            "The weight of the upper left pixel belongs in the upper left corner.",
        ),
        Mistake(
            "rows of W instead of columns",
            {FILTER: "W.ravel()[c * n_prev : (c + 1) * n_prev].reshape(f, f, n_C_prev)"},
            (WEIGHTS, WHOLE),
            (
                "The filters are filled from `W` row by row; the weights of unit `c` are its "
                "column `c`."
            ),
            "`W` has the shape `(n_prev, n_C)`. Which index selects the unit?",
        ),
        Mistake(
            "first unit only",
            {FILTER: "W[:, 0].reshape(f, f, n_C_prev)"},
            (WEIGHTS, WHOLE),
            "Every filter holds the weights of the first unit.",
            "Filter `c` is unit `c`. Which index of `W` picks it?",
        ),
        Mistake(
            "filters first",
            {
                MAKE: "W_conv = np.zeros((n_C, f, f, n_C_prev))",
                STORE: "W_conv[c] = ",
            },
            (SHAPE, WEIGHTS, WHOLE),
            (
                "`W_conv` has its filters on the first axis, as some libraries do; here they come "
                "last."
            ),
            "Filters have the shape `(f, f, n_C_prev, n_C)` in this course.",
        ),
        Mistake(
            "channels and filters exchanged",
            {"return W_conv": "return W.reshape(f, f, n_C, n_C_prev)"},
            (SHAPE, WEIGHTS, WHOLE),
            "`W_conv` has the shape `(f, f, n_C, n_C_prev)`: the sizes of its last two axes are "
            "swapped.",
            "Filters have the shape `(f, f, n_C_prev, n_C)` in this course. Which of them counts "
            "the units?",
        ),
        Mistake(
            "one pixel of all inputs",
            {
                MAKE: "W_conv = np.zeros((1, 1, n_prev, n_C))",
                FILTER: "W[:, c].reshape(1, 1, n_prev)",
            },
            (SHAPE, WEIGHTS, WHOLE),
            (
                "The filters are 1x1 with `f * f * n_C_prev` channels: `f` has no effect on their "
                "shape."
            ),
            "The image has `f` rows, `f` columns and `n_C_prev` channels before it is flattened.",
        ),
        Mistake(
            "divided by f squared",
            {FILTER: "W[:, c].reshape(f, f, n_C_prev) / (f * f)"},
            (WEIGHTS, WHOLE),
            "The weights are divided by `f * f`.",
            "The convolution adds up `f * f * n_C_prev` products, just as the layer does.",
        ),
        Mistake(
            "biases as they are",
            {STORE_BIAS: "b_conv = b"},
            (SHAPE, BIASES, WHOLE),
            "`b_conv` has the shape of `b`, and `conv_forward` takes biases with four axes.",
            "Biases have the shape `(1, 1, 1, n_C)` in a convolution layer.",
        ),
        Mistake(
            "biases of the dtype of the weights",
            {MAKE_BIAS: "b_conv = np.zeros((1, 1, 1, n_C), dtype=W.dtype)"},
            (WHOLE,),
            "If the weights are integers, the fractions of the biases are cut off, as if `b_conv` "
            "had the dtype of `W`.",
            "`W` and `b` may have different dtypes. Which of them does `b_conv` need?",
        ),
        Mistake(
            "biases forgotten",
            {STORE_BIAS: "pass"},
            (BIASES, WHOLE),
            "The biases are zero: those of the layer have been lost.",
            "Besides its weights, the layer has one number for each unit. Where does it go?",
        ),
        Mistake(
            "bias of the first unit",
            {STORE_BIAS: "b_conv[:, :, :, c] = b[0, 0]"},
            (BIASES, WHOLE),
            "Every filter gets the bias of the first unit.",
            "Filter `c` is unit `c`. Which index of `b` picks its bias?",
        ),
    ),
    hints=(
        "Which weight does the unit `c` give to the pixel in row 0, column 1, channel 0 of the "
        "image? Count where that pixel comes when the image is flattened.",
        "Flattening goes row by row, in a row column by column, and in a pixel channel by channel. "
        "reshape goes back in the same order.",
        (
            "Column `c` of `W`, given the shape `(f, f, n_C_prev)`, is the filter `c`. Its bias is "
            "`b[0, c]`."
        ),
    ),
    elsewhere={
        "Exercise: dense_as_convolution": (
            "filters first",
            "one pixel of all inputs",
            "biases as they are",
        ),
    },
)

PAGE = Page(
    terms=("1x1 convolution", "dense layer", "flattening", "row-major", "filter"),
    mistakes=(
        "channels read first",
        "rows of W instead of columns",
        "filters first",
        "biases as they are",
    ),
    cases=(
        {
            "W": np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0], [4.0, 8.0]]),
            "b": row_of(9, 10),
            "f": 2,
        },
    ),
    reading="The layer has four inputs, an image of 2 rows and 2 columns with one channel, and "
    "two units. The weights of each unit become a filter of 2 rows and 2 columns.",
)
