"""Static analysis of the names that a cell defines, imports and reads. No code is run."""

import ast
import functools
import re
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

_IMPORTS = ast.Import, ast.ImportFrom
_TIMED = re.compile(r"\A(\s*)%%(?:time|capture|prun)\b[^\n]*")  # magics that run the whole cell
# Magics that run the rest of the line, with their options.
_TIMED_LINE = re.compile(
    r"((?:^|=)[ \t]*)%(?:time|timeit|prun)[ \t]+(?:-\w+(?:[ \t]+\d+)?[ \t]+)*", re.MULTILINE
)
_DEFINITIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
_NESTED = "body", "orelse", "finalbody", "handlers", "cases"  # fields with statements or clauses
# IPython tokenizes the whole cell again for each magic or shell command in it.
MOST_COMMANDS = 50
_COMMAND = re.compile(r"^([ \t]*+)(?:[%!?].*|.*\?[ \t]*)$|(?<==)[ \t]*[%!].*$", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(?!\w+\?)")  # takes the rest of the cell as a text


@functools.lru_cache(1000)  # every submission parses the assignment's cells again
def parse(source: str) -> ast.Module:
    """Parse a cell, with magics and shell commands rewritten; an empty tree if it has errors.

    The tree is cached and shared: do not modify it.
    """
    return _parse(source, _as_python) or ast.Module([], [])


def parse_anew(source: str) -> ast.Module:
    """Parse a cell into a new tree, which may be modified; try plain Python first."""
    return _parse(source, str) or _parse(source, _as_python) or ast.Module([], [])


def is_python(source: str) -> bool:
    """True if a text is valid Python, without magics and shell commands."""
    return _parse(source, str) is not None


def _as_python(source: str) -> str:
    """Return a cell with magics and shell commands rewritten as Python.

    If a cell has more than MOST_COMMANDS of them, each is replaced with a statement or a value
    without effect, in one pass.
    """
    if _CELL_MAGIC.match(source) or sum(1 for _ in _COMMAND.finditer(source)) <= MOST_COMMANDS:
        return TransformerManager().transform_cell(source)
    return _COMMAND.sub(lambda m: " None" if m[1] is None else f"{m[1]}pass", source)


def _parse(source: str, transform: Callable[[str], str]) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hide warnings about students' code
            source = _TIMED_LINE.sub(r"\1", _TIMED.sub(r"\1", source))
            return ast.parse(transform(source))
    except (SyntaxError, ValueError, RuntimeError, MemoryError):
        return None


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the statements at the cell's top level, and those inside if, for, with, try, match.

    The clauses that contain them, `except` and `case`, are yielded like statements.
    """
    for node in tree.body:
        yield node
        if not isinstance(node, _DEFINITIONS):
            for inner in _nested(node):
                yield from _statements(ast.Module([inner], []))


def _nested(node: ast.AST) -> list[Any]:
    """Return the statements and clauses directly inside a compound statement or a clause."""
    return [inner for field in _NESTED for inner in getattr(node, field, [])]


@functools.lru_cache(1000)  # for the cells of the assignment that every submission contains
def defined_names(tree: ast.Module) -> Mapping[str, str]:
    """Return the names that a cell defines: {name: "function", "class" or "variable"}."""
    kinds: dict[str, str] = {}
    for node in _statements(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            kinds[node.name] = "function"
        elif isinstance(node, ast.ClassDef):
            kinds[node.name] = "class"
        else:
            kinds.update((name, "variable") for name in _stored(node))
    return kinds


def _stored(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement binds, without those of nested statements and clauses.

    The loop variables of a comprehension are its own, and not yielded either.
    """
    own = [part.target for part in ast.walk(node) if isinstance(part, ast.comprehension)]
    skipped = {id(n) for part in (*_nested(node), *own) for n in ast.walk(part)}
    for part in ast.walk(node):
        if id(part) in skipped:
            continue
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name:
            yield part.name
        elif isinstance(part, ast.MatchMapping) and part.rest:
            yield part.rest


def assigned_names(tree: ast.Module) -> set[str]:
    """Return all names that a cell binds by definitions and imports."""
    return set(defined_names(tree)) | imported_names(tree)


def global_names(tree: ast.Module) -> set[str]:
    """Return the names in the `global` statements of a cell's functions."""
    return {n for node in ast.walk(tree) if isinstance(node, ast.Global) for n in node.names}


def imports(tree: ast.Module) -> list[str]:
    """Return the import statements of a cell, each as a line of Python."""
    return [ast.unparse(node) for node in _statements(tree) if isinstance(node, _IMPORTS)]


def imported_modules(texts: Iterable[str]) -> list[str]:
    """Return the full names of the modules that cells import, such as matplotlib.pyplot, sorted.

    Relative imports, such as `from . import helpers`, are left out.
    """
    names: set[str] = set()
    for node in (node for text in texts for node in _statements(parse(text))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return sorted(names)


def independent_part(
    tree: ast.Module, theirs: set[str], modules: Collection[str] = ()
) -> tuple[list[str], set[str], set[str]]:
    """Return the part of a cell that can run without the student's names.

    Imports and definitions of functions and classes always can. Another statement can if it reads
    neither one of these names nor a variable that a dependent statement may have changed.

    Parameters
    ----------
    theirs
        The student's names.
    modules
        Names of modules, which no call to their functions changes.

    Returns
    -------
    independent
        Texts of the independent statements.
    unknown
        Names whose values depend on the omitted statements.
    bound
        Names of functions and classes that can be defined, but not called, without the student's
        names.
    """
    independent: list[ast.stmt] = []
    unknown, bound = set[str](), set[str]()
    for node in tree.body:
        reads = read_names(node) & (theirs | unknown | bound)
        if isinstance(node, _DEFINITIONS):
            independent.append(node)
            bound |= {node.name} if reads else set()
        elif reads:
            unknown |= _may_change(node, theirs | unknown).difference(modules)
            independent += [inner for inner in ast.walk(node) if isinstance(inner, _IMPORTS)]
        else:
            independent.append(node)
    return list(map(ast.unparse, independent)), unknown, bound


# Functions that modify their arguments.
CHANGING = {"copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "at", "shuffle"}
CHANGING |= {"heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort"}
CHANGING |= {"insort_left", "insort_right", "setattr", "setitem"}


def _may_change(node: ast.stmt, theirs: set[str]) -> set[str]:
    """Return the names that a statement assigns, or whose values it may modify in place.

    A call to a student's function whose result is unused is assumed to modify its arguments.
    """
    names: set[str | None] = set()
    for part in ast.walk(node):
        stored = isinstance(getattr(part, "ctx", None), (ast.Store, ast.Del))
        called = isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)
        if stored or called:
            names.add(_root(part))
        if isinstance(part, ast.Expr) and _root(part.value) in theirs:
            names |= _arguments(part.value)
        elif isinstance(part, ast.Call) and _last_name(part.func) in CHANGING:
            names |= _arguments(part)
    return {name for name in names if name is not None}


def _arguments(call: ast.expr) -> set[str | None]:
    """Return the names that a call passes as arguments."""
    if not isinstance(call, ast.Call):
        return set()
    return {_root(item) for item in (*call.args, *(word.value for word in call.keywords))}


def _last_name(function: ast.expr) -> str | None:
    return getattr(function, "attr", getattr(function, "id", None))


def calls_seed(tree: ast.Module) -> bool:
    """True if a cell calls a function whose name ends in "seed", such as `seed` or `set_seed`."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any((_last_name(call.func) or "").endswith("seed") for call in calls)


def tuple_classes(tree: ast.Module) -> set[str]:
    """Return the names of the classes and named tuples that a cell defines."""
    names = {node.name for node in _statements(tree) if isinstance(node, ast.ClassDef)}
    for node in _statements(tree):
        call = node.value if isinstance(node, ast.Assign) else None
        if isinstance(call, ast.Call) and _last_name(call.func) in ("namedtuple", "NamedTuple"):
            names.update(_stored(node))
    return names


def imported_names(tree: ast.Module) -> set[str]:
    """Return the names that the import statements of a cell bind."""
    nodes = [node for node in _statements(tree) if isinstance(node, _IMPORTS)]
    names = (alias.asname or alias.name for node in nodes for alias in node.names)
    return {name.partition(".")[0] for name in names}


def read_names(tree: ast.AST) -> set[str]:
    """Return all names that a syntax tree reads, including local variables of functions."""
    nodes = ast.walk(tree)
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def value_is_of(tree: ast.Module, remote: set[str]) -> bool:
    """True if the cell's last expression is a plain value derived from one of the `remote` names.

    Examples are `f(3)`, `x`, `x.y[0]`, and a variable assigned from such an expression.
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
