"""Sections of docstrings name the parameters and attributes that exist."""

import ast
import re

import pytest

from tools.course import ROOT

FOLDERS = ("nbjudge", "public_tests", "exercises", "tools", "convnet", "benchmarks", "course")
TITLE = re.compile(r"^(\w+)\n-+$", re.MULTILINE)


def section(docstring, title):
    """Return the names that a numpydoc section explains."""
    parts = TITLE.split(docstring)
    text = dict(zip(parts[1::2], parts[2::2], strict=True)).get(title, "")
    lines = re.findall(r"^(\S.*?)(?: : .*)?$", text, re.MULTILINE)
    return {name.lstrip("*") for line in lines for name in line.split(", ")}


def parameters(function):
    """Return the names of a function's parameters."""
    return {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}


def attributes(kind):
    """Return all names that a class defines or assigns."""
    names = {node.name for node in kind.body if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(kind):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.attr)
    return names


def stale(tree):
    """Yield "object: name" of each name in a section that the object lacks."""
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        docstring, wrong = ast.get_docstring(node) or "", set()
        if isinstance(node, ast.ClassDef):
            kinds = [node, *(classes.get(getattr(base, "id", "")) for base in node.bases)]
            kinds = [kind for kind in kinds if kind]
            own = {name for kind in kinds for name in attributes(kind)}
            wrong |= section(docstring, "Attributes") - own
            made = [f for kind in kinds for f in kind.body if getattr(f, "name", "") == "__init__"]
            known = parameters(made[0]) if made else own
        else:
            known = parameters(node)
        wrong |= section(docstring, "Parameters") - known
        yield from (f"{node.name}: {name}" for name in sorted(wrong))


def test_a_stale_name_is_found():
    text = (
        'def f(a):\n    """Do.\n\n    Parameters\n    ----------\n    a, b\n        What.\n    """'
    )
    assert list(stale(ast.parse(text))) == ["f: b"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_sections_name_what_exists(folder):
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / folder).rglob("*.py"))
        if (names := list(stale(ast.parse(path.read_text()))))
    }
    assert found == {}
