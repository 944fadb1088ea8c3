"""Generic mutants: small changes to the source of a function.

Each mutant has one change: another operator, constant, comparison, name, index, slice, axis or
function, or a deleted statement. The changes do not depend on what the function computes.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Mutant", "mutants"]

OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
COMPARISONS = {
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.GtE: (ast.Gt, ast.Lt),
}
# Names of the same kind, which are easily confused.
ALIKE = (
    ("n_H", "n_W", "n_C"),
    ("n_H_prev", "n_W_prev", "n_C_prev"),
    ("n_H", "n_H_prev"),
    ("n_W", "n_W_prev"),
    ("n_C", "n_C_prev"),
    ("i", "h", "w", "c"),
    ("x", "y"),
    ("vert_start", "horiz_start"),
    ("vert_end", "horiz_end"),
    ("vert_start", "vert_end"),
    ("horiz_start", "horiz_end"),
    ("stride", "f", "pad"),
    ("height", "width"),
    ("rows", "columns"),
    ("A_prev", "A_prev_pad", "padded"),
    ("a_prev", "A_prev_pad", "a_prev_pad"),
    ("dA_prev", "dA_prev_pad", "dA_padded"),
    ("da_prev_pad", "a_prev_pad"),
    ("weights", "biases"),
    ("a_slice", "da_slice"),
    ("dW", "W"),
    ("db", "b"),
)
FUNCTIONS = {
    "max": ("min", "mean"),
    "mean": ("sum", "max"),
    "sum": ("mean", "prod"),
    "zeros": ("ones", "empty"),
    "ones": ("zeros",),
    "prod": ("sum",),
    "full": (),
}
WORDS = {"max": "average", "average": "max", "stride": "pad", "pad": "stride", "f": "stride"}


@dataclass(frozen=True)
class Mutant:
    """A changed function: its location, the line before and after, and the whole source."""

    line: int
    before: str
    after: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.before} -> {self.after}"


def mutants(text: str) -> Iterator[Mutant]:
    """Yield all distinct mutants of a function.

    Parameters
    ----------
    text
        Source of one function.
    """
    tree = ast.parse(text)
    seen = {ast.unparse(tree)}
    for number, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            mutated = copy.deepcopy(tree)
            line, before, after = _apply(mutated, number, change)
            new = ast.unparse(mutated)
            if new not in seen:
                seen.add(new)
                yield Mutant(line, before, after, new)


def _apply(tree, number, change):
    """Change a node of the tree in place; return its line, and its statement before and after."""
    nodes = list(ast.walk(tree))
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    statement = node = nodes[number]
    while not isinstance(statement, (ast.stmt, ast.Module)):
        statement = parents[statement]
    before, line = _head(statement), getattr(statement, "lineno", 0)
    replacement = change(node) or node
    if replacement is not node:
        _replace(parents[node], node, replacement)
    ast.fix_missing_locations(tree)
    changed = replacement if node is statement else statement
    after = _head(changed)
    if after == before:  # the change is further down
        after += f" ... {ast.unparse(changed).splitlines()[-1].strip()}"
    return line, before, after


def _replace(parent, old, new):
    for field, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, field, new)
        elif isinstance(value, list):
            setattr(parent, field, [new if item is old else item for item in value])


def _head(statement):
    return ast.unparse(statement).splitlines()[0]


def _changes(node):
    """Yield the possible changes of a node: functions that modify it or return a replacement."""
    kind = type(node)
    yield from _OF.get(kind, lambda node: ())(node)


def _set(field, value):
    def change(node):
        setattr(node, field, value)

    return change


def _of_operation(node):
    for operator in OPERATORS.get(type(node.op), ()):
        yield _set("op", operator())
    yield lambda node: node.left
    yield lambda node: node.right


def _of_increment(node):
    yield lambda node: ast.Assign([node.target], node.value)
    for operator in OPERATORS.get(type(node.op), ()):
        yield _set("op", operator())
    yield lambda node: ast.Pass()


def _of_comparison(node):
    for operator in COMPARISONS.get(type(node.ops[0]), ()):
        yield _set("ops", [operator()])


def _of_constant(node):
    value = node.value
    if isinstance(value, bool):
        yield _set("value", not value)
    elif isinstance(value, (int, float)):
        for other in dict.fromkeys((value + 1, value - 1, 0, -value)):
            if other != value:
                yield _set("value", other)
    elif value in WORDS:
        yield _set("value", WORDS[value])


def _of_name(node):
    if isinstance(node.ctx, ast.Load):
        for group in ALIKE:
            if node.id in group:
                for other in group:
                    if other != node.id:
                        yield _set("id", other)


def _of_attribute(node):
    for other in FUNCTIONS.get(node.attr, ()):
        yield _set("attr", other)
    if node.attr == "T":
        yield lambda node: node.value


def _of_slice(node):
    for field in ("lower", "upper", "step"):
        if getattr(node, field) is not None:
            yield _set(field, None)
    if node.step is None:
        yield _set("step", ast.UnaryOp(ast.USub(), ast.Constant(1)))
    if not any((node.lower, node.upper, node.step)):
        yield lambda node: ast.Constant(0)
        yield _set("upper", ast.Constant(1))


def _of_tuple(node):
    if isinstance(node.ctx, ast.Load):
        for place in range(len(node.elts) - 1):
            yield _swap(place)


def _swap(place):
    def change(node):
        node.elts[place : place + 2] = node.elts[place : place + 2][::-1]

    return change


def _of_call(node):
    for place in range(len(node.keywords)):
        yield _without_keyword(place)
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        stop = node.args[-1]
        for shift in (ast.Sub, ast.Add):
            yield _set("args", [*node.args[:-1], ast.BinOp(stop, shift(), ast.Constant(1))])
        if len(node.args) == 1:
            yield _set("args", [ast.Constant(1), stop])
    elif len(node.args) == 1 and not node.keywords:
        yield lambda node: node.args[0]


def _without_keyword(place):
    def change(node):
        del node.keywords[place]

    return change


def _of_statement(node):
    yield lambda node: ast.Pass()


def _of_branch(node):
    yield _set("test", ast.Constant(True))
    yield _set("test", ast.Constant(False))


def _of_loop(node):
    def once(node):
        node.body.append(ast.Break())

    yield once


_OF = {
    ast.BinOp: _of_operation,
    ast.AugAssign: _of_increment,
    ast.Compare: _of_comparison,
    ast.Constant: _of_constant,
    ast.Name: _of_name,
    ast.Attribute: _of_attribute,
    ast.Slice: _of_slice,
    ast.Tuple: _of_tuple,
    ast.Call: _of_call,
    ast.Assign: _of_statement,
    ast.If: _of_branch,
    ast.IfExp: _of_branch,
    ast.For: _of_loop,
}
