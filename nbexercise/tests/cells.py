"""Student code for the tests: functions made from text, as notebook cells make them."""

import linecache
import textwrap
from itertools import count

import numpy as np

_numbers = count(1)


def cell(text, **names):
    """Run a cell and return its namespace, which includes `np` and the given names.

    Tracebacks show the cell's lines and name it <cell>, then <cell 2> and so on.
    """
    text = textwrap.dedent(text).strip() + "\n"
    filename = f"<cell {next(_numbers)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace = {"np": np, **names}
    exec(compile(text, filename, "exec"), namespace)
    return namespace


def written(text, **names):
    """Return the last function that the cell defines."""
    functions = [v for v in cell(text, **names).values() if callable(v)]
    return functions[-1]
