"""Manually graded answers: blank means that nothing the student added could be an answer."""

from dataclasses import replace

import pytest

from tests.support.engines import STUB, cells_of, grade_id_of, new_cell, spec

GIVEN = "YOUR ANSWER HERE"
SCHEME = "How it is graded.\n\n### BEGIN MARK SCHEME\n- A reason (1 point)\n### END MARK SCHEME"
SPEC = spec(
    ("import math", "locked", "setup"),
    ("## A question", "text"),
    ("Why?", "locked text", "why"),
    ("Since.", "essay", "essay", 4),
    (SCHEME, "locked text", "scheme"),
    ("## A drawing", "text"),
    ("draw()", "manual", "drawing", 5),
    ("## The end", "text"),
    ("Do it.", "task", "project", 6),
)
ANSWER = "My real answer."
PICTURE = "![a.png](attachment:a.png)"


def blank(essay=GIVEN):
    """Return a submission without a written answer; the drawing is done."""
    return cells_of(SPEC, essay=essay)


def place(cells, grade_id):
    return next(n for n, cell in enumerate(cells) if grade_id_of(cell) == grade_id)


def beside(cell, offset=1, name="essay", cells=None):
    """Return a submission with a cell added `offset` cells after a given one."""
    cells = cells or blank()
    cells.insert(place(cells, name) + offset, cell)
    return cells


def typed_into(name, text):
    """Return a submission in which the student typed text into a given text cell."""
    cells = blank()
    cells[place(cells, name)]["source"] += f"\n\n{text}"
    return cells


def typed_into_the_plain_question():
    cells = cells_of(PLAIN, essay=GIVEN)
    cells[0]["source"] += f"\n\n{ANSWER}"
    return cells


def copied(first, last):
    """Return a submission with two copies of the answer cell."""
    cells = blank(first)
    at = place(cells, "essay")
    cells.insert(at + 1, {**cells[at], "id": "copy", "source": last})
    return cells


def without_metadata(cell_type):
    """Return a submission whose answer cell lost its metadata and has another type."""
    cells = blank()
    cells[place(cells, "essay")] = new_cell(ANSWER, cell_type)
    return cells


def with_picture():
    cell = new_cell(PICTURE, "markdown")
    return beside({**cell, "attachments": {"a.png": {"image/png": "AAAA"}}})


PLAIN = spec(("Why?", "text"), ("Since.", "essay", "essay", 4), ("The end.", "text"))
WRITTEN = {
    "below": lambda: beside(new_cell(ANSWER, "markdown")),
    "below, after an empty cell": lambda: beside(
        new_cell(ANSWER, "markdown"), cells=beside(new_cell(" ", "markdown")), offset=2
    ),
    "above": lambda: beside(new_cell(ANSWER, "markdown"), offset=0),
    "below the marking scheme": lambda: beside(new_cell(ANSWER, "markdown"), offset=2),
    "in a comment of a code cell": lambda: beside(new_cell(f"# {ANSWER}")),
    "in a code cell": lambda: beside(new_cell(ANSWER)),
    "in a raw cell": lambda: beside(new_cell(ANSWER, "raw")),
    "as a picture": with_picture,
    "in an HTML comment": lambda: beside(new_cell(f"<!-- {ANSWER} -->", "markdown")),
    "in the locked question": lambda: typed_into("why", ANSWER),
    "in the marking scheme's cell": lambda: typed_into("scheme", ANSWER),
    "in the first of two copies": lambda: copied(ANSWER, GIVEN),
    "in the last of two copies": lambda: copied(GIVEN, ANSWER),
    "in a text cell without metadata": lambda: without_metadata("markdown"),
    "in a code cell without metadata": lambda: without_metadata("code"),
}


