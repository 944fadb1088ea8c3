"""Recognize a notebook by its cells, which stay when a file is renamed: their ids and texts."""

import json
import re
from collections.abc import Collection, Iterable, Mapping

from nbjudge.notebook.spec import NotebookSpec
from nbjudge.notebook.texts import squeezed

_GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"((?:[^"\\]|\\.){1,200})"')


def grade_ids(contents: Iterable[bytes]) -> set[str]:
    """Return the grade ids in the metadata of notebooks, which may be damaged."""
    return {
        text.decode(errors="replace") for content in contents for text in _GRADE_ID.findall(content)
    }


def best_fits(
    found: Collection[str],
    parts: Mapping[str, Iterable[Collection[str]]],
    named: Collection[str] = (),
) -> set[str]:
    """Return the names with most of the questions found; all `named` if nothing was found.

    Of several such names, those in `named` are preferred, then those with a complete notebook.

    Parameters
    ----------
    found
        Grade ids in the submission.
    parts
        Grade ids of the questions of each assignment or notebook, by notebook.
    named
        Names that the file's name fits.
    """
    counts = {name: len(set[str]().union(*of) & set(found)) for name, of in parts.items()}
    most = max(counts.values(), default=0)
    if not most:
        return set(named)
    fitting = {name for name, count in counts.items() if count == most}
    fitting = fitting & set(named) or fitting
    complete = {name for name in fitting if any(of and set(found) >= set(of) for of in parts[name])}
    return complete or fitting


def notebooks_of(
    content: bytes, specs: Mapping[str, NotebookSpec], named: Collection[str]
) -> set[str] | None:
    """Return the notebooks of an assignment that a file may be by its cells; None if unknown.

    The grade ids decide. If the file has none, the released texts do, one line of each cell: more
    than half of the lines must be there.

    Parameters
    ----------
    specs
        The assignment's notebooks, by name.
    named
        Notebooks that the file's name fits.

    Returns
    -------
    set of str or None
        Empty if all grade ids are those of another assignment.
    """
    found = grade_ids([content])
    parts = {name: [spec.questions] for name, spec in specs.items()}
    expected = {cell.grade_id for spec in specs.values() for cell in spec.cells}
    if not found and len(specs) > 1:
        lines = _distinctive_lines(specs)
        expected = found = {
            line for of in lines.values() for line in of if _has_line(content, line)
        }
        parts = {name: [of] for name, of in lines.items() if 2 * len(of & found) > len(of)}
    if found and not found & expected:
        return set()
    return best_fits(found, parts, named) if any(found & of for (of,) in parts.values()) else None


def _distinctive_lines(specs: Mapping[str, NotebookSpec]) -> dict[str, set[str]]:
    """Return the longest line of each released text, except for answers and common lines."""
    lines = {
        name: {max(squeezed(c.released), key=len, default="") for c in spec.cells if not c.solution}
        for name, spec in specs.items()
    }
    common = set.intersection(*lines.values()) | {""}
    return {name: of - common for name, of in lines.items()}


def _has_line(content: bytes, line: str) -> bool:
    """True if the JSON text of a notebook contains a line."""
    texts = {json.dumps(line, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return any(text.encode("utf-8", "replace") in content for text in texts)
