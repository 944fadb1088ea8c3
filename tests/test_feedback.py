"""The first screen of a feedback page."""

import base64

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import feedback
from tools.feedback import ChecksFirst

GRADED = {"grade": True, "solution": False, "locked": True, "grade_id": "zero_pad_grade"}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" aria-label="what fails">\n<g/></svg>'


def graded(*outputs, **about):
    return new_code_cell("test", metadata={"nbgrader": {**GRADED, **about}}, outputs=list(outputs))


def stream(text):
    return new_output("stream", name="stdout", text=text)


def first(*cells):
    """The text of the cell that was put first; the notebook's own cells stay as they are."""
    notebook = new_notebook(cells=list(cells))
    before = [dict(cell) for cell in notebook.cells]
    after, _ = ChecksFirst().preprocess(notebook, {})
    assert [dict(cell) for cell in after.cells[1:]] == before
    return after.cells[0].source


def test_it_holds_the_verdict_the_picture_and_the_link():
    said = 'zero_pad: 0 of 5 points. Wrong.\n\n  FAIL  shape\n\nRead again: "Zero padding" in x.\n'
    said += "\n(These inputs were drawn with seed 1, which repeats the grading.)\n0 of 5 points"
    text = first(
        new_markdown_cell("# Padding\n## Zero padding\nmore"),
        graded(stream(said), new_output("display_data", {"image/svg+xml": SVG})),
    )
    assert text.startswith("# What the checks found\n\n## zero_pad\n\n<p><b>zero_pad: 0 of 5")
    assert SVG.replace("\n", " ") in text
    assert text.index("Wrong.") < text.index("<svg") < text.index("```text\n  FAIL  shape\n```")
    assert text.count("Read again") == 1
    assert "drawn" not in text
    assert "Read again: [Zero padding](#Zero-padding)." in text
    assert "[Padding]" not in text
    assert text.endswith("# Your notebook")


def test_what_students_print_does_not_end_the_block_it_is_in():
    text = first(graded(stream("<i>right</i>\n````\n<b>bold</b>\n```")))
    assert "<b>&lt;i&gt;right&lt;/i&gt;</b>" in text
    assert text.count("`````") == 2
    assert "\n````\n<b>bold</b>\n```\n`````" in text


def test_an_error_and_a_silent_cell_are_said():
    text = first(
        graded(new_output("error", ename="NameError", evalue="zero_pad", traceback=[])),
        graded(grade_id="other"),
    )
    assert "<b>NameError: zero_pad</b>" in text
    assert "## other\n\n<p><b>The cell said nothing.</b></p>" in text


def solution(*outputs):
    about = {**GRADED, "grade": False, "solution": True, "locked": False, "grade_id": "zero_pad"}
    return new_code_cell("work", metadata={"nbgrader": about}, outputs=list(outputs))


SYNTAX = ["  Cell In[1], line 1\n    def f(x)\n            ^\nSyntaxError: \x1b[31mexpected ':'\n"]


def test_a_solution_cell_that_stops_is_shown_with_points_line_and_next_step():
    broken = new_output("error", ename="SyntaxError", evalue="expected ':'", traceback=SYNTAX)
    name = new_output("error", ename="NameError", evalue="name 'zero_pad'", traceback=[])
    text = first(solution(broken), graded(name, score=0.0, points=5.0))
    assert (
        "<b>zero_pad: 0 of 5 points. The cell with your zero_pad stops with an error, so there was "
        "no function to judge.</b>"
    ) in text
    assert "    def f(x)\n            ^\nSyntaxError: expected &#x27;:" not in text
    assert "```text\n  Cell In[1], line 1\n    def f(x)\n            ^\nSyntaxError: exp" in text
    assert "\n\nNext: mend that line, run the cell, then its check." in text
    assert "NameError" not in text and "solution cell" not in text
    assert "zero_pad: " not in first(solution(broken), graded(name)).split("The cell with")[0]


def test_an_unwritten_function_is_found_by_its_heading():
    said = "zero_pad: 0 of 5 points. The function has not been written yet: it still holds ..."
    text = first(new_markdown_cell("## Exercise: zero_pad\nWrite"), graded(stream(said)))
    assert "Its cell is under [Exercise: zero_pad](#Exercise:-zero_pad)." in text
    assert "Its cell" not in first(graded(stream(said)))


def test_notes_are_kept_where_all_points_were_earned():
    said = "zero_pad: 5 of 5 points\n\n  pass  5 of 5  shape\n\nNote: An array\n  has axes.\n\n"
    text = first(graded(stream(f"{said}(These inputs were drawn with seed 1, which repeats it.)")))
    assert "```text\nNote: An array\n  has axes.\n```" in text
    assert "pass" not in text and "drawn" not in text


def test_figures_wider_than_the_page_are_made_to_fit():
    def figure(width):
        head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4, "big") + bytes(20)
        return new_output("display_data", {"image/png": base64.b64encode(head).decode()})

    odd = new_output("display_data", {"image/png": "no picture"})
    figures = [figure(1300), figure(500), odd]
    notebook = new_notebook(cells=[new_code_cell("1", outputs=figures)])
    ChecksFirst().preprocess(notebook, {})
    assert [dict(one.metadata) for one in figures] == [{"image/png": {"width": 840}}, {}, {}]


def test_without_graded_cells_nothing_is_added():
    notebook = new_notebook(cells=[new_code_cell("1"), graded(grade=False)])
    assert len(ChecksFirst().preprocess(notebook, {})[0].cells) == 2


def answer(**about):
    known = {"grade": True, "solution": True, "locked": False, "grade_id": "why", "points": 6}
    return new_markdown_cell("My answer.", metadata={"nbgrader": {**known, **about}})


def test_an_answer_says_who_reads_it_and_comes_last(monkeypatch):
    monkeypatch.setattr(feedback, "_waiting", lambda resources: {"later"})
    text = first(
        answer(grade_id="later", score=0.0),
        answer(score=4.5, comment="A <b>good</b> one."),
        answer(grade_id="empty", score=0.0, comment="No response."),
        answer(grade_id="plain", score=6.0, comment=None),
        graded(stream("zero_pad: 0 of 5 points. Wrong.")),
    )
    assert (
        "<b>later: a person reads this answer. The score above does not hold its points yet.</b>"
    ) in text
    assert (
        "<b>why: 4.5 of 6 points. A person has read it. The comment is below your answer.</b>"
    ) in text
    assert "<b>empty: 0 of 6 points. There is no answer.</b>" in text
    assert "<b>plain: 6 of 6 points. A person has read it.</b>" in text
    assert text.index("zero_pad") < text.index("## later") < text.index("# Your notebook")


def test_answers_alone_are_looked_up_in_the_gradebook():
    with pytest.raises(KeyError):
        first(answer(score=0.0))
