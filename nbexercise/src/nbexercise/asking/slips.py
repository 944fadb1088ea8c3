"""Slips: small changes of a function that people make by mistake, each in one line.

A slip makes plausible wrong answers: what the function would do, had its author slipped.
"""

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from ..diagnosis.repairs.edits import COMMON, Edit, Place, made, swaps
from ..diagnosis.repairs.expressions import places
from ..diagnosis.repairs.variables import MIRRORED
from .tracing import statements

__all__ = ["Slip", "slips_of"]

FUNCTIONS = {"max": "mean", "mean": "max", "sum": "mean", "min": "max", "maximum": "minimum"}
FUNCTIONS |= {"minimum": "maximum", "zeros": "ones", "zeros_like": "ones_like"}
OPERATORS: dict[type, type] = {ast.Add: ast.Sub, ast.Sub: ast.Add}
COMPARISONS: dict[type, type] = {ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Lt: ast.LtE, ast.LtE: ast.Lt}


@dataclass(frozen=True)
class Slip:
    """A change of one line of a function.

    Attributes
    ----------
    line
        Line of the function, counted from 1 at `def`.
    old, new
        Code before and after, as quoted in a sentence: the changed expression, or the statement.
    """

    line: int
    old: str
    new: str
    edit: Edit

    def made(self) -> AbstractContextManager[None]:
        """Make the slip in the syntax tree while a block runs."""
        return made([self.edit])

    @property
    def statement_after(self) -> str:
        """The changed statement, without the statements inside it."""
        with self.made():
            text = ast.unparse(self.edit.statement)
            value: Any = getattr(self.edit.statement, "value", None)
            items = value.elts if isinstance(value, ast.Tuple) else []
            if items and getattr(items[0], "col_offset", None) == value.col_offset:
                inside = ast.unparse(value)
                text = text.removesuffix(inside) + inside[1:-1]  # no parentheses before, none now
            return text.splitlines()[0]

    def words(self, first: int) -> str:
        """Return the slip as the beginning of a sentence about a function that begins in a line."""
        return f"With `{self.new}` instead of `{self.old}` in line {first - 1 + self.line}"


def slips_of(tree: ast.FunctionDef) -> list[Slip]:
    """Return the slips of a function that change its code, in the order of its lines."""
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    made: dict[tuple[int, str], Slip] = {}
    for statement, _ in statements(tree.body):
        if isinstance(statement, ast.AugAssign) and isinstance(statement.op, ast.Add):
            slip = _as_assignment(tree, statement)
            made[slip.line, slip.new] = slip
        for place in places(statement):
            for new in _slipped(place, names):
                slip = _slip(statement, place, new)
                made.setdefault((slip.line, slip.statement_after), slip)
    return [slip for slip in made.values() if slip.old != slip.new]


def _slip(statement: ast.stmt, place: Place, new: Any) -> Slip:
    """Return a slip that is quoted as a whole operation, call or index."""
    is_part = isinstance(place.parent, ast.expr | ast.keyword)
    holder = place.parent if is_part else place.get()
    if isinstance(holder, ast.Tuple | ast.Slice | ast.keyword):
        holder = next((n for n in ast.walk(statement) if _holds(n, holder)), holder)
    edit = Edit(statement, "", "", COMMON, [(place, new)])
    slip = Slip(statement.lineno, ast.unparse(holder), "", edit)
    after = new if holder is place.get() else holder
    with slip.made():
        return replace(slip, new=ast.unparse(after))


def _holds(node: ast.AST, part: ast.AST) -> bool:
    return isinstance(node, ast.Subscript | ast.Call) and part in ast.walk(node)


def _as_assignment(tree: ast.FunctionDef, statement: ast.AugAssign) -> Slip:
    """Return the slip that assigns instead of adding."""
    new = ast.copy_location(ast.Assign([statement.target], statement.value), statement)
    fields = [
        (node, name, value) for node in ast.walk(tree) for name, value in ast.iter_fields(node)
    ]
    node, name, body = next(f for f in fields if isinstance(f[2], list) and statement in f[2])
    edit = Edit(new, "", "", COMMON, [(Place(node, name, body.index(statement)), new)])
    return Slip(statement.lineno, ast.unparse(statement), ast.unparse(new), edit)


def _slipped(place: Place, names: set[str]) -> Iterator[Any]:
    """Yield what a slip puts in the place of an expression."""
    node, parent = place.get(), place.parent
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if not isinstance(parent, ast.Call):
            yield from (ast.Name(twin, ast.Load()) for twin in _twins(name) if twin in names)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            yield from (left, right)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
            if isinstance(right, ast.Constant):
                yield left
            elif isinstance(op, ast.Sub):
                yield ast.BinOp(right, op, left)
        case ast.Slice(lower=ast.expr() as lower, upper=ast.expr() as upper, step=None):
            yield ast.Slice(lower, upper, ast.Constant(2))
        case ast.Slice(lower=lower, upper=upper, step=ast.expr()):
            yield ast.Slice(lower, upper, None)
        case ast.UnaryOp(op=ast.USub(), operand=operand) if not isinstance(operand, ast.Constant):
            yield operand
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
            yield ast.Compare(left, [COMPARISONS[type(op)]()], [right])
        case ast.Call(func=ast.Name(id="range"), args=[stop]):
            yield ast.Call(node.func, [ast.BinOp(stop, ast.Sub(), ast.Constant(1))], [])
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in FUNCTIONS:
            function = ast.Attribute(value, FUNCTIONS[name], ast.Load())
            yield ast.Call(function, node.args, node.keywords)
        case ast.Attribute(value=value, attr="T"):
            yield value
        case ast.Subscript(slice=ast.Tuple(elts=items), ctx=ast.Load()):
            for one, other, swapped in swaps(items):
                are_names = isinstance(items[one], ast.Name) and isinstance(items[other], ast.Name)
                if are_names and other == one + 1:
                    yield ast.Subscript(node.value, ast.Tuple(swapped, ast.Load()), node.ctx)
        case ast.Constant(value=int(number)) if isinstance(parent, ast.keyword):
            if parent.arg == "axis":
                yield ast.Constant(1 - number if number in (0, 1) else number - 1)
        case ast.Constant(value=str(axes)) if "->" in axes and isinstance(parent, ast.Call):
            inputs, output = axes.split("->")
            yield from (
                ast.Constant(f"{inputs}->{output[:k]}{output[k : k + 2][::-1]}{output[k + 2 :]}")
                for k in range(len(output) - 1)
            )
        case ast.Constant(value=bool(choice)):
            yield ast.Constant(not choice)
        case ast.Constant(value=int(number)) if isinstance(parent, ast.Tuple | ast.Subscript):
            yield ast.Constant(number + 1)


def _twins(name: str) -> Iterator[str]:
    """Yield names that differ as those of rows and columns do, such as size_H and size_W."""
    parts = name.split("_")
    for pair in MIRRORED:
        for one, other in (pair, pair[::-1]):
            if one in parts:
                yield "_".join(other if part == one else part for part in parts)
