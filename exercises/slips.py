"""Generate slips: small substitutions in a loop implementation, with a sentence about each.

A known mistake is written by hand and has a hint. Slips are generated from the source: a name, a
number, an operator, an index or a function is replaced or missing, in one place, in the matching
places for rows and columns, or throughout. Their outputs for the public cases are stored as short
keys (`public_tests.slips`), so the report can name the slip of a function with the same outputs.
"""

import ast
import copy
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from convnet.types import Array
from exercises.mistakes import compiled
from exercises.source import BEGIN, END, function_source
from public_tests.calling import CaseRun, call
from public_tests.slips import key_of, wrong_outputs

if TYPE_CHECKING:
    from exercises.exercise import Exercise  # circular import
    from exercises.mistakes import Mistake
    from public_tests.model import CaseSet

__all__ = ["Slip", "slips", "stored_slips"]

# Groups of names of the same kind, which are easily confused.
ALIKE = (
    ("i", "h", "w", "c", "k"),
    ("n_H", "n_W"),
    ("n_H_prev", "n_W_prev"),
    ("n_H", "n_H_prev"),
    ("n_W", "n_W_prev"),
    ("n_C", "n_C_prev"),
    ("m", "n_C"),
    ("stride", "f", "pad", "output_pad"),
    ("vert_start", "vert_end", "horiz_start", "horiz_end"),
    ("A_prev", "A_prev_pad", "dA_prev", "dA_prev_pad"),
    ("a_prev", "a_prev_pad", "da_prev_pad"),
    ("a_slice", "da_slice", "W"),
    ("W", "dW", "weights", "biases"),
    ("b", "db"),
    ("dA", "dZ", "A", "Z"),
)
SIZES = ("m", "n_H", "n_W", "n_C", "n_H_prev", "n_W_prev", "n_C_prev", "f", "stride", "pad")
ROWS_AND_COLUMNS = (
    *(("h", "w"), ("n_H", "n_W"), ("n_H_prev", "n_W_prev")),
    *(("vert_start", "horiz_start"), ("vert_end", "horiz_end")),
)
MIRRORED = {a: b for pair in ROWS_AND_COLUMNS for a, b in (pair, pair[::-1])}
OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Div),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
COMPARISONS = {
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.Lt: (ast.LtE, ast.Gt),
}
FUNCTIONS = {
    "max": ("min", "mean", "sum"),
    "mean": ("sum", "max", "median"),
    "sum": ("mean", "prod", "max"),
    "log": ("log10", "log2", "log1p"),
    "exp": ("exp2", "expm1"),
    "zeros": ("ones",),
}
# Numbers that people write instead of a name or of another number.
NUMBERS = {
    **dict.fromkeys(ALIKE[0], (0, 1)),
    **{"m": (1,), "stride": (1, 2), "f": (2, 3), "pad": (0, 1, 2), "output_pad": (0, 1)},
    **{"n_C": (1,), "n_C_prev": (1,)},
}

THROUGHOUT = "throughout"
MOST_PLACES = 3  # largest number of places to name if slips in several places give the same values

# Known mistakes that most often occur together with others, because most cases do not show them.
COMMON = ("[pad:-pad] at pad 0", "stride ignored")

# Descriptions of variables, for students who may have chosen other names.
MEANT = {
    "n_H": "the height of the output",
    "n_W": "the width of the output",
    "vert_start": "the window's first row",
    "vert_end": "the end of the window's rows",
    "horiz_start": "the window's first column",
    "horiz_end": "the end of the window's columns",
    "A_prev_pad": "the padded input",
    "dA_prev_pad": "the padded gradient",
    "a_prev": "the image",
    "a_prev_pad": "the padded image",
    "da_prev_pad": "the padded gradient of the image",
    "a_slice_prev": "the window",
    "a_prev_slice": "the window",
    "a_slice": "the window",
    "da_slice": "the window of the gradient",
    "weights": "the filter",
    "biases": "the filter's bias",
}


