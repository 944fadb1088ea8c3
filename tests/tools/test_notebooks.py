"""The notebook builder: every abbreviation of the text, and the messages for malformed texts."""

import json
import shutil

import nbformat
import pytest

from exercises import EXERCISES
from nbexercise.notebook import opened
from nbexercise.packing import unpacked
from tools import notebooks
from tools.course import ROOT, published
from tools.notebooks import (
    EditedNotebookError,
    build_lesson,
    build_notebook,
    refuse_if_edited,
    to_bytes,
)
from tools.payload import LINE

GITHUB = "https://raw.githubusercontent.com/owner/repository/branch/release"
HEAD = '# %% [markdown]\n# # Title\n\n# %% include="setup"\n\n'
TAIL = '\n# %% [markdown] include="hand_in"\n'


@pytest.fixture
def build(tmp_path):
    """Return a function that builds a notebook from its body and other texts by name."""

    def build(body, address=GITHUB, **others):
        setting = f'[tool.course]\naddress = "{address}"\n'
        (tmp_path / "pyproject.toml").write_text(setting)
        (tmp_path / "source").mkdir(exist_ok=True)
        for name, text in {"lesson": body, **others}.items():
            (tmp_path / "source" / f"{name}.py").write_text(HEAD + text + TAIL)
        if not (tmp_path / "public_tests").exists():
            shutil.copytree(ROOT / "public_tests", tmp_path / "public_tests")
        return build_notebook("lesson", tmp_path)

    return build


def cell_of(notebook, grade_id):
    return next(cell for cell in notebook.cells if cell.id == grade_id)


def sources(notebook):
    return [cell.source for cell in notebook.cells]


# Shared cells and bodies


def test_shared_cells_stand_where_they_are_included(build):
    notebook = build("# %%\n1 + 1\n")
    place = sources(notebook).index("1 + 1")
    before = "\n".join(sources(notebook)[:place])
    after = "\n".join(sources(notebook)[place:])
    assert before.index("# Title") < before.index("import numpy as np")
    assert "## Where you stand" in after and "## Where you stand" not in before


def test_the_first_exercise_alone_begins_with_what_to_run(build):
    exercise = '# %% [markdown]\n# ## Exercise: {0}\n#\n# Write it.\n# %% check="{0}"\n'
    notebook = build(exercise.format("relu") + exercise.format("softmax"))
    first, second = [source for source in sources(notebook) if source.startswith("## Exercise")]
    before = notebooks.BEFORE.replace("CHECK", "relu_test(relu)")
    assert first == f"## Exercise: relu\n\n{before}\n\nWrite it."
    assert second == "## Exercise: softmax\n\nWrite it."


def test_the_text_on_help_names_an_exercise_of_the_notebook(build):
    def help_of(notebook):
        (cell,) = [cell for cell in notebook.cells if "**When a check fails**" in cell.source]
        return cell.source

    graded = '# %% check="pool_forward"\n'
    text = help_of(build(graded + graded.replace("pool", "conv")))
    assert 'show("pool_forward")' in text and 'hint("pool_forward")' in text
    assert "{" not in text
    assert 'hint("NAME")' in help_of(build(""))


def test_the_setup_cell_carries_the_checks_of_the_notebooks_own_exercises(build):
    setup = cell_of(build('# %% solution="conv_single_step"\n'), "setup").source
    program, carried, _ = unpacked(LINE.search(setup)[1])
    assert program.endswith(b"\ninstall(carried, modules)\n")
    assert list(opened(carried)[1]) == ["conv_single_step"]
    assert setup.index("exec(") < setup.index("from public_tests import *")


def test_the_body_of_another_assignment_comes_without_its_shared_and_given_cells(build):
    other = (
        "# %% [markdown]\n# In the body.\n\n"
        '# %% [markdown] tags=["given"]\n# Given words.\n\n'
        '# %% copy="source" tags=["given"]\nfrom exercises.loops import zero_pad\n\n'
        "# %%\nprint(2)\n"
    )
    notebook = build('# %% [markdown] include="other"\n', other=other)
    text = "\n".join(sources(notebook))
    assert "In the body." in text and "print(2)" in text
    assert "Given words." not in text and "def zero_pad" not in text
    assert text.count("# Title") == text.count("## Where you stand") == 1
    assert text.count("\n_checks = ") == 2


def test_an_empty_markdown_cell_is_left_out(build):
    assert "" not in sources(build("# %% [markdown]\n\n# %%\nprint(1)\n"))


