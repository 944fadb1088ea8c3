"""Judge one notebook: the student's cells run in the sandbox, the test cells here, unmodified.

Names in a test cell: what the instructor's cells import or compute is the judge's own; what the
instructor's solution cells define is the student's, even where it shadows a builtin; then come
Python's builtins; every other name is read from the student's process.
"""

import builtins
import contextlib
import linecache
import math
import numbers
import random
import resource
import sys
import time
import traceback
import types
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nbjudge import IsolationError, _names
from nbjudge._assignment import NotebookPlan
from nbjudge._outputs import checked, error_output, stream_output
from nbjudge._pictures import keep_pictures
from nbjudge._processes import Processes
from nbjudge._remote import STUDENTS, Link, Remote
from nbjudge._repair import read_notebook, repair
from nbjudge._sandbox import environment_folders
from nbjudge._session import CannotJudge, Died, Session
from nbjudge._shell import Shell
from nbjudge._wire import digest, snapshot

__all__ = ["JudgeShell", "NurseryGone", "Prepared", "Verdict", "judge", "prepare"]

NO_LOSS = "It was not the student's doing: the question is left to be graded by hand."


class NurseryGone(Exception):
    """There is nothing that could start a sandbox any more; the notebook has to be judged anew."""


@dataclass
class Verdict:
    """What judging a notebook found.

    cells: of nbformat 4.5, with outputs
    scores: {grade id: points, or None where a person has to grade}
    unanswered: the solution cells that are as they were handed out
    mended: what was repaired; errors: what is wrong with the assignment, for the instructor
    """

    cells: list[dict]
    scores: dict[str, float | None] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Names(dict):
    """The judge's namespace: its own names first, then the student's.

    There is one for each shell, since functions keep the namespace in which they were defined.
    """

    def __init__(self, own):
        super().__init__(own)
        self.asked = {}  # the names that are the student's to define: {name: kind}
        self.fetched = {}  # by the running test: {name: (calls until then, as it came, value)}
        self.link = None  # to the student's process, while a notebook is judged
        self.removed = set()  # the student's names that test cells have deleted

    def __setitem__(self, name, value):
        self.removed.discard(name)
        super().__setitem__(name, value)

    def __delitem__(self, name):
        """Delete a name; one of the student's is missing in calls of their functions as well."""
        theirs = name not in self or name in self.asked
        self[name]  # raises KeyError where there is none
        self.pop(name, None)
        if theirs:
            self.removed.add(name)

    def __missing__(self, name):
        if name in self.removed:
            raise KeyError(name)
        if name not in self.asked and hasattr(builtins, name):
            return getattr(builtins, name)
        if self.link is None or name.startswith("__"):
            raise KeyError(name)
        return self._fetch(name)

    def _fetch(self, name):
        """A name of the student's; for the length of a test it is one object, as it is there.

        A call of the student's code may have changed it in their process: then it is that value.
        """
        count, before, value = self.fetched.get(name, (-1, None, None))
        if count != self.link.count:
            found = self.link.look_up(name, name in self.asked)
            now = snapshot(found)
            if before is None or before != now:
                before, value = now, found
            self.fetched[name] = self.link.count, before, value
        return value

    def ask(self, names):
        """From here on these names are the student's."""
        self.asked.update(names)
        self.removed.difference_update(names)
        for name in names:
            self.pop(name, None)

    def rebound(self):
        """The functions that a test cell has put in the place of the student's."""
        return {
            name: self[name]
            for name in self.asked
            if name in self and callable(self[name]) and not isinstance(self[name], Remote)
        }


class _Main(types.ModuleType):
    """The module `__main__` as test cells see it: the judge's namespace."""

    def __init__(self, names):
        super().__init__("__main__")
        vars(self)["_names"] = names

    def __getattr__(self, name):
        names = vars(self)["_names"]
        if dict.__contains__(names, name) or name in names.asked:
            with contextlib.suppress(KeyError):
                return names[name]
        raise AttributeError(f"__main__ has no {name}")

    def __setattr__(self, name, value):
        vars(self)["_names"][name] = value

    def __delattr__(self, name):
        vars(self)["_names"].pop(name, None)

    def __dir__(self):
        return list(vars(self)["_names"])


