"""The class of 24 students: the scenario of each exercise in each submission."""

import random
from collections.abc import Sequence
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
    "plan",
    "solution_cells",
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


# The submissions for each assignment, assigned to students by the seed: the scenarios of each
# exercise, or the names of known mistakes. Where a list ends, its first scenario is repeated.
CLASS: dict[str, dict[str, list[Scenario | str]]] = {
    "padding": {
        "zero_pad": [
            *(LOOPS, VECTORIZED, PRINTS, WARNS, UNTOUCHED, NO_RETURN, SYNTAX, "channels padded"),
            *("height only", "edge repeated", "border written into the image", DELETED, COPIED),
        ],
    },
    "single_step": {
        "conv_single_step": [
            *(LOOPS, LOOPS, VECTORIZED, FLOAT_OF_BIAS, EXCEPTION, ENDLESS, WARNS),
            *("array of shape (1, 1, 1)", "bias added per element", "bias forgotten"),
        ],
    },
    "conv_forward": {
        "conv_forward": [
            *(LOOPS, LOOPS, VECTORIZED, VECTORIZED, HALF, PRINTS, UNTOUCHED, SYNTAX),
            *("stride ignored", "stride ignored", "f taken for the stride"),
            *("image not padded", "n_W from the height", "flipped filter"),
        ],
    },
    "pooling": {
        "pool_forward": [
            *(LOOPS, VECTORIZED, WARNS, HALF, EXCEPTION, "stride ignored", "maximum in both modes"),
            *("whole image pooled", "maximum started at 0", "size rounded up", "stride ignored"),
        ],
    },
    "backprop": {
        "conv_backward": [
            *(LOOPS, VECTORIZED, "[pad:-pad] at pad 0", "[pad:-pad] at pad 0"),
            *("stride ignored", LOOPS, "started from random numbers"),
            *("last image only", HALF, "h and w swapped in dZ", LOOPS, EXCEPTION),
        ],
        "create_mask_from_window": [
            *(LOOPS, VECTORIZED, LOOPS, LOOPS, LOOPS, LOOPS, LOOPS),
            *("maximum of each row", LOOPS, WARNS, "the maximum itself"),
        ],
        "distribute_value": [
            *(LOOPS, VECTORIZED, LOOPS, VECTORIZED, LOOPS),
            *("divided by the sum of the sides", LOOPS, LOOPS, LOOPS, PRINTS, "not divided"),
        ],
        "pool_backward": [
            *(LOOPS, VECTORIZED, "stride ignored", LOOPS, "stride ignored"),
            *(LOOPS, UNTOUCHED, LOOPS, HALF, "maximum in both modes"),
            *(SYNTAX, "overwritten where windows overlap"),
        ],
    },
    "transposed_conv": {
        "conv_transpose_forward": [
            *(LOOPS, VECTORIZED, WARNS, UNTOUCHED, SYNTAX, "stride ignored", "stride ignored"),
            *("[pad:-pad] at pad 0", "overwritten where copies overlap", "size of a convolution"),
        ],
    },
    "one_by_one": {
        "one_by_one_forward": [
            *(LOOPS, VECTORIZED, LOOPS, PRINTS, "bias forgotten"),
            *("first pixel everywhere", LOOPS, UNTOUCHED),
        ],
        "dense_as_convolution": [
            *(LOOPS, VECTORIZED, LOOPS, "channels read first", LOOPS),
            *("biases as they are", UNTOUCHED, UNTOUCHED),
        ],
        "advantages": [
            *(GOOD_ANSWER, GOOD_ANSWER, SHORT_ANSWER, SHORT_ANSWER),
            *(MISTAKEN_ANSWER, UNTOUCHED, UNTOUCHED, UNTOUCHED),
        ],
    },
    "activations": {
        "sigmoid": [LOOPS, VECTORIZED, UNTOUCHED, "exp over one plus exp", "sign of the exponent"],
        "relu": [LOOPS, VECTORIZED, UNTOUCHED, LOOPS, "largest of all", "written into Z"],
        "sigmoid_backward": [LOOPS, VECTORIZED, UNTOUCHED, LOOPS, LOOPS, "slope alone", "Z for A"],
        "tanh_backward": [
            *(LOOPS, VECTORIZED, UNTOUCHED, "slope of the sigmoid"),
            *("square forgotten", VECTORIZED, "Z for A"),
        ],
        "relu_backward": [
            *(LOOPS, VECTORIZED, UNTOUCHED, "everything passes", LOOPS, "sign of the gradient"),
        ],
        "softmax": [
            *(LOOPS, VECTORIZED, UNTOUCHED, "nothing subtracted"),
            *("nothing subtracted", LOOPS, "columns"),
        ],
        "softmax_cross_entropy": [
            *(LOOPS, VECTORIZED, UNTOUCHED, "logarithm of 0"),
            *(LOOPS, "gradient not averaged", NO_RETURN),
        ],
    },
    "arithmetic": {
        "output_size": [LOOPS, VECTORIZED, LOOPS, "padding on one side", "plus one forgotten"],
        "padding_amounts": [
            *(LOOPS, VECTORIZED, "stride left out of SAME", "odd one in front", UNTOUCHED),
        ],
        "conv_parameters": [LOOPS, VECTORIZED, "biases left out", LOOPS, "one bias in all"],
        "transposed_size": [LOOPS, VECTORIZED, LOOPS, "padding on one side", "a stride too many"],
    },
    "lenet": {
        "dense_forward": [LOOPS, VECTORIZED, LOOPS, "bias forgotten", "transposed", UNTOUCHED],
        "dense_backward": [
            *(LOOPS, VECTORIZED, "db averaged over the batch", "dW transposed", LOOPS, UNTOUCHED),
        ],
        "lenet_forward": [
            *(LOOPS, VECTORIZED, LOOPS, "no ReLU anywhere", "ReLU on the scores", UNTOUCHED),
        ],
        "lenet_gradients": [
            *(LOOPS, VECTORIZED, LOOPS),
            *("no ReLU on the way back", "gradients of the sum", UNTOUCHED),
        ],
        "momentum_step": [LOOPS, VECTORIZED, "momentum ignored", "up the hill", LOOPS, UNTOUCHED],
        "trained": [TRAINED, TRAINED_ON_A_FEW, NOT_TRAINED, UNTOUCHED, UNTOUCHED, UNTOUCHED],
    },
    "convolution_step_by_step": {
        "zero_pad": [LOOPS, VECTORIZED, "one side only"],
        "conv_single_step": [LOOPS, VECTORIZED, LOOPS, "bias forgotten"],
        "conv_forward": [LOOPS, VECTORIZED, LOOPS, LOOPS, "stride ignored"],
        "pool_forward": [LOOPS, VECTORIZED, LOOPS, "stride ignored"],
        "conv_backward": [LOOPS, VECTORIZED, LOOPS, LOOPS, UNTOUCHED],
        "create_mask_from_window": [LOOPS, VECTORIZED, LOOPS, LOOPS, UNTOUCHED, "minimum marked"],
        "distribute_value": [LOOPS, VECTORIZED, LOOPS, LOOPS, UNTOUCHED, "not divided"],
        "pool_backward": [LOOPS, VECTORIZED, LOOPS, LOOPS, UNTOUCHED],
    },
}
MOST_MISTAKES = 3  # of an exercise that CLASS does not contain


