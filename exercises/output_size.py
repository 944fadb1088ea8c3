"""output_size: how many positions a kernel has along one axis."""

from typing import no_type_check

from exercises import vectorised
from exercises.cases import Arguments, Cases, Integer, Rng, distinct
from exercises.exercise import Check, Exercise, Mistake, Return

LINE = "(n - f + 2 * pad) // stride + 1"
ONE, LARGER = "stride 1", "larger strides"
ALL = (ONE, LARGER)


@no_type_check
def output_size(n, f, stride, pad):
    """
    Count the positions of a kernel along one axis.

    Arguments:
    n -- size of the input along this axis
    f -- size of the kernel, at most n + 2 * pad
    stride -- distance from one position of the kernel to the next
    pad -- number of zeros on each side

    Returns:
    size -- size of the output along this axis, an integer
    """
    ### BEGIN SOLUTION
    size = (n - f + 2 * pad) // stride + 1
    ### END SOLUTION

    return size


def cases(rng: Rng) -> Cases:
    for f, pad in ((3, 0), (1, 0), (5, 2), (4, 1), (2, 3)):
        yield ONE, _case(rng.integers(6, 30), f, 1, pad)
    for stride, f, pad in distinct(rng, [(2, 3, 1), (2, 5, 0), (2, 7, 3), (2, 2, 0)], 3):
        n = 2 * int(rng.integers(5, 15))
        yield LARGER, _case(n, f, stride, pad)
        yield LARGER, _case(n + 1, f, stride, pad)
    for stride, f, pad in distinct(rng, [(3, 2, 0), (3, 5, 2), (4, 11, 2), (3, 4, 1)], 2):
        n = 12 * int(rng.integers(2, 5))
        for more in range(stride):  # every remainder
            yield LARGER, _case(n + more, f, stride, pad)


def _case(n: Integer, f: int, stride: int, pad: int) -> Arguments:
    return {"n": int(n), "f": f, "stride": stride, "pad": pad}


EXERCISE = Exercise(
    loops=output_size,
    vectorised=vectorised.output_size,
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
            "The size is one too small: the first position is not counted.",
            "How many windows of size f fit into an axis of size f?",
        ),
        Mistake(
            "one too many",
            {LINE: "(n - f + 2 * pad) // stride + 2"},
            ALL,
            "The size is one too large.",
            "How many windows of size f fit into an axis of size f?",
        ),
        Mistake(
            "padding on one side",
            {LINE: "(n - f + pad) // stride + 1"},
            ALL,
            "The padding is counted once, but there are pad zeros on each of two sides.",
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
            "stride left out",
            {LINE: "n - f + 2 * pad + 1"},
            (LARGER,),
            "The stride does not influence your result.",
            "With stride 2, at which cells can the kernel start?",
        ),
        Mistake(
            "size rounded up",
            {LINE: "-(-(n - f + 2 * pad) // stride) + 1"},
            (LARGER,),
            "The quotient is rounded up, which counts a window that extends beyond the end.",
            "Only windows that fit entirely count. In which direction do you have to round?",
        ),
        Mistake(
            "size rounded to the nearest",
            {LINE: "round((n - f + 2 * pad) / stride) + 1"},
            (LARGER,),
            "The quotient is rounded to the nearest integer, which is sometimes the one above.",
            "Only windows that fit entirely count. In which direction do you have to round?",
        ),
        Mistake(
            "size not rounded",
            {LINE: "(n - f + 2 * pad) / stride + 1"},
            (LARGER,),
            "The result is not rounded: it has a fraction where the stride leaves a remainder.",
            "There is no half window. Which division in Python gives integers?",
        ),
        Mistake(
            "one added before the division",
            {LINE: "(n - f + 2 * pad + 1) // stride"},
            (LARGER,),
            "1 was added before the division, so it is divided by the stride too.",
            "The first window exists for every stride. Where does its 1 belong?",
        ),
        Mistake(
            "f added",
            {LINE: "(n + f + 2 * pad) // stride + 1"},
            ALL,
            "f was added where it has to be subtracted.",
            "Does a larger kernel have more positions, or fewer?",
        ),
        Mistake(
            "window left out",
            {LINE: "(n + 2 * pad) // stride + 1"},
            ALL,
            "The size of the kernel does not influence your result.",
            "Where is the last cell at which a window of size f can start?",
        ),
    ),
    hints=(
        "Draw an axis of 7 cells and a kernel of 3. At which cells can a window start with stride "
        "1, and at which with stride 2?",
        "The last cell at which a window can start is the padded size minus f.",
        "Count the steps of the stride up to that cell, rounded down, and add one for the first "
        "window.",
    ),
)
