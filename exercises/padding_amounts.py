"""padding_amounts: the zeros that VALID, SAME and FULL padding add at each end of an axis."""

from typing import no_type_check

from exercises import vectorized
from exercises.page import Page
from nbexercise.defining.cases import Cases, Drawn, Rng
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

VALID, SAME_1, SAME_S, FULL = VALUES = (
    "VALID",
    "SAME, stride 1",
    "SAME, larger strides",
    "FULL",
)
SHAPE = "two numbers"
SAME = (SAME_1, SAME_S)
N_OUT = "-(-n // stride)"
TOTAL = "max((n_out - 1) * stride + f - n, 0)"
LAST = "before = total // 2\n    after = total - before"

# The domain: every seed tries each mode on these edge cases (n, f, stride). For SAME it tries these
# kernels (f, stride) with every remainder of the stride, on axes drawn at random.
KERNELS = (
    *((3, 1), (4, 1), (5, 1), (2, 1), (1, 1), (6, 1)),
    *((3, 2), (4, 2), (5, 3), (7, 4)),
    *((1, 2), (2, 3), (1, 4)),  # strides larger than the kernel
)
EDGES = (
    *((5, 5, 1), (4, 4, 2), (1, 1, 3)),  # an input of the kernel's size
    *((9, 4, 1), (10, 2, 2), (11, 2, 5), (224, 7, 2)),
)
SMALL = ((2, 5, 1), (1, 3, 1), (1, 4, 2), (3, 6, 2), (2, 3, 5))  # inputs smaller than the kernel


