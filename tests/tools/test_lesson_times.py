"""The minutes of the lessons are those of the formula, in every text that states them."""

import json
import re
import shutil
from collections import Counter

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from tools.course import ROOT, assignments, lessons
from tools.lesson_times import (
    MINUTES,
    RUNNING_TIMES,
    assignment_times,
    graded_module,
    hours,
    lesson_times,
    main,
    minutes,
    record_running_time,
    write_times,
)
from tools.syllabus import Lesson, lesson_table

LESSON = """\
# %% [markdown]
# # Two words
#
# **Time:** about 0 minutes, and 0 for the exercises. (The section that begins with *Further* is
# optional and takes another 0 minutes.)

# %% include="lesson_setup"

# %% needs="torch"
import torch  # a comment beside code

# a comment alone
if torch:
    draw.first(photo)
sizes = draw.sizes(3)

# %% [markdown]
# $a + b$ `code` is [one half]{= 1 / 2 }
#
# ```python
# shown = 1
# ```
#
# <details>
# folded words
#
# ```python
# folded = 1
# ```
# </details>

# %%
predict("one", None)
predict("two", None)

# %% jupyter={"source_hidden": true}
x = 1
present(x)

# %%
written = None
### BEGIN SOLUTION
written = 1
### END SOLUTION

# %%
check("written", written)

# %% [markdown]
# ## Further: more

# %%
explore_sizes(6)

# %% [markdown]
# ## Exercises

# %% [markdown]
# ### Exercise 1: easy

# %%
answer = None
### BEGIN SOLUTION
answer = 1
### END SOLUTION

# %% [markdown]
# ### Exercise 2: what happens?

# %% [markdown]
# ## Recap
"""
ASSIGNMENT = """\
# %% [markdown]
# **Time:** about 0 minutes. **You need:** Python.
#
# **Predict.** Two words

# %% jupyter={"source_hidden": true}
plt.show()

# %% [markdown] include="padding"

# %% solution="conv_single_step"

# %% check="conv_single_step"
x = 1
"""
README = """\
| | lesson | min | needs | then do |
|---|---|--:|---|---|
| 01 | [First](01_first.ipynb) (optional) | 0 + 0 | | |
| 02 | [Second](02_second.ipynb) | 90 + 30 | | [padding](../release/padding/padding.ipynb) |

All 0 lessons take about
0 hours with their exercises, and the 0 that lead to the assignments take about 0 hours.

| week | lessons | hours | due | hours in all |
|--:|---|--:|---|--:|
| 1 | 02 (01 is optional) | 0 | padding | 0 |
| 2 | 01, 02 | 0 | single_step or padding, and padding | 0 |
| 3 | 01 | 0 | | 0 |

| 1 | 02 | 0 | single_step | 0 |

| minutes | content |
|--:|---|
| 0 | Lesson 01 up to and including *Further: more*, and so on |
| 0 | Lesson 01 up to and including *Exercises* |
| 0 | The assignment single_step, and so on |
| 15 | Lesson 02 up to and including *Sobel* |
| 15 | The assignment pooling |

| [single_step](../release/single_step/single_step.ipynb) | 0 | one step |
| [pooling](../release/pooling/pooling.ipynb) | 80 | not in this course |
"""
TEACH = """\
All 0 lessons take about 0 hours with their exercises, and the 0 that lead to the assignments take
about 0 hours. The assignments add about 7 hours. The module is worth 0.0 to 0.0 credits, and
the semester 0.0 to 0.0.

| format | lessons | assignments | hours |
|---|---|---|---|
| module | the schedule | | 0, 0 to 0 a week |
| topic | 01 to 01 | padding, first | 0 |
| semester | 01 to 02 | all, and a project | 0, and the project |
"""
SECONDS = {"main": 600, "further": 0, "exercises": 6600}


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "01_first.py").write_text(LESSON)
    (tmp_path / "course" / "README.md").write_text(README)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "teach.md").write_text(TEACH)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "single_step.py").write_text(ASSIGNMENT)
    (tmp_path / "source" / "padding.py").write_text("# %%\ny = 1\nz = 1\n")
    (tmp_path / RUNNING_TIMES).write_text(json.dumps({"01_first": SECONDS}))
    return tmp_path


