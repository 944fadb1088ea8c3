"""Fill the marked cells of a notebook in source/, while nbgrader generates its assignment.

A cell that begins with `### EXERCISE NAME` becomes the cell of the function that students write,
`### CHECK NAME` its check, and `### GRADE NAME` its graded cell. The first code cell gets the
checks, packed into one line. No exercise is released whose own solution does not earn all points.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from ..defining.authoring import Definition, DefinitionError
from ..defining.source import function_source
from ..defining.stored import dump_case_set, public_case_set
from ..packing import alone
from .folder import exercise_named, helpers_stored

__all__ = ["SOURCE", "fill", "filled_source", "graded_cell", "question"]

PACKAGE = "exercise_checks"  # name of the checks in a notebook
SOURCE = "https://github.com/convolution-course/convolution-step-by-step"
MARK = re.compile(r"### (EXERCISE|CHECK|GRADE) ?(.*)")
IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t].+$", re.MULTILINE)
DEFINED = re.compile(r"^(?:(?:def|class) )?(\w+)(?= *=|\()", re.MULTILINE)
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
KEY = "notebook"  # of stored cases: they are never compared with a definition
LARGEST = 300_000  # characters of the line
CARRIED = '''\
"""The checks that this notebook carries.

    trapezoid_test(trapezoid)   # prints the verdict, or raises AssertionError with it
    show("trapezoid")           # draws the failing case of the last check
    hint("trapezoid")           # one hint at a time
    ask("trapezoid")            # questions about your own function
    summary()                   # what is done

Every exercise NAME has a check `NAME_test(function)`. The source of this package is nbexercise.
"""

from collections.abc import Mapping

from nbexercise import ask, hint, show, summary, validate
from nbexercise.cells import watch as _watch  # noqa: F401, called by the setup cell
from nbexercise.checks import CASE_SETS, make_test
from nbexercise.judging.storage import stored_beside

__all__ = ["ask", "hint", "show", "summary", "validate"]


def _add(stored: Mapping[str, bytes]) -> None:
    CASE_SETS.add(stored)
    for name in stored:
        if f"{name}_test" not in __all__:
            globals()[f"{name}_test"] = make_test(name, f"{name}_test")
            __all__.append(f"{name}_test")


_add(stored_beside(__spec__))
'''
SETUP = """\
# Leave the rest of this cell as it is: it holds the checks. _checks is a compressed program, which
# defines the package {package}. Its source: {source}/tree/main/nbexercise
_checks = "{line}"
import base64
import bz2

_checks, _modules = _checks.split()
_checks = bz2.decompress(base64.b85decode(_checks)).partition(b"\\0")
exec(_checks[0], {{"carried": _checks[2], "modules": _modules}})
from {package} import *"""
GRADED = """\
# Leave this cell as it is. In a class, it grades your work on inputs that you have
# not seen; nbgrader's Validate runs the check above.
{visible}### BEGIN HIDDEN TESTS
{source}
### END HIDDEN TESTS"""


def graded_cell(source: str, visible: str = "") -> str:
    """Return the source of a graded cell whose tests are hidden, except for the visible lines."""
    return GRADED.format(visible=visible, source=source)


def question(grade_id: str, **about: Any) -> dict[str, Any]:
    """Return nbgrader's metadata of a cell, completed with the schema version and locks."""
    full = {"grade": False, "solution": False, "task": False, "schema_version": 3, **about}
    return {"grade_id": grade_id, "locked": not full["solution"], **full}


def filled_source(notebook: dict[str, Any], config: Any) -> dict[str, Any]:
    """Return a notebook of source/ as nbgrader records it, for nbjudge."""
    course = config.get("Fill", {}).get("course")
    if course and any(map(_mark, notebook["cells"])):
        fill(notebook, Path(course), lambda definition: "")
    return notebook


def fill(notebook: Any, root: Path, why_not: Callable[[Definition], str]) -> None:
    """Fill the marked cells of a notebook in place.

    Parameters
    ----------
    root
        Folder of the course.
    why_not
        Function that returns why an exercise cannot be released, or "".

    Raises
    ------
    DefinitionError
        If a definition is missing, invalid or not ready for release.
    """
    written, heading, code = {}, "", list[str]()
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] == "markdown":
            heading = ([heading, *HEADING.findall(_text(cell))])[-1]
        if (mark := _mark(cell)) is None:
            code += [_text(cell)] if cell["cell_type"] == "code" else []
            continue
        kind, exercise = mark
        where = f"cell {number}, ### {kind} {exercise}"
        try:
            definition = exercise_named(exercise, root)
            if kind == "EXERCISE":
                if reason := why_not(definition) or _missing_name(definition, code):
                    raise DefinitionError(f"exercise {exercise!r} is not released: {reason}")
                written[exercise] = (definition, heading)
            elif exercise not in written:
                raise DefinitionError(
                    f"expected a cell ### EXERCISE {exercise} above, got none; add it"
                )
            _fill_cell(cell, kind, definition)
        except DefinitionError as error:
            raise DefinitionError(f"{where}: {error}") from None
    if written:
        stored: dict[str, bytes] = {}
        for exercise, (definition, section) in written.items():
            finished = definition.exercise
            placed = replace(finished, section=finished.section or section)
            stored = {**helpers_stored(definition, root), **stored}
            stored[exercise] = dump_case_set(public_case_set(placed), KEY)
        _add_setup(notebook, stored)