@dataclass(frozen=True)
class Slip:
    """A wrong function: its source, the substitution, and the place of the substitution."""

    text: str
    what: str
    where: str = ""

    @property
    def said(self) -> str:
        return f"{self.what} {self.where}".strip()


@dataclass(frozen=True)
class _Change:
    """A statement's new text, with its description: the substitution and its place."""

    text: str
    what: str
    where: str


def slips(exercise: "Exercise", beside: "Mistake | None" = None) -> Iterator[Slip]:
    """Yield all slips of an exercise's loop implementation, without duplicates.

    Parameters
    ----------
    beside
        Known mistake that the function has as well.
    """
    text = exercise.solution_text(beside)
    marked = function_source(exercise.loops, markers=True).splitlines()
    begins, ends = ([line.strip() for line in marked].index(mark) for mark in (BEGIN, END))
    lines = range(begins, len(text.splitlines()) - (len(marked) - ends - 1))
    tree = ast.parse(text)
    statements = [
        node for node in ast.walk(tree) if isinstance(node, ast.stmt) and node.lineno - 1 in lines
    ]
    seen = {ast.unparse(tree)}
    for slip in itertools.chain(_in_places(text, statements), _throughout(text, tree, lines)):
        try:
            plain = ast.unparse(ast.parse(slip.text))
        except SyntaxError:
            continue
        if plain not in seen:
            seen.add(plain)
            yield slip


def stored_slips(exercise: "Exercise", case_set: "CaseSet") -> dict[str, list[str]]:
    """Return descriptions of slips, or names of two known mistakes, by the key of wrong values.

    Values that a single known mistake explains are left out. So are constant values and those of
    slips in many places, which do not identify their cause.
    """
    common = [mistake for mistake in exercise.mistakes if mistake.name in COMMON]
    named = {_key(exercise, case_set, exercise.wrong_function(m)) for m in exercise.mistakes}
    stored = _pairs(exercise, case_set, common, named)
    named |= stored.keys()
    texts, given = tuple(map(function_source, exercise.called.values())), tuple(exercise.given)
    for beside in [None, *common]:
        found: dict[str, dict[str, str]] = {}  # descriptions by key and place
        for slip in slips(exercise, beside):
            key = _key(exercise, case_set, compiled(texts, given, slip.text)[exercise.name])
            if key and not (key in found and slip.where == THROUGHOUT):
                found.setdefault(key, {}).setdefault(slip.where, slip.said)
        for key, said in found.items():
            if key not in named | stored.keys() and len(said) <= MOST_PLACES:
                also = [beside.name] if beside else []
                stored[key] = [", or ".join(said.values()), *also]
    return stored


def _pairs(
    exercise: "Exercise", case_set: "CaseSet", common: "list[Mistake]", named: set[str]
) -> dict[str, list[str]]:
    """Return the names of two known mistakes, one of them common, by the key of their joint values.

    Pairs whose values equal those of one known mistake or of another pair are left out. So are
    mistakes with random values, whose keys would differ in each build.
    """
    pairs: dict[str, list[list[str]]] = {}
    for one, other in itertools.product(common, exercise.mistakes):
        if one is other or other.is_random or (other in common and other.name < one.name):
            continue
        function = exercise.doubly_wrong(one, other)
        key = _key(exercise, case_set, function) if function else ""
        if key and key not in named:
            pairs.setdefault(key, []).append([other.name, one.name])
    return {key: names[0] for key, names in pairs.items() if len(names) == 1}


def _key(exercise: "Exercise", case_set: "CaseSet", function: Callable[..., Any]) -> str:
    runs = [call(exercise.returns, case, function) for case in case_set.cases]
    wrong = wrong_outputs(case_set, runs)
    return "" if any(_is_constant(runs, name) for name in wrong) else key_of(case_set, runs, wrong)


