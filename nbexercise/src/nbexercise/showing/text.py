"""Format an explanation as text, for a public check or a graded cell."""

from ..diagnosis.explanation import Explanation
from ..judging.notes import instead_of, why_refused
from ..judging.subject import subject
from ..judging.verdict import CheckResult, Verdict
from ..judging.wording import heading, number

__all__ = ["describe", "row"]


def describe(explanation: Explanation) -> str:
    """Return the text; the first line of a graded cell's holds the points and the diagnosis."""
    verdict, name = explanation.verdict, explanation.verdict.case_set.name
    total, passed = len(verdict.results), sum(result.passed for result in verdict.results)
    if verdict.open_question:
        return f"{name}: {verdict.open_question}"
    if explanation.graded:
        first = f"{name}: {number(verdict.points)} of {number(verdict.case_set.points)} points"
        first += f". {explanation.headline}" if explanation.headline else ""
        if verdict.is_not_written:
            return first
    elif verdict.is_not_written:
        return "\n".join(
            [*explanation.wrong, "", f'Next: {explanation.help} See "{heading(name)}".']
        )
    elif helper := verdict.waits_for:
        see = [f'Next: see "{heading(helper)}".'] if helper in verdict.case_set.helpers else []
        return "\n".join([*explanation.wrong, *(["", *see] if see else [])])
    elif verdict.passed and verdict.refused:
        return _refused(verdict)
    else:
        first = f"{name}: {'all' if verdict.passed else f'{passed} of'} {total} checks passed."
    rows = [row(result, explanation.graded) for result in verdict.results]
    notes = [line for note in explanation.notes for line in _paragraph(f"Note: {note}")]
    return "\n".join([first, *_explained(explanation), "", *rows, *notes])


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
    first, lines = (
        explanation.headline if explanation.graded else "",
        _paragraph(explanation.remark),
    )
    for title, mistake in explanation.mistakes:
        named = [f"{title}: {mistake.diagnosis}"] if mistake.diagnosis != first else []
        step = [f"Next: {mistake.hint}"] if mistake.hint else []
        lines += ["", *named, *step] if named or step else []
    for sentence in (*explanation.facts, *explanation.aside):
        lines += _paragraph(sentence if sentence != first else "")
    heading, *case = explanation.case or [""]
    lines += [*_paragraph(heading), *(f"  {line}" for line in case)]
    lines += [line for sentence in explanation.after_error for line in _paragraph(sentence)]
    last = [f"Next: {explanation.next}"] if explanation.next else []
    last += [explanation.help] if explanation.help else []
    if explanation.sections:
        sections = " and ".join(f'"{section}"' for section in explanation.sections)
        notebook = explanation.verdict.case_set.assignment
        last += [f"Read again: {sections}{f' in the notebook {notebook}' if notebook else ''}."]
    return [*lines, "", *last] if last else lines


def _paragraph(text: str) -> list[str]:
    return ["", text] if text else []
