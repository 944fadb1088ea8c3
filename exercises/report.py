"""A verdict as plain data, for the feedback page and the table of grades."""

from public_tests.judging import Verdict
from public_tests.picture import publish as show
from public_tests.text import explain, in_short, not_written, sections, why_undecided

__all__ = ["AN_ERROR", "MIME_TYPE", "NOT_WRITTEN", "UNNAMED", "as_report", "publish"]

MIME_TYPE = "application/vnd.nbjudge.report+json"  # nbjudge/README.md says what it holds

NOT_WRITTEN, AN_ERROR = "not written", "an error"
_KINDS = {"time": "does not end", "nothing": "nothing returned", "error": AN_ERROR}
# What can be said in general of points lost without a known mistake.
UNNAMED = (NOT_WRITTEN, *_KINDS.values(), "mistake not recognised")


def as_report(verdict: Verdict, seed: int) -> dict:
    """What the judge found, as a report that nbjudge's feedback page shows.

    seed: with which the inputs were drawn
    """
    case_set, name = verdict.case_set, verdict.case_set.name
    report = {"question": name, "points": verdict.points, "out_of": case_set.points, "seed": seed}
    if verdict.passed:
        return report | _said(verdict, "")
    report |= {"headline": in_short(verdict), "kind": _kind(verdict)}
    if not_written(verdict):
        return report
    report |= _said(verdict, report["headline"])
    report["checks"] = [
        {
            "name": result.check.name,
            "passed": result.passed,
            "undecided": "" if result.passed else why_undecided(result),
            "points": result.check.points if result.passed else 0,
            "out_of": result.check.points,
        }
        for result in verdict.results
    ]
    report["diagnoses"] = [
        {"name": mistake.name, "text": mistake.diagnosis, "next": mistake.hint}
        for mistake in verdict.mistakes
    ]
    if any(kind == "read" and lines for kind, lines in explain(verdict, graded=True)):
        report["read_again"] = [
            {"section": section, "notebook": case_set.assignment} for section in sections(verdict)
        ]
    return report


def _said(verdict, headline):
    """The sentences of the text, but for the headline, as the page groups them."""
    said = {"remarks": [], "next": [], "notes": [note.text for note in verdict.notes]}
    for kind, lines in explain(verdict, graded=True):
        text = " ".join(" ".join(lines).split())
        if kind == "case":
            said["case"] = _case(lines)
        elif kind == "next" and text:
            said["next"].append(text.removeprefix("Next: "))
        elif kind in ("remark", "changed", "fact") and text and text != headline:
            said["remarks"].append(text)
    return said


def _case(lines):
    """The lines about the failing case; those that were broken in two are whole again."""
    whole = []
    for line in lines[1:]:
        if line.startswith("    ") and len(whole) == 1:
            whole[0] += f" {line.strip()}"
        else:
            whole.append(line.removeprefix("  "))
    return "\n".join(whole)


def _kind(verdict):
    problem = verdict.failing.outcome.problem
    if not_written(verdict):
        return NOT_WRITTEN
    return _KINDS.get(problem.kind if problem else "", UNNAMED[-1])


def publish(report: dict, picture: str = "") -> None:
    """Display a report, with a picture (SVG) if any; outside a notebook do nothing."""
    show({MIME_TYPE: report} | ({"image/svg+xml": picture} if picture else {}))
