"""Pack the checks of a notebook's exercises into one line of text.

The line has two words, the checks and the modules. A grader has the modules already, and unpacking
them would take most of the time. Each word is bzip2's compression in base 85, which is a fifth
shorter than zlib's and the same on every machine. A setup cell unpacks the first and runs it:

    _checks = "... ..."
    _checks, _modules = _checks.split()
    _checks = bz2.decompress(base64.b85decode(_checks)).partition(b"\\0")
    exec(_checks[0], {"carried": _checks[2], "modules": _modules})
"""

import ast
import base64
import bz2
import functools
import hashlib
import io
import json
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from .defining.exercise import Exercise
from .defining.stored import dump_case_set
from .judging.storage import SUFFIX, load_case_set
from .notebook import ENGINE, LEFT_OUT, version_of

__all__ = ["alone", "payload", "unpacked"]

HERE = Path(__file__).parent
# Modules of the engine with functions that students call, and whose docstrings `?` and `help` show.
ENGINE_READ = ("checks",)
# Imports of the engine in the course's modules.
ENGINE_IMPORT = re.compile(rf"^(\s*from ){ENGINE}([.\w]* import )", re.MULTILINE)
# Lists of public names, which only `import *` reads.
PUBLIC = re.compile(r"^__all__ \+?= \[[^\]]*\]$", re.MULTILINE)


def payload(
    names: list[str],
    package: ModuleType,
    exercises: Mapping[str, Exercise],
    *,
    folder: Path | None = None,
    left_out: Collection[str] = (),
    read: Collection[str] = (),
    solutions: bool = False,
) -> str:
    """Return the line for a notebook: the checks of its exercises, and the helpers' cases.

    Helpers are the exercises whose functions the notebook's exercises call. Their cases decide only
    pass or fail.

    Parameters
    ----------
    names
        Names of the notebook's exercises.
    package
        Package of the course's checks, with the stored cases in a folder `cases`.
    exercises
        Definitions of the course's exercises by name.
    folder
        Folder of the package, if it is not the imported one.
    left_out
        Modules of the package that notebooks do not carry, by their names in the package.
    read
        Modules of the package whose docstrings students read.
    solutions
        True to include the solutions, for self-study.
    """
    if folder is None:
        assert package.__file__
        folder = Path(package.__file__).parent
    cases = _cases(names, folder / "cases", exercises if solutions else {})
    modules = _modules(package.__name__, folder, left_out, read)
    return _line(modules, cases, version_of(package))


def alone(name: str, text: str, cases: Mapping[str, bytes]) -> str:
    """Return the line for a notebook whose course has no package: its checks are one module.

    Parameters
    ----------
    name
        Name of the module in the notebook.
    text
        Source of the module, which imports nbexercise.
    cases
        File contents of the stored cases, by exercise.
    """
    modules = {name: _carried(_within(name, text), is_read=True), **_engine(name)}
    version = hashlib.sha256(b"\0".join(modules.values())).hexdigest()[:16]
    return _line(modules, cases, version)


def _line(modules: Mapping[str, bytes], cases: Mapping[str, bytes], version: str) -> str:
    """Return the line that holds a program, a line about the rest, the cases and the modules."""
    about = {
        "version": version,
        "modules": {name: len(text) for name, text in modules.items()},
        "cases": {name: len(data) for name, data in cases.items()},
    }
    line = json.dumps(about, separators=(",", ":"))
    program = _carried((HERE / "notebook.py").read_text(encoding="utf-8"), is_read=False)
    start = f"\ninstall(carried, modules)\n\0{line}\n".encode()
    checks = b"".join([program, start, *cases.values()])
    parts = checks, b"".join(modules.values())
    return " ".join(base64.b85encode(bz2.compress(part)).decode() for part in parts)


def unpacked(text: str) -> tuple[bytes, bytes, str]:
    """Return a notebook's program, and the two arguments that it passes to `notebook.install`."""
    checks, modules = text.split()
    program, _, carried = bz2.decompress(base64.b85decode(checks)).partition(b"\0")
    return program, carried, modules


def _cases(names: list[str], folder: Path, solved: Mapping[str, Exercise]) -> dict[str, bytes]:
    """Return the files of the stored cases by exercise, with solutions as far as given."""
    files = {name: (folder / f"{name}{SUFFIX}").read_bytes() for name in names}
    helpers = {helper for data in files.values() for helper in load_case_set(data).helpers}
    files |= {name: _with_solution(solved[name], files[name]) for name in names if name in solved}
    for name in sorted(helpers - set(names)):
        files[name] = _without_mistakes((folder / f"{name}{SUFFIX}").read_bytes())
    return files


