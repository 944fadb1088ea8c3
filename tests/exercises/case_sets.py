"""The case sets for the tests, public and hidden, made once."""

import functools
import os
from pathlib import Path

import numpy as np

import public_tests
from exercises import EXERCISES, SOURCES
from nbexercise.checks import CASE_SETS as PUBLIC
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.defining.stored import is_of
from nbexercise.judging.storage import SUFFIX

NAMES = list(EXERCISES)
# `make test-luck` uses twenty seeds, three of which are hidden ones for diagnoses.
SEEDS = int(os.environ.get("SEEDS", "1"))
LUCK = SEEDS > 1
HIDDEN_SEEDS = tuple(range(1, min(SEEDS, 4)))
CASES = Path(public_tests.__file__).parent / "cases"

MISTAKES = [(name, mistake) for name in NAMES for mistake in EXERCISES[name].mistakes]


@functools.cache
def case_set(name, seed=PUBLIC_SEED):
    """Return the case set of a seed; it caches the outcomes of the known mistakes."""
    if seed != PUBLIC_SEED:
        return EXERCISES[name].case_set(seed)
    stored = (CASES / f"{name}{SUFFIX}").read_bytes()
    text = f"exercises/{name}.py has changed since its cases were stored: run make release"
    assert is_of(EXERCISES[name], SOURCES, stored), text
    return PUBLIC[name]


def mistake_id(value):
    return value if isinstance(value, str) else getattr(value, "name", None)


def arrays(value):
    """Yield the arrays in an argument or an outcome."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from arrays(item)
