"""Whatever students hand in becomes a notebook that can be judged, and what was mended is said.

The cases are those that instructors have reported to nbgrader: metadata that disappeared (issue
424), cells copied with their names (1083), submissions without any metadata (1398), tests deleted
(1682), cells of another type (1941).
"""

import copy
import hashlib
import json
import random

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from nbjudge.errors import UnreadableNotebookError
from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.repair import _checksum, repair
from tests.support.engines import cells_of, grade_id_of, new_cell, notebook_bytes, plan

DOUBLE = "def double(x):\n    return 2 * x"
TRIPLE = "def triple(x):\n    return 3 * x"
PLAN = plan(
    ("# Homework", "text"),
    ("import numpy as np", "locked", "setup"),
    ("Write `double`.", "locked text", "task_text"),
    (DOUBLE, "solution", "double"),
    (
        "assert double(2) == 4\n"
        "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
        "test",
        "double_test",
        2,
    ),
    (TRIPLE, "solution", "triple"),
    ("assert triple(2) == 6", "test", "triple_test", 3),
    ("my essay", "essay", "essay", 4),
    ("Draw something.", "task", "drawing", 5),
)
SOURCES = {cell.grade_id: cell.source for cell in PLAN.cells if cell.grade_id}
SOLVED = {cell.grade_id: cell.solved for cell in PLAN.cells if cell.solution}
IDS = [cell.grade_id for cell in PLAN.cells if cell.grade_id]


def submitted(**answers):
    return cells_of(PLAN, **answers)


def place(cells, grade_id):
    return next(n for n, cell in enumerate(cells) if grade_id_of(cell) == grade_id)


def named(cells, grade_id):
    return cells[place(cells, grade_id)]


def mend(cells, planned=PLAN, **more):
    """The repaired cells by grade id, all cells, and what was mended."""
    found, mended = repair(read_notebook(notebook_bytes(cells, **more)), planned)
    by_id = {cell["plan"].grade_id: cell for cell in found if cell["plan"]}
    check(found)
    return by_id, found, mended


