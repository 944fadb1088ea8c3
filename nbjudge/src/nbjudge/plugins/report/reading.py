"""Extract mistakes, students' code, crashes and time-outs from graded notebooks, in the box.

A notebook is read once for all parts of the report, and its code is not run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nbjudge.feedback.outputs import cut
from nbjudge.feedback.plain import Table, cells_of, tables_of, text_of
from nbjudge.feedback.questions import PageCell, title_of, with_answers
from nbjudge.judging.session import USED_UP
from nbjudge.plugins.report.functions import Function, read_functions
from nbjudge.plugins.shared.diagnoses import diagnoses

TAKES_TOO_LONG = "takes too long"  # kind of a report
CRASH, TIME_OUT, MEMORY = "crash", "time-out", "memory"
_ACCIDENTS = {  # {error that ends a cell or a test: kind}
    "CellDied": CRASH,
    "CodeDied": CRASH,
    "TimeoutError": TIME_OUT,
    "KeyboardInterrupt": TIME_OUT,
    "MemoryError": MEMORY,
}
_WITHOUT_TEXT = {
    CRASH: "The code ended its process.",
    TIME_OUT: "The code was stopped at its time limit.",
    MEMORY: "The code exceeded its memory limit.",
}
_LONGEST_LINE = 300  # characters of an error message


@dataclass(frozen=True)
class Accident:
    """Code that crashed or exceeded a time or memory limit.

    Attributes
    ----------
    place
        Title of the question, or "another cell".
    kind
        CRASH, TIME_OUT or MEMORY.
    """

    place: str
    kind: str
    line: str


@dataclass(frozen=True)
class Answer:
    """Result of a graded cell for a student's answer.

    Attributes
    ----------
    title
        Title of the question.
    line
        Diagnosis in one line.
    mistakes
        Names of the mistakes that cost points.
    texts
        Diagnoses that the student reads for recognized mistakes: {name: text}.
    sections
        Recommended sections: (section, notebook).
    """

    title: str
    line: str = ""
    mistakes: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    sections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ReadWork:
    """Content of the graded notebooks of a submission.

    Attributes
    ----------
    answers
        Answers by grade id.
    functions
        The student's functions in all cells, by name.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    accidents: tuple[Accident, ...] = ()
    functions: dict[str, Function] = field(default_factory=dict)


def read_answers(notebooks: list[bytes], lost: list[str]) -> ReadWork:
    """Read the graded notebooks of a submission.

    Parameters
    ----------
    lost
        Grade ids of the questions that cost the student points.
    """
    raw = cells_of(notebooks)
    cells, diagnosed = [PageCell(number, cell) for number, cell in enumerate(raw)], diagnoses(raw)
    answers, accidents, owners = dict[str, Answer](), list[Accident](), dict[int, str]()
    for cell, parts in with_answers(cells):
        report = cell.report or {}
        title = text_of(report.get("question")) or title_of(cell.grade_id)
        owners |= {part.number: title for part in (cell, *parts)}
        answers[cell.grade_id] = Answer(
            title,
            diagnosed[cell.grade_id][0] or "",
            diagnosed[cell.grade_id][1] if cell.grade_id in lost else (),
            dict(_texts(report)),
            tuple(_sections(report)),
        )
        if report.get("kind") == TAKES_TOO_LONG:
            accidents.append(Accident(title, TIME_OUT, text_of(report.get("headline"))))
    for cell in cells:
        accident = _accident(cell, owners.get(cell.number, "another cell"))
        # After a process has died, every later cell has the same error; report it once.
        if accident and all((accident.kind, accident.line) != (a.kind, a.line) for a in accidents):
            accidents.append(accident)
    functions = [f for cell in cells if cell.is_students_code for f in read_functions(cell.source)]
    return ReadWork(answers, tuple(accidents), {function.name: function for function in functions})


def _texts(report: Table) -> Iterator[tuple[str, str]]:
    for diagnosis in tables_of(report, "diagnoses"):
        yield text_of(diagnosis.get("name")), text_of(diagnosis.get("text"))


def _sections(report: Table) -> Iterator[tuple[str, str]]:
    for place in tables_of(report, "read_again"):
        yield text_of(place.get("section")), text_of(place.get("notebook"))


def _accident(cell: PageCell, place: str) -> Accident | None:
    error = cell.error or {}
    kind, line = _ACCIDENTS.get(text_of(error.get("ename"))), text_of(error.get("evalue"))
    if kind is None:
        return None
    kind = TIME_OUT if line == USED_UP else kind
    line = cut(line.partition("\n")[0][:_LONGEST_LINE]) or _WITHOUT_TEXT[kind]
    return Accident(place, kind, line)
