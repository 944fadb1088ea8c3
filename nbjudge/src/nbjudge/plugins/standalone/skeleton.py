"""Reduce an instructor's notebook to what grading needs: everything except its solutions."""

import json
from typing import Any

from nbjudge.notebook import static_names
from nbjudge.notebook.spec import CellSpec, NotebookSpec

_FIRST = "# The solution is not in this pack: grading needs only its imports and its names."
_PLACEHOLDERS = {"function": "def {}(): ...", "class": "class {}: ...", "variable": "{} = ..."}


def skeleton(source: str) -> str:
    """Return a solution cell's imports and the names that it defines, without its code."""
    tree = static_names.parse(source)
    tuples, lines = static_names.tuple_classes(tree), static_names.imports(tree)
    for name, kind in static_names.defined_names(tree).items():
        is_tuple = kind == "variable" and name in tuples
        lines.append(f"{name} = namedtuple()" if is_tuple else _PLACEHOLDERS[kind].format(name))
    return "\n".join([_FIRST, *lines])


def without_solutions(spec: NotebookSpec) -> bytes:
    """Return the instructor's notebook without solutions and outputs, as file content."""
    notebook = {
        "cells": [_cell(cell) for cell in spec.cells],
        "metadata": {"kernelspec": spec.kernelspec} if spec.kernelspec else {},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(notebook, indent=1, sort_keys=True).encode()


def _cell(spec: CellSpec) -> dict[str, Any]:
    is_code = spec.cell_type == "code"
    source = spec.solved
    if spec.solution:
        source = skeleton(spec.solved) if is_code else spec.source
    metadata: dict[str, Any] = {"tags": list(spec.tags)} if spec.tags else {}
    if spec.grade_id:
        metadata["nbgrader"] = {
            "grade_id": spec.grade_id,
            "grade": spec.grade,
            "locked": spec.locked,
            "schema_version": 3,
            "solution": spec.solution,
            "task": spec.task,
            **({"points": spec.points} if spec.grade or spec.task else {}),
        }
    outputs: dict[str, Any] = {"outputs": [], "execution_count": None} if is_code else {}
    return {"cell_type": spec.cell_type, "metadata": metadata, "source": source, **outputs}
