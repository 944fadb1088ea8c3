"""What a feedback page shows of a notebook: its cells, and the questions that they make.

Hidden tests and marking schemes are left out here.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping

from markupsafe import Markup

from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.outputs import show_outputs, shown_error
from nbjudge.feedback.plain import Table, list_of, points_of, table_of, tables_of, text_of
from nbjudge.feedback.safe_html import clean_html
from nbjudge.wire.outputs import REPORT

_TEST_ENDING = re.compile(r"(?<=.)[-_](?:grade|tests?)$")  # of a grade id: `square_test`


def title_of(grade_id: str) -> str:
    """What a question is called whose test does not say it: its grade id without `_test`."""
    return _TEST_ENDING.sub("", grade_id)


def report_of(cell: Table) -> Table | None:
    """The structured report that a graded test cell, as JSON has it, holds, if any."""
    outputs = [table_of(output) for output in list_of(cell.get("outputs"))]
    found = (table_of(table_of(output.get("data")).get(REPORT)) for output in outputs)
    return next(filter(None, found), None)


class PageCell:
    """A cell of the notebook, and what nbgrader says of it."""

    def __init__(self, number: int, raw: Table):
        self.number, self.raw = number, raw
        self.kind, self.source = raw.get("cell_type"), text_of(raw.get("source"))
        metadata = table_of(raw.get("metadata"))
        nbgrader = table_of(metadata.get("nbgrader"))
        self.grade_id = str(nbgrader.get("grade_id") or "")
        self.tags = list_of(metadata.get("tags"))
        self.folded = bool(table_of(metadata.get("jupyter")).get("source_hidden"))
        self.solution, self.task = bool(nbgrader.get("solution")), bool(nbgrader.get("task"))
        self.graded = bool(nbgrader.get("grade")) or self.task
        locked = bool(nbgrader.get("locked"))
        self.instructors = (locked and not self.solution) or self.task
        self.test = self.kind == "code" and self.graded and not self.solution
        self.setup = (
            self.kind == "code"
            and locked
            and not self.graded
            and (self.grade_id == "setup" or "setup" in self.tags)
        )
        outputs = raw.get("outputs") if self.kind == "code" else []
        self.outputs = [dict(output) for output in list_of(outputs) if isinstance(output, dict)]
        # What the grader says of a solution cell: an import without which it was run.
        self.notes = [
            text_of(note) for note in list_of(table_of(metadata.get("nbjudge")).get("notes"))
        ]
        self.question: ShownQuestion | None = None
        self.grade: CellGrade | None = None
        self.body = Markup()

    @property
    def error(self) -> Table | None:
        """The error that the cell ended with."""
        return next(
            (output for output in self.outputs if output.get("output_type") == "error"), None
        )

    @property
    def report(self) -> Table | None:
        """What a test cell said in a structured way, if it did."""
        return report_of(self.raw) if self.test else None

    @property
    def headings(self) -> list[tuple[str, str]]:
        """The titles of the sections that begin in the cell, and their ids in the page."""
        if self.kind != "markdown":
            return []
        found = re.findall(r'<h\d id="([^"]*)">(.*?)</h\d>', self.body)
        return [
            (html.unescape(re.sub("<[^>]*>", "", title)), html.unescape(name))
            for name, title in found
        ]


class ShownQuestion:
    """A graded cell, as the first part of the page shows it."""

    def __init__(self, number: int, cell: PageCell, grade: CellGrade, answers: list[PageCell]):
        self.name = f"question-{number}"
        self.cell, self.grade = cell, grade
        self.answers = answers  # the solution cells that it grades
        report = self.report = ShownReport(cell.report) if cell.report else None
        self.title = (report and report.question) or title_of(cell.grade_id)
        comments = [cell.grade, *(answer.grade for answer in answers)]
        self.comments = list(dict.fromkeys(g.comment for g in comments if g and g.comment))
        notes = [*(report.notes if report else ()), *(n for a in answers for n in a.notes)]
        self.notes = list(dict.fromkeys(notes))
        self.picture = _picture(cell) if report else ""
        self.broken = self._broken_answer()
        self.outputs = "" if report or not cell.test else show_outputs(cell.outputs)
        self.sections: list[Table] = []

    def _broken_answer(self) -> PageCell | None:
        """The error of a solution cell without which there was nothing to test."""
        if self.report is None and self.cell.error:
            return next((answer for answer in self.answers if answer.error), None)
        return None

    @property
    def error(self) -> str:
        """The traceback of that solution cell."""
        error = self.broken and self.broken.error
        return shown_error(error) if error else ""

    def link_sections(self, headings: Mapping[str, str]) -> None:
        """Find what is to be read again in the page.

        Parameters
        ----------
        headings
            The ids in the page, by title.
        """
        if self.report:
            self.sections = [
                {"title": title, "notebook": notebook, "id": headings.get(title)}
                for title, notebook in self.report.read_again
            ]


class ShownReport:
    """A test cell's structured account; what has another form than documented is left out."""

    def __init__(self, data: Table):
        self.question, self.headline = text_of(data.get("question")), text_of(data.get("headline"))
        self.points, self.case = data.get("points"), text_of(data.get("case"))
        self.next, self.remarks, self.notes = (
            [text_of(text) for text in list_of(data.get(name))]
            for name in ("next", "remarks", "notes")
        )
        self.diagnoses = [
            (text_of(diagnosis.get("text")), text_of(diagnosis.get("next")))
            for diagnosis in tables_of(data, "diagnoses")
        ]
        self.checks = [
            {
                "name": text_of(check.get("name")),
                "passed": check.get("passed") is True,
                "undecided": text_of(check.get("undecided")),
                "points": points_of(check.get("points")),
                "out_of": points_of(check.get("out_of")),
            }
            for check in tables_of(data, "checks")
        ]
        self.read_again = [
            (text_of(place.get("section")), text_of(place.get("notebook")))
            for place in tables_of(data, "read_again")
        ]


def find_questions(cells: list[PageCell], about: About) -> list[ShownQuestion]:
    """The graded cells that the gradebook knows, each with the solution cells before it."""
    found = list[ShownQuestion]()
    for cell in cells:
        cell.grade = about.cells.get(cell.grade_id) if cell.grade_id else None
    for cell, answers in with_answers(cells):
        if cell.grade and cell.grade.out_of is not None:
            question = ShownQuestion(len(found) + 1, cell, cell.grade, answers)
            for part in (cell, *question.answers):
                part.question = part.question or question
            found.append(question)
    return found


def with_answers(cells: Iterable[PageCell]) -> Iterator[tuple[PageCell, list[PageCell]]]:
    """The graded cells, each with the solution cells before it; tests in a row have the same.

    What is graded by hand is its own answer, and has none before it.
    """
    answers, tested = list[PageCell](), False
    for cell in cells:
        if cell.solution and not cell.graded:
            answers, tested = ([cell] if tested else [*answers, cell]), False
        elif cell.graded:
            yield cell, answers if cell.test else []
            tested = True


def _picture(cell: PageCell) -> str:
    """The picture that a report came with."""
    for output in cell.outputs:
        data = table_of(output.get("data"))
        if REPORT in data and "image/svg+xml" in data:
            return Markup(clean_html(text_of(data["image/svg+xml"])))
    return ""
