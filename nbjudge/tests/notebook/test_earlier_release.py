"""Submissions based on an earlier release."""

import copy

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from nbjudge.notebook.repair import checksum
from tests.support.engines import grade_id_of, new_cell
from tests.support.submissions import SOURCES, named, place, repaired, submitted


def of_earlier_release(cells, **texts):
    """Return the cells as in an earlier release, with other texts in locked cells."""
    for cell in cells:
        grade_id = grade_id_of(cell)
        if grade_id in texts:
            cell["source"] = texts[grade_id]
            if cell["cell_type"] == "code":
                cell |= {"outputs": [], "execution_count": None}
            signed = nbformat.from_dict(cell)
            cell["metadata"]["nbgrader"]["checksum"] = compute_checksum(signed)
    return cells


OLD = {"setup": "import numpy as np\n\nOLD = 1", "double_test": "assert double(5) == 10"}


def test_cells_of_an_earlier_release_get_the_current_text_silently():
    by_id, _, repairs = repaired(of_earlier_release(submitted(), **OLD))
    assert repairs == []
    for grade_id in OLD:
        assert by_id[grade_id]["source"] == SOURCES[grade_id]


@pytest.mark.parametrize("saved", ["{}\n", "\n{}\n\n", "{}  "])
def test_blank_lines_and_spaces_added_by_programs_do_not_matter(saved):
    cells = of_earlier_release(submitted(), **OLD)
    named(cells, "setup")["source"] = saved.format(OLD["setup"])
    assert repaired(cells)[2] == []


def test_only_the_students_change_to_an_earlier_release_is_reported():
    cells = of_earlier_release(submitted(), **OLD)
    named(cells, "setup")["source"] += "\ncheat = True"
    by_id, _, repairs = repaired(cells)
    assert repairs == [
        "The text of the cell setup had been changed; the student's version was kept below it."
    ]
    assert by_id["setup"]["source"] == SOURCES["setup"]


@pytest.mark.parametrize(
    "damage",
    [{"points": 99}, {"grade_id": "double"}, {"checksum": "0"}, {"checksum": None}, {"points": []}],
)
def test_a_checksum_of_another_cell_or_worth_is_none(damage):
    cells = of_earlier_release(submitted(), double_test=OLD["double_test"])
    named(cells, "double_test")["metadata"]["nbgrader"].update(damage)
    assert repaired(cells)[2]


def test_an_unchanged_copy_of_a_released_cell_is_not_the_students_text():
    cells = of_earlier_release(submitted(), **OLD)
    at = place(cells, "setup")
    other = copy.deepcopy(cells[at])
    other["source"], other["id"] = "import os", "other"
    cells.insert(at + 1, other)
    assert repaired(cells)[2] == ["The cell setup occurred more than once; the last one counts."]


def test_a_cell_that_only_the_earlier_release_had_is_not_the_students():
    gone = new_cell("print('gone')", "code")
    gone["metadata"]["nbgrader"] = {
        **named(submitted(), "setup")["metadata"]["nbgrader"],
        "grade_id": "gone",
    }
    cells = [*submitted(), gone]
    assert repaired(copy.deepcopy(cells))[2] == [
        "A cell with the grade id 'gone' is not part of the assignment."
    ]
    assert repaired(of_earlier_release(cells, gone="print('gone')"))[2] == []


def test_a_cell_that_todays_release_has_newly_is_no_students_deletion():
    cells = of_earlier_release(submitted(), **OLD)
    del cells[place(cells, "triple_test")]
    by_id, _, repairs = repaired(cells)
    assert repairs == [] and by_id["triple_test"]["source"] == SOURCES["triple_test"]
    cells = submitted()
    del cells[place(cells, "triple_test")]
    assert repaired(cells)[2] == ["The cell triple_test was missing and was put back."]
    cells = of_earlier_release(submitted(), **OLD)
    del cells[place(cells, "triple")]
    assert repaired(cells)[2] == ["The cell triple is missing."]


@pytest.mark.parametrize("kind", ["code", "markdown"])
@pytest.mark.parametrize("said", [{"locked": True}, {"grade": True, "points": 2}, {}])
def test_the_checksum_is_nbgraders(kind, said):
    about = {"grade_id": "a", "grade": False, "solution": False, "locked": False, **said}
    source = {"cell_type": kind, "source": "x = 'é'\n", "metadata": {"nbgrader": about}}
    expected = compute_checksum(nbformat.from_dict(source))
    assert checksum("x = 'é'\n", kind, about) == expected
