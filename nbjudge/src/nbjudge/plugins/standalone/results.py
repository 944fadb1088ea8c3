"""Describe the results of `nbjudge grade` as JSON data; `results.schema.json` defines the form."""

import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbjudge import __version__
from nbjudge.course.assignment import Assignment
from nbjudge.course.saving import Scores
from nbjudge.feedback.about import About
from nbjudge.feedback.hiding import hide
from nbjudge.feedback.outputs import shown_error
from nbjudge.feedback.questions import PageCell, ShownQuestion, find_questions, title_of
from nbjudge.judging.messages import Graded
from nbjudge.notebook.spec import CellSpec
from nbjudge.plugins.shared.diagnoses import diagnoses
from nbjudge.plugins.standalone.judging import JudgedWork
from nbjudge.plugins.standalone.work import Work
from nbjudge.points import add_points

SCHEMA = Path(__file__).with_name("results.schema.json")
VERSION = 1  # of the schema; a new one if a key is removed or its meaning changes
LONGEST_TEXT = 5_000  # characters


def as_document(
    judged: Sequence[JudgedWork],
    isolation: str,
    explanation: str,
    seconds: float,
    pages: Mapping[tuple[Work, str], Path] | None = None,
) -> dict[str, Any]:
    """Return the results of a run as JSON data.

    Parameters
    ----------
    isolation
        Level at which the work was judged; "" if nothing was judged.
    explanation
        Sentence about the level.
    seconds
        Duration of the run.
    pages
        Feedback pages that were written, by submission and name of the notebook.
    """
    return {
        "schema_version": VERSION,
        "nbjudge": __version__,
        "python": platform.python_version(),
        "isolation": isolation,
        "isolation_explanation": explanation,
        "seconds": round(seconds, 3),
        "results": [_result(one, pages or {}) for one in judged],
    }


def _result(one: JudgedWork, pages: Mapping[tuple[Work, str], Path]) -> dict[str, Any]:
    assignment, judgment = one.assignment, one.judgment
    limits = {c.name: c for answer in one.answers.values() for c in answer.causes}
    return {
        "path": one.work.path,
        "assignment": assignment.name if assignment else None,
        "status": "failed" if one.why else "graded",
        "why": one.why,
        "grader_failed": one.is_graders_fault,
        "score": judgment.score,
        "max_score": _maximum(_graded(assignment)) if assignment else None,
        "max_auto_score": max_auto_score(assignment) if assignment else None,
        "manual": judgment.manual,
        "seed": one.seed,
        "seconds": round(one.seconds, 3),
        "repairs": list(judgment.repairs),
        "remarks": list(judgment.remarks),
        "suspicions": list(judgment.suspicions),
        "errors": list(judgment.errors),
        "limits": [
            {"name": cause.name, "message": cause.says, "next": cause.next_step}
            for cause in limits.values()
        ],
        "notebooks": [
            _notebook(name, assignment, one, pages.get((one.work, name)))
            for name in assignment.specs
            if not one.why
        ]
        if assignment
        else [],
    }


def _graded(assignment: Assignment) -> list[CellSpec]:
    return [cell for spec in assignment.specs.values() for cell in spec.graded]


def max_auto_score(assignment: Assignment) -> float:
    """Return the maximum points that no person has to award."""
    return _maximum([cell for cell in _graded(assignment) if cell.is_scored])


def _maximum(cells: Sequence[CellSpec]) -> float:
    return add_points(cell.points for cell in cells)


def _notebook(
    name: str, assignment: Assignment, one: JudgedWork, page: Path | None
) -> dict[str, Any]:
    spec, answer = assignment.specs[name], one.answers.get(name)
    if answer is None:
        questions = [_missing_question(cell) for cell in spec.graded]
    else:
        questions = _questions(spec.graded, answer, one.saved[name], one.abouts[name])
    return {
        "name": name,
        "file": one.chosen.get(name),
        "page": str(page) if page else None,
        "questions": questions,
    }


def _questions(
    graded: Sequence[CellSpec], answer: Graded, scores: Scores, about: About
) -> list[dict[str, Any]]:
    """Return the results of a notebook's questions, in order."""
    raw = json.loads(answer.notebook)["cells"]
    diagnosed = diagnoses(raw)
    cells = hide([PageCell(number, cell) for number, cell in enumerate(raw)], about)
    shown = {question.cell.grade_id: question for question in find_questions(cells, about)}
    questions = []
    for cell in graded:
        text, names = diagnosed.get(cell.grade_id, (None, ()))
        score = scores.scores.get(cell.grade_id)
        question = _question(cell, score) | {"diagnosis": (text or "")[:LONGEST_TEXT]}
        seen = shown.get(cell.grade_id)
        if seen:
            question |= _details(seen, about)
        if _lost(cell, score):
            question["mistakes"] = _mistakes(names, seen)
        questions.append(question)
    return questions


def _mistakes(names: Sequence[str], question: ShownQuestion | None) -> list[dict[str, str]]:
    """Return the mistakes in an answer, with the texts of the test's report if there is one."""
    report = question.report if question else None
    texts = report.diagnoses if report else []
    if len(texts) != len(names):
        texts = [("", "")] * len(names)
    return [
        {"name": name, "text": text, "next": step}
        for name, (text, step) in zip(names, texts, strict=True)
    ]


def _lost(cell: CellSpec, score: float | None) -> bool:
    return score is not None and score < cell.points


def _question(cell: CellSpec, score: float | None) -> dict[str, Any]:
    return {
        "name": cell.grade_id,
        "title": title_of(cell.grade_id),
        "score": score,
        "max_score": cell.points,
        "test": cell.is_scored,
        "manual": score is None,
        "unanswered": False,
        "diagnosis": "",
        "mistakes": [],
        "next": [],
        "notes": [],
        "checks": [],
        "error": "",
        "case": "",
    }


def _missing_question(cell: CellSpec) -> dict[str, Any]:
    """Return the result of a question whose notebook was not submitted."""
    text = {"diagnosis": "The notebook was not submitted."}
    return _question(cell, 0.0) | text | {"unanswered": True}


def _details(question: ShownQuestion, about: About) -> dict[str, Any]:
    """Return the feedback page's data about a question."""
    report, error = question.report, question.cell.error
    unanswered = [
        bool((grade := about.cells.get(answer.grade_id)) and grade.unanswered)
        for answer in (question.answers or [question.cell])
    ]
    details: dict[str, Any] = {
        "title": question.title,
        "unanswered": all(unanswered),
        "notes": question.notes,
        "error": "",
    }
    if question.error or (error and report is None):
        text = question.error or shown_error(error or {})
        details["error"] = text[:LONGEST_TEXT]
    if report:
        details |= {"next": report.next, "case": report.case[:LONGEST_TEXT]}
        details["notes"] = [*report.remarks, *question.notes]
        details["checks"] = [
            {
                "name": check["name"],
                "passed": None if check["undecided"] else check["passed"],
                "score": check["points"],
                "max_score": check["out_of"],
                "message": check["undecided"],
            }
            for check in report.checks
        ]
    return details
