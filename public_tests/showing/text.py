"""Format a verdict as text, for a public check or a graded cell."""

from ..diagnosis.explanation import Explanation, explain, in_short
from ..judging.kinds import kind_of
from ..judging.notes import instead_of, why_refused
from ..judging.verdict import CheckResult, Verdict
from ..judging.wording import describe_case, number
from .overview import heading

__all__ = ["describe", "describe_graded", "head", "row"]


def describe(verdict: Verdict) -> str:
    """Return the text of a public check."""
    name, results = verdict.case_set.name, verdict.results
    passed = sum(result.passed for result in results)
    if verdict.passed and verdict.refused:
        return "\n".join(_refused(verdict))
    if verdict.passed:
        first = f"{name}: all {len(results)} checks passed."
    elif verdict.is_not_written:
        step = f'Next: {_help(verdict)} See "{heading(name)}".'
        return "\n".join([*explain(verdict).wrong, "", step])
    else:
        first = f"{name}: {passed} of {len(results)} checks passed."
    return "\n".join([first, *_explained(verdict), "", *map(row, results), *_notes(verdict)])


def _refused(verdict: Verdict) -> list[str]:
    """Return lines about a function that is right, but fails in the installed NumPy."""
    name, total = verdict.case_set.name, len(verdict.results)
    return [
        f"{name}: {instead_of(verdict.refused)}.",
        *_paragraph(why_refused(verdict.refused)),
        *_paragraph(f"The grader has NumPy 2.3, which accepts it: there all {total} checks pass."),
        "",
        *map(row, verdict.results),
        *_paragraph(
            f"Next: change that line, run its cell, then run this one again. After that {name} "
            "also runs in the cells of this notebook and is kept for the milestones."
        ),
    ]


def describe_graded(verdict: Verdict) -> str:
    """Return the text of a graded cell; its first line holds the points and the diagnosis."""
    name = verdict.case_set.name
    if verdict.open_question:
        return f"{name}: {verdict.open_question}"
    first = f"{name}: {number(verdict.points)} of {number(verdict.case_set.points)} points"
    if not verdict.passed:
        first += f". {in_short(verdict)}"
    if verdict.is_not_written:
        return first
    rows = [row(result, points=True) for result in verdict.results]
    return "\n".join([first, *_explained(verdict, graded=True), "", *rows, *_notes(verdict)])


def row(result: CheckResult, points: bool = False) -> str:
    """Return the line of a check, with or without its points."""
    check, name = result.check, result.check.name
    state = "pass" if result.passed else "----" if result.undecided else "FAIL"
    name += f": {result.undecided}" if result.undecided else ""
    if not points:
        return f"  {state}  {name}"
    earned = check.points if result.passed else 0
    return f"  {state}  {number(earned):>4} of {number(check.points):<3}  {name}"


def _explained(verdict: Verdict, graded: bool = False) -> list[str]:
    """Return the lines between the first one and the list of checks: diagnosis, case, next step."""
    if verdict.passed:
        return _paragraph(explain(verdict, graded).remark)
    said = explain(verdict, graded)
    # The diagnosis is already in the first line of a graded text.
    first = in_short(verdict) if graded else ""
    return [*_diagnosis(said, first), *_case(said), *_next(verdict, said, graded)]


def _diagnosis(said: Explanation, first: str) -> list[str]:
    """Return the paragraphs on what is wrong, except for a sentence that is said already."""
    lines = _paragraph(said.remark)
    for title, mistake in said.mistakes:
        lines += ["", *([f"{title}: {mistake.diagnosis}"] if mistake.diagnosis != first else [])]
        lines += [f"Next: {mistake.hint}"]
    for sentence in (*said.facts, *said.aside):
        lines += _paragraph(sentence if sentence != first else "")
    return lines


def _case(said: Explanation) -> list[str]:
    """Return the paragraph on the failing case that is shown."""
    if not said.failed or not said.failed.failing:
        return []
    lines = ["", f"{head(said.failed)} {describe_case(said.failed.failing.case)}"]
    if said.printed:
        lines += ["  Your function printed:", *(f"    {line}" for line in said.printed)]
    return lines + [f"  {line}" for line in said.wrong]


def _next(verdict: Verdict, said: Explanation, graded: bool) -> list[str]:
    """Return the paragraph on what to do next and what to read again."""
    lines = [f"Next: {said.next}"] if said.next else []
    if not graded and "hint(" not in said.next:
        lines += [_help(verdict)]
    if said.sections:
        named = " and ".join(f'"{section}"' for section in said.sections)
        lines += [f"Read again: {named} in the notebook {verdict.case_set.assignment}."]
    return ["", *lines] if lines else []


def _notes(verdict: Verdict) -> list[str]:
    return [line for note in verdict.notes for line in _paragraph(f"Note: {note.text}")]


def _help(verdict: Verdict) -> str:
    """Return a sentence about the calls that draw the failing case and give a hint."""
    name, shown = verdict.case_set.name, verdict.shown
    assert shown and shown.failing, "a verdict that failed has a check to show"
    drawn = kind_of(shown.check).drawn and not shown.failing.outcome.problem
    draws = f'show("{name}") draws this case; ' if drawn else ""
    return f'{draws}hint("{name}") gives a hint.'


def _paragraph(text: str) -> list[str]:
    return ["", text] if text else []


def head(failed: CheckResult) -> str:
    """Return the heading of the first failing case."""
    return f"First failing case, {failed.check.name}:"
