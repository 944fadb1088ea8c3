"""One mistake costs one question: correct helpers replace wrong ones, and hide no other mistake."""

import functools
import re

import numpy as np
import pytest
from tests.cells import cell

from exercises import EXERCISES, grade, loops
from nbexercise.defining.helpers import with_helpers
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.capture import TimeIsUpError
from nbexercise.showing.report import as_report
from tests.exercises.case_sets import NAMES

REMARK = (
    r"Your [\w ]+ (is|are) not right yet\. This costs nothing here, because "
    r"\w+ was judged with (a correct one|correct ones)\."
)

CONV_FORWARD = EXERCISES["conv_forward"].solution_text()
WRONG_HELPERS = """
def zero_pad(X, pad):
    return np.pad(X, pad)

def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W)

def create_mask_from_window(x):
    return x == np.min(x)

def distribute_value(dz, shape):
    return np.full(shape, dz / sum(shape))

def sigmoid(Z):
    return np.tanh(Z), (Z,)

def softmax(Z):
    return Z / np.sum(Z, axis=1, keepdims=True)

def dense_forward(A_prev, W, b):
    return A_prev @ W - b, (A_prev, W, b)

def dense_backward(dZ, cache):
    return dZ @ cache[1].T, cache[0].T @ dZ, -cache[2]
"""
CALLERS = [name for name in NAMES if EXERCISES[name].helpers]


def judged(name, function, seed=6):
    return EXERCISES[name].judge(function, seed)


def test_the_exercises_that_build_on_others_declare_them():
    assert {name: sorted(EXERCISES[name].helpers) for name in CALLERS} == {
        "conv_forward": ["conv_single_step", "zero_pad"],
        "conv_backward": ["zero_pad"],
        "pool_backward": ["create_mask_from_window", "distribute_value"],
        # activations
        "sigmoid_backward": ["sigmoid"],
        "softmax_cross_entropy": ["softmax"],
        # lenet
        "lenet_forward": ["dense_forward"],
        "lenet_gradients": ["dense_backward", "dense_forward"],
    }


@pytest.mark.parametrize("name", CALLERS)
def test_a_right_function_with_wrong_helpers_earns_all_points_and_the_remark(name, capsys):
    names = cell(WRONG_HELPERS + EXERCISES[name].solution_text(), **EXERCISES[name].given)
    before = {helper: names[helper] for helper in EXERCISES[name].helpers}
    verdict = judged(name, names[name])
    assert verdict.passed
    assert re.fullmatch(REMARK, verdict.remark)
    assert f"because {name} was judged with" in verdict.remark
    assert grade(name, names[name], seed=1) == EXERCISES[name].points
    assert verdict.remark in " ".join(capsys.readouterr().out.split())
    assert {helper: names[helper] for helper in before} == before


@pytest.mark.parametrize("name", CALLERS)
def test_missing_helpers_are_supplied_and_taken_away_again(name):
    names = cell(EXERCISES[name].solution_text(), **EXERCISES[name].given)
    verdict = judged(name, names[name])
    assert verdict.passed
    assert not set(EXERCISES[name].helpers) & set(names)


def test_right_helpers_of_ones_own_are_not_replaced():
    calls = []

    def zero_pad(X, pad):
        calls.append(pad)
        return loops.zero_pad(X, pad)

    names = cell(CONV_FORWARD, zero_pad=zero_pad, conv_single_step=loops.conv_single_step)
    verdict = judged("conv_forward", names["conv_forward"])
    assert verdict.passed
    assert verdict.remark == ""
    assert calls


def test_only_helpers_that_fail_their_own_check_are_replaced(monkeypatch):
    replaced = []
    monkeypatch.setattr(
        "nbexercise.defining.exercise.with_helpers",
        lambda function, helpers: replaced.append([*helpers]) or with_helpers(function, helpers),
    )
    text = CONV_FORWARD.replace("b[:, :, :, c]", "b[:, :, :, 0]")
    right = {"zero_pad": loops.zero_pad, "conv_single_step": loops.conv_single_step}
    judged("conv_forward", cell(text, **right)["conv_forward"])
    assert not replaced
    wrong = cell(WRONG_HELPERS)["zero_pad"]
    verdict = judged("conv_forward", cell(text, **right | {"zero_pad": wrong})["conv_forward"])
    assert replaced == [["zero_pad"]]
    assert verdict.remark.startswith("Your zero_pad is not right yet.")


