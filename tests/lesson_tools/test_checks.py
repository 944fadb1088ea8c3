"""The exercises of the lessons: every comment on a mistake is shown for its mistake."""

import importlib
import re

import pytest

from lesson_tools.checks import Answer, Checks, Design, Function
from tools.course import ROOT, lessons

CHECKED = re.compile(r'^check\("(\w+)", ', re.M)
LESSON_TOOLS = ROOT / "course" / "lesson_tools"


def double(x):
    return 2 * x


@pytest.fixture
def check():
    return Checks(
        size=Answer(right=7, hint="Count.", wrong=[(6, "The first window counts.")]),
        double=Function(double, [(2,), (3,)], "Twice.", [(lambda x: x + 2, "That adds 2.")]),
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


def modules():
    return [path.parent.name for path in sorted(LESSON_TOOLS.glob("*/questions.py"))]


@pytest.mark.parametrize("module", modules())
def test_each_mistake_in_an_exercise_gets_its_own_comment(module):
    questions = importlib.import_module(f"lesson_tools.{module}.questions")
    for name, exercise in getattr(questions, "check", Checks()).exercises.items():
        exercise.check(name, exercise.right)
        for given, comment in exercise.wrong:
            with pytest.raises(AssertionError) as failed:
                exercise.check(name, given)
            assert comment in failed.value.text  # without the line breaks of the message


def test_a_lesson_checks_each_of_its_exercises_once():
    for name in (*lessons(), "lesson_template", "bonus"):
        text = (ROOT / "course" / f"{name}.py").read_text()
        subject = name.partition("_")[2] or name
        module = importlib.import_module(f"lesson_tools.{subject}.questions")
        exercises = getattr(module, "check", Checks()).exercises
        assert CHECKED.findall(text) == list(exercises), name
