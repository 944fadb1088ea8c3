"""Repair of damaged notebooks: deleted, copied, moved and converted cells."""

import copy
import hashlib
import random

import pytest

from tests.support.engines import cells_of, new_cell, spec
from tests.support.submissions import (
    DOUBLE,
    IDS,
    SOLVED,
    SOURCES,
    SPEC,
    TRIPLE,
    has_id,
    named,
    order,
    place,
    repaired,
    submitted,
)


def test_an_untouched_notebook_needs_no_mending():
    by_id, cells, repairs = repaired(submitted())
    assert repairs == []
    assert list(by_id) == IDS
    assert len(cells) == len(SPEC.cells)
    assert {name: by_id[name]["source"] for name in SOLVED} == SOLVED


def test_test_cells_get_their_hidden_tests_back():
    by_id, _, repairs = repaired(submitted())
    assert "double(3)" in by_id["double_test"]["source"] and repairs == []


@pytest.mark.parametrize("grade_id", IDS)
def test_a_deleted_cell_of_the_instructors_is_put_back_where_it_was(grade_id):
    cells = submitted()
    del cells[place(cells, grade_id)]
    by_id, found, repairs = repaired(cells)
    solution = grade_id in SOLVED and grade_id != "essay"
    if solution:
        return
    assert [c["spec"].grade_id for c in found if c["spec"]] == IDS
    assert by_id[grade_id]["source"] == SOURCES[grade_id]
    assert repairs == [f"The cell {grade_id} was missing and was put back."]


def test_restored_cells_come_after_what_a_student_wrote_there():
    cells = submitted()
    del cells[place(cells, "double_test")]
    cells.insert(place(cells, "triple"), new_cell("scratch = 1"))
    _, found, _ = repaired(cells)
    names = [cell["spec"].grade_id if cell["spec"] else cell["source"] for cell in found]
    start = names.index("double")
    assert names[start : start + 4] == ["double", "scratch = 1", "double_test", "triple"]


def test_a_deleted_solution_leaves_the_other_questions_alone():
    cells = submitted()
    del cells[place(cells, "double")]
    by_id, _, _ = repaired(cells)
    assert by_id["triple"]["source"] == TRIPLE
    assert by_id["double_test"]["source"] == SOURCES["double_test"]


def test_an_empty_notebook_gets_all_that_is_graded():
    by_id, _, repairs = repaired([])
    assert {"setup", "double_test", "triple_test", "essay", "drawing"} <= set(by_id)
    assert len(repairs) >= 5


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
    by_id, found, repairs = repaired(cells)
    assert by_id[grade_id]["source"] == SOLVED[grade_id]
    assert len(found) == len(SPEC.cells)
    assert f"The cell {grade_id} was identified by the names it defines." in repairs


def test_a_solution_that_lost_its_metadata_is_found_below_a_magic_that_times_it():
    cells = submitted()
    solution = named(cells, "double")
    solution["metadata"], solution["source"] = {}, "%%time\n" + DOUBLE
    by_id, _, repairs = repaired(cells)
    assert by_id["double"]["source"] == "%%time\n" + DOUBLE
    assert repairs == ["The cell double was identified by the names it defines."]


def test_the_last_of_two_cells_that_define_a_name_is_the_solution():
    cells = submitted()
    at = place(cells, "double")
    cells[at : at + 1] = [
        new_cell("def double(x): return 0"),
        new_cell("def double(x): return 2*x"),
    ]
    by_id, _, _ = repaired(cells)
    assert by_id["double"]["source"] == "def double(x): return 2*x"


def test_a_solution_written_into_another_cell_stays_where_it_runs():
    cells = submitted(double="# see below")
    cells.insert(place(cells, "double_test"), new_cell(DOUBLE))
    by_id, found, repairs = repaired(cells)
    assert repairs == [] and by_id["double"]["source"] == "# see below"
    assert [c["source"] for c in found].index(DOUBLE) < found.index(by_id["double_test"])


def test_a_cell_of_another_name_is_not_taken_for_the_solution():
    cells = submitted()
    cells[place(cells, "double")] = new_cell("def other(x): return x")
    by_id, _, _ = repaired(cells)
    assert by_id.get("double", {}).get("source") != "def other(x): return x"


# nbgrader issue 424: a written answer whose metadata disappeared


def test_an_answer_in_words_that_lost_its_metadata_is_found_by_its_place():
    cells = submitted(essay="I think that it is so.")
    named(cells, "essay")["metadata"] = {}
    by_id, found, repairs = repaired(cells)
    assert by_id["essay"]["source"] == "I think that it is so."
    assert len(found) == len(SPEC.cells)
    assert len(repairs) == 1


