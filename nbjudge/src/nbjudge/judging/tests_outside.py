"""Judge tests outside the sandbox: it runs the student's cells, the judge runs the test cells."""

import math
import numbers
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from nbjudge.errors import CannotJudgeError, IsolationError, SessionDiedError
from nbjudge.guest.tracebacks import without_folders
from nbjudge.judging import stock
from nbjudge.judging.causes import CALL_TIME, explain
from nbjudge.judging.disclosure import (
    is_of_a_student,
    is_of_the_test,
    may_be_shown,
    message_of,
    visible_lines,
    without_hidden_lines,
)
from nbjudge.judging.explanations import NOT_SHOWN, OUT_OF_TIME, Explanations, limit_report
from nbjudge.judging.judged_notebook import JudgedNotebook
from nbjudge.judging.link import CAUSE, Link
from nbjudge.judging.messages import CHILD, PERSON, Attempt, NotebookSubmission
from nbjudge.judging.namespace import JudgeShell
from nbjudge.judging.pictures import put_back_pictures
from nbjudge.judging.prepare import Prepared
from nbjudge.judging.remote import Remote
from nbjudge.judging.session import Handed, Session
from nbjudge.notebook import static_names
from nbjudge.notebook.reading import Cell
from nbjudge.notebook.spec import CellSpec
from nbjudge.sandbox.sandbox import environment_folders
from nbjudge.wire.outputs import REPORT, checked, error_output, stream_output
from nbjudge.wire.requests import Cause
from nbjudge.wording import brief, did_you_mean, nearest, with_article

Announce = Callable[[int | None], None]  # receives the number of the running test cell, or None


