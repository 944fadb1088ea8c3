"""output_size: the number of positions of a kernel along one axis."""

from typing import no_type_check

from exercises import vectorized
from exercises.page import Page
from nbexercise.defining.cases import Cases, Drawn, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

LINE = "(n - f + 2 * pad) // stride + 1"
ONE, LARGER = "stride 1", "larger strides"
ALL = (ONE, LARGER)

# The domain: every seed tries these kernels (f, stride, pad) with every remainder of the stride, on
# axes drawn at random, and these edge cases (n, f, stride, pad).
KERNELS = (
    *((3, 1, 0), (1, 1, 0), (5, 1, 2), (4, 1, 1), (2, 1, 3)),
    *((2, 2, 0), (3, 2, 1), (5, 2, 0), (7, 2, 3), (5, 3, 2), (4, 3, 1), (11, 4, 2)),
    *((2, 3, 0), (1, 4, 0)),  # strides larger than the kernel
)
EDGES = (
    *((5, 5, 1, 0), (4, 4, 3, 0), (1, 1, 2, 0)),  # an input of the kernel's size
    *((2, 5, 1, 2), (3, 4, 2, 2), (1, 3, 2, 1)),  # an input smaller than the kernel
    *((7, 4, 5, 0), (5, 3, 8, 1)),  # one position, with a remainder
    *((6, 2, 1, 4), (5, 3, 2, 5)),  # a padding larger than the kernel
    *((224, 3, 1, 1), (225, 11, 4, 0)),
)


@no_type_check
def output_size(n, f, stride, pad):
    """
    Count the positions of a kernel along one axis.

    Arguments:
    n -- size of the input along this axis, an integer
    f -- size of the kernel, an integer of at most n + 2 * pad
    stride -- distance from one position of the kernel to the next, an integer
    pad -- number of zeros on each side, an integer

    Returns:
    size -- size of the output along this axis, an integer
    """
    ### BEGIN SOLUTION
    size = (n - f + 2 * pad) // stride + 1
    ### END SOLUTION

    return size


