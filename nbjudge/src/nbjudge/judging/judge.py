"""Judge one notebook: run the student's cells in the sandbox, and unmodified test cells here."""

import contextlib
import math
import numbers
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nbjudge.errors import CannotJudgeError, ForkServerGoneError, IsolationError, SessionDiedError
from nbjudge.guest.tracebacks import is_of_library, without_folders
from nbjudge.judging import stock
from nbjudge.judging.causes import ExplainedCause, explain
from nbjudge.judging.disclosure import (
    is_of_the_test,
    may_be_shown,
    message_of,
    visible_lines,
    without_hidden_errors,
    without_hidden_lines,
)
from nbjudge.judging.judged_notebook import JudgedNotebook, graded
from nbjudge.judging.link import CAUSE, Link
from nbjudge.judging.messages import Attempt, Fault, Graded, NotebookSubmission
from nbjudge.judging.namespace import JudgeShell
from nbjudge.judging.pictures import keep_pictures
from nbjudge.judging.prepare import Prepared, PreparedCell
from nbjudge.judging.remote import Remote
from nbjudge.judging.session import CellResult, Handed, Session
from nbjudge.notebook import static_names
from nbjudge.notebook.answers import own_answers
from nbjudge.notebook.newer_syntax import newer_python
from nbjudge.notebook.reading import Cell, read_notebook
from nbjudge.notebook.repair import repair
from nbjudge.notebook.spec import CellSpec
from nbjudge.notebook.texts import is_unanswered
from nbjudge.sandbox.client import SandboxClient
from nbjudge.sandbox.sandbox import environment_folders
from nbjudge.wire.outputs import REPORT, Allowance, Output, checked, error_output, stream_output
from nbjudge.wire.requests import Cause

_NOT_DEFINED = re.compile(r"NameError: name '(\w+)' is not defined")
_DEFINED = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.M)  # works without valid syntax
Announce = Callable[[int | None], None]  # called with the number of the running test cell, or None


def judge(
    submission: NotebookSubmission,
    prepared: Prepared,
    attempt: Attempt,
    shell: JudgeShell,
    client: SandboxClient,
    report: Announce,
) -> Graded:
    """Judge a submitted notebook.

    Parameters
    ----------
    client
        Starts the sandboxes for the student's code.
    report
        Called with a test cell's number before the judge runs it, and with None afterwards.

    Raises
    ------
    UnreadableNotebookError
        If the submission is not a notebook.
    IsolationError
        If no sandbox can be created.
    ForkServerGoneError
        If the fork server has ended.
    """
    session = Session(
        client,
        prepared.files | submission.files,
        submission.seed,
        attempt.deadline,
        shell.outputs.limit,
        submission.draw_all,
    )
    judged = _Judging(submission, prepared, attempt, shell, session, report).all()
    return graded(judged, prepared.spec, submission.mark)


