"""The class of 24 students: the scenario of each exercise in each submission."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nbformat

from exercises import EXERCISES
from tools.sample_class.scenarios import (
    COPIED,
    DELETED,
    ENDLESS,
    EXCEPTION,
    FLOAT_OF_BIAS,
    GOOD_ANSWER,
    HALF,
    LOOPS,
    MISTAKEN_ANSWER,
    NO_RETURN,
    NOT_TRAINED,
    PRINTS,
    SHORT_ANSWER,
    SYNTAX,
    TRAINED,
    TRAINED_ON_A_FEW,
    UNTOUCHED,
    VECTORIZED,
    WARNS,
    Scenario,
    mistake,
)

__all__ = [
    "SEED",
    "STUDENTS",
    "SampleSubmission",
    "all_rows",
    "plan",
    "solution_cells",
    "usual_rows",
]

SEED = 2024

STUDENTS = (
    *("abebe", "aiko", "amara", "bjorn", "carlos", "chidi", "dana", "elif"),
    *("farid", "grete", "hana", "ines", "jamal", "kofi", "lena", "mei"),
    *("nadia", "oskar", "priya", "quentin", "rosa", "samir", "tomas", "yara"),
)


@dataclass(frozen=True)
class SampleSubmission:
    """One student's submission for one assignment: the scenario of each exercise."""

    student: str
    assignment: str
    scenarios: dict[str, Scenario]


# The submissions for each assignment, one line each, assigned to students by the seed. A line lists
# the scenarios of the assignment's exercises in order. Other assignments get correct work, an
# untouched notebook, and a few known mistakes.
CLASS = {
    "padding": [
        *([LOOPS], [VECTORIZED], [PRINTS], [WARNS], [UNTOUCHED], [NO_RETURN], [SYNTAX]),
        *([mistake(m)] for m in ("channels padded", "height only", "edge repeated")),
        *([mistake("border written into the image")], [DELETED], [COPIED]),
    ],
    "single_step": [
        *([LOOPS], [LOOPS], [VECTORIZED], [FLOAT_OF_BIAS], [EXCEPTION], [ENDLESS], [WARNS]),
        *([mistake(m)] for m in ("array of shape (1, 1, 1)", "bias added per element")),
        [mistake("bias forgotten")],
    ],
    "conv_forward": [
        *([LOOPS], [LOOPS], [VECTORIZED], [VECTORIZED], [HALF], [PRINTS], [UNTOUCHED], [SYNTAX]),
        *([mistake(m)] for m in ("stride ignored", "stride ignored", "f taken for the stride")),
        *([mistake(m)] for m in ("image not padded", "n_W from the height", "flipped filter")),
    ],
    "pooling": [
        *([LOOPS], [VECTORIZED], [WARNS], [HALF], [EXCEPTION]),
        *([mistake(m)] for m in ("stride ignored", "maximum in both modes", "whole image pooled")),
        *([mistake(m)] for m in ("maximum started at 0", "size rounded up", "stride ignored")),
    ],
    "backprop": [
        # conv_backward, create_mask_from_window, distribute_value, pool_backward
        [LOOPS, LOOPS, LOOPS, LOOPS],
        [VECTORIZED, VECTORIZED, VECTORIZED, VECTORIZED],
        [mistake("[pad:-pad] at pad 0"), LOOPS, LOOPS, mistake("stride ignored")],
        [mistake("[pad:-pad] at pad 0"), LOOPS, VECTORIZED, LOOPS],
        [mistake("stride ignored"), LOOPS, LOOPS, mistake("stride ignored")],
        [LOOPS, LOOPS, mistake("divided by the sum of the sides"), LOOPS],
        [mistake("started from random numbers"), LOOPS, LOOPS, UNTOUCHED],
        [mistake("last image only"), mistake("maximum of each row"), LOOPS, LOOPS],
        [HALF, LOOPS, LOOPS, HALF],
        [mistake("h and w swapped in dZ"), WARNS, PRINTS, mistake("maximum in both modes")],
        [LOOPS, mistake("the maximum itself"), mistake("not divided"), SYNTAX],
        [EXCEPTION, LOOPS, LOOPS, mistake("overwritten where windows overlap")],
    ],
    "transposed_conv": [
        *([LOOPS], [VECTORIZED], [WARNS], [UNTOUCHED], [SYNTAX]),
        *([mistake(m)] for m in ("stride ignored", "stride ignored", "[pad:-pad] at pad 0")),
        *([mistake(m)] for m in ("overwritten where copies overlap", "size of a convolution")),
    ],
    "one_by_one": [
        # one_by_one_forward, dense_as_convolution, advantages
        [LOOPS, LOOPS, GOOD_ANSWER],
        [VECTORIZED, VECTORIZED, GOOD_ANSWER],
        [LOOPS, LOOPS, SHORT_ANSWER],
        [PRINTS, mistake("channels read first"), SHORT_ANSWER],
        [mistake("bias forgotten"), LOOPS, MISTAKEN_ANSWER],
        [mistake("first pixel everywhere"), mistake("biases as they are"), UNTOUCHED],
        [LOOPS, UNTOUCHED, UNTOUCHED],
        [UNTOUCHED, UNTOUCHED, UNTOUCHED],
    ],
    "activations": [
        # sigmoid, relu, sigmoid_backward, tanh_backward, relu_backward, softmax,
        # softmax_cross_entropy
        [LOOPS] * 7,
        [VECTORIZED] * 7,
        [UNTOUCHED] * 7,
        [
            *(mistake("exp over one plus exp"), LOOPS, LOOPS, mistake("slope of the sigmoid")),
            *(mistake("everything passes"), mistake("nothing subtracted")),
            mistake("logarithm of 0"),
        ],
        [
            *(mistake("sign of the exponent"), mistake("largest of all"), LOOPS),
            *(mistake("square forgotten"), LOOPS, mistake("nothing subtracted"), LOOPS),
        ],
        [
            *(LOOPS, mistake("written into Z"), mistake("slope alone"), VECTORIZED),
            *(mistake("sign of the gradient"), LOOPS, mistake("gradient not averaged")),
        ],
        [
            LOOPS,
            LOOPS,
            mistake("Z for A"),
            mistake("Z for A"),
            LOOPS,
            mistake("columns"),
            NO_RETURN,
        ],
    ],
    "arithmetic": [
        # output_size, padding_amounts, conv_parameters, transposed_size
        [LOOPS] * 4,
        [VECTORIZED] * 4,
        [LOOPS, mistake("stride left out of SAME"), mistake("biases left out"), LOOPS],
        [
            *(mistake("padding on one side"), mistake("odd one in front"), LOOPS),
            mistake("padding on one side"),
        ],
        [
            *(mistake("plus one forgotten"), UNTOUCHED, mistake("one bias in all")),
            mistake("a stride too many"),
        ],
    ],
    "lenet": [
        # dense_forward, dense_backward, lenet_forward, lenet_gradients, momentum_step, trained
        [LOOPS, LOOPS, LOOPS, LOOPS, LOOPS, TRAINED],
        [VECTORIZED, VECTORIZED, VECTORIZED, VECTORIZED, VECTORIZED, TRAINED_ON_A_FEW],
        [
            *(LOOPS, mistake("db averaged over the batch"), LOOPS, LOOPS),
            *(mistake("momentum ignored"), NOT_TRAINED),
        ],
        [
            *(mistake("bias forgotten"), mistake("dW transposed")),
            *(mistake("no ReLU anywhere"), mistake("no ReLU on the way back")),
            *(mistake("up the hill"), UNTOUCHED),
        ],
        [
            *(mistake("transposed"), LOOPS, mistake("ReLU on the scores")),
            *(mistake("gradients of the sum"), LOOPS, UNTOUCHED),
        ],
        [UNTOUCHED] * 6,
    ],
    "convolution_step_by_step": [
        # zero_pad, conv_single_step, conv_forward, pool_forward, and those of backprop
        [LOOPS] * 8,
        [VECTORIZED] * 8,
        [mistake("one side only"), *[LOOPS] * 7],  # conv_forward and conv_backward are correct
        [LOOPS, mistake("bias forgotten"), LOOPS, mistake("stride ignored"), *[LOOPS] * 4],
        [LOOPS, LOOPS, mistake("stride ignored"), LOOPS, *[UNTOUCHED] * 4],
        [*[LOOPS] * 5, mistake("minimum marked"), mistake("not divided"), LOOPS],
    ],
}


