"""softmax_cross_entropy: the loss of a classifier and its gradient, computed from scores."""

from typing import no_type_check

import numpy as np

from convnet.types import Array
from exercises.activations import REST, array_of_the_type_of_Z
from exercises.cases import WHOLE
from exercises.page import Page
from exercises.softmax import softmax
from nbexercise.defining.cases import Arguments, Cases, Rng, exact_fractions
from nbexercise.defining.exercise import Check, Exercise, Mistake, Return

SHAPES, LOSS, GRADIENT, FAR = "a number and an array", "loss", "gradient", "scores far apart"
LOGS = "np.log(np.sum(np.exp(shifted), axis=1))"
MEAN = "np.mean(logs - shifted[rows, labels])"
DIVIDED = "dZ = dZ / m"
SMALL_NUMBERS = {  # and the checks that detect them
    "1e-15": (FAR,),
    "1e-12": (LOSS, FAR),
    **dict.fromkeys(("1e-8", "1e-7", "1e-6", "1e-5"), (LOSS, FAR, WHOLE)),
}
CLIPPED_AT = {
    **dict.fromkeys(("1e-12", "1e-8", "1e-7", "1e-6"), (FAR,)),
    "1e-5": (LOSS, FAR),
}
KEPT_FROM_0 = (
    "A small number keeps the probability inside the logarithm away from 0. This avoids infinity, "
    "but the loss of an unlikely class is too small."
)
FROM_SCORES = "Compute the loss from the scores: then nothing has to be added or clipped."
INTEGERS = np.array([[3, -1, 0, 2], [-2, 5, 1, -4], [4, -3, -5, 6]])


@no_type_check
def softmax_cross_entropy(Z, labels):
    """
    Compute the cross-entropy loss of softmax, and its gradient.

    Arguments:
    Z -- scores, float or integer array of shape (m, n): rows are examples, columns classes
    labels -- the correct classes from 0 to n - 1, integer array of shape (m,)

    Returns:
    loss -- a single number: the mean loss of the examples
    dZ -- gradient of the loss with respect to Z, array of shape (m, n)
    """
    (m, n) = Z.shape
    rows = np.arange(m)  # Z[rows, labels] is the score of the correct class, for each example

    # 1. Compute the loss from the scores, so that no logarithm of 0 can occur.
    # 2. Compute dZ from the probabilities that softmax returns.
    ### BEGIN SOLUTION
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    logs = np.log(np.sum(np.exp(shifted), axis=1))
    loss = np.mean(logs - shifted[rows, labels])

    dZ = softmax(Z)
    dZ[rows, labels] -= 1
    dZ = dZ / m
    ### END SOLUTION

    return loss, dZ


def cases(rng: Rng) -> Cases:
    n = int(rng.integers(4, 6))
    for m, classes in ((n - 1, n + 1), (n - 1, n + 1), (2, 3), (1, 4), (4, 4)):
        yield LOSS, _case(rng, 2 * exact_fractions(rng, m, classes))
    yield LOSS, _case(rng, 2 * exact_fractions(rng, 3, n).astype("float32"))
    clear = exact_fractions(rng, 3, 4) / 16 + np.array([[0, 12, 0, 0], [0, 0, 0, 12], [0] * 4])
    yield LOSS, {"Z": clear, "labels": np.array([0, 3, 2])}  # very unlikely, and very likely
    for m, classes in ((n, 3), (n + 1, n)):  # labels that repeat, and a last class without any
        labels = rng.permutation(np.arange(m) % (classes - 1))
        yield LOSS, {"Z": 2 * exact_fractions(rng, m, classes), "labels": labels}
    yield FAR, _case(rng, exact_fractions(rng, 3, 4) + 2000)
    for far in (2000, 100_000):
        apart = exact_fractions(rng, 3, 5)
        apart += far * np.array([[1, 1, -1, -1, 0], [-2, -2, -4, -4, -3], [1, 1, -1, -1, 0]])
        # The labels of the first and the last row have probability 0.
        yield FAR, {"Z": apart, "labels": np.array([3, 1, 2])}
    order = rng.permutation(3)
    yield WHOLE, {"Z": INTEGERS[order], "labels": np.array([0, 3, 1])[order]}


