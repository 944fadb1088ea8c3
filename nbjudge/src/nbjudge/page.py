"""The feedback page of a graded notebook, as one text of HTML: `render`.

First comes what each question earned and why, those that lost points in front; then, folded, the
notebook. The page is a function of plain data alone, so every door gives the same bytes: workers of
`nbjudge autograde`, `nbgrader generate_feedback`, and the formgrader's button.

Nothing in the notebook is believed to be harmless: text is escaped, HTML goes through `clean_html`.
Hidden tests, marking schemes, and the setup cell are left out. A test cell can say more than text:
output of the type REPORT is a structured account of a question (nbjudge/README.md, "Feedback").
"""

import html
import re
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from nbjudge._assignment import HIDDEN_MARKS, SCHEME_MARKS
from nbjudge._outputs import REPORT
from nbjudge._prose import FORMULA, highlighted, markdown
from nbjudge._safe_html import clean_html

__all__ = ["About", "Grade", "render", "report_of", "without_long_lines"]

LONGEST_LINE = 2_000  # characters of a line of code; a longer one holds data, and is cut
LONGEST_OUTPUT = 20_000  # characters of a text output that a page shows
LONGEST_HTML = 500_000
MOST_OUTPUTS = 50  # of a cell

_ANSI = re.compile(r"\x1b\[[^@-~]*[@-~]")
_TEST_ENDING = re.compile(r"(?<=.)[-_](?:grade|tests?)$")  # of a grade id: `square_test`
_BASE64 = re.compile(r"[\w+/=\s]+", re.A)
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Grade:
    """What the gradebook has about one of nbgrader's cells.

    points: without extra credit; None while a person has to grade
    out_of: None for a cell that has no points, only a comment
    manual: whether a person has graded; unanswered: whether the cell is as it was handed out
    """

    points: float | None = None
    out_of: float | None = None
    manual: bool = False
    extra_credit: float = 0.0
    comment: str = ""
    unanswered: bool = False

    @property
    def waiting(self) -> bool:
        """Whether a person still has to grade."""
        return self.out_of is not None and self.points is None

    @property
    def lost(self) -> bool:
        """Whether points were lost."""
        return self.points is not None and self.out_of is not None and self.points < self.out_of

    @property
    def full(self) -> bool:
        """Whether there is nothing to say about points."""
        return not self.lost and not self.waiting


