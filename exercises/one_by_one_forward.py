"""one_by_one_forward: one fully connected layer, applied to every pixel."""

import numpy as np

from convnet.types import Shape
from exercises import loops, vectorized
from exercises.cases import LARGE, layer
from exercises.page import Page, bias_of, image_of
from exercises.windows import made_anew, whole_numbers
from nbexercise.defining.cases import Cases, Drawn, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

PIXEL = "pixel = A_prev[i, h, w]"
STORE = "Z[i, h, w] = "
DENSE = "np.dot(pixel, weights) + biases"
ZEROS = "np.zeros((m, n_H, n_W, n_C))"

SHAPE = "output shape"
MANY, ONE, ANY = VALUES = (
    "several channels",
    "one channel in or out",
    "a single pixel, row or column",
)
ALONE = "input left alone"


def cases(rng: Rng) -> Cases:
    """Yield cases with one and several images, channels and units, wide and tall images."""
    # group, (m, n_H, n_W, n_C_prev), n_C
    yield _case(rng, MANY, (2, 3, 5, 3), 4)
    yield _case(rng, MANY, (2, 3, 5, 3), 4, "float32")  # of the same shape
    yield _case(rng, MANY, (3, 5, 4, 6), 3)
    yield _case(rng, MANY, (1, 4, 7, 3), 3, bias=-400)  # no Z is positive
    yield _case(rng, ONE, (2, 5, 3, 1), 3)
    yield _case(rng, ONE, (2, 3, 4, 5), 1, bias=-400)
    yield _case(rng, ONE, (1, 4, 2, 1), 1)
    yield _case(rng, ANY, (3, 1, 1, 4), 2)
    yield _case(rng, ANY, (2, 1, 5, 2), 3, bias=-400)
    yield _case(rng, ANY, (2, 6, 1, 3), 2)
    # Large numbers of both signs: a function that clips its results is wrong in every group.
    yield _case(rng, MANY, (1, 3, 4, 2), 2, bias=0, scale=LARGE)
    yield _case(rng, ONE, (1, 5, 4, 2), 1, bias=0, scale=LARGE)
    yield _case(rng, ANY, (1, 1, 9, 2), 3, bias=0, scale=LARGE)


def _case(
    rng: Rng,
    group: str,
    shape: Shape,
    n_C: int,
    dtype: str = "float64",
    bias: float = 3,
    scale: float = 1,
) -> Drawn:
    arguments = layer(rng, shape, (1, 1, shape[3], n_C), n_C, dtype, bias, scale)
    arguments["A_prev"][-1, -1, -1] = 0  # a black pixel, whose result is the bias
    return group, arguments


