"""Decide where each test is judged: outside the student's process, or in the child.

Outside, a test's text and its score are out of the student's reach. But a test that looks into the
student's process may score there otherwise than in nbgrader. The child is a sandbox in which the
whole notebook runs as in nbgrader, tests included. The decision is made from the instructor's work
alone: the solution and the released notebook are judged both ways, and a test stays outside if the
solution earns no less there and the released notebook exactly as much. A student cannot change it.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nbjudge.course.assignment import Assignment
from nbjudge.course.outcome import listed
from nbjudge.course.queue import in_parallel, locked_iterator
from nbjudge.engine.engine import AnyEngine
from nbjudge.engine.messages import SandboxConfig
from nbjudge.errors import EngineError
from nbjudge.feedback.outputs import ANSI
from nbjudge.judging.messages import Graded, Unreadable
from nbjudge.notebook.spec import CellSpec, NotebookSpec, with_tests_in_child
from nbjudge.wire.outputs import Output

__all__ = [
    "Comparison",
    "TestScores",
    "compare_tests",
    "describe_child",
    "differs",
    "place_tests",
]

_ARROW = re.compile(r"^-+> *\d+ (.*)$", re.MULTILINE)  # IPython's mark of a line in a traceback
CLOSE = 1e-9  # points by which equal scores may differ
WORKS = SOLUTION, RELEASED = "solution", "released"


def differs(score: float | None, other: float | None) -> bool:
    """True if two scores are not the same."""
    if score is None or other is None:
        return score is not other
    return abs(score - other) > CLOSE


@dataclass(frozen=True)
class TestScores:
    """The scores of a test for a notebook, None where it gives none.

    Attributes
    ----------
    outside
        Score outside the student's process; a test with the tag has none.
    child
        Score in the child, as in nbgrader; None if it was not judged there, too.
    error
        First line of the error outside; "" without one.
    """

    __test__ = False  # not a class of tests, whatever pytest thinks of its name

    outside: float | None
    child: float | None
    error: str = ""


@dataclass(frozen=True)
class Comparison:
    """A notebook of an assignment, judged both ways.

    Attributes
    ----------
    solution, released
        Scores of the instructor's solution and of the notebook as students get it, by grade id.
    failures
        What is wrong with other cells than tests, a sentence each.
    problem
        Why the notebook cannot be compared; "" if it was.
    needed
        Tests whose hidden lines a test in the child needs: they are judged in the child, too.
    has_failed
        True if judging failed, which may succeed in another run.
    """

    spec: NotebookSpec
    solution: Mapping[str, TestScores] = field(default_factory=dict)
    released: Mapping[str, TestScores] = field(default_factory=dict)
    failures: Sequence[str] = ()
    problem: str = ""
    needed: frozenset[str] = frozenset()
    has_failed: bool = False

    def needs_child(self, test: CellSpec) -> bool:
        """True if a test does not score outside as in nbgrader."""
        if self.problem or test.has_child_tag:
            return False
        if test.grade_id in self.needed:
            return True
        solution, released = self.solution[test.grade_id], self.released[test.grade_id]
        if None in (solution.outside, released.outside):
            return released.child is not None
        loses = (solution.outside or 0.0) < (solution.child or 0.0) - CLOSE
        return loses or differs(released.outside, released.child)

    def is_in_child(self, test: CellSpec) -> bool:
        """True if a test is judged in the child, by its tag or as it needs it."""
        return test.has_child_tag or self.needs_child(test)

    def score(self, of_work: Mapping[str, "TestScores"], test: CellSpec) -> float | None:
        """Return the score of a test where it is judged, for one of the two works."""
        scores = of_work[test.grade_id]
        return scores.child if self.is_in_child(test) else scores.outside

    @property
    def losing(self) -> list[CellSpec]:
        """The tests in which the solution earns less than all points; none after a problem."""
        tests = () if self.problem else self.spec.tests
        scores = [(test, self.score(self.solution, test)) for test in tests]
        return [test for test, score in scores if score is None or score < test.points - CLOSE]

    @property
    def is_settled(self) -> bool:
        """True if every test stays outside, where the solution earns all points."""
        return not any(map(self.is_in_child, self.spec.tests)) and not self.losing

    @property
    def in_child(self) -> list[str]:
        """The grade ids of the tests to judge in the child, except for those with the tag."""
        return [test.grade_id for test in self.spec.tests if self.needs_child(test)]


@dataclass(frozen=True)
class _Job:
    """A notebook to judge: the solution or the released form, in the child as well or not.

    Attributes
    ----------
    in_child
        Grade ids of tests to judge in the child.
    """

    notebook: str
    work: str
    compare: bool
    in_child: tuple[str, ...] = ()


_Answered = tuple[_Job, Graded | Unreadable]


def _with_needed(one: Comparison, judge: Callable[[_Job], _Answered]) -> Comparison:
    """Send the tests to the child whose hidden lines a test there needs, if any.

    The hidden lines of tests that are judged outside stay out of the child.
    """
    tests = one.spec.tests

    def lost(comparison: Comparison) -> list[int]:
        """Return the numbers of the tests in the child that do not score as in nbgrader."""
        _, answer = judge(_Job(one.spec.name, SOLUTION, False, tuple(comparison.in_child)))
        scores = answer.scores if isinstance(answer, Graded) else {}
        return [
            number
            for number, test in enumerate(tests)
            if comparison.is_in_child(test)
            and differs(scores.get(test.grade_id), comparison.score(one.solution, test))
        ]

    if one.problem or not 0 < sum(map(one.is_in_child, tests)) < len(tests):
        return one
    if not (before := lost(one)):
        return one
    before_last = frozenset(test.grade_id for test in tests[: before[-1]])
    wider = replace(one, needed=before_last)
    return wider if len(lost(wider)) < len(before) else one


def compare_tests(
    engine: AnyEngine, assignment: Assignment, config: SandboxConfig, workers: int = 2
) -> list[Comparison]:
    """Judge the solution and the released form of an assignment's notebooks both ways.

    Parameters
    ----------
    workers
        Maximum number of notebooks judged at a time.
    """
    comparisons: dict[str, Comparison] = {}
    sources: dict[str, bytes] = {}
    for name, spec in assignment.specs.items():
        source = assignment.source / f"{name}.ipynb"
        if source.exists():
            sources[name] = source.read_bytes()
        else:
            problem = f"there is no {source}, so its tests cannot be compared with nbgrader's"
            comparisons[name] = Comparison(spec, problem=problem)
    seed = secrets.randbits(32)

    answers: dict[tuple[str, str], Graded] = {}

    def judge(job: _Job) -> _Answered:
        spec, content = assignment.specs[job.notebook], sources[job.notebook]
        if job.work == RELEASED:
            content = released_notebook(content, spec)
        placed = with_tests_in_child(spec, job.in_child)
        made = assignment.job("nobody", placed, content, {}, seed, {}, job.compare)
        try:
            return job, engine.judge(config, made)
        except EngineError as error:
            return job, Unreadable(str(error).strip().splitlines()[-1])

    def judge_all(jobs: Iterable[_Job]) -> None:
        for job, answer in in_parallel(
            locked_iterator(jobs), judge, lambda: workers, engine.processes
        ):
            if isinstance(answer, Unreadable):
                problem = f"its {job.work} notebook cannot be judged: {answer.reason}"
                spec = assignment.specs[job.notebook]
                comparisons[job.notebook] = Comparison(spec, problem=problem, has_failed=True)
            else:
                answers[job.notebook, job.work] = answer

    def compared(name: str) -> Comparison:
        spec, solution = assignment.specs[name], answers[name, SOLUTION]
        scores = _scores(spec, solution), _scores(spec, answers[name, RELEASED])
        return Comparison(spec, *scores, _failures(spec, solution))

    judge_all(_Job(name, work, work == RELEASED) for name in sources for work in WORKS)
    # Most solutions earn all points outside: these need not be judged in the child as well.
    judged = [name for name in sources if name not in comparisons]
    judge_all(_Job(name, SOLUTION, True) for name in judged if not compared(name).is_settled)
    comparisons |= {name: compared(name) for name in judged if name not in comparisons}
    comparisons |= {name: _with_needed(one, judge) for name, one in comparisons.items()}
    return [comparisons[name] for name in assignment.specs]


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
    errors = {}
    for cell in json.loads(answer.notebook)["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                text = _first_line(output)
                errors[cell["metadata"].get("nbgrader", {}).get("grade_id", "")] = text
    return errors


def _first_line(error: Output) -> str:
    """Return the type and message of an error, or its line of code if there is no message."""
    name, message = error["ename"], error["evalue"].strip()
    lines = _ARROW.findall(ANSI.sub("", "\n".join(error["traceback"])))
    if message or not lines:
        return f"{name}: {message}".splitlines()[0]
    return f"{name} in `{lines[-1].strip()}`"


def _failures(spec: NotebookSpec, answer: Graded) -> list[str]:
    """Return what is wrong with other cells than tests, a sentence each."""
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
        )
        for test in spec.tests
    }


def place_tests(
    engine: AnyEngine, assignment: Assignment, config: SandboxConfig, workers: int = 2
) -> None:
    """Decide where an assignment's tests are judged, and store that.

    Parameters
    ----------
    workers
        Maximum number of notebooks judged at a time.
    """
    comparisons = compare_tests(engine, assignment, config, workers)
    has_failed = any(one.has_failed and one.spec.tests for one in comparisons)
    in_child = {one.spec.name: one.in_child for one in comparisons if one.in_child}
    assignment.place(in_child, store=not has_failed)
    sentence = describe_child(comparisons, assignment.settings.tests_in_child)
    remarks = [sentence] if sentence else []
    for one in comparisons:
        if one.problem and one.spec.tests:
            remarks.append(f"{one.spec.name}: {one.problem}")
        if one.losing:
            remarks.append(
                f"{one.spec.name}: the instructor's own solution loses points, in nbgrader too: "
                f"{listed(test.grade_id for test in one.losing)}"
            )
    assignment.placement_remarks = remarks


def describe_child(comparisons: Sequence[Comparison], may_use_child: bool) -> str:
    """Return a sentence on the tests that look into the student's process, or ""."""
    tests = [(one, test) for one in comparisons for test in one.spec.tests]
    names = [test.grade_id for one, test in tests if one.is_in_child(test)]
    if not names:
        return ""
    are, they = ("is", "it looks") if len(names) == 1 else ("are", "they look")
    which = f"{len(names)} of {len(tests)} tests {are}"
    if not may_use_child:
        return (
            f"{which} left to a person, because {they} into the student's process: {listed(names)}"
        )
    return (
        f"{which} judged in the student's process, as in nbgrader, because {they} into it: "
        f"{listed(names)}. The sandbox still protects files, the gradebook and other students, but "
        "code that attacks these tests can reach their text and their scores"
    )