@dataclass(frozen=True)
class About:
    """What a page says besides what the graded notebook holds.

    name: the student's, where the gradebook knows it; handed_in: the time, as text
    late_penalty: points that are deducted; cells: the gradebook's grades and comments, by grade id
    marks: what the lines around hidden tests contain; scheme: those around a marking scheme
    """

    assignment: str
    notebook: str
    student: str
    name: str = ""
    handed_in: str = ""
    late_penalty: float = 0.0
    cells: dict[str, Grade] = field(default_factory=dict)
    marks: tuple[str, str] = HIDDEN_MARKS
    scheme: tuple[str, str] = SCHEME_MARKS

    def to_json(self) -> dict:
        """The same as plain data, for another process."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "About":
        cells = {name: Grade(**grade) for name, grade in data["cells"].items()}
        marks = {name: tuple(data[name]) for name in ("marks", "scheme")}
        return cls(**data | marks | {"cells": cells})


def render(notebook: dict, about: About) -> str:
    """The feedback page of a graded notebook.

    notebook: as JSON has it, of nbformat 4
    """
    cells = _hide([_Cell(number, raw) for number, raw in enumerate(notebook["cells"])], about)
    questions = _questions(cells, about)
    for cell in cells:
        cell.body = _body(cell)
    headings = {title: name for cell in cells for title, name in cell.headings}
    for question in questions:
        question.link_sections(headings)
    page = _template().render(
        about=about,
        total=_total(about),
        lost=[q for q in questions if q.grade.lost],
        waiting=[q for q in questions if q.grade.waiting],
        full=[q for q in questions if q.grade.full],
        cells=[cell for cell in cells if cell.body],
        formulas=any(FORMULA in cell.body for cell in cells),
        style=_style(),
    )
    return page.encode("utf-8", "replace").decode()  # JSON can hold half a character


def report_of(cell: dict) -> dict | None:
    """The structured report that a graded test cell holds, if any; cell: as JSON has it."""
    outputs = [_table(one) for one in _list(cell.get("outputs"))]
    found = (_table(_table(output.get("data")).get(REPORT)) for output in outputs)
    return next(filter(None, found), None)


@lru_cache
def _template():
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["number"] = _number
    environment.filters["prose"] = lambda text: Markup(markdown(text))
    return environment.get_template("page.html")


@lru_cache
def _style():
    return Markup((_HERE / "page.css").read_text(encoding="utf-8"))


def _number(value) -> str:
    return f"{value:.8g}"


def _total(about):
    """The points of the notebook, as nbgrader counts them."""
    grades = [grade for grade in about.cells.values() if grade.out_of is not None]
    earned = sum((grade.points or 0.0) + grade.extra_credit for grade in grades)
    return {
        "points": earned - about.late_penalty,
        "out_of": sum(grade.out_of for grade in grades),
        "waiting": sum(grade.out_of for grade in grades if grade.waiting),
    }


class _Cell:
    """A cell of the notebook, and what nbgrader says of it."""

    def __init__(self, number, raw):
        self.number, self.raw = number, raw
        self.kind, self.source = raw.get("cell_type"), _text(raw.get("source"))
        metadata = _table(raw.get("metadata"))
        nbgrader = _table(metadata.get("nbgrader"))
        self.grade_id = str(nbgrader.get("grade_id") or "")
        self.tags = metadata.get("tags") if isinstance(metadata.get("tags"), list) else []
        self.folded = bool(_table(metadata.get("jupyter")).get("source_hidden"))
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
        self.outputs = [dict(one) for one in _list(outputs) if isinstance(one, dict)]
        self.question = self.grade = None
        self.body = ""

    @property
    def error(self) -> dict | None:
        """The error that the cell ended with."""
        return next((one for one in self.outputs if one.get("output_type") == "error"), None)

    @property
    def report(self) -> dict | None:
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


class _Question:
    """A graded cell, as the first part of the page shows it."""

    def __init__(self, number, cell, grade, answers):
        self.name = f"question-{number}"
        self.cell, self.grade = cell, grade
        self.answers = answers  # the solution cells that it grades
        report = self.report = _Report(cell.report) if cell.report else None
        self.title = (report and report.question) or _TEST_ENDING.sub("", cell.grade_id)
        comments = [cell.grade, *(answer.grade for answer in answers)]
        self.comments = list(dict.fromkeys(g.comment for g in comments if g and g.comment))
        self.picture = _picture(cell) if report else ""
        self.broken = self._broken_answer()
        self.outputs = "" if report or not cell.test else _outputs(cell.outputs)
        self.sections = []

    def _broken_answer(self):
        """The error of a solution cell without which there was nothing to test."""
        if self.report is None and self.cell.error:
            return next((answer for answer in self.answers if answer.error), None)
        return None

    @property
    def error(self) -> str:
        """The traceback of that solution cell."""
        return _shown_error(self.broken.error)

    def link_sections(self, headings) -> None:
        """Find what is to be read again in the page."""
        if self.report:
            self.sections = [
                {"title": title, "notebook": notebook, "id": headings.get(title)}
                for title, notebook in self.report.read_again
            ]


class _Report:
    """A test cell's structured account; what has another form than documented is left out."""

    def __init__(self, data):
        self.question, self.headline = _text(data.get("question")), _text(data.get("headline"))
        self.points, self.case = data.get("points"), _text(data.get("case"))
        self.next, self.remarks, self.notes = (
            [_text(text) for text in _list(data.get(name))] for name in ("next", "remarks", "notes")
        )
        self.diagnoses = [
            (_text(one.get("text")), _text(one.get("next"))) for one in _tables(data, "diagnoses")
        ]
        self.checks = [
            {
                "name": _text(one.get("name")),
                "passed": one.get("passed") is True,
                "undecided": _text(one.get("undecided")),
                "points": _points(one.get("points")),
                "out_of": _points(one.get("out_of")),
            }
            for one in _tables(data, "checks")
        ]
        self.read_again = [
            (_text(one.get("section")), _text(one.get("notebook")))
            for one in _tables(data, "read_again")
        ]


