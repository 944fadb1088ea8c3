"""The sheets of a class: the key that holds them, their files, and the answers on them.

The key is written first and alone decides; all pages are rendered from it. A sheet never changes
once it is in the key, as it may be printed, and its number is never given to another.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from nbjudge import feedback
from nbjudge.errors import WireError
from nbjudge.feedback.page import templates
from nbjudge.files import put_file
from nbjudge.plugins.questions.questions import LETTERS, Question
from nbjudge.plugins.shared.csv_files import CsvFile, read_csv, safe_text
from nbjudge.wire.messages import Message, from_plain, to_plain

KEY, SHEETS, KEY_PAGE, REPORT = "key.json", "sheets.html", "key.html", "report.html"
ANSWERS = "answers.csv"
NO_ANSWER = "", "-"
PRIVATE = 0o600  # mode of files with the right answers, or with points
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sheet(Message):
    """A student's questions; `number` is that of the sheet.

    `others` is the code of functions that those with questions call.
    """

    student: str
    name: str = ""
    number: int = 0
    questions: tuple[Question, ...] = ()
    others: str = ""

    @property
    def is_right(self) -> bool:
        """True if all functions that the sheet asks about pass their tests."""
        return all(question.passed for question in self.questions)


@dataclass(frozen=True)
class Key(Message):
    """The sheets of an assignment, by student.

    Attributes
    ----------
    number
        Most questions on a sheet.
    last
        Highest number ever given to a sheet.
    """

    assignment: str
    number: int
    last: int = 0
    sheets: dict[str, Sheet] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Columns of the file for the answers."""
        return ["student", "sheet", *map(str, range(1, self.number + 1))]

    def with_sheet(self, sheet: Sheet) -> "Key":
        """Return the key with a sheet, numbered, which replaces the student's earlier one."""
        numbered = replace(sheet, number=self.last + 1)
        sheets = {**self.sheets, sheet.student: numbered}
        return replace(self, last=numbered.number, sheets=sheets)


def read_key(folder: Path) -> Key | None:
    """Return the key in a folder; None if there is none.

    Raises
    ------
    ValueError
        If the key cannot be read.
    """
    path = folder / KEY
    try:
        return from_plain(Key, json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, WireError) as error:
        raise ValueError(
            f"{path} cannot be read: {error}. Restore it, or remove the folder and start again."
        ) from None


def write_sheets(folder: Path, key: Key) -> None:
    """Write the key, the pages and a file for the answers, which keeps the answers that it has.

    Raises
    ------
    OSError
        If a file cannot be written; run the command again to write the rest.
    """
    sheets = sorted(key.sheets.values(), key=lambda sheet: (sheet.name or sheet.student).casefold())
    answers = _answers(folder / ANSWERS, key, sheets)
    put_file(folder / KEY, json.dumps(to_plain(key), ensure_ascii=False).encode(), PRIVATE)
    put_file(folder / SHEETS, render(SHEETS, key=key, sheets=sheets))
    put_file(folder / KEY_PAGE, render(KEY_PAGE, key=key, sheets=sheets), PRIVATE)
    put_file(folder / ANSWERS, answers, PRIVATE)


def _answers(path: Path, key: Key, sheets: Sequence[Sheet]) -> bytes:
    """Return the file for the answers: its rows, except empty ones of old sheets, and new rows."""
    file = read_csv(path) if path.exists() else CsvFile([key.columns])
    current = {str(sheet.number) for sheet in sheets}
    rows = [row for row in file.rows[1:] if any(row[2:]) or row[1] in current]
    there = {cell for row in rows for cell in enumerate(text.strip() for text in row[:2])}
    every = [[safe_text(sheet.student), str(sheet.number)] for sheet in sheets]
    rows += [row for row in every if not there & {*enumerate(row)}]
    width = len(file.header)
    padded = [[*row, *[""] * width][:width] for row in rows]
    return replace(file, rows=[file.rows[0], *padded]).content()


