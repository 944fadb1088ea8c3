"""Convert the results of `nbjudge grade --json` to GitHub's formats.

Job summaries and annotations: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
Results for GitHub Classroom: https://github.com/classroom-resources/autograding-grading-reporter

The results quote student code. A line of a log that begins with "::", or contains "##[", is a
command for the runner, so no text reaches a log unescaped.
"""

import base64
import enum
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbjudge.plugins.standalone.markdown import Json, escaped, explanation_of, remarks_on
from nbjudge.wording import as_sentence

LARGEST_SUMMARY = 1_000_000  # bytes; GitHub rejects summaries of more than 1 MiB
LONGEST_MESSAGE = 1_000  # characters of an annotation
MOST_ANNOTATIONS = 10  # of one level in one step; GitHub drops the others
GRADER_FAILED = (
    "This submission was not graded, because the grader failed. This is not a fault of the work, "
    "and it is not a grade of 0."
)


class Status(enum.Enum):
    """Result of a run; the value is the action's output `status`."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_GRADED = "not-graded"
    GRADER_FAILED = "grader-failed"


EXIT_STATUS = {Status.PASSED: 0, Status.FAILED: 1, Status.NOT_GRADED: 1, Status.GRADER_FAILED: 2}


@dataclass(frozen=True)
class Report:
    """Results of one submission.

    Attributes
    ----------
    status
        Result of the run.
    points, max_points
        Points from tests; None if there are no results, which differs from 0 points.
    why
        Reason why the submission was not graded, or "".
    document
        Results of `nbjudge grade --json`, or None.
    """

    status: Status
    points: float | None = None
    max_points: float | None = None
    why: str = ""
    document: Json | None = None

    @property
    def result(self) -> Json | None:
        """The results of a graded submission, or None."""
        if self.document and self.status in (Status.PASSED, Status.FAILED):
            result: Json = self.document["results"][0]
            return result
        return None

    @property
    def total(self) -> str:
        """The points as text."""
        if self.points is None or self.max_points is None:
            return "no points"
        return f"{number(self.points)} of {number(self.max_points)} points"


def read_report(document: Json, required: float | None = None, why: str = "") -> Report:
    """Return the report on one submission, from the results of `nbjudge grade`.

    Parameters
    ----------
    required
        Points that a submission needs, or infinity for all points. By default, every submission
        that was graded passes.
    why
        Reason why the submission cannot be graded, which replaces that of the results.
    """
    (result,) = document["results"]
    if result["grader_failed"]:
        return Report(Status.GRADER_FAILED, why=result["why"], document=document)
    maximum = result["max_auto_score"]
    if result["status"] != "graded":
        points = None if maximum is None else 0.0
        return Report(Status.NOT_GRADED, points, maximum, why or result["why"], document)
    points = result["score"]
    is_enough = required is None or points >= min(required, maximum)
    status = Status.PASSED if is_enough else Status.FAILED
    return Report(status, points, maximum, document=document)


def outputs(report: Report) -> dict[str, str]:
    """Return the outputs of the action; no value contains a line break."""
    result = json.dumps(classroom_result(report))
    return {
        "status": report.status.value,
        "points": "" if report.points is None else number(report.points),
        "max-points": "" if report.max_points is None else number(report.max_points),
        "result": base64.b64encode(result.encode()).decode(),
    }


def classroom_result(report: Report) -> dict[str, Any]:
    """Return the results that GitHub Classroom's reporter reads.

    The reporter adds up the scores of the tests. It reports no points at all if `max_score` is 0,
    as after a failure of the grader.
    """
    if report.status is Status.GRADER_FAILED:
        text = as_sentence(f"{GRADER_FAILED} {report.why}".strip())
        return _classroom("error", 0, [_classroom_test("nbjudge", "error", 0, text)])
    if report.status is Status.NOT_GRADED:
        text = as_sentence(f"Not graded: {report.why}")
        return _classroom("fail", report.max_points or 0, [_classroom_test(text, "fail", 0, text)])
    tests = [
        _classroom_test(title, _verdict(question), question["score"], question["diagnosis"])
        for _, title, question in _questions(report)
        if _is_test(question)
    ]
    status = "pass" if report.status is Status.PASSED else "fail"
    # The reporter divides by the number of tests.
    tests = tests or [_classroom_test("No tests", "pass", 0, "")]
    return _classroom(status, report.max_points or 0, tests)


def _classroom(status: str, maximum: float, tests: Sequence[Json]) -> dict[str, Any]:
    return {"version": 1, "status": status, "max_score": maximum, "tests": list(tests)}


def _classroom_test(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    """Return a test; the reporter prints its name and its message to the log."""
    return {
        "name": plain(name),
        "status": status,
        "score": score,
        "message": plain(message),
        "test_code": "",
        "filename": "",
        "line_no": 0,
        "duration": 0,
    }


def _verdict(question: Json) -> str:
    return "fail" if _is_lost(question) else "pass"


def _is_test(question: Json) -> bool:
    """True if a test has awarded the points; the points of other questions are in no total."""
    return question["test"] and not question["manual"]


def _is_lost(question: Json) -> bool:
    return _is_test(question) and question["score"] < question["max_score"]


def _questions(report: Report) -> Iterator[tuple[str | None, str, Json]]:
    """Yield each question with the file of its notebook, and a title."""
    notebooks: Sequence[Json] = report.result["notebooks"] if report.result else ()
    for notebook in notebooks:
        prefix = f"{notebook['name']}: " if len(notebooks) > 1 else ""
        for question in notebook["questions"]:
            yield notebook["file"], prefix + question["title"], question


def annotations(report: Report, paths: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that annotate the run: lost points, a failure, and the total.

    Parameters
    ----------
    paths
        Paths of notebooks in the repository, by their paths in the submission.
    """
    if report.status is Status.GRADER_FAILED:
        yield command("error", f"{GRADER_FAILED} {as_sentence(report.why)}", "The grader failed")
        return
    if report.status is Status.NOT_GRADED:
        text = f"This submission was not graded: {as_sentence(report.why)}"
        yield command("error", text, "Not graded")
        yield command("notice", report.total, "Points")
        return
    lost = [entry for entry in _questions(report) if _is_lost(entry[2])]
    most = len(lost) if len(lost) <= MOST_ANNOTATIONS else MOST_ANNOTATIONS - 1
    for file, title, question in lost[:most]:
        points = f"{number(question['score'])} of {number(question['max_score'])} points"
        text = "not answered" if question["unanswered"] else question["diagnosis"]
        text = as_sentence(text or "Not all tests passed")
        yield command("warning", text, f"{title}: {points}", paths.get(file or "", file))
    if lost[most:]:
        text = f"{len(lost) - most} more questions lost points; the job summary lists all of them."
        yield command("warning", text, "More questions")
    if report.status is Status.FAILED:
        yield command("error", f"{report.total}, which is too few to pass.", "Not enough points")
    yield command("notice", report.total, "Points")


