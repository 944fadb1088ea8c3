"""Render an answer for the review page: question, student's cells and marking scheme as HTML.

The question and the marking scheme come from the instructor's notebook, the answer from the graded
notebook. All HTML has been sanitized by `nbjudge.feedback.safe_html`.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markupsafe import Markup

from nbjudge.course.assignment import Assignment
from nbjudge.feedback.about import About
from nbjudge.feedback.hiding import show_scheme
from nbjudge.feedback.page import show_cell
from nbjudge.feedback.pictures import show_pictures
from nbjudge.feedback.prose import markdown
from nbjudge.feedback.questions import PageCell, find_questions
from nbjudge.files import digest_of, reason_of
from nbjudge.notebook.answers import own_answers
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.review.manual_grades import ManualGrade, ManualGrades
from nbjudge.review.rubric import RubricItem, find_items


@dataclass(frozen=True)
class ManualQuestion:
    """A manually graded question, as the instructor wrote it.

    Attributes
    ----------
    title
        Grade id of the question.
    prompt, scheme
        HTML; "" if the notebook has none.
    items
        Rubric items of the marking scheme.
    """

    title: str
    prompt: str
    scheme: str
    items: tuple[RubricItem, ...]


def find_question(spec: NotebookSpec, grade_id: str) -> ManualQuestion:
    """Return the question whose answer is the given cell of the instructor's notebook.

    The prompt is the text before the cell, from the last heading on; a task's prompt is the task
    itself. The marking scheme is in the task, or in a locked cell before the next graded cell.
    """
    cells = spec.cells
    at = next(number for number, cell in enumerate(cells) if cell.grade_id == grade_id)
    prompt = [cells[at]] if cells[at].task else _text_before(cells[:at])
    scheme = _scheme(cells, at)
    return ManualQuestion(
        grade_id,
        _below_h2(markdown("\n\n".join(cell.released for cell in prompt))),
        _below_h2(markdown(_shown(scheme))) if scheme else "",
        tuple(find_items(_inside_marks(scheme))) if scheme else (),
    )


def _below_h2(html: str) -> str:
    """Renumber the headings in HTML from level 3 without gaps, for screen readers."""
    levels = sorted(set(re.findall(r"<h([1-6])", html)))
    new_levels = {level: min(6, 3 + rank) for rank, level in enumerate(levels)}
    return re.sub(r"(</?h)([1-6])", lambda tag: f"{tag[1]}{new_levels[tag[2]]}", html)


def _text_before(cells: Sequence[CellSpec]) -> list[CellSpec]:
    text: list[CellSpec] = []
    for cell in reversed(cells):
        if cell.cell_type != "markdown":
            if text:
                break
            continue
        if cell.solution or cell.grade or cell.task:
            break
        text.insert(0, cell)
        if cell.source.lstrip().startswith("#"):
            break
    return text


def _scheme(cells: Sequence[CellSpec], at: int) -> CellSpec | None:
    """Return the cell with the marking scheme for an answer cell, if any."""
    for number, cell in enumerate(cells[at:]):
        if number and (cell.grade or cell.task or cell.solution):
            return None
        if any(cell.scheme[0] in line for line in cell.source.splitlines()):
            return cell
    return None


def _shown(cell: CellSpec) -> str:
    """Return a marking scheme with the surrounding text; for a task, the scheme only."""
    return _inside_marks(cell) if cell.task else show_scheme(cell.source, cell.scheme)


def _inside_marks(cell: CellSpec) -> str:
    (begin, end), inside, lines = cell.scheme, False, []
    for line in cell.source.splitlines():
        if begin in line or end in line:
            inside = begin in line
        elif inside:
            lines.append(line)
    return "\n".join(lines)


class Answers:
    """The manually graded answers of an assignment, in display order.

    The answers to a question are consecutive, in a random order that stays the same.

    Attributes
    ----------
    grades
        Grades in the gradebook.
    order
        Ids of the answers.
    listed
        The answers as the gradebook had them at the start, by id, in display order.
    places
        Places of all graded cells with a readable notebook in the display order, by id.
    by_hand
        Questions that are always graded by hand, as (notebook, cell).
    missing
        Number of answers left out because their graded notebook is missing or unreadable.
    nothing
        Reason why there are no answers; "" if there are any.
    """

    def __init__(self, assignment: Assignment, everything: bool = False):
        self.assignment = assignment
        self.grades = ManualGrades(assignment.records)
        rows = self.grades.all()
        positions = {
            (spec.name, cell.grade_id): (position, number)
            for position, spec in enumerate(assignment.specs.values())
            for number, cell in enumerate(spec.cells)
            if cell.grade_id
        }
        by_hand = self.by_hand = {
            (spec.name, cell.grade_id)
            for spec in assignment.specs.values()
            for cell in spec.graded
            if not cell.is_test
        }
        known = [row for row in rows if (row.notebook, row.cell) in positions]
        # The ids are random, so their order reveals no names; the stable sort keeps it.
        known.sort(key=lambda row: positions[row.notebook, row.cell])
        paths = {self._path(row) for row in known}
        readable = {path for path in paths if os.access(path, os.R_OK)}
        self.places = {
            row.id: place for place, row in enumerate(known) if self._path(row) in readable
        }
        wanted = [
            row
            for row in known
            if row.waiting
            or (everything and row.points is not None and (row.notebook, row.cell) in by_hand)
        ]
        self.listed = {row.id: row for row in wanted if row.id in self.places}
        self.order = list(self.listed)
        self.missing = len(wanted) - len(self.order)
        self.nothing = "" if self.order else self._why_nothing(bool(rows), by_hand, everything)
        self._questions: dict[tuple[str, str], ManualQuestion] = {}
        self._works: dict[str, tuple[int, str]] = {}

    def _why_nothing(self, graded: bool, by_hand: set[tuple[str, str]], everything: bool) -> str:
        name = self.assignment.name
        if not graded:
            return f"{name} has not been graded yet: run `nbjudge autograde {name}` first."
        if not by_hand:
            return f"{name} has no questions graded by hand, and no test needs a manual grade."
        if everything:
            return f"{name} has no answers to grade by hand."
        return self.nothing_waiting()

    def nothing_waiting(self) -> str:
        """Return a message for an assignment whose answers all have a grade."""
        name = self.assignment.name
        return (
            f"No answer of {name} is waiting for a manual grade. "
            f"`nbjudge review {name} --all` shows graded answers as well."
        )

    def _path(self, grade: ManualGrade) -> Path:
        folder = self.assignment.path(self.assignment.coursedir.autograded_directory, grade.student)
        return Path(folder, f"{grade.notebook}.ipynb")

    def waiting(self) -> set[str]:
        """Return the ids of the answers that still need a manual grade."""
        return {row.id for row in self.grades.all() if row.waiting} & set(self.order)

    def question(self, grade: ManualGrade) -> ManualQuestion:
        """Return the question of an answer."""
        key = grade.notebook, grade.cell
        if key not in self._questions:
            question = find_question(self.assignment.specs[grade.notebook], grade.cell)
            self._questions[key] = replace(
                question,
                prompt=show_pictures(question.prompt, self.assignment.source),
                scheme=show_pictures(question.scheme, self.assignment.source),
            )
        return self._questions[key]

    def show(self, grade: ManualGrade) -> str:
        """Return the student's answer as HTML.

        Raises
        ------
        LookupError
            If the graded notebook no longer has the answer.
        """
        answer = _below_h2(Markup().join(map(show_cell, self._cells(grade))))
        return show_pictures(answer, self._path(grade).parent)

    def work(self, grade: ManualGrade) -> str:
        """Return a hash of the student's answer, which changes only with its text or code.

        Raises
        ------
        LookupError
            If the graded notebook no longer has the answer.
        """
        try:
            changed = self._path(grade).stat().st_mtime_ns
        except OSError:
            changed = 0  # reading it reports the error
        if grade.id not in self._works or self._works[grade.id][0] != changed:
            cells = [(cell.grade_id, cell.source) for cell in self._cells(grade)]
            sources = ((name, source.encode("utf-8", "surrogatepass")) for name, source in cells)
            self._works[grade.id] = changed, digest_of(sources)
        return self._works[grade.id][1]

    def _cells(self, grade: ManualGrade) -> list[PageCell]:
        """Return the cells of an answer."""
        try:
            notebook = json.loads(self._path(grade).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise LookupError(
                "The graded notebook of this answer is missing: grade the assignment again with "
                f"`nbjudge autograde {self.assignment.name}`"
            ) from None
        except (OSError, ValueError) as error:
            raise LookupError(
                f"The graded notebook of this answer cannot be read: {reason_of(error)}. Grade the "
                f"assignment again with `nbjudge autograde {self.assignment.name}`"
            ) from None
        cells = [PageCell(number, raw) for number, raw in enumerate(notebook["cells"])]
        parts = [(cell.grade_id, str(cell.kind), cell.source) for cell in cells]
        numbers = own_answers(parts, self.assignment.specs[grade.notebook])
        pages = self.assignment.records.about(grade.student, self.assignment.zone)
        own = [cells[number] for number in numbers.get(grade.cell, ())]
        return self._parts(cells, own, pages[grade.notebook], grade)

    def _parts(
        self, cells: list[PageCell], own: list[PageCell], about: About, grade: ManualGrade
    ) -> list[PageCell]:
        """Return the cells of an answer in order; for a test, the solution cells that it tests.

        Parameters
        ----------
        own
            The student's own cells that may belong to the answer.
        """
        for question in find_questions(cells, about):
            if question.cell.grade_id == grade.cell:
                if question.cell.task:
                    return own
                parts = [*question.answers, question.cell, *own]
                return sorted(parts, key=lambda cell: cell.number)
        raise LookupError(
            f"The graded notebook lacks the cell {grade.cell}: grade the assignment again with "
            f"`nbjudge autograde {self.assignment.name} --force`"
        )
