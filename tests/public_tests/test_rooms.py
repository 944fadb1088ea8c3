"""The rooms of the checks: which of them may import which, and where the course may be named."""

import ast
import graphlib
import importlib
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import public_tests
from exercises import EXERCISES
from exercises.stored import dump_case_set
from public_tests.course.published import PUBLISHED_NAMES
from public_tests.course.syllabus import LESSONS
from public_tests.judging.model import CallOutcome, Case, CaseSet, Check, Return
from public_tests.judging.subject import register, subject

FOLDER = Path(public_tests.__file__).parent
# Each room imports itself and the rooms before it; the front imports all of them.
ROOMS = ("judging", "diagnosis", "showing")
FRONT = ("cells", "checks", "errors", "notebook")
# Arguments and sizes, exercises, lessons and published checks, and words of the subject.
WORDS = {"A_prev", "A_slice_prev", "a_slice_prev", "dA", "dA_prev", "dZ", "dW", "db", "W_conv"}
WORDS |= {"hparameters", "n_C", "n_C_prev", "n_H", "n_H_prev", "n_W", "n_W_prev", "stride", "pad"}
WORDS |= {"output_pad", "padding", "momentum", "learning_rate", "batch", "batches"}
WORDS |= {"convolution", "convolutional", "pooling", "filters", "channel", "channels", "image"}
WORDS |= {"images", "window", "windows", "bias", "biases", "gradient", "gradients", "ReLU"}
WORDS |= {"lesson", "lessons", "milestone", "milestones", "syllabus", *EXERCISES, *LESSONS}
WORDS |= {name for names in PUBLISHED_NAMES.values() for name in names}
# A MIME type, CSS, a NumPy function, an attribute in Matplotlib.
OTHER_MEANINGS = ("image/svg+xml", "padding:", "np.pad ", "axes.images")


def names(path):
    """Return the parts of a module's name, below the package."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


MODULES = {names(path): path for path in sorted(FOLDER.rglob("*.py"))}
GENERAL = {name: path for name, path in MODULES.items() if name[:1] and name[0] in ROOMS + FRONT}


def statements(node):
    """Yield the statements of a module that run when it is imported."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield from statements(child)


def imported(path, nodes=statements):
    """Return the modules of the package that a module imports, as the parts of their names."""
    here, found = path.relative_to(FOLDER).parent.parts, set()
    for node in nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = here[: len(here) + 1 - node.level]
            module = (*above, *(node.module.split(".") if node.module else ()))
            parts = [(*module, alias.name) for alias in node.names]
            found |= {part if part in MODULES else module for part in parts}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_before_it(room):
    allowed = ROOMS[: ROOMS.index(room) + 1]
    modules = {module: path for module, path in MODULES.items() if module[:1] == (room,)}
    assert len(modules) > 5
    for module, path in modules.items():
        wrong = [other for other in imported(path, ast.walk) if other[0] not in allowed]
        assert not wrong, module


def test_the_front_imports_nothing_of_the_course():
    for name in FRONT:
        others = {other[0] for other in imported(MODULES[name,], ast.walk)}
        assert others <= {*ROOMS, *FRONT}, name


def test_no_module_is_imported_in_a_circle():
    """A package is imported before its modules."""
    graph = {
        module: {*imported(path), *({module[:-1]} - {module, ()})}
        for module, path in MODULES.items()
    }
    assert len(graph) > 40
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError


@pytest.mark.parametrize("module", GENERAL, ids=".".join)
def test_a_general_module_has_no_word_of_the_course(module):
    text = GENERAL[module].read_text()
    if module == ("checks",):  # its docstrings are for the students of this course
        text = ast.unparse(without_docstrings(ast.parse(text)))
    for other in OTHER_MEANINGS:
        text = text.replace(other, "")
    found = WORDS & {*re.findall(r"\w+", text)}
    assert not found


def without_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return tree


def test_the_room_of_the_course_has_such_words():
    texts = [path.read_text() for name, path in MODULES.items() if name[:1] == ("course",)]
    found = {*re.findall(r"\w+", " ".join(texts))}
    assert {"A_prev", "hparameters", "stride", "image", "milestones", *LESSONS} <= WORDS & found


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """The general modules as a package of another name, without the course."""
    package = tmp_path / "bare_checks"
    for room in ROOMS:
        shutil.copytree(FOLDER / room, package / room)
    for name in FRONT:
        shutil.copy(FOLDER / f"{name}.py", package)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for name in GENERAL:
        importlib.import_module(".".join(("bare_checks", *name)))
    yield sys.modules["bare_checks"]
    for name in [name for name in sys.modules if name.partition(".")[0] == "bare_checks"]:
        del sys.modules[name]


def spread(x):
    return x.max(0) - x.min(0)


def case(*shape):
    x = np.random.default_rng(len(shape)).integers(-9, 9, shape).astype(float)
    return Case("tables", {"x": x}, CallOutcome({"range": spread(x)}), {})


RANGE = CaseSet(
    name="spread",
    title="Range",
    returns=(Return("range"),),
    checks=(Check("shape", 1, "shape"), Check("values", 2)),
    mistakes=(),
    hints=("Subtract the minimum.",),
    helpers=(),
    tolerance=1e-9,
    cases=(case(3, 4), case(5, 2, 3), case(2, 2)),
    assignment="statistics",
    section="Ranges",
)


def test_the_general_modules_work_without_the_course(bare, capsys, monkeypatch):
    monkeypatch.setenv("PROGRESS_FILE", "")
    bare.checks.CASE_SETS.add({"spread": dump_case_set(RANGE, "key")})
    bare.checks.check("spread", spread)
    assert "spread: all 2 checks passed." in capsys.readouterr().out
    wrong = [lambda x: x.max(0) + x.min(0), lambda x: x.max(1), lambda x: x[9], lambda x: None]
    for function in wrong:
        with pytest.raises(bare.errors.CheckFailedError, match="First failing case"):
            bare.checks.check("spread", function)
        bare.checks.show("spread")
        said = bare.checks._latest["spread"]
        assert bare.showing.report.as_report(said)["case"].startswith("First failing case")
        shown = capsys.readouterr().out
        assert "expected" in shown or "no output to draw" in shown


def test_only_a_subject_is_registered():
    """A copy of a text on the course may pass any value, which must not reach later checks."""
    registered = subject()
    with pytest.raises(TypeError, match="expected a Subject, got a value of type ndarray"):
        register(np.zeros(3))
    assert subject() is registered
