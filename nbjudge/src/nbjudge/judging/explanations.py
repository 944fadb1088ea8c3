"""Explain failures of student code that the grader caused, directly or via an undefined name."""

import re

from nbjudge.guest.tracebacks import is_of_library
from nbjudge.judging.causes import LIMITS, ExplainedCause, explain
from nbjudge.judging.judged_notebook import JudgedNotebook
from nbjudge.judging.session import CellResult
from nbjudge.notebook import static_names
from nbjudge.notebook.newer_syntax import newer_python
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.sandbox.sandbox import Sandbox
from nbjudge.wire.outputs import REPORT, Output, stream_output
from nbjudge.wire.requests import Cause

OUT_OF_TIME = "The tests did not finish within their time limit."
NOT_SHOWN = "its message is not shown, because hidden tests ran in the same process."
_NOT_DEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
_DEFINED = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.M)  # works without valid syntax


class Explanations:
    """Explains failures in one submission that the grader's limits and missing features caused.

    Parameters
    ----------
    judged
        Results of the submission, which receive the causes to report to the instructor.
    sandbox
        Isolation of student code; None if it is not isolated.
    """

    def __init__(self, judged: JudgedNotebook, spec: NotebookSpec, sandbox: Sandbox | None):
        self.judged, self.spec, self.sandbox = judged, spec, sandbox
        # Names that are undefined because of the grader: the cause, and where the cell stopped.
        self.lost: dict[str, tuple[ExplainedCause, str]] = {}

    def explain(self, cause: Cause | None, error: str) -> ExplainedCause | None:
        """Explain an exception caused by the grader, directly or through a missing name.

        Parameters
        ----------
        error
            The exception's type and message.
        """
        return explain(cause, self.sandbox) or self.of_lost_name(error)[0]

    def of_lost_name(self, error: str) -> tuple[ExplainedCause | None, str]:
        """Return why the name in a NameError is undefined, and where the cell stopped."""
        name = _NOT_DEFINED.match(error)
        return self.lost.get(name[1], (None, "")) if name else (None, "")

    def report(self, explanation: ExplainedCause, cell_spec: CellSpec | None = None) -> None:
        """Report a cause to the instructor, once per submission.

        Parameters
        ----------
        cell_spec
            Cell that the cause may have cost points.
        """
        if explanation not in self.judged.causes:
            self.judged.causes.append(explanation)
        if cell_spec and explanation.name in LIMITS:
            self.judged.limited.add(cell_spec.grade_id)

    def report_cause(self, cause: Cause) -> None:
        """Report a cause to the instructor, if it has an explanation here."""
        if explanation := explain(cause, self.sandbox):
            self.report(explanation)

    def add_notes(self, cell: Cell, result: CellResult, is_reported: bool) -> None:
        """Add notes to a cell's outputs on dropped imports and failures that the grader caused.

        Parameters
        ----------
        is_reported
            True to report the cause of a failure to the instructor too.
        """
        cell_spec, notes = cell["spec"], list[str]()
        for dropped in result.dropped:
            note = explain(Cause("unused import", dropped.module), None)
            lack = explain(Cause("package missing", dropped.module), None)
            assert note and lack
            notes.append(f"{note.says} The import is `{dropped.statement}`.")
            self.report(note)
            self.lost[dropped.name] = lack, dropped.statement
        if notes and cell_spec:
            cell["metadata"]["nbjudge"] = {"notes": list(dict.fromkeys(notes))}
        if explanation := None if result.succeeded else self._of_cell(cell, result):
            notes.append(explanation.text)
            names = static_names.assigned_names(static_names.parse(cell["source"]))
            names.update(_DEFINED.findall(cell["source"]))
            names.update(self.spec.asked(cell_spec) if cell_spec else ())
            trace = "\n".join(map(_where_it_stopped, _errors(cell)))
            self.lost.update(dict.fromkeys(names, (explanation, trace)))
            if is_reported:
                self.report(explanation, cell_spec)
        cell["outputs"] += [stream_output(f"[{note}]\n") for note in dict.fromkeys(notes)]

    def _of_cell(self, cell: Cell, result: CellResult) -> ExplainedCause | None:
        """Explain why a cell failed, if the cause lies with the grader."""
        error = next((f"{item['ename']}: {item['evalue']}" for item in _errors(cell)), "")
        version = newer_python(cell["source"]) if error.startswith("SyntaxError") else ""
        cause = Cause("newer Python", version) if version else result.cause
        return self.explain(cause, error)


def limit_report(explanation: ExplainedCause, trace: str) -> Output:
    """Return the report of a test that failed because of a limit or missing feature of the grader.

    Parameters
    ----------
    trace
        Lines that show where the test stopped.
    """
    diagnosis = {
        "name": explanation.name,
        "text": explanation.says,
        "next": explanation.next_step,
    }
    report = {
        "version": 1,
        "headline": explanation.says,
        "diagnoses": [diagnosis],
        "case": f"Where it stopped:\n{trace}",
    }
    data = {REPORT: report, "text/plain": explanation.text}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _errors(cell: Cell) -> list[Output]:
    """Return the errors among the outputs of a cell."""
    return [item for item in cell["outputs"] if item["output_type"] == "error"]


def _where_it_stopped(error: Output) -> str:
    """Return the student's lines in a traceback, without the line of a KeyboardInterrupt."""
    entries = [entry for entry in error["traceback"] if not is_of_library(entry)]
    lines = "\n".join(entries).split("\n")
    return "\n".join(n for n in lines if not n.startswith(("-----", "KeyboardInterrupt")))
