"""`solution("zero_pad")` works after an attempt in notebooks for self-study, never when graded."""

import json
import re
import shutil
from dataclasses import replace

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from exercises import EXERCISES
from nbexercise.defining.exercise import as_plain
from nbexercise.notebook import opened, sources
from nbexercise.packing import unpacked
from tests.notebooks.conftest import graded_copy
from tests.notebooks.test_release import solution_lines
from tests.notebooks.test_setup_cell import run_alone
from tools.course import (
    ROOT,
    assignments,
    set_address,
    set_solutions,
    site_address,
    solutions,
)
from tools.exercise_pages import write_exercise_pages
from tools.payload import LINE
from tools.solutions import for_self_study, with_solutions
from tools.student import write_student_repository

SETTING = '[tool.course]\n# Where it is.\naddress = "https://example.org/release"\n'
TRIED = "def zero_pad(X, pad):\n    return X[:, pad:]\n"


def set_to(where, root):
    (root / "pyproject.toml").write_text(f'{SETTING}# Which.\nsolutions = "{where}"\n')
    return root


def own_exercises(notebook):
    about = (cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"])
    return [a["grade_id"] for a in about if a.get("solution") and a["grade_id"] in EXERCISES]


def setup_of(data):
    (cell,) = (c for c in json.loads(data)["cells"] if LINE.search("".join(c["source"])))
    return "".join(cell["source"])


def joined(lines):
    """Return several printed lines as one."""
    return " ".join(lines.split())


def carried(data):
    """Return the unpacked content of a notebook's setup cell, as text."""
    program, carried, modules = unpacked(LINE.search(setup_of(data))[1])
    texts = sources(opened(carried)[0], modules)
    return "".join([*texts.values(), (program + carried).decode("latin-1")])


def released(root, name="padding"):
    return (root / "release" / name / f"{name}.ipynb").read_bytes()


# Output


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Return a function that runs lines in a notebook for self-study, and returns their output."""
    cells = {"padding": setup_of(with_solutions(released(ROOT)))}

    def ask(lines):
        program = f"run('padding')\nglobals().update(namespace)\nimport numpy as np\n{lines}"
        return run_alone(program, cells, tmp_path_factory.mktemp("alone"))

    return ask


CHECK = (
    "import contextlib\nwith contextlib.suppress(AssertionError):\n    zero_pad_test(zero_pad)\n"
)
ASK = 'print("---")\nsolution("zero_pad")\n'
NO_TRY = {
    "never checked": TRIED,
    "untouched": "def zero_pad(X, pad):\n    raise NotImplementedError('here')\n" + CHECK,
    "empty": "def zero_pad(X, pad):\n    pass\n" + CHECK,
}
A_TRY = {
    "wrong": TRIED + CHECK,
    "an error": "def zero_pad(X, pad):\n    return X.padded(pad)\n" + CHECK,
    "right": EXERCISES["zero_pad"].solution_text() + "\n" + CHECK,
}


@pytest.mark.parametrize("lines", NO_TRY.values(), ids=NO_TRY)
def test_without_a_try_it_says_what_counts_as_one(ask, lines):
    said = " ".join(ask(lines + ASK).partition("---")[2].split())
    assert said.startswith("First try zero_pad yourself") and "zero_pad_test(zero_pad)" in said
    assert "def " not in said and "np.pad" not in said


@pytest.mark.parametrize("lines", A_TRY.values(), ids=A_TRY)
def test_after_a_try_it_is_the_solution_with_loops(ask, lines):
    said = ask(lines + ASK).partition("---")[2]
    text, code = said.split("\n\n", 1)
    assert text.strip().startswith("Your zero_pad") and "?" in text
    assert "Arguments:" not in code
    namespace: dict = {}
    exec(f"import numpy as np\n{code}", namespace)
    assert EXERCISES["zero_pad"].judge(namespace["zero_pad"], seed=1).passed


def test_a_known_mistake_is_what_to_compare(ask):
    mistake = next(m for m in EXERCISES["zero_pad"].mistakes if m.name == "height only")
    lines = EXERCISES["zero_pad"].solution_text(mistake) + "\n" + CHECK + ASK
    assert as_plain(mistake.diagnosis) in " ".join(ask(lines).partition("---")[2].split())


def test_an_unknown_name_is_refused_as_by_hint(ask):
    lines = "try:\n    solution('zero_pda')\nexcept ValueError as error:\n    print(error)"
    assert "There is no exercise 'zero_pda'" in ask(lines)


WITHOUT = f"run('padding')\nglobals().update(namespace)\n{TRIED}{CHECK}"
IN_COLAB = "import sys\nsys.modules['google.colab'] = sys\n"
NOWHERE = "from public_tests.course import solutions\nsolutions.SOLUTIONS_ON_SITE = False\n"


@pytest.mark.parametrize("in_colab", [False, True])
def test_a_notebook_without_solutions_says_where_the_one_with_them_is(tmp_path, in_colab):
    program = WITHOUT + IN_COLAB * in_colab + ASK
    said = run_alone(program, {"padding": setup_of(released(ROOT))}, tmp_path).partition("---")[2]
    assert f"Download that one from {site_address()}release/padding/padding.html" in joined(said)
    assert ("Upload notebook" in said) == in_colab
    assert "def " not in said


def test_where_no_notebook_has_solutions_it_names_the_hints(tmp_path):
    cells = {"padding": setup_of(released(ROOT))}
    said = joined(run_alone(WITHOUT + NOWHERE + ASK, cells, tmp_path).partition("---")[2])
    assert said.startswith("This notebook has no solution of zero_pad, and its course publishes")
    assert 'hint("zero_pad")' in said and "http" not in said


def test_the_two_kinds_of_notebooks_replace_each_other_in_one_kernel(tmp_path):
    cells = {"study": setup_of(with_solutions(released(ROOT))), "graded": setup_of(released(ROOT))}
    lines = "globals().update(namespace)\nfrom public_tests.nbexercise.checks import CASE_SETS\n"
    has = "print(bool(CASE_SETS['zero_pad'].solution))\n"
    program = f"run('graded')\n{lines}{has}run('study')\n{has}run('graded')\n{has}"
    assert run_alone(program, cells, tmp_path).split() == ["False", "True", "False"]


# Notebooks with solutions


@pytest.mark.parametrize("name", assignments())
def test_a_notebook_for_self_study_carries_its_solutions_and_shows_none(name):
    plain, data = released(ROOT, name), with_solutions(released(ROOT, name))
    own = own_exercises(json.loads(data))
    given = "".join("".join(cell["source"]) for cell in json.loads(plain)["cells"])
    for exercise in own:
        lines = {line for line in solution_lines(exercise) if line not in given}
        for line in lines:
            assert json.dumps(line)[1:-1] in carried(data)
            assert json.dumps(line)[1:-1] not in data.decode()
    texts = "\n".join("".join(cell["source"]) for cell in json.loads(data)["cells"])
    assert texts.count("- `solution(") == texts.count("- `hint(") == 1
    assert with_solutions(data) == data, "solutions are put in once"


def test_nothing_else_of_the_notebook_is_changed():
    before, after = (nbformat.reads(d, 4) for d in (released(ROOT), with_solutions(released(ROOT))))
    changed = [a.id for a, b in zip(after.cells, before.cells, strict=True) if a.source != b.source]
    assert len(changed) == 2 and "setup" in changed
    assert after.metadata == before.metadata
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]


def test_the_setup_cell_is_as_nbgrader_would_hand_it_out():
    """A correct checksum tells grading that the student has not changed the cell."""
    for cell in nbformat.reads(with_solutions(released(ROOT)), 4).cells:
        said = cell.metadata.get("nbgrader", {})
        if said.get("locked"):
            assert said["checksum"] == compute_checksum(cell)


def test_a_setting_says_where_solutions_are(tmp_path):
    (tmp_path / "pyproject.toml").write_text(SETTING)
    assert solutions(tmp_path) == "nowhere", "where nothing is said"
    with pytest.raises(ValueError, match="has no line solutions ="):
        set_solutions("site", tmp_path)
    set_to("site", tmp_path)
    set_solutions("everywhere", tmp_path)
    assert solutions(tmp_path) == "everywhere"
    assert 'address = "https://example.org/release"' in (tmp_path / "pyproject.toml").read_text()
    set_to("sometimes", tmp_path)
    with pytest.raises(ValueError, match="'nowhere', 'site', 'everywhere', not 'sometimes'"):
        solutions(tmp_path)


def test_a_class_with_an_address_of_its_own_publishes_no_solutions_unless_it_asks(tmp_path):
    set_to("site", tmp_path)
    set_address("https://example.org/release/", tmp_path)
    assert solutions(tmp_path) == "site", "the address is not new"
    set_address("https://example.org/class/release", tmp_path)
    assert solutions(tmp_path) == "nowhere"
    set_solutions("site", tmp_path)
    assert solutions(tmp_path) == "site"


def test_this_repository_hands_out_none_for_grading():
    assert solutions() == "site"


@pytest.mark.parametrize(("where", "has"), [("nowhere", False), ("site", True)])
def test_the_site_has_them_unless_they_are_nowhere(tmp_path, where, has):
    for folder in ("release/padding", "public_tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    set_to(where, tmp_path)
    assert ("np.pad(X," in carried(for_self_study("padding", tmp_path))) == has
    for folder in ("course", "source", "release"):
        shutil.copytree(ROOT / folder, tmp_path / folder, dirs_exist_ok=True)
    write_exercise_pages(tmp_path / "pages", tmp_path)
    page = (tmp_path / "pages" / "zero_pad.md").read_text()
    assert ('`solution("zero_pad")`' in page) == has
    assert "## Common mistakes" in page


@pytest.mark.parametrize(("where", "has"), [("nowhere", True), ("site", False)])
def test_only_the_notebooks_of_a_class_say_how_to_hand_in(tmp_path, where, has):
    for folder in ("release/padding", "public_tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    text = for_self_study("padding", set_to(where, tmp_path)).decode()
    for words in ("In a class: how to hand in your work", "Your work is graded with"):
        assert (words in text) == has
    assert "## Where you stand" in text


SET = """
import sys
from tools.course import set_solutions
from tools.release import release

set_solutions(sys.argv[1])
assert release() == []
"""


@pytest.fixture(scope="module")
def padding(course, tmp_path_factory):
    """Return a copy of the course with one assignment, released with its solution."""
    copy = course.copy(tmp_path_factory.mktemp("everywhere") / "course", ["padding"])
    for path in (copy.root / "release").iterdir():
        if path.is_dir() and path.name != "padding":
            shutil.rmtree(path)
    done = copy.run("-c", SET, "everywhere")
    assert done.returncode == 0, done.stderr
    return copy


def test_a_release_has_them_while_the_setting_says_so(padding, tmp_path):
    assert "np.pad(X," in carried(released(padding.root))
    source = padding.root / "source" / "padding" / "padding.ipynb"
    assert "np.pad(X," not in carried(source.read_bytes()), "what is graded never has them"
    again = replace(padding, root=tmp_path / "again")
    shutil.copytree(padding.root, again.root)
    done = again.run("-c", SET, "everywhere")
    assert done.returncode == 0, done.stderr
    assert released(again.root) == released(padding.root)
    done = again.run("-c", SET, "site")
    assert done.returncode == 0, done.stderr
    assert "np.pad(X," not in carried(released(again.root))


def test_what_students_had_with_solutions_is_taken_back(padding, tmp_path):
    destination = tmp_path / "students"
    write_student_repository(destination, padding.root)
    assert "np.pad(X," in carried(released(destination))
    graded = tmp_path / "graded"
    shutil.copytree(padding.root, graded)
    shutil.copytree(ROOT / "release" / "single_step", graded / "release" / "single_step")
    shutil.copy(ROOT / "source" / "single_step.py", graded / "source")
    shutil.copy(ROOT / "release/padding/padding.ipynb", graded / "release/padding")
    write_student_repository(destination, graded, ["single_step"])
    assert (destination / "release" / "single_step").is_dir()
    assert "np.pad(X," not in carried(released(destination))


# Attacks on the grading

ATTACKS = {
    "asks": """
import contextlib, io
def zero_pad(X, pad):
    return X
with contextlib.suppress(AssertionError):
    zero_pad_test(zero_pad)
said = io.StringIO()
with contextlib.redirect_stdout(said):
    solution("zero_pad")
exec(said.getvalue()[max(said.getvalue().find("def "), 0):] if "def " in said.getvalue() else "")
""",
    "looks": """
def zero_pad(X, pad):
    return X
import public_tests
exec(public_tests.nbexercise.checks.CASE_SETS["zero_pad"].solution)
""",
    "looks_when_called": """
def zero_pad(X, pad):
    import public_tests
    names = {"np": np}
    exec(public_tests.nbexercise.checks.CASE_SETS["zero_pad"].solution, names)
    return names["zero_pad"](X, pad)
""",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_attacks_solve_the_exercise_where_there_is_a_solution(attack, ask):
    """Otherwise the attacks' lack of points would prove nothing."""
    assert "all 4 checks passed" in ask(attack + "\nzero_pad_test(zero_pad)")


def test_a_graded_submission_earns_nothing_by_asking(padding, tmp_path):
    def submit(root):
        for student, attack in ATTACKS.items():
            notebook = nbformat.reads(released(root), 4)
            for cell in notebook.cells:
                if cell.metadata.get("nbgrader", {}).get("solution"):
                    cell.source = attack
            folder = root / "submitted" / student / "padding"
            folder.mkdir(parents=True)
            nbformat.write(notebook, folder / "padding.ipynb")

    graded = graded_copy(padding, tmp_path / "graded", submit)
    assert graded.failed == []
    assert {(student, points) for student, _, _, points, _ in graded.rows} == {
        (student, 0.0) for student in ATTACKS
    }
    for student in ATTACKS:
        page = graded.root / "feedback" / student / "padding" / "padding.html"
        assert not re.search("had been changed", page.read_text()), "what was released is whole"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('solution = "everywhere"', "has no setting solution; did you mean solutions?"),
        ('color = "red"', "has no setting color$"),
        ("solutions = true", "expected solutions to be a quoted string, not True"),
        ('solutions = "here"', "solutions: expected one of"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(tmp_path, line, message):
    (tmp_path / "pyproject.toml").write_text(f"{SETTING}{line}\n")
    with pytest.raises(ValueError, match=rf"^pyproject\.toml: .*{message}"):
        solutions(tmp_path)
