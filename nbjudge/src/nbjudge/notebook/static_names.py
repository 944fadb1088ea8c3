"""What the names in a cell's text are: defined, imported, read. Nothing is run."""

import ast
import functools
import re
import warnings
from collections.abc import Callable, Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager

_IMPORTS = ast.Import, ast.ImportFrom
_TIMED = re.compile(r"\A(\s*)%%(?:time|capture|prun)\b[^\n]*")  # runs the cell as it is
_DEFINITIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef


@functools.lru_cache(1000)  # the assignment's cells are asked for again with each submission
def parse(source: str) -> ast.Module:
    """The cell's syntax tree, magics and shell commands rewritten; empty where it has errors.

    To be read only: the same text gives the same tree.
    """
    return _parse(source, TransformerManager().transform_cell) or ast.Module([], [])


def parse_anew(source: str) -> ast.Module:
    """The same tree, of one's own: it may be changed. What is plain Python is read as that."""
    return (
        _parse(source, str)
        or _parse(source, TransformerManager().transform_cell)
        or ast.Module([], [])
    )


def _parse(source: str, transform: Callable[[str], str]) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what students write, to whoever grades
            return ast.parse(transform(_TIMED.sub(r"\1", source)))
    except (SyntaxError, ValueError, RuntimeError, MemoryError):
        return None


def _statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run at the level of the cell itself, those inside if, try, with too."""
    for node in tree.body:
        yield node
        for field in ("body", "orelse", "finalbody", "handlers"):
            if isinstance(node, _DEFINITIONS):
                continue
            for inner in getattr(node, field, []):
                yield from _statements(ast.Module([inner], []))


def defined_names(tree: ast.Module) -> dict[str, str]:
    """The functions, classes and variables that a cell makes: {name: "function", "class", ...}."""
    found: dict[str, str] = {}
    for node in _statements(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[node.name] = "function"
        elif isinstance(node, ast.ClassDef):
            found[node.name] = "class"
        else:
            found.update((name, "variable") for name in _stored(node))
    return found


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that one statement assigns, without those of the statements inside it."""
    inside = [n for field in ("body", "orelse", "finalbody") for n in getattr(node, field, [])]
    skipped = {id(n) for part in inside if isinstance(part, ast.AST) for n in ast.walk(part)}
    for part in ast.walk(node):
        if not isinstance(part, ast.Name) or id(part) in skipped:
            continue
        if isinstance(part.ctx, ast.Store):
            yield part.id


def assigned_names(tree: ast.Module) -> set[str]:
    """All names that a cell binds: what it defines and what it imports."""
    return set(defined_names(tree)) | set(_imported(tree))


def imports(tree: ast.Module) -> list[str]:
    """The import statements of a cell, each as a line of Python."""
    return [ast.unparse(node) for node in _statements(tree) if isinstance(node, _IMPORTS)]


def imported_modules(texts: Iterable[str]) -> list[str]:
    """The modules that cells import by their full names, sorted, such as matplotlib.pyplot."""
    lines = [line for text in texts for line in imports(parse(text))]
    names = {line.split()[1].split(",")[0] for line in lines}
    return sorted(name for name in names if not name.startswith("."))


def independent_part(tree: ast.Module, theirs: set[str]) -> tuple[list[str], set[str], set[str]]:
    """What of a cell can be run without some names.

    Imports, functions and classes can; other statements if they read none of the names, nor what
    statements that read some have assigned or may have changed.

    Returns
    -------
    kept
        The texts of those statements.
    unknown
        The names that they do not settle.
    bound
        The names of functions and classes that can be defined but not called without theirs.
    """
    kept: list[ast.stmt] = []
    unknown, bound = set[str](), set[str]()
    for node in tree.body:
        reads = read_names(node) & (theirs | unknown | bound)
        if isinstance(node, _DEFINITIONS):
            kept.append(node)
            bound |= {node.name} if reads else set()
        elif reads:
            unknown |= _may_change(node, theirs | unknown)
            kept += [inner for inner in ast.walk(node) if isinstance(inner, _IMPORTS)]
        else:
            kept.append(node)
    return list(map(ast.unparse, kept)), unknown, bound


# Functions that change what they are given.
CHANGING = {"copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "at", "shuffle"}
CHANGING |= {"heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort"}
CHANGING |= {"insort_left", "insort_right", "setattr", "setitem"}


def _may_change(node: ast.stmt, theirs: set[str]) -> set[str]:
    """The names that a statement assigns, or whose values it may change in place.

    A function of theirs whose value is not used is called for what it does to its arguments.
    """
    found: set[str | None] = set()
    for part in ast.walk(node):
        stored = isinstance(getattr(part, "ctx", None), (ast.Store, ast.Del))
        called = isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
        if stored or called:
            found.add(_root(part))
        if isinstance(part, ast.Expr) and _root(part.value) in theirs:
            found |= _given(part.value)
        elif isinstance(part, ast.Call) and _last_name(part.func) in CHANGING:
            found |= _given(part)
    return {name for name in found if name is not None}


def _given(call: ast.expr) -> set[str | None]:
    """The names whose values a call gets."""
    if not isinstance(call, ast.Call):
        return set()
    return {_root(item) for item in (*call.args, *(word.value for word in call.keywords))}


def _last_name(function: ast.expr) -> str | None:
    return getattr(function, "attr", getattr(function, "id", None))


def tuple_classes(tree: ast.Module) -> set[str]:
    """The names of the classes, and of the named tuples, that a cell makes."""
    found = {node.name for node in _statements(tree) if isinstance(node, ast.ClassDef)}
    for node in _statements(tree):
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(call, ast.Call) and _last_name(call.func) in ("namedtuple", "NamedTuple"):
            found.update(_stored(node))
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in _statements(tree):
        if isinstance(node, _IMPORTS):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]


def read_names(tree: ast.AST) -> set[str]:
    """All names that a cell, or a part of it, reads anywhere, functions' own variables included."""
    nodes = ast.walk(tree)
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def value_is_of(tree: ast.Module, remote: set[str]) -> bool:
    """Whether the cell's last expression is just a value of one of the `remote` names.

    `f(3)`, `x`, `x.y[0]`, and a variable that was assigned such a value.
    """
    names = set(remote)
    for node in _statements(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)) and _root(node.value) in names:
            names.update(_stored(node))
    last = tree.body[-1] if tree.body else None
    return isinstance(last, ast.Expr) and _root(last.value) in names


def _root(node: ast.AST | None) -> str | None:
    while isinstance(node, (ast.Call, ast.Attribute, ast.Subscript, ast.Starred, ast.NamedExpr)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
