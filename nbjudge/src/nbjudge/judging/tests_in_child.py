"""Judge tests in the child: run the whole notebook in one sandbox, as nbgrader does.

A test in the child is a cell like any other. Its outputs decide its score, although they come from
a process that student code controls; SECURITY.md lists what an attacker can reach in the child.
"""

import contextlib
from collections.abc import Collection
from dataclasses import replace

from nbjudge.judging import stock
from nbjudge.judging.causes import LIMITS
from nbjudge.judging.disclosure import without_hidden_errors, without_hidden_lines
from nbjudge.judging.explanations import NOT_SHOWN, OUT_OF_TIME, Explanations
from nbjudge.judging.judged_notebook import JudgedNotebook
from nbjudge.judging.messages import NotebookSubmission
from nbjudge.judging.pictures import put_back_pictures
from nbjudge.judging.session import CellResult, Session
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec
from nbjudge.wire.outputs import REPORT, Allowance, checked, error_output
from nbjudge.wire.requests import Cause


def judge_in_child(
    submission: NotebookSubmission,
    session: Session,
    judged: JudgedNotebook,
    explanations: Explanations,
    by_hand: Collection[int],
    is_alone: bool,
) -> None:
    """Run the notebook in a session, and score the tests of the child by their outputs.

    Parameters
    ----------
    session
        Session in which nothing has run.
    by_hand
        Numbers of the cells whose figures a person grades.
    is_alone
        True if no test is judged outside: all outputs are then those of the child.
    """

    def is_scored(test: CellSpec | None) -> bool:
        return test is not None and (test.in_child or submission.compare)

    page_allowance, limits, cells = session.allowance, submission.limits, judged.cells
    has_secret = False  # True if the sandbox has hidden lines that no output may show
    if not is_alone:  # nothing after the last test is needed
        scored = [number for number, cell in enumerate(cells) if is_scored(_test_in(cell))]
        cells = cells[: max(scored, default=-1) + 1]
    for number, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        test, draw, source = _test_in(cell), is_alone and number in by_hand, cell["source"]
        if test and not is_scored(test):
            source = test.released  # hidden lines of tests outside stay out of every sandbox
        # A score must not depend on how much other cells have printed.
        session.allowance = Allowance(session.output_size)
        seconds = limits.test_seconds if test else limits.cell_seconds
        is_students = not (test or (cell["spec"] and cell["spec"].locked))
        result = session.run(source, {}, seconds, draw, is_students)
        if test:
            result = _as_test(result)
        if submission.compare and result.cause and result.cause.name in LIMITS:
            explanations.report_cause(result.cause)  # the comparison then decides nothing
        if test and submission.compare:
            with contextlib.suppress(ValueError):
                judged.compared[test.grade_id] = _points(result, test)
        if is_alone or (test and test.in_child):
            # Code can make a test miss something outside, to read its hidden lines in the child.
            has_secret |= bool(test and test.hidden and test.grade_id in judged.outside)
            shown = _without_texts(result, seconds) if has_secret else result
            cell["outputs"], cell["execution_count"] = checked(shown.outputs, page_allowance), None
            # A test that was moved here may import the course's own modules, which are not here.
            is_moved = test is not None and test.grade_id in judged.outside
            is_limit = result.cause is not None and result.cause.name in LIMITS
            is_reported = draw or (test is not None and (is_limit or not is_moved))
            explanations.add_notes(cell, shown, is_reported)
            if test:
                _score(cell, test, result, judged)
                score = judged.scores[test.grade_id]
                if has_secret and score is not None and score < test.points:
                    cell["outputs"] = [error_output("TestFailed", NOT_SHOWN)]
                _keep_better(cell, test, judged)
            put_back_pictures(cell, draw, session.output_size, page_allowance)


def _test_in(cell: Cell) -> CellSpec | None:
    return cell["spec"] if cell["spec"] and cell["spec"].is_test else None


def _as_test(result: CellResult) -> CellResult:
    """Replace the traceback of a test that exceeded its time limit with a message that says so."""
    if result.cause is None or result.cause.name != "time limit":
        return result
    outputs = [item for item in result.outputs if item["output_type"] != "error"]
    outputs.append(error_output("TimeoutError", OUT_OF_TIME))
    return replace(result, outputs=outputs, cause=Cause("test time", result.cause.detail))


def _without_texts(result: CellResult, seconds: float) -> CellResult:
    """Return a result without the texts that the student's process chooses."""
    cause = result.cause if result.cause and result.cause.name in LIMITS else None
    cause = cause and replace(cause, detail=f"{seconds:g}")
    return replace(result, outputs=[], cause=cause, dropped=())


def _score(cell: Cell, test: CellSpec, result: CellResult, judged: JudgedNotebook) -> None:
    """Score a test, and show its outputs without its hidden lines."""
    outputs = (without_hidden_lines(item, test) for item in cell["outputs"])
    cell["outputs"] = [without_hidden_errors(item, test) for item in outputs]
    try:
        judged.scores[test.grade_id] = _points(result, test)
    except ValueError as error:
        judged.suspect(cell, test, str(error))


def _keep_better(cell: Cell, test: CellSpec, judged: JudgedNotebook) -> None:
    """Keep the better result of a test that was judged in the child after it lost points outside.

    A suspicion names each test that gained, since its score is within reach of the student's code.
    """
    score = judged.scores[test.grade_id]
    if score is None or test.grade_id not in judged.outside:
        return
    before, outputs = judged.outside[test.grade_id]
    if score > (before or 0.0):
        judged.suspicions[test.grade_id] = (
            f"{test.grade_id} was judged in the student's process, as in nbgrader, and earned "
            f"{score:g} of {test.points:g} points there, because {judged.missed[test.grade_id]}. "
            "Code can forge this score: read the answer"
        )
        return
    judged.scores[test.grade_id] = before or 0.0
    if test.hidden or any(REPORT in item.get("data", {}) for item in outputs):
        cell["outputs"] = outputs


def _points(result: CellResult, test: CellSpec) -> float:
    """Return the points from `stock.score_of`, but 0 for a test that failed or took too long."""
    if not result.succeeded or result.too_long:
        return 0.0
    return stock.score_of(result.outputs, test.points)