def _is_constant(runs: list[CaseRun], name: str) -> bool:
    """Return True if an output holds one number everywhere although others are expected."""
    answered = [run for run in runs if not run.outcome.problem]
    pairs = [(run.outcome.values[name], run.case.expected.values[name]) for run in answered]
    return any(_varies(right) for _, right in pairs) and not any(_varies(got) for got, _ in pairs)


def _varies(array: Array) -> bool:
    return bool(np.any(array != array.flat[0])) if array.size else False


# Changes of one statement, and of the matching statement for the other axis.


def _in_places(text: str, statements: list[ast.stmt]) -> Iterator[Slip]:
    lines = text.splitlines()
    changes = {node: list(_changes(node)) for node in statements}
    for node in statements:
        for change in changes[node]:
            what, where = change.what, change.where
            yield Slip(_with(lines, {node: change.text}), what, where)
            like = _mirror(node, statements)
            if like is not None:
                both = {node: change.text, like: _mirrored(change.text)}
                yield Slip(_with(lines, both), what, f"{where}, and the same for the columns")
            same = {
                other: found.text
                for other in statements
                if _target(other) == _target(node)
                for found in changes[other]
                if (found.what, found.where) == (what, where)
            }
            if len(same) > 1:
                yield Slip(_with(lines, same), what, f"{where}, every time")


def _mirror(node: ast.stmt, statements: list[ast.stmt]) -> ast.stmt | None:
    """Return the statement that does for columns what `node` does for rows, or the reverse."""
    text, wanted = _head(node), _mirrored(_head(node))
    return next((one for one in statements if text != wanted == _head(one)), None)


def _target(node: ast.stmt) -> str:
    """Return the target that a statement assigns; for other statements, their line number."""
    target = getattr(node, "target", None) or next(iter(getattr(node, "targets", ())), None)
    return ast.unparse(target) if target is not None else f"{node.lineno}"


def _with(lines: list[str], new: Mapping[ast.stmt, str]) -> str:
    """Replace the texts of statements, or of their heads, and return the whole text."""
    changed = list(lines)
    for node, text in new.items():
        _put(changed, node, text)
    return "\n".join(changed)


def _put(lines: list[str], node: ast.stmt, new: str) -> None:
    """Replace the text of a statement, or of its head, in `lines`."""
    body = getattr(node, "body", None)
    end = (body[0].lineno - 1 if body else node.end_lineno) or 0
    first = lines[node.lineno - 1]
    keyword = "elif" if first.lstrip().startswith("elif") else ""
    indent = first[: node.col_offset]
    if keyword:
        new = re.sub("^if", keyword, new)
    lines[node.lineno - 1 : end] = [indent + new, *[""] * (end - node.lineno)]


def _head(node: ast.stmt) -> str:
    return ast.unparse(node).splitlines()[0]


def _mirrored(text: str) -> str:
    """Swap the names for rows and columns in a text."""
    return re.sub(r"\b\w+\b", lambda match: MIRRORED.get(match[0], match[0]), text)


def _changes(statement: ast.stmt) -> Iterator[_Change]:
    """Yield all changes of one statement."""
    inside = copy.deepcopy(statement)
    if hasattr(inside, "body"):
        inside.body = [ast.Pass()]
    if hasattr(inside, "orelse"):
        inside.orelse = []
    where, places = _where(statement), _places(inside)
    for number, node in enumerate(ast.walk(inside)):
        for what, alter in _alterations(node):
            changed = copy.deepcopy(inside)
            there = list(ast.walk(changed))
            new = alter(there[number])
            if new is not None:
                _replace(there, there[number], new)
            yield _Change(_head(changed), what, places.get(node, where))
    if isinstance(statement, ast.AugAssign):
        target, value = map(ast.unparse, (statement.target, statement.value))
        yield _Change(f"{target} = {value}", "= in place of +=", where)
        yield _Change("pass", f"nothing added to {_called(statement.target)}", "")


