"""Remove hidden tests, marking schemes and the tracebacks that quote them from a page.

Graders see the marking scheme, without its delimiters.
"""

import re

from nbjudge.feedback.about import About
from nbjudge.feedback.plain import ANSI, text_of
from nbjudge.feedback.questions import PageCell
from nbjudge.notebook.spec import Marks


def hide(cells: list[PageCell], about: About) -> list[PageCell]:
    """Remove hidden tests and marking schemes from cells, and the tracebacks that quote them."""
    hidden, shown = set[str](), set[str]()
    for cell in cells:
        if cell.instructors:
            hidden |= _hide_region(cell, about.marks, "(hidden tests ran here)")
            hidden |= _hide_region(cell, about.scheme, "(marking scheme)")
            shown |= set(map(_bare, cell.source.split("\n")))
    hidden = {line for line in hidden - shown if re.search(r"\w", line)}
    for cell in cells if hidden else ():
        for output in cell.outputs:
            if output.get("output_type") == "error":
                lines = ANSI.sub("", text_of(output.get("traceback"), "\n")).split("\n")
                if not hidden.isdisjoint(map(_bare, lines)):
                    output["traceback"] = []
    return cells


def show_scheme(source: str, marks: Marks, heading: str = "") -> str:
    """Return the text of a cell with its marking scheme, for a grader.

    Parameters
    ----------
    marks
        Delimiters of the marking scheme, contained in the lines around it.
    heading
        Markdown that replaces the line with the first delimiter.
    """
    begin, end = marks
    lines = (heading if begin in line else line for line in source.split("\n") if end not in line)
    return "\n".join(lines)


def _hide_region(cell: PageCell, marks: Marks, note: str) -> set[str]:
    """Replace each delimited region of a cell with a note, and return the removed lines.

    A region without an end delimiter extends to the end of its cell.
    """
    (begin, end), inside = marks, False
    visible, hidden = list[str](), list[str]()
    for line in cell.source.split("\n"):
        if begin in line and not inside:
            inside = True
            hidden.append(line)
            mark = line[: len(line) - len(line.lstrip())] + "# "
            visible.append(mark + note if cell.kind == "code" else f"*{note}*")
        elif inside:
            inside = end not in line
            hidden.append(line)
        elif end not in line:
            visible.append(line)
    cell.source = "\n".join(visible)
    return set(map(_bare, hidden))


def _bare(line: str) -> str:
    """Return a line of code or of a traceback without its number, arrow and indentation."""
    return re.sub(r"^\s*(?:-+>)?\s*\d*\s*", "", line).strip()
