"""pool_backward: the gradient of the output, carried back through maximum or average."""

from exercises import loops, pool_forward, vectorised
from exercises.cases import CasesWithDefaults, Rng, exact_fractions
from exercises.exercise import Check, Exercise, Mistake, Return
from exercises.pool_forward import MAX_1, MAX_S, MEAN_1, MEAN_S, NEGATIVE, VALUES, WINDOW
from exercises.windows import (
    ANSWERS_DIFFER,
    f_for_the_stride,
    height_and_width_swapped,
    ranges_exchanged,
    stride_ignored,
    stride_in_the_columns_only,
    stride_in_the_rows_only,
    stride_twice,
)

MASKED, SPREAD = "create_mask_from_window(window) * da", "distribute_value(da, (f, f))"
ADD = "dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += share"

REST = "input left alone"


def cases(rng: Rng) -> CasesWithDefaults:
    """Those of the forward pass, with a gradient of the output."""
    for group, forward, *optional in pool_forward.cases(rng):
        A, cache = vectorised.pool_forward(**forward)
        # Plus a half, so that no sum of gradients is zero by chance.
        dA = (exact_fractions(rng, *A.shape) + 0.5).astype(A.dtype)
        mode = {name: forward[name] for name in ("mode",) if name in forward}
        arguments = {"dA": dA, "cache": cache, **mode}
        yield group, arguments, *optional  # type: ignore[misc] # mypy does not count them


EXERCISE = Exercise(
    loops=loops.pool_backward,
    vectorised=vectorised.pool_backward,
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
        Mistake(
            "maximum in both modes",
            {SPREAD: f"create_mask_from_window({WINDOW}) * da"},
            (MEAN_1, MEAN_S),
            'The gradient goes to the maximum in both modes: mode="average" is not honoured.',
            "Follow what happens when mode is the word average.",
        ),
        Mistake(
            "average in both modes",
            {MASKED: SPREAD},
            (MAX_1, MAX_S, NEGATIVE),
            'The gradient is spread evenly in both modes: mode="max" is not honoured.',
            "Follow what happens when mode is the word max.",
        ),
        Mistake(
            "overwritten where windows overlap",
            {ADD: ADD.replace("+=", "=")},
            (*VALUES, REST),
            "Where windows overlap, only the share of the last one is kept.",
            "A pixel that several windows saw gets a share from each of them.",
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
            "In average mode only the share of the last window is kept where windows overlap.",
            "A pixel that several windows saw gets a share from each of them, in both modes.",
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
            "In max mode only the share of the last window is kept where windows overlap.",
            "A pixel that several windows saw gets a share from each of them, in both modes.",
        ),
        Mistake(
            "gradient not divided",
            {SPREAD: "np.ones((f, f)) * da"},
            (MEAN_1, MEAN_S),
            "In average mode every pixel gets the whole gradient instead of its share.",
            "Each of the f * f pixels had only a small part in the average.",
        ),
        Mistake(
            "divided by f + f",
            {SPREAD: "np.full((f, f), da / (f + f))"},
            (MEAN_1, MEAN_S),
            "The gradient is divided by f + f. That is right for 2x2 windows, by coincidence.",
            "How many pixels does a window of f rows and f columns have?",
        ),
        Mistake(
            "h and w swapped in dA",
            {"da = dA[i, h, w, c]": "da = dA[i, w, h, c]"},
            ("output shape", *VALUES, REST),
            "dA is indexed by column and row, where it should be row and column.",
            "dA has the axes (m, n_H, n_W, n_C): h comes before w.",
        ),
        Mistake(
            "the maximum instead of the gradient",
            {MASKED: "create_mask_from_window(window) * window"},
            (MAX_1, MAX_S, NEGATIVE),
            "The pixel of the maximum gets its own value instead of the gradient.",
            "What arrives from behind is dA; the mask only says where it goes.",
        ),
        Mistake(
            "the window instead of the mask",
            {MASKED: "window * da"},
            (MAX_1, MAX_S, NEGATIVE),
            "Every pixel of a window gets the gradient times its own value: there is no mask.",
            "Only one pixel of a window had a part in its maximum. What marks it?",
        ),
        Mistake(
            "the mask alone",
            {MASKED: "create_mask_from_window(window)"},
            (MAX_1, MAX_S, NEGATIVE),
            "The pixel of the maximum gets 1 instead of the gradient.",
            "What arrives from behind is dA; the mask only says where it goes.",
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
            "Inside the loop over the examples, which image is meant?",
        ),
        Mistake(
            "one gradient for all channels",
            {"da = dA[i, h, w, c]": "da = dA[i, h, w, 0]"},
            (*VALUES, REST),
            "Every channel gets the gradient of the first one.",
            "Channel c of the output came from channel c of the input.",
        ),
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
            "the mask alone",
        ),
        "Average pooling: equal contributions": (
            "maximum in both modes",
            "gradient not divided",
            "divided by f + f",
        ),
    },
    hints=(
        "Which pixel of a window had a part in its maximum, and which had one in its average?",
        "Loop over the outputs as in the forward pass. Each adds something of size f by f to its "
        "own window of dA_prev.",
        "For max that is the mask of the window times dA[i, h, w, c]; for average it is "
        "distribute_value of dA[i, h, w, c] over (f, f). Add with +=, from zeros.",
    ),
    helpers={
        "create_mask_from_window": loops.create_mask_from_window,
        "distribute_value": loops.distribute_value,
    },
)
