"""The content of a feedback page: a notebook's cells, grouped into questions."""

import functools
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from nbjudge.feedback.about import About, CellGrade
from nbjudge.feedback.outputs import show_outputs, shown_error
from nbjudge.feedback.plain import Table, list_of, points_of, table_of, tables_of, text_of
from nbjudge.feedback.safe_html import clean_html
from nbjudge.wire.outputs import REPORT

if TYPE_CHECKING:
    from nbjudge.feedback.regrade import RegradeLink

_TEST_ENDING = re.compile(r"(?<=.)[-_](?:grade|tests?)$")  # end of a grade id, as in `square_test`


def title_of(grade_id: str) -> str:
    """Return the default title of a question: its grade id without `_test`."""
    return _TEST_ENDING.sub("", grade_id)


def report_of(cell: Table) -> Table | None:
    """Return the structured report in the outputs of a graded test cell (JSON object), if any.

    >>> import nbjudge
    >>> data = {"application/vnd.nbjudge.report+json": {"version": 1, "headline": "Correct"}}
    >>> cell = {"outputs": [{"output_type": "display_data", "data": data}]}
    >>> nbjudge.report_of(cell)["headline"]
    'Correct'
    >>> nbjudge.report_of({"outputs": []}) is None
    True
    """
    outputs = [table_of(output) for output in list_of(cell.get("outputs"))]
    reports = (table_of(table_of(output.get("data")).get(REPORT)) for output in outputs)
    return next(filter(None, reports), None)


class PageCell:
    """A cell of the notebook with nbgrader's metadata."""

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
        nbjudge = table_of(metadata.get("nbjudge"))
        # The judge's remarks on a solution cell, such as an import that was skipped.
        self.notes = [text_of(note) for note in list_of(nbjudge.get("notes"))]
        self.restored = text_of(nbjudge.get("restored"))  # id of a cell with a student's version
        self.question: ShownQuestion | None = None
        self.grade: CellGrade | None = None
        self.body = Markup()

    @property
    def is_students_code(self) -> bool:
        """True if the cell contains code that the student may have written."""
        return self.kind == "code" and not (self.instructors or self.test)

    @property
    def error(self) -> Table | None:
        """The error output of the cell, if any."""
        return next(
            (output for output in self.outputs if output.get("output_type") == "error"), None
        )

    @property
    def report(self) -> Table | None:
        """The structured report of a test cell, if any."""
        return report_of(self.raw) if self.test else None

    @property
    def headings(self) -> list[tuple[str, str]]:
        """Titles of the sections that begin in the cell, with their ids in the page."""
        if self.kind != "markdown":
            return []
        headings = re.findall(r'<h\d id="([^"]*)">(.*?)</h\d>', self.body)
        return [
            (html.unescape(re.sub("<[^>]*>", "", title)), html.unescape(name))
            for name, title in headings
        ]


class ShownQuestion:
    """A graded cell, as shown in the list of results at the top of the page."""

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
        self.code = Markup()  # the student's code, shown below the diagnosis
        self.sections: list[Table] = []
        self.regrade: Sequence[RegradeLink] = ()

    def _broken_answer(self) -> PageCell | None:
        """Return the solution cell whose error prevented the test, if any."""
        if self.report is None and self.cell.error:
            return next((answer for answer in self.answers if answer.error), None)
        return None

    @functools.cached_property  # only a page needs them
    def outputs(self) -> str:
        """The outputs of a test cell without a report, as HTML."""
        return "" if self.report or not self.cell.test else show_outputs(self.cell.outputs)

    @property
    def is_unanswered(self) -> bool:
        """True if the student left the question, or the broken solution cell, unchanged."""
        graded = self.broken.grade if self.broken else self.grade
        return graded is not None and graded.unanswered

    @property
    def error(self) -> str:
        """The traceback of the solution cell whose error prevented the test, or ""."""
        error = self.broken and self.broken.error
        return shown_error(error) if error else ""

    def link_sections(self, headings: Mapping[str, str]) -> None:
        """Link the recommended sections to their headings in the page.

        Parameters
        ----------
        headings
            Ids in the page, by title.
        """
        if self.report:
            self.sections = [
                {"title": title, "notebook": notebook, "id": headings.get(title)}
                for title, notebook in self.report.read_again
            ]


class ShownReport:
    """A test cell's structured report; values of an unexpected type are left out."""

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
    """Return the questions: graded cells in the gradebook, each with its solution cells."""
    questions = list[ShownQuestion]()
    for cell in cells:
        cell.grade = about.cells.get(cell.grade_id) if cell.grade_id else None
    for cell, answers in with_answers(cells):
        if cell.grade and cell.grade.out_of is not None:
            question = ShownQuestion(len(questions) + 1, cell, cell.grade, answers)
            for part in (cell, *question.answers):
                part.question = part.question or question
            questions.append(question)
    return questions


def with_answers(cells: Iterable[PageCell]) -> Iterator[tuple[PageCell, list[PageCell]]]:
    """Yield each graded cell with the solution cells before it; consecutive tests share them.

    A cell graded by hand is its own answer, so its list of solution cells is empty.
    """
    answers, tested = list[PageCell](), False
    for cell in cells:
        if cell.solution and not cell.graded:
            answers, tested = ([cell] if tested else [*answers, cell]), False
        elif cell.graded:
            yield cell, answers if cell.test else []
            tested = True


def _picture(cell: PageCell) -> str:
    """Return the image that accompanies a report as HTML; "" if there is none."""
    for output in cell.outputs:
        data = table_of(output.get("data"))
        if REPORT in data and "image/svg+xml" in data:
            return Markup(clean_html(text_of(data["image/svg+xml"])))
    return ""
