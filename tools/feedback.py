"""The first screen of a feedback page: what the checks found, before the notebook itself."""

import base64
import binascii
import html
import re

from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook
from traitlets import Bool

from public_tests._draw import PAGE
from public_tests._text import number
from tools.report import UNNAMED, headlines, solution_errors

__all__ = ["ChecksFirst"]

PICTURE, FIGURE = "image/svg+xml", "image/png"
NO_ANSWER = "No response."  # nbgrader's comment on a cell that is as it was handed out
ERROR_LINES = 15  # of a solution cell's error that are shown


class ChecksFirst(Preprocessor):
    """Puts what the graded cells say in front of the notebook, those that lost points first.

    Answers that a person grades come last, with their points or the note that these are still to
    come. Figures wider than the page are made to fit. Belongs into
    `c.GenerateFeedback.preprocessors`,
    behind nbgrader's own, which know the points.
    """

    enabled = Bool(True, help="Whether to do so.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Insert a Markdown cell; of what the notebook holds only wide figures are changed."""
        headings = _headings(nb)
        graded = [cell for cell in nb.cells if _is_graded(cell)]
        lines, broken = headlines(nb.cells), solution_errors(nb.cells)
        parts = [_part(cell, headings, lines, broken) for cell in sorted(graded, key=_is_whole)]
        written = [cell for cell in nb.cells if _is_written(cell)]
        waiting = _waiting(resources) if written else set()
        parts += [_about_answer(cell, waiting) for cell in written]
        if parts:
            text = "\n\n".join(["# What the checks found", *parts, "# Your notebook"])
            nb.cells.insert(0, new_markdown_cell(text))
        for cell in nb.cells:
            for output in cell.get("outputs", ()):
                _fit(output)
        return nb, resources


def _fit(output):
    """Give a figure that is wider than the page the page's width."""
    try:
        head = base64.b64decode("".join(output.get("data", {}).get(FIGURE, ""))[:32])
    except (binascii.Error, TypeError, ValueError):  # no picture at all
        return
    if int.from_bytes(head[16:20], "big") > PAGE:  # where a PNG has its width
        output.metadata[FIGURE] = {"width": PAGE}


def _is_graded(cell):
    about = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and about.get("grade") and not about.get("solution")


def _is_written(cell):
    """Whether a person grades a cell."""
    about = cell.metadata.get("nbgrader", {})
    return about.get("grade") and about.get("solution")


def _waiting(resources):
    """The graded cells of the submission that have no points yet."""
    about = resources["nbgrader"]
    with Gradebook(about["db_url"]) as gradebook:
        found = gradebook.find_submission_notebook(
            about["notebook"], about["assignment"], about["student"]
        )
        return {g.name for g in found.grades if g.auto_score is None and g.manual_score is None}


def _about_answer(cell, waiting):
    """What to say of an answer in words."""
    about = cell.metadata.nbgrader
    name = about.grade_id
    if name in waiting:
        line = f"{name}: a person reads this answer. The score above does not hold its points yet."
        return _head(name, line)
    line = f"{name}: {number(about.score)} of {number(about.points)} points."
    if about.get("comment") == NO_ANSWER:
        return _head(name, f"{line} There is no answer.")
    comment = " The comment is below your answer." if about.get("comment") else ""
    return _head(name, f"{line} A person has read it.{comment}")


def _said(cell):
    return "".join(one.text for one in cell.outputs if one.output_type == "stream").strip("\n")


def _is_whole(cell):
    """Whether a graded cell says that all points were earned."""
    return bool(re.match(r"\w+: (\S+) of \1 points\b", _said(cell)))


def _headings(nb):
    """The notebook's headings, as {title: the id that nbconvert gives it}."""
    lines = [
        line
        for cell in nb.cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
    ]
    titles = [line.lstrip("#").strip() for line in lines if re.match(r"#+ ", line)]
    return {title: title.replace(" ", "-") for title in titles}


def _part(cell, headings, lines, broken):
    """What one graded cell says: its first line, its picture, the rest, what to read again."""
    name = cell.metadata.nbgrader.grade_id
    exercise = name.removesuffix("_grade")
    if name in broken:
        return _without_function(cell, exercise, broken[name])
    first, _, rest = _said(cell).partition("\n")
    if any(one.output_type == "error" for one in cell.outputs) or not first:
        first = lines[name] or "The cell said nothing."
    parts = [_head(exercise, first)]
    rest = rest.partition("\n(These inputs were drawn")[0]
    if _is_whole(cell):
        notes = re.findall(r"^Note: .*(?:\n  .*)*", rest, flags=re.MULTILINE)
        return "\n\n".join([*parts, *map(_fenced, notes)])
    title = f"Exercise: {exercise}"
    if re.search(UNNAMED["not written"], first) and title in headings:
        parts.append(f"Its cell is under [{title}](#{headings[title]}).")
    again = re.search(r"^Read again: .*(?:\n  .*)*", rest, flags=re.MULTILINE)
    again = " ".join(again[0].split()) if again else ""
    links = [f"[{title}](#{to})" for title, to in headings.items() if f'"{title}"' in again]
    if links:  # instead of the line that says so
        rest = rest.partition("\nRead again: ")[0]
    pictures = [one.data[PICTURE] for one in cell.outputs if PICTURE in one.get("data", {})]
    parts += [
        "".join(pictures[:1]).replace("\n", " "),
        _fenced(rest.strip("\n")),
        f"Read again: {', '.join(links)}." if links else "",
    ]
    return "\n\n".join(filter(None, parts))


def _head(exercise, first):
    return f"## {exercise}\n\n<p><b>{html.escape(first)}</b></p>"


def _without_function(cell, exercise, error):
    """What to say where the solution cell stopped: where, and what to do."""
    about = cell.metadata.nbgrader
    first = f"The cell with your {exercise} stops with an error, so there was no function to judge."
    if about.get("score") is not None and "points" in about:
        first = f"{exercise}: {number(about.score)} of {number(about.points)} points. {first}"
    lines = strip_ansi("\n".join(error.traceback)).strip("\n").splitlines()
    said = [line.rstrip() for line in lines if set(line) != {"-"}][-ERROR_LINES:]
    said = said or [f"{error.ename}: {error.evalue}"]
    step = "Next: mend that line, run the cell, then its check."
    return "\n\n".join([_head(exercise, first), _fenced("\n".join(said)), step])


def _fenced(text):
    """Text as it is, in a block that nothing in it can end."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}" if text.strip() else ""
