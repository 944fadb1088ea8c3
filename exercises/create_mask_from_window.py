"""create_mask_from_window: the position of a window's maximum."""

import numpy as np

from convnet.types import Array, Size
from exercises import loops, vectorized
from exercises.cases import LARGE
from exercises.page import Page
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

LINE = "x == np.max(x)"
WITH_ONE_INDEX = (
    "How many entries of the window did max pooling let through? `mask[r]` is a row, and `mask[r, "
    "q]` is an entry."
)
SHAPE, VALUES, NEGATIVE = "shape of the window", "mask", "negative windows"


def cases(rng: Rng) -> Cases:
    """Yield windows of several shapes with a unique maximum: with two, two masks would be right."""
    first = _largest(exact_fractions(rng, 2, 3, sign=1), (0, 1))
    first[1, 2] = 1  # the value of np.argmax
    yield VALUES, {"x": first}
    # The shape, and the position of the maximum: in different rows and columns, not only at an end.
    for shape, place in (((3, 2), (2, 0)), ((4, 5), (1, 4)), ((1, 1), (0, 0))):
        yield VALUES, {"x": _largest(exact_fractions(rng, *shape, sign=1), place)}
    large = LARGE * _largest(exact_fractions(rng, 2, 3, sign=1), (1, 0))  # equal after clipping
    yield VALUES, {"x": large.astype("float32")}
    for shape, place in (((3, 2), (1, 0)), ((3, 4), (0, 2)), ((4, 4), (2, 3))):
        yield NEGATIVE, {"x": _largest(exact_fractions(rng, *shape, sign=-1), place)}
    yield NEGATIVE, {"x": _largest(exact_fractions(rng, 2, 3, sign=-1), (0, 2)) - 100_000}
    mixed = _largest(exact_fractions(rng, 3, 4), (2, 1))
    mixed[0, 2] = -5  # has the largest absolute value, but the maximum is positive
    yield NEGATIVE, {"x": mixed}


def _largest(x: Array, place: Size) -> Array:
    """Swap the maximum of a window to a position."""
    row, column = np.unravel_index(x.argmax(), x.shape)
    x[row, column], x[place] = x[place], x[row, column]
    return x


