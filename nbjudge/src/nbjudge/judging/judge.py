"""Judge one notebook: first the tests outside the student's process, then those in the child."""

from collections.abc import Mapping, Sequence

from nbjudge.judging.explanations import Explanations
from nbjudge.judging.judged_notebook import JudgedNotebook, graded
from nbjudge.judging.messages import Attempt, Graded, NotebookSubmission
from nbjudge.judging.namespace import JudgeShell
from nbjudge.judging.prepare import Prepared
from nbjudge.judging.random_state import seed_judge
from nbjudge.judging.session import Session
from nbjudge.judging.tests_in_child import judge_in_child
from nbjudge.judging.tests_outside import Announce, OutsideJudge
from nbjudge.notebook.answers import own_answers
from nbjudge.notebook.reading import Cell, read_notebook
from nbjudge.notebook.repair import repair
from nbjudge.notebook.texts import is_unanswered
from nbjudge.sandbox.client import SandboxClient


def judge_notebook(
    submission: NotebookSubmission,
    prepared: Prepared,
    attempt: Attempt,
    shell: JudgeShell,
    client: SandboxClient,
    announce: Announce,
) -> Graded:
    """Judge a submitted notebook.

    Parameters
    ----------
    client
        Client that starts the sandboxes for the student's code.
    announce
        Callback that receives a test cell's number before the judge runs the cell, and None after.

    Raises
    ------
    UnreadableNotebookError
        If the submission is not a notebook.
    IsolationError
        If no sandbox can be created.
    ForkServerGoneError
        If the fork server has ended.
    """
    spec = prepared.spec
    cells, repairs = repair(read_notebook(submission.notebook), spec, submission.own_files)
    judged = JudgedNotebook(cells=cells, repairs=repairs, faults=list(prepared.faults))
    parts = [
        (cell["spec"].grade_id if cell["spec"] else "", cell["cell_type"], cell["source"])
        for cell in cells
    ]
    own_cells = own_answers(parts, spec)
    explanations = Explanations(judged, spec, client.sandbox)
    seed_judge(submission.seed)
    files, limit = prepared.files | submission.files, shell.outputs.limit
    session = child = Session(
        client, files, submission.seed, attempt.left, limit, submission.draw_all, attempt.report
    )
    # The instructor's notebook decides where a test is judged, unless it misses something outside.
    tests = [cell["spec"] for cell in cells if cell["spec"] and cell["spec"].is_test]
    has_child = submission.compare or spec.has_child
    # Without a test outside, one run in the child gives all outputs and scores.
    is_alone = bool(tests) and all(test.in_child for test in tests) and not submission.compare
    by_hand = _graded_by_hand(cells, own_cells)
    try:
        if not is_alone:
            OutsideJudge(
                submission, prepared, attempt, shell, session, judged, explanations, announce
            ).run_cells(by_hand)
        if has_child or judged.outside:
            if not is_alone:
                # This closes the session of the tests outside. Tests that the student's code has
                # moved to the child give it no more time.
                left = submission.limits.of_submission if has_child else session.time_left
                child = session.another(left)
            judge_in_child(submission, child, judged, explanations, by_hand, is_alone)
    finally:
        child.close()
    for cell in cells:
        _settle_by_text(cell, judged, own_cells)
    for name, why in session.not_written.items():
        judged.remarks.append(f"{name} could not be written to the work folder: {why}")
    if session.is_out_of_time or child.is_out_of_time:
        judged.remarks.append(
            f"The time limit for a submission ({submission.limits.submission_seconds:g} seconds) "
            "was reached before the end of the notebook: the rest of the student's code was not "
            "run."
        )
    return graded(judged, spec, submission.mark)


def _graded_by_hand(cells: Sequence[Cell], own_cells: Mapping[str, Sequence[int]]) -> set[int]:
    """Return the numbers of the cells whose output a person grades.

    Parameters
    ----------
    own_cells
        Numbers of the student's own cells that may belong to an answer, by the answer's grade id.
    """
    numbers, of_task = set[int]().union(*own_cells.values()), False
    for number, cell in enumerate(cells):
        cell_spec = cell["spec"]
        if cell_spec and cell_spec.grade_id:
            of_task = cell_spec.task
        if of_task or (cell_spec and cell_spec.is_by_hand):
            numbers.add(number)
    return numbers


def _settle_by_text(
    cell: Cell, judged: JudgedNotebook, own_cells: Mapping[str, Sequence[int]]
) -> None:
    """Set the scores and remarks that depend on the cell's text and its repair."""
    cell_spec, doubt = cell["spec"], cell.pop("doubt", "")
    if not cell_spec:
        return
    score = judged.scores.get(cell_spec.grade_id)
    if doubt and score is not None and score < cell_spec.points:
        judged.doubt(cell, cell_spec, doubt)
    nothing = is_unanswered(cell["source"], cell_spec)
    if nothing and own_cells.get(cell_spec.grade_id) and cell_spec.solution:
        doubt = "the student added cells or files that may contain it"
    if nothing and doubt and cell_spec.solution:
        nothing = False
        if cell_spec.grade:
            judged.remarks.append(
                f"The cell {cell_spec.grade_id} has no answer, but {doubt}: please check."
            )
    if nothing and cell_spec.solution:
        judged.unanswered.append(cell_spec.grade_id)
    if cell_spec.grade and cell_spec.solution:
        judged.scores[cell_spec.grade_id] = 0.0 if nothing else None
    elif cell_spec.task or (cell_spec.grade and cell_spec.cell_type != "code"):
        judged.scores[cell_spec.grade_id] = None
