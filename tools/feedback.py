"""The first screen of a feedback page: what the checks found, before the notebook itself."""

import html
import re

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from traitlets import Bool

from tools.report import headlines

__all__ = ["ChecksFirst"]

PICTURE = "image/svg+xml"


class ChecksFirst(Preprocessor):
    """Puts what the graded cells say in front of the notebook, those that lost points first.

    Belongs into `c.GenerateFeedback.preprocessors`, behind nbgrader's own, which know the points.
    """

    enabled = Bool(True, help="Whether to do so.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Insert a Markdown cell; what the notebook holds stays as it is."""
        headings = _headings(nb)
        graded = [cell for cell in nb.cells if _is_graded(cell)]
        lines = headlines(nb.cells)
        parts = [_part(cell, headings, lines) for cell in sorted(graded, key=_is_whole)]
        if parts:
            text = "\n\n".join(["# What the checks found", *parts, "# Your notebook"])
            nb.cells.insert(0, new_markdown_cell(text))
        return nb, resources


def _is_graded(cell):
    about = cell.metadata.get("nbgrader", {})
    return cell.cell_type == "code" and about.get("grade") and not about.get("solution")


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


def _part(cell, headings, lines):
    """What one graded cell says: its first line, its picture, the rest, what to read again."""
    name = cell.metadata.nbgrader.grade_id
    first, _, rest = _said(cell).partition("\n")
    parts = [f"## {name.removesuffix('_grade')}"]
    if any(one.output_type == "error" for one in cell.outputs) or not first:
        first = lines[name] or "The cell said nothing."
    parts.append(f"<div><b>{html.escape(first)}</b></div>")
    if _is_whole(cell):
        return "\n\n".join(parts)
    rest = rest.partition("\n(These inputs were drawn")[0]
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


def _fenced(text):
    """Text as it is, in a block that nothing in it can end."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}" if text.strip() else ""
