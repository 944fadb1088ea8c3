"""Released notebooks are complete, earn no points, and contain no trace of the answers."""

import ast
import base64
import bz2
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest

from exercises import EXERCISES
from nbexercise.defining.exercise import PUBLIC_SEED
from nbexercise.defining.source import BEGIN, END, function_source
from nbexercise.judging.storage import STORED_AS
from nbexercise.notebook import opened, sources
from nbexercise.packing import unpacked
from tests.files import TRAINED, files_of, is_function, is_written
from tools.course import ENGINE, ROOT, assignments
from tools.notebooks import build_notebook, to_bytes
from tools.payload import LINE
from tools.release import release

NAMES = assignments()


def released(course, name):
    path = course.root / "release" / name / f"{name}.ipynb"
    return nbformat.read(path, as_version=4)


def about(cell):
    return cell.metadata.get("nbgrader", {})


def own_exercises(notebook):
    return {about(cell)["grade_id"] for cell in notebook.cells if is_function(about(cell))}


# Completeness


def test_release_holds_what_the_text_builds(course):
    """A failure means that source/, exercises/ or public_tests/ changed without `make release`, or
    that its results are not committed.
    """
    now, before = files_of(course.root / "release"), course.release_before
    assert sorted(now) == sorted(before), "run `make release`"
    changed = [name for name in now if now[name] != before[name]]
    assert not changed, "run `make release`"


def test_releasing_again_changes_nothing_and_leaves_git_clean(course, tmp_path, monkeypatch):
    root = tmp_path / "again"
    shutil.copytree(course.root, root)

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=root, check=True, capture_output=True, text=True
        )
        return done.stdout

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "released")
    assert any(name.startswith("release/") for name in git("ls-files").splitlines())
    for name in ("PATH", "PYTHONPATH"):  # changed by nbgrader_config.py
        monkeypatch.setenv(name, os.environ.get(name, ""))
    assert release(root) == []
    assert git("status", "--porcelain", "--untracked-files=all") == ""


@pytest.mark.parametrize("name", NAMES)
def test_the_released_notebook_earns_nothing_as_it_stands(extremes, name):
    points = {e: p for student, a, e, p, _ in extremes.rows if (student, a) == ("untouched", name)}
    assert points
    assert set(points.values()) == {0.0}, points


@pytest.mark.parametrize("name", NAMES)
def test_the_source_earns_all_points(extremes, name):
    points = {e: p for student, a, e, p, _ in extremes.rows if (student, a) == ("solved", name)}
    known = {name: exercise.points for name, exercise in EXERCISES.items()} | {TRAINED: 10}
    # Answers in words wait for manual grading.
    assert points == {exercise: known.get(exercise) for exercise in points}
    assert set(points) & set(EXERCISES)


