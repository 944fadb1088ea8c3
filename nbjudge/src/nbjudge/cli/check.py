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
from nbjudge.wording import as_sentence

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
    assignment.forget_placement()
    comparisons = compare_tests(engine, assignment, config)
    for comparison in comparisons:
        report.print(f"{assignment.name}: {comparison.spec.name}", markup=False, style="bold")
        if comparison.problem:
            problems.append(f"{comparison.spec.name}: {comparison.problem}")
            continue
        report.print(_table(comparison, assignment.settings.tests_in_child))
        problems += [f"{comparison.spec.name}: {text}" for text in comparison.failures]
        released = assignment.release / f"{comparison.spec.name}.ipynb"
        if not released.exists():
            problems.append(f"there is no {released}; {assignment.remedy()}")
        problems += _lost(comparison)
        _print_free_points(comparison)
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
    for heading in ("question", "judged", "solution", "released", "reason"):
        table.add_column(heading, no_wrap=heading != "reason")
    for cell in comparison.spec.graded:
        if not cell.is_test:
            table.add_row(Text(cell.grade_id), "by hand", f"of {cell.points:g}", "", "")
            continue
        place, reason = "outside", ""
        if comparison.is_in_child(cell):
            place = "child" if may_use_child else "by hand"
            reason = f"tagged {CHILD_TAG}" if cell.has_child_tag else _reason(comparison, cell)
        scores = [comparison.score(of, cell) for of in (comparison.solution, comparison.released)]
        earned, free = ("none" if score is None else f"{score:g}" for score in scores)
        row = Text(cell.grade_id), place, f"{earned} of {cell.points:g}", free, Text(reason)
        table.add_row(*row)
    return table


def _reason(comparison: "Comparison", test: CellSpec) -> str:
    """Return why a test cannot be judged outside, and how to rewrite it so that it can."""
    from nbjudge.course.placement import differs

    if reason := comparison.needed.get(test.grade_id):
        return f"{as_sentence(f'{reason[0].upper()}{reason[1:]}')} {_advice(reason)}"
    solution = comparison.solution[test.grade_id]
    released = comparison.released[test.grade_id]
    error = solution.error
    if not error and differs(released.outside, released.child):
        error = f"the released notebook scores differently outside: {released.error or 'no error'}"
    error = error or "its score outside differs from nbgrader's"
    return f"{error.rstrip('.: ')}. {_advice(error)}"


def _advice(error: str) -> str:
    if "defines" in error or "hidden lines" in error:
        return "Define the name in each test that uses it, or in a locked cell."
    if error.startswith("NameError"):
        return "Import or define the name in the test, or in a locked cell."
    if "stays in the student's process" in error or "cannot be read from a test" in error:
        return "Compare numbers, strings, lists or arrays that the student's functions return."
    return "Test the values that the student's functions return: numbers, strings, lists or arrays."


def _lost(comparison: "Comparison") -> list[str]:
    """Return the tests in which the solution loses points, one per line."""
    lines = []
    for test in comparison.losing:
        score = comparison.score(comparison.solution, test)
        got = "has no score" if score is None else f"earns {score:g} of {test.points:g}"
        error = comparison.solution[test.grade_id].error
        lines.append(f"{test.grade_id}: the instructor's solution {got}{error and f': {error}'}")
    return lines


def _print_free_points(comparison: "Comparison") -> None:
    """Print the tests in which the released notebook earns points."""
    for test in comparison.spec.tests:
        if free := comparison.score(comparison.released, test):
            text = f"{test.grade_id}: the released notebook earns {free:g} as it is"
            console.print(text, markup=False, style="yellow")


def _differences(assignment: "Assignment", comparisons: Sequence["Comparison"]) -> Iterable[str]:
    """Yield the scores that differ from nbgrader's own, one per line."""
    from nbjudge.course.nbgrader_run import nbgrader_scores
    from nbjudge.course.placement import RELEASED, SOLUTION, differs, released_notebook

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
                yield (
                    f"{test.grade_id}: the {version} notebook scores {score} here and {theirs} "
                    "in nbgrader"
                )
    report.print(f"Compared {count} scores with those of nbgrader itself.", markup=False)
