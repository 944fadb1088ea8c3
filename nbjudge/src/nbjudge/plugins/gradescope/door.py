"""The door to Gradescope: the zip file of an autograder, and results as results.json."""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from nbjudge.cli.console import as_number
from nbjudge.plugins.gradescope.results import VISIBILITIES, results_of
from nbjudge.plugins.standalone.door import Packed
from nbjudge.points import add_points

if TYPE_CHECKING:
    from nbjudge.course.assignment import Assignment

__all__ = ["ONE_WORK", "add_options", "pack", "report"]

ONE_WORK = True
TIMEOUT = 600  # seconds; Gradescope's own default


def add_options(group: "argparse._ArgumentGroup") -> None:
    """Add Gradescope's options to `nbjudge pack`."""
    group.add_argument(
        "--gradescope",
        action="store_const",
        const="gradescope",
        dest="door",
        default=argparse.SUPPRESS,
        help="--for gradescope: write the zip file of an autograder that contains the pack",
    )
    group.add_argument(
        "--visibility",
        choices=VISIBILITIES,
        default=VISIBILITIES[0],
        help="when students see the results of tests [visible]",
    )
    group.add_argument(
        "--allow-child-tests",
        action="store_true",
        help="accept that students can read hidden tests that are judged in their process",
    )
    group.add_argument(
        "--timeout",
        type=as_number,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"the autograder's time limit in Gradescope's settings [{TIMEOUT}]",
    )
    group.add_argument(
        "--requirements",
        type=Path,
        metavar="FILE",
        help="requirements to install there [the versions installed here that grading needs]",
    )


def pack(
    assignment: "Assignment", options: argparse.Namespace, changed: Mapping[str, Any]
) -> Packed:
    """Return the zip file of an autograder, and the settings to choose in Gradescope.

    Raises
    ------
    ValueError
        If students would see results of hidden tests in the child at once, or the autograder cannot
        be made.
    """
    from nbjudge.plugins.gradescope.autograder import GradescopeOptions, make_autograder
    from nbjudge.plugins.standalone.pack import of_child

    at_once = options.visibility == VISIBILITIES[0] and not options.allow_child_tests
    if at_once and (warning := of_child(assignment)):
        raise ValueError(
            f"{warning} Choose another --visibility, change the tests (`nbjudge check "
            f"{quote(assignment.name)}` gives the reasons), or add --allow-child-tests."
        )
    requirements = ""
    if options.requirements:
        try:
            requirements = options.requirements.read_text()
        except OSError as error:
            raise ValueError(
                f"--requirements: {options.requirements} cannot be read: {error.strerror}."
            ) from None
    chosen = GradescopeOptions(options.visibility, options.timeout, requirements)
    content = make_autograder(assignment, chosen, changed)
    return Packed(content, "-gradescope.zip", _settings(assignment, options.timeout))


def _settings(assignment: "Assignment", timeout: int) -> list[str]:
    """Return sentences about the settings to choose in Gradescope."""
    from nbjudge.plugins.standalone.results import max_auto_score

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
    return lines


def report(document: Mapping[str, Any]) -> str:
    """Return the content of results.json, of a run with one submission."""
    return json.dumps(results_of(document), indent=1)