def plan(released: dict[str, nbformat.NotebookNode], seed: int = SEED) -> list[SampleSubmission]:
    """Return the class's submissions for the assignments in `released`.

    released: the students' notebooks by assignment name
    """
    dealer = random.Random(seed)
    submissions = []
    for assignment in sorted(released):
        names = list(solution_cells(released[assignment]))
        rows = CLASS.get(assignment) or list(usual_rows(names))
        for student, row in zip(dealer.sample(STUDENTS, len(rows)), rows, strict=True):
            submissions.append(
                SampleSubmission(student, assignment, dict(zip(names, row, strict=True)))
            )
    return submissions


def usual_rows(names: Sequence[str]) -> Iterator[list[Scenario]]:
    """Yield rows for an assignment that CLASS does not contain."""
    right = [LOOPS if name in EXERCISES else SHORT_ANSWER for name in names]
    yield right
    yield [UNTOUCHED] * len(names)
    for index, name in enumerate(names):
        for wrong in EXERCISES[name].mistakes[:3] if name in EXERCISES else ():
            yield [*right[:index], mistake(wrong.name), *right[index + 1 :]]


def all_rows() -> tuple[list[Scenario], ...]:
    """Return every row that a plan may contain."""
    usual = (row for name in EXERCISES for row in usual_rows([name]))
    return (*(row for rows in CLASS.values() for row in rows), *usual)


def solution_cells(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """Return the solution cells of a notebook, by exercise name."""
    cells = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))
    return {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells}
