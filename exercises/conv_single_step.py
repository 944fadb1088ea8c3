"""conv_single_step: one filter applied to one window."""

import numpy as np

from exercises import loops, vectorized
from exercises.cases import LARGE
from exercises.page import Page, image_of
from nbexercise.defining.cases import Arguments, Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

SUM = "np.sum(s) + b.item()"


def cases(rng: Rng) -> Cases:
    """Yield windows of several sizes, some with more channels than rows.

    Two windows have large numbers, one for a positive and one for a negative result.
    """
    for f, n_C in ((3, 4), (2, 3), (1, 1)):
        yield "float64", _arguments(rng, f, n_C)
    yield "float64", _arguments(rng, 1, 1, "float32")
    yield "float64", _arguments(rng, 4, 2, bias=100, scale=LARGE)
    yield "float64", _arguments(rng, 2, 3, bias=-60, scale=LARGE)  # Z is negative
    yield "float64", _arguments(rng, 3, 1)


def _arguments(
    rng: Rng, f: int, n_C: int, dtype: str = "float64", bias: float = 3, scale: float = 1
) -> Arguments:
    arrays = {name: exact_fractions(rng, f, f, n_C) for name in ("a_slice_prev", "W")}
    arrays["b"] = exact_fractions(rng, 1, 1, 1) + bias
    arrays |= {name: arrays[name] * scale for name in ("a_slice_prev", "b")}
    return {name: array.astype(dtype) for name, array in arrays.items()}


EXERCISE = Exercise(
    loops=loops.conv_single_step,
    vectorized=vectorized.conv_single_step,
    title="One step of convolution",
    assignment="single_step",
    section="Channels and a bias",
    returns=(Return("Z", "number"),),
    cases=cases,
    checks=(
        Check("a single number", 1, "shape"),
        Check("value", 3),
        Check("input left alone", 1, "unchanged"),
    ),
    mistakes=(
        Mistake(
            "array of shape (1, 1, 1)",
            {SUM: "np.sum(s) + b"},
            ("a single number",),
            "`Z` is an array of shape `(1, 1, 1)`, not a number, as if the array `b` had been "
            "added to the sum.",
            "A number plus the array `b` is an array. How do you take the number out of an array?",
        ),
        Mistake(
            "bias forgotten",
            {SUM: "np.sum(s)"},
            ("value", "input left alone"),
            "The bias is missing: this is only the sum of the products.",
            "What is added to the sum at the very end?",
        ),
        Mistake(
            "bias added per element",
            {SUM: "np.sum(s + b)"},
            ("value", "input left alone"),
            "The bias is counted once for every product, as if it were added to each of them.",
            "A filter has one bias, and it is added once, after the sum.",
        ),
        Mistake(
            "bias added per pixel",
            {SUM: "np.sum(np.sum(s, axis=2) + b.item())"},
            ("value", "input left alone"),
            "The bias is counted `f * f` times, as if it were added inside two loops.",
            "A filter has one bias, and it is added once, after the sum.",
        ),
        Mistake(
            "sum forgotten",
            {SUM: "s + b"},
            ("a single number", "value", "input left alone"),
            "The products were not added up: `Z` is still an array of the window's shape.",
            "A step gives one number. Which operation turns the products into one number?",
        ),
        Mistake(
            "mean instead of sum",
            {SUM: "np.mean(s) + b.item()"},
            ("value", "input left alone"),
            "The products were averaged instead of added up.",
            "A single step is a sum of products plus the bias; nothing is divided.",
        ),
        Mistake(
            "window and filter added",
            {"a_slice_prev * W": "a_slice_prev + W"},
            ("value", "input left alone"),
            "The window and the filter are added instead of multiplied element by element.",
            "Each weight says how much its pixel counts. Which operation does that?",
        ),
        Mistake(
            "flipped filter",
            {"a_slice_prev * W": "a_slice_prev * W[::-1, ::-1]"},
            ("value", "input left alone"),
            "This is the result for a filter rotated by 180 degrees. CNN libraries, and this "
            "course, do not flip it.",
            "Multiply entries at the same position.",
        ),
        Mistake(
            "first channel only",
            {"a_slice_prev * W": "a_slice_prev[:, :, 0] * W[:, :, 0]"},
            ("value", "input left alone"),
            "Only the first channel was summed.",
            "The window and the filter have `n_C_prev` channels, and all of them count.",
        ),
        Mistake(
            "the published number",
            {SUM: "-6.999089450680221"},
            ("value", "input left alone"),
            "The number from the page is returned, whatever the window and the filter are.",
            "What would the function have to compute for another window?",
        ),
        Mistake(
            "results cut to whole numbers",
            {SUM: "int(np.sum(s) + b.item())"},
            ("value", "input left alone"),
            "The fraction of the result is cut off, as if it were converted to an integer.",
            "Which step would turn 2.7 into 2? Look for int and dtype.",
        ),
        Mistake(
            "bias subtracted",
            {SUM: "np.sum(s) - b.item()"},
            ("value", "input left alone"),
            "The bias was subtracted instead of added.",
            "Look at the sign in front of `b` in the formula.",
        ),
        Mistake(
            "bias as a whole number",
            {SUM: "np.sum(s) + int(b.item())"},
            ("value", "input left alone"),
            "The fraction of the bias is cut off, as if `b` were converted to an integer.",
            "Which step would turn a bias of 2.7 into 2? Look for int and dtype.",
        ),
        Mistake(
            "bias for each channel",
            {SUM: "np.sum(s) + s.shape[2] * b.item()"},
            ("value", "input left alone"),
            "The bias is added once for each channel.",
            "A filter has one bias, and it is added once, after the sum over all channels.",
        ),
    ),
    elsewhere={
        "One filter on one window": (
            "window and filter added",
            "mean instead of sum",
            "sum forgotten",
        ),
        "A bias of shape (1, 1, 1)": ("array of shape (1, 1, 1)",),
        "Is this a convolution?": ("flipped filter",),
    },
    hints=(
        "Three things happen: a product, a sum, and the bias. In which order?",
        "The product is taken element by element, and the sum runs over all three axes.",
        "`b` is an array that holds one number. b.`item()` is that number; it is added once.",
    ),
)

PAGE = Page(
    terms=("window", "filter", "element-wise", "dot product", "bias"),
    mistakes=(
        "array of shape (1, 1, 1)",
        "bias forgotten",
        "bias added per element",
        "sum forgotten",
        "flipped filter",
    ),
    cases=(
        {
            "a_slice_prev": image_of([[1, 2], [3, 4]])[0],
            "W": image_of([[1, 0], [-1, 2]])[0],
            "b": np.array([[[0.5]]]),
        },
    ),
    reading="The products are 1, 0, -3 and 8. Their sum is [6]{= np.sum(a_slice_prev * W) }, "
    "and with the bias 0.5 the result is [6.5]{= Z }. With more channels there are more "
    "products, but still one sum and one bias.",
)