@pytest.mark.parametrize("where", WRITTEN)
@pytest.mark.parametrize("given", [GIVEN, " \n\N{ZERO WIDTH SPACE}"])
def test_an_answer_beside_the_given_cell_waits_for_a_person(judge, where, given):
    cells = WRITTEN[where]()
    for cell in cells:
        if cell["source"] == GIVEN:
            cell["source"] = given
    answer = judge(SPEC, cells)
    assert answer.scores["essay"] is None
    assert "essay" not in answer.unanswered
    kept = "\n".join(cell["source"] for cell in answer.cells)
    assert ANSWER in kept or PICTURE in kept
    assert answer.scores["drawing"] is None


def test_it_is_reported(judge):
    answer = judge(SPEC, WRITTEN["below"]())
    (remark,) = answer.remarks
    assert answer.repairs == []
    assert remark == (
        "The cell essay has no answer, but the student added cells or files that may contain it: "
        "please check."
    )


def test_an_answer_in_the_unlocked_question_waits_for_a_person(judge):
    assert judge(PLAIN, typed_into_the_plain_question()).scores == {"essay": None}


NOTHING = {
    "nothing": blank,
    "empty cells": lambda: beside(new_cell("\n", "markdown"), cells=beside(new_cell(""))),
    "a copy of the question": lambda: beside(new_cell("## A question", "markdown")),
    "a shorter question": lambda: [
        {**cell, "source": ""} if cell["source"] == "Why?" else cell for cell in blank()
    ],
}


@pytest.mark.parametrize("what", NOTHING)
def test_an_empty_answer_has_no_points(judge, what):
    answer = judge(SPEC, NOTHING[what]())
    assert answer.scores["essay"] == 0
    assert "essay" in answer.unanswered


def test_code_in_the_next_cell_waits_for_a_person_and_its_figures_are_drawn(judge):
    figure = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    own = beside(new_cell(figure), name="drawing", cells=cells_of(SPEC, drawing=STUB))
    answer = judge(SPEC, own)
    assert answer.scores["drawing"] is None
    (cell,) = (cell for cell in answer.cells if cell["source"] == figure)
    assert "image/png" in cell["outputs"][-1]["data"]
    assert judge(SPEC, cells_of(SPEC, drawing=STUB)).scores["drawing"] == 0


LONG = spec(
    ("load('points.csv')", "locked", "setup"),
    ("Why?", "locked text", "why"),
    ("Since.", "essay", "essay", 4),
    ("Draw.", "locked text", "draw"),
    ("draw()", "manual", "drawing", 5),
    ("The end.", "locked text", "end"),
)
NEITHER = {"essay": 0, "drawing": 0}
CODE_ALONE = {"essay": 0, "drawing": None}
BOTH = {"essay": None, "drawing": None}


def long_notebook(*more, **answers):
    """Return a submission to LONG, blank except for `answers`, with the cells `more` at its end."""
    return [*cells_of(LONG, **{"essay": GIVEN, "drawing": STUB, **answers}), *more]


@pytest.mark.parametrize(
    ("cell", "scores"),
    [
        (new_cell(ANSWER, "markdown"), BOTH),
        (new_cell(ANSWER, "raw"), BOTH),
        (new_cell(ANSWER), BOTH),
        (new_cell(f"# {ANSWER}"), BOTH),
        (new_cell(f'"""{ANSWER}"""'), BOTH),
        (new_cell("x = 1\nprint(x)  # to see the output"), CODE_ALONE),
        (new_cell("%timeit draw()"), CODE_ALONE),
        (new_cell("Why?", "markdown"), NEITHER),
        (new_cell(" \n", "markdown"), NEITHER),
    ],
)
def test_a_blank_answer_may_be_in_a_cell_at_the_end(judge, cell, scores):
    assert judge(LONG, long_notebook(cell)).scores == scores
    assert judge(LONG, [cell, *long_notebook()]).scores == NEITHER, "such as the name of a student"


@pytest.mark.parametrize("kind", ["markdown", "code"])
def test_released_cells_at_the_end_are_not_answers(judge, kind):
    """One example is nbgrader's footer, which source/ does not contain."""
    cell = new_cell("Submit this.", kind)
    assert judge(replace(LONG, added=("Submit this.\n",)), long_notebook(cell)).scores == NEITHER
    assert judge(LONG, long_notebook(cell)).scores == BOTH


