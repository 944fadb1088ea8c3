"""Write the zip archive of a Gradescope autograder for one assignment."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbjudge
from nbjudge.course.assignment import Assignment
from nbjudge.plugins.gradescope.results import graders_failure
from nbjudge.plugins.gradescope.run import OPTIONS, PACK
from nbjudge.plugins.shared.course_copy import copy_of
from nbjudge.plugins.standalone.pack_file import make_pack, make_zip
from nbjudge.plugins.standalone.requirements import imported, pinned, python_version

FILES = Path(__file__).with_name("files")
SCRIPTS = ("run_autograder", "setup.sh")
START = 120  # seconds of the time limit that no student code can use
LEAST = 30  # seconds that student code must have


@dataclass(frozen=True)
class GradescopeOptions:
    """Choices for an autograder.

    Attributes
    ----------
    visibility
        When students see the tests; one of `results.VISIBILITIES`.
    timeout
        Time limit in Gradescope's settings of the autograder, in seconds.
    requirements
        Content of a requirements file; "" to pin the packages of this environment.
    """

    visibility: str = "visible"
    timeout: float = 600
    requirements: str = ""


def make_autograder(
    assignment: Assignment, options: GradescopeOptions, changed: Mapping[str, Any]
) -> bytes:
    """Return an autograder for Gradescope, as the content of a zip file.

    Parameters
    ----------
    changed
        Settings of `NbJudge` to use instead of the course's.

    Raises
    ------
    ValueError
        If the assignment cannot be packed, a package cannot be pinned, or the time limit is too
        short.
    """
    limit = {"submission_seconds": seconds_for_students(assignment, options.timeout)}
    requirements = {"direct-requirements.txt": options.requirements}
    if not options.requirements:
        modules = _modules(assignment)
        requirements = {
            name: "\n".join(pinned(modules, recursive)) + "\n"
            for name, recursive in (
                ("requirements.txt", True),
                ("direct-requirements.txt", False),
            )
        }
    run_options = {"timeout": options.timeout, "visibility": options.visibility}
    files = {name: (FILES / name).read_bytes() for name in SCRIPTS}
    files |= {
        PACK: make_pack(assignment, limit | dict(changed)),
        OPTIONS: json.dumps(run_options, sort_keys=True).encode(),
        "failed.json": json.dumps(graders_failure(), indent=1).encode(),
        "python-version": python_version().encode(),
    }
    files |= {name: text.encode() for name, text in requirements.items()}
    return make_zip(files | _own_files(), executable=SCRIPTS)


def seconds_for_students(assignment: Assignment, timeout: float) -> float:
    """Return the time limit for all cells of a notebook, so that grading ends in time.

    The tests in the child have as much time again, and work that meets a limit is judged twice.

    Raises
    ------
    ValueError
        If the time limit is too short.
    """
    tests = [test for spec in assignment.specs.values() for test in spec.tests]
    shares = 2 * len(assignment.specs) * (2 if any(test.in_child for test in tests) else 1)
    seconds = min(assignment.settings.submission_seconds, (timeout - START) / shares)
    if seconds < LEAST:
        least = math.ceil(START + LEAST * shares)
        raise ValueError(f"--timeout must be at least {least} seconds for {assignment.name}")
    return float(math.floor(seconds))


def _modules(assignment: Assignment) -> set[str]:
    """Return the modules that the notebooks and the course's own modules import."""
    copy = copy_of(assignment)
    sources = [content for name, content in copy.files.items() if name.endswith(".py")]
    sources += [content for name, content in assignment.master.items() if name.endswith(".py")]
    return imported(source.decode(errors="replace") for source in sources) | set(copy.installed)


def _own_files() -> dict[str, bytes]:
    """Return the files of nbjudge itself, below `nbjudge/`."""
    root = Path(nbjudge.__file__).parent
    left_out = {"__pycache__", "tests"}
    paths = (path for path in sorted(root.rglob("*")) if left_out.isdisjoint(path.parts))
    return {
        f"nbjudge/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in paths
        if path.is_file()
    }
