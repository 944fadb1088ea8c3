"""Compute a key of the source code that an exercise's stored cases depend on.

The source includes the statement that defines `EXERCISE` and, from the modules of the course's
packages, the statements whose names it uses, directly or indirectly. An edit of other statements
does not change the key. Annotations are left out because they compute nothing. Of this package,
only the functions that draw cases are included: the code that turns a definition into a file
(`Exercise` and the judge's `call`) has the version `FORMAT` in `defining.stored`.
"""

import ast
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Sources", "definition_key"]

DRAWN_WITH = f"{__name__.rpartition('.')[0]}.cases"  # the functions that draw cases
DRAWING = Path(__file__).with_name("cases.py")


@dataclass(frozen=True)
class Sources:
    """The source of a course's definitions.

    Attributes
    ----------
    root
        Folder of the packages.
    packages
        Names of the packages that definitions use. The first one has a module for each exercise.
    """

    root: Path
    packages: tuple[str, ...]


def definition_key(name: str, version: str, sources: Sources) -> str:
    """Return a hash of an exercise's definition.

    Parameters
    ----------
    name
        Name of the exercise.
    version
        Version of the code that turns definitions into files.
    """
    start = f"{sources.packages[0]}.{name}", "EXERCISE"
    texts = sorted(set(_definition(start, sources)))
    return hashlib.sha256(b"\0".join([version.encode(), *texts])).hexdigest()[:16]


@dataclass
class _Module:
    """Statements of a module: those that bind each name, and those that bind none.

    Attributes
    ----------
    imported
        (module, name) for each name bound by an import; the name is "" for a module.
    """

    bound: dict[str, list[ast.stmt]] = field(default_factory=dict)
    loose: list[ast.stmt] = field(default_factory=list)
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)  # bytes, like a syntax tree's offsets

    def text(self, statement: ast.stmt) -> bytes:
        """Return a statement's source; syntax trees differ between Python versions."""
        decorators = getattr(statement, "decorator_list", [])
        first = min(node.lineno for node in (statement, *decorators))
        return b"\n".join(self.lines[first - 1 : statement.end_lineno])


def _definition(start: tuple[str, str], sources: Sources) -> Iterator[bytes]:
    """Yield the source of all statements that a (module, name) pair needs."""
    waiting, seen = [start], set()
    while waiting:
        place = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        path = _path(place[0], sources)
        if path is None:
            continue
        module, name = _module(path, sources), place[1]
        if name in module.imported:
            waiting.append(module.imported[name])
            continue
        statements = module.bound.get(name, []) if name else sum(module.bound.values(), [])
        for statement in [*statements, *module.loose]:
            yield module.text(statement)
            waiting += _used(statement, place[0], module)


def _used(statement: ast.stmt, name: str, module: _Module) -> Iterator[tuple[str, str]]:
    """Yield the (module, name) pairs that a statement uses."""
    nodes, attributes = list(ast.walk(statement)), {}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            attributes[id(node.value)] = node.attr
    for node in nodes:
        if not isinstance(node, ast.Name):
            continue
        if node.id in module.bound:
            yield name, node.id
        elif node.id in module.imported:
            source, inside = module.imported[node.id]
            yield source, inside or attributes.get(id(node), "")


def _path(module: str, sources: Sources) -> Path | None:
    """Return the file of a module in the course's packages; None for other or missing modules."""
    if module == DRAWN_WITH:
        return DRAWING
    if module.split(".")[0] not in sources.packages:
        return None
    path = sources.root.joinpath(*module.split("."))
    files = [path.with_suffix(".py"), path / "__init__.py"]
    return next((file for file in files if file.is_file()), None)


def _module(path: Path, sources: Sources) -> _Module:
    return _parsed(path.read_text(encoding="utf-8"), sources)


@functools.cache
def _parsed(text: str, sources: Sources) -> _Module:
    tree = ast.parse(text)
    module = _Module(lines=_without_annotations(tree, text.encode().splitlines()))
    for place, statement in enumerate(tree.body):
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                module.imported[alias.asname or alias.name.split(".")[0]] = alias.name, ""
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                inside = f"{statement.module}.{alias.name}"
                place_in = statement.module or "", alias.name
                source = (inside, "") if _path(inside, sources) else place_in
                module.imported[alias.asname or alias.name] = source
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
            module.bound.setdefault(statement.name, []).append(statement)
        else:
            names = {
                node.id
                for node in ast.walk(statement)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            for name in names:
                module.bound.setdefault(name, []).append(statement)
            if not names and not (place == 0 and isinstance(statement, ast.Expr)):
                module.loose.append(statement)
    return module


def _without_annotations(tree: ast.Module, lines: list[bytes]) -> list[bytes]:
    """Remove annotations from the lines of a source, keeping their number, and from its tree."""
    spans = []
    for node in ast.walk(tree):
        annotation = getattr(node, "returns", None) or getattr(node, "annotation", None)
        if annotation is None:
            continue
        if isinstance(node, ast.FunctionDef):
            start = annotation.lineno, annotation.col_offset - len(" -> ")
            node.returns = None
        elif isinstance(node, ast.arg):
            start = node.lineno, node.col_offset + len(node.arg.encode())
            node.annotation = None
        elif isinstance(node, ast.AnnAssign):
            start = node.target.end_lineno or 0, node.target.end_col_offset or 0
            node.annotation = ast.Constant(None)
        spans.append((*start, annotation.end_lineno, annotation.end_col_offset))
    for first, left, last, right in sorted(spans, reverse=True):
        rest = lines[last - 1][right:]
        lines[first - 1 : last] = [lines[first - 1][:left] + rest, *[b""] * (last - first)]
    return lines
