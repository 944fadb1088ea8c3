"""pool_forward: the maximum or the average of every window of every channel."""

from convnet import layers, loops
from exercises._exercise import Check, Exercise, Mistake, Return, numbers
from exercises._windows import (
    f_for_the_stride,
    height_and_width_swapped,
    plus_one_forgotten,
    stride_ignored,
    stride_in_the_rows_only,
    width_from_the_height,
)

WINDOW = "a_prev[vert_start:vert_end, horiz_start:horiz_end, c]"
N_H, N_W = "(n_H_prev - f) // stride", "(n_W_prev - f) // stride"

MAX_1, MAX_S, MEAN_1, MEAN_S, NEGATIVE = VALUES = (
    "maximum, stride 1",
    "maximum, stride other than f",
    "average, stride 1",
    "average, stride other than f",
    "maximum of negative windows",
)
REST = ("cache", "input left alone")


def cases(rng):
    n = int(rng.integers(5, 7))
    # group, (m, n_H, n_W, n_C), f, stride, sign; maxima of positive numbers but in the last
    yield _case(rng, MAX_1, (2, n, n + 2, 3), 3, 1, 1)
    yield _case(rng, MAX_1, (3, n, n - 1, 2), 2, 1, 1)
    yield _case(rng, MAX_1, (2, n, n + 2, 3), 3, 1, 1, dtype="float32")
    yield _case(rng, MAX_1, (1, n, n + 1, 1), 4, 1, 1)
    yield _case(rng, MAX_S, (2, n + 2, n, 3), 3, 2, 1)
    yield _case(rng, MAX_S, (2, 7, 10, 2), 2, 3, 1)  # the stride does not divide
    yield _case(rng, MAX_S, (1, 6, 9, 1), 4, 2, 1)
    yield _case(rng, MEAN_1, (2, n, n + 1, 3), 3, 1, 0, "average")
    yield _case(rng, MEAN_1, (2, n, n - 1, 2), 2, 1, 0, "average")
    yield _case(rng, MEAN_S, (3, n + 1, n + 3, 2), 3, 2, 0, "average")
    yield _case(rng, MEAN_S, (2, 7, 10, 3), 2, 3, 0, "average")
    yield _case(rng, MEAN_S, (1, 5, 6, 2), 1, 2, 0, "average")
    yield _case(rng, NEGATIVE, (2, 4, 5, 2), 2, 1, -1)


def _case(rng, group, shape, f, stride, sign, mode="max", dtype="float64"):
    A_prev = numbers(rng, *shape, sign=sign).astype(dtype)
    return group, {"A_prev": A_prev, "hparameters": {"f": f, "stride": stride}, "mode": mode}


EXERCISE = Exercise(
    taught=loops.pool_forward,
    reference=layers.pool_forward,
    title="Pooling, forward",
    returns=(Return("A"), Return("cache", "cache", ("A_prev", "hparameters"))),
    cases=cases,
    checks=(
        Check("output shape", 2, "shape"),
        Check(MAX_1, 2, groups=(MAX_1,)),
        Check(MAX_S, 3, groups=(MAX_S,)),
        Check(MEAN_1, 2, groups=(MEAN_1,)),
        Check(MEAN_S, 2, groups=(MEAN_S,)),
        Check(NEGATIVE, 2, groups=(NEGATIVE,)),
        Check("cache", 1, "cache"),
        Check("input left alone", 1, "unchanged"),
    ),
    mistakes=(
        stride_ignored(MAX_S, MEAN_S),
        stride_in_the_rows_only(MAX_S, MEAN_S),
        f_for_the_stride("output shape", *VALUES, *REST),
        Mistake(
            "maximum in both modes",
            {"np.mean(a_prev_slice)": "np.max(a_prev_slice)"},
            (MEAN_1, MEAN_S),
            'The maximum comes back in both modes: mode="average" is not honoured.',
            "Follow what happens when mode is the word average.",
        ),
        Mistake(
            "modes swapped",
            {'mode == "max"': 'mode == "average"', 'elif mode == "average"': 'elif mode == "max"'},
            (*VALUES, "input left alone"),
            "The two modes are swapped: the average comes for max, the maximum for average.",
            "Read the two branches aloud: which word leads to which operation?",
        ),
        Mistake(
            "maximum started at 0",
            {"np.max(a_prev_slice)": "np.max(a_prev_slice, initial=0)"},
            (NEGATIVE,),
            "The maximum starts from 0, so a window of negative numbers gives 0.",
            "What is the largest of -3, -1 and -2?",
        ),
        Mistake(
            "all channels pooled together",
            {WINDOW: "a_prev[vert_start:vert_end, horiz_start:horiz_end]"},
            (*VALUES, "input left alone"),
            "Every output summarises all channels at once.",
            "Pooling treats each channel by itself. Which index of the image says which channel?",
        ),
        Mistake(
            "whole image pooled",
            {WINDOW: "a_prev[:, :, c]"},
            (*VALUES, "input left alone"),
            "Every output summarises the whole image instead of its own window.",
            "Which rows and columns of the image does one output look at?",
        ),
        Mistake(
            "sum instead of average",
            {"np.mean(a_prev_slice)": "np.sum(a_prev_slice)"},
            (MEAN_1, MEAN_S),
            "The windows are added up, not averaged: every value is f * f times too large.",
            "An average is a sum divided by how many numbers there are.",
        ),
        height_and_width_swapped(WINDOW, *VALUES, "input left alone"),
        width_from_the_height(N_H, N_W, "output shape", *VALUES, "input left alone"),
        Mistake(
            "size rounded up",
            {N_H: "-(-(n_H_prev - f) // stride)", N_W: "-(-(n_W_prev - f) // stride)"},
            ("output shape", MAX_S, MEAN_S),
            "The output's size is rounded up: it has a row or column for windows that do not fit.",
            "A window that does not fit entirely is left out. What does that make of a fraction?",
        ),
        plus_one_forgotten(N_H, N_W, "output shape", *VALUES, "input left alone"),
        Mistake(
            "first image only",
            {"a_prev = A_prev[i]": "a_prev = A_prev[0]"},
            (*VALUES, "input left alone"),
            "Every output is computed from the first image of the batch.",
            "Inside the loop over the examples, which image is meant?",
        ),
        Mistake(
            "cache without hparameters",
            {"cache = (A_prev, hparameters)": "cache = A_prev"},
            ("cache",),
            "The cache lacks hparameters, and pool_backward needs f and the stride.",
            "The docstring lists the two things that the cache holds.",
        ),
    ),
    hints=(
        "Take one output, A[0, 1, 2, 0]. Which rows and columns of which channel of which image "
        "does it summarise? Then let four loops ask that for every output.",
        "The window of output (h, w) starts at row h * stride and column w * stride and is f long; "
        "the output's size is floor((n_prev - f) / stride) + 1.",
        "np.max and np.mean of one window of one channel give the number; mode says which. They "
        "are right for negative numbers too, so nothing needs a start value.",
    ),
)