@pytest.mark.parametrize(
    "change",
    [
        ("vert_start = h * stride", "vert_start = h"),
        ("A_prev_pad = zero_pad(A_prev, pad)", "A_prev_pad = zero_pad(A_prev, 1)"),
        ("b[:, :, :, c]", "b[:, :, :, 0]"),
    ],
)
def test_helpers_do_not_make_a_wrong_function_right(change):
    text = CONV_FORWARD.replace(*change)
    assert text != CONV_FORWARD
    names = cell(WRONG_HELPERS + text)
    helped = judged("conv_forward", names["conv_forward"])
    assert not helped.passed
    assert re.fullmatch(REMARK, helped.remark)
    right = cell(text, zero_pad=loops.zero_pad, conv_single_step=loops.conv_single_step)
    alone = judged("conv_forward", right["conv_forward"])
    assert alone.points == helped.points
    assert alone.remark == ""


def test_a_helper_that_never_ends_costs_its_own_question_alone(monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 0.2)
    names = cell("def zero_pad(X, pad):\n    while True:\n        pass\n\n" + CONV_FORWARD)
    assert judged("conv_forward", names["conv_forward"]).passed


class _Stopped:
    """A right conv_forward with wrong helpers, which a time limit stops with correct ones."""

    def __init__(self, stops_always=False):
        names = cell(WRONG_HELPERS + CONV_FORWARD)
        self.function, self.stops_always = names["conv_forward"], stops_always

    def __call__(self, *arguments):
        if self.stops_always:
            raise TimeIsUpError
        return self.function(*arguments)

    def with_names(self, **helpers):
        def stopped(*arguments):
            raise TimeIsUpError

        return stopped


def test_a_limit_that_stops_a_function_with_correct_helpers_leaves_the_question_open(capsys):
    """The points and the diagnosis with wrong helpers would be those of another question."""
    verdict = judged("conv_forward", _Stopped())
    assert verdict.open_question == (
        "Your zero_pad and conv_single_step are not right, and with a correct version conv_forward "
        "was still running after 3 seconds of computing and was stopped. A person will grade this "
        "question."
    )
    report = as_report(explain(verdict, graded=True))
    assert report["manual"] is True and report["headline"] == verdict.open_question
    assert report["limit"].startswith("conv_forward was still running after 3 seconds")
    assert not {"checks", "diagnoses"} & set(report)
    grade("conv_forward", _Stopped(), seed=1)
    assert capsys.readouterr().out.startswith(f"conv_forward: {verdict.open_question}\n")


def test_a_limit_that_stops_a_function_in_any_case_is_its_own():
    verdict = judged("conv_forward", _Stopped(stops_always=True))
    assert (verdict.open_question, verdict.points) == ("", 0)
    assert as_report(explain(verdict, graded=True))["limit"]


CALLABLES = {
    "a lambda": "judge_me = lambda *arguments: conv_forward(*arguments)",
    "a partial": "judge_me = functools.partial(conv_forward)",
    "a wrapped function": """
@functools.wraps(conv_forward)
def judge_me(*arguments):
    return conv_forward(*arguments)
""",
    "an instance": """
class Convolution:
    def __call__(self, *arguments):
        return conv_forward(*arguments)

judge_me = Convolution()
""",
    "a method": """
class Convolution:
    def forward(self, *arguments):
        return conv_forward(*arguments)

judge_me = Convolution().forward
""",
    "through another function of the notebook": """
def step_two(*arguments):
    return conv_forward(*arguments)

def judge_me(A_prev, W, b, hparameters):
    return step_two(A_prev, W, b, hparameters)
""",
}


@pytest.mark.parametrize("text", CALLABLES.values(), ids=CALLABLES)
def test_helpers_reach_every_kind_of_callable(text):
    names = cell(WRONG_HELPERS + CONV_FORWARD + "\n\n" + text, functools=functools)
    verdict = judged("conv_forward", names["judge_me"])
    assert verdict.passed
    assert re.fullmatch(REMARK, verdict.remark)


