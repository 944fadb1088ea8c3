"""Python code in few characters, as a notebook carries it: it does the same and still has names.

Comments, docstrings, annotations, what only these import, assertions and blank space go. The result
does not depend on the Python that makes it.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["minified"]

Definition = ast.Module | ast.ClassDef | ast.FunctionDef
DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef)
LISTS = (ast.Assign, ast.AugAssign)
SKIPPED = (tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER)


@dataclass
class _Token:
    """A token, or a whole f-string: from Python 3.12 on that is many tokens."""

    kind: int
    text: str
    start: tuple[int, int]


def minified(text: str, public: bool = False) -> str:
    """A module's text without what only readers and tools need.

    A line is indented by one space for each level. A dataclass's field needs an annotation: it is
    0, whatever it was.

    Parameters
    ----------
    public
        Keep `__all__` and the docstrings of functions without an underscore.
    """
    tree = ast.parse(text)
    instead = {
        **dict(_statements(tree, public)),
        **dict(_imports_for_annotations(tree)),
        **dict(_annotations(tree)),
    }
    lines, line, level, end, last = [], "", 0, (0, 0), None
    commas: list[int] = []  # in each bracket that is open
    for token in _tokens(text):
        if token.kind in (tokenize.INDENT, tokenize.DEDENT):
            level += 1 if token.kind == tokenize.INDENT else -1
        elif token.start < end:
            continue  # inside of what was left out
        elif token.kind == tokenize.NEWLINE:
            lines += [" " * level + line] * bool(line)
            line, last = "", None
        else:
            span = instead.get(token.start)
            if span:
                end, token = span[0], _Token(tokenize.OP, span[1], token.start)
            if token.text and token.text in "([{":
                commas.append(0)
            elif token.text and token.text in ")]}" and commas.pop() > 1:
                line = line.removesuffix(",")
            elif token.text == "," and commas:
                commas[-1] += 1
            if token.text and token.text != "->":  # of a function's annotation
                line += " " * _apart(last, token) + token.text
                last = token
    return "\n".join(lines) + "\n"


def _apart(last: _Token | None, token: _Token) -> bool:
    """Whether a space must stand between two tokens."""
    words = (tokenize.NAME, tokenize.NUMBER, tokenize.STRING)
    return last is not None and last.kind in words and token.kind in words


def _tokens(text: str) -> Iterator[_Token]:
    lines, depth, first = text.splitlines(keepends=True), 0, (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        if name in ("FSTRING_START", "FSTRING_END"):
            first = token.start if not depth else first
            depth += 1 if name == "FSTRING_START" else -1
            if not depth:
                yield _Token(tokenize.STRING, _between(lines, first, token.end), first)
        elif not depth and token.type not in SKIPPED:
            yield _Token(token.type, token.string, token.start)


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    rows = lines[start[0] - 1 : end[0]]
    rows[-1] = rows[-1][: end[1]]
    return "".join([rows[0][start[1] :], *rows[1:]])


# What is left out, and what stands there instead: (start, (end, text)). Syntax trees count bytes
# and tokens characters: they are the same as long as such lines hold ASCII alone.

Span = tuple[tuple[int, int], tuple[tuple[int, int], str]]


def _statements(tree: ast.Module, public: bool) -> Iterator[Span]:
    """Docstrings, but none that is a body, assertions, and lists of public names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) or (isinstance(node, LISTS) and _is_list(node, public)):
            yield _span(node, "")
        elif isinstance(node, DEFINITIONS) and _has_docstring(node, public):
            yield _span(node.body[0], "")


def _annotations(tree: ast.Module) -> Iterator[Span]:
    fields = {
        field
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and "dataclass" in map(_name, node.decorator_list)
        for field in node.body
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield _span(node.returns, "")
        elif isinstance(node, ast.arg) and node.annotation:
            colon = node.lineno, node.col_offset + len(node.arg)
            yield colon, _span(node.annotation, "")[1]
        elif isinstance(node, ast.AnnAssign):
            needed = node in fields or node.value is None
            colon = _span(node.target, "")[1][0]
            yield colon, _span(node.annotation, ":0" if needed else "")[1]


def _imports_for_annotations(tree: ast.Module) -> Iterator[Span]:
    """Imports of names that only annotations use."""
    annotations = [
        annotation
        for node in ast.walk(tree)
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if annotation
    ]
    inside = {name for annotation in annotations for name in ast.walk(annotation)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    unused = {name.id for name in names if name in inside}
    unused -= {name.id for name in names if name not in inside}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            kept = [alias for alias in node.names if (alias.asname or alias.name) not in unused]
            if len(kept) < len(node.names):
                listed = ",".join(alias.name for alias in kept)
                source = "." * node.level + (node.module or "")
                yield _span(node, f"from {source} import {listed}" if kept else "")


def _span(node: ast.expr | ast.stmt, instead: str) -> Span:
    end = node.end_lineno or 0, node.end_col_offset or 0
    return (node.lineno, node.col_offset), (end, instead)


def _name(decorator: ast.expr) -> str:
    return getattr(getattr(decorator, "func", decorator), "id", "")


def _is_list(node: ast.Assign | ast.AugAssign, public: bool) -> bool:
    """Whether a statement lists public names, and is left out."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return not public and "__all__" in (getattr(target, "id", "") for target in targets)


def _has_docstring(node: Definition, public: bool) -> bool:
    """Whether a definition begins with a docstring that is left out, and has more in it."""
    if len(node.body) < 2:
        return False
    if public and isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
        return False
    return ast.get_docstring(node) is not None