def _with_solution(exercise: Exercise, data: bytes) -> bytes:
    """Add the solution to the file of an exercise, as students write it, without the docstring."""
    line, newline, numbers = data.partition(b"\n")
    text = json.loads(line)
    source = exercise.solution_text()
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    first, *_ = function.body
    lines = source.splitlines()
    kept = lines[: first.lineno - 1] + lines[first.end_lineno :]
    text["case_set"]["solution"] = "\n".join(kept)
    return json.dumps(text, separators=(",", ":")).encode() + newline + numbers


def _without_mistakes(data: bytes) -> bytes:
    case_set = load_case_set(data)
    cases = tuple(replace(case, mistaken={}) for case in case_set.cases)
    return dump_case_set(replace(case_set, mistakes=(), depends=(), cases=cases))


@functools.cache  # most modules are the same in every folder
def _carried(text: str, is_read: bool) -> bytes:
    """Return the source of a module without comments, annotations of functions, and docstrings.

    Functions that students read keep theirs. Lines stay where they are, so that a traceback shows
    the lines of the repository.
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    nodes: list[Any] = list(ast.walk(ast.parse(text)))
    left = [node for node in nodes if not (is_read and _is_public(node))]
    functions = [node for node in left if isinstance(node, ast.FunctionDef)]
    for row, start, end in sorted(
        {a for f in functions for a in _annotations(f, lines)}, reverse=True
    ):
        lines[row - 1] = lines[row - 1][:start] + lines[row - 1][end:]
    for node in filter(_has_docstring, left):
        first = node.body[0]
        count = first.end_lineno - first.lineno + 1
        lines[first.lineno - 1 : first.end_lineno] = [""] * count
        if len(node.body) == 1:
            lines[first.lineno - 1] = " " * first.col_offset + "..."
    return "\n".join([*lines, ""]).encode()


def _annotations(function: ast.FunctionDef, lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield the row, the first and the last column of each annotation that is in a single row."""
    arguments = [node for node in ast.walk(function.args) if isinstance(node, ast.arg)]
    found = [(arg.annotation, arg.lineno, arg.col_offset + len(arg.arg)) for arg in arguments]
    if result := function.returns:
        before = lines[result.lineno - 1][: result.col_offset].rpartition("->")[0]
        found.append((result, result.lineno, len(before.rstrip())))
    for node, row, start in found:
        if node and node.end_lineno == row and node.end_col_offset:
            yield row, start, node.end_col_offset


def _has_docstring(node: ast.AST) -> bool:
    owners = ast.Module | ast.ClassDef | ast.FunctionDef
    return isinstance(node, owners) and ast.get_docstring(node) is not None


def _is_public(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_")


def _modules(
    package: str, folder: Path, left_out: Collection[str], read: Collection[str]
) -> dict[str, bytes]:
    """Return the carried modules of a course's package and of the engine, by name.

    The engine becomes a part of the course's package, whose imports of it are changed accordingly.
    """
    modules = {}
    for name, text in _texts(folder, ()):
        if name not in left_out:
            modules[f"{package}.{name}"] = _carried(_within(package, text), name in read)
    modules |= _engine(package)
    return {name.removesuffix(".__init__"): text for name, text in modules.items()}


def _within(package: str, text: str) -> str:
    """Return a module that imports the engine as a part of a package."""
    return ENGINE_IMPORT.sub(rf"\1{package}.{ENGINE}\2", text)


def _engine(package: str) -> dict[str, bytes]:
    """Return the carried modules of the engine, as a part of a package, by name."""
    modules = {}
    for name, text in _texts(HERE, LEFT_OUT):
        kept = PUBLIC.sub(lambda names: "\n" * names[0].count("\n"), text)
        place = f"{package}.{ENGINE}.{name}".removesuffix(".__init__")
        modules[place] = _carried(kept, name in ENGINE_READ)
    return modules


def _texts(folder: Path, left_out: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the modules in a folder, except for some files and folders."""
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not {*parts} & {*left_out}:
            name = ".".join(parts).removesuffix(".py")
            yield name, path.read_text(encoding="utf-8")
