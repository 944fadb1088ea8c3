"""Recognize a notebook by the grade ids of its cells, which stay when a file is renamed."""

import re
from collections.abc import Collection, Iterable, Mapping

__all__ = ["best_fits", "grade_ids"]

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
