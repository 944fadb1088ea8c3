"""Pack the checks of a notebook's exercises into one line of text.

The line is zlib's compression in base 85. Versions of zlib may compress the same content
differently, so an existing line with the same content is kept.
"""

import ast
import base64
import functools
import io
import json
import re
import tokenize
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import public_tests
from exercises import EXERCISES
from exercises.stored import dump_case_set
from public_tests.judging.storage import SUFFIX, load_case_set
from public_tests.notebook import PACKAGE, version_of

__all__ = ["LINE", "payload", "unpacked"]

LINE = re.compile(r'^_checks = "([^"\n]*)"$', re.MULTILINE)  # in the setup cell
# Modules that the line omits: for lessons, and for the setup cell. Graded cells may need any other:
# nbgrader alone runs them in the student's process, where the package that the setup cell creates
# hides the repository's.
LEFT_OUT = ("course.lessons", "notebook")
# Modules with functions that students call, and whose docstrings `?` and `help` show.
READ = ("checks", "course.published", "course.record", "course.solutions")


def payload(names: list[str], root: Path, earlier: str = "", solutions: bool = False) -> str:
    """Return the line for a notebook: the checks of its exercises, and the helpers' cases.

    Helpers are the exercises whose functions the notebook's exercises call. Their cases decide only
    pass or fail.

    Parameters
    ----------
    earlier
        Line of the existing notebook, which is returned if it has the same content.
    solutions
        True to include the solutions, for self-study.
    """
    content = _content(names, root, solutions)
    if unpacked(earlier) == content:
        return earlier
    return base64.b85encode(zlib.compress(content, 9)).decode()


def unpacked(text: str) -> bytes:
    """Return the content of a notebook's line, or b"" if it is not valid."""
    try:
        return zlib.decompress(base64.b85decode(text))
    except (ValueError, zlib.error):
        return b""


def _content(names: list[str], root: Path, solutions: bool) -> bytes:
    """Return the program that the setup cell runs, a zero byte, and the data that it unpacks."""
    folder = root / PACKAGE
    files = {name: (folder / "cases" / f"{name}{SUFFIX}").read_bytes() for name in names}
    if solutions:
        files = {name: _with_solution(name, data) for name, data in files.items()}
    helpers = {helper for data in files.values() for helper in load_case_set(data).helpers}
    for name in sorted(helpers - set(names)):
        files[name] = _without_mistakes((folder / "cases" / f"{name}{SUFFIX}").read_bytes())
    modules, program, version = _code(folder)
    about = {
        "version": version,
        "modules": {name: len(text) for name, text in modules.items()},
        "cases": {name: len(data) for name, data in files.items()},
    }
    line = json.dumps(about, separators=(",", ":"))
    start = f"{program}\n\ninstall(carried)\n\0{line}\n".encode()
    return b"".join([start, *modules.values(), *files.values()])


def _with_solution(name: str, data: bytes) -> bytes:
    """Add the solution to the file of an exercise, as students write it, without the docstring."""
    line, newline, numbers = data.partition(b"\n")
    text = json.loads(line)
    source = EXERCISES[name].solution_text()
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
    """Return the source of a module without comments, and without docstrings that no student reads.

    Lines stay where they are, so that a traceback shows the lines of the repository.
    """
    lines = text.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
    nodes: Iterator[Any] = ast.walk(ast.parse(text))
    for node in nodes:
        if _has_docstring(node) and not (is_read and _is_public(node)):
            first = node.body[0]
            count = first.end_lineno - first.lineno + 1
            lines[first.lineno - 1 : first.end_lineno] = [""] * count
            if len(node.body) == 1:
                lines[first.lineno - 1] = " " * first.col_offset + "..."
    return "\n".join([*lines, ""]).encode()


def _has_docstring(node: ast.AST) -> bool:
    owners = ast.Module | ast.ClassDef | ast.FunctionDef
    return isinstance(node, owners) and ast.get_docstring(node) is not None


def _is_public(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and not node.name.startswith("_")


def _code(folder: Path) -> tuple[dict[str, bytes], str, str]:
    """Return the modules by name, the source of the program, and their common version."""
    names = {
        ".".join(path.relative_to(folder).with_suffix("").parts): path
        for path in sorted(folder.rglob("*.py"))
    }
    modules = {
        f"{PACKAGE}.{name}".removesuffix(".__init__"): _carried(
            path.read_text(encoding="utf-8"), name in READ
        )
        for name, path in names.items()
        if name not in LEFT_OUT
    }
    program = (folder / "notebook.py").read_text(encoding="utf-8")
    return modules, program, version_of(public_tests)
