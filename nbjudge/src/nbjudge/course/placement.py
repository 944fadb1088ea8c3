"""Decide where each test is judged: outside the student's process, or in the child.

Outside, a test's text and its score are out of the student's reach. But a test that inspects the
student's process may score differently there than in nbgrader. The child is a sandbox in which the
whole notebook runs as in nbgrader, tests included. The decision is made from the instructor's work
alone: the solution and the released notebook are judged both ways, and a test stays outside if the
solution earns no less there and the released notebook exactly as much. A student cannot change it.

Only what two runs agree on is stored, and a run that met a limit decides nothing: where a test is
judged must not depend on how busy the machine was.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nbjudge.course.assignment import Assignment
from nbjudge.course.outcome import listed
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.engine.engine import AnyEngine
from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import EngineError
from nbjudge.feedback.plain import ANSI
from nbjudge.judging.causes import LIMITS
from nbjudge.judging.messages import CHILD, Graded, Unreadable
from nbjudge.notebook.spec import CHILD_TAG, CellSpec, NotebookSpec, with_tests_in_child
from nbjudge.wire.outputs import Output
from nbjudge.wording import in_notebook

__all__ = [
    "Comparison",
    "TestScores",
    "compare_tests",
    "describe_child",
    "differs",
    "place_tests",
]

_ARROW = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)  # IPython's mark of a line in a traceback
# Reasons to judge a test in the child, as clauses in which "it" is the student's process.
HIDDEN = "a later test there uses names from the hidden lines of this one"
CHANGED = "a test there changes what this one uses"
CLOSE = 1e-9  # points by which equal scores may differ
VERSIONS = SOLUTION, RELEASED = "solution", "released"


def differs(score: float | None, other: float | None) -> bool:
    """True if two scores differ by more than CLOSE, or only one is None."""
    if score is None or other is None:
        return score is not other
    return abs(score - other) > CLOSE


@dataclass(frozen=True)
class TestScores:
    """The scores of a test for a notebook; None if the test has no score.

    Attributes
    ----------
    outside
        Score outside the student's process; a test with the tag has none.
    child
        Score in the child, as in nbgrader; also None if the notebook was judged outside alone.
    error
        First line of the error outside; "" without one.
    missed
        What the test could not see outside, as in `Link.miss`, if that may have cost points.
    """

    __test__ = False  # for pytest, which takes it for a class of tests by its name

    outside: float | None
    child: float | None
    error: str = ""
    missed: str = ""


@dataclass(frozen=True)
class Comparison:
    """A notebook of an assignment, judged both ways.

    Attributes
    ----------
    solution, released
        Scores of the instructor's solution and of the notebook as students get it, by grade id.
    failures
        Errors of cells that are not tests, a sentence each.
    problem
        Reason why the notebook cannot be compared; "" if it can.
    needed
        Tests judged in the child because of other tests there: {grade id: reason, as a sentence}.
    has_failed
        True if judging failed, which may succeed in another run.
    """

    spec: NotebookSpec
    solution: Mapping[str, TestScores] = field(default_factory=dict)
    released: Mapping[str, TestScores] = field(default_factory=dict)
    failures: Sequence[str] = ()
    problem: str = ""
    needed: Mapping[str, str] = field(default_factory=dict)
    has_failed: bool = False

    def needs_child(self, test: CellSpec) -> bool:
        """True if a test has to be judged in the child to score as in nbgrader."""
        if self.problem or test.has_child_tag:
            return False
        if test.grade_id in self.needed:
            return True
        solution, released = self.solution[test.grade_id], self.released[test.grade_id]
        if solution.missed:  # whatever the solution earns: it may be out of date
            return True
        if None in (solution.outside, released.outside):
            return released.child is not None
        loses = (solution.outside or 0.0) < (solution.child or 0.0) - CLOSE
        return loses or differs(released.outside, released.child)

    def is_in_child(self, test: CellSpec) -> bool:
        """True if a test is judged in the child: it needs the child, or its tag selects it."""
        return test.has_child_tag or self.needs_child(test)

    def score(self, version: Mapping[str, TestScores], test: CellSpec) -> float | None:
        """Return a test's score where it is judged; `version` is `solution` or `released`."""
        scores = version[test.grade_id]
        return scores.child if self.is_in_child(test) else scores.outside

    @property
    def losing(self) -> list[CellSpec]:
        """The tests in which the solution loses points; none if there is a problem."""
        tests = () if self.problem else self.spec.tests
        scores = [(test, self.score(self.solution, test)) for test in tests]
        return [test for test, score in scores if score is None or score < test.points - CLOSE]

    @property
    def is_settled(self) -> bool:
        """True if every test stays outside and the solution earns all points."""
        return not any(map(self.is_in_child, self.spec.tests)) and not self.losing

    @property
    def in_child(self) -> list[str]:
        """The grade ids of the tests to judge in the child, except tagged tests."""
        return [test.grade_id for test in self.spec.tests if self.needs_child(test)]


