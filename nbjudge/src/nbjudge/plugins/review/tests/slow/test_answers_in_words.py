"""Written answers outside the answer cell, and their images, from submission to feedback page."""

import base64
import contextlib
import json

from nbformat.v4 import new_markdown_cell

from nbjudge.course.assignment import Assignment
from nbjudge.course.loading import load_course
from nbjudge.plugins.review.answers import Answers
from tests.support.pages import DOT
from tests.support.small_course import RIGHT

SHOWN = f'src="data:image/png;base64,{DOT}"'
PLUGIN = "import nbjudge\nnbjudge.configure(c)\n"


def review(course):
    """Return the essays as `nbjudge review` shows them, by student."""
    with (
        course.here(),
        contextlib.closing(Assignment("ps1", *load_course())) as assignment,
        contextlib.closing(Answers(assignment)) as answers,
    ):
        grades = map(answers.grades.one, answers.order)
        return {one.student: answers.show(one) for one in grades if one.cell == "essay"}


def test_an_answer_in_the_next_cell_with_a_picture(course):
    course.configure(PLUGIN)
    blank = {**RIGHT, "essay": "YOUR ANSWER HERE"}
    folder = course.submit("ann", blank)
    cells = json.loads((folder / "ps1.ipynb").read_text())
    (at,) = (
        number
        for number, cell in enumerate(cells["cells"])
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "essay"
    )
    text = "Here is my answer. ![fig](images/fig.png) ![other](other.png)"
    cells["cells"].insert(at + 1, new_markdown_cell(text))
    (folder / "ps1.ipynb").write_text(json.dumps(cells))
    (folder / "images").mkdir()
    (folder / "images/fig.png").write_bytes(base64.b64decode(DOT))
    course.submit("ben", blank)
    done = course.grade(feedback=True)
    assert done["ben"].judgment.remarks == []
    assert (
        "The cell essay has no answer, but the student added cells"
        in done["ann"].judgment.remarks[0]
    )
    assert course.scores("ann")["essay"] is None and course.scores("ben")["essay"] == 0
    (answer,) = review(course).values()
    pages = {"review": answer}
    page = course.root / "feedback/ann/ps1/ps1.html"
    pages["nbjudge"] = page.read_text()
    page.unlink()
    made = course.python("-m", "nbgrader", "generate_feedback", "ps1", "--force")
    assert made.returncode == 0, made.stderr
    pages["nbgrader"] = page.read_text()
    assert pages["nbjudge"] == pages["nbgrader"]
    for name, shown in pages.items():
        assert "Here is my answer." in shown, name
        assert SHOWN in shown, name
        assert "[other: the file other.png is missing]" in shown, name


def test_a_photograph_that_no_cell_names(course):
    course.configure(PLUGIN)
    (course.root / "source/ps1/points.csv").write_text("1,2")
    names = ("points.csv", "timestamp.txt", "marked_late.txt", "Thumbs.db")
    for student in ("ann", "ben"):
        folder = course.submit(student, {**RIGHT, "essay": "YOUR ANSWER HERE"})
        for name, content in zip(names, ("1,2", "2026-07-02 14:29:00 UTC", "", ""), strict=True):
            (folder / name).write_text(content)
    (course.root / "submitted/ann/ps1/photo.png").write_bytes(base64.b64decode(DOT))
    done = course.grade(feedback=True)
    assert done["ben"].judgment.remarks == []
    assert course.scores("ann")["essay"] is None and course.scores("ben")["essay"] == 0
    (answer,) = review(course).values()
    for shown in (answer, (course.root / "feedback/ann/ps1/ps1.html").read_text()):
        assert "Submitted files that no cell of this notebook mentions" in shown and SHOWN in shown


def test_a_notebook_beside_the_judged_one_is_named(course):
    folder = course.submit("ann", {})
    solved = course.submit("ben")
    (folder / "ps1 (1).ipynb").write_bytes((solved / "ps1.ipynb").read_bytes())
    done = course.grade()
    said = "ps1 (1).ipynb was also submitted but not graded; graded instead: ps1.ipynb."
    assert said in done["ann"].judgment.remarks and done["ben"].judgment.remarks == []