class OutsideJudge:
    """Judges the tests of one submission outside the student's process.

    Parameters
    ----------
    shell
        Shell that runs the tests.
    session
        Session that runs the student's cells.
    announce
        Callback that receives a test cell's number before the cell runs, and None after.
    """

    def __init__(
        self,
        submission: NotebookSubmission,
        prepared: Prepared,
        attempt: Attempt,
        shell: JudgeShell,
        session: Session,
        judged: JudgedNotebook,
        explanations: Explanations,
        announce: Announce,
    ):
        self.prepared, self.attempt, self.limits = prepared, attempt, submission.limits
        self.fallback = submission.fallback
        self.shell, self.names, self.session = shell, shell.names, session
        self.judged, self.explanations, self.announce = judged, explanations, announce
        asked = [prepared.spec.asked(cell) for cell in prepared.spec.cells]
        classes = {name for names in asked for name, kind in names.items() if kind == "class"}
        trees = [cell.tree for cell in prepared.cells]
        tuples = set[str]().union(*map(static_names.tuple_classes, trees))
        self.link = Link(session, shell, explanations, classes, tuples)
        self.position = 0  # index of the first prepared cell whose names are not bound yet

    def run_cells(self, by_hand: Collection[int]) -> None:
        """Run the cells in order.

        Parameters
        ----------
        by_hand
            Numbers of the cells whose figures a person grades.
        """
        for number, cell in enumerate(self.judged.cells):
            cell_spec, draw = cell["spec"], number in by_hand
            if cell_spec and cell_spec.is_test:
                self._bind_own_names_before(cell_spec)
            if cell["cell_type"] != "code":
                continue
            cell["outputs"], cell["execution_count"] = [], None
            if not (cell_spec and cell_spec.is_test):
                self._run(cell, draw)
            elif not cell_spec.in_child:
                self._judge_test(number, cell, cell_spec)
                self.session.check_can_start()
            if cell_spec and cell_spec.is_test:
                self._leave_names(cell_spec)
            put_back_pictures(cell, draw, self.session.output_size, self.session.allowance)

    def _run(self, cell: Cell, draw: bool) -> None:
        """Run a cell that is not a test in the student's process."""
        names: dict[str, Handed] = {}
        is_locked = bool(cell["spec"] and cell["spec"].locked)
        if cell["spec"] and is_locked:
            ours = self.prepared.cell_of(cell["spec"])
            names = {n: Handed(digest, ours.bound[n]) for n, digest in ours.digests.items()}
        seconds = self.limits.cell_seconds
        result = self.session.run(cell["source"], names, seconds, draw, not is_locked)
        cell["outputs"] = list(result.outputs)
        self.explanations.add_notes(cell, result, is_reported=draw)

    def _bind_own_names_before(self, test: CellSpec) -> None:
        """Bind the names that the judge computed for the instructor's cells before a test."""
        cells = self.prepared.cells
        while cells[self.position].spec is not test and self.position < len(cells) - 1:
            cell = cells[self.position]
            self.names.bind(cell.bound, cell.lost)
            if cell.spec.cell_type == "code" and not cell.spec.is_test:
                self.names.ask(self.prepared.spec.asked(cell.spec))
                for name in static_names.assigned_names(cell.tree) | cell.lost:
                    self.names.of_tests.pop(name, None)
            self.position += 1

    def _leave_names(self, test: CellSpec) -> None:
        """Forget the values of the names that a test binds in the child, or has failed to bind.

        Names that it has bound outside keep their values.
        """
        tree, kept_names = self.prepared.cell_of(test).tree, set(dict.keys(self.names))
        is_child = test.in_child or test.grade_id in self.judged.outside
        if test.in_child:
            kept_names &= static_names.imported_names(tree)  # modules are the same outside
        elif not is_child:
            is_passed = (self.judged.scores[test.grade_id] or 0.0) >= test.points
            kept_names |= self.names.asked.keys() | ({"*"} if is_passed else set())
        names = static_names.assigned_names(tree) | static_names.global_names(tree)
        self.names.leave_to_tests(names - kept_names, is_child)

    def _undo_changes(self) -> None:
        """Undo changes by calls in earlier tests, except to data that belongs to those tests."""
        if not self.link.copies.before:
            return
        own: dict[str, Any] = {}  # the judge's own values of names in the instructor's cells
        for cell in self.prepared.cells[: self.position]:
            own = {n: value for n, value in (own | cell.bound).items() if n not in cell.lost}
        tests_own = [
            value
            for name, value in dict.items(self.names)  # the judge's own names alone
            if not name.startswith("_") and name not in ("In", "Out")
        ]
        protected = [*own.values(), *_course_data()]
        self.link.copies.undo(tests_own, [*protected, *_attributes(protected)])

    def _judge_test(self, number: int, cell: Cell, test: CellSpec) -> None:
        """Run a test cell in the judge, and score it."""
        if number in self.attempt.timed_out:
            seconds = f"{self.limits.test_seconds:g}"
            explanation = explain(Cause("test time", seconds), self.session.client.sandbox)
            assert explanation
            cell["outputs"] = [error_output("TimeoutError", OUT_OF_TIME)]
            cell["outputs"].append(limit_report(explanation, OUT_OF_TIME))
            self.explanations.report(explanation, test)
            self.judged.scores[test.grade_id] = 0.0
            return
        if test.left_because:
            self.judged.blame(cell, test, test.left_because)
            return
        if reason := self.attempt.unjudgeable.get(number):
            self.judged.suspect(cell, test, reason)
            return
        self._undo_changes()
        self.session.begin_test(self.limits.test_seconds)
        self.announce(number)
        self.link.begin_test(test.source)
        self.names.fetched.clear()
        succeeded, outputs = self.shell.run(test.source)
        outputs = checked(outputs, self.session.allowance, trusted=True)
        cell["outputs"] = [without_hidden_lines(item, test) for item in outputs]
        self.announce(None)
        if succeeded:
            self._score(cell, test)
        else:
            self._fail(cell, test)
        self._report_limits(cell, test)
        self._fall_back(cell, test)

    def _fall_back(self, cell: Cell, test: CellSpec) -> None:
        """Move a test that has lost points to the child, or to a person, if it missed something.

        The child may award them: there, the test sees all that it sees in nbgrader.
        """
        score, missed = self.judged.scores[test.grade_id], self.link.missed
        is_faulty = any(fault.grade_id == test.grade_id for fault in self.judged.faults)
        if not missed or is_faulty or (score is not None and score >= test.points):
            return
        self.judged.missed[test.grade_id] = missed
        if self.fallback == CHILD:
            error = self.shell.last_error
            if error and not (isinstance(error, AssertionError) or is_of_a_student(error)):
                # The message blames the form of the answer, whatever the child finds.
                cell["outputs"] = [
                    error_output("TestFailed", NOT_SHOWN)
                    if item["output_type"] == "error"
                    else item
                    for item in cell["outputs"]
                ]
            self.judged.outside[test.grade_id] = score, cell["outputs"]
            cell["spec"] = replace(test, in_child=True)
        elif self.fallback == PERSON and score is not None:
            self.judged.suspect(cell, test, f"it needs the student's process, as {missed}")

    def _report_limits(self, cell: Cell, test: CellSpec) -> None:
        """Report the limits that cost points, and leave a question to a person if they may have.

        The report of a test says whether the limit of a call mattered, which it may have tried for
        a diagnosis alone.
        """
        report, score = _report(cell["outputs"]), self.judged.scores[test.grade_id]
        limit, causes = report.get("limit"), self.link.causes
        if report:
            causes = [cause for cause in causes if cause.name != CALL_TIME.name]
        if isinstance(limit, str) and limit:
            of_call = [explain(CALL_TIME, self.session.client.sandbox)] if not causes else []
            causes = [*causes, *filter(None, of_call)]
        if score is not None and report.get("manual") is True:
            self.judged.scores[test.grade_id] = score = None
            self.judged.remarks.append(
                f"{test.grade_id} needs a manual grade, because a limit was met: {limit}"
            )
        elif score is None or score >= test.points:
            return
        for explanation in causes:
            self.explanations.report(explanation, test)

    def _score(self, cell: Cell, test: CellSpec) -> None:
        """Award full points, or the value of the cell's last expression if it is a number."""
        value, shown, points = self.shell.last_value, cell["outputs"], test.points
        # The value must not be counted as a score again.
        cell["outputs"] = [item for item in shown if item["output_type"] != "execute_result"]
        number = _number(value)
        if number is None:
            self.judged.scores[test.grade_id] = points
            return
        tree = self.prepared.cell_of(test).tree
        if static_names.value_is_of(tree, set(self.names.asked)):
            fault = "its last line is a number from the student's code, not a score"
            self.judged.blame(cell, test, fault)
            return
        try:
            score = stock.points_of(number, points)
        except ValueError as error:
            self.judged.blame(cell, test, str(error))
            return
        if (maximum := _maximum_in(_report(shown))) not in (None, points):
            fault = f"its report is out of {maximum:g} points, but its cell has {points:g}"
            self.judged.blame(cell, test, f"{fault}; correct one and release the assignment again")
            return
        if not 0 <= number < math.inf:
            # The number itself may reveal what a hidden test compares.
            self.judged.remarks.append(
                f"{test.grade_id} earns 0 points because its last line is not a number from 0 to "
                f"{points:g}, but {_description(number, value)}"
            )
        self.judged.scores[test.grade_id] = score
        cell["outputs"].append(stream_output(f"{score:g} of {points:g} points\n"))

    def _students_names(self) -> set[str]:
        """Return the names that cells other than tests define."""
        cells = [cell for cell in self.judged.cells if not (cell["spec"] and cell["spec"].is_test)]
        trees = (static_names.parse(c["source"]) for c in cells if c["cell_type"] == "code")
        return set[str]().union(*map(static_names.assigned_names, trees))

    def _fail(self, cell: Cell, test: CellSpec) -> None:
        """Award no points, and show the error without revealing hidden tests."""
        error = self.shell.last_error
        assert error is not None
        outputs = [item for item in cell["outputs"] if item["output_type"] != "error"]
        if isinstance(error, IsolationError):
            raise error
        if isinstance(error, (CannotJudgeError, SyntaxError)) and is_of_the_test(error):
            cell["outputs"] = outputs
            # What cannot be passed on may have been computed from the student's values.
            is_sure = isinstance(error, SyntaxError) or not self.link.has_received
            if self.fallback == CHILD and not is_sure:
                self.judged.scores[test.grade_id] = None
                return
            leave = self.judged.blame if is_sure else self.judged.suspect
            leave(cell, test, brief(f"{_class_name(error)}: {error}"))
            return
        name, message = (
            _class_name(error),
            without_folders(message_of(error)) if may_be_shown(error, test) else "",
        )
        if message and isinstance(error, NameError):
            missing = error.name or ""
            message += did_you_mean(nearest(missing, self._students_names() - {missing}))
        if isinstance(error, SessionDiedError):
            name = "CodeDied"
        lines = visible_lines(error, test)
        lines.append(f"{name}: {message}" if message else name)
        cell["outputs"] = [*outputs, error_output(name, message, lines)]
        explanation, trace = getattr(error, CAUSE, None), "\n".join(lines)
        if explanation is None:
            explanation, trace = self.explanations.of_lost_name(f"{name}: {message}")
        if explanation:
            self.link.causes.append(explanation)
            cell["outputs"].append(limit_report(explanation, trace))
        self.judged.scores[test.grade_id] = 0.0


