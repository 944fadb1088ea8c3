"""Reduce a student's notebook to its functions, or refuse to. Called in the box; runs no code.

The key of a sheet comes from running the student's functions, so nothing else of the student's may
run: no other statement could change Python, NumPy or a later measurement. What remains are the
functions that the assignment asks for and those that they use, imports of harmless modules and
constants. A function that could still reach beyond its arguments and variables is refused.
"""

import ast
import builtins
import json
import re
import symtable
import sys
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from nbjudge.notebook import static_names
from nbjudge.notebook.reading import Cell, read_notebook
from nbjudge.notebook.repair import repair
from nbjudge.notebook.spec import NotebookSpec
from nbjudge.wire.messages import Message

MODULES = {"cmath", "collections", "copy", "functools", "itertools", "math", "numpy", "typing"}
# Global names, attributes and imports that reach beyond arguments and variables: of Python, of
# frames and generators, of modules (attributes by name, evaluated texts, tables that outlive a
# call), and of NumPy (files, memory, random numbers, and settings and arrays that outlive a call).
_REACHING = """
breakpoint compile delattr dir eval exec exit format format_map getattr globals help id input
locals open quit setattr type vars
ag_code ag_frame cr_code cr_frame f_back f_builtins f_globals f_locals gi_code gi_frame tb_frame
tb_next
cached_property clear_overloads core ctypeslib dispatch_table f2py ForwardRef get_overloads
get_type_hints overload partialmethod singledispatch singledispatchmethod testing total_ordering
update_wrapper wraps
array_utils as_strided char DataSource dump dumps empty empty_like fromfile fromregex genfromtxt
introspect load loadtxt ma matlib memmap mixins npyio open_memmap polynomial random rec
recfunctions save savetxt savez savez_compressed sctypeDict set_printoptions setbufsize seterr
seterrcall setflags strings tofile typecodes user_array
"""
OTHERS = sys.stdlib_module_names - MODULES  # which NumPy's modules have as attributes
FORBIDDEN = {*_REACHING.split()} | OTHERS - {"array", "code", "select", "string", "test", "time"}
MOST_LINES, LONGEST_LINE, LONGEST_CELL = 150, 200, 100_000
_COMMAND = re.compile(r"^([ \t]*)(?:[\w, \t]+=[ \t]*)?[%!].*$|^([ \t]*)[\w.]+\?+[ \t]*$", re.M)
_CELL_MAGIC = re.compile(r"\s*%%(?!time|capture|prun)")  # the cell is a text, or runs elsewhere
_DUNDER = re.compile(r"__\w+__")
_LOOKUP = re.compile(r"\{\w*[.[]")  # in a text to format: of an attribute or an item
_ANNOTATION = ast.Name, ast.Attribute, ast.Constant, ast.Subscript, ast.Tuple, ast.List, ast.BinOp


@dataclass(frozen=True)
class Reduced(Message):
    """A notebook without all but its functions.

    Attributes
    ----------
    others
        Code of the functions that the assignment does not ask for, and those asked for call.
    refusal
        Why there can be no questions; "" if there can.
    """

    notebook: bytes
    others: str
    refusal: str


@dataclass
class _Part:
    """A statement of a cell that may be kept."""

    node: ast.stmt
    source: str
    names: tuple[str, ...]
    uses: frozenset[str] = frozenset()  # global names that a function reads


class _RefusedError(Exception):
    """The reason, with the line, why a student is not asked on paper."""


