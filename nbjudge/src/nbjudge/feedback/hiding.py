"""Leave hidden tests and marking schemes out of a page, and the tracebacks that quote them.

A person who grades sees a marking scheme, without the lines that mark it.
"""

import re

from nbjudge.feedback.about import About
from nbjudge.feedback.outputs import ANSI
from nbjudge.feedback.plain import text_of
from nbjudge.feedback.questions import PageCell
from nbjudge.notebook.spec import Marks


def hide(cells: list[PageCell], about: About) -> list[PageCell]:
    """Leave hidden tests and marking schemes out, and the tracebacks that show them."""
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
    """The text of a cell with its marking scheme, for the person who grades.

    Parameters
    ----------
    marks
        Around the marking scheme.
    heading
        Markdown that takes the place of the mark at its beginning.
    """
    begin, end = marks
    shown = (heading if begin in line else line for line in source.split("\n") if end not in line)
    return "\n".join(shown)


def _hide_region(cell: PageCell, marks: Marks, note: str) -> set[str]:
    """Put a note in the place of each region of a cell, and return the lines that were there.

    A region without an end goes to the end of its cell.
    """
    (begin, end), inside = marks, False
    shown, hidden = list[str](), list[str]()
    for line in cell.source.split("\n"):
        if begin in line and not inside:
            inside = True
            hidden.append(line)
            mark = line[: len(line) - len(line.lstrip())] + "# "
            shown.append(mark + note if cell.kind == "code" else f"*{note}*")
        elif inside:
            inside = end not in line
            hidden.append(line)
        elif end not in line:
            shown.append(line)
    cell.source = "\n".join(shown)
    return set(map(_bare, hidden))


def _bare(line: str) -> str:
    """A line of code, also of one in a traceback, without its number, arrow and indentation."""
    return re.sub(r"^\s*(?:-+>)?\s*\d*\s*", "", line).strip()
