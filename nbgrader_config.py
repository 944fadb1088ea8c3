"""nbgrader's settings for this course.

The nbgrader commands read this file when they are started from the root of the repository, and so
does the formgrader when JupyterLab is. It is read more than once in one process.
"""

import os
import sys
from pathlib import Path

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    OverwriteCells,
    OverwriteKernelspec,
)


def put_first(variable: str, folder: Path) -> None:
    """Put a folder in front of a search path of the environment, once."""
    rest = [entry for entry in os.environ.get(variable, "").split(os.pathsep) if entry]
    others = [entry for entry in rest if entry != str(folder)]
    os.environ[variable] = os.pathsep.join([str(folder), *others])


root = Path(__file__).resolve().parent

c = get_config()

c.CourseDirectory.course_id = "convolution"
c.CourseDirectory.root = str(root)

c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("write your code here, then delete this line")'
}

# Seconds a cell may take. An endless loop is interrupted, and the cells after it still run.
c.Execute.timeout = 20
c.Execute.interrupt_on_timeout = True
# Notebooks are run by kernels of this machine alone, which warn of connections over a network.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--IPKernelApp.log_level=ERROR",
]


# Notebooks come back with cells deleted and copied. A graded cell that is gone is put back. Of a
# copied cell the last one counts; the others become ordinary cells, where nbgrader 0.9.6 by itself
# leaves them with metadata that it then refuses.
class ForgetCopies(DeduplicateIds):
    def preprocess_cell(self, cell, resources, cell_index):
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not cell.metadata.get("nbgrader", True):
            del cell.metadata["nbgrader"]
        return cell, resources


c.OverwriteCells.add_missing_cells = True
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    ForgetCopies,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]

# nbgrader calls `alembic` by name when it makes a gradebook: the one beside this Python is meant.
put_first("PATH", Path(sys.executable).parent)

# The hidden checks import `exercises`, so the kernel that grades needs the root on its path. With
# nbgrader's own autograde those checks run inside the student's process: code in a submission can
# read whatever they can. Grade only the work of people whom you trust not to try.
put_first("PYTHONPATH", root)

# Grading is done by nbjudge: student code runs in a sandbox, the hidden checks outside it.
c.NbJudge.student_packages = ["public_tests"]
