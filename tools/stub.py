"""Write `public_tests/__init__.pyi`, which tells editors the checks that students call.

The checks are defined when the stored cases are loaded, so editors cannot find them in the code.
"""

import ast
from pathlib import Path

from exercises import EXERCISES
from public_tests.course.published import PUBLISHED_NAMES

__all__ = ["stub"]

HEAD = '''\
"""Checks for the exercises, to be called from a notebook. Written by `make release`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
'''
CHECK = '''
def {name}(target: Callable[..., Any]) -> None:
    """Check {exercise}: pass the function itself.

    Prints the verdict, or raises AssertionError.
    """
'''
# The modules that define the other functions.
MODULES = ["nbexercise/src/nbexercise/checks"]
MODULES += [f"public_tests/course/{name}" for name in ("lessons", "published", "record")]
MODULES += ["public_tests/course/solutions"]
WRITTEN = {"check_answer", "check_function", "conv_forward_test_1", "hint", "progress", "show"}
WRITTEN |= {"ask", "keep_in_drive", "solution", "summary", "validate"}


def stub(root: Path) -> str:
    """Return the stub of the package in a repository."""
    checks = {
        name: exercise
        for exercise in EXERCISES
        for name in (*PUBLISHED_NAMES.get(exercise, ()), f"{exercise}_test")
    }
    functions = {
        name: CHECK.format(name=name, exercise=exercise) for name, exercise in checks.items()
    }
    for module in MODULES:
        text = (root / f"{module}.py").read_text(encoding="utf-8")
        functions |= _functions(text)
    names = "".join(f'    "{name}",\n' for name in sorted(functions))
    return "".join(
        [HEAD, f"\n__all__ = [\n{names}]\n", *(functions[name] for name in sorted(functions))]
    )


def _functions(text: str) -> dict[str, str]:
    """Return the signatures and docstrings of the functions that students call."""
    texts = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name in WRITTEN:
            docstring, *_ = node.body
            last = docstring.end_lineno or node.lineno
            lines = text.splitlines()[node.lineno - 1 : last]
            texts[node.name] = "\n".join(["", *lines, ""])
    return texts
