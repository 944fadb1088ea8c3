"""Correct solutions of every style earn all points, without diagnoses or output on stderr."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from exercises import EXERCISES, vectorized
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.diagnosis.diagnose import judge
from tests.exercises.case_sets import LUCK, NAMES, case_set
from tests.exercises.solutions import RIGHT

ROOT = Path(__file__).resolve().parents[2]
SEEDS = (PUBLIC_SEED, *((11, 12, 13) if LUCK else (11,)))  # tests/luck decides with twenty


def styles(name):
    """Return every correct solution of an exercise, by style."""
    return {
        "loops": inspect.unwrap(EXERCISES[name].loops),
        "loops, validated": EXERCISES[name].loops,
        "the definition's vectorized": EXERCISES[name].vectorized,
        "vectorized": getattr(vectorized, name, EXERCISES[name].vectorized),
        **RIGHT.get(name, {}),
    }


@pytest.mark.parametrize("name", NAMES)
def test_there_are_styles_enough(name):
    file = f"tests/exercises/solutions/{name}.py"
    assert len(RIGHT.get(name, ())) >= 6, f"{file} needs six correct solutions"


@pytest.mark.parametrize("name", NAMES)
def test_right_solutions_earn_all_points(name, capfd, subtests):
    for style, function in styles(name).items():
        for seed in SEEDS:
            with subtests.test(style, seed=seed):
                verdict = judge(case_set(name, seed), function)
                failed = [result.check.name for result in verdict.results if not result.passed]
                assert not failed
                assert verdict.points == EXERCISES[name].points
                assert verdict.mistake is None
                assert verdict.notes == ()
                assert capfd.readouterr() == ("", "")


PROGRAM = """
import logging
logging.basicConfig()  # a handler that holds on to sys.stderr, as from an earlier cell
import exercises, nbexercise, public_tests
from tests.exercises.solutions import RIGHT
for name, styles in RIGHT.items():
    function = next(iter(styles.values()))
    nbexercise.checks.check(name, function)
    exercises.grade(name, function, seed=5)
"""


def test_nothing_reaches_stderr_and_a_verdict_shows_no_prints():
    """The test above covers every style; this one covers a handler that a notebook keeps."""
    result = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True)
    assert result.stderr == b""
    assert result.returncode == 0
    text = result.stdout.decode()
    assert text.count("checks passed.") == len(RIGHT)
    assert "printed" not in text
