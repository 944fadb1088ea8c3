"""Questions about a student's function, as a student in a notebook and a grader meet them."""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest

from nbexercise import checks
from nbexercise.asking import ask
from nbexercise.asking.ask import Series, publish_questions, questions_about, series_about
from nbexercise.asking.question import as_typed
from nbexercise.asking.work import OwnQuestion, RefusedError, Work
from nbexercise.defining.stored import dump_case_set
from nbexercise.judging.subject import Subject, register
from tests.cells import written

from .test_asking import WINDOWS, work_on

CASES = work_on(WINDOWS).case_set


@pytest.fixture
def notebook(monkeypatch):
    """A notebook with the exercise, as the functions that students call see it."""
    space, recorded = {}, []
    monkeypatch.setattr(checks, "CASE_SETS", type(checks.CASE_SETS)())
    checks.CASE_SETS.add({"windows": dump_case_set(CASES, "key")})
    for name in ("_asked", "_latest", "_checked"):
        monkeypatch.setattr(checks, name, {})
    monkeypatch.setattr(checks, "namespace", lambda: space)
    register(Subject(asked=lambda *result: recorded.append(result)))
    yield SimpleNamespace(space=space, recorded=recorded)


def define(notebook, text):
    notebook.space["windows"] = function = written(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nbexercise.checks.tell", lambda *_: True)
        with contextlib.suppress(AssertionError):
            checks.check("windows", function)
    return function


def test_three_questions_are_asked_one_at_a_time_and_recorded(notebook, capsys):
    define(notebook, WINDOWS)
    checks.ask("windows")
    for number in (1, 2, 3):
        said = capsys.readouterr().out
        assert f"Question {number} of 3 about windows." in said
        question = checks._asked["windows"].current
        letters = {text: letter for letter, text in question.options.items()}
        for wrong, comment in question.mistakes[:2]:
            checks.ask("windows", letters.get(wrong, wrong))
            assert " ".join(comment.split()) in " ".join(capsys.readouterr().out.split())
        checks.ask("windows", letters.get(question.right, question.right))
    assert "3 of 3 questions about windows answered." in capsys.readouterr().out
    assert notebook.recorded == [("windows", 3, 3)]
    checks.ask("windows")
    assert "Question 1 of 3" in capsys.readouterr().out


def test_an_answer_that_was_shown_does_not_count(notebook, capsys):
    define(notebook, WINDOWS)
    checks.ask("windows")
    for _ in range(3):
        checks.ask("windows", "?")
        assert "Hint:" in capsys.readouterr().out
        checks.ask("windows", " ? ")
        assert "The answer is" in capsys.readouterr().out
    assert notebook.recorded == [("windows", 0, 3)]


def test_a_function_is_checked_before_questions_are_asked(notebook, capsys):
    checks.ask("windows")
    assert "Run the check of windows first" in " ".join(capsys.readouterr().out.split())
    first = define(notebook, WINDOWS)
    checks.ask("windows")
    series = checks._asked["windows"]
    notebook.space["windows"] = written(WINDOWS)  # another version, not checked yet
    checks.ask("windows", series.current.right)
    assert "Run the check of windows first" in " ".join(capsys.readouterr().out.split())
    notebook.space["windows"] = first
    define(notebook, "    def windows(A, f, stride):\n        raise NotImplementedError")
    checks.ask("windows")
    assert "Run the check of windows first" in " ".join(capsys.readouterr().out.split())


def test_a_wrong_function_is_asked_about_what_it_does_and_told_no_repair(notebook):
    wrong = define(notebook, WINDOWS.replace("h * stride", "h"))
    series = series_about("windows", wrong, CASES, passed=False)
    assert all(text == q.hint for q in series.questions for _, text in q.mistakes)
    assert series.questions and "h * stride" not in " ".join(
        q.text + q.why for q in series.questions
    )


def test_nothing_is_asked_while_work_is_graded(notebook, capsys, monkeypatch):
    define(notebook, WINDOWS)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    checks.ask("windows")
    assert not capsys.readouterr().out


def test_a_letter_is_asked_for_where_options_are_shown():
    question = OwnQuestion(kind="k", text="Which?", right="2", wrong=[("1", "")])
    series = Series(len, "windows", [question], [])
    for answer in (3, (1, 2), [4], "c", "ab", ""):
        assert series.answer(answer) == 'Answer with a letter in quotes, from "a" to "b".'
    assert not series.done and "  b  2" in series.text()
    assert series.answer(" B)").startswith("Right.") and series.done == [True]


def test_the_same_option_is_right_once():
    asked = questions_about(Work(written(WINDOWS), CASES), np.random.default_rng(0), 40)
    chosen = [(q.text, q.right) for q in asked if q.options]
    assert len({*chosen}) == len(chosen) > 0


def test_functions_without_a_safe_source_are_refused():
    for function in (len, written("def windows(A, f, stride, seen=[]):\n    return A")):
        with pytest.raises(RefusedError):
            Work(function, CASES)


def test_no_slip_leaves_memory_unset():
    function = written(WINDOWS.replace("np.zeros", "np.empty"))
    assert Work(written(WINDOWS), CASES).slips and not Work(function, CASES).slips
    assert questions_about(Work(function, CASES), np.random.default_rng(0), 3)


def test_a_function_that_never_ends_with_a_slip_does_not_hold_up_the_others(monkeypatch):
    monkeypatch.setattr("nbexercise.judging.calling.TIME_LIMIT", 1e9)
    function = written("""
        def windows(A, f, stride):
            k, S = 0, []
            while k + f <= len(A[0]):
                S.append(A[:, k : k + f].sum(1))
                k = k + stride
            return np.array(S)
        """)
    assert questions_about(Work(function, CASES), np.random.default_rng(0), 3)


@pytest.mark.parametrize("passed", [True, False])
def test_a_grader_gets_questions_with_options_as_data(monkeypatch, passed):
    shown = []
    monkeypatch.setattr(ask, "publish", shown.append)
    publish_questions(written(WINDOWS), CASES, passed, 7)
    publish_questions(written(WINDOWS), CASES, passed, 7)
    (data, again) = (bundle[ask.MIME_TYPE] for bundle in shown)
    assert data == again and data["code"].startswith("def windows")
    assert len(data["numbers"]) == len(data["code"].split("\n"))
    assert data["passed"] is passed
    assert len(data["questions"]) >= 5
    for question in data["questions"]:
        assert len({*question["options"]}) == 4 > question["right"]
        assert not question["comments"][question["right"]]
        assert passed or not any(question["comments"])
    publish_questions(len, CASES, passed, 7)
    assert shown[-1][ask.MIME_TYPE]["refused"]


def test_numbers_are_shown_as_they_are_typed():
    assert [*map(as_typed, [(2, 3), (2,), 2.50])] == ["(2, 3)", "(2,)", "2.5"]
