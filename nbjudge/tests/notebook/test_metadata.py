"""The metadata, ids and outputs of a submitted notebook, and how far they are trusted."""

import copy

import pytest

from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.repair import repair
from tests.support.engines import cells_of, new_cell, notebook_bytes, spec
from tests.support.submissions import IDS, SOURCES, STRANGE, named, repaired, submitted

# metadata changed


@pytest.mark.parametrize(
    "change",
    [
        {"points": 100},
        {"points": "many"},
        {"points": None},
        {"grade": False},
        {"grade": "yes"},
        {"solution": True},
        {"locked": False},
        {"task": True},
        {"cell_type": "markdown"},
        {"checksum": "0" * 32},
        {"schema_version": 1},
        {"schema_version": 2},
        {"schema_version": 99},
        {"schema_version": "three"},
        {"schema_version": None},
        {"remove": True},
        {"unknown": {"deep": [1]}},
    ],
    ids=str,
)
def test_metadata_about_grading_are_not_trusted(change):
    cells = submitted()
    for name in ("double", "double_test", "essay", "setup"):
        named(cells, name)["metadata"]["nbgrader"].update(change)
    by_id, _, repairs = repaired(cells)
    assert repairs == []
    said = by_id["double_test"]["metadata"]["nbgrader"]
    assert said["points"] == 2.0 and said["schema_version"] == 3
    assert "points" not in by_id["double"]["metadata"]["nbgrader"]


def test_old_metadata_is_understood():
    cells = submitted()
    for cell in cells:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] = {
                "grade_id": cell["metadata"]["nbgrader"]["grade_id"],
                "points": 7,
                "checksum": "abc",
            }
    by_id, _, repairs = repaired(cells)
    assert repairs == [] and list(by_id) == IDS


def test_a_cell_that_claims_to_be_graded_is_an_ordinary_one():
    cells = submitted()
    mine = {"grade": True, "grade_id": "bonus", "points": 100, "solution": False, "locked": True}
    cells.append(new_cell("1", nbgrader=mine))
    _, found, repairs = repaired(cells)
    assert found[-1]["spec"] is None and "nbgrader" not in found[-1]["metadata"]
    assert repairs == ["A cell with the grade id 'bonus' is not part of the assignment."]


def test_a_released_cell_without_a_role_is_not_a_repair():
    cells = submitted()
    ordinary = {"grade_id": "cell-1", "grade": False, "solution": False, "locked": False}
    cells.append(new_cell("1", nbgrader=ordinary))
    _, found, repairs = repaired(cells)
    assert found[-1]["spec"] is None and repairs == []


def test_swapped_ids_are_trusted_but_locked_text_is_the_instructors():
    cells = submitted()
    one, two = named(cells, "double_test"), named(cells, "triple_test")
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    by_id, _, _ = repaired(cells)
    assert by_id["double_test"]["source"] == SOURCES["double_test"]
    assert by_id["triple_test"]["source"] == SOURCES["triple_test"]


def test_a_solution_named_as_a_test_and_a_test_as_a_solution_gain_nothing():
    cells = submitted()
    one, two = named(cells, "double"), named(cells, "double_test")
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    by_id, _, _ = repaired(cells)
    assert by_id["double_test"]["source"] == SOURCES["double_test"]


def test_a_changed_locked_cell_is_the_instructors_again_and_flagged():
    cells = submitted()
    named(cells, "double_test")["source"] = "assert True"
    _, _, repairs = repaired(cells)
    text = "The text of the cell double_test had been changed"
    assert repairs == [f"{text}; the student's version was kept below it."]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text + "\n\n",
        lambda text: "\n" + text + "  ",
        lambda text: text.splitlines(keepends=True),
    ],
)
def test_spaces_that_programs_change_are_not_flagged(change):
    cells = submitted()
    for name in ("setup", "double_test", "triple_test", "task_text"):
        named(cells, name)["source"] = change(named(cells, name)["source"])
    _, _, repairs = repaired(cells)
    assert repairs == []


SCHEME = "Say why.\n### BEGIN MARK SCHEME\n- 2 points: a reason\n### END MARK SCHEME\nBriefly."


