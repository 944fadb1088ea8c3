"""Extract the diagnoses of a graded notebook, by question."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nbjudge.feedback.plain import cells_of
from nbjudge.feedback.questions import report_of

AN_ERROR, NOT_RECOGNISED = "an error", "mistake not recognized"
Diagnosis = tuple[str | None, tuple[str, ...]]  # text on one line, names of the mistakes


def read_diagnoses(notebooks: list[bytes]) -> dict[str, Diagnosis]:
    """Return the diagnoses in the files of graded notebooks. Called in the box.

    >>> from pathlib import Path
    >>> from nbjudge.plugins.shared import read_diagnoses
    >>> notebook = Path("autograded/bob/ps1/ps1.ipynb").read_bytes()
    >>> diagnosis, mistakes = read_diagnoses([notebook])["half_test"]
    >>> print(diagnosis)
    AssertionError: half(3) is 1, not 1.5
    >>> mistakes
    ('an error',)
    """
    return diagnoses(cells_of(notebooks))


def diagnoses(cells: Iterable[dict[str, Any]]) -> dict[str, Diagnosis]:
    """Return the diagnosis of each graded cell as one line, and the names of the mistakes.

    The line is None for a manually graded answer. The names come from the report's diagnoses;
    without any, the name is the report's `kind`, "an error" or "mistake not recognized". There are
    no names if the report states no mistake.

    Parameters
    ----------
    cells
        Cells of a graded notebook, parsed from JSON.
    """
    by_cell: dict[str, Diagnosis] = {}
    cells = list(cells)
    broken = _solution_errors(cells)
    for cell in cells:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if not (nbgrader.get("grade") or nbgrader.get("task")):
            continue
        name, error, report = nbgrader["grade_id"], _error(cell), report_of(cell)
        if nbgrader.get("solution") or nbgrader.get("task"):
            by_cell[name] = None, ()
        elif report and report.get("diagnoses"):
            by_cell[name] = report.get("headline", ""), _names(report)
        elif name in broken:
            by_cell[name] = f"The solution cell fails. {_in_one_line(broken[name])}", (AN_ERROR,)
        elif error:
            by_cell[name] = _in_one_line(error), (AN_ERROR,)
        elif report:
            by_cell[name] = report.get("headline", ""), _names(report)
        else:
            by_cell[name] = "", (NOT_RECOGNISED,)
    return by_cell


def _names(report: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a report's diagnoses; without any, its kind."""
    names = tuple(diagnosis["name"] for diagnosis in report.get("diagnoses", ()))
    return names or ((report["kind"],) if "kind" in report else ())


def _solution_errors(cells: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the error of the solution cell before each graded cell that failed, by graded cell.

    The solution cell then defined no function, so the graded cell's own error is only a NameError.
    """
    errors, last = {}, None
    for cell in cells:
        nbgrader = cell["metadata"].get("nbgrader", {})
        if nbgrader.get("solution"):
            last = _error(cell)
        if nbgrader.get("grade") and last and _error(cell):
            errors[nbgrader["grade_id"]] = last
    return errors


def _error(cell: dict[str, Any]) -> dict[str, Any] | None:
    return next((o for o in cell.get("outputs", []) if o["output_type"] == "error"), None)


def _in_one_line(error: dict[str, Any]) -> str:
    text = f"{error['ename']}: {error['evalue']}".partition("\n")[0].rstrip(": ")
    return re.sub(r"\([^\s()]+, line", "(line", text)  # drop the kernel's name of the cell