# Copied functions


def test_a_solution_cell_keeps_the_markers_round_the_solution(build):
    notebook = build('# %% solution="zero_pad"\n')
    lines = cell_of(notebook, "zero_pad").source.splitlines()
    assert lines[0] == "def zero_pad(X, pad):"  # without the decorator
    begin, end = lines.index("    ### BEGIN SOLUTION"), lines.index("    ### END SOLUTION")
    assert "np.pad(X" in "\n".join(lines[begin:end])
    assert lines[-1] == "    return X_pad"


def test_a_given_cell_loses_the_markers_and_keeps_the_function(build):
    notebook = build(
        '# %% copy="source" nbgrader={"grade_id": "zero_pad_given"} tags=["given"]\n'
        "from exercises.loops import zero_pad\n"
    )
    text = cell_of(notebook, "zero_pad_given").source
    assert "SOLUTION" not in text
    assert "np.pad(X" in text


def test_several_functions_of_one_import_are_copied_in_order(build):
    notebook = build('# %% copy="source"\nfrom exercises.loops import zero_pad, distribute_value\n')
    text = next(source for source in sources(notebook) if "def zero_pad" in source)
    assert text.index("def zero_pad") < text.index("\n\n\ndef distribute_value")
    compile(text, "cell", "exec")


@pytest.mark.parametrize(
    "cell",
    [
        "import numpy as np",
        "from math import pi",
        "from exercises.loops import zero_pad\nprint(zero_pad)",
        "%matplotlib inline",
    ],
    ids=["import", "other package", "more than the import", "magic"],
)
def test_other_cells_are_left_as_they_are(build, cell):
    assert cell in sources(build(f"# %%\n{cell}\n"))


# nbgrader's metadata


def test_metadata_is_completed(build):
    notebook = build('# %% solution="zero_pad"\n\n# %% check="zero_pad"\n')
    common = {"schema_version": 3, "task": False}
    assert cell_of(notebook, "zero_pad").metadata.nbgrader == common | {
        "grade_id": "zero_pad",
        "grade": False,
        "solution": True,
        "locked": False,
    }
    # nbgrader restores a deleted graded cell after its own previous cell, the solution.
    assert cell_of(notebook, "zero_pad_check").metadata == {
        "name": "zero_pad_check",
        "editable": False,
        "deletable": False,
    }
    assert cell_of(notebook, "zero_pad_check").source == "zero_pad_test(zero_pad)"
    assert cell_of(notebook, "zero_pad_grade").metadata.nbgrader == common | {
        "grade_id": "zero_pad_grade",
        "grade": True,
        "solution": False,
        "locked": True,
        "points": EXERCISES["zero_pad"].points,
    }


def test_points_come_from_the_exercise(build):
    notebook = build("\n\n".join(f'# %% check="{name}"\n' for name in EXERCISES))
    for name, exercise in EXERCISES.items():
        assert cell_of(notebook, f"{name}_grade").metadata.nbgrader.points == exercise.points


WORDS = '"grade_id": "why", "grade": true, "solution": true'


def test_a_question_for_a_person_brings_its_own_points(build):
    notebook = build(f'# %% [markdown] nbgrader={{{WORDS}, "points": 6}}\n# The model answer.\n')
    cell = cell_of(notebook, "why")
    assert cell.source == "The model answer."
    assert cell.metadata.nbgrader == {
        "grade_id": "why",
        "grade": True,
        "solution": True,
        "task": False,
        "schema_version": 3,
        "locked": False,
        "points": 6,
    }


def test_a_check_cell_may_contain_other_calls(build):
    notebook = build('# %% check="zero_pad"\nzero_pad_test_1(zero_pad)\nprint(1)\n')
    assert cell_of(notebook, "zero_pad_check").source == "zero_pad_test_1(zero_pad)\nprint(1)"
    assert 'grade("zero_pad", zero_pad)' in cell_of(notebook, "zero_pad_grade").source


def test_a_drawing_for_a_person_is_not_put_between_hidden_tests(build):
    notebook = build(f'# %% nbgrader={{{WORDS}, "points": 2}}\nplt.plot([1, 2])\n')
    assert cell_of(notebook, "why").source == "plt.plot([1, 2])"