def test_a_note_between_the_questions_is_not_mistaken_for_an_answer():
    cells = submitted()
    cells.insert(place(cells, "essay"), new_cell("a note", "markdown"))
    by_id, _, repairs = repaired(cells)
    assert by_id["essay"]["source"] == "my essay" and repairs == []


# nbgrader issue 1398: notebooks without any metadata


def test_a_notebook_without_any_metadata_is_recognized():
    cells = submitted(essay="my own words")
    for cell in cells:
        cell["metadata"] = {}
    by_id, _, repairs = repaired(cells)
    assert by_id["double"]["source"] == DOUBLE and by_id["triple"]["source"] == TRIPLE
    assert by_id["essay"]["source"] == "my own words"
    assert {"setup", "double_test", "triple_test"} <= set(by_id)
    assert repairs


# nbgrader issue 1083: cells copied with their metadata


@pytest.mark.parametrize("grade_id", IDS)
def test_a_copied_cell_is_there_once(grade_id):
    cells = submitted()
    at = place(cells, grade_id)
    cells.insert(at + 1, copy.deepcopy(cells[at]))
    by_id, found, repairs = repaired(cells)
    assert len(found) == len(SPEC.cells) + 1
    assert repairs == [f"The cell {grade_id} occurred more than once; the last one counts."]
    assert by_id[grade_id] is found[at + 1]
    assert found[at]["cell_type"] == by_id[grade_id]["cell_type"]


def test_the_last_of_a_solution_and_its_changed_copy_counts():
    cells = submitted(double="def double(x): return 0")
    second = copy.deepcopy(named(cells, "double"))
    second["source"] = DOUBLE
    cells.insert(place(cells, "double") + 1, second)
    by_id, found, _ = repaired(cells)
    assert by_id["double"]["source"] == DOUBLE
    assert found[place(cells, "double")]["source"] == "def double(x): return 0"


def test_a_split_solution_runs_in_both_its_parts():
    cells = submitted(double="def helper(x):\n    return 2 * x")
    second = copy.deepcopy(named(cells, "double"))
    second["source"] = "def double(x):\n    return helper(x)"
    cells.insert(place(cells, "double") + 1, second)
    _, found, _ = repaired(cells)
    sources = [cell["source"] for cell in found]
    assert sources.index("def helper(x):\n    return 2 * x") < sources.index(second["source"])


def test_work_written_into_a_copy_of_a_test_is_kept():
    cells = submitted(double="")
    mine = copy.deepcopy(named(cells, "double_test"))
    mine["source"] = DOUBLE
    cells.insert(place(cells, "double_test") + 1, mine)
    _, found, _ = repaired(cells)
    sources = [cell["source"] for cell in found]
    assert DOUBLE in sources and SOURCES["double_test"] in sources


def test_a_cell_copied_many_times_is_there_once():
    cells = submitted()
    cells += [copy.deepcopy(named(cells, "double_test")) for _ in range(50)]
    by_id, _, repairs = repaired(cells)
    assert by_id["double_test"]["source"] == SOURCES["double_test"] and len(repairs) == 51


@pytest.mark.parametrize("grade_id", IDS)
@pytest.mark.parametrize("place_", [0, 3, 100])
def test_a_cell_that_was_moved_is_moved_back(grade_id, place_):
    cells = submitted()
    cells.insert(place_, cells.pop(place(cells, grade_id)))
    moved = [one["metadata"]["nbgrader"]["grade_id"] for one in cells if has_id(one)] != IDS
    ids, repairs = order(cells)
    assert ids == IDS
    assert len(repairs) == moved
    assert all("was out of order and was moved back" in text for text in repairs)


def test_a_helper_before_a_solution_that_was_moved_stays_before_it():
    """The test is moved, not the solution, which may depend on its surroundings."""
    cells = submitted()
    at = place(cells, "double")
    cells[at], cells[at + 1] = cells[at + 1], cells[at]
    cells.insert(place(cells, "double"), new_cell("helper = 1"))
    _, found, _ = repaired(cells)
    names = [cell["spec"].grade_id if cell["spec"] else cell["source"] for cell in found]
    start = names.index("helper = 1")
    assert names[start : start + 3] == ["helper = 1", "double", "double_test"]


@pytest.mark.parametrize("lost", [False, True])
def test_a_solution_that_is_moved_up_takes_its_helper_along(lost):
    """The student answered question 2 first, with a helper cell before each solution."""
    cells = submitted()
    first, at = place(cells, "double"), place(cells, "triple")
    one, two = cells[first:at], cells[at : at + 2]
    if lost:
        one[0]["metadata"] = {}
    cells[first : at + 2] = [new_cell("help_2 = 2"), *two, new_cell("help_1 = 1"), *one]
    names = ["help_1 = 1", "double", "double_test", "triple", "triple_test"]
    _, found, _ = repaired(cells)
    found = [cell["spec"].grade_id if cell["spec"] else cell["source"] for cell in found]
    assert [name for name in found if name in names] == names
    assert found.index("help_2 = 2") < found.index("triple")


