"""Name the operands of a failed operation, with their shapes and the shapes it requires."""

import ast
import inspect
import linecache
import re
import textwrap
import traceback
import types
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["about_operands", "about_slices"]

PRODUCTS = ("dot", "matmul")
LONGEST = 60  # quoted characters of an operand
# Syntax that is evaluated again: names, attributes of shape, indices and arithmetic, but no calls.
PURE: tuple[type[ast.AST], ...]
PURE = (ast.Name, ast.Constant, ast.Subscript, ast.Slice, ast.Tuple, ast.BinOp, ast.UnaryOp)
PURE += (ast.Attribute, ast.operator, ast.unaryop, ast.expr_context)
VIEWS = ("T", "mT", "shape", "size", "ndim")


def about_operands(
    error: BaseException, frame: traceback.FrameSummary, variables: Mapping[str, Any]
) -> tuple[str, str]:
    """Return a sentence about the operands of a failed operation, and a question about them.

    Both are "" if the operands are unknown.

    Parameters
    ----------
    error
        Exception raised by the operation.
    frame
        Line that raised the exception, with the columns of the operation.
    variables
        Variables of that frame, by name.
    """
    message, unknown = str(error), ("", "")
    if not isinstance(error, ValueError):
        return unknown
    node = _operation(frame)
    into = re.search(r"broadcast input array from shape (\(.*?\)) into shape (\(.*?\))", message)
    if into and isinstance(node, ast.Subscript):
        given, has = map(_spaced, into.groups())
        facts = f"{_quoted(node)} has shape {has} and is assigned an array of shape {given}."
        return facts, "Which of the two is not what you expect?"
    left, right = _pair(node)
    a, b = (_shape(operand, variables) for operand in (left, right))
    if a is None or b is None:
        return unknown
    facts = f"in {_quoted(node)}, {_quoted(left)} has shape {a} and {_quoted(right)} has shape {b}."
    if "broadcast" in message:
        facts += " Axis by axis, from the last one, two sizes must be equal or one of them 1."
        return facts, "Which shape is not what you expect?"
    if not a or not b or "matmul: " not in message and "not aligned" not in message:
        return unknown
    if a[-1] == b[max(len(b) - 2, 0)]:  # so the product exists
        updates = isinstance(node, ast.AugAssign)
        product = f"stores the product in {_quoted(left)}, whose shape differs: use @"
        return (f"{facts} @= {product}.", "") if updates else unknown
    place = "size" if len(b) == 1 else "second-to-last size"
    facts += (
        f" A matrix product needs the last size of the first, {a[-1]}, to equal the {place} of "
    )
    facts += f"the second, {b[max(len(b) - 2, 0)]}."
    if a == b and len(a) > 2:
        return facts, "The element-wise product of two arrays of the same shape is written *."
    return facts, "Must one of them be transposed or reshaped, or come first?"


def about_slices(
    summary: traceback.FrameSummary, variables: Mapping[str, Any], frame: types.FrameType
) -> str:
    """Return a sentence about a slice that ends after the end of its array; "" if none does.

    Parameters
    ----------
    summary
        Line that raised the exception, which is not before that of the slice.
    variables
        Variables of the frame, by name.
    """
    first = frame.f_code.co_firstlineno
    # inspect.getsource would search all modules for the file.
    lines = linecache.getlines(frame.f_code.co_filename)[first - 1 :]
    try:
        tree = ast.parse(textwrap.dedent("".join(inspect.getblock(lines))))
    except (SyntaxError, ValueError):
        return ""
    last = (summary.lineno or 0) - first + 1
    branches = (n for n in ast.walk(tree) if isinstance(n, ast.If) and (n.end_lineno or 0) < last)
    skipped = {part for branch in branches for part in ast.walk(branch)}  # perhaps
    nodes = (n for n in ast.walk(tree) if isinstance(n, ast.Subscript) and n not in skipped)
    for node in (n for n in nodes if n.lineno <= last):
        index = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        shape = _shape(node.value, variables) or ()
        plain = (isinstance(n, ast.Slice) or type(_value(n, variables)) is int for n in index)
        if not all(plain):
            continue  # such as an ellipsis, after which the axes are others
        for axis, (item, size) in enumerate(zip(index, shape, strict=False)):
            stop = item.upper if isinstance(item, ast.Slice) else None
            end = _value(stop, variables)
            if stop and isinstance(end, int | np.integer) and end > size:
                is_ = "" if isinstance(stop, ast.Constant) else f" = {end}"
                return (
                    f"{_quoted(node)} is cut short: axis {axis} of {_quoted(node.value)} has size "
                    f"{size}, but the slice stops at {_quoted(stop)}{is_}."
                )
    return ""


def _operation(frame: traceback.FrameSummary) -> Any:
    """Return the syntax tree of the operation that raised; None if it is unknown."""
    first, last = frame.lineno, frame.end_lineno
    start, end = getattr(frame, "colno", None), getattr(frame, "end_colno", None)
    if first is None or last is None or start is None or end is None:
        return None
    lines = [linecache.getline(frame.filename, n).encode() for n in range(first, last + 1)]
    if not all(lines):
        return None
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    text = b"".join(lines).decode(errors="replace")
    for code in (f"({text}\n)", text):  # an expression over several lines, or an assignment
        try:
            (statement,) = ast.parse(code).body
        except (SyntaxError, ValueError):
            continue
        return statement.value if isinstance(statement, ast.Expr) else statement
    return None


def _pair(node: Any) -> tuple[Any, Any]:
    """Return the two operands of an operation or a NumPy call; (None, None) for other code."""
    if isinstance(node, ast.BinOp):
        return node.left, node.right
    if isinstance(node, ast.AugAssign):
        return node.target, node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        arrays, product = list(node.args), node.func.attr in PRODUCTS
        if product and len(arrays) == 1:
            arrays.insert(0, node.func.value)  # a.dot(b)
        entrywise = isinstance(getattr(np, node.func.attr, None), np.ufunc)
        if len(arrays) == 2 and (product or entrywise):
            return arrays[0], arrays[1]
    return None, None


def _shape(node: ast.expr | None, variables: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return the shape of an operand; None if its value is unknown."""
    value = _value(node, variables)
    try:
        return None if value is None else np.shape(value)
    except ValueError:  # a tuple of arrays of different shapes
        return None


def _value(node: ast.expr | None, variables: Mapping[str, Any]) -> Any:
    """Return the value of an expression; None if it is missing, or needs a call."""
    if node is None:
        return None
    for part in ast.walk(node):
        if not isinstance(part, PURE) or isinstance(part, ast.Attribute) and part.attr not in VIEWS:
            return None
        if isinstance(part, ast.Name) and not isinstance(
            variables.get(part.id), np.ndarray | np.generic | int | float | tuple
        ):
            return None
    names = {part.id: variables[part.id] for part in ast.walk(node) if isinstance(part, ast.Name)}
    expression = ast.parse(ast.unparse(node), mode="eval")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return eval(compile(expression, "", "eval"), {}, names)
    except Exception:  # the operand cannot be evaluated, or its variables have changed since
        return None


def _quoted(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _spaced(shape: str) -> str:
    """Add the spaces of a shape that some of NumPy's messages leave out."""
    return re.sub(r",(?=\d)", ", ", shape)