class _Judging:
    """The state of judging one notebook."""

    def __init__(
        self,
        submission: NotebookSubmission,
        prepared: Prepared,
        attempt: Attempt,
        shell: JudgeShell,
        session: Session,
        report: Announce,
    ):
        self.prepared, self.attempt, self.shell, self.report = prepared, attempt, shell, report
        self.spec, self.limits, self.seed = prepared.spec, submission.limits, submission.seed
        self.compare = submission.compare
        cells, repairs = repair(read_notebook(submission.notebook), self.spec, submission.own_files)
        self.judged = JudgedNotebook(cells, repairs=repairs, faults=list(prepared.faults))
        parts = [
            (cell["spec"].grade_id if cell["spec"] else "", cell["cell_type"], cell["source"])
            for cell in cells
        ]
        self.own_answers = own_answers(parts, self.spec)
        self.session = session
        self.sessions = [session]
        self.names = shell.names
        asked = [self.spec.asked(cell) for cell in self.spec.cells]
        classes = {name for names in asked for name, kind in names.items() if kind == "class"}
        self.link = Link(self.session, classes, self.names.rebound, self.names.removed)
        self.link.shell = shell
        trees = [cell.tree for cell in prepared.cells]
        self.session.tuples = set().union(*map(static_names.tuple_classes, trees))
        self.names.link = self.link
        self.position = 0  # index in the spec up to which the judge's own names are bound
        self.given: dict[str, Any] = {}  # the judge's own values of names in instructor's cells
        self.of_task = False  # whether added cells belong to a task
        # Names that are undefined because of the grader: the cause, and where the cell stopped.
        self.lost: dict[str, tuple[ExplainedCause, str]] = {}
        self.link.explain = self._explain

    def all(self) -> JudgedNotebook:
        """Judge every cell, in order."""
        _seed(self.seed)
        specs = (cell["spec"] for cell in self.judged.cells)
        tests = [spec for spec in specs if spec and spec.is_test]
        in_child = [spec for spec in tests if spec.in_child]
        is_alone = len(in_child) == len(tests) > 0 and not self.compare
        try:
            if not is_alone:
                self._judge_outside()
            if in_child or self.compare:
                self._judge_in_child(is_alone)
        finally:
            self.session.close()
        for cell in self.judged.cells:
            self._settle(cell)
        for name, why in self.sessions[0].not_written.items():
            self.judged.remarks.append(f"{name} could not be written to the work folder: {why}")
        if any(session.is_out_of_time for session in self.sessions):
            seconds = f"{self.limits.submission_seconds:g} seconds"
            self.judged.remarks.append(
                f"The time limit for a submission ({seconds}) was reached before the end of the "
                "notebook: the rest of the student's code was not run."
            )
        for cell in self.judged.cells:
            del cell["spec"]
            cell.pop("submitted", None)
        return self.judged

    def _judge_outside(self) -> None:
        """Run the student's cells in the sandbox, and the tests here."""
        for number, cell in enumerate(self.judged.cells):
            if cell["spec"] and cell["spec"].is_test:
                self._advance(cell["spec"])
            draw = self._is_for_a_person(number, cell)
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
                self._run(number, cell, draw)
                if self.session.is_lost:
                    raise ForkServerGoneError
                self._keep_pictures(cell, draw)

    def _judge_in_child(self, is_alone: bool) -> None:
        """Run the whole notebook in a sandbox of its own, as nbgrader does, and score tests there.

        Parameters
        ----------
        is_alone
            True if no test is judged outside: all outputs are then those of the child.
        """
        if not is_alone:
            self.session.close()
            self.session = self.session.another(time.monotonic() + self.limits.submission_seconds)
            self.sessions.append(self.session)
        allowance, limit = self.sessions[0].allowance, self.shell.outputs.limit
        cells = self.judged.cells
        if not is_alone:  # nothing after the last test is needed
            scored = [n for n, cell in enumerate(cells) if self._is_scored_in_child(cell)]
            cells = cells[: max(scored, default=-1) + 1]
        for number, cell in enumerate(cells):
            draw = is_alone and self._is_for_a_person(number, cell)
            if cell["cell_type"] != "code":
                continue
            cell_spec = cell["spec"] if cell["spec"] and cell["spec"].is_test else None
            runs = cell
            if cell_spec and not self._is_scored_in_child(cell):
                # The hidden lines of a test that is judged outside stay out of every sandbox.
                runs = cell | {"source": cell_spec.released}
            # A score must not depend on how much other cells have printed.
            self.session.allowance = Allowance(limit)
            result = self._run_in_session(runs, {}, draw)
            self.session.allowance = allowance
            if cell_spec and self.compare:
                with contextlib.suppress(ValueError):
                    score = _points_in_child(result, cell_spec.points)
                    self.judged.compared[cell_spec.grade_id] = score
            if is_alone or (cell_spec and cell_spec.in_child):
                cell["outputs"], cell["execution_count"] = checked(result.outputs, allowance), None
                self._note_causes(cell, result, is_reported=draw or cell_spec is not None)
                if cell_spec:
                    self._score_in_child(cell, cell_spec, result)
                self._keep_pictures(cell, draw)

    def _is_scored_in_child(self, cell: Cell) -> bool:
        cell_spec = cell["spec"]
        return bool(cell_spec and cell_spec.is_test and (cell_spec.in_child or self.compare))

    def _keep_pictures(self, cell: Cell, draw: bool) -> None:
        submitted = None if draw else cell.get("submitted")
        limit = self.shell.outputs.limit
        cell["outputs"] = keep_pictures(cell["outputs"], submitted, limit, self.session.allowance)

    def _advance(self, cell_spec: CellSpec) -> None:
        """Bind the values that the judge computed for the instructor's cells before a test cell."""
        cells = self.prepared.cells
        while cells[self.position].spec is not cell_spec and self.position < len(cells) - 1:
            self._bind(cells[self.position])
            self.position += 1

    def _bind(self, cell: PreparedCell) -> None:
        self.names.update(cell.bound)
        self.given.update(cell.bound)
        for name in cell.bound:
            self.names.asked.pop(name, None)
        for name in cell.lost:
            self.names.pop(name, None)
            self.given.pop(name, None)
        if cell.spec.cell_type == "code" and not cell.spec.is_test:
            self.names.ask(self.spec.asked(cell.spec))
            if cell.spec.locked:
                for name in static_names.assigned_names(cell.tree) - set(cell.bound):
                    self.names.pop(name, None)

    def _undo_changes(self) -> None:
        """Undo changes by calls in earlier tests, except to data that belongs to those tests."""
        if not self.link.changed:
            return
        tests_own = [
            value
            for name, value in dict.items(self.names)
            if not name.startswith("_") and name not in ("In", "Out")
        ]
        self.link.undo_changes(tests_own, [*self.given.values(), *_course_data()])

    def _is_for_a_person(self, number: int, cell: Cell) -> bool:
        """True if a person grades the cell's output: it is an answer, or was written for a task."""
        cell_spec = cell["spec"]
        if cell_spec and cell_spec.grade_id:
            self.of_task = cell_spec.task
        is_answer = bool(cell_spec and cell_spec.grade and cell_spec.solution)
        return self.of_task or is_answer or any(number in own for own in self.own_answers.values())

    def _run(self, number: int, cell: Cell, draw: bool) -> None:
        cell_spec = cell["spec"]
        if cell_spec and cell_spec.is_test:
            if not cell_spec.in_child:
                self._test(number, cell, cell_spec)
            return
        names: dict[str, Handed] = {}
        if cell_spec and cell_spec.locked and not cell_spec.is_test:
            ours = self.prepared.cell_of(cell_spec)
            names = {n: Handed(digest, ours.bound[n]) for n, digest in ours.digests.items()}
        result = self._run_in_session(cell, names, draw)
        cell["outputs"] = list(result.outputs)
        self._note_causes(cell, result, is_reported=draw)

    def _run_in_session(self, cell: Cell, names: dict[str, Handed], draw: bool) -> CellResult:
        """Run a cell in the student's process; an ended process is an error of the cell."""
        cell_spec = cell["spec"]
        is_students, seconds = not (cell_spec and cell_spec.locked), self.limits.cell_seconds
        if cell_spec and cell_spec.is_test:
            is_students, seconds = False, self.limits.test_seconds
        try:
            result = self.session.run(cell["source"], names, seconds, draw, is_students)
        except SessionDiedError as death:
            result = CellResult(False, [error_output("CellDied", str(death))], death.cause)
        if self.session.is_lost:
            raise ForkServerGoneError
        return result

    def _note_causes(self, cell: Cell, result: CellResult, is_reported: bool) -> None:
        """Explain in a cell's outputs what the grader stopped or lacks, if anything."""
        cell_spec, notes = cell["spec"], list[str]()
        for dropped in result.dropped:
            note = explain(Cause("unused import", dropped.module), None)
            lack = explain(Cause("package missing", dropped.module), None)
            assert note and lack
            notes.append(f"{note.says} The import is `{dropped.statement}`.")
            self._count(note)
            self.lost[dropped.name] = lack, dropped.statement
        if notes and cell_spec:
            cell["metadata"]["nbjudge"] = {"notes": list(dict.fromkeys(notes))}
        if explanation := None if result.succeeded else self._cause_of(cell, result):
            notes.append(explanation.text)
            names = static_names.assigned_names(static_names.parse(cell["source"]))
            names.update(_DEFINED.findall(cell["source"]))
            names.update(self.spec.asked(cell_spec) if cell_spec else ())
            trace = "\n".join(map(_where_it_stopped, _errors(cell)))
            self.lost.update(dict.fromkeys(names, (explanation, trace)))
            if is_reported:
                self._count(explanation)
        cell["outputs"] += [stream_output(f"[{note}]\n") for note in dict.fromkeys(notes)]

    def _cause_of(self, cell: Cell, result: CellResult) -> ExplainedCause | None:
        """Explain why a cell failed, if the cause lies with the grader."""
        error = next((f"{item['ename']}: {item['evalue']}" for item in _errors(cell)), "")
        version = newer_python(cell["source"]) if error.startswith("SyntaxError") else ""
        cause = Cause("newer Python", version) if version else result.cause
        return self._explain(cause, error)

    def _explain(self, cause: Cause | None, error: str) -> ExplainedCause | None:
        """Explain an exception caused by the grader, directly or through a missing name.

        Parameters
        ----------
        error
            The exception's type and message.
        """
        return explain(cause, self.session.client.sandbox) or self._lost(error)[0]

    def _lost(self, error: str) -> tuple[ExplainedCause | None, str]:
        """Return why the name in a NameError is undefined, and where the cell stopped."""
        name = _NOT_DEFINED.match(error)
        return self.lost.get(name[1], (None, "")) if name else (None, "")

    def _count(self, explanation: ExplainedCause) -> None:
        """Report a cause to the instructor, once per submission."""
        if explanation not in self.judged.causes:
            self.judged.causes.append(explanation)

    def _score_in_child(self, cell: Cell, cell_spec: CellSpec, result: CellResult) -> None:
        """Score a test by what its cell printed in the child, without showing its hidden lines."""
        shown = (without_hidden_lines(item, cell_spec) for item in cell["outputs"])
        cell["outputs"] = [without_hidden_errors(item, cell_spec) for item in shown]
        try:
            score = _points_in_child(result, cell_spec.points)
        except ValueError as error:
            self._blame(cell, cell_spec, str(error))
            return
        self.judged.scores[cell_spec.grade_id] = score

    def _test(self, number: int, cell: Cell, cell_spec: CellSpec) -> None:
        """Run a test cell in the judge, and score it."""
        if number in self.attempt.timed_out:
            text = "The tests did not finish within their time limit."
            seconds = f"{self.limits.test_seconds:g}"
            explanation = explain(Cause("test time", seconds), self.session.client.sandbox)
            assert explanation
            cell["outputs"] = [error_output("TimeoutError", text), _report_of(explanation, text)]
            self._count(explanation)
            self.judged.scores[cell_spec.grade_id] = 0.0
            return
        if reason := cell_spec.left or self.attempt.unjudgeable.get(number, ""):
            self._blame(cell, cell_spec, reason)
            return
        self._undo_changes()
        self.session.begin_test(self.limits.test_seconds)
        self.report(number)
        self.link.begin_test(cell_spec.source)
        self.names.fetched.clear()
        succeeded, outputs = self.shell.run(cell_spec.source)
        outputs = checked(outputs, self.session.allowance, trusted=True)
        cell["outputs"] = [without_hidden_lines(item, cell_spec) for item in outputs]
        self.session.offered = {}
        self.report(None)
        if succeeded:
            self._score(cell, cell_spec)
        else:
            self._fail(cell, cell_spec)
        score = self.judged.scores[cell_spec.grade_id]
        if score is not None and score < cell_spec.points:
            for explanation in self.link.causes:
                self._count(explanation)

    def _score(self, cell: Cell, cell_spec: CellSpec) -> None:
        """Give full points, or as many as the cell's last expression if that is a number."""
        value, shown, points = self.shell.last_value, cell["outputs"], cell_spec.points
        # The value must not be counted as a score again.
        cell["outputs"] = [item for item in shown if item["output_type"] != "execute_result"]
        number = _number(value)
        if number is None:
            self.judged.scores[cell_spec.grade_id] = points
            return
        tree = self.prepared.cell_of(cell_spec).tree
        if static_names.value_is_of(tree, set(self.names.asked)):
            what = "its last line is a number from the student's code, not a score"
            self._blame(cell, cell_spec, what)
            return
        try:
            score = stock.points_of(number, points)
        except ValueError as error:
            self._blame(cell, cell_spec, str(error))
            return
        if (maximum := _reported_maximum(shown)) not in (None, points):
            what = f"its report is out of {maximum:g} points, but its cell has {points:g}"
            self._blame(cell, cell_spec, f"{what}; correct one and release the assignment again")
            return
        self.judged.scores[cell_spec.grade_id] = score
        cell["outputs"].append(stream_output(f"{score:g} of {points:g} points\n"))

    def _fail(self, cell: Cell, cell_spec: CellSpec) -> None:
        """Give no points, and show the error without revealing the hidden tests."""
        error = self.shell.last_error
        assert error is not None
        kept = [item for item in cell["outputs"] if item["output_type"] != "error"]
        if isinstance(error, IsolationError):
            raise error
        if isinstance(error, (CannotJudgeError, SyntaxError)) and is_of_the_test(error):
            cell["outputs"] = kept
            self._blame(cell, cell_spec, f"{_class_name(error)}: {error}")
            return
        name, message = (
            _class_name(error),
            without_folders(message_of(error)) if may_be_shown(error, cell_spec) else "",
        )
        if isinstance(error, SessionDiedError):
            name = "CodeDied"
        lines = visible_lines(error, cell_spec, self.shell)
        lines.append(f"{name}: {message}" if message else name)
        cell["outputs"] = [*kept, error_output(name, message, lines)]
        explanation, trace = getattr(error, CAUSE, None), "\n".join(lines)
        if explanation is None:
            explanation, trace = self._lost(f"{name}: {message}")
        if explanation:
            self.link.causes.append(explanation)
            cell["outputs"].append(_report_of(explanation, trace))
        self.judged.scores[cell_spec.grade_id] = 0.0

    def _blame(self, cell: Cell, cell_spec: CellSpec, what: str) -> None:
        """Record a fault of the test: leave the score open, and inform the instructor."""
        self.judged.scores[cell_spec.grade_id] = None
        self.judged.faults.append(Fault(cell_spec.grade_id, what))
        text = (
            f"The tests of this question could not be judged: {what}. "
            "This is not the student's fault: the question will be graded by hand."
        )
        cell["outputs"].append(error_output("TestError", text))

    def _settle(self, cell: Cell) -> None:
        """Set the scores and remarks that depend only on the cell's text."""
        cell_spec = cell["spec"]
        if not cell_spec:
            return
        nothing = is_unanswered(cell["source"], cell_spec)
        if nothing and self.own_answers.get(cell_spec.grade_id) and cell_spec.solution:
            nothing = False
            self.judged.remarks.append(
                f"The cell {cell_spec.grade_id} has no answer, but the student added cells or "
                "files that may contain it: please check them."
            )
        if nothing and cell_spec.solution:
            self.judged.unanswered.append(cell_spec.grade_id)
        if cell_spec.grade and cell_spec.solution:
            self.judged.scores[cell_spec.grade_id] = 0.0 if nothing else None
        elif cell_spec.task or (cell_spec.grade and cell_spec.cell_type != "code"):
            self.judged.scores[cell_spec.grade_id] = None