def check(cells):
    """What holds of every repaired notebook."""
    plain = [{k: v for k, v in cell.items() if k not in ("plan", "submitted")} for cell in cells]
    for cell in plain:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
            cell.pop("attachments", None)
    notebook = {"cells": plain, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    json.dumps(notebook, allow_nan=False)
    nbformat.validate(nbformat.from_dict(copy.deepcopy(notebook)))
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    named = [cell["plan"].grade_id for cell in cells if cell["plan"]]
    assert len(set(named)) == len(named)
    for cell in cells:
        said = cell["metadata"].get("nbgrader")
        assert (said or {}).get("grade_id") == (cell["plan"].grade_id if cell["plan"] else None)
        if cell["plan"]:
            planned = cell["plan"]
            assert cell["cell_type"] == planned.cell_type
            assert (said["grade"], said["solution"]) == (planned.grade, planned.solution)
            if planned.locked:
                assert cell["source"] == planned.source
    if "triple_test" in named:
        assert set(IDS) - {"double", "triple"} <= set(named)
        for name in {"double", "triple"} & set(named):
            assert named.index(name) < named.index(f"{name}_test")


def test_an_untouched_notebook_needs_no_mending():
    by_id, cells, mended = mend(submitted())
    assert mended == []
    assert list(by_id) == IDS
    assert len(cells) == len(PLAN.cells)
    assert {name: by_id[name]["source"] for name in SOLVED} == SOLVED


def test_test_cells_get_their_hidden_tests_back():
    by_id, _, mended = mend(submitted())
    assert "double(3)" in by_id["double_test"]["source"] and mended == []


@pytest.mark.parametrize("grade_id", IDS)
def test_a_deleted_cell_of_the_instructors_is_put_back_where_it_was(grade_id):
    cells = submitted()
    del cells[place(cells, grade_id)]
    by_id, found, mended = mend(cells)
    solution = grade_id in SOLVED and grade_id != "essay"
    if solution:
        return
    assert [c["plan"].grade_id for c in found if c["plan"]] == IDS
    assert by_id[grade_id]["source"] == SOURCES[grade_id]
    assert mended == [f"The cell {grade_id} was missing and was put back."]


def test_cells_put_back_stand_behind_what_a_student_wrote_there():
    cells = submitted()
    del cells[place(cells, "double_test")]
    cells.insert(place(cells, "triple"), new_cell("scratch = 1"))
    _, found, _ = mend(cells)
    names = [cell["plan"].grade_id if cell["plan"] else cell["source"] for cell in found]
    start = names.index("double")
    assert names[start : start + 4] == ["double", "scratch = 1", "double_test", "triple"]


def test_a_deleted_solution_leaves_the_other_questions_alone():
    cells = submitted()
    del cells[place(cells, "double")]
    by_id, _, _ = mend(cells)
    assert by_id["triple"]["source"] == TRIPLE
    assert by_id["double_test"]["source"] == SOURCES["double_test"]


def test_an_empty_notebook_gets_all_that_is_graded():
    by_id, _, mended = mend([])
    assert {"setup", "double_test", "triple_test", "essay", "drawing"} <= set(by_id)
    assert len(mended) >= 5


@pytest.mark.parametrize("grade_id", ["double", "triple"])
@pytest.mark.parametrize(
    "metadata",
    [
        {},
        None,
        [],
        "text",
        {"nbgrader": None},
        {"nbgrader": []},
        {"nbgrader": {}},
        {"nbgrader": {"grade_id": 3}},
        {"nbgrader": {"grade_id": ["double"]}},
        {"nbgrader": {"grade_id": "unknown"}},
        {"id": "colab", "colab": {}},
    ],
    ids=str,
)
def test_a_solution_that_lost_its_metadata_is_found_by_what_it_defines(grade_id, metadata):
    cells = submitted()
    named(cells, grade_id)["metadata"] = metadata
    by_id, found, mended = mend(cells)
    assert by_id[grade_id]["source"] == SOLVED[grade_id]
    assert len(found) == len(PLAN.cells)
    assert f"The cell {grade_id} was found by what it defines." in mended


def test_of_two_cells_that_define_it_the_last_is_the_solution():
    cells = submitted()
    at = place(cells, "double")
    cells[at : at + 1] = [
        new_cell("def double(x): return 0"),
        new_cell("def double(x): return 2*x"),
    ]
    by_id, _, _ = mend(cells)
    assert by_id["double"]["source"] == "def double(x): return 2*x"


def test_a_solution_written_into_another_cell_stays_where_it_runs():
    cells = submitted(double="# see below")
    cells.insert(place(cells, "double_test"), new_cell(DOUBLE))
    by_id, found, mended = mend(cells)
    assert mended == [] and by_id["double"]["source"] == "# see below"
    assert [c["source"] for c in found].index(DOUBLE) < found.index(by_id["double_test"])


def test_a_cell_of_another_name_is_not_taken_for_the_solution():
    cells = submitted()
    cells[place(cells, "double")] = new_cell("def other(x): return x")
    by_id, _, _ = mend(cells)
    assert by_id.get("double", {}).get("source") != "def other(x): return x"


# nbgrader issue 424: an answer in words whose metadata disappeared


def test_an_answer_in_words_that_lost_its_metadata_is_found_by_its_place():
    cells = submitted(essay="I think that it is so.")
    named(cells, "essay")["metadata"] = {}
    by_id, found, mended = mend(cells)
    assert by_id["essay"]["source"] == "I think that it is so."
    assert len(found) == len(PLAN.cells)
    assert len(mended) == 1


def test_a_note_between_the_questions_is_not_taken_for_an_answer():
    cells = submitted()
    cells.insert(place(cells, "essay"), new_cell("a note", "markdown"))
    by_id, _, mended = mend(cells)
    assert by_id["essay"]["source"] == "my essay" and mended == []


# nbgrader issue 1398: notebooks without any metadata


def test_a_notebook_without_any_metadata_is_recognised():
    cells = submitted(essay="my own words")
    for cell in cells:
        cell["metadata"] = {}
    by_id, _, mended = mend(cells)
    assert by_id["double"]["source"] == DOUBLE and by_id["triple"]["source"] == TRIPLE
    assert by_id["essay"]["source"] == "my own words"
    assert {"setup", "double_test", "triple_test"} <= set(by_id)
    assert mended


# nbgrader issue 1083: cells copied with their names


@pytest.mark.parametrize("grade_id", IDS)
def test_a_copied_cell_is_there_once(grade_id):
    cells = submitted()
    at = place(cells, grade_id)
    cells.insert(at + 1, copy.deepcopy(cells[at]))
    by_id, found, mended = mend(cells)
    assert len(found) == len(PLAN.cells) + 1
    assert mended == [f"The cell {grade_id} was there more than once; the last one counts."]
    assert by_id[grade_id] is found[at + 1]
    assert found[at]["cell_type"] == by_id[grade_id]["cell_type"]


def test_of_a_solution_and_its_changed_copy_the_last_counts():
    cells = submitted(double="def double(x): return 0")
    second = copy.deepcopy(named(cells, "double"))
    second["source"] = DOUBLE
    cells.insert(place(cells, "double") + 1, second)
    by_id, found, _ = mend(cells)
    assert by_id["double"]["source"] == DOUBLE
    assert found[place(cells, "double")]["source"] == "def double(x): return 0"


def test_a_split_solution_runs_in_both_its_parts():
    cells = submitted(double="def helper(x):\n    return 2 * x")
    second = copy.deepcopy(named(cells, "double"))
    second["source"] = "def double(x):\n    return helper(x)"
    cells.insert(place(cells, "double") + 1, second)
    _, found, _ = mend(cells)
    sources = [cell["source"] for cell in found]
    assert sources.index("def helper(x):\n    return 2 * x") < sources.index(second["source"])


def test_work_written_into_a_copy_of_a_test_is_kept():
    cells = submitted(double="")
    mine = copy.deepcopy(named(cells, "double_test"))
    mine["source"] = DOUBLE
    cells.insert(place(cells, "double_test") + 1, mine)
    _, found, _ = mend(cells)
    sources = [cell["source"] for cell in found]
    assert DOUBLE in sources and SOURCES["double_test"] in sources


def test_a_cell_copied_many_times_is_there_once():
    cells = submitted()
    cells += [copy.deepcopy(named(cells, "double_test")) for _ in range(50)]
    by_id, _, mended = mend(cells)
    assert by_id["double_test"]["source"] == SOURCES["double_test"] and len(mended) == 51


# cells moved


def order(cells):
    """The grade ids in the order in which cells are judged, and what was mended."""
    _, found, mended = mend(cells)
    return [cell["plan"].grade_id for cell in found if cell["plan"]], mended


def has_id(cell):
    return "grade_id" in cell["metadata"].get("nbgrader", {})


@pytest.mark.parametrize("grade_id", IDS)
@pytest.mark.parametrize("place_", [0, 3, 100])
def test_a_cell_that_was_moved_is_moved_back(grade_id, place_):
    cells = submitted()
    cells.insert(place_, cells.pop(place(cells, grade_id)))
    moved = [one["metadata"]["nbgrader"]["grade_id"] for one in cells if has_id(one)] != IDS
    ids, mended = order(cells)
    assert ids == IDS
    assert len(mended) == moved
    assert all("did not stand in its place" in text for text in mended)


def test_a_helper_before_a_solution_that_was_moved_stays_before_it():
    """A test is moved rather than the solution, which may need what stands around it."""
    cells = submitted()
    at = place(cells, "double")
    cells[at], cells[at + 1] = cells[at + 1], cells[at]
    cells.insert(place(cells, "double"), new_cell("helper = 1"))
    _, found, _ = mend(cells)
    names = [cell["plan"].grade_id if cell["plan"] else cell["source"] for cell in found]
    start = names.index("helper = 1")
    assert names[start : start + 3] == ["helper = 1", "double", "double_test"]


@pytest.mark.parametrize("lost", [False, True])
def test_a_solution_that_is_moved_up_takes_its_helper_along(lost):
    """Question 2 was done first, each question with a helper cell before it."""
    cells = submitted()
    first, at = place(cells, "double"), place(cells, "triple")
    one, two = cells[first:at], cells[at : at + 2]
    if lost:
        one[0]["metadata"] = {}
    cells[first : at + 2] = [new_cell("help_2 = 2"), *two, new_cell("help_1 = 1"), *one]
    names = ["help_1 = 1", "double", "double_test", "triple", "triple_test"]
    _, found, _ = mend(cells)
    found = [cell["plan"].grade_id if cell["plan"] else cell["source"] for cell in found]
    assert [name for name in found if name in names] == names
    assert found.index("help_2 = 2") < found.index("triple")


def test_a_solution_that_is_moved_down_leaves_what_stands_before_it():
    cells = submitted()
    cells.insert(place(cells, "double"), cells.pop(place(cells, "essay")))
    cells.insert(place(cells, "essay"), new_cell("helper = 1"))
    _, found, _ = mend(cells)
    found = [cell["plan"].grade_id if cell["plan"] else cell["source"] for cell in found]
    assert found.index("helper = 1") < found.index("double") < found.index("essay")


def test_ids_differ_though_one_was_chosen_to_be_what_another_becomes():
    cells = submitted()
    cells.append({**new_cell("1 + 1"), "id": "not valid!"})
    text = f"{len(cells) - 1}1 + 1"
    cells[0]["id"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    _, found, _ = mend(cells)
    assert len({cell["id"] for cell in found}) == len(found)


def test_what_the_parser_warns_of_is_not_for_the_instructors_terminal(recwarn):
    cells = submitted()
    cells[place(cells, "double")] = new_cell("def double(x):\n    return '\\d' if x is 2 else 0")
    mend(cells)
    assert not recwarn.list


def test_cells_in_any_order_are_put_in_order():
    rng = random.Random(1)
    for _ in range(50):
        cells = submitted()
        rng.shuffle(cells)
        assert order(cells)[0] == IDS


def test_a_notebook_upside_down_can_be_judged():
    by_id, _, _ = mend(submitted()[::-1])
    assert {name: by_id[name]["source"] for name in SOLVED} == SOLVED


def test_a_locked_cell_that_was_moved_away_from_the_top_still_exists_once():
    cells = submitted()
    cells.append(cells.pop(place(cells, "setup")))
    by_id, found, _ = mend(cells)
    assert len(found) == len(PLAN.cells) and by_id["setup"]["source"] == "import numpy as np"


def test_cells_in_any_order_can_be_judged():
    rng = random.Random(0)
    for _ in range(100):
        cells = submitted()
        rng.shuffle(cells)
        by_id, _, _ = mend(cells)
        assert {name: by_id[name]["source"] for name in SOLVED} == SOLVED


# cells of another type


@pytest.mark.parametrize("kind", ["markdown", "raw", "code", "heading", "html", "video", None, 3])
@pytest.mark.parametrize("grade_id", IDS)
def test_a_cell_of_another_type_gets_its_own_again(grade_id, kind):
    cells = submitted()
    changed = named(cells, grade_id)
    original, changed["cell_type"] = changed["cell_type"], kind
    by_id, found, mended = mend(cells)
    assert len(found) == len(PLAN.cells)
    assert by_id[grade_id]["source"] == (SOLVED.get(grade_id) or SOURCES[grade_id])
    if kind != original and kind in ("markdown", "raw", "code"):
        assert mended == [f"The cell {grade_id} had become a {kind} cell."]


def test_a_solution_of_another_type_without_metadata_is_found():
    cells = submitted()
    cells[place(cells, "double")] = new_cell(DOUBLE, "markdown")
    by_id, _, _ = mend(cells)
    assert by_id["double"]["source"] == DOUBLE and by_id["double"]["cell_type"] == "code"


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
def test_nothing_that_metadata_says_of_grading_is_believed(change):
    cells = submitted()
    for name in ("double", "double_test", "essay", "setup"):
        named(cells, name)["metadata"]["nbgrader"].update(change)
    by_id, _, mended = mend(cells)
    assert mended == []
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
    by_id, _, mended = mend(cells)
    assert mended == [] and list(by_id) == IDS


def test_a_cell_that_claims_to_be_graded_is_an_ordinary_one():
    cells = submitted()
    mine = {"grade": True, "grade_id": "bonus", "points": 100, "solution": False, "locked": True}
    cells.append(new_cell("1", nbgrader=mine))
    _, found, mended = mend(cells)
    assert found[-1]["plan"] is None and "nbgrader" not in found[-1]["metadata"]
    assert mended == ["A cell that calls itself 'bonus' is not the assignment's."]


def test_swapped_names_are_taken_as_said_but_locked_text_is_the_instructors():
    cells = submitted()
    one, two = named(cells, "double_test"), named(cells, "triple_test")
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    by_id, _, _ = mend(cells)
    assert by_id["double_test"]["source"] == SOURCES["double_test"]
    assert by_id["triple_test"]["source"] == SOURCES["triple_test"]


def test_a_solution_named_as_a_test_and_a_test_as_a_solution_gain_nothing():
    cells = submitted()
    one, two = named(cells, "double"), named(cells, "double_test")
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    by_id, _, _ = mend(cells)
    assert by_id["double_test"]["source"] == SOURCES["double_test"]


def test_a_changed_locked_cell_is_the_instructors_again_and_flagged():
    cells = submitted()
    named(cells, "double_test")["source"] = "assert True"
    _, _, mended = mend(cells)
    assert mended == ["The text of the cell double_test had been changed."]


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
    _, _, mended = mend(cells)
    assert mended == []


SCHEME = "Say why.\n### BEGIN MARK SCHEME\n- 2 points: a reason\n### END MARK SCHEME\nBriefly."


def test_a_marking_scheme_comes_back_for_who_grades_and_is_not_flagged():
    planned = plan((SCHEME, "locked text", "question"), ("my essay", "essay", "essay", 4))
    cells = cells_of(planned)
    assert cells[0]["source"] == "Say why.\nBriefly."
    found, mended = repair(read_notebook(notebook_bytes(cells)), planned)
    assert found[0]["source"] == SCHEME and mended == []
    cells[0]["source"] = "Say nothing."
    found, mended = repair(read_notebook(notebook_bytes(cells)), planned)
    assert found[0]["source"] == SCHEME and len(mended) == 1


def test_a_cell_with_a_marking_scheme_that_lost_its_metadata_is_found():
    planned = plan((SCHEME, "locked text", "question"), ("my essay", "essay", "essay", 4))
    cells = cells_of(planned)
    del cells[0]["metadata"]["nbgrader"]
    found, mended = repair(read_notebook(notebook_bytes(cells)), planned)
    assert found[0]["source"] == SCHEME
    assert mended == ["The cell question was found by its text."]


def test_tags_of_the_students_do_not_count():
    cells = submitted()
    for cell in cells:
        cell["metadata"]["tags"] = ["nbjudge-child", "skip-execution", "remove-cell"]
    by_id, found, _ = mend(cells)
    assert all("tags" not in cell["metadata"] for cell in found)


def test_outputs_are_not_kept():
    cells = submitted()
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2 of 2"}]
            cell["execution_count"] = 7
    _, found, _ = mend(cells)
    assert all("outputs" not in cell and "execution_count" not in cell for cell in found)


def test_pictures_in_text_stay():
    picture = {"a.png": {"image/png": "aGk="}}
    cells = submitted()
    named(cells, "essay")["attachments"] = picture
    by_id, _, _ = mend(cells)
    assert by_id["essay"]["attachments"] == picture


STRANGE = {
    "NaN": float("nan"),
    "infinity": float("inf"),
    "a number": 5,
    "nothing": None,
    "a text": "x",
    "an empty text": "",
    "a list": [1, [2]],
    "deep": json.loads("[" * 500 + "]" * 500),
    "a dict": {"a.png": {"image/png": 5}, "\ud800": {}},
    "deep dict": json.loads('{"a":' * 400 + "1" + "}" * 400),
    "large": 10**300,
    "surrogate": "\ud800",
}


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_values_anywhere_in_a_cell_are_left_out(strange):
    value = STRANGE[strange]
    for field in ("id", "source", "metadata", "attachments", "outputs", "execution_count", "other"):
        cells = submitted()
        for cell in cells[1:]:
            cell[field] = copy.copy(value)
        by_id, _, _ = mend(cells)
        assert "double_test" in by_id
    for field in ("collapsed", "scrolled", "jupyter", "cellView", "name", "tags", "nbgrader"):
        cells = submitted()
        for cell in cells:
            cell["metadata"][field] = value
        by_id, _, _ = mend(cells)
        assert "double_test" in by_id


@pytest.mark.parametrize("cells", [[None], [3, "x", []], [{}], [{"cell_type": "code"}], [[[]]]])
def test_what_is_no_cell_is_left_out(cells):
    by_id, _, _ = mend(cells)
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
    _, found, _ = mend(cells)
    again = mend(cells)[1]
    assert [cell["id"] for cell in found] == [cell["id"] for cell in again]


def test_valid_ids_are_kept():
    cells = submitted()
    _, found, _ = mend(cells)
    assert [cell["id"] for cell in found] == [cell["id"] for cell in cells]


def test_two_empty_cells_without_ids_get_different_ones():
    cells = [{**new_cell(""), "id": None} for _ in range(5)]
    mend([*cells, *submitted()])


# files


def as_version_3(cells):
    """The same notebook as IPython 2 wrote it."""
    old = []
    for cell in cells:
        if cell["cell_type"] == "code":
            code = {
                "input": cell["source"],
                "language": "python",
                "outputs": [],
                "collapsed": False,
            }
            old.append({"cell_type": "code", "metadata": cell["metadata"], **code})
        else:
            kept = {name: cell[name] for name in ("cell_type", "metadata", "source")}
            old.append(kept)
    sheet = {"cells": old, "metadata": {}}
    return {"worksheets": [sheet], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}


def test_a_notebook_of_version_3_is_read():
    content = json.dumps(as_version_3(submitted())).encode()
    cells, mended = repair(read_notebook(content), PLAN)
    check(cells)
    by_id = {cell["plan"].grade_id: cell for cell in cells if cell["plan"]}
    assert list(by_id) == IDS and by_id["double"]["source"] == DOUBLE and mended == []


@pytest.mark.parametrize("minor", [*range(10), 99, 10**6, -1, None, "5", 4.5, []])
def test_any_minor_version_is_read(minor):
    by_id, _, mended = mend(submitted(), minor=minor)
    assert list(by_id) == IDS and mended == []


def without(cells, *fields):
    return [{k: v for k, v in cell.items() if k not in fields} for cell in cells]


def saved_by_colab(cells):
    cells = without(cells, "id")
    for number, cell in enumerate(cells):
        cell["metadata"] |= {"id": f"xYz{number}", "cellView": "form", "outputId": "abc"}
        cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/"}
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
        cell["source"] = cell["source"].splitlines(keepends=True)
    metadata = {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU"}
    return notebook_bytes(cells, 0, {**metadata, "kernelspec": {"name": "python3"}})


def saved_by_code(cells):
    for cell in cells:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = [line + "\n" for line in cell["source"].splitlines()]
    return notebook_bytes(cells, 2, {"vscode": {"interpreter": {"hash": "0" * 64}}})


def saved_by_jupyterlite(cells):
    for cell in cells:
        cell["metadata"] |= {"trusted": True, "execution": {"iopub.status.busy": "2024"}}
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    return notebook_bytes(cells, 4, {"kernelspec": kernel})


def saved_by_old_jupyter(cells):
    cells = without(cells, "id")
    for cell in cells:
        cell["metadata"] |= {"collapsed": True, "scrolled": False, "deletable": False}
    return notebook_bytes(cells, 0)


def saved_on_windows(cells):
    for cell in cells:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + notebook_bytes(cells).replace(b", ", b",\r\n ")


SAVED_BY = {
    "Colab": saved_by_colab,
    "VS Code": saved_by_code,
    "JupyterLite": saved_by_jupyterlite,
    "an old Jupyter": saved_by_old_jupyter,
    "a program on Windows": saved_on_windows,
    "IPython 2": lambda cells: json.dumps(as_version_3(cells)).encode(),
}


@pytest.mark.parametrize("program", SAVED_BY)
def test_a_notebook_saved_by_another_program_is_the_same_notebook(program):
    cells, mended = repair(read_notebook(SAVED_BY[program](submitted())), PLAN)
    check(cells)
    twins, _ = repair(read_notebook(notebook_bytes(submitted())), PLAN)
    assert mended == []
    assert [c["source"].rstrip() for c in cells] == [c["source"].rstrip() for c in twins]
    assert [c["cell_type"] for c in cells] == [c["cell_type"] for c in twins]
    assert [c["plan"] for c in cells] == [c["plan"] for c in twins]


UNREADABLE = {
    "an empty file": b"",
    "no JSON": b"not a notebook",
    "a part of a notebook": notebook_bytes([])[:-1],
    "a number": b"3",
    "a list": b"[]",
    "a text": b'"notebook"',
    "nothing": b"null",
    "no cells": b"{}",
    "cells that are no list": b'{"cells": {}, "nbformat": 4}',
    "cells that are a text": b'{"cells": "abc", "nbformat": 4}',
    "cells that are nothing": b'{"cells": null, "nbformat": 4}',
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "a zip file": b"PK\3\4" + bytes(100),
    "UTF-16": notebook_bytes([]).decode().encode("utf-16"),
    "a web page": b"<!DOCTYPE html><html><head><title>Log in</title></head></html>",
    "too deep": b"[" * 100_000,
    "version 5": b'{"cells": [], "nbformat": 5}',
    "version 99": b'{"cells": [], "nbformat": 99}',
    "version 0": b'{"cells": [], "nbformat": 0}',
    "version 2 without cells": b'{"nbformat": 2}',
    "version 3 without sheets": b'{"nbformat": 3}',
    "version 3 with strange sheets": b'{"nbformat": 3, "worksheets": [3], "metadata": {}}',
    "a version in words": b'{"cells": [], "nbformat": "four"}',
    "a version that is a list": b'{"cells": [], "nbformat": [4]}',
    "a large number": b'{"cells": ' + b"1" * 5000 + b"}",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_notebook_is_refused_with_a_reason(name):
    with pytest.raises(UnreadableNotebookError) as raised:
        read_notebook(UNREADABLE[name])
    reason = str(raised.value)
    assert reason.startswith("not a Jupyter notebook: ") and 26 < len(reason) < 400
    assert "\n" not in reason


def test_bytes_that_are_no_text_are_read_as_far_as_they_are():
    content = notebook_bytes([new_cell("MARK")]).replace(b"MARK", b"x = '\xff'")
    assert "x = '" in read_notebook(content)[0]["source"]


def test_damaged_notebooks_are_mended_or_refused():
    rng = random.Random(4)
    whole = notebook_bytes(submitted())
    refused = 0
    for _ in range(600):
        content = bytearray(whole)
        for _ in range(rng.choice([1, 1, 3])):
            at = rng.randrange(len(content))
            content[at : at + rng.choice([0, 1, 1, 30])] = rng.choice(
                [b"", b"\0", b'"', b"{", b"]", b"NaN", b"1e999", b"null", rng.randbytes(2)]
            )
        try:
            cells = read_notebook(bytes(content))
        except UnreadableNotebookError:
            refused += 1
            continue
        check(repair(cells, PLAN)[0])
    assert 100 < refused < 590


def test_cells_of_random_content_are_mended():
    rng = random.Random(6)
    values = [*STRANGE.values(), True, "code", "markdown", "double", "essay", DOUBLE, {}, [], "a\0"]
    fields = ["id", "cell_type", "metadata", "source", "attachments", "outputs", "nbgrader"]
    for _ in range(300):
        cells = []
        for _ in range(rng.randint(0, 8)):
            cell = {field: rng.choice(values) for field in rng.sample(fields, 5)}
            if rng.random() < 0.7:
                inner = {rng.choice(["grade_id", "points"]): rng.choice(values)}
                cell["metadata"] = {"nbgrader": inner, "name": rng.choice(values)}
            cells.append(rng.choice([cell, cell, cell, rng.choice(values)]))
        mend(cells)


# A submission of an earlier release


def of_earlier_release(cells, **texts):
    """The cells as an earlier release handed them out: locked ones with other texts."""
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


def test_what_an_earlier_release_handed_out_gets_todays_text_without_a_word():
    by_id, _, mended = mend(of_earlier_release(submitted(), **OLD))
    assert mended == []
    for grade_id in OLD:
        assert by_id[grade_id]["source"] == SOURCES[grade_id]


@pytest.mark.parametrize("saved", ["{}\n", "\n{}\n\n", "{}  "])
def test_blank_lines_and_spaces_that_programs_add_to_it_do_not_matter(saved):
    cells = of_earlier_release(submitted(), **OLD)
    named(cells, "setup")["source"] = saved.format(OLD["setup"])
    assert mend(cells)[2] == []


def test_of_what_it_handed_out_a_students_change_is_said_and_nothing_else():
    cells = of_earlier_release(submitted(), **OLD)
    named(cells, "setup")["source"] += "\ncheat = True"
    by_id, _, mended = mend(cells)
    assert mended == ["The text of the cell setup had been changed."]
    assert by_id["setup"]["source"] == SOURCES["setup"]


@pytest.mark.parametrize(
    "damage",
    [{"points": 99}, {"grade_id": "double"}, {"checksum": "0"}, {"checksum": None}, {"points": []}],
)
def test_a_checksum_of_another_cell_or_worth_is_none(damage):
    cells = of_earlier_release(submitted(), double_test=OLD["double_test"])
    named(cells, "double_test")["metadata"]["nbgrader"].update(damage)
    assert mend(cells)[2]


def test_of_two_copies_the_one_that_was_handed_out_is_no_students_text():
    cells = of_earlier_release(submitted(), **OLD)
    at = place(cells, "setup")
    other = copy.deepcopy(cells[at])
    other["source"], other["id"] = "import os", "other"
    cells.insert(at + 1, other)
    assert mend(cells)[2] == ["The cell setup was there more than once; the last one counts."]


def test_a_cell_that_only_the_earlier_release_had_is_not_the_students():
    gone = new_cell("print('gone')", "code")
    gone["metadata"]["nbgrader"] = {
        **named(submitted(), "setup")["metadata"]["nbgrader"],
        "grade_id": "gone",
    }
    cells = [*submitted(), gone]
    assert mend(copy.deepcopy(cells))[2] == [
        "A cell that calls itself 'gone' is not the assignment's."
    ]
    assert mend(of_earlier_release(cells, gone="print('gone')"))[2] == []


def test_a_cell_that_todays_release_has_newly_is_no_students_deletion():
    cells = of_earlier_release(submitted(), **OLD)
    del cells[place(cells, "triple_test")]
    by_id, _, mended = mend(cells)
    assert mended == [] and by_id["triple_test"]["source"] == SOURCES["triple_test"]
    cells = submitted()
    del cells[place(cells, "triple_test")]
    assert mend(cells)[2] == ["The cell triple_test was missing and was put back."]
    cells = of_earlier_release(submitted(), **OLD)
    del cells[place(cells, "triple")]
    assert mend(cells)[2] == ["The cell triple is missing."]


@pytest.mark.parametrize("kind", ["code", "markdown"])
@pytest.mark.parametrize("said", [{"locked": True}, {"grade": True, "points": 2}, {}])
def test_the_checksum_is_nbgraders(kind, said):
    about = {"grade_id": "a", "grade": False, "solution": False, "locked": False, **said}
    source = {"cell_type": kind, "source": "x = 'é'\n", "metadata": {"nbgrader": about}}
    expected = compute_checksum(nbformat.from_dict(source))
    assert _checksum("x = 'é'\n", kind, about) == expected
