"""The rooms of the checks: which of them may import which, and under which names they work."""

import ast
import graphlib
import importlib
import importlib.util
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import nbexercise
from nbexercise.defining.stored import dump_case_set
from nbexercise.judging.model import CallOutcome, Case, CaseSet, Check, Return
from nbexercise.judging.subject import register, subject

FOLDER = Path(nbexercise.__file__).parent
# Each room imports itself and the rooms before it; the front imports all of them.
ROOMS = ("judging", "diagnosis", "showing", "asking")
FRONT = ("cells", "checks", "errors", "notebook")
FOR_AUTHORS = ("__main__", "building", "defining", "packing")


def names(path):
    """Return the parts of a module's name, below the package."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


MODULES = {names(path): path for path in sorted(FOLDER.rglob("*.py"))}


def statements(node):
    """Yield the statements of a module that run when it is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
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


def test_what_students_run_imports_nothing_that_is_for_authors():
    for name in FRONT:
        others = {other[0] for other in imported(MODULES[name,], ast.walk)}
        assert others <= {*ROOMS, *FRONT}, name


def test_every_module_is_in_a_room_in_front_of_them_or_for_authors():
    assert {name[0] for name in MODULES if name} == {*ROOMS, *FRONT, *FOR_AUTHORS}


def test_no_module_is_imported_in_a_circle():
    """A package is imported before its modules."""
    graph = {
        module: {*imported(path), *({module[:-1]} - {module, ()})}
        for module, path in MODULES.items()
    }
    assert len(graph) > 40
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """The package under another name, as a notebook carries it."""
    shutil.copytree(FOLDER, tmp_path / "bare_checks")
    monkeypatch.syspath_prepend(tmp_path)
    has_nbgrader = importlib.util.find_spec("nbgrader")
    for name in (name for name in MODULES if name and (has_nbgrader or name[-1] != "preprocessor")):
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


def test_the_package_works_under_another_name_and_for_another_subject(bare, capsys):
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