def _places(statement: ast.stmt) -> dict[ast.AST, str]:
    """Return descriptions of the place of nodes that are in the index of an array."""
    places: dict[ast.AST, str] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript):
            where = f"in the index of {_name(node)}"
            if isinstance(node.ctx, ast.Store):
                where += ", where a result is stored"
            places |= dict.fromkeys(ast.walk(node.slice), where)
    return places


def _replace(nodes: list[ast.AST], old: ast.AST, new: ast.AST) -> None:
    for parent in nodes:
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list):
                setattr(parent, field, [new if item is old else item for item in value])


def _where(statement: ast.stmt) -> str:
    if isinstance(statement, ast.For):
        return f"in the loop over {ast.unparse(statement.target)}"
    if isinstance(statement, ast.If):
        return f"in the condition {ast.unparse(statement.test)}"
    if isinstance(statement, ast.AugAssign):
        return f"where {_called(statement.target)} is added to"
    if isinstance(statement, ast.Assign):
        target = statement.targets[0]
        stored = isinstance(target, ast.Subscript)
        what = f"the values of {_called(target)} are" if stored else f"{_called(target)} is"
        return f"where {what} computed"
    return ""


def _called(target: ast.expr) -> str:
    """Return a readable name of the variable that a statement computes."""
    name = _name(target)
    return f"{MEANT[name]} ({name})" if name in MEANT else name


def _name(array: ast.expr) -> str:
    """Return the name of an array, also for one of its entries."""
    while isinstance(array, ast.Subscript):
        array = array.value
    return ast.unparse(array)


_Alteration = tuple[str, Callable[[Any], ast.AST | None]]


def _alterations(node: ast.AST) -> Iterator[_Alteration]:
    """Yield alterations of a node: a description, and a function that changes or replaces it."""
    return _OF.get(type(node), lambda node: iter(()))(node)


def _set(field: str, value: Any) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        setattr(node, field, value)

    return change


def _give(other: ast.AST) -> Callable[[Any], ast.AST]:
    return lambda node: other


def _of_name(node: ast.Name) -> Iterator[_Alteration]:
    if not isinstance(node.ctx, ast.Load):
        return
    for other in _others(node.id):
        yield f"{other} in place of {node.id}", _set("id", other)
    for number in NUMBERS.get(node.id, ()):
        yield f"{number} in place of {node.id}", _give(ast.Constant(number))


def _others(name: str) -> list[str]:
    """Return the names with which a name is easily confused."""
    confused = dict.fromkeys(other for group in ALIKE if name in group for other in group)
    return [other for other in confused if other != name]


def _of_constant(node: ast.Constant) -> Iterator[_Alteration]:
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool):
        for other in sorted({0, value - 1, value + 1} - {value}):
            yield f"{other} in place of {value}", _set("value", other)


_SYMBOLS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
}


def _of_operation(node: ast.BinOp) -> Iterator[_Alteration]:
    symbol, left, right = _SYMBOLS[type(node.op)], ast.unparse(node.left), ast.unparse(node.right)
    yield f"{symbol} {_short(right)} missing", lambda node: node.left
    if isinstance(node.left, ast.Name | ast.Constant):
        yield f"{left} {symbol} missing", lambda node: node.right
    for operator in OPERATORS.get(type(node.op), ()):
        what = f"{_SYMBOLS[operator]} in place of {symbol} before {_short(right)}"
        yield what, _set("op", operator())


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:20]} ..."


def _of_comparison(node: ast.Compare) -> Iterator[_Alteration]:
    """Yield other comparisons; comparisons with a constant, such as a mode, are left alone."""
    if any(isinstance(value, ast.Constant) for value in node.comparators):
        return
    symbol = _SYMBOLS.get(type(node.ops[0]), "")
    for operator in COMPARISONS.get(type(node.ops[0]), ()):
        yield f"{_SYMBOLS[operator]} in place of {symbol}", _set("ops", [operator()])


