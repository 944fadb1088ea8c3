"""The variables of a function: their kinds, and candidates to replace each of them."""

import ast
import copy
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ...judging.subject import subject

__all__ = ["MIRRORED", "MOST_NAMES", "Variables", "alike", "bound", "computed", "loads", "read"]

MOST_NAMES = 6  # names tried in place of another
# Names for rows and for columns, which often need the same change.
MIRRORED = (
    *(("h", "w"), ("i", "j"), ("y", "x"), ("r", "c"), ("row", "col"), ("rows", "cols")),
    *(("height", "width"), ("vert", "horiz"), ("top", "left"), ("bottom", "right"), ("H", "W")),
    *(("vertical", "horizontal"), ("0", "1"), ("1", "2"), ("row", "column"), ("hs", "ws")),
)
TO_ROWS = {column: row for row, column in MIRRORED}
# Functions whose arguments are integers.
SIZED = ("range", "zeros", "ones", "empty", "full", "reshape", "repeat", "tile", "roll", "linspace")
PRODUCTS = ast.Mult | ast.Pow | ast.LShift


def alike(text: str) -> str:
    """Replace the names for columns in a text with the names for rows."""
    return re.sub(r"[A-Za-z]+|\d", lambda m: TO_ROWS.get(m[0], m[0]), text)


def bound(node: ast.AST) -> set[str]:
    """Return the names that a statement binds, or whose items or attributes it sets."""
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    roots = [part for target in targets for part in _roots(target)]
    return {root.id for root in roots}


def _roots(target: Any) -> list[ast.Name]:
    if isinstance(target, ast.Tuple | ast.List):
        return [root for item in target.elts for root in _roots(item)]
    while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        target = target.value
    return [target] if isinstance(target, ast.Name) else []


def _returned(nodes: Iterable[ast.AST]) -> list[str]:
    """Return the names that return statements list."""
    values = [node.value for node in nodes if isinstance(node, ast.Return)]
    items = [item for v in values for item in (v.elts if isinstance(v, ast.Tuple) else [v])]
    return [item.id for item in items if isinstance(item, ast.Name)]


