"""Decide where each test is judged: outside the student's process, or in the child.

Outside, a test's text and its score are out of the student's reach. But a test that inspects the
student's process may score differently there than in nbgrader. The child is a sandbox in which the
whole notebook runs as in nbgrader, tests included. The decision is made from the instructor's work
alone: the solution and the released notebook. A test stays outside if the solution earns no less
there, twice, and the released notebook exactly as much. A student cannot change it.

Judging the notebooks takes most of the time, so no run is made whose result can be foreseen:

1. The released notebook is judged both ways, and the solution outside.
2. The solution is judged again, with each test in its place, and both ways if some but not all
   tests are in the child. What then differs moves to the child, and this step is repeated.
3. Tests in the child may need hidden lines of earlier tests, which both ways has and grading lacks.
   If there are such lines, the solution is judged once more, as in grading.

A run that met a limit decides nothing: where a test is judged must not depend on how busy the
machine was.
"""

import json
import re
import secrets
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote

from nbjudge.course.assignment import Assignment
from nbjudge.course.outcome import listed
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.engine.engine import AnyEngine
from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import EngineError
from nbjudge.feedback.plain import ANSI
from nbjudge.judging.causes import LIMITS
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.spec import CHILD_TAG, CellSpec, NotebookSpec, with_tests_in_child
from nbjudge.notebook.static_names import assigned_names, parse
from nbjudge.wire.outputs import Output
from nbjudge.wording import in_notebook

_ARROW = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)  # IPython's mark of a line in a traceback
# Reasons to judge a test in the child, as clauses in which "it" is the student's process.
HIDDEN = "a later test there uses names from the hidden lines of this one"
CHANGED = "a test there changes what this one uses"
CHANCE = "two runs of the solution differ in its score"
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
    error_in_child
        The same in the child, of a test that is placed there.
    missed
        What the test could not see outside, as in `Link.miss`, if that may have cost points.
    """

    __test__ = False  # for pytest, which takes it for a class of tests by its name

    outside: float | None
    child: float | None
    error: str = ""
    missed: str = ""
    error_in_child: str = ""


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
    is_compared
        True if the solution was judged in the child as well.
    has_failed
        True if judging failed, which may succeed in another run.
    """

    spec: NotebookSpec
    solution: Mapping[str, TestScores] = field(default_factory=dict)
    released: Mapping[str, TestScores] = field(default_factory=dict)
    failures: Sequence[str] = ()
    problem: str = ""
    needed: Mapping[str, str] = field(default_factory=dict)
    is_compared: bool = False
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
        in_nbgrader = (solution.child or 0.0) if self.is_compared else test.points
        loses = (solution.outside or 0.0) < in_nbgrader - CLOSE
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
    """

    notebook: str
    version: str
    compare: bool
    in_child: tuple[str, ...] = ()


_Answer = Graded | Unreadable


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
        self.workers = workers
        # The instructor's notebooks, by name.
        self.sources = {n: json.dumps(book).encode() for n, book in assignment.notebooks.items()}

    def compare(self) -> list[Comparison]:
        """Return the comparison of each notebook, with all tests in their places."""
        comparisons = {
            name: Comparison(spec, problem=self._missing(name))
            for name, spec in self.assignment.specs.items()
        }
        answers = self._answers(
            _Task(name, version, compare=version == RELEASED)
            for name in self.sources
            for version in VERSIONS
        )
        comparisons |= {name: self._comparison(name, answers) for name in self.sources}
        steps = {
            name: _place(comparison)
            for name, comparison in comparisons.items()
            if comparison.spec.tests and not comparison.problem
        }
        tasks = [next(step) for step in steps.values()]
        while tasks:
            answers, tasks = self._answers(tasks), []
            for (name, _), answer in answers.items():
                try:
                    tasks.append(steps[name].send(answer))
                except StopIteration as end:
                    comparisons[name] = end.value
        return list(comparisons.values())

    def _missing(self, name: str) -> str:
        """Return the problem that an instructor's notebook is missing; "" if it exists."""
        path = self.assignment.source / f"{name}.ipynb"
        problem = f"there is no {path}, so its tests cannot be compared with nbgrader's"
        return "" if name in self.sources else problem

    def _answers(self, tasks: Iterable[_Task]) -> dict[tuple[str, str], _Answer]:
        """Return the answers to tasks, by notebook and version."""

        def answer(task: _Task) -> tuple[_Task, _Answer]:
            spec, content = self.assignment.specs[task.notebook], self.sources[task.notebook]
            if task.version == RELEASED:
                content = released_notebook(content, spec)
            spec = with_tests_in_child(spec, task.in_child)
            seed = secrets.randbits(32)
            job = self.assignment.job("nobody", spec, content, {}, seed, {}, task.compare, "")
            try:
                return task, self.engine.judge(self.config, job)
            except EngineError as error:
                return task, Unreadable(str(error).strip().splitlines()[-1])

        done = in_parallel(
            locked_iterator(tasks), answer, lambda: self.workers, self.engine.processes
        )
        return {(task.notebook, task.version): answer for task, answer in done}

    def _comparison(self, name: str, answers: Mapping[tuple[str, str], _Answer]) -> Comparison:
        """Return the comparison of a notebook whose two versions were judged."""
        spec = self.assignment.specs[name]
        solution, released = (answers[name, version] for version in VERSIONS)
        for version, answer in ((RELEASED, released), (SOLUTION, solution)):
            if problem := _problem(version, answer):
                return Comparison(spec, problem=problem, has_failed=True)
        assert isinstance(solution, Graded) and isinstance(released, Graded)
        scores = _scores(spec, solution), _scores(spec, released)
        return Comparison(spec, *scores, _failures(spec, solution))