def test_the_text_on_help_does_not_name_a_question_for_a_person(build):
    graded = '# %% check="pool_forward"\n'
    words = f'# %% [markdown] nbgrader={{{WORDS}, "points": 6}}\n# The model answer.\n\n'
    text = "\n".join(sources(build(words + graded)))
    assert 'show("pool_forward")' in text and 'show("why")' not in text


def test_a_marking_scheme_stands_in_a_locked_cell(build):
    scheme = "# Read.\n# ### BEGIN MARK SCHEME\n# One point.\n# ### END MARK SCHEME\n"
    cell = cell_of(build(f'# %% [markdown] nbgrader={{"grade_id": "a"}}\n{scheme}'), "a")
    assert cell.metadata.nbgrader.locked and "One point." in cell.source


def test_a_graded_cell_is_hidden_but_for_a_comment_and_what_validate_runs(build):
    notebook = build('# %% check="zero_pad"\n')
    lines = cell_of(notebook, "zero_pad_grade").source.splitlines()
    begin, end = lines.index("### BEGIN HIDDEN TESTS"), lines.index("### END HIDDEN TESTS")
    assert lines[begin + 1 : end] == [
        "from exercises import grade",
        "",
        'grade("zero_pad", zero_pad)',
    ]
    assert all(line.startswith("# ") for line in lines[: begin - 1])
    assert lines[begin - 1] == 'validate("zero_pad")'
    assert end == len(lines) - 1


def test_another_call_for_validate_and_none_without_an_exercise(build):
    graded = 'nbgrader={"grade_id": "training_grade", "grade": true, "points": 1}'
    text = f"# %% {graded}\nvalidate('training', bool)\nprint(1)\n"
    cell = cell_of(build(text), "training_grade")
    assert "validate('training', bool)\n### BEGIN HIDDEN TESTS\nprint(1)\n" in cell.source
    cell = cell_of(build(f"# %% {graded}\nprint(1)\n"), "training_grade")
    assert "validate(" not in cell.source


def test_the_summary_names_what_students_are_to_write(build):
    solutions = '# %% nbgrader={{"grade_id": "{}", "solution": true}}\n1\n\n'
    drawn = f'# %% nbgrader={{{WORDS}, "points": 2}}\nplt.plot([1, 2])\n'
    text = sources(build(solutions.format("relu") + solutions.format("trained") + drawn))
    assert 'summary("relu", "trained")' in text


# The badge


def test_the_badge_opens_the_released_notebook(build):
    badge = build("").cells[0].source
    page = "github/owner/repository/blob/branch/release/lesson/lesson.ipynb"
    assert badge.endswith(f"(https://colab.research.google.com/{page})")


@pytest.mark.parametrize(
    "address",
    ["https://example.org/course/release", "https://raw.githubusercontent.com/owner/repository"],
)
def test_there_is_no_badge_for_an_address_that_colab_cannot_open(build, address):
    notebook = build("", address=address)
    assert notebook.cells[0].source == "# Title"
    assert "colab.research" not in to_bytes(notebook).decode()


def test_the_readme_opens_binder_where_the_course_is_published():
    owner, repository, _, branch, path = published("../course").split("/", 4)
    link = f"https://mybinder.org/v2/gh/{owner}/{repository}/{branch}?urlpath=lab/tree/{path}"
    assert f"({link})" in (ROOT / "README.md").read_text(encoding="utf-8")


# Errors

