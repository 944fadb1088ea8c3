"""Words of a lesson's prose that a standard term should replace, and missing terms."""

import pytest

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


def test_the_command_lists_words_and_missing_terms_and_runs_nothing(course, capsys):
    assert main(["--words", "01_first"], course) == 0
    assert capsys.readouterr().out.splitlines() == [
        "course/01_first.py:11: enlarged -> upsample",
        "course/01_first.py:12: picture -> image, figure",
        "01_first lacks terms of the glossary: kernel",
    ]
