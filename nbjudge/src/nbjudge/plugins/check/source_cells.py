"""Compare an assignment's notebook in source/ with the version recorded in the gradebook.

Grading uses the cells, kinds, points and texts that `nbgrader generate_assignment` recorded. Its
preprocessors have added a header and a footer, generated tests and removed solutions before.
"""

import ast
import copy
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traitlets import Bool, Dict, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import LazyConfigValue
from traitlets.utils.importstring import import_item

from nbjudge.course.source_notebook import Difference
from nbjudge.notebook.spec import CellSpec, NotebookSpec, region_marks
from nbjudge.plugins.shared.text import plain

LIKE = 0.885  # similarity from which a line counts as a misspelled delimiter; 1 for equal letters
_RESOURCES = "assignment", "notebook", "student", "db_url"  # that nbgrader gives preprocessors


class Clearing(Configurable):
    """Removes solutions as `nbgrader.preprocessors.ClearSolutions`, which is slow to import."""

    code_stub = Dict({"python": "# YOUR CODE HERE\nraise NotImplementedError()"}).tag(config=True)
    text_stub = Unicode("YOUR ANSWER HERE").tag(config=True)
    begin_solution_delimeter = Unicode("BEGIN SOLUTION").tag(config=True)  # nbgrader's spelling
    end_solution_delimeter = Unicode("END SOLUTION").tag(config=True)
    enforce_metadata = Bool(True).tag(config=True)

    def released(self, text: str, is_code: bool, is_solution: bool, language: str) -> str:
        """Return the text of a cell without its solution.

        Raises
        ------
        KeyError
            If there is no stub for the language.
        RuntimeError
            If the marks of the solution are invalid.
        """
        stub: str = self.code_stub[language] if is_code else self.text_stub
        lines, is_inside, has_region = list[str](), False, False
        for line in text.split("\n"):
            if self.begin_solution_delimeter in line:
                if is_inside:
                    raise RuntimeError("encountered nested begin solution statements")
                is_inside = has_region = True
                indent = line[: len(line) - len(line.lstrip())]
                lines += [indent + stub_line for stub_line in stub.split("\n")]
            elif self.end_solution_delimeter in line:
                is_inside = False
            elif not is_inside:
                lines.append(line)
        if is_inside:
            raise RuntimeError("no end solution statement found")
        if has_region and not is_solution and self.enforce_metadata:
            raise RuntimeError(
                "Solution region detected in a non-solution cell; please make sure all solution "
                "regions are within solution cells."
            )
        return stub if is_solution and not has_region else "\n".join(lines)


def _clearing(config: Config) -> Clearing:
    names = Clearing.class_trait_names(config=True)
    settings = {n: v for n, v in config.get("ClearSolutions", {}).items() if n in names}
    if isinstance(settings.get("code_stub"), str):  # the format of old versions of nbgrader
        settings["code_stub"] = {"python": settings["code_stub"]}
    return Clearing(config=Config(Clearing=settings))


def _preprocessed(notebook: Mapping[str, Any], config: Config) -> Mapping[str, Any] | None:
    """Return a notebook as the course's own preprocessors release it; None if there are none.

    nbgrader's preprocessors that run code or write to the gradebook are left out.
    """
    settings = config.get("GenerateAssignment", {})
    if "preprocessors" not in settings:
        return None
    import nbformat  # these are slow to import, and few courses need them
    from nbgrader.converters import GenerateAssignment
    from nbgrader.preprocessors import ClearSolutions, SaveCells

    given = settings["preprocessors"]
    if isinstance(given, LazyConfigValue):  # the course has changed nbgrader's list
        given = given.get_value(GenerateAssignment.class_traits()["preprocessors"].default())
    classes = [import_item(each) if isinstance(each, str) else each for each in given]
    own = [each for each in classes if not each.__module__.startswith("nbgrader.preprocessors.")]
    if not own:
        return None
    cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
    released: Mapping[str, Any] = nbformat.from_dict(copy.deepcopy({**notebook, "cells": cells}))
    language = notebook["metadata"].get("kernelspec", {}).get("language", "python")
    names = dict.fromkeys(_RESOURCES, "")
    resources = {"language": language, "nbgrader": names, "metadata": {}, "unique_key": ""}
    for each in classes[: classes.index(SaveCells) if SaveCells in classes else None]:
        if each in own or each is ClearSolutions:
            released, resources = each(config=config)(released, resources)
    return released


def find_differences(
    recorded: Sequence[CellSpec], notebook: Mapping[str, Any], config: Config
) -> list[Difference]:
    """Return how the cells in source/ differ from those in the gradebook.

    Parameters
    ----------
    recorded
        Cells in the gradebook.
    notebook
        The instructor's notebook, parsed from JSON.
    config
        nbgrader's configuration of the course.
    """
    try:
        preprocessed = _preprocessed(notebook, config)
    except Exception as error:  # whatever the course's own code raises
        return [Difference(f"the course's preprocessors fail ({type(error).__name__}: {error})")]
    unmatched = {cell.grade_id: cell for cell in recorded}
    clearing, autotest = _clearing(config), _autotest(config)
    language = notebook["metadata"].get("kernelspec", {}).get("language", "python")
    differences = list[Difference]()
    for raw in (preprocessed or notebook)["cells"]:
        metadata = raw["metadata"].get("nbgrader", {})
        grade_id = metadata.get("grade_id", "")
        grade, solution = bool(metadata.get("grade")), bool(metadata.get("solution"))
        locked = not solution and (grade or bool(metadata.get("locked")))
        task = bool(metadata.get("task"))
        if not (grade or solution or locked or task) and grade_id not in unmatched:
            continue
        kind, text = raw["cell_type"], "".join(raw["source"])
        try:
            if preprocessed is None:
                text = clearing.released(text, kind == "code", solution, language)
        except (KeyError, RuntimeError) as error:
            differences.append(Difference(f"{grade_id} cannot be released ({error})"))
            continue
        points = float(metadata.get("points") or 0.0)
        cell = CellSpec(
            grade_id=grade_id,
            cell_type=kind,
            source=text,
            solved=text,
            checksum="",
            points=points,
            grade=grade,
            solution=solution,
            locked=locked,
            task=task,
        )
        differences += _differences(cell, unmatched.pop(grade_id, None), autotest)
    missing = (Difference(f"{grade_id} is only in the gradebook", True) for grade_id in unmatched)
    return [*differences, *missing]