def _points_in_child(result: CellResult, points: float) -> float:
    """Return the points of `stock.score_of`, but none for a test that failed or took too long."""
    if not result.succeeded or result.too_long:
        return 0.0
    return stock.score_of(result.outputs, points)


def _report_of(explanation: ExplainedCause, trace: str) -> Output:
    """Return the report of a test that failed because of a limit or missing feature of the grader.

    Parameters
    ----------
    trace
        Lines that show where the test stopped.
    """
    diagnosis = {
        "name": explanation.name,
        "text": explanation.says,
        "next": explanation.next_step,
    }
    report = {
        "version": 1,
        "headline": explanation.says,
        "diagnoses": [diagnosis],
        "case": f"Where it stopped:\n{trace}",
    }
    data = {REPORT: report, "text/plain": explanation.text}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _errors(cell: Cell) -> list[Output]:
    """Return the errors among the outputs of a cell."""
    return [item for item in cell["outputs"] if item["output_type"] == "error"]


def _where_it_stopped(error: Output) -> str:
    """Return the student's lines in a traceback, without the line of a KeyboardInterrupt."""
    entries = [entry for entry in error["traceback"] if not is_of_library(entry)]
    lines = "\n".join(entries).split("\n")
    return "\n".join(n for n in lines if not n.startswith(("-----", "KeyboardInterrupt")))