def test_each_part_counts_what_takes_its_readers_time(course):
    counts = lesson_times("01_first", course)
    # In the main part, 24 words in the first cell, 5 in the third and 1 at the end; lines in the
    # cell for torch, the fence that is not folded, and the cell to complete.
    assert {part: +one for part, one in counts.items()} == {
        "main": Counter(words=30, predictions=2, figures=2, lines=6, tasks=1, seconds=600),
        "further": Counter(words=2, figures=1, lines=1),
        "exercises": Counter(words=8, lines=1, tasks=2, seconds=6600),
    }


def test_an_assignment_counts_its_solutions_and_what_it_includes(course):
    assert assignment_times("single_step", course) == Counter(
        words=10, predictions=1, figures=1, lines=3, solutions=3
    )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"solutions": 7}, 15),
        ({}, 0),
        ({"words": 12}, 5),
        ({"words": 1490}, 10),
        ({"words": 1510}, 15),
        ({"predictions": 6}, 15),
        ({"figures": 13}, 15),
        ({"lines": 120}, 10),
        ({"lines": 130}, 15),
        ({"tasks": 2}, 15),
        ({"seconds": 740}, 10),
        ({"seconds": 760}, 15),
        ({"words": 600, "predictions": 2, "figures": 2}, 10),
        ({"words": 600, "predictions": 2, "figures": 3}, 15),
    ],
)
def test_the_minutes_are_the_rounded_sum(counts, expected):
    assert minutes(Counter(counts)) == expected


def test_the_minutes_are_written_to_every_text(course):
    write_times(course)
    lesson = (course / "course" / "01_first.py").read_text()
    assert "**Time:** about 25 minutes, and 125 for the exercises." in lesson
    assert "# optional and takes another 5 minutes." in lesson
    readme = (course / "course" / "README.md").read_text()
    assert "(01_first.ipynb) (optional) | 25 + 125 | | |" in readme
    assert "(02_second.ipynb) | 90 + 30 |" in readme  # its text is not in this course
    assert "All 2 lessons take about\n4 hours with their exercises, and the 1 that" in readme
    assert "lead to the assignments take about 2 hours." in readme
    assert "| 02 (01 is optional) | 2 | padding | 2 |" in readme
    assert "| 01, 02 | 4 | single_step or padding, and padding | 5 |" in readme
    assert "| 01 | 2 | | 2 |\n\n| 1 | 02 | 2 | single_step | 2 |" in readme  # of the next schedule
    assert "single_step.ipynb) | 10 | one step |" in readme
    assert "| 25 | Lesson 01 up to and including *Further: more*, and so on |" in readme
    assert "| 50 | Lesson 01 up to and including *Exercises* |" in readme
    assert "| 10 | The assignment single_step, and so on |" in readme
    assert (
        "| 15 | Lesson 02 up to and including *Sobel* |\n| 15 | The assignment pooling |" in readme
    )
    teach = (course / "docs" / "teach.md").read_text()
    assert teach.startswith("All 2 lessons take about 4 hours with their exercises, and the 1 that")
    assert "The assignments add about 0 hours." in teach
    assert "| the schedule | | 9, 2 to 5 a week |" in teach
    assert "| topic | 01 to 01 | padding, first | 3 |" in teach
    assert "| semester | 01 to 02 | all, and a project | 5, and the project |" in teach
    assert "worth 0.3 to 0.4 credits, and\nthe semester 0.2 to 0.2." in teach
    assert "about 10 minutes. **You" in (course / "source" / "single_step.py").read_text()
    written = {path: path.read_bytes() for path in course.glob("[cs]*/*")}
    write_times(course)
    assert {path: path.read_bytes() for path in course.glob("[cs]*/*")} == written


