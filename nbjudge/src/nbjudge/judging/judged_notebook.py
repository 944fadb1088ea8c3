"""What judging a notebook found, and the graded notebook that is made from it."""

import json
from dataclasses import dataclass, field

from nbjudge.judging.causes import ExplainedCause
from nbjudge.judging.messages import Fault, Graded
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import NotebookSpec


@dataclass
class JudgedNotebook:
    """What judging a notebook found.

    Attributes
    ----------
    cells
        With outputs.
    scores
        {grade id: points, or None where a person has to grade}.
    unanswered
        The solution cells that are blank, or as they were handed out.
    repairs
        What was repaired: sentences for the instructor.
    remarks
        What else the instructor should know of it: likewise.
    faults
        What is wrong with the assignment, for the instructor.
    causes
        The limits and lacks of the grader that the student's code met.
    """

    cells: list[Cell]
    scores: dict[str, float | None] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    causes: list[ExplainedCause] = field(default_factory=list)


def graded(judged: JudgedNotebook, spec: NotebookSpec, mark: dict[str, object]) -> Graded:
    """What was judged as a message, with the graded notebook as the text of a file."""
    causes = {"causes": [cause.name for cause in judged.causes]} if judged.causes else {}
    metadata: dict[str, object] = {"nbjudge": mark | causes}
    if spec.kernelspec:
        metadata["kernelspec"] = spec.kernelspec
    count = 0
    for cell in judged.cells:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            cell.pop("attachments", None)
    notebook = {
        "cells": judged.cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False)
    return Graded(
        text.encode("utf-8", "replace"),
        judged.scores,
        judged.unanswered,
        judged.repairs,
        judged.faults,
        judged.causes,
        judged.remarks,
    )
