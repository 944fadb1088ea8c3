"""The whole package: its imports, and its public names."""

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest

import nbexercise
from nbexercise import packing

SOURCE = Path(nbexercise.__file__).parent
OTHERS = {  # packages that a module imports besides, if they are there
    "adapter.py": {"matplotlib", "pandas"},
    "display.py": {"IPython"},
    "filling.py": {"nbformat"},
    "preprocessor.py": {"nbformat", "nbgrader", "traitlets"},
}


def test_it_imports_numpy_and_the_standard_library_alone_and_itself_by_relative_names():
    """A notebook carries it under another name. IPython is there if a function imports it."""
    allowed = {"numpy", *sys.stdlib_module_names}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            outside = {name.partition(".")[0] for name in names} - allowed
            assert outside <= OTHERS.get(path.name, set()), path.name


@pytest.mark.parametrize("module", [nbexercise, packing], ids=lambda module: module.__name__)
def test_public_names_exist(module):
    assert len(module.__all__) == len(set(module.__all__))
    for name in module.__all__:
        assert getattr(module, name) is not None, name


def test_no_public_name_is_missing_from_all():
    """Of the imports in `__init__.py`, each is there to be public."""
    tree = ast.parse((SOURCE / "__init__.py").read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert {alias.name for node in imports for alias in node.names} == {*nbexercise.__all__}


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.stem)
def test_the_names_that_a_module_lists_exist(path):
    for other in OTHERS.get(path.name, ()):
        pytest.importorskip(other)
    name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
    module = importlib.import_module(re.sub(r"\.__init__$", "", name))
    for public in getattr(module, "__all__", ()):
        assert hasattr(module, public), public
