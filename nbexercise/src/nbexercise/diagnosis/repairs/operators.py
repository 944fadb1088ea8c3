"""Edits to operations, comparisons and conditions."""

import ast
import functools
from collections.abc import Iterator
from typing import Any

from .arguments import transposed
from .edits import COMMON, LIKELY, SYMBOLS, Edit, Site, quoted
from .variables import read

__all__ = ["OPERATORS", "RULES"]

OPERATORS: dict[type, tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div, ast.MatMult, ast.FloorDiv),  # a power of integers may be huge
    ast.Div: (ast.Mult, ast.FloorDiv, ast.Sub),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitXor: (ast.Pow,),
}
MOST_ABOVE = 2  # names below a fraction bar that are tried above it
COMPARISONS: dict[type, tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq,),
    ast.Gt: (ast.GtE, ast.Lt, ast.LtE),
    ast.GtE: (ast.Gt, ast.LtE, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt, ast.GtE),
    ast.LtE: (ast.Lt, ast.GtE, ast.Gt),
}
ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.MatMult
ORDERED = ast.Sub | ast.Div | ast.FloorDiv | ast.MatMult | ast.Pow
WITHOUT_EFFECT = {(ast.Mult, 1), (ast.Div, 1), (ast.FloorDiv, 1), (ast.Pow, 1), (ast.Add, 0)}
WITHOUT_EFFECT |= {(ast.Sub, 0)}
BINDS: dict[type, int] = {ast.Add: 1, ast.Sub: 1, ast.Pow: 3}  # precedence; 2 for * and others
BINDS |= dict.fromkeys((ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift), 0)
NEW = {  # expressions that make something new, which code may change
    "list": ast.List | ast.ListComp,
    "dictionary": ast.Dict | ast.DictComp,
    "set": ast.Set | ast.SetComp,
}
ASSOCIATIVE = {(ast.Add, ast.Add), (ast.Add, ast.Sub), (ast.Mult, ast.Mult), (ast.Mult, ast.Div)}


def _operator(site: Site, node: ast.BinOp) -> Iterator[Edit]:
    symbol, right = SYMBOLS[type(node.op)], node.right
    for operator in OPERATORS.get(type(node.op), ()):
        if not site.variables.may_become(node.op, operator, node):
            continue
        if operator is ast.Pow and not isinstance(right, ast.Constant):
            continue  # a huge integer
        if (operator, getattr(right, "value", None)) in WITHOUT_EFFECT:
            continue
        place = _place(site, node, symbol, _side(node, right))
        clause = f"{symbol} {place} should be {SYMBOLS[operator]}"
        key = f"{symbol} {SYMBOLS[operator]} {ast.unparse(right)}"
        rank = LIKELY if "np.zeros" in ast.unparse(node.left) else COMMON  # ones are more likely
        yield site.set(node, "op", operator(), clause, rank, key)
    if isinstance(node.op, ORDERED):
        clause = f"the operands of {symbol} are in the wrong order"
        yield site.put(ast.BinOp(right, node.op, node.left), clause, COMMON)
    if isinstance(node.op, ast.MatMult):
        for side in ("left", "right"):
            yield from transposed(site.at(node, side))
    variables = site.variables
    if isinstance(node.op, ast.Div) and isinstance(node.left, ast.Constant):
        for name in sorted(read(right) - {ast.unparse(right)})[:MOST_ABOVE]:  # n / n is no use
            clause = f"{quoted(node.left)} is above the fraction bar where {name} belongs"
            yield site.set(node, "left", ast.Name(name, ast.Load()), clause, COMMON, "above")
    if isinstance(node.op, ast.Div) and isinstance(right, ast.Name):
        twice = ast.BinOp(right, ast.Mult(), right)
        clause = f"/ {right.id} should be / ({right.id} * {right.id})"
        yield site.set(node, "right", twice, clause, LIKELY, f"twice {right.id}")
    if variables.kind(node) == "int" and isinstance(node.op, ast.Add | ast.Sub):
        for name in variables.divisors(node):
            new = ast.BinOp(node, ast.FloorDiv(), ast.Name(name, ast.Load()))
            clause = f"{quoted(node)} is not divided by {name}"
            yield site.put(new, clause, LIKELY, f"divided by {name}")


def _place(site: Site, node: ast.BinOp | ast.Compare, symbol: str, right: str) -> str:
    """Return where an operator is: before its right side or, if repeated, in an operation."""
    is_one = _code(site.statement).count(f"{symbol} {right}") < 2
    return f"before {right}" if is_one else f"in {quoted(node)}"


@functools.lru_cache(maxsize=1)  # for all edits of a statement
def _code(statement: ast.stmt) -> str:
    return ast.unparse(statement)


def _operand(site: Site, node: ast.BinOp) -> Iterator[Edit]:
    """Yield the edits that remove operands."""
    left, symbol, right = node.left, SYMBOLS[type(node.op)], node.right
    last, first = f"{symbol} {_side(node, right)}", f"{_side(node, left)} {symbol}"
    sides = {last: (left, right), first: (right, left)}
    for text, (kept, dropped) in sides.items():
        what = f"the factor {_side(node, dropped)}" if isinstance(node.op, ast.Mult) else text
        key = f"drop {symbol} {ast.unparse(right)}" if text is last else f"drop {first}"
        if not (isinstance(site.parent, ast.BinOp) and isinstance(kept, ast.Constant)):
            yield site.put(kept, f"{what} does not belong there", LIKELY, key)
    if isinstance(left, ast.BinOp) and _binds(left.op) >= _binds(node.op):
        both = f"{SYMBOLS[type(left.op)]} {_side(left, left.right)} {last}"
        yield site.put(left.left, f"{both} does not belong there", LIKELY, f"drop {both}")