def reduce(content: bytes, spec: NotebookSpec) -> Reduced:
    """Reduce a submitted notebook.

    Raises
    ------
    UnreadableNotebookError
        If it is not a notebook.
    """
    cells, _ = repair(read_notebook(content), spec)
    theirs = [c for c in cells if c["cell_type"] == "code" and not (c["spec"] and c["spec"].locked)]
    others = refusal = ""
    try:
        others = _reduce(theirs, spec)
    except _RefusedError as reason:
        refusal = str(reason)
    kept = [{name: c[name] for name in ("id", "cell_type", "metadata", "source")} for c in cells]
    document = {"cells": kept, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return Reduced(json.dumps(document).encode(), others, refusal)


def _reduce(cells: list[Cell], spec: NotebookSpec) -> str:
    """Reduce the student's code cells in place, and return the functions that are not asked for.

    Raises
    ------
    _RefusedError
        If a function that is needed is refused.
    """
    asked = {name for cell in spec.cells for name in spec.asked(cell)}
    if (longest := max((len(cell["source"]) for cell in cells), default=0)) > LONGEST_CELL:
        raise _RefusedError(f"a cell has {longest:,} characters")
    parts = [[] if _is_untouched(c) else list(_parts(c["source"], asked)) for c in cells]
    locked = [cell for cell in spec.cells if cell.locked and cell.cell_type == "code"]
    ours = [part for cell in locked if not cell.is_test for part in _parts(cell.source, set())]
    tests = [static_names.parse(cell.source) for cell in spec.tests]
    taken = {name for part in ours for name in part.names}
    taken = taken.union(*map(static_names.imported_names, tests)) - asked | {*dir(builtins)}
    every = [part for of_cell in parts for part in of_cell]
    changeable = [part for part in every if not part.source]
    changeable += [part for part in ours if not part.source and not _is_courses_own(part.node)]
    functions = [part for part in every if isinstance(part.node, ast.FunctionDef)]
    needed = set(asked)
    while more := {u for p in functions if needed & {*p.names} for u in p.uses} - needed:
        needed |= more
    outside = {name for part in changeable for name in part.names}
    for part in functions:
        if needed & {*part.names}:
            _check(part, taken, outside)
    dropped = taken | {part.names[0] for part in functions} - needed
    for cell, of_cell in zip(cells, parts, strict=True):
        kept = [part for part in of_cell if part.source and not dropped & {*part.names}]
        cell["source"] = _assembled(kept, cell["source"].count("\n") + 1)
    if asked and not any(asked & {*part.names} for part in every):
        raise _RefusedError("nothing is written, or the code has a syntax error")
    return "\n\n".join(part.source for part in functions if (needed - asked) & {*part.names})


def _is_untouched(cell: Cell) -> bool:
    """True if a cell is as it was released, without a solution."""
    spec = cell["spec"]
    return bool(spec and spec.solved and cell["source"].strip() == spec.source.strip() != "")


def _is_courses_own(node: ast.stmt) -> bool:
    """True if a statement imports names from a module of the course, such as its functions."""
    return isinstance(node, ast.ImportFrom) and f"{node.module}".partition(".")[0] not in OTHERS


def _parts(source: str, asked: set[str]) -> Iterator[_Part]:
    """Yield the functions, imports and constants of a cell.

    A variable that a function could change has no source: it is not kept.
    """
    source = re.sub(r"[\r\f]", " ", source)
    commands = "" if _CELL_MAGIC.match(source) else _COMMAND.sub(r"\1\2pass", source)
    source = next(filter(_compiles, (source, commands)), "")
    for node in ast.parse(source).body:
        text = ast.get_source_segment(source, node) or ""
        match node:
            case ast.FunctionDef():
                if _is_plain(node):
                    yield _Part(node, text, (node.name,), frozenset(_globals(text)))
                elif node.name in asked:
                    why = "has a decorator, or a computed default or annotation"
                    raise _RefusedError(f"{node.name} {why} (line {node.lineno})")
            case ast.Import() | ast.ImportFrom():
                names = tuple((a.asname or a.name).partition(".")[0] for a in node.names)
                is_kept = not _foreign(node) and "*" not in names
                is_kept &= not any(map(_is_forbidden, _words(node, ())))
                yield _Part(node, text if is_kept else "", names)
            case ast.Assign() if all(isinstance(target, ast.Name) for target in node.targets):
                names = tuple(t.id for t in node.targets if isinstance(t, ast.Name))
                yield _Part(node, text if _is_constant(node.value) else "", names)
            case _:
                yield _Part(node, "", tuple(static_names.defined_names(ast.Module([node], []))))


def _compiles(source: str) -> bool:
    try:
        symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _is_plain(node: ast.FunctionDef) -> bool:
    """True if defining a function runs nothing but its definition."""
    defaults = filter(None, [*node.args.defaults, *node.args.kw_defaults])
    arguments = [part for part in ast.walk(node.args) if isinstance(part, ast.arg)]
    annotations = filter(None, [node.returns, *(argument.annotation for argument in arguments)])
    parts = [n for a in annotations for n in ast.walk(a) if isinstance(n, ast.expr)]
    is_computed = node.decorator_list or not all(map(_is_constant, defaults))
    return not is_computed and all(isinstance(n, _ANNOTATION) for n in parts)


def _is_constant(node: ast.expr) -> bool:
    """True if an expression is a literal that nothing can change."""
    try:
        hash(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _foreign(node: ast.Import | ast.ImportFrom) -> str:
    """Return the first module of an import that is not in MODULES; "" if all are."""
    dots = "." * getattr(node, "level", 0)
    names = [dots + (getattr(node, "module", alias.name) or "") for alias in node.names]
    return next((name for name in names if name.partition(".")[0] not in MODULES), "")


def _globals(source: str) -> Iterator[str]:
    """Yield the global names that a function reads, also in the functions inside."""
    tables = [symtable.symtable(source, "cell", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        if table.get_type() != "module":
            yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_global())


def _check(part: _Part, taken: set[str], outside: set[str]) -> None:
    """Raise _RefusedError if a function does what no question can be asked about.

    Parameters
    ----------
    taken
        Names that Python or the instructor's cells define.
    outside
        Names of variables that are neither functions nor constants.
    """
    node, name = part.node, part.names[0]
    assert isinstance(node, ast.FunctionDef)
    lines, docstring = part.source.split("\n"), ast.get_docstring(node, clean=False)

    def refuse(why: str, line: int = node.lineno) -> None:
        raise _RefusedError(f"{name} {why} (line {line})")

    if name in taken:
        refuse("has the name of a function of Python or of the assignment")
    if len(lines) > MOST_LINES or max(map(len, lines)) > LONGEST_LINE:
        refuse(f"has more than {MOST_LINES} lines, or a line of over {LONGEST_LINE} characters")
    for number, text in enumerate(lines, node.lineno):
        if any(unicodedata.category(c)[0] == "C" and c != "\t" for c in text):
            refuse("has characters that cannot be printed", number)
    for inner in ast.walk(node):
        line = getattr(inner, "lineno", node.lineno)
        for word in _words(inner, part.uses):
            if _is_forbidden(word):
                refuse(f"uses {word}", line)
        match inner:
            case ast.Import() | ast.ImportFrom() if module := _foreign(inner):
                refuse(f"imports {module}", line)
            case ast.Global() | ast.ClassDef():
                refuse("declares a global variable or a class", line)
            case ast.Call(func=ast.Attribute(attr="ndarray")):  # of any memory
                refuse("calls ndarray", line)
            case ast.Attribute(attr=attr, ctx=ast.Store() | ast.Del()):
                refuse(f"assigns to the attribute {attr}", line)
            case ast.Name(id=used) if used in part.uses & outside:
                refuse(f"uses {used}, which other code could change", line)
            case ast.Constant(value=str(text)) if text != docstring and _DUNDER.search(text):
                refuse(f"contains the text {_DUNDER.findall(text)[0]}", line)


def _words(node: ast.AST, uses: Collection[str]) -> Iterator[str]:
    """Yield the global names, attributes, imports and private names in a node."""
    match node:
        case ast.Name(id=name) if name in uses:
            yield name
        case ast.Attribute(attr="format", value=ast.Constant(value=str(text))):
            yield from ["format"] * bool(_LOOKUP.search(text))
        case ast.Attribute(attr=name):
            yield name
        case ast.MatchClass(kwd_attrs=names):  # attributes that a pattern reads
            yield from names
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            texts = [getattr(node, "module", None) or "", *(alias.name for alias in names)]
            yield from (word for text in texts for word in text.split("."))
        case ast.AST() if not isinstance(node, ast.Constant):  # however it binds a name
            names = [text for _, text in ast.iter_fields(node) if isinstance(text, str)]
            yield from (name for name in names if name.startswith("__"))


def _is_forbidden(word: str) -> bool:
    return word in FORBIDDEN or (word.startswith("_") and len(word) > 1)


def _assembled(parts: Sequence[_Part], length: int) -> str:
    """Return a cell of these statements, each in its own line, and nothing else.

    Raises
    ------
    _RefusedError
        If the cell would contain another statement.
    """
    lines = [""] * length
    for part in parts:
        first, *others = part.source.split("\n")
        row = part.node.lineno - 1
        lines[row] += f"; {first}" if lines[row] else first
        lines[row + 1 : row + 1 + len(others)] = others
    lines[0] = lines[0] or "#"  # IPython removes empty lines at the top
    source = "\n".join(lines)
    kept = [ast.dump(part.node) for part in parts]
    if [ast.dump(node) for node in ast.parse(source).body] != kept:
        raise _RefusedError("its statements cannot be separated")
    return source
