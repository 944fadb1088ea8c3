"""Turn expressions in cells and prose into functions, for the test that no text contains an answer.

A solution need not be a function to be copied: `A = np.exp(x) / np.exp(x).sum()` in a cell, or in
backticks in a sentence, also answers an exercise once its names are replaced.
"""

import ast
import functools
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from exercises import EXERCISES
from nbexercise.defining.exercise import Exercise
from tests.exercises.copying import SIMILAR, examples_of, leaves, points, right_in_order
from tools.course import ROOT

__all__ = ["answers", "expressions", "expressions_in"]

HARMLESS = {
    *("abs", "bool", "divmod", "enumerate", "float", "int", "len", "list", "max", "min", "range"),
    *("round", "sum", "tuple", "zip"),
}
KINDS = (ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.IfExp, ast.Subscript, ast.UnaryOp)
WINDOW = 6  # statements with a value
NAMES = 5  # per expression: no exercise has more inputs
LARGE = 999  # no answer has a larger number; 150_528 * (2, 3) would be a tuple of 2 GB
MARKDOWN = re.compile(r"`([^`\n]+)`")
FILES = re.compile(r"np\.(from|get|lib\.format|load|memmap|random|save|show)")
COMPARED = re.compile(r"\]\{= (.+?) \}")


def expressions(place: str) -> dict[str, Callable]:
    """Return functions of a file's expressions, keyed by the text with the names x0, x1, ..."""
    text = (ROOT / place).read_text(encoding="utf-8")
    if not place.endswith(".ipynb"):
        return expressions_in(text)
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(text)["cells"]]
    return _expressions(cells)


def expressions_in(lesson: str) -> dict[str, Callable]:
    """Return functions of the expressions in a lesson's text, which is in percent format."""
    return _expressions(_cells(lesson))


def _expressions(cells):
    found: dict[str, Callable] = {}
    for text in _code(cells):
        try:
            tree = ast.parse(text.strip())
        except SyntaxError:  # prose in backticks
            continue
        for lines, value in _values(tree):
            _add(found, lines, value)
    return found


def _code(cells):
    """Yield the source of each code cell, and each piece of code in the prose."""
    for kind, text in cells:
        if kind == "code":
            yield re.sub(r"^[%!].*$", "", text, flags=re.MULTILINE)
        else:
            yield from MARKDOWN.findall(text)
            yield from COMPARED.findall(text)


def _cells(text):
    for part in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        if "[markdown]" in head:
            yield "markdown", re.sub(r"^# ?", "", body, flags=re.MULTILINE)
        else:
            yield "code", body


def _values(tree):
    """Yield (statements, final value): each expression alone, and with the lines before it."""
    for node in ast.walk(tree):
        if isinstance(node, KINDS):
            yield [], node
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list):
                yield from _windows(block)


def _windows(block):
    block = [line for line in block if not _is_template(line)]
    for last, statement in enumerate(block):
        value, own = _value(statement)
        for first in range(last, max(last - WINDOW, -1), -1):
            lines = block[first:last] + own
            if not all(isinstance(line, ast.Assign | ast.AugAssign | ast.For) for line in lines):
                break
            if value is not None and lines:
                yield lines, value


def _is_template(line):
    """True if a line is only a placeholder for the reader: `Z = None`."""
    return isinstance(line, ast.Assign) and ast.unparse(line.value) == "None"


def _value(statement):
    """Return the value of a statement, and the statement itself if it must be executed."""
    if isinstance(statement, ast.Return | ast.Expr | ast.Assign):
        return statement.value, []
    targets = [node for node in ast.walk(statement) if isinstance(node, ast.AugAssign)]
    targets += [node for node in ast.walk(statement) if isinstance(node, ast.Assign)]
    if not isinstance(statement, ast.AugAssign | ast.For) or not targets:
        return None, []
    target = targets[0].target if hasattr(targets[0], "target") else targets[0].targets[0]
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return (target, [statement]) if isinstance(target, ast.Name) else (None, [])


def _add(found, lines, value):
    names = _free_names([*lines, ast.Expr(value)])
    if names is None:
        return
    variants = [(names, lines, value)]
    if not names and not lines:
        variants = list(_with_names_for_numbers(value))
    for names, lines, value in variants:
        renamed = {name: f"x{number}" for number, name in enumerate(names)}
        copies = [_Renamed(renamed).visit(_copy(line)) for line in (*lines, value)]
        text = "; ".join(map(ast.unparse, copies))
        if any(map(_raises_to_a_name, copies)):
            continue
        if text not in found and 0 < len(names) <= NAMES:
            body = [ast.unparse(line) for line in lines] + [f"return {ast.unparse(value)}"]
            indented = "\n".join(body).replace("\n", "\n    ")
            namespace = {"np": np}
            exec(f"def function({', '.join(names)}):\n    {indented}", namespace)
            found[text] = namespace["function"]


