"""An assignment's notebook in source/, and its differences from the version in the gradebook.

Grading uses the cells, kinds, points and texts that `nbgrader generate_assignment` recorded.
Plug-ins compare them with source/, in the group `nbjudge.checks`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from nbjudge import plugins
from nbjudge.files import reason_of


@dataclass(frozen=True)
class Difference:
    """A difference between source/ and the gradebook.

    Attributes
    ----------
    text
        Clause for use in a sentence.
    changes_cells
        True if cells or notebooks were added or removed, or cells are of another kind; nbgrader
        refuses to record such a change after work has been graded.
    """

    text: str
    changes_cells: bool = False

    def __str__(self) -> str:
        return self.text


def assembled(notebook: dict[str, Any], coursedir: CourseDirectory) -> dict[str, Any]:
    """Return a notebook with the course's header and footer, as nbgrader's IncludeHeaderFooter.

    Packages with preprocessors of their own change it as these do, in the group `nbjudge.sources`.

    Raises
    ------
    ValueError
        If the header or the footer cannot be read, or a package refuses the notebook.
    """
    settings = coursedir.config.get("IncludeHeaderFooter", {})
    added: dict[str, list[Any]] = {"header": [], "footer": []}
    for part in added:
        path = settings.get(part)
        try:
            if path:
                added[part] = json.loads(Path(coursedir.root, path).read_bytes())["cells"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else "not a notebook"
            text = f"c.IncludeHeaderFooter.{part} is {path}, which cannot be read: {reason}"
            raise ValueError(text) from None
    whole = {**notebook, "cells": [*added["header"], *notebook["cells"], *added["footer"]]}
    for name, change in plugins.load_all("nbjudge.sources").items():
        with plugins.naming("nbjudge.sources", name):
            whole = change(whole, coursedir.config)
    return whole