def test_a_session_ends_with_a_section_of_its_lesson(course):
    readme = course / "course" / "README.md"
    readme.write_text(README.replace("*Further: more*", "*Further*"))
    with pytest.raises(ValueError, match="01_first has no section 'Further'"):
        write_times(course)


def test_the_workshop_fits_into_two_hours():
    workshop = (ROOT / "course" / "README.md").read_text().partition("**A two-hour workshop**")[2]
    table = workshop.partition("\n\n")[2].partition("\n\n")[0]
    assert sum(map(int, re.findall(r"^\| (\d+) \|", table, re.M))) in range(100, 121)


def test_the_committed_minutes_are_those_of_the_formula(tmp_path):
    texts = ["course/README.md", "docs/teach.md", *(f"course/{name}.py" for name in lessons())]
    texts += [f"source/{name}.py" for name in assignments()]
    for folder in ("course", "docs", "source"):
        (tmp_path / folder).mkdir()
    for text in [*texts, RUNNING_TIMES]:
        shutil.copy(ROOT / text, tmp_path / text)
    write_times(tmp_path)
    wrong = [text for text in texts if (tmp_path / text).read_bytes() != (ROOT / text).read_bytes()]
    assert not wrong, f"Run `make release`, which writes the minutes to {', '.join(wrong)}."


def test_every_lesson_states_the_minutes_of_the_syllabus_and_has_a_running_time():
    for lesson in lesson_table():
        about, exercises = lesson.minutes.split(" + ")
        time = f"**Time:** about {about} minutes, and {exercises} for the exercises"
        assert time in (ROOT / "course" / f"{lesson.name}.py").read_text(), lesson.name
    assert list(json.loads((ROOT / RUNNING_TIMES).read_text())) == lessons()


def test_the_graded_module_has_the_lessons_that_its_assignments_need():
    def lesson(number, needs="", then=""):
        return Lesson(number, "", "", False, "40 + 20", needs.split(), then.split(), "")

    table = [lesson("01"), lesson("02"), lesson("03", "02"), lesson("04", "03", "x"), lesson("05")]
    graded = graded_module(table)
    assert [one.number for one in graded] == ["02", "03", "04"]
    assert hours(graded) == 3


def test_a_running_time_is_stored_for_each_part_and_stays_if_it_is_close(course):
    def run(*seconds):
        cells = [new_code_cell(metadata={"seconds": s}) for s in seconds]
        cells.insert(2, new_markdown_cell("## Exercises"))
        record_running_time("01_first", cells, course)
        return json.loads((course / RUNNING_TIMES).read_text())["01_first"]

    assert run(14, 8, 34) == {"main": 20, "further": 0, "exercises": 30}
    assert run(10, 1, 39) == {"main": 20, "further": 0, "exercises": 30}
    assert run(10, 0, 40) == {"main": 10, "further": 0, "exercises": 40}


def test_the_command_prints_a_row_for_each_lesson(course, capsys):
    assert main(["01_first"], course) == 0
    head, _, row, total = capsys.readouterr().out.splitlines()
    kinds = [kind for kind in MINUTES if kind != "solutions"]  # no lesson has any
    assert re.findall(r"\w+", head) == ["notebook", *kinds, "main", "further", "exercises"]
    numbers = ["30", "2", "2", "6", "1", "600", "25", "5", "125"]
    assert re.findall(r"\w+", row) == ["01_first", *numbers]
    assert re.findall(r"\w+", total) == ["total", *numbers]
    assert main(["single_step"], course) == 0
    _, _, row, _ = capsys.readouterr().out.splitlines()
    assert re.findall(r"\w+", row) == ["single_step", "10", "1", "1", "3", "3", "10"]
    with pytest.raises(SystemExit):
        main(["02_second"], course)