def test_a_marking_scheme_comes_back_for_who_grades_and_is_not_flagged():
    cell_spec = spec((SCHEME, "locked text", "question"), ("my essay", "essay", "essay", 4))
    cells = cells_of(cell_spec)
    assert cells[0]["source"] == "Say why.\nBriefly."
    found, repairs = repair(read_notebook(notebook_bytes(cells)), cell_spec)
    assert found[0]["source"] == SCHEME and repairs == []
    cells[0]["source"] = "Say nothing."
    found, repairs = repair(read_notebook(notebook_bytes(cells)), cell_spec)
    assert found[0]["source"] == SCHEME and len(repairs) == 1


def test_a_cell_with_a_marking_scheme_that_lost_its_metadata_is_found():
    cell_spec = spec((SCHEME, "locked text", "question"), ("my essay", "essay", "essay", 4))
    cells = cells_of(cell_spec)
    del cells[0]["metadata"]["nbgrader"]
    found, repairs = repair(read_notebook(notebook_bytes(cells)), cell_spec)
    assert found[0]["source"] == SCHEME
    assert repairs == ["The cell question was identified by its text."]


def test_a_repair_of_many_cells_is_one_message():
    cells = submitted()
    for cell in cells:
        cell["metadata"] = {}
    _, _, repairs = repaired(cells)
    (by_text,) = [text for text in repairs if text.endswith("identified by their texts.")]
    (by_name,) = [text for text in repairs if text.endswith("identified by the names they define.")]
    assert by_text.startswith("The cells ") and by_name.startswith("The cells ")


def test_tags_of_the_students_do_not_count():
    cells = submitted()
    for cell in cells:
        cell["metadata"]["tags"] = ["nbjudge-child", "skip-execution", "remove-cell"]
    by_id, found, _ = repaired(cells)
    assert all("tags" not in cell["metadata"] for cell in found)


def test_outputs_are_not_kept():
    cells = submitted()
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2 of 2"}]
            cell["execution_count"] = 7
    _, found, _ = repaired(cells)
    assert all("outputs" not in cell and "execution_count" not in cell for cell in found)


def test_pictures_in_text_stay():
    picture = {"a.png": {"image/png": "aGk="}}
    cells = submitted()
    named(cells, "essay")["attachments"] = picture
    by_id, _, _ = repaired(cells)
    assert by_id["essay"]["attachments"] == picture


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_values_anywhere_in_a_cell_are_left_out(strange):
    value = STRANGE[strange]
    for field in ("id", "source", "metadata", "attachments", "outputs", "execution_count", "other"):
        cells = submitted()
        for cell in cells[1:]:
            cell[field] = copy.copy(value)
        by_id, _, _ = repaired(cells)
        assert "double_test" in by_id
    for field in ("collapsed", "scrolled", "jupyter", "cellView", "name", "tags", "nbgrader"):
        cells = submitted()
        for cell in cells:
            cell["metadata"][field] = value
        by_id, _, _ = repaired(cells)
        assert "double_test" in by_id


@pytest.mark.parametrize("cells", [[None], [3, "x", []], [{}], [{"cell_type": "code"}], [[[]]]])
def test_invalid_cells_are_left_out(cells):
    by_id, _, _ = repaired(cells)
    assert "double_test" in by_id


@pytest.mark.parametrize(
    "ids",
    [
        [None] * 9,
        ["same"] * 9,
        [""] * 9,
        ["x" * 65] * 9,
        ["a b"] * 9,
        ["é"] * 9,
        ["a\n"] * 9,
        ["-"] * 9,
        [1, 2.5, [], {}, True, None, "a", "a", "b"],
    ],
    ids=lambda ids: repr(ids[0])[:10],
)
def test_cells_get_ids_that_are_valid_and_differ(ids):
    cells = submitted()
    for cell, one in zip(cells, ids, strict=True):
        cell["id"] = one
    _, found, _ = repaired(cells)
    again = repaired(cells)[1]
    assert [cell["id"] for cell in found] == [cell["id"] for cell in again]


def test_valid_ids_are_kept():
    cells = submitted()
    _, found, _ = repaired(cells)
    assert [cell["id"] for cell in found] == [cell["id"] for cell in cells]


def test_two_empty_cells_without_ids_get_different_ones():
    cells = [{**new_cell(""), "id": None} for _ in range(5)]
    repaired([*cells, *submitted()])
