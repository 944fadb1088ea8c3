"""`nbjudge check`: compare the scores of an assignment's tests with nbgrader's."""

import argparse
import contextlib
import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from nbjudge.cli.console import (
    NOT_GRADED,
    OK,
    Commands,
    add_assignments,
    console,
    exit_statuses,
    load,
    report,
)
from nbjudge.engine.engine import Engine
from nbjudge.errors import NotReleasedError
from nbjudge.notebook.spec import CHILD_TAG, CellSpec
from nbjudge.sandbox.levels import CHOICES
from nbjudge.wording import as_sentence, brief

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment
    from nbjudge.course.placement import Comparison


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "check",
        help="compare an assignment's scores with nbgrader's",
        description="Judge the instructor's own solution and the released notebook, and show where "
        "each test is judged: outside the student's process, or in the child, a sandbox in which "
        "the notebook runs as in nbgrader. Nothing is written.",
        epilog=exit_statuses(
            "the solution earns all points, and both notebooks score as in nbgrader",
            "the solution loses points, or a score differs",
        ),
    )
    parser.set_defaults(run=run)
    add_assignments(parser)
    parser.add_argument("--isolation", choices=CHOICES, help="override the configured level")
    parser.add_argument(
        "--stock",
        action="store_true",
        help="also grade both notebooks with nbgrader itself, without a sandbox, and compare",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status."""
    with Engine() as engine:
        return _check_all(options, engine)


def _check_all(options: argparse.Namespace, engine: Engine) -> int:
    engine.warm_up()
    coursedir, settings = load()
    from nbjudge.course.assignment import Assignment

    is_good = True
    for name in options.assignment:
        try:
            assignment = Assignment(name, coursedir, settings, for_reading=True)
        except NotReleasedError as error:
            report.print(str(error), markup=False, style="red")
            is_good = False
            continue
        with contextlib.closing(assignment):
            is_good &= check(engine, assignment, options.isolation, options.stock)
    return OK if is_good else NOT_GRADED


def check(
    engine: Engine, assignment: "Assignment", isolation: str | None = None, stock: bool = False
) -> bool:
    """Compare the scores of an assignment's tests with nbgrader's, and print the result.

    Parameters
    ----------
    stock
        True to grade with nbgrader itself as well.

    Returns
    -------
    bool
        True if the solution earns all points and all scores equal nbgrader's.
    """
    from nbjudge.course.placement import compare_tests, describe_child

    config = assignment.settings.sandbox_config(assignment.coursedir, isolation)
    problems = [f"{name}: {text}" for name, of in assignment.differences.items() for text in of]
    if problems:
        problems.append(as_sentence(assignment.describe_graded_version()))
    problems += map(as_sentence, assignment.slips())
    assignment.forget_placement()
    comparisons = compare_tests(engine, assignment, config)
    for comparison in comparisons:
        name, may_use_child = comparison.spec.name, assignment.settings.tests_in_child
        report.print(f"{assignment.name}: {name}", markup=False, style="bold")
        if comparison.problem:
            problems.append(f"{name}: {brief(comparison.problem)}")
            continue
        report.print(_table(comparison, may_use_child))
        if reasons := _reasons(comparison):
            report.print("Reasons to judge tests in the student's process:", markup=False)
        for reason, tests in reasons.items():
            report.print(f"{', '.join(tests)}: {reason}", markup=False)
        problems += [f"{name}: {brief(text)}" for text in comparison.failures]
        released = assignment.release / f"{name}.ipynb"
        if not released.exists():
            problems.append(f"there is no {released}; {assignment.remedy()}")
        problems += [assignment.named(name, text) for text in _lost(comparison)]
        for text in _free_points(comparison):
            console.print(assignment.named(name, text), markup=False, style="yellow")
    if stock:
        problems += _differences(assignment, comparisons)
    if sentence := describe_child(comparisons, assignment.settings.tests_in_child):
        report.print(as_sentence(sentence), markup=False)
    for line in problems:
        report.print(line, markup=False, style="red")
    return not problems


def _table(comparison: "Comparison", may_use_child: bool) -> Table:
    """Return the table of a notebook's graded cells."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("question", "judged", "solution", "released"):
        table.add_column(heading, overflow="fold")
    for cell in comparison.spec.graded:
        if not cell.is_test:
            table.add_row(Text(cell.grade_id), "by hand", f"of {cell.points:g}", "")
            continue
        place = "outside"
        if comparison.is_in_child(cell):
            place = "child" if may_use_child else "by hand"
        scores = [comparison.score(of, cell) for of in (comparison.solution, comparison.released)]
        earned, free = map(_points, scores)
        table.add_row(Text(cell.grade_id), place, f"{earned} of {cell.points:g}", free)
    return table


def _points(score: float | None) -> str:
    return "none" if score is None else f"{score:g}"


def _reasons(comparison: "Comparison") -> dict[str, list[str]]:
    """Return the tests that are judged in the child, by the reason."""
    tests: dict[str, list[str]] = {}
    for test in filter(comparison.is_in_child, comparison.spec.tests):
        reason = f"tagged {CHILD_TAG}." if test.has_child_tag else _reason(comparison, test)
        tests.setdefault(reason, []).append(test.grade_id)
    return tests


def _reason(comparison: "Comparison", test: CellSpec) -> str:
    """Return why a test cannot be judged outside, and how to rewrite it so that it can."""
    from nbjudge.course.placement import differs

    solution = comparison.solution[test.grade_id]
    released = comparison.released[test.grade_id]
    is_released = differs(released.outside, released.child)
    scores, notebook = (released, "released notebook") if is_released else (solution, "solution")
    outside, child = map(_points, (scores.outside, scores.child))
    cause = scores.error and f" ({scores.error})"
    differing = f"the {notebook} earns {outside} outside{cause}, but {child} in nbgrader"
    needed = comparison.needed.get(test.grade_id) or solution.error or solution.missed
    error = (needed or differing).rstrip(".: ")
    return f"{as_sentence(brief(error))} {_advice(error)}"


def _advice(error: str) -> str:
    if "defines" in error or "hidden lines" in error:
        return "Define the name in each test that uses it, or in a locked cell."
    if error.startswith("NameError"):
        return "Import or define the name in the test, or in a locked cell."
    if "stays in the student's process" in error or "cannot be read from a test" in error:
        return "Compare numbers, strings, lists or arrays that the student's functions return."
    return "Test the values that the student's functions return: numbers, strings, lists or arrays."


def _lost(comparison: "Comparison") -> Iterable[str]:
    """Yield the tests in which the solution loses points, one per line."""
    for test in comparison.losing:
        score = comparison.score(comparison.solution, test)
        got = "has no score" if score is None else f"earns {score:g} of {test.points:g}"
        scores = comparison.solution[test.grade_id]
        is_in_child = comparison.is_in_child(test)
        error = brief(scores.error_in_child if is_in_child else scores.error)
        yield f"{test.grade_id}: the instructor's solution {got}{error and f': {error}'}"


def _free_points(comparison: "Comparison") -> Iterable[str]:
    """Yield the tests in which the released notebook earns points."""
    for test in comparison.spec.tests:
        if free := comparison.score(comparison.released, test):
            yield f"{test.grade_id}: the released notebook earns {free:g} as it is"


def _differences(assignment: "Assignment", comparisons: Sequence["Comparison"]) -> Iterable[str]:
    """Yield the scores that differ from nbgrader's own, one per line."""
    from nbjudge.course.placement import RELEASED, SOLUTION, differs, released_notebook
    from nbjudge.plugins.check.nbgrader_run import nbgrader_scores

    compared = [comparison for comparison in comparisons if not comparison.problem]
    versions: dict[str, dict[str, bytes]] = {SOLUTION: {}, RELEASED: {}}
    for comparison in compared:
        name = f"{comparison.spec.name}.ipynb"
        content = (assignment.source / name).read_bytes()
        versions[SOLUTION][name] = content
        versions[RELEASED][name] = released_notebook(content, comparison.spec)
    scores = nbgrader_scores(assignment, versions)
    count = 0
    for comparison in compared:
        ours = {SOLUTION: comparison.solution, RELEASED: comparison.released}
        for test, version in itertools.product(comparison.spec.tests, ours):
            score = comparison.score(ours[version], test)
            theirs = scores[version].get((comparison.spec.name, test.grade_id))
            count += 1
            if differs(theirs, score):
                text = f"the {version} notebook scores {score} here and {theirs} in nbgrader"
                yield assignment.named(comparison.spec.name, f"{test.grade_id}: {text}")
    report.print(f"Compared {count} scores with those of nbgrader itself.", markup=False)