def test_names_are_bound_in_the_functions_own_namespace_for_the_length_of_the_call():
    here = cell("def f():\n    return helper()", helper=lambda: "mine")
    there = cell("helper = 'untouched'")
    helped = with_helpers(here["f"], {"helper": lambda: "right"})
    assert helped() == "right"
    assert here["f"]() == "mine"
    assert there["helper"] == "untouched"


def test_names_are_restored_after_an_exception():
    names = cell("def f():\n    return helper() / 0", helper=lambda: 1)
    own = names["helper"]
    with pytest.raises(ZeroDivisionError):
        with_helpers(names["f"], {"helper": lambda: 2, "other": lambda: 3})()
    assert names["helper"] is own
    assert "other" not in names


def test_a_remote_function_brings_its_own_way():
    class RemoteFunction:
        def __init__(self, names=()):
            self.names = dict(names)

        def processor_seconds(self):
            return 0.0

        def with_source(self, text, is_variant=True):
            raise OSError("no function has a source")

        def with_names(self, **names):
            return RemoteFunction(names)

        def __call__(self, A_prev, W, b, hparameters):
            if not self.names:
                return None
            program = cell(CONV_FORWARD, **self.names)
            return program["conv_forward"](A_prev, W, b, hparameters)

    helped = with_helpers(RemoteFunction(), {"zero_pad": loops.zero_pad})
    assert helped.names == {"zero_pad": loops.zero_pad}
    verdict = judged("conv_forward", RemoteFunction())
    assert verdict.passed
    assert re.fullmatch(REMARK, verdict.remark)


def test_a_builtin_has_no_names_to_bind():
    assert with_helpers(max, {"zero_pad": loops.zero_pad}) is None
    assert not judged("conv_forward", max).passed


def test_a_stand_in_shows_nothing_of_itself():
    spied = []

    def spy(*arguments):
        import inspect

        for look in (inspect.getsource, lambda f: f.__wrapped__, lambda f: f.__code__, vars):
            try:
                spied.append(look(spied_names["zero_pad"]))
            except (TypeError, AttributeError, OSError):
                spied.append(None)

    spied_names = spy.__globals__
    with_helpers(spy, {"zero_pad": loops.zero_pad})()
    assert spied == [None] * 4


def test_a_failure_inside_a_stand_in_shows_the_students_line_and_not_ours(capsys):
    names = cell(
        """
        def conv_forward(A_prev, W, b, hparameters):
            A_prev_pad = zero_pad(A_prev[0, 0, 0], hparameters["pad"])
        """
    )
    assert grade("conv_forward", names["conv_forward"], seed=2) == 0
    text = capsys.readouterr().out
    # The student has no zero_pad: the first judgment, without it, is the one shown.
    assert "NameError" in text

    helped = with_helpers(names["conv_forward"], EXERCISES["conv_forward"].helpers)
    from nbexercise.judging.calling import call

    case = EXERCISES["conv_forward"].case_set(2).cases[0]
    outcome = call(EXERCISES["conv_forward"].returns, case, helped).outcome
    shown = outcome.problem.text
    assert 'A_prev_pad = zero_pad(A_prev[0, 0, 0], hparameters["pad"])' in shown
    assert shown.count("\n  line ") == 1
    for line in EXERCISES["zero_pad"].solution_text().splitlines()[1:]:
        assert not line.strip() or line.strip() not in shown


def test_wrong_helpers_that_give_more_points_than_right_ones_are_kept():
    # Two mistakes that cancel: a scalar bias, and a student's helper that needs one.
    names = cell(
        """
        def conv_single_step(a_slice_prev, W, b):
            return np.sum(a_slice_prev * W) + b
        """
        + CONV_FORWARD.replace("b[:, :, :, c]", "float(b[0, 0, 0, c])")
        .replace("\n", "\n        ")
        .replace("def conv", "\n        def conv"),
        zero_pad=loops.zero_pad,
    )
    verdict = judged("conv_forward", names["conv_forward"])
    assert verdict.passed
    assert verdict.remark == ""
    assert np.isscalar(names["conv_single_step"](np.ones(1), np.ones(1), 1.0))