WRONG = {
    "grade_id used twice": (
        '# %% nbgrader={"grade_id": "a"}\n1\n\n# %% nbgrader={"grade_id": "a"}\n2\n',
        ["line 9: grade_id 'a' is used twice"],
    ),
    "unknown include": ('# %% include="no_such_text"\n', ['include="no_such_text"']),
    "a text that includes itself": ('# %% include="lesson"\n', ['include="lesson"']),
    "a solution of an unknown exercise": (
        '# %% solution="no_such_exercise"\n',
        ['solution="no_such_exercise"', "exercises/ has no exercise 'no_such_exercise'"],
    ),
    "a graded cell without points": (
        '# %% nbgrader={"grade_id": "a_grade", "grade": true}\nsome_cell()\n',
        ["'a_grade' is graded, so it needs a positive number of points"],
    ),
    "no grade_id": ('# %% nbgrader={"solution": true}\nsome_cell()\n', ["grade_id"]),
    "a question for a person without points": (
        '# %% [markdown] nbgrader={"grade_id": "a", "grade": true, "solution": true}\n# Words.\n',
        ["'a' is graded"],
    ),
    "points that are none": (
        f'# %% [markdown] nbgrader={{{WORDS}, "points": 0}}\n# Words.\n',
        ["'why' is graded, so it needs a positive number of points"],
    ),
    "a marking scheme that students would get": (
        "# %% [markdown]\n# Words.\n# ### BEGIN MARK SCHEME\n# x\n# ### END MARK SCHEME\n",
        ["the marking scheme's cell is not locked"],
    ),
    "unknown function": (
        '# %% copy="source"\nfrom exercises.loops import no_such_function\n',
        ["'no_such_function'"],
    ),
    "unknown module": (
        '# %% copy="source"\nfrom convnet.no_such_module import zero_pad\n',
        ["No module named 'convnet.no_such_module'"],
    ),
    "no function": (
        '# %% copy="source"\nfrom exercises import EXERCISES\n',
        ["exercises defines no function 'EXERCISES'"],
    ),
    "a copy of what is not imported": (
        '# %% copy="source"\nx = 1\n',
        ['copy="source" needs a cell with one import from convnet or exercises'],
    ),
    "an import that students cannot make": (
        "# %%\nfrom exercises.loops import zero_pad\n",
        ["students cannot import this"],
    ),
    "an unknown word": (
        '# %% copied="source"\nsome_cell()\n',
        ["copied='source' has no effect here", "include, solution, check, copy"],
    ),
    "metadata that is not closed": (
        '# %% nbgrader={"grade_id": "a"\nsome_cell()\n',
        ['nbgrader={"grade_id": "a"', "has no effect here"],
    ),
    "a lesson's word": ('# %% needs="torch"\nsome_cell()\n', ["needs='torch' has no effect here"]),
    "a word beside an include": (
        '# %% include="hand_in" tags=["given"]\n',
        ["tags=['given'] has no effect here"],
    ),
    "an id that no notebook may have": (
        '# %% nbgrader={"grade_id": "with blanks"}\n1\n',
        ["with blanks", "not give a valid notebook"],
    ),
}


@pytest.mark.parametrize(("body", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_text_is_refused_with_the_file_and_the_line(build, body, said):
    with pytest.raises(ValueError, match=r"source/lesson\.py(, line [69]:| does not)") as caught:
        build(body)
    for words in said:
        assert words in str(caught.value)


def test_an_error_in_an_included_body_names_both_texts(build):
    wrong = '# %% copied="source"\n'
    with pytest.raises(ValueError, match=r"lesson\.py, line 8: source/other\.py, line 6: copied="):
        build('# %%\n1\n# %% include="other"\n', other=wrong)


def test_a_text_without_shared_cells_cannot_be_included(build, tmp_path):
    build("")
    (tmp_path / "source" / "bare.py").write_text("# %%\nprint(1)\n")
    with pytest.raises(ValueError, match="source/bare.py cannot be included"):
        build('# %% include="bare"\n')


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            '# %% nbgrader={"grade_id": "a"}\n1\n\n# %% nbgrader={"grade_id": "a"}\n2\n',
            "'a' is used",
        ),
        ('# %% include="no_such_text"\n', 'include="no_such_text"'),
        ('# %% solution="zero_pad"\n', "line 1: solution='zero_pad' has no effect here"),
        (
            '# %% copy="source"\nfrom exercises.loops import zero_pad\n',
            "copy='source' has no effect",
        ),
    ],
)
def test_an_error_in_a_lesson_names_the_file_in_course(tmp_path, body, said):
    (tmp_path / "pyproject.toml").write_text(f'[tool.course]\naddress = "{GITHUB}"\n')
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "04_padding.py").write_text(body)
    with pytest.raises(ValueError) as caught:
        build_lesson("04_padding", tmp_path)
    assert "course/04_padding.py" in str(caught.value) and said in str(caught.value)


def test_an_unknown_placeholder_of_a_shared_cell_is_refused_with_the_known_ones(
    build, tmp_path, monkeypatch
):
    shutil.copytree(notebooks.SHARED, tmp_path / "shared_cells")
    monkeypatch.setattr(notebooks, "SHARED", tmp_path / "shared_cells")
    (tmp_path / "shared_cells" / "hand_in.py").write_text("# %%\nsummary(FUNCTIONS)\n")
    with pytest.raises(
        ValueError, match=r"hand_in\.py, line 1: unknown placeholder FUNCTIONS; .*EXERCISES"
    ):
        build("")