def plan(released: dict[str, nbformat.NotebookNode], seed: int = SEED) -> list[SampleSubmission]:
    """Return the class's submissions for the assignments in `released`.

    Parameters
    ----------
    released
        The students' notebooks by assignment name.
    """
    dealer = random.Random(seed)
    submissions = []
    for assignment in sorted(released):
        names, known = solution_cells(released[assignment]), CLASS.get(assignment, {})
        work = {name: known.get(name) or _usual(name) for name in names}
        number = max(map(len, work.values()))
        for index, student in enumerate(dealer.sample(STUDENTS, number)):
            scenarios = {name: _scenario(listed, index) for name, listed in work.items()}
            submissions.append(SampleSubmission(student, assignment, scenarios))
    return submissions


def _usual(name: str) -> list[Scenario | str]:
    """Return the scenarios of an exercise, or of a question, that CLASS does not contain."""
    if name not in EXERCISES:
        return [SHORT_ANSWER, UNTOUCHED]
    mistakes = [known.name for known in EXERCISES[name].mistakes[:MOST_MISTAKES]]
    return [LOOPS, VECTORIZED, UNTOUCHED, *mistakes]


def _scenario(listed: Sequence[Scenario | str], index: int) -> Scenario:
    chosen = listed[index] if index < len(listed) else listed[0]
    return mistake(chosen) if isinstance(chosen, str) else chosen


def solution_cells(notebook: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """Return the solution cells of a notebook, by exercise name."""
    cells = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution"))
    return {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells}