def _seed(seed: int) -> None:
    """Make the judge's random numbers reproducible, including unseeded generators."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    entropy, original = np.random.SeedSequence(seed), np.random.default_rng

    def default_rng(seed: Any = None) -> np.random.Generator:
        return original(entropy.spawn(1)[0] if seed is None else seed)

    np.random.default_rng = default_rng


def _course_data() -> Iterator[Any]:
    """Yield the values in the course's own modules, which tests may import."""
    installed = tuple(f"{folder}/" for folder in environment_folders())
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and not file.startswith(installed) and name.partition(".")[0] != "nbjudge":
            yield from vars(module).values()


def _class_name(error: BaseException) -> str:
    """Return the name of an exception's class, or of its first public base.

    Python raises some private classes, such as _IncompleteInputError.
    """
    return next(c.__name__ for c in type(error).__mro__ if not c.__name__.startswith("_"))


def _reported_maximum(outputs: list[dict[str, Any]]) -> float | None:
    """Return the maximum points stated in a test's report; None if there is none."""
    for item in outputs:
        report = item.get("data", {}).get(REPORT)
        maximum = report.get("out_of") if isinstance(report, dict) else None
        if isinstance(maximum, (int, float)):
            return float(maximum)
    return None


def _number(value: object) -> float | None:
    """Return a real number as a float; None for any other value."""
    if not isinstance(value, numbers.Real) or isinstance(value, (bool, np.bool_, Remote)):
        return None
    try:
        return float(value)
    except OverflowError:  # an integer too large for a float
        return math.inf
