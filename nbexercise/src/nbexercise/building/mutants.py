"""Make small changes to a solution: one that no check notices shows that a case is missing."""

import ast
from collections.abc import Iterator
from typing import Any

from ..defining.source import BEGIN, END

__all__ = ["mutants"]

OTHER: dict[type, type] = {  # by the class of an operator
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult},
    **{ast.FloorDiv: ast.Div, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.MatMult: ast.Mult},
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is},
    **{ast.And: ast.Or, ast.Or: ast.And},
}
DELETED = ast.Assign | ast.AugAssign | ast.Expr | ast.Raise  # statements that may be missing
QUOTED = ast.expr | ast.Assign | ast.AugAssign | ast.Return | ast.Expr  # in one line
SLIGHTLY = 1.01  # factor of a constant such as 9.81
LONGEST = 70  # characters of a quoted piece


def mutants(source: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield changed sources, each with one change in the part that students write.

    Parameters
    ----------
    source
        Source of a function or a class, with nbgrader's solution markers.

    Yields
    ------
    tuple
        Number of the line, the piece before and after the change ("" if left out), and the whole
        source.
    """
    tree, inside = ast.parse(source), _lines_of_students(source)
    for node, parent in _nodes(tree, None):
        for owner, key, new, line in _changes(node):
            if line not in inside:
                continue
            is_deleted = isinstance(new, ast.Pass)
            # A constant is quoted with what it is a part of, such as n - 1.
            whole = (
                parent if isinstance(node, ast.Constant) and isinstance(parent, QUOTED) else node
            )
            before = _quoted(owner[key] if is_deleted else whole)
            old = _put(owner, key, new)
            after, text = "" if is_deleted else _quoted(whole), ast.unparse(tree)
            _put(owner, key, old)
            yield line, before, after, text


def _nodes(node: ast.AST, parent: ast.AST | None) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Yield the nodes of a tree with their parents, but not the text of an exception."""
    yield node, parent
    for child in () if isinstance(node, ast.Raise) else ast.iter_child_nodes(node):
        yield from _nodes(child, node)


def _quoted(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _lines_of_students(source: str) -> set[int]:
    numbers, is_inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        is_inside = (is_inside or BEGIN in line) and END not in line
        if is_inside:
            numbers.add(number)
    return numbers


def _changes(node: ast.AST) -> Iterator[tuple[Any, str | int, Any, int]]:
    """Yield an object, an attribute or index of it, the new value there, and the line."""
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in OTHER:
        yield node, "op", OTHER[type(node.op)](), line
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER:
        yield node.ops, 0, OTHER[type(node.ops[0])](), line
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield node, "value", not node.value, line
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield node, "value", node.value + 1, line
        yield node, "value", node.value - 1, line
    elif isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield node, "value", node.value * SLIGHTLY or SLIGHTLY - 1, line
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node, "value", node.value[:-1] if node.value else "x", line
    for name in ("body", "orelse"):
        block = getattr(node, name, ())
        for place, statement in enumerate(block if isinstance(block, list) else ()):
            if isinstance(statement, DELETED):
                yield block, place, ast.Pass(), statement.lineno


def _put(owner: Any, key: str | int, new: Any) -> Any:
    if isinstance(key, int):
        old, owner[key] = owner[key], new
    else:
        old = getattr(owner, key)
        setattr(owner, key, new)
    return old