def _assigned(nodes: Iterable[ast.AST]) -> set[str]:
    """Return all names that a function binds, including its parameters."""
    names = (n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
    return {*names, *(node.arg for node in nodes if isinstance(node, ast.arg))}


def read(node: Any) -> set[str]:
    """Return the names that an expression or statement reads."""
    return {*loads(node)}


def loads(part: Any) -> list[str]:
    """Return a name for each place in which an expression, a statement or a list reads it."""
    nodes = part if isinstance(part, list) else [part]
    inside = [n for node in nodes if isinstance(node, ast.AST) for n in ast.walk(node)]
    return [n.id for n in inside if isinstance(n, ast.Name) and type(n.ctx) is ast.Load]


def computed(function: ast.FunctionDef) -> set[str]:
    """Return the names of a function's parameters, loop variables and computed values.

    A length, or a size unpacked from a shape, is at hand rather than computed.
    """
    names = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    for node in ast.walk(function):
        if isinstance(node, ast.For | ast.comprehension):
            names |= bound(node)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            is_length = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "len"
            if isinstance(node.value, ast.BinOp | ast.Compare | ast.Call) and not is_length:
                names |= bound(node)
    return names


def _loops_of(loops: Iterable[Any], nodes: Iterable[ast.AST]) -> dict[str, set[ast.AST]]:
    """Return what is in the bodies of the loops over each name that only loops bind."""
    others = {name for node in nodes if node not in {*loops} for name in bound(node)}
    within: dict[str, set[ast.AST]] = {}
    for loop in loops:
        for name in bound(loop) - others:
            inside = (part for statement in loop.body for part in ast.walk(statement))
            within.setdefault(name, set()).update(inside)
    return within


def _counted(nodes: Iterable[ast.AST]) -> set[ast.AST]:
    """Return the nodes inside indices, slices, sizes and ranges, and inside what these read."""
    counted: set[ast.AST] = set()
    for node in nodes:
        if isinstance(node, ast.Subscript):
            counted.update(ast.walk(node.slice))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(SIZED):
            counted.update(part for arg in node.args for part in ast.walk(arg))
    size = -1
    while size < len(counted):
        size = len(counted)
        names = {node.id for node in counted if isinstance(node, ast.Name)}
        for node in nodes:
            if isinstance(node, ast.Assign | ast.AugAssign) and bound(node) & names:
                counted.update(ast.walk(node.value))
    return counted


class Variables:
    """The variables of a function.

    Attributes
    ----------
    name
        Name of the function.
    kinds
        "int", "array" or "" for each variable, in the order of appearance.
    offered
        Subset of `kinds` that edits may insert into a statement.
    entries, sizes, strings
        Expressions for integers in dictionaries, for sizes of arrays, and strings that the
        function's cases use.
    attributes
        What the methods of the class keep, such as `self.items`.
    views
        Names that are assigned a part of an array, and the names of these arrays.
    missing
        Names that the function returns but never assigns.
    counted
        Nodes of the expressions whose values are sizes and indices, or whose variables are.
    gives_integers
        True if all right results are integers.
    """

    def __init__(
        self, function: ast.FunctionDef, given: Mapping[str, str], gives_integers: bool = False
    ) -> None:
        self.name = function.name
        self.parameters = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        self.kinds: dict[str, str] = {name: given.get(name, "") for name in self.parameters}
        self.strings = [ast.literal_eval(key) for key in given if given[key] == "string"]
        self.attributes = [key for key in given if given[key] == "attribute"]
        others = [key for key in given if key not in self.kinds and given[key] in ("int", "")]
        self.entries = [key for key in others if "[" in key and ".shape" not in key]
        self.sizes = [key for key in others if ".shape" in key]
        self.loops: set[str] = set()
        self.loads = read(function)
        nodes = list(ast.walk(function))
        for _ in range(2):  # the kind of a value may follow from one that is assigned later
            for node in nodes:
                self._learn(node)
        loops: list[Any] = [n for n in nodes if isinstance(n, ast.For | ast.AsyncFor | ast.While)]
        self.repeated = {node for loop in loops for node in ast.walk(loop)}
        binding = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For | ast.NamedExpr
        self.sources = [
            (bound(n), bound(n) | read(n.iter if isinstance(n, ast.For) else n))
            for n in nodes
            if isinstance(n, binding)
        ]
        self.views = {
            n.targets[0].id: n.value.value.id
            for n in nodes
            if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
            if isinstance(n.value, ast.Subscript) and isinstance(n.value.value, ast.Name)
            if not isinstance(n.value.slice, ast.Constant) or type(n.value.slice.value) is int
        }
        self.missing = [name for name in _returned(nodes) if name not in _assigned(nodes)]
        self.offered = self.kinds
        self.within = _loops_of(loops, nodes)
        self.counted, self.gives_integers = _counted(nodes), gives_integers

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.For | ast.comprehension):
            called = ast.unparse(node.iter.func) if isinstance(node.iter, ast.Call) else ""
            counter = node.target if called in ("range", "np.arange") else None
            if called == "enumerate" and isinstance(node.target, ast.Tuple):
                counter = node.target.elts[0]
            for target in ast.walk(node.target):
                if isinstance(target, ast.Name):
                    name = target.id
                    self.kinds[name] = "int" if target is counter else self.kinds.get(name, "")
                    self.loops |= {name} if target is counter else set()
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                items, values = [target], [node.value]
                if isinstance(target, ast.Tuple | ast.List):
                    items, values = target.elts, getattr(node.value, "elts", [])
                    if len(values) != len(items):
                        values = [node.value] * len(items)
                for item, value in zip(items, values, strict=True):
                    if isinstance(item, ast.Name):
                        self.kinds[item.id] = self.kind(value) or self.kinds.get(item.id, "")

    def kind(self, node: Any) -> str:
        """Return "int" or "array" for an expression, or "" if neither is certain."""
        if isinstance(node, ast.Constant):
            return "int" if type(node.value) is int else ""
        if isinstance(node, ast.Name):
            return self.kinds.get(node.id, "")
        if isinstance(node, ast.BinOp):
            kinds = {self.kind(node.left), self.kind(node.right)}
            return "array" if "array" in kinds else "int" if kinds == {"int"} else ""
        if isinstance(node, ast.UnaryOp):
            return self.kind(node.operand)
        if isinstance(node, ast.Attribute):
            return "int" if node.attr == "shape" else "array" if node.attr == "T" else ""
        if isinstance(node, ast.Subscript):
            text = ast.unparse(node)
            if any(part in text for part in (".shape", *subject().integers)):
                return "int"
            return "array" if isinstance(node.slice, ast.Slice | ast.Tuple) else ""
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in ("int", "len", "max", "min", "round"):
                return "int"
            return "array" if name.startswith("np.") else ""
        return ""

    def may_become(self, old: ast.operator, new: type[ast.operator], node: ast.AST) -> bool:
        """True if a division may be replaced with //: only a number that must be an integer.

        In small cases, a quotient may be whole by chance.
        """
        is_quotient = isinstance(old, ast.Div | ast.Mult) and new is ast.FloorDiv
        return not is_quotient or node in self.counted or self.gives_integers

    # Changes must not let an integer or a list grow without bound in a loop.

    def own(self, statement: ast.stmt) -> set[str]:
        """Return the names that a statement binds and, in a loop, those computed from them."""
        names = bound(statement) if not isinstance(statement, ast.For) else set()
        size = -1
        while statement in self.repeated and size < len(names):
            size = len(names)
            names = names.union(*(targets for targets, its in self.sources if its & names))
        return names

    def ended(self, statement: ast.stmt) -> set[str]:
        """Return the variables of loops that do not contain a statement."""
        return {name for name, inside in self.within.items() if statement not in inside}

    def without(self, names: Collection[str]) -> "Variables":
        """Return a copy that does not offer these names."""
        rest = copy.copy(self)
        rest.offered = {n: kind for n, kind in self.offered.items() if n not in names}
        rest.entries = [text for text in self.entries if re.split(r"\W", text)[0] not in names]
        rest.sizes = [text for text in self.sizes if re.split(r"\W", text)[0] not in names]
        return rest

    def growths(self, statement: Any, own: Collection[str]) -> int:
        """Count the products in a statement that may make a value explode in a loop."""
        products = [n for n in ast.walk(statement.value) if isinstance(n, ast.BinOp)]
        if isinstance(statement, ast.AugAssign):
            products.append(ast.BinOp(statement.target, statement.op, statement.value))
        return sum(self._grows(product, own) for product in products)

    def _grows(self, node: ast.BinOp, own: Collection[str]) -> bool:
        if not isinstance(node.op, PRODUCTS) or self.kind(node) == "array":
            return False
        sides = [
            side
            for side in (node.left, node.right)
            if any(isinstance(n, ast.Name) and n.id in own for n in ast.walk(side))
        ]
        squares = len(sides) == 2 or (sides and not isinstance(node.op, ast.Mult))
        return bool(squares or any(not self.kind(side) for side in sides))  # a list doubles

    # Candidates

    def others(self, name: str) -> list[str]:
        """Return the names that may have been intended instead of a name, most similar first."""
        kind = self.kinds.get(name)
        if kind is None:
            return []
        same = [n for n, its in self.offered.items() if n != name and its in (kind, "")]
        return sorted(same, key=lambda other: -_similarity(name, other))[:MOST_NAMES]

    def unused(self, kind: str) -> list[str]:
        """Return the variables of a kind that the function never reads."""
        return [n for n, its in self.offered.items() if its in (kind, "") and n not in self.loads]

    def unread_in(self, node: ast.AST) -> list[str]:
        """Return the parameters that may be any number and that an expression does not read."""
        read_there = read(node)
        return [n for n in self.parameters if self.offered.get(n) == "" and n not in read_there]

    def unused_parameters(self) -> list[str]:
        """Return the parameters that may be arrays and that the function never reads."""
        return [name for name in self.unused("array") if name in self.parameters]

    def unused_integers(self) -> list[str]:
        """Return the integer parameters that the function never reads."""
        unused = [name for name in self.parameters if name not in self.loads]
        return [name for name in unused if self.offered.get(name) == "int"]

    def integers(self) -> list[str]:
        """Return the integer variables."""
        return [name for name, kind in self.offered.items() if kind == "int"]

    def numbers(self, like: str) -> list[str]:
        """Return the variables that may be any number, the most similar to a name first."""
        names = [name for name, kind in self.offered.items() if not kind]
        return sorted(names, key=lambda name: -_similarity(like, name))[:MOST_NAMES]

    def indices(self, used: Iterable[str] = ()) -> list[str]:
        """Return the indices of loops over ranges, except those that are already used."""
        return [name for name in sorted(self.loops - {*used}) if name in self.offered]

    def factors(self, name: str = "") -> list[str]:
        """Return the integers that may be a missing factor of a loop index."""
        if name and name not in self.loops:
            return self.unused("int")
        given = [n for n in self.integers() if n not in self.loops]
        return sorted(given, key=lambda n: not n.startswith("s"))[:3]

    def divisors(self, node: ast.AST) -> list[str]:
        """Return the integers that may be a missing divisor of a size, except those in `node`."""
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return [n for n in self.factors() if n not in used][:2]


def _similarity(name: str, other: str) -> int:
    a, b = set(re.split(r"_|(?<=[a-z])(?=[A-Z])", name)), set(re.split("_", other))
    return 2 * len(a & b) + (name[0] == other[0]) - abs(len(name) - len(other)) // 2
