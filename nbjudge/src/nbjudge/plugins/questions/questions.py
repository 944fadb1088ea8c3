"""Questions about a student's code, as a test displays them; see nbjudge/docs/feedback.md."""

import string
from dataclasses import dataclass, fields

from nbjudge.errors import WireError
from nbjudge.feedback.plain import Table, cells_of, list_of, table_of, tables_of, text_of
from nbjudge.wire.messages import Message, from_plain
from nbjudge.wire.outputs import QUESTIONS

LETTERS = string.ascii_lowercase[:6]  # of the options
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Question(Message):
    """A question about a student's function, with the function.

    Attributes
    ----------
    exercise
        Title of the exercise.
    passed
        True if the function passes the exercise's test.
    numbers
        Numbers of the code's lines in its cell.
    setting
        Sentence before the text, which several questions may have; "" if there is none.
    line
        Number of the line that the question is about, in the cell.
    right
        Index of the right option.
    comments
        Why each option is wrong; "" for the right one.
    why
        Why the right option is right.
    """

    exercise: str
    passed: bool
    code: str
    numbers: tuple[int, ...]
    setting: str
    kind: str
    line: int
    text: str
    options: tuple[str, ...]
    right: int
    comments: tuple[str, ...]
    why: str

    @property
    def letter(self) -> str:
        """Letter of the right option."""
        return LETTERS[self.right]

    @property
    def lines(self) -> list[tuple[int, str]]:
        """Lines of the code with their numbers in the cell."""
        return list(zip(self.numbers, self.code.split("\n"), strict=True))


@dataclass(frozen=True)
class Asked(Message):
    """The questions about a notebook, and why there are none about some functions."""

    questions: list[Question]
    refused: list[str]


def read_questions(notebook: bytes, tests: list[str]) -> Asked:
    """Read the questions that the tests outside the student's process displayed. Called in the box.

    Parameters
    ----------
    notebook
        Graded notebook.
    tests
        Grade ids of the tests.
    """
    asked = Asked([], [])
    for cell in cells_of([notebook]):
        name = table_of(table_of(cell.get("metadata")).get("nbgrader")).get("grade_id")
        outputs = list_of(cell.get("outputs")) if name in tests else []
        for output in outputs:
            bundle = table_of(table_of(output.get("data")).get(QUESTIONS))
            given = tables_of(bundle, "questions")
            asked.refused.extend(filter(None, [text_of(bundle.get("refused"))]))
            try:
                asked.questions.extend([_question(bundle, question) for question in given])
            except (WireError, ValueError) as error:
                asked.refused.append(f"{name} displays questions that are not valid: {error}")
    return asked


def _question(bundle: Table, given: Table) -> Question:
    """Return a question of a bundle.

    Raises
    ------
    WireError, ValueError
        If the bundle is not of this version, or the question has no right answer.
    """
    if bundle.get("version") != VERSION:
        raise ValueError(f"version {bundle.get('version')!r:.20}, not {VERSION}")
    values = {**given, **bundle, "exercise": bundle.get("question")}
    question = from_plain(Question, {f.name: values.get(f.name) for f in fields(Question)})
    options = question.options
    if not 2 <= len({*options}) == len(options) <= len(LETTERS):
        raise ValueError(f"{len(options)} options, not 2 to {len(LETTERS)} different ones")
    if not 0 <= question.right < len(options) or len(question.comments) not in (0, len(options)):
        raise ValueError("no option is right, or its comments do not belong to its options")
    if len(question.numbers) != len(question.code.split("\n")):
        raise ValueError("the code has not as many lines as numbers")
    if not (question.exercise and question.kind and question.text and all(options)):
        raise ValueError("a text is missing")
    return question