def _missing_name(definition: Definition, code: Sequence[str]) -> str:
    """Return why a student's function would lack a name that the solution uses, or ""."""
    own = function_source(definition.function, markers=True)
    every = list(ast.walk(ast.parse(own)))
    nodes = [node for node in every if isinstance(node, ast.Name)]
    own_names = {node.arg for node in every if isinstance(node, ast.arg)}
    own_names |= {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    used = {node.id for node in nodes} - own_names
    known = {name for text in (*code, own) for name in _imported(text)}
    known |= {definition.name, *definition.exercise.called}
    known |= {*DEFINED.findall("\n".join(code))}
    home = definition.function.__module__
    for name, value in vars(sys.modules[home]).items():
        if name not in used - known:
            continue
        if isinstance(value, ModuleType):
            add = f"import {value.__name__}" + (f" as {name}" if name != value.__name__ else "")
        elif getattr(value, "__module__", home) not in (home, "builtins", None):
            add = f"from {value.__module__} import {name}"
        else:
            return (
                f"the solution uses {name}, which no cell above defines; write it in the solution, "
                "or define it in the first code cell"
            )
        return (
            f"the solution uses {name}, which no cell above imports; add `{add}` to the first code "
            "cell"
        )
    return ""


def _imported(text: str) -> Iterator[str]:
    """Yield the names that the imports in a cell define."""
    for line in IMPORT.findall(text):
        with suppress(SyntaxError):
            (statement,) = ast.parse(line.strip()).body
            yield from (a.asname or a.name.partition(".")[0] for a in statement.names)


def _text(cell: Any) -> str:
    return "".join(cell["source"])  # a list of lines in a file


def _mark(cell: Any) -> tuple[str, str] | None:
    if cell["cell_type"] != "code":
        return None
    first, _, rest = _text(cell).strip().partition("\n")
    match = MARK.fullmatch(first.strip())
    if match is None:
        return None
    kind, name = match.groups()
    if not name.isidentifier():
        raise DefinitionError(f"{first!r}: expected the name of an exercise, as in ### {kind} mean")
    if rest.strip():
        raise DefinitionError(
            f"{first!r}: expected nothing below it, got {rest.strip().splitlines()[0]!r}; move it "
            "to a cell of its own, because this cell is replaced"
        )
    return kind, name


def _fill_cell(cell: Any, kind: str, definition: Definition) -> None:
    name = definition.name
    if kind == "EXERCISE":
        cell["source"] = function_source(definition.function, markers=True)
        cell["metadata"]["nbgrader"] = question(name, solution=True)
    elif kind == "CHECK":
        cell["source"] = f"{name}_test({name})"
        cell["metadata"] |= {"editable": False, "deletable": False}
    else:
        grading = f'from nbexercise import grade\n\ngrade("{name}", {name})'
        cell["source"] = graded_cell(grading, f'validate("{name}")\n')
        points = definition.exercise.points
        cell["metadata"]["nbgrader"] = question(f"{name}_grade", grade=True, points=points)


def _add_setup(notebook: Any, stored: dict[str, bytes]) -> None:
    line = alone(PACKAGE, CARRIED, stored)
    if len(line) > LARGEST:
        raise DefinitionError(
            f"expected checks of at most {LARGEST:,} characters in the first code cell, got "
            f"{len(line):,}; use smaller arrays in the cases, or put fewer exercises in a notebook"
        )
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    setup = code[0]
    if "nbgrader" in setup["metadata"]:
        from nbformat.v4 import new_code_cell  # here, because nbjudge imports this module

        setup = new_code_cell("", id="setup")  # type: ignore[no-untyped-call]
        place = next(i for i, cell in enumerate(notebook["cells"]) if cell is code[0])
        notebook["cells"].insert(place, setup)
    text = SETUP.format(package=PACKAGE, source=SOURCE, line=line)
    setup["source"] = "\n\n".join(filter(None, [_text(setup).strip(), text]))
    setup["metadata"]["nbgrader"] = question("setup")
    setup["metadata"].setdefault("jupyter", {})["source_hidden"] = True
