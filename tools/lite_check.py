"""Check a learner's `zero_pad` on the start page (in the browser).

`tools/lite_pyodide.py` puts this module into the package `check`, and `tools/lite_check.mjs` calls
its functions in a worker of the start page.
"""

import json
import linecache
from dataclasses import replace
from traceback import format_exception_only
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


def judge(text: str) -> str:
    """Run a text that defines the function, and check it.

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
        return _answer("".join(format_exception_only(error)).strip(), FAILED)
    if not callable(function := names.get(CHECKED)):
        return _answer(f"The code does not define a function {CHECKED}.", OPEN)
    case_set = CASE_SETS[CHECKED]
    diagnosis = diagnose(decide(case_set, function), case_set, function)
    explanation = explain(in_notebook(diagnosis, function, CASE_SETS))
    # The page has buttons in place of the calls, and none of the notebook's sections.
    advice = explanation.advice._replace(sections=())
    text = describe(replace(explanation, calls="", advice=advice))
    text = text.replace(f'hint("{CHECKED}") gives', "The Hint button gives")
    if diagnosis.passed:
        return _answer(text, PASSED)
    try:
        return _answer(text, FAILED, picture=draw(diagnosis))
    except ValueError:  # the case cannot be drawn
        return _answer(text, FAILED)


def hints() -> str:
    """Return the hints for the function as JSON, the vaguest one first."""
    return json.dumps(CASE_SETS[CHECKED].hints)


def _answer(text: str, state: str, **picture: str) -> str:
    return json.dumps({"passed": state == PASSED, "html": as_html(text, state), **picture})
