"""Find the functions in students' code, and their fingerprints. Called in the box.

The fingerprint of a function is its syntax tree with every name replaced by its order of first
occurrence, and without comments, docstrings and annotations. Code is parsed and never run.
"""

import ast
import builtins
import functools
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nbjudge.notebook.static_names import parse_anew

SMALLEST = 40  # syntax tree nodes; smaller functions do not count
_LONGEST = 20_000  # characters; longer code is not analyzed
_BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Function:
    """A function that is large enough to count.

    Attributes
    ----------
    name
        Name, after the name of its class, if any: "Layer.forward".
    tree
        Fingerprint.
    lines
        Lines of its text that are not blank, without indentation.
    """

    name: str
    tree: str
    lines: tuple[str, ...]


@functools.lru_cache(maxsize=1024)  # an answer is also read as a cell, and students share cells
def read_functions(code: str, longest: float = _LONGEST) -> tuple[Function, ...]:
    """Return all but small functions in source code; none if it is invalid.

    Parameters
    ----------
    longest
        Maximum length in characters; longer texts are not analyzed.
    """
    if len(code) > longest:
        return ()
    text = code.splitlines()
    try:
        nodes = [(n, node) for n, node in _functions(parse_anew(code)) if _size(node) >= SMALLEST]
        return tuple(
            Function(name, _digest(node), tuple(filter(None, map(str.strip, text[first:last]))))
            for name, node in nodes
            for first, last in [(node.lineno - 1, node.end_lineno)]
        )
    except (RecursionError, ValueError, MemoryError):  # nested too deeply
        return ()


def fingerprints(code: str, longest: float = _LONGEST) -> set[str]:
    """Return the fingerprints of the functions that `read_functions` returns."""
    return {function.tree for function in read_functions(code, longest)}


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions and methods in a tree with their names, except nested ones."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        else:
            inside = f"{prefix}{node.name}." if isinstance(node, ast.ClassDef) else prefix
            yield from _functions(node, inside)


def _size(tree: ast.AST) -> int:
    return sum(1 for _ in ast.walk(tree))


def _digest(function: ast.FunctionDef) -> str:
    nodes = list(ast.walk(function))
    bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    _Normal(_BUILTINS - bound).visit(function)
    return hashlib.sha256(ast.dump(function).encode("utf-8", "replace")).hexdigest()[:32]


class _Normal(ast.NodeTransformer):
    """Normalizes a function: replaces its names and removes parts without effect."""

    def __init__(self, kept: Collection[str]) -> None:
        self.kept, self.names = kept, dict[str, str]()

    def visit(self, node: ast.AST) -> ast.AST:
        """Return a normalized node; attributes and keywords stay, because libraries define them."""
        for field in ("returns", "annotation", "type_comment"):
            if hasattr(node, field):
                setattr(node, field, None)
        match node:
            case ast.AnnAssign():
                node = ast.Assign([node.target], node.value or ast.Constant(None))
            case ast.FunctionDef():
                node.decorator_list, node.name = [], self._name(node.name)
            case ast.Name():
                node.id = self._name(node.id)
            case ast.arg():
                node.arg = self._name(node.arg)
            case ast.Constant(value=str(text)) if not text.isidentifier():
                node.value = ""  # messages are easily changed
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                setattr(node, field, [line for line in block if not _is_idle(line)])
        return self.generic_visit(node)

    def _name(self, name: str) -> str:
        return name if name in self.kept else self.names.setdefault(name, f"v{len(self.names)}")


def _is_idle(line: ast.AST) -> bool:
    """True if a statement has no effect: a docstring, another constant, or `pass`."""
    is_constant = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
    return is_constant or isinstance(line, ast.Pass)
