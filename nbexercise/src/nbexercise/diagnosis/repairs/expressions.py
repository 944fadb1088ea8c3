"""Edits to the expressions in a statement, including those to names, constants and values."""

import ast
import itertools
from collections.abc import Iterator
from typing import Any

from ...judging.subject import subject
from . import arguments, operators
from .edits import COMMON, LIKELY, ODD, RARE, Edit, Place, Site, expression, is_text, made, quoted
from .variables import MOST_NAMES, Variables, alike, bound, read

__all__ = ["alterations", "of_values", "places"]
MOST_NODES = 200  # nodes of a statement whose expressions are changed


def alterations(statement: ast.stmt, variables: Variables) -> Iterator[Edit]:
    """Yield the edits to the expressions in one statement."""
    own = variables.own(statement)
    known = variables.without(own | variables.ended(statement))
    edits = [edit for edit in _edits(statement, known) if not edit.indexes_literal]
    updates = isinstance(statement, ast.Assign | ast.AugAssign) and own & read(statement.value)
    if not updates or statement not in variables.repeated:
        yield from edits
        return
    before = variables.growths(statement, own)
    for edit in edits:
        with made([edit]):
            grows = variables.growths(statement, own) > before
        if not grows:
            yield edit


def _edits(statement: ast.stmt, variables: Variables) -> Iterator[Edit]:
    roots = list(_roots(statement))
    nodes = [node for root in roots for node in ast.walk(root.get())]
    if len(nodes) > MOST_NODES:
        return  # generating the edits to a long formula takes longer than trying them
    if any(isinstance(node, ast.NamedExpr) for node in nodes):
        return  # the names that it may bind depend on its context
    for site in (Site(statement, variables, place) for place in places(statement)):
        node = site.place.get()
        for rule in RULES.get(type(node), ()):
            yield from rule(site, node)
    if isinstance(statement, ast.Assign | ast.AugAssign | ast.Return) and statement.value:
        yield from _swapped_names(statement, variables, roots)
        yield from of_values(statement, variables)


def of_values(
    statement: ast.Assign | ast.AugAssign | ast.Return, variables: Variables
) -> Iterator[Edit]:
    """Yield the edits to each whole value that a statement assigns or returns."""
    values = [Place(statement, "value")]
    if isinstance(statement.value, ast.Tuple) and isinstance(statement, ast.Return):
        values = [Place(statement.value, "elts", n) for n in range(len(statement.value.elts))]
    for place in values:
        node = place.get()
        if node is not None and not isinstance(node, ast.Tuple | ast.Constant | ast.Starred):
            for rule in VALUES:
                yield from rule(Site(statement, variables, place), node)


def places(statement: ast.stmt) -> Iterator[Place]:
    """Yield the places of the expressions of a statement, without those of statements inside it."""
    for root in _roots(statement):
        yield from _places(root)


def _roots(statement: Any) -> Iterator[Place]:
    """Yield the places in a statement that hold its outermost expressions."""
    if isinstance(statement, ast.While | ast.If):
        yield Place(statement, "test")
    elif isinstance(statement, ast.For):
        yield Place(statement, "iter")
    elif isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
        if statement.value and not (isinstance(statement, ast.Expr) and is_text(statement)):
            yield Place(statement, "value")
        targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
        for target in targets:
            if isinstance(target, ast.Subscript):
                yield from (Place(target, "slice"), Place(target, "value"))


def _places(root: Place) -> Iterator[Place]:
    """Yield the places of an expression and of its subexpressions."""
    node = root.get()
    if isinstance(node, list):
        for index in range(len(node)):
            yield from _places(Place(root.parent, root.name, index))
    elif isinstance(node, ast.expr | ast.keyword | ast.comprehension | ast.Slice):
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.expr) and not isinstance(node, ast.Starred):
            yield root
        for name in node._fields:
            if name != "func" or isinstance(node.func, ast.Attribute):  # type: ignore[union-attr]
                yield from _places(Place(node, name))


def _swapped_names(statement: ast.stmt, variables: Variables, roots: list[Place]) -> Iterator[Edit]:
    """Yield the edits that swap two names throughout a statement."""
    nodes: dict[str, list[ast.Name]] = {}
    for node in (node for root in roots for node in ast.walk(root.get())):
        if isinstance(node, ast.Name) and node.id in variables.kinds:
            nodes.setdefault(node.id, []).append(node)
    for a, b in itertools.combinations(sorted(nodes), 2):
        if variables.kinds[a] == variables.kinds[b]:
            puts = [(Place(node, "id"), b) for node in nodes[a]]
            puts += [(Place(node, "id"), a) for node in nodes[b]]
            clause = f"{a} and {b} are swapped"
            yield Edit(statement, alike(f"exchange {a} {b}"), clause, COMMON, puts)


# Names and constants