def _autotest(config: Config) -> re.Pattern[str]:
    """Return the pattern of a line that nbgrader's InstantiateTests replaces with tests."""
    delimiter = config.get("InstantiateTests", {}).get("autotest_delimiter", "AUTOTEST")
    return re.compile(rf"\s*#.*?{re.escape(delimiter)}(.*)")


def _is_generated(text: str, recorded: str, autotest: re.Pattern[str]) -> bool:
    """True if a recorded text may have been generated from a cell with AUTOTEST lines.

    Only running the solution would show the expected values. The recorded text must have the other
    lines of the cell and, for each AUTOTEST line, tests of its expressions there.
    """
    parts, has_tests = ["\n"], False  # parts of the recorded text, between any other lines
    for line in text.strip().split("\n"):
        if match := autotest.fullmatch(line):
            parts += [*filter(None, map(str.strip, match[1].split(";"))), "\n"]
            has_tests = True
        else:
            parts[-1] += f"{line}\n"
    left = f"\n{recorded.strip()}\n"
    if not (has_tests and left.startswith(parts[0])):
        return False
    for part in parts:
        _, found, left = left.partition(part)
        left = part[-1] + left if part.endswith("\n") else left  # also begins the next part
        if not found:
            return False
    return True


def _differences(
    cell: CellSpec, recorded: CellSpec | None, autotest: re.Pattern[str]
) -> Iterator[Difference]:
    """Yield the differences of a cell, its solution removed, from the recorded cell."""
    grade_id = cell.grade_id
    if recorded is None:
        yield Difference(f"{grade_id} is not in the gradebook", True)
        return
    if (kind := _kind(cell)) != (old := _kind(recorded)):
        yield Difference(
            f"{grade_id} is {kind} but recorded as {old}", _roles(cell) != _roles(recorded)
        )
    elif cell.points != recorded.points and (cell.grade or cell.task):
        text = f"{grade_id} has {cell.points:g} points but {recorded.points:g} in the gradebook"
        yield Difference(text)
    if cell.source.strip() != recorded.source.strip() and not _is_generated(
        cell.source, recorded.source, autotest
    ):
        yield Difference(f"the text of {grade_id} has changed")


def _roles(cell: CellSpec) -> tuple[bool, ...]:
    """Return nbgrader's flags for a cell: graded, solution, task and recorded."""
    kinds = cell.grade, cell.solution, cell.task
    return *kinds, any(kinds) or cell.locked


def _kind(cell: CellSpec) -> str:
    """Return the kind of a cell in words."""
    type_name = "code" if cell.cell_type == "code" else "text"
    if cell.task:
        return f"a task ({type_name})"
    if cell.grade and cell.solution:
        return f"a manually graded answer ({type_name})"
    if cell.grade:
        return f"a graded locked cell ({type_name})"
    if cell.solution:
        return f"a solution ({type_name})"
    return f"a locked cell ({type_name})" if cell.locked else "an ordinary cell"


def find_slips(
    spec: NotebookSpec, notebook: Mapping[str, Any] | None, config: Config
) -> Iterator[str]:
    """Yield likely mistakes of the instructor that nbgrader accepts, a clause each.

    Parameters
    ----------
    notebook
        The instructor's notebook, parsed from JSON, if there is one.
    """
    for test in spec.tests:
        if test.points and not _has_code(test.source):
            points = f"{test.points:g} point{'' if test.points == 1 else 's'}"
            yield f"{test.grade_id} has no code, so every submission earns {points} for it"
    clearing = _clearing(config)
    marks = [mark for pair in region_marks(config) for mark in pair]
    marks += [clearing.begin_solution_delimeter, clearing.end_solution_delimeter]
    closest = {plain(mark): mark for mark in marks}
    longest = max(map(len, closest)) * (2 / LIKE - 1)  # of a line that can be like a mark
    for cell in notebook["cells"] if notebook else ():
        for line in map(str.strip, "".join(cell["source"]).splitlines()):
            is_plain_code = cell["cell_type"] == "code" and not line.startswith("#")
            if is_plain_code or any(mark in line for mark in marks):
                continue
            text = plain(line)
            if len(text) > longest:  # most lines, quickly
                continue
            for name in difflib.get_close_matches(text, closest, 1, LIKE):
                grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "a cell")
                yield (
                    f"{grade_id} has the line `{line}`, which nbgrader ignores: the delimiter is "
                    f"{closest[name]}"
                )


def _has_code(source: str) -> bool:
    """True if a test has more than comments, constants such as docstrings, and `pass`."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # such as a magic
        return True
    return any(
        not isinstance(line, ast.Pass)
        and not (isinstance(line, ast.Expr) and _is_without_score(line.value))
        for line in body
    )


def _is_without_score(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and type(value.value) not in (int, float)
