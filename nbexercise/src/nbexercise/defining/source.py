"""Extract the source of a function as a notebook shows it, with or without solution markers."""

import ast
import functools
import importlib.util
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["BEGIN", "END", "function_source", "handed_out", "source_in_module", "without_markers"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@functools.cache
def function_source(function: Callable[..., Any], markers: bool = False) -> str:
    """Return the source of `function` without its decorators.

    Parameters
    ----------
    markers
        True to keep the lines of nbgrader's solution markers, False to drop these lines.

    Raises
    ------
    OSError
        If the source cannot be found.
    """
    text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    return _without_decorators(text, ast.parse(text).body[0], markers)


def handed_out(function: Callable[..., Any]) -> str:
    """Return the lines of `function` outside of its solution, as written; "" for a class."""
    if isinstance(function, type):
        return ""
    before, _, rest = function_source(function, markers=True).partition(BEGIN)
    text = before + rest.partition(END)[2]
    body = getattr(ast.parse(text).body[0], "body", [])[1:]  # without the docstring
    lines = text.splitlines()[body[0].lineno - 1 : body[-1].end_lineno] if body else []
    return textwrap.dedent("\n".join(line for line in lines if line.split("#")[0].strip()))


def source_in_module(module: str, name: str, markers: bool = False) -> str:
    """Return the source of the function `name` in `module`, as `function_source` does.

    The module is parsed, not imported: it may import matplotlib, which takes half a second.

    Raises
    ------
    ImportError
        If there is no such module, or it defines no such function.
    """
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {module!r}")
    path = Path(spec.origin)
    text, functions = _functions(path, path.read_text(encoding="utf-8"))
    if name not in functions:
        raise ImportError(f"{module} defines no function {name!r}")
    return _without_decorators(text, functions[name], markers)


@functools.cache
def _functions(path: Path, text: str) -> tuple[str, dict[str, ast.FunctionDef]]:
    """Return a module's source, and its functions by name."""
    body = ast.parse(text, path).body
    return text, {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def _without_decorators(text: str, function: ast.stmt, markers: bool) -> str:
    every = text.splitlines()
    end = function.end_lineno or len(every)
    if every[end : end + 1] and every[end].strip() == END:  # a comment, which belongs to no node
        end += 1
    lines = every[function.lineno - 1 : end]
    text = "\n".join(lines)
    return text if markers else without_markers(text)


def without_markers(text: str) -> str:
    """Return a source without the lines of nbgrader's solution markers."""
    return "\n".join(line for line in text.split("\n") if line.strip() not in (BEGIN, END))
