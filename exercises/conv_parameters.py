"""conv_parameters: the number of parameters of a convolution layer."""

from typing import no_type_check

from exercises import vectorized
from exercises.page import Page
from nbexercise.defining.cases import Cases, Drawn, Rng, distinct
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

SQUARE, OTHERS = "square filters", "filters that are not square"
ALL = (SQUARE, OTHERS)

# The domain: every seed tries these filters (f_H, f_W, n_C_prev) with a random number of filters,
# and these edge cases (f_H, f_W, n_C_prev, n_C).
FILTERS = (
    *((3, 3, 1), (5, 5, 3), (1, 1, 12), (2, 2, 6), (7, 7, 4)),
    *((3, 5, 3), (3, 4, 1), (5, 2, 8), (1, 3, 4), (9, 7, 2)),
)
EDGES = (
    *((1, 1, 1, 1), (3, 3, 1, 1), (1, 5, 1, 1)),
    *((3, 3, 8, 1), (2, 3, 8, 1)),  # a single filter
    *((3, 3, 8, 8), (4, 3, 6, 6)),  # as many filters as channels
    *((1, 1, 2048, 1000), (3, 3, 256, 256), (1, 7, 160, 192)),  # as in known networks
)


@no_type_check
def conv_parameters(f_H, f_W, n_C_prev, n_C):
    """
    Count the parameters of a convolution layer: weights and biases.

    Arguments:
    f_H -- height of the filters, an integer
    f_W -- width of the filters, an integer
    n_C_prev -- number of channels of the input, an integer
    n_C -- number of filters, which is the number of channels of the output, an integer

    Returns:
    count -- number of parameters, an integer
    """
    ### BEGIN SOLUTION
    weights = f_H * f_W * n_C_prev
    count = (weights + 1) * n_C
    ### END SOLUTION

    return count


WEIGHTS, COUNT = "f_H * f_W * n_C_prev", "(weights + 1) * n_C"


def cases(rng: Rng) -> Cases:
    for sizes in FILTERS:
        (n_C,) = distinct(rng, [n for n in range(2, 17) if n not in sizes], 1)
        yield _case(*sizes, n_C)
    for edge in EDGES:
        yield _case(*edge)


def _case(f_H: int, f_W: int, n_C_prev: int, n_C: int) -> Drawn:
    group = SQUARE if f_H == f_W else OTHERS
    return group, {"f_H": f_H, "f_W": f_W, "n_C_prev": n_C_prev, "n_C": n_C}


EXERCISE = Exercise(
    loops=conv_parameters,
    vectorized=vectorized.conv_parameters,
    title="Parameters of a convolution layer",
    assignment="arithmetic",
    section="Number of parameters",
    returns=(Return("count", "number"),),
    cases=cases,
    checks=(
        Check("a single number", 1, "shape"),
        Check(SQUARE, 2, groups=(SQUARE,)),
        Check(OTHERS, 2, groups=(OTHERS,)),
    ),
    mistakes=(
        Mistake(
            "biases left out",
            {COUNT: "weights * n_C"},
            ALL,
            "The biases are missing.",
            "Each filter adds one number to its dot product. How many filters are there?",
        ),
        Mistake(
            "one bias in all",
            {COUNT: "weights * n_C + 1"},
            ALL,
            "You counted one bias for the whole layer, but each filter has its own.",
            "How many filters are there, and how many biases does each of them have?",
        ),
        Mistake(
            "a bias for each input channel",
            {WEIGHTS: "(f_H * f_W + 1) * n_C_prev", COUNT: "weights * n_C"},
            ALL,
            "You counted a bias for every channel of every filter; a filter has one bias for all "
            "its channels.",
            "A filter sums over all channels, then adds its bias. How many times does it add it?",
        ),
        Mistake(
            "input channels left out",
            {WEIGHTS: "f_H * f_W"},
            ALL,
            "The channels of the input are missing: a filter has weights for each of them.",
            "How many weights does a 5 x 5 filter for color images have?",
        ),
        Mistake(
            "filters left out",
            {COUNT: "weights + 1"},
            ALL,
            "These are the parameters of a single filter.",
            "The layer has `n_C` filters.",
        ),
        Mistake(
            "one filter too few",
            {COUNT: "(weights + 1) * (n_C - 1)"},
            ALL,
            "One filter is missing.",
            "If you count in a loop: with which number does it start, and where does it stop?",
        ),
        Mistake(
            "channels swapped",
            {WEIGHTS: "f_H * f_W * n_C", COUNT: "(weights + 1) * n_C_prev"},
            ALL,
            "The number of weights is right, but there is a bias for each channel of the input "
            "instead of the output, as if the two were swapped.",
            "There is one bias for each filter, that is, for each channel of the output.",
        ),
        Mistake(
            "height for both sides",
            {WEIGHTS: "f_H * f_H * n_C_prev"},
            (OTHERS,),
            "The height was squared; the width is left out.",
            "How many weights does a filter of 3 rows and 4 columns have per channel?",
        ),
        Mistake(
            "width for both sides",
            {WEIGHTS: "f_W * f_W * n_C_prev"},
            (OTHERS,),
            "The width was squared; the height is left out.",
            "How many weights does a filter of 3 rows and 4 columns have per channel?",
        ),
        Mistake(
            "sides added",
            {WEIGHTS: "(f_H + f_W) * n_C_prev"},
            ALL,
            "Height and width were added; this is right only for 2 x 2 filters, by coincidence.",
            "How many cells does a grid of 3 rows and 4 columns have?",
        ),
        Mistake(
            "two biases",
            {COUNT: "(weights + 2) * n_C"},
            ALL,
            "There are too many biases: two for each filter.",
            "How many numbers does a filter add at the end?",
        ),
    ),
    hints=(
        "Count the weights of one filter first. How many rows, columns and channels does it have?",
        "Then add its bias. Every filter has this many parameters.",
        "You need a product of three numbers, plus one, all times the number of filters.",
    ),
)

PAGE = Page(
    terms=("parameter", "weight", "bias", "filter", "channel"),
    mistakes=(
        "biases left out",
        "one bias in all",
        "a bias for each input channel",
        "input channels left out",
        "filters left out",
    ),
    cases=(
        {"f_H": 3, "f_W": 3, "n_C_prev": 1, "n_C": 1},
        {"f_H": 3, "f_W": 3, "n_C_prev": 1, "n_C": 2},
        {"f_H": 3, "f_W": 3, "n_C_prev": 3, "n_C": 2},
        {"f_H": 1, "f_W": 5, "n_C_prev": 3, "n_C": 2},
    ),
    reading="From the first row to the second the number of filters doubles, and so does the "
    "number of parameters. From the second to the third the weights triple, but the biases "
    "stay as they are.",
)