def test_a_solution_that_is_moved_down_leaves_what_stands_before_it():
    cells = submitted()
    cells.insert(place(cells, "double"), cells.pop(place(cells, "essay")))
    cells.insert(place(cells, "essay"), new_cell("helper = 1"))
    _, found, _ = repaired(cells)
    found = [cell["spec"].grade_id if cell["spec"] else cell["source"] for cell in found]
    assert found.index("helper = 1") < found.index("double") < found.index("essay")


def test_ids_differ_though_one_was_chosen_to_be_what_another_becomes():
    cells = submitted()
    cells.append({**new_cell("1 + 1"), "id": "not valid!"})
    text = f"{len(cells) - 1}1 + 1"
    cells[0]["id"] = hashlib.sha256(text.encode()).hexdigest()[:12]
    _, found, _ = repaired(cells)
    assert len({cell["id"] for cell in found}) == len(found)


def test_warnings_of_the_parser_do_not_reach_the_terminal(recwarn):
    cells = submitted()
    cells[place(cells, "double")] = new_cell("def double(x):\n    return '\\d' if x is 2 else 0")
    repaired(cells)
    assert not recwarn.list


def test_cells_in_any_order_are_put_in_order():
    rng = random.Random(1)
    for _ in range(50):
        cells = submitted()
        rng.shuffle(cells)
        assert order(cells)[0] == IDS


def test_a_notebook_upside_down_can_be_judged():
    by_id, _, _ = repaired(submitted()[::-1])
    assert {name: by_id[name]["source"] for name in SOLVED} == SOLVED


def test_a_locked_cell_that_was_moved_away_from_the_top_still_exists_once():
    cells = submitted()
    cells.append(cells.pop(place(cells, "setup")))
    by_id, found, _ = repaired(cells)
    assert len(found) == len(SPEC.cells) and by_id["setup"]["source"] == "import numpy as np"


def test_cells_in_any_order_can_be_judged():
    rng = random.Random(0)
    for _ in range(100):
        cells = submitted()
        rng.shuffle(cells)
        by_id, _, _ = repaired(cells)
        assert {name: by_id[name]["source"] for name in SOLVED} == SOLVED


# cells of another type


@pytest.mark.parametrize("kind", ["markdown", "raw", "code", "heading", "html", "video", None, 3])
@pytest.mark.parametrize("grade_id", IDS)
def test_a_cell_of_another_type_gets_its_own_again(grade_id, kind):
    cells = submitted()
    changed = named(cells, grade_id)
    original, changed["cell_type"] = changed["cell_type"], kind
    by_id, found, repairs = repaired(cells)
    assert len(found) == len(SPEC.cells)
    assert by_id[grade_id]["source"] == (SOLVED.get(grade_id) or SOURCES[grade_id])
    if kind != original and kind in ("markdown", "raw", "code"):
        assert repairs == [f"The cell {grade_id} had been changed to a {kind} cell."]


def test_a_solution_of_another_type_without_metadata_is_found():
    cells = submitted()
    cells[place(cells, "double")] = new_cell(DOUBLE, "markdown")
    by_id, _, _ = repaired(cells)
    assert by_id["double"]["source"] == DOUBLE and by_id["double"]["cell_type"] == "code"


# several cells without metadata


def test_answers_without_metadata_or_texts_between_them_are_found_in_order():
    words = spec(
        ("A title", "text"),
        ("1", "essay", "first"),
        ("2", "essay", "second"),
        ("3", "essay", "third"),
    )
    cells = cells_of(words, first="one", second="two", third="three")
    for cell in cells:
        cell["metadata"] = {}
    by_id, found, _ = repaired(cells, words)
    assert {name: cell["source"] for name, cell in by_id.items()} == {
        "first": "one",
        "second": "two",
        "third": "three",
    }
    assert len(found) == 4


def test_a_text_that_occurs_twice_is_no_anchor():
    words = spec(
        ("Answer:", "text"), ("1", "essay", "first"), ("Answer:", "text"), ("2", "essay", "second")
    )
    cells = cells_of(words, first="one", second="two")
    for cell in cells:
        cell["metadata"] = {}
    del cells[0]
    by_id, _, _ = repaired(cells, words)
    assert (by_id["first"]["source"], by_id["second"]["source"]) == ("one", "two")


def test_a_variable_at_the_end_is_not_taken_for_the_solution():
    cells = submitted()
    named(cells, "double")["metadata"] = {}
    cells.append(new_cell("double = 5"))
    by_id, found, _ = repaired(cells)
    assert by_id["double"]["source"] == DOUBLE
    assert found[-1]["source"] == "double = 5"