def render(template: str, **values: Any) -> bytes:
    """Return one of the pages as HTML."""
    environment = templates(_HERE)
    environment.filters["with_code"] = _with_code
    files = Path(feedback.__file__).parent / "page.css", _HERE / "page.css"
    style = Markup("".join(file.read_text(encoding="utf-8") for file in files))
    page = environment.get_template(template).render(style=style, LETTERS=LETTERS, **values)
    return page.encode("utf-8", "replace")


def _with_code(text: str) -> Markup:
    """Return a text as HTML, with code where it has backticks."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


@dataclass(frozen=True)
class Answered:
    """A sheet with the letters of its answers, "" for a question without one."""

    sheet: Sheet
    letters: tuple[str, ...]

    @property
    def results(self) -> list[tuple[Question, bool]]:
        """The questions, each with True if the answer is right."""
        pairs = zip(self.sheet.questions, self.letters, strict=True)
        return [(question, letter == question.letter) for question, letter in pairs]

    @property
    def right(self) -> int:
        """Number of right answers."""
        return sum(is_right for _, is_right in self.results)

    @property
    def is_to_discuss(self) -> bool:
        """True if the code is right, and at most one of several answers."""
        return self.sheet.is_right and self.right <= 1 < len(self.letters)


@dataclass(frozen=True)
class Answers:
    """The graded sheets, those without answers, and why other rows are left to a person."""

    graded: list[Answered]
    empty: list[str]
    unsure: list[str]


def read_answers(path: Path, key: Key) -> Answers:
    """Grade the rows of a file with answers; nothing is guessed about a row that is not clear.

    Raises
    ------
    ValueError
        If the file is not CSV, or lacks a column.
    OSError
        If the file cannot be read.
    """
    file = read_csv(path)
    if missing := [column for column in key.columns if column not in file.header]:
        raise ValueError(f"{path} has no column {', '.join(missing)}: start from answers.csv.")
    students = {safe_text(student): sheet for student, sheet in key.sheets.items()}
    rows = [[file.cells(row)[name].strip() for name in key.columns] for row in file.rows[1:]]
    names, numbers = [row[0] for row in rows], [row[1] for row in rows]
    answers = Answers([], [], [])
    for line, (student, number, *letters) in enumerate(rows, 2):
        sheet = students.get(student)
        if not any([student, number, *letters]):
            continue
        if sheet is None:
            why = "has no sheet"
        elif names.count(student) > 1 or numbers.count(number) > 1:
            why = "or its sheet occurs more than once"
        elif number != str(sheet.number):
            why = f"has sheet {sheet.number}, not {number or 'none'}"
        elif not (why := _fault(letters, sheet.questions)):
            given = ["" if text in NO_ANSWER else text.lower() for text in letters]
            if any(letters):
                answers.graded.append(Answered(sheet, tuple(given[: len(sheet.questions)])))
            else:
                answers.empty.append(sheet.student)
            continue
        answers.unsure.append(f"row {line}: {student or 'a row without a student'} {why}")
    return answers


def _fault(letters: Sequence[str], questions: Sequence[Question]) -> str:
    """Return why letters cannot be answers to the questions; "" if they can."""
    for number, text in enumerate(letters, 1):
        most = len(questions[number - 1].options) if number <= len(questions) else 0
        if text not in NO_ANSWER and text.lower() not in [*LETTERS[:most]]:
            return f"has {text!r} for question {number}: enter one letter, or - if none counts"
    return ""


def count(answered: Iterable[Answered]) -> list[tuple[tuple[str, str], tuple[int, int]]]:
    """Count right answers by exercise and kind of question; the worst come first.

    Returns
    -------
    list
        ((exercise, kind), (number of right answers, number of questions)).
    """
    counts = dict[tuple[str, str], tuple[int, int]]()
    for question, is_right in (result for one in answered for result in one.results):
        name = question.exercise, question.kind
        right, asked = counts.get(name, (0, 0))
        counts[name] = right + is_right, asked + 1
    return sorted(counts.items(), key=lambda item: (item[1][0] / item[1][1], -item[1][1], item[0]))
