"""Code typed into locked cells and tests: nothing is lost, and a person grades what needs it."""

import pytest

from nbjudge.feedback import make_page
from nbjudge.feedback.about import About, CellGrade
from nbjudge.notebook.spec import with_tests_in_child
from tests.support.engines import cells_of, grade_id_of, new_cell, spec

DOUBLE = "def double(x):\n    return 2 * x"
AREA = "def area(r):\n    return math.pi * square(r)"
SPEC = spec(
    ("import random\n\ndef given(x):\n    return x", "locked", "setup"),
    (DOUBLE, "solution", "double"),
    ("assert double(4) == 8", "test", "double_test", 2),
    (AREA, "solution", "area"),
    ("assert round(area(1), 2) == 3.14", "test", "area_test", 3),
    ("plot = double(1)", "manual", "plot", 4),
)
STUBS = {"double": "# YOUR CODE HERE\nraise NotImplementedError()"}
HELPERS = "import math\n\ndef square(x):\n    return x * x"


def submitted(typed, **answers):
    """Return a submission with text typed into cells, {grade id: text}, above the given text."""
    cells = cells_of(SPEC, **answers)
    for cell in cells:
        if text := typed.get(grade_id_of(cell)):
            cell["source"] = f"{text}\n\n{cell['source']}"
    return cells


def kept(answer):
    return [cell["source"] for cell in answer.cells if "restored" in str(cell["metadata"])]


@pytest.mark.parametrize("place", ["double_test", "setup", "area_test"])
def test_a_function_typed_into_a_locked_cell_waits_for_a_person(judge, place):
    answer = judge(SPEC, submitted({place: DOUBLE, "setup": HELPERS} | {place: DOUBLE}, **STUBS))
    assert answer.scores["double_test"] is None
    assert "double" not in answer.unanswered
    reason = f"the submitted version of the cell {place}, which was restored, defines double"
    assert answer.remarks[:1] == [f"double_test needs a manual grade: {reason}"]
    assert reason in answer.shown("double_test")
    assert any(f"```python\n{DOUBLE}\n" in text for text in kept(answer))


def test_imports_and_helpers_typed_into_a_locked_cell(judge):
    answer = judge(SPEC, submitted({"setup": HELPERS}))
    assert answer.scores == {"double_test": 2, "area_test": None, "plot": None}
    assert answer.remarks == [
        "area_test needs a manual grade: the submitted version of the cell setup, which was "
        "restored, defines math, square"
    ]
    (text,) = kept(answer)
    assert HELPERS in text
    assert answer.repairs == [
        "The text of the cell setup had been changed; the student's version was kept below it."
    ]


def test_names_from_a_star_import_may_be_any_names(judge):
    answer = judge(SPEC, submitted({"setup": "from math import *"}, area="area = sqrt"))
    assert (answer.scores["double_test"], answer.scores["area_test"]) == (2, None)
    assert answer.remarks[0].endswith(
        "cell setup, which was restored, may define a name that it needs"
    )


def test_the_reason_names_nothing_that_only_hidden_tests_need(judge):
    hidden = "### BEGIN HIDDEN TESTS\nassert double(2) == secret\n### END HIDDEN TESTS"
    own = spec((DOUBLE, "solution", "double"), (f"assert double(4) == 8\n{hidden}", "test", "test"))
    cells = cells_of(own)
    cells[1]["source"] = f"secret = 4\n{cells[1]['source']}"
    answer = judge(own, cells)
    assert answer.scores == {"test": None}
    assert "which was restored, may define a name that it needs" in answer.shown("test")
    assert "secret" not in answer.shown("test") + str(answer.remarks)


def test_a_given_function_that_was_changed_waits_for_a_person(judge):
    area = "def area(r):\n    return given(r)"
    cells = submitted({}, area=area)
    cells[0]["source"] = "import random\n\ndef given(x):\n    return 3.14"
    assert judge(SPEC, cells).scores["area_test"] is None


def test_a_manual_answer_typed_into_a_test_waits_for_a_person(judge):
    stub = {"plot": STUBS["double"], "area": HELPERS + "\n" + AREA}
    assert judge(SPEC, submitted({}, **stub)).scores["plot"] == 0
    answer = judge(SPEC, submitted({"area_test": "plot = 2"}, **stub))
    assert answer.scores == {"double_test": 2, "area_test": 3, "plot": None}
    assert len(answer.remarks) == 1 and answer.remarks[0].startswith("The cell plot has no answer")


@pytest.mark.parametrize(
    "typed",
    ["print(1)", "x = 3\nfor r in range(3):\n    print(area)", "def another(x):\n    return x"],
)
def test_other_code_in_a_locked_cell_decides_nothing(judge, typed):
    """Local variables of a function, such as x and r here, are not what it needs."""
    wrong = {"double": "def double(x):\n    return x", "area": "def area(r):\n    return r"}
    answer = judge(SPEC, submitted({"double_test": typed}, **wrong))
    assert (answer.scores["double_test"], answer.scores["area_test"]) == (0, 0)
    assert answer.remarks == [] and typed in kept(answer)[0]


