"""`nbjudge pack`: write everything that grading an assignment needs to one file."""

import argparse
import contextlib
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from nbjudge.cli.console import OK, Commands, as_name, as_number, console, exit_statuses, load
from nbjudge.engine.engine import Engine
from nbjudge.points import add_points
from nbjudge.sandbox.levels import CHOICES
from nbjudge.standalone.gradescope_results import VISIBILITIES
from nbjudge.wording import as_sentence, in_notebook

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment

TIMEOUT = 600  # seconds; Gradescope's own default


def add_parser(commands: Commands) -> None:
    """Add the subcommand to the parser."""
    parser = commands.add_parser(
        "pack",
        help="write an assignment to one file, for `nbjudge grade` on another machine",
        description="Write the hidden tests, the released notebooks, the settings and the course's "
        "modules that grading an assignment needs to one archive, without students and grades. "
        "The archive must be kept secret: it contains the hidden tests.",
        epilog=exit_statuses("the file is written"),
    )
    parser.set_defaults(run=run)
    parser.add_argument("assignment", type=as_name, help="name of the folder below source/")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="[ASSIGNMENT.nbpack, or ASSIGNMENT-gradescope.zip]",
    )
    parser.add_argument(
        "--isolation", choices=CHOICES, help="level for the machine that grades [as configured]"
    )
    gradescope = parser.add_argument_group("for Gradescope")
    gradescope.add_argument(
        "--gradescope",
        action="store_true",
        help="write the zip file of an autograder that contains the pack",
    )
    gradescope.add_argument(
        "--visibility",
        choices=VISIBILITIES,
        default=VISIBILITIES[0],
        help="when students see the results of tests [visible]",
    )
    gradescope.add_argument(
        "--allow-child-tests",
        action="store_true",
        help="accept that students can read hidden tests that are judged in their process",
    )
    gradescope.add_argument(
        "--timeout",
        type=as_number,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"the autograder's time limit in Gradescope's settings [{TIMEOUT}]",
    )
    gradescope.add_argument(
        "--requirements",
        type=Path,
        metavar="FILE",
        help="requirements to install there [the versions installed here that grading needs]",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit status.

    Raises
    ------
    LookupError, ValueError
        If nothing is written; the message says why.
    """
    given = options.visibility != VISIBILITIES[0], options.timeout != TIMEOUT, options.requirements
    if any([*given, options.allow_child_tests]) and not options.gradescope:
        raise ValueError(
            "--visibility, --allow-child-tests, --timeout and --requirements are only for "
            "Gradescope: add --gradescope."
        )
    with Engine() as engine:
        engine.warm_up()
        coursedir, settings = load()
        from nbjudge.course.assignment import Assignment
        from nbjudge.course.gradebook import released_notebooks
        from nbjudge.standalone.pack_file import SUFFIX, make_pack
        from nbjudge.standalone.work import check_assignment

        check_assignment(options.assignment, coursedir, released_notebooks(coursedir.db_url))
        assignment = Assignment(options.assignment, coursedir, settings, for_reading=True)
        with contextlib.closing(assignment):
            _place(engine, assignment)
            at_once = options.gradescope and options.visibility == VISIBILITIES[0]
            if at_once and not options.allow_child_tests and (warning := _of_child(assignment)):
                raise ValueError(
                    f"{warning} Choose another --visibility, change the tests (`nbjudge check "
                    f"{quote(assignment.name)}` gives the reasons), or add --allow-child-tests."
                )
            changed = {"isolation": options.isolation} if options.isolation else {}
            if options.gradescope:
                content = _make_autograder(assignment, options, changed)
            else:
                content = make_pack(assignment, changed)
            _report(assignment)
    ending = "-gradescope.zip" if options.gradescope else SUFFIX
    _write(options.output or Path(f"{options.assignment}{ending}"), content)
    if options.gradescope:
        _print_settings(assignment, options.timeout)
    return OK


def _make_autograder(
    assignment: "Assignment", options: argparse.Namespace, changed: dict[str, str]
) -> bytes:
    """Return the zip file of an autograder for Gradescope.

    Raises
    ------
    ValueError
        If the file with requirements cannot be read.
    """
    from nbjudge.standalone.gradescope import GradescopeOptions, make_autograder

    requirements = ""
    if options.requirements:
        try:
            requirements = options.requirements.read_text()
        except OSError as error:
            raise ValueError(f"{options.requirements}: {error.strerror}.") from None
    chosen = GradescopeOptions(options.visibility, options.timeout, requirements)
    return make_autograder(assignment, chosen, changed)


def _print_settings(assignment: "Assignment", timeout: int) -> None:
    """Print the settings to choose in Gradescope."""
    from nbjudge.standalone.results import max_auto_score

    points = max_auto_score(assignment)
    total = add_points(cell.points for spec in assignment.specs.values() for cell in spec.graded)
    lines = [
        f"In Gradescope, set the autograder points to {points:g} and the container's time limit "
        f"to {timeout} seconds."
    ]
    if by_hand := total - points:
        lines.append(
            f"Questions worth {by_hand:g} points need a person: enable manual grading there, and "
            "add a question for them."
        )
    for line in lines:
        console.print(line, markup=False)


def _place(engine: Engine, assignment: "Assignment") -> None:
    """Compare the tests as `nbjudge check` does, and decide where they are judged.

    A decision that is stored in the gradebook remains.
    """
    from nbjudge.course.placement import place_tests

    stored = {
        name: [cell.grade_id for cell in spec.cells if cell.in_child or cell.left_because]
        for name, spec in assignment.specs.items()
    }
    was_placed = assignment.is_placed
    assignment.forget_placement()
    place_tests(engine, assignment, assignment.settings.sandbox_config(assignment.coursedir))
    if was_placed:
        assignment.place(stored, store=False)


def _of_child(assignment: "Assignment") -> str:
    """Return a warning about hidden tests that are judged in the child; "" if there are none."""
    from nbjudge.course.outcome import listed

    names = [
        in_notebook(test.grade_id, name, assignment.specs)
        for name, spec in assignment.specs.items()
        for test in spec.tests
        if test.in_child and test.hidden
    ]
    if not names:
        return ""
    return (
        "Code that attacks a test in the student's process can print its hidden lines: "
        f"{listed(names)}. Students who see results at once can then submit again."
    )


def _report(assignment: "Assignment") -> None:
    """Print what the instructor should know about the packed assignment."""
    from nbjudge.course.outcome import printable

    remarks = [*assignment.slips(), *assignment.placement_remarks, *assignment.setting_remarks()]
    if differences := assignment.describe_differences():
        remarks.append(
            f"{differences}. The version in the gradebook was packed: {assignment.remedy()}, then "
            "pack it again"
        )
    remarks += filter(None, [_of_child(assignment)])
    for remark in remarks:
        console.print(as_sentence(printable(remark)), markup=False, style="yellow")


def _write(path: Path, content: bytes) -> None:
    """Write a pack that only its owner can read, and name it.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    from nbjudge.files import put_file

    try:
        put_file(path, content, 0o600)
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}.") from None
    size = len(content) / 1000
    text = f"Wrote {path} ({size:,.0f} kB). Keep it secret: it contains the hidden tests."
    console.print(text, markup=False)
