"""A verdict as a report: plain data, for the feedback page, tables of grades and scripts.

nbjudge/docs/feedback.md describes the contents of a report. Graded cells display reports, and so
does the check of an exercise that is not solved yet.
"""

from typing import Any

from ..diagnosis.explanation import Explanation
from ..judging.verdict import CheckResult
from .display import publish

__all__ = ["AN_ERROR", "MIME_TYPE", "NOT_WRITTEN", "UNNAMED", "REPORT_VERSION"]
__all__ += ["as_check", "as_report", "publish_report"]

MIME_TYPE = "application/vnd.nbjudge.report+json"
REPORT_VERSION = 1  # version of a report's format

NOT_WRITTEN, AN_ERROR = "not written", "an error"
_KINDS = {  # by model.Problem.kind
    "time": "takes too long",
    "nothing": "nothing returned",
    "count": "wrong number of values",
    "type": "wrong type of value",
    "error": AN_ERROR,
    "limit": "limit of the grader",
}
# Categories of lost points without a known mistake.
UNNAMED = (NOT_WRITTEN, *_KINDS.values(), "mistake not recognized")


def as_report(explanation: Explanation, seed: int | None = None) -> dict[str, Any]:
    """Return the contents of a graded cell's text as data that JSON can hold.

    Parameters
    ----------
    seed
        Seed of the inputs; None for the public inputs.
    """
    diagnosis, advice = explanation.diagnosis, explanation.advice
    case_set = diagnosis.case_set
    report: dict[str, Any] = {
        "version": REPORT_VERSION,
        "question": case_set.name,
        "points": diagnosis.points,
        "out_of": case_set.points,
    }
    if seed is not None:
        report["seed"] = seed
    if diagnosis.stop:
        report["limit"] = diagnosis.stop.about(case_set.name).splitlines()[0]
    if diagnosis.open_question:
        limit = _KINDS["limit"]
        return report | {"headline": diagnosis.open_question, "kind": limit, "manual": True}
    if not diagnosis.passed:
        problem = _KINDS.get(diagnosis.problem.kind if diagnosis.problem else "", UNNAMED[-1])
        kind = NOT_WRITTEN if diagnosis.is_not_written else problem
        report |= {"headline": explanation.headline, "kind": kind}
    if diagnosis.is_not_written:
        return report
    facts = (*advice.facts, *advice.after_error)
    remarks = filter(None, (explanation.remark, *explanation.aside, *facts))
    report |= {
        "remarks": [text for text in remarks if text != explanation.headline],
        "next": [advice.next] if advice.next else [],
        "notes": [note.text for note in diagnosis.notes],
    }
    if diagnosis.passed:
        return report
    report["case"] = "\n".join(explanation.case)
    if advice.sections:
        report["read_again"] = [
            {"section": section, "notebook": case_set.assignment} for section in advice.sections
        ]
    report["checks"] = [as_check(result) for result in diagnosis.results]
    report["diagnoses"] = [
        {"name": mistake.name, "text": mistake.diagnosis, "next": mistake.hint}
        for mistake in diagnosis.mistakes
    ]
    return report


def as_check(result: CheckResult) -> dict[str, Any]:
    """Return the entry of a check."""
    return {
        "name": result.check.name,
        "passed": result.passed,
        "undecided": result.undecided,
        "points": result.check.points if result.passed else 0,
        "out_of": result.check.points,
    }


def publish_report(report: dict[str, Any], picture: str = "") -> None:
    """Display a report, with an SVG picture if any; do nothing outside a notebook."""
    publish({MIME_TYPE: report} | ({"image/svg+xml": picture} if picture else {}))
