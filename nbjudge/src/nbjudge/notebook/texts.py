"""Compare the texts of cells with the instructor's."""

import functools
import unicodedata

from nbjudge.notebook.spec import CellSpec, NotebookSpec

_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}  # Unicode's categories of spaces, controls and formats


@functools.lru_cache(2000)  # the texts of an assignment's cells are compared with every submission
def squeezed(text: str) -> tuple[str, ...]:
    """Return the lines of a text without blank lines and trailing spaces.

    Notebook editors may change both when they save a notebook.
    """
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())


def has_text(text: str, cell_spec: CellSpec) -> bool:
    """True if a text equals the released text or the instructor's text of a cell."""
    return squeezed(text) in texts_of(cell_spec)


def is_unanswered(text: str, cell_spec: CellSpec) -> bool:
    """True if the text of a solution cell is blank or unchanged."""
    return has_text(text, cell_spec) or is_blank(text)


def is_blank(text: str) -> bool:
    """True if a text has only invisible characters: whitespace, control and format characters."""
    return all(unicodedata.category(char) in _INVISIBLE for char in text)


def texts_of(cell_spec: CellSpec) -> set[tuple[str, ...]]:
    """Return the released text and the instructor's text of a cell, squeezed."""
    return {squeezed(cell_spec.released), squeezed(cell_spec.source)}


def given_texts(spec: NotebookSpec) -> set[tuple[str, ...]]:
    """Return the released texts of a notebook, squeezed, except for blank ones."""
    texts = set[tuple[str, ...]]().union(*map(texts_of, spec.cells))
    return (texts | {squeezed(text) for text in spec.added}) - {()}
