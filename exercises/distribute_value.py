"""distribute_value: one number spread evenly over a window."""

from exercises import loops, vectorized
from exercises.cases import LARGE, WHOLE
from exercises.page import Page
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

AVERAGE, FULL = "dz / (n_H * n_W)", "np.full(shape, average)"
SHAPE, VALUES = "shape asked for", "equal shares"
ALL = (VALUES, WHOLE)


def cases(rng: Rng) -> Cases:
    """Yield numbers of every kind, sign and size; no 2x2 window, since 2 + 2 equals 2 * 2."""
    for shape in ((2, 3), (3, 4), (5, 3)):
        yield VALUES, {"dz": exact_fractions(rng, 4, sign=1)[0].item(), "shape": shape}
    yield VALUES, {"dz": LARGE * exact_fractions(rng, 4, sign=1)[0].item(), "shape": (1, 4)}
    yield VALUES, {"dz": -LARGE * exact_fractions(rng, 4, sign=1)[0].item(), "shape": (2, 3)}
    yield WHOLE, {"dz": int(rng.choice([7, 8, 10, 11])), "shape": (3, 3)}
    yield VALUES, {"dz": -100.5, "shape": (3, 1)}
    yield VALUES, {"dz": -7.25, "shape": (1, 1)}


EXERCISE = Exercise(
    loops=loops.distribute_value,
    vectorized=vectorized.distribute_value,
    title="A value spread over a window",
    assignment="backprop",
    section="Average pooling: equal contributions",
    returns=(Return("a"),),
    cases=cases,
    checks=(
        Check(SHAPE, 2, "shape", groups=(VALUES,)),
        Check(VALUES, 2, groups=(VALUES,)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
    ),
    mistakes=(
        Mistake(
            "divided by the sum of the sides",
            {AVERAGE: "dz / (n_H + n_W)"},
            ALL,
            "The value is divided by `n_H + n_W`. That is right for 2x2 windows, by coincidence.",
            "How many entries does a window of 3 rows and 4 columns have?",
        ),
        Mistake(
            "not divided",
            {AVERAGE: "dz"},
            ALL,
            "Every entry holds the whole value, so their sum is too large.",
            "The entries of the window add up to `dz`.",
        ),
        Mistake(
            "divided by the height",
            {AVERAGE: "dz / n_H"},
            ALL,
            "The value is divided by the number of rows only.",
            "How many entries does the window have?",
        ),
        Mistake(
            "divided by the width",
            {AVERAGE: "dz / n_W"},
            ALL,
            "The value is divided by the number of columns only.",
            "How many entries does the window have?",
        ),
        Mistake(
            "the published number",
            {AVERAGE: "0.5"},
            ALL,
            "Every entry holds 0.5, as on the page, for every value and every window.",
            "What would 12 be, spread over 2 rows and 3 columns?",
        ),
        Mistake(
            "divided by the height squared",
            {AVERAGE: "dz / n_H**2"},
            ALL,
            "The value is divided by the height squared. That is right only for square windows.",
            "How many entries does a window of 3 rows and 4 columns have?",
        ),
        Mistake(
            "whole division",
            {AVERAGE: "dz // (n_H * n_W)"},
            ALL,
            "The shares are rounded down to whole numbers, as `//` does.",
            "Sizes are whole numbers, but gradients are not.",
        ),
        Mistake(
            "height and width swapped",
            {FULL: "np.full((n_W, n_H), average)"},
            (SHAPE, *ALL),
            "The array has `n_W` rows and `n_H` columns: the two are swapped.",
            "shape is `(n_H, n_W)`, and arrays take their height first.",
        ),
        Mistake(
            "a square",
            {FULL: "np.full((n_H, n_H), average)"},
            (SHAPE, *ALL),
            "The array is square, with the height on both axes; the width is left out.",
            "The array should have the shape that was passed to the function.",
        ),
        Mistake(
            "one entry only",
            {FULL: "np.zeros(shape)\n    a[0, 0] = average"},
            ALL,
            "Only the first entry holds its share; the others are zero.",
            "Every entry of the window gets an equal share.",
        ),
        Mistake(
            "the reciprocal",
            {AVERAGE: "(n_H * n_W) / dz"},
            ALL,
            "The number of entries is divided by the value, instead of the other way round.",
            "If 12 is spread over 6 entries, is each of them 2 or a half?",
        ),
        Mistake(
            "multiplied",
            {AVERAGE: "dz * n_H * n_W"},
            ALL,
            "The value is multiplied by the number of entries instead of divided.",
            "The entries of the window add up to `dz`.",
        ),
        Mistake(
            "dz left out",
            {AVERAGE: "1 / (n_H * n_W)"},
            ALL,
            "The entries add up to 1, whatever `dz` is.",
            "Which of the two arguments has no effect on your result?",
        ),
        Mistake(
            "divided by the length of the shape",
            {AVERAGE: "dz / len(shape)"},
            ALL,
            "The value is divided by 2, whatever the window, as if by `len(shape)`: shape is a "
            "tuple of two numbers.",
            "How many entries does a window of 3 rows and 4 columns have?",
        ),
        Mistake(
            "divided by the width squared",
            {AVERAGE: "dz / n_W**2"},
            ALL,
            "The value is divided by the width squared. That is right only for square windows.",
            "How many entries does a window of 3 rows and 4 columns have?",
        ),
        Mistake(
            "one divided by the value",
            {AVERAGE: "1 / dz"},
            ALL,
            "Every entry holds `1 / dz`, whatever the window: 1 is divided by `dz`.",
            "Spread 12 over 2 rows and 3 columns: which number is divided, and by which?",
        ),
        Mistake(
            "divided by 4",
            {AVERAGE: "dz / 4"},
            ALL,
            "The value is divided by 4, whatever the window: only some windows have 4 entries.",
            "How many entries does a window of 3 rows and 4 columns have?",
        ),
        Mistake(
            "dtype of the value",
            {FULL: "np.full(shape, average, dtype=type(dz))"},
            (WHOLE,),
            (
                "Where `dz` is an integer, the fractions are cut off, as if the array had the "
                "type of `dz`."
            ),
            "An array made by `np.full(shape, dz)` takes its type from `dz`. Which type do the "
            "shares need?",
        ),
    ),
    hints=(
        "If 12 is spread over a window of 2 rows and 3 columns, what does each entry hold?",
        "Each entry is `dz` divided by the number of entries, which is a product.",
        "`np.full` makes an array of a given shape that holds one number everywhere.",
    ),
)

PAGE = Page(
    terms=("average pooling", "window", "upstream gradient"),
    mistakes=(
        "not divided",
        "divided by the sum of the sides",
        "height and width swapped",
        "whole division",
    ),
    cases=({"dz": 10.0, "shape": (2, 5)},),
    reading="The window has [10]{= a.size } entries, each gets an equal part of 10, and all of "
    "them together are [10]{= a.sum() } again.",
)