def _name(site: Site, node: ast.Name) -> Iterator[Edit]:
    if not isinstance(node.ctx, ast.Load):
        return
    kinds = site.variables.kinds
    kept = f"self.{node.id}"
    if kept in site.variables.attributes:
        yield site.put(kept, f"{node.id} is used where {kept} belongs", COMMON)
    if node.id == "math":
        clause = "math is used where np belongs"
        yield site.put("np", clause, COMMON)
    if kinds.get(node.id) == "array" and isinstance(site.parent, ast.BinOp | ast.Compare):
        clause = f"{node.id} needs a second axis, of length 1, to broadcast"
        yield site.put(f"{node.id}[:, None]", clause, LIKELY)
    for other in site.variables.others(node.id):
        clause = f"{node.id} is used where {other} belongs"
        of_size = isinstance(site.parent, ast.Attribute) and site.parent.attr == "shape"
        likely = kinds[node.id] == kinds[other] and not of_size
        yield site.put(other, clause, LIKELY if likely else RARE)
    is_int = kinds.get(node.id) == "int"
    if isinstance(site.parent, ast.Call) and ast.unparse(site.parent.func) == site.variables.name:
        clause = f"{node.id} is too large by 1" if is_int else f"{node.id} has an element too many"
        yield site.put(f"{node.id} - 1" if is_int else f"{node.id}[1:]", clause, LIKELY)
    if is_int:
        for factor in site.variables.factors(node.id):
            clause = f"{node.id} is not multiplied by {factor}"
            yield site.put(f"{node.id} * {factor}", clause, COMMON)


def _constant(site: Site, node: ast.Constant) -> Iterator[Edit]:
    """Yield the edits that assign a variable instead of a number."""
    value = node.value
    if isinstance(value, int | float) and type(value) is not bool and site.parent is site.statement:
        target = next(iter(sorted(bound(site.statement))), "")
        for name in site.variables.numbers(target) if target else ():
            yield site.put(name, f"the number {value:g} is used where {name} belongs", LIKELY)


def _integer(site: Site, node: ast.Constant) -> Iterator[Edit]:
    value, parent = node.value, site.parent
    called = ast.unparse(parent.func) if isinstance(parent, ast.Call) else ""
    if type(value) is not int or called.endswith("round"):  # more digits only hide the rounding
        return
    for other in sorted({0, 1, abs(value - 1), value + 1} - {value}):  # a negative one is no size
        is_negative = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub)
        shown, belongs = (f"{'-' * (is_negative and n > 0)}{n}" for n in (value, other))
        is_first = parent is site.statement and {value, other} == {0, 1}
        rank = COMMON if is_first else RARE  # before a variable that happens to be 0 or 1 there
        yield site.put(f"{other}", f"{shown} is used where {belongs} belongs", rank)
    if called.endswith("reshape"):
        yield site.put("-1", f"the size {value} is hard-coded in a reshape", COMMON)
    rank = RARE if isinstance(parent, ast.BinOp) else LIKELY
    integers = [*site.variables.entries, *site.variables.integers()]
    if isinstance(parent, ast.Tuple | ast.Subscript):  # perhaps an index
        integers = [*site.variables.indices(), *integers]
    same = {ast.unparse(parent.left), ast.unparse(parent.right)} if _cancels(parent) else set()
    for name in [*dict.fromkeys(integers)][: 2 * MOST_NAMES]:
        if name in same:  # x / x is 1, and x - x is 0, whatever x is
            continue
        yield site.put(name, f"the number {value} is used where {name} belongs", rank)