def _problem(version: str, answer: _Answer) -> str:
    """Return why an instructor's notebook cannot be compared after a run; "" if it can."""
    reason = answer.reason if isinstance(answer, Unreadable) else limits_in(answer)
    return f"its {version} notebook cannot be judged: {reason}" if reason else ""


def _place(comparison: Comparison) -> Generator[_Task, _Answer, Comparison]:
    """Yield runs of the solution with each test in its place; return the comparison after them."""
    try:
        while True:
            before = comparison
            comparison = _updated(before, (yield from _run(before, compare=True)))
            if comparison.in_child == before.in_child:
                before = comparison
                comparison = yield from _with_hidden_lines(before)
                if comparison is before:
                    return comparison
    except EngineError as error:
        return Comparison(comparison.spec, problem=str(error), has_failed=True)


def _run(comparison: Comparison, compare: bool) -> Generator[_Task, _Answer, Graded]:
    """Yield a run of the solution with each test in its place; return its answer.

    Parameters
    ----------
    compare
        True to judge the tests outside in the child as well, if others are there.

    Raises
    ------
    EngineError
        If the solution cannot be judged.
    """
    places = set(map(comparison.is_in_child, comparison.spec.tests))
    is_both = compare and len(places) == 2
    answer = yield _Task(comparison.spec.name, SOLUTION, is_both, tuple(comparison.in_child))
    if problem := _problem(SOLUTION, answer):
        raise EngineError(problem)
    assert isinstance(answer, Graded)
    return answer


def _updated(comparison: Comparison, answer: Graded) -> Comparison:
    """Return a comparison after a run: tests that score differently outside go to the child."""
    solution, needed = dict(comparison.solution), dict(comparison.needed)
    has_child = any(map(comparison.is_in_child, comparison.spec.tests))
    errors = _errors(answer)
    for test in comparison.spec.tests:
        name, before = test.grade_id, comparison.solution[test.grade_id]
        score = answer.scores.get(name)
        if comparison.is_in_child(test):
            solution[name] = replace(before, child=score, error_in_child=errors.get(name, ""))
            continue
        if has_child:
            solution[name] = replace(before, child=answer.compared.get(name))
        if name in answer.missed or differs(score, before.outside):
            needed[name] = answer.missed.get(name, CHANGED if has_child else CHANCE)
    is_compared = comparison.is_compared or has_child
    return replace(comparison, solution=solution, needed=needed, is_compared=is_compared)


def _with_hidden_lines(comparison: Comparison) -> Generator[_Task, _Answer, Comparison]:
    """Return a comparison with tests in the child whose hidden lines later tests there need.

    When students are graded, the child receives no hidden line of a test outside.
    """
    tests = comparison.spec.tests
    child = [number for number, test in enumerate(tests) if comparison.is_in_child(test)]
    hidden = {n for n, test in enumerate(tests) if test.hidden}.difference(child)
    if not any(number < max(child, default=0) for number in hidden):
        return comparison
    losing = _losing_in_child(comparison, (yield from _run(comparison, compare=False)))
    earlier = [
        tests[number].grade_id for number in sorted(hidden) if number < max(losing, default=0)
    ]
    if not earlier:
        return comparison
    needed = {**comparison.needed, **dict.fromkeys(earlier, HIDDEN)}
    wider = replace(comparison, needed=needed)
    still_losing = _losing_in_child(wider, (yield from _run(wider, compare=False)))
    return wider if len(still_losing) < len(losing) else comparison


def _losing_in_child(comparison: Comparison, answer: Graded) -> list[int]:
    """Return the indices of the tests in the child that do not score as in nbgrader in a run."""
    return [
        number
        for number, test in enumerate(comparison.spec.tests)
        if comparison.is_in_child(test)
        and differs(answer.scores.get(test.grade_id), comparison.solution[test.grade_id].child)
    ]


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
    """Return the errors of cells that are not tests, a sentence each.

    A name that a test binds is missing outside alone: in nbgrader, and in the child, it is there.
    """
    tests, errors = {test.grade_id for test in spec.tests}, _errors(answer)
    bound = set[str]().union(*(assigned_names(parse(test.source)) for test in spec.tests))
    missing = {f"NameError: name {name!r} is not defined" for name in bound}
    errors = {name: error for name, error in errors.items() if error not in missing}
    ids = [cell.grade_id for cell in spec.cells if cell.grade_id not in {"", *tests}]
    failing = [f"{name} fails when it runs: {errors[name]}" for name in ids if name in errors]
    said = tests | errors.keys()
    return failing + [str(fault) for fault in answer.faults if fault.grade_id not in said]


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
    comparisons = compare_tests(engine, assignment, config, workers)
    has_failed = any(c.has_failed and c.spec.tests for c in comparisons)
    in_child = {c.spec.name: c.in_child for c in comparisons if c.in_child}
    assignment.place(in_child, store=not has_failed)
    sentence = describe_child(comparisons, assignment.settings.tests_in_child)
    why = f"`nbjudge check {quote(assignment.name)}` gives the reasons"
    remarks = [f"{sentence}. {why}"] if sentence else []
    for comparison in comparisons:
        name = comparison.spec.name
        if comparison.problem and comparison.spec.tests:
            remarks.append(f"{name}: {comparison.problem}")
        if chance := [n for n, reason in comparison.needed.items() if reason == CHANCE]:
            remarks.append(
                f"{name}: two runs of the instructor's solution differ in the scores of these "
                f"tests, so they are judged in the student's process: {listed(chance)}. Make "
                f"their scores repeatable, or tag the tests {CHILD_TAG}"
            )
        if comparison.losing:
            remarks.append(
                f"{name}: the instructor's own solution loses points, in nbgrader too: "
                f"{listed(test.grade_id for test in comparison.losing)}"
            )
    assignment.placement_remarks = remarks


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