def _raises_to_a_name(tree):
    """True if an exponent is a name, as in no answer: 8**8 * (3, 3) takes gigabytes."""
    return any(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Pow)
        and isinstance(node.right, ast.Name)
        for node in ast.walk(tree)
    )


def _copy(node):
    return ast.parse(ast.unparse(node)).body[0]


class _Renamed(ast.NodeTransformer):
    def __init__(self, names):
        self.names = names

    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def _free_names(lines):
    """Return the names that statements read before they are set; None if they call others."""
    free: list[str] = []
    bound: set[str] = set()
    for line in lines:
        nodes = _in_order(line)
        inner = {node.id for node in nodes if _is_set(node)} - _kept(line)
        for node in nodes:
            if isinstance(node, ast.Call) and not _is_harmless(node.func):
                return None
            if isinstance(node, ast.Lambda | ast.Await | ast.Yield | ast.NamedExpr | ast.Starred):
                return None
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value > LARGE:
                return None
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                known = {"np"} | HARMLESS | bound | inner
                if node.id not in known and node.id not in free:
                    free.append(node.id)
        bound |= {node.id for node in nodes if _is_set(node)}
    return free


def _in_order(tree):
    """Yield the nodes of a tree in source order."""
    return sorted(
        ast.walk(tree), key=lambda n: (getattr(n, "lineno", 0), getattr(n, "col_offset", 0))
    )


def _is_set(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _kept(line):
    """Return the names that a statement updates from their previous values."""
    if isinstance(line, ast.AugAssign):
        return {node.id for node in ast.walk(line.target) if isinstance(node, ast.Name)}
    if isinstance(line, ast.Assign):
        read = {node.id for node in ast.walk(line.value) if isinstance(node, ast.Name)}
        return {node.id for node in ast.walk(line) if _is_set(node)} & read
    return set()


def _is_harmless(function):
    """True if a call only computes: it opens no file and calls nothing undefined."""
    if isinstance(function, ast.Name):
        return function.id in HARMLESS
    if not isinstance(function, ast.Attribute) or function.attr.startswith(("to", "dump", "set")):
        return False
    return not FILES.match(ast.unparse(function))


def _with_names_for_numbers(value):
    """Replace the numbers in a constant expression with names, except those typical of formulas."""
    numbers = [node.value for node in _in_order(value) if isinstance(node, ast.Constant)]
    if not {type(number) for number in numbers} <= {int, float}:
        return
    for left in (set(), {1}, {1, 2}):
        named = [number for number in dict.fromkeys(numbers) if number not in left]
        names = {number: f"n{place}" for place, number in enumerate(named)}
        yield list(names.values()), [], _Named(names).visit(_copy(value).value)


class _Named(ast.NodeTransformer):
    """Replaces numbers with names."""

    def __init__(self, names):
        self.names = names

    def visit_Constant(self, node):
        return ast.Name(self.names[node.value]) if node.value in self.names else node


def answers(function: Callable, exercises: Iterable[Exercise]) -> Iterator[str]:
    """Yield the exercises for which a function earns points once its names are replaced."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    for exercise in exercises:
        for order in _orders(names, _names_of(exercise.name)):
            adapted = _adapted(function, order, _parameters(exercise.name))
            if right_in_order(function, order, exercise) and points(adapted, exercise) > 0:
                yield exercise.name
                break


def _adapted(function, order, parameters):
    """Return a function that takes the parts of an exercise's arguments in one order."""

    def adapted(*args):
        values = [value for _, value in leaves(args, parameters)]
        return function(*(values[place] for place in order))

    return adapted


@functools.cache
def _parameters(name):
    code = EXERCISES[name].loops.__code__
    return code.co_varnames[: code.co_argcount]


@functools.cache
def _names_of(name):
    """Return the names of the unpacked parts of an exercise's arguments."""
    arguments = examples_of(name)[0].fresh_arguments()
    return tuple(part for part, _ in leaves(arguments.values(), list(arguments)))


def _orders(names, parts):
    """Yield assignments of argument parts to names: by name, in order, and in any order."""
    if len(names) > len(parts):
        return
    similar = []
    for name in names:
        places = [
            place
            for place, part in enumerate(parts)
            if name in SIMILAR.get(part, {part}) and place not in similar
        ]
        similar += places[:1]
    seen = set()
    in_order = tuple(range(len(names)))
    for order in [tuple(similar), in_order]:
        if len(order) == len(names) and order not in seen:
            seen.add(order)
            yield order
    if len(parts) <= 3:
        yield from (
            o for o in itertools.permutations(range(len(parts)), len(names)) if o not in seen
        )