def cases(rng: Rng) -> Cases:
    for f, stride, pad in KERNELS:
        n = stride * int(rng.integers(12 // stride, 30 // stride))
        for more in range(stride):
            yield _case(n + more, f, stride, pad)
    yield _case(int(rng.integers(30, 60)), 3, 1, 0)  # the first kernel on a longer axis
    for edge in EDGES:
        yield _case(*edge)


def _case(n: int, f: int, stride: int, pad: int) -> Drawn:
    group = ONE if stride == 1 else LARGER
    return group, {"n": n, "f": f, "stride": stride, "pad": pad}


EXERCISE = Exercise(
    loops=output_size,
    vectorized=vectorized.output_size,
    title="Size of an output",
    assignment="arithmetic",
    section="Output size",
    returns=(Return("size", "number"),),
    cases=cases,
    checks=(
        Check("a single number", 1, "shape"),
        Check(ONE, 2, groups=(ONE,)),
        Check(LARGER, 2, groups=(LARGER,)),
    ),
    mistakes=(
        Mistake(
            "plus one forgotten",
            {LINE: "(n - f + 2 * pad) // stride"},
            ALL,
            "The size is one too small, as if the first position were not counted.",
            "How many windows of size `f` fit into an axis of size `f`?",
        ),
        Mistake(
            "one too many",
            {LINE: "(n - f + 2 * pad) // stride + 2"},
            ALL,
            "The size is one too large.",
            "How many windows of size `f` fit into an axis of size `f`?",
        ),
        Mistake(
            "padding on one side",
            {LINE: "(n - f + pad) // stride + 1"},
            ALL,
            "The padding is counted once, but there are pad zeros on each side.",
            "How long is an axis of 5 pixels with 1 zero on each side?",
        ),
        Mistake(
            "padding left out",
            {LINE: "(n - f) // stride + 1"},
            ALL,
            "The padding does not influence your result.",
            "The kernel slides over the padded input. How long is the padded axis?",
        ),
        Mistake(
            "padding added after the division",
            {LINE: "(n - f) // stride + 2 * pad + 1"},
            (LARGER,),
            "The size is that of an axis without padding, plus `2 * pad`: the padding is not "
            "divided by the stride.",
            "The kernel also moves over the padding in steps of the stride. How long is the padded "
            "axis?",
        ),
        Mistake(
            "stride left out",
            {LINE: "n - f + 2 * pad + 1"},
            (LARGER,),
            "The stride does not influence your result.",
            "With stride 2, at which positions can the kernel start?",
        ),
        Mistake(
            "size rounded up",
            {LINE: "-(-(n - f + 2 * pad) // stride) + 1"},
            (LARGER,),
            "The result is rounded up, so it counts a window that extends beyond the end.",
            "Only windows that fit entirely count. In which direction do you have to round?",
        ),
        Mistake(
            "size rounded to the nearest",
            {LINE: "round((n - f + 2 * pad) / stride) + 1"},
            (LARGER,),
            "The result is rounded to the nearest integer, which is sometimes the one above.",
            "Only windows that fit entirely count. In which direction do you have to round?",
        ),
        Mistake(
            "size not rounded",
            {LINE: "(n - f + 2 * pad) / stride + 1"},
            (LARGER,),
            "The result is not rounded: it has a fraction where the stride leaves a remainder.",
            "There are no half windows. Which division in Python gives integers?",
        ),
        Mistake(
            "brackets forgotten",
            {LINE: "n - f + 2 * pad // stride + 1"},
            (LARGER,),
            "Only `2 * pad` is divided by the stride, as if parentheses were missing.",
            "In Python, `//` comes before + and -. What must be computed first?",
        ),
        Mistake(
            "stride plus one",
            {LINE: "(n - f + 2 * pad) // (stride + 1)"},
            ALL,
            "The result is a quotient by `stride + 1`, as if the 1 belonged to the stride.",
            "The first window exists for every stride. Where does its 1 belong?",
        ),
        Mistake(
            "padding subtracted",
            {LINE: "(n - f - 2 * pad) // stride + 1"},
            ALL,
            "The padding is subtracted, but it makes the axis longer.",
            "How long is an axis of 5 pixels with 1 zero on each side?",
        ),
        Mistake(
            "one added before the division",
            {LINE: "(n - f + 2 * pad + 1) // stride"},
            (LARGER,),
            "The 1 is divided by the stride too, as if it were added before the division.",
            "The first window exists for every stride. Where does its 1 belong?",
        ),
        Mistake(
            "f added",
            {LINE: "(n + f + 2 * pad) // stride + 1"},
            ALL,
            "`f` was added, so a larger kernel has more positions.",
            "Does a larger kernel have more positions, or fewer?",
        ),
        Mistake(
            "window left out",
            {LINE: "(n + 2 * pad) // stride + 1"},
            ALL,
            "The size of the kernel does not influence your result.",
            "Where is the last cell at which a window of size `f` can start?",
        ),
    ),
    hints=(
        "Draw an axis of 7 cells and a kernel of 3. At which cells can a window start with stride "
        "1, and at which with stride 2?",
        "The last cell at which a window can start is the padded size minus `f`.",
        "Count the strides up to that cell, rounded down, and add one for the first window.",
    ),
)

PAGE = Page(
    terms=("output size", "kernel size", "stride", "padding", "valid padding"),
    mistakes=(
        "plus one forgotten",
        "padding on one side",
        "brackets forgotten",
        "size rounded up",
        "stride left out",
    ),
    cases=(
        {"n": 5, "f": 3, "stride": 1, "pad": 0},
        {"n": 5, "f": 3, "stride": 1, "pad": 1},
        {"n": 9, "f": 3, "stride": 2, "pad": 0},
        {"n": 10, "f": 3, "stride": 2, "pad": 0},
    ),
    reading="The last two rows have the same result: on an axis of 10 pixels the last pixel is "
    "never read.",
)