EXERCISE = Exercise(
    loops=loops.one_by_one_forward,
    vectorized=vectorized.one_by_one_forward,
    title="1x1 convolution, forward",
    assignment="one_by_one",
    section="The same layer for every pixel",
    returns=(Return("Z"),),
    cases=cases,
    checks=(
        Check(SHAPE, 2, "shape"),
        Check(MANY, 4, groups=(MANY,)),
        Check(ONE, 2, groups=(ONE,)),
        Check(ANY, 1, groups=(ANY,)),
        Check(ALONE, 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "bias forgotten",
            {DENSE: "np.dot(pixel, weights)"},
            (*VALUES, ALONE),
            "The bias is missing from every output.",
            "A fully connected layer multiplies, adds up, and then adds one more thing.",
        ),
        Mistake(
            "bias of the first channel",
            {"biases = b[0, 0, 0]": "biases = b[0, 0, 0, 0]"},
            (*VALUES, ALONE),
            "Every channel of the output gets the bias of the first one.",
            "`b` holds one number for each channel of the output.",
        ),
        Mistake(
            "bias added per product",
            {DENSE: "np.sum(pixel[:, np.newaxis] * weights + biases, axis=0)"},
            (*VALUES, ALONE),
            "The bias is counted once for each input channel, as if it were added to every "
            "product.",
            "A unit has one bias, and it is added once, after the sum.",
        ),
        Mistake(
            "first channel only",
            {DENSE: "np.dot(pixel[:1], weights[:1]) + biases"},
            (*VALUES, ALONE),
            "Only the first channel of each pixel is used.",
            "A pixel is a vector of `n_C_prev` numbers, and each unit sees all of them.",
        ),
        Mistake(
            "weights of the first unit",
            {DENSE: "np.dot(pixel, weights[:, 0]) + biases"},
            (*VALUES, ALONE),
            "Every output channel is computed with the weights of the first one.",
            "Output channel `c` has weights of its own. Which index of `W` picks them?",
        ),
        Mistake(
            "weights transposed",
            {DENSE: "np.dot(weights, pixel) + biases"},
            (SHAPE, *VALUES, ALONE),
            "The weights are multiplied from the other side, as if `W` were `(n_C, n_C_prev)`.",
            "Which of the two axes of `W[0, 0]` is as long as the pixel?",
        ),
        Mistake(
            "axes of the filter left",
            {"return Z": "return Z[:, :, :, np.newaxis, np.newaxis]"},
            (SHAPE, *VALUES, ALONE),
            "`Z` has two axes of size 1 too many: those of the filters, of shape `(1, 1, n_C_prev, "
            "n_C)`.",
            "Which index of `W` leaves a matrix of weights?",
        ),
        Mistake(
            "units added together",
            {DENSE: "np.sum(pixel[:, np.newaxis] * weights) + biases"},
            (*VALUES, ALONE),
            "The products of all units are added up together, so each channel has the same sum.",
            "Each unit adds up its own `n_C_prev` products. Which axis of the products is that?",
        ),
        Mistake(
            "averaged over the channels",
            {DENSE: "np.dot(pixel, weights) / n_C_prev + biases"},
            (*VALUES, ALONE),
            "The products are averaged over the input channels instead of added up.",
            "A unit adds up its products. Nothing is divided.",
        ),
        Mistake(
            "first pixel everywhere",
            {PIXEL: "pixel = A_prev[i, 0, 0]"},
            (*VALUES, ALONE),
            "Every position gets the result of the first pixel.",
            "Which pixel of `A_prev` belongs to `Z[i, h, w]`?",
        ),
        Mistake(
            "average pixel everywhere",
            {PIXEL: "pixel = A_prev[i].mean(axis=(0, 1))"},
            (*VALUES, ALONE),
            "Every position gets the result of the image's average pixel.",
            "A 1x1 filter sees one pixel at a time. Which one belongs to `Z[i, h, w]`?",
        ),
        Mistake(
            "added up over the positions",
            {STORE: "Z[i] += "},
            (*VALUES, ALONE),
            "Each position holds the sum over all positions instead of its own result.",
            "A 1x1 filter sees one pixel at a time, and each pixel has its own position in `Z`.",
        ),
        Mistake(
            "first image only",
            {PIXEL: "pixel = A_prev[0, h, w]"},
            (*VALUES, ALONE),
            "Every output is computed from the first image of the batch.",
            "Which image of the batch belongs to example `i` of the output?",
        ),
        Mistake(
            "returned after the first image",
            {"    return Z": "        return Z"},
            (*VALUES, ALONE),
            "Only the first image was computed; in `Z` those after it are still zero.",
            "How often does the loop over the images run before the function returns?",
        ),
        Mistake(
            "returned after the first row",
            {"    return Z": "            return Z"},
            (*VALUES, ALONE),
            "Only the first row of the first image was computed; the rest of `Z` is still zero.",
            "How often does the loop over the rows run before the function returns?",
        ),
        Mistake(
            "returned after the first pixel",
            {"    return Z": "                return Z"},
            (*VALUES, ALONE),
            "Only the first pixel of the first image was computed; the rest of `Z` is still zero.",
            "How often does the loop over the columns run before the function returns?",
        ),
        Mistake(
            "h and w swapped",
            {PIXEL: "pixel = A_prev[i, w, h]"},
            (SHAPE, *VALUES, ALONE),
            "An index runs beyond the height or the width, as if `h` and `w` were swapped: the "
            "order is row, then column.",
            "Does `h` count rows and `w` columns? In `A_prev` and in `Z`, `h` comes before `w`.",
        ),
        Mistake(
            "height and width swapped in the size",
            {ZEROS: "np.zeros((m, n_W, n_H, n_C))"},
            (SHAPE, *VALUES, ALONE),
            "`Z` has `n_W` rows and `n_H` columns: the two are swapped.",
            "An array of images has its height before its width.",
        ),
        Mistake(
            "channels of the input",
            {ZEROS: "np.zeros(A_prev.shape)"},
            (SHAPE, *VALUES, ALONE),
            "`Z` has as many channels as the input.",
            "How many numbers does the layer compute from one pixel?",
        ),
        Mistake(
            "an activation applied",
            {DENSE: "np.maximum(0, np.dot(pixel, weights) + biases)"},
            (*VALUES, ALONE),
            "Negative results have become zero, as if by a ReLU, which is a separate layer.",
            "`Z` is what comes before the activation.",
        ),
        whole_numbers("Z", ZEROS, *VALUES, ALONE),
        made_anew("Z", f"Z = {ZEROS}", "for h in range(n_H):", *VALUES, ALONE),
    ),
    hints=(
        "Take one pixel, `A_prev[0, 1, 2]`. It is a vector of `n_C_prev` numbers. What would a "
        "fully connected layer compute from it, and where in `Z` does that go?",
        "`W[0, 0]` is the weight matrix of that layer, of shape `(n_C_prev, n_C)`, and `b[0, 0, "
        "0]` the vector of its biases. `np.dot` multiplies a vector by a matrix.",
        "Three loops are enough: over examples, rows and columns. Inside them one vector of `n_C` "
        "numbers is computed from one pixel and stored at `Z[i, h, w]`.",
    ),
    elsewhere={
        "A fully connected layer": (
            "bias forgotten",
            "bias added per product",
            "units added together",
            "weights transposed",
            "averaged over the channels",
        ),
        "Exercise: one_by_one_forward": ("an activation applied", "channels of the input"),
    },
)

PAGE = Page(
    terms=("1x1 convolution", "channel", "dense layer", "pixel"),
    mistakes=(
        "bias forgotten",
        "bias added per product",
        "weights transposed",
        "first channel only",
        "first pixel everywhere",
    ),
    cases=(
        {
            "A_prev": image_of([[1, 2, 3], [4, 5, 6]], [[1, 0, 1], [0, 1, 0]]),
            "W": np.array([[[[2.0], [-1.0]]]]),
            "b": bias_of(10),
        },
    ),
    reading="An image with two channels goes in, and one channel comes out. At the first "
    "pixel it is `2 * 1 - 1 * 1 + 10` = [11]{= Z[0, 0, 0, 0] }. No pixel has an "
    "effect on another one.",
)