@no_type_check
def padding_amounts(n, f, stride, mode):
    """
    Compute the number of zeros that a kind of padding adds at each end of one axis.

    Arguments:
    n -- size of the input along this axis, an integer
    f -- size of the kernel, an integer
    stride -- distance from one position of the kernel to the next, an integer
    mode -- "VALID", "SAME" or "FULL"

    Returns:
    before -- number of zeros at the start (at the top, or on the left)
    after -- number of zeros at the end (at the bottom, or on the right)
    """
    ### BEGIN SOLUTION
    if mode == "VALID":
        total = 0
    elif mode == "SAME":
        n_out = -(-n // stride)  # n / stride, rounded up
        total = max((n_out - 1) * stride + f - n, 0)
    elif mode == "FULL":
        total = 2 * (f - 1)
    before = total // 2
    after = total - before
    ### END SOLUTION

    return before, after


def cases(rng: Rng) -> Cases:
    for f, stride in KERNELS:
        n = stride * int(rng.integers(12 // stride, 30 // stride))
        for more in range(stride):
            yield _case(n + more, f, stride, "SAME")
    for edge in EDGES:
        for mode in ("VALID", "SAME", "FULL"):
            yield _case(*edge, mode)
    for edge in SMALL:  # VALID has no window there
        for mode in ("SAME", "FULL"):
            yield _case(*edge, mode)
    for _ in range(2):
        yield _case(int(rng.integers(12, 30)), 3, 1, "FULL")


def _case(n: int, f: int, stride: int, mode: str) -> Drawn:
    group = mode if mode != "SAME" else SAME_1 if stride == 1 else SAME_S
    return group, {"n": n, "f": f, "stride": stride, "mode": mode}


EXERCISE = Exercise(
    loops=padding_amounts,
    vectorized=vectorized.padding_amounts,
    title="Amounts of padding",
    assignment="arithmetic",
    section="VALID, SAME and FULL padding",
    returns=(Return("before", "number"), Return("after", "number")),
    cases=cases,
    checks=(
        Check(SHAPE, 1, "shape"),
        Check(VALID, 1, groups=(VALID,)),
        Check(SAME_1, 2, groups=(SAME_1,)),
        Check(SAME_S, 4, groups=(SAME_S,)),
        Check(FULL, 2, groups=(FULL,)),
    ),
    mistakes=(
        Mistake(
            "odd one in front",
            {LAST: "after = total // 2\n    before = total - after"},
            SAME,
            "The extra zero is at the start.",
            "It belongs at the end, that is, at the bottom or on the right. Of a total of 3, which "
            "end gets 1 and which 2?",
        ),
        Mistake(
            "odd one lost",
            {"after = total - before": "after = before"},
            SAME,
            "Both ends get the same number, so one zero is lost where the total is odd.",
            "What should the sum of before and after be?",
        ),
        Mistake(
            "total at both ends",
            {LAST: "before = total\n    after = total"},
            (*SAME, FULL),
            "Each end gets the whole total.",
            "What should the sum of before and after be?",
        ),
        Mistake(
            "halves not rounded",
            {"before = total // 2": "before = total / 2"},
            SAME,
            "Half of an odd total is not an integer, and there is no half zero.",
            "Which end gets the extra zero?",
        ),
        Mistake(
            "stride left out of SAME",
            {TOTAL: "f - 1"},
            (SAME_S,),
            "The stride does not influence your result: `f - 1` is the total for stride 1; for "
            "larger strides it depends on `n`.",
            "With a larger stride, the output has fewer values. Where does the last window end?",
        ),
        Mistake(
            "same size with every stride",
            {N_OUT: "n"},
            (SAME_S,),
            "Your padding keeps the size of the input; with a stride, the output of SAME has `n` "
            "divided by the stride.",
            "The output size of SAME depends only on `n` and the stride. What is it?",
        ),
        Mistake(
            "size of the output rounded down",
            {N_OUT: "n // stride"},
            (SAME_S,),
            "The padding can be too small where the stride does not divide `n`, as if the output "
            "size were rounded down; SAME rounds it up, so that no pixel at the end is left out.",
            "How many outputs does SAME have for 7 pixels with stride 2?",
        ),
        Mistake(
            "size of the output without padding",
            {N_OUT: "(n - f) // stride + 1"},
            SAME,
            "SAME adds no zeros, as if its output had the size of VALID.",
            "SAME defines the size of the output first, for every `f`. What is it?",
        ),
        Mistake(
            "less than nothing",
            {TOTAL: "(n_out - 1) * stride + f - n"},
            (SAME_S,),
            "The total can be negative when the stride is larger than the window.",
            "If the windows do not reach the end of the input, how much padding do they need?",
        ),
        Mistake(
            "one window too many",
            {"(n_out - 1) * stride": "n_out * stride"},
            SAME,
            "The total is too large: it leaves room for one more window, a stride after the last "
            "one.",
            "The first window starts at 0. Where does the last of `n_out` windows start?",
        ),
        Mistake(
            "remainder 0 forgotten",
            {TOTAL: "max(f - n % stride, 0)"},
            SAME,
            "Where `n` is a multiple of the stride, your total is `f`, as if the last window "
            "began at the end of the input.",
            "For 6 pixels and stride 2, where does the last window start, and where does it end?",
        ),
        Mistake(
            "half of f - 1 at each end",
            {
                TOTAL: "f - 1",
                LAST: "before = (f - 1) // 2 if mode == 'SAME' else total // 2\n"
                "    after = before if mode == 'SAME' else total - before",
            },
            SAME,
            (
                "Both ends get half of `f - 1`, which is right only for odd kernel sizes with "
                "stride 1."
            ),
            "How large is the total in general? And where does an extra zero go?",
        ),
        Mistake(
            "FULL in all",
            {"2 * (f - 1)": "f - 1"},
            (FULL,),
            "FULL is too small: each end gets `f - 1` zeros, not both ends together.",
            "The first window of FULL contains one pixel of the input. How many zeros does it "
            "contain?",
        ),
        Mistake(
            "FULL one too wide",
            {"2 * (f - 1)": "2 * f"},
            (FULL,),
            "FULL is one too large at each end: its first window contains no pixel at all.",
            "The first window of FULL contains one pixel of the input. How many zeros does it "
            "contain?",
        ),
        Mistake(
            "VALID padded",
            {"total = 0": "total = f - 1"},
            (VALID,),
            "VALID was padded, but it adds no zeros.",
            "VALID allows only windows that lie inside the input.",
        ),
        Mistake(
            "FULL taken for SAME",
            {
                '"SAME":\n        n_out': '"FULL":\n        n_out',
                '"FULL":\n        total = 2': '"SAME":\n        total = 2',
            },
            (*SAME, FULL),
            "SAME and FULL are swapped.",
            "Which name leads to which total in your code? Compare with the definitions.",
        ),
    ),
    elsewhere={
        "SAME padding with a stride": (
            "stride left out of SAME",
            "same size with every stride",
            "size of the output rounded down",
            "size of the output without padding",
            "less than nothing",
            "one window too many",
        ),
    },
    hints=(
        "First find the total for each mode, then divide it between the two ends.",
        "For SAME, begin with the size of the output, `n` over the stride, rounded up. Where does "
        "the last of these windows end, and how far is that beyond `n`?",
        "The last window starts after outputs - 1 strides and has `f` cells. The part beyond `n` "
        "is the total, or 0 if there is none; the smaller half goes to the start.",
    ),
)

PAGE = Page(
    terms=("padding", "valid padding", "same padding", "full padding"),
    mistakes=(
        "odd one in front",
        "stride left out of SAME",
        "less than nothing",
        "size of the output rounded down",
        "FULL in all",
    ),
    cases=(
        {"n": 7, "f": 3, "stride": 1, "mode": "VALID"},
        {"n": 7, "f": 3, "stride": 1, "mode": "SAME"},
        {"n": 7, "f": 3, "stride": 1, "mode": "FULL"},
        {"n": 7, "f": 4, "stride": 1, "mode": "SAME"},
        {"n": 8, "f": 3, "stride": 2, "mode": "SAME"},
    ),
    reading="In the last two rows the total is odd, and the end gets one zero more than the start.",
)
