"""The sheets of a class: the key that holds them, and the files for printing and for graders.

The key is written first and alone decides; all pages are rendered from it. A sheet never changes
once it is in the key, as it may be printed, and its number is never given to another.
"""

import json
import re
from collections.abc import Sequence
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
PRIVATE = 0o600  # mode of files with the right answers, or with points
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sheet(Message):
    """A student's questions; `number` is that of the sheet.

    `others` is the code of functions that those with questions call.
    """

    student: str
    name: str
    number: int
    questions: tuple[Question, ...]
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

    def with_sheet(
        self, student: str, name: str, questions: tuple[Question, ...], others: str = ""
    ) -> "Key":
        """Return the key with a new sheet, which replaces the student's earlier one."""
        sheet = Sheet(student, name, self.last + 1, questions, others)
        return replace(self, last=sheet.number, sheets={**self.sheets, student: sheet})


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
