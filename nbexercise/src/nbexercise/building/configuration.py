"""Configure nbgrader for a course with exercises."""

import os
from pathlib import Path
from typing import Any

from .folder import CHECKS

__all__ = ["configure"]

STUB = (
    "# YOUR CODE HERE\n"
    'raise NotImplementedError("write your code here, then delete this line")'
)


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
    path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    others = [entry for entry in path if entry != course]
    os.environ["PYTHONPATH"] = os.pathsep.join([course, *others])