@dataclass(frozen=True)
class _Task:
    """A notebook to judge.

    Attributes
    ----------
    version
        SOLUTION or RELEASED.
    compare
        True to judge every test in the child as well.
    in_child
        Grade ids of tests to judge in the child.
    fallback
        As in `NotebookSubmission`.
    """

    notebook: str
    version: str
    compare: bool
    in_child: tuple[str, ...] = ()
    fallback: str = ""


class _Comparer:
    """Compares the tests of an assignment on the instructor's and the released notebooks.

    Parameters
    ----------
    workers
        Maximum number of notebooks judged at a time.
    """

    def __init__(
        self, engine: AnyEngine, assignment: Assignment, config: SandboxConfig, workers: int
    ):
        self.engine, self.assignment, self.config = engine, assignment, config
        self.workers, self.seed = workers, secrets.randbits(32)
        # The instructor's notebooks, by name.
        self.sources = {n: json.dumps(book).encode() for n, book in assignment.notebooks.items()}

    def compare(self) -> list[Comparison]:
        """Return the comparison of each notebook.

        Solutions are judged outside first, and in the child if a test needs it.
        """
        comparisons = {
            name: Comparison(spec, problem=self._missing(name))
            for name, spec in self.assignment.specs.items()
        }
        answers = self._judge(
            _Task(name, version, compare=version == RELEASED)
            for name in self.sources
            for version in VERSIONS
        )
        comparisons |= {name: self._comparison(name, answers) for name in self.sources}
        # Most solutions earn all points outside: these need not be judged in the child as well.
        unsettled = [name for name, c in comparisons.items() if not (c.problem or c.is_settled)]
        answers |= self._judge(_Task(name, SOLUTION, compare=True) for name in unsettled)
        comparisons |= {name: self._comparison(name, answers) for name in unsettled}
        return [self._with_all_placed(comparison) for comparison in comparisons.values()]

    def _missing(self, name: str) -> str:
        """Return the problem that an instructor's notebook is missing; "" if it exists."""
        path = self.assignment.source / f"{name}.ipynb"
        problem = f"there is no {path}, so its tests cannot be compared with nbgrader's"
        return "" if name in self.sources else problem

    def _judge(self, tasks: Iterable[_Task]) -> dict[tuple[str, str], Graded | Unreadable]:
        """Return the answers to tasks, by notebook and version."""

        def judge(task: _Task) -> tuple[_Task, Graded | Unreadable]:
            spec, content = self.assignment.specs[task.notebook], self.sources[task.notebook]
            if task.version == RELEASED:
                content = released_notebook(content, spec)
            spec = with_tests_in_child(spec, task.in_child)
            job = self.assignment.job(
                "nobody", spec, content, {}, self.seed, {}, task.compare, task.fallback
            )
            try:
                return task, self.engine.judge(self.config, job)
            except EngineError as error:
                return task, Unreadable(str(error).strip().splitlines()[-1])

        done = in_parallel(
            locked_iterator(tasks), judge, lambda: self.workers, self.engine.processes
        )
        return {(task.notebook, task.version): answer for task, answer in done}

    def _comparison(
        self, name: str, answers: Mapping[tuple[str, str], Graded | Unreadable]
    ) -> Comparison:
        """Return the comparison of a notebook whose two versions were judged."""
        spec = self.assignment.specs[name]
        solution, released = (answers[name, version] for version in VERSIONS)
        for version, answer in ((RELEASED, released), (SOLUTION, solution)):
            reason = answer.reason if isinstance(answer, Unreadable) else limits_in(answer)
            if reason:
                problem = f"its {version} notebook cannot be judged: {reason}"
                return Comparison(spec, problem=problem, has_failed=True)
        assert isinstance(solution, Graded) and isinstance(released, Graded)
        scores = _scores(spec, solution), _scores(spec, released)
        return Comparison(spec, *scores, _failures(spec, solution))

    def _with_all_placed(self, comparison: Comparison) -> Comparison:
        """Judge the solution with each test in its place; move what then differs from nbgrader.

        A test outside may need what a test in the child defines or changes, and a test in the child
        may need the hidden lines of one outside, which are not available in the child.
        """
        tests = comparison.spec.tests
        try:
            losing, moved = self._losing(comparison)
            while losing or moved:
                # Any earlier test may have the hidden lines, so all go to the child.
                earlier = [] if moved else [test.grade_id for test in tests[: losing[-1]]]
                needed = {**dict.fromkeys(earlier, HIDDEN), **comparison.needed, **moved}
                wider = replace(comparison, needed=needed)
                still_losing, moved_then = self._losing(wider)
                if not moved and len(still_losing) >= len(losing):
                    break
                comparison, losing, moved = wider, still_losing, moved_then
            return comparison
        except TimeoutError as error:
            problem = f"its solution notebook cannot be judged in the child: {error}"
            return Comparison(comparison.spec, problem=problem, has_failed=True)

    def _losing(self, comparison: Comparison) -> tuple[list[int], dict[str, str]]:
        """Return which tests do not score as in nbgrader when each is judged in its place.

        Returns
        -------
        losing
            Indices of such tests in the child.
        moved
            Such tests outside, with the reason to judge them in the child.

        Raises
        ------
        TimeoutError
            If the notebook meets a limit.
        """
        in_child = sum(map(comparison.is_in_child, comparison.spec.tests))
        if comparison.problem or in_child in (0, len(comparison.spec.tests)):
            return [], {}
        task = _Task(comparison.spec.name, SOLUTION, False, tuple(comparison.in_child), CHILD)
        (answer,) = self._judge([task]).values()
        if isinstance(answer, Graded) and (reason := limits_in(answer)):
            raise TimeoutError(reason)
        scores = answer.scores if isinstance(answer, Graded) else {}
        missed = answer.missed if isinstance(answer, Graded) else {}
        losing, moved = list[int](), dict[str, str]()
        for number, test in enumerate(comparison.spec.tests):
            is_lost = differs(
                scores.get(test.grade_id), comparison.score(comparison.solution, test)
            )
            if comparison.is_in_child(test):
                losing += [number] if is_lost else []
            elif is_lost or test.grade_id in missed:
                moved[test.grade_id] = missed.get(test.grade_id, CHANGED)
        return losing, moved