def command(level: str, message: str, title: str, file: str | None = None) -> str:
    """Return the line of an annotation; no text in it can act as another command."""
    properties = {"file": file, "title": title} if file else {"title": title}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(plain(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(plain(text)).replace(":", "%3A").replace(",", "%2C")


def plain(text: str) -> str:
    """Return text on one line of limited length, without the old marker of commands."""
    text = text[: 4 * LONGEST_MESSAGE].encode("utf-8", "replace").decode()
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line[:LONGEST_MESSAGE].replace("##[", "## [")


def log_lines(text: str) -> Iterator[str]:
    """Yield the lines of untrusted text for a log; none of them is a command."""
    for line in text.splitlines():
        if shown := "".join(c if c.isprintable() else " " for c in line).rstrip():
            yield "| " + shown.replace("##[", "## [")


def summary(report: Report, limit: int = LARGEST_SUMMARY, for_instructors: bool = False) -> str:
    """Return the job summary, in Markdown.

    Parameters
    ----------
    limit
        Maximum size in bytes; paragraphs that do not fit are left out.
    for_instructors
        True if no student can read the summary.
    """
    return _limited(_paragraphs(report, for_instructors), limit)


def _paragraphs(report: Report, for_instructors: bool) -> Iterator[str]:
    """Yield the paragraphs of the summary, the most important first."""
    if report.status is Status.GRADER_FAILED:
        yield f"## The grader failed\n\n{GRADER_FAILED} The log of this step has the details."
        if report.why:
            yield f"Reason: {escaped(as_sentence(report.why))}"
        return
    if report.status is Status.NOT_GRADED:
        yield f"## Not graded: {report.total}"
        yield f"This submission was not graded: {escaped(as_sentence(report.why))}"
        yield "There are no points until a file that can be graded is pushed."
        return
    assert report.document and report.result
    verdict = ", too few to pass" if report.status is Status.FAILED else ""
    yield f"## {escaped(report.result['assignment'])}: {escaped(report.total)}{verdict}"
    rows = ["| question | points | of |", "| :-- | --: | --: |"]
    for _, title, question in _questions(report):
        points = "by hand" if question["manual"] else "not answered"
        if _is_test(question):
            points = number(question["score"])
        rows.append(f"| {escaped(title)} | {points} | {number(question['max_score'])} |")
    yield "\n".join(rows)
    yield escaped(report.document["isolation_explanation"])
    isolation = report.document["isolation"]
    yield "\n\n".join(remarks_on(report.result, isolation, for_instructors))
    for _, title, question in _questions(report):
        if _is_lost(question) and (text := explanation_of(question)):
            yield f"### {escaped(title)}\n\n{text}"


def _limited(paragraphs: Iterable[str], limit: int) -> str:
    """Return paragraphs as one text, without those for which there is no space."""
    note = "This summary is too long for GitHub and has been shortened.\n"
    text, left_out = "", False
    for paragraph in paragraphs:
        if len((text + paragraph + note).encode()) + 2 > limit:
            left_out = True
        else:
            text += paragraph + "\n\n"
    return text + note if left_out else text


def number(points: float) -> str:
    """Return points as text, without superfluous digits."""
    return f"{points:.10g}"
