"""Messages for an output that should be a dictionary of arrays."""

import numpy as np
import pytest

from exercises import EXERCISES
from exercises.training import SHAPES
from exercises.vectorized import lenet_gradients
from nbexercise.diagnosis.diagnose import judge
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.wording import wrapped
from nbexercise.showing.picture import in_words
from nbexercise.showing.text import describe
from tests.exercises.case_sets import case_set

NAME = "lenet_gradients"
assert set(SHAPES) == set(case_set(NAME).returns[1].parts)


def changed(change):
    """Return the verdict on a function whose gradients are changed before it returns them."""

    def function(X, labels, parameters):
        loss, gradients = lenet_gradients(X, labels, parameters)
        return loss, change(gradients)

    return judge(case_set(NAME), function)


WRONG = {
    "a list": (lambda g: list(g.values()), "returned a list for gradients; expected a dictionary"),
    "an array": (lambda g: g["W1"], "for gradients; expected a dictionary of arrays."),
    "None inside": (lambda g: {**g, "b2": None}, "gradients['b2']"),
    "text inside": (lambda g: {**g, "W4": "zero"}, "gradients['W4']"),
}


@pytest.mark.parametrize("label", WRONG)
def test_what_is_no_dictionary_of_arrays_is_named(label):
    change, said = WRONG[label]
    verdict = changed(change)
    assert verdict.points == 0
    assert said in " ".join(describe(explain(verdict)).split())


def test_a_wrong_shape_costs_the_shapes_and_the_part_it_is_in():
    verdict = changed(lambda g: {**g, "b5": g["b5"][0]})
    lost = {result.check.name for result in verdict.results if not result.passed}
    assert lost == {"output shapes", "gradients of the last layer"}
    assert "gradients['b5']" in describe(explain(verdict))


def test_other_names_and_another_kind_of_dictionary_cost_nothing():
    class Kept(dict):
        pass

    verdict = changed(lambda g: Kept(reversed([*g.items(), ("X", np.zeros(3))])))
    assert verdict.passed
    assert verdict.points == EXERCISES[NAME].points


@pytest.mark.parametrize(
    ("missing", "lost"),
    [
        (("b2",), {"gradients of the second convolution"}),
        (
            ("W1", "b1", "W2", "b2"),
            {"gradients of the second convolution", "gradients of the first convolution"},
        ),
    ],
    ids=["one", "both convolutions"],
)
def test_what_is_missing_costs_its_own_points_and_the_shapes(missing, lost):
    verdict = changed(lambda g: {name: value for name, value in g.items() if name not in missing})
    found = {result.check.name for result in verdict.results if not result.passed}
    assert found == {*lost, "output shapes"}
    assert verdict.mistake is None
    for text in (describe(explain(verdict)), describe(explain(verdict, graded=True))):
        assert "has 1 axis" not in text
        assert f"gradients['{missing[-2:][0]}'] is missing: it has not been computed " in text


def test_without_any_gradient_the_loss_still_counts():
    verdict = changed(lambda g: {})
    passed = [result.check.name for result in verdict.results if result.passed]
    assert passed == ["loss", "input left alone"]


def test_the_first_wrong_array_from_the_loss_backwards_is_shown_and_drawn():
    verdict = changed(lambda g: {**g, "W1": g["W1"] * 3 + 1, "W2": g["W2"] + 1})
    assert "gradients['W2'][0, 0, 0, 0] is" in describe(explain(verdict))
    assert "gradients['W2'][:, :, 0, 0]" in in_words(verdict)


def test_a_dictionary_of_arrays_is_named_and_not_listed():
    verdict = changed(lambda g: {**g, "b5": g["b5"] + 1})
    assert "parameters of 10 arrays" in describe(explain(verdict))
    assert all(len(line) <= 100 for line in wrapped(describe(explain(verdict))).splitlines())


def test_changed_entries_of_an_argument_are_named():
    def function(X, labels, parameters):
        answer = lenet_gradients(X, labels, parameters)
        parameters["W1"] *= 2
        parameters["b5"] += 1
        return answer

    said = describe(explain(judge(case_set(NAME), function)))
    assert "the call changed parameters['W1'] and parameters['b5'], which belong to" in said
