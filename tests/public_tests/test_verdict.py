"""A verdict is data: describing it never calls the student's function again."""

import pickle
import sys

import numpy as np
import pytest
from tests.cells import written
from tests.small_case_set import ONE, TWO, case_set, square

import exercises
import public_tests
from exercises import EXERCISES
from nbexercise import checks
from nbexercise.defining import grading
from nbexercise.diagnosis import explanation
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.deciding import decide
from nbexercise.showing.picture import in_words
from nbexercise.showing.report import as_report
from nbexercise.showing.svg import draw
from nbexercise.showing.text import describe
from public_tests.course.windows import steps
from tests.exercises import case_sets as cases
from tests.exercises.solutions import WRONG


class Counting:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *arguments):
        self.calls += 1
        return self.function(*arguments)


def texts(verdict):
    """Return all descriptions of a verdict."""
    said = [
        describe(explain(verdict)),
        describe(explain(verdict, graded=True)),
        as_report(explain(verdict, graded=True), 1),
        verdict.notes,
    ]
    for drawn in (draw, in_words, steps):
        try:
            said.append(drawn(verdict))
        except ValueError as nothing_to_draw:
            said.append(str(nothing_to_draw))
    return said


def judged(name, function):
    return EXERCISES[name].judge_on(cases.case_set(name, 3), function)


@pytest.mark.parametrize("name", ["zero_pad", "conv_forward", "pool_backward", "output_size"])
def test_saying_and_drawing_a_verdict_calls_nothing(name):
    wrong = [entry.make() for entry in list(WRONG[name].values())[::5]]  # a sample of all kinds
    for function in (*wrong, EXERCISES[name].vectorized):
        counting = Counting(function)
        verdict = judged(name, counting)
        calls = counting.calls
        texts(verdict)
        assert counting.calls == calls


def test_a_function_that_fails_is_called_once_more_and_one_that_is_right_is_not():
    for function, more in ((square, 1), (lambda x: 2 * x, 0)):
        counting = Counting(function)
        judge(case_set(ONE, TWO), counting)
        assert counting.calls == 4 + more
        decide(case_set(ONE, TWO), counting)
        assert counting.calls == 8 + more


@pytest.mark.parametrize("name", ["zero_pad", "conv_forward", "pool_backward", "output_size"])
def test_a_verdict_can_be_pickled_and_says_the_same_afterwards(name):
    exercise = EXERCISES[name]
    wrong = [exercise.wrong_function(mistake) for mistake in exercise.mistakes[::3]]
    for function in (*wrong, exercise.vectorized, lambda *_: np.zeros(3)):
        verdict = judged(name, function)
        assert texts(pickle.loads(pickle.dumps(verdict))) == texts(verdict)


def test_a_verdict_holds_no_outcomes_of_mistakes():
    """Outcomes of mistakes in hidden cases are computed on demand, by functions."""
    verdict = judge(case_set(ONE, TWO, mistakes=["squared"]), square)
    assert verdict.mistake.name == "squared"
    assert not any(case.mistaken for case in verdict.case_set.cases)
    assert not any(run.case.mistaken for run in verdict.runs)


def test_a_verdict_is_explained_once_for_all_that_is_shown(monkeypatch, capsys):
    wrong, explained = written("def zero_pad(X, pad):\n    return X + pad"), []

    def counted(verdict, **options):
        explained.append(verdict)
        return explanation.explain(verdict, **options)

    for module in (checks, grading):
        monkeypatch.setattr(module, "explain", counted)
    with pytest.raises(AssertionError):
        public_tests.zero_pad_test(wrong)
    public_tests.show("zero_pad")
    public_tests.summary("zero_pad")
    assert len(explained) == 1
    exercises.grade("zero_pad", wrong, 1)
    assert len(explained) == 2
    ours = {name: module for name, module in sys.modules.items() if name.startswith("nbexercise")}
    holders = {name for name, module in ours.items() if hasattr(module, "explain")}
    # Commands for authors, which another test of this process may have imported.
    holders = {name for name in holders if not name.startswith("nbexercise.building")}
    assert holders == {
        "nbexercise.checks",
        "nbexercise.defining.grading",
        "nbexercise.diagnosis.explanation",
    }


def test_a_variable_that_its_check_cannot_use_is_not_right_yet(monkeypatch, capsys):
    """The last cell of the notebook lenet, when `trained` is a list."""
    monkeypatch.setattr(checks, "_own_checks", {})
    monkeypatch.setattr(checks, "namespace", lambda: {"trained": []})
    public_tests.validate("trained", lambda: [] / 2 > 0.85)
    public_tests.summary("trained")
    shown = " ".join(capsys.readouterr().out.split())
    says = "not right yet; its check ended in a TypeError: unsupported operand type(s) for /"
    assert f"trained: {says}" in shown
    monkeypatch.setenv("NBGRADER_VALIDATING", "1")
    with pytest.raises(AssertionError, match="trained: not right yet; its check ended in a Type"):
        public_tests.validate("trained", lambda: [] / 2 > 0.85)
