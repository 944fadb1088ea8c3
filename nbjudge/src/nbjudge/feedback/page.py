"""Render the feedback page of a graded notebook as a single HTML document.

The page first shows the points of each question with the reasons, starting with questions that lost
points, and then the notebook, collapsed. The page depends on plain data alone, so `nbjudge
autograde`, `nbgrader generate_feedback` and the formgrader's button all produce the same bytes.

Nothing in the notebook is trusted: text is escaped, and HTML passes through `clean_html`. Hidden
tests, marking schemes and the setup cell are left out. A test cell can output a structured report
on a question, of the type REPORT (see nbjudge/docs/feedback.md).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import jinja2
from markupsafe import Markup

from nbjudge.feedback.about import About
from nbjudge.feedback.hiding import hide
from nbjudge.feedback.outputs import cut, show_outputs
from nbjudge.feedback.plain import Table
from nbjudge.feedback.prose import highlighted, markdown
from nbjudge.feedback.questions import PageCell, ShownQuestion, find_questions
from nbjudge.feedback.regrade import regrade_links
from nbjudge.points import add_points

FOLDED = 25  # lines; longer code below a diagnosis is folded
LONGEST_LINE = 2_000  # characters; a longer line of code holds data and is replaced with a note
_HERE = Path(__file__).parent


def render(notebook: Table, about: About) -> str:
    """Return the feedback page of a graded notebook as HTML.

    Parameters
    ----------
    notebook
        The notebook's JSON object, in nbformat 4.
    """
    cells = hide([PageCell(number, raw) for number, raw in enumerate(notebook["cells"])], about)
    questions = find_questions(cells, about)
    for cell in cells:
        question = cell.question if cell.test else None
        on_top = question and question.outputs and not question.grade.full
        cell.body = show_cell(cell, outputs=not on_top)
    headings = {title: name for cell in cells for title, name in cell.headings}
    for question in questions:
        question.link_sections(headings)
    for question in questions:
        if question.grade.lost:
            question.regrade = regrade_links(about, question)
    _show_answers(question for question in questions if question.grade.lost)
    page = _template().render(
        about=about,
        total=_total(about),
        lost=[q for q in questions if q.grade.lost],
        waiting=[q for q in questions if q.grade.waiting],
        full=[q for q in questions if q.grade.full],
        cells=[cell for cell in cells if cell.body],
        style=_style(),
    )
    return page.encode("utf-8", "replace").decode()  # JSON strings can hold lone surrogates


def templates(folder: Path) -> jinja2.Environment:
    """Return a Jinja environment for a folder; it escapes values and rejects undefined names."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["number"] = number
    return environment


@lru_cache
def _template() -> jinja2.Template:
    environment = templates(_HERE)
    environment.filters["address"] = _shown_address
    environment.filters["prose"] = lambda text: Markup(markdown(text))
    return environment.get_template("page.html")


def _shown_address(address: str) -> str:
    """Return the text of a link: a mailto address without its scheme and its parameters."""
    scheme, _, target = address.partition(":")
    return unquote(target.partition("?")[0]) if scheme.lower() == "mailto" else address


@lru_cache
def _style() -> Markup:
    return Markup((_HERE / "page.css").read_text(encoding="utf-8"))


def number(value: float) -> str:
    """Format points without trailing zeros: 7, 7.5."""
    return f"{value:.8g}"


def _total(about: About) -> dict[str, float]:
    """Return the notebook's points as nbgrader counts them, before and after the late penalty."""
    grades = [grade for grade in about.cells.values() if grade.out_of is not None]
    earned = add_points((grade.points or 0.0) + grade.extra_credit for grade in grades)
    return {
        "earned": earned,
        "points": add_points([earned, -about.late_penalty]),
        "out_of": add_points(grade.out_of or 0.0 for grade in grades),
        "waiting": add_points(grade.out_of or 0.0 for grade in grades if grade.waiting),
    }


def without_long_lines(source: str) -> str:
    """Replace overlong lines of code, which usually hold data, with notes."""
    if len(source) <= LONGEST_LINE:
        return source
    return "\n".join(
        f"# (a line of {len(line):,} characters)" if len(line) > LONGEST_LINE else line
        for line in source.split("\n")
    )


def show_cell(cell: PageCell, outputs: bool = True) -> Markup:
    """Return the content of a cell in the notebook as HTML; "" if there is nothing to show.

    Parameters
    ----------
    outputs
        If True, include the outputs of a code cell.
    """
    if cell.kind == "markdown":
        body = Markup(markdown(cell.source, cell.raw.get("attachments") or None))
        is_seen = "<img" in body or "<hr" in body or re.sub("<[^>]*>", "", body).strip()
        # Rendered, an HTML comment, for example, would be invisible.
        return body if is_seen or cell.instructors else as_typed(cell.source)
    if cell.kind != "code":
        return as_typed(cell.source)
    if cell.setup:
        return show_outputs([cell.error] if cell.error else [])
    return _code(cell) + (show_outputs(cell.outputs) if outputs else Markup())


def _show_answers(questions: Iterable[ShownQuestion]) -> None:
    """Set the code to show below each diagnosis; code of several questions is shown once."""
    ids = set[int]()
    for question in questions:
        answers = [answer for answer in question.answers if answer.number not in ids]
        ids |= {answer.number for answer in answers}
        question.code = Markup().join(map(_answer, answers))


def _answer(cell: PageCell) -> Markup:
    """Return the student's code in a solution cell as HTML, folded if it is long."""
    source = without_long_lines(cell.source).strip("\n")
    if cell.kind != "code" or not source.strip() or (cell.grade and cell.grade.unanswered):
        return Markup()
    lines = source.count("\n") + 1
    return Markup(
        '<details class="own"{}><summary>Your code, {} line{}</summary>{}</details>'
    ).format(
        Markup("" if lines > FOLDED else " open"), lines, "" if lines == 1 else "s", _pre(source)
    )


def as_typed(source: str) -> Markup:
    """Return a text as HTML without rendering it, shortened if it is long."""
    return Markup("<pre>{}</pre>").format(cut(source)) if source.strip() else Markup()


def _pre(source: str) -> Markup:
    code = Markup(highlighted(source))
    return Markup('<pre class="code" tabindex="0"><code>{}</code></pre>').format(code)


def _code(cell: PageCell) -> Markup:
    source = without_long_lines(cell.source)
    if not source.strip():
        return Markup()
    code = _pre(source)
    if cell.test or cell.folded:
        title = "The test" if cell.test else "Code"
        return Markup("<details><summary>{}</summary>{}</details>").format(title, code)
    return code


# Compiled when this module is imported, which is before the first page is asked for.
_template()
highlighted("")
markdown("")
