"""Configure nbgrader for a course with exercises."""

import os
import sys
from pathlib import Path
from typing import Any

from .folder import CHECKS

__all__ = ["configure"]

STUB = '# YOUR CODE HERE\nraise NotImplementedError("write your code here, then delete this line")'


def configure(c: Any, root: str | Path = ".") -> None:
    """Configure nbgrader to fill the marked cells of notebooks, and to grade them.

    Works with nbgrader's own `autograde`, and with nbjudge if `nbjudge.configure(c)` is called too.

    Parameters
    ----------
    c
        The configuration that `get_config()` returns.
    root
        Folder of the course; by default the current one, in which nbgrader is started.

    Examples
    --------
    >>> import nbexercise
    >>> from traitlets.config import Config
    >>> c = Config()  # in nbgrader_config.py: c = get_config()
    >>> nbexercise.configure(c)
    """
    course = str(Path(root).resolve())
    c.GenerateAssignment.preprocessors.prepend(["nbexercise.building.preprocessor.Fill"])
    c.Fill.course = course
    c.ClearSolutions.code_stub = {"python": STUB}
    c.NbJudge.test_files.append(CHECKS)
    # The hidden tests look for checks/ there, in nbgrader's process and in nbjudge's.
    _put_first("PYTHONPATH", course)
    # nbgrader calls `alembic` by name; the one beside this Python is meant.
    _put_first("PATH", str(Path(sys.executable).parent))


def _put_first(variable: str, folder: str) -> None:
    """Put a folder in front of a search path of the environment, once."""
    rest = [entry for entry in os.environ.get(variable, "").split(os.pathsep) if entry]
    others = [entry for entry in rest if entry != folder]
    os.environ[variable] = os.pathsep.join([folder, *others])