class JudgeShell(Shell):
    """The shell in which test cells run: its namespace reaches into the student's process."""

    first_cells = ("1 + 1", "1 / 0", "%matplotlib inline")
    last_error = None

    def init_user_ns(self):
        if not isinstance(self.user_ns, Names):
            self.user_ns = Names(self.user_ns)
        super().init_user_ns()
        sys.modules["__main__"] = _Main(self.user_ns)

    @property
    def user_global_ns(self):
        return self.user_ns

    def run_cell(self, *args, **kwargs):
        result = super().run_cell(*args, **kwargs)
        self.last_error = result.error_before_exec or result.error_in_exec
        self.last_value = result.result
        return result


@dataclass
class Prepared:
    """An assignment's notebook, with what does not depend on who submits.

    trees: for each cell of the plan, its syntax tree
    bound: the names that the judge computed for itself there
    lost: the names whose values it does not know from there on
    digests: of those values that the student's process is to have as well
    errors: what is wrong with the assignment
    """

    plan: NotebookPlan
    trees: list
    bound: list[dict] = field(default_factory=list)
    lost: list[set[str]] = field(default_factory=list)
    digests: list[dict[str, bytes]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def prepare(plan: NotebookPlan, shell: JudgeShell) -> Prepared:
    """Run once what the judge has for itself, in the folder of the assignment's files.

    That is what all cells import, and what locked cells define and compute without the student.
    The shell's namespace is left as it was.
    """
    trees = [_names.parse(cell.solved if cell.cell_type == "code" else "") for cell in plan.cells]
    prepared = Prepared(plan, trees)
    before, theirs = dict(shell.user_ns), set()
    for cell, tree in zip(plan.cells, trees, strict=True):
        own, lost = {}, set()
        if cell.cell_type == "code" and not cell.is_test:
            sources, lost, bound_to_them = _own_part(cell, tree, theirs)
            own = _compute(sources, shell, cell, prepared.errors)
            own = {name: value for name, value in own.items() if name not in lost}
            asked = set(plan.asked(cell))
            theirs = (theirs | asked | _names.assigned_names(tree)) - (set(own) - asked)
            theirs |= lost | bound_to_them
        prepared.bound.append(own)
        prepared.lost.append(lost)
        digests = {name: digest(value) for name, value in own.items()} if cell.locked else {}
        prepared.digests.append({name: found for name, found in digests.items() if found})
    shell.user_ns.clear()
    shell.user_ns.update(before)
    return prepared


def _own_part(cell, tree, theirs):
    """What of a cell the judge runs for itself: as `_names.independent_part` gives it.

    All of a locked cell, or of one that computes with a student's names what does not depend on
    them; of a cell that students can change its imports, but not of files that they can change too.
    """
    if cell.locked and not _names.read_names(tree) & theirs:
        return [cell.source], set(), set()
    if cell.locked:
        return _names.independent_part(tree, theirs)
    return [line for line in _names.imports(tree) if not _is_beside(line)], set(), set()


def _is_beside(line):
    """Whether an import statement is of a file of the assignment."""
    name = line.split()[1].partition(".")[0].rstrip(",")
    return Path(f"{name}.py").exists() or Path(name).is_dir()


def _compute(sources, shell, cell, errors):
    """Run the parts of a cell, each even if one before it fails; returns the names they bind."""
    before = dict(shell.user_ns)
    for source in sources:
        success, outputs = shell.run(source)
        if success or not cell.locked:
            continue
        last = outputs[-1] if outputs else {}
        name = cell.grade_id or "a cell"
        errors.append(f"{name} cannot be run by the judge: {last.get('evalue', 'it failed')}")
    hidden = {"In", "Out", "exit", "quit", "open"}
    return {
        name: value
        for name, value in shell.user_ns.items()
        if not name.startswith("_")
        and name not in hidden
        and (name not in before or before[name] is not value)
    }


def judge(job: dict, prepared: Prepared, shell: JudgeShell, control, report) -> Verdict:
    """Judge a submitted notebook.

    job: "notebook" (bytes), "files" (the student's), "master_files" (the assignment's), "seed",
        "limits", "skip" ({number of a cell: why}), "deadline" (on the monotonic clock), "draw_all"
    control: the nursery's control socket
    report: called with a cell's number before the judge runs it, and with None after it
    raises: Unreadable where there is no notebook; IsolationError where there is no sandbox;
        NurseryGone
    """
    return _Judging(job, prepared, shell, control, report).all()


class _Judging:
    """The state of judging one notebook."""

    def __init__(self, job, prepared, shell, control, report):
        self.job, self.prepared, self.shell, self.report = job, prepared, shell, report
        self.plan, self.limits = prepared.plan, job["limits"]
        cells, mended = repair(read_notebook(job["notebook"]), self.plan)
        self.verdict = Verdict(cells, mended=mended, errors=list(prepared.errors))
        files = job["master_files"] | job["files"]
        size = shell.outputs.limit
        self.session = Session(control, files, job["seed"], job["deadline"], size, job["draw_all"])
        self.names = shell.user_ns
        asked = [self.plan.asked(cell) for cell in self.plan.cells]
        classes = {name for names in asked for name, kind in names.items() if kind == "class"}
        self.link = Link(self.session, classes, self.names.rebound, self.names.removed)
        self.link.shell = shell
        self.session.tuples = set().union(*map(_names.tuple_classes, prepared.trees))
        self.names.link = self.link
        self.place = 0  # how far in the plan the judge's own names are
        self.given = {}  # what the judge has of the instructor's cells
        self.of_task = False  # whether what the student wrote belongs to a task

    def all(self) -> Verdict:
        """Judge every cell, in order."""
        _seed(self.job["seed"])
        try:
            for number, cell in enumerate(self.verdict.cells):
                if cell["plan"] and cell["plan"].is_test:
                    self._advance(cell["plan"])
                submitted = cell.pop("submitted", None)
                draw = self._is_for_a_person(cell)
                if cell["cell_type"] == "code":
                    cell["outputs"], cell["execution_count"] = [], None
                    self._run(number, cell, draw)
                    cell["outputs"] = keep_pictures(
                        cell["outputs"],
                        None if draw else submitted,
                        self.shell.outputs.limit,
                        self.session.allowance,
                    )
                if self.session.alone:
                    raise NurseryGone
                self._settle(cell)
        finally:
            self.session.close()
        for name, why in self.session.not_written.items():
            self.verdict.mended.append(f"{name} could not be put beside the notebook: {why}")
        for cell in self.verdict.cells:
            del cell["plan"]
        return self.verdict

    def _advance(self, planned):
        """Bind what the judge computed for itself in the instructor's cells up to a test cell."""
        while self.plan.cells[self.place] is not planned and self.place < len(self.plan.cells) - 1:
            self._bind(self.place)
            self.place += 1

    def _bind(self, place):
        cell = self.plan.cells[place]
        own = self.prepared.bound[place]
        self.names.update(own)
        self.given.update(own)
        for name in own:
            self.names.asked.pop(name, None)
        for name in self.prepared.lost[place]:
            self.names.pop(name, None)
            self.given.pop(name, None)
        if cell.cell_type == "code" and not cell.is_test:
            tree = self.prepared.trees[place]
            self.names.ask(self.plan.asked(cell))
            if cell.locked:
                for name in _names.assigned_names(tree) - set(own):
                    self.names.pop(name, None)

    def _undo_changes(self):
        """Undo what calls in earlier tests have done to data that is not those tests' own."""
        if not self.link.changed:
            return
        tests_own = [
            value
            for name, value in dict.items(self.names)
            if not name.startswith("_") and name not in ("In", "Out")
        ]
        self.link.undo_changes(tests_own, [*self.given.values(), *_course_data()])

    def _is_for_a_person(self, cell):
        """Whether a person grades what a cell shows: an answer, or what was written for a task."""
        planned = cell["plan"]
        if planned and planned.grade_id:
            self.of_task = planned.task
        return self.of_task or bool(planned and planned.grade and planned.solution)

    def _run(self, number, cell, draw):
        planned = cell["plan"]
        if planned and planned.is_test and not planned.runs_in_child:
            self._test(number, cell, planned)
            return
        names = {}
        if planned and planned.locked and not planned.is_test:
            place = self.plan.cells.index(planned)
            own, digests = self.prepared.bound[place], self.prepared.digests[place]
            names = {name: (found, own[name]) for name, found in digests.items()}
        succeeded = False
        try:
            seconds = self.limits["cell_seconds"]
            succeeded, cell["outputs"] = self.session.run(cell["source"], names, seconds, draw)
        except Died as death:
            cell["outputs"] = [error_output("CellDied", str(death))]
        if planned and planned.is_test:
            self._score_in_child(cell, planned, succeeded)

    def _score_in_child(self, cell, planned, succeeded):
        values = [item for item in cell["outputs"] if item["output_type"] == "execute_result"]
        note = "[This test ran in the student's process, as the assignment asks.]\n"
        cell["outputs"].insert(0, stream_output(note))
        if succeeded and values:
            self._blame(cell, planned, "a test that runs in the student's process gives no points")
        else:
            self.verdict.scores[planned.grade_id] = planned.points if succeeded else 0.0

    def _test(self, number, cell, planned):
        """Run a test cell in the judge, and score it."""
        reason = self.job["skip"].get(str(number))
        if reason:
            if reason == "time":
                text = "The tests did not come to an end in their time."
                cell["outputs"] = [error_output("TimeoutError", text)]
                self.verdict.scores[planned.grade_id] = 0.0
            else:
                self._blame(cell, planned, reason)
            return
        self._undo_changes()
        self.report(number)
        self.session.until = time.monotonic() + self.limits["check_seconds"]
        self.link.begin_test(planned.source)
        self.names.fetched.clear()
        succeeded, outputs = self.shell.run(planned.source)
        outputs = checked(outputs, self.session.allowance, trusted=True)
        cell["outputs"] = [_without_lines(item, planned) for item in outputs]
        self.session.offered = {}
        self.report(None)
        if succeeded:
            self._score(cell, planned)
        else:
            self._fail(cell, planned)

    def _score(self, cell, planned):
        """All points, or those that the cell's last expression gives."""
        value = self.shell.last_value
        cell["outputs"] = [_without_value(item) for item in cell["outputs"]]
        cell["outputs"] = [item for item in cell["outputs"] if item]
        if value is None:
            self.verdict.scores[planned.grade_id] = planned.points
            return
        tree = self.prepared.trees[self.plan.cells.index(planned)]
        if _names.value_is_of(tree, set(self.names.asked)):
            self._blame(cell, planned, "its last line is a value of the student's, not a score")
            return
        real = isinstance(value, (numbers.Real, np.bool_)) and not isinstance(
            value, (bool, np.bool_)
        )
        if not real or not _is_finite(value):
            self._blame(cell, planned, f"its last line gives {_short(value)}, which is no score")
        elif not 0 <= value <= planned.points:
            points = f"{planned.points:g}"
            given = f"{float(value):g}"
            self._blame(cell, planned, f"its last line gives {given} of {points} points")
        else:
            self.verdict.scores[planned.grade_id] = float(value)
            cell["outputs"].append(
                stream_output(f"{float(value):g} of {planned.points:g} points\n")
            )

    def _fail(self, cell, planned):
        """No points; what is said does not show the hidden tests."""
        error = self.shell.last_error
        kept = [item for item in cell["outputs"] if item["output_type"] != "error"]
        if isinstance(error, IsolationError):
            raise error
        if isinstance(error, (CannotJudge, SyntaxError)) and _is_of_the_test(error):
            cell["outputs"] = kept
            self._blame(cell, planned, f"{type(error).__name__}: {error}")
            return
        name, message = (
            type(error).__name__,
            _message(error) if _may_be_shown(error, planned) else "",
        )
        if isinstance(error, Died):
            name = "CodeDied"
        lines = _visible_lines(error, planned, self.shell)
        lines.append(f"{name}: {message}" if message else name)
        cell["outputs"] = [*kept, error_output(name, message, lines)]
        self.verdict.scores[planned.grade_id] = 0.0

    def _blame(self, cell, planned, what):
        """The test itself is at fault: nobody gains or loses by it, and the instructor is told."""
        self.verdict.scores[planned.grade_id] = None
        self.verdict.errors.append(f"{planned.grade_id}: {what}")
        text = f"The tests of this question could not be judged: {what}. {NO_LOSS}"
        cell["outputs"].append(error_output("TestError", text))

    def _settle(self, cell):
        """Scores and comments that depend on nothing but the cell's text."""
        planned = cell["plan"]
        if not planned:
            return
        same = cell["source"].strip() == planned.source.strip()
        if same and planned.solution:
            self.verdict.unanswered.append(planned.grade_id)
        if planned.grade and planned.solution:
            self.verdict.scores[planned.grade_id] = 0.0 if same else None
        elif planned.task or (planned.grade and planned.cell_type != "code"):
            self.verdict.scores[planned.grade_id] = None


def _seed(seed):
    """Make the judge's randomness repeatable: all generators that are not seeded otherwise."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    entropy, original = np.random.SeedSequence(seed), np.random.default_rng

    def default_rng(seed=None):
        return original(entropy.spawn(1)[0] if seed is None else seed)

    np.random.default_rng = default_rng


def _course_data():
    """The data of the modules that are the course's own, which tests may import."""
    installed = tuple(f"{folder}/" for folder in environment_folders())
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and not file.startswith(installed) and name.partition(".")[0] != "nbjudge":
            yield from vars(module).values()


def _without_lines(item, planned):
    """Printed text without the lines of hidden tests, which tracebacks and warnings quote."""
    hidden = {planned.source.splitlines()[number - 1].strip() for number in planned.hidden}
    hidden = {line for line in hidden if len(line) > 3}
    if item["output_type"] != "stream" or not hidden:
        return item
    lines = item["text"].split("\n")
    shown = ["(a line of a hidden test)" if line.strip() in hidden else line for line in lines]
    return {**item, "text": "\n".join(shown)}


def _without_value(item):
    """An execute_result as plain display, so that nothing takes it for a score again."""
    if item["output_type"] != "execute_result":
        return item
    return None


def _is_finite(number):
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that is too large for a float
        return False


def _short(value):
    text = "a value without a text"
    with contextlib.suppress(Exception):
        text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _message(error):
    try:
        return str(error)[:5000]
    except Exception:
        return ""


def _is_of_the_test(error):
    """Whether a SyntaxError is the test cell's own: a student's comes out of a call."""
    return isinstance(error, CannotJudge) or error.__traceback__ is None or not _was_remote(error)


def _was_remote(error):
    return any(
        frame.f_code.co_filename == Remote.__call__.__code__.co_filename
        for frame, _ in traceback.walk_tb(error.__traceback__)
    )


def _may_be_shown(error, planned):
    """Whether the message of an exception holds no more than the student is to see.

    Of a computation that is not shown it may hold the numbers. What a test says by `assert` or
    `raise` is meant for the student, and so is what their own code says.
    """
    steps = list(traceback.walk_tb(error.__traceback__))
    if isinstance(error, (AssertionError, NameError)) or not steps or _was_remote(error):
        return True
    frame, line = steps[-1]
    name = frame.f_code.co_filename
    seen = name.startswith("<ipython-input") and line not in planned.hidden
    return seen or linecache.getline(name, line).strip().startswith("raise")


def _visible_lines(error, planned, shell):
    """Where the test failed, if students can see that line, and where in the student's code."""
    shown, theirs = [], []
    lines, hidden = planned.source.splitlines(), planned.hidden
    step, remote = error.__traceback__, False
    while step:
        code = step.tb_frame.f_code
        if code.co_filename == Remote.__call__.__code__.co_filename:
            remote = True
        elif STUDENTS in step.tb_frame.f_globals and code.co_filename.startswith("<ipython-input"):
            text = linecache.getline(code.co_filename, step.tb_lineno).strip()
            theirs.append(f"in {code.co_name}, line {step.tb_lineno} of its cell: {text}")
        elif not remote and shell.compile is not None and code.co_name == "<module>":
            number = step.tb_lineno
            if code.co_filename.startswith("<ipython-input") and number not in hidden:
                text = lines[number - 1].strip() if number <= len(lines) else ""
                shown = [f"----> {number} {text}"]
            elif number in hidden:
                shown = ["A test that is not shown failed."]
        step = step.tb_next
    return [*shown, *theirs[-5:]]


def limit_memory(amount: int) -> None:
    """Let this process have at most `amount` bytes more than it has."""
    amount += Processes().address_space()
    with contextlib.suppress(OSError, ValueError):  # where the machine's own limit is a lower one
        resource.setrlimit(resource.RLIMIT_AS, (amount, amount))