def _course_data() -> Iterator[Any]:
    """Yield the values in the course's own modules, which tests may import."""
    installed = tuple(f"{folder}/" for folder in environment_folders())
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and not file.startswith(installed) and name.partition(".")[0] != "nbjudge":
            yield from vars(module).values()


def _attributes(values: Iterable[Any]) -> Iterator[Any]:
    """Yield the attributes of objects and classes."""
    for value in values:
        if not isinstance(value, ModuleType):
            yield from getattr(value, "__dict__", {}).values()


def _class_name(error: BaseException) -> str:
    """Return the name of an exception's class, or of its first public base.

    Python raises some private classes, such as _IncompleteInputError.
    """
    return next(c.__name__ for c in type(error).__mro__ if not c.__name__.startswith("_"))


def _report(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the report that a test has displayed; {} if there is none."""
    reports = (item.get("data", {}).get(REPORT) for item in outputs)
    return next((report for report in reports if isinstance(report, dict)), {})


def _maximum_in(report: dict[str, Any]) -> float | None:
    """Return the maximum points stated in a report; None if there are none."""
    maximum = report.get("out_of")
    return float(maximum) if isinstance(maximum, (int, float)) else None


def _description(number: float, value: object) -> str:
    if number < 0:
        return "negative"
    is_float = isinstance(value, (float, np.floating))
    return "infinite or NaN" if is_float else with_article(type(value).__name__)


def _number(value: object) -> float | None:
    """Return the number in a value; NaN for other results of formulas, and None for other values.

    A formula results in an array, a table, a decimal or a complex number if a student returns one.
    """
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    kind = value.dtype.kind if isinstance(value, (np.ndarray, np.generic)) else ""
    if isinstance(value, (bool, Remote)) or kind in tuple("bSUVM"):
        return None
    if kind == "m" or not isinstance(value, numbers.Real):
        return math.nan if hasattr(type(value), "__truediv__") else None
    try:
        return float(value)
    except OverflowError:  # an integer too large for a float
        return math.inf