def compare_tests(
    engine: AnyEngine, assignment: Assignment, config: SandboxConfig, workers: int = 2
) -> list[Comparison]:
    """Judge the solution and the released form of an assignment's notebooks both ways.

    Parameters
    ----------
    workers
        Maximum number of notebooks judged at a time.
    """
    return _Comparer(engine, assignment, config, workers).compare()


def released_notebook(source: bytes, spec: NotebookSpec) -> bytes:
    """Return an instructor's notebook without its solutions, as students get it."""
    notebook = json.loads(source)
    texts = {cell.grade_id: cell.released for cell in spec.cells if cell.solution}
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in texts:
            cell["source"] = texts[grade_id]
    return json.dumps(notebook).encode()


def _errors(answer: Graded) -> dict[str, str]:
    """Return the first lines of the errors in a graded notebook, by grade id."""
    errors: dict[str, str] = {}
    for cell in json.loads(answer.notebook)["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                text = _first_line(output)
                errors.setdefault(cell["metadata"].get("nbgrader", {}).get("grade_id", ""), text)
    return errors


def _first_line(error: Output) -> str:
    """Return the type and message of an error, or its line of code if there is no message.

    Graded notebooks have neither for an error in a hidden line.
    """
    name, message = error["ename"], error["evalue"].strip()
    lines = _ARROW.findall(ANSI.sub("", "\n".join(error["traceback"])))
    if message:
        return f"{name}: {message}".splitlines()[0]
    if not lines:
        return f"{name} in a hidden line: run the notebook in source/ to see the message"
    return f"{name} in `{lines[-1].strip()}`"


def _failures(spec: NotebookSpec, answer: Graded) -> list[str]:
    """Return the errors of cells that are not tests, a sentence each."""
    tests, errors = {test.grade_id for test in spec.tests}, _errors(answer)
    ids = [cell.grade_id for cell in spec.cells if cell.grade_id not in {"", *tests}]
    failing = [f"{name} fails when it runs: {errors[name]}" for name in ids if name in errors]
    return failing + [str(fault) for fault in answer.faults if fault.grade_id not in tests]


def _scores(spec: NotebookSpec, answer: Graded) -> dict[str, TestScores]:
    errors = _errors(answer)
    errors |= {fault.grade_id: fault.reason.splitlines()[0] for fault in answer.faults}
    return {
        test.grade_id: TestScores(
            answer.scores.get(test.grade_id),
            answer.compared.get(test.grade_id),
            errors.get(test.grade_id, ""),
            answer.missed.get(test.grade_id, ""),
        )
        for test in spec.tests
    }


def place_tests(
    engine: AnyEngine, assignment: Assignment, config: SandboxConfig, workers: int = 2
) -> None:
    """Decide where an assignment's tests are judged, and store the decision.

    Parameters
    ----------
    workers
        Maximum number of notebooks judged at a time.
    """
    runs = [compare_tests(engine, assignment, config, workers) for _ in range(2)]
    pairs = list(zip(*runs, strict=True))
    comparisons = [agreed(first, second) for first, second in pairs]
    has_failed = any(c.has_failed and c.spec.tests for run in runs for c in run)
    doubtful = {
        first.spec.name: sorted({*first.in_child} ^ {*second.in_child})
        for first, second in pairs
        if not (first.has_failed or second.has_failed)
    }
    in_child = {c.spec.name: c.in_child for c in comparisons if c.in_child}
    assignment.place(in_child, store=not (has_failed or any(doubtful.values())))
    sentence = describe_child(comparisons, assignment.settings.tests_in_child)
    why = f"`nbjudge check {assignment.name}` gives the reasons"
    remarks = [f"{sentence}. {why}"] if sentence else []
    remarks += [
        f"{name}: two runs of the instructor's notebooks disagree on whether these tests need the "
        f"student's process, in which this run judges them: {listed(tests)}. Make their scores "
        f"repeatable, or tag the tests {CHILD_TAG}"
        for name, tests in doubtful.items()
        if tests
    ]
    for comparison in comparisons:
        name = comparison.spec.name
        if comparison.problem and comparison.spec.tests:
            remarks.append(f"{name}: {comparison.problem}")
        if comparison.losing:
            remarks.append(
                f"{name}: the instructor's own solution loses points, in nbgrader too: "
                f"{listed(test.grade_id for test in comparison.losing)}"
            )
    assignment.placement_remarks = remarks


def agreed(first: Comparison, second: Comparison) -> Comparison:
    """Return the comparison to use after two runs: tests that either moves are in the child."""
    if first.problem or second.problem:
        return second if first.problem else first
    return replace(second, needed={**dict.fromkeys(first.in_child, ""), **second.needed})


def limits_in(answer: Graded) -> str:
    """Return which limits a notebook of the instructor has met, as a clause, or ""."""
    limits = [cause.name for cause in answer.causes if cause.name in LIMITS]
    return f"it met a limit, even alone ({listed(limits)})" if limits else ""


def describe_child(comparisons: Sequence[Comparison], may_use_child: bool) -> str:
    """Return a sentence about the tests that need the student's process, or ""."""
    tests = [(c, test) for c in comparisons for test in c.spec.tests]
    names = [
        in_notebook(test.grade_id, c.spec.name, comparisons)
        for c, test in tests
        if c.is_in_child(test)
    ]
    if not names:
        return ""
    which = f"{len(names)} of {len(tests)} tests {'is' if len(names) == 1 else 'are'}"
    if not may_use_child:
        return (
            f"{which} left to a person, because c.NbJudge.tests_in_child forbids judging in the "
            f"student's process: {listed(names)}"
        )
    return (
        f"{which} judged in the student's process, as in nbgrader: {listed(names)}. The sandbox "
        "still protects files, the gradebook and other students, but code that attacks these tests "
        "can reach their text and their scores"
    )
