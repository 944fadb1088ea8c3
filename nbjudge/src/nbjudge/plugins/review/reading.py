"""Read an answer from a graded notebook. Called in the box: the notebook is the student's work."""

import json
import re
from dataclasses import dataclass

from markupsafe import Markup

from nbjudge.feedback.page import as_typed, show_cell
from nbjudge.feedback.questions import PageCell, with_answers
from nbjudge.files import digest_of
from nbjudge.notebook.answers import own_answers
from nbjudge.notebook.spec import NotebookSpec

TOO_SLOW = "This answer takes too long to render, so it is shown as typed, without its outputs."


@dataclass(frozen=True)
class ReadAnswer:
    """An answer in a graded notebook.

    Attributes
    ----------
    is_there
        True if the notebook has the graded cell.
    digest
        Hash of the answer, which changes only with its text or code.
    html
        Sanitized HTML, in which images next to the notebook are still addresses.
    """

    is_there: bool
    digest: str
    html: str


def read_answer(notebook: bytes, spec: NotebookSpec, grade_id: str, plainly: bool) -> ReadAnswer:
    """Return the answer with a graded cell.

    Parameters
    ----------
    plainly
        True to show texts as typed, without rendering anything.
    """
    cells = [PageCell(number, raw) for number, raw in enumerate(json.loads(notebook)["cells"])]
    parts = [(cell.grade_id, str(cell.kind), cell.source) for cell in cells]
    own = [cells[number] for number in own_answers(parts, spec).get(grade_id, ())]
    shown = _parts(cells, own, grade_id)
    if shown is None:
        return ReadAnswer(False, "", "")
    digest = digest_of((c.grade_id, c.source.encode("utf-8", "surrogatepass")) for c in shown)
    if plainly:
        html: str = Markup("<p><em>{}</em></p>").format(TOO_SLOW)
        html += Markup().join(as_typed(cell.source) for cell in shown)
    else:
        html = below_h2(Markup().join(map(show_cell, shown)))
    return ReadAnswer(True, digest, html.encode("utf-8", "replace").decode())


def _parts(cells: list[PageCell], own: list[PageCell], grade_id: str) -> list[PageCell] | None:
    """Return the cells of an answer in order; for a test, the solution cells that it tests.

    Code that was typed into restored cells is shown with every test, because it may define names
    that the test needs.

    Parameters
    ----------
    own
        The student's own cells that may belong to the answer.
    """
    for cell, answers in with_answers(cells):
        if cell.grade_id == grade_id:
            own += [part for part in cells if part.restored] if cell.test else []
            return own if cell.task else sorted([*answers, cell, *own], key=lambda c: c.number)
    return None


def below_h2(html: str) -> str:
    """Renumber the headings in HTML from level 3 without gaps, for screen readers."""
    levels = sorted(set(re.findall(r"<h([1-6])", html)))
    new_levels = {level: min(6, 3 + rank) for rank, level in enumerate(levels)}
    return re.sub(r"(</?h)([1-6])", lambda tag: f"{tag[1]}{new_levels[tag[2]]}", html)
