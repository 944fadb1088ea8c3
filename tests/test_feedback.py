"""The first screen of a feedback page."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

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
    assert text.startswith("# What the checks found\n\n## zero_pad\n\n<div><b>zero_pad: 0 of 5")
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
    assert "## other\n\n<div><b>The cell said nothing.</b></div>" in text


def test_without_graded_cells_nothing_is_added():
    notebook = new_notebook(cells=[new_code_cell("1"), graded(solution=True)])
    assert len(ChecksFirst().preprocess(notebook, {})[0].cells) == 2
