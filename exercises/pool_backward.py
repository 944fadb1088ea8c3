"""pool_backward: the backward pass of max and average pooling."""

import numpy as np

from exercises import loops, pool_forward, vectorized
from exercises.cases import LARGE
from exercises.page import Page, image_of
from exercises.pool_forward import MAX_1, MAX_S, MEAN_1, MEAN_S, NEGATIVE, POOLED, VALUES, WINDOW
from exercises.windows import (
    ANSWERS_DIFFER,
    f_for_the_stride,
    fixed,
    height_and_width_swapped,
    made_anew,
    ranges_exchanged,
    ranges_too_short,
    rows_from_w,
    stride_ignored,
    stride_in_the_columns_only,
    stride_in_the_rows_only,
    stride_twice,
)
from nbexercise.defining.cases import CasesWithDefaults, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

ALL_CHANNELS = WINDOW.replace(", c]", "]")
MASKED, SPREAD = "create_mask_from_window(window) * da", "distribute_value(da, (f, f))"
CUT = "dA[i, vert_start:vert_end, horiz_start:horiz_end, c]"
CUT_HINT = "A window of `A_prev` gave one number of `A`. Which entry of `dA` is its gradient?"
ADD = "dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share"

REST = "input left alone"


def cases(rng: Rng) -> CasesWithDefaults:
    """Yield the cases of the forward pass with a gradient of the output.

    The gradient is large in the cases with a large A_prev.
    """
    for group, forward, *optional in pool_forward.cases(rng):
        scale = LARGE if np.abs(forward["A_prev"]).max() > 4 else 1  # plain fractions are below 4
        A, cache = vectorized.pool_forward(**forward)
        # Plus a half, so that no sum of gradients is zero by chance.
        dA = (exact_fractions(rng, *A.shape) + 0.5).astype(A.dtype) * scale
        mode = {name: forward[name] for name in ("mode",) if name in forward}
        arguments = {"dA": dA, "cache": cache, **mode}
        yield group, arguments, *optional  # type: ignore[misc] # mypy does not count them