def _of_attribute(node: ast.Attribute) -> Iterator[_Alteration]:
    for other in FUNCTIONS.get(node.attr, ()):
        yield f"{other} in place of {node.attr}", _set("attr", other)


def _of_subscript(node: ast.Subscript) -> Iterator[_Alteration]:
    if not isinstance(node.ctx, ast.Load):
        return
    whole = ast.unparse(node.value)
    yield f"{whole} in place of {ast.unparse(node)}", lambda node: node.value


def _of_call(node: ast.Call) -> Iterator[_Alteration]:
    called = ast.unparse(node.func)
    if called == "range":
        stop = node.args[-1]
        fewer = ast.BinOp(stop, ast.Sub(), ast.Constant(1))
        yield "the last step left out", _set("args", [*node.args[:-1], fewer])
        yield "the first step left out", _set("args", [ast.Constant(1), stop])
    elif len(node.args) == 1 and not node.keywords:
        yield f"{called} missing", lambda node: node.args[0]
    for keyword in node.keywords:
        rest = [other for other in node.keywords if other.arg != keyword.arg]
        yield f"{ast.unparse(keyword)} missing", _set("keywords", rest)


def _of_tuple(node: ast.Tuple) -> Iterator[_Alteration]:
    for one, other in itertools.combinations(range(len(node.elts)), 2):
        a, b = (ast.unparse(node.elts[place]) for place in (one, other))
        if a != b and isinstance(node.elts[one], type(node.elts[other])):
            yield f"{a} and {b} exchanged", _exchange(one, other)
    for number in NUMBERS.get(ast.unparse(node.elts[0]), ()) if _is_pair(node) else ():
        both: list[ast.expr] = [ast.Constant(number)] * 2
        yield f"({number}, {number}) in place of {ast.unparse(node)}", _set("elts", both)


def _is_pair(node: ast.Tuple) -> bool:
    """Return True if a tuple consists of two equal items."""
    return len(node.elts) == 2 and ast.unparse(node.elts[0]) == ast.unparse(node.elts[1])


def _exchange(one: int, other: int) -> Callable[[Any], None]:
    def change(node: Any) -> None:
        node.elts[one], node.elts[other] = node.elts[other], node.elts[one]

    return change


_OF: Mapping[type, Callable[..., Iterator[_Alteration]]] = {
    ast.Name: _of_name,
    ast.Constant: _of_constant,
    ast.BinOp: _of_operation,
    ast.Compare: _of_comparison,
    ast.Attribute: _of_attribute,
    ast.Subscript: _of_subscript,
    ast.Call: _of_call,
    ast.Tuple: _of_tuple,
}


# Changes of a name throughout.


def _throughout(text: str, tree: ast.AST, lines: range) -> Iterator[Slip]:
    loads = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if node.lineno - 1 in lines
    ]
    names = dict.fromkeys(node.id for node in loads)
    for name in names:
        if name in SIZES:
            for other in (*_others(name), *map(str, NUMBERS.get(name, ()))):
                said = f"{other} in place of {name}"
                yield Slip(_renamed(text, loads, {name: other}), said, THROUGHOUT)
    for mode in ("max", "average") if "mode" in names else ():
        said = f'the mode taken for "{mode}", whatever is asked for'
        yield Slip(_renamed(text, loads, {"mode": f'"{mode}"'}), said)
    for one, other in ROWS_AND_COLUMNS:
        if one in names and other in names:
            said = f"{one} and {other} exchanged"
            yield Slip(_renamed(text, loads, {one: other, other: one}), said, THROUGHOUT)


def _renamed(text: str, loads: list[ast.Name], other: Mapping[str, str]) -> str:
    lines = text.splitlines()
    for node in sorted(loads, key=lambda node: (node.lineno, -node.col_offset)):
        if node.id in other:
            line = lines[node.lineno - 1]
            start, end = node.col_offset, node.end_col_offset
            lines[node.lineno - 1] = line[:start] + other[node.id] + line[end:]
    return "\n".join(lines)
