"""nbgrader's settings for this course.

The nbgrader commands read this file when they are started from the root of the repository, and so
does the formgrader when JupyterLab is. It is read more than once in one process.
"""

import os
import sys
from pathlib import Path


def put_first(variable: str, folder: Path) -> None:
    """Put a folder in front of a search path of the environment, once."""
    rest = [entry for entry in os.environ.get(variable, "").split(os.pathsep) if entry]
    others = [entry for entry in rest if entry != str(folder)]
    os.environ[variable] = os.pathsep.join([str(folder), *others])


root = Path(__file__).resolve().parent

c = get_config()

c.CourseDirectory.course_id = "convolution"
c.CourseDirectory.root = str(root)

# Files that public_tests/course/record.py writes for a student and that may be submitted.
c.CourseDirectory.ignore.extend(["progress.json", "own_layers"])

c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("write your code here, then delete this line")'
}

# A marking scheme is in a locked cell below the answer, where the grader sees both. nbgrader allows
# it in tasks only, unless this is set; tools/notebooks.py rejects it in cells that are not locked.
c.ClearMarkScheme.enforce_metadata = False

# nbgrader calls `alembic` by name when it makes a gradebook: the one beside this Python is meant.
put_first("PATH", Path(sys.executable).parent)

# The hidden checks import `exercises`, which holds the solutions: the process that judges has the
# root on its path, and student code never sees it. They use the root's nbexercise.
put_first("PYTHONPATH", root / "nbexercise" / "src")
put_first("PYTHONPATH", root)

# nbjudge grades, whether by `make grade`, `nbgrader autograde` or the formgrader's button: student
# code runs in a sandbox, the hidden checks outside it. More settings: nbjudge/docs/settings.md.
try:
    from nbjudge import configure
except ImportError:
    # Not an ordinary exception: nbgrader would report it, and run student code without a sandbox.
    raise SystemExit(
        f"nbjudge, which grades this course, is not installed in {sys.prefix}: run `make setup` "
        "and use the commands in .venv/bin, or run "
        "`python -m pip install --editable ./nbexercise --editable ./nbjudge`."
    ) from None

configure(c)
c.NbJudge.student_packages = ["public_tests", "nbexercise/src/nbexercise"]
c.NbJudge.cell_seconds = 4  # a cell of an assignment takes a tenth of a second at most,
c.NbJudge.cell_seconds_of = {"lenet": 30}  # a training takes a few seconds
c.NbJudge.test_seconds = 60  # a check may compute 20 s, and repeat its calls with correct helpers
# It holds the first five assignments in one notebook: a total counts either it or these.
c.NbJudge.parts = {
    "convolution_step_by_step": ["padding", "single_step", "conv_forward", "pooling", "backprop"]
}
