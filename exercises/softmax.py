"""softmax: turn each row of scores into probabilities without overflow."""

from typing import no_type_check

import numpy as np

from exercises import vectorized
from exercises.activations import REST, VALUES, array_of_the_type_of_Z, whole_numbers
from exercises.cases import WHOLE
from exercises.page import Page
from nbexercise.defining.cases import Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

SHIFT = "np.max(Z, axis=1, keepdims=True)"
EXP = f"np.exp(Z - {SHIFT})"
SUM = "np.sum(E, axis=1, keepdims=True)"
QUOTIENT = f"E / {SUM}"
LARGE, APART = "large scores", "rows far apart"
ALL = (VALUES, LARGE, APART, WHOLE, REST)

# The domain is all scores: each seed has scores near these, of both signs, and large differences.
FAR = (800, 3000, 100_000)
CLEAR = np.array([[12, 0, 0, -12], [0, 0, 12, 0], [-12, 0, 0, 0]])


@no_type_check
def softmax(Z):
    """
    Turn each row of scores into probabilities.

    Arguments:
    Z -- scores, float or integer array of shape (m, n): rows are examples, columns classes

    Returns:
    A -- probabilities, array of shape (m, n); each row adds up to 1
    """
    ### BEGIN SOLUTION
    E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    A = E / np.sum(E, axis=1, keepdims=True)
    ### END SOLUTION

    return A


def cases(rng: Rng) -> Cases:
    n = int(rng.integers(3, 5))
    yield VALUES, {"Z": exact_fractions(rng, n, n + 2)}
    yield VALUES, {"Z": exact_fractions(rng, n, n + 2).astype("float32")}
    yield VALUES, {"Z": exact_fractions(rng, 3, 4) / 4 + CLEAR}
    for shape in ((n + 2, n), (1, 4), (4, 4)):
        yield VALUES, {"Z": exact_fractions(rng, *shape)}
    yield LARGE, {"Z": exact_fractions(rng, 3, 4) + 2000}
    for far in FAR:
        wide = np.array([[far, -far, 0], [-far, 0, far]])  # the largest first, and last
        yield LARGE, {"Z": exact_fractions(rng, 2, 3) + wide}
        yield APART, {"Z": exact_fractions(rng, 3, 5) + np.array([[far], [0], [-far]])}
        yield APART, {"Z": exact_fractions(rng, 2, 3) - np.array([[0], [far]])}
    yield WHOLE, {"Z": whole_numbers(rng, 3, 4)}


