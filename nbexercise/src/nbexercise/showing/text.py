"""Format an explanation as text, for a public check or a graded cell."""

from ..diagnosis.explanation import Explanation
from ..judging.notes import instead_of, why_refused
from ..judging.subject import subject
from ..judging.verdict import CheckResult, Verdict
from ..judging.wording import heading, number

__all__ = ["describe", "row"]


def describe(explanation: Explanation) -> str:
    """Return the text; the first line of a graded cell's holds the points and the diagnosis."""
    diagnosis, graded = explanation.diagnosis, explanation.graded
    if diagnosis.open_question:
        return f"{diagnosis.case_set.name}: {diagnosis.open_question}"
    if diagnosis.unwritten and not graded:
        return _unwritten(explanation)
    if diagnosis.passed and diagnosis.refused and not graded:
        return _refused(diagnosis)
    rows = [row(result, graded) for result in diagnosis.results]
    notes = [line for note in diagnosis.notes for line in _paragraph(f"Note: {note.text}")]
    lines = [_first_line(explanation), *_explained(explanation), "", *rows, *notes]
    return "\n".join(lines[:1] if diagnosis.is_not_written else lines)


def _first_line(explanation: Explanation) -> str:
    """Return the points and the headline, or the number of checks that passed."""
    diagnosis = explanation.diagnosis
    name, total = diagnosis.case_set.name, len(diagnosis.results)
    if explanation.graded:
        first = f"{name}: {number(diagnosis.points)} of {number(diagnosis.case_set.points)} points"
        return f"{first}. {explanation.headline}" if explanation.headline else first
    is_all = diagnosis.passed and total > 1
    passed = "all" if is_all else f"{sum(r.passed for r in diagnosis.results)} of"
    return f"{name}: {passed} {total} checks passed."


def _unwritten(explanation: Explanation) -> str:
    """Return the text about a function that is not written, or that calls one that is not."""
    diagnosis = explanation.diagnosis
    step = f"Next: {explanation.calls} See" if diagnosis.is_not_written else "Next: see"
    is_exercise = diagnosis.is_not_written or diagnosis.unwritten in diagnosis.case_set.helpers
    next_ = ["", f'{step} "{heading(diagnosis.unwritten)}".'] if is_exercise else []
    # Of a class, some methods may be right.
    is_begun = diagnosis.is_not_written and diagnosis.points
    rows = ["", *map(row, diagnosis.results)] if is_begun else []
    return "\n".join([*explanation.wrong, *next_, *rows])


def _refused(verdict: Verdict) -> str:
    """Return the text about a function that is right, but fails in the installed NumPy."""
    name, total = verdict.case_set.name, len(verdict.results)
    parts = (
        f"{name}: {instead_of(verdict.refused)}.",
        why_refused(verdict.refused),
        f"NumPy accepts it up to version 2.3: there all {total} checks pass.",
        "\n".join(map(row, verdict.results)),
        f"Next: change that line, run its cell, then run this one again. After that {name} also "
        f"runs in the cells of this notebook{subject().kept}.",
    )
    return "\n\n".join(parts)


def row(result: CheckResult, points: bool = False) -> str:
    """Return the line of a check, with or without its points."""
    check, name = result.check, result.check.name
    state = "pass" if result.passed else "----" if result.undecided else "FAIL"
    name += f": {result.undecided}" if result.undecided else ""
    if not points:
        return f"  {state}  {name}"
    earned = check.points if result.passed else 0
    return f"  {state}  {number(earned):>4} of {number(check.points):<3}  {name}"


def _explained(explanation: Explanation) -> list[str]:
    """Return the lines between the first one and the list of checks: diagnosis, case, next step.

    A sentence that the first line of a graded text contains is left out.
    """
    advice, first = explanation.advice, explanation.headline if explanation.graded else ""
    lines = _paragraph(explanation.remark)
    for title, mistake in advice.mistakes:
        named = [f"{title}: {mistake.diagnosis}"] if mistake.diagnosis != first else []
        step = [f"Next: {mistake.hint}"] if mistake.hint else []
        lines += ["", *named, *step] if named or step else []
    for sentence in (*advice.facts, *explanation.aside):
        lines += _paragraph(sentence if sentence != first else "")
    title, *case = explanation.case or [""]
    lines += [*_paragraph(title), *(f"  {line}" for line in case)]
    lines += [line for sentence in advice.after_error for line in _paragraph(sentence)]
    last = [f"Next: {advice.next}"] if advice.next else []
    last += [explanation.calls] if explanation.calls else []
    if advice.sections:
        sections = " and ".join(f'"{section}"' for section in advice.sections)
        notebook = explanation.diagnosis.case_set.assignment
        last += [f"Read again: {sections}{f' in the {notebook} notebook' if notebook else ''}."]
    return [*lines, "", *last] if last else lines


def _paragraph(text: str) -> list[str]:
    return ["", text] if text else []
