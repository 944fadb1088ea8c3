"""Explanations besides the failing case: wrong helpers, several failures, and the next step."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from tests.cells import cell, written

from exercises import EXERCISES, grade, vectorized
from nbexercise.checks import CASE_SETS
from nbexercise.defining.exercise import as_plain
from nbexercise.diagnosis.explanation import explain
from nbexercise.showing.report import as_report
from nbexercise.showing.text import describe
from public_tests import (
    conv_forward_test_2,
    output_size_test,
    pool_forward_test,
    zero_pad_test,
)
from tests.public_tests.messages import message, right


@pytest.fixture(autouse=True)
def without_repairs(monkeypatch):
    """These texts are for code that no single change repairs (test_repairs.py tests those)."""
    monkeypatch.setattr("nbexercise.diagnosis.mistakes.repair", lambda *_: None)


def test_a_wrong_earlier_function_is_named():
    names = cell(
        """
        def zero_pad(X, pad):
            return np.pad(X, pad)

        def conv_single_step(a_slice_prev, W, b):
            return np.sum(a_slice_prev * W) + b.item()

        def conv_forward(A_prev, W, b, hparameters):
            zero_pad(A_prev, 1)
            conv_single_step(A_prev, A_prev, b[..., 0])
        """
    )
    text = message(conv_forward_test_2, names["conv_forward"])
    assert (
        "conv_forward calls your zero_pad, which did not pass its own check: fix that first. "
        "(The graded cell judges conv_forward with correct helpers, so this costs you nothing "
        "there.)"
    ) in " ".join(text.split())
    names["conv_single_step"] = lambda *arguments: 0.0
    text = message(conv_forward_test_2, names["conv_forward"])
    assert "conv_forward calls your zero_pad and conv_single_step, which did not pass their" in text
    names["zero_pad"], names["conv_single_step"] = right("zero_pad"), right("conv_single_step")
    assert "fix that first" not in message(conv_forward_test_2, names["conv_forward"])


def test_a_given_function_that_was_changed_is_not_called_the_readers_own(monkeypatch):
    for name in ("zero_pad", "conv_single_step"):  # like a notebook that provides them
        given = replace(CASE_SETS[name], mistakes=())
        monkeypatch.setitem(CASE_SETS._loaded, name, given)
    names = cell(
        EXERCISES["conv_forward"].solution_text(),
        zero_pad=lambda X, pad: X,
        conv_single_step=right("conv_single_step"),
    )
    text = " ".join(message(conv_forward_test_2, names["conv_forward"]).split())
    assert (
        "conv_forward calls zero_pad, which this notebook provides and a cell has changed: undo "
        "that first. (The graded cell judges conv_forward with correct helpers, so this costs"
    ) in text
    assert (
        "Next: undo the changes to zero_pad, or copy the cell from a fresh copy of the notebook; "
        "run it, then run this check again."
    ) in text
    assert "your zero_pad" not in text
    names["conv_single_step"] = lambda *arguments: 0.0
    text = " ".join(message(conv_forward_test_2, names["conv_forward"]).split())
    assert (
        "calls zero_pad and conv_single_step, which this notebook provides and a cell has" in text
    )


@pytest.mark.parametrize(
    ("name", "was", "again"),
    [("np", "NumPy", "the setup cell again"), ("range", "Python's range", "del range")],
)
def test_a_name_that_the_notebook_has_overwritten_is_named_in_place_of_the_functions(
    name, was, again
):
    helpers = EXERCISES["zero_pad"].solution_text(), EXERCISES["conv_single_step"].solution_text()
    names = cell("\n\n".join([*helpers, EXERCISES["conv_forward"].solution_text()]))
    names[name] = 3
    text = " ".join(message(conv_forward_test_2, names["conv_forward"]).split())
    assert (
        f"{name} is no longer {was}: a cell of this notebook has assigned a value of type int to "
        f"it. Give that variable another name, then run {again}."
    ) in text
    assert "did not pass" not in text


def test_a_variable_with_the_name_of_a_function_is_no_fault_in_itself():
    function = cell("def zero_pad(X, pad):\n    id = np.pad(X, 0)\n    return id")["zero_pad"]
    assert "no longer" not in message(zero_pad_test, function)


WRONG_HELPER = """
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W)

