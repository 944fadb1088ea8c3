"""The `%%needs` line of the lessons: a cell that is skipped where a package is not installed.

    %load_ext lesson_tools.needs

    %%needs torch keras
    (a cell that uses them)

The frameworks are large, and a browser has none of them: a lesson goes on without, and says so.
"""

import importlib.util
import os
from typing import Any

__all__ = ["load_ipython_extension"]

FIRST = "%%needs "
TITLES = {"torch": "PyTorch", "keras": "Keras", "tensorflow": "TensorFlow"}


def load_ipython_extension(shell: Any) -> None:
    """Called by `%load_ext`."""
    # What TensorFlow tells of itself when it is imported is no concern of a lesson.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if skip_where_missing not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(skip_where_missing)


def skip_where_missing(lines: list[str]) -> list[str]:
    """A cell's lines, or one that says what is missing in their place."""
    if not lines or not lines[0].startswith(FIRST):
        return lines
    names = lines[0][len(FIRST) :].split()
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if not missing:
        return ["#\n", *lines[1:]]  # the lines keep their numbers
    titles = " and ".join(TITLES.get(name, name) for name in missing)
    verb = "is" if len(missing) == 1 else "are"
    text = f"Skipped: {titles} {verb} not installed here (pip install {' '.join(missing)})."
    return [f"print({text!r})\n"]