def _cancels(node: Any) -> bool:
    """True for an operation that gives a constant if its operands are the same."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Sub)


def _other_constant(site: Site, node: ast.Constant) -> Iterator[Edit]:
    value = node.value
    if type(value) is float:
        for number in (-value, 1 - value):
            clause = f"{value:g} is used where {number:g} belongs"
            yield site.put(ast.Constant(number), clause, RARE)
    elif type(value) is bool:
        clause = f"{value} is used where {not value} belongs"
        yield site.put(f"{not value}", clause, LIKELY)
    elif isinstance(value, str):
        is_known = value in site.variables.strings
        is_letter = len(value) == 1  # a text, not the name of a mode
        for way in () if is_known or is_letter else (str.upper, str.lower, str.strip):
            if way(value) != value:
                fault = "extra spaces" if way is str.strip else "the wrong capitalization"
                new, key = ast.Constant(way(value)), f"spelling {way.__name__}"
                yield site.put(new, f'the string "{value}" has {fault}', COMMON, key)
        for other in site.variables.strings:
            if other != value:
                clause = f'"{value}" is used where "{other}" belongs'
                yield site.put(ast.Constant(other), clause, COMMON)


# Whole values, which a statement assigns or returns


def _unused(site: Site, node: ast.expr) -> Iterator[Edit]:
    """Yield the edits that add or multiply by a parameter that the function never reads."""
    text = quoted(node)
    for name in site.variables.unused_parameters():
        indexed = [f"{name}[..., {index}].sum()" for index in site.variables.indices()]
        clause = f"{name}, which no line uses, is not added to {text}"
        for value in (name, f"{name}.sum()", *indexed):
            new = ast.BinOp(node, ast.Add(), expression(value))
            yield site.put(new, clause, COMMON, f"add {value}")
        clause = f"{text} is not multiplied by {name}, which no line uses"
        new = ast.BinOp(node, ast.Mult(), expression(name))
        yield site.put(new, clause, COMMON, f"mul {name}")
    for name in site.variables.unused_integers():
        for symbol, verb in (("+", "added to"), ("-", "subtracted from")):
            clause = f"{name}, which no line uses, is not {verb} {text}"
            yield site.put(f"({ast.unparse(node)}) {symbol} {name}", clause, COMMON)


def _array(site: Site, node: ast.expr) -> Iterator[Edit]:
    variables, text, code = site.variables, quoted(node), ast.unparse(node)
    if variables.kind(node) == "int" or isinstance(node, ast.List):
        return
    clause = f"{text} holds integers, so fractions are lost"
    if isinstance(node, ast.Name) and isinstance(site.statement, ast.Assign):
        clause = f"this is a second name for {text}, not a new array of floats, so changing one "
        clause += "changes both"
    yield site.put(f"({code}) * 1.0", clause, LIKELY, "float array")
    total = ast.Call(expression("np.sum"), [node], [])
    yield site.put(total, f"{text} is not summed", LIKELY, f"sum {code}")
    for name in variables.parameters:
        if variables.offered.get(name) == "array":
            clause = f"{text} does not have the shape of {name}"
            yield site.put(f"np.reshape({code}, {name}.shape)", clause, LIKELY, f"reshape {name}")
    for change, clause in subject().values.items():
        yield site.put(change.format(code), clause.format(text), ODD, change)
    if isinstance(node, ast.Name | ast.Attribute) or code.startswith("np.zeros"):
        return
    for name in variables.integers():
        if name not in variables.loops:
            for factor in (name, f"{name} * {name}")[: 1 + (len(name) == 1)]:
                for key in (f"multiplied by {factor}", f"divided by {factor}"):
                    operator = ast.Mult() if key[0] == "m" else ast.Div()
                    new = ast.BinOp(node, operator, expression(factor))
                    yield site.put(new, f"{text} is not {key}", RARE, key)


def _copy(site: Site, node: ast.expr) -> Iterator[Edit]:
    if isinstance(node, ast.Name):
        clause = f"{node.id} is not copied into a new array"
        if isinstance(site.statement, ast.Assign):
            clause = (
                f"this is a second name for {node.id}, not a copy, so changing one changes both"
            )
        yield site.put(f"np.array({node.id})", clause, LIKELY, "np.array")
        if not site.variables.kinds.get(node.id):  # perhaps a dictionary
            yield site.put(f"{node.id}.copy()", clause, LIKELY, "copy")
        clause = f"{node.id} is used where zeros of the same shape belong"
        yield site.put(f"np.zeros_like({node.id})", clause, LIKELY, "np.zeros_like")


def _number(site: Site, node: ast.expr) -> Iterator[Edit]:
    text, code = quoted(node), f"({ast.unparse(node)})"
    is_size = site.variables.kind(node) == "int"
    if not (is_size or isinstance(node, ast.UnaryOp)):  # any negative size of a reshape would do
        yield site.put(f"-{code}", f"{text} has the wrong sign", LIKELY, "sign")
    if is_size:
        for name in site.variables.factors():
            clause = f"{text} is not divided by {name}"
            yield site.put(f"{code} // {name}", clause, RARE, f"by {name}")
        yield site.put(f"{code} + 1", f"{text} is too small by 1", LIKELY, "small")
        yield site.put(f"{code} - 1", f"{text} is too large by 1", LIKELY, "large")
    clause = f"{text} holds integers, so fractions are lost"
    yield site.put(f"{code} * 1.0", clause, ODD, "float")
    yield site.put(f"np.sqrt({code})", f"the square root of {text} is missing", ODD, "root")
    for name in site.variables.unread_in(node):
        for verb, symbol in (("multiplied", "*"), ("divided", "/")):
            yield site.put(
                f"{code} {symbol} {name}", f"{text} is not {verb} by {name}", ODD, f"{verb} {name}"
            )
    yield site.put(f"{code} * 2", f"{text} is half of what it should be", ODD, "half")
    yield site.put(f"{code} / 2", f"{text} is twice what it should be", ODD, "twice")


VALUES = (_unused, _array, _copy, _number)
RULES: dict[type, tuple[Any, ...]] = {
    ast.Name: (_name,),
    ast.Constant: (_constant, _integer, _other_constant),
    **operators.RULES,
    **arguments.RULES,
}