EXERCISE = Exercise(
    loops=loops.pool_backward,
    vectorized=vectorized.pool_backward,
    title="Pooling, backward",
    assignment="backprop",
    section="A pooling layer by hand",
    returns=(Return("dA_prev"),),
    cases=cases,
    checks=(
        Check("output shape", 1, "shape"),
        Check(MAX_1, 3, groups=(MAX_1,)),
        Check(MAX_S, 3, groups=(MAX_S,)),
        Check(MEAN_1, 3, groups=(MEAN_1,)),
        Check(MEAN_S, 3, groups=(MEAN_S,)),
        Check(NEGATIVE, 1, groups=(NEGATIVE,)),
        Check(REST, 1, "unchanged"),
    ),
    mistakes=(
        stride_ignored(MAX_S, MEAN_S, backward=True),
        stride_in_the_rows_only(MAX_S, MEAN_S),
        stride_in_the_columns_only(MAX_S, MEAN_S),
        stride_twice("output shape", MAX_S, MEAN_S, REST, backward=True),
        f_for_the_stride("output shape", *VALUES, REST),
        ranges_exchanged("output shape", *VALUES, REST),
        ranges_too_short(*VALUES, REST),
        rows_from_w("output shape", *VALUES, REST),
        Mistake(
            "dA cut like A_prev",
            {"da = dA[i, h, w, c]": f"da = {CUT}"},
            ("output shape", *VALUES, REST),
            "`dA` is sliced with the corners of a window of `A_prev`, but it holds one number for "
            "each window.",
            CUT_HINT,
        ),
        Mistake(
            "dA cut like A_prev for max",
            {MASKED: f"create_mask_from_window(window) * {CUT}"},
            ("output shape", MAX_1, MAX_S, NEGATIVE, REST),
            "In max mode `dA` is sliced with the corners of a window of `A_prev`, but it holds "
            "one number for each window.",
            CUT_HINT,
        ),
        Mistake(
            "maximum in both modes",
            {SPREAD: f"create_mask_from_window({WINDOW}) * da"},
            (MEAN_1, MEAN_S),
            'The gradient goes to the maximum in both modes: mode=`"average"` is ignored.',
            "Follow what happens when mode is the word average.",
        ),
        Mistake(
            "average in both modes",
            {MASKED: SPREAD},
            (MAX_1, MAX_S, NEGATIVE),
            'The gradient is spread evenly in both modes: mode=`"max"` is ignored.',
            "Follow what happens when mode is the word max.",
        ),
        Mistake(
            "modes swapped",
            {'mode == "max"': 'mode == "average"', 'elif mode == "average"': 'elif mode == "max"'},
            (*VALUES, REST),
            "The two modes are swapped: max spreads the gradient evenly, average sends it to the "
            "maximum.",
            "Follow the word max through your code: which operation does it lead to?",
        ),
        Mistake(
            "overwritten where windows overlap",
            {ADD: ADD.replace("+=", "=")},
            (*VALUES, REST),
            "Where windows overlap, only the contribution of the last one is kept.",
            "A pixel in several windows gets a contribution from each of them.",
        ),
        Mistake(
            "averages overwritten where windows overlap",
            {
                f"                    {ADD}": f"""\
                    {ADD.replace("+= share", '+= share * (mode == "max")')}
                    if mode == "average":
                        {ADD.replace("+=", "=")}"""
            },
            (MEAN_1, MEAN_S),
            "In average mode only the contribution of the last window is kept where windows "
            "overlap.",
            "A pixel in several windows gets a contribution from each of them, in both modes.",
        ),
        Mistake(
            "maxima overwritten where windows overlap",
            {
                f"                    {ADD}": f"""\
                    {ADD.replace("+= share", '+= share * (mode == "average")')}
                    if mode == "max":
                        {ADD.replace("+=", "=")}"""
            },
            (MAX_1, MAX_S, NEGATIVE),
            "In max mode only the contribution of the last window is kept where windows overlap.",
            "A pixel in several windows gets a contribution from each of them, in both modes.",
        ),
        Mistake(
            "gradient not divided",
            {SPREAD: "np.ones((f, f)) * da"},
            (MEAN_1, MEAN_S),
            "In average mode every pixel gets the whole gradient, not an equal part of it.",
            "Each of the `f * f` pixels had only a small part in the average.",
        ),
        Mistake(
            "divided by f + f",
            {SPREAD: "np.full((f, f), da / (f + f))"},
            (MEAN_1, MEAN_S),
            "The gradient is divided by `f + f`. That is right for 2x2 windows, by coincidence.",
            "How many pixels does a window of `f` rows and `f` columns have?",
        ),
        Mistake(
            "h and w swapped in dA",
            {"da = dA[i, h, w, c]": "da = dA[i, w, h, c]"},
            ("output shape", *VALUES, REST),
            "`dA` is indexed by column and row, but the order is row, then column.",
            "`dA` has the axes `(m, n_H, n_W, n_C)`: `h` comes before `w`.",
        ),
        Mistake(
            "the maximum instead of the gradient",
            {MASKED: "create_mask_from_window(window) * window"},
            (MAX_1, MAX_S, NEGATIVE),
            "The pixel of the maximum gets its own value instead of the gradient.",
            "The upstream gradient is `dA`; the mask only says where it goes.",
        ),
        Mistake(
            "the sum of the window instead of the gradient",
            {SPREAD: f"distribute_value(np.sum({WINDOW}), (f, f))"},
            (MEAN_1, MEAN_S),
            "In average mode every pixel gets the average of its window instead of an equal part "
            "of the gradient.",
            "The upstream gradient is `dA`: which entry of it belongs to this window?",
        ),
        Mistake(
            "the window instead of the mask",
            {MASKED: "window * da"},
            (MAX_1, MAX_S, NEGATIVE),
            "Every pixel of a window gets the gradient times its own value: there is no mask.",
            "Only one pixel of a window had a part in its maximum. What marks it?",
        ),
        Mistake(
            "one mask for all channels",
            {MASKED: f"create_mask_from_window({ALL_CHANNELS})[:, :, c] * da"},
            (MAX_1, MAX_S, NEGATIVE),
            "Only the channel with the largest entry of a window gets a gradient, as if the mask "
            "were made from all channels together.",
            "Pooling treats each channel separately. Which index of the image selects the channel?",
        ),
        Mistake(
            "mean of the gradients",
            {MASKED: "create_mask_from_window(window) * np.mean(dA[i, :, :, c])"},
            (MAX_1, MAX_S, NEGATIVE),
            "The pixel of the maximum gets the mean of `dA` over all positions instead of the "
            "gradient of its window.",
            "Which entry of `dA` belongs to the window at row `h` and column `w`?",
        ),
        Mistake(
            "the mask alone",
            {MASKED: "create_mask_from_window(window)"},
            (MAX_1, MAX_S, NEGATIVE),
            "The pixel of the maximum gets 1 instead of the gradient.",
            "The upstream gradient is `dA`; the mask only says where it goes.",
        ),
        height_and_width_swapped(WINDOW, "output shape", MAX_1, MAX_S, NEGATIVE, REST),
        Mistake(
            "started from random numbers",
            {"np.zeros(A_prev.shape)": "np.random.randn(*A_prev.shape)"},
            (*VALUES, REST),
            *ANSWERS_DIFFER,
        ),
        Mistake(
            "first image only",
            {"a_prev = A_prev[i]": "a_prev = A_prev[0]"},
            (MAX_1, MAX_S, NEGATIVE),
            "The masks are made from the first image of the batch.",
            "Which image of the batch belongs to example `i` of `dA`?",
        ),
        Mistake(
            "one gradient for all channels",
            {"da = dA[i, h, w, c]": "da = dA[i, h, w, 0]"},
            (*VALUES, REST),
            "Every channel gets the gradient of the first one.",
            "Channel `c` of the output came from channel `c` of the input.",
        ),
        Mistake(
            "started from A_prev",
            {"np.zeros(A_prev.shape)": "A_prev.copy()"},
            (*VALUES, REST),
            "The activations are added to `dA_prev`, as if it started from `A_prev` instead of "
            "zeros.",
            "Before the first output has contributed, what is the sum of the contributions?",
        ),
        made_anew(
            "dA_prev", "dA_prev = np.zeros(A_prev.shape)", "a_prev = A_prev[i]", *VALUES, REST
        ),
        fixed("f", 2, "output shape", *VALUES[:4], REST),
        fixed("f", 3, "output shape", *VALUES, REST),
        fixed("stride", 2, "output shape", *VALUES, REST),
    ),
    elsewhere={
        "Exercise: pool_backward": (
            "stride ignored",
            "stride in the rows only",
            "stride in the columns only",
            "stride counted twice",
            "f taken for the stride",
        ),
        "Max pooling: the mask": (
            "average in both modes",
            "the maximum instead of the gradient",
            "the window instead of the mask",
            "one mask for all channels",
            "mean of the gradients",
            "the mask alone",
        ),
        "Average pooling: equal contributions": (
            "maximum in both modes",
            "gradient not divided",
            "divided by f + f",
            "the sum of the window instead of the gradient",
        ),
    },
    hints=(
        "Which pixel of a window had a part in its maximum, and which had one in its average?",
        "Loop over the outputs as in the forward pass. Each adds something of size `f` by `f` to "
        "its own window of `dA_prev`.",
        "For max that is the mask of the window times `dA[i, h, w, c]`; for average it is "
        "`distribute_value` of `dA[i, h, w, c]` over `(f, f)`. Add with `+=`, from zeros.",
    ),
    helpers={
        "create_mask_from_window": loops.create_mask_from_window,
        "distribute_value": loops.distribute_value,
    },
)

PAGE = Page(
    terms=("backpropagation", "upstream gradient", "max pooling", "average pooling", "mask"),
    mistakes=(
        "average in both modes",
        "overwritten where windows overlap",
        "gradient not divided",
        "stride ignored",
        "one mask for all channels",
    ),
    cases=(
        {
            "dA": image_of([[1, 2], [3, 4]]),
            "cache": (POOLED, {"f": 2, "stride": 2}),
            "mode": "max",
        },
    ),
    reading="Each entry of `dA` goes to the position of the maximum in its window: the 1 to "
    "where `A_prev` holds [5]{= A_prev[0, 1, 0, 0] }, the 4 to where it holds "
    "[6]{= A_prev[0, 3, 3, 0] }. All other pixels get 0, because a small "
    "change to them does not change any maximum.",
)
