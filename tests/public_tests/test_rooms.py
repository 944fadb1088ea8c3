"""The rooms of the checks: which of them may import which."""

import ast
import graphlib
from pathlib import Path

import pytest

import public_tests

FOLDER = Path(public_tests.__file__).parent
# Each room imports itself and the rooms before it.
ROOMS = ("judging", "diagnosis", "showing")


def names(path):
    """Return the parts of a module's name, below the package."""
    parts = path.relative_to(FOLDER).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def statements(node):
    """Yield the statements of a module that run when it is imported."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.Lambda):
            yield from statements(child)


def imported(path):
    """Return the modules of the package that a module imports, as the parts of their names."""
    here, found = path.relative_to(FOLDER).parent.parts, set()
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = here[: len(here) + 1 - node.level]
            module = (*above, *(node.module.split(".") if node.module else ()))
            parts = [(*module, alias.name) for alias in node.names]
            found |= {part if part in MODULES else module for part in parts}
    return found


MODULES = {names(path): path for path in sorted(FOLDER.rglob("*.py"))}


@pytest.mark.parametrize("room", ROOMS[:2])
def test_a_room_imports_only_the_rooms_before_it(room):
    allowed = ROOMS[: ROOMS.index(room) + 1]
    modules = {module: path for module, path in MODULES.items() if module[:1] == (room,)}
    assert len(modules) > 5
    for module, path in modules.items():
        wrong = [
            other for other in imported(path) if other[:1] not in {(name,) for name in allowed}
        ]
        assert not wrong, module


def test_no_module_is_imported_in_a_circle():
    """A package is imported before its modules."""
    graph = {
        module: {*imported(path), *({module[:-1]} - {module, ()})}
        for module, path in MODULES.items()
    }
    assert len(graph) > 40
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
