"""transposed_size: how large a transposed convolution makes an axis."""

from typing import no_type_check

from exercises import vectorised
from exercises.cases import Arguments, Cases, Integer, Rng, distinct
from exercises.exercise import Check, Exercise, Mistake, Return

LINE = "stride * (n - 1) + f - 2 * pad + output_pad"
PLAIN, PADDED, EXTRA = "no padding", "padding", "output padding"
ALL = (PLAIN, PADDED, EXTRA)


@no_type_check
def transposed_size(n, f, stride, pad, output_pad):
    """
    Find the size that a transposed convolution gives to one axis.

    Arguments:
    n -- size of the input along this axis
    f -- size of the filter
    stride -- how far the filters of neighbouring inputs lie apart in the output
    pad -- number of rows or columns that are cut off on each side
    output_pad -- number of rows or columns that are added behind, fewer than the stride

    Returns:
    size -- size of the output along this axis, a whole number
    """
    ### BEGIN SOLUTION
    size = stride * (n - 1) + f - 2 * pad + output_pad
    ### END SOLUTION

    return size


def cases(rng: Rng) -> Cases:
    for f, stride in ((3, 1), (2, 2), (4, 3), (1, 2), (5, 2)):
        yield PLAIN, _case(rng.integers(3, 12), f, stride, 0, 0)
    for f, stride, pad in ((3, 1, 1), (5, 2, 2), (4, 2, 1), (7, 3, 2), (3, 2, 1)):
        yield PADDED, _case(rng.integers(3, 12), f, stride, pad, 0)
    extras = [(3, 2, 1, 1), (5, 3, 1, 2), (4, 3, 0, 1), (5, 4, 2, 3), (6, 4, 1, 2)]
    for f, stride, pad, extra in distinct(rng, extras, 4):
        yield EXTRA, _case(rng.integers(3, 12), f, stride, pad, extra)


def _case(n: Integer, f: int, stride: int, pad: int, output_pad: int) -> Arguments:
    return {"n": int(n), "f": f, "stride": stride, "pad": pad, "output_pad": output_pad}


EXERCISE = Exercise(
    loops=transposed_size,
    vectorised=vectorised.transposed_size,
    title="Size of a transposed convolution",
    assignment="arithmetic",
    section="The way back: transposed sizes",
    returns=(Return("size", "number"),),
    cases=cases,
    checks=(
        Check("a single number", 1, "shape"),
        Check(PLAIN, 2, groups=(PLAIN,)),
        Check(PADDED, 1, groups=(PADDED,)),
        Check(EXTRA, 1, groups=(EXTRA,)),
    ),
    mistakes=(
        Mistake(
            "a stride too many",
            {LINE: "stride * n + f - 2 * pad + output_pad"},
            ALL,
            "The size is one stride too large: between n inputs there are n - 1 steps.",
            "How many steps are there from the first of 3 stones to the last?",
        ),
        Mistake(
            "window left out",
            {LINE: "stride * (n - 1) + 1 - 2 * pad + output_pad"},
            ALL,
            "The size of the filter has no say: the last filter was counted as one cell.",
            "The last filter begins at stride * (n - 1). Where does it end?",
        ),
        Mistake(
            "f less one",
            {LINE: "stride * (n - 1) + f - 1 - 2 * pad + output_pad"},
            ALL,
            "The size is one too small.",
            "A single input lays down one whole filter: how large is the output for n = 1?",
        ),
        Mistake(
            "stride left out",
            {LINE: "n - 1 + f - 2 * pad + output_pad"},
            ALL,
            "The stride has no say in the size.",
            "With stride 2, how far apart do two neighbouring inputs lay their filters?",
        ),
        Mistake(
            "stride divides",
            {LINE: "(n - f + 2 * pad) // stride + 1 + output_pad"},
            ALL,
            "This is the formula of a convolution, which makes things smaller.",
            "A transposed convolution goes the other way: solve that formula for n.",
        ),
        Mistake(
            "padding on one side",
            {LINE: "stride * (n - 1) + f - pad + output_pad"},
            (PADDED, EXTRA),
            "The padding is counted once, and something is cut off on two sides.",
            "pad is per side. How much is cut off in all?",
        ),
        Mistake(
            "padding added",
            {LINE: "stride * (n - 1) + f + 2 * pad + output_pad"},
            (PADDED, EXTRA),
            "The padding makes the output larger, where it has to make it smaller.",
            "What the convolution put on, the transposed convolution takes off.",
        ),
        Mistake(
            "padding left out",
            {LINE: "stride * (n - 1) + f + output_pad"},
            (PADDED, EXTRA),
            "The padding has no say in the size.",
            "What does a transposed convolution do with the border that belonged to the padding?",
        ),
        Mistake(
            "output padding left out",
            {LINE: "stride * (n - 1) + f - 2 * pad"},
            (EXTRA,),
            "The output padding has no say in the size.",
            "output_pad adds rows behind. How many?",
        ),
        Mistake(
            "output padding on both sides",
            {LINE: "stride * (n - 1) + f - 2 * pad + 2 * output_pad"},
            (EXTRA,),
            "The output padding is counted twice, and it is added behind alone.",
            "Of pad and output_pad, which one is per side?",
        ),
        Mistake(
            "output padding subtracted",
            {LINE: "stride * (n - 1) + f - 2 * pad - output_pad"},
            (EXTRA,),
            "The output padding was subtracted, where it makes the output larger.",
            "Does output_pad add rows or cut them off?",
        ),
    ),
    elsewhere={
        "Output padding: which of several sizes": (
            "output padding left out",
            "output padding on both sides",
            "output padding subtracted",
        ),
    },
    hints=(
        "Every input lays down a filter of size f, and neighbours lie a stride apart. Draw it for "
        "3 inputs, f = 3 and stride 2.",
        "The last filter begins at as many strides as there are steps between the inputs. It is f "
        "long.",
        "From that length subtract what is cut off on both sides, and add the output padding once.",
    ),
)
