"""The assignments' texts have all their parts, and their expected outputs are correct.

The solved notebooks are those that nbgrader ran when they were submitted as in source/.
"""

import re

import jupytext
import nbformat
import pytest

from exercises import EXERCISES
from exercises.training import LEVELS, POINTS
from tests.files import TRAINED, is_written
from tools.course import ROOT, assignments

NAMES = assignments()
# The assignment that combines others, and these others in order.
WHOLE = "convolution_step_by_step"
CORE = ["padding", "single_step", "conv_forward", "pooling", "backprop"]
MARK = "**Expected output**"
FOLDED = "<details>\n<summary>Expected output</summary>"  # for answers that must not be visible
ASKED = re.compile(r"\*\*(?:Predict|By hand)[^*]*\*\*")
NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"


def cells_of(name):
    return jupytext.read(ROOT / "source" / f"{name}.py", fmt="py:percent").cells


def graded_exercises(name):
    """Return the exercises that an assignment grades in order, without its included bodies."""
    return [cell.metadata["check"] for cell in cells_of(name) if "check" in cell.metadata]


def included(name):
    return [cell.metadata["include"] for cell in cells_of(name) if "include" in cell.metadata]


# Parts of a text


@pytest.mark.parametrize("name", NAMES)
def test_a_text_opens_with_one_title_and_three_promises(name):
    first = cells_of(name)[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# \S", first.source)
    goals = re.findall(r"^(\d)\. ", first.source, flags=re.MULTILINE)
    assert goals == ["1", "2", "3"], f"source/{name}.py needs three learning goals, 1. to 3."


COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@pytest.mark.parametrize("name", NAMES)
def test_a_text_says_how_many_graded_exercises_it_has(name):
    others = [cell.metadata.get("nbgrader", {}).get("grade") for cell in cells_of(name)]
    graded = COUNTS[len(graded_exercises(name)) + others.count(True)]
    said = re.findall(r"(\w+)\s+graded\s+exercises", cells_of(name)[0].source)
    assert set(said) <= {graded}, f"source/{name}.py has {graded} graded exercises"


@pytest.mark.parametrize("name", NAMES)
def test_a_text_has_the_setup_first_and_the_handing_in_last(name):
    cells = cells_of(name)
    assert [cells[1].metadata.get("include"), cells[-1].metadata.get("include")] == [
        "setup",
        "hand_in",
    ]
    assert included(name).count("setup") == included(name).count("hand_in") == 1


@pytest.mark.parametrize("name", NAMES)
def test_only_the_whole_assignment_includes_others(name):
    others = [i for i in included(name) if i not in ("setup", "find_packages", "hand_in")]
    if name == WHOLE:
        assert others == CORE
    else:
        assert others == []


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_its_solution_and_its_check_in_order(name):
    cells, kinds = cells_of(name), ("solution", "check")
    found = [
        (kind, cell.metadata[kind]) for cell in cells for kind in set(kinds) & set(cell.metadata)
    ]
    assert found == [(kind, exercise) for exercise in graded_exercises(name) for kind in kinds]
    for cell in cells:
        if "check" in cell.metadata and cell.source:
            exercise = cell.metadata["check"]
            assert re.search(rf"^{exercise}_test\w*\({exercise}\)$", cell.source, re.MULTILINE)


def test_every_exercise_is_in_one_assignment():
    found = [exercise for name in NAMES for exercise in graded_exercises(name)]
    assert sorted(found) == sorted(EXERCISES)


def test_a_question_that_a_person_grades_has_points_a_model_answer_and_a_scheme_below():
    found = {}
    for name in NAMES:
        cells = cells_of(name)
        for cell, below in zip(cells, cells[1:], strict=False):
            about = cell.metadata.get("nbgrader", {})
            if is_written(about):
                found[name] = about["grade_id"]
                assert cell.cell_type == below.cell_type == "markdown"
                assert about["points"] > 0 and len(cell.source.split()) >= 50
                assert below.metadata["nbgrader"] == {"grade_id": f"{about['grade_id']}_scheme"}
                assert re.match(r"\*\*How the answer is graded\.\*\*", below.source)
                assert "\n### BEGIN MARK SCHEME\n" in below.source
                assert below.source.endswith("\n### END MARK SCHEME")
    assert found == {"one_by_one": "advantages"}


def test_the_training_is_graded_with_the_points_of_its_levels():
    about = [cell.metadata.get("nbgrader", {}) for cell in cells_of("lenet")]
    solution, graded = (a for a in about if a.get("grade_id", "").startswith(TRAINED))
    assert solution == {"grade_id": TRAINED, "solution": True}
    assert graded == {"grade_id": f"{TRAINED}_grade", "grade": True, "points": POINTS}
    text = "\n".join(cell.source for cell in cells_of("lenet"))
    rows = re.findall(r"^\| (0\.\d+) \| (\d+)(?: more)? \|$", text, flags=re.MULTILINE)
    assert [(float(level), int(points)) for level, points in rows] == [
        (level, points) for _, level, points in LEVELS
    ]


def test_every_other_assignment_is_graded():
    assert [name for name in NAMES if not graded_exercises(name)] == [WHOLE]


def test_the_table_of_points_agrees_with_the_exercises():
    text = "\n".join(cell.source for cell in cells_of(WHOLE))
    core = [exercise for name in CORE for exercise in graded_exercises(name)]
    rows = re.findall(r"^\| \d+ \| `(\w+)` \|.*\| (\d+) \|$", text, flags=re.MULTILINE)
    assert {name: int(points) for name, points in rows} == {
        name: EXERCISES[name].points for name in core
    }
    (total,) = re.findall(r"^\|.*\*\*together\*\* \| \*\*(\d+)\*\* \|$", text, flags=re.MULTILINE)
    assert int(total) == sum(EXERCISES[name].points for name in core)


# Expected outputs


def solved(extremes, name):
    path = extremes.root / "autograded" / "solved" / name / f"{name}.ipynb"
    return nbformat.read(path, as_version=4)


def printed(cell, stream="stdout"):
    outputs = [output for output in cell.outputs if output.output_type == "stream"]
    return "".join(output.text for output in outputs if output.name == stream)


def expected_outputs(notebook):
    """Yield each cell with an expected output, and this output."""
    for cell, after in zip(notebook.cells, notebook.cells[1:], strict=False):
        if after.cell_type == "markdown" and after.source.startswith((MARK, FOLDED)):
            blocks = re.findall(r"^```\n(.*?)^```$", after.source, flags=re.DOTALL | re.MULTILINE)
            assert len(blocks) == 1, after.source
            yield cell, blocks[0]


def differences(got, expected):
    """Return the differences between outputs: different words, and numbers not within 1e-6."""
    words = [re.sub(NUMBER, "#", text).split() for text in (got, expected)]
    if words[0] != words[1]:
        return [f"the words are\n{got}\nand not\n{expected}"]
    pairs = zip(*(re.findall(NUMBER, text) for text in (got, expected)), strict=True)
    return [
        f"{a} is printed, {b} is expected"
        for a, b in pairs
        if abs(float(a) - float(b)) > 1e-6 * max(1, abs(float(b)))
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_solved_notebook_prints_what_it_says(extremes, name):
    found = list(expected_outputs(solved(extremes, name)))
    assert found
    for cell, expected in found:
        assert cell.cell_type == "code"
        assert differences(printed(cell), expected) == [], cell.source


@pytest.mark.parametrize("name", NAMES)
def test_a_solved_notebook_runs_without_errors_and_without_warnings(extremes, name):
    for cell in solved(extremes, name).cells:
        if cell.cell_type == "code":
            errors = [output for output in cell.outputs if output.output_type == "error"]
            assert not errors, cell.source
            assert printed(cell, "stderr") == "", cell.source


def test_expected_outputs_are_marked_in_one_way_and_folded_below_what_one_is_asked_first():
    for name in NAMES:
        cells = cells_of(name)
        asked = False
        for place, cell in enumerate(cells):
            if cell.cell_type != "markdown":
                continue
            if "Expected output" in cell.source:
                mark = FOLDED if asked else MARK
                assert cell.source.startswith(f"{mark}\n\n```\n"), cell.source
                assert cells[place - 1].cell_type == "code", cell.source
            asked = bool(ASKED.search(cell.source.rpartition("</details>")[2]))


# The numbers of the published assignment, as printed in its text. Each row of numbers follows the
# given words in some expected output.
PUBLISHED = {
    "zero_pad, shapes": "x_pad.shape (4, 9, 9, 2)",
    "zero_pad, a row of the image": """x[1,1]
        0.90085595 -0.68372786 -0.12289023 -0.93576943 -0.26788808 0.53035547""",
    "zero_pad, a row of padding": "x_pad[1,1]" + 18 * " 0.0",
    "conv_single_step": "Z -6.999089450680221",
    "conv_forward, mean, 2 images": "mean 0.5511276474566768",
    "conv_forward, Z[0,2,1]": """Z[0,2,1]
        -2.17796037 8.07171329 -0.5772704 3.36286738 4.48113645 -2.89198428 10.99288867
        3.03171932""",
    "conv_forward, cache": """cache_conv[0][1][2][3]
        -1.1191154 1.9560789 -0.3264995 -1.34267579""",
    "conv_forward, mean, 10 images": "mean 0.6923608807576933",
    "conv_forward, Z[3,2,1]": """Z_10[3,2,1]
        -1.28912231 2.27650251 6.61941931 0.95527176 8.25132576 2.31329639 13.00689405
        2.34576051""",
    "pool_forward, stride 1, max": """mode = max A.shape = (2, 3, 3, 3) A[1, 1]
        1.96710175 .84616065 1.27375593 1.96710175 .84616065 1.23616403
        1.62765075 1.12141771 1.2245077""",
    "pool_forward, stride 1, average": """mode = average A.shape = (2, 3, 3, 3) A[1, 1]
        .44497696 -.00261695 -.31040307 .50811474 -.23493734 -.23961183
        .11872677 .17255229 -.22112197""",
    "pool_forward, stride 2, shape": "A.shape (2, 2, 2, 3)",
    "pool_forward, stride 2, max": """A[1, 1]
        1.96710175 .86888616 1.27375593 1.62765075 1.12141771 .79280687""",
    "pool_forward, stride 2, average": """
        .42944926 .08446996 -.27290905 .15077452 .28911175 .00123239""",
    "conv_backward, dA": "dA_mean 1.4524377775388075",
    "conv_backward, dW": "dW_mean 1.7269914583139097",
    "conv_backward, db": "db_mean 7.839232564616838",
    "create_mask_from_window": """x
        1.62434536 -0.61175641 -0.52817175 -1.07296862 0.86540763 -2.3015387
        mask True False False False False False""",
    "distribute_value": "distribute_value(2, (2, 2)) 0.5 0.5 0.5 0.5",
    "pool_backward, dA": "mean of dA 0.14571390272918056",
    "pool_backward, max": """mode = max dA_prev.shape = (5, 5, 3, 2) dA_prev[1, 1]
        0 0 5.05844394 -1.68282702 0 0""",
    "pool_backward, average": """mode = average dA_prev.shape = (5, 5, 3, 2) dA_prev[1, 1]
        .08485462 .2787552 1.26461098 -.25749373 1.17975636 -.53624893""",
}


def tokens(text):
    """Return the words and numbers of a text, without brackets, commas and other signs."""
    return re.findall(rf"[A-Za-z_]\w*|{NUMBER}", text)


def same(got, wanted):
    """True if two tokens are the same word, or equal numbers to eight decimals."""
    if re.fullmatch(NUMBER, got) and re.fullmatch(NUMBER, wanted):
        return abs(float(got) - float(wanted)) <= 5e-9
    return got == wanted


@pytest.mark.parametrize("row", PUBLISHED.values(), ids=PUBLISHED)
def test_every_published_number_is_an_expected_output_twice(extremes, row):
    wanted = tokens(row)
    where = set()
    for name in NAMES:
        for _, block in expected_outputs(solved(extremes, name)):
            got = tokens(block)
            starts = range(len(got) - len(wanted) + 1)
            if any(all(map(same, got[s:], wanted)) for s in starts):
                where.add(name)
    # in its own assignment and in the combined one
    assert len(where) == 2 and WHOLE in where, where
