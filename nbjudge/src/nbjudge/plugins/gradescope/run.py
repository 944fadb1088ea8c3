"""Run on Gradescope: grade the submission in a folder, and write results.json.

    python -m nbjudge.plugins.gradescope.run ROOT          ROOT is /autograder
    python -m nbjudge.plugins.gradescope.run --isolation   print the isolation level of a machine

Whatever happens, results.json is valid and says what happened. The output of this program is shown
to instructors alone.
"""

import json
import sys
from pathlib import Path
from typing import Any

from nbjudge.files import put_file
from nbjudge.plugins.gradescope.results import graders_failure, results_of
from nbjudge.plugins.standalone.grade_command import problems_of, run_grade, suspicions_in
from nbjudge.sandbox import probe
from nbjudge.sandbox.levels import SAFE

PACK, OPTIONS = "assignment.nbpack", "options.json"
MARGIN = 30.0  # seconds before Gradescope's time limit at which grading is stopped


def main(arguments: list[str]) -> int:
    """Run the program and return its exit status, which Gradescope does not use."""
    if arguments == ["--isolation"]:
        return _print_isolation()
    root = Path(arguments[0])
    try:
        results = _grade(root)
    except Exception as error:  # a fault of the grader or of the image
        print(f"The grader failed: {type(error).__name__}: {error}")
        results = graders_failure()
    (root / "results").mkdir(exist_ok=True)
    put_file(root / "results" / "results.json", json.dumps(results, indent=1).encode())
    return 0


def _grade(root: Path) -> dict[str, Any]:
    """Grade the submission in a folder, and return the content of results.json."""
    options = json.loads((root / "source" / OPTIONS).read_bytes())
    work = str(root / "submission")
    try:
        document = run_grade(
            [work, "--assignment", str(root / "source" / PACK)], options["timeout"] - MARGIN
        )
    except TimeoutError as error:
        print(error)
        return graders_failure("grading took too long and was stopped")
    print(document["isolation_explanation"])
    for line in [*problems_of(document), *suspicions_in(document)]:
        print(line)
    return results_of(document, options["visibility"])


def _print_isolation() -> int:
    """Print which isolation levels work on this machine."""
    missing = probe.missing()
    for level in SAFE:
        print(f"Isolation level {level}: {missing[level] or 'works'}")
    if all(missing[level] for level in SAFE):
        print("Nothing can be graded here unless the pack was written with --isolation none.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