def test_a_question_without_a_loss_keeps_its_points(judge):
    answer = judge(SPEC, submitted({"double_test": DOUBLE, "area_test": HELPERS}))
    assert answer.scores["double_test"] == 2


def test_code_in_a_locked_cell_is_not_run(judge):
    code = "print('it runs')\ndef double(x): return 8"
    answer = judge(SPEC, submitted({"double_test": code + "  # ```"}, **STUBS))
    assert answer.scores["double_test"] is None
    assert "it runs" not in str([cell.get("outputs") for cell in answer.cells])
    assert kept(answer)[0].endswith("\n````") and "````python\n" in kept(answer)[0]


def test_the_page_names_the_restored_cell_and_shows_the_code(judge):
    answer = judge(SPEC, submitted({"double_test": DOUBLE}, **STUBS))
    grades = {"double_test": CellGrade(None, 2.0), "double": CellGrade()}
    page = make_page(answer.data.notebook, About("work", "work", "ann", cells=grades))
    assert "version of the cell double_test, which was restored, defines double" in page
    assert "This question was not answered" not in page
    assert page.count("which was not run") == 1


@pytest.mark.parametrize("names", [["double_test"], ["double_test", "area_test"]])
def test_tests_in_the_child_wait_for_a_person_as_well(judge, names):
    child = with_tests_in_child(SPEC, names)
    answer = judge(child, submitted({"double_test": DOUBLE}, **STUBS))
    assert (answer.scores["double_test"], answer.scores["area_test"]) == (None, 0)


def test_code_that_no_program_can_follow_is_kept(judge):
    """A chain of a thousand `elif` branches is too deep to follow."""
    deep = "if 0:\n    pass\n" + "elif 0:\n    pass\n" * 3000
    answer = judge(SPEC, submitted({"double_test": deep}, **STUBS))
    assert answer.scores["double_test"] == 0 and len(kept(answer)) == 1
    answer = judge(SPEC, submitted({"double_test": DOUBLE, "setup": deep}, **STUBS, area=deep))
    assert answer.scores["double_test"] is None


WORDS = spec(
    ("Question 1: why?", "text"),
    ("One.", "essay", "first", 3),
    ("Question 2: how?", "text"),
    ("Two.", "essay", "second", 3),
    ("1 + 1", "manual", "third", 3),
    ("Draw.", "task", "drawing", 3),
)


def without_metadata(cells):
    return [{**cell, "metadata": {}} for cell in cells]


def test_texts_between_answers_without_metadata_distinguish_them(judge):
    cells = without_metadata(cells_of(WORDS, first="Because of one.", second="With two."))
    answer = judge(WORDS, cells)
    assert answer.cell("first")["source"] == "Because of one."
    assert answer.cell("second")["source"] == "With two."
    assert answer.scores["first"] is None and answer.scores["second"] is None


def test_after_a_guess_by_position_a_missing_answer_waits_for_a_person(judge):
    cells = without_metadata(cells_of(WORDS, first="With two."))
    del cells[2:4]  # the second question, whose answer may be the only one that is left
    answer = judge(WORDS, cells)
    assert answer.scores == dict.fromkeys(["first", "second", "third", "drawing"])
    assert [text for text in answer.remarks if text.startswith("The cell second")]


def test_a_missing_answer_gets_0_where_nothing_was_guessed(judge):
    cells = cells_of(WORDS)
    del cells[3]
    assert judge(WORDS, cells).scores["second"] == 0


@pytest.mark.parametrize("kind", ["code", "raw"])
def test_an_answer_of_another_type_without_metadata_waits_for_a_person(judge, kind):
    """Its own cell is put back beside it, not below the next question."""
    cells = cells_of(WORDS, second="With two.")
    cells[1] = new_cell("Because of one.", kind)
    answer = judge(WORDS, cells)
    assert answer.scores["first"] is None
    sources = [cell["source"] for cell in answer.cells]
    assert sources.index("Because of one.") == sources.index("YOUR ANSWER HERE") - 1


def test_a_text_at_the_wrong_place_is_no_place_for_an_answer(judge):
    end = ("The end.", "text")
    words = spec(("1", "essay", "first"), ("2", "essay", "second"), end, ("3", "manual", "third"))
    first, _, text, third = cells_of(words)
    answer = judge(words, [text, first, third])
    ids = [name for name in map(grade_id_of, answer.cells) if name]
    assert ids == ["first", "second", "third"]


def test_more_cells_than_answers_are_given_to_neither(judge):
    cells = without_metadata(cells_of(WORDS, first="1", second="2"))
    cells[2] = new_cell("another wording", "markdown")
    answer = judge(WORDS, cells)
    assert answer.scores["first"] is None and answer.scores["second"] is None
    assert {"1", "2"} <= {cell["source"] for cell in answer.cells}
    given = "YOUR ANSWER HERE"
    assert answer.cell("first")["source"] == answer.cell("second")["source"] == given