def _questions(cells, about):
    """The graded cells, each with the solution cells before it; tests in a row have the same."""
    found, answers, tested = [], [], False
    for cell in cells:
        cell.grade = about.cells.get(cell.grade_id) if cell.grade_id else None
        if cell.solution and not cell.graded:
            answers, tested = ([cell] if tested else [*answers, cell]), False
        elif cell.graded and cell.grade and cell.grade.out_of is not None:
            question = _Question(len(found) + 1, cell, cell.grade, answers if cell.test else [])
            for one in (cell, *question.answers):
                one.question = one.question or question
            found.append(question)
            tested = True
    return found


def _hide(cells, about):
    """Leave hidden tests and marking schemes out, and the tracebacks that show them."""
    hidden, shown = set(), set()
    for cell in cells:
        if cell.instructors:
            hidden |= _hide_region(cell, about.marks, "(hidden tests ran here)")
            hidden |= _hide_region(cell, about.scheme, "(marking scheme)")
            shown |= set(map(_bare, cell.source.split("\n")))
    hidden = {line for line in hidden - shown if re.search(r"\w", line)}
    for cell in cells if hidden else ():
        for output in cell.outputs:
            if output.get("output_type") == "error":
                lines = _ANSI.sub("", _text(output.get("traceback"), "\n")).split("\n")
                if not hidden.isdisjoint(map(_bare, lines)):
                    output["traceback"] = []
    return cells


def _hide_region(cell, marks, note):
    """Put a note in the place of each region of a cell, and return the lines that were there.

    A region without an end goes to the end of its cell.
    """
    (begin, end), shown, hidden, inside = marks, [], [], False
    for line in cell.source.split("\n"):
        if begin in line and not inside:
            inside = True
            hidden.append(line)
            mark = re.match(r"\s*", line)[0] + "# "
            shown.append(mark + note if cell.kind == "code" else f"*{note}*")
        elif inside:
            inside = end not in line
            hidden.append(line)
        elif end not in line:
            shown.append(line)
    cell.source = "\n".join(shown)
    return set(map(_bare, hidden))


def _bare(line):
    """A line of code, also of one in a traceback, without its number, arrow and indentation."""
    return re.sub(r"^\s*(?:-+>)?\s*\d*\s*", "", line).strip()


def without_long_lines(source: str) -> str:
    """Code without the lines that are too long to be read: they hold data, such as checks."""
    if len(source) <= LONGEST_LINE:
        return source
    return "\n".join(
        f"# (a line of {len(line):,} characters)" if len(line) > LONGEST_LINE else line
        for line in source.split("\n")
    )


def _body(cell):
    """What a cell shows in the notebook, as HTML without its frame; "" where that is nothing."""
    if cell.kind == "markdown":
        return Markup(markdown(cell.source, cell.raw.get("attachments") or None))
    if cell.kind != "code":
        return Markup("<pre>{}</pre>").format(_cut(cell.source))
    if cell.setup:
        return _outputs([cell.error] if cell.error else [])
    code = _code(cell)
    if not cell.test:
        return code + _outputs(cell.outputs)
    on_top = cell.question and cell.question.outputs and not cell.question.grade.full
    return code + (Markup() if on_top else _outputs(cell.outputs))


def _code(cell):
    source = without_long_lines(cell.source)
    if not source.strip():
        return Markup()
    code = Markup('<pre class="code"><code>{}</code></pre>').format(Markup(highlighted(source)))
    if cell.test or cell.folded:
        title = "The test" if cell.test else "Code"
        return Markup("<details><summary>{}</summary>{}</details>").format(title, code)
    return code