def _parentheses(site: Site, node: ast.BinOp) -> Iterator[Edit]:
    """Yield the edits of parentheses, such as a - b / c in place of (a - b) / c."""
    left, op, right = node.left, node.op, node.right
    if not isinstance(op, ARITHMETIC):
        return
    if isinstance(left, ast.BinOp) and not isinstance(left.op, ast.Pow):
        inner = ast.BinOp(left.right, op, right)
        clause = _said_of_parentheses(left, inner, _binds(left.op) < _binds(op))
        if (type(left.op), type(op)) not in ASSOCIATIVE:
            yield site.put(ast.BinOp(left.left, left.op, inner), clause, LIKELY)
    if isinstance(right, ast.BinOp):
        inner = ast.BinOp(left, op, right.left)
        clause = _said_of_parentheses(right, inner, _binds(right.op) <= _binds(op))
        if (type(op), type(right.op)) not in ASSOCIATIVE:
            yield site.put(ast.BinOp(inner, right.op, right.right), clause, LIKELY)


def _side(node: ast.BinOp, side: ast.expr) -> str:
    """Return the code of an operand, in parentheses if the operation needs them."""
    weak = isinstance(side, ast.BinOp) and _binds(side.op) < _binds(node.op) + (side is node.right)
    return f"({quoted(side)})" if weak else quoted(side)


def _binds(operator: ast.operator) -> int:
    return BINDS.get(type(operator), 2)


def _said_of_parentheses(inside: ast.expr, missing: ast.expr, has: bool) -> str:
    if has:
        return f"the parentheses around {quoted(inside)} do not belong there"
    return f"parentheses are missing around {quoted(missing)}"


def _repeated(site: Site, node: ast.BinOp) -> Iterator[Edit]:
    """Yield the edit of a list that holds one inner list several times, such as [[0] * w] * h."""
    sides = {node.left: node.right, node.right: node.left}
    for side, times in sides.items() if isinstance(node.op, ast.Mult) else ():
        if not isinstance(side, ast.List) or len(side.elts) != 1 or not _kind(side.elts[0]):
            continue
        clause = (
            f"{quoted(node)} holds the same {_kind(side.elts[0])} several times, so changing one "
            "of them changes all"
        )
        new = f"[{ast.unparse(side.elts[0])} for _ in range({ast.unparse(times)})]"
        yield site.put(new, clause, COMMON, "repeated")


def _kind(node: ast.expr) -> str:
    """Return "list", "dictionary" or "set" for code that makes a new one; "" for other code."""
    if isinstance(node, ast.BinOp):
        return _kind(node.left) or _kind(node.right) if isinstance(node.op, ast.Mult) else ""
    return next((kind for kind, types in NEW.items() if isinstance(node, types)), "")


def _sign(site: Site, node: ast.UnaryOp) -> Iterator[Edit]:
    if isinstance(node.op, ast.USub | ast.Not):
        what = "the minus sign" if isinstance(node.op, ast.USub) else "not"
        clause = f"{what} before {quoted(node.operand)} does not belong there"
        yield site.put(node.operand, clause, COMMON)


def _comparison(site: Site, node: ast.Compare) -> Iterator[Edit]:
    first, *rest = node.ops
    sides = (node.left, *node.comparators)
    if any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in sides):
        return
    for operator in COMPARISONS.get(type(first), ()):
        symbol, other = SYMBOLS[type(first)], SYMBOLS[operator]
        clause = f"{symbol} {_place(site, node, symbol, quoted(sides[1]))} should be {other}"
        yield site.set(node, "ops", [operator(), *rest], clause, COMMON, f"{symbol} {other}")
    if isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Mult):
        inner = ast.Compare(node.left.right, node.ops, node.comparators)
        clause = f"parentheses are missing around {quoted(inner)}"
        yield site.put(ast.BinOp(node.left.left, ast.Mult(), inner), clause, COMMON)


def _condition(site: Site, node: ast.BoolOp) -> Iterator[Edit]:
    is_and = isinstance(node.op, ast.And)
    clause = "and should be or" if is_and else "or should be and"
    yield site.set(node, "op", ast.Or() if is_and else ast.And(), clause, LIKELY, clause)


def _always_true(site: Site, node: ast.BoolOp) -> Iterator[Edit]:
    """Yield the edit of a == x or y, which does not compare y."""
    first = node.values[0]
    rest = [value for value in node.values[1:] if isinstance(value, ast.Constant) and value.value]
    if isinstance(first, ast.Compare) and len(first.ops) == 1 and rest:
        clause = (
            f"{quoted(rest[0])} is always true in a condition: it is not compared with "
            f"{quoted(first.left)}"
        )
        compared = [
            ast.Compare(first.left, first.ops, [value]) if value in rest else value
            for value in node.values
        ]
        yield site.put(ast.BoolOp(node.op, compared), clause, COMMON, "not compared")


def _choice(site: Site, node: ast.IfExp) -> Iterator[Edit]:
    new = ast.IfExp(node.test, node.orelse, node.body)
    yield site.put(new, "the two values of if ... else are swapped", LIKELY)


RULES: dict[type, tuple[Any, ...]] = {
    ast.BinOp: (_operator, _operand, _parentheses, _repeated),
    ast.UnaryOp: (_sign,),
    ast.Compare: (_comparison,),
    ast.BoolOp: (_condition, _always_true),
    ast.IfExp: (_choice,),
}