def _case(rng: Rng, Z: Array) -> Arguments:
    return {"Z": Z, "labels": rng.permutation(Z.shape[1])[: len(Z)]}


EXERCISE = Exercise(
    loops=softmax_cross_entropy,
    vectorized=softmax_cross_entropy,
    title="Cross-entropy of softmax, with its gradient",
    assignment="activations",
    section="Cross-entropy loss",
    returns=(Return("loss", "number"), Return("dZ")),
    cases=cases,
    helpers={"softmax": softmax},
    checks=(
        Check(SHAPES, 2, "shape", groups=(LOSS, FAR)),
        Check(LOSS, 4, groups=(LOSS,), outputs=("loss",)),
        Check(GRADIENT, 4, groups=(LOSS,), outputs=("dZ",)),
        Check(FAR, 3, groups=(FAR,)),
        Check(WHOLE, 1, "edge", groups=(WHOLE,)),
        Check(REST, 1, "unchanged", groups=(LOSS, FAR)),
    ),
    mistakes=(
        array_of_the_type_of_Z("dZ / m"),
        Mistake(
            "logarithm of 0",
            {MEAN: "-np.mean(np.log(softmax(Z)[rows, labels]))"},
            (FAR,),
            "The probability of the correct class underflows to 0, and the logarithm of 0 is "
            "infinite.",
            "The logarithm of a quotient is a difference. How can you compute it without the "
            "quotient?",
        ),
        *(
            Mistake(
                f"{small} in the logarithm",
                {MEAN: f"-np.mean(np.log(softmax(Z)[rows, labels] + {small}))"},
                fails,
                KEPT_FROM_0,
                FROM_SCORES,
            )
            for small, fails in SMALL_NUMBERS.items()
        ),
        *(
            Mistake(
                f"probability clipped at {small}",
                {MEAN: f"-np.mean(np.log(np.maximum(softmax(Z)[rows, labels], {small})))"},
                fails,
                KEPT_FROM_0,
                FROM_SCORES,
            )
            for small, fails in CLIPPED_AT.items()
        ),
        Mistake(
            "gradient with respect to the probabilities",
            {
                "dZ = softmax(Z)": "dZ = -np.eye(n)[labels] / softmax(Z)",
                "    dZ[rows, labels] -= 1\n": "",
            },
            (GRADIENT, FAR, WHOLE),
            "`dZ` is the gradient with respect to the probabilities, not the scores.",
            "The chain rule continues through softmax. What is the gradient of both together?",
        ),
        Mistake(
            "nothing subtracted",
            {"shifted = Z - np.max(Z, axis=1, keepdims=True)": "shifted = Z"},
            (FAR,),
            "exp overflows in the loss: for large scores it is infinite.",
            "Adding one number to a whole row changes no probability. Which number makes the "
            "largest score 0?",
        ),
        Mistake(
            "one maximum for all rows",
            {"np.max(Z, axis=1, keepdims=True)": "np.max(Z)"},
            (FAR,),
            "In a row far below the others every exp is 0, and the logarithm of 0 is minus "
            "infinity, as if the largest score of the whole array were subtracted.",
            "Each row needs its own shift: its largest score.",
        ),
        Mistake(
            "sign of the loss",
            {MEAN: "np.mean(shifted[rows, labels] - logs)"},
            (LOSS, FAR, WHOLE),
            "The loss has the wrong sign: it is the logarithm itself, which is negative.",
            "The logarithm of a probability is negative. The loss should be large where the "
            "probability is small.",
        ),
        Mistake(
            "sum of the losses",
            {MEAN: "np.sum(logs - shifted[rows, labels])"},
            (LOSS, FAR, WHOLE),
            "The losses of the examples were summed, not averaged.",
            "The loss of a batch is the mean over its `m` examples.",
        ),
        Mistake(
            "a loss for each example",
            {MEAN: "logs - shifted[rows, labels]"},
            (SHAPES, LOSS, FAR, WHOLE),
            "You return a loss for each example instead of one number for the batch.",
            "How do `m` losses become one number?",
        ),
        Mistake(
            "shift in one term only",
            {MEAN: "np.mean(logs - Z[rows, labels])"},
            (LOSS, FAR, WHOLE),
            "The largest score of each row is missing from the loss, as if it were subtracted "
            "inside the logarithm, but not from the score of the correct class.",
            "The loss does not change if the same number is subtracted from all scores of a row. "
            "In which term is it missing?",
        ),
        Mistake(
            "score of the right class left out",
            {MEAN: "np.mean(logs)"},
            (LOSS, FAR, WHOLE),
            "The labels do not influence your loss: the score of the correct class is missing.",
            "The loss is minus the logarithm of a quotient. What is its numerator?",
        ),
        Mistake(
            "every column for every row",
            {"shifted[rows, labels])": "shifted[:, labels])"},
            (LOSS, FAR, WHOLE),
            "Each row is paired with the labels of all rows, as if a colon stood in place of the "
            "row numbers.",
            "Two lists of indices select one entry for each pair. Which rows belong to which "
            "labels?",
        ),
        Mistake(
            "logarithm of the sum to base 2",
            {LOGS: LOGS.replace("np.log(", "np.log2(")},
            (LOSS, FAR, WHOLE),
            "The logarithm is to base 2, while the exponentials are powers of e.",
            "Which logarithm undoes `np.exp`?",
        ),
        *(
            Mistake(
                f"logarithm to base {base}",
                {MEAN: f"-np.mean(np.log{base}(softmax(Z)[rows, labels]))"},
                (LOSS, FAR, WHOLE),
                f"The logarithm of the probability is to base {base}; and where the probability is "
                "0, it is infinite.",
                "The loss is minus the natural logarithm. Compute it from the scores, so that no "
                "logarithm of 0 can occur.",
            )
            for base in (2, 10)
        ),
        Mistake(
            "logarithm of the sum to base 10",
            {LOGS: LOGS.replace("np.log(", "np.log10(")},
            (LOSS, FAR, WHOLE),
            "The logarithm is to base 10, while the exponentials are powers of e.",
            "Which logarithm undoes `np.exp`?",
        ),
        Mistake(
            "mean taken twice",
            {MEAN: f"{MEAN} / m"},
            (LOSS, FAR, WHOLE),
            "The loss is `m` times too small, as if it were divided by `m` twice.",
            "Where does your code divide by the number of examples? `np.mean` does so too.",
        ),
        Mistake(
            "mean over the classes too",
            {MEAN: "np.sum(logs - shifted[rows, labels]) / Z.size"},
            (LOSS, FAR, WHOLE),
            "The loss is `n` times too small, as if it were divided by the number of scores, `m` "
            "times `n`.",
            "Over how many losses do you average?",
        ),
        Mistake(
            "gradient not averaged",
            {DIVIDED: "dZ = dZ"},
            (GRADIENT, FAR, WHOLE),
            "The gradient is `m` times too large: the loss is a mean over `m` examples, and so is "
            "its gradient.",
            "How much does the mean of `m` losses change when one of them changes by 1?",
        ),
        Mistake(
            "gradient divided by the classes",
            {DIVIDED: "dZ = dZ / n"},
            (GRADIENT, FAR, WHOLE),
            "The gradient was divided by `n`, the number of classes, but the mean is over the `m` "
            "examples.",
            "Over what is the loss averaged?",
        ),
        Mistake(
            "gradient divided twice",
            {DIVIDED: "dZ = dZ / m**2"},
            (GRADIENT, FAR, WHOLE),
            "The gradient is `m` times too small, as if it were divided by `m` twice.",
            "How much does the mean of `m` losses change when one of them changes by 1?",
        ),
        Mistake(
            "divided before the ones are subtracted",
            {"dZ = softmax(Z)": "dZ = softmax(Z) / m", DIVIDED: "dZ = dZ"},
            (GRADIENT, FAR, WHOLE),
            "The probabilities are divided by `m`, but the ones that are subtracted at the "
            "correct classes are not.",
            "The gradient of one loss is a difference. Is it divided by `m` as a whole, or only "
            "its first term?",
        ),
        Mistake(
            "gradient at the correct classes alone",
            {
                "dZ = softmax(Z)": "dZ = np.zeros(Z.shape)\n"
                "    dZ[rows, labels] = softmax(Z)[rows, labels]"
            },
            (GRADIENT, FAR, WHOLE),
            "`dZ` is 0 everywhere except at the correct classes.",
            "If the score of a wrong class rises, the loss rises too. By how much?",
        ),
        Mistake(
            "one not subtracted",
            {"dZ[rows, labels] -= 1": "dZ[rows, labels] -= 0"},
            (GRADIENT, FAR, WHOLE),
            "The gradient consists only of the probabilities: nothing was subtracted at the "
            "correct classes.",
            "In which direction should the score of the correct class move? Which sign must its "
            "gradient have?",
        ),
        Mistake(
            "one added",
            {"dZ[rows, labels] -= 1": "dZ[rows, labels] += 1"},
            (GRADIENT, FAR, WHOLE),
            "1 was added at the correct classes instead of subtracted.",
            "Each row of the gradient should add up to 0. What do your rows add up to?",
        ),
        Mistake(
            "one subtracted everywhere",
            {"dZ[rows, labels] -= 1": "dZ -= 1"},
            (GRADIENT, FAR, WHOLE),
            "1 was subtracted from every probability, not only at the correct class of each row.",
            "Each row of the gradient should add up to 0. What do your rows add up to?",
        ),
        Mistake(
            "one subtracted in whole columns",
            {"dZ[rows, labels] -= 1": "dZ[:, labels] -= 1"},
            (GRADIENT, FAR, WHOLE),
            "1 is subtracted in whole columns, as if a colon stood in place of the row numbers.",
            "Each row has one correct class. Which index selects one entry per row, with labels?",
        ),
        Mistake(
            "sign of the gradient",
            {DIVIDED: "dZ = -dZ / m"},
            (GRADIENT, FAR, WHOLE),
            "The gradient has the wrong sign.",
            "If the score of the correct class grows, does the loss grow or fall?",
        ),
        Mistake(
            "slope of the sigmoid besides",
            {DIVIDED: "dZ = dZ * softmax(Z) * (1 - softmax(Z)) / m"},
            (GRADIENT, FAR, WHOLE),
            "The gradient has an additional factor, `A * (1 - A)`, as for a sigmoid; the "
            "derivative of softmax is already included.",
            (
                "The measured gradient in the text needs no further factor. How does it follow "
                "from `A`?"
            ),
        ),
        Mistake(
            "computed in place",
            {
                "shifted = Z - np.max": "Z -= np.max",
                "keepdims=True)\n    logs": "keepdims=True)\n    shifted = Z\n    logs",
            },
            (REST,),
            "`Z` itself was changed, for example by `-=`, but it belongs to the caller.",
            "Which operator makes a new array, - or -=?",
        ),
    ),
    elsewhere={
        "Overflow and underflow": ("nothing subtracted", "one maximum for all rows"),
        "The gradient with respect to the scores": (
            "gradient not averaged",
            "gradient divided by the classes",
            "gradient divided twice",
            "divided before the ones are subtracted",
            "gradient at the correct classes alone",
            "one not subtracted",
            "one added",
            "one subtracted everywhere",
            "one subtracted in whole columns",
            "sign of the gradient",
            "slope of the sigmoid besides",
        ),
    },
    hints=(
        "Take one row of scores by hand: its probabilities, that of the correct class, and minus "
        "its logarithm.",
        "The logarithm of `exp(z)` over a sum is `z` minus the logarithm of the sum. Subtract the "
        "largest score of each row first, as in softmax.",
        "The loss is the mean over the rows. The gradient is the result of softmax, minus 1 at "
        "[rows, labels], all divided by `m`.",
    ),
)

PAGE = Page(
    terms=("cross-entropy", "softmax", "logits", "label", "numerical stability"),
    mistakes=(
        "logarithm of 0",
        "sum of the losses",
        "every column for every row",
        "gradient not averaged",
        "one subtracted everywhere",
    ),
    cases=({"Z": np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]]), "labels": np.array([0, 2])},),
    reading="The losses of the two rows are 1.0986 and 0.4076, and their mean is [0.7531]{= "
    "loss }. In `dZ` only the entry of the correct class is negative, and each row "
    "adds up to [0]{= dZ[1].sum() }.",
)
