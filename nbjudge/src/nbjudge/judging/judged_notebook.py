"""The results of judging a notebook, and their conversion to a graded notebook."""

import json
from dataclasses import dataclass, field

from nbjudge.judging.causes import ExplainedCause
from nbjudge.judging.messages import Fault, Graded
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.wire.outputs import Output, error_output


@dataclass(kw_only=True)
class JudgedNotebook:
    """The results of judging a notebook.

    Attributes
    ----------
    cells
        The cells with their outputs.
    scores
        {grade id: points, or None for manual grading}.
    unanswered
        Grade ids of the solution cells that are blank or unchanged.
    repairs
        Descriptions of the repairs, for the instructor.
    remarks
        Other sentences about the work.
    suspicions
        Possible effects of the submission on tests, for the instructor alone: {grade id: sentence}.
    faults
        Errors in the assignment, for the instructor.
    compared
        Scores of tests in the child, by grade id, if the submission asks for them.
    causes
        Limits and missing features of the grader that the student's code ran into.
    limited
        Grade ids of the tests that lost points, or may have, because of a limit.
    missed
        What tests that lost points outside could not see there, by grade id, as in `Link.miss`.
    outside
        Scores and outputs outside of the tests that are judged in the child because of that.
    """

    cells: list[Cell]
    scores: dict[str, float | None] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    suspicions: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    causes: list[ExplainedCause] = field(default_factory=list)
    compared: dict[str, float | None] = field(default_factory=dict)
    limited: set[str] = field(default_factory=set)
    missed: dict[str, str] = field(default_factory=dict)
    outside: dict[str, tuple[float | None, list[Output]]] = field(default_factory=dict)

    def blame(self, cell: Cell, cell_spec: CellSpec, what: str) -> None:
        """Record a fault of the test: leave the score open, and inform the instructor."""
        self.faults.append(Fault(cell_spec.grade_id, what))
        self._leave(cell, cell_spec, f"{what}. This is not the student's fault")

    def suspect(self, cell: Cell, cell_spec: CellSpec, what: str) -> None:
        """Record a possible effect of this submission on a test: leave the score to a person."""
        advice = "compare it with other submissions, and grade this question by hand"
        self.suspicions[cell_spec.grade_id] = f"{cell_spec.grade_id}: {what}; {advice}"
        self._leave(cell, cell_spec, what)

    def doubt(self, cell: Cell, cell_spec: CellSpec, why: str) -> None:
        """Leave a test to a person that lost points after a repair."""
        self.remarks.append(f"{cell_spec.grade_id} needs a manual grade: {why}")
        cell["outputs"] = []  # they show only that the restored cell lacks something
        self._leave(cell, cell_spec, why)

    def _leave(self, cell: Cell, cell_spec: CellSpec, why: str) -> None:
        self.scores[cell_spec.grade_id] = None
        text = f"A person will grade this question: {why.removesuffix('.')}."
        cell["outputs"].append(error_output("TestError", text))


def graded(judged: JudgedNotebook, spec: NotebookSpec, mark: dict[str, object]) -> Graded:
    """Return the results as a message, with the graded notebook as file content."""
    causes = {"causes": [cause.name for cause in judged.causes]} if judged.causes else {}
    metadata: dict[str, object] = {"nbjudge": mark | causes}
    if spec.kernelspec:
        metadata["kernelspec"] = spec.kernelspec
    count = 0
    for cell in judged.cells:
        del cell["spec"]
        cell.pop("submitted", None)
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
        notebook=text.encode("utf-8", "replace"),
        scores=judged.scores,
        unanswered=judged.unanswered,
        repairs=judged.repairs,
        faults=judged.faults,
        causes=judged.causes,
        remarks=judged.remarks,
        compared=judged.compared,
        limited=sorted(judged.limited),
        missed=judged.missed,
        suspicions=judged.suspicions,
    )
