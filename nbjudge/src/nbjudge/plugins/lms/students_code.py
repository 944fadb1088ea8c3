"""Extract the code that a student may have written from graded notebooks."""

import re
from collections.abc import Iterable, Mapping

from nbjudge.feedback.plain import cells_of
from nbjudge.feedback.questions import PageCell
from nbjudge.notebook.static_names import is_python

_MAGIC = re.compile(r"^([ \t]*+)(?=[%!?])", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%")
_LINE = re.compile(r"^(?=.)", re.MULTILINE)


def code_in(notebooks: list[bytes]) -> str:
    """Return the code in the files of graded notebooks. Called in the box."""
    return code_of(cells_of(notebooks)).encode("utf-8", "replace").decode()


def code_of(cells: Iterable[Mapping[str, object]]) -> str:
    """Return the code that the student may have written.

    Magics become comments, as do the other lines of a cell magic that are not Python.
    """
    pages = [PageCell(number, dict(cell)) for number, cell in enumerate(cells)]
    texts = [page.source for page in pages if page.is_students_code and page.source.strip()]
    return "".join(f"{_as_python(text).rstrip()}\n\n\n" for text in texts).rstrip("\n")


def _as_python(text: str) -> str:
    if is_python(text):
        return text
    commented = _MAGIC.sub(r"\1# ", text)
    if _CELL_MAGIC.match(text) and not is_python(commented):
        return _LINE.sub("# ", text)
    return commented
