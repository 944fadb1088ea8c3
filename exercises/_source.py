"""The text of a function as a notebook shows it: without decorators, with or without markers."""

import ast
import functools
import inspect
import textwrap

__all__ = ["BEGIN", "END", "function_source"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@functools.cache
def function_source(function, markers: bool = False) -> str:
    """The source of `function`, without its decorators.

    markers: keep nbgrader's solution markers, and what they enclose as it is; else drop the lines
    raises: OSError where the source cannot be found
    """
    text = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    first = ast.parse(text).body[0].lineno  # the `def` line: decorators come before it
    lines = text.rstrip().splitlines()[first - 1 :]
    if not markers:
        lines = [line for line in lines if line.strip() not in (BEGIN, END)]
    return "\n".join(lines)
