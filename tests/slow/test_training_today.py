"""Statements of "How networks are trained today" about scripts that are run."""

import numpy as np
import pytest

from lesson_tools.training_today.broken_scripts import CASES, SCRIPT, broken
from lesson_tools.training_today.questions import RIGHT
from tests.lesson_tools.cells import defined


@pytest.fixture(scope="module")
def examine():
    """Return what `examine` passes to its figure."""

    class Draw:
        examination = staticmethod(lambda one_batch, log: (one_batch, log))

    return defined("20_training_today", "examine", draw=Draw, broken=broken)["examine"]


def cause(one_batch, log):
    """Return the letter at which the chart ends, or "healthy"."""
    if abs(one_batch[0] - np.log(10)) > 0.3:
        return "A"
    if one_batch[-1] > 0.1:
        if np.ptp(one_batch) == 0:
            return "B"
        return "C" if max(one_batch[1:10]) > one_batch[0] else "D"
    if log[-1][0] > 2:
        return "E"
    return "F" if log[-1][1] > 1 else "healthy"


@pytest.mark.parametrize(("case", "letter"), list(enumerate("BDF", 1)))
def test_the_chart_finds_the_cause_of_each_case(case, letter, examine):
    one_batch, log = examine(case)
    assert cause(one_batch, log) == letter
    if case == 2:  # a second softmax: each wrong image costs 1 more
        wrong = (one_batch[-1] - (np.log(np.e + 9) - 1)) * 32
        assert round(wrong) == 4 and 0.8 < log[-1][2] < 0.95
    if case == 3:
        assert log[-1][2] < 0.01, "worse than guessing"


@pytest.mark.parametrize("case", CASES)
def test_a_repair_restores_the_script_and_its_health(case, examine):
    number, text = RIGHT[case]
    script = broken(case, {number: text})
    different = [a for a, b in zip(script.lines, SCRIPT, strict=True) if a.split("  #")[0] != b]
    different = [line for line in different if not line.startswith("images, labels, val")]
    assert different == (["optimizer = Adam(0.01)"] if case == 2 else [])
    assert cause(*examine(case, {number: text})) == "healthy"
