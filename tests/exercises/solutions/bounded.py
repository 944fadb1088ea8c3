"""Functions that are correct until a number gets large."""

import numpy as np

from tests.exercises.solutions.registry import Solutions

EXERCISES = (
    "conv_backward",
    "conv_forward",
    "conv_single_step",
    "conv_transpose_forward",
    "distribute_value",
    "one_by_one_forward",
    "pool_backward",
    "pool_forward",
    "zero_pad",
)


def _arrays(change):
    """Change every output except the cache."""

    def changed_answer(answer, *arguments):
        if isinstance(answer, tuple):
            return tuple(x if isinstance(x, tuple) else change(x) for x in answer)
        return change(answer)

    return changed_answer


def _coarse(x):
    with np.errstate(over="ignore"):
        return np.asarray(x).astype("float16")[()]


for _name in EXERCISES:
    _add = Solutions(_name)
    _add.changed("clipped at 100")(_arrays(lambda x: np.clip(x, -100, 100)))
    _add.changed("not above 255")(_arrays(lambda x: np.minimum(x, 255)))
    _add.changed("in float16")(_arrays(_coarse))
