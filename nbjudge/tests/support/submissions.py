"""An assignment of six cells, and submissions of it in the formats of many programs."""

import copy
import json

import nbformat

from nbjudge.notebook.reading import read_notebook
from nbjudge.notebook.repair import repair
from tests.support.engines import cells_of, grade_id_of, notebook_bytes, spec

DOUBLE = "def double(x):\n    return 2 * x"
TRIPLE = "def triple(x):\n    return 3 * x"


SPEC = spec(
    ("# Homework", "text"),
    ("import numpy as np", "locked", "setup"),
    ("Write `double`.", "locked text", "task_text"),
    (DOUBLE, "solution", "double"),
    (
        "assert double(2) == 4\n"
        "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
        "test",
        "double_test",
        2,
    ),
    (TRIPLE, "solution", "triple"),
    ("assert triple(2) == 6", "test", "triple_test", 3),
    ("my essay", "essay", "essay", 4),
    ("Draw something.", "task", "drawing", 5),
)
SOURCES = {cell.grade_id: cell.source for cell in SPEC.cells if cell.grade_id}
SOLVED = {cell.grade_id: cell.solved for cell in SPEC.cells if cell.solution}
IDS = [cell.grade_id for cell in SPEC.cells if cell.grade_id]


def submitted(**answers):
    return cells_of(SPEC, **answers)


def place(cells, grade_id):
    return next(n for n, cell in enumerate(cells) if grade_id_of(cell) == grade_id)


def named(cells, grade_id):
    return cells[place(cells, grade_id)]


def repaired(cells, cell_spec=SPEC, **more):
    """Return the repaired cells by grade id, all cells, and the repairs."""
    found, repairs = repair(read_notebook(notebook_bytes(cells, **more)), cell_spec)
    by_id = {cell["spec"].grade_id: cell for cell in found if cell["spec"]}
    check(found)
    return by_id, found, repairs


def check(cells):
    """Check the invariants of a repaired notebook."""
    plain = [
        {k: v for k, v in cell.items() if k not in ("spec", "submitted", "doubt")} for cell in cells
    ]
    for cell in plain:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
            cell.pop("attachments", None)
    notebook = {"cells": plain, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    json.dumps(notebook, allow_nan=False)
    nbformat.validate(nbformat.from_dict(copy.deepcopy(notebook)))
    ids = [cell["id"] for cell in cells]
    assert len(set(ids)) == len(ids)
    named = [cell["spec"].grade_id for cell in cells if cell["spec"]]
    assert len(set(named)) == len(named)
    for cell in cells:
        said = cell["metadata"].get("nbgrader")
        assert (said or {}).get("grade_id") == (cell["spec"].grade_id if cell["spec"] else None)
        if cell["spec"]:
            cell_spec = cell["spec"]
            assert cell["cell_type"] == cell_spec.cell_type
            assert (said["grade"], said["solution"]) == (cell_spec.grade, cell_spec.solution)
            if cell_spec.locked:
                assert cell["source"] == cell_spec.source
    if "triple_test" in named:
        assert set(IDS) - {"double", "triple"} <= set(named)
        for name in {"double", "triple"} & set(named):
            assert named.index(name) < named.index(f"{name}_test")


def order(cells):
    """Return the grade ids in the order in which cells are judged, and the repairs."""
    _, found, repairs = repaired(cells)
    return [cell["spec"].grade_id for cell in found if cell["spec"]], repairs


def has_id(cell):
    return "grade_id" in cell["metadata"].get("nbgrader", {})


STRANGE = {
    "NaN": float("nan"),
    "infinity": float("inf"),
    "a number": 5,
    "nothing": None,
    "a text": "x",
    "an empty text": "",
    "a list": [1, [2]],
    "deep": json.loads("[" * 500 + "]" * 500),
    "a dict": {"a.png": {"image/png": 5}, "\ud800": {}},
    "deep dict": json.loads('{"a":' * 400 + "1" + "}" * 400),
    "large": 10**300,
    "surrogate": "\ud800",
}


def as_version_3(cells):
    """Return the notebook in version 3, as IPython 2 wrote it."""
    old = []
    for cell in cells:
        if cell["cell_type"] == "code":
            code = {
                "input": cell["source"],
                "language": "python",
                "outputs": [],
                "collapsed": False,
            }
            old.append({"cell_type": "code", "metadata": cell["metadata"], **code})
        else:
            kept = {name: cell[name] for name in ("cell_type", "metadata", "source")}
            old.append(kept)
    sheet = {"cells": old, "metadata": {}}
    return {"worksheets": [sheet], "metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}


def without(cells, *fields):
    return [{k: v for k, v in cell.items() if k not in fields} for cell in cells]


def saved_by_colab(cells):
    cells = without(cells, "id")
    for number, cell in enumerate(cells):
        cell["metadata"] |= {"id": f"xYz{number}", "cellView": "form", "outputId": "abc"}
        cell["metadata"]["colab"] = {"base_uri": "https://localhost:8080/"}
        if cell["cell_type"] == "code":
            cell["execution_count"] = 3
        cell["source"] = cell["source"].splitlines(keepends=True)
    metadata = {"colab": {"provenance": [], "toc_visible": True}, "accelerator": "GPU"}
    return notebook_bytes(cells, 0, {**metadata, "kernelspec": {"name": "python3"}})


def saved_by_code(cells):
    for cell in cells:
        cell["metadata"]["vscode"] = {"languageId": "python"}
        cell["source"] = [line + "\n" for line in cell["source"].splitlines()]
    return notebook_bytes(cells, 2, {"vscode": {"interpreter": {"hash": "0" * 64}}})


def saved_by_jupyterlite(cells):
    for cell in cells:
        cell["metadata"] |= {"trusted": True, "execution": {"iopub.status.busy": "2024"}}
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    return notebook_bytes(cells, 4, {"kernelspec": kernel})


def saved_by_old_jupyter(cells):
    cells = without(cells, "id")
    for cell in cells:
        cell["metadata"] |= {"collapsed": True, "scrolled": False, "deletable": False}
    return notebook_bytes(cells, 0)


def saved_on_windows(cells):
    for cell in cells:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    return b"\xef\xbb\xbf" + notebook_bytes(cells).replace(b", ", b",\r\n ")


SAVED_BY = {
    "Colab": saved_by_colab,
    "VS Code": saved_by_code,
    "JupyterLite": saved_by_jupyterlite,
    "an old Jupyter": saved_by_old_jupyter,
    "a program on Windows": saved_on_windows,
    "IPython 2": lambda cells: json.dumps(as_version_3(cells)).encode(),
}
