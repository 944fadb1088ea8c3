"""Editors find the checks, although these are made when the stored cases are loaded."""

import ast
import inspect
from pathlib import Path

import public_tests
from tools.stub import stub

ROOT = Path(__file__).resolve().parents[2]
STUB = ROOT / "public_tests" / "__init__.pyi"


def test_the_stub_is_what_the_release_writes():
    assert STUB.read_text() == stub(ROOT), "make release writes it anew"


def test_the_stub_has_every_published_name_with_its_arguments_and_docstring():
    functions = {
        node.name: node
        for node in ast.parse(STUB.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    assert set(functions) == set(public_tests.__all__)
    for name, node in functions.items():
        function = getattr(public_tests, name)
        assert ast.get_docstring(node) == inspect.getdoc(function)
        arguments = [*node.args.args, *filter(None, [node.args.vararg])]
        assert [argument.arg for argument in arguments] == list(
            inspect.signature(function).parameters
        )
