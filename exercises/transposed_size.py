"""transposed_size: the output size of a transposed convolution along one axis."""

from typing import no_type_check

from exercises import vectorized
from exercises.page import Page
from nbexercise.defining.cases import Cases, Drawn, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

LINE = "stride * (n - 1) + f - 2 * pad + output_pad"
PLAIN, PADDED, EXTRA = "no padding", "padding", "output padding"
ALL = (PLAIN, PADDED, EXTRA)

# The domain: every seed tries these kernels (f, stride, pad, output_pad), on axes drawn at random,
# and these edge cases (n, f, stride, pad, output_pad). Every output has at least one value.
KERNELS = (
    *((3, 1, 0, 0), (2, 2, 0, 0), (4, 3, 0, 0), (5, 2, 0, 0)),
    *((3, 1, 1, 0), (5, 2, 2, 0), (4, 2, 1, 0), (7, 3, 2, 0), (3, 2, 1, 0)),
    *((3, 2, 1, 1), (5, 3, 1, 2), (4, 3, 0, 1), (5, 4, 2, 3), (6, 4, 1, 2)),
    *((1, 2, 0, 0), (2, 4, 1, 0), (2, 5, 0, 3), (1, 3, 1, 2)),  # strides larger than the kernel
)
EDGES = (
    *((1, 3, 1, 0, 0), (1, 3, 2, 0, 0), (1, 5, 2, 1, 0), (1, 4, 3, 1, 2), (1, 2, 3, 0, 1)),
    *((9, 3, 1, 2, 0), (6, 2, 2, 3, 0), (8, 3, 2, 4, 1)),  # a padding of most of the kernel
    *((112, 4, 2, 1, 0), (75, 7, 3, 2, 1)),
)


@no_type_check
def transposed_size(n, f, stride, pad, output_pad):
    """
    Compute the output size of a transposed convolution along one axis.

    Arguments:
    n -- size of the input along this axis, an integer
    f -- size of the kernel, an integer
    stride -- distance in the output between the kernels of neighboring inputs, an integer
    pad -- number of rows or columns that are cropped on each side, an integer
    output_pad -- number of rows or columns added at the end, an integer below the stride

    Returns:
    size -- size of the output along this axis, an integer
    """
    ### BEGIN SOLUTION
    size = stride * (n - 1) + f - 2 * pad + output_pad
    ### END SOLUTION

    return size


def cases(rng: Rng) -> Cases:
    for kernel in KERNELS:
        yield _case(int(rng.integers(3, 12)), *kernel)
    yield _case(int(rng.integers(12, 30)), *KERNELS[0])
    for edge in EDGES:
        yield _case(*edge)


def _case(n: int, f: int, stride: int, pad: int, output_pad: int) -> Drawn:
    group = EXTRA if output_pad else PADDED if pad else PLAIN
    return group, {"n": n, "f": f, "stride": stride, "pad": pad, "output_pad": output_pad}


EXERCISE = Exercise(
    loops=transposed_size,
    vectorized=vectorized.transposed_size,
    title="Size of a transposed convolution",
    assignment="arithmetic",
    section="Transposed convolution",
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
            "The size is one stride too large: there are `n - 1` steps between `n` inputs.",
            "How many strides are there from the first of 3 inputs to the last?",
        ),
        Mistake(
            "window left out",
            {LINE: "stride * (n - 1) + 1 - 2 * pad + output_pad"},
            ALL,
            "The size of the kernel does not influence your result: the last kernel counts as one "
            "cell.",
            "The kernel of the last input starts after `n - 1` strides. Where does it end?",
        ),
        Mistake(
            "f less one",
            {LINE: "stride * (n - 1) + f - 1 - 2 * pad + output_pad"},
            ALL,
            "The size is one too small.",
            "A single input adds one whole kernel. How large is the output for `n` = 1?",
        ),
        Mistake(
            "stride left out",
            {LINE: "n - 1 + f - 2 * pad + output_pad"},
            ALL,
            "The stride does not influence your result.",
            "With stride 2, how far apart are the kernels of two neighboring inputs?",
        ),
        Mistake(
            "stride divides",
            {LINE: "(n - f + 2 * pad) // stride + 1 + output_pad"},
            ALL,
            "This is the output size of a convolution, which decreases the size.",
            "A transposed convolution goes the other way. Solve this formula for `n`.",
        ),
        Mistake(
            "signs of f and pad exchanged",
            {LINE: "stride * (n - 1) - f + 2 * pad + output_pad"},
            ALL,
            "`f` is subtracted and `2 * pad` is added, as in the output size of a convolution.",
            "Each input adds a whole kernel, and pad is cropped. Which of the two makes the output "
            "larger?",
        ),
        Mistake(
            "padding on one side",
            {LINE: "stride * (n - 1) + f - pad + output_pad"},
            (PADDED, EXTRA),
            "The padding is counted once, but both sides are cropped.",
            "pad is per side. How many cells are cropped in total?",
        ),
        Mistake(
            "padding added",
            {LINE: "stride * (n - 1) + f + 2 * pad + output_pad"},
            (PADDED, EXTRA),
            "The padding makes your output larger.",
            "The convolution added cells at the border. What happens to them on the way back?",
        ),
        Mistake(
            "padding left out",
            {LINE: "stride * (n - 1) + f + output_pad"},
            (PADDED, EXTRA),
            "The padding does not influence your result.",
            "The cells of the padding are cropped. How many are there on both sides?",
        ),
        Mistake(
            "output padding left out",
            {LINE: "stride * (n - 1) + f - 2 * pad"},
            (EXTRA,),
            "The output padding does not influence your result.",
            "`output_pad` adds cells at the end. How many?",
        ),
        Mistake(
            "output padding on both sides",
            {LINE: "stride * (n - 1) + f - 2 * pad + 2 * output_pad"},
            (EXTRA,),
            "The output padding is counted twice, but it is added at the end only.",
            "Which of pad and `output_pad` is per side?",
        ),
        Mistake(
            "output padding subtracted",
            {LINE: "stride * (n - 1) + f - 2 * pad - output_pad"},
            (EXTRA,),
            "The output padding was subtracted, but it makes the output larger.",
            "Does `output_pad` add cells or crop them?",
        ),
    ),
    elsewhere={
        "Output padding": (
            "output padding left out",
            "output padding on both sides",
            "output padding subtracted",
        ),
    },
    hints=(
        "Each input adds a kernel of size `f`, and neighboring kernels are one stride apart. Draw "
        "this for 3 inputs, `f` = 3 and stride 2.",
        "The kernel of the last input starts after as many strides as there are steps between the "
        "inputs, and it has `f` cells.",
        "From that length subtract the crop on both sides, and add the output padding once.",
    ),
)

PAGE = Page(
    terms=("transposed convolution", "output size", "output padding", "crop"),
    mistakes=(
        "a stride too many",
        "padding added",
        "padding on one side",
        "stride divides",
        "output padding on both sides",
    ),
    cases=(
        {"n": 4, "f": 3, "stride": 1, "pad": 0, "output_pad": 0},
        {"n": 4, "f": 3, "stride": 2, "pad": 0, "output_pad": 0},
        {"n": 4, "f": 3, "stride": 2, "pad": 1, "output_pad": 0},
        {"n": 4, "f": 3, "stride": 2, "pad": 1, "output_pad": 1},
    ),
    reading="Padding of 1 makes the output smaller by 2, one at each end. Output padding of 1 "
    "makes it larger by 1, at the end only. With both, stride 2 turns 4 values into 8.",
)
