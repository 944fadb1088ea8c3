"""output_size: how many positions a window has along one axis."""

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
    Count the positions of a window along one axis.

    Arguments:
    n -- size of the input along this axis
    f -- size of the window, at most n + 2 * pad
    stride -- how far the window moves from one position to the next
    pad -- number of zeros on each side

    Returns:
    size -- size of the output along this axis, a whole number
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
    section="How many positions a window has",
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
            "The padding is counted once, and there is padding on two sides.",
            "How long is an axis of size 5 with 1 zero on each side?",
        ),
        Mistake(
            "padding left out",
            {LINE: "(n - f) // stride + 1"},
            ALL,
            "The padding has no say in the size.",
            "The window slides over the padded input. How long is that?",
        ),
        Mistake(
            "stride left out",
            {LINE: "n - f + 2 * pad + 1"},
            (LARGER,),
            "The stride has no say in the size.",
            "With a stride of 2, how many of the positions does the window stop at?",
        ),
        Mistake(
            "size rounded up",
            {LINE: "-(-(n - f + 2 * pad) // stride) + 1"},
            (LARGER,),
            "The quotient is rounded up: that counts a window that runs over the end.",
            "A window that does not fit entirely is left out. What does that make of a fraction?",
        ),
        Mistake(
            "size rounded to the nearest",
            {LINE: "round((n - f + 2 * pad) / stride) + 1"},
            (LARGER,),
            "The quotient is rounded to the nearest number, which is at times the one above.",
            "A window that does not fit entirely is left out. What does that make of a fraction?",
        ),
        Mistake(
            "size not rounded",
            {LINE: "(n - f + 2 * pad) / stride + 1"},
            (LARGER,),
            "The size is not rounded down: it has a fraction where the stride does not divide.",
            "There is no half window. Which division gives whole numbers?",
        ),
        Mistake(
            "one added before the division",
            {LINE: "(n - f + 2 * pad + 1) // stride"},
            (LARGER,),
            "The 1 was added before the division, so the stride divides it too.",
            "The first window is there whatever the stride is. Where does its 1 belong?",
        ),
        Mistake(
            "f added",
            {LINE: "(n + f + 2 * pad) // stride + 1"},
            ALL,
            "f was added where it has to be subtracted.",
            "Does a larger window have more positions, or fewer?",
        ),
        Mistake(
            "window left out",
            {LINE: "(n + 2 * pad) // stride + 1"},
            ALL,
            "The size of the window has no say in the result.",
            "Where is the last place at which a window of size f can begin?",
        ),
    ),
    hints=(
        "Draw an axis of 7 cells and a window of 3. At which cells can it begin with stride 1, and "
        "at which with stride 2?",
        "The last place at which the window can begin is the padded size less f.",
        "Count the steps of the stride up to that last place, rounded down, and then the first "
        "position.",
    ),
)