EXERCISE = Exercise(
    loops=softmax,
    vectorized=vectorized.softmax,
    title="Softmax",
    assignment="activations",
    section="Softmax",
    returns=(Return("A"),),
    cases=cases,
    checks=(
        Check("output shape", 1, "shape", groups=(VALUES, LARGE, APART)),
        Check(VALUES, 3, groups=(VALUES,)),
        Check(LARGE, 2, groups=(LARGE,)),
        Check(APART, 2, groups=(APART,)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check(REST, 1, "unchanged", groups=(VALUES, LARGE, APART)),
    ),
    mistakes=(
        array_of_the_type_of_Z(QUOTIENT),
        Mistake(
            "nothing subtracted",
            {EXP: "np.exp(Z)"},
            (LARGE, APART),
            "exp overflows: for such large scores it is infinite, and infinity divided by infinity "
            "is nan.",
            "Adding one number to a whole row changes no probability. Which number makes the "
            "largest score 0?",
        ),
        Mistake(
            "one maximum for all rows",
            {SHIFT: "np.max(Z)"},
            (APART,),
            "In a row far below the others every exp is 0, and 0 divided by 0 is nan, as if the "
            "largest score of the whole array were subtracted.",
            "Each row needs its own shift. Along which axis are the scores of a row?",
        ),
        Mistake(
            "minimum subtracted",
            {SHIFT: "np.min(Z, axis=1, keepdims=True)"},
            (LARGE,),
            "Where scores are far apart, exp overflows, as if the smallest score of each row were "
            "subtracted.",
            "Which score must become 0 so that no exp is larger than 1?",
        ),
        Mistake(
            "mean subtracted",
            {SHIFT: "np.mean(Z, axis=1, keepdims=True)"},
            (LARGE,),
            "Where scores are far apart, exp overflows, as if the mean of each row were "
            "subtracted.",
            "Which score must become 0 so that no exp is larger than 1?",
        ),
        Mistake(
            "maximum added",
            {EXP: f"np.exp(Z + {SHIFT})"},
            (LARGE, APART),
            "For large scores exp overflows, as if the largest score were added instead of "
            "subtracted.",
            "After the shift, the largest score of each row should be 0.",
        ),
        Mistake(
            "divided by the norm",
            {SUM: "np.linalg.norm(E, axis=1, keepdims=True)"},
            ALL,
            "The squares of each row add up to 1, not the row itself, as if it were divided by its "
            "norm.",
            "Probabilities add up to 1. By which number must each row be divided?",
        ),
        Mistake(
            "columns",
            {SHIFT: "np.max(Z, axis=0, keepdims=True)", SUM: "np.sum(E, axis=0, keepdims=True)"},
            ALL,
            "The columns add up to 1, not the rows.",
            "A row belongs to one example. Which axis do you sum along to get one sum for each "
            "row?",
        ),
        Mistake(
            "sums of the columns",
            {SUM: "np.sum(E, axis=0, keepdims=True)"},
            ALL,
            "Each column adds up to 1, not each row: the sums are taken along the wrong axis.",
            "The probabilities of an example add up to 1. Which axis of `Z` holds the classes?",
        ),
        Mistake(
            "sum over everything",
            {SUM: "np.sum(E)"},
            ALL,
            "All entries together add up to 1: you summed over the whole array.",
            "The probabilities of each example add up to 1.",
        ),
        Mistake(
            "not divided",
            {QUOTIENT: "E"},
            ALL,
            "The exponentials were not divided by their sum.",
            "The probabilities of a row add up to 1. What do your rows add up to?",
        ),
        Mistake(
            "mean for the sum",
            {SUM: "np.mean(E, axis=1, keepdims=True)"},
            ALL,
            "Each row adds up to the number of classes, as if the exponentials were divided by "
            "their mean.",
            "The probabilities of a row add up to 1. By what must its exponentials be divided?",
        ),
        Mistake(
            "divided by the rows",
            {QUOTIENT: f"{QUOTIENT} / len(Z)"},
            ALL,
            "The probabilities were also divided by `m`, the number of examples.",
            "The probabilities of each row add up to 1. What do yours add up to?",
        ),
        Mistake(
            "sums without their axis",
            {SUM: "np.sum(E, axis=1)"},
            ("output shape", *ALL),
            "The sums of the rows have only one axis, so the division does not work row by row.",
            "The sums should have the shape `(m, 1)`. Which option of `np.sum` keeps an axis?",
        ),
        Mistake(
            "maxima without their axis",
            {SHIFT: "np.max(Z, axis=1)"},
            ("output shape", *ALL),
            "The maxima of the rows have only one axis, so they are not subtracted row by row.",
            "The maxima should have the shape `(m, 1)`. Which option of `np.max` keeps an axis?",
        ),
        Mistake(
            "shares without exp",
            {EXP: "Z"},
            ALL,
            "The scores themselves were divided by their sum; there is no exp.",
            "A score can be negative, a probability cannot. What makes all scores positive?",
        ),
        Mistake(
            "largest score alone",
            {QUOTIENT: "(E == 1) * 1.0"},
            ALL,
            "The largest score gets all the probability; softmax gives some of it to the others.",
            "If one score is larger than another by 1, by which factor is its probability larger?",
        ),
        Mistake(
            "power of two",
            {EXP: f"2.0 ** (Z - {SHIFT})"},
            ALL,
            "The base of the power is 2, not e.",
            "Which NumPy function computes powers of e?",
        ),
        Mistake(
            "sigmoid of each score",
            {QUOTIENT: "1 / (1 + np.exp(-np.clip(Z, -700, 700)))"},
            ALL,
            "You applied the sigmoid to each score separately, so the rows do not add up to 1.",
            "A probability also depends on the other scores of the row.",
        ),
        Mistake(
            "logarithms",
            {QUOTIENT: f"Z - {SHIFT} - np.log({SUM})"},
            ALL,
            "These are the logarithms of the probabilities: none of them is positive.",
            "Which of 0.25 and -1.39 can be a probability?",
        ),
        Mistake(
            "rounded",
            {QUOTIENT: f"np.round({QUOTIENT}, 2)"},
            ALL,
            "The probabilities are rounded.",
            "Return all digits: remove the rounding.",
        ),
        Mistake(
            "computed in place",
            {f"E = {EXP}": f"Z -= {SHIFT}\n    E = np.exp(Z)"},
            (REST,),
            "`Z` itself was changed, for example by `-=`, but it belongs to the caller.",
            "Which operator makes a new array, - or -=?",
        ),
    ),
    elsewhere={
        "Overflow and underflow": (
            "nothing subtracted",
            "one maximum for all rows",
            "minimum subtracted",
            "mean subtracted",
            "maximum added",
        ),
    },
    hints=(
        "Take one row of scores by hand: first make all of them positive, then divide by their "
        "sum.",
        "`np.exp` makes all scores positive. You may subtract a number from a whole row first: "
        "which one keeps exp from overflowing?",
        "`np.max` and `np.sum` along axis 1, with `keepdims=True`, give one number for each row, "
        "in the shape `(m, 1)` that subtracts and divides row by row.",
    ),
)

PAGE = Page(
    terms=("softmax", "logits", "class", "overflow", "numerical stability"),
    mistakes=(
        "nothing subtracted",
        "columns",
        "sum over everything",
        "sums without their axis",
        "one maximum for all rows",
    ),
    cases=({"Z": np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]])},),
    reading="Equal scores give equal probabilities. In the second row each score is larger "
    "than the one before by 1, and each probability is larger by the factor e, about "
    "[2.718]{= A[1, 1] / A[1, 0] }. Each row adds up to [1]{= A[1].sum() }.",
)
