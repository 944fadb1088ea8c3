"""pool_forward: the maximum or the average of every window of every channel."""

import numpy as np

from convnet.types import Shape
from exercises import loops, vectorized
from exercises.cases import LARGE
from exercises.page import Page, image_of
from exercises.windows import (
    end_without_stride,
    f_for_the_stride,
    fixed,
    height_and_width_swapped,
    made_anew,
    plus_one_forgotten,
    ranges_exchanged,
    ranges_too_short,
    rows_from_w,
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
from nbexercise.defining.cases import CasesWithDefaults, Drawn, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

WINDOW = "a_prev[vert_start:vert_end, horiz_start:horiz_end, c]"
ZEROS = "np.zeros((m, n_H, n_W, n_C))"
N_H, N_W = "(n_H_prev - f) // stride", "(n_W_prev - f) // stride"

MAX_1, MAX_S, MEAN_1, MEAN_S, NEGATIVE = VALUES = (
    "maximum, stride 1",
    "maximum, larger strides",
    "average, stride 1",
    "average, larger strides",
    "maximum of negative windows",
)
REST = ("cache", "input left alone")


def cases(rng: Rng) -> CasesWithDefaults:
    """Yield a case for every edge of `windows.EDGES`; no window has its maximum twice.

    Each group has a case with large numbers.
    """
    # group, (m, n_H, n_W, n_C), f, stride, sign; maxima are positive except in the last group
    yield _case(rng, MAX_1, (2, 5, 7, 3), 3, 1, 1)
    yield _case(rng, MAX_1, (2, 5, 7, 3), 3, 1, 1, dtype="float32")  # of the same shape
    yield _case(rng, MAX_1, (3, 5, 4, 1), 2, 1, 1, scale=LARGE)
    group, arguments = _case(rng, MAX_1, (1, 5, 6, 2), 4, 1, 1)
    yield group, arguments, {"mode": arguments.pop("mode")}
    yield _case(rng, MAX_S, (2, 7, 5, 3), 3, 2, 1)
    yield _case(rng, MAX_S, (2, 7, 10, 2), 2, 3, 1)
    yield _case(rng, MAX_S, (2, 6, 9, 1), 4, 2, 1)
    yield _case(rng, MAX_S, (2, 6, 5, 2), 2, 2, 1, scale=LARGE)
    yield _case(rng, MAX_S, (2, 4, 3, 2), 3, 3, 1)
    yield _case(rng, MEAN_1, (2, 5, 6, 3), 3, 1, 0, "average")
    yield _case(rng, MEAN_1, (2, 5, 4, 1), 2, 1, 0, "average")
    yield _case(rng, MEAN_S, (3, 6, 8, 2), 3, 2, 0, "average")
    yield _case(rng, MEAN_S, (2, 7, 10, 3), 2, 3, 0, "average", scale=LARGE)
    yield _case(rng, MEAN_S, (1, 5, 6, 2), 1, 2, 0, "average")
    yield _case(rng, MEAN_S, (2, 7, 5, 2), 4, 4, 0, "average", dtype="float32")
    yield _case(rng, NEGATIVE, (2, 4, 5, 2), 2, 1, -1)
    yield _case(rng, MEAN_1, (1, 4, 5, 1), 2, 1, 1, "average", scale=LARGE)
    # The output of a ReLU: windows with some zeros, or nothing else; the second has one row.
    for group, shape, stride in ((MEAN_1, (2, 5, 4, 3), 1), (MEAN_S, (2, 3, 9, 2), 2)):
        case = _case(rng, group, shape, 3, stride, 0, "average")
        np.maximum(case[1]["A_prev"], 0, out=case[1]["A_prev"])
        case[1]["A_prev"][0, :3, :3, 0] = 0
        yield case


def _case(
    rng: Rng,
    group: str,
    shape: Shape,
    f: int,
    stride: int,
    sign: int,
    mode: str = "max",
    dtype: str = "float64",
    scale: float = 1,
) -> Drawn:
    A_prev = exact_fractions(rng, *shape, sign=sign).astype(dtype) * scale
    if sign < 0:
        A_prev[1:] -= 100_000  # below any plausible start value of a maximum
    sizes = {"f": f, "stride": stride} if stride < f else {"stride": stride, "f": f}
    return group, {"A_prev": A_prev, "hparameters": sizes, "mode": mode}


EXERCISE = Exercise(
    loops=loops.pool_forward,
    vectorized=vectorized.pool_forward,
    title="Pooling, forward",
    assignment="pooling",
    section="Max and average pooling",
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
        stride_in_the_columns_only(MAX_S, MEAN_S),
        stride_twice("output shape", MAX_S, MEAN_S, *REST),
        f_for_the_stride("output shape", *VALUES, *REST),
        Mistake(
            "maximum in both modes",
            {"np.mean(a_prev_slice)": "np.max(a_prev_slice)"},
            (MEAN_1, MEAN_S),
            'The maximum is returned in both modes: mode=`"average"` is ignored.',
            "Follow what happens when mode is the word average.",
        ),
        Mistake(
            "modes swapped",
            {'mode == "max"': 'mode == "average"', 'elif mode == "average"': 'elif mode == "max"'},
            (*VALUES, "input left alone"),
            "The two modes are swapped: max gives the average, average the maximum.",
            "Follow the word max through your code: which operation does it lead to?",
        ),
        Mistake(
            "maximum started at 0",
            {"np.max(a_prev_slice)": "np.max(a_prev_slice, initial=0)"},
            (NEGATIVE,),
            "A window of negative numbers gives 0, as if its maximum started from 0.",
            "What is the largest of -3, -1 and -2?",
        ),
        Mistake(
            "largest absolute value",
            {"np.max(a_prev_slice)": "np.max(np.abs(a_prev_slice))"},
            (NEGATIVE,),
            "Negative numbers count as positive: the largest absolute value of the window is "
            "returned.",
            "Which is larger, -3 or -1, and what does max pooling keep of the two?",
        ),
        Mistake(
            "all channels pooled together",
            {WINDOW: "a_prev[vert_start:vert_end, horiz_start:horiz_end]"},
            (*VALUES, "input left alone"),
            "Every output summarizes all channels at once.",
            "Pooling treats each channel separately. Which index of the image selects the channel?",
        ),
        Mistake(
            "all images pooled together",
            {WINDOW: "A_prev[:, vert_start:vert_end, horiz_start:horiz_end, c]"},
            (*VALUES, "input left alone"),
            "Every output summarizes all images of the batch at once.",
            "Pooling treats each image separately. Which index of the batch selects the image?",
        ),
        Mistake(
            "whole image pooled",
            {WINDOW: "a_prev[:, :, c]"},
            (*VALUES, "input left alone"),
            "Every output summarizes the whole image instead of its own window.",
            "Which rows and columns of the image does one output look at?",
        ),
        Mistake(
            "sum instead of average",
            {"np.mean(a_prev_slice)": "np.sum(a_prev_slice)"},
            (MEAN_1, MEAN_S),
            "The windows are added up, not averaged: every value is `f * f` times too large.",
            "An average is a sum divided by how many numbers there are.",
        ),
        height_and_width_swapped(WINDOW, *VALUES, "input left alone"),
        ranges_exchanged("output shape", *VALUES, *REST),
        ranges_too_short(*VALUES, "input left alone"),
        rows_from_w(*VALUES, "input left alone"),
        width_from_the_height(N_H, N_W, "output shape", *VALUES, "input left alone"),
        stride_ignored_altogether(N_H, N_W, "output shape", MAX_S, MEAN_S),
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
            "Which image of the batch belongs to example `i` of the output?",
        ),
        whole_numbers("A", ZEROS, *VALUES, "input left alone"),
        end_without_stride("output shape", MAX_S, MEAN_S, *REST),
        window_of_the_stride(*VALUES, "input left alone"),
        Mistake(
            "minimum instead of maximum",
            {"np.max(a_prev_slice)": "np.min(a_prev_slice)"},
            (MAX_1, MAX_S, NEGATIVE),
            "The smallest number of each window is returned for max.",
            "Which of its numbers stands for the window in max pooling?",
        ),
        sizes_as_floats(N_H, N_W, "output shape", *VALUES, *REST),
        Mistake(
            "h and w swapped in A",
            {
                "A[i, h, w, c] = np.max": "A[i, w, h, c] = np.max",
                "A[i, h, w, c] = np.mean": "A[i, w, h, c] = np.mean",
            },
            ("output shape", *VALUES, *REST),
            "`A` is indexed by column and row, but the order is row, then column.",
            "`A` has the axes `(m, n_H, n_W, n_C)`: `h` comes before `w`.",
        ),
        Mistake(
            "cache without hparameters",
            {"cache = (A_prev, hparameters)": "cache = A_prev"},
            ("cache",),
            "The cache lacks `hparameters`, and `pool_backward` needs `f` and the stride.",
            "The docstring lists the two entries of the cache.",
        ),
        Mistake(
            "all images and channels pooled together",
            {WINDOW: "A_prev[:, vert_start:vert_end, horiz_start:horiz_end]"},
            (*VALUES, "input left alone"),
            "Every output summarizes all images of the batch and all channels at once.",
            "Which index selects the image, and which selects the channel?",
        ),
        Mistake(
            "channels taken first",
            {
                "(m, n_H_prev, n_W_prev, n_C_prev) =": "(m, n_C_prev, n_H_prev, n_W_prev) =",
                f"{N_H} + 1": "int(1 + (n_H_prev - f) / stride)",
                f"{N_W} + 1": "int(1 + (n_W_prev - f) / stride)",
                ZEROS: "np.zeros((m, n_C, n_H, n_W))",
                WINDOW: "a_prev[c, vert_start:vert_end, horiz_start:horiz_end]",
                "A[i, h, w, c] = np.max": "A[i, c, h, w] = np.max",
                "A[i, h, w, c] = np.mean": "A[i, c, h, w] = np.mean",
            },
            ("output shape", *VALUES, *REST),
            (
                "The second axis of `A_prev` and `A` is treated as the channels, but here "
                "the channels come last."
            ),
            "Libraries differ in the order of the axes. Which order does the docstring give?",
        ),
        made_anew("A", f"A = {ZEROS}", "a_prev = A_prev[i]", *VALUES, "input left alone"),
        fixed("f", 2, "output shape", *VALUES[:4]),
        fixed("f", 3, "output shape", *VALUES, "input left alone"),
        fixed("stride", 2, "output shape", *VALUES, "input left alone"),
    ),
    elsewhere={
        "The size of the output": (
            "n_W from the height",
            "size rounded up",
            "plus one forgotten",
            "sizes as floats",
            "stride ignored in the size too",
        ),
        "Channels are pooled independently": (
            "all channels pooled together",
            "maximum started at 0",
            "largest absolute value",
        ),
    },
    hints=(
        "Take one output, `A[0, 1, 2, 0]`. Which rows and columns of which channel of which image "
        "does it summarize? Then let four loops ask that for every output.",
        "The window of output `(h, w)` starts at row `h * stride` and column `w * stride` and is "
        "`f` long; the output's size is `floor((n_prev - f) / stride)` + 1.",
        "`np.max` and `np.mean` of one window of one channel give the number; mode says which. "
        "They are right for negative numbers too, so you need no start value.",
    ),
)

POOLED = image_of([[1, 3, 2, 0], [5, 2, 1, 1], [0, 1, 4, 2], [2, 0, 3, 6]])
PAGE = Page(
    terms=("pooling", "max pooling", "average pooling", "window", "stride"),
    mistakes=(
        "stride ignored",
        "maximum in both modes",
        "maximum started at 0",
        "all channels pooled together",
        "whole image pooled",
    ),
    cases=({"A_prev": POOLED, "hparameters": {"f": 2, "stride": 2}, "mode": "max"},),
    reading="With `f` = 2 and stride 2 there are four windows, which do not overlap. The "
    "first holds 1, 3, 5 and 2, and its maximum is [5]{= A[0, 0, 0, 0] }. In the mode "
    '`"average"` it would be [2.75]{= np.mean(A_prev[0, :2, :2]) }.',
)
