"""Statements of "How networks are trained today" about scripts that are run."""

import numpy as np
import pytest

from lesson_tools.training_today.broken_scripts import SCRIPT, broken
from lesson_tools.training_today.questions import RIGHT
from tests.lesson_tools.cells import defined


@pytest.fixture(scope="module")
def taught():
    names = ("train", "overfit_one_batch", "warm_up_cosine", "bfloat16")
    return defined("20_training_today", *names)


@pytest.fixture(scope="module")
def examined(taught):
    """Return a function that returns what `examine` shows."""

    def examine(case, repairs=None, epochs=3):
        one_batch = taught["overfit_one_batch"](broken(case, repairs))
        return one_batch, taught["train"](broken(case, repairs), epochs)

    return examine


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


@pytest.mark.parametrize(("case", "letter"), list(enumerate("CBEDFA")))
def test_the_chart_finds_the_cause_of_each_case(case, letter, examined):
    assert cause(*examined(case)) == letter


@pytest.mark.parametrize("case", range(6))
def test_a_repair_restores_the_script_and_its_health(case, examined):
    number, text = RIGHT.get(case, (6, "optimizer = SGD(0.3)"))
    script = broken(case, {number: text})
    different = [a for a, b in zip(script.lines, SCRIPT, strict=True) if a.split("  #")[0] != b]
    different = [line for line in different if not line.startswith("images, labels, val")]
    assert different == (["optimizer = Adam(0.01)"] if case == 3 else [])
    assert cause(*examined(case, {number: text})) == "healthy"


def test_the_floor_of_a_second_softmax(examined):
    one_batch, log = examined(3, epochs=6)
    floor = np.log(np.e + 9) - 1
    wrong = (one_batch[-1] - floor) * 32  # each wrong image costs 1 more
    assert round(wrong) == 4 and 0.8 < log[-1][2] < 0.95


def test_the_statements_about_case_0_and_the_log_of_case_4(examined):
    one_batch, _ = examined(0, epochs=1)
    assert 2.1 < one_batch[-1] < 2.2
    _, log = examined(4, epochs=6)
    assert log[-1][2] < 0.01, "worse than guessing"


def test_what_happens_if(examined):
    rate = {6: "optimizer = SGD(0.3)"}
    one_batch, _ = examined(0, {6: "optimizer = SGD(0.001)"}, epochs=1)
    assert 0 < one_batch[0] - one_batch[-1] < 0.1
    assert all(a > b for a, b in zip(one_batch, one_batch[1:], strict=False))
    threes = {3: "images, labels = images[order], 3 + 0 * labels"}
    _, log = examined(0, rate | threes)
    assert log[-1][0] < 0.001 and log[-1][2] < 0.2
    unscaled = {19: "return evaluate(network, np.float32(val_images), val_labels)"}
    _, log = examined(0, rate | unscaled, epochs=6)
    _, healthy = examined(0, rate, epochs=6)
    assert abs(log[-1][2] - healthy[-1][2]) < 0.02 and log[-1][1] > 10
