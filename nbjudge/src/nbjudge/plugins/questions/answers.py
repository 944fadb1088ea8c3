"""Grade the answers that were entered into answers.csv, and count what the class misses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbjudge.plugins.questions.questions import LETTERS, Question
from nbjudge.plugins.questions.sheets import Key, Sheet
from nbjudge.plugins.shared.csv_files import read_csv, safe_text

NO_ANSWER = "", "-"


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
