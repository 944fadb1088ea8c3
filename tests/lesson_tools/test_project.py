"""The lesson "Project": its page says what it lacks, and its rubric is that of the notebook."""

import re

import numpy as np
import pytest

from lesson_tools.project import figures as draw
from lesson_tools.project.questions import check
from lesson_tools.project.submission import Sealed, hand_in, summary
from tools.course import ROOT

WORDS = " ".join(["word"] * 12)
RUNS = [0.90, 0.92, 0.94, 0.91, 0.93]


def page(tmp_path, **changed):
    parts = dict.fromkeys(("question", "data", "plan", "answer", "did_not_work", "limits"), WORDS)
    sealed = Sealed(np.zeros(3))
    sealed.open()
    settings = {
        "title": "Cats & dogs",
        "results": {"baseline": RUNS, "network": RUNS},
        "pictures": [draw.confusion(np.array([0, 1]), np.array([1, 1]), ["cat", "dog"])],
        "sealed": sealed,
        "path": tmp_path / "project.html",
    }
    shown = hand_in(**{**parts, **settings, **changed})
    return shown.data, (tmp_path / "project.html").read_text()


def test_a_complete_page_is_one_file_with_the_spread(tmp_path, capsys):
    shown, text = page(tmp_path)
    assert "No part is missing." in capsys.readouterr().out
    assert shown in text and "<h1>Cats &amp; dogs</h1>" in text and "data:image/png" in text
    assert "<td>5</td><td>0.920</td><td>0.016</td><td>0.900</td><td>0.940</td>" in text
    assert "The test data were opened once." in text
    assert "http" not in re.sub(r'src="[^"]*"', "", text)


@pytest.mark.parametrize(
    ("changed", "lacking"),
    [
        ({"limits": "none"}, "limits: fewer than 12 words"),
        ({"results": {"network": RUNS}}, "at least two methods"),
        ({"results": {"baseline": RUNS, "network": [0.98]}}, "network: 1 runs of 5"),
        ({"pictures": []}, "pictures: none"),
        ({"sealed": None}, "seal them with Sealed"),
    ],
)
def test_what_a_page_lacks_is_printed(tmp_path, capsys, changed, lacking):
    page(tmp_path, **changed)
    said = capsys.readouterr().out
    assert "Still to do:" in said and lacking in said


def test_a_second_look_at_the_test_data_is_counted(tmp_path, capsys):
    sealed = Sealed("images", "labels")
    assert sealed.open() == ("images", "labels")
    assert capsys.readouterr().out == ""
    sealed.open()
    assert "opened 2 times" in capsys.readouterr().out
    _, text = page(tmp_path, sealed=sealed)
    assert "The test data were opened 2 times." in text
    assert "opened 2 times; say why" in capsys.readouterr().out


def test_the_summary_is_that_of_numpy():
    line = summary({"network": RUNS}).splitlines()[1]
    assert line.split() == ["network", "5", "0.920", "0.016", "0.900", "0.940"]


def test_the_rubric_of_the_lesson_is_that_of_the_notebook():
    lesson = (ROOT / "course" / "31_project.py").read_text()
    rows = re.findall(r"^# \| \*\*([a-f])\*\* (\w+), (\d) \|", lesson, re.M)
    page = (ROOT / "course" / "project_page.py").read_text()
    tasks = re.findall(
        r'"grade_id": "(\w+)", "task": true, "points": (\d)\}\n# ## ([a-f])\. .*\((\d) points\)',
        page,
    )
    assert [(letter, name, points) for letter, name, points in rows] == [
        (letter, name, points) for name, points, letter, _ in tasks
    ]
    assert all(points == shown for _, points, _, shown in tasks)
    assert sum(int(points) for _, points, _, _ in tasks) == 20


def test_one_row_of_the_graded_page_is_not_enough():
    with pytest.raises(AssertionError, match="which simple method was it"):
        check("rows", "be")
    check("rows", "bcde")
