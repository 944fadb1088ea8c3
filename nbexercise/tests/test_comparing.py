"""Two outcomes agree if nan and infinity are at the same positions, whatever their dtypes."""

import numpy as np
import pytest

from nbexercise.judging.comparing import agree, wrong_cells
from nbexercise.judging.model import CallOutcome

ODD = np.array([np.nan, np.inf, -np.inf, 1.0])


def same(a, b):
    return agree(CallOutcome({"A": a}), CallOutcome({"A": b}), tolerance=1e-9)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_infinities_of_unlike_precision_agree(dtype):
    assert same(ODD.astype(dtype), ODD)
    assert same(ODD, ODD.astype(dtype))


@pytest.mark.parametrize("other", [[0, 1, 2, 3], [1, 0, 2, 3], [0, 2, 1, 3]])
def test_they_must_stand_at_the_same_places(other):
    assert not same(ODD[other], ODD) or other == [0, 1, 2, 3]


def test_a_finite_value_beside_them_still_counts():
    assert not same(ODD + [0, 0, 0, 1e-6], ODD)


def test_very_large_numbers_are_compared_without_a_warning():
    huge = np.array([1.7e308, -1.7e308])
    assert wrong_cells(huge, -huge, 1e-9).all()
    assert not wrong_cells(huge, huge, 1e-9).any()
    assert wrong_cells(np.array([np.inf]), np.array([np.inf]), 1e-9).all()  # no answer is infinite
