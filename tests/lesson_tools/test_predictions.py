"""Predictions: the texts before and after a reader commits to an answer."""

import importlib
import re
import sys
import types

import numpy as np
import pytest

from lesson_tools.predictions import Prediction, Predictions
from tools.course import ROOT, lessons

ASKED = re.compile(r'^predict\("(\w+)", None\)$', re.M)
LESSON_TOOLS = ROOT / "course" / "lesson_tools"


@pytest.fixture
def predict():
    return Predictions(
        overflow=Prediction(
            right=lambda: (200 + 100) % 256,
            wrong={300: "It does not fit.", 255: "It is not clipped."},
            why="It wraps around.",
            hint="Count modulo 256.",
        ),
        shape=Prediction(right=(4, 5), wrong={(5, 4): "Rows come first."}),
        share=Prediction(right=lambda: 0.04736, decimals=2),
        side=Prediction(right="left", wrong={"right": "The other side."}),
        order=Prediction(right="BDCA", wrong={"BCDA": "Compare C and D."}),
    )


def test_without_an_answer_one_line_says_where_to_type_and_tells_nothing(predict, capsys):
    for name in ("overflow", "shape", "side"):
        predict(name, None)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and len(set(lines)) == 1
    assert "replace None" in lines[0] and not re.search("44|wrap|4, 5|left", lines[0])


@pytest.mark.parametrize(
    ("name", "answer", "comment"),
    [
        ("overflow", 44, "Right. It wraps around."),
        ("overflow", 44.0, "Right. It wraps around."),
        ("overflow", 300, "Not quite. It does not fit."),
        ("overflow", 255, "Not quite. It is not clipped."),
        ("overflow", 7, "Not quite. Count modulo 256."),
        ("overflow", "44", "Answer without quotes: a number, a tuple or a list."),
        ("overflow", "forty-four", "Answer without quotes: a number, a tuple or a list."),
        ("overflow", [44], "Right. It wraps around."),
        ("overflow", np.array([[300]]), "Not quite. It does not fit."),
        ("overflow", (44, 44), "Right. It wraps around."),
        ("overflow", (44, 45), "Not quite. Count modulo 256."),
        ("overflow", [1, [2, 3]], "Not quite. Count modulo 256."),
        ("shape", [4, 5], "Right."),
        ("shape", (5, 4), "Not quite. Rows come first."),
        ("shape", [[4, 5]], "Right."),
        ("shape", np.array([[4], [5]]), "Right."),
        ("shape", "(4, 5)", "Answer without quotes: a number, a tuple or a list."),
        ("shape", 20, "Not quite."),
        ("share", 0.05, "Right."),
        ("share", [0.0474], "Right."),
        ("share", 0.06, "Not quite."),
        ("side", " Left", "Right."),
        ("side", "right", "Not quite. The other side."),
        ("side", 1, "Not quite."),
        ("order", "B, d, C, A", "Right."),
        ("order", ["B", "D", "C", "A"], "Right."),
        ("order", ("B", "C", "D", "A"), "Not quite. Compare C and D."),
        ("order", ["B", 4], "Not quite."),
    ],
)
def test_a_comment_fits_the_answer(predict, capsys, name, answer, comment):
    predict(name, answer)
    assert capsys.readouterr().out == comment + "\n"


def test_help_is_a_hint_and_the_second_time_the_answer(predict, capsys):
    predict("overflow", "?")
    hint = capsys.readouterr().out
    assert hint.startswith("Hint: Count modulo 256.") and "44" not in hint
    predict("overflow", " ? ")
    assert capsys.readouterr().out == "The answer is 44. It wraps around.\n"
    predict("shape", "?")  # a question without a hint
    assert capsys.readouterr().out == "The answer is [4, 5].\n"


def test_several_values_count_as_a_tuple(predict, capsys):
    predict("shape", 4, 5)
    predict("shape", 5, 4)
    predict("shape", 4, None)
    predict("shape")
    *answered, asked = capsys.readouterr().out.splitlines()
    assert answered == ["Right.", "Not quite. Rows come first.", "Not quite."]
    assert asked.startswith("No prediction yet")


def test_a_wrong_answer_is_not_told_the_right_one(predict, capsys):
    for answer in (300, 255, 7, "forty-four"):
        predict("overflow", answer)
    assert "44" not in capsys.readouterr().out


def test_a_broken_question_is_noticed_though_nobody_answers():
    with pytest.raises(ValueError, match="calls its right answer 3 wrong"):
        Predictions(sum=Prediction(right=lambda: 1 + 2, wrong={3: "No."}))("sum", None)
    with pytest.raises(ZeroDivisionError):
        Predictions(ratio=Prediction(right=lambda: 1 / 0))("ratio", None)
    with pytest.raises(KeyError, match="there is no question 'total'; there are sum"):
        Predictions(sum=Prediction(right=3))("total", None)


def test_a_right_answer_is_computed_from_the_notebooks_variables(monkeypatch, capsys):
    main = types.ModuleType("__main__")
    main.X, main.W = np.array([1, 2]), np.array([3, 4])
    monkeypatch.setitem(sys.modules, "__main__", main)
    predict = Predictions(sum=Prediction(right=lambda W, X: X @ W - 1))
    predict("sum", 10)
    main.X = np.array([2, 2])
    predict("sum", 10)
    assert capsys.readouterr().out == "Right.\nNot quite.\n"
    del main.X
    with pytest.raises(KeyError, match="X"):
        predict("sum", None)


def test_lessons_ask_each_of_their_questions_once_and_leave_the_answer_to_the_reader():
    asking = {path.parent.name for path in LESSON_TOOLS.glob("*/questions.py")}
    for name in (*lessons(), "lesson_template", "bonus"):
        text = (ROOT / "course" / f"{name}.py").read_text()
        asked = ASKED.findall(text)
        assert len(asked) == len(re.findall(r"^predict\(", text, re.M)), name
        assert "Prediction(" not in text, f"the answers of {name} belong into questions.py"
        module = name.partition("_")[2] or name
        if asked:
            imported = rf"^from lesson_tools\.{module}\.questions import (?:check, )?predict$"
            assert re.search(imported, text, re.M), name
            asking.remove(module)
            questions = importlib.import_module(f"lesson_tools.{module}.questions")
            assert asked == list(questions.predict.questions), name
    assert not asking, "questions that no lesson asks"
