"""Lessons are counted as students see them, without running them."""

import pytest

from tools.lesson_counts import count, report
from tools.lessons import main

SETTING = '[tool.course]\naddress = "https://raw.githubusercontent.com/ada/course/main/release"\n'
GLOSSARY = "# Glossary\n\n### stride\n\nThe **stride**. Lesson 01.\n\n### pixel\n\nA **pixel**.\n\n"
GLOSSARY += "### kernel\n\nA **kernel**. Lesson 01.\n\n### patch\n\nA **patch**. Lesson 02.\n"
LESSON = """\
# %% [markdown]
# # Title
#
# **Time:** about
# 40 minutes. See [two words](https://example.org/address) and [0.5]{= 1 / 2 }.

# %%
1 / 0  # never run

# %% [markdown]
# **Predict, then run.** Is $a + b$ `code` in an enlarged
# picture with strides?
#
# $$n = 3$$
#
# ```
# no picture here
# ```

# %%
predict(None, right=3)
model.predict(x)
present(figure, "a picture")

# %%
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %%
check(double)
"""


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTING)
    (tmp_path / "course" / "glossary.md").write_text(GLOSSARY)
    (tmp_path / "course" / "01_first.py").write_text(LESSON)
    return tmp_path


def test_a_lesson_is_counted(course):
    counts = count("01_first", course)
    assert counts.cells == 8  # with the badge and the folded solution
    # Open in Colab; Title; Time: about minutes. See two words and; Predict, then run. Is formula
    # code in an enlarged picture with strides?; A solution
    assert counts.words == 3 + 1 + 7 + 12 + 2
    assert counts.minutes == "40"
    assert (counts.visible, counts.hidden) == (7, 0)
    assert (counts.figures, counts.prompts, counts.exercises, counts.terms) == (1, 1, 1, 1)
    assert [(word.line, word.found) for word in counts.discouraged] == [
        (11, "enlarged"),
        (12, "picture"),
    ]
    assert counts.missing == ["kernel"]


def test_folded_lines_and_the_time_for_exercises_are_counted_apart(course):
    path = course / "course" / "01_first.py"
    lesson = LESSON.replace("40 minutes.", "40 minutes, and 25 for the exercises.")
    folded = '# %% jupyter={"source_hidden": true}\npredict'
    path.write_text(lesson.replace("# %%\npredict", folded))
    counts = count("01_first", course)
    assert counts.minutes == "40 + 25"
    assert (counts.visible, counts.hidden) == (4, 3)
    path.write_text("# %% [markdown]\n# # Title\n")
    assert list(report(["01_first"], course))[1].split()[5] == "?"


def test_the_command_counts_and_runs_nothing(course, capsys):
    assert main(["--count"], course) == 0
    table = capsys.readouterr().out
    assert "01_first" in table and "->" not in table
    assert main(["--count", "01_first"], course) == 0
    listed = capsys.readouterr().out
    assert "course/01_first.py:11: enlarged -> upsample\n" in listed
    assert "01_first lacks terms of the glossary: kernel\n" in listed