def _outputs(outputs):
    """Outputs of a cell as HTML."""
    parts = [_output(one) for one in outputs[:MOST_OUTPUTS]]
    if len(outputs) > MOST_OUTPUTS:
        parts.append(_note(f"({len(outputs) - MOST_OUTPUTS:,} more outputs are not shown.)"))
    return Markup().join(parts)


def _output(output):
    kind = output.get("output_type")
    if kind == "stream":
        return Markup('<pre class="output">{}</pre>').format(_cut(_text(output.get("text"))))
    if kind == "error":
        return Markup('<pre class="output error">{}</pre>').format(_shown_error(output))
    data, metadata = _table(output.get("data")), _table(output.get("metadata"))
    if REPORT in data:  # it stands above, with its picture
        return Markup()
    for kind, show in _SHOWN.items():
        content = _text(data.get(kind)) if kind in data else ""
        if content:
            return show(content, _table(metadata.get(kind)))
    return _note("(An output that is not shown here.)")


def _note(text):
    return Markup("<p><em>{}</em></p>").format(text)


def _shown_error(error):
    lines = _text(error.get("traceback"), "\n") or f"{error.get('ename')}: {error.get('evalue')}"
    lines = [line.rstrip() for line in _ANSI.sub("", lines).strip("\n").split("\n")]
    return _cut("\n".join(line for line in lines if set(line) != {"-"}))


def _show_html(content, metadata):
    if len(content) > LONGEST_HTML:
        return _note(f"(An output of {len(content):,} characters is not shown here.)")
    return Markup('<div class="output rich">{}</div>').format(Markup(clean_html(content)))


def _show_markdown(content, metadata):
    return Markup('<div class="output rich">{}</div>').format(Markup(markdown(_cut(content))))


def _show_formula(content, metadata):
    return Markup('<div class="output">{}{}</span></div>').format(Markup(FORMULA), _cut(content))


def _show_text(content, metadata):
    return Markup('<pre class="output">{}</pre>').format(_cut(content))


def _picture_shower(kind):
    def show(content, metadata):
        if not _BASE64.fullmatch(content):
            return _note("(A picture that cannot be read.)")
        alt = metadata.get("alt") if isinstance(metadata.get("alt"), str) else "Output of the code"
        sizes = {name: metadata.get(name) for name in ("width", "height")}
        sizes = Markup().join(
            Markup(' {}="{:g}"').format(name, size)
            for name, size in sizes.items()
            if type(size) in (int, float) and 0 < size < 10_000
        )
        return Markup('<div class="output"><img alt="{}"{} src="data:{};base64,{}"></div>').format(
            alt, sizes, kind, "".join(content.split())
        )

    return show


_SHOWN = {  # the types of output that are shown, the best one first
    "text/html": _show_html,
    "text/latex": _show_formula,
    "image/svg+xml": _show_html,
    "image/png": _picture_shower("image/png"),
    "image/jpeg": _picture_shower("image/jpeg"),
    "text/markdown": _show_markdown,
    "text/plain": _show_text,
}


def _picture(cell):
    """The picture that a report came with."""
    for output in cell.outputs:
        data = _table(output.get("data"))
        if REPORT in data and "image/svg+xml" in data:
            return Markup(clean_html(_text(data["image/svg+xml"])))
    return ""


def _cut(text):
    """Text as a page shows it: without colours, and not endless."""
    text = _ANSI.sub("", text)
    if len(text) <= LONGEST_OUTPUT:
        return text
    half = LONGEST_OUTPUT // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n(... {left_out:,} characters are not shown here ...)\n{text[-half:]}"


def _text(value, between=""):
    """Text that a notebook may also hold as a list of lines; "" for anything else."""
    if isinstance(value, list):
        value = between.join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _table(value):
    return value if isinstance(value, dict) else {}


def _list(value):
    return value if isinstance(value, list) else []


def _tables(data, name):
    return [one for one in _list(data.get(name)) if isinstance(one, dict)]


def _points(value):
    return value if isinstance(value, int | float) else 0.0