"""


def test_beside_a_wrong_helper_the_function_itself_is_not_blamed():
    names = cell(
        WRONG_HELPER + EXERCISES["conv_forward"].solution_text(), zero_pad=right("zero_pad")
    )
    text = message(conv_forward_test_2, names["conv_forward"])
    assert (
        "\n\nNext: fix conv_single_step, run its cell and its check, then run this check again.\n"
        'show("conv_forward") draws this case; hint("conv_forward") gives a hint.\n\n'
    ) in text
    assert text.count("Next: ") == 1
    assert "What happened" not in text and "Read again" not in text
    assert "First failing case, stride 1: " in text


def rows(text):
    """Return the table of checks as {name: rest of its row}."""
    found = re.findall(r"^  (pass|FAIL|----)  (?:.* of \d+ +)?([\w ,]+)(.*)$", text, re.MULTILINE)
    return {name: state + rest for state, name, rest in found}


crashing_average = written(
    """
    def pool_forward(A_prev, hparameters, mode="max"):
        if mode == "average":
            raise ValueError("no average")
        return right(A_prev, hparameters, mode)
    """,
    right=vectorized.pool_forward,
)


def test_after_an_error_the_table_says_what_was_not_looked_at():
    text = message(pool_forward_test, crashing_average)
    said = ": not checked because a call raised an error"
    assert rows(text)["input left alone"] == rows(text)["cache"] == f"----{said}"
    assert rows(text)["output shape"] == f"----{said.replace('checked', 'checked in every case')}"
    assert rows(text)["maximum, stride 1"] == "pass"


def test_an_error_is_shown_with_the_values_it_cost_and_not_as_a_wrong_shape():
    text = message(pool_forward_test, crashing_average)
    assert "First failing case, average, stride 1: " in text
    assert "raised ValueError: no average" in text


def test_a_changed_input_is_explained_beside_other_failures():
    def spoiling(A_prev, W, b, hparameters):
        answer = right("conv_forward")(A_prev, W, b, {**hparameters, "stride": 1})
        if hparameters["stride"] > 1:
            A_prev -= 1
        return answer

    text = " ".join(message(conv_forward_test_2, spoiling).split())
    assert "input left alone: the call changed A_prev, which belongs to the caller. Write" in text
    assert "First failing case, output shape" in text
    overwritten = next(m for m in EXERCISES["zero_pad"].mistakes if "into the image" in m.name)
    text = message(zero_pad_test, EXERCISES["zero_pad"].wrong_function(overwritten))
    assert "\n\ninput left alone: the call changed X, which belongs" in text


def test_of_two_mistakes_the_one_in_the_case_shown_comes_first(capsys):
    exercise = EXERCISES["conv_forward"]
    pair = [
        next(m for m in exercise.mistakes if m.name == name)
        for name in ("stride ignored", "bias of the first filter")
    ]
    grade("conv_forward", exercise.doubly_wrong(*pair), seed=1)
    text = " ".join(capsys.readouterr().out.split())
    stride, bias = (as_plain(mistake.diagnosis) for mistake in pair)
    assert f"points. {bias} {stride} " in text
    assert "First failing case, stride 1: " in text
    assert f"What happened in this case: {bias} Next: " in text
    assert f"Also in other cases: {stride} Next: " in text


def test_a_notebook_shows_the_verdict_without_our_frames():
    with pytest.raises(AssertionError) as caught:
        zero_pad_test(lambda X, pad: X)
    assert caught.value._render_traceback_() == str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ('hparameters["stride"]', 'hparameters["s"]'),
            "hparameters has the keys 'stride' and 'pad'. hint",
        ),
        (
            ("a_prev_pad = A_prev_pad[i]", "a_prev_padd = A_prev_pad[i]"),
            "no line of conv_forward assigns a_prev_pad: did you mean A_prev_pad or a_prev_padd? "
            "hint",
        ),
        (
            ("weights = W[:, :, :, c]", "weights = W[:, :, :, k]"),
            "no line of conv_forward assigns k. Which name did you mean? hint",
        ),
        (
            ("a_prev_pad = A_prev_pad[i]", "a_prev_pad = tf.constant(A_prev_pad[i])"),
            "tensorflow is not imported here. NumPy, as np, is all you need. hint",
        ),
        (
            ("biases = b[:, :, :, c]", "import nothing_like_it.signal"),
            "nothing_like_it is not installed here. NumPy, as np, is all you need. hint",
        ),
        (
            ("biases = b[:, :, :, c]", "biases = input()"),
            "the function gets its values as arguments: take input() out of the last quoted line.",
        ),
        (("zero_pad(A_prev, pad)", "zero_padd(A_prev, pad)"), "did you mean zero_pad? hint"),
        (("zero_pad(A_prev, pad)", "np_pad(A_prev, pad)"), "find the line that defines np_pad."),
        (
            ("zero_pad(A_prev, pad)", "zero_pad(A_prev, pad); zero_pad = 0"),
            "run the cell with zero_pad first. hint",
        ),
        (
            ("zero_pad(A_prev, pad)", "None"),
            "something in the last quoted line is still None: a placeholder, or a function without "
            "a return. hint",
        ),
        (
            ("conv_single_step(a_slice_prev, weights, biases)", "a_slice_prev * weights"),
            "one entry of Z takes one number, but got an array. Print the shape of that array. "
            "hint",
        ),
        (
            (
                "conv_single_step(a_slice_prev, weights, biases)",
                "np.dot(a_slice_prev[0], weights[0, :2])",
            ),
            "in np.dot(a_slice_prev[0], weights[0, :2]), a_slice_prev[0] has shape (3, 3) and "
            "weights[0, :2] has shape (2, 3). A matrix product needs the last size of the first, "
            "3, to equal the second-to-last size of the second, 2. Must one of them be transposed "
            "or reshaped, or come first? hint",
        ),
        (
            ("a_prev_pad = A_prev_pad[i]", "a_prev_pad = np.array((A_prev_pad[i], W))"),
            "a list or tuple whose entries have different shapes cannot become an array. Is one "
            "written in the last quoted line, or is it a result with its cache, which needs two "
            "names: A, cache = ...? hint",
        ),
        (
            ("conv_single_step(a_slice_prev, weights, biases)", "float(weights)"),
            "the last quoted line needs a single number, but got an array of several. To use all "
            "of them, call a NumPy function for whole arrays; to use one, check its index. hint",
        ),
        (
            ("biases = b[:, :, :, c]", "biases = b.item()"),
            "the last quoted line needs a single number, but got an array of several.",
        ),
        (
            ("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev_pad[i] + W"),
            "in A_prev_pad[i] + W, A_prev_pad[i] has shape (7, 9, 3) and W has shape (3, 3, 3, 4). "
            "Axis by axis, from the last one, two sizes must be equal or one of them 1. Which "
            "shape is not what you expect? hint",
        ),
        (
            ("a_prev_pad = A_prev_pad[i]", "a_prev_pad = np.ones(2) + W"),
            "the shapes in the message are those of two arrays, or of results, in the last "
            "quoted line. Which of them is not what you expect? hint",
        ),
        (
            ("weights = W[:, :, :, c]", "Z[i, h] = W[0, 0]"),
            "Z[i, h] has shape (7, 4) and is assigned an array of shape (3, 4). Which of the two "
            "is not what you expect?",
        ),
        (
            ("for i in range(m)", "for i in range(n_W)"),
            "an index in the last quoted line is out of range: axis 0 has size 2, and both axes "
            "and indices count from 0. Which index is it, and where do its values come from? hint",
        ),
        (
            ("weights = W[:, :, :, c]", "weights = np.max(W[f:, :, :, c])"),
            "an array in the last quoted line is empty. A slice is empty if it ends where it "
            "starts or lies outside its array. Print where the slice starts and ends. hint",
        ),
        (
            ("weights = W[:, :, :, c]", "weights = W(c)"),
            "parentheses call a function, but in the last quoted line they follow something else. "
            "Write X.shape without parentheses, and index an array with square brackets. hint",
        ),
        (
            ("a_prev_pad = A_prev_pad[i]", "a_prev_pad = A_prev_pad + float(...)"),
            "the ... in the last quoted line stands for code that is still to be written. hint",
        ),
        (
            ("for h in range(n_H)", "for h in range(n_H / 1 if stride > 1 else n_H)"),
            "sizes and indices are integers: / always gives a float, and // an integer. hint",
        ),
        (
            ("vert_end = vert_start + f", "vert_end = vert_start + f[0]"),
            "the error was raised in the last line quoted above. Are the values below it what you "
            "expect, and does it use them correctly? hint",
        ),
    ],
)
def test_the_next_step_after_an_exception(change, said):
    source = EXERCISES["conv_forward"].solution_text().replace(*change)
    helpers = {name: right(name) for name in ("zero_pad", "conv_single_step")}
    text = message(conv_forward_test_2, written(source, **helpers))
    assert f"Next: {said}" in " ".join(text.split())


def test_an_error_in_a_function_that_is_called_leads_to_the_line_that_calls_it():
    forward = EXERCISES["conv_forward"].solution_text()
    whole = forward.replace("weights = W[:, :, :, c]", "weights = 'W'")
    source = EXERCISES["conv_single_step"].solution_text() + "\n\n" + whole
    text = " ".join(
        message(conv_forward_test_2, written(source, zero_pad=right("zero_pad"))).split()
    )
    assert (
        "in conv_single_step: s = a_slice_prev * W with a_slice_prev of shape (3, 3, 3), W = 'W' "
        "Next: conv_forward calls conv_single_step with a_slice_prev of shape (3, 3, 3), W = 'W', "
        "b of shape (1, 1, 1): is that what conv_single_step needs?"
    ) in text


def test_the_next_step_after_a_wrong_cache_is_the_right_one():
    text = message(
        pool_forward_test, lambda *given: (right("pool_forward")(*given)[0], given[1::-1])
    )
    assert (
        "Next: store the arguments unchanged, in this order: cache = (A_prev, hparameters). "
    ) in " ".join(text.split())


def test_the_graded_text_speaks_of_the_notebook(capsys):
    grade("pool_forward", crashing_average, seed=1)
    text = " ".join(capsys.readouterr().out.split())
    assert "the output is shown there. In your notebook, hint(" in text
    grade("zero_pad", lambda X, pad: right("zero_pad")(X, pad) + np.sin(pad), seed=1)
    text = " ".join(capsys.readouterr().out.split())
    assert 'Next: in your notebook, hint("zero_pad") gives a hint.' in text


def pool_forward_with(maximum, average):
    return written(
        EXERCISES["pool_forward"]
        .solution_text()
        .replace("np.max(a_prev_slice)", maximum)
        .replace("np.mean(a_prev_slice)", average)
    )


def test_a_mistake_in_one_mode_is_named_where_the_other_raises():
    wrong = pool_forward_with("np.min(a_prev_slice)", "np.averaged(a_prev_slice)")
    text = " ".join(message(pool_forward_test, wrong).split())
    assert (
        "One mistake explains every wrong result: The smallest number of each window "
        "is returned for max. Which of its numbers stands for the window in max pooling?"
    ) in text
    graded = EXERCISES["pool_forward"].judge(wrong, seed=3)
    raised, answered = graded.facts
    assert " cases it raised AttributeError: " in raised
    assert answered.startswith("One mistake explains every wrong result")


def test_an_error_is_explained_before_a_value_that_no_line_reads():
    wrong = written(EXERCISES["output_size"].solution_text().replace("size = (n", "n_out = (n"))
    text = message(output_size_test, wrong)
    assert text.index("raised NameError") < text.index("assigns n_out, but no line reads it.")
    graded = explain(EXERCISES["output_size"].judge(wrong, seed=3), graded=True)
    assert "The function raised NameError: name 'size' is not defined" in describe(graded)
    assert any("no line reads it" in remark for remark in as_report(graded)["remarks"])


def test_where_the_answers_of_the_other_mode_are_right_nothing_is_said_of_them():
    text = message(pool_forward_test, pool_forward_with("np.max(a_prev_slice)", "np.averaged(0)"))
    assert "One mistake explains" not in text


def test_two_mistakes_in_one_mode_are_not_one():
    wrong = pool_forward_with("np.min(a_prev_slice) + 1", "np.averaged(a_prev_slice)")
    assert "Where it gives an answer" not in message(pool_forward_test, wrong)


def test_a_limit_of_the_grader_is_not_explained_as_an_error():
    """nbjudge marks an exception that the grader causes with an attribute."""

    def zero_pad(X, pad):
        error = ModuleNotFoundError("No module named 'p'")
        error.nbjudge_cause = SimpleNamespace(
            name="package missing: p", says="The grader has no p.", next_step="write it without p."
        )
        raise error

    verdict = EXERCISES["zero_pad"].judge(zero_pad, 1)
    report = as_report(explain(verdict, graded=True), 1)
    assert report["kind"] == "limit of the grader" and verdict.points == 0
    assert report["headline"] == "The function could not be run by the grader. The grader has no p."
    assert "Write it without p." in report["case"] and report["next"] == []
    text = " ".join(describe(explain(verdict, graded=True)).split())
    assert "not checked because a call hit a limit of the grader" in text


def test_an_exception_of_the_grader_itself_is_not_quoted():
    """No line of the student raises it: the grader's frames are hidden."""

    def zero_pad(X, pad):
        __tracebackhide__ = True
        error = OSError("The process ended.")
        error.nbjudge_cause = SimpleNamespace(
            name="test time", says="It took too long.", next_step="do not wait."
        )
        raise error

    case = as_report(explain(EXERCISES["zero_pad"].judge(zero_pad, 1), graded=True), 1)["case"]
    assert "It took too long." in case and "Do not wait." in case
    assert "OSError" not in case and "line" not in case