def test_a_blank_answer_may_be_in_a_cell_beside_another(judge):
    for answers in ({}, {"essay": ANSWER}):
        cells = long_notebook(**answers)
        cells.insert(3, new_cell("More of it, and question 2.", "markdown"))
        assert judge(LONG, cells).scores == BOTH


def test_figures_of_code_at_the_end_are_drawn(judge):
    figure = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    answer = judge(LONG, long_notebook(new_cell(figure)))
    assert "image/png" in answer.cells[-1]["outputs"][-1]["data"]


FILES = "*Submitted files that no cell of this notebook mentions:*\n\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("photo.jpg", "![photo\\.jpg](photo.jpg)"),
        ("images/photo 1.jpg", "![images\\/photo 1\\.jpg](images/photo%201.jpg)"),
        ("answer.pdf", "![answer\\.pdf](answer.pdf)"),
        ("](x)\n\n<b>.png", "![\\]\\(x\\) \\<b\\>\\.png](%5D%28x%29%0A%0A%3Cb%3E.png)"),
        ("s.csv", "![s\\.csv](s.csv)"),
    ],
)
def test_a_blank_answer_may_be_in_a_file_that_no_cell_names(judge, name, shown):
    names = [name, "points.csv"]
    answer = judge(LONG, long_notebook(essay=ANSWER), own_files=names)
    assert answer.scores == BOTH
    at = next(n for n, cell in enumerate(answer.cells) if grade_id_of(cell) == "drawing")
    assert answer.cells[at + 1]["source"] == FILES + shown
    assert sum(FILES in cell["source"] for cell in answer.cells) == 1
    assert "cells or files that may contain it" in answer.remarks[0]


@pytest.mark.parametrize(
    "text", ["![](Photo%201.jpg)", "I drew `a/photo 1.jpg`.", "<img src='photo 1.jpg'>"]
)
def test_a_file_that_a_cell_names_belongs_to_that_cell(judge, text):
    answer = judge(LONG, long_notebook(essay=text), own_files=["a/photo 1.jpg"])
    assert answer.scores["drawing"] == 0


def test_a_file_that_only_the_question_names_may_hold_the_answer(judge):
    asks = replace(LONG.cells[1], source="Why? Submit why.jpg.")
    cell_spec = replace(LONG, cells=(LONG.cells[0], asks, *LONG.cells[2:]))
    cells = cells_of(cell_spec, essay=GIVEN, drawing="draw(1)")
    assert judge(cell_spec, cells, own_files=["why.jpg"]).scores["essay"] is None
    assert judge(cell_spec, cells, own_files=["points.csv"]).scores["essay"] == 0, "code reads it"


def test_only_a_readable_number_of_files_is_shown(judge):
    names = [".git/a", *(f"{number:02}.jpg" for number in range(30))]
    cells = judge(LONG, long_notebook(drawing="draw(1)"), own_files=names).cells
    (text,) = (cell["source"] for cell in cells if FILES in cell["source"])
    assert text.count("![") == 20 and "(19.jpg)" in text
    assert text.endswith("*... and 11 more.*")


def test_words_typed_into_a_task_are_kept_below_it(judge):
    task = replace(SPEC.cells[-1], locked=True)
    locked = replace(SPEC, cells=(*SPEC.cells[:-1], task))
    cells = cells_of(locked)
    cells[-1]["source"] += f"\n\n{ANSWER}"
    cells[-1]["attachments"] = {"a.png": {"image/png": "AAAA"}}
    answer = judge(locked, cells)
    given, kept = answer.cells[-2:]
    assert (given["source"], kept["source"]) == ("Do it.", f"Do it.\n\n{ANSWER}")
    assert kept["attachments"] == {"a.png": {"image/png": "AAAA"}}
    assert kept["metadata"] == {}
    assert answer.repairs == [
        "The text of the cell project had been changed; the student's version was kept below it."
    ]