def test_texts_have_no_placeholders(build):
    text = "EXERCISES, NAME, {exercise}, {grader}, {lesson}, BUNDLE"
    assert text in sources(build(f"# %% [markdown]\n# {text}\n"))


# Reproducible builds


def test_a_built_notebook_is_valid_and_its_cells_have_ids_of_their_own(build):
    body = "# %%\nprint(1)\n\n# %%\nprint(1)\n\n# %%\nprint(1)\n"
    notebook = nbformat.reads(to_bytes(build(body)).decode(), as_version=4)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_the_id_of_a_cell_stays_when_other_cells_change(build):
    def id_of_two(body):
        return next(cell.id for cell in build(body).cells if cell.source == "print(2)")

    assert id_of_two("# %%\nprint(1)\n\n# %%\nprint(2)\n") == id_of_two("# %%\nprint(2)\n")


# Edits in a built notebook


@pytest.fixture
def built(build, tmp_path):
    """Return a built notebook on disk, and the notebook that its text builds now."""
    notebook = build('# %% nbgrader={"grade_id": "try"}\nprint(1)\n\n# %% [markdown]\n# Words.\n')
    path = tmp_path / "lesson.ipynb"
    path.write_bytes(to_bytes(notebook))
    return path, notebook


def change(path, edit):
    stored = json.loads(path.read_text())
    edit(stored)
    path.write_text(json.dumps(stored))
    return path.read_bytes()


def try_cell(notebook):
    return next(cell for cell in notebook["cells"] if cell["id"] == "try")


def edit_source(notebook):
    try_cell(notebook)["source"] = "print(1)\nprint('[/] a precious edit')"


def edit_points(notebook):
    try_cell(notebook)["metadata"]["nbgrader"]["points"] = 3


def add_cell(notebook):
    notebook["cells"].append(dict(try_cell(notebook), id="new", metadata={}))


def turn_into_markdown(notebook):
    cell = try_cell(notebook)
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


@pytest.mark.parametrize("edit", [edit_source, edit_points, add_cell, turn_into_markdown])
def test_an_edit_is_refused_and_nothing_is_lost(built, edit):
    path, notebook = built
    edited = change(path, edit)
    with pytest.raises(EditedNotebookError) as caught:
        refuse_if_edited(path, notebook)
    assert str(path) in str(caught.value) and "source/lesson.py" in str(caught.value)
    assert path.read_bytes() == edited


def test_a_refused_edit_is_shown_as_a_diff(built):
    path, notebook = built
    change(path, edit_source)
    with pytest.raises(EditedNotebookError, match=r"\n\+print\('\[/\] a precious edit'\)\n"):
        refuse_if_edited(path, notebook)


def run_it(notebook):
    cell = try_cell(notebook)
    cell["execution_count"] = 7
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    cell["metadata"]["execution"] = {"iopub.execute_input": "2024-01-01T00:00:00Z"}
    notebook["metadata"]["language_info"]["version"] = "3.11.0"


def test_running_a_notebook_is_no_edit(built):
    path, notebook = built
    change(path, run_it)
    refuse_if_edited(path, notebook)


def test_a_changed_text_replaces_an_unedited_notebook(build, built):
    path, _ = built
    refuse_if_edited(path, build("# %%\nprint('another text')\n"))


def test_no_notebook_is_no_edit(build, tmp_path):
    refuse_if_edited(tmp_path / "absent.ipynb", build(""))


# A graded cell without an exercise

TRAINING = '# %% nbgrader={{"grade_id": "training_grade", "grade": true{}}}\nprint(1)\n'


def test_a_graded_cell_without_an_exercise_has_the_points_of_the_text(build):
    cell = cell_of(build(TRAINING.format(', "points": 10')), "training_grade")
    assert cell.metadata.nbgrader.points == 10
    assert "BEGIN HIDDEN TESTS" in cell.source


@pytest.mark.parametrize("points", [None, 0, -1])
def test_without_points_above_0_a_graded_cell_is_refused(build, points):
    with pytest.raises(ValueError, match=f"points.*, not {points}"):
        build(TRAINING.format("" if points is None else f', "points": {points}'))


def test_a_cell_that_begins_with_a_function_leaves_nothing_in_the_cell_before(build):
    notebook = build("# %% [markdown]\n# Text.\n\n\n# %%\ndef f():\n    return 1\n\n\nf()\n")
    assert all("lines_to_next_cell" not in cell.metadata for cell in notebook.cells)