EXERCISE = Exercise(
    loops=loops.create_mask_from_window,
    vectorized=vectorized.create_mask_from_window,
    title="Mask of the maximum",
    assignment="backprop",
    section="Max pooling: the mask",
    returns=(Return("mask", "mask"),),
    cases=cases,
    checks=(
        Check("shape of the window", 1, "shape"),
        Check("mask", 2, groups=("mask",)),
        Check("negative windows", 1, groups=("negative windows",)),
        Check("input left alone", 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "minimum marked",
            {LINE: "x == np.min(x)"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks the smallest entry instead of the largest.",
            "Which entry did max pooling let through?",
        ),
        Mistake(
            "maximum of each column",
            {LINE: "x == np.max(x, axis=0)"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks the largest entry of every column.",
            "There is one maximum for the whole window.",
        ),
        Mistake(
            "maximum of each row",
            {LINE: "x == np.max(x, axis=1, keepdims=True)"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks the largest entry of every row.",
            "There is one maximum for the whole window.",
        ),
        Mistake(
            "largest absolute value",
            {LINE: "np.abs(x) == np.max(np.abs(x))"},
            (NEGATIVE,),
            "The mask marks the entry that is farthest from zero, whatever its sign.",
            "Which is larger, -3 or 1?",
        ),
        Mistake(
            "maximum of absolute values",
            {LINE: "x == np.max(np.abs(x))"},
            (NEGATIVE,),
            "Nothing is marked if the entry farthest from zero is negative, as if the entries "
            "were compared with the largest absolute value.",
            "In a window of -3, 1 and 2, which entry should be marked, and which number equals it?",
        ),
        Mistake(
            "place of the maximum",
            {LINE: "x == np.argmax(x)"},
            (VALUES, NEGATIVE, "input left alone"),
            "Entries equal to the position of the maximum are marked, as if they were compared "
            "with `np.argmax(x)` instead of the maximum itself.",
            "Which number do you look for in the window: the largest one, or its position?",
        ),
        Mistake(
            "maximum started at 0",
            {LINE: "x == np.max(x, initial=0)"},
            (NEGATIVE,),
            "Nothing is marked in a window of negative numbers, as if the maximum started from 0.",
            "What is the largest of -3, -1 and -2?",
        ),
        Mistake(
            "search started at 0",
            {LINE: "np.arange(x.size).reshape(x.shape) == np.argmax(np.maximum(x, 0))"},
            (NEGATIVE,),
            "In a window of negative numbers the first entry is marked, as if the search for the "
            "maximum started from 0: no entry is larger.",
            "With which number of the window can the search for its maximum begin?",
        ),
        Mistake(
            "row of the maximum",
            {LINE: "(x == np.max(x)).any(axis=1, keepdims=True) | (x == np.max(x))"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks the whole row of the maximum.",
            WITH_ONE_INDEX,
        ),
        Mistake(
            "rows of the maxima of the columns",
            {
                LINE: "np.isin(np.arange(len(x)), np.argmax(x, axis=0))[:, np.newaxis]"
                " | np.zeros(x.shape, dtype=bool)"
            },
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks whole rows: each row that holds the maximum of some column.",
            WITH_ONE_INDEX,
        ),
        Mistake(
            "earlier candidates",
            {
                LINE: "np.append(True, np.diff(np.maximum.accumulate(x.ravel())) > 0)"
                ".reshape(x.shape)"
            },
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks every entry that is larger than all entries before it: earlier "
            "candidates stay `True`.",
            "What must happen to the earlier mark when a larger entry is found?",
        ),
        Mistake(
            "entries strictly above the mean",
            {LINE: "x > np.mean(x)"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks every entry that is larger than the mean of the window.",
            "How many entries of a window did max pooling let through?",
        ),
        Mistake(
            "entries above the mean",
            {LINE: "x >= np.mean(x)"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks every entry that is as large as the mean of the window or larger.",
            "How many entries of a window did max pooling let through?",
        ),
        Mistake(
            "indices instead of a mask",
            {LINE: "np.argwhere(x == np.max(x))"},
            (SHAPE, VALUES, NEGATIVE, "input left alone"),
            "The row and the column of the maximum are returned instead of a mask.",
            "A mask has the shape of the window, and holds `True` or `False` for each entry.",
        ),
        Mistake(
            "everything but the maximum",
            {LINE: "x != np.max(x)"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask is inverted: it is `True` everywhere except at the maximum.",
            "`True` belongs where the entry equals the maximum.",
        ),
        Mistake(
            "the maximum itself",
            {LINE: "x * (x == np.max(x))"},
            (VALUES, NEGATIVE, "input left alone"),
            "The array holds the maximum itself where the mask should hold `True`.",
            "A mask says where; it holds `True` and `False`, or 1 and 0.",
        ),
        Mistake(
            "the published mask",
            {LINE: "np.arange(x.size).reshape(x.shape) == 0"},
            (VALUES, NEGATIVE, "input left alone"),
            "The first entry is always marked, as on the page, wherever the maximum is.",
            "What would the mask be if the largest entry came last?",
        ),
        Mistake(
            "positive entries marked",
            {LINE: "x > 0"},
            (VALUES, NEGATIVE, "input left alone"),
            "The mask marks every positive entry.",
            "Only the largest entry of the window is wanted.",
        ),
    ),
    hints=(
        "What is the largest number in the window, and which entries are equal to it?",
        "`np.max(x)` gives one number for the whole array.",
        (
            "Comparing an array with a number by `==` gives an array of `True` and `False` of its "
            "shape."
        ),
    ),
)

PAGE = Page(
    terms=("mask", "max pooling", "tie"),
    mistakes=(
        "maximum of each row",
        "largest absolute value",
        "maximum started at 0",
        "place of the maximum",
        "the maximum itself",
    ),
    cases=({"x": np.array([[1.0, 5.0, 2.0], [0.0, -3.0, 4.0]])},),
    reading=(
        "The largest entry is [5]{= x.max() }. The picture shows `True` as 1 and `False` as 0."
    ),
)
