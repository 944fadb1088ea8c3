"""Check a learner's `zero_pad` on the start page (in the browser).

`tools/lite_pyodide.py` puts this module into the package `check`, and `tools/lite_check.mjs` calls
its functions in a worker of the start page.
"""

import json
import linecache
import re
from dataclasses import replace
from traceback import format_exception
from typing import Any

import public_tests  # noqa: F401, registers the course and its exercises
from nbexercise.checks import CASE_SETS
from nbexercise.diagnosis.circumstances import in_notebook
from nbexercise.diagnosis.diagnose import diagnose
from nbexercise.diagnosis.explanation import explain
from nbexercise.judging.deciding import decide
from nbexercise.showing.markup import FAILED, OPEN, PASSED, as_html
from nbexercise.showing.svg import draw
from nbexercise.showing.text import describe

__all__ = ["CHECKED", "hints", "judge"]

CHECKED = "zero_pad"  # as in docs/index.md
FILE = "<your code>"
# Next steps after errors that keep Python from running the code, by pattern.
STEPS = {
    "was never closed": "add the closing bracket that belongs to the marked one.",
    "unmatched|does not match opening": (
        "remove the marked bracket, or add its partner: each ( needs a ), and each [ a ]."
    ),
    "invalid .*character": (
        "delete the marked character and type it anew. Quotes in code are straight: ' or \"."
    ),
    "unterminated": "end the marked string with the quote that it begins with.",
    "IndentationError|TabError|outside function": (
        "indent each line of the function by four spaces."
    ),
    "expected ':'": "end the marked line with a colon.",
    "forgot a comma": "put a comma between the two marked values.",
    "": "correct this line. The Start over button brings back the original code.",
}


def judge(text: str, width: float) -> str:
    """Run a text that defines the function, and check it.

    Parameters
    ----------
    width
        Width of the page in pixels.

    Returns
    -------
    str
        JSON with `passed`, the verdict as `html`, and if a failing case can be drawn, the SVG
        `picture`.
    """
    # Diagnoses quote the wrong line.
    linecache.cache[FILE] = (len(text), None, text.splitlines(keepends=True), FILE)
    names: dict[str, Any] = {}
    try:
        exec(compile(text, FILE, "exec"), names)
    except (Exception, SystemExit) as error:
        own = error.__traceback__ and error.__traceback__.tb_next  # without this function
        lines = format_exception(error.with_traceback(own))
        step = next(step for pattern, step in STEPS.items() if re.search(pattern, lines[-1]))
        text = f"Python cannot run the code.\n\n{''.join(lines)}\nNext: {step}"
        return _answer(text, FAILED)
    if not callable(function := names.get(CHECKED)):
        return _answer(f"The code does not define a function {CHECKED}.", OPEN)
    case_set = CASE_SETS[CHECKED]
    diagnosis = diagnose(decide(case_set, function), case_set, function)
    placed = in_notebook(diagnosis, function, CASE_SETS)
    explanation = explain(placed, calls="The Hint button gives a hint.")
    advice = explanation.advice._replace(sections=())  # the page has none of the notebook's
    text = describe(replace(explanation, advice=advice))
    if diagnosis.passed:
        return _answer(text, PASSED)
    try:
        return _answer(text, FAILED, picture=draw(diagnosis, width))
    except ValueError:  # the case cannot be drawn
        return _answer(text, FAILED)


def hints() -> str:
    """Return the hints for the function as JSON, the vaguest one first."""
    return json.dumps(CASE_SETS[CHECKED].hints)


def _answer(text: str, state: str, **picture: str) -> str:
    return json.dumps({"passed": state == PASSED, "html": as_html(text, state), **picture})
