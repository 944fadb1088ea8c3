"""Render an answer for the review page: question, student's cells and marking scheme as HTML.

The question and the marking scheme come from the instructor's notebook, the answer from the graded
notebook, which is read in a box. All HTML has been sanitized by `nbjudge.feedback.safe_html`.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from nbjudge.course.assignment import Assignment
from nbjudge.errors import BoxError
from nbjudge.feedback.hiding import show_scheme
from nbjudge.feedback.pictures import show_pictures
from nbjudge.feedback.prose import markdown
from nbjudge.files import reason_of
from nbjudge.notebook.spec import CellSpec, NotebookSpec
from nbjudge.plugins.review.manual_grades import ManualGrade, ManualGrades
from nbjudge.plugins.review.reading import ReadAnswer, below_h2, read_answer
from nbjudge.plugins.review.rubric import RubricItem, find_items
from nbjudge.sandbox.box import Box

SECONDS = 10.0  # limit of processor time to render an answer, a hundred times the usual time
MOST_KEPT = 100_000_000  # characters of the answers kept in memory


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
        below_h2(markdown("\n\n".join(cell.released for cell in prompt))),
        below_h2(markdown(_shown(scheme))) if scheme else "",
        tuple(find_items(_inside_marks(scheme))) if scheme else (),
    )


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
        Number of answers to submitted work left out because their graded notebook is missing or
        unreadable.
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
        left_out = (row for row in wanted if row.id not in self.places)
        self.missing = sum(os.path.lexists(assignment.submitted(row.student)) for row in left_out)
        self.nothing = "" if self.order else self._why_nothing(bool(rows), by_hand, everything)
        self._questions: dict[tuple[str, str], ManualQuestion] = {}
        self.box = Box(assignment.settings.hidden(assignment.coursedir))
        self._digests: dict[str, tuple[tuple[int, ...], str]] = {}
        self._kept: dict[str, tuple[tuple[int, ...], ReadAnswer]] = {}

    def _why_nothing(self, graded: bool, by_hand: set[tuple[str, str]], everything: bool) -> str:
        name = self.assignment.name
        if not graded:
            return f"{name} has not been graded yet: run `nbjudge autograde {quote(name)}` first."
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
            f"`nbjudge review {quote(name)} --all` shows graded answers as well."
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
        return show_pictures(self._read(grade).html, self._path(grade).parent)

    def work(self, grade: ManualGrade) -> str:
        """Return a hash of the student's answer, which changes only with its text or code.

        Raises
        ------
        LookupError
            If the graded notebook no longer has the answer.
        """
        return self._digest_of(grade) or self._read(grade).digest

    def _digest_of(self, grade: ManualGrade) -> str:
        """Return the hash of an answer that has been read, or ""."""
        version, digest = self._digests.get(grade.id, ((), ""))
        return digest if version == self._version(grade) else ""

    def _version(self, grade: ManualGrade) -> tuple[int, ...]:
        """Return numbers that change with the graded notebook."""
        try:
            status = self._path(grade).stat()
        except OSError:
            return ()  # reading it reports the error
        return status.st_mtime_ns, status.st_size

    def _read(self, grade: ManualGrade) -> ReadAnswer:
        """Return an answer; the last ones are kept, so that a slow one is not rendered again."""
        version, kept = self._version(grade), self._kept.get(grade.id)
        if kept and kept[0] == version:
            return kept[1]
        answer = self._read_anew(grade)
        if not answer.is_there:
            raise LookupError(
                f"The graded notebook lacks the cell {grade.cell}: grade the assignment again with "
                f"`nbjudge autograde {quote(self.assignment.name)} --force`"
            )
        self._digests[grade.id] = version, answer.digest
        self._kept[grade.id] = version, answer
        left = MOST_KEPT
        for key, (_, kept_answer) in list(self._kept.items())[::-1]:
            left -= len(kept_answer.html)
            if left < 0:
                self._kept.pop(key, None)
        return answer

    def _read_anew(self, grade: ManualGrade) -> ReadAnswer:
        spec, again = self.assignment.specs[grade.notebook], f"{quote(self.assignment.name)}`"
        try:
            notebook = self._path(grade).read_bytes()
            arguments = notebook, spec, grade.cell
            try:
                return self.box.call(read_answer, *arguments, False, seconds=SECONDS)
            except BoxError:
                return self.box.call(read_answer, *arguments, True, seconds=SECONDS)
        except FileNotFoundError:
            raise LookupError(
                "The graded notebook of this answer is missing: grade the assignment again with "
                f"`nbjudge autograde {again}"
            ) from None
        except (OSError, BoxError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else error
            raise LookupError(
                f"The graded notebook of this answer cannot be read: {reason}. Grade the "
                f"assignment again with `nbjudge autograde {again}"
            ) from None

    def close(self) -> None:
        """End the processes that read the answers."""
        self.box.close()
