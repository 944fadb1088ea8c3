"""Anonymize a student's function so that it can serve as an example for others.

Comments, docstrings and annotations are removed. A name is kept if it is Python's own or several
students use it, such as names of arguments and libraries; others become `name_1`, `name_2` and so
on. Likewise for strings: "stride", a key that all students use, is kept; others become "...". The
code is only parsed, never run.
"""

import ast
import builtins
import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from nbjudge.notebook.static_names import parse_anew

SEVERAL = 3  # students who must use a name for it to be kept
LONGEST = 20_000  # characters; longer code is not analyzed
MOST_LINES = 60  # lines of an example
_SHORT = 4  # characters; a longer number might identify a student
_SOMETHING = "..."
_BUILTINS = frozenset(dir(builtins))


def names_in(code: str) -> set[str]:
    """Return all names in code, and strings that are valid identifiers."""
    return set(_names(_read(code)))


def shared_names(names: Iterable[Collection[str]], people: Collection[str] = ()) -> frozenset[str]:
    """Return the names that several students use, which identify none of them.

    Parameters
    ----------
    names
        Names in each student's code, without duplicates.
    people
        Students' names and ids: identifiers that contain one of these are left out.
    """
    counts = Counter(itertools.chain.from_iterable(names))
    personal = {person.casefold() for person in people if person}
    return frozenset(
        name
        for name, count in counts.items()
        if count >= SEVERAL and not personal & {name.casefold(), *name.casefold().split("_")}
    )


def anonymised(code: str, function: str, kept: Sequence[str]) -> str:
    """Return the anonymized code of a function; "" if the code has no function.

    Parameters
    ----------
    code
        A student's code, which may contain other statements.
    function
        Name of the function to show; if the code does not define it, the longest function is shown.
    kept
        Names to keep, see `shared_names`.
    """
    tree = _read(code)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    if not functions:
        return ""
    shown = max(functions, key=lambda node: (node.name == function, len(list(ast.walk(node)))))
    try:
        changed = _Anonymous({*kept, function}).visit(shown)
        lines = ast.unparse(ast.fix_missing_locations(changed)).splitlines()
    except (RecursionError, ValueError):  # nested too deeply
        return ""
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], f"    # ({len(lines) - MOST_LINES} more lines)"]
    return "\n".join(lines)


def _read(code: str) -> ast.Module:
    return parse_anew(code) if len(code) <= LONGEST else ast.Module([], [])


def _names(tree: ast.AST) -> Iterable[str]:
    """Yield all names in a tree, and strings that are valid identifiers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and node.value.isidentifier():
                yield node.value
            continue
        for _, value in ast.iter_fields(node):
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    yield from text.split(".")


class _Anonymous(ast.NodeTransformer):
    """Replaces the parts of a tree that could identify a student."""

    def __init__(self, kept: Collection[str]):
        self.kept, self.names = kept, dict[str, str]()

    def visit(self, node: ast.AST) -> ast.AST:
        """Return a node with all names in its subtree replaced."""
        for name in ("returns", "annotation", "type_comment"):
            if hasattr(node, name):
                setattr(node, name, None)
        if isinstance(node, ast.AnnAssign):
            node = ast.Assign([node.target], node.value or ast.Constant(None))
        if isinstance(node, (ast.JoinedStr, ast.Constant)):
            return self._constant(node)
        if type(node).__name__ == "TemplateStr":  # since Python 3.14
            return ast.Constant(_SOMETHING)
        self._rename(node)
        self._drop_strings(node)
        return self.generic_visit(node)

    def _constant(self, node: ast.AST) -> ast.expr:
        value = node.value if isinstance(node, ast.Constant) else ""
        if isinstance(value, str):
            shared = value.isidentifier() and value in self.kept
            return ast.Constant(value if shared else _SOMETHING)
        if isinstance(value, bytes):
            return ast.Constant(_SOMETHING.encode())
        is_short = value in (None, True, False, ...) or len(repr(value)) <= _SHORT
        return ast.Constant(value) if is_short else ast.Name("number", ast.Load())

    def _rename(self, node: ast.AST) -> None:
        for field, value in ast.iter_fields(node):
            if isinstance(value, str):
                setattr(node, field, self._name(value))
            elif isinstance(value, list) and any(isinstance(item, str) for item in value):
                setattr(node, field, [self._name(item) for item in value])

    def _name(self, name: str) -> str:
        if "." in name:
            return ".".join(map(self._name, name.split(".")))
        if name in self.kept or name in _BUILTINS or name == "*":
            return name
        return self.names.setdefault(name, f"name_{len(self.names) + 1}")

    @staticmethod
    def _drop_strings(node: ast.AST) -> None:
        """Remove docstrings and other standalone strings from a node's blocks."""
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                left = [line for line in block if not _is_string(line)]
                setattr(node, field, left or ([ast.Pass()] if field == "body" else []))


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, (ast.JoinedStr, ast.Constant))