def test_the_extremes_were_all_graded(extremes):
    assert extremes.failed == []
    assert {(student, name) for student, name, *_ in extremes.rows} == {
        (student, name) for student in ("untouched", "solved") for name in NAMES
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_notebook_says_what_is_missing(extremes, name):
    path = extremes.root / "autograded" / "untouched" / name / f"{name}.ipynb"
    allowed = {"NotImplementedError", "NameError", "CheckFailedError", "NotWrittenError"}
    for cell in nbformat.read(path, as_version=4).cells:
        errors = [o.ename for o in cell.get("outputs", []) if o.output_type == "error"]
        assert set(errors) <= allowed, cell.source
        if is_function(about(cell)):
            assert not errors, "a stub must run: only calling it may fail"


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_earns_nothing_without_its_raise_line_either(course, name):
    """No line of the solution is outside the solution markers."""
    for cell in released(course, name).cells:
        if is_function(about(cell)):
            exercise = EXERCISES[about(cell)["grade_id"]]
            stub = [line for line in cell.source.splitlines() if "NotImplementedError" not in line]
            assert len(stub) == len(cell.source.splitlines()) - 1
            namespace = {"np": np, **exercise.called}
            exec("\n".join(stub), namespace)
            assert exercise.judge(namespace[exercise.name], seed=1).points == 0


@pytest.mark.parametrize("name", ["padding", "convolution_step_by_step"])
def test_the_same_text_gives_the_same_bytes_here_and_in_another_process(course, name):
    """The other process, which released the course, had a different PYTHONHASHSEED."""
    here = to_bytes(build_notebook(name, course.root))
    assert here == to_bytes(build_notebook(name, course.root))
    assert here == (course.root / "source" / name / f"{name}.ipynb").read_bytes()


# No trace of the answers


def solution_lines(exercise):
    """Return the lines of the solution that are long enough to be distinctive."""
    text = function_source(EXERCISES[exercise].loops, markers=True)
    inside = text.partition(BEGIN)[2].partition(END)[0]
    return {line.strip() for line in inside.splitlines() if len(line.strip()) > 12}


def given_lines(notebook):
    """Return the lines of earlier exercises, which an assignment provides on purpose."""
    given = [
        cell.source for cell in notebook.cells if about(cell).get("grade_id", "")[-6:] == "_given"
    ]
    return {line.strip() for text in given for line in text.splitlines()}


def texts_carried(line):
    """Yield every text in a setup cell's line, with its location; the rest must be numbers."""
    program, carried, packed = unpacked(line)
    about, cases = opened(carried)
    modules = sources(about, packed)
    texts = {"program": program.decode(), **modules}
    for name, data in cases.items():
        head, _, numbers = data.partition(b"\n")
        counts = zip(json.loads(head)["numbers"], STORED_AS, strict=True)
        assert len(numbers) == sum(count * kind.itemsize for count, kind in counts)
        texts[name] = head.decode()
    assert set(about) == {"version", "modules", "cases"}
    sizes = len(carried.partition(b"\n")[0]) + 1 + sum(map(len, cases.values()))
    assert len(carried) == sizes, "and nothing else"
    content = bz2.decompress(base64.b85decode(packed))
    assert content == "".join(modules.values()).encode(), "and nothing else"
    return texts


def everything_in(folder):
    """Yield every text in an assignment's folder, with its location; unknown files fail."""
    texts = {}
    for name, data in files_of(folder).items():
        assert name.endswith(".ipynb")
        (line,) = LINE.findall("\n".join(map(source_of, json.loads(data)["cells"])))
        texts |= {f"{name}/carried/{where}": text for where, text in texts_carried(line).items()}
        texts[name] = data.decode().replace(line, "")
        for place, cell in enumerate(json.loads(data)["cells"]):
            texts[f"{name}/{place}"] = source_of(cell).replace(line, "")
    return texts


def source_of(cell):
    return "".join(cell["source"])


@pytest.fixture(scope="module", params=NAMES)
def folder(request, course):
    """Return a released assignment's notebook, and every text in its folder."""
    name = request.param
    return released(course, name), everything_in(course.root / "release" / name)


def places(texts, forbidden):
    return [(where, words) for where, text in texts.items() for words in forbidden if words in text]


def test_no_solution_that_it_does_not_give(folder):
    """Later exercises are secret too: only provided cells may contain an answer."""
    notebook, texts = folder
    own = own_exercises(notebook)
    assert own
    for exercise in EXERCISES:
        lines = solution_lines(exercise) - given_lines(notebook)
        assert lines or exercise not in own
        assert places(texts, lines) == []


def test_no_model_answer_and_no_marking_scheme(folder, course):
    notebook, texts = folder
    source = course.root / notebook.metadata["course"]["text"]
    secret = set()
    for cell in jupytext.read(source, fmt="py:percent").cells:
        if is_written(about(cell)):
            secret |= set(cell.source.splitlines())
        secret |= set(cell.source.partition("### BEGIN MARK SCHEME")[2].splitlines())
    secret = {line for line in secret if len(line) > 12}
    assert places(texts, secret | {"MARK SCHEME"}) == []
    for cell in notebook.cells:
        if is_written(about(cell)):
            assert secret and cell.source == "YOUR ANSWER HERE"


# In the last part of `convolution_step_by_step` and in lenet's setup cell, from the lessons.
FROM_LESSONS = (
    "from convnet.own_edges import draw_with, photograph, show_own_edges",
    "from convnet.data import load_digits",
)


# The part of lenet's training that nbgrader's Validate runs.
VALIDATE_TRAINED = (
    'validate("trained", lambda: accuracy(test_images, test_labels, trained) >= 0.85)'
)


def test_no_hidden_check_and_no_seed(folder):
    notebook, texts = folder
    for line in FROM_LESSONS:
        texts = {where: text.replace(line, "") for where, text in texts.items()}
    words = {"HIDDEN TESTS", "BEGIN SOLUTION", "END SOLUTION", "import exercises", "convnet."}
    words |= {"from exercises", "from convnet", "import convnet", "grade(", str(PUBLIC_SEED)}
    words |= {f"{PUBLIC_SEED:_}"}
    assert places(texts, words) == []
    for cell in notebook.cells:
        if about(cell).get("grade") and not is_written(about(cell)):
            lines = [line for line in cell.source.splitlines() if line and line[0] != "#"]
            assert lines in [[f'validate("{name}")'] for name in EXERCISES] or lines == [
                VALIDATE_TRAINED
            ]


def test_no_code_of_the_instructors_side(folder):
    notebook, texts = folder
    packages = (ROOT / name for name in ("public_tests", ENGINE))
    meant = "\n".join(path.read_text() for folder in packages for path in folder.rglob("*.py"))
    parts = ("convnet/plots.py", "convnet/downloads.py", "exercises/loops.py", "exercises/lenet.py")
    for name in parts:
        meant += (ROOT / name).read_text()
    meant += "except ModuleNotFoundError:\n"  # belongs to neither side
    # The stubs of other exercises; the tests above search for their solutions.
    meant += "".join(function_source(e.loops, markers=True) for e in EXERCISES.values())
    for path in [*(ROOT / "exercises").glob("*.py"), *(ROOT / "convnet").glob("*.py")]:
        tree = ast.parse(path.read_text())
        strings = (
            n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
        )
        prose = {number for s in strings for number in range(s.lineno, s.end_lineno + 1)}
        code = {
            line.strip()
            for number, line in enumerate(path.read_text().splitlines(), start=1)
            if number not in prose and len(line.strip()) > 25
        }
        assert places(texts, {line for line in code if line not in meant}) == []


def test_nothing_is_packed_or_encoded(folder):
    """Only the checks are a long run of letters and digits, in which text could be hidden."""
    _, texts = folder
    for where, text in texts.items():
        without_addresses = re.sub(r"https?://[^\s)\"]+", "", text)
        runs = re.findall(r"[A-Za-z0-9+/=_-]{65,}", without_addresses)
        assert not [run for run in runs if not set(run) <= set("-=")], where


def test_the_metadata_is_nbgraders_and_the_builders_alone(folder):
    notebook, _ = folder
    assert set(notebook.metadata) <= {"kernelspec", "language_info", "course", "celltoolbar"}
    assert set(notebook.metadata["course"]) == {"text", "content"}
    expected = {"grade_id", "grade", "solution", "task", "schema_version", "locked", "checksum"}
    for cell in notebook.cells:
        shown = {"tags", "jupyter", "cellView"}  # display settings of Jupyter and Colab
        assert set(cell.metadata) <= shown | {"nbgrader", "name", "deletable", "editable"}
        assert set(about(cell)) <= expected | {"points", "cell_type"}
        assert not cell.get("outputs") and not cell.get("attachments")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", NAMES)
def test_the_folder_holds_the_notebook_alone(course, name):
    assert set(files_of(course.root / "release" / name)) == {f"{name}.ipynb"}


@pytest.mark.parametrize("name", NAMES)
def test_it_carries_the_stored_cases_of_its_own_exercises_alone(course, name):
    """Hidden inputs are drawn for each grading; the stored ones come from the public seed."""
    notebook = released(course, name)
    (line,) = LINE.findall("\n".join(cell.source for cell in notebook.cells))
    texts, own = texts_carried(line), own_exercises(notebook)
    for exercise in set(texts) & set(EXERCISES):
        file = course.root / "public_tests" / "cases" / f"{exercise}.cases"
        case_set = json.loads(texts[exercise])["case_set"]
        assert (texts[exercise].encode() == file.read_bytes().split(b"\n", 1)[0]) == (
            exercise in own
        )
        assert bool(case_set["mistakes"]) == (exercise in own)
    called = {helper for exercise in own for helper in EXERCISES[exercise].helpers}
    assert set(texts) & set(EXERCISES) == own | called


@pytest.mark.parametrize("name", NAMES)
def test_what_it_carries_is_small(course, name):
    """The line has a size limit: each student downloads, submits and saves it repeatedly.

    The cell is folded in JupyterLab and Colab, and VS Code highlights no line above 20,000 letters,
    so no editor sets the limit. The modules take 116 KiB, of which the questions about one's own
    code take 17; a known mistake takes 200 to 300 bytes.
    """
    (line,) = LINE.findall("\n".join(cell.source for cell in released(course, name).cells))
    core = name in ("padding", "single_step", "conv_forward", "pooling", "backprop")
    limit = (166 if core else 196) * 1024  # the combined assignment has the checks of five
    said = f"{name}'s setup line: {len(line)} bytes of {limit}; shorten public_tests or raise this"
    assert len(line) <= limit, said


# Alone in an empty folder

ALONE = """
import json, runpy, sys

allowed = set(json.loads(sys.argv[2])) | set(sys.stdlib_module_names)


class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in allowed and not top.startswith("_sysconfigdata"):
            raise ModuleNotFoundError(f"{name} is not part of what a student has", name=name)


sys.meta_path.insert(0, Refuse())
namespace = {"__name__": "__main__"}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code":
        source = "".join(cell["source"])
        exec(compile(source, cell["id"], "exec"), namespace)
print("to the end")
"""


def brought_by(*packages):
    """Return the top-level modules of some packages and of all their dependencies."""
    todo, known = list(packages), set()
    while todo:
        package = re.match(r"[\w.-]+", todo.pop())[0].lower().replace("_", "-")
        if package not in known:
            known.add(package)
            required = importlib.metadata.requires(package) or []
            todo += [
                line for line in required if "extra ==" not in line and "python_version" not in line
            ]
    modules = importlib.metadata.packages_distributions()
    return {
        module
        for module, owners in modules.items()
        if {owner.lower().replace("_", "-") for owner in owners} & known
    }


def solved_source(course, name, grade_id):
    """Return the source of a cell of the instructor's notebook."""
    path = course.root / "source" / name / f"{name}.ipynb"
    (found,) = (
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if about(cell).get("grade_id") == grade_id
    )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_alone_with_numpy_and_matplotlib(course, name, tmp_path):
    folder = tmp_path / "alone"
    shutil.copytree(course.root / "release" / name, folder)
    notebook = nbformat.read(folder / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if is_function(about(cell)):
            cell.source = EXERCISES[about(cell)["grade_id"]].solution_text()
        elif about(cell).get("solution"):
            cell.source = solved_source(course, name, about(cell)["grade_id"])
    nbformat.write(notebook, folder / f"{name}.ipynb")
    needed = ("scikit-learn",) if name == "lenet" else ()
    allowed = brought_by("numpy", "matplotlib", *needed) | {"public_tests"}
    assert not allowed & {"convnet", "exercises", "nbgrader", "h5py", "IPython", "tools"}
    arguments = [f"{name}.ipynb", json.dumps(sorted(allowed))]
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, *arguments],
        cwd=folder,
        env={"MPLBACKEND": "agg", "HOME": str(Path.home()), "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("to the end\n")
    assert "Warning" not in done.stderr
